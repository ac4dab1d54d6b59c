#include <algorithm>
#include <limits>
#include <vector>

#include "kernels/tables.h"
#include "torch/ops/elementwise.h"

namespace torch::ops {

ElementwiseMeta nary_meta(NaryOp op, std::span<const Input> inputs) {
  const Row& r = row(op);
  DType t = common_dtype(r.name, inputs);
  if (r.domain == Domain::kFloatingCompare) return {floating(t), DType::kBool};
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
  return run_elementwise(r.name, kernel, in, compute, computing(m.result), m.result, out);
}

Tensor nan_to_num(const Tensor& x, Scalar nan, const Scalar* posinf, const Scalar* neginf,
                  Tensor* out) {
  if (!is_floating(x.dtype())) return unary(UnaryOp::trunc, x, out);  // a copy: no such elements
  Scalar largest(visit(x.dtype(), []<class T>() {
    if constexpr (std::is_same_v<T, Half>)
      return 65504.0;
    else if constexpr (std::is_same_v<T, BFloat16>)
      return 0x1.fep127;
    else
      return static_cast<double>(std::numeric_limits<T>::max());
  }));
  const Input inputs[] = {x, nan, posinf ? *posinf : largest,
                          neginf ? *neginf : Scalar(-largest.d)};
  return nary(NaryOp::nan_to_num, inputs, out);
}

Tensor where(const Input& condition, const Input& a, const Input& b, Tensor* out) {
  if (condition.tensor && condition.tensor->dtype() != DType::kBool &&
      condition.tensor->dtype() != DType::kUInt8) {
    raise<TypeError>("where: expected a BoolTensor or ByteTensor as condition, got ",
                     *condition.tensor);
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
  const Tensor* some = condition.tensor ? condition.tensor : a.tensor ? a.tensor : b.tensor;
  ElementwiseKernel* kernel = kernels::nary.on("where", some->device()).where[index(c)];
  const Input inputs[] = {condition, rounded(a, t), rounded(b, t)};
  const DType compute[] = {DType::kBool, c, c};
  return run_elementwise("where", require(kernel, "where", c, some->device()), inputs, compute, c,
                         t, out);
}

}  // namespace torch::ops
