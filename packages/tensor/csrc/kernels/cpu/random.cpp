#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "kernels/cpu/isa.h"
#include "kernels/tables.h"
#include "torch/math.h"
#include "torch/parallel.h"
#include "torch/philox.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

using kernels::Distribution;
constexpr int64_t kGrainBlocks = 4096;

// Element i comes from counter block i / per_block; body(block words, element index of the block's
// first) writes up to per_block ones.
template <class Body>
void for_blocks(int64_t n, int per_block, PhiloxState s, Body&& body) {
  int64_t blocks = (n + per_block - 1) / per_block;
  parallel_for(blocks, kGrainBlocks, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b)
      body(philox(s.seed, s.offset + static_cast<uint64_t>(b)), b * per_block);
  });
}

inline uint64_t join(uint32_t lo, uint32_t hi) { return (static_cast<uint64_t>(hi) << 32) | lo; }

template <class T>
void uniform(T* out, int64_t n, PhiloxState s, double a, double b) {
  if constexpr (std::is_same_v<T, float>) {
    auto from = static_cast<float>(a), span = static_cast<float>(b - a);
    auto last = std::nextafter(static_cast<float>(b), from);  // rounding must not reach b
    for_blocks(n, 4, s, [&](const PhiloxBlock& w, int64_t i) {
      for (int64_t j = 0; j < std::min<int64_t>(4, n - i); ++j) {
        float v = from + span * to_float(w[j]);
        out[i + j] = v >= static_cast<float>(b) && span != 0 ? last : v;
      }
    });
  } else {
    double last = std::nextafter(b, a);
    for_blocks(n, 2, s, [&](const PhiloxBlock& w, int64_t i) {
      for (int64_t j = 0; j < std::min<int64_t>(2, n - i); ++j) {
        double v = a + (b - a) * to_double(join(w[2 * j], w[2 * j + 1]));
        out[i + j] = v >= b && a != b ? last : v;
      }
    });
  }
}

// Box and Muller: two uniform numbers give two normal ones. 1 - u lies in (0, 1], so that the
// logarithm is finite.
template <class T>
void normal(T* out, int64_t n, PhiloxState s, double mean, double std) {
  constexpr T kTwoPi = static_cast<T>(6.283185307179586476925);
  auto pair = [&](T u, T v, T* y) {
    T r = static_cast<T>(std) * std::sqrt(T(-2) * math::Log{}(T(1) - u));
    y[0] = static_cast<T>(mean) + r * std::cos(kTwoPi * v);
    y[1] = static_cast<T>(mean) + r * std::sin(kTwoPi * v);
  };
  constexpr int kPerBlock = std::is_same_v<T, float> ? 4 : 2;
  for_blocks(n, kPerBlock, s, [&](const PhiloxBlock& w, int64_t i) {
    T y[4];
    if constexpr (std::is_same_v<T, float>) {
      pair(to_float(w[0]), to_float(w[1]), y);
      pair(to_float(w[2]), to_float(w[3]), y + 2);
    } else {
      pair(to_double(join(w[0], w[1])), to_double(join(w[2], w[3])), y);
    }
    for (int64_t j = 0; j < std::min<int64_t>(kPerBlock, n - i); ++j) out[i + j] = y[j];
  });
}

template <class T>
void bernoulli(T* out, int64_t n, PhiloxState s, double p) {
  // u / 2^32 < p, with the threshold as a whole number
  auto threshold = static_cast<uint64_t>(std::ldexp(p, 32));
  for_blocks(n, 4, s, [&](const PhiloxBlock& w, int64_t i) {
    for (int64_t j = 0; j < std::min<int64_t>(4, n - i); ++j)
      out[i + j] = static_cast<T>(w[j] < threshold);
  });
}

// Whole numbers a, ..., b - 1 by multiplying into the range (Lemire, "Fast random integer
// generation in an interval", 2019, without rejection: the bias is below range / 2^64).
template <class T>
void integers(T* out, int64_t n, PhiloxState s, double a, double b) {
  auto first = static_cast<int64_t>(a);
  auto range = static_cast<uint64_t>(static_cast<int64_t>(b) - first);
  for_blocks(n, 2, s, [&](const PhiloxBlock& w, int64_t i) {
    for (int64_t j = 0; j < std::min<int64_t>(2, n - i); ++j) {
      auto k = static_cast<int64_t>(
          (static_cast<unsigned __int128>(join(w[2 * j], w[2 * j + 1])) * range) >> 64);
      out[i + j] = static_cast<T>(first + k);
    }
  });
}

template <class T>
void fill(Distribution d, char* bytes, int64_t n, PhiloxState s, double a, double b) {
  T* out = reinterpret_cast<T*>(bytes);
  if (d == Distribution::kBernoulli) return bernoulli(out, n, s, a);
  if (d == Distribution::kIntegers) return integers(out, n, s, a, b);
  if constexpr (std::is_floating_point_v<T>) {
    if (d == Distribution::kUniform) return uniform(out, n, s, a, b);
    return normal(out, n, s, a, b);
  }
}

// Fisher and Yates; one thread, for each swap depends on those before.
void permutation(int64_t* out, int64_t n, PhiloxState s) {
  for (int64_t i = 0; i < n; ++i) out[i] = i;
  for (int64_t i = n - 1; i > 0; --i) {
    PhiloxBlock w = philox(s.seed, s.offset + static_cast<uint64_t>(i >> 1));
    uint64_t u = i & 1 ? join(w[2], w[3]) : join(w[0], w[1]);
    auto j = static_cast<int64_t>(
        (static_cast<unsigned __int128>(u) * static_cast<uint64_t>(i + 1)) >> 64);
    std::swap(out[i], out[j]);
  }
}

constexpr kernels::RandomTable make_table() {
  kernels::RandomTable t{};
  int i = 0;
#define DTYPE(e, ctype, name, prefix, kind)                   \
  if constexpr (!is_half(DType::e)) t.fill[i] = &fill<ctype>; \
  ++i;
#include "torch/dtype.def"
#undef DTYPE
  t.permutation = &permutation;
  return t;
}

}  // namespace

extern constinit const kernels::RandomTable random = make_table();

}  // namespace torch::cpu::TORCH_CPU_ISA
