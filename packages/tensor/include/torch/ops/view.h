// Views: new shapes and strides over the same memory. `op` names the caller in errors.
#pragma once
#include "torch/tensor.h"

namespace torch::ops {

// The shape with one -1 replaced so that it has `numel` elements.
Shape infer_shape(const char* op, const Shape& shape, int64_t numel);
Tensor view(const Tensor& t, const Shape& shape);  // never copies; ValueError when it would have to
Tensor reshape(const Tensor& t, const Shape& shape);  // a view where possible, else a copy
Tensor permute(const Tensor& t, const Shape& dims);
Tensor transpose(const Tensor& t, int64_t dim0, int64_t dim1);
Tensor t(const Tensor& t);  // of a matrix
Tensor movedim(const char* op, const Tensor& t, const Shape& from, const Shape& to);
Tensor flatten(const Tensor& t, int64_t start, int64_t end);         // a view where possible
Tensor expand(const char* op, const Tensor& t, const Shape& shape);  // -1 keeps a size
inline Tensor expand(const Tensor& t, const Shape& shape) { return expand("expand", t, shape); }
Tensor select(const Tensor& t, int64_t dim, int64_t index);
Tensor narrow(const Tensor& t, int64_t dim, int64_t start, int64_t length);
// start, start + step, ... , n of them; step may be negative. Bounds are the caller's.
Tensor slice(const Tensor& t, int dim, int64_t start, int64_t step, int64_t n);
Tensor squeeze(const Tensor& t, const Shape& dims);  // no dims: all of size 1
Tensor unsqueeze(const Tensor& t, int64_t dim);
Tensor unfold(const Tensor& t, int64_t dim, int64_t size, int64_t step);
// Any shape, strides and offset over a storage, bounds-checked against it.
Tensor as_strided(const char* op, const Ref<Storage>& storage, const Shape& shape,
                  const Shape& strides, int64_t offset);

}  // namespace torch::ops
