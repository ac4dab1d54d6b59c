// The driver of element-wise kernels: walks a Plan and calls a one-dimensional loop.
#pragma once
#include "torch/elementwise.h"

namespace torch::cpu {

// p[0] is the output, p[1...] the inputs; s are their strides in bytes.
using Loop = void(char* const* p, const int64_t* s, int64_t n);

void drive(const Plan& plan, Loop* loop);

// One-dimensional conversions, [from][to]; the driver uses them for operands of another dtype than the loop's.
struct ConvertTable {
  Loop* at[kDTypes][kDTypes];
};

// Elements below which a second thread does not pay (measured: waking a thread costs about what 32768 additions cost).
inline constexpr int64_t kGrain = 32768;

}  // namespace torch::cpu
