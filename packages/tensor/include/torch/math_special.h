// Transcendental functions on single numbers: those of libm that are slow or not accurate enough,
// and those it does not have. All keep what the rows of unary.def and binary.def promise;
// docs/accuracy.md has the measured errors.
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
TORCH_HD Pair<double> exact_product(double a, double b) {
  double p = a * b;
  return {p, std::fma(a, b, -p)};
}

// exp(x) = (hi + lo) * scale1 * scale2; two factors, because 2^n itself may lie beyond the
// exponents of normal numbers. Without branches and calls, so that compilers turn the surrounding
// loop into vector code.
template <class T>
struct ExpParts {
  T hi, lo, scale1, scale2;
};

// exp(r) * 2^k for |r| <= ln(2) / 2: the polynomial of S. Moshier's Cephes library (expf).
TORCH_HD ExpParts<float> exp_reduced(float r, int32_t k) {
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  Pair<float> sum = fast_sum(1.f, p * r * r + r);
  int32_t half = k >> 1;
  return {sum.hi, sum.lo, bit_cast<float>((half + 127) << 23),
          bit_cast<float>((k - half + 127) << 23)};
}

TORCH_HD ExpParts<float> exp_parts(float x) {
  constexpr float kRound = 12582912.f;  // 1.5 * 2^23: adding it rounds to a whole number
  float c = x > 89.f ? 89.f : x;        // NaN stays: the comparison is false
  c = c < -104.f ? -104.f : c;
  float n = c * 1.44269504088896341f + kRound - kRound;
  float r = c - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  // NaN has no integer, and its r is NaN anyhow
  return exp_reduced(r, static_cast<int32_t>(x == x ? n : 0.f));
}

// exp(x + low) for a `low` below the last place of x. Taylor's series on [-ln(2)/2, ln(2)/2]; the
// next term is below 2^-57.
TORCH_HD ExpParts<double> exp_parts(double x, double low = 0) {
  constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
  double c = x > 710.0 ? 710.0 : x;
  c = c < -746.0 ? -746.0 : c;
  double shifted = c * 1.4426950408889634 + kRound;
  double n = shifted - kRound;
  double exact = c - n * 0.6931471803691238;  // ln(2) in two parts; the first has 32 bits
  double rest = low - n * 1.9082149292705877e-10;
  double r = exact + rest;
  double lost = rest - (r - exact);
  double p = 1.6059043836821613e-10;
  p = p * r + 2.08767569878681e-09;
  p = p * r + 2.505210838544172e-08;
  p = p * r + 2.755731922398589e-07;
  p = p * r + 2.7557319223985893e-06;
  p = p * r + 2.48015873015873e-05;
  p = p * r + 1.984126984126984e-04;
  p = p * r + 1.388888888888889e-03;
  p = p * r + 8.333333333333333e-03;
  p = p * r + 4.1666666666666664e-02;
  p = p * r + 1.6666666666666666e-01;
  p = p * r + 0.5;
  Pair<double> sum = fast_sum(1.0, r);
  Pair<double> both = fast_sum(sum.hi, p * r * r + (sum.lo + lost));
  // The low bits of `shifted` hold n, those of `halved` half of it: processors without AVX-512
  // cannot convert or shift 64-bit integers in vectors.
  double halved = n * 0.5 + kRound;
  int64_t k = bit_cast<int64_t>(shifted) - bit_cast<int64_t>(kRound);
  int64_t half = bit_cast<int64_t>(halved) - bit_cast<int64_t>(kRound);
  return {both.hi, both.lo, bit_cast<double>(static_cast<uint64_t>(half + 1023) << 52),
          bit_cast<double>(static_cast<uint64_t>(k - half + 1023) << 52)};
}

template <class T>
TORCH_HD T exp(T x) {
  ExpParts<T> e = exp_parts(x);
  return e.hi * e.scale1 * e.scale2;
}

