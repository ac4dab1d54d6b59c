// Negative log likelihood and its gradient, float32 and float64.
#pragma once
#include <utility>

#include "torch/ops/elementwise.h"

namespace torch::ops {

Meta nll_loss_meta(const Tensor& input, const Tensor& target, const Tensor* weight);

// input (N, C), target LongTensor (N), weight (C) or null -> (loss (1,), total_weight (1,)):
// the sum of -weight[target] * input[n, target], divided by the sum of weight[target] when
// size_average is true.
// IndexError for a target outside [0, C). The average over no elements is NaN.
std::pair<Tensor, Tensor> nll_loss(const Tensor& input, const Tensor& target, const Tensor* weight,
                                   bool size_average);
// grad_output (1,), total_weight (1,) as nll_loss gave it -> (N, C).
Tensor nll_loss_input_grad(const Tensor& grad_output, const Tensor& target, const Tensor* weight,
                           bool size_average, const Tensor& total_weight, const Shape& input_size);

}  // namespace torch::ops
