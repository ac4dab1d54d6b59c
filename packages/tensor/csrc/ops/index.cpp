#include "torch/ops/index.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/index_table.h"
#include "ops/check.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/mask.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

using kernels::IndexPlan;

bool apart(const Tensor& a, const Tensor& b) {
  auto [a0, a1] = a.byte_range();
  auto [b0, b1] = b.byte_range();
  return a1 <= b0 || b1 <= a0;
}

// `t` with size 1 where it is expanded.
Tensor unexpanded(const Tensor& t) {
  Shape shape = t.shape();
  for (int d = 0; d < t.ndim(); ++d) {
    if (t.stride(d) == 0 && shape[d] > 1) shape[d] = 1;
  }
  return Tensor(t.storage(), std::move(shape), t.strides(), t.offset());
}

// How indices are to be read.
struct Rules {
  bool negative;                    // entries below 0 count from the end
  const Tensor* written = nullptr;  // indices that lie in its memory are copied
  bool later = false;               // entries are checked while they are read
};

// Every entry of a contiguous LongTensor inside [-size, size) or [0, size).
void check_entries(const char* op, const Tensor& i, int64_t size, int dim, bool negative) {
  int64_t low = negative ? -size : 0;
  const auto* at = i.data<int64_t>();
  int64_t bad = kernels::index.on(op, i.device()).first_outside(at, i.numel(), low, size);
  if (bad >= 0 && size == 0) {
    raise<IndexError>(op, ": index ", at[bad], " at position ", unravel(bad, i.shape()),
                      " is out of range for dimension ", dim, " of size 0");
  }
  if (bad >= 0) {
    raise<IndexError>(op, ": index ", at[bad], " at position ", unravel(bad, i.shape()),
                      " is out of range for dimension ", dim, " of size ", size, ", expected ", low,
                      " to ", size - 1);
  }
}

// Indices into `size` places as a LongTensor of the same size, every entry inside them.
Tensor checked(const char* op, const Tensor& indices, int64_t size, int dim, Rules rules) {
  if (!is_integral(indices.dtype()))
    raise<TypeError>(op, ": expected an integer tensor as index, got ", indices);
  Tensor i = contiguous(to(unexpanded(indices), DType::kInt64));
  if (indices.numel() > 0 && !rules.later) check_entries(op, i, size, dim, rules.negative);
  if (rules.written && !apart(i, *rules.written)) i = clone(i);
  return expand(i, indices.shape());
}

// Pairs of elements of a tensor and of a result (or source) of size `shape`; the plan still lacks
// the latter's memory.
struct Access {
  Shape shape;
  std::vector<Tensor> indices;  // what the plan's items point into
  IndexPlan plan;

  // `index`, checked, varies along the dimensions of the shape from `at` on.
  void add(Tensor index, int at, int64_t size, int64_t step) {
    Shape strides = shape;
    std::fill(strides.begin(), strides.end(), 0);
    for (int d = 0; d < index.ndim(); ++d) {
      if (index.size(d) != 1) strides[at + d] = index.stride(d);
    }
    plan.items.push_back({index.data<int64_t>(), size, step, std::move(strides)});
    indices.push_back(std::move(index));
  }
};

// IndexError like every other mistake in x[...].
Shape broadcast_indices(const char* op, const Shape& a, const Shape& b) {
  try {
    return broadcast(op, a, b);
  } catch (const ValueError& e) {
    throw IndexError(e.what());
  }
}

// x[items] with integer tensors.
Access access(const char* op, const Tensor& t, const std::vector<Tensor>& items, bool in_front,
              Rules rules) {
  std::vector<Tensor> index(t.ndim());
  Shape common, kept;  // size of the index, dimensions without one
  int first = -1, last = -1, count = 0;
  for (int d = 0; d < t.ndim(); ++d) {
    if (d >= static_cast<int>(items.size()) || !items[d].defined()) {
      kept.push_back(d);
      continue;
    }
    index[d] = checked(op, items[d], t.size(d), d, rules);
    common = first < 0 ? index[d].shape() : broadcast_indices(op, common, index[d].shape());
    if (first < 0) first = d;
    last = d;
    ++count;
  }
  if (kept.size() + common.size() > kMaxDims) {
    raise<IndexError>(op, ": at most ", kMaxDims, " dimensions are supported, the result has ",
                      kept.size() + common.size());
  }
  int before = last - first + 1 == count && !in_front ? first : 0;
  Access a;
  for (int k = 0; k <= kept.size(); ++k) {
    for (int j = 0; k == before && j < common.size(); ++j) {
      a.shape.push_back(common[j]);
      a.plan.data_strides.push_back(0);
    }
    if (k == kept.size()) break;
    a.shape.push_back(t.size(static_cast<int>(kept[k])));
    a.plan.data_strides.push_back(t.stride(static_cast<int>(kept[k])));
  }
  checked_numel(op, a.shape);
  for (int d = 0; d < t.ndim(); ++d) {
    if (!index[d].defined()) continue;
    int at = before + common.size() - index[d].ndim();
    a.add(std::move(index[d]), at, t.size(d), t.stride(d));
  }
  a.plan.data = t.bytes();
  a.plan.shape = a.shape;
  return a;
}

