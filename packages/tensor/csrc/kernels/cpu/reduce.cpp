// Sums, products, extremes, norms, moments and positions along dimensions.
//
// A real T is reduced in kLanes chains (vectors), eight steps each, then in double: float32 sums are
// at least as accurate as pairwise summation, float64 sums are pairwise above kLeaf elements. Parts
// and lanes do not depend on the number of threads or on the instruction set.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "kernels/cpu/odometer.h"
#include "kernels/tables.h"
#include "torch/math.h"
#include "torch/parallel.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif
template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(kVectorBytes)));
};
template <class T>
using Vector = typename VectorOf<T>::type;
template <class T>
inline constexpr int kWidth = kVectorBytes / sizeof(T);  // elements of a vector
template <class T>
inline constexpr int kLanes = 256 / sizeof(T);
constexpr int kSteps = 8;  // per lane, before lanes are merged in double
template <class T>
inline constexpr int64_t kBlock = kLanes<T>* kSteps;
// What is reduced without halving; a float32 is summed in double above a block anyway.
template <class T>
inline constexpr int64_t kLeaf = std::is_same_v<T, double> ? 1024 : 4096;
// A single result is computed in parts of this many elements.
constexpr int64_t kPart = 65536;

template <class T>
inline constexpr bool kReal = std::is_floating_point_v<T>;
template <class T>
using Wide = std::conditional_t<kReal<T>, double, int64_t>;
template <class T>
using WideLane = std::conditional_t<kReal<T>, T, int64_t>;

// Numbers and vectors alike.
template <class M, class V>
inline __attribute__((always_inline)) V pick(M mask, V a, V b) {
  return mask ? a : b;
}
template <class V>
inline __attribute__((always_inline)) V magnitude(V x) {
  return pick(x < V{}, -x, x);
}

// A reduction of T: Lane is what a lane holds over a block, Acc what blocks are merged into.
// `step` takes one element, `join` two lanes (both also vectors of T where kVector is set),
// `merge` two Accs; an element equal to neutral() changes nothing.
template <class T>
struct Stateless {
  explicit Stateless(double) {}
  static constexpr bool kVector = kReal<T>;
};

template <class T>
struct Sum : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = WideLane<T>;
  using Acc = Wide<T>;
  using Out = WideLane<T>;
  static Lane lane() { return 0; }
  static Acc acc() { return 0; }
  static T neutral() { return 0; }
  template <class V, class X>
  V step(V a, X x) const {
    if constexpr (kReal<T>)
      return a + x;
    else
      return math::Add{}(a, static_cast<V>(x));
  }
  template <class V>
  V join(V a, V b) const {
    return a + b;
  }
  Acc merge(Acc a, Acc b) const { return math::Add{}(a, b); }
  Out finish(Acc a, int64_t) const { return static_cast<Out>(a); }
};

template <class T>
struct NanSum : Sum<T> {
  using Sum<T>::Sum;
  template <class V, class X>
  V step(V a, X x) const {
    if constexpr (kReal<T>)
      return a + pick(x == x, x, X{});
    else
      return math::Add{}(a, static_cast<V>(x));
  }
};

// Integers up to 32 bits are summed exactly.
template <class T>
struct Mean : Sum<T> {
  using Sum<T>::Sum;
  static constexpr bool kExact = !kReal<T> && sizeof(T) < 8;
  using Lane = std::conditional_t<kReal<T>, T, std::conditional_t<kExact, int64_t, double>>;
  using Acc = std::conditional_t<kExact, int64_t, double>;
  using Out = std::conditional_t<kReal<T>, T, double>;
  static Lane lane() { return 0; }
  static Acc acc() { return 0; }
  template <class V, class X>
  V step(V a, X x) const {
    if constexpr (kReal<T>)
      return a + x;
    else
      return a + static_cast<V>(x);
  }
  Acc merge(Acc a, Acc b) const { return a + b; }
  Out finish(Acc a, int64_t n) const {
    return static_cast<Out>(static_cast<double>(a) / static_cast<double>(n));
  }
};

