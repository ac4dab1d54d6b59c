#include <algorithm>
#include <vector>

#include "kernels/tables.h"
#include "torch/ops/elementwise.h"

namespace torch::ops {

ElementwiseMeta nary_meta(NaryOp op, std::span<const Input> inputs) {
  const Row& r = row(op);
  DType t = common_dtype(r.name, inputs);
  if (r.domain == Domain::kFloating) t = floating(t);
  if (t == DType::kBool) t = DType::kUInt8;
  return {t, t};
}

Tensor nary(NaryOp op, std::span<const Input> inputs, Tensor* out) {
  const Row& r = row(op);
  ElementwiseMeta m = nary_meta(op, inputs);
  Device device;
  for (const Input& in : inputs) {
    if (in.tensor) device = in.tensor->device();
  }
  ElementwiseKernel* kernel =
      kernels::nary.on(r.name, device).at[static_cast<int>(op)][index(m.compute())];
  require(kernel, r.name, m.compute(), device);
  const DType compute[] = {m.compute(), m.compute(), m.compute(), m.compute()};
  if (!is_half(m.common))
    return run_elementwise(r.name, kernel, inputs, compute, m.result, m.result, out);
  std::vector<Input> in;
  for (const Input& i : inputs) in.push_back(rounded(i, m.common));
  return run_elementwise(r.name, kernel, in, compute, m.compute(), m.result, out);
}

Tensor where(const Tensor& condition, const Input& a, const Input& b, Tensor* out) {
  if (condition.dtype() != DType::kBool && condition.dtype() != DType::kUInt8) {
    raise<TypeError>("where: expected a BoolTensor or ByteTensor as condition, got ", condition);
  }
  const Input values[] = {a, b};
  DType t;
  if (a.tensor || b.tensor) {
    t = common_dtype("where", values);
  } else {
    using Tag = Scalar::Tag;
    Tag widest = std::max(a.scalar.tag, b.scalar.tag);
    t = widest == Tag::kBool ? DType::kBool : widest == Tag::kInt ? DType::kInt64 : DType::kFloat64;
  }
  DType c = computing(t);
  ElementwiseKernel* kernel = kernels::nary.on("where", condition.device()).where[index(c)];
  const Input inputs[] = {condition, rounded(a, t), rounded(b, t)};
  const DType compute[] = {DType::kBool, c, c};
  return run_elementwise("where", require(kernel, "where", c, condition.device()), inputs, compute,
                         c, t, out);
}

}  // namespace torch::ops
