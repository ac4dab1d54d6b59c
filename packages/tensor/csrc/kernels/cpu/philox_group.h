// Sixteen blocks of Philox at once, and loops over draws made of them.
#pragma once
#include <cstring>

#include "kernels/cpu/isa.h"
#include "torch/generator.h"
#include "torch/parallel.h"
#include "torch/philox.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// Word k of a group is flat()[k], see philox.h.
struct Words {
  alignas(64) uint32_t at[4][kPhiloxLanes];
  const uint32_t* flat() const { return at[0]; }
};

#if defined(__SSE2__)
// A word in the lower half of each 64-bit lane: the multiplication that Philox needs reads just
// that half, so the upper ones need not be clean.
#if defined(__AVX512F__)
using Lanes = uint64_t __attribute__((vector_size(64)));
inline Lanes wide_product(Lanes a, Lanes b) {
  // the form with a mask, all ones: GCC 12 warns of an uninitialized value in the other
  return reinterpret_cast<Lanes>(
      _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
}
#elif defined(__AVX2__)
using Lanes = uint64_t __attribute__((vector_size(32)));
inline Lanes wide_product(Lanes a, Lanes b) {
  return reinterpret_cast<Lanes>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
}
#else
using Lanes = uint64_t __attribute__((vector_size(16)));
inline Lanes wide_product(Lanes a, Lanes b) {
  return reinterpret_cast<Lanes>(
      _mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
}
#endif
constexpr int kLanes = sizeof(Lanes) / sizeof(uint64_t);

// The lower halves of the lanes of a, then of b.
inline void store_words(uint32_t* to, Lanes a, Lanes b) {
  using Half = uint32_t __attribute__((vector_size(sizeof(Lanes))));
  auto x = reinterpret_cast<Half>(a), y = reinterpret_cast<Half>(b);
#if defined(__AVX512F__)
  Half packed =
      __builtin_shufflevector(x, y, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
#elif defined(__AVX2__)
  Half packed = __builtin_shufflevector(x, y, 0, 2, 4, 6, 8, 10, 12, 14);
#else
  Half packed = __builtin_shufflevector(x, y, 0, 2, 4, 6);
#endif
  std::memcpy(to, &packed, sizeof packed);
}

// The blocks (counter, sub), (counter + step, sub + sub_step), ...
inline void philox_blocks(uint64_t seed, uint64_t counter, uint64_t step, uint64_t sub,
                          uint64_t sub_step, Words& w) {
  Lanes lane;
  for (int l = 0; l < kLanes; ++l) lane[l] = static_cast<uint64_t>(l);
  for (int at = 0; at < kPhiloxLanes; at += 2 * kLanes) {
    // two vectors side by side hide the latency of the multiplication
    Lanes c0[2], c1[2], c2[2], c3[2];
    for (int v = 0; v < 2; ++v) {
      Lanes place = lane + static_cast<uint64_t>(at + v * kLanes);
      c0[v] = counter + place * step;
      c2[v] = sub + place * sub_step;
      c1[v] = c0[v] >> 32;
      c3[v] = c2[v] >> 32;
    }
    auto k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
    const Lanes m0 = Lanes{} + kPhiloxMultiply0, m1 = Lanes{} + kPhiloxMultiply1;
    for (int round = 0; round < kPhiloxRounds; ++round) {
      for (int v = 0; v < 2; ++v) {
        Lanes p0 = wide_product(m0, c0[v]), p1 = wide_product(m1, c2[v]);
        c0[v] = (p1 >> 32) ^ c1[v] ^ static_cast<uint64_t>(k0);
        c2[v] = (p0 >> 32) ^ c3[v] ^ static_cast<uint64_t>(k1);
        c1[v] = p1;
        c3[v] = p0;
      }
      k0 += kPhiloxKey0;
      k1 += kPhiloxKey1;
    }
    store_words(w.at[0] + at, c0[0], c0[1]);
    store_words(w.at[1] + at, c1[0], c1[1]);
    store_words(w.at[2] + at, c2[0], c2[1]);
    store_words(w.at[3] + at, c3[0], c3[1]);
  }
}
#else
inline void philox_blocks(uint64_t seed, uint64_t counter, uint64_t step, uint64_t sub,
                          uint64_t sub_step, Words& w) {
  for (int l = 0; l < kPhiloxLanes; ++l) {
    auto place = static_cast<uint64_t>(l);
    PhiloxBlock b = philox(seed, counter + place * step, sub + place * sub_step);
    for (int k = 0; k < 4; ++k) w.at[k][l] = b.word[k];
  }
}
#endif

// Groups below which a second thread does not pay.
constexpr int64_t kGroupGrain = 512;

// Elements of `words` words each: body(words of a group, its first counter, where its elements go)
// writes 64 / words of them.
template <int words, class T, class Body>
void for_groups(T* out, int64_t n, PhiloxState s, Body&& body) {
  constexpr int64_t kElements = kPhiloxGroup / words;
  parallel_for((n + kElements - 1) / kElements, kGroupGrain, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      uint64_t counter = s.offset + static_cast<uint64_t>(g) * kPhiloxLanes;
      Words w;
      philox_blocks(s.seed, counter, 1, 0, 0, w);
      if ((g + 1) * kElements <= n) {
        body(w, counter, out + g * kElements);
      } else {
        T rest[kElements];
        body(w, counter, rest);
        std::memcpy(out + g * kElements, rest, static_cast<size_t>(n - g * kElements) * sizeof(T));
      }
    }
  });
}

// Words without end, made sixteen blocks at a time: (counter, 1), (counter, 2), ...
class FastStream {
 public:
  FastStream(uint64_t seed, uint64_t counter) : seed_(seed), counter_(counter) {}
  uint32_t word() {
    if (used_ == kPhiloxGroup) {
      philox_blocks(seed_, counter_, 0, sub_, 1, words_);
      sub_ += kPhiloxLanes;
      used_ = 0;
    }
    return words_.flat()[used_++];
  }
  // Uniform in 0, ..., range - 1, range > 0 (Lemire, "Fast random integer generation in an
  // interval", 2019).
  uint32_t below(uint32_t range) {
    uint64_t m = static_cast<uint64_t>(word()) * range;
    if (static_cast<uint32_t>(m) < range) {
      uint32_t reject = -range % range;
      while (static_cast<uint32_t>(m) < reject) m = static_cast<uint64_t>(word()) * range;
    }
    return static_cast<uint32_t>(m >> 32);
  }
  uint64_t below(uint64_t range) {
    for (uint64_t reject = -range % range;;) {
      uint64_t hi = word(), bits = (hi << 32) | word();
      auto m = static_cast<unsigned __int128>(bits) * range;
      if (static_cast<uint64_t>(m) >= reject) return static_cast<uint64_t>(m >> 64);
    }
  }

 private:
  uint64_t seed_, counter_, sub_ = 1;
  int used_ = kPhiloxGroup;
  Words words_;
};

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
