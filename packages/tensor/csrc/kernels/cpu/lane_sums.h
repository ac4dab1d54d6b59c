// Sums over at most a few thousand neighbouring elements, in their own type.
#pragma once
#include <array>

#include "kernels/cpu/vectors.h"

namespace torch::cpu::TORCH_CPU_ISA {
namespace {

// The sums of f(x[i]...), an array of kSums numbers, for i in [0, n). f also takes vectors, which
// are added up in 32 lanes, and the lanes pairwise. What does not fill a vector comes first.
template <int kSums, class T, class F, class... More>
inline __attribute__((always_inline)) std::array<T, kSums> lane_sums(int64_t n, F f, const T* x,
                                                                     const More*... more) {
  using V = Vector<T>;
  constexpr int kChains = 32 / kWidth<T>;
  T few[kSums][kWidth<T>] = {};
  int64_t i = n % kWidth<T>;
  for (int64_t l = 0; l < i; ++l) {
    auto values = f(x[l], more[l]...);
    for (int s = 0; s < kSums; ++s) few[s][l] = values[s];
  }
  V chain[kSums][kChains];
  for (int s = 0; s < kSums; ++s) {
    chain[s][0] = load(few[s]);
    for (int c = 1; c < kChains; ++c) chain[s][c] = V{};
  }
  for (; i + 32 <= n; i += 32) {
    for (int c = 0; c < kChains; ++c) {
      int64_t at = i + c * kWidth<T>;
      auto values = f(load(x + at), load(more + at)...);
      for (int s = 0; s < kSums; ++s) chain[s][c] += values[s];
    }
  }
  for (; i < n; i += kWidth<T>) {
    auto values = f(load(x + i), load(more + i)...);
    for (int s = 0; s < kSums; ++s) chain[s][0] += values[s];
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
  return lane_sums<1>(n, [](auto v) __attribute__((always_inline)) { return std::array{v}; }, x)[0];
}

}  // namespace
}  // namespace torch::cpu::TORCH_CPU_ISA