template <class T>
struct Prod : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = WideLane<T>;
  using Acc = Wide<T>;
  using Out = WideLane<T>;
  static Lane lane() { return 1; }
  static Acc acc() { return 1; }
  static T neutral() { return 1; }
  template <class V, class X>
  V step(V a, X x) const {
    if constexpr (kReal<T>)
      return a * x;
    else
      return math::Mul{}(a, static_cast<V>(x));
  }
  template <class V>
  V join(V a, V b) const {
    return a * b;
  }
  Acc merge(Acc a, Acc b) const { return math::Mul{}(a, b); }
  Out finish(Acc a, int64_t) const { return static_cast<Out>(a); }
};

template <class T, bool kMax>
struct Extreme : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = T;
  using Acc = T;
  using Out = T;
  static T neutral() {
    using L = std::numeric_limits<T>;
    if constexpr (L::has_infinity) return kMax ? -L::infinity() : L::infinity();
    return kMax ? L::lowest() : L::max();
  }
  static T lane() { return neutral(); }
  static T acc() { return neutral(); }
  template <class V>
  V step(V a, V x) const {
    if constexpr (kReal<T>)
      return pick((kMax ? x > a : x < a) | (x != x), x, a);
    else
      return (kMax ? x > a : x < a) ? x : a;
  }
  template <class V>
  V join(V a, V b) const {
    return step(a, b);
  }
  T merge(T a, T b) const { return step(a, b); }
  T finish(T a, int64_t) const { return a; }
};
template <class T>
struct Max : Extreme<T, true> {
  using Extreme<T, true>::Extreme;
};
template <class T>
struct Min : Extreme<T, false> {
  using Extreme<T, false>::Extreme;
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
template <class T>
struct CountNonzero : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = int64_t;
  using Acc = int64_t;
  using Out = int64_t;
  static Lane lane() { return 0; }
  static Acc acc() { return 0; }
  Lane step(Lane a, T x) const { return a + (x != T(0)); }
  Acc merge(Acc a, Acc b) const { return a + b; }
  Out finish(Acc a, int64_t) const { return a; }
};

