// What reductions do with one element, one lane, one result.
#pragma once
#include <cmath>
#include <limits>
#include <type_traits>

#include "kernels/cpu/isa.h"
#include "torch/math.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

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
// `merge` two Accs; an element equal to neutral() changes nothing. Four steps at once are faster
// for some.
template <class T>
struct Stateless {
  explicit Stateless(double) {}
  static constexpr bool kVector = kReal<T>;
  static constexpr bool kExtreme = false;
};
template <class F, class L, class T>
inline __attribute__((always_inline)) L four_steps(const F& f, L lane, T a, T b, T c, T d) {
  if constexpr (requires { f.four(lane, a, b, c, d); })
    return f.four(lane, a, b, c, d);
  else
    return f.step(f.step(f.step(f.step(lane, a), b), c), d);
}

// A float64 sum with what its additions lost (D. Knuth, "The art of computer programming", volume
// 2, 4.2.2, theorem B): blocks are merged without an error of their own.
struct Compensated {
  double high = 0, low = 0;
  Compensated() = default;
  explicit Compensated(double v) : high(v) {}
  // beside an infinity what was lost is NaN
  explicit operator double() const { return low == low ? high + low : high; }
};
inline Compensated operator+(Compensated a, Compensated b) {
  Compensated s(a.high + b.high);
  double moved = s.high - a.high;
  s.low = a.low + b.low + ((a.high - (s.high - moved)) + (b.high - moved));
  return s;
}
template <class T>
using SumOf = std::conditional_t<std::is_same_v<T, double>, Compensated, Wide<T>>;

template <class T>
struct Sum : Stateless<T> {
  using Stateless<T>::Stateless;
  using Lane = WideLane<T>;
  using Acc = SumOf<T>;
  using Out = WideLane<T>;
  static Lane lane() { return 0; }
  static Acc acc() { return Acc(0); }
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
  Acc merge(Acc a, Acc b) const {
    if constexpr (kReal<T>)
      return a + b;
    else
      return math::Add{}(a, b);
  }
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
  using Acc = std::conditional_t<kExact, int64_t, SumOf<Lane>>;
  using Out = std::conditional_t<kReal<T>, T, double>;
  static Lane lane() { return 0; }
  static Acc acc() { return Acc(0); }
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
  static constexpr bool kVector = false, kExtreme = true;
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
  T step(T a, T x) const {
    if constexpr (kReal<T>)
      return ((kMax ? x > a : x < a) | (x != x)) ? x : a;
    else
      return (kMax ? x > a : x < a) ? x : a;
  }
  // Processors have an instruction for x > a ? x : a, which loses a NaN in x but not in a.
  template <class V>
  static V seen(V x) {
    return x;
  }
  template <class V>
  static V better(V x, V a) {
    return pick(kMax ? x > a : x < a, x, a);
  }
  T four(T lane, T a, T b, T c, T d) const {
    T best = better(better(better(a, b), better(c, d)), lane);
    if constexpr (kReal<T>) {
      bool nan = __builtin_isunordered(a, b) | __builtin_isunordered(c, d);
      return nan ? std::numeric_limits<T>::quiet_NaN() : best;
    }
    return best;
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

// kTwoWide squares a float32 in double, where nothing overflows or vanishes; powers are summed in
// double, too.
enum class NormKind { kZero, kOne, kTwo, kTwoWide, kAny };
template <class T, NormKind kKind>
struct NormSum {
  T p;
  explicit NormSum(double power) : p(static_cast<T>(power)) {}
  static constexpr bool kPowers = kKind == NormKind::kTwoWide || kKind == NormKind::kAny;
  static constexpr bool kVector = !kPowers;
  static constexpr bool kExtreme = false;
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
    } else if constexpr (kKind == NormKind::kTwo) {
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
    if constexpr (kKind == NormKind::kTwo || kKind == NormKind::kTwoWide)
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
  static V seen(V x) {
    return magnitude(x);
  }
  T step(T a, T x) const { return Extreme<T, kMax>::step(a, std::fabs(x)); }
  T four(T lane, T a, T b, T c, T d) const {
    return Extreme<T, kMax>::four(lane, std::fabs(a), std::fabs(b), std::fabs(c), std::fabs(d));
  }
};

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
