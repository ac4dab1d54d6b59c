#include "torch/shape.h"

#include <algorithm>

namespace torch {

void Shape::grow(int n) {
  if (n > kMaxDims) raise<ValueError>("at most ", kMaxDims, " dimensions are supported, got ", n);
  int capacity = std::min(kMaxDims, std::max(n, 2 * capacity_));
  auto* grown = new int64_t[capacity];
  std::memcpy(grown, data_, size_ * sizeof(int64_t));
  free_heap();
  data_ = grown;
  capacity_ = capacity;
}

int64_t numel(const Shape& shape) {
  int64_t n = 1;
  for (int64_t s : shape) n *= s;
  return n;
}

int64_t checked_numel(const char* op, const Shape& shape) {
  constexpr int64_t kMost = int64_t{1} << 56;  // times eight bytes still fits
  int64_t n = 1;
  bool empty = false;
  for (int64_t s : shape) {
    if (s < 0) raise<ValueError>(op, ": expected sizes of 0 or more, got ", shape);
    if (s == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(n, s, &n) || n > kMost) {
      raise<ValueError>(op, ": the number of elements of size ", shape, " is too large");
    }
  }
  return empty ? 0 : n;
}

Shape contiguous_strides(const Shape& shape) {
  Shape strides;
  strides.resize(shape.size());
  int64_t step = 1;
  for (int d = shape.size() - 1; d >= 0; --d) {
    strides[d] = step;
    step *= std::max<int64_t>(shape[d], 1);
  }
  return strides;
}

Shape broadcast(const char* op, const Shape& a, const Shape& b) {
  if (a == b) return a;
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  int skip = longer.size() - shorter.size();
  for (int d = 0; d < shorter.size(); ++d) {
    int64_t x = longer[skip + d], y = shorter[d];
    if (x == y || y == 1) continue;
    if (x != 1) {
      raise<ValueError>(op, ": sizes ", a, " and ", b, " do not broadcast: dimension ", skip + d,
                        " has ", a.size() >= b.size() ? x : y, " and ",
                        a.size() >= b.size() ? y : x);
    }
    out[skip + d] = y;
  }
  return out;
}

int wrap_dim(const char* op, int64_t dim, int ndim) {
  int64_t d = dim < 0 ? dim + ndim : dim;
  if (d < 0 || d >= ndim) {
    if (ndim == 0)
      raise<IndexError>(op, ": dimension ", dim, " given for a tensor without dimensions");
    raise<IndexError>(op, ": dimension ", dim, " is out of range, expected ", -ndim, " to ",
                      ndim - 1);
  }
  return static_cast<int>(d);
}

int64_t wrap_index(const char* op, int64_t i, int64_t size, int dim) {
  int64_t k = i < 0 ? i + size : i;
  if (k < 0 || k >= size) {
    raise<IndexError>(op, ": index ", i, " is out of range for dimension ", dim, " of size ", size);
  }
  return k;
}

}  // namespace torch
