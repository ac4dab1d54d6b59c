// Normalization by channel (batch norm) and by row (layer norm), float32 and float64.
#pragma once
#include <tuple>

#include "torch/ops/elementwise.h"

namespace torch::ops {

// (mean, variance) of each channel of x (N, C, ...), both (C), the variance divided by the count.
std::pair<Tensor, Tensor> batch_norm_stats(const Tensor& x);
// (x - mean) * inv_std * weight + bias with one number of each per channel; weight and bias may be
// null.
Tensor batch_norm(const Tensor& x, const Tensor& mean, const Tensor& inv_std, const Tensor* weight,
                  const Tensor* bias);
// (gradient of x, of weight, of bias). With `training` mean and inv_std are functions of x.
std::tuple<Tensor, Tensor, Tensor> batch_norm_grad(const Tensor& gy, const Tensor& x,
                                                   const Tensor& mean, const Tensor& inv_std,
                                                   const Tensor* weight, bool training);

// x (..., *shape), weight and bias of size `shape` or null -> (result, mean, inv_std), the last two
// one number per row, (rows).
std::tuple<Tensor, Tensor, Tensor> layer_norm(const Tensor& x, const Shape& shape,
                                              const Tensor* weight, const Tensor* bias, double eps);
// (gradient of x, of weight, of bias), the last two of size `shape`.
std::tuple<Tensor, Tensor, Tensor> layer_norm_grad(const Tensor& gy, const Tensor& x,
                                                   const Shape& shape, const Tensor& mean,
                                                   const Tensor& inv_std, const Tensor* weight);

}  // namespace torch::ops
