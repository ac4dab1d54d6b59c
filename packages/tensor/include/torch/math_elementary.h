// Exponentials, logarithms, trigonometric and hyperbolic functions and their inverses on single
// numbers, without branches (conditions are joined by | and &, too) and calls, so that compilers
// turn the surrounding loop into vector code. They keep what the rows of unary.def promise;
// docs/accuracy.md has the measured errors. Coefficients whose source is not named are minimax
// polynomials found with Remez' algorithm in 90 digits; their errors are a small part of a unit in
// the last place. Functions called `_float` give the result of float32 from double, with short
// polynomials.
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

// A number as an unevaluated sum with twice the digits; |lo| is at most half a unit in the last
// place of hi. T. J. Dekker, "A floating-point technique for extending the available precision",
// 1971.
template <class T>
struct Pair {
  T hi, lo;
};

// a + b without error, for |a| >= |b| or a == 0.
template <class T>
TORCH_HD Pair<T> fast_sum(T a, T b) {
  T s = a + b;
  return {s, b - (s - a)};
}
template <class T>
TORCH_HD Pair<T> exact_sum(T a, T b) {
  T s = a + b, t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}
template <class T>
TORCH_HD Pair<T> exact_product(T a, T b) {
  T p = a * b;
  return {p, std::fma(a, b, -p)};
}
// The square root of x with twice the digits; 0 for 0.
TORCH_HD Pair<double> pair_sqrt(Pair<double> x) {
  double r = std::sqrt(x.hi);
  double lost = std::fma(-r, r, x.hi) + x.lo;
  return {r, lost / (r + r + std::numeric_limits<double>::min())};
}

// A polynomial, highest power first: the even and the odd powers run side by side, for a chain of
// multiplications would wait for each.
template <class T>
TORCH_HD T polynomial_pairs(T x, T, T odd, T even) {
  return odd * x + even;
}
template <class T, class... C>
TORCH_HD T polynomial_pairs(T x, T z, T odd, T even, double c, double d, C... rest) {
  return polynomial_pairs(x, z, odd * z + static_cast<T>(c), even * z + static_cast<T>(d), rest...);
}
template <class T>
TORCH_HD T horner(T, T p) {  // where terms of alternating signs would cancel between them
  return p;
}
template <class T, class... C>
TORCH_HD T horner(T x, T p, double c, C... rest) {
  return horner(x, p * x + static_cast<T>(c), rest...);
}
template <class T, class... C>
TORCH_HD T polynomial(T x, double c, double d, C... rest) {
  T z = x * x;
  if constexpr (sizeof...(C) % 2 == 0) {
    return polynomial_pairs(x, z, static_cast<T>(c), static_cast<T>(d), rest...);
  } else {
    return [&](double e, auto... others) __attribute__((always_inline)) {
      T even = static_cast<T>(c) * z + static_cast<T>(e);
      return polynomial_pairs(x, z, static_cast<T>(d), even, others...);
    }(rest...);
  }
}

// exp(x) = (hi + lo) * scale1 * scale2; two factors, because 2^n itself may lie beyond the
// exponents of normal numbers. Without branches and calls, so that compilers turn the surrounding
// loop into vector code.
template <class T>
struct ExpParts {
  T hi, lo, scale1, scale2;
};

// exp(r) for |r| <= ln(2) / 2: the polynomial of S. Moshier's Cephes library (expf).
TORCH_HD Pair<float> exp_reduced(float r) {
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  Pair<float> sum = fast_sum(1.f, r);
  return fast_sum(sum.hi, p * (r * r) + sum.lo);
}
// Adding kRound rounds to a whole number, which then stands in the low bits: integers of NaN are
// undefined, and double has no conversion to 64 bits in vectors before AVX-512.
template <class T>
inline constexpr T kRound = T(std::is_same_v<T, float> ? 12582912.0 : 6755399441055744.0);
// 2^k for the whole number k in the low bits of `shifted`; normal numbers only.
TORCH_HD float power_of_two(float shifted) {
  uint32_t k = bit_cast<uint32_t>(shifted) - bit_cast<uint32_t>(kRound<float>);
  return bit_cast<float>((k + 127u) << 23);
}
TORCH_HD double power_of_two(double shifted) {
  uint64_t k = bit_cast<uint64_t>(shifted) - bit_cast<uint64_t>(kRound<double>);
  return bit_cast<double>((k + 1023u) << 52);
}

