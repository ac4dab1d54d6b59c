// Diagonals and triangles of matrices; the cross product.
#pragma once
#include "torch/tensor.h"

namespace torch::ops {

// Of every matrix (..., m, n): the elements on and above (upper) or on and below diagonal k, zero
// elsewhere.
Tensor triangle(bool upper, const char* name, const Tensor& x, int64_t k, Tensor* out = nullptr);
Tensor tri(int64_t rows, int64_t columns, int64_t k, DType dtype);
// Row and column numbers of a triangle: (2, count)
Tensor triangle_indices(bool upper, const char* name, int64_t rows, int64_t columns, int64_t k);

// A view without dim1 and dim2, and the diagonal as last dimension.
Tensor diagonal(const char* op, const Tensor& t, int64_t offset, int64_t dim1, int64_t dim2);
// A vector as the diagonal k of a matrix; diagonal k of a matrix as a vector.
Tensor diag(const char* op, const Tensor& t, int64_t k);
Scalar trace(const Tensor& t);

Tensor cross(const Tensor& x, const Tensor& y, int64_t dim);

}  // namespace torch::ops
