"""The operations of 2016 on one matrix."""

from typing import Any

import torch

from .. import functions as F
from ..variable import Variable
from .matrix import values_only
from .table import as_variable, free, method, results

# Systems


@method
def gesv(self: Variable, A: Any) -> tuple:
    """(X, LU) with A X = self; the factors are constants."""
    return results("solution LU", F.Gesv()(self, as_variable(A)))


@method
def gels(self: Variable, A: Any) -> tuple:
    """(X, QR): least squares; the gradient is that of the solution, the first rows of X."""
    return results("solution QR", F.Gels()(self, as_variable(A)))


@method
def trtrs(
    self: Variable,
    A: Any,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> tuple:
    """(X, copy of A) with A X = self, or with A transposed, for a triangle of A."""
    A = as_variable(A)
    matrix = A.t() if transpose and A.dim() == 2 else A
    upper = bool(upper) != bool(transpose)

    def op(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return b.trtrs(a, upper, False, unitriangular)[0]

    return results(
        "solution A", (F.SolveTriangular(upper, unitriangular, op)(matrix, self), A.clone())
    )


@method
def potrs(self: Variable, input2: Any, upper: bool = True) -> Variable:
    """The X with A X = self, for the A with the Cholesky factor input2."""
    return F.CholeskySolve(upper, torch.potrs)(self, as_variable(input2))


@free("btrifact")
def btrifact(A: Variable, info: Any = None) -> tuple:
    """(LU, pivots) of a batch; pivots have no gradient."""
    if isinstance(info, Variable):
        info = info.data
    return results("LU pivots", F.LuFactor(lambda x: torch.btrifact(x, info))(A))


@free("btrisolve")
def btrisolve(b: Variable, LU_data: Variable, LU_pivots: Variable) -> Variable:
    """The x with A x = b, for a batch of matrices that btrifact factored."""

    def op(lu: torch.Tensor, pivots: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return torch.btrisolve(b.squeeze(-1) if vectors else b, lu, pivots).view(b.size())

    vectors = b.dim() == 2
    x = F.LuSolve(op)(LU_data, LU_pivots, b.unsqueeze(-1) if vectors else b)
    return x.squeeze(-1) if vectors else x


# Factorizations


@method
def potrf(self: Variable, upper: bool = True) -> Variable:
    """The U with U' U = self, or the L with L L' = self."""
    return F.Potrf(upper)(self)


@method
def potri(self: Variable, upper: bool = True) -> Variable:
    """The inverse of the matrix whose Cholesky factor self is."""
    return F.Potri(upper)(self)


@method
def pstrf(self: Variable, upper: bool = True, tol: float = -1) -> tuple:
    """(u, pivots), Cholesky with pivoting; an error in backward."""
    reason = "use cholesky of the rows and columns in the order of the pivots"
    function = F.WithoutGradient("pstrf", lambda x: x.pstrf(upper, tol), reason)
    return results("u pivots", function(self))


@method
def geqrf(self: Variable) -> tuple:
    """(a, tau): QR as LAPACK stores it; an error in backward."""
    return results("a tau", F.WithoutGradient("geqrf", torch.geqrf, "use qr")(self))


@method
def orgqr(self: Variable, input2: Any) -> Variable:
    """Q from the result of geqrf."""
    tau = as_variable(input2)
    if not is_factored(self, tau):
        self._data.orgqr(tau._data)  # its error names what is wrong
    q = torch.eye(self.size(0), min(self.size()), dtype=self.dtype, device=self.device)
    return reflected(self, tau, Variable(q), range(tau.size(0))[::-1])


@method
def ormqr(
    self: Variable, input2: Any, input3: Any, left: bool = True, transpose: bool = False
) -> Variable:
    """Q @ input3, or input3 @ Q, or with Q transposed, for the Q that geqrf gave."""
    tau, other = as_variable(input2), as_variable(input3)
    if (
        not is_factored(self, tau)
        or other.dim() != 2
        or other.size(0 if left else 1) != self.size(0)
    ):
        self._data.ormqr(tau._data, other._data, left, transpose)  # its error names what is wrong
    # Q = H[0] H[1] .. and every H is symmetric: from the right it is the transposed from the left
    order = range(tau.size(0))
    if bool(left) != bool(transpose):
        order = order[::-1]
    if left:
        return reflected(self, tau, other, order)
    return reflected(self, tau, other.t(), order).t()


def is_factored(a: Variable, tau: Variable) -> bool:
    """Whether these may be the two results of geqrf."""
    return a.dim() == 2 and tau.dim() == 1 and tau.size(0) <= min(a.size())


def reflected(a: Variable, tau: Variable, y: Variable, order: Any) -> Variable:
    """The Householder reflections I - tau[i] v[i] v[i]' applied to y, one after the other.

    v[i] is column i of a below the diagonal, 1 on it and 0 above.
    """
    k = tau.size(0)
    below = torch.tril(torch.ones(a.size(0), k, dtype=a.dtype, device=a.device), -1)
    v = a.narrow(1, 0, k) * below + torch.eye(a.size(0), k, dtype=a.dtype, device=a.device)
    for i in order:
        column = v.select(1, i)
        y = y - (column * tau.narrow(0, i, 1)).ger(y.t().mv(column))
    return y


@method
def qr(self: Variable) -> tuple:
    """Q and R with self = Q R."""
    return results("Q R", F.Qr(torch.qr)(self))


@method
def svd(self: Variable, some: bool = True) -> tuple:
    """U, S and V of self = U diag(S) V'; further columns with some=False have no gradient."""
    return results("U S V", F.Svd(lambda x: x.svd(some))(self))


@method
def symeig(self: Variable, eigenvectors: bool = False, upper: bool = True) -> tuple:
    """Eigenvalues and, if asked for, eigenvectors of a symmetric matrix."""

    def whole(x: torch.Tensor) -> tuple:
        return x.symeig(True, upper)

    if eigenvectors:
        return results("eigenvalues eigenvectors", F.Symeig(whole)(self))
    values = values_only(self, lambda x: x.symeig(False, upper)[0], F.Symeig, whole)
    return results("eigenvalues eigenvectors", (values, nothing(self)))


@method
def eig(self: Variable, eigenvectors: bool = False) -> tuple:
    """Eigenvalues (n, 2) and, if asked for, eigenvectors in columns, pairs packed in two."""
    if self.dim() != 2 or self.size(0) != self.size(1):
        self._data.eig(eigenvectors)  # its error names the size
    if not eigenvectors:
        values = values_only(self, lambda x: x.eig()[0], F.Eig, torch.linalg.eig)
        return results("eigenvalues eigenvectors", (values, nothing(self)))
    values, vectors = F.Eig()(self)
    # of a conjugate pair the first column is the real part and the second the imaginary one
    parts = []
    for i, (_, imaginary) in enumerate(values.data.tolist()):
        parts.append(2 * i - 1 if imaginary < 0 else 2 * i)
    n = self.size(0)
    places = torch.tensor(parts, dtype=torch.int64, device=vectors.device)
    packed = vectors.reshape((n, 2 * n)).index_select(1, places)
    return results("eigenvalues eigenvectors", (values, packed))


def nothing(x: Variable) -> Variable:
    """What stands for eigenvectors that were not asked for."""
    return Variable(torch.zeros(0, dtype=x.dtype, device=x.device), volatile=x.volatile)