// x = k ln(2) + r + lost with |r| <= ln(2) / 2.
template <class T>
struct ExpReduced {
  T shifted, k, r, lost;
};
TORCH_HD ExpReduced<float> exp_reduce(float x) {
  float shifted = x * 1.44269504088896341f + kRound<float>, k = shifted - kRound<float>;
  float r = x - k * 0.693359375f;
  return {shifted, k, r - k * -2.12194440e-4f, 0.f};
}
TORCH_HD ExpParts<float> exp_parts(float x) {
  float c = x > 89.f ? 89.f : x;  // NaN stays: the comparison is false
  c = c < -104.f ? -104.f : c;
  ExpReduced<float> e = exp_reduce(c);
  Pair<float> p = exp_reduced(e.r);
  float halved = e.k * 0.5f + kRound<float>;
  return {p.hi, p.lo, power_of_two(halved), power_of_two(e.shifted - (halved - kRound<float>))};
}

TORCH_HD ExpReduced<double> exp_reduce(double x, double low = 0) {
  double shifted = x * 1.4426950408889634 + kRound<double>, k = shifted - kRound<double>;
  double exact = x - k * 0.6931471803691238;  // ln(2) in two parts; the first has 32 bits
  double rest = low - k * 1.9082149292705877e-10;
  double r = exact + rest;
  return {shifted, k, r, rest - (r - exact)};
}
// (exp(r) - 1 - r) / r^2 on [-ln(2)/2, ln(2)/2].
TORCH_HD double exp_tail(double r) {
  return polynomial(r, 2.0925642849005746e-09, 2.51119668386997e-08, 2.7557238831612043e-07,
                    2.7557235135725335e-06, 2.4801587364855025e-05, 0.00019841269895999475,
                    0.001388888888886534, 0.008333333333317261, 0.0416666666666667,
                    0.16666666666666682, 0.5);
}
TORCH_HD double exp_tail_float(double r) {
  return polynomial(r, 0.0001991400308460211, 0.001394096936547548, 0.00833327335472629,
                    0.04166635530942757, 0.166666668158258, 0.5000000046179158);
}

// exp(x + low) for a `low` below the last place of x.
TORCH_HD ExpParts<double> exp_parts(double x, double low = 0) {
  double c = x > 710.0 ? 710.0 : x;
  c = c < -746.0 ? -746.0 : c;
  ExpReduced<double> e = exp_reduce(c, low);
  double r = e.r;
  Pair<double> sum = fast_sum(1.0, r);
  Pair<double> both = fast_sum(sum.hi, exp_tail(r) * (r * r) + (sum.lo + e.lost));
  double halved = e.k * 0.5 + kRound<double>;
  return {both.hi, both.lo, power_of_two(halved),
          power_of_two(e.shifted - (halved - kRound<double>))};
}

template <class T>
TORCH_HD T exp(T x) {
  ExpParts<T> e = exp_parts(x);
  return e.hi * e.scale1 * e.scale2;
}

// exp(x) * 2^shift where the result is a normal number.
TORCH_HD Pair<float> exp_normal(float x, float shift) {
  ExpReduced<float> e = exp_reduce(x);
  Pair<float> p = exp_reduced(e.r);
  float scale = power_of_two(e.shifted + shift);
  return {p.hi * scale, p.lo * scale};
}
TORCH_HD Pair<float> exp_normal(float x) {
  ExpReduced<float> e = exp_reduce(x);
  Pair<float> p = exp_reduced(e.r);
  float scale = power_of_two(e.shifted);
  return {p.hi * scale, p.lo * scale};
}
TORCH_HD Pair<double> exp_normal(double x, double shift = 0) {
  ExpReduced<double> e = exp_reduce(x);
  Pair<double> p = fast_sum(1.0, e.r + (exp_tail(e.r) * (e.r * e.r) + e.lost));
  double scale = power_of_two(e.shifted + shift);
  return {p.hi * scale, p.lo * scale};
}

// exp(x + low) for -88.3 < x <= 0 and a `low` below the last place of x; 0 where it is not a normal
// number, below -87.7. Half the time of exp, whose result may lie anywhere.
TORCH_HD float exp_down(float x, float low = 0) {
  ExpReduced<float> e = exp_reduce(x);
  float r = e.r + low;
  float p =
      polynomial(r, 0.001381879704, 0.008368000626, 0.04166823123, 0.1666652906, 0.4999999467);
  return (1.f + (p * (r * r) + r)) * power_of_two(e.shifted);
}
TORCH_HD float exp_of_negative(float x) { return exp_down(x < -88.f ? -88.f : x); }
TORCH_HD double exp_of_negative(double x) { return exp(x); }