// Squares and powers of a float32 are summed in double: they neither overflow nor vanish on the
// way.
enum class NormKind { kZero, kOne, kTwo, kAny };
template <class T, NormKind kKind>
struct NormSum {
  T p;
  explicit NormSum(double power) : p(static_cast<T>(power)) {}
  static constexpr bool kPowers = kKind == NormKind::kTwo || kKind == NormKind::kAny;
  static constexpr bool kVector =
      kKind != NormKind::kAny && !(kPowers && std::is_same_v<T, float>);
  using Lane = std::conditional_t<kPowers, double, T>;
  using Acc = double;
  using Out = T;
  static Lane lane() { return 0; }
  static Acc acc() { return 0; }
  static T neutral() { return 0; }
  template <class V, class X>
  V step(V a, X x) const {
    if constexpr (kKind == NormKind::kZero) {
      return a + pick(x != X{}, X{} + 1, X{});
    } else if constexpr (kKind == NormKind::kOne) {
      return a + magnitude(x);
    } else if constexpr (kKind == NormKind::kAny) {
      return a + static_cast<double>(std::pow(std::fabs(x), p));
    } else if constexpr (kVector) {
      return a + x * x;
    } else {
      double wide = x;
      return a + wide * wide;
    }
  }
  template <class V>
  V join(V a, V b) const {
    return a + b;
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
template <class T, bool kMax>
struct NormExtreme : Extreme<T, kMax> {
  using Extreme<T, kMax>::Extreme;
  static T neutral() { return kMax ? T(0) : std::numeric_limits<T>::infinity(); }
  static T lane() { return neutral(); }
  static T acc() { return neutral(); }
  template <class V>
  V step(V a, V x) const {
    return Extreme<T, kMax>::step(a, magnitude(x));
  }
};

template <class T>
inline __attribute__((always_inline)) Vector<T> load(const T* x) {
  Vector<T> v;
  std::memcpy(&v, x, sizeof v);
  return v;
}
// n < kWidth elements, then `fill`
template <class T>
inline Vector<T> load(const T* x, int64_t n, T fill) {
  T v[kWidth<T>];
  for (int i = 0; i < kWidth<T>; ++i) v[i] = fill;
  std::memcpy(v, x, n * sizeof(T));
  return load(v);
}

// n elements at `stride` bytes, next to each other.
template <class T>
const T* gather(const char* in, int64_t stride, int64_t n, T* buffer) {
  if (stride == sizeof(T)) return reinterpret_cast<const T*>(in);
  for (int64_t i = 0; i < n; ++i) buffer[i] = *reinterpret_cast<const T*>(in + i * stride);
  return buffer;
}

template <class Acc, class F>
Acc merge_tree(const F& f, Acc* accs, int n) {
  for (int w = n / 2; w > 0; w /= 2) {
    for (int l = 0; l < w; ++l) accs[l] = f.merge(accs[l], accs[l + w]);
  }
  return accs[0];
}

template <class F, class T>
typename F::Acc reduce_vectors(const F& f, const T* x, int64_t n) {
  using V = Vector<T>;
  constexpr int kChains = kLanes<T> / kWidth<T>, kLeft = kLanes<T> / 4;
  typename F::Acc accs[kLeft];
  for (auto& a : accs) a = F::acc();
  const V first = V{} + F::lane();
  while (n > 0) {
    V chain[kChains];
    for (V& c : chain) c = first;
    int64_t rows = std::min<int64_t>(n / kLanes<T>, kSteps);
    for (int64_t r = 0; r < rows; ++r, x += kLanes<T>) {
      for (int c = 0; c < kChains; ++c) chain[c] = f.step(chain[c], load(x + c * kWidth<T>));
    }
    n -= rows * kLanes<T>;
    if (rows < kSteps) {
      for (int c = 0; c * kWidth<T> < n; ++c) {
        const T* at = x + c * kWidth<T>;
        int64_t left = n - c * kWidth<T>;
        chain[c] = f.step(chain[c], left >= kWidth<T> ? load(at) : load(at, left, F::neutral()));
      }
      n = 0;
    }
    for (int c = 0; c < kChains / 2; ++c) chain[c] = f.join(chain[c], chain[c + kChains / 2]);
    for (int c = 0; c < kChains / 4; ++c) chain[c] = f.join(chain[c], chain[c + kChains / 4]);
    T lanes[kLeft];
    std::memcpy(lanes, chain, sizeof lanes);
    for (int l = 0; l < kLeft; ++l)
      accs[l] = f.merge(accs[l], static_cast<typename F::Acc>(lanes[l]));
  }
  return merge_tree(f, accs, kLeft);
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
    }
    constexpr int kFew = 16;
    Lane lanes[kFew];
    for (Lane& l : lanes) l = F::lane();
    int64_t i = 0;
    for (; i + kFew <= n; i += kFew) {
      for (int l = 0; l < kFew; ++l) lanes[l] = f.step(lanes[l], x[i + l]);
    }
    if (i == 0) {
      for (; i < n; ++i) lanes[0] = f.step(lanes[0], x[i]);
      return static_cast<Acc>(lanes[0]);
    }
    for (int l = 0; i < n; ++i, ++l) lanes[l] = f.step(lanes[l], x[i]);
    Acc accs[kFew];
    for (int l = 0; l < kFew; ++l) accs[l] = static_cast<Acc>(lanes[l]);
    return merge_tree(f, accs, kFew);
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

// Calls row(start, n) for the pieces of the innermost reduced dimension that make up the elements
// [begin, end), in row-major order, of the result whose first element is at `in`.
template <class Row>
void for_rows(const kernels::ReducePlan& p, const char* in, int64_t begin, int64_t end, Row&& row) {
  int dims = p.reduced.size();
  if (dims == 0) {
    if (begin < end) row(in, int64_t{1});
    return;
  }
  int64_t inner = p.reduced[dims - 1], stride = p.reduced_in[dims - 1];
  if (dims == 1) return row(in + begin * stride, end - begin);
  Odometer o{p.reduced, p.reduced_in, dims - 1};
  o.seek(begin / inner);
  int64_t skip = begin % inner;
  for (int64_t done = begin; done < end; o.next()) {
    int64_t n = std::min(inner - skip, end - done);
    row(in + o.offset + skip * stride, n);
    done += n;
    skip = 0;
  }
}

int64_t inner_stride(const kernels::ReducePlan& p) {
  return p.reduced.empty() ? 0 : p.reduced_in.back();
}

// Where there are few results of many elements each, one result is computed in several parts.
int64_t parts_of(int64_t results, int64_t count) {
  return results < 16 && count > kPart ? (count + kPart - 1) / kPart : 1;
}

template <class F, class T>
struct RowReducer {
  F f;
  using State = typename F::Acc;
  explicit RowReducer(const kernels::ReducePlan& p) : f(p.p) {}
  State range(const kernels::ReducePlan& p, const char* in, int64_t begin, int64_t end) const {
    State acc = F::acc();
    int64_t stride = inner_stride(p);
    for_rows(p, in, begin, end, [&](const char* x, int64_t n) {
      acc = f.merge(acc, reduce_row<F, T>(f, x, stride, n));
    });
    return acc;
  }
  void merge(State& a, const State& b) const { a = f.merge(a, b); }
  void finish(const kernels::ReducePlan& p, const State& a, int64_t out) const {
    *reinterpret_cast<typename F::Out*>(p.out + out) = f.finish(a, p.count);
  }
};

template <class Reducer>
void reduce_rows(const kernels::ReducePlan& p) {
  Reducer reducer(p);
  int64_t results = numel(p.kept), parts = parts_of(results, p.count);
  if (parts > 1) {
    auto partial = std::make_unique<typename Reducer::State[]>(results * parts);
    parallel_for(results * parts, 1, [&](int64_t b, int64_t e) {
      Odometer in{p.kept, p.kept_in};
      for (int64_t i = b; i < e; ++i) {
        in.seek(i / parts);
        int64_t begin = i % parts * kPart;
        partial[i] =
            reducer.range(p, p.in + in.offset, begin, std::min(p.count, begin + kPart));
      }
    });
    Odometer out{p.kept, p.kept_out};
    for (int64_t i = 0; i < results; ++i, out.next()) {
      for (int64_t k = 1; k < parts; ++k) reducer.merge(partial[i * parts], partial[i * parts + k]);
      reducer.finish(p, partial[i * parts], out.offset);
    }
    return;
  }
  int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, p.count));
  parallel_for(results, grain, [&](int64_t b, int64_t e) {
    Odometer in{p.kept, p.kept_in}, out{p.kept, p.kept_out};
    in.seek(b);
    out.seek(b);
    for (int64_t i = b; i < e; ++i, in.next(), out.next())
      reducer.finish(p, reducer.range(p, p.in + in.offset, 0, p.count), out.offset);
  });
}

