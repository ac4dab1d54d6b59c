#include "bindings/compat.h"

#include "bindings/parser.h"
#include "torch/ops/copy.h"
#include "torch/ops/view.h"

namespace torch::python {

Tensor matched_by_count(const char* op, const Tensor& first, const Tensor& t) {
  if (t.shape() == first.shape()) return t;
  if (t.numel() != first.numel()) {
    raise<ValueError>(op, ": expected tensors of equal element counts, got ", first, " and ", t);
  }
  return ops::reshape(t, first.shape());
}

PyObject* comparison_result(PyObject* result) {
  if (!result || !is_tensor(result) || unwrap(result).dtype() != DType::kBool) return result;
  if (!compat::on(Flag::byte_comparisons)) return result;
  Object owner(result);
  return wrap(ops::to(unwrap(result), DType::kUInt8));
}

bool divides_integers(const Input& a, const Input& b) {
  auto whole = [](const Input& in) {
    return in.tensor ? is_integral(in.tensor->dtype()) : in.scalar.tag == Scalar::Tag::kInt;
  };
  return whole(a) && whole(b);
}

Tensor truncated_quotient(const Input& a, const Input& b, Tensor* out) {
  Tensor rest = ops::binary(BinaryOp::fmod, a, b);
  Tensor multiple = ops::binary(BinaryOp::sub, a, rest);
  return ops::binary(BinaryOp::floor_divide, multiple, b, out);
}

namespace {

PyObject* flags_call(Args&) { return PyLong_FromUnsignedLong(compat::process_flags()); }
PyObject* set_flags_call(Args& a) {
  compat::set_process_flags(static_cast<compat::Mask>(a.integer(0)));
  Py_RETURN_NONE;
}
PyObject* thread_flags_call(Args&) {
  compat::Overlay o = compat::thread_flags();
  return Py_BuildValue("II", o.mask, o.values);
}
PyObject* set_thread_flags_call(Args& a) {
  compat::set_thread_flags(
      {static_cast<compat::Mask>(a.integer(0)), static_cast<compat::Mask>(a.integer(1))});
  Py_RETURN_NONE;
}
PyObject* rows_call(Args&) {
  Object rows(PyList_New(0));
  for (const compat::FlagRow& r : compat::kFlags) {
    Object row(Py_BuildValue("ss", r.name, r.doc));
    if (PyList_Append(rows.get(), row.get()) < 0) throw PythonError{};
  }
  return rows.release();
}

constexpr OpDef kOps[] = {
    {"_compat_flags", kPrivate, "()", &flags_call, "The process's flags, as bits."},
    {"_set_compat_flags", kPrivate, "(values: int)", &set_flags_call, "Sets the process's flags."},
    {"_thread_compat_flags", kPrivate, "()", &thread_flags_call,
     "Which flags this thread sets, and to what, as bits."},
    {"_set_thread_compat_flags", kPrivate, "(mask: int, values: int)", &set_thread_flags_call,
     "Sets the flags of this thread."},
    {"_compat_rows", kPrivate, "()", &rows_call, "Name and meaning of every flag, in bit order."},
};

}  // namespace

void add_compat(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
