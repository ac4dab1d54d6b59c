// The driver of element-wise kernels: walks a Plan and calls a one-dimensional loop.
#pragma once
#include "torch/elementwise.h"

namespace torch::cpu {

// p[0] is the output, p[1...] the inputs; s are their strides in bytes.
using Loop = void(char* const* p, const int64_t* s, int64_t n);

// Elements below which a second thread does not pay: for loops bound by memory, and for those that
// compute (a few tens of microseconds of work, against some to wake a thread).
inline constexpr int64_t kMemoryGrain = 131072, kComputeGrain = 32768;

// A loop over n elements of `operands` operands (sizes in bytes) that are contiguous for it:
// buffers stand for those that are not.
void loop_through_buffers(Loop* loop, int operands, const int64_t* sizes, char* const* p,
                          const int64_t* s, int64_t n);

void drive(const Plan& plan, Loop* loop, int64_t grain = kMemoryGrain);

// One-dimensional conversions, [from][to]; the driver uses them for operands of another dtype than
// the loop's.
struct ConvertTable {
  Loop* at[kDTypes][kDTypes];
};

}  // namespace torch::cpu
