// Kernels that make values from nothing.
#pragma once
#include "torch/registry.h"
#include "torch/tensor.h"

namespace torch {

// start + i * step: whole numbers wrap at 64 bits, so that callers see what is out of range.
inline Scalar ramp_value(Scalar start, Scalar step, int64_t i) {
  if (start.is_float() || step.is_float())
    return Scalar(start.as_double() + static_cast<double>(i) * step.as_double());
  return Scalar(static_cast<int64_t>(static_cast<uint64_t>(start.i) +
                                     static_cast<uint64_t>(i) * static_cast<uint64_t>(step.i)));
}

namespace kernels {

struct CreateTable {
  void (*zero)(char* out, int64_t bytes);
  // out[i] = start + i * step, i < n; out is contiguous
  void (*ramp[kDTypes])(char* out, int64_t n, Scalar start, Scalar step);
  // out[i] = start + i * (end - start) / (n - 1), the last one end itself
  void (*linspace[kDTypes])(char* out, int64_t n, double start, double end);
};

extern KernelFamily<CreateTable> create;

}  // namespace kernels
}  // namespace torch
