#include "torch/ops/matrix.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/linalg.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

Tensor flipped(const Tensor& t) { return transpose(t, -2, -1); }

double epsilon(DType t) {
  return computing(floating(t)) == DType::kFloat64 ? std::numeric_limits<double>::epsilon()
                                                   : std::numeric_limits<float>::epsilon();
}

double default_rcond(const Tensor& a) {
  return static_cast<double>(std::max(a.size(a.ndim() - 1), a.size(a.ndim() - 2))) *
         epsilon(a.dtype());
}

Tensor identity_like(const Tensor& a, DType dtype) {
  Tensor one = zeros(a.shape(), dtype), diagonal = diagonal_of(one);
  fill_(diagonal, Scalar(1));
  return one;
}

// The largest one of the last dimension, kept; 0 where there is none.
Tensor largest(const char* op, const Tensor& s) {
  if (s.size(s.ndim() - 1) > 0) return reduce(ReduceOp::amax, op, s, {s.ndim() - 1}, true);
  Shape shape = s.shape();
  shape[shape.size() - 1] = 1;
  return zeros(shape, s.dtype());
}

Tensor as_float(const Tensor& t) { return to(t, floating(t.dtype())); }

}  // namespace

Tensor pinv(const char* op, const Tensor& a, std::optional<double> rcond, bool hermitian) {
  check_matrices(op, "argument", a);
  Scalar relative(rcond.value_or(default_rcond(a)));
  Tensor s, left, right;  // a^+ = left * (1 / s) @ right
  if (hermitian) {
    auto [w, v] = symeig(op, a, true, false);
    s = w, left = v, right = flipped(v);
  } else {
    auto [u, sigma, vh] = svd(op, a, true, false);
    s = sigma, left = flipped(vh), right = flipped(u);
  }
  Tensor size = unary(UnaryOp::abs, s);
  Tensor counts = binary(BinaryOp::gt, size, binary(BinaryOp::mul, largest(op, size), relative));
  Tensor inverse = where(counts, unary(UnaryOp::reciprocal, s), Scalar(0.0));
  return matmul(op, binary(BinaryOp::mul, left, unsqueeze(inverse, -2)), right);
}

Tensor matrix_rank(const char* op, const Tensor& a, std::optional<double> tol, bool hermitian) {
  if (a.ndim() < 2) {  // a vector is a matrix of one column
    Tensor some = reduce(ReduceOp::any, op, a, {}, false);
    return to(some, DType::kInt64);
  }
  Tensor s = hermitian ? unary(UnaryOp::abs, symeig(op, a, false, false).first)
                       : svd(op, a, false, false)[1];
  Tensor counts = tol ? binary(BinaryOp::gt, s, Scalar(*tol))
                      : binary(BinaryOp::gt, s,
                               binary(BinaryOp::mul, largest(op, s), Scalar(default_rcond(a))));
  return reduce(ReduceOp::sum, op, counts, {s.ndim() - 1}, false);
}

Tensor matrix_power(const char* op, const Tensor& a, int64_t n) {
  check_square(op, "argument", a);
  if (n == 0) return identity_like(a, a.dtype());
  Tensor square = n < 0 ? inverse(op, a) : a, result;
  for (uint64_t left = n < 0 ? 0 - static_cast<uint64_t>(n) : static_cast<uint64_t>(n);;) {
    if (left & 1) result = result.defined() ? matmul(op, result, square) : square;
    left >>= 1;
    if (left == 0) break;
    square = matmul(op, square, square);
  }
  return result.storage().get() == a.storage().get() ? clone(result) : result;
}

Tensor logdet(const char* op, const Tensor& a) {
  auto [sign, log_size] = slogdet(op, a);
  // log(1) = 0, log(0) = -inf, log(-1) = NaN
  return binary(BinaryOp::add, unary(UnaryOp::log, sign), log_size);
}

