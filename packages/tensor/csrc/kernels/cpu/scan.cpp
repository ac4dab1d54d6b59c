// Scans. A row is scanned in kChains chains at a time, each from zero, which hides the latency of
// the additions; the sums of the chains before are added afterwards. So every result is rounded few
// times, a sum of numbers that are not negative never falls, and parts of a long row can be scanned
// by different threads. Float32 is accumulated in double.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "kernels/cpu/odometer.h"
#include "kernels/scan_table.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

constexpr int kChains = 8;
constexpr int kLength = 64;  // of a chain
constexpr int64_t kBlock = kChains * kLength;
// One long row is scanned in parts of this many elements, whatever the number of threads.
constexpr int64_t kPart = 65536;
constexpr int64_t kStrip = 256;

template <class T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, double, int64_t>;

template <class A>
struct SumScan {
  static constexpr bool kBlocked = true;
  static A first() { return 0; }
  A operator()(A a, A x) const { return math::Add{}(a, x); }
};
// A product may pass beyond the largest number and come back: one element after the other.
template <class A>
struct ProdScan {
  static constexpr bool kBlocked = false;
  static A first() { return 1; }
  A operator()(A a, A x) const { return math::Mul{}(a, x); }
};
template <class A>
struct LogSumExpScan {
  static constexpr bool kBlocked = false;
  static A first() { return -std::numeric_limits<A>::infinity(); }
  A operator()(A a, A x) const {
    A hi = (a > x || a != a) ? a : x, lo = (a > x || a != a) ? x : a;
    if (lo != lo || std::isinf(hi)) return hi + (lo != lo ? lo : A(0));
    return hi + std::log1p(std::exp(lo - hi));
  }
};

template <class T>
T read(const char* in, int64_t step, int64_t i) {
  return *reinterpret_cast<const T*>(in + i * step);
}

template <class T, class F, bool kDense>
void scan_one_by_one(const char* in, int64_t in_step, char* out, int64_t out_step, int64_t n) {
  F f;
  Wide<T> acc = F::first();
  for (int64_t i = 0; i < n; ++i) {
    acc = f(acc, static_cast<Wide<T>>(read<T>(in, kDense ? sizeof(T) : in_step, i)));
    *reinterpret_cast<T*>(out + i * (kDense ? sizeof(T) : out_step)) = static_cast<T>(acc);
  }
}

// Scans n elements from zero and returns their sum; where there is an `out`, writes `base` plus
// every partial sum.
template <class T, class F>
Wide<T> scan_part(const char* in, int64_t in_step, char* out, int64_t out_step, int64_t n,
                  Wide<T> base) {
  using A = Wide<T>;
  F f;
  A total = F::first();
  auto store = [&](int64_t i, A v) {
    *reinterpret_cast<T*>(out + i * out_step) = static_cast<T>(f(base, v));
  };
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    alignas(64) A sums[kChains][kLength];
    A acc[kChains];
    for (A& a : acc) a = F::first();
    const char* x = in + i * in_step;
    for (int k = 0; k < kLength; ++k) {
      for (int c = 0; c < kChains; ++c) {
        acc[c] = f(acc[c], static_cast<A>(read<T>(x, in_step, c * kLength + k)));
        sums[c][k] = acc[c];
      }
    }
    for (int c = 0; c < kChains; ++c) {
      if (out && out_step == sizeof(T)) {
        T* y = reinterpret_cast<T*>(out) + i + c * kLength;
        for (int k = 0; k < kLength; ++k) y[k] = static_cast<T>(f(base, f(total, sums[c][k])));
      } else if (out) {
        for (int k = 0; k < kLength; ++k) store(i + c * kLength + k, f(total, sums[c][k]));
      }
      total = f(total, acc[c]);
    }
  }
  for (; i < n; ++i) {
    total = f(total, static_cast<A>(read<T>(in, in_step, i)));
    if (out) store(i, total);
  }
  return total;
}

