// Looking values up in others: order as in sort.h.
#pragma once
#include "torch/elementwise.h"

namespace torch::ops {

// Where in the ascending rows of `sorted` (..., m) the values (..., n) fit: behind equal elements
// when `right`. A vector `sorted` serves values of any size. With `sorter` the rows are sorted by
// its positions.
Tensor searchsorted(const Tensor& sorted, const Input& values, bool right, const Tensor* sorter);
Tensor isin(const Input& elements, const Input& test_elements, bool invert);

}  // namespace torch::ops
