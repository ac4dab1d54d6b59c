#include <algorithm>

#include "bindings/compat.h"
#include "bindings/results.h"
#include "bindings/slots.h"
#include "torch/ops/copy.h"
#include "torch/ops/mask.h"

namespace torch::python {
namespace {

int64_t work(const Input& a) { return a.tensor ? a.tensor->numel() : 0; }

template <UnaryOp op>
PyObject* unary_call(Args& a) {
  Tensor* out = a.out();
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::unary(op, a.self(), out);
  }
  return a.finish(std::move(result));
}

Tensor binary_released(BinaryOp op, const Input& a, const Input& b, Tensor* out) {
  ReleaseGil release(std::max(work(a), work(b)));
  return ops::binary(op, a, b, out);
}

// (self, other) | (self, value) | (value, self)
template <BinaryOp op>
PyObject* binary_call(Args& a) {
  if constexpr (op == BinaryOp::div) {
    Input x = a.input(0), y = a.input(1);
    if (compat::on(Flag::truncating_division) && divides_integers(x, y))
      return a.finish(truncated_quotient(x, y, a.out()));
  }
  return a.finish(binary_released(op, a.input(0), a.input(1), a.out()));
}

Tensor nary_released(NaryOp op, std::initializer_list<Input> inputs, Tensor* out) {
  int64_t most = 0;
  for (const Input& i : inputs) most = std::max(most, work(i));
  ReleaseGil release(most);
  return ops::nary(op, std::span<const Input>(inputs.begin(), inputs.size()), out);
}

// (self, other) | (self, value) | (self, value = 1, other) | (self, other, *, alpha = 1) | (value,
// self)
template <BinaryOp op>
PyObject* add_call(Args& a) {
  if (a.signature != 2 && a.signature != 3) return binary_call<op>(a);
  Scalar scale = a.signature == 2 ? a.number(1) : a.number(2);
  const Tensor& other = a.tensor(a.signature == 2 ? 2 : 1);
  return a.finish(nary_released(op == BinaryOp::sub ? NaryOp::sub_scaled : NaryOp::add_scaled,
                                {a.self(), other, scale}, a.out()));
}

template <NaryOp op>
PyObject* addc_call(Args& a) {  // (self, value = 1, tensor1, tensor2)
  return a.finish(nary_released(op, {a.self(), a.number(1), a.tensor(2), a.tensor(3)}, a.out()));
}

PyObject* clamp_call(Args& a) {
  bool lo = a.has(1), hi = a.has(2);
  if (lo && hi)
    return a.finish(nary_released(NaryOp::clamp, {a.self(), a.number(1), a.number(2)}, a.out()));
  if (lo) return a.finish(binary_released(BinaryOp::maximum, a.self(), a.number(1), a.out()));
  if (hi) return a.finish(binary_released(BinaryOp::minimum, a.self(), a.number(2), a.out()));
  raise<TypeError>(a.name(), ": expected min, max or both");
}

PyObject* lerp_call(Args& a) {
  return a.finish(nary_released(NaryOp::lerp, {a.self(), a.tensor(1), a.number(2)}, a.out()));
}

PyObject* threshold_call(Args& a) {
  return a.finish(
      nary_released(NaryOp::threshold, {a.tensor(0), a.number(1), a.number(2)}, nullptr));
}

PyObject* threshold_inplace_call(Args& a) {
  Tensor self = a.tensor(0);
  nary_released(NaryOp::threshold, {self, a.number(1), a.number(2)}, &self);
  return Py_NewRef(a.object(0));
}

PyObject* threshold_input_grad_call(Args& a) {
  return a.finish(nary_released(NaryOp::threshold_input_grad,
                                {a.tensor(0), a.tensor(1), a.number(2)}, nullptr));
}

PyObject* where_call(Args& a) {
  Tensor* out = a.out();
  if (a.signature == 4) {  // the condition alone
    if (out) raise<TypeError>(a.name(), ": out cannot be given with a condition alone");
    std::vector<Tensor> found;
    {
      ReleaseGil release(a.self().numel());
      found = ops::nonzero_tuple(a.self());
    }
    return tuple_of(std::move(found));
  }
  Tensor result;
  {
    Input x = a.input(1), y = a.input(2);
    ReleaseGil release(a.tensor(0).numel());
    result = ops::where(a.tensor(0), x, y, out);
  }
  return a.finish(std::move(result));
}

PyObject* masked_fill_call(Args& a) {
  Tensor result = ops::where(a.tensor(1), a.input(2), a.self(), a.out());
  return a.finish(std::move(result));
}

constexpr unsigned unary_forms(Domain d) {
  return kMethod | kFunction | kOut | (d == Domain::kPredicate ? 0u : unsigned{kInplace});
}

constexpr char kBinary[] =
    "(self: Tensor, other: Tensor) | (self: Tensor, value: number) | (value: number, self: Tensor)";
constexpr char kAdd[] =
    "(self: Tensor, other: Tensor) | (self: Tensor, value: number) | (self: Tensor, value: number "
    "= 1, other: Tensor) | "
    "(self: Tensor, other: Tensor, *, alpha: number = 1) | (value: number, self: Tensor)";
constexpr char kAddC[] = "(self: Tensor, value: number = 1, tensor1: Tensor, tensor2: Tensor)";
constexpr char kWhere[] =
    "(condition: mask, self: Tensor, other: Tensor) | (condition: mask, self: Tensor, value: "
    "number) | "
    "(condition: mask, value: number, self: Tensor) | (condition: mask, value: number, other: "
    "number) | (self: Tensor)";
constexpr unsigned kAllForms = kMethod | kFunction | kInplace | kOut | kByCount;
constexpr unsigned binary_forms(BinaryOp op) {
  return kAllForms | (op >= BinaryOp::eq && op <= BinaryOp::ge ? kComparison : 0u);
}

template <BinaryOp op>
constexpr auto* binary_entry() {
  if constexpr (op == BinaryOp::add || op == BinaryOp::sub)
    return &add_call<op>;
  else
    return &binary_call<op>;
}
constexpr const char* binary_signatures(BinaryOp op) {
  return op == BinaryOp::add || op == BinaryOp::sub ? kAdd : kBinary;
}

constexpr OpDef kUnaryOpDefs[] = {
#define UNARY(name, functor, domain, lo, hi, u32, u64, doc, ...)                     \
  {#name, unary_forms(Domain::domain), "(self: Tensor)", &unary_call<UnaryOp::name>, \
   doc __VA_OPT__(, ) __VA_ARGS__},
#include "torch/ops/unary.def"
#undef UNARY
};

constexpr OpDef kBinaryOpDefs[] = {
#define BINARY(name, functor, domain, lo, hi, u32, u64, doc, ...)          \
  {#name, binary_forms(BinaryOp::name), binary_signatures(BinaryOp::name), \
   binary_entry<BinaryOp::name>(), doc __VA_OPT__(, ) __VA_ARGS__},
#include "torch/ops/binary.def"
#undef BINARY
    {"cmax", kAllForms, kBinary, &binary_call<BinaryOp::maximum>,
     "The larger of both elements (maximum)."},
    {"cmin", kAllForms, kBinary, &binary_call<BinaryOp::minimum>,
     "The smaller of both elements (minimum)."},
};

constexpr OpDef kNaryOpDefs[] = {
    {"addcmul", kAllForms, kAddC, &addc_call<NaryOp::addcmul>, "self + value * tensor1 * tensor2."},
    {"addcdiv", kAllForms, kAddC, &addc_call<NaryOp::addcdiv>, "self + value * tensor1 / tensor2."},
    {"clamp", kAllForms, "(self: Tensor, min: number = None, max: number = None)", &clamp_call,
     "Each element limited to [min, max]; NaN stays NaN."},
    {"lerp", kAllForms, "(self: Tensor, end: Tensor, weight: number)", &lerp_call,
     "self + weight * (end - self)."},
    {"where", kMethod | kFunction | kOut, kWhere, &where_call,
     "The first value where the condition holds, the second elsewhere. With a condition alone the "
     "positions where it holds: a tuple of one LongTensor per dimension, as nonzero gives it.",
     ">>> x = torch.tensor([1, -2, 3])\n>>> torch.where(x > 0, x, 0).tolist()\n[1, 0, 3]"},
    {"masked_fill", kAllForms,
     "(self: Tensor, mask: mask, value: number) | (self: Tensor, mask: mask, value: Tensor)",
     &masked_fill_call,
     "self with value where the mask holds. The mask is a BoolTensor or ByteTensor; both "
     "broadcast.",
     ">>> x = torch.tensor([1, -2, 3])\n>>> torch.masked_fill(x, x < 0, 9).tolist()\n[1, 9, 3]"},
    {"threshold", kPrivate, "(input: Tensor, threshold: number, value: number)", &threshold_call,
     "Each element above the threshold; value for the others."},
    {"threshold_", kPrivate, "(input: Tensor, threshold: number, value: number)",
     &threshold_inplace_call, "threshold, written to input."},
    {"threshold_input_grad", kPrivate, "(grad_output: Tensor, input: Tensor, threshold: number)",
     &threshold_input_grad_call, "grad_output where input is above the threshold, else 0."},
};

// The operators of the number protocol. `Scalar` operands are numbers; anything else is left to the
// other operand.
template <BinaryOp op>
PyObject* binary_slot(PyObject* x, PyObject* y) {
  bool tx = is_tensor(x), ty = is_tensor(y);
  if (!(tx || is_number(x)) || !(ty || is_number(y))) Py_RETURN_NOTIMPLEMENTED;
  if (compat::any()) {
    PyObject* args[] = {x, y};
    return call_op(find_op(row(op).name), false, nullptr, args, 2, nullptr);
  }
  return guarded([&] {
    Input a = tx ? Input(unwrap(x)) : Input(to_scalar(x)),
          b = ty ? Input(unwrap(y)) : Input(to_scalar(y));
    return wrap(binary_released(op, a, b, nullptr));
  });
}

template <BinaryOp op>
PyObject* inplace_slot(PyObject* x, PyObject* y) {
  bool ty = is_tensor(y);
  if (!(ty || is_number(y))) Py_RETURN_NOTIMPLEMENTED;
  if (compat::any()) return call_op(find_op(row(op).name), true, x, &y, 1, nullptr);
  return guarded([&] {
    binary_released(op, unwrap(x), ty ? Input(unwrap(y)) : Input(to_scalar(y)), &unwrap(x));
    return Py_NewRef(x);
  });
}

template <UnaryOp op>
PyObject* unary_slot(PyObject* x) {
  return guarded([&] {
    Tensor result;
    {
      ReleaseGil release(unwrap(x).numel());
      result = ops::unary(op, unwrap(x));
    }
    return wrap(std::move(result));
  });
}

PyObject* pow_slot(PyObject* x, PyObject* y, PyObject* modulus) {
  if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
  return binary_slot<BinaryOp::pow>(x, y);
}
PyObject* inplace_pow_slot(PyObject* x, PyObject* y, PyObject*) {
  return inplace_slot<BinaryOp::pow>(x, y);
}
PyObject* positive_slot(PyObject* x) { return Py_NewRef(x); }

}  // namespace

