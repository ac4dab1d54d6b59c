#include "torch/ops/linalg.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "kernels/tables.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

// The strides of a matrix as BLAS reads it: densely along rows or along columns.
struct Strides {
  int64_t row, col;
  bool dense;
};
Strides matrix_strides(const Tensor& t) {
  int r = t.ndim() - 2, c = t.ndim() - 1;
  int64_t rows = t.size(r), cols = t.size(c), row = t.stride(r), col = t.stride(c);
  if ((cols == 1 || col == 1) && (rows == 1 || (row >= cols && row <= INT_MAX)))
    return {rows == 1 ? std::max<int64_t>(cols, 1) : std::max<int64_t>(row, 1), 1, true};
  if ((rows == 1 || row == 1) && (cols == 1 || (col >= rows && col <= INT_MAX)))
    return {1, cols == 1 ? std::max<int64_t>(rows, 1) : col, true};
  return {row, col, false};
}

Tensor dense_matrix(const Tensor& t) {
  return t.numel() == 0 || matrix_strides(t).dense ? t : clone(t);
}

// The step between rows of `a` (..., m, k) where they lie evenly through all dimensions in front,
// so that all of it is one matrix; 0 otherwise.
int64_t even_rows(const Tensor& a) {
  int last = a.ndim() - 2;
  int64_t k = a.size(last + 1), row = 0, next = 0;
  if (a.stride(last + 1) != 1 && k != 1) return 0;
  for (int d = last; d >= 0; --d) {
    if (a.size(d) == 1) continue;
    if (row == 0)
      row = a.stride(d);
    else if (a.stride(d) != next)
      return 0;
    next = a.stride(d) * a.size(d);
  }
  return row >= k && row <= INT_MAX ? row : 0;
}

// c (..., m, n) = alpha * a (..., m, k) @ b (..., k, n) + beta * c, all of one dtype; c is
// contiguous, a and b have its dimensions in front or 1 in their place.
void gemm(const char* op, Scalar alpha, const Tensor& a, const Tensor& b, Scalar beta,
          const Tensor& c) {
  auto* kernel =
      require(kernels::linalg.on(op, c.device()).gemm[index(c.dtype())], op, c.dtype(), c.device());
  int front = c.ndim() - 2;
  int64_t m = c.size(front), n = c.size(front + 1), k = a.size(a.ndim() - 1);
  if (m > INT_MAX || n > INT_MAX || k > INT_MAX)
    raise<ValueError>(op, ": matrix sizes above ", INT_MAX, " are not supported, got ", a, " and ",
                      b);
  if (c.numel() == 0) return;
  if (k == 0) {
    Tensor target = c;
    if (beta.as_double() == 0)
      fill_(target, Scalar(0));
    else if (beta.as_double() != 1)
      binary(BinaryOp::mul, c, beta, &target);
    return;
  }
  Tensor x = dense_matrix(a), y = dense_matrix(b);
  Strides xs = matrix_strides(x), ys = matrix_strides(y);
  kernels::Gemm g{m,      n,      k,         x.bytes(),         xs.row,           xs.col, y.bytes(),
                  ys.row, ys.col, c.bytes(), alpha.as_double(), beta.as_double(), {},     {},
                  {}};
  bool one_b = true;
  for (int d = 0; d < front; ++d) one_b = one_b && (y.size(d) == 1 || y.stride(d) == 0);
  int64_t rows = c.numel() / n;
  int64_t row = front > 0 && one_b && x.numel() == rows * k && rows <= INT_MAX ? even_rows(x) : 0;
  if (row > 0) {  // one matrix on the right: the batch is rows of one product
    g.m = rows;
    g.a_row = row;
    g.a_col = 1;
  } else {
    for (int d = 0; d < front; ++d) {
      if (c.size(d) == 1) continue;
      int64_t p = x.size(d) == 1 ? 0 : x.stride(d), q = y.size(d) == 1 ? 0 : y.stride(d);
      int last = g.batch.size() - 1;
      if (last >= 0 && g.a_batch[last] == p * c.size(d) && g.b_batch[last] == q * c.size(d)) {
        g.batch[last] *= c.size(d);
        g.a_batch[last] = p;
        g.b_batch[last] = q;
        continue;
      }
      g.batch.push_back(c.size(d));
      g.a_batch.push_back(p);
      g.b_batch.push_back(q);
    }
  }
  kernel(g);
}