// The innermost kept dimension lies densest in memory: a strip of results is reduced at once, a few
// rows at a time.
constexpr int kStrip = 256;
constexpr int kRows = 16;

// step(j, elements of column j in rows k ... k + 3) over all rows
template <class T, bool kDense, class Four, class One>
inline __attribute__((always_inline)) void walk_rows(const char* const* row, int rows,
                                                     int64_t step, int64_t m, Four&& four,
                                                     One&& one) {
  auto at = [&](const char* r, int64_t j) __attribute__((always_inline)) -> T {
    return kDense ? reinterpret_cast<const T*>(r)[j] : *reinterpret_cast<const T*>(r + j * step);
  };
  int k = 0;
  for (; k + 4 <= rows; k += 4) {
    const char *a = row[k], *b = row[k + 1], *c = row[k + 2], *d = row[k + 3];
#pragma GCC ivdep
    for (int64_t j = 0; j < m; ++j) four(j, at(a, j), at(b, j), at(c, j), at(d, j));
  }
  for (; k < rows; ++k) {
#pragma GCC ivdep
    for (int64_t j = 0; j < m; ++j) one(j, at(row[k], j));
  }
}

template <class F, class T>
struct ColumnReducer {
  F f;
  alignas(64) typename F::Acc accs[kStrip];
  explicit ColumnReducer(const kernels::ReducePlan& p) : f(p.p) {
    for (auto& a : accs) a = F::acc();
  }
  template <bool kDense>
  void add(const char* const* row, int rows, int64_t step, int64_t m) {
    alignas(64) typename F::Lane lanes[kStrip];
    for (int64_t j = 0; j < m; ++j) lanes[j] = F::lane();
    walk_rows<T, kDense>(
        row, rows, step, m,
        [&](int64_t j, T a, T b, T c, T d) __attribute__((always_inline)) {
          lanes[j] = f.step(f.step(f.step(f.step(lanes[j], a), b), c), d);
        },
        [&](int64_t j, T a) __attribute__((always_inline)) { lanes[j] = f.step(lanes[j], a); });
    for (int64_t j = 0; j < m; ++j)
      accs[j] = f.merge(accs[j], static_cast<typename F::Acc>(lanes[j]));
  }
  // lanes [0, m) and those of `o` from `from` on
  void merge(const ColumnReducer& o, int64_t from, int64_t m) {
    for (int64_t j = 0; j < m; ++j) accs[j] = f.merge(accs[j], o.accs[from + j]);
  }
  void fold(int64_t width, int64_t times) {
    for (int64_t k = 1; k < times; ++k) merge(*this, k * width, width);
  }
  void finish(const kernels::ReducePlan& p, int64_t out, int64_t step, int64_t m) const {
    for (int64_t j = 0; j < m; ++j)
      *reinterpret_cast<typename F::Out*>(p.out + out + j * step) = f.finish(accs[j], p.count);
  }
};