TORCH_HD float exp2_float(float x) {
  float c = x > 129.f ? 129.f : x;
  c = c < -151.f ? -151.f : c;
  float shifted = c + kRound<float>, k = shifted - kRound<float>;
  float halved = k * 0.5f + kRound<float>;
  return exp_reduced((c - k) * 0.6931471805599453f).hi * power_of_two(halved) *
         power_of_two(shifted - (halved - kRound<float>));
}
TORCH_HD double exp2(double x) {
  double c = x > 1025.0 ? 1025.0 : x;
  c = c < -1076.0 ? -1076.0 : c;
  double k = c + kRound<double> - kRound<double>, halved = k * 0.5 + kRound<double>;
  double f = c - k, r = f * 0.6931471805599453;
  double lost = std::fma(f, 0.6931471805599453, -r);
  double p = 1.0 + (r + (exp_tail(r) * (r * r) + lost));
  return p * power_of_two(halved) * power_of_two(k - (halved - kRound<double>)+kRound<double>);
}

// exp(x) - 1 = 2^k (q + 1 - 2^-k), where q = exp(r) - 1 keeps the digits of small x.
TORCH_HD double expm1(double x) {
  double c = x > 710.0 ? 710.0 : x;
  c = c < -40.0 ? -40.0 : c;
  ExpReduced<double> e = exp_reduce(c);
  double q_lo = exp_tail(e.r) * (e.r * e.r) + e.lost;
  double halved = e.k * 0.5 + kRound<double>;
  double down = power_of_two((e.k > 100.0 ? -100.0 : -e.k) + kRound<double>);
  Pair<double> s = fast_sum(1.0 - down, e.r);
  double y = (s.hi + (s.lo + q_lo)) * power_of_two(halved) *
             power_of_two(e.shifted - (halved - kRound<double>));
  return x == 0.0 ? x : y;
}
TORCH_HD double expm1_short(double x) {  // for |x| up to 128
  ExpReduced<double> e = exp_reduce(x);
  double up = power_of_two(e.shifted);
  return (exp_tail_float(e.r) * (e.r * e.r) + e.r) * up + (up - 1.0);
}
TORCH_HD float expm1(float x) {
  double c = x > 90.f ? 90.f : x;
  c = c < -90.0 ? -90.0 : c;
  float y = static_cast<float>(expm1_short(c));
  return x == 0.f ? x : y;
}

// sinh(x) and cosh(x) from those of r with x = k ln(2) + r: with a, b = (2^k +- 2^-k) / 2 they are
// a sinh(r) + b cosh(r) and a cosh(r) + b sinh(r), where nothing cancels. All is divided by 8, for
// 2^k may lie beyond the exponents.
struct HyperbolicParts {
  double a, b, r, lost, z;
};
TORCH_HD HyperbolicParts hyperbolic_parts(double x) {
  double c = x < 0.0 ? -x : x;
  c = c > 711.0 ? 711.0 : c;
  ExpReduced<double> e = exp_reduce(c);
  double up = power_of_two(e.shifted - 4.0);
  double down = power_of_two((e.k > 100.0 ? -104.0 : -4.0 - e.k) + kRound<double>);
  return {up + down, up - down, e.r, e.lost, e.r * e.r};
}
TORCH_HD double sinh(double x) {
  HyperbolicParts h = hyperbolic_parts(x);
  double s = polynomial(h.z, 2.510871398101228e-08, 2.7557245211495513e-06, 0.0001984126988503087,
                        0.00833333333332212, 0.16666666666666677);
  double c = polynomial(h.z, 2.092413618802508e-09, 2.7557242908060217e-07, 2.480158736186316e-05,
                        0.0013888888888864944, 0.04166666666666671, 0.5);
  Pair<double> t = fast_sum(h.b, h.a * h.r);
  double y = t.hi + (t.lo + (h.a * (s * (h.r * h.z) + h.lost) + h.b * (c * h.z)));
  return x * x < 0x1p-60 ? x : std::copysign(y * 8.0, x);
}
TORCH_HD double cosh(double x) {
  HyperbolicParts h = hyperbolic_parts(x);
  double s = polynomial(h.z, 2.510871398101228e-08, 2.7557245211495513e-06, 0.0001984126988503087,
                        0.00833333333332212, 0.16666666666666677);
  double c = polynomial(h.z, 2.092413618802508e-09, 2.7557242908060217e-07, 2.480158736186316e-05,
                        0.0013888888888864944, 0.04166666666666671, 0.5);
  Pair<double> t = fast_sum(h.a, h.b * h.r);
  double y = t.hi + (t.lo + (h.b * (s * (h.r * h.z) + h.lost) + h.a * (c * h.z)));
  return y * 8.0;
}
TORCH_HD float sinh(float x) {
  double a = x < 0.f ? -x : x;
  double u = expm1_short(a > 90.0 ? 90.0 : a);
  float y = static_cast<float>(0.5 * (u + u / (u + 1.0)));
  return x == 0.f ? x : std::copysign(y, x);
}
TORCH_HD float cosh(float x) {
  double a = x < 0.f ? -x : x;
  double u = expm1_short(a > 90.0 ? 90.0 : a) + 1.0;
  return static_cast<float>(0.5 * (u + 1.0 / u));
}

