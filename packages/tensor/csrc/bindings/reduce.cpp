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

// Runs `f` without the GIL.
template <class F>
auto released(Args& a, F&& f) {
  ReleaseGil release(a.self().numel());
  return f();
}

// (self, dim = None, keepdim = False, *, dtype = None)
template <ReduceOp op>
PyObject* reduce_call(Args& a) {
  constexpr bool kTyped =
      op == ReduceOp::sum || op == ReduceOp::prod || op == ReduceOp::mean || op == ReduceOp::nansum;
  Shape dims = dims_of(a, 1);
  Tensor* out = a.out();
  std::optional<DType> dtype;
  if (kTyped && a.has(3)) dtype = a.dtype(3, DType::kBool);
  return deliver(a, released(a, [&, keepdim = a.boolean(2)] {
                   return ops::reduce(op, a.name(), a.self(), dims, keepdim, 2, out, dtype);
                 }));
}

// The full reduction as a tensor of size (1,): what a Variable keeps.
Tensor as_vector(const Tensor& t) { return Tensor(t.storage(), {1}, {1}, t.offset()); }

template <ReduceOp op>
PyObject* reduce_all_call(Args& a) {
  return wrap(
      as_vector(released(a, [&] { return ops::reduce(op, a.name(), a.self(), {}, true); })));
}

// (self, p = 2, dim = None, keepdim = False)
PyObject* norm_call(Args& a) {
  Shape dims = dims_of(a, 2);
  double p = a.real(1);
  Tensor* out = a.out();
  return deliver(a, released(a, [&] {
                   return ops::reduce(ReduceOp::norm, "norm", a.self(), dims, a.boolean(3), p, out);
                 }));
}

PyObject* norm_all_call(Args& a) {
  return wrap(as_vector(ops::reduce(ReduceOp::norm, "norm", a.self(), {}, true, a.real(1))));
}

double correction(Args& a, int unbiased, int given) {
  if (a.has(given)) return a.real(given);
  return a.boolean(unbiased) ? 1 : 0;
}

// (self, dim = None, keepdim = False, unbiased = True, *, correction = None)
template <bool root>
PyObject* var_call(Args& a) {
  Shape dims = dims_of(a, 1);
  double less = correction(a, 3, 4);
  Tensor* out = a.out();
  return deliver(a, released(a, [&, keepdim = a.boolean(2)] {
                   return ops::var(a.name(), a.self(), dims, keepdim, less, root, out);
                 }));
}

template <bool root>
PyObject* var_all_call(Args& a) {
  return wrap(as_vector(ops::var(a.name(), a.self(), {}, true, a.boolean(1) ? 1 : 0, root)));
}

template <bool root>
PyObject* var_mean_call(Args& a) {
  Shape dims = dims_of(a, 1);
  double less = correction(a, 3, 4);
  ops::Moments m = released(a, [&, keepdim = a.boolean(2)] {
    return ops::moments(a.name(), a.self(), dims, keepdim, less, root, true);
  });
  return a.finish_all({m.spread, m.mean});
}

// (self, *, keepdim = False) | (self, dim: int, keepdim = False) | (self, other) | (self, dim:
// several, keepdim = False)
template <bool max>
PyObject* max_min_call(Args& a) {
  constexpr ReduceOp op = max ? ReduceOp::amax : ReduceOp::amin;
  if (a.signature == 0 || a.signature == 3) {
    bool several = a.signature == 3;
    Shape dims = several ? dims_of(a, 1) : Shape{};
    Tensor result = released(a, [&, keepdim = a.boolean(several ? 2 : 1)] {
      return ops::reduce(op, a.name(), a.self(), dims, keepdim);
    });
    return a.finish_one(std::move(result));
  }
  if (a.signature == 2) {
    return a.finish(
        ops::binary(max ? BinaryOp::maximum : BinaryOp::minimum, a.self(), a.tensor(1), a.out()));
  }
  int64_t dim = a.integer(1);
  auto [values, indices] = released(a, [&, keepdim = a.boolean(2)] {
    return ops::max_min(max, a.name(), a.self(), dim, keepdim);
  });
  return a.finish_all({values, indices});
}

// (self, dim = None, keepdim = False): without dim the position in row-major order
template <bool max>
PyObject* arg_call(Args& a) {
  std::optional<int64_t> dim;
  if (a.has(1)) dim = a.integer(1);
  Tensor result = released(a, [&, keepdim = a.boolean(2)] {
    return ops::arg_max_min(max, a.name(), a.self(), dim, keepdim);
  });
  return a.finish_one(std::move(result));
}

