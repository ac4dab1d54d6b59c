// Private functions of torch._C behind the activations of torch.nn.
#include <algorithm>
#include <array>
#include <utility>

#include "bindings/parser.h"
#include "torch/ops/elementwise.h"

namespace torch::python {
namespace {

template <int n>
Tensor run(Args& a, NaryOp op, Tensor* out) {
  return [&]<int... I>(std::integer_sequence<int, I...>) {
    const Input inputs[] = {a.input(I)...};
    int64_t work = 0;
    for (const Input& i : inputs) work = std::max(work, i.tensor ? i.tensor->numel() : 0);
    ReleaseGil release(work);
    return ops::nary(op, inputs, out);
  }(std::make_integer_sequence<int, n>{});
}

template <NaryOp op, int n>
PyObject* call(Args& a) {
  return wrap(run<n>(a, op, nullptr));
}

template <NaryOp op, int n>
PyObject* call_inplace(Args& a) {
  Tensor& input = unwrap(a.object(0));
  run<n>(a, op, &input);
  return Py_NewRef(a.object(0));
}

constexpr const char* doc(NaryOp op) { return row(op).doc; }

#define PLAIN(name, inputs, signature) \
  {#name, kPrivate, signature, &call<NaryOp::name, inputs>, doc(NaryOp::name)}
// also written to the input itself
#define FORWARD(name, inputs, signature)                                                   \
  PLAIN(name, inputs, signature), {                                                        \
    #name "_", kPrivate, signature, &call_inplace<NaryOp::name, inputs>, doc(NaryOp::name) \
  }
#define GRADIENT(name, inputs, signature) PLAIN(name##_input_grad, inputs, signature)

constexpr OpDef kOps[] = {
    FORWARD(leaky_relu, 2, "(input: Tensor, slope: number) | (input: Tensor, slope: Tensor)"),
    GRADIENT(leaky_relu, 3,
             "(grad_output: Tensor, input: Tensor, slope: number) | (grad_output: Tensor, input: "
             "Tensor, slope: Tensor)"),
    FORWARD(elu, 3, "(input: Tensor, negative: number, scale: number)"),
    GRADIENT(elu, 4, "(grad_output: Tensor, input: Tensor, negative: number, scale: number)"),
    GRADIENT(hardtanh, 4,
             "(grad_output: Tensor, input: Tensor, min_value: number, max_value: number)"),
    FORWARD(hardshrink, 2, "(input: Tensor, lambd: number)"),
    FORWARD(softshrink, 2, "(input: Tensor, lambd: number)"),
    GRADIENT(shrink, 3, "(grad_output: Tensor, input: Tensor, lambd: number)"),
    FORWARD(softplus, 3, "(input: Tensor, beta: number, threshold: number)"),
    GRADIENT(softplus, 4, "(grad_output: Tensor, input: Tensor, beta: number, threshold: number)"),
    FORWARD(log_sigmoid, 1, "(input: Tensor)"),
    GRADIENT(log_sigmoid, 2, "(grad_output: Tensor, input: Tensor)"),
    FORWARD(gelu, 1, "(input: Tensor)"),
    GRADIENT(gelu, 2, "(grad_output: Tensor, input: Tensor)"),
    FORWARD(gelu_tanh, 1, "(input: Tensor)"),
    GRADIENT(gelu_tanh, 2, "(grad_output: Tensor, input: Tensor)"),
    FORWARD(silu, 1, "(input: Tensor)"),
    GRADIENT(silu, 2, "(grad_output: Tensor, input: Tensor)"),
    FORWARD(mish, 1, "(input: Tensor)"),
    GRADIENT(mish, 2, "(grad_output: Tensor, input: Tensor)"),
    FORWARD(softsign, 1, "(input: Tensor)"),
    GRADIENT(softsign, 2, "(grad_output: Tensor, input: Tensor)"),
    FORWARD(tanhshrink, 1, "(input: Tensor)"),
    GRADIENT(tanhshrink, 2, "(grad_output: Tensor, input: Tensor)"),
    GRADIENT(sigmoid, 2, "(grad_output: Tensor, output: Tensor)"),
    GRADIENT(tanh, 2, "(grad_output: Tensor, output: Tensor)"),
};
#undef GRADIENT
#undef FORWARD
#undef PLAIN

}  // namespace

void add_activation(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
