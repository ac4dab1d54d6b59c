#include "torch/ops/linalg.h"

#include <algorithm>
#include <climits>
#include <vector>

#include "kernels/tables.h"
#include "torch/ops/copy.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

// BLAS reads rows or columns that lie densely; anything else is copied.
Tensor dense_matrix(const Tensor& t) {
  int r = t.ndim() - 2, c = t.ndim() - 1;
  bool rows = t.stride(c) == 1 && t.stride(r) >= t.size(c),
       columns = t.stride(r) == 1 && t.stride(c) >= t.size(r);
  return rows || columns || t.is_contiguous() ? t : clone(t);
}

// c = alpha * a @ b + beta * c, all of one dtype; c contiguous.
void gemm(const char* op, Scalar alpha, const Tensor& a, const Tensor& b, Scalar beta,
          const Tensor& c) {
  auto* kernel =
      require(kernels::linalg.on(op, c.device()).gemm[index(c.dtype())], op, c.dtype(), c.device());
  int64_t m = c.size(0), n = c.size(1), k = a.size(1);
  if (m > INT_MAX || n > INT_MAX || k > INT_MAX)
    raise<ValueError>(op, ": matrix sizes above ", INT_MAX, " are not supported, got ", a, " and ",
                      b);
  if (c.numel() == 0) return;
  Tensor x = dense_matrix(a), y = dense_matrix(b);
  auto unit = [](int64_t size, int64_t stride) { return size == 1 ? int64_t{1} : stride; };
  if (k == 0) {
    Tensor target = c;
    if (beta.as_double() == 0)
      fill_(target, Scalar(0));
    else
      binary(BinaryOp::mul, c, beta, &target);
    return;
  }
  kernel({m, n, k, x.bytes(), x.stride(0), unit(k, x.stride(1)), y.bytes(), y.stride(0),
          unit(n, y.stride(1)), c.bytes(), std::max<int64_t>(n, 1), alpha.as_double(),
          beta.as_double()});
}

void check_ndim(const char* op, const char* argument, const Tensor& t, int ndim) {
  if (t.ndim() != ndim) {
    const char* kinds[] = {"a tensor without dimensions", "a vector", "a matrix",
                           "a batch of matrices"};
    raise<ValueError>(op, ": expected ", kinds[ndim], " as ", argument, ", got ", t);
  }
}

// Runs product(target) into fresh memory or into `out` when that can take it directly.
template <class F>
Tensor into(const char* op, const Meta& m, Device device, Tensor* out,
            std::initializer_list<const Tensor*> inputs, F&& product) {
  if (!out) {
    Tensor fresh = empty(m.shape, m.dtype, device);
    product(fresh);
    return fresh;
  }
  check_out(op, *out, m.shape, m.dtype);
  bool direct = out->is_contiguous() && out->dtype() == m.dtype;
  for (const Tensor* t : inputs) direct = direct && t->storage().get() != out->storage().get();
  if (direct) {
    product(*out);
    out->bump();
  } else {
    Tensor fresh = empty(m.shape, m.dtype, device);
    product(fresh);
    copy_(*out, fresh);
  }
  return *out;
}

// beta * m + alpha * (a @ b) through `product`, which computes the plain product.
Tensor scaled_sum(const char* op, Scalar beta, const Tensor& m, Scalar alpha, const Tensor& product,
                  Tensor* out) {
  if (broadcast(op, product.shape(), m.shape()) != product.shape()) {
    raise<ValueError>(op, ": expected a tensor that broadcasts to size ", product.shape(), ", got ",
                      m);
  }
  Tensor scaled = alpha.as_double() == 1 ? product : binary(BinaryOp::mul, product, alpha);
  if (beta.as_double() == 0) {  // what stands in m, NaN included, does not count
    if (!out) return scaled;
    check_out(op, *out, scaled.shape(), scaled.dtype());
    copy_(*out, scaled);
    return *out;
  }
  const Input inputs[] = {scaled, m, beta};
  return nary(NaryOp::add_scaled, inputs, out);
}

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
    gemm("mm", Scalar(1), to(a, m.dtype), to(b, m.dtype), Scalar(0), c);
  });
}

