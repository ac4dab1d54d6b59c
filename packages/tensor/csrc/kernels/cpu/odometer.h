// Position in several dimensions; data moves along.
#pragma once
#include "torch/shape.h"

namespace torch::cpu {
namespace {

struct Odometer {
  const Shape& size;
  const Shape& stride;
  int dims = size.size();  // the leading ones
  int64_t at[kMaxDims] = {};
  int64_t offset = 0;
  void seek(int64_t linear) {
    offset = 0;
    for (int d = dims - 1; d >= 0; --d) {
      at[d] = linear % size[d];
      linear /= size[d];
      offset += at[d] * stride[d];
    }
  }
  void next() {
    for (int d = dims - 1; d >= 0; --d) {
      offset += stride[d];
      if (++at[d] < size[d]) return;
      offset -= at[d] * stride[d];
      at[d] = 0;
    }
  }
};

}  // namespace
}  // namespace torch::cpu
