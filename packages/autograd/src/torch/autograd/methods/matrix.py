"""Inverses, systems, determinants, factorizations and norms: `torch.linalg`, and its older names.

`torch.linalg.NAME` is published as `linalg_NAME`, which is what the tensor package calls it.
"""

import math
from collections.abc import Callable
from typing import Any

import torch

from .. import functions as F
from ..functions.matrix import mt, with_size
from ..variable import Variable
from .table import free, is_number, method, publish, results

_C = torch._C

#: Methods without arguments, and the name in torch.linalg: Function of the operation to run.
PLAIN: dict[str, tuple[str | None, type]] = {
    "det": ("linalg_det", F.Det),
    "inverse": ("linalg_inv", F.Inverse),
    "logdet": (None, F.Logdet),
}


def plain(function: Callable, op: Callable) -> Callable:
    def apply(self: Variable) -> Variable:
        return function(op)(self)

    return apply


def linalg_plain(function: Callable, op: Callable) -> Callable:
    def apply(A: Variable) -> Variable:
        return function(op)(A)

    return apply


for _name, (_linalg, _function) in PLAIN.items():
    publish(_name, plain(_function, getattr(torch, _name)))
    if _linalg is not None:
        free(_linalg)(linalg_plain(_function, getattr(_C, _linalg)))


@free("linalg_matrix_exp")
def matrix_exp(A: Variable) -> Variable:
    """Exponential of square matrices."""
    return F.MatrixExp()(A)


@method
def slogdet(self: Variable) -> tuple:
    """Sign, a constant, and logarithm of the size of determinants."""
    return results("sign logabsdet", F.Slogdet()(self))


@free("linalg_slogdet")
def linalg_slogdet(A: Variable) -> tuple:
    """Sign, a constant, and logarithm of the size of determinants."""
    return results("sign logabsdet", F.Slogdet(_C.linalg_slogdet)(A))


@method
def pinverse(self: Variable, rcond: Any = None, hermitian: bool = False) -> Variable:
    """Pseudo-inverse by singular values."""
    return F.Pinverse(rcond, hermitian)(self)


@free("linalg_pinv")
def pinv(A: Variable, rcond: Any = None, hermitian: bool = False) -> Variable:
    """Pseudo-inverse by singular values."""
    return F.Pinverse(rcond, hermitian, _C.linalg_pinv)(A)


@free("linalg_matrix_rank")
def matrix_rank(A: Variable, tol: Any = None, hermitian: bool = False) -> Variable:
    """Number of singular values above tol, without history."""
    rank = _C.linalg_matrix_rank(A.data, tol, hermitian)
    if not isinstance(rank, torch.Tensor):
        rank = torch.tensor([rank], device=A.device)
    return Variable(rank, volatile=A.volatile)


# Powers


@method
def matrix_power(self: Variable, n: int) -> Variable:
    """The n-th power of square matrices; negative n: powers of the inverse."""
    return power(self, n, torch.matrix_power)


@free("linalg_matrix_power")
def linalg_matrix_power(A: Variable, n: int) -> Variable:
    """The n-th power of square matrices; negative n: powers of the inverse."""
    return power(A, n, _C.linalg_matrix_power)


def power(x: Variable, n: Any, op: Callable) -> Variable:
    """By repeated squaring, of differentiable products."""
    if not isinstance(n, int) or x.dim() < 2 or x.size(-1) != x.size(-2):
        op(x.data, n)  # its error names both
        n = int(n)  # something that counts as an int, as NumPy's do
    if n == 0:
        y = x.clone()
        y[...] = torch.eye(x.size(-1), dtype=x.dtype, device=x.device)
        return y
    if n < 0:
        x = F.Inverse(lambda data: op(data, -1))(x)
        n = -n
    y = None
    while True:
        if n & 1:
            y = x if y is None else y @ x
        n >>= 1
        if not n:
            return y.clone() if y is x else y
        x = x @ x


# Systems