// log(x) to 1e-11 for the numbers of float32, which are all normal here:
// 2 atanh((m - 1) / (m + 1)) of the mantissa m, by its series (Abramowitz and Stegun 4.1.27).
struct LogParts {
  double exponent, mantissa;  // log2 of the power of 2, natural logarithm of m
};
TORCH_HD LogParts log_parts(double x) {
  uint64_t bits = bit_cast<uint64_t>(x);
  constexpr uint64_t kRoot = 0x3fe6a09e00000000;  // about sqrt(1/2)
  uint64_t e = (bits - kRoot) >> 52;              // 12 bits, which wrap below 0
  double m = bit_cast<double>(bits - (e << 52));
  // e + 2048 in the low bits of 2^52 makes a number of it
  double exponent = bit_cast<double>(0x4330000000000000 | ((e + 2048) & 4095)) - 4503599627372544.0;
  double s = (m - 1.0) / (m + 1.0), z = s * s;
  double p = 2.0 / 11;
  p = p * z + 2.0 / 9;
  p = p * z + 2.0 / 7;
  p = p * z + 2.0 / 5;
  p = p * z + 2.0 / 3;
  return {exponent, s * (p * z + 2.0)};
}
// The values at 0, below it, at infinity and NaN.
template <class T>
TORCH_HD T log_limits(T x, double y) {
  constexpr T kInf = std::numeric_limits<T>::infinity();
  T r = static_cast<T>(y);
  r = x == T(0) ? -kInf : r;
  r = x < T(0) ? std::numeric_limits<T>::quiet_NaN() : r;
  return ((x == kInf) | (x != x)) ? x : r;
}
TORCH_HD float log2_float(float x) {
  LogParts l = log_parts(x);
  return log_limits(x, l.exponent + l.mantissa * 1.4426950408889634);
}
TORCH_HD float log10_float(float x) {
  LogParts l = log_parts(x);
  return log_limits(x, l.exponent * 0.30102999566398120 + l.mantissa * 0.43429448190325183);
}
// log(1 + x) without the values at the limits.
TORCH_HD double log1p_short(double x) {
  double u = 1.0 + x, lost = x - (u - 1.0);
  LogParts l = log_parts(u);
  return l.exponent * 0.6931471805599453 + l.mantissa + (u < 2.0 ? lost : 0.0);
}
TORCH_HD float log1p_float(float x) {
  double y = log1p_short(x);
  float r = log_limits(1.f + x, y);
  return x == 0.f ? x : r;  // keeps the sign
}
TORCH_HD float asinh_float(float x) {
  double a = x < 0.f ? -x : x, z = a * a;
  float y = static_cast<float>(log1p_short(a + z / (1.0 + std::sqrt(1.0 + z))));
  constexpr float kInf = std::numeric_limits<float>::infinity();
  return ((x == 0.f) | (x != x) | (a == kInf)) ? x : std::copysign(y, x);
}
TORCH_HD float acosh_float(float x) {
  double t = static_cast<double>(x) - 1.0;
  float y = static_cast<float>(log1p_short(t + std::sqrt(t * (t + 2.0))));
  constexpr float kInf = std::numeric_limits<float>::infinity();
  y = x < 1.f ? std::numeric_limits<float>::quiet_NaN() : y;
  return ((x == kInf) | (x != x)) ? x : y;
}
TORCH_HD float atanh_float(float x) {
  double a = x < 0.f ? -x : x;
  float y = static_cast<float>(0.5 * log1p_short(2.0 * a / (1.0 - a)));
  y = a == 1.0 ? std::numeric_limits<float>::infinity() : y;
  y = a > 1.0 ? std::numeric_limits<float>::quiet_NaN() : y;
  return ((x == 0.f) | (x != x)) ? x : std::copysign(y, x);
}

// exp(y log|x|) in double; the special cases of C's pow by choices: 1 for y == 0 and x == 1, the
// limits of 0 and infinity by a large logarithm, for negative x the sign of an odd y and NaN
// where y is not whole.
TORCH_HD float pow_float(float x, float y) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  float a = x < 0.f ? -x : x;
  LogParts l = log_parts(a);
  double log = l.exponent * 0.6931471805599453 + l.mantissa;
  log = a == 0.f ? -0x1p900 : log;
  log = a == kInf ? 0x1p900 : log;
  double t = static_cast<double>(y) * log;
  t = a == 1.f ? 0.0 : t;  // also for an infinite y
  t = t > 90.0 ? 90.0 : t;
  t = t < -110.0 ? -110.0 : t;
  ExpReduced<double> e = exp_reduce(t);
  float r = static_cast<float>((1.0 + (e.r + exp_tail_float(e.r) * (e.r * e.r))) *
                               power_of_two(e.shifted));
  bool whole = std::trunc(y) == y, odd = whole & (std::trunc(y * 0.5f) != y * 0.5f);
  r = odd ? std::copysign(r, x) : r;
  float invalid = std::numeric_limits<float>::quiet_NaN();
  r = (x < 0.f) & (a < kInf) & !whole ? invalid : r;
  r = (x != x) | (y != y) ? invalid : r;
  return (y == 0.f) | (x == 1.f) ? 1.f : r;
}

