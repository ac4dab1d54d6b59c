// Formulas on single numbers, written once for host and device. Maths knows no loops: kernels wrap
// these functors. They inline completely, so that every instruction-set variant vectorizes its own
// copy.
#pragma once
#include "torch/math_special.h"

namespace torch::math {

template <class T>
inline constexpr bool is_float =
    std::is_floating_point_v<T> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <class T>
inline constexpr bool is_bool = std::is_same_v<T, bool>;

// Integer arithmetic wraps, as in NumPy: it is done on the unsigned type, where C++ defines it.
template <class T>
using Wrapping = typename std::conditional_t<is_float<T> || is_bool<T>, std::type_identity<T>,
                                             std::make_unsigned<T>>::type;

#define TORCH_UNARY_STD(Functor, fn)   \
  struct Functor {                     \
    template <class T>                 \
    TORCH_HD T operator()(T x) const { \
      return std::fn(x);               \
    }                                  \
  };
TORCH_UNARY_STD(Sqrt, sqrt)
TORCH_UNARY_STD(Floor, floor)
TORCH_UNARY_STD(Ceil, ceil)
TORCH_UNARY_STD(Round, nearbyint)
TORCH_UNARY_STD(Trunc, trunc)
#undef TORCH_UNARY_STD

// float32 through double: libm's own float32 versions are off by up to 3 ulp.
#define TORCH_UNARY_WIDE(Functor, fn)       \
  struct Functor {                          \
    template <class T>                      \
    TORCH_HD T operator()(T x) const {      \
      return T(fn(static_cast<double>(x))); \
    }                                       \
  };
#define TORCH_BINARY_WIDE(Functor, fn)                              \
  struct Functor {                                                  \
    template <class T>                                              \
    TORCH_HD T operator()(T x, T y) const {                         \
      return T(fn(static_cast<double>(x), static_cast<double>(y))); \
    }                                                               \
  };
TORCH_UNARY_WIDE(Lgamma, math::lgamma)
TORCH_UNARY_WIDE(Digamma, math::digamma)
TORCH_BINARY_WIDE(Atan2, std::atan2)
TORCH_BINARY_WIDE(LogAddExp, math::logaddexp)
TORCH_BINARY_WIDE(LogAddExp2, math::logaddexp2)
#undef TORCH_UNARY_WIDE
#undef TORCH_BINARY_WIDE

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

// `easy` says where `fast`, which is shorter or alone becomes vector code, gives the result: a loop
// over easy elements may call it alone.
struct Exp {
  TORCH_HD static bool easy(float x) { return x > -87.f && x < 88.f; }
  TORCH_HD static float fast(float x) { return exp_normal(x).hi; }
  template <class T>
  TORCH_HD T operator()(T x) const {
    return math::exp(x);
  }
};
#define TORCH_UNARY_FLOAT(Functor, for_float, fn)                                   \
  TORCH_UNARY(Functor, if constexpr (std::is_same_v<T, float>) return for_float(x); \
              else return fn(x);)
TORCH_UNARY_FLOAT(Log, log_float, math::log)
TORCH_UNARY_FLOAT(Log2, log2_float, math::log2)
TORCH_UNARY_FLOAT(Log10, log10_float, math::log10)
TORCH_UNARY_FLOAT(Log1p, log1p_float, math::log1p)
TORCH_UNARY_FLOAT(Exp2, exp2_float, math::exp2)
TORCH_UNARY_FLOAT(Asinh, asinh_float, math::asinh)
TORCH_UNARY_FLOAT(Acosh, acosh_float, math::acosh)
TORCH_UNARY_FLOAT(Atanh, atanh_float, math::atanh)
#undef TORCH_UNARY_FLOAT
#define TORCH_TRIGONOMETRIC(Functor, fn)                                          \
  struct Functor {                                                                \
    template <class T>                                                            \
    static constexpr bool easy(T x) {                                             \
      return x > T(-kReducible) && x < T(kReducible);                             \
    }                                                                             \
    TORCH_HD static float fast(float x) { return fn##_float(x); }                 \
    TORCH_HD static double fast(double x) { return fn##_double(x); }              \
    template <class T>                                                            \
    TORCH_HD T operator()(T x) const {                                            \
      return easy(x) ? fast(x) : static_cast<T>(std::fn(static_cast<double>(x))); \
    }                                                                             \
  };
TORCH_TRIGONOMETRIC(Sin, sin)
TORCH_TRIGONOMETRIC(Cos, cos)
TORCH_TRIGONOMETRIC(Tan, tan)
#undef TORCH_TRIGONOMETRIC
TORCH_UNARY(Expm1, return math::expm1(x);)
TORCH_UNARY(Sinh, return math::sinh(x);)
TORCH_UNARY(Cosh, return math::cosh(x);)
TORCH_UNARY(Asin, return math::asin(x);)
TORCH_UNARY(Acos, return math::acos(x);)
TORCH_UNARY(Atan, return math::atan(x);)
TORCH_UNARY(Erf, return math::erf(x);)
TORCH_UNARY(Erfc, return math::erfc(x);)
TORCH_UNARY(Erfinv, return math::erfinv(x);)
TORCH_UNARY(Tanh, return math::tanh(x);)
TORCH_UNARY(Sigmoid, return math::sigmoid(x);)
TORCH_UNARY(Deg2Rad, return x * T(0.017453292519943295);)
TORCH_UNARY(Rad2Deg, return x * T(57.29577951308232);)
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
TORCH_PREDICATE(IsPosInf, if constexpr (is_float<T>) return x == std::numeric_limits<T>::infinity();
                else return false;)
TORCH_PREDICATE(IsNegInf,
                if constexpr (is_float<T>) return x == -std::numeric_limits<T>::infinity();
                else return false;)
// comparing numbers makes vector code, looking at bits does not
TORCH_PREDICATE(SignBit, if constexpr (is_float<T>) return std::copysign(T(1), x) < T(0);
                else return x < T(0);)
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
      if constexpr (std::is_same_v<T, float>) return pow_float(x, y);
      return std::pow(x, y);
    } else {
      T r = T(1);
      for (T e = y; e > T(0); e = T(e >> 1)) {
        if (e & T(1)) r = Mul{}(r, x);
        x = Mul{}(x, x);
      }
      return r;
    })
// One condition, not two: loops vectorize.
TORCH_BINARY(Maximum, return ((x > y) | (x != x)) ? x : y;)
TORCH_BINARY(Minimum, return ((x < y) | (x != x)) ? x : y;)
// The NaN of one side does not count.
TORCH_BINARY(Fmax, return ((x > y) | (y != y)) ? x : y;)
TORCH_BINARY(Fmin, return ((x < y) | (y != y)) ? x : y;)
TORCH_BINARY(Copysign, return std::copysign(x, y);)
TORCH_BINARY(Heaviside, return x == T(0) ? y : x < T(0) ? T(0) : x > T(0) ? T(1) : x;)
TORCH_BINARY(Ldexp, if (!(std::trunc(y) == y &&
                          std::fabs(y) < std::numeric_limits<T>::infinity())) return x *
                        std::exp2(y);  // NaN, too
             return std::ldexp(x,
                               static_cast<int>(y<T(-5000) ? T(-5000) : y> T(5000) ? T(5000) : y));)
TORCH_BINARY(Hypot, return std::hypot(x, y);)
TORCH_BINARY(BitwiseAnd, return T(x & y);)
TORCH_BINARY(BitwiseOr, return T(x | y);)
TORCH_BINARY(BitwiseXor, return T(x ^ y);)
// A distance of the width or more (also a negative one, read as unsigned) shifts every bit out.
TORCH_BINARY(BitwiseLeftShift, return W(y) < sizeof(T) * 8 ? T(W(W(x) << W(y))) : T(0);)
TORCH_BINARY(BitwiseRightShift,
             return T(x >> (W(y) < sizeof(T) * 8 ? static_cast<int>(y) : int{sizeof(T) * 8 - 1})) &
                    T(W(y) < sizeof(T) * 8 || std::is_signed_v<T> ? -1 : 0);)
// Euclid's algorithm on the magnitudes, which fit the unsigned type.
TORCH_BINARY(
    Gcd, W a = x < T(0) ? W(W(0) - W(x)) : W(x); W b = y < T(0) ? W(W(0) - W(y)) : W(y);
    while (b != W(0)) {
      W r = W(a % b);
      a = b;
      b = r;
    } return T(a);)
TORCH_BINARY(Lcm, if (x == T(0) || y == T(0)) return T(0); W g = W(Gcd{}(x, y));
             W a = x < T(0) ? W(W(0) - W(x)) : W(x); W b = y < T(0) ? W(W(0) - W(y)) : W(y);
             return T(W(uint64_t(a / g) * uint64_t(b)));)
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

// The neighbour of x in the direction of y. float16 and bfloat16 have neighbours of their own.
struct Nextafter {
  static constexpr bool kHalves = true;
  template <class T>
  TORCH_HD T operator()(T x, T y) const {
    if constexpr (std::is_floating_point_v<T>) {
      return std::nextafter(x, y);
    } else {
      float a = x, b = y;
      if (a != a) return x;
      if (b != b || a == b) return y;
      T r = x;
      if (a == 0.f) {
        r.bits = static_cast<uint16_t>((y.bits & 0x8000u) | 1u);
      } else {  // the bits count magnitudes
        r.bits = static_cast<uint16_t>(((a < b) == (a > 0.f)) ? x.bits + 1u : x.bits - 1u);
      }
      return r;
    }
  }
};

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
    return Minimum{}(Maximum{}(x, lo), hi);
  }
};
struct Lerp {  // exact at both ends
  template <class T>
  TORCH_HD T operator()(T x, T end, T weight) const {
    return weight < T(0.5) ? x + weight * (end - x) : end - (T(1) - weight) * (end - x);
  }
};
struct NanToNum {
  template <class T>
  TORCH_HD T operator()(T x, T nan, T positive, T negative) const {
    constexpr T kInf = std::numeric_limits<T>::infinity();
    return x != x ? nan : x == kInf ? positive : x == -kInf ? negative : x;
  }
};
// NumPy's rule: the tolerance belongs to y, infinities are close to their equals only.
struct IsClose {
  template <class T>
  TORCH_HD bool operator()(T x, T y, T rtol, T atol) const {
    constexpr T kInf = std::numeric_limits<T>::infinity();
    T size = std::fabs(y);
    return (x == y) | ((std::fabs(x - y) <= atol + rtol * size) & (size < kInf));
  }
};
struct IsCloseOrNan {
  template <class T>
  TORCH_HD bool operator()(T x, T y, T rtol, T atol) const {
    return IsClose{}(x, y, rtol, atol) | ((x != x) & (y != y));
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