// Rows [begin, end) of a strip of m columns from `in`.
template <class T, class Strip>
void add_rows(Strip& strip, const Shape& reduced, const Shape& reduced_in, const char* in,
              int64_t step, int64_t m, int64_t begin, int64_t end) {
  Odometer r{reduced, reduced_in};
  r.seek(begin);
  while (begin < end) {
    const char* row[kRows];
    int rows = static_cast<int>(std::min<int64_t>(kRows, end - begin));
    for (int k = 0; k < rows; ++k, r.next()) row[k] = in + r.offset;
    if (step == sizeof(T))
      strip.template add<true>(row, rows, step, m);
    else
      strip.template add<false>(row, rows, step, m);
    begin += rows;
  }
}

template <class T, class Strip>
void reduce_columns(const kernels::ReducePlan& p) {
  int last = p.kept.size() - 1;
  int64_t width = p.kept[last], in_step = p.kept_in[last], out_step = p.kept_out[last];
  Shape outer(p.kept.begin(), last), outer_in(p.kept_in.begin(), last),
      outer_out(p.kept_out.begin(), last);
  int64_t strips = (width + kStrip - 1) / kStrip, all = numel(outer) * strips;
  int64_t per_row = std::min<int64_t>(width, kStrip);
  int64_t part = std::max<int64_t>(kPart / per_row, kRows) / kRows * kRows;
  int64_t parts = all < 16 && p.count > 2 * part ? (p.count + part - 1) / part : 1;
  // Rows that are narrow and lie one behind the other are taken several at a time.
  int64_t fold = 1;
  if (p.reduced.size() == 1 && in_step == sizeof(T) &&
      p.reduced_in[0] == width * static_cast<int64_t>(sizeof(T))) {
    fold = kStrip / per_row;
  }
  auto take = [&](Strip& s, const char* in, int64_t m, int64_t begin, int64_t end) {
    if (fold > 1 && end - begin >= 2 * fold) {
      int64_t whole = (end - begin) / fold;
      Shape rows{whole}, stride{p.reduced_in[0] * fold};
      add_rows<T>(s, rows, stride, in + begin * p.reduced_in[0], in_step, m * fold, 0, whole);
      s.fold(m, fold);
      begin += whole * fold;
      if (begin == end) return;
      Strip rest(p);
      add_rows<T>(rest, p.reduced, p.reduced_in, in, in_step, m, begin, end);
      s.merge(rest, 0, m);
      return;
    }
    add_rows<T>(s, p.reduced, p.reduced_in, in, in_step, m, begin, end);
  };
  std::vector<Strip> partial(parts > 1 ? all * parts : 0, Strip(p));
  int64_t grain = std::max<int64_t>(1, 32768 / std::max<int64_t>(1, p.count * per_row));
  if (parts > 1) grain = 1;
  parallel_for(all * parts, grain, [&](int64_t b, int64_t e) {
    Odometer in{outer, outer_in}, out{outer, outer_out};
    for (int64_t i = b; i < e; ++i) {
      int64_t strip = i / parts, from = strip % strips * kStrip;
      in.seek(strip / strips);
      const char* x = p.in + in.offset + from * in_step;
      int64_t m = std::min<int64_t>(kStrip, width - from);
      if (parts > 1) {
        int64_t begin = i % parts * part;
        take(partial[i], x, m, begin, std::min(p.count, begin + part));
        continue;
      }
      Strip s(p);
      take(s, x, m, 0, p.count);
      out.seek(strip / strips);
      s.finish(p, out.offset + from * out_step, out_step, m);
    }
  });
  if (parts == 1) return;
  Odometer out{outer, outer_out};
  for (int64_t strip = 0; strip < all; ++strip) {
    int64_t from = strip % strips * kStrip, m = std::min<int64_t>(kStrip, width - from);
    Strip& s = partial[strip * parts];
    for (int64_t k = 1; k < parts; ++k) s.merge(partial[strip * parts + k], 0, m);
    out.seek(strip / strips);
    s.finish(p, out.offset + from * out_step, out_step, m);
  }
}

