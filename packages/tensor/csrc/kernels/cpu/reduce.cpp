#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/isa.h"
#include "kernels/tables.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// A reduction of T: Lane is what a vector lane holds over a block of kBlock elements, Acc what
// blocks are merged into. Eight additions per lane, then double, then halves: float32 sums are at
// least as accurate as pairwise summation.
constexpr int kLanes = 16;
constexpr int64_t kBlock = 128;
constexpr int64_t kPairwise = 4096;
// A single result is computed in parts of this many elements, whatever the number of threads: the
// same numbers on every machine.
constexpr int64_t kPart = 65536;

template <class T>
inline constexpr bool kReal = std::is_floating_point_v<T>;
template <class T>
using Wide = std::conditional_t<kReal<T>, double, int64_t>;
template <class T>
using WideLane = std::conditional_t<kReal<T>, T, int64_t>;
template <class T>
using WideOut = std::conditional_t<kReal<T>, T, int64_t>;

template <class T>
struct Stateless {
  Stateless(double, const void*) {}
};

template <class T>
struct Sum : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = WideLane<T>;
  using Acc = Wide<T>;
  using Out = WideOut<T>;
  static Lane lane() { return 0; }
  static Acc acc() { return 0; }
  Lane step(Lane a, T x) const { return math::Add{}(a, static_cast<Lane>(x)); }
  Acc merge(Acc a, Acc b) const { return math::Add{}(a, b); }
  Out finish(Acc a, int64_t) const { return static_cast<Out>(a); }
};

template <class T>
struct Mean : Sum<T> {
  using Sum<T>::Sum;
  using Out = T;
  Out finish(double a, int64_t n) const { return static_cast<T>(a / static_cast<double>(n)); }
};

template <class T>
struct Prod : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = WideLane<T>;
  using Acc = Wide<T>;
  using Out = WideOut<T>;
  static Lane lane() { return 1; }
  static Acc acc() { return 1; }
  Lane step(Lane a, T x) const { return math::Mul{}(a, static_cast<Lane>(x)); }
  Acc merge(Acc a, Acc b) const { return math::Mul{}(a, b); }
  Out finish(Acc a, int64_t) const { return static_cast<Out>(a); }
};

template <class T, class Better>
struct Extreme : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = T;
  using Acc = T;
  using Out = T;
  static T lane() {
    using L = std::numeric_limits<T>;
    constexpr bool kMax = std::is_same_v<Better, math::Maximum>;
    if constexpr (L::has_infinity) return kMax ? -L::infinity() : L::infinity();
    return kMax ? L::lowest() : L::max();
  }
  static T acc() { return lane(); }
  T step(T a, T x) const { return Better{}(x, a); }
  T merge(T a, T b) const { return Better{}(b, a); }
  T finish(T a, int64_t) const { return a; }
};
template <class T>
struct Max : Extreme<T, math::Maximum> {
  using Extreme<T, math::Maximum>::Extreme;
};
template <class T>
struct Min : Extreme<T, math::Minimum> {
  using Extreme<T, math::Minimum>::Extreme;
};

template <class T>
struct Any : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = uint8_t;
  using Acc = uint8_t;
  using Out = bool;
  static Lane lane() { return 0; }
  static Acc acc() { return 0; }
  Lane step(Lane a, T x) const { return a | static_cast<uint8_t>(x != T(0)); }
  Acc merge(Acc a, Acc b) const { return a | b; }
  Out finish(Acc a, int64_t) const { return a != 0; }
};
template <class T>
struct All : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = uint8_t;
  using Acc = uint8_t;
  using Out = bool;
  static Lane lane() { return 1; }
  static Acc acc() { return 1; }
  Lane step(Lane a, T x) const { return a & static_cast<uint8_t>(x != T(0)); }
  Acc merge(Acc a, Acc b) const { return a & b; }
  Out finish(Acc a, int64_t) const { return a != 0; }
};

// The centre stands in the output when the kernel starts.
template <class T>
struct SquareDeviation {
  T centre;
  SquareDeviation(double, const void* out) : centre(*static_cast<const T*>(out)) {}
  using Lane = T;
  using Acc = double;
  using Out = T;
  static Lane lane() { return 0; }
  static Acc acc() { return 0; }
  Lane step(Lane a, T x) const {
    T d = x - centre;
    return a + d * d;
  }
  Acc merge(Acc a, Acc b) const { return a + b; }
  Out finish(Acc a, int64_t) const { return static_cast<T>(a); }
};