@free("solve")
def solve(A: Variable, B: Variable) -> Variable:
    """The X with A X = B."""
    return F.Solve()(A, B)


@free("linalg_solve")
def linalg_solve(A: Variable, B: Variable) -> Variable:
    """The X with A X = B."""
    return F.Solve(_C.linalg_solve)(A, B)


@free("linalg_solve_triangular")
def solve_triangular(
    A: Variable, B: Variable, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Variable:
    """The X with A X = B, or X A = B with left=False, for a triangle of A."""
    if left:
        return F.SolveTriangular(upper, unitriangular)(A, B)
    if A.dim() < 2 or B.dim() < 2:
        _C.linalg_solve_triangular(A.data, B.data, upper=upper, left=left)  # its error names both
    return mt(F.SolveTriangular(not upper, unitriangular)(mt(A), mt(B)))


@free("lstsq")
def lstsq(A: Variable, B: Variable, rcond: Any = None) -> tuple:
    """Least squares: solution and residuals; the rank and the singular values are constants."""
    return least_squares(torch.lstsq, A, B, rcond)


@free("linalg_lstsq")
def linalg_lstsq(A: Variable, B: Variable, rcond: Any = None) -> tuple:
    """Least squares: solution and residuals; the rank and the singular values are constants."""
    return least_squares(_C.linalg_lstsq, A, B, rcond)


def least_squares(op: Callable, a: Variable, b: Variable, rcond: Any) -> tuple:
    node = F.Lstsq(rcond, op)
    x, residuals, s = node(a, b)
    return results("solution residuals rank singular_values", (x, residuals, node.rank, s))


@free("linalg_lu_factor")
def lu_factor(A: Variable) -> tuple:
    """Both factors in one matrix, and pivots."""
    return results("LU pivots", F.LuFactor()(A))


@free("linalg_lu_solve")
def lu_solve(LU: Variable, pivots: Variable, B: Variable) -> Variable:
    """The X with A X = B from the result of lu_factor."""
    return F.LuSolve()(LU, pivots, B)


@free("linalg_tensorsolve")
def tensorsolve(A: Variable, B: Variable, dims: Any = None) -> Variable:
    """The X with tensordot(A, X, X.ndim) = B."""
    n = A.dim()
    moved = () if dims is None else (dims,) if isinstance(dims, int) else tuple(dims)
    known = all(isinstance(d, int) and -n <= d < n for d in moved)
    moved = tuple([d % n for d in moved]) if known else ()
    order = (*[d for d in range(n) if d not in moved], *moved)
    shape = [A.size(d) for d in order]
    size = shape[B.dim() :]
    if not known or math.prod(size) != B.numel() or math.prod(shape) != B.numel() ** 2:
        _C.linalg_tensorsolve(A.data, B.data, dims)  # its error names both
    square = A.permute(order).reshape((B.numel(), B.numel()))
    return F.Solve(_C.linalg_solve)(square, B.reshape((-1,))).view(size or (1,))


@free("linalg_tensorinv")
def tensorinv(A: Variable, ind: int = 2) -> Variable:
    """The inverse for tensordot(., ., ind)."""
    size = tuple(A.size())
    front = math.prod(size[:ind]) if isinstance(ind, int) and 0 < ind < len(size) else -1
    if front * front != A.numel():
        _C.linalg_tensorinv(A.data, ind)  # its error names both
    square = F.Inverse(_C.linalg_inv)(A.reshape((front, front)))
    return square.reshape((*size[ind:], *size[:ind]))


# Factorizations


@method
def cholesky(self: Variable, upper: bool = False) -> Variable:
    """The L with L L' = self, or the U with U' U = self."""
    return F.Cholesky(upper)(self)


@free("linalg_cholesky")
def linalg_cholesky(A: Variable, upper: bool = False) -> Variable:
    """The L with L L' = A, or the U with U' U = A."""
    return F.Cholesky(upper, _C.linalg_cholesky)(A)


@free("cholesky_solve")
def cholesky_solve(B: Variable, L: Variable, upper: bool = False) -> Variable:
    """The X with A X = B, for the A with the Cholesky factor L."""
    return F.CholeskySolve(upper)(B, L)


@free("eigh")
def eigh(A: Variable, UPLO: Any = "L") -> tuple:
    """Eigenvalues and eigenvectors of symmetric matrices."""
    return results("eigenvalues eigenvectors", F.Symeig(lambda x: torch.eigh(x, UPLO))(A))


@free("linalg_eigh")
def linalg_eigh(A: Variable, UPLO: Any = "L") -> tuple:
    """Eigenvalues and eigenvectors of symmetric matrices."""
    return results("eigenvalues eigenvectors", F.Symeig(lambda x: _C.linalg_eigh(x, UPLO))(A))


@free("linalg_eigvalsh")
def eigvalsh(A: Variable, UPLO: Any = "L") -> Variable:
    """Eigenvalues of symmetric matrices."""

    def whole(x: torch.Tensor) -> tuple:
        return _C.linalg_eigh(x, UPLO)

    return values_only(A, lambda x: _C.linalg_eigvalsh(x, UPLO), F.Symeig, whole)


def values_only(x: Variable, op: Callable, function: Callable, whole: Callable) -> Variable:
    """Eigenvalues by `op`; by the Function with eigenvectors where a gradient may be asked for."""
    if not x.requires_grad or x.dim() < 2 or x.size(-1) != x.size(-2):
        return Variable(op(x.data), volatile=x.volatile)
    return function(whole)(x)[0]


@free("linalg_eig")
def eig(A: Variable) -> tuple:
    """Eigenvalues (..., n, 2) and eigenvectors (..., n, n, 2) as complex pairs."""
    return results("eigenvalues eigenvectors", F.Eig()(A))


@free("linalg_eigvals")
def eigvals(A: Variable) -> Variable:
    """Eigenvalues (..., n, 2) as complex pairs."""
    return values_only(A, _C.linalg_eigvals, F.Eig, _C.linalg_eig)


@free("linalg_svd")
def svd(A: Variable, full_matrices: bool = True) -> tuple:
    """U, S and the transposed V of A = U diag(S) Vh."""

    def op(x: torch.Tensor) -> tuple:
        u, s, vt = _C.linalg_svd(x, full_matrices)
        return u, s, mt(vt)

    u, s, v = F.Svd(op)(A)
    return results("U S Vh", (u, s, mt(v)))


@free("linalg_svdvals")
def svdvals(A: Variable) -> Variable:
    """Singular values in descending order."""
    if A.dim() < 2 or not A.requires_grad:
        return Variable(_C.linalg_svdvals(A.data), volatile=A.volatile)
    return F.Svd()(A)[1]


@free("linalg_qr")
def qr(A: Variable, mode: Any = "reduced") -> Any:
    """Q and R with A = Q R; R alone with mode="r"."""
    if mode == "r":
        if A.dim() < 2:
            _C.linalg_qr(A.data, mode)  # its error names the size
        return F.Qr()(A)[1]
    return results("Q R", F.Qr(lambda x: _C.linalg_qr(x, mode))(A))


# Norms


def dims_of(x: Variable, dim: Any) -> tuple[int, ...] | None:
    """The dimensions counted from the front; None for something else."""
    dims = (dim,) if isinstance(dim, int) else dim
    n = x.dim()
    if not isinstance(dims, tuple | list):
        return None
    if not all(isinstance(d, int) and -n <= d < n for d in dims):
        return None
    dims = tuple([d % n for d in dims])
    return dims if len(set(dims)) == len(dims) else None


def matrix_norm_of(x: Variable, order: Any, dims: tuple[int, ...], keepdim: bool) -> Variable:
    if order == "fro":
        return F.Norm(2, dims, keepdim)(x)
    rest = [d for d in range(x.dim()) if d not in dims]
    matrices = x.permute((*rest, *dims))
    if order == "nuc" or abs(order) == 2:
        s = F.Svd()(matrices)[1]
        y = s.sum(dim=-1) if order == "nuc" else s.select(-1, 0 if order > 0 else -1)
    else:
        sums = matrices.abs().sum(dim=-1 if math.isinf(order) else -2)
        y = sums.amax(-1) if order > 0 else sums.amin(-1)
    return y.view([1 if d in dims else n for d, n in enumerate(x.size())]) if keepdim else y


def is_matrix_order(order: Any) -> bool:
    return (
        order in ("fro", "nuc")
        if isinstance(order, str)
        else order in (1, 2, -1, -2) or (is_number(order) and math.isinf(order))
    )


@free("linalg_norm")
def norm(self: Variable, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Variable:
    """NumPy's norm of vectors (one dim), matrices (two dims) or all elements."""
    if ord is None and dim is None and has_norm(self):
        return F.Norm(2, None, keepdim)(self)
    dims = dims_of(self, tuple(range(self.dim())) if dim is None else dim)
    if dims is not None and has_norm(self):
        if len(dims) == 1 and (ord is None or is_number(ord)):
            return F.Norm(2 if ord is None else ord, dims, keepdim)(self)
        if len(dims) == 2 and (ord is None or is_matrix_order(ord)):
            return matrix_norm_of(self, "fro" if ord is None else ord, dims, keepdim)
    return constant(self, _C.linalg_norm(self.data, ord, dim, keepdim))


@free("linalg_vector_norm")
def vector_norm(self: Variable, ord: Any = 2, dim: Any = None, keepdim: bool = False) -> Variable:
    """The p-norm with p = ord over some or all dimensions."""
    dims = dims_of(self, tuple(range(self.dim())) if dim is None else dim)
    if dims is None or (dim is not None and not dims) or not is_number(ord) or not has_norm(self):
        return constant(self, _C.linalg_vector_norm(self.data, ord, dim, keepdim))
    return F.Norm(ord, None if dim is None else dims, keepdim)(self)


@free("linalg_matrix_norm")
def matrix_norm(
    self: Variable, ord: Any = "fro", dim: Any = None, keepdim: bool = False
) -> Variable:
    """Norm of the matrices in two dimensions, the last two by default."""
    dims = dims_of(self, (-2, -1) if dim is None else dim)
    if dims is None or len(dims) != 2 or not is_matrix_order(ord) or not has_norm(self):
        return constant(self, _C.linalg_matrix_norm(self.data, ord, dim, keepdim))
    return matrix_norm_of(self, ord, dims, keepdim)


def has_norm(x: Variable) -> bool:
    """Whether there is something to differentiate."""
    return x.numel() > 0 and x.dtype.is_floating_point


def constant(x: Variable, result: Any) -> Variable:
    """The tensor's answer, where it is no error."""
    return Variable(with_size(result, x.data), volatile=x.volatile)


@free("linalg_cond")
def cond(A: Variable, p: Any = None) -> Variable:
    """Condition number: norm(A, p) * norm(inv(A), p)."""
    if A.dim() < 2 or not A.numel() or not (p is None or is_matrix_order(p)):
        return constant(A, _C.linalg_cond(A.data, p))
    if p is None or p in (2, -2):
        s = F.Svd()(A)[1]
        largest, smallest = s.select(-1, 0), s.select(-1, -1)
        return smallest / largest if p == -2 else largest / smallest
    dims = (A.dim() - 2, A.dim() - 1)
    try:
        inverse = F.Inverse(_C.linalg_inv)(A)
    except RuntimeError:  # singular: infinite
        return F.WithoutGradient(
            "cond", lambda x: with_size(_C.linalg_cond(x, p), x), "the matrix is singular"
        )(A)
    return matrix_norm_of(A, p, dims, False) * matrix_norm_of(inverse, p, dims, False)
