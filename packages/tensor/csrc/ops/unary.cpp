#include "kernels/tables.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"

namespace torch::ops {

ElementwiseMeta unary_meta(UnaryOp op, DType input) {
  const Row& r = row(op);
  switch (r.domain) {
    case Domain::kFloating:
      return {floating(input), floating(input)};
    case Domain::kPredicate:
      return {input, DType::kBool};
    case Domain::kArithmetic:
      if (input == DType::kBool)
        raise<TypeError>(r.name, ": not defined for BoolTensor (use ~ for logical not)");
      return {input, input};
    case Domain::kBits:
      if (is_floating(input))
        raise<TypeError>(r.name, ": expected an integer or bool tensor, got ", input);
      return {input, input};
    default:
      return {input, input};
  }
}

Tensor unary(UnaryOp op, const Tensor& x, Tensor* out) {
  const Row& r = row(op);
  ElementwiseMeta m = unary_meta(op, x.dtype());
  ElementwiseKernel* kernel =
      kernels::unary.on(r.name, x.device()).at[static_cast<int>(op)][index(m.compute())];
  if (!kernel && r.domain == Domain::kRounding) {  // integers are round already
    kernel = kernels::copy.on(r.name, x.device()).at[index(m.compute())][index(m.compute())];
  }
  const Input inputs[] = {x};
  DType compute = m.compute();
  return run_elementwise(r.name, require(kernel, r.name, compute, x.device()), inputs, &compute,
                         computing(m.result), m.result, out);
}

}  // namespace torch::ops
