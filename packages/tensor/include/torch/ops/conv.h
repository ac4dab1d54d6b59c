// 2-d convolution (cross-correlation) and its two gradients, float32 and float64.
// Pairs are (height, width).
#pragma once
#include <array>

#include "torch/ops/elementwise.h"

namespace torch::ops {

struct Conv2dOptions {
  std::array<int64_t, 2> stride{1, 1};
  std::array<int64_t, 2> padding{0, 0};
  std::array<int64_t, 2> dilation{1, 1};
  int64_t groups = 1;
};

// Size of the result; ValueError when the sizes do not fit each other.
Meta conv2d_meta(const char* op, const Shape& input, const Shape& weight,
                 const Conv2dOptions& options, DType dtype);

// input (N, C, H, W), weight (O, C / groups, kh, kw), bias (O) or null -> (N, O, Ho, Wo) with
// Ho = (H + 2 * padding - dilation * (kh - 1) - 1) / stride + 1, rounded down.
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor* bias,
              const Conv2dOptions& options);
// Gradient of the input, of size input_size.
Tensor conv2d_input_grad(const Tensor& grad_output, const Tensor& weight, const Shape& input_size,
                         const Conv2dOptions& options);
// Gradient of the weight, of size weight_size.
Tensor conv2d_weight_grad(const Tensor& grad_output, const Tensor& input, const Shape& weight_size,
                          const Conv2dOptions& options);

}  // namespace torch::ops
