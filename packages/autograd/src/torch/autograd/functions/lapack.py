"""The operations of 2016 on one matrix, and factorizations that few programs differentiate."""

import math
from collections.abc import Callable
from typing import Any, NoReturn

import torch

from .base import Builtin, call, sum_to
from .matrix import (
    Cholesky,
    Named,
    Pinverse,
    Solve,
    SolveTriangular,
    eye,
    is_absent,
    is_zero,
    mt,
    pinverse_gradient,
    triangle,
)

__all__ = [
    "CholeskySolve", "Eig", "Gels", "Gesv", "Lstsq", "LuFactor", "LuSolve", "Potrf", "Potri",
    "WithoutGradient",
]  # fmt: skip


class Potrf(Cholesky):
    """U with U' U = x, or L with L L' = x for upper=False; x (n, n)"""

    __slots__ = ()

    def __init__(self, upper: bool = True) -> None:
        super().__init__(upper, torch.potrf)


class Potri(Builtin):
    """y = inverse of the matrix with the Cholesky factor x (n, n)"""

    __slots__ = ("upper",)

    def __init__(self, upper: bool = True) -> None:
        self.upper = upper
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.potri(x, self.upper)
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        return factor_gradient(x, -(y @ gy @ y), self.upper)


def factor_gradient(x: Any, g: Any, upper: bool) -> Any:
    """The gradient of the Cholesky factor x, for the gradient g of x x' (of x' x for `upper`)."""
    g = g + mt(g)
    whole = triangle(x, upper)
    return triangle(whole @ g if upper else g @ whole, upper)


