// The loops of reductions: along rows, and down strips of columns.
//
// A real T is reduced in kLanes chains (vectors), eight steps each, then in double: float32 sums
// are at least as accurate as pairwise summation, float64 sums are pairwise above kLeaf elements.
// Parts and lanes do not depend on the number of threads or on the instruction set.
#pragma once
#include <algorithm>
#include <cstring>

#include "kernels/cpu/reduce_drive.h"
#include "kernels/cpu/reduce_functors.h"
#include "kernels/cpu/vectors.h"
#include "kernels/tables.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

template <class T>
inline constexpr int kLanes = 256 / sizeof(T);
constexpr int kSteps = 8;  // per lane, before lanes are merged in double
template <class T>
inline constexpr int64_t kBlock = kLanes<T> * kSteps;
// What is reduced without halving; a float32 is summed in double above a block anyway.
template <class T>
inline constexpr int64_t kLeaf = std::is_same_v<T, double> ? 1024 : 4096;

// n elements at `stride` bytes, next to each other.
template <class T>
const T* gather(const char* in, int64_t stride, int64_t n, T* buffer) {
  if (stride == sizeof(T)) return reinterpret_cast<const T*>(in);
  for (int64_t i = 0; i < n; ++i) buffer[i] = *reinterpret_cast<const T*>(in + i * stride);
  return buffer;
}

template <int n, class Acc, class F>
inline __attribute__((always_inline)) Acc merge_tree(const F& f, Acc* accs) {
#pragma GCC unroll 8
  for (int w = n / 2; w > 0; w /= 2) {
    for (int l = 0; l < w; ++l) accs[l] = f.merge(accs[l], accs[l + w]);
  }
  return accs[0];
}

// What lanes are joined into before they are merged.
template <class T>
inline constexpr int kLeft = kLanes<T> / 4;

// Takes up to a block off x and n and reduces it to kLeft lanes. The chains are unrolled, so that
// they stay in registers.
template <class F, class T>
inline __attribute__((always_inline)) void reduce_block(const F& f, const T*& x, int64_t& n,
                                                        T* lanes) {
  using V = Vector<T>;
  constexpr int kChains = kLanes<T> / kWidth<T>;
  const V first = V{} + F::lane();
  V chain[kChains];
#pragma GCC unroll 16
  for (int c = 0; c < kChains; ++c) chain[c] = first;
  int64_t rows = std::min<int64_t>(n / kLanes<T>, kSteps);
  for (int64_t r = 0; r < rows; ++r, x += kLanes<T>) {
#pragma GCC unroll 16
    for (int c = 0; c < kChains; ++c) chain[c] = f.step(chain[c], load(x + c * kWidth<T>));
  }
  n -= rows * kLanes<T>;
  if (rows < kSteps && n > 0) {
    const int64_t whole = n / kWidth<T>;
    const V part = load(x + whole * kWidth<T>, n % kWidth<T>, F::neutral());
#pragma GCC unroll 16
    for (int c = 0; c < kChains; ++c) {
      if (c > whole) break;
      chain[c] = f.step(chain[c], c < whole ? load(x + c * kWidth<T>) : part);
    }
    n = 0;
  }
  for (int c = 0; c < kChains / 2; ++c) chain[c] = f.join(chain[c], chain[c + kChains / 2]);
  for (int c = 0; c < kChains / 4; ++c) chain[c] = f.join(chain[c], chain[c + kChains / 4]);
  std::memcpy(lanes, chain, kLeft<T> * sizeof(T));
}

template <class F, class T>
typename F::Acc reduce_vectors(const F& f, const T* x, int64_t n) {
  using Acc = typename F::Acc;
  T lanes[kLeft<T>];
  Acc accs[kLeft<T>];
  reduce_block(f, x, n, lanes);
  for (int l = 0; l < kLeft<T>; ++l) accs[l] = static_cast<Acc>(lanes[l]);
  while (n > 0) {
    reduce_block(f, x, n, lanes);
    for (int l = 0; l < kLeft<T>; ++l) accs[l] = f.merge(accs[l], static_cast<Acc>(lanes[l]));
  }
  return merge_tree<kLeft<T>>(f, accs);
}

// x[0, n) in so many lanes, each element in one of them (but see below). Never inlined: gcc 12
// keeps the lanes in registers in a small function only.
template <int count, class F, class T>
__attribute__((noinline)) void reduce_lanes(const F& f, const T* x, int64_t n,
                                            typename F::Lane* out) {
  typename F::Lane lanes[count];
  for (auto& l : lanes) l = F::lane();
  int64_t i = 0;
  for (; i + 4 * count <= n; i += 4 * count) {
    const T *a = x + i, *b = a + count, *c = b + count, *d = c + count;
    for (int l = 0; l < count; ++l) lanes[l] = four_steps(f, lanes[l], a[l], b[l], c[l], d[l]);
  }
  for (; i + count <= n; i += count) {
    for (int l = 0; l < count; ++l) lanes[l] = f.step(lanes[l], x[i + l]);
  }
  for (int l = 0; i < n; ++i, ++l) lanes[l] = f.step(lanes[l], x[i]);
  std::memcpy(out, lanes, sizeof lanes);
}