TORCH_HD float exp2_float(float x) {
  constexpr float kRound = 12582912.f;
  float c = x > 129.f ? 129.f : x;
  c = c < -151.f ? -151.f : c;
  float n = c + kRound - kRound;
  ExpParts<float> e =
      exp_reduced((c - n) * 0.6931471805599453f, static_cast<int32_t>(x == x ? n : 0.f));
  return e.hi * e.scale1 * e.scale2;
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
TORCH_HD float log_limits(float x, double y) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  float r = static_cast<float>(y);
  r = x == 0.f ? -kInf : r;
  r = x < 0.f ? std::numeric_limits<float>::quiet_NaN() : r;
  return (x == kInf || x != x) ? x : r;
}
TORCH_HD float log2_float(float x) {
  LogParts l = log_parts(x);
  return log_limits(x, l.exponent + l.mantissa * 1.4426950408889634);
}
TORCH_HD float log10_float(float x) {
  LogParts l = log_parts(x);
  return log_limits(x, l.exponent * 0.30102999566398120 + l.mantissa * 0.43429448190325183);
}
TORCH_HD float log1p_float(float x) {
  double u = 1.0 + static_cast<double>(x);
  double lost = static_cast<double>(x) - (u - 1.0);
  LogParts l = log_parts(u);
  double y = l.exponent * 0.6931471805599453 + l.mantissa + (u < 2.0 ? lost : 0.0);
  float r = log_limits(static_cast<float>(u), y);
  return x == 0.f ? x : r;  // keeps the sign
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
  return (x == kInf || x != x) ? x : result;
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
  T large = T(1) - T(2) / (exp(a + a) + T(1));
  return std::copysign(a < T(0.625) ? small : large, x);
}

// With z = exp(-|x|): 1 / (1 + z), and z / (1 + z) for negative x, where exp(-x) would overflow.
// The digits lost in z and 1 + z correct the quotient.
template <class T>
TORCH_HD T sigmoid(T x) {
  ExpParts<T> e = exp_parts(x < T(0) ? x : -x);
  T z = e.hi * e.scale1 * e.scale2, z_lo = e.lo * e.scale1 * e.scale2;
  Pair<T> sum = fast_sum(T(1), z);
  T inverse = T(1) / sum.hi;
  T n = x < T(0) ? z : T(1), n_lo = x < T(0) ? z_lo : T(0);
  T q = n * inverse;
  return q + (n_lo - q * (sum.lo + z_lo)) * inverse;
}

// libm's error is up to 5.2 ulp for erfc and 2.25 for acosh: P. Zimmermann et al., "Accuracy of
// mathematical functions in single, double, extended double and quadruple precision".
//
// From 1/4 on exp(-x^2) * p(t) / (1 + 2x) with t = (x - 4) / (x + 4), the form of M. M. Shepherd
// and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < oo",
// 1981. The coefficients are those of Chebyshev interpolation on [1/4, 28] in 50 digits, relative
// error 2e-19; the last three terms are summed in twice the digits.
TORCH_HD double erfc(double x) {
  if (!(x >= 0.25)) return 1.0 - std::erf(x);
  double y = x > 28.0 ? 28.0 : x;  // 0 from 27.3 on
  double t = (y - 4.0) / (y + 4.0);
  constexpr double kC[] = {1.60234540536836e-09,    2.4605242443910866e-09,  -1.495149480383064e-08,
                           -1.989486197151226e-08,  1.1088423142883783e-07,  7.735807763981453e-08,
                           -8.25772695646791e-07,   2.916855478720019e-07,   5.709728115288021e-06,
                           -1.1221005308034099e-05, -2.4399146538997853e-05, 1.5062136070128596e-04,
                           -1.9925672479934837e-04, -7.577732267057916e-04,  5.031969984359261e-03,
                           -1.6197734065372244e-02, 3.716751553676699e-02,   -6.633036581167369e-02,
                           9.373283499839068e-02,   -1.0103906603632458e-01, 6.809705425469166e-02};
  double p = kC[0];
  for (int i = 1; i < 21; ++i) p = p * t + kC[i];
  Pair<double> m = exact_product(p, t);
  Pair<double> s = exact_sum(0.01537965210262004, m.hi);
  s.lo += m.lo;
  m = exact_product(s.hi, t);
  m.lo += s.lo * t;
  s = exact_sum(-0.1396211168405625, m.hi);
  s.lo += m.lo - 8.41359405103856e-18;
  m = exact_product(s.hi, t);
  m.lo += s.lo * t;
  s = fast_sum(1.2329951186255526, m.hi);
  s.lo += m.lo - 4.625863000121584e-17;
  Pair<double> square = exact_product(y, y);
  ExpParts<double> e = exp_parts(-square.hi, -square.lo);
  Pair<double> d = exact_sum(1.0, y + y), n = exact_product(s.hi, e.hi);
  n.lo += s.hi * e.lo + s.lo * e.hi;
  double q = n.hi / d.hi;
  q += (std::fma(-q, d.hi, n.hi) - q * d.lo + n.lo) / d.hi;
  return q * e.scale1 * e.scale2;
}

