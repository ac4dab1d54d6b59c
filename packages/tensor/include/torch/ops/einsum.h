// Einstein's summation convention.
#pragma once
#include <string_view>
#include <vector>

#include "torch/tensor.h"

namespace torch::ops {

// "ij,jk->ik": a letter per dimension of each operand; letters that the result does not have are
// summed over. Without "->" the result has the letters that occur once, in alphabetical order.
// Pairs are contracted as matrix products, those first that leave the least behind; without
// `optimize` from left to right. A result that only reorders one operand is a view of it.
Tensor einsum(std::string_view equation, const std::vector<Tensor>& operands, bool optimize = true,
              Tensor* out = nullptr);

}  // namespace torch::ops
