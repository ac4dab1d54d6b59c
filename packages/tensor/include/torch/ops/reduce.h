// Reductions. `dims` lists wrapped dimensions; an empty list means all of them.
#pragma once
#include <utility>

#include "torch/ops/rows.h"
#include "torch/tensor.h"

namespace torch::ops {

// Wraps and checks dims: no dimension twice.
Shape reduce_dims(const char* op, const Shape& dims, int ndim);
DType reduce_dtype(ReduceOp op, DType input);
// `name` is what errors say; p is norm's.
Tensor reduce(ReduceOp op, const char* name, const Tensor& x, const Shape& dims, bool keepdim,
              double p = 2, Tensor* out = nullptr);
Tensor var(const char* name, const Tensor& x, const Shape& dims, bool keepdim, bool unbiased,
           bool root, Tensor* out = nullptr);
// Along one dimension: values and positions. The first of equal elements wins, NaN before all.
std::pair<Tensor, Tensor> max_min(bool max, const char* name, const Tensor& x, int64_t dim,
                                  bool keepdim);
Tensor arg_max_min(bool max, const char* name, const Tensor& x, int64_t dim, bool keepdim);

Scalar item(const Tensor& t);  // of the one element
Scalar reduce_all(ReduceOp op, const Tensor& x);

}  // namespace torch::ops