template <class T, class F>
void scan_rows(const kernels::ScanPlan& p) {
  int64_t rows = numel(p.kept);
  if constexpr (F::kBlocked) {
    if (rows < 16 && p.n > kPart) {
      int64_t parts = (p.n + kPart - 1) / kPart;
      F f;
      Odometer in{p.kept, p.kept_in}, out{p.kept, p.kept_out};
      auto sums = std::make_unique<Wide<T>[]>(parts);
      auto scan = [&](int64_t i, bool write, Wide<T> base) {
        int64_t begin = i * kPart;
        return scan_part<T, F>(p.in + in.offset + begin * p.in_step, p.in_step,
                               write ? p.out + out.offset + begin * p.out_step : nullptr,
                               p.out_step, std::min(kPart, p.n - begin), base);
      };
      for (int64_t r = 0; r < rows; ++r, in.next(), out.next()) {
        if (num_threads() == 1) {
          Wide<T> base = F::first();
          for (int64_t i = 0; i < parts; ++i) base = f(base, scan(i, true, base));
          continue;
        }
        parallel_for(parts, 1, [&](int64_t b, int64_t e) {
          for (int64_t i = b; i < e; ++i) sums[i] = scan(i, false, F::first());
        });
        Wide<T> base = F::first();
        for (int64_t i = 0; i < parts; ++i) base = f(base, std::exchange(sums[i], base));
        parallel_for(parts, 1, [&](int64_t b, int64_t e) {
          for (int64_t i = b; i < e; ++i) scan(i, true, sums[i]);
        });
      }
      return;
    }
  }
  parallel_for(rows, std::max<int64_t>(1, 16384 / p.n), [&](int64_t b, int64_t e) {
    Odometer in{p.kept, p.kept_in}, out{p.kept, p.kept_out};
    in.seek(b);
    out.seek(b);
    for (int64_t r = b; r < e; ++r, in.next(), out.next()) {
      const char* x = p.in + in.offset;
      char* y = p.out + out.offset;
      if constexpr (F::kBlocked) {
        scan_part<T, F>(x, p.in_step, y, p.out_step, p.n, F::first());
      } else if (p.in_step == sizeof(T) && p.out_step == sizeof(T)) {
        scan_one_by_one<T, F, true>(x, p.in_step, y, p.out_step, p.n);
      } else {
        scan_one_by_one<T, F, false>(x, p.in_step, y, p.out_step, p.n);
      }
    }
  });
}

// The innermost kept dimension is dense: a strip of columns at once, row by row.
template <class Body>
void for_strips(const kernels::ScanPlan& p, Body&& body) {
  int last = p.kept.size() - 1;
  int64_t width = p.kept[last], strips = (width + kStrip - 1) / kStrip;
  Shape outer(p.kept.begin(), last), outer_in(p.kept_in.begin(), last),
      outer_out(p.kept_out.begin(), last);
  int64_t grain = std::max<int64_t>(1, 16384 / (p.n * std::min(width, kStrip)));
  parallel_for(numel(outer) * strips, grain, [&](int64_t b, int64_t e) {
    Odometer in{outer, outer_in}, out{outer, outer_out};
    for (int64_t i = b; i < e; ++i) {
      in.seek(i / strips);
      out.seek(i / strips);
      int64_t from = i % strips * kStrip;
      body(in.offset + from * p.kept_in[last], out.offset + from * p.kept_out[last],
           std::min(kStrip, width - from));
    }
  });
}

template <class T>
bool is_columns(const kernels::ScanPlan& p) {
  return !p.kept.empty() && p.kept.back() >= 4 && p.kept_in.back() == sizeof(T) &&
         p.kept_out.back() == sizeof(T) && p.in_step != sizeof(T);
}

