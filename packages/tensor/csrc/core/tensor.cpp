#include "torch/tensor.h"

#include <algorithm>
#include <numeric>

namespace torch {

bool Tensor::is_contiguous() const {
  int64_t step = 1;
  for (int d = ndim() - 1; d >= 0; --d) {
    if (shape_[d] == 1) continue;
    if (strides_[d] != step) return numel_ == 0;
    step *= shape_[d];
  }
  return true;
}

bool Tensor::overlaps_itself() const {
  if (is_contiguous()) return false;
  int order[kMaxDims];
  int n = 0;
  for (int d = 0; d < ndim(); ++d) {
    if (shape_[d] == 0) return false;
    if (shape_[d] > 1) order[n++] = d;
  }
  std::sort(order, order + n,
            [&](int a, int b) { return std::abs(strides_[a]) < std::abs(strides_[b]); });
  // Sorted by stride, every dimension must step over all that lies below it. (Sufficient, and exact
  // for every tensor that slicing, transposing and expanding can make.)
  int64_t reach = 0;
  for (int i = 0; i < n; ++i) {
    int64_t s = std::abs(strides_[order[i]]);
    if (s <= reach) return true;
    reach += s * (shape_[order[i]] - 1);
  }
  return false;
}

std::pair<const char*, const char*> Tensor::byte_range() const {
  if (numel_ == 0) return {bytes(), bytes()};
  int64_t lo = 0, hi = 0;
  for (int d = 0; d < ndim(); ++d) {
    int64_t span = strides_[d] * (shape_[d] - 1);
    (span < 0 ? lo : hi) += span;
  }
  return {bytes() + lo * item_bytes(), bytes() + (hi + 1) * item_bytes()};
}

Tensor empty(const Shape& shape, DType dtype, Device device) {
  int64_t n = checked_numel("empty", shape);
  return Tensor(Ref<Storage>::adopt(Storage::allocate(dtype, n, device)), shape,
                contiguous_strides(shape), 0);
}

}  // namespace torch
