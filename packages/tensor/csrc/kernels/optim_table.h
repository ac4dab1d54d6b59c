// Table of the family optim, beside tables.h.
#pragma once
#include "torch/math_optim.h"
#include "torch/registry.h"

namespace torch::kernels {

// One step of one parameter: float32 or float64 elements side by side, in separate memory. The rule
// gets the gradient sign * (grad + decay * param).
struct Update {
  math::UpdateRule rule;
  DType dtype;
  int64_t n;
  char* param;
  const char* grad;
  char* state[math::kMostUpdateState];
  double numbers[math::kMostUpdateNumbers];  // the rule's members
  double decay, sign;
};
struct OptimTable {
  void (*update)(const Update* updates, int64_t count);  // no two of them write to the same memory
};

extern KernelFamily<OptimTable> optim;

}  // namespace torch::kernels
