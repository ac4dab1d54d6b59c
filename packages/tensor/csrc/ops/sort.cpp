#include "torch/ops/sort.h"

#include <algorithm>
#include <cmath>

#include "kernels/sort_table.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

// `x` as contiguous rows along `dim`; a tensor without dimensions is one row of one element.
struct AlongDim {
  Tensor rows;  // the dimension moved to the end
  int dim;
  bool scalar;  // no dimensions

  AlongDim(const char* op, const Tensor& x, int64_t d) : scalar(x.ndim() == 0) {
    dim = wrap_dim(op, d, std::max(1, x.ndim()));
    rows = contiguous(scalar ? unsqueeze(x, 0) : transpose_to_end(x));
  }

  int64_t n() const { return rows.shape().back(); }
  kernels::Rows plan() const { return {rows.bytes(), n() == 0 ? 0 : rows.numel() / n(), n()}; }
  // For results with `length` elements per row, in the rows' order of dimensions.
  Tensor make(int64_t length, DType dtype) const {
    Shape shape = rows.shape();
    shape[shape.size() - 1] = length;
    return empty(shape, dtype, rows.device());
  }
  // The dimension back at its place.
  Tensor restore(const Tensor& t) const {
    if (scalar) return Tensor(t.storage(), {}, {}, t.offset());
    if (dim == t.ndim() - 1) return t;
    Shape order;
    for (int k = 0; k < t.ndim(); ++k) {
      if (k == dim) order.push_back(t.ndim() - 1);
      if (k < t.ndim() - 1) order.push_back(k);
    }
    return contiguous(permute(t, order));
  }
  // The dimension, of size 1 now, at its place or gone.
  Tensor reduced(const Tensor& t, bool keepdim) const {
    Shape shape(t.shape().begin(), t.ndim() - 1);
    if (keepdim && !scalar) shape.insert(dim, 1);
    return Tensor(t.storage(), shape, contiguous_strides(shape), t.offset());
  }

 private:
  Tensor transpose_to_end(const Tensor& x) const {
    Shape order;
    for (int k = 0; k < x.ndim(); ++k) {
      if (k != dim) order.push_back(k);
    }
    order.push_back(dim);
    return permute(x, order);
  }
};

Tensor flat(const Tensor& x) {
  Tensor c = contiguous(x);
  return Tensor(c.storage(), {c.numel()}, {1}, c.offset());
}

template <class Kernel>
Kernel* kernel_for(const char* op, kernels::PerDType<Kernel> kernels::SortTable::* member,
                   const Tensor& x) {
  const auto& table = kernels::sort.on(op, x.device());
  return require((table.*member)[index(x.dtype())], op, x.dtype(), x.device());
}

void check_not_empty(const char* op, const AlongDim& a, const Tensor& x) {
  if (a.n() == 0) {
    raise<ValueError>(op, ": expected at least one element in dimension ", a.dim, ", got ", x);
  }
}

void sort_into(const char* op, const AlongDim& a, bool descending, Tensor* values,
               Tensor* indices) {
  auto* kernel = kernel_for(op, &kernels::SortTable::sort, a.rows);
  if (a.rows.numel() == 0) return;
  kernel(a.plan(), descending, values ? values->bytes() : nullptr,
         indices ? indices->data<int64_t>() : nullptr);
}

ValuesIndices kth(const char* op, const AlongDim& a, int64_t k, bool nan_wins, bool keepdim) {
  Tensor values = a.make(1, a.rows.dtype()), indices = a.make(1, DType::kInt64);
  auto* kernel = kernel_for(op, &kernels::SortTable::kth, a.rows);
  if (values.numel() > 0) kernel(a.plan(), k, nan_wins, values.bytes(), indices.data<int64_t>());
  return {a.reduced(values, keepdim), a.reduced(indices, keepdim)};
}

struct UniqueTensors final : kernels::UniqueOutput {
  Unique result;
  DType dtype;
  bool want_counts;
  void resize(int64_t count) override {
    result.values = empty({count}, dtype);
    values = result.values.bytes();
    if (!want_counts) return;
    result.counts = empty({count}, DType::kInt64);
    counts = result.counts.data<int64_t>();
  }
};

