// Special functions on single numbers: error functions, the normal distribution, gamma functions.
// They keep what the rows of unary.def and binary.def promise; docs/accuracy.md has the measured
// errors. Coefficients whose source is not named are minimax polynomials as in math_elementary.h.
#pragma once
#include "torch/math_elementary.h"

namespace torch::math {

// Up to 1 (float32: 0.9) x + x p(x^2), beyond 1 - exp(-x q(x)), where errors of the exponential
// count little.
TORCH_HD float erf(float x) {
  float a = x < 0.f ? -x : x, z = x * x;
  float small =
      polynomial(z, 8.5127496e-05, -0.00081755605, 0.0052038524, -0.026860505, 0.11283715);
  small = horner(z, small, -0.37612635, 0.12837917);
  float c = a > 4.f ? 4.f : a;
  float q = polynomial(c, 1.076106e-05, -0.0003180363, 0.0036228157, -0.023719953, 0.10618733);
  q = horner(c, q, 0.63518167, 1.1286409);
  float large = 1.f - exp_normal(-c * q).hi;
  return std::copysign(a < 0.9f ? a + a * small : large, x);
}
TORCH_HD double erf(double x) {
  double a = x < 0.0 ? -x : x, z = x * x;
  double small = polynomial(z, 5.945262963187153e-11, -1.136566591318842e-09,
                            1.4657879602009688e-08, -1.6350025148263811e-07, 1.646097280586153e-06,
                            -1.4925593505902943e-05, 0.00012055331036845081, -0.0008548326978740315,
                            0.005223977624780827, -0.02686617064507289, 0.11283791670954857,
                            -0.3761263890318375, 0.1283791670955126);
  double c = a > 6.0 ? 6.0 : a;
  double q = polynomial(c, -1.4471365581095081e-12, 6.493441990552956e-11, -1.3620962435959773e-09,
                        1.7738322647733175e-08, -1.6043988637284096e-07, 1.0659783006359925e-06,
                        -5.343384194932211e-06, 2.0245131688176236e-05, -5.58437446031678e-05,
                        9.52468437623213e-05, -8.329016040975833e-07, -0.0005745437570645725,
                        0.0016922220541521955, -0.0002115582226204155, -0.019125322867866983,
                        0.10277099611007608, 0.6366202060784157, 1.12837911661498);
  double large = 1.0 - exp_normal(-c * q).hi;
  return std::copysign(a < 1.0 ? a + a * small : large, x);
}

// For x >= 0 erfc(x) = exp(-x^2) p(t) / (1 + 2x) with t = (x - 4) / (x + 4), the form of
// M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in
// 0 <= x < oo", 1981; p on [0, 28]. float32 has 1 + 2x in the polynomial.
TORCH_HD float erfc(float x) {
  double a = x < 0.f ? -x : x;
  a = a > 10.5 ? 10.5 : a;  // 0 from 10.1 on
  double p =
      polynomial((a - 4.0) / (a + 4.0), 0.00010153305978782716, -2.8175293262699837e-05,
                 -0.0008150105839958381, 0.004058735790763763, -0.012839771235843222,
                 0.031299784311948756, -0.06310833245845131, 0.10896309755048866,
                 -0.1642577879574713, 0.21871968140540315, -0.2590680492436853, 0.1369994576159731);
  ExpReduced<double> e = exp_reduce(-a * a);
  double y = p * (1.0 + e.r + exp_tail_float(e.r) * (e.r * e.r)) * power_of_two(e.shifted);
  return static_cast<float>(x < 0.f ? 2.0 - y : y);
}
// All but the last two terms of p.
TORCH_HD double erfc_polynomial(double t) {
  return polynomial(t, 2.7180420981662494e-10, 2.045148118741443e-09, 1.692973246753241e-09,
                    -1.6439120820388286e-08, -1.9015195657818963e-08, 1.1307076720950073e-07,
                    7.685847824275574e-08, -8.276178927695065e-07, 2.918028650424865e-07,
                    5.7107139822438095e-06, -1.1220986021733153e-05, -2.4399493173744394e-05,
                    0.00015062133996945654, -0.00019925664409099598, -0.0007577732207132623,
                    0.005031969972160231, -0.016197734066252353, 0.037167515537905885,
                    -0.06633036581160578, 0.09373283499833099, -0.10103906603632705,
                    0.06809705425469312, 0.015379652102620073);
}
// The last two terms, the square and the quotient keep twice the digits.
TORCH_HD double erfc(double x) {
  double a = x < 0.0 ? -x : x;
  a = a > 28.0 ? 28.0 : a;  // 0 from 27.3 on
  double t = (a - 4.0) / (a + 4.0);
  Pair<double> m = exact_product(erfc_polynomial(t), t);
  Pair<double> s = exact_sum(-0.13962111684056253, m.hi);
  s.lo += m.lo + 8.761191454111254e-18;
  m = exact_product(s.hi, t);
  m.lo += s.lo * t;
  s = fast_sum(1.2329951186255526, m.hi);
  s.lo += m.lo - 4.631933682322519e-17;
  Pair<double> square = exact_product(a, a);
  ExpParts<double> e = exp_parts(-square.hi, -square.lo);
  Pair<double> d = exact_sum(1.0, a + a), n = exact_product(s.hi, e.hi);
  n.lo += s.hi * e.lo + s.lo * e.hi;
  double inverse = 1.0 / d.hi, q = n.hi * inverse;
  q += (std::fma(-q, d.hi, n.hi) - q * d.lo + n.lo) * inverse;
  double y = q * e.scale1 * e.scale2;
  y = x < 0.0 ? 2.0 - y : y;
  // near 0 the rounding of t would count
  double z = x * x;
  double small =
      polynomial(z, 1.5325547736230223e-06, -1.4891918549965384e-05, 0.00012054789547316014,
                 -0.0008548321906574585, 0.0052239775970957, -0.02686617064424815,
                 0.11283791670953747, -0.3761263890318374, 0.1283791670955126);
  return z < 0.16 ? 1.0 - (x + x * small) : y;
}

// The normal distribution at a >= 0: P(X > a) and exp(-a^2 / 2), both to nearly all digits. They
// are 0 at kNormalEnd, which a must not pass.
template <class T>
struct NormalTail {
  T tail, exponential;
};
template <class T>
inline constexpr T kNormalEnd = T(std::is_same_v<T, float> ? 13.27 : 39.0);
TORCH_HD NormalTail<float> normal_tail(float a) {
  float p = polynomial((a - 3.f) / (a + 3.f), 5.41508795e-05, 0.000116037392, -0.000339911371,
                       -0.000984182788, 0.00290470265, 0.00613218307, -0.0462133138, 0.123225022,
                       -0.206402618, 0.121513948);
  Pair<float> square = exact_product(a, a);
  float e = exp_down(-0.5f * square.hi, -0.5f * square.lo);
  return {e * p, e};
}
TORCH_HD NormalTail<double> normal_tail(double a) {
  double y = a * 0.7071067811865476, t = (y - 4.0) / (y + 4.0);
  double p = (erfc_polynomial(t) * t - 0.13962111684056253) * t + 1.2329951186255526;
  Pair<double> square = exact_product(a, a);
  ExpParts<double> parts = exp_parts(-0.5 * square.hi, -0.5 * square.lo);
  double e = parts.hi * parts.scale1 * parts.scale2;
  return {e * (p / (2.0 + 4.0 * y)), e};
}

// x times a polynomial in w = -log(1 - x^2), or beyond 5 in its square root: M. Giles,
// "Approximating the erfinv function", 2010.
TORCH_HD float erfinv(float x) {
  double a = x < 0.f ? -x : x;
  LogParts l = log_parts((1.0 - a) * (1.0 + a));
  double w = -(l.exponent * 0.6931471805599453 + l.mantissa);
  double small = polynomial(w, 3.355425200346027e-10, -1.716128669918612e-08, 3.097947829467868e-07,
                            -2.4978577200757237e-06, 5.835503101285451e-06, 4.048715566227476e-05,
                            -0.00012200323697377183, -0.0023385400384939577, 0.011550335278522594,
                            0.23201355604736415, 0.8862269274511794);
  double large =
      polynomial(std::sqrt(w < 5.0 ? 5.0 : w), 0.0001012744431670457, -0.003029238555849618,
                 0.03985268417093021, -0.3017623663303205, 1.4425588190723435, -4.480593339123208,
                 8.91874605953487, -10.665805257872464, 7.478807621794582, -1.322680828343192);
  double y = static_cast<double>(x) * (w < 5.0 ? small : large);
  float r = static_cast<float>(y);
  r = a == 1.0 ? std::copysign(std::numeric_limits<float>::infinity(), x) : r;
  return a <= 1.0 ? r : std::numeric_limits<float>::quiet_NaN();
}

// Up to 1/2 x * p(x^2), beyond a step of Halley's method for erfc(y) = 1 - x from a guess that is
// right to 1e-7.
TORCH_HD double erfinv(double x) {
  double a = x < 0.0 ? -x : x, z = x * x;
  double p =
      polynomial(z, 0.11314166859159029, -0.07607360776328573, 0.07345020539520401,
                 0.008446011584224939, 0.03159332043375326, 0.031145242581416724,
                 0.036522988083139016, 0.042832578482160585, 0.05173148498700453,
                 0.06495961132717862, 0.08655212936268364, 0.1275561753044084, 0.23201366653465907);
  double small = a * (0.886226925452758 + (p * z - 4.126132950407452e-17));
  double q = 1.0 - a, s = std::sqrt(-log(q));
  double near = polynomial(s, 0.00030150095651470236, -0.005477415631342571, 0.04401045309150217,
                           -0.2058759441371409, 0.6193438620838871, -1.2414674193985824,
                           1.6335404122263455, -0.2407902250224083, 0.033130944244791086);
  double far = polynomial(s, 7.461026426936051e-07, -2.7800153177070015e-05, 0.00045261056835555174,
                          -0.0042087134684634184, 0.024433967970147033, -0.09011094050061454,
                          0.1991881718889944, 0.8141843050633887, -0.3179734711825899);
  double y = s < 2.5 ? near : far;
  constexpr double kSlope = -1.1283791670955126;  // -2 / sqrt(pi)
  double u = (erfc(y) - q) / (kSlope * exp_normal(-y * y).hi);
  y -= u / (1.0 + u * y);
  y = a <= 0.5 ? small : y;
  y = a == 1.0 ? std::numeric_limits<double>::infinity() : y;
  return std::copysign(y, x);
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
  if (a < 0x1p-60) return y;  // nothing else counts
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
    // pi / tan(pi x), where both sides of a pole keep their digits
    double side = x - std::rint(x);
    if (!(std::fabs(side) > 0.0)) return std::numeric_limits<double>::quiet_NaN();
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
