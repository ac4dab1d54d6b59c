#include <algorithm>
#include <string_view>

#include "bindings/compat.h"
#include "bindings/results.h"
#include "bindings/slots.h"
#include "torch/ops/copy.h"
#include "torch/ops/mask.h"
#include "torch/ops/reduce.h"

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

PyObject* float_power_call(Args& a) {
  Tensor* out = a.out();
  Tensor result;
  {
    Input x = a.input(0), y = a.input(1);
    ReleaseGil release(std::max(work(x), work(y)));
    result = ops::float_power(x, y, out);
  }
  return a.finish(std::move(result));
}

PyObject* clamp_call(Args& a) {  // min and max: numbers, tensors or missing
  bool lo = a.has(1), hi = a.has(2);
  if (lo && hi)
    return a.finish(nary_released(NaryOp::clamp, {a.self(), a.input(1), a.input(2)}, a.out()));
  if (lo) return a.finish(binary_released(BinaryOp::maximum, a.self(), a.input(1), a.out()));
  if (hi) return a.finish(binary_released(BinaryOp::minimum, a.self(), a.input(2), a.out()));
  raise<TypeError>(a.name(), ": expected min, max or both");
}

PyObject* lerp_call(Args& a) {
  return a.finish(nary_released(NaryOp::lerp, {a.self(), a.tensor(1), a.input(2)}, a.out()));
}

PyObject* nan_to_num_call(Args& a) {  // (self, nan = 0, posinf, neginf)
  Tensor* out = a.out();
  Scalar positive = a.number(2), negative = a.number(3);
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::nan_to_num(a.self(), a.number(1), a.has(2) ? &positive : nullptr,
                             a.has(3) ? &negative : nullptr, out);
  }
  return a.finish(std::move(result));
}

// (self, other, rtol, atol, equal_nan) | (self, value, ...) | (value, self, ...)
Tensor close(Args& a, Tensor* out) {
  NaryOp op = a.boolean(4) ? NaryOp::isclose_or_nan : NaryOp::isclose;
  return nary_released(op, {a.input(0), a.input(1), a.number(2), a.number(3)}, out);
}
PyObject* isclose_call(Args& a) { return a.finish(close(a, a.out())); }

bool all(const Tensor& mask) { return ops::reduce_all(ReduceOp::all, mask).i != 0; }

PyObject* allclose_call(Args& a) { return PyBool_FromLong(all(close(a, nullptr))); }

