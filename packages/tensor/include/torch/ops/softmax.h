// softmax, log_softmax and their gradients, float32 and float64.
#pragma once
#include "torch/ops/elementwise.h"

namespace torch::ops {

// of softmax or log_softmax
Meta softmax_meta(const char* op, const Tensor& input, int64_t dim);

// input - log(sum(exp(input))) along dim, without overflow.
Tensor log_softmax(const Tensor& input, int64_t dim);
// grad_output - exp(output) * sum(grad_output) along dim.
Tensor log_softmax_input_grad(const Tensor& grad_output, const Tensor& output, int64_t dim);

// exp(input) / sum(exp(input)) along dim, without overflow.
Tensor softmax(const Tensor& input, int64_t dim);
// output * (grad_output - sum(grad_output * output)) along dim.
Tensor softmax_input_grad(const Tensor& grad_output, const Tensor& output, int64_t dim);

}  // namespace torch::ops
