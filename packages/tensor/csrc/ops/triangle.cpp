#include "torch/ops/triangle.h"

#include <algorithm>

#include "kernels/triangle_table.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/mask.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

void clear_outside(bool upper, const char* name, const Tensor& t, int64_t k) {
  int last = t.ndim() - 1;
  kernels::TrianglePlan plan;
  plan.data = t.bytes();
  plan.item_bytes = t.item_bytes();
  plan.rows = t.size(last - 1);
  plan.columns = t.size(last);
  plan.row_step = t.stride(last - 1) * t.item_bytes();
  plan.column_step = t.stride(last) * t.item_bytes();
  plan.k = std::clamp(k, -plan.rows, plan.columns);
  plan.upper = upper;
  for (int d = 0; d < last - 1; ++d) {
    plan.batch.push_back(t.size(d));
    plan.batch_strides.push_back(t.stride(d) * t.item_bytes());
  }
  if (t.numel() > 0) kernels::triangle.on(name, t.device()).clear(plan);
}

}  // namespace

Tensor triangle(bool upper, const char* name, const Tensor& x, int64_t k, Tensor* out) {
  if (x.ndim() < 2) raise<ValueError>(name, ": expected a matrix or several, got ", x);
  Tensor result;
  if (out) {
    check_out(name, *out, x.shape(), x.dtype());
    if (out->bytes() == x.bytes() && out->dtype() == x.dtype() && out->strides() == x.strides()) {
      out->bump();
    } else {
      copy_(*out, x);
    }
    result = *out;
  } else {
    result = clone(x);
  }
  clear_outside(upper, name, result, k);
  return result;
}

Tensor tri(int64_t rows, int64_t columns, int64_t k, DType dtype) {
  checked_numel("tri", {rows, columns});
  Tensor t = full({rows, columns}, Scalar(1), dtype);
  clear_outside(false, "tri", t, k);
  return t;
}

Tensor triangle_indices(bool upper, const char* name, int64_t rows, int64_t columns, int64_t k) {
  checked_numel(name, {rows, columns});
  Tensor t = full({rows, columns}, Scalar(true), DType::kBool);
  clear_outside(upper, name, t, k);
  return clone(transpose(nonzero(t), 0, 1));
}

Tensor diagonal(const char* op, const Tensor& t, int64_t offset, int64_t dim1, int64_t dim2) {
  int a = wrap_dim(op, dim1, t.ndim()), b = wrap_dim(op, dim2, t.ndim());
  if (a == b) raise<ValueError>(op, ": expected two dimensions, got dimension ", a, " twice");
  int64_t rows = t.size(a), columns = t.size(b);
  int64_t n = offset >= 0 ? std::min(rows, columns - offset) : std::min(rows + offset, columns);
  n = std::max<int64_t>(n, 0);
  int64_t start = t.offset();
  if (n > 0) start += offset >= 0 ? offset * t.stride(b) : -offset * t.stride(a);
  Shape shape, strides;
  for (int d = 0; d < t.ndim(); ++d) {
    if (d == a || d == b) continue;
    shape.push_back(t.size(d));
    strides.push_back(t.stride(d));
  }
  shape.push_back(n);
  strides.push_back(n > 1 ? t.stride(a) + t.stride(b) : 1);
  return Tensor(t.storage(), std::move(shape), std::move(strides), start);
}

Tensor diag(const char* op, const Tensor& t, int64_t k) {
  if (t.ndim() == 2) return clone(diagonal(op, t, k, 0, 1));
  if (t.ndim() != 1) raise<ValueError>(op, ": expected a vector or a matrix, got ", t);
  int64_t away = k < 0 ? (k == INT64_MIN ? INT64_MAX : -k) : k, n;
  if (__builtin_add_overflow(t.size(0), away, &n))
    raise<ValueError>(op, ": diagonal ", k, " is too far out");
  Tensor out = zeros({n, n}, t.dtype());
  Tensor line = diagonal(op, out, k, 0, 1);
  copy_(line, t);
  return out;
}

Scalar trace(const Tensor& t) {
  if (t.ndim() != 2) raise<ValueError>("trace: expected a matrix, got ", t);
  return item(reduce(ReduceOp::sum, "trace", diagonal("trace", t, 0, 0, 1), {}, true));
}

Tensor cross(const Tensor& x, const Tensor& y, int64_t dim) {
  const Input inputs[] = {x, y};
  DType dtype = common_dtype("cross", inputs), compute = computing(dtype);
  if (dtype == DType::kBool) raise<TypeError>("cross: not defined for ", dtype);
  Shape shape = broadcast("cross", x.shape(), y.shape());
  int d = wrap_dim("cross", dim, shape.size());
  Tensor a = expand("cross", to(x, compute), shape), b = expand("cross", to(y, compute), shape);
  if (shape[d] != 3) {
    raise<ValueError>("cross: expected dimension ", d, " to have size 3, got sizes ", x.shape(),
                      " and ", y.shape());
  }
  Tensor result = empty(shape, compute, x.device());
  for (int64_t i = 0; i < 3; ++i) {
    int64_t j = (i + 1) % 3, k = (i + 2) % 3;
    Tensor part = select(result, d, i);
    binary(BinaryOp::mul, select(a, d, j), select(b, d, k), &part);
    Tensor other = binary(BinaryOp::mul, select(a, d, k), select(b, d, j));
    binary(BinaryOp::sub, part, other, &part);
  }
  return to(result, dtype);
}

}  // namespace torch::ops
