// Creation.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "bindings/parser.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/view.h"
#include "torch/registry.h"

namespace torch::python {
namespace {

// Where a creator's result goes and what it is, from `dtype=` and `device=`, at positions i and
// i + 1, and `out=`, which decides what they leave open.
struct Target {
  Tensor* out;
  DType dtype;
  Device device;

  Target(Args& a, int i, DType natural, Device home = {})
      : out(a.out()),
        dtype(a.dtype(i, out ? out->dtype() : natural)),
        device(a.device(i + 1, out ? out->device() : home)) {
    ops::check_device(a.name(), device);
    if (out && (dtype != out->dtype() || !(device == out->device()))) {
      raise<TypeError>(a.name(), ": expected an out of ", dtype, " on ", device_name(device),
                       ", got ", *out, " on ", device_name(out->device()));
    }
  }
};

PyObject* deliver(Args& a, Tensor result) { return a.finish_copy(std::move(result)); }

PyObject* constant(Args& a, const Target& t, const Shape& shape, Scalar value) {
  checked_numel(a.name(), shape);
  if (t.out) {
    ops::check_out(a.name(), *t.out, shape, t.dtype);
    ops::fill_(*t.out, value);
    return a.finish({});
  }
  bool zero = !value.is_float() && !value.is_huge() && value.i == 0;
  Tensor result;
  {
    ReleaseGil release(numel(shape));
    result =
        zero ? ops::zeros(shape, t.dtype, t.device) : ops::full(shape, value, t.dtype, t.device);
  }
  return wrap(std::move(result));
}

template <int value>
PyObject* constant_call(Args& a) {  // (shape, *, dtype, device)
  return constant(a, Target(a, 1, default_dtype()), a.sizes(0), Scalar(value));
}
PyObject* empty_call(Args& a) {
  Target t(a, 1, default_dtype());
  Shape shape = a.sizes(0);
  checked_numel(a.name(), shape);
  if (t.out) {
    ops::check_out(a.name(), *t.out, shape, t.dtype);
    return a.finish({});
  }
  return wrap(ops::uninitialized(shape, t.dtype, t.device));
}
DType natural_dtype(Scalar v) {
  return v.is_float()                  ? default_dtype()
         : v.tag == Scalar::Tag::kBool ? DType::kBool
                                       : DType::kInt64;
}
PyObject* full_call(Args& a) {  // (shape, fill_value, *, dtype, device)
  Scalar value = a.number(1);
  return constant(a, Target(a, 2, natural_dtype(value)), a.sizes(0), value);
}

Target like(Args& a, int i) { return Target(a, i, a.tensor(0).dtype(), a.tensor(0).device()); }
template <int value>
PyObject* constant_like_call(Args& a) {  // (self, *, dtype, device)
  return constant(a, like(a, 1), a.tensor(0).shape(), Scalar(value));
}
PyObject* empty_like_call(Args& a) {
  Target t = like(a, 1);
  return wrap(ops::uninitialized(a.tensor(0).shape(), t.dtype, t.device));
}
PyObject* full_like_call(Args& a) {  // (self, fill_value, *, dtype, device)
  return constant(a, like(a, 2), a.tensor(0).shape(), a.number(1));
}

// The alpha's: resizes self.
template <int value>
PyObject* resize_and_fill_call(Args& a) {
  ops::resize_(a.self(), a.sizes(1));
  ops::fill_(a.self(), Scalar(value));
  return Py_NewRef(a.object(0));
}

// How many of start, start + step, ... lie before end (or at it, when inclusive).
int64_t steps(const char* op, Scalar start, Scalar end, Scalar step, bool inclusive) {
  if (start.is_huge() || end.is_huge() || step.is_huge())
    raise<OverflowError>(op, ": expected numbers within 64 bits");
  if (!start.is_float() && !end.is_float() && !step.is_float()) {
    if (step.i == 0) raise<ValueError>(op, ": expected a step other than 0");
    __int128 span = static_cast<__int128>(end.i) - start.i, by = step.i;
    if (by < 0) span = -span, by = -by;
    __int128 n = inclusive ? (span < 0 ? 0 : span / by + 1) : (span + by - 1) / by;
    return span <= 0 && !inclusive ? 0 : static_cast<int64_t>(std::min<__int128>(n, INT64_MAX));
  }
  double a = start.as_double(), b = end.as_double(), by = step.as_double();
  if (by == 0 || std::isnan(by)) raise<ValueError>(op, ": expected a step other than 0");
  double n = (b - a) / by;
  if (!std::isfinite(n) || n > 1e15)
    raise<ValueError>(op, ": cannot step from ", a, " to ", b, " by ", by);
  n = inclusive ? std::floor(n + 1e-9) + 1 : std::ceil(n);
  return n > 0 ? static_cast<int64_t>(n) : 0;
}

// (end) | (start, end, step = 1)
PyObject* arange_call(Args& a) {
  bool one = a.signature == 0;
  Scalar start = one ? Scalar(0) : a.number(0), end = a.number(one ? 0 : 1),
         step = one ? Scalar(1) : a.number(2);
  DType natural =
      start.is_float() || end.is_float() || step.is_float() ? default_dtype() : DType::kInt64;
  Target t(a, one ? 1 : 3, natural);
  int64_t n = steps("arange", start, end, step, false);
  checked_numel("arange", {n});
  return deliver(a, ops::ramp("arange", start, step, n, t.dtype, t.device));
}

PyObject* range_call(Args& a) {
  Scalar start = a.number(0), end = a.number(1), step = a.number(2);
  Target t(a, 3, default_dtype());
  double span = end.as_double() - start.as_double();
  if (span * step.as_double() < 0) {
    raise<ValueError>("range: cannot step from ", start.as_double(), " to ", end.as_double(),
                      " by ", step.as_double());
  }
  int64_t n = steps("range", start, end, step, true);
  checked_numel("range", {n});
  return deliver(a, ops::ramp("range", start, step, n, t.dtype, t.device));
}

int64_t spaced_steps(Args& a, double start, double end) {
  int64_t n = a.integer(2);
  if (n < 1) raise<ValueError>(a.name(), ": expected one step or more, got ", n);
  if (n == 1 && start != end)
    raise<ValueError>(a.name(), ": one step cannot reach from ", start, " to ", end);
  checked_numel(a.name(), {n});
  return n;
}

PyObject* linspace_call(Args& a) {  // (start, end, steps = 100, *, dtype, device)
  double start = a.real(0), end = a.real(1);
  Target t(a, 3, default_dtype());
  int64_t n = spaced_steps(a, start, end);
  return deliver(a, ops::linspace("linspace", start, end, n, t.dtype, t.device));
}

PyObject* logspace_call(Args& a) {  // (start, end, steps = 100, base = 10, *, dtype, device)
  double start = a.real(0), end = a.real(1);
  Target t(a, 4, default_dtype());
  int64_t n = spaced_steps(a, start, end);
  Tensor exponents = ops::linspace("logspace", start, end, n, DType::kFloat64, t.device);
  return deliver(a, ops::to(ops::binary(BinaryOp::pow, Scalar(a.real(3)), exponents), t.dtype));
}

PyObject* geomspace_call(Args& a) {  // (start, end, steps = 100, *, dtype, device)
  double start = a.real(0), end = a.real(1);
  Target t(a, 3, default_dtype());
  if (!(start * end > 0)) {
    raise<ValueError>("geomspace: expected two numbers of one sign other than 0, got ", start,
                      " and ", end);
  }
  int64_t n = spaced_steps(a, start, end);
  Tensor exponents = ops::linspace("geomspace", std::log2(std::abs(start)),
                                   std::log2(std::abs(end)), n, DType::kFloat64, t.device);
  Tensor result = ops::binary(BinaryOp::pow, Scalar(2.0), exponents);
  if (start < 0) result = ops::unary(UnaryOp::neg, result);
  Tensor first = ops::select(result, 0, 0), last = ops::select(result, 0, n - 1);
  ops::fill_(first, Scalar(start));
  ops::fill_(last, Scalar(end));
  return deliver(a, ops::to(result, t.dtype));
}

PyObject* eye_call(Args& a) {  // (n, m = None, *, dtype, device)
  int64_t n = a.integer(0), m = a.has(1) ? a.integer(1) : n;
  Target t(a, 2, default_dtype());
  checked_numel(a.name(), {n, m});
  return deliver(a, ops::eye(n, m, t.dtype, t.device));
}
PyObject* identity_call(Args& a) {  // (n, *, dtype, device)
  int64_t n = a.integer(0);
  Target t(a, 1, default_dtype());
  checked_numel(a.name(), {n, n});
  return deliver(a, ops::eye(n, n, t.dtype, t.device));
}

PyObject* get_default_dtype_call(Args&) { return Py_NewRef(dtype_object(default_dtype())); }
PyObject* set_default_call(Args& a) {  // (t)
  DType dtype = find_dtype(a.name(), a.object(0));
  if (!is_floating(dtype)) {
    raise<TypeError>(a.name(), ": expected a floating tensor type, got torch.", info(dtype).name);
  }
  set_default_dtype(dtype);
  Py_RETURN_NONE;
}

#define CREATED ", *, dtype: dtype = None, device: device = None)"
constexpr char kShape[] = "(shape: sizes" CREATED;
constexpr char kLike[] = "(self: Tensor" CREATED;
constexpr char kSpaced[] = "(start: number, end: number, steps: int = 100" CREATED;
constexpr char kDefaultDoc[] =
    "Sets the dtype that torch.Tensor(...) and every creator without dtype= makes: a floating "
    "dtype, "
    "its tensor class or a name of either. TypeError for another dtype, ValueError for an unknown "
    "name.";

constexpr OpDef kOps[] = {
    {"zeros", kFunction | kOut, kShape, &constant_call<0>,
     "A tensor of zeros of the given size (ints or one sequence), of dtype (the default dtype when "
     "None). ValueError for a negative size.",
     ">>> torch.zeros(2, 3).tolist()\n[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]"},
    {"ones", kFunction | kOut, kShape, &constant_call<1>,
     "A tensor of ones of the given size (ints or one sequence), of dtype (the default dtype when "
     "None). ValueError for a negative size.",
     ">>> torch.ones(2, dtype=torch.int64).tolist()\n[1, 1]"},
    {"empty", kFunction | kOut, kShape, &empty_call,
     "A tensor of the given size (ints or one sequence) and dtype (the default dtype when None) "
     "whose elements are not set. ValueError for a negative size.",
     ">>> torch.empty((2, 3)).shape\ntorch.Size([2, 3])"},
    {"full", kFunction | kOut, "(shape: dims, fill_value: number" CREATED, &full_call,
     "A tensor of one value. Without dtype a bool gives BoolTensor, an int LongTensor, a float the "
     "default dtype. OverflowError for a number that does not fit, TypeError for a fraction in an "
     "integer dtype.",
     ">>> torch.full((2,), 7).tolist()\n[7, 7]"},
    {"zeros_like", kFunction, kLike, &constant_like_call<0>,
     "Zeros of self's size, and of its dtype unless another is given.",
     ">>> torch.zeros_like(torch.tensor([1, 2])).tolist()\n[0, 0]"},
    {"ones_like", kFunction, kLike, &constant_like_call<1>,
     "Ones of self's size, and of its dtype unless another is given.",
     ">>> torch.ones_like(torch.tensor([5, 6])).tolist()\n[1, 1]"},
    {"empty_like", kFunction, kLike, &empty_like_call,
     "A contiguous tensor of self's size, and of its dtype unless another is given, whose elements "
     "are not set.",
     ">>> torch.empty_like(torch.zeros(2, 3)).shape\ntorch.Size([2, 3])"},
    {"full_like", kFunction, "(self: Tensor, fill_value: number" CREATED, &full_like_call,
     "One value in self's size, and in its dtype unless another is given. Errors as full.",
     ">>> torch.full_like(torch.tensor([1, 2]), 7).tolist()\n[7, 7]"},
    {"zeros_", kMethod, "(self: Tensor, shape: sizes)", &resize_and_fill_call<0>,
     "Resizes self as resize_ does and sets every element to 0.",
     ">>> torch.ones(1).zeros_(2).tolist()\n[0.0, 0.0]"},
    {"ones_", kMethod, "(self: Tensor, shape: sizes)", &resize_and_fill_call<1>,
     "Resizes self as resize_ does and sets every element to 1.",
     ">>> torch.zeros(1).ones_(2).tolist()\n[1.0, 1.0]"},
    {"arange", kFunction | kOut,
     "(end: number" CREATED " | (start: number, end: number, step: number = 1" CREATED,
     &arange_call,
     "start, start + step, ... as far as they lie before end; start is 0 where one number is "
     "given. "
     "LongTensor for whole numbers, else the default dtype. ValueError for a step of 0 or ends "
     "that "
     "are not finite, OverflowError for numbers that dtype does not hold.",
     ">>> torch.arange(2, 10, 3).tolist()\n[2, 5, 8]"},
    {"range", kFunction | kOut, "(xmin: number, xmax: number, step: number = 1" CREATED,
     &range_call,
     "xmin, xmin + step, ... with xmax itself where it is met, of the default dtype. ValueError "
     "for "
     "a step of 0 or one that leads away from xmax.",
     ">>> torch.range(1, 2, 0.5).tolist()\n[1.0, 1.5, 2.0]"},
    {"linspace", kFunction | kOut, kSpaced, &linspace_call,
     "`steps` numbers at equal distances from start to end, both included, of the default dtype; "
     "integer dtypes take the floor, as NumPy's. ValueError below one step, and for one step "
     "unless "
     "start equals end.",
     ">>> torch.linspace(0, 1, 5).tolist()\n[0.0, 0.25, 0.5, 0.75, 1.0]"},
    {"logspace", kFunction | kOut,
     "(start: number, end: number, steps: int = 100, base: number = 10" CREATED, &logspace_call,
     "base ** linspace(start, end, steps), of the default dtype. Errors as linspace.",
     ">>> torch.logspace(0, 2, 3).tolist()\n[1.0, 10.0, 100.0]"},
    {"geomspace", kFunction | kOut, kSpaced, &geomspace_call,
     "`steps` numbers of equal ratio from start to end, both included. ValueError unless both have "
     "one sign and neither is 0, and as linspace.",
     ">>> torch.geomspace(1, 8, 4).tolist()\n[1.0, 2.0, 4.0, 8.0]"},
    {"eye", kFunction | kOut, "(n: int, m: int = None" CREATED, &eye_call,
     "(n, m), m being n when None, with ones on the diagonal and zeros elsewhere.",
     ">>> torch.eye(2, 3).tolist()\n[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]"},
    {"identity", kFunction | kOut, "(n: int" CREATED, &identity_call,
     "(n, n) with ones on the diagonal and zeros elsewhere.",
     ">>> torch.identity(2).tolist()\n[[1.0, 0.0], [0.0, 1.0]]"},
    {"get_default_dtype", kFunction, "()", &get_default_dtype_call,
     "The dtype of tensors made without one.", ">>> torch.get_default_dtype()\ntorch.float32"},
    {"set_default_tensor_type", kFunction, "(t: object)", &set_default_call, kDefaultDoc,
     ">>> torch.set_default_tensor_type('torch.FloatTensor')\n>>> type(torch.zeros(1)).__name__\n"
     "'FloatTensor'"},
    {"set_default_dtype", kFunction, "(t: object)", &set_default_call, kDefaultDoc,
     ">>> torch.set_default_dtype(torch.float32)\n>>> torch.zeros(1).dtype\ntorch.float32"},
};
#undef CREATED

}  // namespace

void add_create(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
