// Indexing with tensors: everything is turned into element offsets, then one take or put kernel
// runs.
#pragma once
#include <vector>

#include "torch/elementwise.h"

namespace torch::ops {

// One item per dimension of `t`: undefined (the whole dimension) or an integer tensor.
// The integer tensors broadcast; their dimensions stand where the first of them stands, or in front
// when they are apart (NumPy's rule; `in_front` says that the caller's syntax put something between
// them, if only an empty `...`).
Tensor index(const Tensor& t, const std::vector<Tensor>& items, bool in_front = false);
void index_put_(Tensor& t, const std::vector<Tensor>& items, const Input& value,
                bool in_front = false, bool accumulate = false);

Tensor index_select(const Tensor& t, int64_t dim, const Tensor& indices);
void index_add_(Tensor& self, int64_t dim, const Tensor& indices, const Tensor& source);
Tensor gather(const Tensor& t, int64_t dim, const Tensor& indices);
void scatter_(const char* op, Tensor& self, int64_t dim, const Tensor& indices, const Input& source,
              bool accumulate);
// Positions of the non-zero elements, one row each: (n, ndim) LongTensor.
Tensor nonzero(const Tensor& t);
Tensor masked_select(const Tensor& t, const Tensor& mask);
// A mask as integer index tensors, one per dimension of the mask.
std::vector<Tensor> mask_to_indices(const Tensor& mask);
bool is_mask(const Tensor& t);

}  // namespace torch::ops
