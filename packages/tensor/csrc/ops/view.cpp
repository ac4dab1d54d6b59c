#include "torch/ops/view.h"

#include <algorithm>
#include <bitset>

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

Tensor t(const Tensor& t) {
  if (t.ndim() != 2) raise<ValueError>("t: expected a matrix, got ", t);
  return transpose(t, 0, 1);
}

Tensor expand(const Tensor& t, const Shape& shape) {
  int skip = shape.size() - t.ndim();
  if (skip < 0)
    raise<ValueError>("expand: expected at least ", t.ndim(), " sizes for ", t, ", got ", shape);
  Shape to = shape, strides;
  for (int d = 0; d < shape.size(); ++d) {
    int64_t have = d < skip ? 1 : t.size(d - skip);
    if (to[d] == -1 && d >= skip) to[d] = have;
    if (to[d] < 0 || (have != 1 && have != to[d])) {
      raise<ValueError>("expand: ", t, " does not expand to ", shape, ": dimension ", d,
                        " has size ", have);
    }
    strides.push_back(d < skip || (have == 1 && to[d] != 1) ? 0 : t.stride(d - skip));
  }
  checked_numel("expand", to);
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
  strides[dim] *= step;
  return Tensor(t.storage(), std::move(shape), std::move(strides), offset);
}

Tensor squeeze(const Tensor& t, std::optional<int64_t> dim) {
  int only = dim ? wrap_dim("squeeze", *dim, t.ndim()) : -1;
  Shape shape, strides;
  for (int d = 0; d < t.ndim(); ++d) {
    if (t.size(d) == 1 && (only < 0 || only == d)) continue;
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
  strides[d] *= step;
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

Tensor cat(const std::vector<Tensor>& tensors, int64_t dim, Tensor* out) {
  if (tensors.empty()) raise<RuntimeError>("cat: expected one tensor or more, got none");
  const Tensor& first = tensors[0];
  int d = wrap_dim("cat", dim, first.ndim());
  DType dtype = first.dtype();
  Shape shape = first.shape();
  shape[d] = 0;
  for (const Tensor& t : tensors) {
    dtype = promote(dtype, t.dtype());
    bool fits = t.ndim() == first.ndim();
    for (int k = 0; fits && k < t.ndim(); ++k) fits = k == d || t.size(k) == first.size(k);
    if (!fits)
      raise<ValueError>("cat: expected sizes equal to ", first.shape(), " but in dimension ", d,
                        ", got ", t);
    shape[d] += t.size(d);
  }
  Tensor fresh;
  if (out) {
    check_out("cat", *out, shape, dtype);
  } else {
    fresh = empty(shape, dtype, first.device());
    out = &fresh;
  }
  std::vector<Tensor> sources;  // all of them apart from the output before any of it is written
  for (const Tensor& t : tensors) sources.push_back(out == &fresh ? t : unaliased(t, *out));
  int64_t at = 0;
  for (const Tensor& t : sources) {
    Tensor part = slice(*out, d, at, 1, t.size(d));
    copy_(part, t);
    at += t.size(d);
  }
  return *out;
}

Tensor stack(const std::vector<Tensor>& tensors, int64_t dim, Tensor* out) {
  if (tensors.empty()) raise<RuntimeError>("stack: expected one tensor or more, got none");
  int d = wrap_dim("stack", dim, tensors[0].ndim() + 1);
  std::vector<Tensor> parts;
  for (const Tensor& t : tensors) {
    if (t.shape() != tensors[0].shape()) {
      raise<ValueError>("stack: expected tensors of one size, got ", tensors[0].shape(), " and ",
                        t.shape());
    }
    parts.push_back(unsqueeze(t, d));
  }
  return cat(parts, d, out);
}

}  // namespace torch::ops
