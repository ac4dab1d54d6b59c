#include "torch/ops/search.h"

#include "kernels/sort_table.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/index.h"
#include "torch/ops/sort.h"

namespace torch::ops {
namespace {

// A number as a tensor without dimensions.
Tensor materialize(const char* op, const Input& in, DType dtype) {
  if (in.tensor) return contiguous(to(*in.tensor, dtype));
  Tensor t = empty({}, dtype);
  ScalarOperand number(op, in.scalar, dtype);
  std::memcpy(t.bytes(), number.bytes, item_size(dtype));
  return t;
}

}  // namespace

Tensor searchsorted(const Tensor& sorted, const Input& values, bool right, const Tensor* sorter) {
  const Input both[] = {sorted, values};
  DType dtype = common_dtype("searchsorted", both);
  if (sorted.ndim() == 0)
    raise<ValueError>("searchsorted: expected sorted_sequence to have a dimension, got ", sorted);
  Tensor v = materialize("searchsorted", values, dtype);
  const int last = sorted.ndim() - 1;
  bool fits = last == 0 || v.ndim() == sorted.ndim();
  for (int d = 0; fits && d < last; ++d) fits = v.size(d) == sorted.size(d);
  if (!fits) {
    raise<ValueError>("searchsorted: expected a vector as sorted_sequence, or the sizes ",
                      sorted.shape(), " and ", v.shape(), " to match but for the last dimension");
  }
  Tensor s = sorted;
  if (sorter) {
    if (sorter->shape() != sorted.shape())
      raise<ValueError>("searchsorted: expected sorter of size ", sorted.shape(), ", got ",
                        *sorter);
    s = gather(sorted, last, *sorter);
  }
  s = contiguous(to(s, dtype));
  Tensor out = empty(v.shape(), DType::kInt64);
  auto* kernel = require(kernels::search.on("searchsorted", s.device()).searchsorted[index(dtype)],
                         "searchsorted", dtype, s.device());
  if (out.numel() == 0) return out;
  int64_t rows = last == 0 ? 1 : s.numel() / std::max<int64_t>(1, s.size(last));
  if (last > 0 && s.size(last) == 0) rows = 1;  // every value fits at 0
  kernel(s.bytes(), s.size(last), v.bytes(), rows, v.numel() / rows, right, out.data<int64_t>());
  return out;
}

Tensor isin(const Input& elements, const Input& test_elements, bool invert) {
  const Input both[] = {elements, test_elements};
  DType dtype = common_dtype("isin", both);
  Tensor x = materialize("isin", elements, dtype), test = materialize("isin", test_elements, dtype);
  if (test.numel() >= kernels::SearchTable::kFewTests)
    test = sort(Tensor(test.storage(), {test.numel()}, {1}, test.offset()), 0, false).first;
  Tensor out = empty(x.shape(), DType::kBool);
  auto* kernel =
      require(kernels::search.on("isin", x.device()).isin[index(dtype)], "isin", dtype, x.device());
  if (out.numel() > 0)
    kernel(x.bytes(), x.numel(), test.bytes(), test.numel(), invert, out.data<bool>());
  return out;
}

}  // namespace torch::ops
