// What ops may ask of the sampling kernels. All outputs are contiguous.
#pragma once
#include <limits>

#include "torch/dtype.h"
#include "torch/generator.h"
#include "torch/philox.h"
#include "torch/registry.h"

namespace torch::kernels {

enum class Distribution : uint8_t {
  kUniform,      // [a, b)
  kNormal,       // mean a, standard deviation b
  kLogNormal,    // exp of normal
  kExponential,  // rate a
  kCauchy,       // location a, scale b
  kGeometric,    // log(1 - p) is a; counts from 1
  kBernoulli,    // probability a
  kIntegers      // first, ..., first + range - 1
};

struct Draw {
  Distribution distribution;
  double a = 0, b = 0;
  // Every floating result is brought into [lo, hi], numbers that the tensor's dtype holds, so that
  // rounding reaches no excluded end.
  double lo = -std::numeric_limits<double>::infinity();
  double hi = std::numeric_limits<double>::infinity();
  int64_t first = 0;
  uint64_t range = 0;  // 0 means 2^64

  // Words of 32 bits that one element takes, in the order of philox.h.
  int words(DType dtype) const {
    switch (distribution) {
      case Distribution::kGeometric:
        return 2;
      case Distribution::kBernoulli:
        return 1;
      case Distribution::kIntegers:
        return range - 1 < (uint64_t{1} << 32) ? 1 : 2;
      default:
        return dtype == DType::kFloat64 ? 2 : 1;
    }
  }
};

// Large permutations throw their elements into buckets, see the kernel.
inline constexpr int64_t kPermutationDirect = 1 << 20;  // up to here there is one
constexpr int64_t permutation_buckets(int64_t n) {
  int64_t buckets = 1;
  while (n > kPermutationDirect && buckets < 4096 && n / buckets > 65536) buckets *= 2;
  return buckets;
}

struct RandomTable {
  // n elements; takes philox_counters(n, d.words(dtype)) counters. Continuous distributions have
  // float32 and float64, bool has no kGeometric.
  void (*fill[kDTypes])(const Draw& d, char* out, int64_t n, PhiloxState state);
  // out[i] is true with probability p[i]; float32 and float64, one word per element.
  void (*bernoulli[kDTypes])(bool* out, const char* p, int64_t n, PhiloxState state);
  // out[i] from the parameter x[i]; float32 and float64, one counter per element.
  void (*gamma[kDTypes])(char* out, const char* x, int64_t n, PhiloxState state);
  void (*poisson[kDTypes])(char* out, const char* x, int64_t n, PhiloxState state);

  // For each of `rows` rows of n weights (0 or more, finite, with a positive, finite sum) `samples`
  // positions, with replacement: position k where u[row, k], uniform in [0, 1), falls.
  void (*choose)(int64_t* out, const double* u, const double* weights, int64_t rows, int64_t n,
                 int64_t samples);
  // Without: the first `samples` arrivals of a race, e[row, k] / weights[row, k] with e exponential
  // of rate 1. Each row has as many positive weights.
  void (*race)(int64_t* out, const double* e, const double* weights, int64_t rows, int64_t n,
               int64_t samples);

  // 0, ..., n - 1 in random order; takes philox_counters(n, 1) + permutation_buckets(n) counters
  void (*permutation)(int64_t* out, int64_t n, PhiloxState state);
  // k different numbers of 0, ..., n - 1 in random order, for k far below n; one counter
  void (*distinct)(int64_t* out, int64_t k, int64_t n, PhiloxState state);
};

extern KernelFamily<RandomTable> random;

}  // namespace torch::kernels