// The best of n >= kWidth elements; the last vector may see some of them twice. NaN is lost on the
// way but makes the sum NaN, which processors add up beside the comparisons; the rare sums that are
// NaN for infinities or an overflow are looked into.
template <class F, class T>
T extreme_of(const F& f, const T* x, int64_t n) {
  using V = Vector<T>;
  constexpr int kStep = kWidth<T>;
  auto at = [x](int64_t i) __attribute__((always_inline)) { return F::seen(load(x + i)); };
  const V first = at(0);
  V best[2] = {first, first}, sum[2] = {};
  int64_t i = 0;
  auto take = [&](int c, V a, V b) __attribute__((always_inline)) {
    best[c] = F::better(F::better(a, b), best[c]);
    sum[c] += a + b;
  };
  for (; i + 8 * kStep <= n; i += 8 * kStep) {
    V v[8];
    for (int k = 0; k < 8; ++k) v[k] = at(i + k * kStep);
    for (int k = 0; k < 8; k += 4) {
      const int c = k / 4;
      best[c] =
          F::better(F::better(F::better(v[k], v[k + 1]), F::better(v[k + 2], v[k + 3])), best[c]);
      sum[c] += (v[k] + v[k + 1]) + (v[k + 2] + v[k + 3]);
    }
  }
  for (; i + 2 * kStep <= n; i += 2 * kStep) take(0, at(i), at(i + kStep));
  if (i < n) {
    const V last = at(n - kStep);
    take(1, i + kStep <= n ? at(i) : last, last);
  }
  T lanes[kStep], sums[kStep];
  const V all = F::better(best[0], best[1]), both = sum[0] + sum[1];
  std::memcpy(lanes, &all, sizeof lanes);
  std::memcpy(sums, &both, sizeof sums);
  for (int w = kStep / 2; w > 0; w /= 2) {
    for (int l = 0; l < w; ++l) {
      lanes[l] = F::better(lanes[l], lanes[l + w]);
      sums[l] += sums[l + w];
    }
  }
  if (sums[0] != sums[0]) {
    for (int64_t k = 0; k < n; ++k) {
      if (x[k] != x[k]) return x[k];
    }
  }
  return lanes[0];
}

// n elements side by side, up to kLeaf of them
template <class F, class T>
typename F::Acc reduce_leaf(const F& f, const T* x, int64_t n) {
  using Lane = typename F::Lane;
  using Acc = typename F::Acc;
  if constexpr (std::is_integral_v<Lane>) {  // exact in any order: the compiler splits it
    Lane lane = F::lane();
    for (int64_t i = 0; i < n; ++i) lane = f.step(lane, x[i]);
    return static_cast<Acc>(lane);
  } else {
    if constexpr (F::kVector) {
      if (n >= 16) return reduce_vectors(f, x, n);
    } else if constexpr (F::kExtreme) {
      if (n >= kWidth<T>) return extreme_of(f, x, n);
    }
    constexpr int kFew = 16;
    if (n < kFew) {
      Lane lane = F::lane();
      for (int64_t i = 0; i < n; ++i) lane = f.step(lane, x[i]);
      return static_cast<Acc>(lane);
    }
    Lane lanes[kFew];
    reduce_lanes<kFew>(f, x, n, lanes);
    Acc accs[kFew];
    for (int l = 0; l < kFew; ++l) accs[l] = static_cast<Acc>(lanes[l]);
    return merge_tree<kFew>(f, accs);
  }
}

template <class F, class T>
typename F::Acc reduce_row(const F& f, const char* in, int64_t stride, int64_t n) {
  if (n > kLeaf<T>) {  // halves are merged: the error grows with the logarithm of n only
    int64_t half = n / 2 / kBlock<T> * kBlock<T>;
    auto left = reduce_row<F, T>(f, in, stride, half);
    return f.merge(left, reduce_row<F, T>(f, in + half * stride, stride, n - half));
  }
  T buffer[kLeaf<T>];
  return reduce_leaf(f, gather(in, stride, n, buffer), n);
}

inline int64_t inner_stride(const kernels::ReducePlan& p) {
  return p.reduced.empty() ? 0 : p.reduced_in.back();
}

// The loops of a reducer along rows: State, none(), add(p, state, x, n), merge(state, next),
// finish(p, state, out).
template <class R>
void row_results(const kernels::ReducePlan& p, const char* in, int64_t in_step, int64_t out,
                 int64_t out_step, int64_t count) {
  for (int64_t i = 0; i < count; ++i, in += in_step, out += out_step) {
    typename R::State s = R::none();
    if (p.count > 0) R::add(p, s, in, p.count);
    R::finish(p, s, out);
  }
}
template <class R, class State = typename R::State>
inline constexpr RowLoops row_loops = {
    [](void* state) { *static_cast<State*>(state) = R::none(); },
    [](const kernels::ReducePlan& p, void* state, const char* x, int64_t n) {
      R::add(p, *static_cast<State*>(state), x, n);
    },
    [](void* state, const void* next) {
      static_assert(sizeof(State) <= RowLoops::kMostState);
      R::merge(*static_cast<State*>(state), *static_cast<const State*>(next));
    },
    [](const kernels::ReducePlan& p, const void* state, int64_t out) {
      R::finish(p, *static_cast<const State*>(state), out);
    },
    &row_results<R>};

