// Checks of tensor arguments that the nn families share: each names op, argument, what was expected
// and what was given.
#pragma once
#include <limits>

#include "torch/registry.h"
#include "torch/tensor.h"

namespace torch::ops {

// TypeError unless `t` is a FloatTensor or DoubleTensor.
inline void check_floating(const char* op, const char* name, const Tensor& t) {
  if (!is_floating(t.dtype()) || is_half(t.dtype())) {
    raise<TypeError>(op, ": expected ", name, " to be a FloatTensor or DoubleTensor, got ", t);
  }
}

// TypeError unless `t` has this dtype, RuntimeError unless it lies on this device.
inline void check_type(const char* op, const char* name, const Tensor& t, DType dtype,
                       Device device) {
  if (t.dtype() != dtype)
    raise<TypeError>(op, ": expected ", name, " to be a ", dtype, ", got ", t);
  if (!(t.device() == device)) {
    raise<RuntimeError>(op, ": expected ", name, " on ", device_name(device), ", got one on ",
                        device_name(t.device()));
  }
}

// `layout` says what the dimensions mean: "(batch, channels, height, width)".
inline void check_layout(const char* op, const char* name, const Tensor& t, int ndim,
                         const char* layout) {
  if (t.ndim() != ndim)
    raise<ValueError>(op, ": expected ", name, " of size ", layout, ", got ", t);
}

inline void check_size(const char* op, const char* name, const Tensor& t, const Shape& shape) {
  if (t.shape() != shape)
    raise<ValueError>(op, ": expected ", name, " of size ", shape, ", got ", t);
}

// Longest spatial dimension: oneDNN counts along one in 32 bits.
inline constexpr int64_t kLongest = std::numeric_limits<int32_t>::max();

// ValueError unless there are `dims` numbers of at least `least`.
inline void check_numbers(const char* op, const char* name, const Shape& numbers, int dims,
                          int64_t least) {
  bool fit = numbers.size() == dims;
  for (int64_t n : numbers) fit = fit && n >= least && n <= kLongest;
  if (fit) return;
  raise<ValueError>(op, ": expected ", name, " of ", dims, " numbers of ", least, " to ", kLongest,
                    ", got ", numbers);
}

// RuntimeError when several elements of `t`, which is about to be written, share one place.
inline void check_writable(const char* op, const char* name, const Tensor& t) {
  if (t.overlaps_itself()) {
    raise<RuntimeError>(op, ": cannot write to ", name, ", an expanded ", t,
                        ": several of its elements share one place in memory");
  }
}

// The index tuple of the element at `position` in row-major order.
inline Shape unravel(int64_t position, const Shape& shape) {
  Shape at = shape;
  for (int d = shape.size() - 1; d >= 0; --d) {
    at[d] = position % shape[d];
    position /= shape[d];
  }
  return at;
}

}  // namespace torch::ops
