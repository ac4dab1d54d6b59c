// float32 convolution on oneDNN; compiled once, the library chooses its own instruction set.
#pragma once
#include "kernels/nn_tables.h"

namespace torch::cpu {

void conv2d_onednn(const kernels::Conv2d& p);
void conv2d_input_grad_onednn(const kernels::Conv2d& p);
void conv2d_weight_grad_onednn(const kernels::Conv2d& p);

}  // namespace torch::cpu
