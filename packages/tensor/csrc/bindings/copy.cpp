#include "torch/ops/copy.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "bindings/parser.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::python {
namespace {

PyObject* zeros_call(Args& a) {
  return a.finish(ops::zeros(a.sizes(0), a.dtype(1, default_dtype())));
}
PyObject* ones_call(Args& a) {
  return wrap(ops::full(a.sizes(0), Scalar(1), a.dtype(1, default_dtype())));
}
PyObject* empty_call(Args& a) {
  checked_numel("empty", a.sizes(0));
  return wrap(ops::uninitialized(a.sizes(0), a.dtype(1, default_dtype())));
}
PyObject* full_call(Args& a) {
  Scalar v = a.number(1);
  DType natural = v.is_float()                  ? default_dtype()
                  : v.tag == Scalar::Tag::kBool ? DType::kBool
                                                : DType::kInt64;
  return wrap(ops::full(a.sizes(0), v, a.dtype(2, natural)));
}

PyObject* zeros_like_call(Args& a) {
  return wrap(ops::zeros(a.tensor(0).shape(), a.dtype(1, a.tensor(0).dtype())));
}
PyObject* ones_like_call(Args& a) {
  return wrap(ops::full(a.tensor(0).shape(), Scalar(1), a.dtype(1, a.tensor(0).dtype())));
}
PyObject* empty_like_call(Args& a) {
  return wrap(ops::uninitialized(a.tensor(0).shape(), a.dtype(1, a.tensor(0).dtype())));
}
PyObject* full_like_call(Args& a) {
  return wrap(ops::full(a.tensor(0).shape(), a.number(1), a.dtype(2, a.tensor(0).dtype())));
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
  int64_t n = steps("arange", start, end, step, false);
  checked_numel("arange", {n});
  return wrap(ops::ramp("arange", start, step, n, a.dtype(one ? 1 : 3, natural)));
}

PyObject* range_call(Args& a) {
  Scalar start = a.number(0), end = a.number(1), step = a.number(2);
  double span = end.as_double() - start.as_double();
  if (span * step.as_double() < 0) {
    raise<ValueError>("range: cannot step from ", start.as_double(), " to ", end.as_double(),
                      " by ", step.as_double());
  }
  int64_t n = steps("range", start, end, step, true);
  checked_numel("range", {n});
  return wrap(ops::ramp("range", start, step, n, a.dtype(3, default_dtype())));
}

PyObject* linspace_call(Args& a) {
  double start = a.real(0), end = a.real(1);
  int64_t n = a.integer(2);
  if (n < 1) raise<ValueError>("linspace: expected one step or more, got ", n);
  if (n == 1 && start != end)
    raise<ValueError>("linspace: one step cannot reach from ", start, " to ", end);
  checked_numel("linspace", {n});
  DType dtype = a.dtype(3, default_dtype());
  Tensor t = ops::ramp("linspace", Scalar(start),
                       Scalar(n > 1 ? (end - start) / static_cast<double>(n - 1) : 0.0), n,
                       DType::kFloat64);
  Tensor last = ops::select(t, 0, n - 1);  // rounding must not miss the end
  ops::fill_(last, Scalar(end));
  if (!is_floating(dtype)) t = ops::unary(UnaryOp::floor, t);
  return wrap(ops::to(t, dtype));
}

PyObject* eye_call(Args& a) {
  int64_t n = a.integer(0), m = a.has(1) ? a.integer(1) : n;
  Tensor t = ops::zeros({n, m}, a.dtype(2, default_dtype()));
  Tensor diagonal = Tensor(t.storage(), {std::min(n, m)}, {m + 1}, 0);
  ops::fill_(diagonal, Scalar(1));
  return wrap(t);
}

PyObject* clone_call(Args& a) {
  Tensor copy;
  {
    ReleaseGil release(a.self().numel());
    copy = ops::clone(a.self());
  }
  return wrap(std::move(copy));
}

PyObject* contiguous_call(Args& a) {
  if (a.self().is_contiguous()) return Py_NewRef(a.object(0));
  return wrap(ops::clone(a.self()));
}

// (self, source: Tensor) | (self, source: number)
PyObject* copy_call(Args& a) {
  if (a.signature == 1) {
    ops::fill_(a.self(), a.number(1));
  } else {
    ReleaseGil release(a.self().numel());
    ops::copy_(a.self(), a.tensor(1));
  }
  return Py_NewRef(a.object(0));
}

PyObject* fill_call(Args& a) {
  ReleaseGil release(a.self().numel());
  ops::fill_(a.self(), a.number(1));
  return Py_NewRef(a.object(0));
}

PyObject* zero_call(Args& a) {
  ops::fill_(a.self(), Scalar(0));
  return Py_NewRef(a.object(0));
}

PyObject* convert(Args& a, DType dtype) {
  if (a.self().dtype() == dtype) return Py_NewRef(a.object(0));
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::to(a.self(), dtype);
  }
  return wrap(std::move(result));
}

PyObject* to_call(Args& a) { return convert(a, a.dtype(1, a.self().dtype())); }
template <DType dtype>
PyObject* cast_call(Args& a) {
  return convert(a, dtype);
}

PyObject* item_call(Args& a) {
  const Tensor& t = a.self();
  if (t.numel() != 1) raise<ValueError>("item: expected a tensor of one element, got ", t);
  return to_python(ops::item(t));
}

PyObject* nested_list(const Tensor& t) {
  if (t.ndim() == 0) return to_python(ops::item(t));
  Object list(PyList_New(t.size(0)));
  for (int64_t i = 0; i < t.size(0); ++i)
    PyList_SET_ITEM(list.get(), i, Object(nested_list(ops::select(t, 0, i))).release());
  return list.release();
}
PyObject* tolist_call(Args& a) { return nested_list(a.self()); }