// log(x + low) = exponent ln(2) + mantissa.hi + mantissa.lo, with ten digits more than double has,
// for a `low` below the last place of x or an x near 1, and x normal. From f = m - 1 and
// s = f / (2 + f): log(m) = f - f^2/2 + s (f^2/2 + 2/3 s^2 + 2/5 s^4 + ...), where the first
// terms carry the digits.
struct LogPair {
  double exponent;
  Pair<double> mantissa;
};
template <bool kLow = false>
TORCH_HD LogPair log_pair(double x, double low = 0) {
  uint64_t bits = bit_cast<uint64_t>(x);
  constexpr uint64_t kRoot = 0x3fe6a09e00000000;
  uint64_t e = (bits - kRoot) >> 52;
  double m = bit_cast<double>(bits - (e << 52));
  double exponent = bit_cast<double>(0x4330000000000000 | ((e + 2048) & 4095)) - 4503599627372544.0;
  double f = m - 1.0, s = f / (2.0 + f), z = s * s, half_square = 0.5 * f * f;
  double p = polynomial(z, 0.13087949027897644, 0.13268637931969154, 0.15386245130907145,
                        0.18181795532092268, 0.22222222392817575, 0.28571428570798246,
                        0.40000000000000885, 0.6666666666666666);
  Pair<double> sum = fast_sum(f, -half_square);
  sum.lo += s * (half_square + p * z);
  if constexpr (kLow) {  // low / m
    double scale = bit_cast<double>(0x3ff0000000000000 - (e << 52));
    double scaled = exponent < 64.0 ? low * scale : 0.0;
    sum.lo += scaled * (1.0 - 2.0 * s * (1.0 - s + z));
  }
  return {exponent, sum};
}
TORCH_HD double log_of(LogPair l) {
  Pair<double> sum = fast_sum(l.exponent * 0.6931471803691238, l.mantissa.hi);
  return sum.hi + (sum.lo + (l.mantissa.lo + l.exponent * 1.9082149292705877e-10));
}
// Numbers below the normal ones are multiplied by 2^54.
TORCH_HD LogPair log_pair_of_any(double x) {
  bool tiny = x < std::numeric_limits<double>::min();
  LogPair l = log_pair(tiny ? x * 0x1p54 : x);
  l.exponent -= tiny ? 54.0 : 0.0;
  return l;
}
TORCH_HD double log(double x) { return log_limits(x, log_of(log_pair_of_any(x))); }
TORCH_HD double log2(double x) {
  LogPair l = log_pair_of_any(x);
  Pair<double> p = exact_product(l.mantissa.hi, 1.4426950408889634);
  p.lo += l.mantissa.lo * 1.4426950408889634 + l.mantissa.hi * 2.0355273740931033e-17;
  Pair<double> sum = fast_sum(l.exponent, p.hi);
  return log_limits(x, sum.hi + (sum.lo + p.lo));
}
TORCH_HD double log10(double x) {
  LogPair l = log_pair_of_any(x);
  Pair<double> p = exact_product(l.mantissa.hi, 0.4342944819032518);
  p.lo += l.mantissa.lo * 0.4342944819032518 + l.mantissa.hi * 1.098319650216765e-17;
  Pair<double> sum = fast_sum(l.exponent * 0.3010299955494702, p.hi);
  return log_limits(x, sum.hi + (sum.lo + (p.lo + l.exponent * 1.1451100898021838e-10)));
}
TORCH_HD double log1p(double x) {
  Pair<double> u = exact_sum(1.0, x);
  double y = log_limits(u.hi, log_of(log_pair<true>(u.hi, u.lo)));
  return x == 0.0 ? x : y;  // keeps the sign
}

