// What the alpha's meaning changes between parsing and calling an op.
#pragma once
#include "bindings/object.h"
#include "torch/compat.h"

namespace torch::python {

using compat::Flag;

// `t` in the shape of `first`, element by element in order. ValueError for different counts.
Tensor matched_by_count(const char* op, const Tensor& first, const Tensor& t);
// `source` as what may be written to `target`: itself by default, in the target's shape under
// match_by_count.
inline Tensor for_target(const char* op, const Tensor& target, const Tensor& source) {
  return compat::on(Flag::match_by_count) ? matched_by_count(op, target, source) : source;
}
// The size users see: torch.Size([]) for a tensor without elements under empty_has_no_dims.
inline int shown_dims(const Tensor& t) {
  return t.numel() == 0 && compat::on(Flag::empty_has_no_dims) ? 0 : t.ndim();
}
inline PyObject* shown_size(const Tensor& t) {
  return to_size(shown_dims(t) == 0 ? Shape{} : t.shape());
}
// A result of a comparison: BoolTensor, or ByteTensor under byte_comparisons.
PyObject* comparison_result(PyObject* result);
// Integer quotient rounded towards zero; by zero it is 0.
Tensor truncated_quotient(const Input& a, const Input& b, Tensor* out);
bool divides_integers(const Input& a, const Input& b);

}  // namespace torch::python
