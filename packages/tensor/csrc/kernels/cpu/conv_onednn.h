// float32 convolution on oneDNN; compiled once, the library chooses its own instruction set.
#pragma once
#include "kernels/nn_tables.h"

namespace torch::cpu {

void conv_onednn(const kernels::Conv& p);
void conv_input_grad_onednn(const kernels::Conv& p);
void conv_weight_grad_onednn(const kernels::Conv& p);

}  // namespace torch::cpu
