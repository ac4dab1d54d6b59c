#include "torch/ops/reduce.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <limits>

#include "kernels/tables.h"
#include "torch/ops/channels_last.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

using Mask = std::bitset<kMaxDims>;

Mask to_mask(const Shape& dims, int ndim) {
  Mask m;
  if (dims.empty()) {
    for (int d = 0; d < ndim; ++d) m[d] = true;
  }
  for (int64_t d : dims) m[d] = true;
  return m;
}

Shape kept_shape(const Tensor& x, const Mask& mask, bool keepdim) {
  Shape shape;
  for (int d = 0; d < x.ndim(); ++d) {
    if (!mask[d]) {
      shape.push_back(x.size(d));
    } else if (keepdim) {
      shape.push_back(1);
    }
  }
  return shape;
}

// Dimensions (size, stride, stride), largest stride outside, neighbours that step evenly merged.
struct Dims {
  struct Dim {
    int64_t size, in, out;
  };
  Dim d[kMaxDims];
  int n = 0;
  void add(int64_t size, int64_t in, int64_t out) {
    if (size != 1) d[n++] = {size, in, out};
  }
  void simplify() {
    std::stable_sort(d, d + n,
                     [](const Dim& a, const Dim& b) { return std::abs(a.in) > std::abs(b.in); });
    int last = 0;
    for (int i = 1; i < n; ++i) {
      if (d[last].in == d[i].in * d[i].size && d[last].out == d[i].out * d[i].size) {
        d[last] = {d[last].size * d[i].size, d[i].in, d[i].out};
      } else {
        d[++last] = d[i];
      }
    }
    if (n > 0) n = last + 1;
  }
};

// `out` has the reduced dimensions with size 1.
kernels::ReducePlan make_plan(const Tensor& x, const Mask& mask, Tensor& out) {
  kernels::ReducePlan plan;
  plan.in = x.bytes();
  plan.out = out.bytes();
  Dims kept, reduced;
  plan.count = 1;
  for (int d = 0; d < x.ndim(); ++d) {
    if (mask[d]) {
      plan.count *= x.size(d);
      reduced.add(x.size(d), x.stride(d) * x.item_bytes(), 0);
    } else {
      kept.add(x.size(d), x.stride(d) * x.item_bytes(), out.stride(d) * out.item_bytes());
    }
  }
  kept.simplify();
  reduced.simplify();
  for (int i = 0; i < kept.n; ++i) {
    plan.kept.push_back(kept.d[i].size);
    plan.kept_in.push_back(kept.d[i].in);
    plan.kept_out.push_back(kept.d[i].out);
  }
  for (int i = 0; i < reduced.n; ++i) {
    plan.reduced.push_back(reduced.d[i].size);
    plan.reduced_in.push_back(reduced.d[i].in);
  }
  return plan;
}

Tensor drop_dims(const Tensor& t, const Mask& mask) {
  Shape shape, strides;
  for (int d = 0; d < t.ndim(); ++d) {
    if (mask[d]) continue;
    shape.push_back(t.size(d));
    strides.push_back(t.stride(d));
  }
  return Tensor(t.storage(), std::move(shape), std::move(strides), t.offset());
}

}  // namespace

Shape reduce_dims(const char* op, const Shape& dims, int ndim) {
  Shape out;
  Mask seen;
  for (int64_t dim : dims) {
    int d = wrap_dim(op, dim, ndim);
    if (seen[d]) raise<ValueError>(op, ": dimension ", d, " is repeated in ", dims);
    seen[d] = true;
    out.push_back(d);
  }
  return out;
}

DType reduce_dtype(ReduceOp op, DType input) {
  switch (row(op).result) {
    case ReduceResult::kWide:
      return is_floating(input) ? input : DType::kInt64;
    case ReduceResult::kFloating:
    case ReduceResult::kMean:
      return floating(input);
    case ReduceResult::kBoolean:
      return DType::kBool;
    case ReduceResult::kCount:
      return DType::kInt64;
    case ReduceResult::kSame:
      break;
  }
  return input;
}

