#include "torch/ops/softmax.h"

#include "kernels/nn_tables.h"
#include "ops/check.h"
#include "torch/ops/copy.h"

namespace torch::ops {
namespace {

struct Split {
  int64_t outer = 1, n, inner = 1;
};

// The sizes before, of and after `dim`.
Split split(const Shape& shape, int dim) {
  Split s{.n = shape[dim]};
  for (int d = 0; d < dim; ++d) s.outer *= shape[d];
  for (int d = dim + 1; d < shape.size(); ++d) s.inner *= shape[d];
  return s;
}

}  // namespace

Meta log_softmax_meta(const Tensor& input, int64_t dim) {
  check_floating("log_softmax", "input", input);
  wrap_dim("log_softmax", dim, input.ndim());
  return {input.shape(), input.dtype()};
}

Tensor log_softmax(const Tensor& input, int64_t dim) {
  constexpr const char* op = "log_softmax";
  Meta m = log_softmax_meta(input, dim);
  Split s = split(m.shape, wrap_dim(op, dim, input.ndim()));
  auto* kernel = require(kernels::softmax.on(op, input.device()).log_softmax[index(m.dtype)], op,
                         m.dtype, input.device());
  Tensor out = empty(m.shape, m.dtype, input.device());
  if (out.numel() > 0) {
    Tensor x = contiguous(input);
    kernel(out.bytes(), x.bytes(), s.outer, s.n, s.inner);
  }
  return out;
}

Tensor log_softmax_input_grad(const Tensor& grad_output, const Tensor& output, int64_t dim) {
  constexpr const char* op = "log_softmax_input_grad";
  check_floating(op, "output", output);
  check_type(op, "grad_output", grad_output, output.dtype(), output.device());
  check_size(op, "grad_output", grad_output, output.shape());
  Split s = split(output.shape(), wrap_dim(op, dim, output.ndim()));
  DType dtype = output.dtype();
  auto* kernel = kernels::softmax.on(op, output.device()).log_softmax_input_grad[index(dtype)];
  require(kernel, op, dtype, output.device());
  Tensor grad_input = empty(output.shape(), dtype, output.device());
  if (grad_input.numel() > 0) {
    Tensor gy = contiguous(grad_output), y = contiguous(output);
    kernel(grad_input.bytes(), gy.bytes(), y.bytes(), s.outer, s.n, s.inner);
  }
  return grad_input;
}

}  // namespace torch::ops
