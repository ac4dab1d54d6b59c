#include "torch/ops/index.h"

#include <algorithm>
#include <optional>

#include "kernels/tables.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

Tensor add(const Tensor& a, const Tensor& b) { return binary(BinaryOp::add, a, b); }
Tensor times(const Tensor& a, int64_t k) {
  return k == 1 ? a : binary(BinaryOp::mul, a, Scalar(k));
}

// LongTensor with negative entries counted from the end; every entry lies in [0, size) afterwards.
Tensor checked_indices(const char* op, const Tensor& indices, int64_t size, int dim) {
  if (!is_integral(indices.dtype()))
    raise<TypeError>(op, ": expected an integer tensor as index, got ", indices);
  Tensor i = to(indices, DType::kInt64);
  if (i.numel() == 0) return i;
  int64_t lo = reduce_all(ReduceOp::amin, i).i, hi = reduce_all(ReduceOp::amax, i).i;
  if (lo < -size || hi >= size) {
    raise<IndexError>(op, ": index ", lo < -size ? lo : hi, " is out of range for dimension ", dim,
                      " of size ", size);
  }
  return lo < 0
             ? where(binary(BinaryOp::lt, i, Scalar(0)), binary(BinaryOp::add, i, Scalar(size)), i)
             : i;
}

// Element offsets of all positions of (shape, strides), as a tensor of that shape.
Tensor grid(const Shape& shape, const Shape& strides) {
  Tensor sum = zeros({}, DType::kInt64);
  for (int d = 0; d < shape.size(); ++d) {
    Tensor axis = times(ramp("index", Scalar(0), Scalar(1), shape[d], DType::kInt64), strides[d]);
    for (int k = d + 1; k < shape.size(); ++k) axis = unsqueeze(axis, axis.ndim());
    sum = add(sum, axis);
  }
  return contiguous(expand(sum, shape));
}

// An indexed tensor as offsets x a dense remainder.
struct Access {
  Tensor offsets;       // contiguous LongTensor: one entry per run of `inner` elements
  int64_t inner, step;  // elements of a run and the stride between them
  Shape shape;          // offsets' dimensions and the remainder: (index..., rest...)
  Shape order;          // permutation that moves the index dimensions to their place
};

Access access(const char* op, const Tensor& t, const std::vector<Tensor>& items, bool in_front) {
  Shape index_shape;
  int first = -1, last = -1, count = 0;
  std::vector<Tensor> wrapped(items.size());
  for (int d = 0; d < static_cast<int>(items.size()); ++d) {
    if (!items[d].defined()) continue;
    wrapped[d] = checked_indices(op, items[d], t.size(d), d);
    index_shape = first < 0 ? wrapped[d].shape() : broadcast(op, index_shape, wrapped[d].shape());
    if (first < 0) first = d;
    last = d;
    ++count;
  }
  Tensor offsets;
  Shape rest, rest_strides;
  for (int d = 0; d < t.ndim(); ++d) {
    if (d < static_cast<int>(items.size()) && items[d].defined()) {
      Tensor part = times(wrapped[d], t.stride(d));
      offsets = offsets.defined() ? add(offsets, part) : part;
    } else {
      rest.push_back(t.size(d));
      rest_strides.push_back(t.stride(d));
    }
  }
  offsets = expand(offsets, index_shape);
  Access a;
  a.shape = index_shape;
  for (int64_t s : rest) a.shape.push_back(s);
  // the longest run of trailing dimensions that steps evenly is copied as a whole
  a.inner = a.step = 1;
  while (!rest.empty()) {
    if (a.inner == 1)
      a.step = rest_strides.back();
    else if (rest.back() != 1 && rest_strides.back() != a.step * a.inner)
      break;
    a.inner *= rest.back();
    rest.erase(rest.size() - 1);
    rest_strides.erase(rest_strides.size() - 1);
  }
  if (!rest.empty()) {
    for (int k = 0; k < rest.size(); ++k) offsets = unsqueeze(offsets, offsets.ndim());
    offsets = add(offsets, grid(rest, rest_strides));
  }
  a.offsets = contiguous(offsets);
  int index_dims = index_shape.size(), before = last - first + 1 == count && !in_front ? first : 0,
      total = a.shape.size();
  for (int d = 0; d < before; ++d) a.order.push_back(index_dims + d);
  for (int d = 0; d < index_dims; ++d) a.order.push_back(d);
  for (int d = index_dims + before; d < total; ++d) a.order.push_back(d);
  return a;
}

