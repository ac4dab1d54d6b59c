#include <algorithm>
#include <limits>

#include "kernels/cpu/drive.h"
#include "kernels/cpu/isa.h"
#include "kernels/cpu/lane_sums.h"
#include "kernels/nn_tables.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

constexpr int64_t kBlock = 512;  // elements in the buffers: they stay in the first-level cache
constexpr int64_t kShort = 128;  // rows up to here are handled several at a time
constexpr int kLanes = 32;       // four AVX2 registers of float32, so that comparisons overlap

// The loops below write to buffers or to a fresh result, which overlap no input: hence ivdep.

// NaN is passed over here (one instruction without a branch); it comes back through the sum.
template <class T>
T larger(T x, T best) {
  return x > best ? x : best;
}

template <class T>
T largest(const T* x, int64_t n) {
  T best = -std::numeric_limits<T>::infinity();
  int64_t i = 0;
  if (n >= kLanes) {
    T lanes[kLanes];
    for (int l = 0; l < kLanes; ++l) lanes[l] = best;
    for (; i + kLanes <= n; i += kLanes) {
      for (int l = 0; l < kLanes; ++l) lanes[l] = larger(x[i + l], lanes[l]);
    }
    for (T lane : lanes) best = larger(lane, best);
  }
  for (; i < n; ++i) best = larger(x[i], best);
  return best;
}

// Logarithms (kLog) are in - shift - log(sum), for which the exponentials stay in a buffer; the
// others are the exponentials themselves, divided by their sum.
template <bool kLog, class T>
void long_row(T* out, const T* in, int64_t n) {
  T shift = largest(in, n);
  alignas(64) T buffer[kLog ? kBlock : 1];
  double sum = 0;
  for (int64_t start = 0; start < n; start += kBlock) {
    int64_t m = std::min(kBlock, n - start);
    const T* x = in + start;
    T* e = kLog ? buffer : out + start;
#pragma GCC ivdep
    for (int64_t i = 0; i < m; ++i) e[i] = math::exp_of_negative(x[i] - shift);
    sum += static_cast<double>(lane_sum(e, m));
  }
  T scale = static_cast<T>(kLog ? math::Log{}(sum) : 1.0 / sum);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) out[i] = kLog ? in[i] - shift - scale : out[i] * scale;
}

// Several short rows: exponentials and logarithms run over all of them at once.
template <bool kLog, class T>
void short_rows(T* out, const T* in, int64_t rows, int64_t n) {
  alignas(64) T buffer[kLog ? kBlock : 1], scale[kBlock];
  for (int64_t r = 0; r < rows; ++r) {
    T shift = largest(in + r * n, n);
    for (int64_t i = r * n; i < (r + 1) * n; ++i) out[i] = in[i] - shift;
  }
  T* e = kLog ? buffer : out;
#pragma GCC ivdep
  for (int64_t i = 0; i < rows * n; ++i) e[i] = math::exp_of_negative(out[i]);
  for (int64_t r = 0; r < rows; ++r) scale[r] = lane_sum(e + r * n, n);
  for (int64_t r = 0; r < rows; ++r) scale[r] = kLog ? math::Log{}(scale[r]) : T(1) / scale[r];
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t i = r * n; i < (r + 1) * n; ++i)
      out[i] = kLog ? out[i] - scale[r] : out[i] * scale[r];
  }
}

// The dimension is not the innermost one: a strip of neighbouring results at once, row by row.
template <bool kLog, class T>
void columns(T* out, const T* in, int64_t n, int64_t step, int64_t width) {
  alignas(64) T shift[kBlock];
  alignas(64) double sum[kBlock];
  std::fill_n(shift, width, -std::numeric_limits<T>::infinity());
  std::fill_n(sum, width, 0.0);
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j) shift[j] = larger(in[k * step + j], shift[j]);
  }
  alignas(64) T buffer[kLog ? kBlock : 1];
  for (int64_t k = 0; k < n; ++k) {
    const T* x = in + k * step;
    T* e = kLog ? buffer : out + k * step;
#pragma GCC ivdep
    for (int64_t j = 0; j < width; ++j) e[j] = math::exp_of_negative(x[j] - shift[j]);
    for (int64_t j = 0; j < width; ++j) sum[j] += static_cast<double>(e[j]);
  }
  alignas(64) T scale[kBlock];
  for (int64_t j = 0; j < width; ++j)
    scale[j] = static_cast<T>(kLog ? math::Log{}(sum[j]) : 1.0 / sum[j]);
  for (int64_t k = 0; k < n; ++k) {
    const T* x = in + k * step;
    T* y = out + k * step;
#pragma GCC ivdep
    for (int64_t j = 0; j < width; ++j) y[j] = kLog ? x[j] - shift[j] - scale[j] : y[j] * scale[j];
  }
}

// The gradients are gy - exp(y) * sum(gy), and y * (gy - sum(gy * y)).
template <bool kLog, class T>
T summand(T gy, T y) {
  return kLog ? gy : gy * y;
}
template <bool kLog, class T>
T summand_sum(const T* gy, const T* y, int64_t n) {
  if constexpr (kLog) return lane_sum(gy, n);
  return lane_sums<1>(
      n, [](auto a, auto b) __attribute__((always_inline)) { return std::array{a * b}; }, gy, y)[0];
}
template <bool kLog, class T>
T gradient(T gy, T y, T sum) {
  if constexpr (kLog) return gy - math::Exp{}(y)*sum;
  return y * (gy - sum);
}

