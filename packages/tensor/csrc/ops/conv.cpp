#include "torch/ops/conv.h"

#include <algorithm>

#include "kernels/nn_tables.h"
#include "ops/check.h"
#include "torch/ops/channels_last.h"
#include "torch/ops/copy.h"

namespace torch::ops {
namespace {

kernels::Conv plan(const char* op, const Shape& input, const Shape& weight,
                   const ConvOptions& options) {
  int dims = input.size() - 2;
  if (dims < 1 || dims > kernels::kSpatial) {
    raise<ValueError>(op, ": expected input of size (batch, channels, 1 to ", kernels::kSpatial,
                      " spatial sizes), got ", input);
  }
  if (weight.size() != input.size()) {
    raise<ValueError>(op, ": expected weight of size (out_channels, in_channels / groups, ", dims,
                      " kernel sizes), got ", weight);
  }
  check_numbers(op, "stride", options.stride, dims, 1);
  check_numbers(op, "padding", options.padding, dims, 0);
  check_numbers(op, "dilation", options.dilation, dims, 1);
  if (options.groups < 1)
    raise<ValueError>(op, ": expected groups of 1 or more, got ", options.groups);
  for (const Shape* shape : {&input, &weight}) {
    for (int d = shape == &input ? 1 : 0; d < shape->size(); ++d) {
      if ((*shape)[d] < 1 || (*shape)[d] > kLongest) {
        raise<ValueError>(op, ": expected every size but the batch to be 1 to ", kLongest,
                          ", got input ", input, " and weight ", weight);
      }
    }
  }
  if (input[0] < 0 || input[0] > kLongest)
    raise<ValueError>(op, ": expected a batch of 0 to ", kLongest, ", got ", input[0]);
  if (input[1] % options.groups != 0 || weight[0] % options.groups != 0) {
    raise<ValueError>(op, ": expected channels that divide into ", options.groups, " groups, got ",
                      input[1], " input and ", weight[0], " output channels");
  }
  if (weight[1] != input[1] / options.groups) {
    raise<ValueError>(op, ": expected ", weight[1] * options.groups, " input channels for weight ",
                      weight, " and ", options.groups, " groups, got input ", input);
  }
  kernels::Conv p{.n = input[0], .c = input[1], .o = weight[0], .groups = options.groups};
  for (int i = 0; i < dims; ++i) {
    int at = kernels::kSpatial - dims + i;
    p.stride[at] = options.stride[i];
    p.padding[at] = options.padding[i];
    p.dilation[at] = options.dilation[i];
    p.in[at] = input[2 + i];
    p.kernel[at] = weight[2 + i];
    __int128 padded = static_cast<__int128>(p.in[at]) + 2 * p.padding[at];
    __int128 window = static_cast<__int128>(p.dilation[at]) * (p.kernel[at] - 1) + 1;
    if (padded > kLongest) {
      raise<ValueError>(op, ": expected input and padding of at most ", kLongest,
                        " elements in dimension ", 2 + i, ", got ", p.in[at], " and ",
                        p.padding[at]);
    }
    if (window > padded) {
      raise<ValueError>(op, ": the kernel does not fit the padded input in dimension ", 2 + i,
                        ": input ", p.in[at], ", padding ", p.padding[at], ", kernel ",
                        p.kernel[at], ", dilation ", p.dilation[at]);
    }
    p.out[at] = static_cast<int64_t>((padded - window) / p.stride[at]) + 1;
  }
  return p;
}

// Size of the output of a convolution over `dims` dimensions.
Shape output_size(const kernels::Conv& p, int dims) {
  Shape size{p.n, p.o};
  for (int i = kernels::kSpatial - dims; i < kernels::kSpatial; ++i) size.push_back(p.out[i]);
  return size;
}

// What the kernel reads of an image, and in *last how it lies.
Tensor laid_out(const kernels::ConvTable& table, const Tensor& t, bool* last) {
  Tensor view = table.channels_last[index(t.dtype())] ? channels_last_view(t) : Tensor();
  *last = view.defined();
  return *last ? view : contiguous(t);
}

Storage* keeper(const Tensor& weight) {
  Storage* s = weight.storage().get();
  return s->is_private() ? s : nullptr;
}

// Memory for an image of the result, and in *last how it lies.
Tensor empty_laid_out(const Shape& shape, const Tensor& like, bool* last) {
  *last = prefers_channels_last(shape, like.dtype(), like.device());
  return *last ? empty_channels_last(shape, like.dtype(), like.device())
               : empty(shape, like.dtype(), like.device());
}

}  // namespace

Meta conv_meta(const char* op, const Shape& input, const Shape& weight, const ConvOptions& options,
               DType dtype) {
  return {output_size(plan(op, input, weight, options), input.size() - 2), dtype};
}

Tensor conv(const Tensor& input, const Tensor& weight, const Tensor* bias,
            const ConvOptions& options) {
  constexpr const char* op = "conv";
  check_floating(op, "input", input);
  check_type(op, "weight", weight, input.dtype(), input.device());
  kernels::Conv p = plan(op, input.shape(), weight.shape(), options);
  if (bias) {
    check_type(op, "bias", *bias, input.dtype(), input.device());
    check_size(op, "bias", *bias, {p.o});
  }
  const kernels::ConvTable& table = kernels::conv.on(op, input.device());
  auto* kernel = require(table.forward[index(input.dtype())], op, input.dtype(), input.device());
  Tensor out = empty_laid_out(output_size(p, input.ndim() - 2), input, &p.output_last);
  if (p.n > 0) {
    Tensor x = laid_out(table, input, &p.input_last), w = contiguous(weight),
           b = bias ? contiguous(*bias) : Tensor();
    p.input = x.bytes();
    p.weight = w.bytes();
    p.keeper = keeper(w);
    p.bias = bias ? b.bytes() : nullptr;
    p.output = out.bytes();
    kernel(p);
  }
  return hide_channels_last(out);
}

Tensor conv_input_grad(const Tensor& grad_output, const Tensor& weight, const Shape& input_size,
                       const ConvOptions& options) {
  constexpr const char* op = "conv_input_grad";
  check_floating(op, "grad_output", grad_output);
  check_type(op, "weight", weight, grad_output.dtype(), grad_output.device());
  kernels::Conv p = plan(op, input_size, weight.shape(), options);
  check_size(op, "grad_output", grad_output, output_size(p, input_size.size() - 2));
  const kernels::ConvTable& table = kernels::conv.on(op, grad_output.device());
  auto* kernel = require(table.input_grad[index(grad_output.dtype())], op, grad_output.dtype(),
                         grad_output.device());
  Tensor grad_input = empty_laid_out(input_size, grad_output, &p.input_last);
  if (p.n > 0) {
    Tensor gy = laid_out(table, grad_output, &p.output_last), w = contiguous(weight);
    p.input = grad_input.bytes();
    p.weight = w.bytes();
    p.keeper = keeper(w);
    p.output = gy.bytes();
    kernel(p);
  }
  return hide_channels_last(grad_input);
}

Tensor conv_weight_grad(const Tensor& grad_output, const Tensor& input, const Shape& weight_size,
                        const ConvOptions& options) {
  constexpr const char* op = "conv_weight_grad";
  check_floating(op, "grad_output", grad_output);
  check_type(op, "input", input, grad_output.dtype(), grad_output.device());
  kernels::Conv p = plan(op, input.shape(), weight_size, options);
  check_size(op, "grad_output", grad_output, output_size(p, input.ndim() - 2));
  if (p.n == 0) return zeros(weight_size, grad_output.dtype());
  const kernels::ConvTable& table = kernels::conv.on(op, grad_output.device());
  auto* kernel = require(table.weight_grad[index(grad_output.dtype())], op, grad_output.dtype(),
                         grad_output.device());
  Tensor grad_weight = empty(weight_size, grad_output.dtype(), grad_output.device());
  Tensor gy = laid_out(table, grad_output, &p.output_last),
         x = laid_out(table, input, &p.input_last);
  p.input = x.bytes();
  p.weight = grad_weight.bytes();
  p.output = gy.bytes();
  kernel(p);
  return grad_weight;
}

}  // namespace torch::ops