// An index with the dimensions of `t`, which names positions in one of them.
Access along(const char* op, const Tensor& t, int dim, const Tensor& indices, Rules rules) {
  if (indices.ndim() != t.ndim()) {
    raise<ValueError>(op, ": expected an index of ", t.ndim(), " dimensions for ", t, ", got ",
                      indices);
  }
  for (int d = 0; d < t.ndim(); ++d) {
    if (d != dim && indices.size(d) > t.size(d)) {
      raise<ValueError>(op, ": index of size ", indices.shape(), " is larger than ", t,
                        " in dimension ", d);
    }
  }
  Access a;
  a.shape = a.plan.shape = indices.shape();
  a.plan.data = t.bytes();
  a.plan.data_strides = t.strides();
  a.plan.data_strides[dim] = 0;
  a.add(checked(op, indices, t.size(dim), dim, rules), 0, t.size(dim), t.stride(dim));
  return a;
}

// Drops dimensions of size 1, merges neighbours that step evenly, and takes the innermost dimension
// as the run when no index moves it. The order of positions stays: in writing it matters.
void simplify(IndexPlan& p) {
  auto merge = [&](int to, int from) {
    auto even = [&](const Shape& s) { return s[to] == s[from] * p.shape[from]; };
    if (!even(p.data_strides) || !even(p.other_strides)) return false;
    for (const IndexPlan::Item& item : p.items) {
      if (!even(item.strides)) return false;
    }
    return true;
  };
  int last = -1;
  for (int d = 0; d < p.shape.size(); ++d) {
    if (p.shape[d] == 1) continue;
    if (last >= 0 && merge(last, d)) {
      p.shape[last] *= p.shape[d];
    } else {
      p.shape[++last] = p.shape[d];
    }
    p.data_strides[last] = p.data_strides[d];
    p.other_strides[last] = p.other_strides[d];
    for (IndexPlan::Item& item : p.items) item.strides[last] = item.strides[d];
  }
  p.run = p.data_run_step = p.other_run_step = 1;
  bool still = last >= 0 && p.data_strides[last] != 0;
  for (const IndexPlan::Item& item : p.items) still = still && item.strides[last] == 0;
  if (still) {
    p.run = p.shape[last];
    p.data_run_step = p.data_strides[last];
    p.other_run_step = p.other_strides[last];
    --last;
  }
  auto resize = [&](Shape& s) {
    s.resize(std::max(last, 0) + 1);
    if (last < 0) s[0] = &s == &p.shape;  // one position, no steps
  };
  resize(p.shape);
  resize(p.data_strides);
  resize(p.other_strides);
  for (IndexPlan::Item& item : p.items) resize(item.strides);
}

Tensor read(const char* op, const Tensor& t, Access a) {
  Tensor out = empty(a.shape, t.dtype(), t.device());
  if (out.numel() > 0) {
    a.plan.other = out.bytes();
    a.plan.other_strides = out.strides();
    simplify(a.plan);
    kernels::index.on(op, t.device()).take[kernels::size_class(t.dtype())](a.plan);
  }
  return out;
}

// Reading with one index tensor into `size` places of dimension `dim`. Entries are checked while
// they are read: going through them twice would take as long as reading.
Tensor read_checking(const char* op, const Tensor& t, Access a, const Tensor& indices, int64_t size,
                     int dim, bool negative) {
  Tensor out = empty(a.shape, t.dtype(), t.device());
  a.plan.other = out.bytes();
  a.plan.other_strides = out.strides();
  simplify(a.plan);
  auto* take = kernels::index.on(op, t.device()).take_unchecked[kernels::size_class(t.dtype())];
  if (out.numel() == 0 || !take(a.plan, negative ? -size : 0))
    checked(op, indices, size, dim, {negative});
  return out;
}

