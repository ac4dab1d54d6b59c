// Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11), for host and
// device.
#pragma once
#include <cstdint>

#include "torch/math.h"

namespace torch {

struct PhiloxBlock {
  uint32_t word[4];
  TORCH_HD uint32_t operator[](int64_t i) const { return word[i]; }
};

TORCH_HD PhiloxBlock philox(uint64_t seed, uint64_t counter) {
  auto c0 = static_cast<uint32_t>(counter), c1 = static_cast<uint32_t>(counter >> 32);
  uint32_t c2 = 0, c3 = 0;
  auto k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t p0 = uint64_t{0xD2511F53u} * c0, p1 = uint64_t{0xCD9E8D57u} * c2;
    uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0,
             n2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

// Uniform in [0, 1): 24 and 53 random bits.
TORCH_HD float to_float(uint32_t w) { return static_cast<float>(w >> 8) * 5.9604644775390625e-8f; }
TORCH_HD double to_double(uint64_t w) {
  return static_cast<double>(w >> 11) * 1.1102230246251565e-16;
}

}  // namespace torch