PyObject* aminmax_call(Args& a) {
  Shape dims = dims_of(a, 1);
  bool keepdim = a.boolean(2);
  auto [lo, hi] = released(a, [&] {
    return std::pair(ops::reduce(ReduceOp::amin, a.name(), a.self(), dims, keepdim),
                     ops::reduce(ReduceOp::amax, a.name(), a.self(), dims, keepdim));
  });
  return a.finish_all({lo, hi});
}

// (self, dim = None, keepdim = False)
template <Tensor (*f)(const Tensor&, const Shape&, bool, Tensor*)>
PyObject* composed_call(Args& a) {
  Shape dims = dims_of(a, 1);
  Tensor* out = a.out();
  return deliver(
      a, released(a, [&, keepdim = a.boolean(2)] { return f(a.self(), dims, keepdim, out); }));
}

PyObject* dist_call(Args& a) {
  double p = a.real(2);
  return to_python(released(a, [&] { return ops::dist(a.self(), a.tensor(1), p); }));
}

PyObject* renorm_call(Args& a) {
  double p = a.real(1), maxnorm = a.real(3);
  int64_t dim = a.integer(2);
  Tensor* out = a.out();
  return a.finish(
      released(a, [&] { return ops::renorm(a.name(), a.self(), p, dim, maxnorm, out); }));
}

constexpr char kReduce[] = "(self: Tensor, dim: dims = None, keepdim: bool = False)";
constexpr char kTyped[] =
    "(self: Tensor, dim: dims = None, keepdim: bool = False, *, dtype: dtype = None)";
constexpr char kMaxMin[] =
    "(self: Tensor, *, keepdim: bool = False) | (self: Tensor, dim: int, keepdim: bool = False) | "
    "(self: Tensor, other: Tensor) | (self: Tensor, dim: dims, keepdim: bool = False)";
constexpr char kVar[] =
    "(self: Tensor, dim: dims = None, keepdim: bool = False, unbiased: bool = True, *, correction: "
    "number = None)";
constexpr char kArg[] = "(self: Tensor, dim: int = None, keepdim: bool = False)";
constexpr unsigned kForms = kMethod | kFunction;

template <ReduceOp op>
constexpr OpDef reduce_row(const char* signatures) {
  return {row(op).name, kForms | kOut, signatures, &reduce_call<op>, row(op).doc, row(op).example};
}

