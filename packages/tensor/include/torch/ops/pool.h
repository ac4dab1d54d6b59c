// Pooling in 1 to 3 dimensions, float32 and float64. Options have one number per spatial dimension,
// outermost first.
#pragma once
#include <utility>

#include "torch/ops/elementwise.h"

namespace torch::ops {

struct PoolOptions {
  Shape kernel_size, stride, padding, dilation;
  // A window may reach beyond the padding at the end, but starts before it.
  bool ceil_mode = false;
};

Meta pool_meta(const char* op, const Shape& input, const PoolOptions& options, DType dtype);

// input (N, C, *S) -> (output, indices), both (N, C, *T). An index is the position of the window's
// largest element in the flattened *S, the first of equals; NaN is the largest of all. Padding
// never wins.
std::pair<Tensor, Tensor> max_pool(const Tensor& input, const PoolOptions& options);
// Windows that divide each dimension into output_size parts, which may overlap in their ends.
std::pair<Tensor, Tensor> adaptive_max_pool(const Tensor& input, const Shape& output_size);
// Windows of kernel_size at places that samples (N, C, dimensions), from [0, 1), choose for every
// plane; B. Graham, "Fractional max-pooling" (2014), pseudo-random and overlapping.
std::pair<Tensor, Tensor> fractional_max_pool(const Tensor& input, const Shape& kernel_size,
                                              const Shape& output_size, const Tensor& samples);
// Adds each element of grad_output (N, C, *T) to its index's place in zeros of size input_size.
Tensor max_pool_input_grad(const Tensor& grad_output, const Tensor& indices,
                           const Shape& input_size);
// The elements of `input` (N, C, *S) at `indices` (N, C, *T): the adjoint of max_pool_input_grad.
Tensor max_pool_gather(const Tensor& input, const Tensor& indices);
// Each element of input (N, C, *T) put to its index's place in zeros of size output_size.
Tensor max_unpool(const Tensor& input, const Tensor& indices, const Shape& output_size);

// input (N, C, *S) -> means (N, C, *T) of the windows (dilation is 1); the padding counts as zeros
// with count_include_pad, else not at all.
Tensor avg_pool(const Tensor& input, const PoolOptions& options, bool count_include_pad);
Tensor avg_pool_input_grad(const Tensor& grad_output, const Shape& input_size,
                           const PoolOptions& options, bool count_include_pad);
Tensor adaptive_avg_pool(const Tensor& input, const Shape& output_size);
Tensor adaptive_avg_pool_input_grad(const Tensor& grad_output, const Shape& input_size);

}  // namespace torch::ops