void check_writable(const char* op, const Tensor& t) {
  if (t.overlaps_itself()) {
    raise<RuntimeError>(op, ": cannot write to an expanded ", t,
                        ": several of its elements share one place in memory");
  }
}

// data (=, +=) source, which is dense and ordered like the access
void put(const char* op, Tensor& t, const Access& a, const Tensor& source, bool accumulate) {
  auto mode = accumulate ? kernels::Scatter::kAdd : kernels::Scatter::kAssign;
  if (a.offsets.numel() * a.inner > 0) {
    kernels::index.on(op, t.device())
        .put[index(t.dtype())](mode, t.bytes(), source.bytes(), a.offsets.data<int64_t>(),
                               a.offsets.numel(), a.inner, a.step, a.inner, 1);
  }
  t.bump();
}

// Offsets of (shape of indices) along `dim`; the other dimensions take their own positions.
Tensor along(const char* op, const Tensor& t, int dim, const Tensor& indices) {
  if (indices.ndim() != t.ndim()) {
    raise<ValueError>(op, ": expected an index of ", t.ndim(), " dimensions for ", t, ", got ",
                      indices);
  }
  Shape strides = t.strides();
  strides[dim] = 0;
  for (int d = 0; d < t.ndim(); ++d) {
    if (d != dim && indices.size(d) > t.size(d)) {
      raise<ValueError>(op, ": index of size ", indices.shape(), " is larger than ", t,
                        " in dimension ", d);
    }
  }
  Tensor i = checked_indices(op, indices, t.size(dim), dim);
  return contiguous(add(times(i, t.stride(dim)), grid(indices.shape(), strides)));
}

}  // namespace

Tensor index(const Tensor& t, const std::vector<Tensor>& items, bool in_front) {
  Access a = access("index", t, items, in_front);
  Tensor out = empty(a.shape, t.dtype(), t.device());
  if (out.numel() > 0) {
    kernels::index.on("index", t.device())
        .take[torch::index(t.dtype())](out.bytes(), t.bytes(), a.offsets.data<int64_t>(),
                                       a.offsets.numel(), a.inner, a.step);
  }
  return permute(out, a.order);
}

void index_put_(Tensor& t, const std::vector<Tensor>& items, const Input& value, bool in_front,
                bool accumulate) {
  check_writable("index_put_", t);
  Access a = access("index_put_", t, items, in_front);
  // the value fits the result of reading; undo the permutation that reading applies
  Shape shape, inverse;
  inverse.resize(a.order.size());
  for (int d = 0; d < a.order.size(); ++d) {
    shape.push_back(a.shape[static_cast<int>(a.order[d])]);
    inverse[static_cast<int>(a.order[d])] = d;
  }
  Tensor source;
  if (value.tensor) {
    source = empty(shape, t.dtype(), t.device());
    copy_(source, *value.tensor);
  } else {
    source = full(shape, value.scalar, t.dtype());
  }
  put("index_put_", t, a, contiguous(permute(source, inverse)), accumulate);
}

Tensor index_select(const Tensor& t, int64_t dim, const Tensor& indices) {
  int d = wrap_dim("index_select", dim, t.ndim());
  if (indices.ndim() != 1)
    raise<ValueError>("index_select: expected a vector of indices, got ", indices);
  std::vector<Tensor> items(d + 1);
  items[d] = checked_indices("index_select", indices, t.size(d), d);
  return index(t, items);
}