// Logarithms of sums that are known with twice the digits.
TORCH_HD double asinh(double x) {
  double a = x < 0.0 ? -x : x;
  bool large = a > 0x1p28;
  Pair<double> square = exact_product(a, a), t = exact_sum(1.0, square.hi);
  Pair<double> root = pair_sqrt({t.hi, t.lo + square.lo});
  Pair<double> u = exact_sum(root.hi, a);
  LogPair l = log_pair<true>(large ? a : u.hi, large ? 0.0 : u.lo + root.lo);
  l.exponent += large ? 1.0 : 0.0;
  double y = log_limits(large ? a : u.hi, log_of(l));
  return a < 0x1p-28 ? x : std::copysign(y, x);
}
TORCH_HD double acosh(double x) {
  bool large = x > 0x1p28;
  Pair<double> square = exact_product(x, x), t = exact_sum(square.hi, -1.0);
  Pair<double> root = pair_sqrt({t.hi, t.lo + square.lo});
  Pair<double> u = exact_sum(x, root.hi);
  LogPair l = log_pair<true>(large ? x : u.hi, large ? 0.0 : u.lo + root.lo);
  l.exponent += large ? 1.0 : 0.0;
  double y = log_limits(large ? x : u.hi, log_of(l));
  return x < 1.0 ? std::numeric_limits<double>::quiet_NaN() : y;
}
TORCH_HD double atanh(double x) {  // half the logarithm of 1 + 2 a / (1 - a)
  double a = x < 0.0 ? -x : x;
  Pair<double> d = exact_sum(1.0, -a);
  double q = 2.0 * a / d.hi;
  double q_lo = (std::fma(-q, d.hi, 2.0 * a) - q * d.lo) / d.hi;
  Pair<double> u = exact_sum(1.0, q);
  double y = log_limits(u.hi, log_of(log_pair<true>(u.hi, u.lo + q_lo)));
  y = std::copysign(0.5 * y, x);
  return a < 0x1p-28 ? x : y;
}

// Sine, cosine and tangent of float32 in double: a multiple of pi/2 is taken off in two parts (the
// first has 33 bits, so that its products with whole numbers below 2^20 are exact), then Taylor's
// series on [-pi/4, pi/4], whose next terms are below 3e-9.
inline constexpr float kReducible = 1e6f;
struct TrigParts {
  double sine, cosine;
  uint64_t quadrant;  // in the two lowest bits
};
TORCH_HD TrigParts trig_parts(float x) {
  constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
  double y = x, shifted = y * 0.6366197723675814 + kRound, n = shifted - kRound;
  double r = y - n * 1.57079632673412561417;
  r = r - n * 6.07710050650619224932e-11;
  double z = r * r;
  double s = 1.0 / 362880;
  s = s * z - 1.0 / 5040;
  s = s * z + 1.0 / 120;
  s = s * z - 1.0 / 6;
  double c = -1.0 / 3628800;
  c = c * z + 1.0 / 40320;
  c = c * z - 1.0 / 720;
  c = c * z + 1.0 / 24;
  c = c * z - 0.5;
  return {r * (s * z + 1.0), c * z + 1.0, bit_cast<uint64_t>(shifted)};
}
TORCH_HD float turned(double sine, double cosine, uint64_t quadrant) {
  double v = quadrant & 1 ? cosine : sine;
  return static_cast<float>(bit_cast<double>(bit_cast<uint64_t>(v) ^ ((quadrant & 2) << 62)));
}
TORCH_HD float sin_float(float x) {
  TrigParts t = trig_parts(x);
  return turned(t.sine, t.cosine, t.quadrant);
}
TORCH_HD float cos_float(float x) {
  TrigParts t = trig_parts(x);
  return turned(t.sine, t.cosine, t.quadrant + 1);
}
TORCH_HD float tan_float(float x) {
  TrigParts t = trig_parts(x);
  bool odd = t.quadrant & 1;
  return static_cast<float>((odd ? -t.cosine : t.sine) / (odd ? t.sine : t.cosine));
}