template <bool kLog, class T>
void grad_rows(T* gx, const T* gy, const T* y, int64_t rows, int64_t n) {
  for (int64_t r = 0; r < rows; ++r, gx += n, gy += n, y += n) {
    double total = 0;
    for (int64_t start = 0; start < n; start += kBlock)
      total += static_cast<double>(
          summand_sum<kLog>(gy + start, y + start, std::min(kBlock, n - start)));
    T sum = static_cast<T>(total);
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) gx[i] = gradient<kLog>(gy[i], y[i], sum);
  }
}

template <bool kLog, class T>
void grad_short_rows(T* gx, const T* gy, const T* y, int64_t rows, int64_t n) {
  alignas(64) T buffer[kLog ? kBlock : 1];
  if constexpr (kLog) {
    for (int64_t i = 0; i < rows * n; ++i) buffer[i] = math::Exp{}(y[i]);
  }
  for (int64_t r = 0; r < rows; ++r) {
    T sum = summand_sum<kLog>(gy + r * n, y + r * n, n);
    for (int64_t i = r * n; i < (r + 1) * n; ++i)
      gx[i] = kLog ? gy[i] - buffer[i] * sum : gradient<false>(gy[i], y[i], sum);
  }
}

template <bool kLog, class T>
void grad_columns(T* gx, const T* gy, const T* y, int64_t n, int64_t step, int64_t width) {
  alignas(64) double sum[kBlock];
  std::fill_n(sum, width, 0.0);
  for (int64_t k = 0; k < n; ++k) {
    for (int64_t j = 0; j < width; ++j)
      sum[j] += static_cast<double>(summand<kLog>(gy[k * step + j], y[k * step + j]));
  }
  alignas(64) T total[kBlock];
  for (int64_t j = 0; j < width; ++j) total[j] = static_cast<T>(sum[j]);
  for (int64_t k = 0; k < n; ++k) {
#pragma GCC ivdep
    for (int64_t j = 0; j < width; ++j)
      gx[k * step + j] = gradient<kLog>(gy[k * step + j], y[k * step + j], total[j]);
  }
}

// Cuts (outer, n, inner) into pieces and calls rows(offset, rows), short_rows(offset, rows) or
// strips(offset, width) on each.
template <class Rows, class ShortRows, class Strips>
void for_pieces(int64_t outer, int64_t n, int64_t inner, Rows rows, ShortRows short_rows,
                Strips strips) {
  if (inner == 1) {
    parallel_for(outer, std::max<int64_t>(1, kComputeGrain / n), [&](int64_t b, int64_t e) {
      if (n > kShort) return rows(b * n, e - b);
      for (int64_t step = kBlock / n; b < e; b += step) short_rows(b * n, std::min(step, e - b));
    });
    return;
  }
  int64_t per_outer = (inner + kBlock - 1) / kBlock;
  int64_t grain = std::max<int64_t>(1, kComputeGrain / (n * std::min(inner, kBlock)));
  parallel_for(outer * per_outer, grain, [&](int64_t b, int64_t e) {
    for (int64_t i = b; i < e; ++i) {
      int64_t from = i % per_outer * kBlock;
      strips(i / per_outer * n * inner + from, std::min(kBlock, inner - from));
    }
  });
}

template <bool kLog, class T>
void softmax_of(char* out_bytes, const char* in_bytes, int64_t outer, int64_t n, int64_t inner) {
  T* out = reinterpret_cast<T*>(out_bytes);
  const T* in = reinterpret_cast<const T*>(in_bytes);
  for_pieces(
      outer, n, inner,
      [&](int64_t at, int64_t rows) {
        for (int64_t r = 0; r < rows; ++r) long_row<kLog>(out + at + r * n, in + at + r * n, n);
      },
      [&](int64_t at, int64_t rows) { short_rows<kLog>(out + at, in + at, rows, n); },
      [&](int64_t at, int64_t width) { columns<kLog>(out + at, in + at, n, inner, width); });
}

template <bool kLog, class T>
void input_grad(char* gx_bytes, const char* gy_bytes, const char* y_bytes, int64_t outer, int64_t n,
                int64_t inner) {
  T* gx = reinterpret_cast<T*>(gx_bytes);
  const T* gy = reinterpret_cast<const T*>(gy_bytes);
  const T* y = reinterpret_cast<const T*>(y_bytes);
  for_pieces(
      outer, n, inner,
      [&](int64_t at, int64_t rows) { grad_rows<kLog>(gx + at, gy + at, y + at, rows, n); },
      [&](int64_t at, int64_t rows) { grad_short_rows<kLog>(gx + at, gy + at, y + at, rows, n); },
      [&](int64_t at, int64_t width) {
        grad_columns<kLog>(gx + at, gy + at, y + at, n, inner, width);
      });
}

template <class T>
constexpr void fill(kernels::SoftmaxTable& t) {
  constexpr int i = torch::index(dtype_of<T>);
  t.log_softmax.forward[i] = &softmax_of<true, T>;
  t.log_softmax.input_grad[i] = &input_grad<true, T>;
  t.softmax.forward[i] = &softmax_of<false, T>;
  t.softmax.input_grad[i] = &input_grad<false, T>;
}

constexpr kernels::SoftmaxTable make_table() {
  kernels::SoftmaxTable t{};
  fill<float>(t);
  fill<double>(t);
  return t;
}

}  // namespace

extern constinit const kernels::SoftmaxTable softmax = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