void check_ndim(const char* op, const char* argument, const Tensor& t, int ndim) {
  if (t.ndim() != ndim) {
    const char* kinds[] = {"a tensor without dimensions", "a vector", "a matrix",
                           "a batch of matrices"};
    raise<ValueError>(op, ": expected ", kinds[ndim], " as ", argument, ", got ", t);
  }
}

// Runs product(target) on contiguous memory in the dtype that is computed in: `out` itself where
// that is so, else fresh memory.
template <class F>
Tensor into(const char* op, const Meta& m, Device device, Tensor* out,
            std::initializer_list<const Tensor*> inputs, F&& product) {
  DType work = computing(m.dtype);
  bool direct = false;
  if (out) {
    direct = true;
    for (const Tensor* t : inputs) {
      if (t == out && out->shape() != m.shape)
        raise<ValueError>(op, ": the result has size ", m.shape, " and cannot replace ", *out);
      direct = direct && t->storage().get() != out->storage().get();
    }
    check_out(op, *out, m.shape, m.dtype);
    direct = direct && out->is_contiguous() && out->dtype() == work;
  }
  if (direct) {
    product(*out);
    out->bump();
    return *out;
  }
  Tensor fresh = empty(m.shape, work, device);
  product(fresh);
  if (!out) return to(fresh, m.dtype);
  copy_(*out, fresh);
  return *out;
}

Meta bmm_meta(const char* op, const Tensor& a, const Tensor& b) {
  check_ndim(op, "first argument", a, 3);
  check_ndim(op, "second argument", b, 3);
  if (a.size(0) != b.size(0) || a.size(2) != b.size(1)) {
    raise<ValueError>(op, ": expected equal batch sizes and matching inner sizes, got ", a.shape(),
                      " and ", b.shape());
  }
  return {{a.size(0), a.size(1), b.size(2)}, promote(a.dtype(), b.dtype())};
}

Meta mv_meta(const char* op, const Tensor& a, const Tensor& x) {
  check_ndim(op, "first argument", a, 2);
  check_ndim(op, "second argument", x, 1);
  if (a.size(1) != x.size(0)) {
    raise<ValueError>(op, ": expected the inner sizes to match, got ", a.shape(), " and ",
                      x.shape());
  }
  return {{a.size(0)}, promote(a.dtype(), x.dtype())};
}

// beta * m + alpha * product, where product(alpha, x, y, beta, c) computes c = alpha * (x @ y) +
// beta * c for x and y of c's dtype.
template <class F>
Tensor scaled_sum(const char* op, Scalar beta, const Tensor& m, Scalar alpha, const Meta& meta,
                  const Tensor& x, const Tensor& y, Tensor* out, F&& product) {
  if (broadcast(op, meta.shape, m.shape()) != meta.shape) {
    raise<ValueError>(op, ": expected a tensor that broadcasts to size ", meta.shape, ", got ", m);
  }
  const Input all[] = {m, x, y, beta, alpha};
  DType common = common_dtype(op, all);
  if (!is_floating(common)) {
    DType d = meta.dtype;
    Tensor plain = empty(meta.shape, d, x.device());
    product(Scalar(1), to(x, d), to(y, d), Scalar(0), plain);
    Tensor scaled = alpha.as_double() == 1 ? plain : binary(BinaryOp::mul, plain, alpha);
    if (beta.as_double() == 0) return deliver(op, to(scaled, common), out);
    const Input inputs[] = {scaled, m, beta};
    return nary(NaryOp::add_scaled, inputs, out);
  }
  return into(op, {meta.shape, common}, x.device(), out, {&x, &y}, [&](const Tensor& c) {
    if (beta.as_double() != 0) {
      bool there = m.bytes() == c.bytes() && m.dtype() == c.dtype() && m.shape() == c.shape() &&
                   m.strides() == c.strides();
      Tensor target = c;
      if (!there) copy_(target, m);
    }
    product(alpha, to(x, c.dtype()), to(y, c.dtype()), beta, c);
  });
}

Tensor flat(const Tensor& t) { return reshape(t, {t.numel()}); }

}  // namespace