// The same in double: the second part has 33 bits, too, and what the additions lose is kept.
struct TrigPairs {
  Pair<double> sine, cosine;
  uint64_t quadrant;
};
TORCH_HD TrigPairs trig_pairs(double x) {
  double shifted = x * 0.6366197723675814 + kRound<double>, n = shifted - kRound<double>;
  double y = x - n * 1.5707963267341256;  // exact, as the next product is
  Pair<double> a = exact_sum(y, n * -6.077100506303966e-11);
  Pair<double> b = exact_sum(a.hi, a.lo - n * 2.0222662487959506e-21);
  double r = b.hi, z = r * r, half = 0.5 * z;
  double s = polynomial(z, 1.5896858106201342e-10, -2.5050759654043326e-08, 2.755731370556787e-06,
                        -0.0001984126982986232, 0.00833333333332251, -0.16666666666666632);
  double c = polynomial(z, -1.1361212952165516e-11, 2.0875756406329722e-09, -2.755731462287645e-07,
                        2.4801587290539085e-05, -0.0013888888888876078, 0.041666666666666616);
  Pair<double> sine = fast_sum(r, s * (r * z) + (b.lo - half * b.lo));
  Pair<double> cosine = fast_sum(1.0, -half);
  cosine.lo += c * (z * z) - r * b.lo;
  return {sine, cosine, bit_cast<uint64_t>(shifted)};
}
TORCH_HD double turned(const TrigPairs& t, uint64_t quadrant) {
  double v = quadrant & 1 ? t.cosine.hi + t.cosine.lo : t.sine.hi;
  return bit_cast<double>(bit_cast<uint64_t>(v) ^ ((quadrant & 2) << 62));
}
TORCH_HD double sin_double(double x) {
  TrigPairs t = trig_pairs(x);
  double y = turned(t, t.quadrant);
  return x == 0.0 ? x : y;
}
TORCH_HD double cos_double(double x) {
  TrigPairs t = trig_pairs(x);
  return turned(t, t.quadrant + 1);
}
TORCH_HD double tan_double(double x) {
  TrigPairs t = trig_pairs(x);
  bool odd = t.quadrant & 1;
  Pair<double> c = fast_sum(t.cosine.hi, t.cosine.lo);
  Pair<double> n{odd ? -c.hi : t.sine.hi, odd ? -c.lo : t.sine.lo};
  Pair<double> d{odd ? t.sine.hi : c.hi, odd ? t.sine.lo : c.lo};
  double inverse = 1.0 / d.hi, q = n.hi * inverse;
  double y = q + (std::fma(-q, d.hi, n.hi) + (n.lo - q * d.lo)) * inverse;
  return x == 0.0 ? x : y;
}

// Up to 1/2 asin(a) = a + a^3 p(a^2), beyond pi/2 - 2 asin(sqrt((1 - a) / 2)).
template <class T>
struct AsinParts {
  bool large;  // then the angle belongs to the square root
  T root, rest;
};
template <class T>
TORCH_HD AsinParts<T> asin_parts(T x) {
  T a = x < T(0) ? -x : x;
  bool large = a > T(0.5);
  T z = large ? (T(1) - a) * T(0.5) : a * a;
  T root = large ? std::sqrt(z) : a;
  if constexpr (std::is_same_v<T, float>) {
    return {large, root,
            root * (z * polynomial(z, 0.036747135, 0.015036142, 0.03163267, 0.044540714, 0.07500359,
                                   0.16666663))};
  } else {
    T p = polynomial(z, 0.03178994240737428, -0.01603253392765926, 0.019396193849590296,
                     0.006580527124674811, 0.01215586458575612, 0.013887491962804577,
                     0.017359447867646604, 0.022371777524902926, 0.03038195818805322,
                     0.044642856856041205, 0.07500000000294696, 0.16666666666665653);
    T lost = std::fma(-root, root, z) / (root + root + std::numeric_limits<T>::min());
    return {large, root, root * (z * p) + (large ? lost : T(0))};
  }
}
template <class T>
inline constexpr T kHalfPi = T(1.5707963267948966);
template <class T>  // what kHalfPi lacks
inline constexpr T kHalfPiRest =
    T(std::is_same_v<T, float> ? -4.3711388e-8 : 6.123233995736766e-17);
template <class T>
TORCH_HD T asin(T x) {
  AsinParts<T> p = asin_parts(x);
  T small = p.root + p.rest;
  Pair<T> d = fast_sum(kHalfPi<T>, T(-2) * p.root);
  T large = d.hi + (d.lo + (kHalfPiRest<T> - T(2) * p.rest));
  return std::copysign(p.large ? large : small, x);
}
template <class T>
TORCH_HD T acos(T x) {
  AsinParts<T> p = asin_parts(x);
  bool negative = x < T(0);
  T sign = negative ? T(1) : T(-1);
  Pair<T> d = fast_sum(kHalfPi<T>, sign * p.root);
  T small = d.hi + (d.lo + (kHalfPiRest<T> + sign * p.rest));
  T large = T(2) * (p.root + p.rest);
  Pair<T> e = fast_sum(T(2) * kHalfPi<T>, T(-2) * p.root);
  T other = e.hi + (e.lo + (T(2) * (kHalfPiRest<T> - p.rest)));
  large = negative ? other : large;
  return p.large ? large : small;
}