// Up to 1/2 x * p(x^2), beyond steps of Halley's method for erfc(y) = 1 - x: one from a guess that
// is right to 1e-6, two near 1, where it is not. The polynomials are Chebyshev interpolations in 50
// digits.
TORCH_HD double erfinv(double x) {
  double a = std::fabs(x);
  if (!(a < 1.0)) {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    return a == 1.0 ? std::copysign(kInf, x) : std::numeric_limits<double>::quiet_NaN();
  }
  if (a <= 0.5) {
    constexpr double kC[] = {0.11314166859159029,  -0.07607360776328573, 0.07345020539520401,
                             0.008446011584224939, 0.03159332043375326,  0.031145242581416724,
                             0.036522988083139016, 0.042832578482160585, 0.05173148498700453,
                             0.06495961132717862,  0.08655212936268364,  0.1275561753044084,
                             0.23201366653465907};
    double z = x * x, p = kC[0];
    for (int i = 1; i < 13; ++i) p = p * z + kC[i];
    return x * (0.886226925452758 + (p * z - 4.126132950407452e-17));
  }
  double q = 1.0 - a, s = std::sqrt(-std::log(q)), y;
  if (s < 2.5) {
    constexpr double kC[] = {-0.001452776889096155, 0.02093131156389246, -0.131694376685067,
                             0.47331427529725895,   -1.0613465921404956, 1.4976956643730848,
                             -0.18354615521572928,  0.022814528356214853};
    y = kC[0];
    for (int i = 1; i < 8; ++i) y = y * s + kC[i];
  } else {
    constexpr double kC[] = {-1.8814474324364873e-06, 6.359818296350246e-05, -0.0009156069259956561,
                             0.007245124302060469,    -0.0334873396409265,   0.08426722148975505,
                             0.9455300408155765,      -0.38268630607832493};
    y = kC[0];
    for (int i = 1; i < 8; ++i) y = y * s + kC[i];
  }
  constexpr double kSlope = -1.1283791670955126;  // -2 / sqrt(pi)
  for (int steps = s < 2.5 ? 1 : 2; steps > 0; --steps) {
    double u = (erfc(y) - q) / (kSlope * exp(-y * y));
    y -= u / (1.0 + u * y);
  }
  return std::copysign(y, x);
}

// Below 2 log1p(w) of w = (x - 1) + sqrt((x - 1) (x + 1)), whose lost digits correct the result.
TORCH_HD double acosh(double x) {
  if (!(x >= 1.0)) return std::numeric_limits<double>::quiet_NaN();
  if (x > 0x1p28) return std::log(x) + 0.6931471805599453;
  if (x >= 2.0) return std::log(2.0 * x - 1.0 / (x + std::sqrt(x * x - 1.0)));
  double t = x - 1.0;
  Pair<double> square = exact_product(t, t), u = fast_sum(2.0 * t, square.hi);
  double root = std::sqrt(u.hi);
  if (root == 0.0) return 0.0;
  double root_lo = (std::fma(-root, root, u.hi) + (u.lo + square.lo)) / (2.0 * root);
  Pair<double> w = fast_sum(root, t);
  return std::log1p(w.hi) + (w.lo + root_lo) / (1.0 + w.hi);
}

// The last step keeps the digits it would lose.
template <int n>
TORCH_HD Pair<double> polynomial_pair(const double (&c)[n], double x) {
  double p = c[0];
  for (int i = 1; i < n - 1; ++i) p = p * x + c[i];
  return exact_sum(c[n - 1], p * x);
}
template <int n>
TORCH_HD double polynomial(const double (&c)[n], double x) {  // highest power first
  double p = c[0];
  for (int i = 1; i < n; ++i) p = p * x + c[i];
  return p;
}

