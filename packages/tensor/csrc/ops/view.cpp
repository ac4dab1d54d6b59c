#include "torch/ops/view.h"

#include <algorithm>
#include <bitset>
#include <optional>

#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"

namespace torch::ops {
namespace {

// Strides that show `t` in the new shape without a copy, if there are any.
std::optional<Shape> view_strides(const Tensor& t, const Shape& shape) {
  if (t.is_contiguous()) return contiguous_strides(shape);
  Shape strides;
  strides.resize(shape.size());
  if (t.numel() == 0) return contiguous_strides(shape);
  // Walk both shapes from the innermost dimension; a run of old dimensions that steps evenly may be
  // cut anew.
  int v = shape.size() - 1;
  int64_t run_stride = t.ndim() ? t.stride(t.ndim() - 1) : 1;
  int64_t run = 1, taken = 1;
  for (int d = t.ndim() - 1; d >= 0; --d) {
    run *= t.size(d);
    bool ends = d == 0 || (t.size(d - 1) != 1 && t.stride(d - 1) != run * run_stride);
    if (!ends) continue;
    while (v >= 0 && (taken < run || shape[v] == 1)) {
      strides[v] = taken * run_stride;
      taken *= shape[v];
      --v;
    }
    if (taken != run) return std::nullopt;
    if (d > 0) {
      run_stride = t.stride(d - 1);
      run = taken = 1;
    }
  }
  if (v >= 0) return std::nullopt;
  return strides;
}

}  // namespace

Shape infer_shape(const char* op, const Shape& shape, int64_t numel) {
  Shape out = shape;
  int unknown = -1;
  for (int d = 0; d < out.size(); ++d) {
    if (out[d] != -1) continue;
    if (unknown >= 0) raise<ValueError>(op, ": at most one size can be -1, got ", shape);
    unknown = d;
  }
  if (unknown >= 0) {
    out[unknown] = 1;
    int64_t known = checked_numel(op, out);
    if (known == 0 || numel % known != 0) {
      raise<ValueError>(op, ": size ", shape, " does not fit a tensor of ", numel, " elements");
    }
    out[unknown] = numel / known;
  } else if (checked_numel(op, out) != numel) {
    raise<ValueError>(op, ": size ", shape, " does not fit a tensor of ", numel, " elements");
  }
  return out;
}

Tensor view(const Tensor& t, const Shape& shape) {
  Shape to = infer_shape("view", shape, t.numel());
  auto strides = view_strides(t, to);
  if (!strides) {
    raise<ValueError>("view: ", t, " with strides ", t.strides(), " cannot be seen as ", to,
                      " without a copy; use reshape() or contiguous()");
  }
  return Tensor(t.storage(), std::move(to), std::move(*strides), t.offset());
}

Tensor reshape(const Tensor& t, const Shape& shape) {
  Shape to = infer_shape("reshape", shape, t.numel());
  if (auto strides = view_strides(t, to))
    return Tensor(t.storage(), std::move(to), std::move(*strides), t.offset());
  Tensor c = clone(t);
  Shape strides = contiguous_strides(to);
  return Tensor(c.storage(), std::move(to), std::move(strides), 0);
}

Tensor permute(const Tensor& t, const Shape& dims) {
  if (dims.size() != t.ndim())
    raise<ValueError>("permute: expected ", t.ndim(), " dimensions for ", t, ", got ", dims);
  Shape shape, strides;
  std::bitset<kMaxDims> seen;
  for (int64_t d : dims) {
    int k = wrap_dim("permute", d, t.ndim());
    if (seen[k]) raise<ValueError>("permute: dimension ", k, " is repeated in ", dims);
    seen[k] = true;
    shape.push_back(t.size(k));
    strides.push_back(t.stride(k));
  }
  return Tensor(t.storage(), std::move(shape), std::move(strides), t.offset());
}

Tensor transpose(const Tensor& t, int64_t dim0, int64_t dim1) {
  int a = wrap_dim("transpose", dim0, t.ndim()), b = wrap_dim("transpose", dim1, t.ndim());
  Shape shape = t.shape(), strides = t.strides();
  std::swap(shape[a], shape[b]);
  std::swap(strides[a], strides[b]);
  return Tensor(t.storage(), std::move(shape), std::move(strides), t.offset());
}

Tensor movedim(const char* op, const Tensor& t, const Shape& from, const Shape& to) {
  if (from.size() != to.size()) {
    raise<ValueError>(op, ": expected as many destinations as sources, got ", from, " and ", to);
  }
  Shape order;  // the dimension of `t` that goes to each place, or -1
  for (int d = 0; d < t.ndim(); ++d) order.push_back(-1);
  std::bitset<kMaxDims> moved;
  for (int i = 0; i < from.size(); ++i) {
    int a = wrap_dim(op, from[i], t.ndim()), b = wrap_dim(op, to[i], t.ndim());
    if (moved[a]) raise<ValueError>(op, ": dimension ", a, " is repeated in ", from);
    if (order[b] >= 0) raise<ValueError>(op, ": dimension ", b, " is repeated in ", to);
    moved[a] = true;
    order[b] = a;
  }
  int next = 0;
  for (int64_t& d : order) {
    if (d >= 0) continue;
    while (moved[next]) ++next;
    d = next++;
  }
  return permute(t, order);
}

Tensor flatten(const Tensor& t, int64_t start, int64_t end) {
  if (t.ndim() == 0) return Tensor(t.storage(), {1}, {1}, t.offset());
  int a = wrap_dim("flatten", start, t.ndim()), b = wrap_dim("flatten", end, t.ndim());
  if (a > b) {
    raise<ValueError>("flatten: expected start_dim before end_dim, got ", start, " and ", end,
                      " for ", t);
  }
  Shape shape;
  int64_t n = 1;
  for (int d = 0; d < t.ndim(); ++d) {
    if (d < a || d > b) {
      shape.push_back(t.size(d));
    } else {
      n *= t.size(d);
      if (d == b) shape.push_back(n);
    }
  }
  return reshape(t, shape);
}

Tensor t(const Tensor& t) {
  if (t.ndim() != 2) raise<ValueError>("t: expected a matrix, got ", t);
  return transpose(t, 0, 1);
}

Tensor expand(const char* op, const Tensor& t, const Shape& shape) {
  int skip = shape.size() - t.ndim();
  if (skip < 0)
    raise<ValueError>(op, ": expected at least ", t.ndim(), " sizes for ", t, ", got ", shape);
  Shape to = shape, strides;
  for (int d = 0; d < shape.size(); ++d) {
    int64_t have = d < skip ? 1 : t.size(d - skip);
    if (to[d] == -1 && d >= skip) to[d] = have;
    if (to[d] < 0 || (have != 1 && have != to[d])) {
      raise<ValueError>(op, ": ", t, " does not expand to ", shape, ": dimension ", d, " has size ",
                        have);
    }
    strides.push_back(d < skip || (have == 1 && to[d] != 1) ? 0 : t.stride(d - skip));
  }
  checked_numel(op, to);
  return Tensor(t.storage(), std::move(to), std::move(strides), t.offset());
}

Tensor select(const Tensor& t, int64_t dim, int64_t index) {
  int d = wrap_dim("select", dim, t.ndim());
  int64_t i = wrap_index("select", index, t.size(d), d);
  Shape shape = t.shape(), strides = t.strides();
  int64_t offset = t.offset() + i * strides[d];
  shape.erase(d);
  strides.erase(d);
  return Tensor(t.storage(), std::move(shape), std::move(strides), offset);
}

Tensor narrow(const Tensor& t, int64_t dim, int64_t start, int64_t length) {
  int d = wrap_dim("narrow", dim, t.ndim());
  if (start < 0) start += t.size(d);
  if (start < 0 || length < 0 || start > t.size(d) - length) {
    raise<IndexError>("narrow: start ", start, " and length ", length,
                      " are out of range for dimension ", d, " of size ", t.size(d));
  }
  return slice(t, d, start, 1, length);
}

Tensor slice(const Tensor& t, int dim, int64_t start, int64_t step, int64_t n) {
  Shape shape = t.shape(), strides = t.strides();
  int64_t offset = t.offset() + (n > 0 ? start * strides[dim] : 0);
  shape[dim] = n;
  if (n > 1) strides[dim] *= step;
  return Tensor(t.storage(), std::move(shape), std::move(strides), offset);
}

Tensor squeeze(const Tensor& t, const Shape& dims) {
  std::bitset<kMaxDims> named;
  for (int64_t dim : dims) {
    int d = wrap_dim("squeeze", dim, t.ndim());
    if (named[d]) raise<ValueError>("squeeze: dimension ", d, " is repeated in ", dims);
    named[d] = true;
  }
  Shape shape, strides;
  for (int d = 0; d < t.ndim(); ++d) {
    if (t.size(d) == 1 && (dims.empty() || named[d])) continue;
    shape.push_back(t.size(d));
    strides.push_back(t.stride(d));
  }
  if (shape.empty() &&
      t.ndim() > 0) {  // no operation of the alpha makes a tensor without dimensions
    shape.push_back(1);
    strides.push_back(1);
  }
  return Tensor(t.storage(), std::move(shape), std::move(strides), t.offset());
}

Tensor unsqueeze(const Tensor& t, int64_t dim) {
  int d = wrap_dim("unsqueeze", dim, t.ndim() + 1);
  Shape shape = t.shape(), strides = t.strides();
  strides.insert(d, d < t.ndim() ? shape[d] * strides[d] : 1);
  shape.insert(d, 1);
  return Tensor(t.storage(), std::move(shape), std::move(strides), t.offset());
}

Tensor unfold(const Tensor& t, int64_t dim, int64_t size, int64_t step) {
  int d = wrap_dim("unfold", dim, t.ndim());
  if (size < 0 || size > t.size(d)) {
    raise<ValueError>("unfold: expected a size of 0 to ", t.size(d), " for dimension ", d, " of ",
                      t, ", got ", size);
  }
  if (step < 1) raise<ValueError>("unfold: expected a step of 1 or more, got ", step);
  Shape shape = t.shape(), strides = t.strides();
  shape.push_back(size);
  strides.push_back(strides[d]);
  shape[d] = (shape[d] - size) / step + 1;
  if (shape[d] > 1) strides[d] *= step;  // else step may be any number
  return Tensor(t.storage(), std::move(shape), std::move(strides), t.offset());
}

Tensor as_strided(const char* op, const Ref<Storage>& storage, const Shape& shape,
                  const Shape& strides, int64_t offset) {
  if (shape.size() != strides.size())
    raise<ValueError>(op, ": expected one stride per size, got size ", shape, " and strides ",
                      strides);
  int64_t n = checked_numel(op, shape);
  int64_t lo = offset, hi = offset;
  bool overflow = false;
  for (int d = 0; d < shape.size() && n > 0; ++d) {
    int64_t span;
    overflow |= __builtin_mul_overflow(strides[d], shape[d] - 1, &span);
    overflow |=
        span < 0 ? __builtin_add_overflow(lo, span, &lo) : __builtin_add_overflow(hi, span, &hi);
  }
  if (offset < 0 || offset > storage->size() ||
      (n > 0 && (overflow || lo < 0 || hi >= storage->size()))) {
    raise<ValueError>(op, ": size ", shape, " with strides ", strides, " and offset ", offset,
                      " lies outside a storage of ", storage->size(), " elements");
  }
  return Tensor(storage, shape, strides, offset);
}

}  // namespace torch::ops
