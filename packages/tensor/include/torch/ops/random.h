// Sampling. Every op takes numbers from `g`, contiguous element by element, whatever the layout of
// the result.
#pragma once
#include "torch/generator.h"
#include "torch/tensor.h"

namespace torch::ops {

void uniform_(Tensor& self, double from, double to, Generator& g);
void normal_(Tensor& self, double mean, double std, Generator& g);
void bernoulli_(Tensor& self, double p, Generator& g);
void random_(Tensor& self, int64_t from, int64_t to,
             Generator& g);                // whole numbers from, ..., to - 1
Tensor randperm(int64_t n, Generator& g);  // LongTensor

}  // namespace torch::ops