// Rows of a contiguous tensor by a contiguous LongTensor, where nothing has to be found out.
std::optional<Tensor> read_rows(const char* op, const Tensor& t, const Tensor& indices,
                                bool negative) {
  if (indices.dtype() != DType::kInt64 || !indices.is_contiguous() || !t.is_contiguous() ||
      t.numel() == 0 || indices.numel() == 0 || t.ndim() - 1 + indices.ndim() > kMaxDims)
    return std::nullopt;
  Shape shape = indices.shape();
  for (int d = 1; d < t.ndim(); ++d) shape.push_back(t.size(d));
  checked_numel(op, shape);
  Tensor out = empty(shape, t.dtype(), t.device());
  const int64_t size = t.size(0), row = t.numel() / size;
  IndexPlan plan{t.bytes(), out.bytes(), {indices.numel()}, {0}, {row}, row, 1, 1, {}};
  plan.items.push_back({indices.data<int64_t>(), size, row, {1}});
  auto* take = kernels::index.on(op, t.device()).take_unchecked[kernels::size_class(t.dtype())];
  if (!take(plan, negative ? -size : 0)) check_entries(op, indices, size, 0, negative);
  return out;
}

Tensor read_entries(const char* op, const Tensor& t, int dim, const Tensor& indices,
                    bool negative) {
  if (dim == 0) {
    if (auto rows = read_rows(op, t, indices, negative)) return *rows;
  }
  std::vector<Tensor> items(dim + 1);
  items[dim] = indices;
  Access a = access(op, t, items, false, {negative, nullptr, true});
  return read_checking(op, t, std::move(a), indices, t.size(dim), dim, negative);
}

// `source` has the size of the access.
void write_to(const char* op, Tensor& t, Access a, const Tensor& source, Write write) {
  if (source.numel() > 0) {
    a.plan.other = source.bytes();
    a.plan.other_strides = source.strides();
    simplify(a.plan);
    const kernels::IndexTable& table = kernels::index.on(op, t.device());
    if (write == Write::kAssign) {
      table.put[kernels::size_class(t.dtype())](a.plan);
    } else {
      table.accumulate[write == Write::kMultiply][torch::index(t.dtype())](a.plan);
    }
  }
  t.bump();
}

// Integers take whole numbers only.
ScalarOperand whole_operand(const char* op, Scalar value, DType dtype) {
  if (value.is_float() && is_integral(dtype) && value.d != std::trunc(value.d))
    raise<TypeError>(op, ": expected a whole number for ", dtype, ", got ", value.d);
  return ScalarOperand(op, value, dtype);
}

// What is written, in the dtype of `self` and apart from its memory.
Tensor source_for(const char* op, const Input& source, const Tensor& self, Write write) {
  if (!source.tensor) return scalar_tensor(op, source.scalar, self.dtype());
  const Tensor& s = *source.tensor;
  if (write != Write::kAssign && kind(s.dtype()) > kind(self.dtype()) &&
      !(is_integral(s.dtype()) && is_integral(self.dtype()))) {
    raise<TypeError>(op, ": cannot store a ", s.dtype(), " result in ", self);
  }
  Tensor once = to(unexpanded(s), self.dtype());
  return expand(apart(once, self) ? once : clone(once), s.shape());
}

// Runs `f` on self, or on a float32 copy of it where float16 and bfloat16 numbers are added up.
template <class F>
void writing(const char* op, Tensor& self, Write write, F&& f) {
  check_writable(op, "self", self);
  if (write == Write::kAssign || !is_half(self.dtype())) return f(self);
  Tensor wide = to(self, computing(self.dtype()));
  f(wide);
  copy_(self, wide);
}

// Masks of items as index tensors.
std::vector<Tensor> without_masks(const char* op, const Tensor& t,
                                  const std::vector<Tensor>& items) {
  std::vector<Tensor> out = items;
  for (int d = 0; d < static_cast<int>(items.size()); ++d) {
    if (!items[d].defined() || !is_mask(items[d])) continue;
    const Tensor& mask = items[d];
    for (int k = 0; k < mask.ndim(); ++k) {
      if (d + k >= t.ndim() || mask.size(k) != t.size(d + k)) {
        raise<IndexError>(op, ": mask of size ", mask.shape(), " does not fit ", t,
                          " from dimension ", d, " on");
      }
    }
    std::vector<Tensor> found = nonzero_tuple(mask);
    if (out.size() < d + found.size()) out.resize(d + found.size());
    std::move(found.begin(), found.end(), out.begin() + d);
  }
  return out;
}

