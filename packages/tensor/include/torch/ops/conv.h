// Convolution (cross-correlation) in 1 to 3 dimensions and its two gradients, float32 and float64.
#pragma once
#include "torch/ops/elementwise.h"

namespace torch::ops {

// One number per spatial dimension, outermost first: (depth, height, width) for volumes.
struct ConvOptions {
  Shape stride, padding, dilation;
  int64_t groups = 1;
};

// Size of the result; ValueError when the sizes do not fit each other.
Meta conv_meta(const char* op, const Shape& input, const Shape& weight, const ConvOptions& options,
               DType dtype);

// input (N, C, *S), weight (O, C / groups, *K), bias (O) or null -> (N, O, *T) with
// T = (S + 2 * padding - dilation * (K - 1) - 1) / stride + 1, rounded down.
Tensor conv(const Tensor& input, const Tensor& weight, const Tensor* bias,
            const ConvOptions& options);
// Gradient of the input, of size input_size.
Tensor conv_input_grad(const Tensor& grad_output, const Tensor& weight, const Shape& input_size,
                       const ConvOptions& options);
// Gradient of the weight, of size weight_size.
Tensor conv_weight_grad(const Tensor& grad_output, const Tensor& input, const Shape& weight_size,
                        const ConvOptions& options);

}  // namespace torch::ops
