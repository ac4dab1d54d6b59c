// Sums over at most a few thousand neighbouring elements, in their own type.
#pragma once
#include <array>

#include "kernels/cpu/vectors.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// The sums of f(x[i]...), an array of kSums numbers, for i in [0, n). f also takes vectors: they are
// added up in 32 lanes, which do not depend on the instruction set, and the lanes pairwise.
template <int kSums, class T, class F, class... More>
inline __attribute__((always_inline)) std::array<T, kSums> lane_sums(int64_t n, F f, const T* x,
                                                                     const More*... more) {
  using V = Vector<T>;
  constexpr int kChains = 32 / kWidth<T>;
  V chain[kSums][kChains] = {};
  auto add = [&](int c, const auto& values) __attribute__((always_inline)) {
    for (int s = 0; s < kSums; ++s) chain[s][c] += values[s];
  };
  int64_t i = 0;
  for (; i + 32 <= n; i += 32) {
    for (int c = 0; c < kChains; ++c) {
      int64_t at = i + c * kWidth<T>;
      add(c, f(load(x + at), load(more + at)...));
    }
  }
  for (int c = 0; i < n; ++c, i += kWidth<T>) {
    if (n - i >= kWidth<T>) {
      add(c, f(load(x + i), load(more + i)...));
      continue;
    }
    T last[kSums][kWidth<T>] = {};
    for (int64_t l = 0; i + l < n; ++l) {
      auto values = f(x[i + l], more[i + l]...);
      for (int s = 0; s < kSums; ++s) last[s][l] = values[s];
    }
    for (int s = 0; s < kSums; ++s) chain[s][c] += load(last[s]);
  }
  std::array<T, kSums> sums;
  for (int s = 0; s < kSums; ++s) {
    for (int m = kChains / 2; m > 0; m /= 2) {
      for (int c = 0; c < m; ++c) chain[s][c] += chain[s][c + m];
    }
    T lanes[kWidth<T>];
    std::memcpy(lanes, chain[s], sizeof lanes);
#pragma GCC unroll 4
    for (int m = kWidth<T> / 2; m > 0; m /= 2) {
      for (int l = 0; l < m; ++l) lanes[l] += lanes[l + m];
    }
    sums[s] = lanes[0];
  }
  return sums;
}

// The sum of n elements.
template <class T>
T lane_sum(const T* x, int64_t n) {
  return lane_sums<1>(
      n, [](auto v) __attribute__((always_inline)) { return std::array{v}; }, x)[0];
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
