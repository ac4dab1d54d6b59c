#include "torch/ops/rearrange.h"

#include <algorithm>
#include <bitset>

#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/index.h"
#include "torch/ops/reduce.h"
#include "torch/ops/scan.h"
#include "torch/ops/view.h"

namespace torch::ops {

Tensor cat(const Tensors& tensors, int64_t dim, Tensor* out, const char* op) {
  if (tensors.empty()) raise<RuntimeError>(op, ": expected one tensor or more, got none");
  const Tensor& first = tensors[0];
  int d = wrap_dim(op, dim, first.ndim());
  DType dtype = first.dtype();
  Shape shape = first.shape();
  shape[d] = 0;
  for (const Tensor& t : tensors) {
    dtype = promote(dtype, t.dtype());
    bool fits = t.ndim() == first.ndim();
    for (int k = 0; fits && k < t.ndim(); ++k) fits = k == d || t.size(k) == first.size(k);
    if (!fits)
      raise<ValueError>(op, ": expected sizes equal to ", first.shape(), " but in dimension ", d,
                        ", got ", t);
    if (__builtin_add_overflow(shape[d], t.size(d), &shape[d]))
      raise<ValueError>(op, ": the joined dimension ", d, " is too large");
  }
  Tensor fresh;
  if (out) {
    check_out(op, *out, shape, dtype);
  } else {
    fresh = empty(shape, dtype, first.device());
    out = &fresh;
  }
  Tensors sources;  // all of them apart from the output before any of it is written
  for (const Tensor& t : tensors) sources.push_back(out == &fresh ? t : unaliased(t, *out));
  int64_t at = 0;
  for (const Tensor& t : sources) {
    Tensor part = slice(*out, d, at, 1, t.size(d));
    copy_(part, t);
    at += t.size(d);
  }
  return *out;
}

Tensor stack(const Tensors& tensors, int64_t dim, Tensor* out) {
  if (tensors.empty()) raise<RuntimeError>("stack: expected one tensor or more, got none");
  int d = wrap_dim("stack", dim, tensors[0].ndim() + 1);
  Tensors parts;
  for (const Tensor& t : tensors) {
    if (t.shape() != tensors[0].shape()) {
      raise<ValueError>("stack: expected tensors of one size, got ", tensors[0].shape(), " and ",
                        t.shape());
    }
    parts.push_back(unsqueeze(t, d));
  }
  return cat(parts, d, out, "stack");
}

Tensor at_least(const Tensor& t, int ndim) {
  if (t.ndim() >= ndim) return t;
  if (t.ndim() == 0) {
    Shape ones;
    for (int d = 0; d < ndim; ++d) ones.push_back(1);
    return Tensor(t.storage(), ones, ones, t.offset());
  }
  if (t.ndim() == 1) {
    Tensor row = unsqueeze(t, 0);
    return ndim == 2 ? row : unsqueeze(row, 2);
  }
  return unsqueeze(t, 2);
}

namespace {

Tensors all_at_least(const Tensors& tensors, int ndim) {
  Tensors out;
  for (const Tensor& t : tensors) out.push_back(at_least(t, ndim));
  return out;
}

}  // namespace

Tensor hstack(const Tensors& tensors, Tensor* out) {
  Tensors parts = all_at_least(tensors, 1);
  return cat(parts, !parts.empty() && parts[0].ndim() > 1 ? 1 : 0, out, "hstack");
}
Tensor vstack(const Tensors& tensors, Tensor* out) {
  return cat(all_at_least(tensors, 2), 0, out, "vstack");
}
Tensor dstack(const Tensors& tensors, Tensor* out) {
  return cat(all_at_least(tensors, 3), 2, out, "dstack");
}
Tensor column_stack(const Tensors& tensors, Tensor* out) {
  Tensors columns;
  for (const Tensor& t : tensors) {
    Tensor v = at_least(t, 1);
    columns.push_back(v.ndim() == 1 ? unsqueeze(v, 1) : v);
  }
  return cat(columns, 1, out, "column_stack");
}

namespace {

// More parts than this are a mistake, and would only fill the memory.
constexpr int64_t kMostParts = int64_t{1} << 22;

void check_parts(const char* op, int64_t n) {
  if (n > kMostParts) raise<ValueError>(op, ": expected at most ", kMostParts, " parts, got ", n);
}

}  // namespace

Tensors split(const Tensor& t, int64_t size, int64_t dim) {
  if (size < 1) raise<ValueError>("split: expected a split_size of 1 or more, got ", size);
  int d = wrap_dim("split", dim, t.ndim());
  int64_t n = t.size(d);
  check_parts("split", n / size);
  Tensors parts;
  for (int64_t at = 0; at < n;) {
    int64_t length = std::min(size, n - at);
    parts.push_back(slice(t, d, at, 1, length));
    at += length;
  }
  return parts;
}

Tensors split(const Tensor& t, const Shape& sizes, int64_t dim) {
  int d = wrap_dim("split", dim, t.ndim());
  int64_t rest = t.size(d);
  for (int64_t s : sizes) {
    if (s < 0) raise<ValueError>("split: expected sizes of 0 or more, got ", sizes);
    rest = s > rest ? -1 : rest - s;
    if (rest < 0) break;
  }
  if (rest != 0) {
    raise<ValueError>("split: expected sizes that sum to ", t.size(d), ", the size of dimension ",
                      d, ", got ", sizes);
  }
  Tensors parts;
  int64_t at = 0;
  for (int64_t s : sizes) {
    parts.push_back(slice(t, d, at, 1, s));
    at += s;
  }
  return parts;
}

Tensors chunk(const Tensor& t, int64_t n, int64_t dim) {
  if (n < 1) raise<ValueError>("chunk: expected chunks of 1 or more, got ", n);
  int d = wrap_dim("chunk", dim, t.ndim());
  int64_t size = t.size(d) / n + (t.size(d) % n != 0);
  return split(t, std::max<int64_t>(size, 1), d);
}

Tensors tensor_split(const char* op, const Tensor& t, int64_t sections, int64_t dim) {
  int d = wrap_dim(op, dim, t.ndim());
  if (sections < 1) raise<ValueError>(op, ": expected 1 section or more, got ", sections);
  check_parts(op, sections);
  int64_t size = t.size(d) / sections, larger = t.size(d) % sections, at = 0;
  Tensors parts;
  for (int64_t i = 0; i < sections; ++i) {
    int64_t length = size + (i < larger);
    parts.push_back(slice(t, d, at, 1, length));
    at += length;
  }
  return parts;
}

Tensors tensor_split(const char* op, const Tensor& t, const Shape& borders, int64_t dim) {
  int d = wrap_dim(op, dim, t.ndim());
  int64_t n = t.size(d), begin = 0;
  Tensors parts;
  auto add = [&](int64_t end) {
    parts.push_back(slice(t, d, begin, 1, std::max<int64_t>(end - begin, 0)));
    begin = end;
  };
  // as slices [begin:end] have it: negative ones count from the end, and none is out of range
  for (int64_t b : borders) add(std::clamp<int64_t>(b < 0 ? b + n : b, 0, n));
  add(n);
  return parts;
}

Tensors unbind(const Tensor& t, int64_t dim) {
  int d = wrap_dim("unbind", dim, t.ndim());
  check_parts("unbind", t.size(d));
  Tensors parts;
  for (int64_t i = 0; i < t.size(d); ++i) parts.push_back(select(t, d, i));
  return parts;
}

namespace {

// (s0, s1, ...) as (n0, s0, n1, s1, ...) without a copy, then folded to (n0 * s0, n1 * s1, ...).
Tensor repeat_counts(const char* op, const Tensor& t, const Shape& counts) {
  Shape wide, strides, shape;
  int skip = counts.size() - t.ndim();
  for (int d = 0; d < counts.size(); ++d) {
    int64_t size = d < skip ? 1 : t.size(d - skip), stride = d < skip ? 1 : t.stride(d - skip);
    if (counts[d] < 0) raise<ValueError>(op, ": expected sizes of 0 or more, got ", counts);
    if (counts[d] != 1) {
      wide.push_back(counts[d]);
      strides.push_back(0);
    }
    wide.push_back(size);
    strides.push_back(stride);
    shape.push_back(0);
  }
  checked_numel(op, wide);
  for (int d = 0; d < counts.size(); ++d) {
    shape[d] = counts[d] * (d < skip ? 1 : t.size(d - skip));
  }
  Tensor copy = clone(Tensor(t.storage(), std::move(wide), std::move(strides), t.offset()));
  Shape steps = contiguous_strides(shape);
  return Tensor(copy.storage(), std::move(shape), std::move(steps), 0);
}

}  // namespace

Tensor repeat(const char* op, const Tensor& t, const Shape& counts) {
  if (counts.size() < t.ndim()) {
    raise<ValueError>(op, ": expected at least ", t.ndim(), " sizes for size ", t.shape(), ", got ",
                      counts);
  }
  return repeat_counts(op, t, counts);
}

Tensor tile(const Tensor& t, const Shape& counts) {
  Shape all;
  for (int d = counts.size(); d < t.ndim(); ++d) all.push_back(1);
  for (int64_t n : counts) all.push_back(n);
  return repeat_counts("tile", t, all);
}

Tensor repeat_interleave(const Tensor& t, int64_t repeats, std::optional<int64_t> dim) {
  const char* op = "repeat_interleave";
  if (repeats < 0) raise<ValueError>(op, ": expected repeats of 0 or more, got ", repeats);
  Tensor x = dim ? t : reshape(t, {-1});
  int d = wrap_dim(op, dim.value_or(0), x.ndim());
  Shape wide = x.shape(), strides = x.strides(), shape = x.shape();
  wide.insert(d + 1, repeats);
  strides.insert(d + 1, 0);
  checked_numel(op, wide);
  shape[d] *= repeats;
  Tensor copy = clone(Tensor(x.storage(), std::move(wide), std::move(strides), x.offset()));
  Shape steps = contiguous_strides(shape);
  return Tensor(copy.storage(), std::move(shape), std::move(steps), 0);
}

Tensor repeat_interleave(const Tensor& t, const Tensor& repeats, std::optional<int64_t> dim) {
  const char* op = "repeat_interleave";
  Tensor x = dim ? t : reshape(t, {-1});
  int d = wrap_dim(op, dim.value_or(0), x.ndim());
  if (!is_integral(repeats.dtype()))
    raise<TypeError>(op, ": expected integers as repeats, got ", repeats);
  Tensor counts = to(repeats, DType::kInt64);
  if (counts.ndim() > 1 || (counts.numel() != 1 && counts.numel() != x.size(d))) {
    raise<ValueError>(op, ": expected one number of repeats, or ", x.size(d),
                      ", one for each entry of dimension ", d, ", got ", repeats);
  }
  if (counts.numel() == 1) return repeat_interleave(x, item(counts).i, d);
  if (counts.numel() > 0 && reduce_all(ReduceOp::amin, counts).i < 0)
    raise<ValueError>(op, ": expected repeats of 0 or more, got ",
                      reduce_all(ReduceOp::amin, counts).i);
  if (reduce_all(ReduceOp::sum, to(counts, DType::kFloat64)).d > 0x1p56)
    raise<ValueError>(op, ": the sum of the repeats is too large");
  // A mark where each entry ends; the number of marks before a position is the entry it shows.
  Tensor ends = scan(ScanOp::kSum, op, counts, 0);
  int64_t total = counts.numel() ? item(select(ends, 0, ends.numel() - 1)).i : 0;
  Tensor marks = zeros({total + 1}, DType::kInt64);
  index_write_(op, marks, 0, ends, Scalar(1), Write::kAdd);
  Tensor from = scan(ScanOp::kSum, op, slice(marks, 0, 0, 1, total), 0);
  return index_select(x, d, from);
}

Tensor flip(const char* op, const Tensor& t, const Shape& dims) {
  std::bitset<kMaxDims> turned;
  for (int64_t dim : dims) {
    int d = wrap_dim(op, dim, t.ndim());
    if (turned[d]) raise<ValueError>(op, ": dimension ", d, " is repeated in ", dims);
    turned[d] = true;
  }
  Tensor view = t;
  for (int d = 0; d < t.ndim(); ++d) {
    if (dims.empty() || turned[d]) view = slice(view, d, t.size(d) - 1, -1, t.size(d));
  }
  return clone(view);
}

namespace {

// Both parts of every dimension to the other end.
void roll_into(Tensor out, const Tensor& t, const Shape& shifts, int d) {
  while (d < t.ndim() && shifts[d] == 0) ++d;
  if (d == t.ndim()) return copy_(out, t);
  int64_t n = t.size(d), s = shifts[d];
  roll_into(slice(out, d, s, 1, n - s), slice(t, d, 0, 1, n - s), shifts, d + 1);
  roll_into(slice(out, d, 0, 1, s), slice(t, d, n - s, 1, s), shifts, d + 1);
}

}  // namespace

Tensor roll(const Tensor& t, const Shape& shifts, const Shape* dims) {
  Tensor x = dims ? t : reshape(t, {-1});
  Shape all;
  all.resize(x.ndim());
  std::fill(all.begin(), all.end(), 0);
  Shape along = dims ? *dims : Shape{0};
  if (shifts.size() != along.size() && shifts.size() != 1) {
    raise<ValueError>("roll: expected one shift per dimension, got shifts ", shifts, " for ",
                      along.size(), along.size() == 1 ? " dimension" : " dimensions");
  }
  for (int i = 0; i < along.size(); ++i) {
    int d = wrap_dim("roll", along[i], x.ndim());
    int64_t n = std::max<int64_t>(x.size(d), 1), s = shifts[shifts.size() == 1 ? 0 : i] % n;
    all[d] = (all[d] + s + n) % n;
  }
  Tensor out = empty(x.shape(), x.dtype(), x.device());
  roll_into(out, x, all, 0);
  return Tensor(out.storage(), t.shape(), contiguous_strides(t.shape()), 0);
}

Tensor rot90(const Tensor& t, int64_t k, const Shape& dims) {
  if (dims.size() != 2) raise<ValueError>("rot90: expected two dimensions, got ", dims);
  int a = wrap_dim("rot90", dims[0], t.ndim()), b = wrap_dim("rot90", dims[1], t.ndim());
  if (a == b) raise<ValueError>("rot90: dimension ", a, " is repeated in ", dims);
  switch (((k % 4) + 4) % 4) {
    case 0:
      return clone(t);
    case 1:
      return clone(transpose(flip("rot90", t, {b}), a, b));
    case 2:
      return flip("rot90", t, {a, b});
    default:
      return flip("rot90", transpose(t, a, b), {b});
  }
}

Tensors broadcast_tensors(const Tensors& tensors) {
  Shape shape;
  for (const Tensor& t : tensors) shape = broadcast("broadcast_tensors", shape, t.shape());
  Tensors out;
  for (const Tensor& t : tensors) out.push_back(expand("broadcast_tensors", t, shape));
  return out;
}

Tensors meshgrid(const Tensors& tensors, bool xy) {
  int n = static_cast<int>(std::min<size_t>(tensors.size(), kMaxDims + 1));
  Shape shape;
  for (const Tensor& t : tensors) {
    if (t.ndim() > 1) raise<ValueError>("meshgrid: expected vectors, got ", t);
    shape.push_back(t.numel());
  }
  bool swap = xy && n > 1;
  if (swap) std::swap(shape[0], shape[1]);
  Tensors out;
  for (int i = 0; i < n; ++i) {
    int along = swap && i < 2 ? 1 - i : i;
    Shape strides;
    strides.resize(n);
    std::fill(strides.begin(), strides.end(), 0);
    strides[along] = tensors[i].ndim() ? tensors[i].stride(0) : 0;
    checked_numel("meshgrid", shape);
    out.push_back(clone(Tensor(tensors[i].storage(), shape, strides, tensors[i].offset())));
  }
  return out;
}

}  // namespace torch::ops
