// How calls give results back: in the forms that return a new tensor, write to self, or to `out=`.
#pragma once
#include <vector>

#include "bindings/parser.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"

namespace torch::python {

// f() is the result, written to `out=` where that was given.
template <class F>
PyObject* computed(Args& a, int64_t work, F&& f) {
  Tensor* out = a.out();
  Tensor result;
  {
    ReleaseGil release(work);
    result = f();
    if (out) {
      ops::check_out(a.name(), *out, result.shape(), result.dtype());
      ops::copy_(*out, result);
    }
  }
  return a.finish(std::move(result));
}

// f(tensor) writes to self in the in-place form, else to a copy of it.
template <class F>
PyObject* written(Args& a, int64_t work, F&& f) {
  if (!a.inplace) {
    return computed(a, work, [&] {
      Tensor copy = ops::clone(a.self());
      f(copy);
      return copy;
    });
  }
  {
    ReleaseGil release(work);
    f(a.self());
  }
  return a.finish({});
}

inline PyObject* tuple_of(std::vector<Tensor> tensors) {
  Object tuple(PyTuple_New(static_cast<Py_ssize_t>(tensors.size())));
  for (size_t i = 0; i < tensors.size(); ++i)
    PyTuple_SET_ITEM(tuple.get(), i, Object(wrap(std::move(tensors[i]))).release());
  return tuple.release();
}

}  // namespace torch::python
