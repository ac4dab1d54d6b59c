// Moving some of eight lanes together.
#pragma once
#include <array>
#include <cstdint>

#include "kernels/cpu/isa.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// For each mask of lanes: those that are not set, then the others, as numbers of 32-bit lanes.
constexpr auto kToEnds = [] {
  std::array<uint64_t, 256> table{};
  for (int mask = 0; mask < 256; ++mask) {
    int at = 0;
    for (int side = 0; side < 2; ++side) {
      for (int lane = 0; lane < 8; ++lane) {
        if ((mask >> lane & 1) == side) table[mask] |= static_cast<uint64_t>(lane) << (8 * at++);
      }
    }
  }
  return table;
}();

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