template <class T, template <class> class F>
void scan_kernel(const kernels::ScanPlan& p) {
  using A = Wide<T>;
  if (!is_columns<T>(p)) return scan_rows<T, F<A>>(p);
  for_strips(p, [&](int64_t in, int64_t out, int64_t m) {
    F<A> f;
    alignas(64) A acc[kStrip];
    std::fill_n(acc, m, F<A>::first());
    for (int64_t i = 0; i < p.n; ++i) {
      const T* x = reinterpret_cast<const T*>(p.in + in + i * p.in_step);
      T* y = reinterpret_cast<T*>(p.out + out + i * p.out_step);
#pragma GCC ivdep
      for (int64_t j = 0; j < m; ++j) {
        acc[j] = f(acc[j], static_cast<A>(x[j]));
        y[j] = static_cast<T>(acc[j]);
      }
    }
  });
}

// The last of equal elements is reported; NaN stays.
template <class T, bool kMax>
void extreme_kernel(const kernels::ScanPlan& p) {
  auto replaces = [](T x, T best) __attribute__((always_inline)) {
    bool better = kMax ? x >= best : x <= best;
    if constexpr (is_floating_type<T>) better = (better & (best == best)) | (x != x);
    return better;
  };
  auto index_at = [&](int64_t out) {  // of the output that lies `out` bytes from the first
    return reinterpret_cast<int64_t*>(p.indices) + out / static_cast<int64_t>(sizeof(T));
  };
  int64_t index_step = p.out_step / static_cast<int64_t>(sizeof(T));
  if (is_columns<T>(p)) {
    return for_strips(p, [&](int64_t in, int64_t out, int64_t m) {
      alignas(64) T best[kStrip];
      alignas(64) int64_t at[kStrip] = {};
      std::copy_n(reinterpret_cast<const T*>(p.in + in), m, best);
      for (int64_t i = 0; i < p.n; ++i) {
        const T* x = reinterpret_cast<const T*>(p.in + in + i * p.in_step);
        T* y = reinterpret_cast<T*>(p.out + out + i * p.out_step);
        int64_t* index = index_at(out) + i * index_step;
        for (int64_t j = 0; j < m; ++j) {
          bool now = replaces(x[j], best[j]);
          best[j] = now ? x[j] : best[j];
          at[j] = now ? i : at[j];
        }
        for (int64_t j = 0; j < m; ++j) y[j] = best[j];
        for (int64_t j = 0; j < m; ++j) index[j] = at[j];
      }
    });
  }
  parallel_for(numel(p.kept), std::max<int64_t>(1, 16384 / p.n), [&](int64_t b, int64_t e) {
    Odometer in{p.kept, p.kept_in}, out{p.kept, p.kept_out};
    in.seek(b);
    out.seek(b);
    for (int64_t r = b; r < e; ++r, in.next(), out.next()) {
      const char* x = p.in + in.offset;
      char* y = p.out + out.offset;
      int64_t* index = index_at(out.offset);
      T best = read<T>(x, p.in_step, 0);
      int64_t at = 0;
      for (int64_t i = 0; i < p.n; ++i) {
        T now = read<T>(x, p.in_step, i);
        if (replaces(now, best)) best = now, at = i;
        *reinterpret_cast<T*>(y + i * p.out_step) = best;
        index[i * index_step] = at;
      }
    }
  });
}

constexpr kernels::ScanTable make_table() {
  kernels::ScanTable t{};
  auto add = [&]<class T>() {
    int i = torch::index(dtype_of<T>);
    t.at[static_cast<int>(ScanOp::kSum)][i] = &scan_kernel<T, SumScan>;
    t.at[static_cast<int>(ScanOp::kProd)][i] = &scan_kernel<T, ProdScan>;
    if constexpr (is_floating_type<T>)
      t.at[static_cast<int>(ScanOp::kLogSumExp)][i] = &scan_kernel<T, LogSumExpScan>;
  };
  add.template operator()<int64_t>();
  add.template operator()<float>();
  add.template operator()<double>();
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind)   \
  if constexpr (!is_half(DType::e)) {         \
    t.max[i] = &extreme_kernel<ctype, true>;  \
    t.min[i] = &extreme_kernel<ctype, false>; \
  }                                           \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::ScanTable scan = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