// The dimension of the only item when that is a mask, else -1.
int only_mask(const Tensor& t, const std::vector<Tensor>& items) {
  int at = -1, count = 0;
  for (int d = 0; d < static_cast<int>(items.size()); ++d) {
    if (items[d].defined()) at = d, ++count;
  }
  if (count != 1 || !is_mask(items[at])) return -1;
  const Tensor& mask = items[at];
  for (int k = 0; k < mask.ndim(); ++k) {
    if (at + k >= t.ndim() || mask.size(k) != t.size(at + k)) return -1;
  }
  return at;
}

// Dimensions [at, at + n) of `t` as one, where they step evenly.
std::optional<Tensor> merged(const Tensor& t, int at, int n) {
  Shape shape = t.shape(), strides = t.strides();
  for (; n > 1; --n) {
    if (shape[at + 1] == 1) {
      shape.erase(at + 1);
      strides.erase(at + 1);
      continue;
    }
    if (shape[at] != 1 && strides[at] != strides[at + 1] * shape[at + 1]) return std::nullopt;
    shape[at + 1] *= shape[at];
    shape.erase(at);
    strides.erase(at);
  }
  return Tensor(t.storage(), std::move(shape), std::move(strides), t.offset());
}

// The position in row-major order in one tensor per dimension; `flat` lies in [-n, n).
std::vector<Tensor> unravelled(Tensor flat, const Shape& shape) {
  int64_t n = numel(shape);
  Tensor negative = binary(BinaryOp::lt, flat, Scalar(0));
  flat = where(negative, binary(BinaryOp::add, flat, Scalar(n)), flat);
  std::vector<Tensor> out(shape.size());
  for (int d = shape.size() - 1; d >= 0; --d) {
    Scalar size(std::max<int64_t>(1, shape[d]));
    out[d] = d > 0 ? binary(BinaryOp::remainder, flat, size) : flat;
    if (d > 0) flat = binary(BinaryOp::floor_divide, flat, size);
  }
  return out;
}

void check_vector(const char* op, const Tensor& indices) {
  if (indices.ndim() != 1) raise<ValueError>(op, ": expected a vector of indices, got ", indices);
}

// The tensor as a vector, where that needs no copy.
std::optional<Tensor> flat_view(const Tensor& t) {
  if (t.ndim() == 0) return unsqueeze(t, 0);
  return t.numel() == 0 ? reshape(t, {0}) : merged(t, 0, t.ndim());
}

}  // namespace

Tensor scalar_tensor(const char* op, Scalar value, DType dtype) {
  ScalarOperand operand = whole_operand(op, value, dtype);
  Tensor t = empty({}, dtype);
  std::memcpy(t.bytes(), operand.bytes, item_size(dtype));
  return t;
}

bool is_mask(const Tensor& t) { return t.dtype() == DType::kBool || t.dtype() == DType::kUInt8; }

void set_element(const char* op, Tensor& t, int64_t offset, Scalar value) {
  ScalarOperand operand = whole_operand(op, value, t.dtype());
  std::memcpy(t.bytes() + offset * t.item_bytes(), operand.bytes, t.item_bytes());
  t.bump();
}

void check_source(const char* op, const Shape& shape, const Tensor& source) {
  int skip = shape.size() - source.ndim();
  bool fits = true;
  for (int d = 0; fits && d < source.ndim(); ++d) {
    fits = source.size(d) == 1 || (skip + d >= 0 && source.size(d) == shape[skip + d]);
  }
  if (!fits) {
    raise<ValueError>(op, ": expected a source that broadcasts to size ", shape, ", got ", source);
  }
}

Tensor broadcast_source(const char* op, Tensor source, const Shape& shape) {
  check_source(op, shape, source);
  while (source.ndim() > shape.size()) source = select(source, 0, 0);
  return expand(source, shape);
}

Tensor index(const Tensor& t, const std::vector<Tensor>& items, bool in_front) {
  int at = only_mask(t, items);
  if (at >= 0) {
    const Tensor& mask = items[at];
    if (mask.ndim() == t.ndim()) return masked_select(t, mask);
    if (auto flat = merged(t, at, mask.ndim())) {
      std::vector<Tensor> positions(at + 1);
      positions[at] = flatnonzero(mask);
      return index(*flat, positions);
    }
  }
  std::vector<Tensor> indices = without_masks("index", t, items);
  bool one = indices.size() > 0 && indices[0].defined();
  for (size_t d = 1; d < indices.size(); ++d) one = one && !indices[d].defined();
  if (one) return read_entries("index", t, 0, indices[0], true);
  return read("index", t, access("index", t, indices, in_front, {true}));
}

