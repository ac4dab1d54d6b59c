// Sums, products, extremes, norms, moments and positions along dimensions.
#include "kernels/cpu/moments.h"
#include "kernels/cpu/odometer.h"
#include "kernels/cpu/reduce_loops.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Whether some square may have left the range of float32: results far from its ends say no.
bool all_in_range(const kernels::ReducePlan& p) {
  int64_t results = numel(p.kept);
  Odometer out{p.kept, p.kept_out};
  for (int64_t i = 0; i < results; ++i, out.next()) {
    float y = *reinterpret_cast<const float*>(p.out + out.offset);
    if (!(y > 1e-12f && y < 1e18f)) return false;
  }
  return true;
}

template <class T>
void norm_kernel(const kernels::ReducePlan& p) {
  if (p.p == 2) {
    reduce_kernel<NormSum<T, NormKind::kTwo>, T>(p);
    if (std::is_same_v<T, float> && !all_in_range(p))
      reduce_kernel<NormSum<T, NormKind::kTwoWide>, T>(p);
    return;
  }
  if (p.p == 1) return reduce_kernel<NormSum<T, NormKind::kOne>, T>(p);
  if (p.p == 0) return reduce_kernel<NormSum<T, NormKind::kZero>, T>(p);
  if (std::isinf(p.p)) {
    if (p.p < 0) return reduce_kernel<NormExtreme<T, false>, T>(p);
    return reduce_kernel<NormExtreme<T, true>, T>(p);
  }
  reduce_kernel<NormSum<T, NormKind::kAny>, T>(p);
}

template <class T, bool kMax>
inline __attribute__((always_inline)) bool is_better(T x, T best) {
  bool yes = kMax ? x > best : x < best;
  if constexpr (kReal<T>) yes = yes | ((x != x) & (best == best));
  return yes;
}

// The first of x[0, n) that is `wanted`, which is there; NaN is NaN.
template <class T>
__attribute__((noinline)) int64_t position_of(const T* x, int64_t n, T wanted) {
  constexpr int64_t kBlock = 64;
  const bool nan = wanted != wanted;
  auto found = [=](T v) { return (v == wanted) | (nan & (v != v)); };
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    int any = 0;
    for (int k = 0; k < kBlock; ++k) any |= found(x[i + k]);
    if (any) break;
  }
  while (!found(x[i])) ++i;
  return i;
}

// The first position of the largest (or smallest) of n elements, or of the first NaN: the extreme
// of every piece is found, and the piece that has the best is searched for it while it is cached.
template <class T, bool kMax>
int64_t arg_row(const char* in, int64_t stride, int64_t n) {
  constexpr int64_t kMost = 2048;
  const Extreme<T, kMax> f(0);
  T buffer[kMost];
  auto elements = [&](int64_t i) {
    return gather(in + i * stride, stride, std::min(kMost, n - i), buffer);
  };
  int64_t start = 0;
  const T* x = elements(0);
  T best = reduce_leaf(f, x, std::min(kMost, n));
  for (int64_t i = kMost; i < n && best == best; i += kMost) {
    x = elements(i);
    T here = reduce_leaf(f, x, std::min(kMost, n - i));
    if (is_better<T, kMax>(here, best)) best = here, start = i;
  }
  if (n > kMost) x = elements(start);
  return start + position_of(x, std::min(kMost, n - start), best);
}

