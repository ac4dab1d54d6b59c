#include "torch/ops/norm.h"

#include "kernels/nn_tables.h"
#include "ops/check.h"
#include "torch/ops/channels_last.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"

namespace torch::ops {
namespace {

// x (N, C, ...) as (n, channels, inner).
kernels::ChannelNorm channels_of(const char* op, const Tensor& x) {
  check_floating(op, "input", x);
  if (x.ndim() < 2)
    raise<ValueError>(op, ": expected input of size (batch, channels, ...), got ", x.shape());
  kernels::ChannelNorm p{.n = x.size(0), .channels = x.size(1), .inner = 1};
  for (int d = 2; d < x.ndim(); ++d) p.inner *= x.size(d);
  return p;
}

// What the kernels read of an image: where it lies channels last, p becomes (n * inner, channels,
// 1).
Tensor laid_out(kernels::ChannelNorm& p, const Tensor& x) {
  Tensor view = channels_last_view(x);
  if (!view.defined()) return contiguous(x);
  p.n *= p.inner;
  p.inner = 1;
  return view;
}

// Memory for a result that lies as `x`, an operand from laid_out, does.
Tensor empty_like_laid(const Tensor& x) {
  return x.is_contiguous() ? empty(x.shape(), x.dtype(), x.device())
                           : empty_channels_last(x.shape(), x.dtype(), x.device());
}

// A contiguous tensor of one number per `size`, or an undefined one for null.
Tensor numbers(const char* op, const char* name, const Tensor* t, const Tensor& x,
               const Shape& size) {
  if (!t) return {};
  check_type(op, name, *t, x.dtype(), x.device());
  check_size(op, name, *t, size);
  return contiguous(*t);
}

char* bytes(const Tensor& t) { return t.defined() ? t.bytes() : nullptr; }

// x (..., *shape) as (rows, n).
kernels::RowNorm rows_of(const char* op, const Tensor& x, const Shape& shape, double eps) {
  check_floating(op, "input", x);
  int outer = x.ndim() - shape.size();
  bool fits = outer >= 0 && shape.size() > 0;
  for (int d = 0; fits && d < shape.size(); ++d) fits = x.size(outer + d) == shape[d];
  if (!fits)
    raise<ValueError>(op, ": expected input whose last sizes are ", shape, ", got ", x.shape());
  if (numel(shape) < 1) raise<ValueError>(op, ": expected sizes of 1 or more, got ", shape);
  kernels::RowNorm p{.rows = 1, .n = numel(shape), .eps = eps};
  for (int d = 0; d < outer; ++d) p.rows *= x.size(d);
  return p;
}

}  // namespace

std::pair<Tensor, Tensor> batch_norm_stats(const Tensor& x) {
  constexpr const char* op = "batch_norm_stats";
  kernels::ChannelNorm p = channels_of(op, x);
  if (p.n * p.inner < 1)
    raise<ValueError>(op, ": expected at least one element per channel, got size ", x.shape());
  Tensor c = laid_out(p, x);
  if (p.inner < kernels::kNarrow) {
    Shape others{0};
    for (int d = 2; d < x.ndim(); ++d) others.push_back(d);
    Moments m = moments(op, c, others, false, 0, false, true);
    return {m.mean, m.spread};
  }
  auto* kernel = require(kernels::norm.on(op, x.device()).channel_stats[index(x.dtype())], op,
                         x.dtype(), x.device());
  Tensor mean = empty({p.channels}, x.dtype(), x.device()),
         variance = empty({p.channels}, x.dtype(), x.device());
  p.x = c.bytes();
  p.mean = mean.bytes();
  p.inv_std = variance.bytes();
  kernel(p);
  return {mean, variance};
}

Tensor batch_norm(const Tensor& x, const Tensor& mean, const Tensor& inv_std, const Tensor* weight,
                  const Tensor* bias) {
  constexpr const char* op = "batch_norm";
  kernels::ChannelNorm p = channels_of(op, x);
  Shape size{p.channels};
  Tensor m = numbers(op, "mean", &mean, x, size), s = numbers(op, "inv_std", &inv_std, x, size),
         w = numbers(op, "weight", weight, x, size), b = numbers(op, "bias", bias, x, size);
  auto* kernel = require(kernels::norm.on(op, x.device()).channel_norm[index(x.dtype())], op,
                         x.dtype(), x.device());
  Tensor c = laid_out(p, x), y = empty_like_laid(c);
  if (x.numel() == 0) return y;
  p.x = c.bytes();
  p.mean = m.bytes();
  p.inv_std = s.bytes();
  p.weight = bytes(w);
  p.bias = bytes(b);
  p.y = y.bytes();
  kernel(p);
  return hide_channels_last(y);
}

std::tuple<Tensor, Tensor, Tensor> batch_norm_grad(const Tensor& gy, const Tensor& x,
                                                   const Tensor& mean, const Tensor& inv_std,
                                                   const Tensor* weight, bool training) {
  constexpr const char* op = "batch_norm_grad";
  kernels::ChannelNorm p = channels_of(op, x);
  Shape size{p.channels};
  check_type(op, "grad_output", gy, x.dtype(), x.device());
  check_size(op, "grad_output", gy, x.shape());
  Tensor m = numbers(op, "mean", &mean, x, size), s = numbers(op, "inv_std", &inv_std, x, size),
         w = numbers(op, "weight", weight, x, size);
  auto* kernel = require(kernels::norm.on(op, x.device()).channel_norm_grad[index(x.dtype())], op,
                         x.dtype(), x.device());
  if (x.numel() == 0)
    return {zeros(x.shape(), x.dtype()), zeros(size, x.dtype()), zeros(size, x.dtype())};
  Tensor c = laid_out(p, x), g = c.is_contiguous() ? contiguous(gy) : to_channels_last(gy),
         gx = empty_like_laid(c), gweight = empty(size, x.dtype(), x.device()),
         gbias = empty(size, x.dtype(), x.device());
  p.x = c.bytes();
  p.gy = g.bytes();
  p.mean = m.bytes();
  p.inv_std = s.bytes();
  p.weight = bytes(w);
  p.gx = gx.bytes();
  p.gweight = gweight.bytes();
  p.gbias = gbias.bytes();
  p.training = training;
  kernel(p);
  return {hide_channels_last(gx), gweight, gbias};
}

std::tuple<Tensor, Tensor, Tensor> layer_norm(const Tensor& x, const Shape& shape,
                                              const Tensor* weight, const Tensor* bias,
                                              double eps) {
  constexpr const char* op = "layer_norm";
  kernels::RowNorm p = rows_of(op, x, shape, eps);
  if (!(eps >= 0)) raise<ValueError>(op, ": expected eps of at least 0, got ", eps);
  Tensor w = numbers(op, "weight", weight, x, shape), b = numbers(op, "bias", bias, x, shape);
  auto* kernel = require(kernels::norm.on(op, x.device()).row_norm[index(x.dtype())], op, x.dtype(),
                         x.device());
  Tensor c = contiguous(x), y = empty(x.shape(), x.dtype(), x.device()),
         mean = empty({p.rows}, x.dtype(), x.device()),
         inv_std = empty({p.rows}, x.dtype(), x.device());
  p.x = c.bytes();
  p.weight = bytes(w);
  p.bias = bytes(b);
  p.mean = mean.bytes();
  p.inv_std = inv_std.bytes();
  p.y = y.bytes();
  kernel(p);
  return {y, mean, inv_std};
}

std::tuple<Tensor, Tensor, Tensor> layer_norm_grad(const Tensor& gy, const Tensor& x,
                                                   const Shape& shape, const Tensor& mean,
                                                   const Tensor& inv_std, const Tensor* weight) {
  constexpr const char* op = "layer_norm_grad";
  kernels::RowNorm p = rows_of(op, x, shape, 0);
  check_type(op, "grad_output", gy, x.dtype(), x.device());
  check_size(op, "grad_output", gy, x.shape());
  Tensor w = numbers(op, "weight", weight, x, shape), m = numbers(op, "mean", &mean, x, {p.rows}),
         s = numbers(op, "inv_std", &inv_std, x, {p.rows});
  auto* kernel = require(kernels::norm.on(op, x.device()).row_norm_grad[index(x.dtype())], op,
                         x.dtype(), x.device());
  Tensor c = contiguous(x), g = contiguous(gy), gx = empty(x.shape(), x.dtype(), x.device()),
         gweight = empty(shape, x.dtype(), x.device()), gbias = empty(shape, x.dtype(), x.device());
  p.x = c.bytes();
  p.gy = g.bytes();
  p.mean = m.bytes();
  p.inv_std = s.bytes();
  p.weight = bytes(w);
  p.gx = gx.bytes();
  p.gweight = gweight.bytes();
  p.gbias = gbias.bytes();
  kernel(p);
  return {gx, gweight, gbias};
}

}  // namespace torch::ops
