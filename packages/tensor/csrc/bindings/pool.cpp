// Private functions of torch._C behind the poolings of torch.nn.
#include "torch/ops/pool.h"
#include "bindings/results.h"

namespace torch::python {
namespace {

// kernel_size, stride, padding and dilation from position `i` on, or without the dilation
ops::PoolOptions options(const Args& a, int i, bool dilated) {
  ops::PoolOptions o{a.sizes(i), a.sizes(i + 1), a.sizes(i + 2), {}, a.boolean(i + 3 + dilated)};
  if (dilated) {
    o.dilation = a.sizes(i + 3);
  } else {
    for (int d = 0; d < o.kernel_size.size(); ++d) o.dilation.push_back(1);
  }
  return o;
}

template <class F>
PyObject* pair(int64_t work, F f) {
  std::pair<Tensor, Tensor> result;
  {
    ReleaseGil release(work);
    result = f();
  }
  return tuple_of({std::move(result.first), std::move(result.second)});
}

template <class F>
PyObject* one(int64_t work, F f) {
  Tensor result;
  {
    ReleaseGil release(work);
    result = f();
  }
  return wrap(std::move(result));
}

PyObject* max_pool_call(Args& a) {
  ops::PoolOptions o = options(a, 1, true);
  return pair(a.tensor(0).numel(), [&] { return ops::max_pool(a.tensor(0), o); });
}

PyObject* adaptive_max_pool_call(Args& a) {
  Shape size = a.sizes(1);
  return pair(a.tensor(0).numel(), [&] { return ops::adaptive_max_pool(a.tensor(0), size); });
}

PyObject* fractional_max_pool_call(Args& a) {
  Shape kernel = a.sizes(1), size = a.sizes(2);
  return pair(a.tensor(0).numel(),
              [&] { return ops::fractional_max_pool(a.tensor(0), kernel, size, a.tensor(3)); });
}

template <Tensor (*op)(const Tensor&, const Tensor&, const Shape&)>
PyObject* spread_call(Args& a) {
  Shape size = a.sizes(2);
  return one(a.tensor(0).numel(), [&] { return op(a.tensor(0), a.tensor(1), size); });
}

PyObject* max_pool_gather_call(Args& a) {
  return one(a.tensor(1).numel(), [&] { return ops::max_pool_gather(a.tensor(0), a.tensor(1)); });
}

PyObject* avg_pool_call(Args& a) {
  ops::PoolOptions o = options(a, 1, false);
  bool count = a.boolean(5);
  return one(a.tensor(0).numel(), [&] { return ops::avg_pool(a.tensor(0), o, count); });
}

PyObject* avg_pool_input_grad_call(Args& a) {
  Shape size = a.sizes(1);
  ops::PoolOptions o = options(a, 2, false);
  bool count = a.boolean(6);
  return one(a.tensor(0).numel(),
             [&] { return ops::avg_pool_input_grad(a.tensor(0), size, o, count); });
}

template <Tensor (*op)(const Tensor&, const Shape&)>
PyObject* adaptive_avg_call(Args& a) {
  Shape size = a.sizes(1);
  return one(a.tensor(0).numel(), [&] { return op(a.tensor(0), size); });
}

constexpr OpDef kOps[] = {
    {"max_pool", kPrivate,
     "(input: Tensor, kernel_size: sizes, stride: sizes, padding: sizes, dilation: sizes, "
     "ceil_mode: bool)",
     &max_pool_call,
     "Largest element of each window of input (N, C, *S) and its position in the flattened *S: "
     "(output, indices)."},
    {"adaptive_max_pool", kPrivate, "(input: Tensor, output_size: sizes)", &adaptive_max_pool_call,
     "max_pool with windows that divide each dimension into output_size parts: (output, indices)."},
    {"fractional_max_pool", kPrivate,
     "(input: Tensor, kernel_size: sizes, output_size: sizes, samples: Tensor)",
     &fractional_max_pool_call,
     "max_pool with windows at places chosen by samples (N, C, dimensions) from [0, 1): (output, "
     "indices)."},
    {"max_pool_input_grad", kPrivate,
     "(grad_output: Tensor, indices: LongTensor, input_size: sizes)",
     &spread_call<ops::max_pool_input_grad>,
     "Gradient of max_pool's input: grad_output added up at the indices."},
    {"max_unpool", kPrivate, "(input: Tensor, indices: LongTensor, output_size: sizes)",
     &spread_call<ops::max_unpool>, "Zeros with each element of input at its index."},
    {"max_pool_gather", kPrivate, "(input: Tensor, indices: LongTensor)", &max_pool_gather_call,
     "The elements of each plane of input at the indices."},
    {"avg_pool", kPrivate,
     "(input: Tensor, kernel_size: sizes, stride: sizes, padding: sizes, ceil_mode: bool, "
     "count_include_pad: bool)",
     &avg_pool_call, "Mean of each window of input (N, C, *S)."},
    {"avg_pool_input_grad", kPrivate,
     "(grad_output: Tensor, input_size: sizes, kernel_size: sizes, stride: sizes, padding: sizes, "
     "ceil_mode: bool, count_include_pad: bool)",
     &avg_pool_input_grad_call, "Gradient of avg_pool's input, of size input_size."},
    {"adaptive_avg_pool", kPrivate, "(input: Tensor, output_size: sizes)",
     &adaptive_avg_call<ops::adaptive_avg_pool>,
     "Mean of windows that divide each dimension into output_size parts."},
    {"adaptive_avg_pool_input_grad", kPrivate, "(grad_output: Tensor, input_size: sizes)",
     &adaptive_avg_call<ops::adaptive_avg_pool_input_grad>,
     "Gradient of adaptive_avg_pool's input, of size input_size."},
};

}  // namespace

void add_pool(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