bool is_columns(const kernels::ReducePlan& p) {
  return !p.kept.empty() && !p.reduced.empty() &&
         std::abs(p.kept_in.back()) < std::abs(p.reduced_in.back());
}

template <class F, class T>
void reduce_kernel(const kernels::ReducePlan& p) {
  if (is_columns(p))
    reduce_columns<T, ColumnReducer<F, T>>(p);
  else
    reduce_rows<RowReducer<F, T>>(p);
}

template <class T>
void norm_kernel(const kernels::ReducePlan& p) {
  if (p.p == 2) return reduce_kernel<NormSum<T, NormKind::kTwo>, T>(p);
  if (p.p == 1) return reduce_kernel<NormSum<T, NormKind::kOne>, T>(p);
  if (p.p == 0) return reduce_kernel<NormSum<T, NormKind::kZero>, T>(p);
  if (std::isinf(p.p)) {
    if (p.p < 0) return reduce_kernel<NormExtreme<T, false>, T>(p);
    return reduce_kernel<NormExtreme<T, true>, T>(p);
  }
  reduce_kernel<NormSum<T, NormKind::kAny>, T>(p);
}

// Mean and sum of squared deviations of n elements. Those of a block are found in the cache, around
// its own mean, blocks are merged (T. Chan, G. Golub, R. LeVeque, "Algorithms for computing the
// sample variance", 1983): one pass over memory, and a large mean cancels nothing.
struct Moments {
  double n = 0, mean = 0, m2 = 0;
  void merge(const Moments& o) {
    if (o.n == 0) return;
    double total = n + o.n, weight = o.n / total, d = o.mean - mean;
    mean = n == 0 ? o.mean : mean + d * weight;
    m2 = n == 0 ? o.m2 : m2 + o.m2 + d * d * (n * weight);
    n = total;
  }
};

// The block of n elements around c, which is close to its mean: the corrected two-pass algorithm.
inline Moments around(double c, double n, double d, double d2) { return {n, c + d / n, d2 - d * d / n}; }

template <class T>
Moments moments_of(const T* x, int64_t n) {
  T inverse = T(1) / static_cast<T>(n), centre = 0;
  if (n < kLanes<T>) {
    for (int64_t i = 0; i < n; ++i) centre += x[i] * inverse;
    double d = 0, d2 = 0;
    for (int64_t i = 0; i < n; ++i) {
      double e = static_cast<double>(x[i]) - static_cast<double>(centre);
      d += e;
      d2 += e * e;
    }
    return around(centre, static_cast<double>(n), d, d2);
  }
  using V = Vector<T>;
  constexpr int kChains = kLanes<T> / kWidth<T> / 2, kStep = kChains * kWidth<T>;
  V sum[kChains] = {}, d[kChains] = {}, d2[kChains] = {};
  for (int64_t i = 0; i < n; i += kStep) {
    for (int c = 0; c < kChains; ++c) {
      int64_t at = i + c * kWidth<T>, left = n - at;
      if (left >= kWidth<T>)
        sum[c] += load(x + at) * inverse;
      else if (left > 0)
        sum[c] += load(x + at, left, T(0)) * inverse;
    }
  }
  T lanes[kStep];
  std::memcpy(lanes, sum, sizeof lanes);
  for (T s : lanes) centre += s;
  for (int64_t i = 0; i < n; i += kStep) {
    for (int c = 0; c < kChains; ++c) {
      int64_t at = i + c * kWidth<T>, left = n - at;
      if (left <= 0) break;
      V e = (left >= kWidth<T> ? load(x + at) : load(x + at, left, centre)) - centre;
      d[c] += e;
      d2[c] += e * e;
    }
  }
  double total = 0, squares = 0;
  std::memcpy(lanes, d, sizeof lanes);
  for (T s : lanes) total += static_cast<double>(s);
  std::memcpy(lanes, d2, sizeof lanes);
  for (T s : lanes) squares += static_cast<double>(s);
  return around(centre, static_cast<double>(n), total, squares);
}

