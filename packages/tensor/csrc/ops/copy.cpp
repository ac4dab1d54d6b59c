#include "torch/ops/copy.h"

#include <algorithm>
#include <cmath>

#include "kernels/create_table.h"
#include "kernels/tables.h"
#include "torch/ops/elementwise.h"

namespace torch::ops {

void check_device(const char* op, Device device) {
  if (!kernels::create.has(device))
    raise<RuntimeError>(op, ": no device ", missing_backend(device.type));
}

Tensor full(const Shape& shape, Scalar value, DType dtype, Device device) {
  checked_numel("full", shape);
  Tensor t = empty(shape, dtype, device);
  fill_(t, value);
  return t;
}

Tensor uninitialized(const Shape& shape, DType dtype, Device device) {
  return dtype == DType::kBool ? zeros(shape, dtype, device) : empty(shape, dtype, device);
}

Tensor zeros(const Shape& shape, DType dtype, Device device) {
  checked_numel("zeros", shape);
  Tensor t = empty(shape, dtype, device);
  kernels::create.on("zeros", device).zero(t.bytes(), t.numel() * t.item_bytes());
  return t;
}

Tensor ramp(const char* op, Scalar start, Scalar step, int64_t n, DType dtype, Device device) {
  if (n > 0) {
    Scalar last = ramp_value(start, step, n - 1);
    ScalarOperand(op, start, dtype);
    ScalarOperand(op, last, dtype);
  }
  Tensor t = empty({n}, dtype, device);
  if (n > 0) kernels::create.on(op, device).ramp[index(dtype)](t.bytes(), n, start, step);
  return t;
}

Tensor linspace(const char* op, double start, double end, int64_t n, DType dtype, Device device) {
  ScalarOperand(op, Scalar(std::floor(start)), dtype);
  ScalarOperand(op, Scalar(std::floor(end)), dtype);
  Tensor t = empty({n}, dtype, device);
  if (n > 0) kernels::create.on(op, device).linspace[index(dtype)](t.bytes(), n, start, end);
  return t;
}

Tensor eye(int64_t n, int64_t m, DType dtype, Device device) {
  Tensor t = zeros({n, m}, dtype, device);
  Tensor diagonal(t.storage(), {std::min(n, m)}, {m + 1}, 0);
  fill_(diagonal, Scalar(1));
  return t;
}

void copy_(Tensor& self, const Tensor& source) {
  if (self.overlaps_itself()) {
    raise<RuntimeError>("copy_: cannot write to an expanded ", self,
                        ": several of its elements share one place in memory");
  }
  DType from = source.dtype(), result = self.dtype();
  ElementwiseKernel* kernel =
      kernels::copy.on("copy_", self.device()).at[index(from)][index(result)];
  // leading dimensions of size 1 do not count, as in NumPy's assignment
  Shape shape = source.shape(), strides = source.strides();
  while (shape.size() > self.ndim() && shape[0] == 1) shape.erase(0), strides.erase(0);
  int skip = self.ndim() - shape.size();
  bool fits = skip >= 0;
  for (int d = 0; fits && d < shape.size(); ++d)
    fits = shape[d] == self.size(skip + d) || shape[d] == 1;
  if (!fits)
    raise<ValueError>("copy_: expected a source that broadcasts to size ", self.shape(), ", got ",
                      source);
  if (self.numel() == 0) return;
  Shape expanded;
  for (int d = 0; d < self.ndim(); ++d)
    expanded.push_back(d < skip || shape[d - skip] == 1 ? 0 : strides[d - skip]);
  Tensor s(source.storage(), self.shape(), std::move(expanded), source.offset());
  const Input inputs[] = {s};
  run_elementwise("copy_", kernel, inputs, &from, result, result, &self);
}

void fill_(Tensor& self, Scalar value) {
  if (value.is_float() && is_integral(self.dtype()) && value.d != std::trunc(value.d)) {
    raise<TypeError>("fill_: expected a whole number for ", self.dtype(), ", got ", value.d);
  }
  ScalarOperand number("fill_", value, self.dtype());
  Tensor one = empty({1}, self.dtype(), self.device());
  std::memcpy(one.bytes(), number.bytes, item_size(self.dtype()));
  if (self.ndim() == 0) one = Tensor(one.storage(), {}, {}, 0);
  copy_(self, one);
}

Tensor clone(const Tensor& t) {
  Tensor out = empty(t.shape(), t.dtype(), t.device());
  if (t.numel() > 0) {
    DType dtype = t.dtype();
    const Input inputs[] = {t};
    run_elementwise("clone", kernels::copy.on("clone", t.device()).at[index(dtype)][index(dtype)],
                    inputs, &dtype, dtype, dtype, &out);
  }
  return out;
}

Tensor contiguous(const Tensor& t) { return t.is_contiguous() ? t : clone(t); }

Tensor to(const Tensor& t, DType dtype) {
  if (t.dtype() == dtype) return t;
  DType from = t.dtype();
  const Input inputs[] = {t};
  return run_elementwise("to", kernels::copy.on("to", t.device()).at[index(from)][index(dtype)],
                         inputs, &from, dtype, dtype, nullptr);
}

void resize_(Tensor& self, const Shape& shape) {
  int64_t need = self.offset() + checked_numel("resize_", shape);
  if (need > self.storage()->size()) self.storage()->resize(need);
  self = Tensor(self.storage(), shape, contiguous_strides(shape), self.offset());
}

}  // namespace torch::ops