class CholeskySolve(Named):
    """x with a @ x = b for the a with the Cholesky factor c; b (n,) or (..., n, k), c (..., n, n).

    `op` takes b, c and `upper`.
    """

    __slots__ = ("_sizes", "upper")

    def __init__(self, upper: bool = False, op: Callable = torch.cholesky_solve) -> None:
        super().__init__(op)
        self.upper = upper

    def forward(self, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
        x = self.op(b, c, self.upper)
        self._sizes = (b.size(), b.dtype), (c.size(), c.dtype)
        self.save_for_backward(c, x if self.needs_input_grad[1] else None)
        self._origins = (1, -1)  # known here; b and c may be one tensor, as below
        return x

    def backward(self, gx: Any) -> tuple:
        c, x = self.saved_tensors
        b_like, c_like = self._sizes
        vector = len(b_like[0]) == 1
        gb = call(CholeskySolve(self.upper), gx.unsqueeze(-1) if vector else gx, c)
        gc = None
        if x is not None:
            ga = -(gb @ mt(x.unsqueeze(-1) if vector else x))
            gc = sum_to(factor_gradient(c, ga, self.upper), *c_like)
        if not self.needs_input_grad[0]:
            return None, gc
        return sum_to(gb.squeeze(-1) if vector else gb, *b_like), gc


class Gesv(Builtin):
    """(x, LU): the solution of a @ x = b, and the factors, which have no gradient.

    b (n, k) or (n,), a (n, n), x like b; b comes first, as in the alpha [Giles 2.3.1].
    """

    __slots__ = ()

    def forward(self, b: torch.Tensor, a: torch.Tensor) -> tuple:
        x, factors = b.gesv(a)
        self.save_for_backward(a, x)
        self._origins = (1, -1)
        self.mark_non_differentiable(factors)
        return x, factors

    def backward(self, gx: Any, gfactors: Any = None) -> tuple:
        a, x = self.saved_tensors
        gb = call(Solve(), mt(a), gx)
        if not self.needs_input_grad[1]:
            return gb, None
        return gb, -(gb.ger(x) if x.dim() == 1 else gb.mm(x.t()))


class Gels(Builtin):
    """(x, QR): least squares for a (m, n) of full rank and b (m, k) or (m,), b first.

    The first n rows of x are the solution; its further rows and the factors have no gradient.
    The solution is pinverse(a) @ b.
    """

    __slots__ = ()

    def forward(self, b: torch.Tensor, a: torch.Tensor) -> tuple:
        x, factors = b.gels(a)
        self.save_for_backward(b, a)
        self._origins = (0, 1)
        self.mark_non_differentiable(factors)
        return x, factors

    def backward(self, gx: Any, gfactors: Any = None) -> tuple:
        b, a = self.saved_tensors
        m, n = a.size()
        if m > n and not is_zero(gx.narrow(0, n, m - n)):
            raise RuntimeError(
                f"gels: no gradient is defined for rows {n} to {m - 1} of the solution: only "
                "their squares mean something, and lstsq gives their sum"
            )
        return solution_gradient(a, b, gx.narrow(0, 0, n), None, self.needs_input_grad)


def solution_gradient(a: Any, b: Any, gx: Any, rcond: float | None, needed: tuple) -> tuple:
    """The gradients of b and a for x = pinverse(a) @ b; `needed` says which."""
    y = call(Pinverse(rcond), a)
    gb = mt(y) @ gx if needed[0] else None
    if not needed[1]:
        return gb, None
    gy = gx.ger(b) if gx.dim() == 1 else gx @ mt(b)
    return gb, pinverse_gradient(a, y, gy)


class Lstsq(Named):
    """(x, residuals, singular values): least squares for a (m, n), b (m,) or (m, k), a first.

    x = pinverse(a) @ b; residuals (k,) are sums of squares. The singular values are constants here.
    """

    __slots__ = ("rank", "rcond")

    def __init__(self, rcond: float | None = None, op: Callable = torch.lstsq) -> None:
        super().__init__(op)
        self.rcond = rcond

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> tuple:
        x, residuals, self.rank, s = self.op(a, b, self.rcond)
        self.save_for_backward(a, b, x)
        self._origins = (0, 1, -1)
        self.mark_non_differentiable(s)
        return x, residuals, s

    def backward(self, gx: Any, gresiduals: Any, gs: Any) -> tuple:
        a, b, x = self.saved_tensors
        needs_a, needs_b = self.needs_input_grad
        gb, ga = solution_gradient(a, b, gx, self.rcond, (needs_b, needs_a))
        if gresiduals.numel() and not is_absent(gresiduals):
            error = (a @ x - b) * (gresiduals * 2)
            if needs_a:
                ga = ga + (error.ger(x) if x.dim() == 1 else error @ mt(x))
            if needs_b:
                gb = gb - error
        return ga, gb


class LuFactor(Named):
    """(LU, pivots): both factors of x (..., m, n) in one matrix; pivots have no gradient.

    The formulas follow from differentiating P' x = L U, for square, wide and tall x in turn.
    """

    __slots__ = ()

    def __init__(self, op: Callable = torch.linalg.lu_factor) -> None:
        super().__init__(op)

    def forward(self, x: torch.Tensor) -> tuple:
        lu, pivots = self.op(x)
        self.save_for_backward(lu, pivots)
        self.mark_non_differentiable(pivots)
        return lu, pivots

    def backward(self, glu: Any, gpivots: Any = None) -> Any:
        lu, pivots = self.saved_tensors
        m, n = lu.size(-2), lu.size(-1)
        k = min(m, n)
        square, gsquare = [y.narrow(-2, 0, k).narrow(-1, 0, k) for y in (lu, glu)]
        lower = triangle(square, upper=False, strict=True) + eye(square)
        upper = triangle(square, upper=True)
        by_lower = mt(lower) @ triangle(gsquare, upper=False, strict=True)
        by_upper = triangle(gsquare, upper=True) @ mt(upper)
        rest = None
        if m < n:  # U = [u1 u2], u2 = L ** -1 @ x2
            u2, gu2 = [y.narrow(-1, m, n - m) for y in (lu, glu)]
            by_lower = by_lower - gu2 @ mt(u2)
            rest = SolveTriangular(True, True).solve(mt(square), gu2)
        elif m > n:  # L = [l1; l2], l2 = x2 @ U ** -1
            l2, gl2 = [y.narrow(-2, n, m - n) for y in (lu, glu)]
            by_upper = by_upper - mt(l2) @ gl2
            rest = mt(SolveTriangular(upper=True).solve(square, mt(gl2)))
        inner = triangle(by_lower, upper=False, strict=True) + triangle(by_upper, upper=True)
        inner = mt(SolveTriangular(upper=True).solve(square, mt(inner)))
        gx = SolveTriangular(True, True).solve(mt(square), inner)
        if rest is not None:
            gx = torch.cat([gx, rest], gx.dim() - (1 if m < n else 2))
        return mt(permutation(pivots, m, gx.dtype)) @ gx


class LuSolve(Named):
    """x with a @ x = b from the (lu, pivots) of a; b (n,) or (..., n, k)."""

    __slots__ = ("_sizes",)

    def __init__(self, op: Callable = torch.linalg.lu_solve) -> None:
        super().__init__(op)

    def forward(self, lu: torch.Tensor, pivots: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        x = self.op(lu, pivots, b)
        self._sizes = (lu.size(), lu.dtype), (b.size(), b.dtype)
        self.save_for_backward(lu, pivots, x if self.needs_input_grad[0] else None)
        self._origins = (0, 1, -1)
        return x

    def backward(self, gx: Any) -> tuple:
        lu, pivots, x = self.saved_tensors
        lu_like, b_like = self._sizes
        vector = len(b_like[0]) == 1
        if vector:
            gx = gx.unsqueeze(-1)
        # P a = L U, so gz is the gradient of P b
        gz = SolveTriangular(upper=False).solve(mt(lu), gx)
        gz = SolveTriangular(True, True).solve(mt(lu), gz)
        glu = None
        if x is not None:
            x = x.unsqueeze(-1) if vector else x
            upper = triangle(lu, upper=True)
            lower = triangle(lu, upper=False, strict=True) + eye(lu)
            glu = triangle(gz @ mt(upper @ x), upper=False, strict=True)
            glu = -(glu + triangle((mt(lower) @ gz) @ mt(x), upper=True))
            glu = sum_to(glu, *lu_like)
        if not self.needs_input_grad[2]:
            return glu, None, None
        gb = mt(permutation(pivots, lu.size(-1), lu.dtype)) @ gz
        return glu, None, sum_to(gb.squeeze(-1) if vector else gb, *b_like)


def permutation(pivots: Any, rows: int, dtype: torch.dtype) -> torch.Tensor:
    """P (..., m, m) with P @ x = L @ U, for pivots (..., k) of lu_factor."""
    pivots = pivots.data if not isinstance(pivots, torch.Tensor) else pivots
    flat = pivots.reshape((math.prod(pivots.size()[:-1]), pivots.size(-1))).long() - 1
    order = torch.arange(rows, device=flat.device).expand(flat.size(0), rows).contiguous()
    for i in range(flat.size(1)):
        there = flat.narrow(1, i, 1)
        moved, own = order.gather(1, there), order.narrow(1, i, 1).clone()
        order.scatter_(1, there, own)
        order.narrow(1, i, 1).copy_(moved)
    p = torch.eye(rows, dtype=dtype, device=flat.device).index_select(0, order.view(-1))
    return p.view((*pivots.size()[:-1], rows, rows))


class Eig(Named):
    """Eigenvalues (..., n, 2) and eigenvectors (..., n, n, 2) of x (..., n, n), as complex pairs.

    Eigenvectors are unique up to a factor of size 1 (a phase): only what does not depend on it has
    a gradient. That divides by differences of eigenvalues; eigenvectors that are not independent
    are an error [Giles 3.1; Boeddeker et al., On the computation of complex-valued gradients with
    application to statistically optimum beamforming, 2017, for complex numbers].
    """

    __slots__ = ()

    def __init__(self, op: Callable = torch.linalg.eig) -> None:
        super().__init__(op)

    def forward(self, x: torch.Tensor) -> tuple:
        w, v = self.op(x)
        self.save_for_backward(w, v)
        return w, v

    def backward(self, gw: Any, gv: Any) -> Any:
        w, v = self.saved_tensors
        n = w.size(-2)
        ones = torch.eye(n, dtype=w.dtype, device=w.device)
        vh = mt(as_real(v))
        inner = gw.unsqueeze(-2) * ones.unsqueeze(-1)
        if not is_absent(gv):
            turn = as_pairs(vh @ as_real(gv))
            own = (turn.select(-1, 0) * ones).sum(
                dim=-2, keepdim=True
            )  # real diagonal, (..., 1, n)
            turn = turn - as_pairs(vh @ as_real(v)) * own.unsqueeze(-1)
            # divided by the conjugate of the difference of eigenvalues, but for the diagonal
            step = w.unsqueeze(-3) - w.unsqueeze(-2)
            a, b = turn.select(-1, 0), turn.select(-1, 1)
            c, d = step.select(-1, 0), step.select(-1, 1)
            scale = (c * c + d * d + ones).reciprocal() * (1 - ones)
            turned = torch.stack([(a * c - b * d) * scale, (a * d + b * c) * scale], a.dim())
            inner = inner + turned
        gx = call(Solve(), vh, as_real(inner) @ vh)
        return gx.narrow(-2, 0, n).narrow(-1, 0, n)


def as_real(z: Any) -> Any:
    """Complex matrices (..., n, m, 2) as real ones (..., 2 n, 2 m) with the same sums and products.

    The conjugate transposed one is the transposed one of these.
    """
    re, im = z.select(-1, 0), z.select(-1, 1)
    last = re.dim() - 1
    return torch.cat([torch.cat([re, -im], last), torch.cat([im, re], last)], last - 1)


def as_pairs(x: Any) -> Any:
    """The complex matrices (..., n, m, 2) for those of as_real."""
    n, m = x.size(-2) // 2, x.size(-1) // 2
    x = x.narrow(-1, 0, m)
    return torch.stack([x.narrow(-2, 0, n), x.narrow(-2, n, n)], x.dim())


class WithoutGradient(Named):
    """An operation that can be computed with, but not differentiated; `reason` says why."""

    __slots__ = ("operation", "reason")

    def __init__(self, operation: str, op: Callable, reason: str) -> None:
        super().__init__(op)
        self.operation = operation
        self.reason = reason

    def forward(self, *args: torch.Tensor) -> Any:
        result = self.op(*args)
        if isinstance(result, torch.Tensor):
            return result
        self.mark_non_differentiable(*[y for y in result if not y.dtype.is_floating_point])
        return tuple(result)

    def backward(self, *gradients: Any) -> NoReturn:
        raise RuntimeError(f"{self.operation}: no gradient is defined: {self.reason}")
