// The names of 2016: one matrix, floating, upper triangles by default.
#include "torch/ops/lapack.h"

#include "bindings/lapack.h"
#include "torch/ops/view.h"

namespace torch::python {
namespace {

Tensor none_like(const Tensor& t) { return empty({0}, t.dtype(), t.device()); }

void check(Args& a, std::initializer_list<std::pair<int, const char*>> arguments) {
  for (auto [i, name] : arguments) ops::check_real(a.name(), name, a.tensor(i));
}

// (self, A)
PyObject* gesv_call(Args& a) {
  check(a, {{0, "B"}, {1, "A"}});
  const Tensor &b = a.tensor(0), &m = a.tensor(1);
  ops::check_matrix("gesv", "A", m);
  if (b.ndim() != 1) ops::check_matrix("gesv", "B", b);
  auto [x, lu] = factoring(m, [&] { return ops::solve("gesv", m, b, b.ndim() == 1); });
  return a.finish_all({x, lu});
}

PyObject* gels_call(Args& a) {
  check(a, {{0, "B"}, {1, "A"}});
  auto [x, qr] = factoring(a.tensor(1), [&] { return ops::gels(a.tensor(0), a.tensor(1)); });
  return a.finish_all({x, qr});
}

// (self, A, upper, transpose, unitriangular)
PyObject* trtrs_call(Args& a) {
  check(a, {{0, "B"}, {1, "A"}});
  const Tensor &b = a.tensor(0), &m = a.tensor(1);
  ops::check_matrix("trtrs", "A", m);
  if (b.ndim() != 1) ops::check_matrix("trtrs", "B", b);
  bool upper = a.boolean(2), transpose = a.boolean(3), unit = a.boolean(4);
  Tensor x =
      factoring(m, [&] { return ops::solve_triangular("trtrs", b, m, upper, transpose, unit); });
  return a.finish_all({x, ops::clone(m)});
}

PyObject* potrf_call(Args& a) {
  check(a, {{0, "argument"}});
  ops::check_matrix("potrf", "argument", a.tensor(0));
  bool upper = a.boolean(1);
  return deliver(
      a, factoring(a.tensor(0), [&] { return ops::cholesky("potrf", a.tensor(0), upper); }));
}

PyObject* potri_call(Args& a) {
  check(a, {{0, "argument"}});
  bool upper = a.boolean(1);
  return deliver(a, factoring(a.tensor(0), [&] { return ops::potri(a.tensor(0), upper); }));
}

// (self, input2, upper)
PyObject* potrs_call(Args& a) {
  check(a, {{0, "B"}, {1, "the factor"}});
  const Tensor &b = a.tensor(0), &u = a.tensor(1);
  ops::check_matrix("potrs", "the factor", u);
  if (b.ndim() != 1) ops::check_matrix("potrs", "B", b);
  bool upper = a.boolean(2);
  return deliver(a, factoring(u, [&] { return ops::cholesky_solve("potrs", b, u, upper); }));
}

PyObject* pstrf_call(Args& a) {
  check(a, {{0, "argument"}});
  bool upper = a.boolean(1);
  double tol = a.real(2);
  auto [u, pivots] = factoring(a.tensor(0), [&] { return ops::pstrf(a.tensor(0), upper, tol); });
  return a.finish_all({u, pivots});
}

PyObject* geqrf_call(Args& a) {
  check(a, {{0, "argument"}});
  ops::check_matrix("geqrf", "argument", a.tensor(0));
  auto [m, tau] = factoring(a.tensor(0), [&] { return ops::geqrf("geqrf", a.tensor(0)); });
  return a.finish_all({m, tau});
}

PyObject* orgqr_call(Args& a) {
  check(a, {{0, "first argument"}, {1, "second argument"}});
  const Tensor& m = a.tensor(0);
  ops::check_matrix("orgqr", "first argument", m);
  int64_t count = std::min(m.size(0), m.size(1));
  return deliver(a, factoring(m, [&] { return ops::orgqr("orgqr", m, a.tensor(1), count); }));
}

// (self, input2, input3, left, transpose)
PyObject* ormqr_call(Args& a) {
  check(a, {{0, "first argument"}, {1, "second argument"}, {2, "third argument"}});
  bool left = a.boolean(3), transpose = a.boolean(4);
  return deliver(a, factoring(a.tensor(2), [&] {
                   return ops::ormqr(a.tensor(0), a.tensor(1), a.tensor(2), left, transpose);
                 }));
}

PyObject* eig_call(Args& a) {
  check(a, {{0, "argument"}});
  ops::check_matrix("eig", "argument", a.tensor(0));
  bool vectors = a.boolean(1);
  auto [w, v] =
      factoring(a.tensor(0), [&] { return ops::eig("eig", a.tensor(0), vectors, false); });
  return a.finish_all({w, vectors ? v : none_like(w)});
}

PyObject* symeig_call(Args& a) {
  check(a, {{0, "argument"}});
  ops::check_matrix("symeig", "argument", a.tensor(0));
  bool vectors = a.boolean(1), upper = a.boolean(2);
  auto [w, v] =
      factoring(a.tensor(0), [&] { return ops::symeig("symeig", a.tensor(0), vectors, upper); });
  return a.finish_all({w, vectors ? v : none_like(w)});
}

PyObject* svd_call(Args& a) {
  check(a, {{0, "argument"}});
  ops::check_matrix("svd", "argument", a.tensor(0));
  bool full = !a.boolean(1);
  auto [u, s, vh] =
      factoring(a.tensor(0), [&] { return ops::svd("svd", a.tensor(0), true, full); });
  return a.finish_all({u, s, ops::transpose(vh, -2, -1)});
}

PyObject* qr_call(Args& a) {
  check(a, {{0, "argument"}});
  ops::check_matrix("qr", "argument", a.tensor(0));
  auto [q, r] =
      factoring(a.tensor(0), [&] { return ops::qr("qr", a.tensor(0), ops::Qr::kReduced); });
  return a.finish_all({q, r});
}

PyObject* inverse_call(Args& a) {
  return deliver(a, factoring(a.tensor(0), [&] { return ops::inverse("inverse", a.tensor(0)); }));
}

void check_batch(Args& a, int i, const char* name) {
  if (a.tensor(i).ndim() != 3) {
    raise<ValueError>(a.name(), ": expected a batch of matrices as ", name, ", got ", a.tensor(i));
  }
}

// (A, info)
PyObject* btrifact_call(Args& a) {
  check(a, {{0, "A"}});
  check_batch(a, 0, "A");
  ops::check_square("btrifact", "A", a.tensor(0));
  Tensor info;
  auto [lu, pivots] = factoring(a.tensor(0), [&] {
    return ops::lu_factor("btrifact", a.tensor(0), a.has(1) ? &info : nullptr);
  });
  if (a.has(1)) {
    Tensor& target = unwrap(a.object(1));
    if (target.dtype() != DType::kInt32)
      raise<TypeError>("btrifact: expected an IntTensor as info, got ", target);
    ops::check_out("btrifact", target, info.shape(), info.dtype());
    ops::copy_(target, info);
  }
  return a.finish_all({lu, pivots});
}

// (b, LU_data, LU_pivots): one right side per matrix, or several
PyObject* btrisolve_call(Args& a) {
  check(a, {{0, "b"}, {1, "LU_data"}});
  check_batch(a, 1, "LU_data");
  const Tensor& b = a.tensor(0);
  if (b.ndim() != 2 && b.ndim() != 3)
    raise<ValueError>("btrisolve: expected b of size (batch, n) or (batch, n, k), got ", b);
  if (b.size(0) != a.tensor(1).size(0)) {
    raise<ValueError>("btrisolve: expected batches of one size, got ", b, " and ", a.tensor(1));
  }
  Tensor x = factoring(a.tensor(1), [&] {
    Tensor rhs = b.ndim() == 2 ? ops::unsqueeze(b, -1) : b;
    Tensor solution = ops::lu_solve("btrisolve", a.tensor(1), a.tensor(2), rhs);
    return b.ndim() == 2 ? ops::select(solution, -1, 0) : solution;
  });
  return deliver(a, x);
}

constexpr unsigned kBoth = kMethod | kFunction | kOut;
constexpr OpDef kOps[] = {
    {"gesv", kBoth, "(self: Tensor, A: Tensor)", &gesv_call,
     "Solves A X = self for A (n, n) and self (n, k) or (n,) by Gaussian elimination: (X, LU), the "
     "second one L and U in one matrix. RuntimeError when A is singular, ValueError for sizes that "
     "do not fit, TypeError for integers. LAPACK's gesv.",
     ">>> a, b = torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([[2.0], [2.0]])\n"
     ">>> x, lu = torch.gesv(b, a)\n>>> x.tolist()\n[[1.0], [0.5]]",
     "solution LU"},
    {"gels", kBoth, "(self: Tensor, A: Tensor)", &gels_call,
     "Least squares for A (m, n) of full rank and self (m, k): (X, QR). X has max(m, n) rows; the "
     "first n are the solution (the shortest one for m < n), the squares of the others sum to the "
     "squared residuals. RuntimeError when the rank is not full. LAPACK's gels.",
     ">>> a, b = torch.tensor([[1.0], [1.0]]), torch.tensor([[1.0], [3.0]])\n"
     ">>> x, qr = torch.gels(b, a)\n>>> round(x[0, 0], 4)\n2.0",
     "solution QR"},
    {"trtrs", kBoth,
     "(self: Tensor, A: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool "
     "= False)",
     &trtrs_call,
     "Solves A X = self, or with A transposed, for the upper or lower triangle of A (n, n) and "
     "self (n, k) or (n,): (X, copy of A). unitriangular: the diagonal counts as 1. RuntimeError "
     "for a zero on the diagonal. LAPACK's trtrs.",
     ">>> a, b = torch.tensor([[1.0, 1.0], [0.0, 2.0]]), torch.tensor([[3.0], [4.0]])\n"
     ">>> x, a2 = torch.trtrs(b, a)\n>>> x.tolist()\n[[1.0], [2.0]]",
     "solution A"},
    {"potrf", kBoth, "(self: Tensor, upper: bool = True)", &potrf_call,
     "Cholesky factor of a positive-definite matrix (n, n): U with self = U' U, or L with self = L "
     "L'. Only that triangle is read. RuntimeError when it is not positive definite. LAPACK's "
     "potrf.",
     ">>> torch.potrf(torch.tensor([[4.0, 2.0], [2.0, 5.0]])).tolist()\n[[2.0, 1.0], [0.0, 2.0]]"},
    {"potri", kBoth, "(self: Tensor, upper: bool = True)", &potri_call,
     "Inverse (n, n) of the matrix whose Cholesky factor self is. RuntimeError for a zero on the "
     "diagonal. LAPACK's potri.",
     ">>> torch.potri(torch.tensor([[2.0]])).tolist()\n[[0.25]]"},
    {"potrs", kBoth, "(self: Tensor, input2: Tensor, upper: bool = True)", &potrs_call,
     "Solves A X = self (n, k) or (n,) for the A whose Cholesky factor input2 (n, n) is. LAPACK's "
     "potrs.",
     ">>> u, b = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[4.0], [3.0]])\n"
     ">>> torch.potrs(b, u).tolist()\n[[1.0], [3.0]]"},
    {"pstrf", kBoth, "(self: Tensor, upper: bool = True, tol: number = -1)", &pstrf_call,
     "Cholesky factor with pivoting of a positive-semidefinite matrix (n, n): (u, pivots) such "
     "that self[pivots][:, pivots] = u' u (upper) or u u'. Pivots are an IntTensor, counted from "
     "0. The factorization ends where no diagonal element is above tol (negative: n * eps * the "
     "largest one); what lies beyond is 0. LAPACK's pstrf.",
     ">>> u, pivots = torch.pstrf(torch.tensor([[1.0, 0.0], [0.0, 4.0]]))\n"
     ">>> u.tolist(), pivots.tolist()\n([[2.0, 0.0], [0.0, 1.0]], [1, 0])",
     "u pivots"},
    {"geqrf", kBoth, "(self: Tensor)", &geqrf_call,
     "QR factorization of a matrix (m, n) as LAPACK stores it: R in the upper triangle, the "
     "reflectors that make up Q below it, and their min(m, n) factors tau. LAPACK's geqrf.",
     ">>> a, tau = torch.geqrf(torch.tensor([[3.0], [4.0]]))\n>>> a.tolist(), tau.tolist()\n"
     "([[-5.0], [0.5]], [1.600000023841858])",
     "a tau"},
    {"orgqr", kBoth, "(self: Tensor, input2: Tensor)", &orgqr_call,
     "Q (m, min(m, n)) from the result of geqrf: self (m, n) and tau. LAPACK's orgqr.",
     ">>> a, tau = torch.geqrf(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))\n"
     ">>> torch.orgqr(a, tau).abs().tolist()\n[[1.0, 0.0], [0.0, 1.0]]"},
    {"ormqr", kBoth,
     "(self: Tensor, input2: Tensor, input3: Tensor, left: bool = True, transpose: bool = False)",
     &ormqr_call,
     "Q @ input3, or input3 @ Q, or with Q transposed, for the Q that geqrf gave as self and "
     "input2. LAPACK's ormqr.",
     ">>> a, tau = torch.geqrf(torch.tensor([[3.0], [4.0]]))\n"
     ">>> c = torch.tensor([[3.0], [4.0]])\n"
     ">>> q = torch.ormqr(a, tau, c, True, True)\n>>> round(q[0, 0], 4)\n-5.0"},
    {"eig", kBoth, "(self: Tensor, eigenvectors: bool = False)", &eig_call,
     "Eigenvalues (n, 2) of a square matrix as pairs of real and imaginary part, and eigenvectors "
     "(n, n) in columns, (0,) where not asked for: of a conjugate pair one column has the real "
     "parts and the next the imaginary ones. RuntimeError for NaN and infinity. LAPACK's geev.",
     ">>> e, v = torch.eig(torch.tensor([[0.0, 1.0], [-1.0, 0.0]]))\n>>> e.tolist()\n"
     "[[0.0, 1.0], [0.0, -1.0]]",
     "eigenvalues eigenvectors"},
    {"symeig", kBoth, "(self: Tensor, eigenvectors: bool = False, upper: bool = True)",
     &symeig_call,
     "Eigenvalues (n,) of a symmetric matrix in ascending order, and eigenvectors (n, n) in "
     "columns, (0,) where not asked for. Only one triangle is read. RuntimeError for NaN and "
     "infinity. LAPACK's syevd.",
     ">>> e, v = torch.symeig(torch.tensor([[2.0, 0.0], [0.0, 1.0]]), eigenvectors=True)\n"
     ">>> e.tolist()\n[1.0, 2.0]",
     "eigenvalues eigenvectors"},
    {"svd", kBoth, "(self: Tensor, some: bool = True)", &svd_call,
     "Singular value decomposition self = U @ diag(S) @ V': U (m, k), S (k,) in descending order, "
     "V "
     "(n, k) with k = min(m, n); some=False gives all of U (m, m) and V (n, n). RuntimeError for "
     "NaN and infinity. LAPACK's gesdd.",
     ">>> u, s, v = torch.svd(torch.tensor([[0.0, 2.0], [1.0, 0.0]]))\n>>> s.tolist()\n[2.0, 1.0]",
     "U S V"},
    {"qr", kBoth, "(self: Tensor)", &qr_call,
     "self (m, n) = Q @ R with Q (m, k) orthogonal in its columns and R (k, n) upper triangular, k "
     "= min(m, n). LAPACK's geqrf and orgqr.",
     ">>> q, r = torch.qr(torch.tensor([[3.0], [4.0]]))\n>>> round(r[0, 0], 4)\n-5.0", "Q R"},
    {"inverse", kBoth, "(self: Tensor)", &inverse_call,
     "Inverse of a square matrix (n, n), or of each one of a batch (..., n, n); float64 for "
     "integers. RuntimeError when one is singular.",
     ">>> torch.inverse(torch.tensor([[2.0, 0.0], [0.0, 4.0]])).tolist()\n"
     "[[0.5, 0.0], [0.0, 0.25]]"},
    {"btrifact", kFunction | kOut, "(A: Tensor, info: Tensor = None)", &btrifact_call,
     "LU factorization of a batch (b, n, n): both factors in one matrix, and pivots (b, n), an "
     "IntTensor, counted from 1 as LAPACK does. info, an IntTensor, becomes 0 for every matrix "
     "that was factored and the position of the zero in U for a singular one; without it that is "
     "a RuntimeError.",
     ">>> lu, pivots = torch.btrifact(torch.tensor([[[0.0, 1.0], [2.0, 0.0]]]))\n"
     ">>> lu.tolist(), pivots.tolist()\n([[[2.0, 0.0], [0.0, 1.0]]], [[2, 2]])",
     "LU pivots"},
    {"btrisolve", kFunction | kOut, "(b: Tensor, LU_data: Tensor, LU_pivots: Tensor)",
     &btrisolve_call,
     "Solves A x = b for a batch of matrices that btrifact factored; b: (batch, n) or (batch, n, "
     "k).",
     ">>> lu, pivots = torch.btrifact(torch.tensor([[[0.0, 1.0], [2.0, 0.0]]]))\n"
     ">>> torch.btrisolve(torch.tensor([[3.0, 4.0]]), lu, pivots).tolist()\n[[2.0, 3.0]]"},
};

}  // namespace

void add_lapack(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
