#include "torch/ops/histogram.h"

#include "bindings/parser.h"

namespace torch::python {
namespace {

PyObject* bincount_call(Args& a) {
  int64_t minlength = a.integer(2);
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::bincount(a.self(), a.tensor_or_null(1), minlength);
  }
  return a.finish_one(std::move(result));
}

PyObject* histc_call(Args& a) {
  int64_t bins = a.integer(1);
  double lower = a.real(2), upper = a.real(3);
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::histc(a.self(), bins, lower, upper);
  }
  return a.finish_one(std::move(result));
}

// (self, bins: Tensor, *, density = False) | (self, bins = 10, range = None, *, density = False)
PyObject* histogram_call(Args& a) {
  ops::Histogram h;
  bool density = a.boolean(a.signature == 0 ? 2 : 3);
  if (a.signature == 0) {
    ReleaseGil release(a.self().numel());
    h = ops::histogram(a.self(), a.tensor(1), density);
  } else {
    double range[2];
    if (a.has(2)) {
      PyObject* pair = a.object(2);
      bool fits =
          (PyTuple_Check(pair) || PyList_Check(pair)) && PySequence_Fast_GET_SIZE(pair) == 2;
      for (int i = 0; fits && i < 2; ++i) fits = is_number(PySequence_Fast_ITEMS(pair)[i]);
      if (!fits) {
        raise<TypeError>("histogram: expected two numbers as range, got ", Py_TYPE(pair)->tp_name);
      }
      Object lower = Object::share(PySequence_Fast_ITEMS(pair)[0]);
      Object upper = Object::share(PySequence_Fast_ITEMS(pair)[1]);
      range[0] = to_scalar(lower.get()).as_double();
      range[1] = to_scalar(upper.get()).as_double();
    }
    int64_t bins = a.integer(1);
    ReleaseGil release(a.self().numel());
    h = ops::histogram(a.self(), bins, a.has(2) ? range : nullptr, density);
  }
  return a.finish_all({h.counts, h.edges});
}

constexpr unsigned kBoth = kMethod | kFunction;
constexpr OpDef kOps[] = {
    {"bincount", kBoth | kOut, "(self: Tensor, weights: Tensor = None, minlength: int = 0)",
     &bincount_call,
     "How often each of 0, 1, ... occurs in a vector of integers: a LongTensor as long as the "
     "largest element asks for, at least minlength; with weights of the same size their sums, as "
     "DoubleTensor. ValueError for a negative element.",
     ">>> torch.bincount(torch.tensor([1, 3, 1])).tolist()\n[0, 2, 0, 1]"},
    {"histc", kBoth | kOut, "(self: Tensor, bins: int = 100, min: number = 0, max: number = 0)",
     &histc_call,
     "How many elements lie in each of `bins` evenly spaced bins from min to max, which belongs to "
     "the last bin; others are ignored. Equal bounds mean the smallest and the largest element. A "
     "vector of the input's floating dtype, or a LongTensor. ValueError for no bins, min > max, or "
     "elements that are not finite where they give the bounds.",
     ">>> torch.histc(torch.tensor([1.0, 2.0, 1.0]), 4, 0, 4).tolist()\n[0.0, 2.0, 1.0, 0.0]"},
    {"histogram", kBoth,
     "(self: Tensor, bins: Tensor, *, density: bool = False) | (self: Tensor, bins: int = 10, "
     "range: object = None, *, density: bool = False)",
     &histogram_call,
     "Counts of the elements in bins: (hist, bin_edges) with one edge more than bins. `bins` is a "
     "number of evenly spaced bins over `range`, two numbers (the smallest and the largest element "
     "unless given), or a vector of ascending edges; the last bin includes its upper edge. hist is "
     "a LongTensor; with density=True a DoubleTensor whose integral is 1. ValueError for no bins, "
     "edges that do not ascend or bounds that are not finite.",
     ">>> hist, bin_edges = torch.histogram(torch.tensor([1.0, 2.0, 1.0]), 2)\n"
     ">>> hist.tolist(), bin_edges.tolist()\n"
     "([2, 1], [1.0, 1.5, 2.0])",
     "hist bin_edges"},
};

}  // namespace

void add_histogram(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
