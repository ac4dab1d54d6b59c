#include "torch/ops/reduce.h"
#include "bindings/parser.h"
#include "torch/ops/copy.h"

namespace torch::python {
namespace {

// Dimensions of a call; empty means all of them.
Shape dims_of(Args& a, int i) {
  if (!a.has(i)) return {};
  Shape dims = a.sizes(i);
  if (dims.empty()) raise<ValueError>(a.name(), ": expected one dimension or more, got none");
  return ops::reduce_dims(a.name(), dims, a.self().ndim());
}

// A result without dimensions is a Python number.
PyObject* deliver(Args& a, Tensor result) {
  if (!a.out() && result.ndim() == 0) return to_python(ops::item(result));
  return a.finish(std::move(result));
}

// (self, dim = None, keepdim = False)
template <ReduceOp op>
PyObject* reduce_call(Args& a) {
  Shape dims = dims_of(a, 1);
  Tensor* out = a.out();
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::reduce(op, a.name(), a.self(), dims, a.boolean(2), 2, out);
  }
  return deliver(a, std::move(result));
}

// The full reduction as a tensor of size (1,): what a Variable keeps.
Tensor as_vector(const Tensor& t) { return Tensor(t.storage(), {1}, {1}, t.offset()); }

template <ReduceOp op>
PyObject* reduce_all_call(Args& a) {
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::reduce(op, a.name(), a.self(), {}, true);
  }
  return wrap(as_vector(result));
}

// (self, p = 2, dim = None, keepdim = False)
PyObject* norm_call(Args& a) {
  return deliver(a, ops::reduce(ReduceOp::norm, "norm", a.self(), dims_of(a, 2), a.boolean(3),
                                a.real(1), a.out()));
}

PyObject* norm_all_call(Args& a) {
  return wrap(as_vector(ops::reduce(ReduceOp::norm, "norm", a.self(), {}, true, a.real(1))));
}

// (self, dim = None, keepdim = False, unbiased = True)
template <bool root>
PyObject* var_call(Args& a) {
  return deliver(
      a, ops::var(a.name(), a.self(), dims_of(a, 1), a.boolean(2), a.boolean(3), root, a.out()));
}

template <bool root>
PyObject* var_all_call(Args& a) {
  return wrap(as_vector(ops::var(a.name(), a.self(), {}, true, a.boolean(1), root)));
}

// (self) | (self, dim, keepdim = False) | (self, other)
template <bool max>
PyObject* max_min_call(Args& a) {
  constexpr ReduceOp op = max ? ReduceOp::amax : ReduceOp::amin;
  if (a.signature == 0) return deliver(a, ops::reduce(op, a.name(), a.self(), {}, false));
  if (a.signature == 2) {
    return a.finish(
        ops::binary(max ? BinaryOp::maximum : BinaryOp::minimum, a.self(), a.tensor(1), a.out()));
  }
  auto [values, indices] = ops::max_min(max, a.name(), a.self(), a.integer(1), a.boolean(2));
  return a.finish_all({values, indices});
}

// (self, dim = None, keepdim = False): without dim the position in row-major order
template <bool max>
PyObject* arg_call(Args& a) {
  if (a.has(1)) {
    Tensor result = ops::arg_max_min(max, a.name(), a.self(), a.integer(1), a.boolean(2));
    return result.ndim() == 0 ? to_python(ops::item(result)) : wrap(result);
  }
  Tensor flat = ops::contiguous(a.self());
  flat = Tensor(flat.storage(), {flat.numel()}, {1}, flat.offset());
  return to_python(ops::item(ops::arg_max_min(max, a.name(), flat, 0, false)));
}

constexpr char kReduce[] = "(self: Tensor, dim: dims = None, keepdim: bool = False)";
constexpr char kMaxMin[] =
    "(self: Tensor) | (self: Tensor, dim: int, keepdim: bool = False) | (self: Tensor, other: "
    "Tensor)";
constexpr char kVar[] =
    "(self: Tensor, dim: dims = None, keepdim: bool = False, unbiased: bool = True)";
constexpr char kArg[] = "(self: Tensor, dim: int = None, keepdim: bool = False)";
constexpr unsigned kForms = kMethod | kFunction;

constexpr OpDef kOps[] = {
    {"sum", kForms | kOut, kReduce, &reduce_call<ReduceOp::sum>, kReduceRows[0].doc},
    {"prod", kForms | kOut, kReduce, &reduce_call<ReduceOp::prod>, kReduceRows[1].doc},
    {"amax", kForms | kOut, kReduce, &reduce_call<ReduceOp::amax>, kReduceRows[2].doc},
    {"amin", kForms | kOut, kReduce, &reduce_call<ReduceOp::amin>, kReduceRows[3].doc},
    {"any", kForms | kOut, kReduce, &reduce_call<ReduceOp::any>, kReduceRows[4].doc},
    {"all", kForms | kOut, kReduce, &reduce_call<ReduceOp::all>, kReduceRows[5].doc},
    {"mean", kForms | kOut, kReduce, &reduce_call<ReduceOp::mean>, kReduceRows[6].doc},
    {"norm", kForms | kOut,
     "(self: Tensor, p: number = 2, dim: dims = None, keepdim: bool = False)", &norm_call,
     "The p-norm of the elements."},
    {"var", kForms | kOut, kVar, &var_call<false>,
     "Variance; divided by n - 1, or by n when unbiased is False."},
    {"std", kForms | kOut, kVar, &var_call<true>,
     "Standard deviation; the variance divided by n - 1, or by n when unbiased is False."},
    {"max", kForms | kOut, kMaxMin, &max_min_call<true>,
     "Largest element; along dim, (values, indices). NaN wins.", nullptr, "values indices"},
    {"min", kForms | kOut, kMaxMin, &max_min_call<false>,
     "Smallest element; along dim, (values, indices). NaN wins.", nullptr, "values indices"},
    {"argmax", kForms, kArg, &arg_call<true>, "Position of the first largest element."},
    {"argmin", kForms, kArg, &arg_call<false>, "Position of the first smallest element."},
    {"sum_all", kPrivate, "(self: Tensor)", &reduce_all_call<ReduceOp::sum>,
     "sum as a tensor of size (1,)."},
    {"prod_all", kPrivate, "(self: Tensor)", &reduce_all_call<ReduceOp::prod>,
     "prod as a tensor of size (1,)."},
    {"mean_all", kPrivate, "(self: Tensor)", &reduce_all_call<ReduceOp::mean>,
     "mean as a tensor of size (1,)."},
    {"max_all", kPrivate, "(self: Tensor)", &reduce_all_call<ReduceOp::amax>,
     "max as a tensor of size (1,)."},
    {"min_all", kPrivate, "(self: Tensor)", &reduce_all_call<ReduceOp::amin>,
     "min as a tensor of size (1,)."},
    {"any_all", kPrivate, "(self: Tensor)", &reduce_all_call<ReduceOp::any>,
     "any as a tensor of size (1,)."},
    {"all_all", kPrivate, "(self: Tensor)", &reduce_all_call<ReduceOp::all>,
     "all as a tensor of size (1,)."},
    {"norm_all", kPrivate, "(self: Tensor, p: number = 2)", &norm_all_call,
     "norm as a tensor of size (1,)."},
    {"var_all", kPrivate, "(self: Tensor, unbiased: bool = True)", &var_all_call<false>,
     "var as a tensor of size (1,)."},
    {"std_all", kPrivate, "(self: Tensor, unbiased: bool = True)", &var_all_call<true>,
     "std as a tensor of size (1,)."},
};

}  // namespace

void add_reduce(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
