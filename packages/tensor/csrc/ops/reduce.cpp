#include "torch/ops/reduce.h"

#include <algorithm>
#include <bitset>

#include "kernels/tables.h"
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
void run(ReduceOp op, const char* name, const Tensor& x, const Mask& mask, Tensor& out, double p) {
  kernels::ReducePlan plan;
  plan.p = p;
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
  kernels::ReduceKernel* kernel =
      kernels::reduce.on(name, x.device()).at[static_cast<int>(op)][index(x.dtype())];
  require(kernel, name, x.dtype(), x.device());
  if (out.numel() > 0) kernel(plan);
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

// Writes `result` to `out` where one was given.
Tensor deliver(const char* name, const Tensor& result, Tensor* out) {
  if (!out) return result;
  check_out(name, *out, result.shape(), result.dtype());
  copy_(*out, result);
  return *out;
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
      return floating(input);
    case ReduceResult::kBoolean:
      return DType::kBool;
    default:
      return input;
  }
}

Tensor reduce(ReduceOp op, const char* name, const Tensor& x, const Shape& dims, bool keepdim,
              double p, Tensor* out) {
  Mask mask = to_mask(dims, x.ndim());
  DType natural = reduce_dtype(op, x.dtype());
  Tensor in =
      to(x, computing(row(op).result == ReduceResult::kFloating ? floating(x.dtype()) : x.dtype()));
  Tensor result = empty(kept_shape(x, mask, true), computing(natural), x.device());
  if (x.numel() == 0 && result.numel() > 0 && !row(op).identity) {
    raise<ValueError>(name, ": expected at least one element to reduce, got ", x);
  }
  run(op, name, in, mask, result, p);
  result = to(result, natural);
  return deliver(name, keepdim ? result : drop_dims(result, mask), out);
}

Tensor var(const char* name, const Tensor& x, const Shape& dims, bool keepdim, bool unbiased,
           bool root, Tensor* out) {
  Mask mask = to_mask(dims, x.ndim());
  Tensor in = to(x, computing(floating(x.dtype())));
  Tensor result =
      reduce(ReduceOp::mean, name, in, dims, true);  // the centres; replaced by the sums of squares
  run(ReduceOp::square_deviation, name, in, mask, result, 2);
  int64_t count = result.numel() == 0 ? 0 : x.numel() / result.numel();
  // too few elements give 0 / 0 = NaN, as NumPy does
  double divisor = static_cast<double>(count) - (unbiased ? 1 : 0);
  binary(BinaryOp::div, result, Scalar(divisor > 0 ? divisor : 0.0), &result);
  if (root) unary(UnaryOp::sqrt, result, &result);
  result = to(result, floating(x.dtype()));
  return deliver(name, keepdim ? result : drop_dims(result, mask), out);
}

std::pair<Tensor, Tensor> max_min(bool max, const char* name, const Tensor& x, int64_t dim,
                                  bool keepdim) {
  if (is_half(x.dtype())) {
    auto [values, indices] = max_min(max, name, to(x, DType::kFloat32), dim, keepdim);
    return {to(values, x.dtype()), indices};
  }
  int d = wrap_dim(name, dim, x.ndim());
  if (x.size(d) == 0)
    raise<ValueError>(name, ": expected at least one element in dimension ", d, ", got ", x);
  Mask mask;
  mask[d] = true;
  Shape shape = kept_shape(x, mask, keepdim);
  Tensor values = empty(shape, x.dtype(), x.device()),
         indices = empty(shape, DType::kInt64, x.device());
  kernels::ArgReducePlan plan{values.bytes(), indices.data<int64_t>(),     x.bytes(), {}, {},
                              x.size(d),      x.stride(d) * x.item_bytes()};
  for (int k = 0; k < x.ndim(); ++k) {
    if (k == d) continue;
    plan.kept.push_back(x.size(k));
    plan.kept_in.push_back(x.stride(k) * x.item_bytes());
  }
  const auto& table = kernels::reduce.on(name, x.device());
  auto* kernel =
      require((max ? table.arg_max : table.arg_min)[index(x.dtype())], name, x.dtype(), x.device());
  if (values.numel() > 0) kernel(plan);
  return {values, indices};
}

Tensor arg_max_min(bool max, const char* name, const Tensor& x, int64_t dim, bool keepdim) {
  return max_min(max, name, x, dim, keepdim).second;
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