Tensor mv(const Tensor& a, const Tensor& x, Tensor* out) {
  check_ndim("mv", "first argument", a, 2);
  check_ndim("mv", "second argument", x, 1);
  if (a.size(1) != x.size(0)) {
    raise<ValueError>("mv: expected the inner sizes to match, got ", a.shape(), " and ", x.shape());
  }
  Meta m{{a.size(0)}, promote(a.dtype(), x.dtype())};
  return into("mv", m, a.device(), out, {&a, &x}, [&](const Tensor& y) {
    gemm("mv", Scalar(1), to(a, m.dtype), unsqueeze(contiguous(to(x, m.dtype)), 1), Scalar(0),
         unsqueeze(y, 1));
  });
}

Scalar dot(const Tensor& x, const Tensor& y) {
  check_ndim("dot", "first argument", x, 1);
  check_ndim("dot", "second argument", y, 1);
  if (x.size(0) != y.size(0))
    raise<ValueError>("dot: expected vectors of one size, got ", x.shape(), " and ", y.shape());
  // integers wrap as the other products do; floating sums take the more accurate way
  if (is_integral(promote(x.dtype(), y.dtype()))) return item(mv(unsqueeze(x, 0), y));
  return reduce_all(ReduceOp::sum, binary(BinaryOp::mul, x, y));
}

Tensor ger(const Tensor& x, const Tensor& y, Tensor* out) {
  check_ndim("ger", "first argument", x, 1);
  check_ndim("ger", "second argument", y, 1);
  return binary(BinaryOp::mul, unsqueeze(x, 1), unsqueeze(y, 0), out);
}

Tensor bmm(const Tensor& a, const Tensor& b, Tensor* out) {
  check_ndim("bmm", "first argument", a, 3);
  check_ndim("bmm", "second argument", b, 3);
  if (a.size(0) != b.size(0) || a.size(2) != b.size(1)) {
    raise<ValueError>("bmm: expected equal batch sizes and matching inner sizes, got ", a.shape(),
                      " and ", b.shape());
  }
  Meta m{{a.size(0), a.size(1), b.size(2)}, promote(a.dtype(), b.dtype())};
  return into("bmm", m, a.device(), out, {&a, &b}, [&](const Tensor& c) {
    Tensor x = dense_matrix(to(a, m.dtype)), y = dense_matrix(to(b, m.dtype));
    for (int64_t i = 0; i < c.size(0); ++i)
      gemm("bmm", Scalar(1), select(x, 0, i), select(y, 0, i), Scalar(0), select(c, 0, i));
  });
}

Tensor matmul(const Tensor& a, const Tensor& b, Tensor* out) {
  if (a.ndim() == 0 || b.ndim() == 0)
    raise<ValueError>("matmul: expected tensors with dimensions, got ", a, " and ", b);
  if (a.ndim() == 2 && b.ndim() == 2) return mm(a, b, out);
  if (a.ndim() == 2 && b.ndim() == 1) return mv(a, b, out);
  if (a.ndim() == 1 && b.ndim() == 1) {
    Tensor one = mv(unsqueeze(a, 0), b);
    one = Tensor(one.storage(), {}, {}, 0);
    if (!out) return one;
    check_out("matmul", *out, {}, one.dtype());
    copy_(*out, one);
    return *out;
  }
  Tensor x = a.ndim() == 1 ? unsqueeze(a, 0) : a, y = b.ndim() == 1 ? unsqueeze(b, 1) : b;
  if (x.size(x.ndim() - 1) != y.size(y.ndim() - 2)) {
    raise<ValueError>("matmul: expected the inner sizes to match, got ", a.shape(), " and ",
                      b.shape());
  }
  Shape xb(x.shape().begin(), x.ndim() - 2), yb(y.shape().begin(), y.ndim() - 2);
  Shape batch = broadcast("matmul", xb, yb);
  Shape xs = batch, ys = batch, result = batch;
  for (int64_t s : {x.size(x.ndim() - 2), x.size(x.ndim() - 1)}) xs.push_back(s);
  for (int64_t s : {y.size(y.ndim() - 2), y.size(y.ndim() - 1)}) ys.push_back(s);
  if (a.ndim() != 1) result.push_back(x.size(x.ndim() - 2));
  if (b.ndim() != 1) result.push_back(y.size(y.ndim() - 1));
  auto flat = [&](const Tensor& t, const Shape& shape) {
    return reshape(expand(t, shape), {numel(batch), shape[shape.size() - 2], shape.back()});
  };
  Tensor product = reshape(bmm(flat(x, xs), flat(y, ys)), result);
  if (!out) return product;
  check_out("matmul", *out, result, product.dtype());
  copy_(*out, product);
  return *out;
}

