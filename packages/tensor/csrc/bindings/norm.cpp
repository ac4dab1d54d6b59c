// Private functions of torch._C behind the normalizations of torch.nn.
#include "torch/ops/norm.h"
#include "bindings/results.h"

namespace torch::python {
namespace {

PyObject* batch_norm_stats_call(Args& a) {
  std::pair<Tensor, Tensor> stats;
  {
    ReleaseGil release(a.tensor(0).numel());
    stats = ops::batch_norm_stats(a.tensor(0));
  }
  return tuple_of({std::move(stats.first), std::move(stats.second)});
}

PyObject* batch_norm_call(Args& a) {
  Tensor y;
  {
    ReleaseGil release(a.tensor(0).numel());
    y = ops::batch_norm(a.tensor(0), a.tensor(1), a.tensor(2), a.tensor_or_null(3),
                        a.tensor_or_null(4));
  }
  return wrap(std::move(y));
}

PyObject* batch_norm_grad_call(Args& a) {
  std::tuple<Tensor, Tensor, Tensor> grads;
  {
    ReleaseGil release(a.tensor(0).numel());
    grads = ops::batch_norm_grad(a.tensor(0), a.tensor(1), a.tensor(2), a.tensor(3),
                                 a.tensor_or_null(4), a.boolean(5));
  }
  auto& [gx, gweight, gbias] = grads;
  return tuple_of({std::move(gx), std::move(gweight), std::move(gbias)});
}

PyObject* layer_norm_call(Args& a) {
  std::tuple<Tensor, Tensor, Tensor> results;
  Shape shape = a.sizes(1);
  double eps = a.real(4);
  {
    ReleaseGil release(a.tensor(0).numel());
    results = ops::layer_norm(a.tensor(0), shape, a.tensor_or_null(2), a.tensor_or_null(3), eps);
  }
  auto& [y, mean, inv_std] = results;
  return tuple_of({std::move(y), std::move(mean), std::move(inv_std)});
}

PyObject* layer_norm_grad_call(Args& a) {
  std::tuple<Tensor, Tensor, Tensor> grads;
  Shape shape = a.sizes(2);
  {
    ReleaseGil release(a.tensor(0).numel());
    grads = ops::layer_norm_grad(a.tensor(0), a.tensor(1), shape, a.tensor(3), a.tensor(4),
                                 a.tensor_or_null(5));
  }
  auto& [gx, gweight, gbias] = grads;
  return tuple_of({std::move(gx), std::move(gweight), std::move(gbias)});
}

constexpr OpDef kOps[] = {
    {"batch_norm_stats", kPrivate, "(input: Tensor)", &batch_norm_stats_call,
     "(mean, variance) of each channel of input (N, C, ...), both (C); the variance divided by the "
     "number of elements."},
    {"batch_norm", kPrivate,
     "(input: Tensor, mean: Tensor, inv_std: Tensor, weight: Tensor = None, bias: Tensor = None)",
     &batch_norm_call, "(input - mean) * inv_std * weight + bias, channel by channel."},
    {"batch_norm_grad", kPrivate,
     "(grad_output: Tensor, input: Tensor, mean: Tensor, inv_std: Tensor, weight: Tensor = None, "
     "training: bool)",
     &batch_norm_grad_call,
     "Gradients of batch_norm's input, weight and bias; with training, mean and inv_std are the "
     "input's own."},
    {"layer_norm", kPrivate,
     "(input: Tensor, shape: sizes, weight: Tensor = None, bias: Tensor = None, eps: float)",
     &layer_norm_call,
     "input normalized over its last dimensions, of sizes `shape`: (output, mean, inv_std), the "
     "last two one number per row."},
    {"layer_norm_grad", kPrivate,
     "(grad_output: Tensor, input: Tensor, shape: sizes, mean: Tensor, inv_std: Tensor, weight: "
     "Tensor = None)",
     &layer_norm_grad_call, "Gradients of layer_norm's input, weight and bias."},
};

}  // namespace

void add_norm(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