// The innermost kept dimension lies densest: a strip of results at once, row by row.
template <class T, bool kMax>
void arg_columns(const kernels::ArgReducePlan& p) {
  constexpr int64_t kStrip = 256;
  using Index = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;
  int last = p.kept.size() - 1;
  int64_t width = p.kept[last], strips = (width + kStrip - 1) / kStrip;
  Shape outer(p.kept.begin(), last), outer_in(p.kept_in.begin(), last);
  int64_t grain = std::max<int64_t>(1, 16384 / (p.n * std::min<int64_t>(width, kStrip)));
  parallel_for(numel(outer) * strips, grain, [&](int64_t b, int64_t e) {
    Odometer in{outer, outer_in};
    for (int64_t i = b; i < e; ++i) {
      int64_t from = i % strips * kStrip, m = std::min<int64_t>(kStrip, width - from);
      in.seek(i / strips);
      const char* row = p.in + in.offset + from * static_cast<int64_t>(sizeof(T));
      alignas(64) T best[kStrip];
      alignas(64) Index at[kStrip] = {};
      std::memcpy(best, row, m * sizeof(T));
      for (int64_t k = 1; k < p.n; ++k) {
        row += p.stride;
        const T* x = reinterpret_cast<const T*>(row);
        for (int64_t j = 0; j < m; ++j) {
          bool better = kMax ? x[j] > best[j] : x[j] < best[j];
          if constexpr (kReal<T>) better = better | ((x[j] != x[j]) & (best[j] == best[j]));
          best[j] = better ? x[j] : best[j];
          at[j] = better ? static_cast<Index>(k) : at[j];
        }
      }
      int64_t out = i / strips * width + from;
      for (int64_t j = 0; j < m; ++j) p.indices[out + j] = at[j];
      if (p.values) std::memcpy(p.values + out * sizeof(T), best, m * sizeof(T));
    }
  });
}

template <class T, bool kMax>
void arg_kernel(const kernels::ArgReducePlan& p) {
  if (!p.kept.empty() && p.kept_in.back() == sizeof(T) && p.kept.back() >= 8 && p.n > 1 &&
      std::abs(p.stride) > static_cast<int64_t>(sizeof(T)) &&
      p.n < std::numeric_limits<int32_t>::max()) {
    return arg_columns<T, kMax>(p);
  }
  static constexpr ArgLoops kLoops = {
      sizeof(T), &arg_row<T, kMax>, [](const char* x, const char* best) {
        return is_better<T, kMax>(*reinterpret_cast<const T*>(x),
                                  *reinterpret_cast<const T*>(best));
      }};
  arg_reduce_rows(p, kLoops);
}

// What is reduced in the same way as a T: fewer loops.
template <class T>
using Unsigned = typename std::conditional_t<
    kReal<T>, std::type_identity<T>,
    std::conditional_t<std::is_same_v<T, bool>, std::type_identity<uint8_t>,
                       std::make_unsigned<T>>>::type;
template <template <class> class F, class T>
struct Alike {
  using type = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
};
template <class T>
struct Alike<Any, T> : std::type_identity<Unsigned<T>> {};
template <class T>
struct Alike<All, T> : std::type_identity<Unsigned<T>> {};
template <class T>
struct Alike<CountNonzero, T> : std::type_identity<Unsigned<T>> {};

template <template <class> class F, ReduceResult kResult, class T>
constexpr kernels::ReduceKernel* kernel_for() {
  if constexpr (is_half(dtype_of<T>))
    return nullptr;  // reduced in float32
  else if constexpr (kResult == ReduceResult::kFloating && !kReal<T>)
    return nullptr;  // reduced in float64
  else if constexpr (std::is_same_v<F<T>, NanSum<T>> && !kReal<T>)
    return kernel_for<Sum, kResult, T>();
  else
    return &reduce_kernel<F<typename Alike<F, T>::type>, typename Alike<F, T>::type>;
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
  t.moments[torch::index(DType::kFloat32)] = &moments_kernel<float>;
  t.moments[torch::index(DType::kFloat64)] = &moments_kernel<double>;
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind) \
  if constexpr (!is_half(DType::e)) {       \
    using T = Alike<Max, ctype>::type;      \
    t.arg_max[i] = &arg_kernel<T, true>;    \
    t.arg_min[i] = &arg_kernel<T, false>;   \
  }                                         \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::ReduceTable reduce = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
