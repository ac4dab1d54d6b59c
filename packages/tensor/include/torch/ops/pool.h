// 2-d max pooling, float32 and float64. Pairs are (height, width).
#pragma once
#include <array>
#include <utility>

#include "torch/ops/elementwise.h"

namespace torch::ops {

struct Pool2dOptions {
  std::array<int64_t, 2> kernel_size{1, 1};
  std::array<int64_t, 2> stride{1, 1};
  std::array<int64_t, 2> padding{0, 0};
  std::array<int64_t, 2> dilation{1, 1};
  // A window may reach beyond the lower and right padding, but starts before it.
  bool ceil_mode = false;
};

Meta max_pool2d_meta(const Shape& input, const Pool2dOptions& options, DType dtype);

// input (N, C, H, W) -> (output, indices), both (N, C, Ho, Wo). An index is h * W + w of the
// largest element of the window, the first of equals; NaN is the largest of all. Padding never
// wins.
std::pair<Tensor, Tensor> max_pool2d(const Tensor& input, const Pool2dOptions& options);
// Adds each element of grad_output (N, C, Ho, Wo) to its index's place in zeros of size input_size.
Tensor max_pool2d_input_grad(const Tensor& grad_output, const Tensor& indices,
                             const Shape& input_size);
// The elements of `input` (N, C, H, W) at `indices` (N, C, Ho, Wo): the adjoint of
// max_pool2d_input_grad.
Tensor max_pool2d_gather(const Tensor& input, const Tensor& indices);

}  // namespace torch::ops