PyObject* tensor_call(Args& a) {
  DType dtype{};
  if (a.has(1)) dtype = a.dtype(1, dtype);
  return wrap(from_data(a.object(0), a.has(1) ? &dtype : nullptr, "tensor"));
}
PyObject* from_numpy_call(Args& a) { return wrap(from_array(a.object(0), "from_numpy", false)); }
PyObject* numpy_call(Args& a) { return to_array(a.self()); }

// Whether both have the same size and elements; dtypes may differ.
PyObject* equal_call(Args& a) {
  const Tensor &x = a.self(), &y = a.tensor(1);
  if (x.shape() != y.shape()) Py_RETURN_FALSE;
  if (x.numel() == 0) Py_RETURN_TRUE;
  return PyBool_FromLong(ops::reduce_all(ReduceOp::all, ops::binary(BinaryOp::eq, x, y)).i != 0);
}

constexpr unsigned kBoth = kMethod | kFunction;
constexpr OpDef kOps[] = {
    {"zeros", kFunction, "(shape: sizes, *, dtype: dtype = None)", &zeros_call,
     "A tensor of zeros."},
    {"ones", kFunction, "(shape: sizes, *, dtype: dtype = None)", &ones_call, "A tensor of ones."},
    {"empty", kFunction, "(shape: sizes, *, dtype: dtype = None)", &empty_call,
     "A tensor that is not initialized."},
    {"full", kFunction, "(shape: dims, fill_value: number, *, dtype: dtype = None)", &full_call,
     "A tensor of one value."},
    {"zeros_like", kFunction, "(self: Tensor, *, dtype: dtype = None)", &zeros_like_call,
     "Zeros of self's size and dtype."},
    {"ones_like", kFunction, "(self: Tensor, *, dtype: dtype = None)", &ones_like_call,
     "Ones of self's size and dtype."},
    {"empty_like", kFunction, "(self: Tensor, *, dtype: dtype = None)", &empty_like_call,
     "A tensor of self's size and dtype, not initialized."},
    {"full_like", kFunction, "(self: Tensor, fill_value: number, *, dtype: dtype = None)",
     &full_like_call, "One value in self's size and dtype."},
    {"arange", kFunction,
     "(end: number, *, dtype: dtype = None) | (start: number, end: number, step: number = 1, *, "
     "dtype: dtype = None)",
     &arange_call, "start, start + step, ... without end."},
    {"range", kFunction, "(xmin: number, xmax: number, step: number = 1, *, dtype: dtype = None)",
     &range_call, "start, start + step, ... with end."},
    {"linspace", kFunction,
     "(start: number, end: number, steps: int = 100, *, dtype: dtype = None)", &linspace_call,
     "`steps` numbers at equal distances from start to end, both included."},
    {"eye", kFunction, "(n: int, m: int = None, *, dtype: dtype = None)", &eye_call,
     "(n, m) with ones on the diagonal."},
    {"clone", kBoth, "(self: Tensor)", &clone_call, "A contiguous copy."},
    {"contiguous", kMethod, "(self: Tensor)", &contiguous_call,
     "self when it is contiguous, else a contiguous copy."},
    {"copy_", kMethod | kByCount, "(self: Tensor, source: Tensor) | (self: Tensor, source: number)",
     &copy_call, "Writes source into self, broadcast and converted."},
    {"fill_", kMethod, "(self: Tensor, value: number)", &fill_call, "Sets every element."},
    {"zero_", kMethod, "(self: Tensor)", &zero_call, "Sets every element to 0."},
    {"to", kMethod, "(self: Tensor, dtype: dtype)", &to_call,
     "self converted; self itself when it has the dtype."},
    {"bool", kMethod, "(self: Tensor)", &cast_call<DType::kBool>, "self as BoolTensor."},
    {"byte", kMethod, "(self: Tensor)", &cast_call<DType::kUInt8>, "self as ByteTensor."},
    {"char", kMethod, "(self: Tensor)", &cast_call<DType::kInt8>, "self as CharTensor."},
    {"short", kMethod, "(self: Tensor)", &cast_call<DType::kInt16>, "self as ShortTensor."},
    {"int", kMethod, "(self: Tensor)", &cast_call<DType::kInt32>, "self as IntTensor."},
    {"long", kMethod, "(self: Tensor)", &cast_call<DType::kInt64>, "self as LongTensor."},
    {"half", kMethod, "(self: Tensor)", &cast_call<DType::kFloat16>, "self as HalfTensor."},
    {"bfloat16", kMethod, "(self: Tensor)", &cast_call<DType::kBFloat16>,
     "self as BFloat16Tensor."},
    {"float", kMethod, "(self: Tensor)", &cast_call<DType::kFloat32>, "self as FloatTensor."},
    {"double", kMethod, "(self: Tensor)", &cast_call<DType::kFloat64>, "self as DoubleTensor."},
    {"item", kMethod, "(self: Tensor)", &item_call, "The only element as a Python number."},
    {"tolist", kMethod, "(self: Tensor)", &tolist_call, "The elements in nested lists."},
    {"tensor", kFunction, "(data: object, dtype: dtype = None)", &tensor_call,
     "A new tensor with the values of a number, (nested) sequence or array."},
    {"from_numpy", kFunction, "(ndarray: object)", &from_numpy_call,
     "A tensor over the memory of a NumPy array."},
    {"numpy", kMethod, "(self: Tensor)", &numpy_call, "A NumPy array over the tensor's memory."},
    {"equal", kBoth, "(self: Tensor, other: Tensor)", &equal_call,
     "Whether sizes and all elements are equal."},
};

}  // namespace

void add_copy(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
