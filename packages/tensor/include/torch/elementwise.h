// What an element-wise kernel is given: one output and up to four inputs over a common shape,
// dimensions already collapsed.
#pragma once
#include "torch/tensor.h"

namespace torch {

inline constexpr int kMaxInputs = 4;

// Nothing is initialized: a plan is made for every call, and only the parts in use are written.
struct Plan {
  struct Operand {
    char* data;
    DType dtype;                // of the memory
    DType loop_dtype;           // what the kernel's functor takes; the driver converts in between
    int64_t strides[kMaxDims];  // bytes, one per dimension of the plan
  };
  int operands;  // operand 0 is the output
  int dims;
  int64_t numel;
  bool converts;            // some dtype differs from its loop_dtype
  int64_t shape[kMaxDims];  // outermost first
  Operand op[1 + kMaxInputs];
};

using ElementwiseKernel = void(const Plan&);

// A number as an operand of stride 0, converted to the dtype it takes part in.
struct ScalarOperand {
  alignas(8) char bytes[8];
  ScalarOperand() = default;
  // OverflowError naming `op` when the number does not fit `dtype`.
  ScalarOperand(const char* op, Scalar value, DType dtype);
};

// One input of an element-wise op: a tensor, or a number when `tensor` is null.
struct Input {
  const Tensor* tensor = nullptr;
  Scalar scalar;
  Input(const Tensor& t) : tensor(&t) {}
  Input(Scalar s) : scalar(s) {}
};

}  // namespace torch
