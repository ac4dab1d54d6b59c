// torch.linalg, and those of its names that stand in torch, too.
#include "torch/ops/matrix.h"

#include <string_view>

#include "bindings/lapack.h"
#include "torch/ops/view.h"

namespace torch::python {
namespace {

// Text of an argument that is one of a few words.
std::string_view word(Args& a, int i, std::string_view otherwise, const char* allowed) {
  if (!a.has(i)) return otherwise;
  Py_ssize_t n = 0;
  const char* text =
      PyUnicode_Check(a.object(i)) ? PyUnicode_AsUTF8AndSize(a.object(i), &n) : nullptr;
  if (!text) {
    PyErr_Clear();
    raise<TypeError>(a.name(), ": expected ", allowed, ", got ", Py_TYPE(a.object(i))->tp_name);
  }
  return {text, static_cast<size_t>(n)};
}

ops::Order order_of(Args& a, int i) {
  using Kind = ops::Order::Kind;
  if (!a.has(i)) return {};
  PyObject* o = a.object(i);
  if (is_number(o)) return {Kind::kNumber, to_scalar(o).as_double()};
  constexpr char kAllowed[] = "a number, 'fro', 'nuc' or None as order of the norm";
  std::string_view text = word(a, i, "", kAllowed);
  if (text == "fro") return {Kind::kFrobenius, 2};
  if (text == "nuc") return {Kind::kNuclear, 2};
  raise<ValueError>(a.name(), ": expected ", kAllowed, ", got '", text, "'");
}

std::optional<double> optional_number(Args& a, int i) {
  return a.has(i) ? std::optional(a.real(i)) : std::nullopt;
}

PyObject* solve_call(Args& a) {
  const Tensor &m = a.tensor(0), &b = a.tensor(1);
  return deliver(a, factoring(m, [&] { return ops::solve(a.name(), m, b, b.ndim() == 1).first; }));
}

// (A, B, rcond)
PyObject* lstsq_call(Args& a) {
  const Tensor &m = a.tensor(0), &b = a.tensor(1);
  ops::check_matrix(a.name(), "A", m);
  DType work = computing(floating(promote(m.dtype(), b.dtype())));
  double eps = work == DType::kFloat64 ? 0x1p-52 : 0x1p-23;
  double rcond =
      optional_number(a, 2).value_or(eps * static_cast<double>(std::max(m.size(0), m.size(1))));
  auto [x, residuals, rank, s] = factoring(m, [&] { return ops::lstsq(a.name(), m, b, rcond); });
  return a.finish_all({x, residuals, rank, s});
}

PyObject* cholesky_call(Args& a) {
  bool upper = a.boolean(1);
  return deliver(
      a, factoring(a.tensor(0), [&] { return ops::cholesky(a.name(), a.tensor(0), upper); }));
}

// (B, L, upper)
PyObject* cholesky_solve_call(Args& a) {
  bool upper = a.boolean(2);
  return deliver(a, factoring(a.tensor(1), [&] {
                   return ops::cholesky_solve(a.name(), a.tensor(0), a.tensor(1), upper);
                 }));
}

// (A, B, upper, left, unitriangular)
PyObject* solve_triangular_call(Args& a) {
  bool upper = a.boolean(2), left = a.boolean(3), unit = a.boolean(4);
  const Tensor &m = a.tensor(0), &b = a.tensor(1);
  return deliver(a, factoring(m, [&] {
                   if (left) return ops::solve_triangular(a.name(), b, m, upper, false, unit);
                   ops::check_matrices(a.name(), "B", b);  // X A = B is A' X' = B'
                   return ops::transpose(ops::solve_triangular(a.name(), ops::transpose(b, -2, -1),
                                                               m, upper, true, unit),
                                         -2, -1);
                 }));
}

PyObject* qr_call(Args& a) {
  constexpr char kAllowed[] = "'reduced', 'complete' or 'r' as mode";
  std::string_view text = word(a, 1, "reduced", kAllowed);
  ops::Qr mode;
  if (text == "reduced")
    mode = ops::Qr::kReduced;
  else if (text == "complete")
    mode = ops::Qr::kComplete;
  else if (text == "r")
    mode = ops::Qr::kR;
  else
    raise<ValueError>(a.name(), ": expected ", kAllowed, ", got '", text, "'");
  auto [q, r] = factoring(a.tensor(0), [&] { return ops::qr(a.name(), a.tensor(0), mode); });
  return mode == ops::Qr::kR ? deliver(a, r) : a.finish_all({q, r});
}

PyObject* svd_call(Args& a) {
  bool full = a.boolean(1);
  auto [u, s, vh] =
      factoring(a.tensor(0), [&] { return ops::svd(a.name(), a.tensor(0), true, full); });
  return a.finish_all({u, s, vh});
}

PyObject* svdvals_call(Args& a) {
  return deliver(
      a, factoring(a.tensor(0), [&] { return ops::svd(a.name(), a.tensor(0), false, false)[1]; }));
}

// (A, UPLO)
template <bool vectors>
PyObject* eigh_call(Args& a) {
  constexpr char kAllowed[] = "'L' or 'U' as UPLO";
  std::string_view text = word(a, 1, "L", kAllowed);
  bool upper = text == "U" || text == "u";
  if (!upper && text != "L" && text != "l")
    raise<ValueError>(a.name(), ": expected ", kAllowed, ", got '", text, "'");
  auto [w, v] =
      factoring(a.tensor(0), [&] { return ops::symeig(a.name(), a.tensor(0), vectors, upper); });
  if constexpr (vectors)
    return a.finish_all({w, v});
  else
    return deliver(a, w);
}

template <bool vectors>
PyObject* eig_call(Args& a) {
  auto [w, v] =
      factoring(a.tensor(0), [&] { return ops::eig(a.name(), a.tensor(0), vectors, true); });
  if constexpr (vectors)
    return a.finish_all({w, v});
  else
    return deliver(a, w);
}

template <Tensor (*op)(const char*, const Tensor&)>
PyObject* plain_call(Args& a) {
  return deliver(a, factoring(a.tensor(0), [&] { return op(a.name(), a.tensor(0)); }));
}

PyObject* slogdet_call(Args& a) {
  auto [sign, size] = factoring(a.tensor(0), [&] { return ops::slogdet(a.name(), a.tensor(0)); });
  return a.finish_all({sign, size});
}

// (A, rcond, hermitian)
template <Tensor (*op)(const char*, const Tensor&, std::optional<double>, bool)>
PyObject* cutoff_call(Args& a) {
  std::optional<double> cutoff = optional_number(a, 1);
  bool hermitian = a.boolean(2);
  return deliver(
      a, factoring(a.tensor(0), [&] { return op(a.name(), a.tensor(0), cutoff, hermitian); }));
}

PyObject* matrix_power_call(Args& a) {
  int64_t n = a.integer(1);
  return deliver(
      a, factoring(a.tensor(0), [&] { return ops::matrix_power(a.name(), a.tensor(0), n); }));
}

Shape dims_of(Args& a, int i) {
  if (!a.has(i)) return {};
  Shape dims = a.sizes(i);
  if (dims.empty()) raise<ValueError>(a.name(), ": expected one dimension or more, got none");
  return dims;
}

// (self, ord, dim, keepdim)
template <Tensor (*op)(const char*, const Tensor&, ops::Order, const Shape&, bool)>
PyObject* norm_call(Args& a) {
  ops::Order order = order_of(a, 1);
  Shape dims = dims_of(a, 2);
  bool keepdim = a.boolean(3);
  return deliver(
      a, factoring(a.tensor(0), [&] { return op(a.name(), a.tensor(0), order, dims, keepdim); }));
}

PyObject* vector_norm_call(Args& a) {
  double p = a.real(1);
  Shape dims = dims_of(a, 2);
  bool keepdim = a.boolean(3);
  return deliver(a, factoring(a.tensor(0), [&] {
                   return ops::vector_norm(a.name(), a.tensor(0), p, dims, keepdim);
                 }));
}

PyObject* cond_call(Args& a) {
  ops::Order order = order_of(a, 1);
  return deliver(a,
                 factoring(a.tensor(0), [&] { return ops::cond(a.name(), a.tensor(0), order); }));
}

PyObject* lu_factor_call(Args& a) {
  Tensor info;  // singular matrices have factors, too
  auto [lu, pivots] =
      factoring(a.tensor(0), [&] { return ops::lu_factor(a.name(), a.tensor(0), &info); });
  return a.finish_all({lu, pivots});
}

// (LU, pivots, B)
PyObject* lu_solve_call(Args& a) {
  return deliver(a, factoring(a.tensor(0), [&] {
                   return ops::lu_solve(a.name(), a.tensor(0), a.tensor(1), a.tensor(2));
                 }));
}

PyObject* tensorsolve_call(Args& a) {
  Shape dims = dims_of(a, 2);
  return deliver(a, factoring(a.tensor(0), [&] {
                   return ops::tensorsolve(a.name(), a.tensor(0), a.tensor(1), dims);
                 }));
}

PyObject* tensorinv_call(Args& a) {
  int64_t ind = a.integer(1);
  return deliver(
      a, factoring(a.tensor(0), [&] { return ops::tensorinv(a.name(), a.tensor(0), ind); }));
}

constexpr char kSolve[] =
    "Solves A X = B for square A (..., n, n): B is (n,) or (..., n, k), X has its size; dimensions "
    "in front broadcast. RuntimeError when a matrix is singular, ValueError for sizes that do not "
    "fit.";
constexpr char kLstsq[] =
    "Least squares min |A X - B| for A (m, n) of any rank and B (m,) or (m, k), by singular "
    "values: "
    "solution (n,) or (n, k), the shortest one; sums of squared residuals (k,), or (0,) unless m > "
    "n and the rank is n; the rank; singular values (min(m, n),). Those up to rcond times the "
    "largest one count as zero, by default max(m, n) * eps. LAPACK's gelsd.";
constexpr char kCholesky[] =
    "Cholesky factor of positive-definite matrices (..., n, n): L with A = L L', or with "
    "upper=True "
    "U with A = U' U. Only that triangle is read. RuntimeError when one is not positive definite.";
constexpr char kEigh[] =
    "Eigenvalues (..., n) of symmetric matrices (..., n, n) in ascending order, and eigenvectors "
    "(..., n, n) in columns. UPLO names the triangle that is read, 'L' or 'U'. RuntimeError for "
    "NaN "
    "and infinity. LAPACK's syevd.";
constexpr char kDet[] =
    "Determinants (...) of square matrices (..., n, n), a number for one matrix; 1 for n = 0.";
constexpr char kSlogdet[] =
    "Sign and natural logarithm of the absolute value of determinants, each (...), for square "
    "matrices (..., n, n); (0, -inf) for a singular one.";
constexpr char kPinv[] =
    "Pseudo-inverse (..., n, m) of matrices (..., m, n) by singular values; those up to rcond "
    "times "
    "the largest one count as zero, by default max(m, n) * eps. hermitian=True: A is symmetric, "
    "its "
    "lower triangle is read.";
constexpr char kMatrixPower[] =
    "The n-th power of square matrices (..., k, k) by repeated squaring; n = 0 gives the identity, "
    "negative n powers of the inverse.";

constexpr unsigned kBoth = kMethod | kFunction | kOut, kFree = kFunction | kOut,
                   kLinalg = kPrivate | kOut;
constexpr OpDef kOps[] = {
    {"solve", kFree, "(A: Tensor, B: Tensor)", &solve_call, kSolve,
     ">>> torch.solve(torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([2.0, 2.0])).tolist()\n"
     "[1.0, 0.5]"},
    {"lstsq", kFree, "(A: Tensor, B: Tensor, rcond: number = None)", &lstsq_call, kLstsq,
     ">>> r = torch.lstsq(torch.tensor([[1.0], [1.0]]), torch.tensor([1.0, 3.0]))\n"
     ">>> round(r.solution[0], 4), r.rank\n(2.0, 1)",
     "solution residuals rank singular_values"},
    {"cholesky", kBoth, "(self: Tensor, upper: bool = False)", &cholesky_call, kCholesky,
     ">>> torch.cholesky(torch.tensor([[4.0, 2.0], [2.0, 5.0]])).tolist()\n"
     "[[2.0, 0.0], [1.0, 2.0]]"},
    {"cholesky_solve", kFree, "(B: Tensor, L: Tensor, upper: bool = False)", &cholesky_solve_call,
     "Solves A X = B for the A with the Cholesky factor L (..., n, n): B is (n,) or (..., n, k).",
     ">>> l, b = torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([4.0, 3.0])\n"
     ">>> torch.cholesky_solve(b, l).tolist()\n[1.0, 3.0]"},
    {"eigh", kFree, "(A: Tensor, UPLO: object = 'L')", &eigh_call<true>, kEigh,
     ">>> torch.eigh(torch.tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues.tolist()\n[1.0, 2.0]",
     "eigenvalues eigenvectors"},
    {"det", kBoth, "(self: Tensor)", &plain_call<ops::det>, kDet,
     ">>> torch.det(torch.tensor([[2.0, 1.0], [0.0, 3.0]]))\n6.0"},
    {"slogdet", kBoth, "(self: Tensor)", &slogdet_call, kSlogdet,
     ">>> torch.slogdet(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))[:]\n(-1.0, 0.0)", "sign logabsdet"},
    {"logdet", kBoth, "(self: Tensor)", &plain_call<ops::logdet>,
     "Natural logarithm of determinants (...) of square matrices (..., n, n): -inf for a singular "
     "one, NaN for a negative determinant.",
     ">>> torch.logdet(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))\n0.0"},
    {"pinverse", kBoth, "(self: Tensor, rcond: number = None, hermitian: bool = False)",
     &cutoff_call<ops::pinv>, kPinv,
     ">>> torch.pinverse(torch.tensor([[2.0, 0.0], [0.0, 0.0]])).abs().tolist()\n"
     "[[0.5, 0.0], [0.0, 0.0]]"},
    {"matrix_power", kBoth, "(self: Tensor, n: int)", &matrix_power_call, kMatrixPower,
     ">>> torch.matrix_power(torch.tensor([[1, 1], [1, 0]]), 10).tolist()\n[[89, 55], [55, 34]]"},

    {"linalg_solve", kLinalg, "(A: Tensor, B: Tensor)", &solve_call, kSolve,
     ">>> a, b = torch.tensor([[2.0, 0.0], [0.0, 4.0]]), torch.tensor([2.0, 2.0])\n"
     ">>> torch.linalg.solve(a, b).tolist()\n[1.0, 0.5]"},
    {"linalg_lstsq", kLinalg, "(A: Tensor, B: Tensor, rcond: number = None)", &lstsq_call, kLstsq,
     ">>> r = torch.linalg.lstsq(torch.tensor([[1.0], [1.0]]), torch.tensor([1.0, 3.0]))\n"
     ">>> round(r.solution[0], 4), r.rank\n(2.0, 1)",
     "solution residuals rank singular_values"},
    {"linalg_cholesky", kLinalg, "(A: Tensor, upper: bool = False)", &cholesky_call, kCholesky,
     ">>> torch.linalg.cholesky(torch.tensor([[4.0, 2.0], [2.0, 5.0]])).tolist()\n"
     "[[2.0, 0.0], [1.0, 2.0]]"},
    {"linalg_solve_triangular", kLinalg,
     "(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False)",
     &solve_triangular_call,
     "Solves A X = B, or X A = B with left=False, for the upper or lower triangle of A (..., n, "
     "n); "
     "unitriangular: the diagonal counts as 1. RuntimeError for a zero on the diagonal.",
     ">>> a, b = torch.tensor([[1.0, 1.0], [0.0, 2.0]]), torch.tensor([[3.0], [4.0]])\n"
     ">>> torch.linalg.solve_triangular(a, b, upper=True).tolist()\n[[1.0], [2.0]]"},
    {"linalg_qr", kLinalg, "(A: Tensor, mode: object = 'reduced')", &qr_call,
     "A (..., m, n) = Q @ R with Q (..., m, k) orthogonal in its columns and R (..., k, n) upper "
     "triangular: k is min(m, n), or m with mode='complete'; mode='r' gives R alone.",
     ">>> q, r = torch.linalg.qr(torch.tensor([[3.0], [4.0]]))\n>>> round(r[0, 0], 4)\n-5.0",
     "Q R"},
    {"linalg_svd", kLinalg, "(A: Tensor, full_matrices: bool = True)", &svd_call,
     "Singular value decomposition A = U @ diag(S) @ Vh of matrices (..., m, n): U (..., m, m), S "
     "(..., k) in descending order with k = min(m, n), Vh (..., n, n); (..., m, k) and (..., k, n) "
     "with full_matrices=False. RuntimeError for NaN and infinity. LAPACK's gesdd.",
     ">>> torch.linalg.svd(torch.tensor([[0.0, 2.0], [1.0, 0.0]])).S.tolist()\n[2.0, 1.0]",
     "U S Vh"},
    {"linalg_svdvals", kLinalg, "(A: Tensor)", &svdvals_call,
     "Singular values (..., min(m, n)) of matrices (..., m, n) in descending order.",
     ">>> torch.linalg.svdvals(torch.tensor([[0.0, 2.0], [1.0, 0.0]])).tolist()\n[2.0, 1.0]"},
    {"linalg_eigh", kLinalg, "(A: Tensor, UPLO: object = 'L')", &eigh_call<true>, kEigh,
     ">>> torch.linalg.eigh(torch.tensor([[2.0, 0.0], [0.0, 1.0]])).eigenvalues.tolist()\n"
     "[1.0, 2.0]",
     "eigenvalues eigenvectors"},
    {"linalg_eigvalsh", kLinalg, "(A: Tensor, UPLO: object = 'L')", &eigh_call<false>,
     "Eigenvalues (..., n) of symmetric matrices (..., n, n) in ascending order. UPLO names the "
     "triangle that is read, 'L' or 'U'. RuntimeError for NaN and infinity.",
     ">>> torch.linalg.eigvalsh(torch.tensor([[2.0, 0.0], [0.0, 1.0]])).tolist()\n[1.0, 2.0]"},
    {"linalg_eig", kLinalg, "(A: Tensor)", &eig_call<true>,
     "Eigenvalues (..., n, 2) of square matrices (..., n, n) and eigenvectors (..., n, n, 2) in "
     "columns, of length 1: complex numbers as pairs of real and imaginary part. RuntimeError for "
     "NaN and infinity. LAPACK's geev.",
     ">>> torch.linalg.eig(torch.tensor([[0.0, 1.0], [-1.0, 0.0]])).eigenvalues.tolist()\n"
     "[[0.0, 1.0], [0.0, -1.0]]",
     "eigenvalues eigenvectors"},
    {"linalg_eigvals", kLinalg, "(A: Tensor)", &eig_call<false>,
     "Eigenvalues (..., n, 2) of square matrices (..., n, n) as pairs of real and imaginary part. "
     "RuntimeError for NaN and infinity.",
     ">>> torch.linalg.eigvals(torch.tensor([[0.0, 1.0], [-1.0, 0.0]])).tolist()\n"
     "[[0.0, 1.0], [0.0, -1.0]]"},
    {"linalg_det", kLinalg, "(A: Tensor)", &plain_call<ops::det>, kDet,
     ">>> torch.linalg.det(torch.tensor([[2.0, 1.0], [0.0, 3.0]]))\n6.0"},
    {"linalg_slogdet", kLinalg, "(A: Tensor)", &slogdet_call, kSlogdet,
     ">>> torch.linalg.slogdet(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))[:]\n(-1.0, 0.0)",
     "sign logabsdet"},
    {"linalg_inv", kLinalg, "(A: Tensor)", &plain_call<ops::inverse>,
     "Inverse of square matrices (..., n, n). RuntimeError when one is singular.",
     ">>> torch.linalg.inv(torch.tensor([[2.0, 0.0], [0.0, 4.0]])).tolist()\n"
     "[[0.5, 0.0], [0.0, 0.25]]"},
    {"linalg_pinv", kLinalg, "(A: Tensor, rcond: number = None, hermitian: bool = False)",
     &cutoff_call<ops::pinv>, kPinv,
     ">>> torch.linalg.pinv(torch.tensor([[2.0, 0.0], [0.0, 0.0]])).abs().tolist()\n"
     "[[0.5, 0.0], [0.0, 0.0]]"},
    {"linalg_matrix_rank", kLinalg, "(A: Tensor, tol: number = None, hermitian: bool = False)",
     &cutoff_call<ops::matrix_rank>,
     "Number of singular values above tol, by default above max(m, n) * eps times the largest one: "
     "a LongTensor (...) for matrices (..., m, n), an int for one; 0 or 1 for a vector.",
     ">>> torch.linalg.matrix_rank(torch.tensor([[1.0, 2.0], [2.0, 4.0]]))\n1"},
    {"linalg_matrix_power", kLinalg, "(A: Tensor, n: int)", &matrix_power_call, kMatrixPower,
     ">>> torch.linalg.matrix_power(torch.tensor([[1, 1], [1, 0]]), 10).tolist()\n"
     "[[89, 55], [55, 34]]"},
    {"linalg_matrix_exp", kLinalg, "(A: Tensor)", &plain_call<ops::matrix_exp>,
     "Exponential of square matrices (..., n, n), by scaling and squaring (Higham 2005). "
     "RuntimeError for NaN and infinity.",
     ">>> torch.linalg.matrix_exp(torch.zeros(2, 2)).tolist()\n[[1.0, 0.0], [0.0, 1.0]]"},
    {"linalg_norm", kLinalg,
     "(self: Tensor, ord: object = None, dim: dims = None, keepdim: bool = False)",
     &norm_call<ops::norm>,
     "NumPy's norm: of all elements without ord and dim; of vectors along one dim (ord: any "
     "number, "
     "inf and -inf for the largest and smallest size, 0 for the number of non-zeros); of matrices "
     "over two dims (ord: 'fro', 'nuc', 1, -1, 2, -2, inf, -inf). ValueError for another ord.",
     ">>> torch.linalg.norm(torch.tensor([[3.0, 0.0], [0.0, 4.0]]))\n5.0\n"
     ">>> torch.linalg.norm(torch.tensor([[3.0, 0.0], [0.0, 4.0]]), 1, dim=1).tolist()\n[3.0, "
     "4.0]"},
    {"linalg_vector_norm", kLinalg,
     "(self: Tensor, ord: number = 2, dim: dims = None, keepdim: bool = False)", &vector_norm_call,
     "The p-norm with p = ord over some or all dimensions: inf and -inf for the largest and "
     "smallest size, 0 for the number of non-zeros.",
     ">>> torch.linalg.vector_norm(torch.tensor([3.0, 4.0]))\n5.0"},
    {"linalg_matrix_norm", kLinalg,
     "(self: Tensor, ord: object = 'fro', dim: dims = None, keepdim: bool = False)",
     &norm_call<ops::matrix_norm>,
     "Norm of matrices over two dims, the last two by default: 'fro' (root of the sum of squares), "
     "'nuc' (sum of singular values), 1 and -1 (largest and smallest sum of a column's sizes), inf "
     "and -inf (of a row's), 2 and -2 (largest and smallest singular value).",
     ">>> torch.linalg.matrix_norm(torch.tensor([[3.0, 0.0], [0.0, 4.0]]))\n5.0"},
    {"linalg_cond", kLinalg, "(A: Tensor, p: object = None)", &cond_call,
     "Condition number (...) of matrices: the largest singular value over the smallest, inverted "
     "for p = -2, else norm(A, p) * norm(inv(A), p); inf for a singular matrix.",
     ">>> torch.linalg.cond(torch.tensor([[4.0, 0.0], [0.0, 2.0]]))\n2.0"},
    {"linalg_lu_factor", kLinalg, "(A: Tensor)", &lu_factor_call,
     "LU factorization of matrices (..., m, n): both factors in one matrix, and pivots (..., "
     "min(m, n)), an IntTensor: row i was exchanged with row pivots[i] - 1. Singular matrices are "
     "factored, too.",
     ">>> torch.linalg.lu_factor(torch.tensor([[0.0, 1.0], [2.0, 0.0]])).LU.tolist()\n"
     "[[2.0, 0.0], [0.0, 1.0]]",
     "LU pivots"},
    {"linalg_lu_solve", kLinalg, "(LU: Tensor, pivots: Tensor, B: Tensor)", &lu_solve_call,
     "Solves A X = B from the result of lu_factor; B is (n,) or (..., n, k).",
     ">>> lu, pivots = torch.linalg.lu_factor(torch.tensor([[0.0, 1.0], [2.0, 0.0]]))\n"
     ">>> torch.linalg.lu_solve(lu, pivots, torch.tensor([3.0, 4.0])).tolist()\n[2.0, 3.0]"},
    {"linalg_tensorsolve", kLinalg, "(A: Tensor, B: Tensor, dims: dims = None)", &tensorsolve_call,
     "Solves tensordot(A, X, X.ndim) = B for X: A has the size of B followed by that of X. dims of "
     "A go to its end first.",
     ">>> torch.linalg.tensorsolve(torch.eye(4).view(2, 2, 4), torch.ones(2, 2)).tolist()\n"
     "[1.0, 1.0, 1.0, 1.0]"},
    {"linalg_tensorinv", kLinalg, "(A: Tensor, ind: int = 2)", &tensorinv_call,
     "The inverse for tensordot(., ., ind): A's dimensions from ind on stand first in the result.",
     ">>> torch.linalg.tensorinv(torch.eye(4).view(4, 2, 2), ind=1).shape\ntorch.Size([2, 2, 4])"},
};

}  // namespace

void add_matrix(OpRegistry& r) { r.add<kOps>(); }

}  // namespace torch::python