void finish_moments(const kernels::ReducePlan& p, const Moments& m, double& mean, double& spread) {
  double divisor = static_cast<double>(p.count) - p.p;
  // too few elements give 0 / 0 = NaN, as in NumPy
  spread = m.m2 / (divisor > 0 ? divisor : 0.0);
  if (p.root) spread = std::sqrt(spread);
  mean = m.n > 0 ? m.mean : std::numeric_limits<double>::quiet_NaN();
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
  explicit RowMoments(const kernels::ReducePlan&) {}
  State range(const kernels::ReducePlan& p, const char* in, int64_t begin, int64_t end) const {
    constexpr int64_t kMost = 1024;
    State all;
    int64_t stride = inner_stride(p);
    for_rows(p, in, begin, end, [&](const char* x, int64_t n) {
      T buffer[kMost];
      for (int64_t i = 0; i < n; i += kMost) {
        int64_t m = std::min(kMost, n - i);
        all.merge(moments_of(gather(x + i * stride, stride, m, buffer), m));
      }
    });
    return all;
  }
  void merge(State& a, const State& b) const { a.merge(b); }
  void finish(const kernels::ReducePlan& p, const State& m, int64_t out) const {
    store_moments<T>(p, m, out);
  }
};

template <class T>
struct ColumnMoments {
  double n = 0;
  alignas(64) double mean[kStrip] = {}, m2[kStrip] = {};
  explicit ColumnMoments(const kernels::ReducePlan&) {}
  template <bool kDense>
  void add(const char* const* row, int rows, int64_t step, int64_t m) {
    alignas(64) T centre[kStrip], d[kStrip], d2[kStrip];
    T inverse = T(1) / static_cast<T>(rows);
    for (int64_t j = 0; j < m; ++j) centre[j] = d[j] = d2[j] = 0;
    walk_rows<T, kDense>(
        row, rows, step, m,
        [&](int64_t j, T a, T b, T c, T e) __attribute__((always_inline)) {
          centre[j] += (a * inverse + b * inverse) + (c * inverse + e * inverse);
        },
        [&](int64_t j, T a) __attribute__((always_inline)) { centre[j] += a * inverse; });
    walk_rows<T, kDense>(
        row, rows, step, m,
        [&](int64_t j, T a, T b, T c, T e) __attribute__((always_inline)) {
          T x = centre[j];
          a -= x, b -= x, c -= x, e -= x;
          d[j] += (a + b) + (c + e);
          d2[j] += (a * a + b * b) + (c * c + e * e);
        },
        [&](int64_t j, T a) __attribute__((always_inline)) {
          a -= centre[j];
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
      Moments a{n, mean[j], m2[j]};
      a.merge({o.n, o.mean[from + j], o.m2[from + j]});
      mean[j] = a.mean;
      m2[j] = a.m2;
    }
    n += o.n;
  }
  void fold(int64_t width, int64_t times) {
    double each = n;
    for (int64_t k = 1; k < times; ++k) {
      for (int64_t j = 0; j < width; ++j) {
        Moments a{n, mean[j], m2[j]};
        a.merge({each, mean[k * width + j], m2[k * width + j]});
        mean[j] = a.mean;
        m2[j] = a.m2;
      }
      n += each;
    }
  }
  void finish(const kernels::ReducePlan& p, int64_t out, int64_t step, int64_t m) const {
    for (int64_t j = 0; j < m; ++j) store_moments<T>(p, {n, mean[j], m2[j]}, out + j * step);
  }
};

template <class T>
void moments_kernel(const kernels::ReducePlan& p) {
  if (is_columns(p))
    reduce_columns<T, ColumnMoments<T>>(p);
  else
    reduce_rows<RowMoments<T>>(p);
}

// The first position of the largest (or smallest) of n elements, or of the first NaN.
template <class T, bool kMax>
int64_t arg_row(const char* in, int64_t stride, int64_t n) {
  using F = Extreme<T, kMax>;
  const F f(0);
  constexpr int64_t kMost = 1024;
  T buffer[kMost];
  auto element = [&](int64_t i) { return *reinterpret_cast<const T*>(in + i * stride); };
  T best = element(0);
  int64_t found = 0;  // start of the block that holds it
  if (n >= 16) {
    for (int64_t i = 0; i < n; i += kMost) {
      int64_t m = std::min(kMost, n - i);
      T x = reduce_leaf(f, gather(in + i * stride, stride, m, buffer), m);
      if ((kMax ? x > best : x < best) || x != x) {
        best = x;
        found = i;
        if (x != x) break;
      }
    }
    for (int64_t i = found;; ++i) {
      T x = element(i);
      if (x == best || (best != best && x != x)) return i;
    }
  }
  for (int64_t i = 1; i < n && best == best; ++i) {
    T x = element(i);
    if ((kMax ? x > best : x < best) || x != x) {
      best = x;
      found = i;
    }
  }
  return found;
}

// The innermost kept dimension lies densest: a strip of results at once, row by row.
template <class T, bool kMax>
void arg_columns(const kernels::ArgReducePlan& p) {
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
  auto store = [&](int64_t i, const char* in, int64_t at) {
    p.indices[i] = at;
    if (p.values)
      reinterpret_cast<T*>(p.values)[i] = *reinterpret_cast<const T*>(in + at * p.stride);
  };
  int64_t results = numel(p.kept), parts = parts_of(results, p.n);
  if (parts > 1) {
    std::vector<int64_t> found(results * parts);
    parallel_for(results * parts, 1, [&](int64_t b, int64_t e) {
      Odometer o{p.kept, p.kept_in};
      for (int64_t i = b; i < e; ++i) {
        o.seek(i / parts);
        int64_t begin = i % parts * kPart;
        found[i] = begin + arg_row<T, kMax>(p.in + o.offset + begin * p.stride, p.stride,
                                            std::min(kPart, p.n - begin));
      }
    });
    Odometer o{p.kept, p.kept_in};
    for (int64_t i = 0; i < results; ++i, o.next()) {
      const char* in = p.in + o.offset;
      auto element = [&](int64_t at) { return *reinterpret_cast<const T*>(in + at * p.stride); };
      int64_t at = found[i * parts];
      for (int64_t k = 1; k < parts && element(at) == element(at); ++k) {
        T x = element(found[i * parts + k]), best = element(at);
        if ((kMax ? x > best : x < best) || x != x) at = found[i * parts + k];
      }
      store(i, in, at);
    }
    return;
  }
  int64_t grain = std::max<int64_t>(1, 16384 / p.n);
  parallel_for(results, grain, [&](int64_t b, int64_t e) {
    Odometer o{p.kept, p.kept_in};
    o.seek(b);
    for (int64_t i = b; i < e; ++i, o.next())
      store(i, p.in + o.offset, arg_row<T, kMax>(p.in + o.offset, p.stride, p.n));
  });
}

template <template <class> class F, ReduceResult kResult, class T>
constexpr kernels::ReduceKernel* kernel_for() {
  if constexpr (is_half(dtype_of<T>))
    return nullptr;  // reduced in float32
  else if constexpr (kResult == ReduceResult::kFloating && !kReal<T>)
    return nullptr;  // reduced in float64
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
    t.arg_max[i] = &arg_kernel<ctype, true>;  \
    t.arg_min[i] = &arg_kernel<ctype, false>; \
  }                                         \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  return t;
}

}  // namespace

extern constinit const kernels::ReduceTable reduce = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
