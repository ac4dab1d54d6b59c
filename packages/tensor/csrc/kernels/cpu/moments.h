// Mean and variance in one pass over memory.
#pragma once
#include "kernels/cpu/lane_sums.h"
#include "kernels/cpu/reduce_loops.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Mean and sum of squared deviations of n elements. Those of a block are found in the cache, around
// its own mean, blocks are merged (T. Chan, G. Golub, R. LeVeque, "Algorithms for computing the
// sample variance", 1983): one pass over memory. All is counted from `shift`, one of the elements,
// so that a large mean cancels nothing and costs no digits; the mean is shift + mean.
struct Moments {
  double n = 0, mean = 0, m2 = 0, shift = 0;
  void merge(const Moments& o) {
    if (o.n == 0) return;
    if (n == 0) {
      *this = o;
      return;
    }
    double total = n + o.n, weight = o.n / total, d = (o.mean - mean) + (o.shift - shift);
    mean += d * weight;
    m2 += o.m2 + d * d * (n * weight);
    n = total;
  }
};

// The block of n elements around c, which is close to its mean: the corrected two-pass algorithm.
inline Moments around(double c, double n, double d, double d2, double shift) {
  return {n, c + d / n, d2 - d * d / n, shift};
}

template <class T>
Moments moments_of(const T* x, int64_t n) {
  T inverse = T(1) / static_cast<T>(n), shift = x[0];
  T centre = lane_sums<1>(
      n, [=](auto v) __attribute__((always_inline)) { return std::array{(v - shift) * inverse}; },
      x)[0];
  auto [d, d2] = lane_sums<2>(
      n,
      [=](auto v) __attribute__((always_inline)) {
        auto e = v - shift - centre;
        return std::array{e, e * e};
      },
      x);
  return around(centre, static_cast<double>(n), static_cast<double>(d), static_cast<double>(d2),
                shift);
}

void finish_moments(const kernels::ReducePlan& p, const Moments& m, double& mean, double& spread) {
  double divisor = static_cast<double>(p.count) - p.p;
  // too few elements give 0 / 0 = NaN, as in NumPy
  spread = m.m2 / (divisor > 0 ? divisor : 0.0);
  if (p.root) spread = std::sqrt(spread);
  mean = m.n > 0 ? m.shift + m.mean : std::numeric_limits<double>::quiet_NaN();
}

template <class T>
void store_moments(const kernels::ReducePlan& p, const Moments& m, int64_t out) {
  double mean, spread;
  finish_moments(p, m, mean, spread);
  *reinterpret_cast<T*>(p.out + out) = static_cast<T>(spread);
  if (p.mean) *reinterpret_cast<T*>(p.mean + out) = static_cast<T>(mean);
}

template <class T>
struct RowMoments {
  using State = Moments;
  static State none() { return {}; }
  static void add(const kernels::ReducePlan& p, State& s, const char* x, int64_t n) {
    constexpr int64_t kMost = 1024;
    T buffer[kMost];
    const int64_t stride = inner_stride(p);
    for (int64_t i = 0; i < n; i += kMost) {
      int64_t m = std::min(kMost, n - i);
      s.merge(moments_of(gather(x + i * stride, stride, m, buffer), m));
    }
  }
  static void merge(State& s, const State& next) { s.merge(next); }
  static void finish(const kernels::ReducePlan& p, const State& s, int64_t out) {
    store_moments<T>(p, s, out);
  }
};

template <class T>
struct ColumnMoments {
  static constexpr int64_t kStrip = 512;
  double n = 0;
  alignas(64) double mean[kStrip], m2[kStrip], shift[kStrip];
  ColumnMoments(const kernels::ReducePlan&, int64_t columns) {
    for (int64_t j = 0; j < columns; ++j) mean[j] = m2[j] = shift[j] = 0;
  }
  void add(const kernels::ReducePlan&, const T* const* row, int rows, int64_t m) {
    alignas(64) T centre[kStrip], d[kStrip], d2[kStrip], from[kStrip];
    T inverse = T(1) / static_cast<T>(rows);
    for (int64_t j = 0; j < m; ++j) {
      centre[j] = d[j] = d2[j] = 0;
      if (n == 0) shift[j] = row[0][j];
      from[j] = static_cast<T>(shift[j]);
    }
    walk_rows(
        row, rows, m,
        [&](int64_t j, T a, T b, T c, T e) __attribute__((always_inline)) {
          T s = from[j];
          centre[j] +=
              ((a - s) * inverse + (b - s) * inverse) + ((c - s) * inverse + (e - s) * inverse);
        },
        [&](int64_t j, T a)
            __attribute__((always_inline)) { centre[j] += (a - from[j]) * inverse; });
    walk_rows(
        row, rows, m,
        [&](int64_t j, T a, T b, T c, T e) __attribute__((always_inline)) {
          T s = from[j], x = centre[j];
          a = a - s - x, b = b - s - x, c = c - s - x, e = e - s - x;
          d[j] += (a + b) + (c + e);
          d2[j] += (a * a + b * b) + (c * c + e * e);
        },
        [&](int64_t j, T a) __attribute__((always_inline)) {
          a = a - from[j] - centre[j];
          d[j] += a;
          d2[j] += a * a;
        });
    double count = rows, total = n + count, weight = count / total, cross = n * weight,
           part = 1 / count;
    for (int64_t j = 0; j < m; ++j) {
      double e = d[j], block = static_cast<double>(centre[j]) + e * part, apart = block - mean[j];
      mean[j] += apart * weight;
      m2[j] += static_cast<double>(d2[j]) - e * e * part + apart * apart * cross;
    }
    n = total;
  }
  void merge(const ColumnMoments& o, int64_t from, int64_t m) {
    for (int64_t j = 0; j < m; ++j) {
      Moments a{n, mean[j], m2[j], shift[j]};
      a.merge({o.n, o.mean[from + j], o.m2[from + j], o.shift[from + j]});
      mean[j] = a.mean;
      m2[j] = a.m2;
      shift[j] = a.shift;
    }
    n += o.n;
  }
  void fold(int64_t width, int64_t times) {
    double each = n;
    for (int64_t k = 1; k < times; ++k) {
      for (int64_t j = 0; j < width; ++j) {
        Moments a{n, mean[j], m2[j], shift[j]};
        a.merge({each, mean[k * width + j], m2[k * width + j], shift[k * width + j]});
        mean[j] = a.mean;
        m2[j] = a.m2;
      }
      n += each;
    }
  }
  void finish(const kernels::ReducePlan& p, int64_t out, int64_t step, int64_t m) const {
    for (int64_t j = 0; j < m; ++j)
      store_moments<T>(p, {n, mean[j], m2[j], shift[j]}, out + j * step);
  }
};

template <class T>
void moments_kernel(const kernels::ReducePlan& p) {
  if (reduces_columns(p))
    reduce_strips(p, strip_loops<ColumnMoments<T>, T>);
  else
    reduce_rows(p, row_loops<RowMoments<T>>);
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
