// Images whose memory lies channels last although their tensors are row-major for everybody.
//
// Convolution, and what follows it in a network, runs faster where the channels of one position lie
// side by side. So the results of these operations are tensors of size (n, channels, ...) with
// row-major strides whose storage has no memory yet: it knows the memory that lies channels last.
// An operation that is told of it here works there and hands its result on in the same way; for
// all others Storage::data() brings the elements into row-major order, once.
#pragma once
#include "torch/tensor.h"

namespace torch::ops {

// `t` with the strides of the memory that lies channels last, when `t` is the whole of a storage
// that has such memory and its first two sizes are the batch and the channels; else undefined.
Tensor channels_last_view(const Tensor& t);
// For what steps through strides anyway: that view, or `t` itself.
Tensor as_it_lies(const Tensor& t);
// The view, made by a copy where there is no such memory.
Tensor to_channels_last(const Tensor& t);
// Whether an image of this size is better made so, for the convolutions around it.
bool prefers_channels_last(const Shape& shape, DType dtype, Device device);
// New memory for (n, channels, ...), not initialized, with strides channels last.
Tensor empty_channels_last(const Shape& shape, DType dtype, Device device);
// The row-major tensor behind `t`, which came from empty_channels_last. `t` belongs to it from now
// on.
Tensor hide_channels_last(const Tensor& t);

}  // namespace torch::ops
