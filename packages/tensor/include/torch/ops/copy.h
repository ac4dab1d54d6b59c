// Creation, filling, copying, conversion.
#pragma once
#include "torch/tensor.h"

namespace torch::ops {

Tensor full(const Shape& shape, Scalar value, DType dtype);
Tensor zeros(const Shape& shape, DType dtype);
// Not initialized, for users to see: whatever stands there is a value of the dtype (a bool is 0 or
// 1).
Tensor uninitialized(const Shape& shape, DType dtype);
// start, start + step, ... : `n` of them
// OverflowError naming `op` when an integer dtype does not hold the ends; whole numbers are exact
// up to 64 bits.
Tensor ramp(const char* op, Scalar start, Scalar step, int64_t n, DType dtype);

// self[...] = source, broadcast and converted.
void copy_(Tensor& self, const Tensor& source);
void fill_(Tensor& self, Scalar value);
Tensor clone(const Tensor& t);            // contiguous copy
Tensor contiguous(const Tensor& t);       // t itself when it is
Tensor to(const Tensor& t, DType dtype);  // t itself when it has the dtype
void resize_(
    Tensor& self,
    const Shape& shape);  // contiguous; keeps the storage's elements, makes it larger where needed

}  // namespace torch::ops