// Scaling and squaring with the diagonal Pade approximant of order 13 (Higham, "The scaling and
// squaring method for the matrix exponential revisited", 2005; coefficients and bound from there).
Tensor matrix_exp(const char* op, const Tensor& a) {
  check_square(op, "argument", a);
  Tensor x = to(a, computing(floating(a.dtype())));
  if (a.numel() == 0) return to(clone(x), floating(a.dtype()));
  double size = reduce_all(ReduceOp::amax, matrix_norm(op, x, {Order::Kind::kNumber, 1}, {}, false))
                    .as_double();
  if (!std::isfinite(size))
    raise<RuntimeError>(op, ": expected finite numbers, got ", a, " with a norm of ", size);
  constexpr double kBound = 5.371920351148152;
  int squarings = size > kBound ? static_cast<int>(std::ceil(std::log2(size / kBound))) : 0;
  x = binary(BinaryOp::mul, x, Scalar(std::ldexp(1.0, -squarings)));
  constexpr double b[] = {64764752532480000.,
                          32382376266240000.,
                          7771770303897600.,
                          1187353796428800.,
                          129060195264000.,
                          10559470521600.,
                          670442572800.,
                          33522128640.,
                          1323241920.,
                          40840800.,
                          960960.,
                          16380.,
                          182.,
                          1.};
  Tensor one = identity_like(x, x.dtype()), x2 = matmul(op, x, x), x4 = matmul(op, x2, x2),
         x6 = matmul(op, x2, x4);
  auto sum = [&](double c6, double c4, double c2, double c0) {
    auto times = [](const Tensor& t, double c) { return binary(BinaryOp::mul, t, Scalar(c)); };
    Tensor s = binary(BinaryOp::add, times(x6, c6), times(x4, c4));
    s = binary(BinaryOp::add, s, times(x2, c2));
    return c0 == 0 ? s : binary(BinaryOp::add, s, times(one, c0));
  };
  Tensor odd = matmul(op, x,
                      binary(BinaryOp::add, matmul(op, x6, sum(b[13], b[11], b[9], 0)),
                             sum(b[7], b[5], b[3], b[1]))),
         even = binary(BinaryOp::add, matmul(op, x6, sum(b[12], b[10], b[8], 0)),
                       sum(b[6], b[4], b[2], b[0]));
  Tensor result =
      solve(op, binary(BinaryOp::sub, even, odd), binary(BinaryOp::add, even, odd), false).first;
  for (int i = 0; i < squarings; ++i) result = matmul(op, result, result);
  return to(result, floating(a.dtype()));
}

Tensor vector_norm(const char* op, const Tensor& x, double p, const Shape& dims, bool keepdim) {
  if (std::isnan(p)) raise<ValueError>(op, ": expected a number as order of a norm, got NaN");
  return reduce(ReduceOp::norm, op, as_float(x), reduce_dims(op, dims, x.ndim()), keepdim, p);
}

Tensor matrix_norm(const char* op, const Tensor& x, Order order, const Shape& dims, bool keepdim) {
  Shape pair = reduce_dims(op, dims.empty() && x.ndim() >= 2 ? Shape{-2, -1} : dims, x.ndim());
  if (pair.size() != 2)
    raise<ValueError>(op, ": expected two dimensions for a matrix norm, got ", dims, " of ", x);
  using Kind = Order::Kind;
  if (order.kind == Kind::kNone || order.kind == Kind::kFrobenius)
    return vector_norm(op, x, 2, pair, keepdim);
  Shape dims_last;
  for (int d = 0; d < x.ndim(); ++d) {
    if (d != pair[0] && d != pair[1]) dims_last.push_back(d);
  }
  for (int64_t d : pair) dims_last.push_back(d);
  Tensor m = permute(as_float(x), dims_last), result;
  int last = m.ndim() - 1;
  double p = std::fabs(order.p);
  if (order.kind == Kind::kNuclear || p == 2) {
    Tensor s = svd(op, m, false, false)[1];
    ReduceOp how = order.kind == Kind::kNuclear ? ReduceOp::sum
                   : order.p > 0                ? ReduceOp::amax
                                                : ReduceOp::amin;
    result = reduce(how, op, s, {s.ndim() - 1}, false);
  } else if (p == 1 || std::isinf(p)) {
    Tensor sums = vector_norm(op, m, 1, {p == 1 ? last - 1 : last}, false);
    result =
        reduce(order.p > 0 ? ReduceOp::amax : ReduceOp::amin, op, sums, {sums.ndim() - 1}, false);
  } else {
    raise<ValueError>(op,
                      ": expected 1, -1, 2, -2, inf, -inf, 'fro' or 'nuc' as order of a matrix "
                      "norm, got ",
                      order.p);
  }
  if (!keepdim) return result;
  Shape shape = x.shape();
  for (int64_t d : pair) shape[static_cast<int>(d)] = 1;
  return reshape(result, shape);
}

