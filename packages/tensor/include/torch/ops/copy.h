// Creation, filling, copying, conversion.
#pragma once
#include "torch/tensor.h"

namespace torch::ops {

// RuntimeError naming `op` unless tensors can be made on the device.
void check_device(const char* op, Device device);

Tensor full(const Shape& shape, Scalar value, DType dtype, Device device = {});
Tensor zeros(const Shape& shape, DType dtype, Device device = {});
// Not initialized, for users to see: whatever stands there is a value of the dtype (a bool is 0 or
// 1).
Tensor uninitialized(const Shape& shape, DType dtype, Device device = {});
// start, start + step, ... : `n` of them
// OverflowError naming `op` when an integer dtype does not hold the ends; whole numbers are exact
// up to 64 bits.
Tensor ramp(const char* op, Scalar start, Scalar step, int64_t n, DType dtype, Device device = {});
// n numbers at equal distances from start to end, both exact; integers take the floor.
Tensor linspace(const char* op, double start, double end, int64_t n, DType dtype,
                Device device = {});
// (n, m) with ones on the diagonal.
Tensor eye(int64_t n, int64_t m, DType dtype, Device device = {});

// self[...] = source, broadcast and converted.
// Floats become integers towards zero; what 64 bits do not hold, NaN too, counts as -2^63; narrower
// integers keep the low bits.
void copy_(Tensor& self, const Tensor& source);
void fill_(Tensor& self, Scalar value);
Tensor clone(const Tensor& t);            // contiguous copy
Tensor contiguous(const Tensor& t);       // t itself when it is
Tensor to(const Tensor& t, DType dtype);  // t itself when it has the dtype
void resize_(
    Tensor& self,
    const Shape& shape);  // contiguous; keeps the storage's elements, makes it larger where needed

}  // namespace torch::ops
