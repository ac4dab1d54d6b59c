// What the rows of lapack.cpp and matrix.cpp share.
#pragma once
#include "bindings/parser.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"

namespace torch::python {

// Runs f() without the interpreter lock when a factorization of `t` takes long.
template <class F>
auto factoring(const Tensor& t, F&& f) {
  int64_t n = t.ndim() ? t.size(t.ndim() - 1) : 1, work;
  if (__builtin_mul_overflow(t.numel(), n, &work)) work = t.numel();
  ReleaseGil release(work);
  return f();
}

// One result to the caller or to `out=`; without dimensions it is a Python number.
inline PyObject* deliver(Args& a, Tensor result) { return a.finish_one(std::move(result)); }

}  // namespace torch::python
