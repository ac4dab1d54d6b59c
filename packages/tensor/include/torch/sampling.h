// Formulas of sampling on single numbers, for host and device: words of Philox in, a number of the
// distribution out.
//
// The same words give the same bits on every processor: nothing here calls the C library but for
// square roots and rounding, which are exact, and whoever compiles it must keep multiplications
// and additions apart (-ffp-contract=off). Everything up to `Stream` is free of branches, so that
// the surrounding loop becomes vector code.
#pragma once
#include <cmath>
#include <cstdint>

#include "torch/math.h"
#include "torch/philox.h"

namespace torch::sampling {

using math::bit_cast;
using math::log_polynomial;

// Uniform in [0, 1): 24 and 53 bits.
TORCH_HD float unit(uint32_t w) {
  return static_cast<float>(static_cast<int32_t>(w >> 8)) * 5.9604644775390625e-8f;
}
TORCH_HD double unit(uint32_t hi, uint32_t lo) {
  // two exact conversions of 27 and 26 bits: vector units convert no 64-bit integers
  return (static_cast<double>(static_cast<int32_t>(hi >> 5)) * 67108864.0 +
          static_cast<double>(static_cast<int32_t>(lo >> 6))) *
         1.1102230246251565e-16;
}

// Uniform in (0, 1] with the resolution of 2^-32 at the lower end, and in (0, 1) by steps of 2^-52:
// what logarithms are taken of.
TORCH_HD float open_unit(uint32_t w) {
  return (static_cast<float>(static_cast<int32_t>(w >> 1)) + 0.5f) * 4.656612873077393e-10f;
}
TORCH_HD double open_unit(uint32_t hi, uint32_t lo) {
  return (static_cast<double>(static_cast<int32_t>(hi >> 6)) * 67108864.0 +
          static_cast<double>(static_cast<int32_t>(lo >> 6)) + 0.5) *
         2.220446049250313e-16;
}

// Logarithm of a positive normal number: polynomials of S. Moshier's Cephes library (logf) and of
// Sun's fdlibm (e_log.c).
TORCH_HD float log_normal_number(float x) {
  uint32_t bits = bit_cast<uint32_t>(x) - 0x3f3504f3u;  // mantissa in [sqrt(1/2), sqrt(2))
  auto e = static_cast<float>(static_cast<int32_t>(bits) >> 23);
  return log_polynomial(bit_cast<float>((bits & 0x007fffffu) + 0x3f3504f3u) - 1.f, e);
}
TORCH_HD double log_normal_number(double x) {
  uint64_t bits = bit_cast<uint64_t>(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  // the exponent behind the bits of 2^52: no conversion needed
  double e = bit_cast<double>((bits >> 52) | 0x4330000000000000u) - 4503599627371519.0;
  double f = bit_cast<double>((bits & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
  double s = f / (2.0 + f), z = s * s, w = z * z;
  double odd =
      z *
      (6.666666666666735130e-1 +
       w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  double even =
      w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  double half = 0.5 * f * f;
  return s * (half + (odd + even)) + e * 1.90821492927058770002e-10 - half + f +
         e * 6.93147180369123816490e-1;
}

// Exponential, also beyond the ends of the range: fdlibm's e_exp.c.
TORCH_HD double exponential_function(double x) {
  constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to a whole number
  double c = x > 710.0 ? 710.0 : x;
  c = c < -746.0 ? -746.0 : c;
  double shifted = c * 1.44269504088896338700 + kRound, n = shifted - kRound;
  double hi = c - n * 6.93147180369123816490e-1, lo = n * 1.90821492927058770002e-10;
  double r = hi - lo, t = r * r;
  double p = 4.13813679705723846039e-8;
  p = p * t - 1.65339022054652515390e-6;
  p = p * t + 6.61375632143793436117e-5;
  p = p * t - 2.77777777770155933842e-3;
  p = p * t + 1.66666666666666019037e-1;
  double q = r - t * p;
  double y = 1.0 - ((lo - r * q / (2.0 - q)) - hi);
  // 2^n in two factors: n itself may lie beyond the exponents of normal numbers
  uint64_t k = bit_cast<uint64_t>(shifted) - bit_cast<uint64_t>(kRound);
  uint64_t half = ((k + 2048u) >> 1) - 1024u;
  return y * bit_cast<double>((half + 1023u) << 52) * bit_cast<double>((k - half + 1023u) << 52);
}

template <class T>
struct SinCos {
  T sin, cos;
};

// Of |x| <= pi/4: polynomials of Cephes (sinf, cosf) and fdlibm (k_sin.c, k_cos.c).
TORCH_HD SinCos<float> sin_cos(float x) {
  float z = x * x;
  float s = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * x + x;
  float c =
      ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z -
      0.5f * z + 1.f;
  return {s, c};
}
TORCH_HD SinCos<double> sin_cos(double x) {
  double z = x * x;
  double s = 1.58969099521155010221e-10;
  s = s * z - 2.50507602534068634195e-8;
  s = s * z + 2.75573137070700676789e-6;
  s = s * z - 1.98412698298579493134e-4;
  s = s * z + 8.33333333332248946124e-3;
  s = s * z - 1.66666666666666324348e-1;
  double c = -1.13596475577881948265e-11;
  c = c * z + 2.08757232129817482790e-9;
  c = c * z - 2.75573143513906633035e-7;
  c = c * z + 2.48015872894767294178e-5;
  c = c * z - 1.38888888888741095749e-3;
  c = c * z + 4.16666666666666019037e-2;
  return {x + x * z * s, 1.0 - (0.5 * z - z * z * c)};
}

// Sine and cosine of a whole turn's uniform part. The two highest bits, rounded, say the quadrant;
// what is left is an angle within an eighth of a turn.
TORCH_HD uint32_t quadrant(uint32_t w) { return (w + 0x20000000u) >> 30; }
TORCH_HD SinCos<float> turn(uint32_t w) {
  uint32_t q = quadrant(w);
  SinCos<float> v = sin_cos(static_cast<float>(static_cast<int32_t>(w - (q << 30))) *
                            1.4629180792671596e-9f);  // 2 pi / 2^32
  float s = q & 1 ? v.cos : v.sin, c = q & 1 ? v.sin : v.cos;
  return {bit_cast<float>(bit_cast<uint32_t>(s) ^ ((q & 2u) << 30)),
          bit_cast<float>(bit_cast<uint32_t>(c) ^ (((q + 1u) & 2u) << 30))};
}
TORCH_HD SinCos<double> turn(uint32_t hi, uint32_t lo) {
  uint32_t q = quadrant(hi);
  double x = static_cast<double>(static_cast<int32_t>(hi - (q << 30))) +
             static_cast<double>(static_cast<int32_t>(lo >> 1)) * 4.656612873077393e-10;
  SinCos<double> v = sin_cos(x * 1.4629180792671596e-9);
  double s = q & 1 ? v.cos : v.sin, c = q & 1 ? v.sin : v.cos;
  return {bit_cast<double>(bit_cast<uint64_t>(s) ^ (static_cast<uint64_t>(q & 2u) << 62)),
          bit_cast<double>(bit_cast<uint64_t>(c) ^ (static_cast<uint64_t>((q + 1u) & 2u) << 62))};
}

// Box and Muller: a radius and an angle are two independent normal numbers.
TORCH_HD SinCos<float> normal_pair(uint32_t a, uint32_t b) {
  float r = std::sqrt(-2.f * log_normal_number(open_unit(a)));
  SinCos<float> v = turn(b);
  return {r * v.sin, r * v.cos};
}
TORCH_HD SinCos<double> normal_pair(uint32_t a0, uint32_t a1, uint32_t b0, uint32_t b1) {
  double r = std::sqrt(-2.0 * log_normal_number(open_unit(a0, a1)));
  SinCos<double> v = turn(b0, b1);
  return {r * v.sin, r * v.cos};
}

// Rate 1; never 0.
TORCH_HD float exponential(uint32_t w) {
  constexpr float kMost = 0.99999994f;
  float u = open_unit(w);
  return -log_normal_number(u < kMost ? u : kMost);
}
TORCH_HD double exponential(uint32_t hi, uint32_t lo) {
  return -log_normal_number(open_unit(hi, lo));
}

// Location 0, scale 1, always finite: plus or minus the cotangent of an angle in (0, pi/2].
template <class T>
TORCH_HD T half_cotangent(T d) {  // of pi d, 0 < d <= 1/2
  bool large = d > T(0.25);
  T r = large ? T(0.5) - d : d;  // exact
  SinCos<T> v = sin_cos(static_cast<T>(3.141592653589793238) * r);
  return (large ? v.sin : v.cos) / (large ? v.cos : v.sin);
}
TORCH_HD float cauchy(uint32_t w) {
  float x = half_cotangent(0.5f * open_unit(w));
  return bit_cast<float>(bit_cast<uint32_t>(x) ^ (w << 31));
}
TORCH_HD double cauchy(uint32_t hi, uint32_t lo) {
  double x = half_cotangent(0.5 * open_unit(hi, lo));
  return bit_cast<double>(bit_cast<uint64_t>(x) ^ (static_cast<uint64_t>(lo) << 63));
}

// Words for one place of a draw, as many as it takes: the blocks (counter, 1), (counter, 2), ...
class Stream {
 public:
  TORCH_HD Stream(uint64_t seed, uint64_t counter) : seed_(seed), counter_(counter) {}
  TORCH_HD uint32_t word() {
    if (position_ % 4 == 0) block_ = philox(seed_, counter_, position_ / 4 + 1);
    return block_.word[position_++ % 4];
  }
  TORCH_HD double open_unit() {
    uint32_t hi = word(), lo = word();
    return sampling::open_unit(hi, lo);
  }
  TORCH_HD double normal() {
    uint32_t a0 = word(), a1 = word(), b0 = word(), b1 = word();
    return normal_pair(a0, a1, b0, b1).cos;
  }

 private:
  uint64_t seed_, counter_, position_ = 0;  // words so far
  PhiloxBlock block_{};
};

// Rejection samplers: operator() takes what it needs from a stream. `attempt` is its one step, for
// loops that make the first step's numbers of many streams together; few need a second one.

// Scale 1. Marsaglia and Tsang, "A simple method for generating gamma variables", 2000; below
// alpha = 1 a number of alpha + 1 times u^(1 / alpha).
class Gamma {
 public:
  TORCH_HD explicit Gamma(double alpha)
      : alpha_(alpha), d_((alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3), c_(1 / std::sqrt(9 * d_)) {}
  // From a normal number and a uniform one; `more` is uniform, too.
  TORCH_HD bool attempt(double x, double u, double more, double& out) const {
    double v = 1 + c_ * x, squared = x * x;
    if (v <= 0) return false;
    v = v * v * v;
    if (u >= 1 - 0.0331 * squared * squared &&
        log_normal_number(u) >= 0.5 * squared + d_ - d_ * v + d_ * log_normal_number(v))
      return false;
    out = d_ * v;
    if (alpha_ < 1) out *= alpha_ > 0 ? exponential_function(log_normal_number(more) / alpha_) : 0;
    return true;
  }
  TORCH_HD double operator()(Stream& s) const {
    double out;
    for (;;) {
      double x = s.normal(), u = s.open_unit(), more = s.open_unit();
      if (attempt(x, u, more, out)) return out;
    }
  }

 private:
  double alpha_, d_, c_;
};

// Logarithm of the probability of k at rate `rate`: the saddle-point form of C. Loader, "Fast and
// accurate computation of binomial probabilities", 2000, which cancels nothing at large rates.
TORCH_HD double poisson_log_probability(double k, double rate) {
  if (k < 16) {
    constexpr double kLogFactorial[] = {0.0,
                                        0.0,
                                        0.6931471805599453,
                                        1.791759469228055,
                                        3.1780538303479458,
                                        4.787491742782046,
                                        6.579251212010101,
                                        8.525161361065415,
                                        10.60460290274525,
                                        12.801827480081469,
                                        15.104412573075516,
                                        17.502307845873887,
                                        19.987214495661885,
                                        22.552163853123425,
                                        25.19122118273868,
                                        27.89927138384089};
    return k * log_normal_number(rate) - rate - kLogFactorial[static_cast<int>(k)];
  }
  double d = k - rate, deviance;
  if (rate > 1e6 && std::fabs(d) < 0.1 * (k + rate)) {
    // k log(k / rate) + rate - k, which cancels, as a series in v = d / (k + rate)
    double v = d / (k + rate), term = 2 * k * v;
    deviance = d * v;
    for (double j = 3; j < 100; j += 2) {
      term *= v * v;
      double next = deviance + term / j;
      if (next == deviance) break;
      deviance = next;
    }
  } else {
    deviance = k * log_normal_number(k / rate) - d;
  }
  double r = 1 / (k * k);  // the error of Stirling's formula
  double stirling = (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - r / 1680) * r) * r) / k;
  return -stirling - deviance - 0.5 * log_normal_number(6.283185307179586477 * k);
}

// Small rates: inversion, the first k whose cumulative probability exceeds u. From 10 on the
// transformed rejection PTRS of W. Hoermann, "The transformed rejection method for generating
// Poisson random variables", 1993.
class Poisson {
 public:
  TORCH_HD explicit Poisson(double rate) : rate_(rate) {
    if (rate < 10) {
      none_ = exponential_function(-rate);
    } else {
      b_ = 0.931 + 2.53 * std::sqrt(rate);
      a_ = -0.059 + 0.02483 * b_;
      squeeze_ = 0.9277 - 3.6224 / (b_ - 2);
    }
  }
  // From two uniform numbers.
  TORCH_HD bool attempt(double first, double v, double& k) const {
    if (rate_ < 10) {
      double p = none_, sum = p;
      k = 0;
      while (first > sum && k < 200) {  // what is beyond has less probability than `first` digits
        k += 1;
        p *= rate_ / k;
        sum += p;
      }
      return true;
    }
    double u = first - 0.5, us = 0.5 - std::fabs(u);
    k = std::floor((2 * a_ / us + b_) * u + rate_ + 0.43);
    if (us >= 0.07 && v <= squeeze_) return true;
    if (k < 0 || (us < 0.013 && v > us)) return false;
    double scale = (1.1239 + 1.1328 / (b_ - 3.4)) / (a_ / (us * us) + b_);
    return log_normal_number(v * scale) <= poisson_log_probability(k, rate_);
  }
  TORCH_HD double operator()(Stream& s) const {
    double k;
    for (;;) {
      double u = s.open_unit(), v = s.open_unit();
      if (attempt(u, v, k)) return k;
    }
  }

 private:
  double rate_, none_ = 0, a_ = 0, b_ = 0, squeeze_ = 0;
};

}  // namespace torch::sampling