Tensor reduce(ReduceOp op, const char* name, const Tensor& x, const Shape& dims, bool keepdim,
              double p, Tensor* out, std::optional<DType> dtype) {
  if (dtype && row(op).result == ReduceResult::kMean && !is_floating(*dtype))
    raise<TypeError>(name, ": expected a floating dtype, got ", *dtype);
  Mask mask = to_mask(dims, x.ndim());
  DType from = dtype ? *dtype : x.dtype(), natural = reduce_dtype(op, from);
  const auto& kernels = kernels::reduce.on(name, x.device()).at[static_cast<int>(op)];
  DType compute = computing(from);
  if (!kernels[index(compute)]) compute = floating(compute);
  // whether these dimensions have no elements, for a result that has some
  Tensor result = empty(kept_shape(x, mask, true), computing(natural), x.device());
  bool extreme = op == ReduceOp::norm && std::isinf(p);
  if (x.numel() == 0 && result.numel() > 0 && (!row(op).identity || extreme)) {
    raise<ValueError>(name, ": expected at least one element to reduce, got ", x);
  }
  Tensor lying = as_it_lies(x), in = to(dtype ? to(lying, *dtype) : lying, compute);
  kernels::ReducePlan plan = make_plan(in, mask, result);
  plan.p = p;
  auto* kernel = require(kernels[index(compute)], name, compute, x.device());
  if (result.numel() > 0) kernel(plan);
  result = to(to(result, natural), dtype ? *dtype : natural);
  return deliver(name, keepdim ? result : drop_dims(result, mask), out);
}

Moments moments(const char* name, const Tensor& x, const Shape& dims, bool keepdim,
                double correction, bool root, bool with_mean) {
  Mask mask = to_mask(dims, x.ndim());
  DType natural = floating(x.dtype()), compute = computing(natural);
  Tensor in = to(as_it_lies(x), compute);
  Shape shape = kept_shape(x, mask, true);
  Tensor spread = empty(shape, compute, x.device()), mean;
  kernels::ReducePlan plan = make_plan(in, mask, spread);
  plan.p = correction;
  plan.root = root;
  if (with_mean) {
    mean = empty(shape, compute, x.device());
    plan.mean = mean.bytes();
  }
  auto* kernel = require(kernels::reduce.on(name, x.device()).moments[index(compute)], name,
                         compute, x.device());
  if (spread.numel() > 0) kernel(plan);
  auto finish = [&](const Tensor& t) {
    Tensor rounded = to(t, natural);
    return keepdim ? rounded : drop_dims(rounded, mask);
  };
  return {finish(spread), with_mean ? finish(mean) : Tensor()};
}

Tensor var(const char* name, const Tensor& x, const Shape& dims, bool keepdim, double correction,
           bool root, Tensor* out) {
  return deliver(name, moments(name, x, dims, keepdim, correction, root, false).spread, out);
}

namespace {

Tensor arg_reduce(bool max, const char* name, const Tensor& x, int d, bool keepdim,
                  Tensor* values) {
  if (x.size(d) == 0)
    raise<ValueError>(name, ": expected at least one element in dimension ", d, ", got ", x);
  Mask mask;
  mask[d] = true;
  Shape shape = kept_shape(x, mask, keepdim);
  Tensor indices = empty(shape, DType::kInt64, x.device());
  if (values) *values = empty(shape, x.dtype(), x.device());
  kernels::ArgReducePlan plan{
      values ? values->bytes() : nullptr, indices.data<int64_t>(), x.bytes(), {}, {}, x.size(d),
      x.stride(d) * x.item_bytes()};
  for (int k = 0; k < x.ndim(); ++k) {
    if (k == d || x.size(k) == 1) continue;
    int64_t size = x.size(k), step = x.stride(k) * x.item_bytes();
    int last = plan.kept.size() - 1;
    if (last >= 0 && plan.kept_in[last] == step * size) {  // neighbours that step evenly are one
      plan.kept[last] *= size;
      plan.kept_in[last] = step;
    } else {
      plan.kept.push_back(size);
      plan.kept_in.push_back(step);
    }
  }
  const auto& table = kernels::reduce.on(name, x.device());
  auto* kernel =
      require((max ? table.arg_max : table.arg_min)[index(x.dtype())], name, x.dtype(), x.device());
  if (indices.numel() > 0) kernel(plan);
  return indices;
}

}  // namespace

std::pair<Tensor, Tensor> max_min(bool max, const char* name, const Tensor& x, int64_t dim,
                                  bool keepdim) {
  int d = wrap_dim(name, dim, x.ndim());
  Tensor values, indices = arg_reduce(max, name, to(x, computing(x.dtype())), d, keepdim, &values);
  return {to(values, x.dtype()), indices};
}

Tensor arg_max_min(bool max, const char* name, const Tensor& x, std::optional<int64_t> dim,
                   bool keepdim) {
  Tensor in = to(x, computing(x.dtype()));
  if (dim) return arg_reduce(max, name, in, wrap_dim(name, *dim, x.ndim()), keepdim, nullptr);
  Tensor flat = contiguous(in);
  flat = Tensor(flat.storage(), {flat.numel()}, {1}, flat.offset());
  Tensor result = arg_reduce(max, name, flat, 0, false, nullptr);
  if (!keepdim) return result;
  Shape ones;
  for (int d = 0; d < x.ndim(); ++d) ones.push_back(1);
  return Tensor(result.storage(), ones, ones, 0);
}

