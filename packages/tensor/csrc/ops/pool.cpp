#include "torch/ops/pool.h"

#include <algorithm>
#include <limits>

#include "kernels/nn_tables.h"
#include "ops/check.h"
#include "torch/ops/copy.h"

namespace torch::ops {
namespace {

constexpr const char* kImage = "(batch, channels, height, width)";
constexpr const char* kAxis[] = {"height", "width"};
constexpr int64_t kMost = std::numeric_limits<int32_t>::max();

void check_pair(const char* op, const char* name, const std::array<int64_t, 2>& pair,
                int64_t least) {
  if (std::min(pair[0], pair[1]) < least || std::max(pair[0], pair[1]) > kMost) {
    raise<ValueError>(op, ": expected ", name, " of ", least, " to ", kMost, ", got ",
                      Shape{pair[0], pair[1]});
  }
}

// Number of windows along one dimension.
int64_t windows(const char* op, int axis, int64_t in, const Pool2dOptions& o) {
  int64_t kernel = o.kernel_size[axis], stride = o.stride[axis], padding = o.padding[axis],
          dilation = o.dilation[axis];
  int64_t room = in + 2 * padding - dilation * (kernel - 1) - 1 + (o.ceil_mode ? stride - 1 : 0);
  int64_t n = room < 0 || in < 1 ? 0 : room / stride + 1;
  // the last one must not start in the padding
  if (o.ceil_mode && n > 0 && (n - 1) * stride >= in + padding) --n;
  if (n < 1 || in > kMost) {
    raise<ValueError>(op, ": expected a padded input that holds the kernel, got input ", in,
                      ", padding ", padding, ", kernel ", kernel, ", dilation ", dilation, " in ",
                      kAxis[axis]);
  }
  // Through the holes of its dilation a window that starts in the padding may miss a small input.
  for (int64_t start = -padding, i = 0; start < 0 && i < n; start += stride, ++i) {
    int64_t first = start + (-start + dilation - 1) / dilation * dilation;
    if (first > start + (kernel - 1) * dilation || first >= in) {
      raise<ValueError>(op,
                        ": expected windows that hold an element of the input, got none in window ",
                        i, " with input ", in, ", padding ", padding, ", kernel ", kernel,
                        ", dilation ", dilation, " in ", kAxis[axis]);
    }
  }
  return n;
}

// The sizes of scatter and gather; `in` is the side with whole planes.
kernels::PoolMap map(const Shape& in, const Tensor& indices) {
  int64_t planes = in[0] * in[1];
  return {planes, in[2] * in[3], indices.size(2) * indices.size(3), nullptr, nullptr, nullptr};
}

void check_indices(const char* op, const char* name, const Shape& in, const Tensor& indices,
                   Device device) {
  check_type(op, "indices", indices, DType::kInt64, device);
  check_layout(op, "indices", indices, 4, kImage);
  if (in[0] != indices.size(0) || in[1] != indices.size(1)) {
    raise<ValueError>(op, ": expected indices with the batch and channels of ", name, " ", in,
                      ", got ", indices.shape());
  }
}

[[noreturn]] void raise_index(const char* op, const Tensor& indices, int64_t position,
                              int64_t limit) {
  raise<IndexError>(op, ": index ", indices.data<int64_t>()[position], " at ",
                    unravel(position, indices.shape()), " is out of range for planes of ", limit,
                    " elements");
}

}  // namespace

Meta max_pool2d_meta(const Shape& input, const Pool2dOptions& options, DType dtype) {
  constexpr const char* op = "max_pool2d";
  if (input.size() != 4)
    raise<ValueError>(op, ": expected input of size ", kImage, ", got ", input);
  check_pair(op, "kernel_size", options.kernel_size, 1);
  check_pair(op, "stride", options.stride, 1);
  check_pair(op, "padding", options.padding, 0);
  check_pair(op, "dilation", options.dilation, 1);
  for (int i = 0; i < 2; ++i) {
    if (options.padding[i] > options.kernel_size[i] / 2) {
      raise<ValueError>(op, ": expected padding of at most half the kernel, got padding ",
                        options.padding[i], " and kernel ", options.kernel_size[i], " in ",
                        kAxis[i]);
    }
  }
  return {
      {input[0], input[1], windows(op, 0, input[2], options), windows(op, 1, input[3], options)},
      dtype};
}

std::pair<Tensor, Tensor> max_pool2d(const Tensor& input, const Pool2dOptions& options) {
  constexpr const char* op = "max_pool2d";
  check_floating(op, "input", input);
  Meta m = max_pool2d_meta(input.shape(), options, input.dtype());
  auto* kernel = require(kernels::pool.on(op, input.device()).max_pool2d[index(m.dtype)], op,
                         m.dtype, input.device());
  Tensor out = empty(m.shape, m.dtype, input.device()),
         indices = empty(m.shape, DType::kInt64, input.device());
  Tensor x = contiguous(input);
  kernel({.planes = x.size(0) * x.size(1),
          .h = x.size(2),
          .w = x.size(3),
          .ho = m.shape[2],
          .wo = m.shape[3],
          .kernel = options.kernel_size,
          .stride = options.stride,
          .padding = options.padding,
          .dilation = options.dilation,
          .input = x.bytes(),
          .output = out.bytes(),
          .indices = indices.data<int64_t>()});
  return {out, indices};
}

Tensor max_pool2d_input_grad(const Tensor& grad_output, const Tensor& indices,
                             const Shape& input_size) {
  constexpr const char* op = "max_pool2d_input_grad";
  check_floating(op, "grad_output", grad_output);
  if (input_size.size() != 4)
    raise<ValueError>(op, ": expected input_size ", kImage, ", got ", input_size);
  checked_numel(op, input_size);
  check_indices(op, "input_size", input_size, indices, grad_output.device());
  check_size(op, "grad_output", grad_output, indices.shape());
  DType dtype = grad_output.dtype();
  auto* kernel = require(kernels::pool.on(op, grad_output.device()).scatter[index(dtype)], op,
                         dtype, grad_output.device());
  Tensor grad_input = empty(input_size, dtype, grad_output.device());
  Tensor gy = contiguous(grad_output), at = contiguous(indices);
  kernels::PoolMap p = map(input_size, indices);
  p.input = grad_input.bytes();
  p.output = gy.bytes();
  p.indices = at.data<int64_t>();
  if (int64_t bad = kernel(p); bad >= 0) raise_index(op, at, bad, p.in);
  return grad_input;
}

Tensor max_pool2d_gather(const Tensor& input, const Tensor& indices) {
  constexpr const char* op = "max_pool2d_gather";
  check_floating(op, "input", input);
  check_layout(op, "input", input, 4, kImage);
  check_indices(op, "input", input.shape(), indices, input.device());
  DType dtype = input.dtype();
  auto* kernel =
      require(kernels::pool.on(op, input.device()).gather[index(dtype)], op, dtype, input.device());
  Tensor out = empty(indices.shape(), dtype, input.device());
  Tensor x = contiguous(input), at = contiguous(indices);
  kernels::PoolMap p = map(x.shape(), indices);
  p.input = x.bytes();
  p.output = out.bytes();
  p.indices = at.data<int64_t>();
  if (int64_t bad = kernel(p); bad >= 0) raise_index(op, at, bad, p.in);
  return out;
}

}  // namespace torch::ops