// lgamma(1 + t) for -1/2 <= t <= 2: both roots, t = 0 and t = 1, are factors. The cofactors are
// Chebyshev interpolations in 60 digits, relative errors below 8e-19.
TORCH_HD double lgamma_near_two(double t) {
  Pair<double> p;
  if (t < 0.0) {
    constexpr double kC[] = {
        22.36747717222111,   -17.49459768201927,   5.6703558519252795, -4.476680470283588,
        4.799777190724007,   -3.796027559369021,   2.899296909064626,  -2.3090685627531586,
        1.8522962958027416,  -1.4871765819103233,  1.1997449606727315, -0.973637261111082,
        0.795486788783639,   -0.6551522879864542,  0.5448302638681655, -0.45856511641318315,
        0.39194610263425644, -0.34197894986871663, 0.3072613943483002, -0.28891120177364593,
        0.29408536722443845, -0.35235940133201404, 0.6504990445801452};
    p = polynomial_pair(kC, t + 0.25);
  } else if (t < 0.5) {
    constexpr double kC[] = {0.0009196654642302735, -0.0012166344629023404, 0.0013707490482406425,
                             -0.00182908008305119,  0.002478654300849903,   -0.003339829864567926,
                             0.004526851789362695,  -0.006183930152685169,  0.008525117919379873,
                             -0.011888238827465274, 0.01682767907679148,    -0.024308805034753914,
                             0.03615879797542416,   -0.056273407273818285,  0.09456573803301091,
                             -0.18455838443681608,  0.5241164609163369};
    p = polynomial_pair(kC, t - 0.25);
  } else if (t < 1.0) {
    constexpr double kC[] = {
        1.2807015979945507e-05, -2.3854570612650696e-05, 4.162338844905075e-05,
        -7.831227457341395e-05, 0.00014852078889159766,  -0.00028319780379355776,
        0.0005448968809194371,  -0.001060565891133046,   0.0020955338816347592,
        -0.004226194128338483,  0.00877637042524237,     -0.019053957830233514,
        0.0445204471985097,     -0.11948158662524276,    0.4501393121092563};
    p = polynomial_pair(kC, t - 0.75);
  } else {
    constexpr double kC[] = {
        1.2848137769988069e-08, -3.385821013938236e-08,  7.585695078040205e-08,
        -2.015090104183497e-07, 5.436082854534496e-07,   -1.4575541733757617e-06,
        3.9305860909127655e-06, -1.0682259123883373e-05, 2.929928312004998e-05,
        -8.130229408034726e-05, 0.00022905363747507287,  -0.0006586397065650056,
        0.0019490574889463365,  -0.006018768527036914,   0.019905154304743208,
        -0.07466357415449941,   0.37957716063055885};
    p = polynomial_pair(kC, t - 1.5);
  }
  Pair<double> s = exact_sum(t, -1.0), m = exact_product(t, s.hi);
  return m.hi * p.hi + (m.hi * p.lo + (m.lo + t * s.lo) * p.hi);
}

// log|gamma(x)|: the polynomials around the roots, from 8 on Stirling's series (Abramowitz and
// Stegun 6.1.41), in between and below 1/2 the recurrence, for negative x the reflection (6.1.17).
TORCH_HD double lgamma(double x) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  constexpr double kPi = 3.141592653589793;
  if (x != x) return x;
  double a = std::fabs(x), y;
  if (a == 0.0 || a == kInf) return kInf;
  if (a < 0.5) {
    y = lgamma_near_two(a) - std::log(a);
  } else if (a < 3.0) {
    y = lgamma_near_two(a - 1.0);
  } else if (a < 8.0) {
    double product = 1.0;
    for (; a >= 3.0; a -= 1.0) product *= a - 1.0;
    y = std::log(product) + lgamma_near_two(a - 1.0);
  } else {
    constexpr double kC[] = {0.17964437236883057,    -0.029550653594771243, 0.006410256410256411,
                             -0.0019175269175269176, 0.0008417508417508417, -0.0005952380952380953,
                             0.0007936507936507937,  -0.002777777777777778, 0.08333333333333333};
    double series = polynomial(kC, 1.0 / (a * a)) / a;
    // log(a) in twice the digits: one step of Newton's method
    double log = std::log(a);
    ExpParts<double> e = exp_parts(-log);
    double near_one = a * e.scale1 * e.scale2;
    Pair<double> m = exact_product(near_one, e.hi);
    double log_lo = (m.hi - 1.0) + m.lo + near_one * e.lo;
    Pair<double> l = exact_sum(log, -1.0);
    m = exact_product(a - 0.5, l.hi);
    if (m.hi == kInf) return kInf;
    Pair<double> s = fast_sum(m.hi, 0.4189385332046727);  // (log(2 pi) - 1) / 2
    y = s.hi + (s.lo + (m.lo + (a - 0.5) * (l.lo + log_lo)) + series);
  }
  if (x > 0.0) return y;
  a = -x;
  double fraction = a - std::floor(a);
  if (fraction == 0.0) return kInf;
  return std::log(kPi / (a * std::sin(kPi * (fraction > 0.5 ? 1.0 - fraction : fraction)))) - y;
}

