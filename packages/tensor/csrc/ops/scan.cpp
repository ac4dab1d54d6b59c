#include "torch/ops/scan.h"

#include <algorithm>

#include "kernels/scan_table.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

kernels::ScanPlan make_plan(const Tensor& x, Tensor& out, int d) {
  kernels::ScanPlan plan;
  plan.in = x.bytes();
  plan.out = out.bytes();
  plan.indices = nullptr;
  plan.n = x.size(d);
  plan.in_step = x.stride(d) * x.item_bytes();
  plan.out_step = out.stride(d) * out.item_bytes();
  for (int k = 0; k < x.ndim(); ++k) {
    if (k == d || x.size(k) == 1) continue;
    int64_t size = x.size(k), in = x.stride(k) * x.item_bytes(),
            to = out.stride(k) * out.item_bytes();
    int last = plan.kept.size() - 1;
    if (last >= 0 && plan.kept_in[last] == in * size && plan.kept_out[last] == to * size) {
      plan.kept[last] *= size;  // neighbours that step evenly are one
      plan.kept_in[last] = in;
      plan.kept_out[last] = to;
    } else {
      plan.kept.push_back(size);
      plan.kept_in.push_back(in);
      plan.kept_out.push_back(to);
    }
  }
  return plan;
}

}  // namespace

Tensor scan(ScanOp op, const char* name, const Tensor& x, std::optional<int64_t> dim,
            std::optional<DType> dtype, Tensor* out) {
  Tensor in = dim ? x : reshape(x, {-1});
  int d = wrap_dim(name, dim.value_or(0), in.ndim());
  DType natural = dtype                      ? *dtype
                  : op == ScanOp::kLogSumExp ? floating(x.dtype())
                  : is_floating(x.dtype())   ? x.dtype()
                                             : DType::kInt64;
  DType compute = is_floating(natural) ? computing(natural) : DType::kInt64;
  in = to(dtype ? to(in, *dtype) : in, compute);
  Tensor result = empty(in.shape(), compute, x.device());
  auto* kernel =
      require(kernels::scan.on(name, x.device()).at[static_cast<int>(op)][index(compute)], name,
              compute, x.device());
  if (in.numel() > 0) kernel(make_plan(in, result, d));
  result = to(result, natural);
  if (!out) return result;
  check_out(name, *out, result.shape(), natural);
  copy_(*out, result);
  return *out;
}

std::pair<Tensor, Tensor> scan_extreme(bool max, const char* name, const Tensor& x, int64_t dim) {
  int d = wrap_dim(name, dim, x.ndim());
  Tensor in = to(x, computing(x.dtype()));
  Tensor values = empty(in.shape(), in.dtype(), x.device()),
         indices = empty(in.shape(), DType::kInt64, x.device());
  const auto& table = kernels::scan.on(name, x.device());
  auto* kernel =
      require((max ? table.max : table.min)[index(in.dtype())], name, in.dtype(), x.device());
  if (in.numel() > 0) {
    kernels::ScanPlan plan = make_plan(in, values, d);
    plan.indices = indices.bytes();
    kernel(plan);
  }
  return {to(values, x.dtype()), indices};
}

Tensor diff(const Tensor& x, int64_t n, int64_t dim) {
  if (n < 0) raise<ValueError>("diff: expected n of 0 or more, got ", n);
  int d = wrap_dim("diff", dim, x.ndim());
  // a difference of truth values says whether they differ, as in NumPy
  BinaryOp op = x.dtype() == DType::kBool ? BinaryOp::ne : BinaryOp::sub;
  if (n == 0) return clone(x);
  Tensor t = x;
  for (; n > 0 && t.size(d) > 0; --n) {
    int64_t left = t.size(d) - 1;
    t = binary(op, slice(t, d, 1, 1, left), slice(t, d, 0, 1, left));
  }
  return n > 0 ? clone(t) : t;
}

}  // namespace torch::ops
