// Kernels of triangles of matrices.
#pragma once
#include "torch/registry.h"
#include "torch/tensor.h"

namespace torch::kernels {

// Sets to zero the elements (i, j) of every matrix with j - i < k (upper) or j - i > k (not upper).
// Strides are bytes.
struct TrianglePlan {
  char* data;
  Shape batch, batch_strides;
  int64_t rows, columns, row_step, column_step;
  int64_t item_bytes;
  int64_t k;
  bool upper;
};
struct TriangleTable {
  void (*clear)(const TrianglePlan&);
};

extern KernelFamily<TriangleTable> triangle;

}  // namespace torch::kernels
