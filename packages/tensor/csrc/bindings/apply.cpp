// A Python callable for every element.
#include <cmath>
#include <cstring>

#include "bindings/parser.h"
#include "torch/ops/copy.h"
#include "torch/ops/index.h"
#include "torch/ops/reduce.h"

namespace torch::python {
namespace {

// What the callable returned, as an element of `dtype`.
ScalarOperand returned(const char* op, PyObject* o, DType dtype) {
  bool element = is_tensor(o) && unwrap(o).ndim() == 0;
  if (!element && !is_number(o))
    raise<TypeError>(op, ": expected the callable to return a number, got ", Py_TYPE(o)->tp_name);
  Scalar s = element ? ops::item(unwrap(o)) : to_scalar(o);
  if (s.is_float() && is_integral(dtype) && s.d != std::trunc(s.d)) {
    raise<TypeError>(op, ": expected the callable to return whole numbers for ", dtype, ", got ",
                     s.d);
  }
  return ScalarOperand(op, s, dtype);
}

// self = callable(inputs...), element by element. The callable sees copies and may do what it
// likes; self is written at the end, so that it stays as it is when a call fails.
PyObject* apply(Args& a, PyObject* callable, std::initializer_list<const Tensor*> inputs) {
  const char* op = a.name();
  if (!PyCallable_Check(callable))
    raise<TypeError>(op, ": expected a callable, got ", Py_TYPE(callable)->tp_name);
  Tensor self = a.self();
  if (self.overlaps_itself()) {
    raise<RuntimeError>(op, ": cannot write to an expanded ", self,
                        ": several of its elements share one place in memory");
  }
  std::vector<Tensor> copies;
  for (const Tensor* t : inputs)
    copies.push_back(ops::clone(ops::broadcast_source(op, *t, self.shape())));
  Tensor result = empty(self.shape(), self.dtype());
  int64_t item = self.item_bytes();
  size_t count = copies.size();
  for (int64_t i = 0; i < self.numel(); ++i) {
    Object numbers[3];
    PyObject* args[3];
    for (size_t k = 0; k < count; ++k) {
      numbers[k] = Object(element(copies[k], i));
      args[k] = numbers[k].get();
    }
    Object value(PyObject_Vectorcall(callable, args, count, nullptr));
    std::memcpy(result.bytes() + i * item, returned(op, value.get(), self.dtype()).bytes, item);
  }
  auto [begin, end] = self.byte_range();
  const Storage& s = *self.storage();
  if (self.numel() > 0 && (begin < s.data() || end > s.data() + s.nbytes())) {
    raise<RuntimeError>(op, ": the callable made the storage too small for ", self);
  }
  ops::copy_(self, result);
  return Py_NewRef(a.object(0));
}

PyObject* apply_call(Args& a) { return apply(a, a.object(1), {&a.self()}); }
PyObject* map_call(Args& a) { return apply(a, a.object(2), {&a.self(), &a.tensor(1)}); }
PyObject* map2_call(Args& a) {
  return apply(a, a.object(3), {&a.self(), &a.tensor(1), &a.tensor(2)});
}

constexpr OpDef kOps[] = {
    {"apply_", kMethod, "(self: Tensor, callable: object)", &apply_call,
     "Replaces every element by callable(element); elements are Python numbers. Slow: one Python "
     "call per element. Nothing is changed when a call raises, and TypeError is raised when one "
     "returns no number, or a fraction for an integer dtype.",
     ">>> torch.tensor([1, 2, 3]).apply_(lambda v: v * v).tolist()\n[1, 4, 9]"},
    {"map_", kMethod, "(self: Tensor, tensor: Tensor, callable: object)", &map_call,
     "Replaces every element by callable(element, element of tensor); tensor broadcasts to self. "
     "Like apply_ otherwise.",
     ">>> x = torch.tensor([1, 2, 3])\n>>> x.map_(torch.tensor([3, 2, 1]), max).tolist()\n"
     "[3, 2, 3]"},
    {"map2_", kMethod, "(self: Tensor, x: Tensor, y: Tensor, callable: object)", &map2_call,
     "Replaces every element by callable(element, element of x, element of y); x and y broadcast "
     "to self. Like apply_ otherwise.",
     ">>> x = torch.tensor([1, 2])\n>>> x.map2_(x, torch.tensor([10]), lambda a, b, c: a + b + "
     "c).tolist()\n[12, 14]"},
};

}  // namespace

void add_apply(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