void index_put_(const char* op, Tensor& t, const std::vector<Tensor>& items, const Input& value,
                bool in_front, Write write) {
  int at = write == Write::kAssign ? only_mask(t, items) : -1;
  if (at >= 0) {
    Tensor mask = items[at];
    bool one = !value.tensor || value.tensor->numel() == 1;
    if (one && (!value.tensor || value.tensor->ndim() <= 1)) {
      if (!value.tensor) scalar_tensor(op, value.scalar, t.dtype());  // its errors
      while (mask.ndim() < t.ndim() - at) mask = unsqueeze(mask, mask.ndim());
      return fill_where_(op, t, mask, value);
    }
    if (mask.ndim() == t.ndim() && value.tensor && value.tensor->ndim() == 1) {
      return masked_scatter_(op, t, mask, *value.tensor, true);
    }
  }
  writing(op, t, write, [&](Tensor& self) {
    Access a = access(op, self, without_masks(op, self, items), in_front, {true, &self});
    Tensor source = broadcast_source(op, source_for(op, value, self, write), a.shape);
    write_to(op, self, std::move(a), source, write);
  });
}

std::vector<Tensor> leading_items(const char* op, const Tensor& t,
                                  const std::vector<Tensor>& indices) {
  std::vector<Tensor> items;
  for (const Tensor& i : indices) {
    if (is_mask(i) && i.ndim() == 0)
      raise<IndexError>(op, ": expected a mask with dimensions, got ", i);
    if (!is_mask(i) && !is_integral(i.dtype()))
      raise<TypeError>(op, ": expected an integer tensor as index, got ", i);
    size_t dims = is_mask(i) ? i.ndim() : 1;
    if (items.size() + dims > static_cast<size_t>(t.ndim())) {
      raise<IndexError>(op, ": too many indices for ", t, ": ",
                        static_cast<int64_t>(items.size() + dims), " were given");
    }
    items.push_back(i);
    items.resize(items.size() + dims - 1);
  }
  return items;
}

Tensor index_rows(const Tensor& t, const Tensor& indices) {
  return read_entries("index", t, 0, indices, true);
}

Tensor index_select(const Tensor& t, int64_t dim, const Tensor& indices) {
  int d = wrap_dim("index_select", dim, t.ndim());
  check_vector("index_select", indices);
  return read_entries("index_select", t, d, indices, false);
}

void index_write_(const char* op, Tensor& self, int64_t dim, const Tensor& indices,
                  const Input& source, Write write) {
  int d = wrap_dim(op, dim, self.ndim());
  check_vector(op, indices);
  if (source.tensor) {
    Shape shape = self.shape();
    shape[d] = indices.size(0);
    if (source.tensor->shape() != shape)
      raise<ValueError>(op, ": expected a source of size ", shape, ", got ", *source.tensor);
  }
  writing(op, self, write, [&](Tensor& t) {
    std::vector<Tensor> items(d + 1);
    items[d] = indices;
    Access a = access(op, t, items, false, {false, &t});
    Tensor values = expand(source_for(op, source, t, write), a.shape);
    write_to(op, t, std::move(a), values, write);
  });
}

Tensor gather(const Tensor& t, int64_t dim, const Tensor& indices) {
  int d = wrap_dim("gather", dim, t.ndim());
  Access a = along("gather", t, d, indices, {false, nullptr, true});
  return read_checking("gather", t, std::move(a), indices, t.size(d), d, false);
}

void scatter_(const char* op, Tensor& self, int64_t dim, const Tensor& indices, const Input& source,
              Write write) {
  int d = wrap_dim(op, dim, self.ndim());
  if (source.tensor) {
    const Tensor& s = *source.tensor;
    bool fits = s.ndim() == indices.ndim();
    for (int k = 0; fits && k < s.ndim(); ++k) fits = indices.size(k) <= s.size(k);
    if (!fits)
      raise<ValueError>(op, ": expected a source at least of size ", indices.shape(), ", got ", s);
  }
  writing(op, self, write, [&](Tensor& t) {
    Access a = along(op, t, d, indices, {false, &t});
    Tensor values = source_for(op, source, t, write);
    for (int k = 0; k < values.ndim(); ++k) values = slice(values, k, 0, 1, indices.size(k));
    write_to(op, t, std::move(a), expand(values, indices.shape()), write);
  });
}

