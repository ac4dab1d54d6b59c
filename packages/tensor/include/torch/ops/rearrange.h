// Tensors joined, cut apart, repeated and turned round. `op` names the caller in errors.
#pragma once
#include <optional>
#include <vector>

#include "torch/tensor.h"

namespace torch::ops {

using Tensors = std::vector<Tensor>;

Tensor cat(const Tensors& tensors, int64_t dim, Tensor* out = nullptr, const char* op = "cat");
Tensor stack(const Tensors& tensors, int64_t dim, Tensor* out = nullptr);
// NumPy's: numbers and vectors become matrices or cubes first.
Tensor hstack(const Tensors& tensors, Tensor* out = nullptr);
Tensor vstack(const Tensors& tensors, Tensor* out = nullptr);
Tensor dstack(const Tensors& tensors, Tensor* out = nullptr);
Tensor column_stack(const Tensors& tensors, Tensor* out = nullptr);
Tensor at_least(const Tensor& t, int ndim);  // 1, 2 or 3 dimensions

// Parts are views.
Tensors split(const Tensor& t, int64_t size, int64_t dim);
Tensors split(const Tensor& t, const Shape& sizes, int64_t dim);
Tensors chunk(const Tensor& t, int64_t n, int64_t dim);
Tensors tensor_split(const char* op, const Tensor& t, int64_t sections, int64_t dim);
Tensors tensor_split(const char* op, const Tensor& t, const Shape& borders, int64_t dim);
Tensors unbind(const Tensor& t, int64_t dim);

// counts may be longer than the shape; tile's may also be shorter.
Tensor repeat(const char* op, const Tensor& t, const Shape& counts);
Tensor tile(const Tensor& t, const Shape& counts);
// Without dim the flattened tensor.
Tensor repeat_interleave(const Tensor& t, int64_t repeats, std::optional<int64_t> dim);
Tensor repeat_interleave(const Tensor& t, const Tensor& repeats, std::optional<int64_t> dim);

Tensor flip(const char* op, const Tensor& t, const Shape& dims);  // no dims: all
Tensor roll(const Tensor& t, const Shape& shifts, const Shape* dims);
Tensor rot90(const Tensor& t, int64_t k, const Shape& dims);

Tensors broadcast_tensors(const Tensors& tensors);
Tensors meshgrid(const Tensors& tensors, bool xy);

}  // namespace torch::ops
