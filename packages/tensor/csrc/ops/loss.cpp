#include "torch/ops/loss.h"

#include "kernels/nn_tables.h"
#include "ops/check.h"
#include "torch/ops/copy.h"

namespace torch::ops {
namespace {

void check(const char* op, const Shape& input, DType dtype, Device device, const Tensor& target,
           const Tensor* weight) {
  if (input.size() != 2)
    raise<ValueError>(op, ": expected input of size (batch, classes), got ", input);
  check_type(op, "target", target, DType::kInt64, device);
  check_size(op, "target", target, {input[0]});
  if (weight) {
    check_type(op, "weight", *weight, dtype, device);
    check_size(op, "weight", *weight, {input[1]});
  }
}

[[noreturn]] void raise_target(const char* op, const Tensor& target, int64_t position,
                               int64_t classes) {
  raise<IndexError>(op, ": target ", target.data<int64_t>()[position], " at position ", position,
                    " is out of range for ", classes, " classes");
}

}  // namespace

Meta nll_loss_meta(const Tensor& input, const Tensor& target, const Tensor* weight) {
  check_floating("nll_loss", "input", input);
  check("nll_loss", input.shape(), input.dtype(), input.device(), target, weight);
  return {{1}, input.dtype()};
}

std::pair<Tensor, Tensor> nll_loss(const Tensor& input, const Tensor& target, const Tensor* weight,
                                   bool size_average) {
  constexpr const char* op = "nll_loss";
  Meta m = nll_loss_meta(input, target, weight);
  auto* kernel = require(kernels::loss.on(op, input.device()).nll_loss[index(m.dtype)], op, m.dtype,
                         input.device());
  Tensor loss = empty(m.shape, m.dtype, input.device()),
         total_weight = empty(m.shape, m.dtype, input.device());
  Tensor x = contiguous(input), t = contiguous(target), w = weight ? contiguous(*weight) : Tensor();
  int64_t bad = kernel({.n = x.size(0),
                        .classes = x.size(1),
                        .target = t.data<int64_t>(),
                        .weight = weight ? w.bytes() : nullptr,
                        .size_average = size_average},
                       x.bytes(), loss.bytes(), total_weight.bytes());
  if (bad >= 0) raise_target(op, t, bad, x.size(1));
  return {loss, total_weight};
}

Tensor nll_loss_input_grad(const Tensor& grad_output, const Tensor& target, const Tensor* weight,
                           bool size_average, const Tensor& total_weight, const Shape& input_size) {
  constexpr const char* op = "nll_loss_input_grad";
  check_floating(op, "grad_output", grad_output);
  check_size(op, "grad_output", grad_output, {1});
  check_type(op, "total_weight", total_weight, grad_output.dtype(), grad_output.device());
  check_size(op, "total_weight", total_weight, {1});
  check(op, input_size, grad_output.dtype(), grad_output.device(), target, weight);
  DType dtype = grad_output.dtype();
  auto* kernel = kernels::loss.on(op, grad_output.device()).nll_loss_input_grad[index(dtype)];
  require(kernel, op, dtype, grad_output.device());
  checked_numel(op, input_size);
  Tensor grad_input = empty(input_size, dtype, grad_output.device());
  Tensor t = contiguous(target), w = weight ? contiguous(*weight) : Tensor();
  int64_t bad = kernel({.n = input_size[0],
                        .classes = input_size[1],
                        .target = t.data<int64_t>(),
                        .weight = weight ? w.bytes() : nullptr,
                        .size_average = size_average},
                       grad_output.bytes(), total_weight.bytes(), grad_input.bytes());
  if (bad >= 0) raise_target(op, t, bad, input_size[1]);
  return grad_input;
}

}  // namespace torch::ops