constexpr OpDef kOps[] = {
    reduce_row<ReduceOp::sum>(kTyped),
    reduce_row<ReduceOp::prod>(kTyped),
    reduce_row<ReduceOp::mean>(kTyped),
    reduce_row<ReduceOp::nansum>(kTyped),
    reduce_row<ReduceOp::amax>(kReduce),
    reduce_row<ReduceOp::amin>(kReduce),
    reduce_row<ReduceOp::any>(kReduce),
    reduce_row<ReduceOp::all>(kReduce),
    reduce_row<ReduceOp::count_nonzero>(kReduce),
    {"norm", kForms | kOut,
     "(self: Tensor, p: number = 2, dim: dims = None, keepdim: bool = False)", &norm_call,
     row(ReduceOp::norm).doc, row(ReduceOp::norm).example},
    {"var", kForms | kOut, kVar, &var_call<false>,
     "Variance over dim (an int or several; all by default): the squared distances to the mean "
     "divided by n - 1, by n when unbiased is False, or by n - correction. float64 for integers; "
     "NaN for too few elements. One pass over memory that a large mean does not disturb (T. Chan, "
     "G. Golub, R. LeVeque, 1983).",
     ">>> torch.tensor([1.0, 2.0, 3.0]).var()\n1.0\n>>> torch.tensor([[1, 3], [2, 6]]).var(1, "
     "correction=0).tolist()\n[1.0, 4.0]"},
    {"std", kForms | kOut, kVar, &var_call<true>,
     "Standard deviation over dim (an int or several; all by default): the root of var.",
     ">>> torch.tensor([[1, 3], [2, 6]]).std(1, unbiased=False).tolist()\n[1.0, 2.0]"},
    {"var_mean", kFunction | kOut, kVar, &var_mean_call<false>,
     "Variance and mean over dim (an int or several; all by default), in one pass.",
     ">>> variance, mean = torch.var_mean(torch.tensor([1.0, 2.0, 3.0]))\n>>> variance, "
     "mean\n(1.0, 2.0)",
     "var mean"},
    {"std_mean", kFunction | kOut, kVar, &var_mean_call<true>,
     "Standard deviation and mean over dim (an int or several; all by default), in one pass.",
     ">>> deviation, mean = torch.std_mean(torch.tensor([1.0, 2.0, 3.0]))\n>>> deviation, "
     "mean\n(1.0, 2.0)",
     "std mean"},
    {"max", kForms | kOut, kMaxMin, &max_min_call<true>,
     "Largest element of all, or over several dims; along one dim a named tuple of values and of "
     "their positions (int64), the first "
     "of equal elements; of two tensors the larger elements. NaN wins. ValueError when there is no "
     "element.",
     ">>> values, indices = torch.max(torch.tensor([[1, 5], [4, 3]]), 1)\n>>> values.tolist(), "
     "indices.tolist()\n([5, 4], [1, 0])",
     "values indices"},
    {"min", kForms | kOut, kMaxMin, &max_min_call<false>,
     "Smallest element of all, or over several dims; along one dim a named tuple of values and of "
     "their positions (int64), the "
     "first of equal elements; of two tensors the smaller elements. NaN wins. ValueError when "
     "there "
     "is no element.",
     ">>> values, indices = torch.min(torch.tensor([[1, 5], [4, 3]]), 1)\n>>> values.tolist(), "
     "indices.tolist()\n([1, 3], [0, 1])",
     "values indices"},
    {"aminmax", kForms | kOut, kReduce, &aminmax_call,
     "Smallest and largest element over dim (an int or several; all by default); NaN wins. "
     "ValueError when there is none.",
     ">>> lo, hi = torch.tensor([3, 1, 2]).aminmax()\n>>> lo, hi\n(1, 3)", "min max"},
    {"argmax", kForms | kOut, kArg, &arg_call<true>,
     "Position of the first largest element along dim, or in row-major order; int64. NaN counts "
     "as largest. ValueError when there is no element.",
     ">>> torch.tensor([[1, 5], [4, 3]]).argmax(1).tolist()\n[1, 0]"},
    {"argmin", kForms | kOut, kArg, &arg_call<false>,
     "Position of the first smallest element along dim, or in row-major order; int64. NaN counts "
     "as smallest. ValueError when there is no element.",
     ">>> torch.tensor([[1, 5], [4, 3]]).argmin()\n0"},
    {"ptp", kForms | kOut, kReduce, &composed_call<&ops::ptp>,
     "Largest minus smallest element over dim (an int or several; all by default). ValueError "
     "when there is none.",
     ">>> torch.tensor([[1, 5], [4, 3]]).ptp(1).tolist()\n[4, 1]"},
    {"logsumexp", kForms | kOut, kReduce, &composed_call<&ops::logsumexp>,
     "log(sum(exp(x))) over dim (an int or several; all by default) without overflow; -inf for no "
     "elements, float64 for integers.",
     ">>> torch.tensor([1000.0, 1000.0]).logsumexp() - 1000 < 0.7\nTrue"},
    {"nanmean", kForms | kOut, kReduce, &composed_call<&ops::nanmean>,
     "Arithmetic mean over dim (an int or several; all by default) of the elements that are not "
     "NaN; NaN for none, float64 for integers.",
     ">>> torch.tensor([1.0, float('nan'), 2.0]).nanmean()\n1.5"},
    {"dist", kForms, "(self: Tensor, other: Tensor, p: number = 2)", &dist_call,
     "The p-norm of self - other, which broadcast, as a number.",
     ">>> torch.tensor([1.0, 2.0]).dist(torch.tensor([4.0, 6.0]))\n5.0"},
    {"renorm", kForms | kInplace | kOut, "(self: Tensor, p: number, dim: int, maxnorm: number)",
     &renorm_call,
     "Every slice along dim whose p-norm is above maxnorm scaled down to it. TypeError unless self "
     "is floating, ValueError unless p is above 0 and maxnorm 0 or more.",
     ">>> torch.tensor([[3.0, 4.0], [0.3, 0.4]]).renorm(2, 0, 1).norm(2, "
     "1).round().tolist()\n[1.0, "
     "0.0]"},
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
