// Copies between two orders of dimensions.
#pragma once
#include <cstdint>

#include "torch/elementwise.h"

namespace torch::cpu {

// Copies elements of `size` bytes where the target is contiguous along its last dimension and the
// source along another one, tile by tile; false, and nothing done, where that is not so.
bool copy_transposed(const Plan& plan, int64_t size);

}  // namespace torch::cpu