Tensor logsumexp(const Tensor& x, const Shape& dims, bool keepdim, Tensor* out) {
  const char* name = "logsumexp";
  Mask mask = to_mask(dims, x.ndim());
  DType natural = floating(x.dtype());
  Tensor in = to(x, computing(natural)), result;
  if (x.numel() == 0) {  // the logarithm of nothing
    result = full(kept_shape(x, mask, true), Scalar(-std::numeric_limits<double>::infinity()),
                  computing(natural));
  } else {
    // Nothing overflows below the largest element; an infinite one would make inf - inf.
    Tensor largest = reduce(ReduceOp::amax, name, in, dims, true);
    largest = where(unary(UnaryOp::isfinite, largest), largest, Scalar(0));
    Tensor terms = binary(BinaryOp::sub, in, largest);
    unary(UnaryOp::exp, terms, &terms);
    result = unary(UnaryOp::log, reduce(ReduceOp::sum, name, terms, dims, true));
    binary(BinaryOp::add, result, largest, &result);
  }
  result = to(result, natural);
  return deliver(name, keepdim ? result : drop_dims(result, mask), out);
}

Tensor nanmean(const Tensor& x, const Shape& dims, bool keepdim, Tensor* out) {
  const char* name = "nanmean";
  if (!is_floating(x.dtype())) return reduce(ReduceOp::mean, name, x, dims, keepdim, 2, out);
  Mask mask = to_mask(dims, x.ndim());
  Tensor in = to(x, computing(x.dtype()));
  Tensor result = reduce(ReduceOp::nansum, name, in, dims, true);
  Tensor count = reduce(ReduceOp::sum, name, binary(BinaryOp::eq, in, in), dims, true);
  binary(BinaryOp::div, result, to(count, result.dtype()), &result);
  result = to(result, x.dtype());
  return deliver(name, keepdim ? result : drop_dims(result, mask), out);
}

Tensor ptp(const Tensor& x, const Shape& dims, bool keepdim, Tensor* out) {
  if (x.dtype() == DType::kBool)
    raise<TypeError>("ptp: not defined for BoolTensor, which has no differences");
  Tensor result = binary(BinaryOp::sub, reduce(ReduceOp::amax, "ptp", x, dims, keepdim),
                         reduce(ReduceOp::amin, "ptp", x, dims, keepdim));
  return deliver("ptp", result, out);
}

Scalar dist(const Tensor& x, const Tensor& y, double p) {
  Tensor a = to(x, computing(floating(x.dtype()))), b = to(y, computing(floating(y.dtype())));
  return item(reduce(ReduceOp::norm, "dist", binary(BinaryOp::sub, a, b), {}, true, p));
}

Tensor renorm(const char* name, const Tensor& x, double p, int64_t dim, double maxnorm,
              Tensor* out) {
  if (!is_floating(x.dtype())) raise<TypeError>(name, ": expected a floating tensor, got ", x);
  int d = wrap_dim(name, dim, x.ndim());
  if (!(p > 0)) raise<ValueError>(name, ": expected p above 0, got ", p);
  if (!(maxnorm >= 0)) raise<ValueError>(name, ": expected a maxnorm of 0 or more, got ", maxnorm);
  Tensor in = to(x, computing(x.dtype()));
  Shape others;
  for (int k = 0; k < x.ndim(); ++k) {
    if (k != d) others.push_back(k);
  }
  Tensor norms;
  if (others.empty()) {
    norms = unary(UnaryOp::abs, in);
  } else if (x.numel() == 0) {
    norms = full({1}, Scalar(0), in.dtype());
  } else {
    norms = reduce(ReduceOp::norm, name, in, others, true, p);
  }
  // 1e-7 keeps the result below maxnorm in float32 and was part of the alpha's formula
  Tensor factor =
      binary(BinaryOp::div, Scalar(maxnorm), binary(BinaryOp::add, norms, Scalar(1e-7)));
  factor = where(binary(BinaryOp::gt, norms, Scalar(maxnorm)), factor, Scalar(1.0));
  return deliver(name, to(binary(BinaryOp::mul, in, factor), x.dtype()), out);
}

Scalar item(const Tensor& t) {
  return visit(t.dtype(), [&]<class T>() {
    T v = *t.data<T>();
    if constexpr (std::is_same_v<T, bool>)
      return Scalar(v);
    else if constexpr (is_floating_type<T>)
      return Scalar(static_cast<double>(v));
    else
      return Scalar(static_cast<int64_t>(v));
  });
}

Scalar reduce_all(ReduceOp op, const Tensor& x) {
  return item(reduce(op, row(op).name, x, {}, true));
}

}  // namespace torch::ops
