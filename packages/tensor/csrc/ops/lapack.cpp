#include "torch/ops/lapack.h"

#include <algorithm>
#include <climits>
#include <string>

#include "kernels/lapack_table.h"
#include "ops/check.h"
#include "torch/ops/copy.h"
#include "torch/ops/elementwise.h"
#include "torch/ops/reduce.h"
#include "torch/ops/view.h"

namespace torch::ops {
namespace {

int64_t rows_of(const Tensor& t) { return t.size(t.ndim() - 2); }
int64_t cols_of(const Tensor& t) { return t.size(t.ndim() - 1); }
Tensor flipped(const Tensor& t) { return transpose(t, -2, -1); }
Shape front_of(const Tensor& t) { return Shape(t.shape().begin(), t.ndim() - 2); }

Shape joined(const Shape& front, std::initializer_list<int64_t> sizes) {
  Shape s = front;
  for (int64_t n : sizes) s.push_back(n);
  return s;
}

// The dtype LAPACK works in for these arguments, and the one of their result.
struct Types {
  DType work, result;
};
Types types_of(const Tensor& a) { return {computing(floating(a.dtype())), floating(a.dtype())}; }
Types types_of(const Tensor& a, const Tensor& b) {
  DType d = floating(promote(a.dtype(), b.dtype()));
  return {computing(d), d};
}

const kernels::LapackTable& table(const char* op, const Tensor& t) {
  return kernels::lapack.on(op, t.device());
}

// LAPACK counts in 32 bits.
int small(const char* op, int64_t n, const Tensor& t) {
  if (n > INT_MAX)
    raise<ValueError>(op, ": matrix sizes above ", INT_MAX, " are not supported, got ", t);
  return static_cast<int>(n);
}

// Fresh memory that holds the matrices of `t` column by column: the transposed matrices, row-major.
Tensor columns(const char* op, const Tensor& t, DType dtype) {
  small(op, std::max(rows_of(t), cols_of(t)), t);
  Tensor source = flipped(t), fresh = empty(source.shape(), dtype, t.device());
  copy_(fresh, source);
  return fresh;
}

// The same to be read only: `t` itself where it lies so already.
Tensor columns_to_read(const char* op, const Tensor& t, DType dtype) {
  Tensor source = flipped(t);
  return t.dtype() == dtype && source.is_contiguous() ? source : columns(op, t, dtype);
}

Tensor new_info(const Shape& front) { return zeros(front, DType::kInt32); }

// "the matrix", or "matrix (2, 1) of the batch": which one has an info that is not 0.
struct Failure {
  int info = 0;
  std::string which;
};
Failure failure(const Tensor& info) {
  const int* p = info.data<int>();
  for (int64_t i = 0; i < info.numel(); ++i) {
    if (p[i] == 0) continue;
    return {p[i], info.ndim() == 0 ? "the matrix"
                                   : message("matrix ", unravel(i, info.shape()), " of the batch")};
  }
  return {};
}

// What does not depend on the factorization.
Failure checked_failure(const char* op, const Tensor& info, const Tensor& a) {
  Failure f = failure(info);
  if (f.info == kernels::kNotFinite) {
    raise<RuntimeError>(op, ": expected finite numbers, but ", f.which,
                        " has NaN or infinity in it");
  }
  if (f.info == kernels::kTooLarge)
    raise<ValueError>(op, ": ", a, " is too large for LAPACK's 32-bit sizes");
  if (f.info < 0) raise<RuntimeError>(op, ": LAPACK refused its argument ", -f.info, " for ", a);
  return f;
}

void check_converged(const char* op, const Tensor& info, const Tensor& a) {
  Failure f = checked_failure(op, info, a);
  if (f.info > 0) {
    raise<RuntimeError>(op, ": the iteration did not converge for ", f.which, ": LAPACK's info is ",
                        f.info);
  }
}

void check_nonsingular(const char* op, const Tensor& info, const Tensor& a, const char* factor) {
  Failure f = checked_failure(op, info, a);
  if (f.info > 0) {
    raise<RuntimeError>(op, ": ", f.which, " is singular: ", factor, "(", f.info, ", ", f.info,
                        ") is zero");
  }
}

Tensor result(const Tensor& columns, DType dtype) { return flipped(to(columns, dtype)); }

// Both sides of a system with one batch in front, `b` as matrices.
struct System {
  Tensor a, b;
  Shape front;
};
System system_of(const char* op, const Tensor& a, const Tensor& b, bool vector) {
  check_square(op, "A", a);
  Tensor rhs = vector ? unsqueeze(b, -1) : b;
  check_matrices(op, "B", rhs);
  if (rows_of(rhs) != rows_of(a)) {
    raise<ValueError>(op, ": expected B to have as many rows as A, got A of size ", a.shape(),
                      " and B of size ", b.shape());
  }
  Shape front = broadcast(op, front_of(a), front_of(rhs));
  return {expand(a, joined(front, {rows_of(a), cols_of(a)})),
          expand(rhs, joined(front, {rows_of(rhs), cols_of(rhs)})), front};
}

}  // namespace

void check_matrix(const char* op, const char* name, const Tensor& t) {
  if (t.ndim() != 2) raise<ValueError>(op, ": expected a matrix as ", name, ", got ", t);
}

void check_matrices(const char* op, const char* name, const Tensor& t) {
  if (t.ndim() < 2)
    raise<ValueError>(op, ": expected a matrix or a batch of matrices as ", name, ", got ", t);
}

void check_square(const char* op, const char* name, const Tensor& t) {
  check_matrices(op, name, t);
  if (rows_of(t) != cols_of(t))
    raise<ValueError>(op, ": expected a square matrix as ", name, ", got ", t);
}

void check_real(const char* op, const char* name, const Tensor& t) {
  if (!is_floating(t.dtype()))
    raise<TypeError>(op, ": expected a floating tensor as ", name, ", got ", t);
}

namespace {

int64_t batch_of(const Tensor& t) { return numel(front_of(t)); }

// LU factors of matrices that lie in columns, in place.
struct Lu {
  Tensor pivots, info;
};
Lu factor(const char* op, const Tensor& lu) {
  Shape front = front_of(lu);
  int64_t m = cols_of(lu), n = rows_of(lu);
  Lu f{empty(joined(front, {std::min(m, n)}), DType::kInt32, lu.device()), new_info(front)};
  auto* kernel = require(table(op, lu).getrf[index(lu.dtype())], op, lu.dtype(), lu.device());
  if (lu.numel() > 0) {
    kernel(numel(front), static_cast<int>(m), static_cast<int>(n), lu.bytes(), f.pivots.data<int>(),
           f.info.data<int>());
  }
  return f;
}

// x := a^-1 x for the factors and the right sides in columns.
void solve_factored(const char* op, const Tensor& lu, const Tensor& pivots, const Tensor& x) {
  auto* kernel = require(table(op, x).getrs[index(x.dtype())], op, x.dtype(), x.device());
  if (x.numel() > 0) {
    kernel(false, batch_of(x), static_cast<int>(cols_of(x)), static_cast<int>(rows_of(x)),
           lu.bytes(), pivots.data<int>(), x.bytes());
  }
}

Tensor without_column(const Tensor& t, bool vector) { return vector ? select(t, -1, 0) : t; }

}  // namespace

TensorPair lu_factor(const char* op, const Tensor& a, Tensor* info) {
  check_matrices(op, "A", a);
  Types types = types_of(a);
  Tensor lu = columns(op, a, types.work);
  Lu f = factor(op, lu);
  if (info)
    *info = f.info;
  else if (rows_of(a) == cols_of(a))
    check_nonsingular(op, f.info, a, "U");
  return {result(lu, types.result), f.pivots};
}

Tensor lu_solve(const char* op, const Tensor& lu, const Tensor& pivots, const Tensor& b) {
  bool vector = b.ndim() == 1;
  System s = system_of(op, lu, b, vector);
  Types types = types_of(lu, b);
  int64_t n = rows_of(lu);
  if (pivots.dtype() != DType::kInt32)
    raise<TypeError>(op, ": expected the pivots as an IntTensor, got ", pivots);
  if (pivots.shape() != joined(front_of(lu), {n})) {
    raise<ValueError>(op, ": expected pivots of size ", joined(front_of(lu), {n}), ", got ",
                      pivots);
  }
  if (pivots.numel() > 0 &&
      (reduce_all(ReduceOp::amin, pivots).i < 1 || reduce_all(ReduceOp::amax, pivots).i > n)) {
    raise<ValueError>(op, ": expected pivots from 1 to ", n, ", got others");
  }
  Tensor x = columns(op, s.b, types.work);
  solve_factored(op, columns_to_read(op, s.a, types.work),
                 contiguous(expand(pivots, joined(s.front, {n}))), x);
  return without_column(result(x, types.result), vector);
}

TensorPair solve(const char* op, const Tensor& a, const Tensor& b, bool vector) {
  System s = system_of(op, a, b, vector);
  Types types = types_of(a, b);
  Tensor lu = columns(op, s.a, types.work), x = columns(op, s.b, types.work);
  Lu f = factor(op, lu);
  check_nonsingular(op, f.info, a, "U");
  solve_factored(op, lu, f.pivots, x);
  return {without_column(result(x, types.result), vector), result(lu, types.result)};
}

Tensor inverse(const char* op, const Tensor& a) {
  check_square(op, "argument", a);
  Types types = types_of(a);
  Tensor x = columns(op, a, types.work);
  Lu f = factor(op, x);
  check_nonsingular(op, f.info, a, "U");
  auto* kernel = require(table(op, a).getri[index(types.work)], op, a.dtype(), a.device());
  if (x.numel() > 0) {
    kernel(batch_of(x), static_cast<int>(rows_of(x)), x.bytes(), f.pivots.data<int>(),
           f.info.data<int>());
    check_nonsingular(op, f.info, a, "U");
  }
  return result(x, types.result);
}

namespace {

// A matrix and its transpose have the same determinant, so rows may stand for columns.
struct Determinants {
  Tensor det, sign, log_size;
};
Determinants determinants(const char* op, const Tensor& a, bool logarithm) {
  check_square(op, "argument", a);
  small(op, rows_of(a), a);
  Types types = types_of(a);
  Tensor lu = empty(a.shape(), types.work, a.device());
  copy_(lu, a);
  Lu f = factor(op, lu);
  Shape front = front_of(a);
  auto fresh = [&] { return empty(front, types.work, a.device()); };
  Determinants d;
  if (logarithm)
    d.sign = fresh(), d.log_size = fresh();
  else
    d.det = fresh();
  auto bytes = [](const Tensor& t) { return t.defined() ? t.bytes() : nullptr; };
  auto* kernel = require(table(op, a).determinant[index(types.work)], op, a.dtype(), a.device());
  kernel(numel(front), static_cast<int>(rows_of(a)), lu.bytes(), f.pivots.data<int>(), bytes(d.det),
         bytes(d.sign), bytes(d.log_size));
  auto rounded = [&](Tensor& t) {
    if (t.defined()) t = to(t, types.result);
  };
  rounded(d.det), rounded(d.sign), rounded(d.log_size);
  return d;
}

}  // namespace

Tensor det(const char* op, const Tensor& a) { return determinants(op, a, false).det; }

TensorPair slogdet(const char* op, const Tensor& a) {
  Determinants d = determinants(op, a, true);
  return {d.sign, d.log_size};
}

Tensor cholesky(const char* op, const Tensor& a, bool upper) {
  check_square(op, "argument", a);
  Types types = types_of(a);
  Tensor x = columns(op, a, types.work), info = new_info(front_of(a));
  auto* kernel = require(table(op, a).potrf[index(types.work)], op, a.dtype(), a.device());
  if (x.numel() > 0)
    kernel(upper, batch_of(x), static_cast<int>(rows_of(x)), x.bytes(), info.data<int>());
  Failure f = checked_failure(op, info, a);
  if (f.info > 0) {
    raise<RuntimeError>(op, ": ", f.which, " is not positive definite: its leading minor of order ",
                        f.info, " is not positive");
  }
  return result(x, types.result);
}

Tensor cholesky_solve(const char* op, const Tensor& b, const Tensor& factor, bool upper) {
  bool vector = b.ndim() == 1;
  System s = system_of(op, factor, b, vector);
  Types types = types_of(factor, b);
  Tensor a = columns_to_read(op, s.a, types.work), x = columns(op, s.b, types.work);
  auto* kernel = require(table(op, b).potrs[index(types.work)], op, types.work, b.device());
  if (x.numel() > 0) {
    kernel(upper, batch_of(x), static_cast<int>(cols_of(x)), static_cast<int>(rows_of(x)),
           a.bytes(), x.bytes());
  }
  return without_column(result(x, types.result), vector);
}

Tensor potri(const Tensor& factor, bool upper) {
  check_matrix("potri", "argument", factor);
  check_square("potri", "argument", factor);
  Types types = types_of(factor);
  Tensor x = columns("potri", factor, types.work), info = new_info({});
  auto* kernel =
      require(table("potri", x).potri[index(types.work)], "potri", factor.dtype(), factor.device());
  if (x.numel() > 0) kernel(upper, static_cast<int>(rows_of(x)), x.bytes(), info.data<int>());
  check_nonsingular("potri", info, factor, upper ? "U" : "L");
  return result(x, types.result);
}

TensorPair pstrf(const Tensor& a, bool upper, double tol) {
  check_matrix("pstrf", "argument", a);
  check_square("pstrf", "argument", a);
  Types types = types_of(a);
  Tensor x = columns("pstrf", a, types.work), info = new_info({}),
         pivots = zeros({rows_of(a)}, DType::kInt32);
  auto* kernel =
      require(table("pstrf", a).pstrf[index(types.work)], "pstrf", a.dtype(), a.device());
  if (x.numel() > 0) {
    kernel(upper, static_cast<int>(rows_of(x)), x.bytes(), pivots.data<int>(), tol,
           info.data<int>());
    binary(BinaryOp::sub, pivots, Scalar(1), &pivots);
  }
  checked_failure("pstrf", info, a);  // a positive number says that the rank is not full
  return {result(x, types.result), pivots};
}

Tensor solve_triangular(const char* op, const Tensor& b, const Tensor& a, bool upper,
                        bool transpose, bool unit) {
  bool vector = b.ndim() == 1;
  System s = system_of(op, a, b, vector);
  Types types = types_of(a, b);
  Tensor triangle = columns_to_read(op, s.a, types.work), x = columns(op, s.b, types.work),
         info = new_info(s.front);
  auto* kernel = require(table(op, b).trtrs[index(types.work)], op, types.work, b.device());
  if (x.numel() > 0) {
    kernel(upper, transpose, unit, batch_of(x), static_cast<int>(cols_of(x)),
           static_cast<int>(rows_of(x)), triangle.bytes(), x.bytes(), info.data<int>());
  }
  check_nonsingular(op, info, a, "A");
  return without_column(result(x, types.result), vector);
}

namespace {

// QR of matrices that lie in columns, in place; the reflectors' factors.
Tensor factor_qr(const char* op, const Tensor& x, const Tensor& a) {
  int64_t m = cols_of(x), n = rows_of(x);
  Tensor tau = empty(joined(front_of(x), {std::min(m, n)}), x.dtype(), x.device()),
         info = new_info(front_of(x));
  auto* kernel = require(table(op, x).geqrf[index(x.dtype())], op, x.dtype(), x.device());
  if (x.numel() > 0) {
    kernel(batch_of(x), static_cast<int>(m), static_cast<int>(n), x.bytes(), tau.bytes(),
           info.data<int>());
  }
  checked_failure(op, info, a);
  return tau;
}

// The first columns of Q, from the reflectors in columns.
Tensor form_q(const char* op, const Tensor& x, const Tensor& tau, int64_t count) {
  int64_t m = cols_of(x), k = tau.size(tau.ndim() - 1), have = std::min(count, rows_of(x));
  Tensor q = zeros(joined(front_of(x), {count, m}), x.dtype());
  Tensor part = narrow(q, -2, 0, have), info = new_info(front_of(x));
  copy_(part, narrow(x, -2, 0, have));
  auto* kernel = require(table(op, x).orgqr[index(x.dtype())], op, x.dtype(), x.device());
  if (q.numel() > 0) {
    kernel(batch_of(x), static_cast<int>(m), static_cast<int>(count), static_cast<int>(k),
           q.bytes(), tau.bytes(), info.data<int>());
  }
  checked_failure(op, info, x);
  return q;
}

}  // namespace

TensorPair geqrf(const char* op, const Tensor& a) {
  check_matrices(op, "argument", a);
  Types types = types_of(a);
  Tensor x = columns(op, a, types.work), tau = factor_qr(op, x, a);
  return {result(x, types.result), to(tau, types.result)};
}

Tensor orgqr(const char* op, const Tensor& a, const Tensor& tau, int64_t count) {
  check_matrices(op, "first argument", a);
  int64_t m = rows_of(a), n = cols_of(a), k = tau.ndim() ? tau.size(tau.ndim() - 1) : 0;
  if (tau.ndim() != a.ndim() - 1 || tau.shape() != joined(front_of(a), {k}) || k > std::min(m, n)) {
    raise<ValueError>(op, ": expected at most ", std::min(m, n),
                      " factors of reflectors per matrix for ", a, ", got ", tau);
  }
  if (count < k || count > m)
    raise<ValueError>(op, ": expected ", k, " to ", m, " columns of Q, got ", count);
  Types types = types_of(a, tau);
  Tensor x = columns(op, a, types.work);
  return result(form_q(op, x, contiguous(to(tau, types.work)), count), types.result);
}

Tensor ormqr(const Tensor& a, const Tensor& tau, const Tensor& c, bool left, bool transpose) {
  check_matrix("ormqr", "first argument", a);
  check_matrix("ormqr", "third argument", c);
  int64_t k = tau.ndim() == 1 ? tau.size(0) : -1, side = left ? c.size(0) : c.size(1);
  if (k < 0 || k > std::min(a.size(0), a.size(1))) {
    raise<ValueError>("ormqr: expected a vector of at most ", std::min(a.size(0), a.size(1)),
                      " factors for ", a, ", got ", tau);
  }
  if (a.size(0) != side) {
    raise<ValueError>("ormqr: expected Q with ", a.size(0), " rows to fit the ",
                      left ? "rows" : "columns", " of ", c);
  }
  DType dtype = promote(promote(a.dtype(), tau.dtype()), c.dtype()),
        work = computing(floating(dtype));
  // ormqr writes to the reflectors and puts them back, so that they are copied
  Tensor q = columns("ormqr", a, work), x = columns("ormqr", c, work), info = new_info({}),
         factors = contiguous(to(tau, work));
  auto* kernel = require(table("ormqr", c).ormqr[index(work)], "ormqr", dtype, c.device());
  if (x.numel() > 0 && k > 0) {
    kernel(left, transpose, static_cast<int>(c.size(0)), static_cast<int>(c.size(1)),
           static_cast<int>(k), q.bytes(), factors.bytes(), x.bytes(), info.data<int>());
  }
  checked_failure("ormqr", info, c);
  return result(x, floating(dtype));
}

TensorPair qr(const char* op, const Tensor& a, Qr mode) {
  check_matrices(op, "argument", a);
  Types types = types_of(a);
  int64_t m = rows_of(a), n = cols_of(a), count = mode == Qr::kComplete ? m : std::min(m, n);
  Tensor x = columns(op, a, types.work), tau = factor_qr(op, x, a);
  // the first rows, what stands below the diagonal set to 0
  Tensor r = empty(joined(front_of(a), {n, count}), types.work, a.device());
  copy_(r, narrow(x, -1, 0, count));
  auto* clear = require(table(op, a).clear_below[index(types.work)], op, a.dtype(), a.device());
  clear(batch_of(r), static_cast<int>(count), static_cast<int>(n), r.bytes());
  Tensor q = mode == Qr::kR ? Tensor() : result(form_q(op, x, tau, count), types.result);
  return {q, result(r, types.result)};
}

TensorPair gels(const Tensor& b, const Tensor& a) {
  check_matrix("gels", "A", a);
  bool vector = b.ndim() == 1;
  Tensor rhs = vector ? unsqueeze(b, 1) : b;
  check_matrix("gels", "B", rhs);
  int64_t m = a.size(0), n = a.size(1), k = rhs.size(1);
  if (rhs.size(0) != m) {
    raise<ValueError>("gels: expected B to have as many rows as A, got A of size ", a.shape(),
                      " and B of size ", b.shape());
  }
  small("gels", k, b);
  Types types = types_of(a, b);
  Tensor qr = columns("gels", a, types.work), info = new_info({}),
         x = zeros({k, std::max(m, n)}, types.work);
  Tensor upper_part = narrow(x, 1, 0, m);
  copy_(upper_part, flipped(rhs));
  auto* kernel = require(table("gels", a).gels[index(types.work)], "gels", types.work, a.device());
  if (m > 0 && n > 0 && k > 0) {
    kernel(static_cast<int>(m), static_cast<int>(n), static_cast<int>(k), qr.bytes(), x.bytes(),
           info.data<int>());
  }
  Failure f = checked_failure("gels", info, a);
  if (f.info > 0) {
    raise<RuntimeError>("gels: ", f.which, " does not have full rank: its factor R(", f.info, ", ",
                        f.info, ") is zero");
  }
  return {without_column(result(x, types.result), vector), result(qr, types.result)};
}

std::array<Tensor, 4> lstsq(const char* op, const Tensor& a, const Tensor& b, double rcond) {
  check_matrix(op, "A", a);
  bool vector = b.ndim() == 1;
  Tensor rhs = vector ? unsqueeze(b, 1) : b;
  check_matrix(op, "B", rhs);
  int64_t m = a.size(0), n = a.size(1), k = rhs.size(1);
  if (rhs.size(0) != m) {
    raise<ValueError>(op, ": expected B to have as many rows as A, got A of size ", a.shape(),
                      " and B of size ", b.shape());
  }
  small(op, k, b);
  Types types = types_of(a, b);
  Tensor work = columns(op, a, types.work), info = new_info({}),
         x = zeros({std::max<int64_t>(k, 1), std::max(m, n)}, types.work),
         s = empty({std::min(m, n)}, types.work, a.device());
  if (k > 0) {
    Tensor upper_part = narrow(x, 1, 0, m);
    copy_(upper_part, flipped(rhs));
  }
  int rank = 0;
  auto* kernel = require(table(op, a).gelsd[index(types.work)], op, types.work, a.device());
  if (m > 0 && n > 0) {
    kernel(static_cast<int>(m), static_cast<int>(n), static_cast<int>(x.size(0)), work.bytes(),
           x.bytes(), s.bytes(), rcond, &rank, info.data<int>());
  }
  check_converged(op, info, a);
  x = narrow(x, 0, 0, k);
  Tensor residuals = empty({0}, types.work, a.device());
  if (m > n && rank == n) {
    Tensor rest = narrow(x, 1, n, m - n);
    residuals = reduce(ReduceOp::sum, op, binary(BinaryOp::mul, rest, rest), {1}, false);
  }
  Tensor solution = result(narrow(x, 1, 0, n), types.result);
  return {without_column(solution, vector), to(residuals, types.result),
          full({}, Scalar(rank), DType::kInt64), to(s, types.result)};
}

TensorPair symeig(const char* op, const Tensor& a, bool vectors, bool upper) {
  check_square(op, "argument", a);
  Types types = types_of(a);
  Tensor v = columns(op, a, types.work), info = new_info(front_of(a)),
         w = empty(joined(front_of(a), {rows_of(a)}), types.work, a.device());
  auto* kernel = require(table(op, a).syevd[index(types.work)], op, a.dtype(), a.device());
  if (v.numel() > 0) {
    kernel(vectors, upper, batch_of(v), static_cast<int>(rows_of(v)), v.bytes(), w.bytes(),
           info.data<int>());
  }
  check_converged(op, info, a);
  return {to(w, types.result), vectors ? result(v, types.result) : Tensor()};
}

TensorPair eig(const char* op, const Tensor& a, bool vectors, bool pairs) {
  check_square(op, "argument", a);
  Types types = types_of(a);
  int64_t n = rows_of(a);
  Tensor x = columns(op, a, types.work), info = new_info(front_of(a)),
         w = empty(joined(front_of(a), {n, 2}), types.work, a.device());
  Tensor v = vectors ? empty(x.shape(), types.work, a.device()) : Tensor();
  const auto& kernels = table(op, a);
  auto* kernel = require(kernels.geev[index(types.work)], op, a.dtype(), a.device());
  if (x.numel() > 0) {
    kernel(batch_of(x), static_cast<int>(n), x.bytes(), w.bytes(), vectors ? v.bytes() : nullptr,
           info.data<int>());
  }
  check_converged(op, info, a);
  if (vectors && pairs) {
    Tensor apart = empty(joined(a.shape(), {2}), types.work, a.device());
    kernels.unpack[index(types.work)](batch_of(x), static_cast<int>(n), w.bytes(), v.bytes(),
                                      apart.bytes());
    v = to(apart, types.result);
  } else if (vectors) {
    v = result(v, types.result);
  }
  return {to(w, types.result), v};
}

std::array<Tensor, 3> svd(const char* op, const Tensor& a, bool vectors, bool full) {
  check_matrices(op, "argument", a);
  Types types = types_of(a);
  Shape front = front_of(a);
  int64_t m = rows_of(a), n = cols_of(a), k = std::min(m, n);
  Tensor x = columns(op, a, types.work), info = new_info(front),
         s = empty(joined(front, {k}), types.work, a.device()), u, vt;
  if (vectors) {
    u = empty(joined(front, {full ? m : k, m}), types.work, a.device());
    vt = empty(joined(front, {n, full ? n : k}), types.work, a.device());
  }
  auto* kernel = require(table(op, a).gesdd[index(types.work)], op, a.dtype(), a.device());
  if (x.numel() > 0) {
    using kernels::Vectors;
    kernel(!vectors ? Vectors::kNone
           : full   ? Vectors::kFull
                    : Vectors::kThin,
           batch_of(x), static_cast<int>(m), static_cast<int>(n), x.bytes(), s.bytes(),
           vectors ? u.bytes() : nullptr, vectors ? vt.bytes() : nullptr, info.data<int>());
  } else if (vectors && full) {  // nothing to factor: any orthogonal matrices will do
    for (Tensor t : {u, vt}) {
      fill_(t, Scalar(0));
      Tensor ones = diagonal_of(t);
      fill_(ones, Scalar(1));
    }
  }
  check_converged(op, info, a);
  if (!vectors) return {Tensor(), to(s, types.result), Tensor()};
  return {result(u, types.result), to(s, types.result), result(vt, types.result)};
}

Tensor diagonal_of(const Tensor& t) {
  int r = t.ndim() - 2;
  Shape shape = front_of(t), strides(t.strides().begin(), r);
  shape.push_back(std::min(t.size(r), t.size(r + 1)));
  strides.push_back(t.stride(r) + t.stride(r + 1));
  return Tensor(t.storage(), shape, strides, t.offset());
}

}  // namespace torch::ops