PyObject* array_equal_call(Args& a) {  // (self, other, equal_nan)
  const Tensor &x = a.self(), &y = a.tensor(1);
  if (x.shape() != y.shape()) Py_RETURN_FALSE;
  bool nan = a.boolean(2) && is_floating(x.dtype()) && is_floating(y.dtype());
  if (nan)
    return PyBool_FromLong(
        all(nary_released(NaryOp::isclose_or_nan, {x, y, Scalar(0.0), Scalar(0.0)}, nullptr)));
  return PyBool_FromLong(all(binary_released(BinaryOp::eq, x, y, nullptr)));
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
  if (a.signature == 7) {  // the condition alone
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
    Input condition = a.input(0), x = a.input(1), y = a.input(2);
    ReleaseGil release(std::max({work(condition), work(x), work(y)}));
    result = ops::where(condition, x, y, out);
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
    "number) | "
    "(condition: bool, self: Tensor, other: Tensor) | (condition: bool, self: Tensor, value: "
    "number) | (condition: bool, value: number, self: Tensor) | (self: Tensor)";
constexpr char kPow[] =
    "(self: Tensor, exponent: Tensor) | (self: Tensor, exponent: number) | (base: number, self: "
    "Tensor)";
constexpr char kClamp[] =
    "(self: Tensor, min: number = None, max: number = None) | "
    "(self: Tensor, min: Tensor = None, max: Tensor = None) | "
    "(self: Tensor, min: Tensor, max: number) | (self: Tensor, min: number, max: Tensor)";
#define TOLERANCE "rtol: number = 1e-05, atol: number = 1e-08, equal_nan: bool = False)"
constexpr char kClose[] =
    "(self: Tensor, other: Tensor, " TOLERANCE " | (self: Tensor, value: number, " TOLERANCE
    " | (value: number, self: Tensor, " TOLERANCE;
#undef TOLERANCE
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
  if (op == BinaryOp::pow) return kPow;
  return op == BinaryOp::add || op == BinaryOp::sub ? kAdd : kBinary;
}

// What the dtypes column of a row means, in words.
#define SHAPE_1 " (...) -> (...)."
#define SHAPE_2 " Both broadcast to the result's shape."
#define ACCURACY(lo, hi, u32, u64)                                                         \
  " Floating dtypes stay, others give float64. At most " #u32 " ulp off in float32, " #u64 \
  " in float64, on [" #lo ", " #hi "]."
#define UNARY_kFloating(...)    ACCURACY(__VA_ARGS__)
#define UNARY_kArithmetic(...)  " The dtype stays. TypeError for bool."
#define UNARY_kRounding(...)    " The dtype stays; integers are round already."
#define UNARY_kPredicate(...)   " Gives a BoolTensor."
#define UNARY_kBits(...)        " The dtype stays. TypeError for floating dtypes."
#define BINARY_kFloating(...)   ACCURACY(__VA_ARGS__)
#define BINARY_kAll(...)        " The result has the promoted dtype."
#define BINARY_kArithmetic(...) " The result has the promoted dtype; two bools give int8."
#define BINARY_kCompare(...)    " Gives a BoolTensor; in place 0 or 1 in self's dtype."
#define BINARY_kBits(...)       " The result has the promoted dtype. TypeError for floating dtypes."
#define BINARY_kIntegers(...)                                                        \
  " The result has the promoted dtype; two bools give int8. TypeError for floating " \
  "dtypes."

constexpr OpDef kUnaryOpDefs[] = {
#define UNARY(name, functor, domain, lo, hi, u32, u64, doc, example) \
  {#name,                                                            \
   unary_forms(Domain::domain),                                      \
   "(self: Tensor)",                                                 \
   &unary_call<UnaryOp::name>,                                       \
   doc SHAPE_1 UNARY_##domain(lo, hi, u32, u64),                     \
   example},
#include "torch/ops/unary.def"
#undef UNARY
};

constexpr OpDef kBinaryOpDefs[] = {
#define BINARY(name, functor, domain, lo, hi, u32, u64, doc, example) \
  {#name,                                                             \
   binary_forms(BinaryOp::name),                                      \
   binary_signatures(BinaryOp::name),                                 \
   binary_entry<BinaryOp::name>(),                                    \
   doc SHAPE_2 BINARY_##domain(lo, hi, u32, u64),                     \
   example},
#include "torch/ops/binary.def"
#undef BINARY
};

// The row `name` of a table once more, as `alias`.
template <size_t n>
constexpr OpDef renamed(const OpDef (&rows)[n], std::string_view name, const char* alias) {
  for (const OpDef& row : rows) {
    if (row.name == name) {
      OpDef copy = row;
      copy.name = alias;
      return copy;
    }
  }
  throw "no such row";  // found by the compiler
}

constexpr OpDef kUnaryAliases[] = {
#define UNARY(...)
#define ALIAS(alias, name) renamed(kUnaryOpDefs, #name, #alias),
#include "torch/ops/unary.def"
#undef ALIAS
#undef UNARY
};

constexpr OpDef kBinaryAliases[] = {
#define BINARY(...)
#define ALIAS(alias, name) renamed(kBinaryOpDefs, #name, #alias),
#include "torch/ops/binary.def"
#undef ALIAS
#undef BINARY
};

struct Text {
  const char* doc;
  const char* example;
};
constexpr Text text(NaryOp op) {
  constexpr Text kTexts[] = {
#define NARY(name, shown, functor, inputs, domain, doc, example) {doc, example},
#include "torch/ops/nary.def"
#undef NARY
  };
  return kTexts[static_cast<int>(op)];
}

constexpr OpDef nary_row(const char* name, unsigned forms, const char* signatures,
                         PyObject* (*call)(Args&), NaryOp op) {
  return {name, forms, signatures, call, text(op).doc, text(op).example};
}

constexpr OpDef kNaryOpDefs[] = {
    nary_row("addcmul", kAllForms, kAddC, &addc_call<NaryOp::addcmul>, NaryOp::addcmul),
    nary_row("addcdiv", kAllForms, kAddC, &addc_call<NaryOp::addcdiv>, NaryOp::addcdiv),
    nary_row("clamp", kAllForms, kClamp, &clamp_call, NaryOp::clamp),
    nary_row("clip", kAllForms, kClamp, &clamp_call, NaryOp::clamp),
    nary_row("lerp", kAllForms,
             "(self: Tensor, end: Tensor, weight: number) | (self: Tensor, end: Tensor, weight: "
             "Tensor)",
             &lerp_call, NaryOp::lerp),
    nary_row("nan_to_num", kAllForms,
             "(self: Tensor, nan: number = 0.0, posinf: number = None, neginf: number = None)",
             &nan_to_num_call, NaryOp::nan_to_num),
    nary_row("isclose", kMethod | kFunction | kOut, kClose, &isclose_call, NaryOp::isclose),
    {"allclose", kMethod | kFunction, kClose, &allclose_call,
     "Whether isclose holds for all elements, as a Python bool.",
     ">>> torch.allclose(torch.tensor([1.0, 2.0]), torch.tensor([1.0000001, 2.0]))\nTrue"},
    {"array_equal", kMethod | kFunction, "(self: Tensor, other: Tensor, equal_nan: bool = False)",
     &array_equal_call,
     "Whether both have the same size and elements, as a Python bool; dtypes may differ, and NaN "
     "equals NaN if equal_nan.",
     ">>> torch.array_equal(torch.tensor([1, 2]), torch.tensor([1.0, 2.0]))\nTrue"},
    {"float_power", kMethod | kFunction | kOut, kPow, &float_power_call,
     "self to the power of other, computed in float64 for every dtype. Both broadcast.",
     ">>> torch.float_power(torch.tensor([2, 4]), -1).tolist()\n[0.5, 0.25]"},
    {"where", kMethod | kFunction | kOut, kWhere, &where_call,
     "The first value where the condition holds, the second elsewhere. All broadcast; the result "
     "has the promoted dtype of the values. TypeError for a condition that is no BoolTensor, "
     "ByteTensor or bool. With a condition alone the positions where it holds: a tuple of one "
     "LongTensor per dimension, as nonzero gives it.",
     ">>> torch.where(torch.tensor([True, False]), torch.tensor([1, 2]), 0).tolist()\n[1, 0]"},
    {"masked_fill", kAllForms,
     "(self: Tensor, mask: mask, value: number) | (self: Tensor, mask: mask, value: Tensor)",
     &masked_fill_call,
     "self with value where the mask, which broadcasts, holds. TypeError for a mask that is no "
     "BoolTensor or ByteTensor.",
     ">>> torch.tensor([1, 2]).masked_fill(torch.tensor([True, False]), 9).tolist()\n[9, 2]"},
    nary_row("threshold", kPrivate, "(input: Tensor, threshold: number, value: number)",
             &threshold_call, NaryOp::threshold),
    {"threshold_", kPrivate, "(input: Tensor, threshold: number, value: number)",
     &threshold_inplace_call, "threshold, written to input.",
     ">>> torch._C.threshold_(torch.tensor([1, 5]), 3, 0).tolist()\n[0, 5]"},
    nary_row("threshold_input_grad", kPrivate,
             "(grad_output: Tensor, input: Tensor, threshold: number)", &threshold_input_grad_call,
             NaryOp::threshold_input_grad),
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

PyObject* divmod_slot(PyObject* x, PyObject* y) {
  PyObject* q = binary_slot<BinaryOp::floor_divide>(x, y);
  if (!q || q == Py_NotImplemented) return q;
  return guarded([&] {
    Object quotient(q), remainder(binary_slot<BinaryOp::remainder>(x, y));
    return PyTuple_Pack(2, quotient.get(), remainder.get());
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
  n.nb_divmod = &divmod_slot;
  n.nb_power = &pow_slot;
  n.nb_lshift = &binary_slot<BinaryOp::bitwise_left_shift>;
  n.nb_rshift = &binary_slot<BinaryOp::bitwise_right_shift>;
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
  n.nb_inplace_lshift = &inplace_slot<BinaryOp::bitwise_left_shift>;
  n.nb_inplace_rshift = &inplace_slot<BinaryOp::bitwise_right_shift>;
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
  r.add<kUnaryAliases>();
  r.add<kBinaryOpDefs>();
  r.add<kBinaryAliases>();
  r.add<kNaryOpDefs>();
}

}  // namespace torch::python
