// Elements where a mask holds.
#pragma once
#include <vector>

#include "torch/elementwise.h"

namespace torch::ops {

// Positions of the elements other than zero, in row-major order: (n, ndim) LongTensor.
Tensor nonzero(const Tensor& t);
// The same, one contiguous vector per dimension; a tensor without dimensions counts as a vector.
std::vector<Tensor> nonzero_tuple(const Tensor& t);
Tensor flatnonzero(const Tensor& t);

// Both broadcast; the result is a vector.
Tensor masked_select(const Tensor& t, const Tensor& mask);
// The mask broadcasts to self; the source has as many elements as the mask selects, or (unless
// `exact`) more.
void masked_scatter_(const char* op, Tensor& self, const Tensor& mask, const Tensor& source,
                     bool exact = false);
// One value where the mask, which broadcasts to self, holds. `value` has one element.
void fill_where_(const char* op, Tensor& self, const Tensor& mask, const Input& value);

}  // namespace torch::ops