PyObject* compare(PyObject* x, PyObject* y, int operation) {
  if ((operation == Py_EQ || operation == Py_NE) && compat::on(Flag::identity_eq))
    return PyBool_FromLong((x == y) == (operation == Py_EQ));
  switch (operation) {
    case Py_EQ:
      return binary_slot<BinaryOp::eq>(x, y);
    case Py_NE:
      return binary_slot<BinaryOp::ne>(x, y);
    case Py_LT:
      return binary_slot<BinaryOp::lt>(x, y);
    case Py_LE:
      return binary_slot<BinaryOp::le>(x, y);
    case Py_GT:
      return binary_slot<BinaryOp::gt>(x, y);
    default:
      return binary_slot<BinaryOp::ge>(x, y);
  }
}

void set_number_slots(PyNumberMethods& n) {
  n.nb_add = &binary_slot<BinaryOp::add>;
  n.nb_subtract = &binary_slot<BinaryOp::sub>;
  n.nb_multiply = &binary_slot<BinaryOp::mul>;
  n.nb_true_divide = &binary_slot<BinaryOp::div>;
  n.nb_floor_divide = &binary_slot<BinaryOp::floor_divide>;
  n.nb_remainder = &binary_slot<BinaryOp::remainder>;
  n.nb_power = &pow_slot;
  n.nb_and = &binary_slot<BinaryOp::bitwise_and>;
  n.nb_or = &binary_slot<BinaryOp::bitwise_or>;
  n.nb_xor = &binary_slot<BinaryOp::bitwise_xor>;
  n.nb_inplace_add = &inplace_slot<BinaryOp::add>;
  n.nb_inplace_subtract = &inplace_slot<BinaryOp::sub>;
  n.nb_inplace_multiply = &inplace_slot<BinaryOp::mul>;
  n.nb_inplace_true_divide = &inplace_slot<BinaryOp::div>;
  n.nb_inplace_floor_divide = &inplace_slot<BinaryOp::floor_divide>;
  n.nb_inplace_remainder = &inplace_slot<BinaryOp::remainder>;
  n.nb_inplace_power = &inplace_pow_slot;
  n.nb_inplace_and = &inplace_slot<BinaryOp::bitwise_and>;
  n.nb_inplace_or = &inplace_slot<BinaryOp::bitwise_or>;
  n.nb_inplace_xor = &inplace_slot<BinaryOp::bitwise_xor>;
  n.nb_negative = &unary_slot<UnaryOp::neg>;
  n.nb_absolute = &unary_slot<UnaryOp::abs>;
  n.nb_invert = &unary_slot<UnaryOp::bitwise_not>;
  n.nb_positive = &positive_slot;
}

void add_elementwise(OpRegistry& r) {
  r.add<kUnaryOpDefs>();
  r.add<kBinaryOpDefs>();
  r.add<kNaryOpDefs>();
}

}  // namespace torch::python