// The place of the k-th element (negative: from the end) for partition.
int64_t wrap_kth(const char* op, int64_t kth, const AlongDim& a) {
  int64_t n = a.n(), k = kth < 0 ? kth + n : kth;
  if (k < 0 || k >= n) {
    raise<IndexError>(op, ": kth = ", kth, " is out of range for dimension ", a.dim, " of size ",
                      n);
  }
  return k;
}

}  // namespace

ValuesIndices sort(const Tensor& x, int64_t dim, bool descending) {
  AlongDim a("sort", x, dim);
  Tensor values = a.make(a.n(), x.dtype()), indices = a.make(a.n(), DType::kInt64);
  sort_into("sort", a, descending, &values, &indices);
  return {a.restore(values), a.restore(indices)};
}

Tensor argsort(const Tensor& x, int64_t dim, bool descending) {
  AlongDim a("argsort", x, dim);
  Tensor indices = a.make(a.n(), DType::kInt64);
  sort_into("argsort", a, descending, nullptr, &indices);
  return a.restore(indices);
}

Tensor msort(const Tensor& x) {
  AlongDim a("msort", x, 0);
  Tensor values = a.make(a.n(), x.dtype());
  sort_into("msort", a, false, &values, nullptr);
  return a.restore(values);
}

ValuesIndices topk(const Tensor& x, int64_t k, int64_t dim, bool largest, bool sorted) {
  AlongDim a("topk", x, dim);
  if (k < 0 || k > a.n()) {
    raise<ValueError>("topk: expected k from 0 to ", a.n(), ", the size of dimension ", a.dim,
                      ", got ", k);
  }
  Tensor values = a.make(k, x.dtype()), indices = a.make(k, DType::kInt64);
  auto* kernel = kernel_for("topk", &kernels::SortTable::topk, x);
  if (values.numel() > 0)
    kernel(a.plan(), k, largest, sorted, values.bytes(), indices.data<int64_t>());
  if (a.scalar && k == 0) return {values, indices};  // nothing: a vector without elements
  return {a.restore(values), a.restore(indices)};
}

ValuesIndices kthvalue(const Tensor& x, int64_t k, int64_t dim, bool keepdim) {
  AlongDim a("kthvalue", x, dim);
  check_not_empty("kthvalue", a, x);
  if (k < 1 || k > a.n()) {
    raise<ValueError>("kthvalue: expected k from 1 to ", a.n(), ", the size of dimension ", a.dim,
                      ", got ", k);
  }
  return kth("kthvalue", a, k - 1, false, keepdim);
}

ValuesIndices median(const Tensor& x, int64_t dim, bool keepdim) {
  AlongDim a("median", x, dim);
  check_not_empty("median", a, x);
  return kth("median", a, (a.n() - 1) / 2, true, keepdim);
}

Tensor median(const Tensor& x) {
  if (x.numel() == 0) raise<ValueError>("median: expected at least one element, got ", x);
  AlongDim a("median", flat(x), 0);
  Tensor value = empty({}, x.dtype(), x.device());
  kernel_for("median", &kernels::SortTable::kth, x)(a.plan(), (a.n() - 1) / 2, true, value.bytes(),
                                                    nullptr);
  return value;
}

ValuesIndices mode(const Tensor& x, int64_t dim, bool keepdim) {
  AlongDim a("mode", x, dim);
  check_not_empty("mode", a, x);
  Tensor values = a.make(1, x.dtype()), indices = a.make(1, DType::kInt64);
  auto* kernel = kernel_for("mode", &kernels::SortTable::mode, x);
  if (values.numel() > 0) kernel(a.plan(), values.bytes(), indices.data<int64_t>());
  return {a.reduced(values, keepdim), a.reduced(indices, keepdim)};
}

