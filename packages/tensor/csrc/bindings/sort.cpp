#include "torch/ops/sort.h"

#include "bindings/parser.h"
#include "torch/ops/copy.h"

namespace torch::python {
namespace {

// Runs f() without the interpreter lock when there is much to do.
template <class F>
auto unlocked(Args& a, F&& f) {
  ReleaseGil release(a.self().numel());
  return f();
}

PyObject* deliver(Args& a, Tensor result) { return a.finish_one(std::move(result)); }
PyObject* deliver(Args& a, const ops::ValuesIndices& result) {
  return a.finish_all({result.first, result.second});
}

PyObject* sort_call(Args& a) {
  int64_t dim = a.integer(1);
  bool descending = a.boolean(2);
  return deliver(a, unlocked(a, [&] { return ops::sort(a.self(), dim, descending); }));
}

PyObject* argsort_call(Args& a) {
  int64_t dim = a.integer(1);
  bool descending = a.boolean(2);
  return deliver(a, unlocked(a, [&] { return ops::argsort(a.self(), dim, descending); }));
}

PyObject* msort_call(Args& a) {
  return deliver(a, unlocked(a, [&] { return ops::msort(a.self()); }));
}

PyObject* topk_call(Args& a) {
  int64_t k = a.integer(1), dim = a.integer(2);
  bool largest = a.boolean(3), sorted = a.boolean(4);
  return deliver(a, unlocked(a, [&] { return ops::topk(a.self(), k, dim, largest, sorted); }));
}

PyObject* kthvalue_call(Args& a) {
  int64_t k = a.integer(1), dim = a.integer(2);
  bool keepdim = a.boolean(3);
  return deliver(a, unlocked(a, [&] { return ops::kthvalue(a.self(), k, dim, keepdim); }));
}

// (self) | (self, dim, keepdim = False)
PyObject* median_call(Args& a) {
  if (a.signature == 0) return deliver(a, unlocked(a, [&] { return ops::median(a.self()); }));
  int64_t dim = a.integer(1);
  bool keepdim = a.boolean(2);
  return deliver(a, unlocked(a, [&] { return ops::median(a.self(), dim, keepdim); }));
}

PyObject* mode_call(Args& a) {
  int64_t dim = a.integer(1);
  bool keepdim = a.boolean(2);
  return deliver(a, unlocked(a, [&] { return ops::mode(a.self(), dim, keepdim); }));
}

template <Tensor (*f)(const Tensor&, int64_t, int64_t)>
PyObject* partition_call(Args& a) {
  int64_t kth = a.integer(1), dim = a.integer(2);
  return deliver(a, unlocked(a, [&] { return f(a.self(), kth, dim); }));
}

ops::Interpolation interpolation_of(const char* op, PyObject* name) {
  static constexpr const char* kNames[] = {"linear", "lower", "higher", "midpoint", "nearest"};
  if (!name) return ops::Interpolation::kLinear;
  for (int i = 0; i < 5; ++i) {
    if (PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, kNames[i]) == 0)
      return static_cast<ops::Interpolation>(i);
  }
  raise<ValueError>(
      op, ": expected interpolation to be linear, lower, higher, midpoint or nearest, got ",
      PyUnicode_Check(name) ? "another name" : Py_TYPE(name)->tp_name);
}

// (self, q, dim = None, keepdim = False, interpolation = None), q a number or a tensor
template <int whole>
PyObject* quantile_call(Args& a) {
  Tensor q = a.signature == 0 ? ops::full({}, Scalar(a.real(1)), DType::kFloat64) : a.tensor(1);
  int64_t dim = a.has(2) ? a.integer(2) : 0;
  bool keepdim = a.boolean(3);
  auto interpolation = interpolation_of(a.name(), a.object(4));
  return deliver(a, unlocked(a, [&] {
                   return ops::quantile(a.name(), a.self(), q, a.has(2) ? &dim : nullptr, keepdim,
                                        whole, interpolation);
                 }));
}

// (self, sorted = True, return_inverse = False, return_counts = False)
PyObject* unique_call(Args& a) {
  ops::Unique u;
  bool inverse = a.boolean(2), counts = a.boolean(3);
  {
    ReleaseGil release(a.self().numel());
    u = ops::unique(a.self(), inverse, counts);
  }
  if (!inverse && !counts) return wrap(std::move(u.values));
  Object tuple(PyTuple_New(1 + inverse + counts));
  Py_ssize_t i = 0;
  PyTuple_SET_ITEM(tuple.get(), i++, Object(wrap(std::move(u.values))).release());
  if (inverse) PyTuple_SET_ITEM(tuple.get(), i++, Object(wrap(std::move(u.inverse))).release());
  if (counts) PyTuple_SET_ITEM(tuple.get(), i++, Object(wrap(std::move(u.counts))).release());
  return tuple.release();
}

constexpr unsigned kForms = kMethod | kFunction | kOut;
constexpr char kPairs[] = "values indices";
constexpr char kQuantile[] =
    "(self: Tensor, q: number, dim: int = None, keepdim: bool = False, *, interpolation: object = "
    "None) | (self: Tensor, q: Tensor, dim: int = None, keepdim: bool = False, *, interpolation: "
    "object = None)";

constexpr OpDef kOps[] = {
    {"sort", kForms,
     "(self: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = True)", &sort_call,
     "Sorts along a dimension: (values, indices) of the input's size, values in its dtype, indices "
     "(where each value stood) as LongTensor. Equal elements keep their order, whatever `stable` "
     "says; NaN counts as larger than every number.",
     ">>> values, indices = torch.sort(torch.tensor([3, 1, 2]))\n"
     ">>> values.tolist(), indices.tolist()\n"
     "([1, 2, 3], [1, 2, 0])",
     kPairs},
    {"argsort", kForms,
     "(self: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = True)",
     &argsort_call,
     "The positions that sort along a dimension, a LongTensor of the input's size: the indices of "
     "sort.",
     ">>> torch.argsort(torch.tensor([3, 1, 2])).tolist()\n[1, 2, 0]"},
    {"msort", kForms, "(self: Tensor)", &msort_call,
     "The values of sort along dimension 0, faster than with their indices. Of zeros the negative "
     "ones come first.",
     ">>> torch.msort(torch.tensor([3, 1, 2])).tolist()\n[1, 2, 3]"},
    {"topk", kForms,
     "(self: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True)", &topk_call,
     "The k largest (or smallest) elements along a dimension of n: (..., n) -> (..., k), values "
     "and "
     "their indices. Best first when `sorted`, in any order otherwise; of equal elements the first "
     "ones are taken; NaN counts as larger than every number. ValueError unless 0 <= k <= n.",
     ">>> values, indices = torch.topk(torch.tensor([4, 9, 1, 7]), 2)\n"
     ">>> values.tolist(), indices.tolist()\n"
     "([9, 7], [1, 3])",
     kPairs},
    {"kthvalue", kForms, "(self: Tensor, k: int, dim: int = -1, keepdim: bool = False)",
     &kthvalue_call,
     "The k-th smallest element along a dimension of n, counted from 1, and its index: (..., n) -> "
     "(...). NaN counts as larger than every number. ValueError unless 1 <= k <= n.",
     ">>> torch.kthvalue(torch.tensor([4, 9, 1, 7]), 2)[:]\n(4, 0)", kPairs},
    {"median", kForms, "(self: Tensor) | (self: Tensor, dim: int, keepdim: bool = False)",
     &median_call,
     "The lower median: of all elements, a number; along a dimension, (values, indices). NaN "
     "wherever there is one, with the index of the first. ValueError where there are no elements.",
     ">>> torch.median(torch.tensor([4, 9, 1, 7]))\n4", kPairs},
    {"mode", kForms, "(self: Tensor, dim: int = -1, keepdim: bool = False)", &mode_call,
     "The most frequent element along a dimension (the smallest of several) and the last index "
     "where it stands: (..., n) -> (...). NaN equals NaN. ValueError where there are no elements.",
     ">>> torch.mode(torch.tensor([3, 1, 3, 2, 1]))[:]\n(1, 4)", kPairs},
    {"partition", kForms, "(self: Tensor, kth: int, dim: int = -1)",
     &partition_call<ops::partition>,
     "The elements along a dimension with element kth (from 0; negative from the end) where sort "
     "would put it, no larger ones before it and no smaller ones behind it. NaN counts as larger "
     "than every number. IndexError for kth out of range.",
     ">>> torch.partition(torch.tensor([4, 9, 1, 7]), 1)[1]\n4"},
    {"argpartition", kForms, "(self: Tensor, kth: int, dim: int = -1)",
     &partition_call<ops::argpartition>,
     "The positions that partition along a dimension, a LongTensor of the input's size.",
     ">>> torch.argpartition(torch.tensor([4, 9, 1, 7]), 1)[0]\n2"},
    {"quantile", kForms, kQuantile, &quantile_call<1>,
     "Quantiles of all elements or along a dimension of n, q from 0 to 1: the sorted elements at "
     "position q (n - 1), between two of them a linear mixture, or what `interpolation` says: "
     "'lower', 'higher', 'midpoint', 'nearest'. A vector q of m gives (m, ...). Floating dtypes "
     "stay, others give float64; NaN where there is one. ValueError for q out of range or no "
     "elements.",
     ">>> torch.quantile(torch.tensor([1.0, 2.0, 4.0, 8.0]), 0.5)\n3.0"},
    {"percentile", kForms, kQuantile, &quantile_call<100>, "quantile with q from 0 to 100.",
     ">>> torch.percentile(torch.tensor([1.0, 2.0, 4.0, 8.0]), 50)\n3.0"},
    {"unique", kMethod | kFunction,
     "(self: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = "
     "False)",
     &unique_call,
     "The distinct elements in ascending order, whatever `sorted` says, as a vector; NaN equals "
     "NaN and stands last. With return_inverse also where each element went, a LongTensor of the "
     "input's size; with return_counts also how often each occurs.",
     ">>> values, counts = torch.unique(torch.tensor([3, 1, 3]), return_counts=True)\n"
     ">>> values.tolist(), counts.tolist()\n"
     "([1, 3], [1, 2])"},
};

}  // namespace

void add_sort(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