Tensor norm(const char* op, const Tensor& x, Order order, const Shape& dims, bool keepdim) {
  using Kind = Order::Kind;
  if (dims.empty() && order.kind == Kind::kNone) return vector_norm(op, x, 2, {}, keepdim);
  int count = dims.empty() ? x.ndim() : dims.size();
  if (count == 2) return matrix_norm(op, x, order, dims, keepdim);
  if (count != 1) {
    raise<ValueError>(op, ": expected one dimension for a vector norm or two for a matrix norm, ",
                      "got ", dims, " of ", x);
  }
  if (order.kind == Kind::kFrobenius || order.kind == Kind::kNuclear)
    raise<ValueError>(op, ": the norms 'fro' and 'nuc' are of matrices, got ", x);
  return vector_norm(op, x, order.p, dims, keepdim);
}

Tensor cond(const char* op, const Tensor& a, Order order) {
  check_matrices(op, "argument", a);
  int rows = a.ndim() - 2;
  if (a.size(rows) == 0 || a.size(rows + 1) == 0)
    raise<ValueError>(op, ": expected a matrix with elements, got ", a);
  using Kind = Order::Kind;
  if (order.kind == Kind::kNone || (order.kind == Kind::kNumber && std::fabs(order.p) == 2)) {
    Tensor s = svd(op, a, false, false)[1];
    Tensor large = select(s, -1, 0), little = select(s, -1, -1);
    if (order.kind == Kind::kNumber && order.p < 0) std::swap(large, little);
    Tensor ratio = binary(BinaryOp::div, large, little);  // 0 / 0: a matrix of zeros
    return where(unary(UnaryOp::isnan, ratio), Scalar(HUGE_VAL), ratio);
  }
  check_square(op, "argument", a);
  Tensor info;
  auto [lu, pivots] = lu_factor(op, a, &info);
  Tensor inverse = lu_solve(op, lu, pivots, identity_like(a, lu.dtype()));
  Tensor result = binary(BinaryOp::mul, matrix_norm(op, a, order, {}, false),
                         matrix_norm(op, inverse, order, {}, false));
  return where(binary(BinaryOp::gt, info, Scalar(0)), Scalar(HUGE_VAL), result);
}

Tensor tensorsolve(const char* op, const Tensor& a, const Tensor& b, const Shape& dims) {
  Tensor x = a;
  if (!dims.empty()) {  // these dimensions of a go to the end
    Shape last = reduce_dims(op, dims, a.ndim()), order;
    for (int d = 0; d < a.ndim(); ++d) {
      if (std::find(last.begin(), last.end(), d) == last.end()) order.push_back(d);
    }
    for (int64_t d : last) order.push_back(d);
    x = permute(a, order);
  }
  bool fits = x.ndim() >= b.ndim();
  Shape result;
  for (int d = 0; fits && d < b.ndim(); ++d) fits = x.size(d) == b.size(d);
  int64_t n = 1;
  for (int d = b.ndim(); fits && d < x.ndim(); ++d) result.push_back(x.size(d)), n *= x.size(d);
  if (!fits || n != b.numel()) {
    raise<ValueError>(op,
                      ": expected a of size B + X for b of size B, X with as many elements, "
                      "got ",
                      x.shape(), " and ", b.shape());
  }
  return reshape(solve(op, reshape(x, {n, n}), reshape(b, {n}), true).first, result);
}

Tensor tensorinv(const char* op, const Tensor& a, int64_t ind) {
  if (ind <= 0 || ind >= a.ndim())
    raise<ValueError>(op, ": expected ind from 1 to ", a.ndim() - 1, " for ", a, ", got ", ind);
  int64_t m = 1, n = 1;
  Shape result;
  for (int d = 0; d < a.ndim(); ++d) (d < ind ? m : n) *= a.size(d);
  for (int d = static_cast<int>(ind); d < a.ndim(); ++d) result.push_back(a.size(d));
  for (int d = 0; d < ind; ++d) result.push_back(a.size(d));
  if (m != n) {
    raise<ValueError>(op, ": expected as many elements in the first ", ind,
                      " dimensions as in the others, got ", a);
  }
  return reshape(inverse(op, reshape(a, {m, n})), result);
}

}  // namespace torch::ops