enum class NormKind { kZero, kOne, kTwo, kAny };
template <class T, NormKind kKind>
struct NormSum {
  T p;
  NormSum(double power, const void*) : p(static_cast<T>(power)) {}
  using Lane = T;
  using Acc = double;
  using Out = T;
  static Lane lane() { return 0; }
  static Acc acc() { return 0; }
  Lane step(Lane a, T x) const {
    if constexpr (kKind == NormKind::kZero)
      return a + T(x != T(0));
    else if constexpr (kKind == NormKind::kOne)
      return a + std::fabs(x);
    else if constexpr (kKind == NormKind::kTwo)
      return a + x * x;
    else
      return a + std::pow(std::fabs(x), p);
  }
  Acc merge(Acc a, Acc b) const { return a + b; }
  Out finish(Acc a, int64_t) const {
    if constexpr (kKind == NormKind::kTwo)
      return static_cast<T>(std::sqrt(a));
    else if constexpr (kKind == NormKind::kAny)
      return static_cast<T>(std::pow(a, 1.0 / static_cast<double>(p)));
    else
      return static_cast<T>(a);
  }
};
template <class T, class Better>
struct NormExtreme : Extreme<T, Better> {
  using Extreme<T, Better>::Extreme;
  T step(T a, T x) const { return Better{}(std::fabs(x), a); }
};

// Position in several dimensions; data moves along.
struct Odometer {
  const Shape& size;
  const Shape& stride;
  int64_t at[kMaxDims] = {};
  int64_t offset = 0;
  void seek(int64_t linear) {
    offset = 0;
    for (int d = size.size() - 1; d >= 0; --d) {
      at[d] = linear % size[d];
      linear /= size[d];
      offset += at[d] * stride[d];
    }
  }
  void next() {
    for (int d = size.size() - 1; d >= 0; --d) {
      offset += stride[d];
      if (++at[d] < size[d]) return;
      offset -= at[d] * stride[d];
      at[d] = 0;
    }
  }
};

template <class F, class T>
typename F::Acc reduce_row(const F& f, typename F::Acc acc, const char* in, int64_t stride,
                           int64_t n) {
  if constexpr (!kReal<T>) {  // exact in any order: one lane, which the compiler splits as it sees
                              // fit
    auto lane = F::lane();
    if (stride == sizeof(T)) {
      const T* x = reinterpret_cast<const T*>(in);
      for (int64_t i = 0; i < n; ++i) lane = f.step(lane, x[i]);
    } else {
      for (int64_t i = 0; i < n; ++i)
        lane = f.step(lane, *reinterpret_cast<const T*>(in + i * stride));
    }
    return f.merge(acc, static_cast<typename F::Acc>(lane));
  }
  if (n > kPairwise) {  // halves are merged: the error grows with the logarithm of n only
    int64_t half = n / 2 / kBlock * kBlock;
    acc = reduce_row<F, T>(f, acc, in, stride, half);
    return f.merge(acc, reduce_row<F, T>(f, F::acc(), in + half * stride, stride, n - half));
  }
  int64_t i = 0;
  if (n >= kLanes) {
    typename F::Acc accs[kLanes];
    for (int l = 0; l < kLanes; ++l) accs[l] = F::acc();
    while (i + kLanes <= n) {
      typename F::Lane lanes[kLanes];
      for (int l = 0; l < kLanes; ++l) lanes[l] = F::lane();
      int64_t end = std::min(n / kLanes * kLanes, i + kBlock);
      if (stride == sizeof(T)) {
        const T* x = reinterpret_cast<const T*>(in);
        for (; i < end; i += kLanes) {
          for (int l = 0; l < kLanes; ++l) lanes[l] = f.step(lanes[l], x[i + l]);
        }
      } else {
        for (; i < end; i += kLanes) {
          for (int l = 0; l < kLanes; ++l) {
            lanes[l] = f.step(lanes[l], *reinterpret_cast<const T*>(in + (i + l) * stride));
          }
        }
      }
      for (int l = 0; l < kLanes; ++l) {
        accs[l] = f.merge(accs[l], static_cast<typename F::Acc>(lanes[l]));
      }
    }
    for (int l = 0; l < kLanes; ++l) acc = f.merge(acc, accs[l]);
  }
  typename F::Lane tail = F::lane();
  for (; i < n; ++i) tail = f.step(tail, *reinterpret_cast<const T*>(in + i * stride));
  return f.merge(acc, static_cast<typename F::Acc>(tail));
}