Tensor addmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
             Tensor* out) {
  mm_meta("addmm", a, b);
  return scaled_sum("addmm", beta, m, alpha, mm(a, b), out);
}

Tensor baddbmm(Scalar beta, const Tensor& m, Scalar alpha, const Tensor& a, const Tensor& b,
               Tensor* out) {
  return scaled_sum("baddbmm", beta, m, alpha, bmm(a, b), out);
}

Tensor addmv(Scalar beta, const Tensor& v, Scalar alpha, const Tensor& a, const Tensor& x,
             Tensor* out) {
  return scaled_sum("addmv", beta, v, alpha, mv(a, x), out);
}

std::pair<Tensor, Tensor> gesv(const Tensor& b, const Tensor& a) {
  check_ndim("gesv", "A", a, 2);
  if (b.ndim() != 1) check_ndim("gesv", "B", b, 2);
  int64_t n = a.size(0);
  if (a.size(1) != n || b.size(0) != n) {
    raise<ValueError>("gesv: expected a square A and a B with as many rows, got A of size ",
                      a.shape(), " and B of size ", b.shape());
  }
  DType dtype = floating(promote(a.dtype(), b.dtype()));
  Tensor rhs = b.ndim() == 1 ? unsqueeze(b, 1) : b;
  int64_t k = rhs.size(1);
  if (n > INT_MAX || k > INT_MAX)
    raise<ValueError>("gesv: matrix sizes above ", INT_MAX, " are not supported, got ", a);
  // LAPACK is column-major: a contiguous copy of the transposed matrix
  Tensor lu = clone(transpose(to(a, dtype), 0, 1)), x = clone(transpose(to(rhs, dtype), 0, 1));
  Tensor pivots = empty({n}, DType::kInt32);
  auto* kernel =
      require(kernels::linalg.on("gesv", a.device()).gesv[index(dtype)], "gesv", dtype, a.device());
  if (n > 0 && k > 0) {
    int info =
        kernel(static_cast<int>(n), static_cast<int>(k), lu.bytes(), pivots.data<int>(), x.bytes());
    if (info > 0) {
      raise<RuntimeError>("gesv: A is singular: element (", info - 1, ", ", info - 1,
                          ") of its factor U is 0");
    }
  }
  x = transpose(x, 0, 1);
  if (b.ndim() == 1) x = select(x, 1, 0);
  return {x, transpose(lu, 0, 1)};
}

Tensor inverse(const Tensor& a) {
  check_ndim("inverse", "argument", a, 2);
  if (a.size(0) != a.size(1)) raise<ValueError>("inverse: expected a square matrix, got ", a);
  Tensor one = zeros(a.shape(), floating(a.dtype()));
  if (a.numel() > 0) {
    Tensor diagonal = Tensor(one.storage(), {a.size(0)}, {a.size(0) + 1}, 0);
    fill_(diagonal, Scalar(1));
  }
  return gesv(one, a).first;
}

}  // namespace torch::ops
