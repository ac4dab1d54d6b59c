// Reductions. `dims` lists wrapped dimensions; an empty list means all of them.
#pragma once
#include <optional>
#include <utility>

#include "torch/ops/rows.h"
#include "torch/tensor.h"

namespace torch::ops {

// Wraps and checks dims: no dimension twice.
Shape reduce_dims(const char* op, const Shape& dims, int ndim);
DType reduce_dtype(ReduceOp op, DType input);
// `name` is what errors say; p is norm's. With `dtype` the elements are converted first and the
// result has it.
Tensor reduce(ReduceOp op, const char* name, const Tensor& x, const Shape& dims, bool keepdim,
              double p = 2, Tensor* out = nullptr, std::optional<DType> dtype = {});
// Variance (or its root) divided by the number of elements less `correction`, and the mean where it
// is wanted.
struct Moments {
  Tensor spread, mean;
};
Moments moments(const char* name, const Tensor& x, const Shape& dims, bool keepdim,
                double correction, bool root, bool with_mean);
Tensor var(const char* name, const Tensor& x, const Shape& dims, bool keepdim, double correction,
           bool root, Tensor* out = nullptr);
// Along one dimension: values and positions. The first of equal elements wins, NaN before all.
std::pair<Tensor, Tensor> max_min(bool max, const char* name, const Tensor& x, int64_t dim,
                                  bool keepdim);
// Without dim: the position in row-major order.
Tensor arg_max_min(bool max, const char* name, const Tensor& x, std::optional<int64_t> dim,
                   bool keepdim);

Tensor logsumexp(const Tensor& x, const Shape& dims, bool keepdim, Tensor* out = nullptr);
Tensor nanmean(const Tensor& x, const Shape& dims, bool keepdim, Tensor* out = nullptr);
Tensor ptp(const Tensor& x, const Shape& dims, bool keepdim, Tensor* out = nullptr);
Scalar dist(const Tensor& x, const Tensor& y, double p);
// Every slice along dim scaled down to a p-norm of at most maxnorm.
Tensor renorm(const char* name, const Tensor& x, double p, int64_t dim, double maxnorm,
              Tensor* out = nullptr);

Scalar item(const Tensor& t);  // of the one element
Scalar reduce_all(ReduceOp op, const Tensor& x);

}  // namespace torch::ops