void index_add_(Tensor& self, int64_t dim, const Tensor& indices, const Tensor& source) {
  int d = wrap_dim("index_add_", dim, self.ndim());
  if (indices.ndim() != 1)
    raise<ValueError>("index_add_: expected a vector of indices, got ", indices);
  Shape shape = self.shape();
  shape[d] = indices.size(0);
  if (source.shape() != shape)
    raise<ValueError>("index_add_: expected a source of size ", shape, ", got ", source);
  std::vector<Tensor> items(d + 1);
  items[d] = checked_indices("index_add_", indices, self.size(d), d);
  index_put_(self, items, source, false, true);
}

Tensor gather(const Tensor& t, int64_t dim, const Tensor& indices) {
  int d = wrap_dim("gather", dim, t.ndim());
  Tensor offsets = along("gather", t, d, indices);
  Tensor out = empty(indices.shape(), t.dtype(), t.device());
  if (out.numel() > 0) {
    kernels::index.on("gather", t.device())
        .take[torch::index(t.dtype())](out.bytes(), t.bytes(), offsets.data<int64_t>(),
                                       offsets.numel(), 1, 1);
  }
  return out;
}

void scatter_(const char* op, Tensor& self, int64_t dim, const Tensor& indices, const Input& source,
              bool accumulate) {
  int d = wrap_dim(op, dim, self.ndim());
  check_writable(op, self);
  Tensor offsets = along(op, self, d, indices);
  Tensor values;
  if (source.tensor) {
    const Tensor& s = *source.tensor;
    bool fits = s.ndim() == indices.ndim();
    for (int k = 0; fits && k < s.ndim(); ++k) fits = indices.size(k) <= s.size(k);
    if (!fits)
      raise<ValueError>(op, ": expected a source at least of size ", indices.shape(), ", got ", s);
    values = s;
    for (int k = 0; k < s.ndim(); ++k) values = slice(values, k, 0, 1, indices.size(k));
    auto [a, b] = s.byte_range();
    auto [c, d] = self.byte_range();
    bool apart =
        b <= c || d <= a;  // element by element is not enough here: other positions are written
    values = contiguous(to(apart ? values : clone(values), self.dtype()));
  } else {
    values = full(indices.shape(), source.scalar, self.dtype());
  }
  Access a{offsets, 1, 1, {}, {}};
  put(op, self, a, values, accumulate);
}

bool is_mask(const Tensor& t) { return t.dtype() == DType::kBool || t.dtype() == DType::kUInt8; }

Tensor nonzero(const Tensor& t) {
  Tensor mask = contiguous(t.dtype() == DType::kBool ? t : binary(BinaryOp::ne, t, Scalar(0)));
  auto* kernel = kernels::index.on("nonzero", t.device()).flat_nonzero;
  int64_t n = kernel(mask.data<bool>(), mask.numel(), nullptr);
  Tensor flat = empty({n}, DType::kInt64);
  kernel(mask.data<bool>(), mask.numel(), flat.data<int64_t>());
  Tensor out = empty({n, t.ndim()}, DType::kInt64);
  for (int d = t.ndim() - 1; d >= 0; --d) {
    Tensor column = select(out, 1, d);
    binary(BinaryOp::remainder, flat, Scalar(std::max<int64_t>(1, t.size(d))), &column);
    flat = binary(BinaryOp::floor_divide, flat, Scalar(std::max<int64_t>(1, t.size(d))));
  }
  return out;
}

std::vector<Tensor> mask_to_indices(const Tensor& mask) {
  Tensor positions = nonzero(mask);
  std::vector<Tensor> out;
  for (int d = 0; d < mask.ndim(); ++d) out.push_back(select(positions, 1, d));
  return out;
}

Tensor masked_select(const Tensor& t, const Tensor& mask) {
  if (!is_mask(mask))
    raise<TypeError>("masked_select: expected a BoolTensor or ByteTensor as mask, got ", mask);
  Shape shape = broadcast("masked_select", t.shape(), mask.shape());
  Tensor x = expand(t, shape), m = expand(mask, shape);
  if (x.ndim() == 0) x = unsqueeze(x, 0), m = unsqueeze(m, 0);
  return index(x, mask_to_indices(m));
}

}  // namespace torch::ops
