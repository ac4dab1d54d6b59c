// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11), for host and
// device.
//
// The 128-bit counter is (counter, sub): a draw walks along `counter`; whoever needs more numbers
// for one place than a block has (rejection) walks along `sub` and meets no other draw there.
#pragma once
#include <cstdint>

#include "torch/math.h"

namespace torch {

struct PhiloxBlock {
  uint32_t word[4];
  TORCH_HD uint32_t operator[](int64_t i) const { return word[i]; }
};

inline constexpr uint32_t kPhiloxMultiply0 = 0xD2511F53u, kPhiloxMultiply1 = 0xCD9E8D57u;
inline constexpr uint32_t kPhiloxKey0 = 0x9E3779B9u, kPhiloxKey1 = 0xBB67AE85u;  // added per round
inline constexpr int kPhiloxRounds = 10;

TORCH_HD PhiloxBlock philox(uint64_t seed, uint64_t counter, uint64_t sub = 0) {
  auto c0 = static_cast<uint32_t>(counter), c1 = static_cast<uint32_t>(counter >> 32);
  auto c2 = static_cast<uint32_t>(sub), c3 = static_cast<uint32_t>(sub >> 32);
  auto k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round) {
    uint64_t p0 = uint64_t{kPhiloxMultiply0} * c0, p1 = uint64_t{kPhiloxMultiply1} * c2;
    uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0,
             n2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    c0 = n0;
    c2 = n2;
    k0 += kPhiloxKey0;
    k1 += kPhiloxKey1;
  }
  return {{c0, c1, c2, c3}};
}

// A draw takes groups of 16 neighbouring counters, 64 words. Word k of a group is word k / 16 of
// its counter k % 16, so that vector code makes 16 blocks at once and stores them as they are.
// Element i of a draw of one-word elements takes word i % 64 of group i / 64; with two words an
// element takes words k and k + 16 of k = i % 16 + (i / 16 % 2) * 32 in group i / 32.
inline constexpr int kPhiloxLanes = 16;
inline constexpr int kPhiloxGroup = 4 * kPhiloxLanes;  // words

// Counters that n elements of `words` words use up.
constexpr uint64_t philox_counters(int64_t n, int words) {
  auto per_group = static_cast<uint64_t>(kPhiloxGroup / words);
  return (static_cast<uint64_t>(n) + per_group - 1) / per_group * kPhiloxLanes;
}

}  // namespace torch