// All reduced elements of the one result whose first element is at `in`, from `begin` to `end` in
// row-major order.
template <class F, class T>
typename F::Acc reduce_range(const F& f, const kernels::ReducePlan& p, const char* in,
                             int64_t begin, int64_t end) {
  typename F::Acc acc = F::acc();
  int dims = p.reduced.size();
  if (dims == 0) return begin < end ? reduce_row<F, T>(f, acc, in, sizeof(T), 1) : acc;
  int64_t inner = p.reduced[dims - 1], stride = p.reduced_in[dims - 1];
  if (dims == 1) return reduce_row<F, T>(f, acc, in + begin * stride, stride, end - begin);
  Odometer o{p.reduced, p.reduced_in};
  for (int64_t done = begin; done < end;) {
    o.seek(done);
    int64_t n = std::min(inner - o.at[dims - 1], end - done);
    acc = reduce_row<F, T>(f, acc, in + o.offset, stride, n);
    done += n;
  }
  return acc;
}

template <class F, class T>
void reduce_rows(const kernels::ReducePlan& p) {
  int64_t results = numel(p.kept);
  if (results == 1 && p.count > kPart) {
    F f(p.p, p.out);
    int64_t parts = (p.count + kPart - 1) / kPart;
    std::vector<typename F::Acc> partial(parts);
    parallel_for(parts, 1, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i)
        partial[i] = reduce_range<F, T>(f, p, p.in, i * kPart, std::min(p.count, (i + 1) * kPart));
    });
    typename F::Acc acc = F::acc();
    for (auto part : partial) acc = f.merge(acc, part);
    *reinterpret_cast<typename F::Out*>(p.out) = f.finish(acc, p.count);
    return;
  }
  int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, p.count));
  parallel_for(results, grain, [&](int64_t b, int64_t e) {
    Odometer in{p.kept, p.kept_in}, out{p.kept, p.kept_out};
    in.seek(b);
    out.seek(b);
    for (int64_t i = b; i < e; ++i, in.next(), out.next()) {
      F f(p.p, p.out + out.offset);
      auto acc = reduce_range<F, T>(f, p, p.in + in.offset, 0, p.count);
      *reinterpret_cast<typename F::Out*>(p.out + out.offset) = f.finish(acc, p.count);
    }
  });
}

// The innermost kept dimension lies densest in memory: reduce a strip of results at once, row by
// row.
template <class F, class T>
void reduce_columns(const kernels::ReducePlan& p) {
  constexpr int64_t kStrip = 256;
  int last = p.kept.size() - 1;
  int64_t width = p.kept[last], in_step = p.kept_in[last], out_step = p.kept_out[last];
  Shape outer(p.kept.begin(), last), outer_in(p.kept_in.begin(), last),
      outer_out(p.kept_out.begin(), last);
  int64_t strips = (width + kStrip - 1) / kStrip;
  int64_t grain =
      std::max<int64_t>(1, 32768 / std::max<int64_t>(1, p.count * std::min(width, kStrip)));
  parallel_for(numel(outer) * strips, grain, [&](int64_t b, int64_t e) {
    alignas(64) typename F::Lane lanes[kStrip];
    alignas(64) typename F::Acc accs[kStrip];
    alignas(64) char states[kStrip * sizeof(F)];
    F* f = reinterpret_cast<F*>(states);
    for (int64_t i = b; i < e; ++i) {
      Odometer in{outer, outer_in}, out{outer, outer_out};
      in.seek(i / strips);
      out.seek(i / strips);
      int64_t from = (i % strips) * kStrip, m = std::min(kStrip, width - from);
      const char* x0 = p.in + in.offset + from * in_step;
      char* y0 = p.out + out.offset + from * out_step;
      for (int64_t j = 0; j < m; ++j) {
        new (f + j) F(p.p, y0 + j * out_step);
        accs[j] = F::acc();
      }
      Odometer r{p.reduced, p.reduced_in};
      for (int64_t done = 0; done < p.count;) {
        int64_t rows = std::min<int64_t>(kBlock / kLanes, p.count - done);
        for (int64_t j = 0; j < m; ++j) lanes[j] = F::lane();
        for (int64_t k = 0; k < rows; ++k, r.next()) {
          const char* x = x0 + r.offset;
          if (in_step == sizeof(T)) {
            const T* row = reinterpret_cast<const T*>(x);
            for (int64_t j = 0; j < m; ++j) lanes[j] = f[j].step(lanes[j], row[j]);
          } else {
            for (int64_t j = 0; j < m; ++j)
              lanes[j] = f[j].step(lanes[j], *reinterpret_cast<const T*>(x + j * in_step));
          }
        }
        for (int64_t j = 0; j < m; ++j)
          accs[j] = f[j].merge(accs[j], static_cast<typename F::Acc>(lanes[j]));
        done += rows;
      }
      for (int64_t j = 0; j < m; ++j)
        *reinterpret_cast<typename F::Out*>(y0 + j * out_step) = f[j].finish(accs[j], p.count);
    }
  });
}