Tensor partition(const Tensor& x, int64_t kth, int64_t dim) {
  AlongDim a("partition", x, dim);
  int64_t k = wrap_kth("partition", kth, a);
  Tensor values = a.make(a.n(), x.dtype());
  auto* kernel = kernel_for("partition", &kernels::SortTable::partition, x);
  if (values.numel() > 0) kernel(a.plan(), k, values.bytes(), nullptr);
  return a.restore(values);
}

Tensor argpartition(const Tensor& x, int64_t kth, int64_t dim) {
  AlongDim a("argpartition", x, dim);
  int64_t k = wrap_kth("argpartition", kth, a);
  Tensor indices = a.make(a.n(), DType::kInt64);
  auto* kernel = kernel_for("argpartition", &kernels::SortTable::partition, x);
  if (indices.numel() > 0) kernel(a.plan(), k, nullptr, indices.data<int64_t>());
  return a.restore(indices);
}

Tensor quantile(const char* name, const Tensor& x, const Tensor& q, const int64_t* dim,
                bool keepdim, double whole, Interpolation interpolation) {
  if (q.ndim() > 1) {
    raise<ValueError>(name, ": expected q to be a number or a vector, got ", q);
  }
  DType natural = floating(x.dtype());
  Tensor in = x.dtype() == DType::kBool ? to(x, DType::kUInt8) : to(x, computing(x.dtype()));
  AlongDim a(name, dim ? in : flat(in), dim ? *dim : 0);
  if (a.n() == 0)
    raise<ValueError>(name, ": expected at least one element in dimension ", a.dim, ", got ", x);
  Tensor wanted = contiguous(to(q, DType::kFloat64));
  std::vector<kernels::SortTable::Point> points;
  for (int64_t i = 0; i < wanted.numel(); ++i) {
    double fraction = wanted.data<double>()[i];
    if (!(fraction >= 0 && fraction <= whole)) {
      raise<ValueError>(name, ": expected q from 0 to ", static_cast<int64_t>(whole), ", got ",
                        fraction);
    }
    double at = fraction / whole * static_cast<double>(a.n() - 1);
    double low = std::floor(at), weight = at - low;
    switch (interpolation) {
      case Interpolation::kLinear:
        break;
      case Interpolation::kLower:
        weight = 0;
        break;
      case Interpolation::kHigher:
        weight = weight > 0 ? 1 : 0;
        break;
      case Interpolation::kMidpoint:
        weight = weight > 0 ? 0.5 : 0;
        break;
      case Interpolation::kNearest:  // of two equally near ones the even position, as NumPy does
        low = std::nearbyint(at);
        weight = 0;
        break;
    }
    points.push_back({static_cast<int64_t>(low), weight});
  }
  const auto& table = kernels::sort.on(name, in.device());
  auto* kernel = require(table.quantile[index(in.dtype())], name, in.dtype(), in.device());
  // (q, rows) in the shape that the caller sees
  Shape shape(a.rows.shape().begin(), a.rows.ndim() - 1);
  if (keepdim) {
    if (dim) {
      if (!a.scalar) shape.insert(a.dim, 1);
    } else {
      for (int d = 0; d < x.ndim(); ++d) shape.push_back(1);
    }
  }
  if (q.ndim() == 1) shape.insert(0, q.numel());
  Tensor result = empty(shape, computing(natural), in.device());
  if (result.numel() > 0) kernel(a.plan(), points, result.bytes());
  return to(result, natural);
}

Unique unique(const Tensor& x, bool want_inverse, bool want_counts) {
  Tensor in = contiguous(x);
  UniqueTensors out;
  out.dtype = x.dtype();
  out.want_counts = want_counts;
  if (want_inverse) {
    out.result.inverse = empty(x.shape(), DType::kInt64);
    out.inverse = out.result.inverse.data<int64_t>();
  }
  auto* kernel = require(kernels::sort.on("unique", x.device()).unique[index(x.dtype())], "unique",
                         x.dtype(), x.device());
  if (in.numel() > 0)
    kernel(in.bytes(), in.numel(), out);
  else
    out.resize(0);
  return out.result;
}

}  // namespace torch::ops
