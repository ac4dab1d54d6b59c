#include "torch/ops/scan.h"

#include "bindings/parser.h"

namespace torch::python {
namespace {

// (self, dim = None, *, dtype = None)
template <ScanOp op>
PyObject* scan_call(Args& a) {
  std::optional<int64_t> dim;
  std::optional<DType> dtype;
  if (a.has(1)) dim = a.integer(1);
  if (op != ScanOp::kLogSumExp && a.has(2)) dtype = a.dtype(2, DType::kBool);
  Tensor *out = a.out(), result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::scan(op, a.name(), a.self(), dim, dtype, out);
  }
  return a.finish(std::move(result));
}

template <bool max>
PyObject* extreme_call(Args& a) {
  int64_t dim = a.integer(1);
  std::pair<Tensor, Tensor> results;
  {
    ReleaseGil release(a.self().numel());
    results = ops::scan_extreme(max, a.name(), a.self(), dim);
  }
  return a.finish_all({results.first, results.second});
}

PyObject* diff_call(Args& a) {
  int64_t n = a.integer(1), dim = a.integer(2);
  Tensor result;
  {
    ReleaseGil release(a.self().numel());
    result = ops::diff(a.self(), n, dim);
  }
  return a.finish_copy(std::move(result));
}

constexpr unsigned kForms = kMethod | kFunction | kOut;
constexpr char kScan[] = "(self: Tensor, dim: int = None, *, dtype: dtype = None)";
constexpr char kExtreme[] = "(self: Tensor, dim: int)";

constexpr OpDef kOps[] = {
    {"cumsum", kForms, kScan, &scan_call<ScanOp::kSum>,
     "Every element plus those before it along dim, or in row-major order; self's size. Integers "
     "are summed in 64 bits; dtype converts the elements first. IndexError for a dim out of range.",
     ">>> torch.tensor([[1, 2], [3, 4]]).cumsum(0).tolist()\n[[1, 2], [4, 6]]"},
    {"cumprod", kForms, kScan, &scan_call<ScanOp::kProd>,
     "Every element times those before it along dim, or in row-major order; self's size. Integers "
     "are multiplied in 64 bits; dtype converts the elements first. IndexError for a dim out of "
     "range.",
     ">>> torch.tensor([1, 2, 3, 4]).cumprod(0).tolist()\n[1, 2, 6, 24]"},
    {"logcumsumexp", kForms, "(self: Tensor, dim: int)", &scan_call<ScanOp::kLogSumExp>,
     "log(cumsum(exp(x))) along dim without overflow; self's size, float64 for integers. "
     "IndexError for a dim out of range.",
     ">>> torch.tensor([1000.0, 1000.0]).logcumsumexp(0)[0]\n1000.0"},
    {"cummax", kForms, kExtreme, &extreme_call<true>,
     "Largest element so far along dim, and its position (int64), the last of equal ones; both of "
     "self's size. NaN stays. IndexError for a dim out of range.",
     ">>> values, indices = torch.tensor([2, 1, 3]).cummax(0)\n>>> values.tolist(), "
     "indices.tolist()\n([2, 2, 3], [0, 0, 2])",
     "values indices"},
    {"cummin", kForms, kExtreme, &extreme_call<false>,
     "Smallest element so far along dim, and its position (int64), the last of equal ones; both of "
     "self's size. NaN stays. IndexError for a dim out of range.",
     ">>> values, indices = torch.tensor([2, 1, 3]).cummin(0)\n>>> values.tolist(), "
     "indices.tolist()\n([2, 1, 1], [0, 1, 1])",
     "values indices"},
    {"diff", kForms, "(self: Tensor, n: int = 1, dim: int = -1)", &diff_call,
     "Every element less the one before it along dim, n times: dim is n shorter. For bool, whether "
     "neighbours differ. ValueError for a negative n.",
     ">>> torch.tensor([1, 4, 9, 16]).diff().tolist()\n[3, 5, 7]\n>>> torch.tensor([1, 4, 9, "
     "16]).diff(2).tolist()\n[2, 2]"},
};

}  // namespace

void add_scan(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