Meta mm_meta(const char* op, const Tensor& a, const Tensor& b) {
  check_ndim(op, "first argument", a, 2);
  check_ndim(op, "second argument", b, 2);
  if (a.size(1) != b.size(0)) {
    raise<ValueError>(op, ": expected the inner sizes to match, got ", a.shape(), " and ",
                      b.shape());
  }
  return {{a.size(0), b.size(1)}, promote(a.dtype(), b.dtype())};
}

Tensor mm(const Tensor& a, const Tensor& b, Tensor* out) {
  Meta m = mm_meta("mm", a, b);
  return into("mm", m, a.device(), out, {&a, &b}, [&](const Tensor& c) {
    gemm("mm", Scalar(1), to(a, c.dtype()), to(b, c.dtype()), Scalar(0), c);
  });
}

Tensor mv(const Tensor& a, const Tensor& x, Tensor* out) {
  Meta m = mv_meta("mv", a, x);
  return into("mv", m, a.device(), out, {&a, &x}, [&](const Tensor& y) {
    gemm("mv", Scalar(1), to(a, y.dtype()), unsqueeze(to(x, y.dtype()), 1), Scalar(0),
         unsqueeze(y, 1));
  });
}

Scalar dot(const char* op, const Tensor& x, const Tensor& y) {
  check_ndim(op, "first argument", x, 1);
  check_ndim(op, "second argument", y, 1);
  if (x.size(0) != y.size(0))
    raise<ValueError>(op, ": expected vectors of one size, got ", x.shape(), " and ", y.shape());
  DType dtype = promote(x.dtype(), y.dtype()), work = computing(dtype);
  Tensor a = contiguous(to(x, work)), b = contiguous(to(y, work));
  Tensor sum = empty({1}, work, x.device());
  auto* kernel =
      require(kernels::linalg.on(op, x.device()).dot[index(work)], op, dtype, x.device());
  kernel(sum.bytes(), a.bytes(), b.bytes(), a.numel());
  return item(to(sum, dtype));
}

Tensor ger(const Tensor& x, const Tensor& y, Tensor* out) {
  check_ndim("ger", "first argument", x, 1);
  check_ndim("ger", "second argument", y, 1);
  return binary(BinaryOp::mul, unsqueeze(x, 1), unsqueeze(y, 0), out);
}

Tensor bmm(const Tensor& a, const Tensor& b, Tensor* out) {
  Meta m = bmm_meta("bmm", a, b);
  return into("bmm", m, a.device(), out, {&a, &b}, [&](const Tensor& c) {
    gemm("bmm", Scalar(1), to(a, c.dtype()), to(b, c.dtype()), Scalar(0), c);
  });
}

Tensor matmul(const char* op, const Tensor& a, const Tensor& b, Tensor* out) {
  if (a.ndim() == 0 || b.ndim() == 0)
    raise<ValueError>(op, ": expected tensors with dimensions, got ", a, " and ", b);
  int am = a.ndim() - 1, bk = std::max(b.ndim() - 2, 0);
  if (a.size(am) != b.size(bk)) {
    raise<ValueError>(op, ": expected the inner sizes to match, got ", a.shape(), " and ",
                      b.shape());
  }
  if (!out && am == 0 && b.ndim() == 1) {
    Scalar number = dot(op, a, b);
    return full({}, number, promote(a.dtype(), b.dtype()));
  }
  Tensor x = a.ndim() == 1 ? unsqueeze(a, 0) : a, y = b.ndim() == 1 ? unsqueeze(b, 1) : b;
  Shape batch =
      broadcast(op, Shape(x.shape().begin(), x.ndim() - 2), Shape(y.shape().begin(), y.ndim() - 2));
  Shape whole = batch, result = batch;
  whole.push_back(x.size(x.ndim() - 2));
  whole.push_back(y.size(y.ndim() - 1));
  if (a.ndim() != 1) result.push_back(x.size(x.ndim() - 2));
  if (b.ndim() != 1) result.push_back(y.size(y.ndim() - 1));
  while (x.ndim() < whole.size()) x = unsqueeze(x, 0);
  while (y.ndim() < whole.size()) y = unsqueeze(y, 0);
  Meta m{result, promote(a.dtype(), b.dtype())};
  return into(op, m, a.device(), out, {&a, &b}, [&](const Tensor& c) {
    gemm(op, Scalar(1), to(x, c.dtype()), to(y, c.dtype()), Scalar(0),
         result.size() == whole.size() ? c : view(c, whole));
  });
}

