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

using Kernels = kernels::SoftmaxKernels kernels::SoftmaxTable::*;

Tensor forward(const char* op, Kernels kernels, const Tensor& input, int64_t dim) {
  Meta m = softmax_meta(op, input, dim);
  Split s = split(m.shape, wrap_dim(op, dim, input.ndim()));
  auto* kernel = require((kernels::softmax.on(op, input.device()).*kernels).forward[index(m.dtype)],
                         op, m.dtype, input.device());
  Tensor out = empty(m.shape, m.dtype, input.device());
  if (out.numel() > 0) {
    Tensor x = contiguous(input);
    kernel(out.bytes(), x.bytes(), s.outer, s.n, s.inner);
  }
  return out;
}

Tensor input_grad(const char* op, Kernels kernels, const Tensor& grad_output, const Tensor& output,
                  int64_t dim) {
  check_floating(op, "output", output);
  check_type(op, "grad_output", grad_output, output.dtype(), output.device());
  check_size(op, "grad_output", grad_output, output.shape());
  Split s = split(output.shape(), wrap_dim(op, dim, output.ndim()));
  DType dtype = output.dtype();
  auto* kernel = (kernels::softmax.on(op, output.device()).*kernels).input_grad[index(dtype)];
  require(kernel, op, dtype, output.device());
  Tensor grad_input = empty(output.shape(), dtype, output.device());
  if (grad_input.numel() > 0) {
    Tensor gy = contiguous(grad_output), y = contiguous(output);
    kernel(grad_input.bytes(), gy.bytes(), y.bytes(), s.outer, s.n, s.inner);
  }
  return grad_input;
}

}  // namespace

Meta softmax_meta(const char* op, const Tensor& input, int64_t dim) {
  check_floating(op, "input", input);
  wrap_dim(op, dim, input.ndim());
  return {input.shape(), input.dtype()};
}

Tensor log_softmax(const Tensor& input, int64_t dim) {
  return forward("log_softmax", &kernels::SoftmaxTable::log_softmax, input, dim);
}
Tensor log_softmax_input_grad(const Tensor& grad_output, const Tensor& output, int64_t dim) {
  return input_grad("log_softmax_input_grad", &kernels::SoftmaxTable::log_softmax, grad_output,
                    output, dim);
}
Tensor softmax(const Tensor& input, int64_t dim) {
  return forward("softmax", &kernels::SoftmaxTable::softmax, input, dim);
}
Tensor softmax_input_grad(const Tensor& grad_output, const Tensor& output, int64_t dim) {
  return input_grad("softmax_input_grad", &kernels::SoftmaxTable::softmax, grad_output, output,
                    dim);
}

}  // namespace torch::ops