// Beyond 1 pi/2 + atan(-1 / a).
template <class T>
TORCH_HD T atan(T x) {
  T a = x < T(0) ? -x : x;
  bool large = a > T(1);
  T t = (large ? T(-1) : a) / (large ? a : T(1)), z = t * t, p;
  if constexpr (std::is_same_v<T, float>) {
    p = horner(z, 0.0011741754f, -0.0076235826, 0.023198476, -0.045477457, 0.067986555,
               -0.088367596, 0.110652775, -0.1428095, 0.1999976, -0.33333328);
  } else {
    p = polynomial(z, -9.360958557574051e-06, 0.00011135803669085646, -0.0006297329376507491,
                   0.0022633908780763383, -0.005846631350315374, 0.011677046097960596,
                   -0.019032181929895385, 0.026527974821304996, -0.033050950916438726,
                   0.03835780955827064);
    p = horner(z, p, -0.04292881841376345, 0.04747170271597003, -0.05260039654437976,
               0.058818422573028606, -0.0666660357915561, 0.07692302014128842, -0.09090908736377391,
               0.11111111096841654, -0.1428571428538602, 0.19999999999996576, -0.33333333333333326);
  }
  Pair<T> d = fast_sum(large ? kHalfPi<T> : T(0), t);
  T rest = t * (z * p) + (large ? kHalfPiRest<T> : T(0));
  if constexpr (std::is_same_v<T, double>) {  // what the quotient lost, times the slope, about
    rest -= (large & (a < 0x1p60) ? std::fma(-t, a, T(-1)) * t : T(0)) * (T(1) - T(0.5) * z);
  }
  T y = d.hi + (d.lo + rest);
  return std::copysign(y, x);
}

// Polynomial of Cephes (logf).
TORCH_HD float log_polynomial(float r, float e) {  // log((1 + r) 2^e), r near 0
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
  y = y + e * -2.12194440e-4f;
  y = y - 0.5f * z;
  return (r + y) + e * 0.693359375f;
}
TORCH_HD float log_float(float x) {
  bool tiny = x < 1.17549435e-38f;
  float scaled = tiny ? x * 8388608.f : x;     // denormals become normal
  uint32_t bits = bit_cast<uint32_t>(scaled);  // unsigned: differences wrap
  // mantissa in [sqrt(1/2), sqrt(2)), exponent accordingly
  int32_t e = static_cast<int32_t>(bits - 0x3f3504f3u) >> 23;
  float m = bit_cast<float>(bits - (static_cast<uint32_t>(e) << 23));
  float ef = static_cast<float>(e) - (tiny ? 23.f : 0.f);
  float result = log_polynomial(m - 1.f, ef);
  constexpr float kInf = std::numeric_limits<float>::infinity();
  result = x == 0.f ? -kInf : result;
  result = x < 0.f ? std::numeric_limits<float>::quiet_NaN() : result;
  return ((x == kInf) | (x != x)) ? x : result;
}

// Below 0.625 the approximations of Cephes (tanhf, tanh), then 1 - 2 / (exp(2x) + 1).
template <class T>
TORCH_HD T tanh(T x) {
  T a = x < T(0) ? -x : x;
  T z = x * x, tail;
  if constexpr (std::is_same_v<T, float>) {
    tail = -5.70498872745e-3f;
    tail = tail * z + 2.06390887954e-2f;
    tail = tail * z - 5.37397155531e-2f;
    tail = tail * z + 1.33314422036e-1f;
    tail = tail * z - 3.33332819422e-1f;
  } else {
    T p = -9.64399179425052238628e-1;
    p = p * z - 9.92877231001918586564e1;
    p = p * z - 1.61468768441708447952e3;
    T q = z + 1.12811678491632931402e2;
    q = q * z + 2.23548839060100448583e3;
    q = q * z + 4.84406305325125486048e3;
    tail = p / q;
  }
  T small = tail * z * a + a;
  T c = a > T(20) ? T(20) : a;  // 1 from there on
  T large = T(1) - T(2) / (exp_normal(c + c).hi + T(1));
  return std::copysign(a < T(0.625) ? small : large, x);
}

// With z = exp(-|x|): 1 / (1 + z), and z / (1 + z) for negative x, where exp(-x) would overflow.
// z is multiplied by a power of 2, for it may lie below the normal numbers; the digits lost in it
// correct the quotient.
template <class T>
TORCH_HD T sigmoid(T x) {
  constexpr T kShift = std::is_same_v<T, float> ? 26 : 60;
  constexpr T kUp = std::is_same_v<T, float> ? 0x1p26 : 0x1p60;
  constexpr T kLowest = std::is_same_v<T, float> ? -104 : -746;
  bool negative = x < T(0);
  T c = negative ? x : -x;
  c = c < kLowest ? kLowest : c;
  Pair<T> z = exp_normal(c, kShift);
  T q = (negative ? z.hi : kUp) / (T(1) + z.hi * (T(1) / kUp)) * (T(1) / kUp);
  return q + (negative ? z.lo * (T(1) / kUp) : T(0)) * ((T(1) - q) * (T(1) - q));
}

}  // namespace torch::math