// digamma(1 + x) = (x - root) * p(x - 1/2) on [0, 1] (Chebyshev interpolation in 60 digits,
// relative error 6e-19), the recurrence up to 10, beyond the asymptotic series (Abramowitz and
// Stegun 6.3.18).
TORCH_HD double digamma_positive(double x) {
  if (x >= 10.0) {
    constexpr double kC[] = {0.4432598039215686,    -0.08333333333333333, 0.021092796092796094,
                             -0.007575757575757576, 0.004166666666666667, -0.003968253968253968,
                             0.008333333333333333,  -0.08333333333333333};
    double z = 1.0 / (x * x);
    return std::log(x) - (0.5 / x - z * polynomial(kC, z));
  }
  Pair<double> sum{0.0, 0.0};
  auto add_inverse = [&sum](double v, double sign) {
    double inverse = sign / v;
    Pair<double> s = exact_sum(sum.hi, inverse);
    sum = {s.hi, sum.lo + s.lo + std::fma(-inverse, v, sign) / v};
  };
  if (x < 1.0) {
    add_inverse(x, -1.0);
  } else {
    for (x -= 1.0; x > 1.0; x -= 1.0) add_inverse(x, 1.0);
  }
  constexpr double kC[] = {
      -8.153978973309418e-05, 0.00012230983055406747, -6.11554261750751e-05,  9.173383289174792e-05,
      -0.0002178682145501451, 0.0003268068044141764,  -0.0004599625144612576, 0.0006899717801166841,
      -0.001042261556504223,  0.0015635679757533885,  -0.002344650082351321,  0.0035180800751066694,
      -0.00528001782089874,   0.007927024067961237,   -0.011908215172584002,  0.017907248195969127,
      -0.02697579684427536,   0.04076083394462657,    -0.06192213327165706,   0.09498872445283,
      -0.14840492305391761,   0.24054248424078736,    -0.42362742128146047,   0.9510558760318328};
  Pair<double> root = exact_sum(x, -0.46163214496836236), p = polynomial_pair(kC, x - 0.5);
  root.lo += 1.5522348162858677e-17;
  Pair<double> m = exact_product(root.hi, p.hi), s = exact_sum(sum.hi, m.hi);
  return s.hi + (s.lo + sum.lo + m.lo + root.hi * p.lo + root.lo * p.hi);
}

// The derivative of lgamma; for negative x by reflection (Abramowitz and Stegun 6.3.7).
TORCH_HD double digamma(double x) {
  constexpr double kPi = 3.141592653589793;
  if (std::fabs(x) < 0x1p-60) return -1.0 / x;  // nothing else counts
  if (x < 0.0) {
    double fraction = x - std::floor(x);
    if (!(fraction > 0.0)) return std::numeric_limits<double>::quiet_NaN();
    // pi / tan(pi x), where both sides of a pole keep their digits
    double side = fraction > 0.5 ? fraction - 1.0 : fraction;
    double reflected = 1.0 - x;
    return digamma_positive(reflected) - kPi / std::tan(kPi * side);
  }
  return digamma_positive(x);
}

// log(exp(x) + exp(y)) from the larger one and their distance; equal infinities have none.
TORCH_HD double logaddexp(double x, double y) {
  if (x == y) return x + 0.6931471805599453;
  double d = x - y;
  return (d > 0.0 ? x : y) + std::log1p(std::exp(-std::fabs(d)));
}
TORCH_HD double logaddexp2(double x, double y) {
  if (x == y) return x + 1.0;
  double d = x - y;
  return (d > 0.0 ? x : y) + std::log1p(std::exp2(-std::fabs(d))) * 1.4426950408889634;
}

}  // namespace torch::math
