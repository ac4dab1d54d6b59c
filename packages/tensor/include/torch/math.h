// Formulas on single numbers, written once for host and device. Maths knows no loops: kernels wrap
// these functors. They inline completely, so that every instruction-set variant vectorizes its own
// copy.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "torch/half.h"

#ifdef __CUDACC__
#define TORCH_HD __host__ __device__ __forceinline__
#else
#define TORCH_HD inline __attribute__((always_inline))
#endif

namespace torch::math {

template <class To, class From>
TORCH_HD To bit_cast(From v) {
  To r;
  memcpy(&r, &v, sizeof r);
  return r;
}

template <class T>
inline constexpr bool is_float =
    std::is_floating_point_v<T> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <class T>
inline constexpr bool is_bool = std::is_same_v<T, bool>;

// Integer arithmetic wraps, as in NumPy: it is done on the unsigned type, where C++ defines it.
template <class T>
using Wrapping = typename std::conditional_t<is_float<T> || is_bool<T>, std::type_identity<T>,
                                             std::make_unsigned<T>>::type;

// float32 exponential, logarithm and tanh: polynomials of S. Moshier's Cephes library (expf, logf,
// tanhf) over the usual range reductions, without branches and calls, so that compilers turn the
// surrounding loop into vector code.
TORCH_HD float exp_float(float x) {
  constexpr float kRound = 12582912.f;  // 1.5 * 2^23: adding it rounds to a whole number
  float c = x > 89.f ? 89.f : x;        // NaN stays: the comparison is false
  c = c < -104.f ? -104.f : c;
  float n = c * 1.44269504088896341f + kRound - kRound;
  float r = c - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.f;
  // 2^n in two factors: n itself may lie beyond the exponents of normal numbers. NaN converts to
  // some integer, its p is NaN anyhow.
  int32_t k = static_cast<int32_t>(x == x ? n : 0.f);
  int32_t half = k >> 1;
  return p * bit_cast<float>((half + 127) << 23) * bit_cast<float>((k - half + 127) << 23);
}

TORCH_HD float log_float(float x) {
  bool tiny = x < 1.17549435e-38f;
  float scaled = tiny ? x * 8388608.f : x;     // denormals become normal
  uint32_t bits = bit_cast<uint32_t>(scaled);  // unsigned: differences wrap
  // mantissa in [sqrt(1/2), sqrt(2)), exponent accordingly
  int32_t e = static_cast<int32_t>(bits - 0x3f3504f3u) >> 23;
  float m = bit_cast<float>(bits - (static_cast<uint32_t>(e) << 23));
  float ef = static_cast<float>(e) - (tiny ? 23.f : 0.f);
  float r = m - 1.f;
  float z = r * r;
  float p = 7.0376836292e-2f;
  p = p * r - 1.1514610310e-1f;
  p = p * r + 1.1676998740e-1f;
  p = p * r - 1.2420140846e-1f;
  p = p * r + 1.4249322787e-1f;
  p = p * r - 1.6668057665e-1f;
  p = p * r + 2.0000714765e-1f;
  p = p * r - 2.4999993993e-1f;
  p = p * r + 3.3333331174e-1f;
  float y = r * z * p;
  y = y + ef * -2.12194440e-4f;
  y = y - 0.5f * z;
  float result = (r + y) + ef * 0.693359375f;
  constexpr float kInf = std::numeric_limits<float>::infinity();
  result = x == 0.f ? -kInf : result;
  result = x < 0.f ? std::numeric_limits<float>::quiet_NaN() : result;
  return (x == kInf || x != x) ? x : result;
}

TORCH_HD float tanh_float(float x) {
  float a = x < 0.f ? -x : x;
  float z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  float small = p * z * a + a;
  float large = 1.f - 2.f / (exp_float(a + a) + 1.f);
  return std::copysign(a < 0.625f ? small : large, x);
}

#define TORCH_UNARY_STD(Functor, fn)   \
  struct Functor {                     \
    template <class T>                 \
    TORCH_HD T operator()(T x) const { \
      return std::fn(x);               \
    }                                  \
  };
TORCH_UNARY_STD(Sqrt, sqrt)
TORCH_UNARY_STD(Expm1, expm1)
TORCH_UNARY_STD(Log1p, log1p)
TORCH_UNARY_STD(Sin, sin)
TORCH_UNARY_STD(Cos, cos)
TORCH_UNARY_STD(Tan, tan)
TORCH_UNARY_STD(Asin, asin)
TORCH_UNARY_STD(Acos, acos)
TORCH_UNARY_STD(Atan, atan)
TORCH_UNARY_STD(Sinh, sinh)
TORCH_UNARY_STD(Cosh, cosh)
TORCH_UNARY_STD(Erf, erf)
TORCH_UNARY_STD(Floor, floor)
TORCH_UNARY_STD(Ceil, ceil)
TORCH_UNARY_STD(Round, nearbyint)
TORCH_UNARY_STD(Trunc, trunc)
#undef TORCH_UNARY_STD

// UNARY(Name, body) and BINARY(Name, body) are functors over one dtype T.
#define TORCH_UNARY(Functor, ...)      \
  struct Functor {                     \
    template <class T>                 \
    TORCH_HD T operator()(T x) const { \
      __VA_ARGS__                      \
    }                                  \
  };
#define TORCH_PREDICATE(Functor, ...)     \
  struct Functor {                        \
    template <class T>                    \
    TORCH_HD bool operator()(T x) const { \
      __VA_ARGS__                         \
    }                                     \
  };
#define TORCH_BINARY(Functor, ...)          \
  struct Functor {                          \
    template <class T>                      \
    TORCH_HD T operator()(T x, T y) const { \
      using W = Wrapping<T>;                \
      static_cast<void>(sizeof(W));         \
      __VA_ARGS__                           \
    }                                       \
  };
#define TORCH_COMPARE(Functor, ...)            \
  struct Functor {                             \
    template <class T>                         \
    TORCH_HD bool operator()(T x, T y) const { \
      __VA_ARGS__                              \
    }                                          \
  };

TORCH_UNARY(Exp, if constexpr (std::is_same_v<T, float>) return exp_float(x);
            else return std::exp(x);)
TORCH_UNARY(Log, if constexpr (std::is_same_v<T, float>) return log_float(x);
            else return std::log(x);)
TORCH_UNARY(Tanh, if constexpr (std::is_same_v<T, float>) return tanh_float(x);
            else return std::tanh(x);)
TORCH_UNARY(Sigmoid, return T(1) / (T(1) + Exp{}(-x));)
TORCH_UNARY(Reciprocal, return T(1) / x;)
TORCH_UNARY(Rsqrt, return T(1) / std::sqrt(x);)
TORCH_UNARY(Frac, return x - std::trunc(x);)
TORCH_UNARY(Neg, if constexpr (is_float<T>) return -x;
            else return T(Wrapping<T>(0) - Wrapping<T>(x));)
TORCH_UNARY(Abs, if constexpr (is_float<T>) return std::fabs(x);
            else return x < T(0) ? Neg{}(x) : x;)
TORCH_UNARY(Sign, if (x != x) return x; return T(T(x > T(0)) - T(x < T(0)));)
TORCH_UNARY(BitwiseNot, if constexpr (is_bool<T>) return !x; else return T(~x);)

TORCH_PREDICATE(IsNan, return x != x;)
TORCH_PREDICATE(IsInf, if constexpr (is_float<T>) return std::fabs(x) ==
                           std::numeric_limits<T>::infinity();
                else return false;)
TORCH_PREDICATE(IsFinite,
                if constexpr (is_float<T>) return std::fabs(x) < std::numeric_limits<T>::infinity();
                else return true;)
TORCH_PREDICATE(LogicalNot, return x == T(0);)

TORCH_BINARY(Add, if constexpr (is_bool<T>) return x || y;
             else if constexpr (is_float<T>) return x + y; else return T(W(W(x) + W(y)));)
TORCH_BINARY(Sub, if constexpr (is_float<T>) return x - y; else return T(W(W(x) - W(y)));)
// 16-bit factors would be promoted to int and overflow there, hence the 64-bit product.
TORCH_BINARY(Mul, if constexpr (is_bool<T>) return x && y;
             else if constexpr (is_float<T>) return x * y;
             else return T(W(uint64_t(W(x)) * uint64_t(W(y))));)
TORCH_BINARY(Div, return x / y;)
TORCH_UNARY(Square, return Mul{}(x, x);)

// Quotient rounded down. Division by zero gives 0 for integers; the smallest number by -1 wraps.
TORCH_BINARY(
    FloorDivide,
    if constexpr (is_float<T>) {
      if (y == T(0)) return x / y;
      T r = std::fmod(x, y);
      T q = (x - r) / y;  // whole but for rounding
      if (r != T(0) && (r < T(0)) != (y < T(0))) q -= T(1);
      return q == T(0) ? std::copysign(T(0), x / y) : std::nearbyint(q);
    } else {
      if (y == T(0)) return T(0);
      if (std::is_signed_v<T> && y == T(-1)) return Neg{}(x);
      T q = T(x / y);
      return T(q - T((x % y != 0) && ((x < 0) != (y < 0))));
    })
TORCH_BINARY(Fmod, if constexpr (is_float<T>) return std::fmod(x, y);
             else return (y == T(0) || (std::is_signed_v<T> && y == T(-1))) ? T(0) : T(x % y);)
TORCH_BINARY(
    Remainder, T r = Fmod{}(x, y); if (r != T(0) && (r < T(0)) != (y < T(0))) r = T(r + y);
    if constexpr (is_float<T>) {
      if (r == T(0)) r = std::copysign(r, y);
    } return r;)
// Integers: squaring; a negative exponent is refused before any kernel runs.
TORCH_BINARY(
    Pow,
    if constexpr (is_float<T>) {
      if (y == T(2)) return x * x;
      return std::pow(x, y);
    } else {
      T r = T(1);
      for (T e = y; e > T(0); e = T(e >> 1)) {
        if (e & T(1)) r = Mul{}(r, x);
        x = Mul{}(x, x);
      }
      return r;
    })
TORCH_BINARY(Maximum, return (x > y || x != x) ? x : y;)
TORCH_BINARY(Minimum, return (x < y || x != x) ? x : y;)
TORCH_BINARY(Atan2, return std::atan2(x, y);)
TORCH_BINARY(Hypot, return std::hypot(x, y);)
TORCH_BINARY(BitwiseAnd, return T(x & y);)
TORCH_BINARY(BitwiseOr, return T(x | y);)
TORCH_BINARY(BitwiseXor, return T(x ^ y);)
TORCH_COMPARE(LogicalAnd, return x != T(0) && y != T(0);)
TORCH_COMPARE(LogicalOr, return x != T(0) || y != T(0);)
TORCH_COMPARE(LogicalXor, return (x != T(0)) != (y != T(0));)
TORCH_COMPARE(Eq, return x == y;)
TORCH_COMPARE(Ne, return x != y;)
TORCH_COMPARE(Lt, return x < y;)
TORCH_COMPARE(Le, return x <= y;)
TORCH_COMPARE(Gt, return x > y;)
TORCH_COMPARE(Ge, return x >= y;)

#undef TORCH_UNARY
#undef TORCH_PREDICATE
#undef TORCH_BINARY
#undef TORCH_COMPARE

struct AddScaled {
  template <class T>
  TORCH_HD T operator()(T x, T y, T value) const {
    return Add{}(x, Mul{}(value, y));
  }
};
struct SubScaled {
  template <class T>
  TORCH_HD T operator()(T x, T y, T value) const {
    return Sub{}(x, Mul{}(value, y));
  }
};
struct AddCMul {
  template <class T>
  TORCH_HD T operator()(T x, T value, T a, T b) const {
    return Add{}(x, Mul{}(value, Mul{}(a, b)));
  }
};
struct AddCDiv {
  template <class T>
  TORCH_HD T operator()(T x, T value, T a, T b) const {
    return x + value * (a / b);
  }
};
struct Clamp {
  template <class T>
  TORCH_HD T operator()(T x, T lo, T hi) const {
    T a = x < lo ? lo : x;
    return a > hi ? hi : a;
  }
};
struct Lerp {
  template <class T>
  TORCH_HD T operator()(T x, T end, T weight) const {
    return x + weight * (end - x);
  }
};
struct Threshold {
  template <class T>
  TORCH_HD T operator()(T x, T threshold, T value) const {
    return x <= threshold ? value : x;
  }
};
struct ThresholdInputGrad {
  template <class T>
  TORCH_HD T operator()(T g, T x, T threshold) const {
    return x <= threshold ? T(0) : g;
  }
};

}  // namespace torch::math
