// Private functions of torch._C that torch.nn is built on.
#include "bindings/parser.h"
#include "torch/ops/channels_last.h"
#include "torch/ops/conv.h"
#include "torch/ops/copy.h"
#include "torch/ops/loss.h"
#include "torch/ops/softmax.h"

namespace torch::python {
namespace {

PyObject* pair(Tensor first, Tensor second) {
  Object a(wrap(std::move(first))), b(wrap(std::move(second)));
  return PyTuple_Pack(2, a.get(), b.get());
}

// stride, padding, dilation and groups from position `i` on
ops::ConvOptions conv_options(const Args& a, int i) {
  return {a.sizes(i), a.sizes(i + 1), a.sizes(i + 2), a.integer(i + 3)};
}

// Multiplications, about: each element of one tensor meets each row of the other.
int64_t work(const Tensor& a, const Tensor& b) { return b.ndim() ? a.numel() * b.size(0) : 0; }

PyObject* conv_call(Args& a) {
  ops::ConvOptions options = conv_options(a, 3);
  Tensor out;
  {
    ReleaseGil release(work(a.tensor(0), a.tensor(1)));
    out = ops::conv(a.tensor(0), a.tensor(1), a.tensor_or_null(2), options);
  }
  return wrap(std::move(out));
}

template <Tensor (*op)(const Tensor&, const Tensor&, const Shape&, const ops::ConvOptions&)>
PyObject* conv_grad_call(Args& a) {
  ops::ConvOptions options = conv_options(a, 3);
  Shape size = a.sizes(2);
  Tensor grad;
  {
    ReleaseGil release(work(a.tensor(0), a.tensor(1)));
    grad = op(a.tensor(0), a.tensor(1), size, options);
  }
  return wrap(std::move(grad));
}

PyObject* channels_last_call(Args& a) {
  const Tensor& t = a.tensor(0);
  if (t.ndim() < 3)
    raise<ValueError>("channels_last: expected input of size (batch, channels, ...), got ", t);
  Tensor copied = ops::empty_channels_last(t.shape(), t.dtype(), t.device());
  ops::copy_(copied, t);
  return wrap(ops::hide_channels_last(copied));
}

PyObject* lies_channels_last_call(Args& a) {
  return PyBool_FromLong(ops::channels_last_view(a.tensor(0)).defined());
}

template <Tensor (*op)(const Tensor&, int64_t)>
PyObject* softmax_call(Args& a) {
  Tensor out;
  {
    ReleaseGil release(a.tensor(0).numel());
    out = op(a.tensor(0), a.integer(1));
  }
  return wrap(std::move(out));
}

template <Tensor (*op)(const Tensor&, const Tensor&, int64_t)>
PyObject* softmax_input_grad_call(Args& a) {
  Tensor grad;
  {
    ReleaseGil release(a.tensor(0).numel());
    grad = op(a.tensor(0), a.tensor(1), a.integer(2));
  }
  return wrap(std::move(grad));
}

PyObject* nll_loss_call(Args& a) {
  auto [loss, total_weight] =
      ops::nll_loss(a.tensor(0), a.tensor(1), a.tensor_or_null(2), a.boolean(3));
  return pair(std::move(loss), std::move(total_weight));
}

PyObject* nll_loss_input_grad_call(Args& a) {
  return wrap(ops::nll_loss_input_grad(a.tensor(0), a.tensor(1), a.tensor_or_null(2), a.boolean(3),
                                       a.tensor(4), a.sizes(5)));
}

constexpr OpDef kOps[] = {
    {"conv", kPrivate,
     "(input: Tensor, weight: Tensor, bias: Tensor = None, stride: sizes, padding: sizes, "
     "dilation: sizes, groups: int)",
     &conv_call,
     "Convolution of input (N, C, *S), 1 to 3 spatial sizes, with weight (O, C / groups, *K)."},
    {"conv_input_grad", kPrivate,
     "(grad_output: Tensor, weight: Tensor, input_size: sizes, stride: sizes, padding: sizes, "
     "dilation: sizes, groups: int)",
     &conv_grad_call<ops::conv_input_grad>, "Gradient of conv's input, of size input_size."},
    {"conv_weight_grad", kPrivate,
     "(grad_output: Tensor, input: Tensor, weight_size: sizes, stride: sizes, padding: sizes, "
     "dilation: sizes, groups: int)",
     &conv_grad_call<ops::conv_weight_grad>, "Gradient of conv's weight, of size weight_size."},
    {"channels_last", kPrivate, "(input: Tensor)", &channels_last_call,
     "The same (N, C, ...) with memory that lies channels last, as results of conv have it."},
    {"lies_channels_last", kPrivate, "(input: Tensor)", &lies_channels_last_call,
     "Whether the memory still lies channels last: reading the elements by address ends it."},
    {"log_softmax", kPrivate, "(input: Tensor, dim: int)", &softmax_call<ops::log_softmax>,
     "input - log(sum(exp(input))) along dim."},
    {"log_softmax_input_grad", kPrivate, "(grad_output: Tensor, output: Tensor, dim: int)",
     &softmax_input_grad_call<ops::log_softmax_input_grad>,
     "Gradient of log_softmax's input, from its output."},
    {"softmax", kPrivate, "(input: Tensor, dim: int)", &softmax_call<ops::softmax>,
     "exp(input) / sum(exp(input)) along dim."},
    {"softmax_input_grad", kPrivate, "(grad_output: Tensor, output: Tensor, dim: int)",
     &softmax_input_grad_call<ops::softmax_input_grad>,
     "Gradient of softmax's input, from its output."},
    {"nll_loss", kPrivate,
     "(input: Tensor, target: LongTensor, weight: Tensor = None, size_average: bool)",
     &nll_loss_call,
     "Negative log likelihood of the targets: (loss, total_weight), both of size (1,)."},
    {"nll_loss_input_grad", kPrivate,
     "(grad_output: Tensor, target: LongTensor, weight: Tensor = None, size_average: bool, "
     "total_weight: Tensor, input_size: sizes)",
     &nll_loss_input_grad_call, "Gradient of nll_loss's input, of size input_size."},
};

}  // namespace

void add_nn(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