Tensor addmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
             Tensor* out) {
  return scaled_sum("addmm", beta, m, alpha, mm_meta("addmm", a, b), a, b, out,
                    [](Scalar s, const Tensor& x, const Tensor& y, Scalar t, const Tensor& c) {
                      gemm("addmm", s, x, y, t, c);
                    });
}

Tensor baddbmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
               Tensor* out) {
  return scaled_sum("baddbmm", beta, m, alpha, bmm_meta("baddbmm", a, b), a, b, out,
                    [](Scalar s, const Tensor& x, const Tensor& y, Scalar t, const Tensor& c) {
                      gemm("baddbmm", s, x, y, t, c);
                    });
}

Tensor addbmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
              Tensor* out) {
  Meta meta = bmm_meta("addbmm", a, b);
  meta.shape.erase(0);
  // the sum over the batch is part of one product's inner sum
  return scaled_sum("addbmm", beta, m, alpha, meta, a, b, out,
                    [](Scalar s, const Tensor& x, const Tensor& y, Scalar t, const Tensor& c) {
                      int64_t inner = x.size(0) * x.size(2);
                      gemm("addbmm", s, reshape(transpose(x, 0, 1), {x.size(1), inner}),
                           reshape(y, {inner, y.size(2)}), t, c);
                    });
}

Tensor addmv(Scalar beta, const Tensor& v, Scalar alpha, const Tensor& a, const Tensor& x,
             Tensor* out) {
  return scaled_sum("addmv", beta, v, alpha, mv_meta("addmv", a, x), a, x, out,
                    [](Scalar s, const Tensor& x, const Tensor& y, Scalar t, const Tensor& c) {
                      gemm("addmv", s, x, unsqueeze(y, 1), t, unsqueeze(c, 1));
                    });
}

Tensor addr(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& x, const Tensor& y,
            Tensor* out) {
  check_ndim("addr", "vec1", x, 1);
  check_ndim("addr", "vec2", y, 1);
  Meta meta{{x.size(0), y.size(0)}, promote(x.dtype(), y.dtype())};
  return scaled_sum("addr", beta, m, alpha, meta, x, y, out,
                    [](Scalar s, const Tensor& x, const Tensor& y, Scalar t, const Tensor& c) {
                      gemm("addr", s, unsqueeze(x, 1), unsqueeze(y, 0), t, c);
                    });
}

Tensor outer(const Tensor& x, const Tensor& y, Tensor* out) {
  return binary(BinaryOp::mul, unsqueeze(flat(x), 1), unsqueeze(flat(y), 0), out);
}

Scalar vdot(const Tensor& x, const Tensor& y) {
  if (x.numel() != y.numel())
    raise<ValueError>("vdot: expected as many elements in both, got ", x, " and ", y);
  return dot("vdot", flat(x), flat(y));
}

Tensor inner(const Tensor& x, const Tensor& y, Tensor* out) {
  if (x.ndim() == 0 || y.ndim() == 0) return binary(BinaryOp::mul, x, y, out);
  int64_t k = x.size(x.ndim() - 1);
  if (k != y.size(y.ndim() - 1)) {
    raise<ValueError>("inner: expected last dimensions of one size, got ", x.shape(), " and ",
                      y.shape());
  }
  return tensordot(x, y, {x.ndim() - 1}, {y.ndim() - 1}, out);
}

