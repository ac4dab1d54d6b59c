// Sorting and selecting along one dimension. NaN counts as larger than every number; equal elements
// keep their order, so that positions are those of a stable sort. A tensor without dimensions is
// taken as a row of one element.
#pragma once
#include <utility>

#include "torch/tensor.h"

namespace torch::ops {

using ValuesIndices = std::pair<Tensor, Tensor>;

ValuesIndices sort(const Tensor& x, int64_t dim, bool descending);
Tensor argsort(const Tensor& x, int64_t dim, bool descending);
Tensor msort(const Tensor& x);  // values along dimension 0
ValuesIndices topk(const Tensor& x, int64_t k, int64_t dim, bool largest, bool sorted);
// k counts from 1
ValuesIndices kthvalue(const Tensor& x, int64_t k, int64_t dim, bool keepdim);
// The lower median; NaN where there is one.
ValuesIndices median(const Tensor& x, int64_t dim, bool keepdim);
Tensor median(const Tensor& x);
ValuesIndices mode(const Tensor& x, int64_t dim, bool keepdim);
Tensor partition(const Tensor& x, int64_t kth, int64_t dim);
Tensor argpartition(const Tensor& x, int64_t kth, int64_t dim);

enum class Interpolation : uint8_t { kLinear, kLower, kHigher, kMidpoint, kNearest };
// q (0 to 1, or 0 to 100 for percentile) is a number or a vector, whose dimension comes first in
// the result. `name` is what errors say. Without dim over all elements.
Tensor quantile(const char* name, const Tensor& x, const Tensor& q, const int64_t* dim,
                bool keepdim, double whole, Interpolation interpolation);

struct Unique {
  Tensor values, inverse, counts;  // ascending vectors; inverse has the input's size
};
Unique unique(const Tensor& x, bool want_inverse, bool want_counts);

}  // namespace torch::ops
