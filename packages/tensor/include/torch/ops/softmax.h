// log_softmax and its gradient, float32 and float64.
#pragma once
#include "torch/ops/elementwise.h"

namespace torch::ops {

Meta log_softmax_meta(const Tensor& input, int64_t dim);

// input - log(sum(exp(input))) along dim, without overflow.
Tensor log_softmax(const Tensor& input, int64_t dim);
// grad_output - exp(output) * sum(grad_output) along dim.
Tensor log_softmax_input_grad(const Tensor& grad_output, const Tensor& output, int64_t dim);

}  // namespace torch::ops
