#include "torch/ops/conv.h"

#include <algorithm>
#include <limits>

#include "kernels/nn_tables.h"
#include "ops/check.h"
#include "torch/ops/copy.h"

namespace torch::ops {
namespace {

constexpr const char* kImage = "(batch, channels, height, width)";
constexpr const char* kAxis[] = {"height", "width"};
// oneDNN counts along one dimension in 32 bits.
constexpr int64_t kMost = std::numeric_limits<int32_t>::max();

void check_pair(const char* op, const char* name, const std::array<int64_t, 2>& pair,
                int64_t least) {
  if (std::min(pair[0], pair[1]) < least || std::max(pair[0], pair[1]) > kMost) {
    raise<ValueError>(op, ": expected ", name, " of ", least, " to ", kMost, ", got ",
                      Shape{pair[0], pair[1]});
  }
}

kernels::Conv2d plan(const char* op, const Shape& input, const Shape& weight,
                     const Conv2dOptions& options) {
  if (input.size() != 4)
    raise<ValueError>(op, ": expected input of size ", kImage, ", got ", input);
  if (weight.size() != 4) {
    raise<ValueError>(
        op, ": expected weight of size (out_channels, in_channels / groups, height, width), got ",
        weight);
  }
  check_pair(op, "stride", options.stride, 1);
  check_pair(op, "padding", options.padding, 0);
  check_pair(op, "dilation", options.dilation, 1);
  if (options.groups < 1)
    raise<ValueError>(op, ": expected groups of 1 or more, got ", options.groups);
  for (const Shape* shape : {&input, &weight}) {
    for (int d = shape == &input ? 1 : 0; d < 4; ++d) {
      if ((*shape)[d] < 1 || (*shape)[d] > kMost) {
        raise<ValueError>(op, ": expected every size but the batch to be 1 to ", kMost,
                          ", got input ", input, " and weight ", weight);
      }
    }
  }
  if (input[0] < 0 || input[0] > kMost)
    raise<ValueError>(op, ": expected a batch of 0 to ", kMost, ", got ", input[0]);
  if (input[1] % options.groups != 0 || weight[0] % options.groups != 0) {
    raise<ValueError>(op, ": expected channels that divide into ", options.groups, " groups, got ",
                      input[1], " input and ", weight[0], " output channels");
  }
  if (weight[1] != input[1] / options.groups) {
    raise<ValueError>(op, ": expected ", weight[1] * options.groups, " input channels for weight ",
                      weight, " and ", options.groups, " groups, got input ", input);
  }
  int64_t out[2];
  for (int i = 0; i < 2; ++i) {
    __int128 padded = static_cast<__int128>(input[2 + i]) + 2 * options.padding[i];
    __int128 window = static_cast<__int128>(options.dilation[i]) * (weight[2 + i] - 1) + 1;
    if (padded > kMost) {
      raise<ValueError>(op, ": expected input and padding of at most ", kMost, " elements in ",
                        kAxis[i], ", got ", input[2 + i], " and ", options.padding[i]);
    }
    if (window > padded) {
      raise<ValueError>(op, ": the kernel does not fit the padded input in ", kAxis[i], ": input ",
                        input[2 + i], ", padding ", options.padding[i], ", kernel ", weight[2 + i],
                        ", dilation ", options.dilation[i]);
    }
    out[i] = static_cast<int64_t>((padded - window) / options.stride[i]) + 1;
  }
  return {.n = input[0],
          .c = input[1],
          .h = input[2],
          .w = input[3],
          .o = weight[0],
          .kh = weight[2],
          .kw = weight[3],
          .ho = out[0],
          .wo = out[1],
          .stride = options.stride,
          .padding = options.padding,
          .dilation = options.dilation,
          .groups = options.groups,
          .input = nullptr,
          .weight = nullptr,
          .bias = nullptr,
          .output = nullptr};
}

Shape output_size(const kernels::Conv2d& p) { return {p.n, p.o, p.ho, p.wo}; }

}  // namespace

Meta conv2d_meta(const char* op, const Shape& input, const Shape& weight,
                 const Conv2dOptions& options, DType dtype) {
  return {output_size(plan(op, input, weight, options)), dtype};
}

Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor* bias,
              const Conv2dOptions& options) {
  constexpr const char* op = "conv2d";
  check_floating(op, "input", input);
  check_type(op, "weight", weight, input.dtype(), input.device());
  kernels::Conv2d p = plan(op, input.shape(), weight.shape(), options);
  if (bias) {
    check_type(op, "bias", *bias, input.dtype(), input.device());
    check_size(op, "bias", *bias, {p.o});
  }
  auto* kernel = kernels::conv.on(op, input.device()).forward[index(input.dtype())];
  require(kernel, op, input.dtype(), input.device());
  Tensor out = empty(output_size(p), input.dtype(), input.device());
  if (p.n > 0) {
    Tensor x = contiguous(input), w = contiguous(weight), b = bias ? contiguous(*bias) : Tensor();
    p.input = x.bytes();
    p.weight = w.bytes();
    p.bias = bias ? b.bytes() : nullptr;
    p.output = out.bytes();
    kernel(p);
  }
  return out;
}

Tensor conv2d_input_grad(const Tensor& grad_output, const Tensor& weight, const Shape& input_size,
                         const Conv2dOptions& options) {
  constexpr const char* op = "conv2d_input_grad";
  check_floating(op, "grad_output", grad_output);
  check_type(op, "weight", weight, grad_output.dtype(), grad_output.device());
  kernels::Conv2d p = plan(op, input_size, weight.shape(), options);
  check_size(op, "grad_output", grad_output, output_size(p));
  auto* kernel = kernels::conv.on(op, grad_output.device()).input_grad[index(grad_output.dtype())];
  require(kernel, op, grad_output.dtype(), grad_output.device());
  Tensor grad_input = empty(input_size, grad_output.dtype(), grad_output.device());
  if (p.n > 0) {
    Tensor gy = contiguous(grad_output), w = contiguous(weight);
    p.input = grad_input.bytes();
    p.weight = w.bytes();
    p.output = gy.bytes();
    kernel(p);
  }
  return grad_input;
}

Tensor conv2d_weight_grad(const Tensor& grad_output, const Tensor& input, const Shape& weight_size,
                          const Conv2dOptions& options) {
  constexpr const char* op = "conv2d_weight_grad";
  check_floating(op, "grad_output", grad_output);
  check_type(op, "input", input, grad_output.dtype(), grad_output.device());
  kernels::Conv2d p = plan(op, input.shape(), weight_size, options);
  check_size(op, "grad_output", grad_output, output_size(p));
  if (p.n == 0) return zeros(weight_size, grad_output.dtype());
  auto* kernel = kernels::conv.on(op, grad_output.device()).weight_grad[index(grad_output.dtype())];
  require(kernel, op, grad_output.dtype(), grad_output.device());
  Tensor grad_weight = empty(weight_size, grad_output.dtype(), grad_output.device());
  Tensor gy = contiguous(grad_output), x = contiguous(input);
  p.input = x.bytes();
  p.weight = grad_weight.bytes();
  p.output = gy.bytes();
  kernel(p);
  return grad_weight;
}

}  // namespace torch::ops
