// Update rules of optimizers: a whole parameter in one pass over memory, float32 and float64.
// Parameter, gradient and buffers have one size and dtype and lie in separate memory; what is
// written counts as changed in place.
#pragma once
#include "torch/tensor.h"

namespace torch::ops {

struct SgdOptions {
  double lr = 0, momentum = 0, dampening = 0, weight_decay = 0;
  bool nesterov = false;
  bool first = false;  // the buffer holds nothing yet and becomes the gradient itself
};

// d = grad + weight_decay * param
// buf = momentum * buf + (1 - dampening) * d
// param -= lr * buf, with nesterov lr * (d + momentum * buf)
// Without momentum param -= lr * d; buf may be null then and is not touched.
void sgd_step_(Tensor& param, const Tensor& grad, Tensor* buf, const SgdOptions& options);

struct AdamOptions {
  double lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0;
  int64_t step = 1;  // counts from 1
};

// Kingma and Ba, "Adam", the efficient form at the end of section 2: eps is added to the
// uncorrected sqrt(exp_avg_sq), as the alpha does.
void adam_step_(Tensor& param, const Tensor& grad, Tensor& exp_avg, Tensor& exp_avg_sq,
                const AdamOptions& options);

}  // namespace torch::ops