Tensor tensordot(const Tensor& x, const Tensor& y, const Shape& x_dims, const Shape& y_dims,
                 Tensor* out) {
  Shape xd = reduce_dims("tensordot", x_dims, x.ndim()),
        yd = reduce_dims("tensordot", y_dims, y.ndim());
  if (xd.size() != yd.size()) {
    raise<ValueError>("tensordot: expected as many dimensions of both tensors, got ", x_dims,
                      " and ", y_dims);
  }
  int64_t k = 1;
  for (int i = 0; i < xd.size(); ++i) {
    if (x.size(xd[i]) != y.size(yd[i])) {
      raise<ValueError>("tensordot: dimension ", xd[i], " of ", x, " and dimension ", yd[i], " of ",
                        y, " have different sizes");
    }
    k *= x.size(xd[i]);
  }
  auto rest = [](const Tensor& t, const Shape& dims) {
    Shape free;
    for (int d = 0; d < t.ndim(); ++d) {
      if (std::find(dims.begin(), dims.end(), d) == dims.end()) free.push_back(d);
    }
    return free;
  };
  Shape xf = rest(x, xd), yf = rest(y, yd), xp = xf, yp = yd, result;
  int64_t m = 1, n = 1;
  for (int64_t d : xd) xp.push_back(d);
  for (int64_t d : yf) yp.push_back(d);
  for (int64_t d : xf) result.push_back(x.size(d)), m *= x.size(d);
  for (int64_t d : yf) result.push_back(y.size(d)), n *= y.size(d);
  checked_numel("tensordot", result);
  Tensor product =
      matmul("tensordot", reshape(permute(x, xp), {m, k}), reshape(permute(y, yp), {k, n}));
  return deliver("tensordot", reshape(product, result), out);
}

Tensor kron(const Tensor& x, const Tensor& y, Tensor* out) {
  int n = std::max(x.ndim(), y.ndim());
  Shape xs, ys, result;
  for (int d = 0; d < n; ++d) {
    int64_t p = d < n - x.ndim() ? 1 : x.size(d - n + x.ndim()),
            q = d < n - y.ndim() ? 1 : y.size(d - n + y.ndim());
    xs.push_back(p), xs.push_back(1);
    ys.push_back(1), ys.push_back(q);
    int64_t both;
    if (__builtin_mul_overflow(p, q, &both))
      raise<ValueError>("kron: the result of ", x, " and ", y, " is too large");
    result.push_back(both);
  }
  checked_numel("kron", result);
  return deliver("kron", reshape(binary(BinaryOp::mul, reshape(x, xs), reshape(y, ys)), result),
                 out);
}

Tensor multi_dot(const char* op, const std::vector<Tensor>& chain, Tensor* out) {
  int n = static_cast<int>(chain.size());
  if (n == 0) raise<ValueError>(op, ": expected one tensor or more, got none");
  std::vector<Tensor> parts = chain;
  bool row = n > 1 && chain[0].ndim() == 1, column = n > 1 && chain[n - 1].ndim() == 1;
  if (row) parts[0] = unsqueeze(parts[0], 0);
  if (column) parts[n - 1] = unsqueeze(parts[n - 1], 1);
  for (const Tensor& t : parts) {
    if (t.ndim() != 2)
      raise<ValueError>(op, ": expected matrices, and vectors only as first and last, got ", t);
  }
  // best[i][j]: the fewest multiplications for parts i to j, and where they are cut last (Cormen et
  // al., "Introduction to Algorithms", matrix-chain multiplication)
  std::vector<std::vector<double>> cost(n, std::vector<double>(n, 0));
  std::vector<std::vector<int>> cut(n, std::vector<int>(n, 0));
  for (int i = 0; i + 1 < n; ++i) mm_meta(op, parts[i], parts[i + 1]);
  for (int length = 1; length < n; ++length) {
    for (int i = 0; i + length < n; ++i) {
      int j = i + length;
      cost[i][j] = HUGE_VAL;
      for (int k = i; k < j; ++k) {
        double c = cost[i][k] + cost[k + 1][j] +
                   1.0 * parts[i].size(0) * parts[k].size(1) * parts[j].size(1);
        if (c < cost[i][j]) cost[i][j] = c, cut[i][j] = k;
      }
    }
  }
  auto multiply = [&](auto& self, int i, int j) -> Tensor {
    if (i == j) return parts[i];
    return matmul(op, self(self, i, cut[i][j]), self(self, cut[i][j] + 1, j));
  };
  Tensor result = multiply(multiply, 0, n - 1);
  if (n == 1) result = clone(result);
  Shape shape;
  if (!row) shape.push_back(result.size(0));
  if (!column) shape.push_back(result.size(1));
  return deliver(op, reshape(result, shape), out);
}

}  // namespace torch::ops