template <class F, class T>
void reduce_kernel(const kernels::ReducePlan& p) {
  bool columns = !p.kept.empty() && !p.reduced.empty() &&
                 std::abs(p.kept_in.back()) < std::abs(p.reduced_in.back());
  columns ? reduce_columns<F, T>(p) : reduce_rows<F, T>(p);
}

template <class T>
void norm_kernel(const kernels::ReducePlan& p) {
  if (p.p == 2) return reduce_kernel<NormSum<T, NormKind::kTwo>, T>(p);
  if (p.p == 1) return reduce_kernel<NormSum<T, NormKind::kOne>, T>(p);
  if (p.p == 0) return reduce_kernel<NormSum<T, NormKind::kZero>, T>(p);
  if (std::isinf(p.p)) {
    if (p.p < 0) return reduce_kernel<NormExtreme<T, math::Minimum>, T>(p);
    return reduce_kernel<NormExtreme<T, math::Maximum>, T>(p);
  }
  reduce_kernel<NormSum<T, NormKind::kAny>, T>(p);
}

template <class T, class Better>
void arg_kernel(const kernels::ArgReducePlan& p) {
  int64_t grain = std::max<int64_t>(1, 16384 / p.n);
  parallel_for(numel(p.kept), grain, [&](int64_t b, int64_t e) {
    Odometer o{p.kept, p.kept_in};
    o.seek(b);
    for (int64_t i = b; i < e; ++i, o.next()) {
      const char* in = p.in + o.offset;
      T best = *reinterpret_cast<const T*>(in);
      int64_t at = 0;
      for (int64_t k = 1; k < p.n && best == best; ++k) {
        T x = *reinterpret_cast<const T*>(in + k * p.stride);
        if (Better{}(best, x) || x != x) {
          best = x;
          at = k;
        }
      }
      if (p.values) reinterpret_cast<T*>(p.values)[i] = best;
      p.indices[i] = at;
    }
  });
}

template <template <class> class F, ReduceResult kResult, class T>
constexpr kernels::ReduceKernel* kernel_for() {
  if constexpr (is_half(dtype_of<T>))
    return nullptr;  // reduced in float32
  else if constexpr (kResult == ReduceResult::kFloating && !kReal<T>)
    return nullptr;
  else
    return &reduce_kernel<F<T>, T>;
}

template <template <class> class F, ReduceResult kResult>
constexpr void fill_row(kernels::ReduceKernel* (&row)[kDTypes]) {
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) row[i++] = kernel_for<F, kResult, ctype>();
#include "torch/dtype.def"
#undef DTYPE
}

template <class T>
using Norm =
    NormSum<T, NormKind::kTwo>;  // the row's functor; norm_kernel chooses among the kinds by p

struct Less {
  template <class T>
  bool operator()(T a, T b) const {
    return a < b;
  }
};
struct Greater {
  template <class T>
  bool operator()(T a, T b) const {
    return a > b;
  }
};

constexpr kernels::ReduceTable make_table() {
  kernels::ReduceTable t{};
  int op = 0;
#define REDUCE(name, functor, result, identity, doc, ...) \
  fill_row<functor, ReduceResult::result>(t.at[op++]);
#include "torch/ops/reduce.def"
#undef REDUCE
  auto& norm = t.at[static_cast<int>(ReduceOp::norm)];
  norm[torch::index(DType::kFloat32)] = &norm_kernel<float>;
  norm[torch::index(DType::kFloat64)] = &norm_kernel<double>;
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind)     \
  if constexpr (!is_half(DType::e)) {           \
    t.arg_max[i] = &arg_kernel<ctype, Less>;    \
    t.arg_min[i] = &arg_kernel<ctype, Greater>; \
  }                                             \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::ReduceTable reduce = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
