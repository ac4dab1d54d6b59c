#include "torch/ops/copy.h"

#include <algorithm>
#include <cmath>

#include "kernels/tables.h"
#include "torch/ops/elementwise.h"

namespace torch::ops {

Tensor full(const Shape& shape, Scalar value, DType dtype) {
  checked_numel("full", shape);
  Tensor t = empty(shape, dtype);
  fill_(t, value);
  return t;
}

Tensor uninitialized(const Shape& shape, DType dtype) {
  return dtype == DType::kBool ? zeros(shape, dtype) : empty(shape, dtype);
}

Tensor zeros(const Shape& shape, DType dtype) {
  checked_numel("zeros", shape);
  Tensor t = empty(shape, dtype);
  std::memset(t.bytes(), 0, t.storage()->nbytes());
  return t;
}

Tensor ramp(const char* op, Scalar start, Scalar step, int64_t n, DType dtype) {
  bool whole = !start.is_float() && !step.is_float();
  auto at = [&](int64_t i) {  // wraps like integers, so that what is out of range is seen below
    return whole ? Scalar(static_cast<int64_t>(static_cast<uint64_t>(start.i) +
                                               static_cast<uint64_t>(i) *
                                                   static_cast<uint64_t>(step.i)))
                 : Scalar(start.as_double() + static_cast<double>(i) * step.as_double());
  };
  if (n > 0) {
    ScalarOperand(op, at(0), dtype);
    ScalarOperand(op, at(n - 1), dtype);
  }
  Tensor t = empty({n}, dtype);
  visit(dtype, [&]<class T>() {
    T* out = t.data<T>();
    for (int64_t i = 0; i < n; ++i) {
      Scalar v = at(i);
      out[i] = v.is_float() ? (is_floating_type<T> ? static_cast<T>(v.d)
                                                   : static_cast<T>(static_cast<int64_t>(v.d)))
                            : static_cast<T>(v.i);
    }
  });
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