template <class F, class T>
struct RowReducer {
  using State = typename F::Acc;
  static State none() { return F::acc(); }
  static void add(const kernels::ReducePlan& p, State& s, const char* x, int64_t n) {
    F f(p.p);
    s = f.merge(s, reduce_row<F, T>(f, x, inner_stride(p), n));
  }
  static void merge(State& s, const State& next) { s = F(0).merge(s, next); }
  static void finish(const kernels::ReducePlan& p, const State& s, int64_t out) {
    *reinterpret_cast<typename F::Out*>(p.out + out) = F(p.p).finish(s, p.count);
  }
};

// The innermost kept dimension lies densest in memory: a strip of results is reduced at once, a few
// rows at a time.

// four(j, elements of column j in rows k ... k + 3), and one(j, element) for the rows left over
template <class T, class Four, class One>
inline __attribute__((always_inline)) void walk_rows(const T* const* row, int rows, int64_t m,
                                                     Four&& four, One&& one) {
  int k = 0;
  for (; k + 4 <= rows; k += 4) {
    const T *a = row[k], *b = row[k + 1], *c = row[k + 2], *d = row[k + 3];
#pragma GCC ivdep
    for (int64_t j = 0; j < m; ++j) four(j, a[j], b[j], c[j], d[j]);
  }
  for (; k < rows; ++k) {
    const T* a = row[k];
#pragma GCC ivdep
    for (int64_t j = 0; j < m; ++j) one(j, a[j]);
  }
}

template <class F, class T>
struct ColumnReducer {
  static constexpr int64_t kStrip = 1024;
  alignas(64) typename F::Acc accs[kStrip];
  ColumnReducer(const kernels::ReducePlan&, int64_t columns) {
    for (int64_t j = 0; j < columns; ++j) accs[j] = F::acc();
  }
  void add(const kernels::ReducePlan& p, const T* const* row, int rows, int64_t m) {
    const F f(p.p);
    alignas(64) typename F::Lane lanes[kStrip];
    for (int64_t j = 0; j < m; ++j) lanes[j] = F::lane();
    walk_rows(
        row, rows, m,
        [&](int64_t j, T a, T b, T c, T d)
            __attribute__((always_inline)) { lanes[j] = four_steps(f, lanes[j], a, b, c, d); },
        [&](int64_t j, T a) __attribute__((always_inline)) { lanes[j] = f.step(lanes[j], a); });
    for (int64_t j = 0; j < m; ++j)
      accs[j] = f.merge(accs[j], static_cast<typename F::Acc>(lanes[j]));
  }
  // columns [0, m) and those of `next` from `from` on
  void merge(const ColumnReducer& next, int64_t from, int64_t m) {
    const F f(0);
    for (int64_t j = 0; j < m; ++j) accs[j] = f.merge(accs[j], next.accs[from + j]);
  }
  void fold(int64_t width, int64_t times) {
    for (int64_t k = 1; k < times; ++k) merge(*this, k * width, width);
  }
  void finish(const kernels::ReducePlan& p, int64_t out, int64_t step, int64_t m) const {
    const F f(p.p);
    for (int64_t j = 0; j < m; ++j)
      *reinterpret_cast<typename F::Out*>(p.out + out + j * step) = f.finish(accs[j], p.count);
  }
};

// The loops of a strip S: its constructor, add(row, rows, m), merge, fold, finish.
template <class S, class T>
inline constexpr StripLoops strip_loops = {
    sizeof(T),
    S::kStrip,
    sizeof(S),
    [](const kernels::ReducePlan& p, void* state, int64_t columns) { new (state) S(p, columns); },
    [](const kernels::ReducePlan& p, void* state, const char* const* row, int rows, int64_t m) {
      static_assert(sizeof(S) <= StripLoops::kMostState && alignof(S) <= 64);
      static_cast<S*>(state)->add(p, reinterpret_cast<const T* const*>(row), rows, m);
    },
    [](void* state, const void* next, int64_t from, int64_t m) {
      static_cast<S*>(state)->merge(*static_cast<const S*>(next), from, m);
    },
    [](void* state, int64_t width, int64_t times) { static_cast<S*>(state)->fold(width, times); },
    [](const kernels::ReducePlan& p, const void* state, int64_t out, int64_t step, int64_t m) {
      static_cast<const S*>(state)->finish(p, out, step, m);
    }};

template <class F, class T>
void reduce_kernel(const kernels::ReducePlan& p) {
  if (reduces_columns(p))
    reduce_strips(p, strip_loops<ColumnReducer<F, T>, T>);
  else
    reduce_rows(p, row_loops<RowReducer<F, T>>);
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
