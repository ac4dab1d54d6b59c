// Kernels of scans along one dimension.
#pragma once
#include "torch/ops/scan.h"
#include "torch/registry.h"
#include "torch/tensor.h"

namespace torch::kernels {

// out[k, i] = in[k, 0] op ... op in[k, i]; strides are bytes.
struct ScanPlan {
  char* out;
  char* indices;  // of cummax and cummin: contiguous over (kept, n) as `out` is
  const char* in;
  Shape kept, kept_in, kept_out;  // sizes, strides of the input, strides of the output
  int64_t n, in_step, out_step;
};
using ScanKernel = void(const ScanPlan&);
struct ScanTable {
  ScanKernel* at[kScanOps][kDTypes];  // int64 for integers
  ScanKernel* max[kDTypes];
  ScanKernel* min[kDTypes];
};

extern KernelFamily<ScanTable> scan;

}  // namespace torch::kernels