Tensor take_along_dim(const char* op, const Tensor& t, const Tensor& indices,
                      std::optional<int64_t> dim) {
  if (!dim) {
    check_vector(op, indices);
    return take_along_dim(op, reshape(t, {t.numel()}), indices, 0);
  }
  int d = wrap_dim(op, *dim, t.ndim());
  if (indices.ndim() != t.ndim()) {
    raise<ValueError>(op, ": expected an index of ", t.ndim(), " dimensions for ", t, ", got ",
                      indices);
  }
  Shape ours = t.shape(), theirs = indices.shape();
  ours[d] = theirs[d] = 1;
  Shape shape = broadcast(op, ours, theirs);
  shape[d] = t.size(d);
  Tensor x = expand(t, shape);
  shape[d] = indices.size(d);
  Tensor wide = expand(indices, shape);
  Access a = along(op, x, d, wide, {true, nullptr, true});
  return read_checking(op, t, std::move(a), wide, t.size(d), d, true);
}

void put_along_axis_(Tensor& self, const Tensor& indices, const Input& values, int64_t dim) {
  constexpr const char* kOp = "put_along_axis_";
  int d = wrap_dim(kOp, dim, self.ndim());
  Shape shape = self.shape();
  bool fits = indices.ndim() == self.ndim();
  for (int k = 0; fits && k < self.ndim(); ++k)
    fits = k == d || indices.size(k) == 1 || indices.size(k) == shape[k];
  if (fits) shape[d] = indices.size(d);
  if (!fits) {
    raise<ValueError>(kOp, ": expected an index that broadcasts to size ", shape,
                      " but for dimension ", d, ", got ", indices);
  }
  writing(kOp, self, Write::kAssign, [&](Tensor& t) {
    Access a = along(kOp, t, d, expand(indices, shape), {true, &t});
    Tensor source = broadcast_source(kOp, source_for(kOp, values, t, Write::kAssign), shape);
    write_to(kOp, t, std::move(a), source, Write::kAssign);
  });
}

Tensor take(const Tensor& t, const Tensor& indices, std::optional<int64_t> dim) {
  if (dim) return read_entries("take", t, wrap_dim("take", *dim, t.ndim()), indices, true);
  if (auto flat = flat_view(t)) return read_entries("take", *flat, 0, indices, true);
  Tensor i = checked("take", indices, t.numel(), 0, {true});
  return read("take", t, access("take", t, unravelled(i, t.shape()), false, {true}));
}

void put_(Tensor& self, const Tensor& indices, const Input& source, Write write) {
  if (source.tensor && source.tensor->numel() != indices.numel()) {
    raise<ValueError>("put_: expected a source of ", indices.numel(),
                      " elements, one per index, got ", *source.tensor);
  }
  writing("put_", self, write, [&](Tensor& t) {
    Tensor values = source_for("put_", source, t, write);
    if (source.tensor) values = reshape(values, indices.shape());
    auto flat = flat_view(t);
    std::vector<Tensor> items =
        flat ? std::vector{indices}
             : unravelled(checked("put_", indices, t.numel(), 0, {true}), t.shape());
    Access a = access("put_", flat ? *flat : t, items, false, {true, &t});
    write_to("put_", t, std::move(a), expand(values, indices.shape()), write);
  });
}

std::vector<Tensor> unravel_index(const Tensor& indices, const Shape& shape) {
  int64_t n = checked_numel("unravel_index", shape);
  return unravelled(checked("unravel_index", indices, n, 0, {false}), shape);
}

Tensor ravel_multi_index(const std::vector<Tensor>& indices, const Shape& shape) {
  constexpr const char* kOp = "ravel_multi_index";
  checked_numel(kOp, shape);
  if (static_cast<int>(indices.size()) != shape.size() || shape.empty()) {
    raise<ValueError>(kOp, ": expected one index tensor for each of the dimensions ", shape,
                      ", got ", static_cast<int64_t>(indices.size()));
  }
  Shape strides = contiguous_strides(shape);
  Tensor sum;
  for (int d = 0; d < shape.size(); ++d) {
    Tensor i = checked(kOp, indices[d], shape[d], d, {false});
    Tensor part = binary(BinaryOp::mul, i, Scalar(strides[d]));
    sum = sum.defined() ? binary(BinaryOp::add, sum, part) : part;
  }
  return sum;
}

}  // namespace torch::ops
