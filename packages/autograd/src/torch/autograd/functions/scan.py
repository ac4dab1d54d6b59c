"""Running sums, products and extremes along a dimension."""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import torch

from .base import Builtin, call, zeros
from .index import ScatterAdd

__all__ = ["Cummax", "Cummin", "Cumprod", "Cumsum", "Diff", "Logcumsumexp"]


class Scan(Builtin):
    """A result of the size of x; every element tells about those before it along `dim`."""

    __slots__ = ("dim",)

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.inplace = False


class Cumsum(Scan):
    __slots__ = ("reverse",)

    def __init__(self, dim: int, reverse: bool = False) -> None:
        super().__init__(dim)
        self.reverse = reverse

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.reverse:
            return x.flip(self.dim).cumsum(self.dim).flip(self.dim)
        return x.cumsum(self.dim)

    def backward(self, gy: Any) -> Any:
        return call(Cumsum(self.dim, not self.reverse), gy)


class Cumprod(Scan):
    """gx[i] is the sum of gy[k] * y[k] / x[i] over k >= i; the quotient differently for zeros."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.cumprod(self.dim)
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        if not bool(x.eq(0).any()):
            return call(Cumsum(self.dim, reverse=True), gy * y) / x
        n = x.size(self.dim)
        one = edge(x, self.dim)
        before = torch.cat([one, y.narrow(self.dim, 0, n - 1)], self.dim)
        after = torch.cat([x.narrow(self.dim, 1, n - 1), one], self.dim)
        return before * recurrence(after, gy, self.dim)


class Logcumsumexp(Scan):
    """log(cumsum(exp(x))).

    gx[i] is the sum of gy[k] * exp(x[i] - y[k]) over k >= i. As y grows, exp(y[i] - y[k]) is at
    most 1 and nothing overflows: exp(x[i] - y[i]) is taken out of the sum.
    """

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.logcumsumexp(self.dim)
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        n = x.size(self.dim)
        y = y.masked_fill(y.eq(-math.inf), 0)  # exp(-inf - 0) is 0 in the last line, and no NaN
        steps = y.narrow(self.dim, 0, n - 1) - y.narrow(self.dim, 1, n - 1)
        steps = torch.cat([steps.clamp(max=0).exp(), edge(x, self.dim)], self.dim)
        return (x - y).exp() * recurrence(steps, gy, self.dim)


def edge(x: Any, dim: int) -> Any:
    """Ones: a slice of x along `dim`, for where there is no neighbour."""
    size = list(x.size())
    size[dim] = 1
    return zeros(size, x) + 1


def recurrence(a: Any, b: Any, dim: int) -> Any:
    """s[i] = b[i] + a[i] * s[i + 1] along `dim`, with 0 behind the end; the last a is not used.

    After a step that knows of `reach` elements, s[i] = b[i] + a[i] * s[i + reach]; each step
    doubles the reach (W. D. Hillis, G. L. Steele, 1986).
    """
    n = b.size(dim)
    reach = 1
    while reach < n:
        rest = n - reach
        a_here, b_here = a.narrow(dim, 0, rest), b.narrow(dim, 0, rest)
        a_ahead, b_ahead = a.narrow(dim, reach, rest), b.narrow(dim, reach, rest)
        b = torch.cat([b_here + a_here * b_ahead, b.narrow(dim, rest, reach)], dim)
        a = torch.cat([a_here * a_ahead, a.narrow(dim, rest, reach)], dim)
        reach *= 2
    return b


class Cummax(Scan):
    """The largest element so far, of equal ones the last."""

    __slots__ = ("_size", "return_indices")
    op: ClassVar[Callable] = torch.Tensor.cummax

    def __init__(self, dim: int, return_indices: bool = False) -> None:
        super().__init__(dim)
        self.return_indices = return_indices

    def forward(self, x: torch.Tensor) -> Any:
        self._size = x.size()
        y, indices = type(self).op(x, self.dim)
        self.save_for_backward(indices)
        if not self.return_indices:
            return y
        self.mark_non_differentiable(indices)
        return y, indices

    def backward(self, gy: Any, gindices: Any = None) -> Any:
        (indices,) = self.saved_tensors
        return call(ScatterAdd(self._size, self.dim), gy, indices)


class Cummin(Cummax):
    """The smallest element so far, of equal ones the last."""

    __slots__ = ()
    op = torch.Tensor.cummin


class Diff(Builtin):
    """Each element less the one before it, n times.

    The adjoint of a difference is the difference of what was padded with a zero at both ends, with
    its sign changed.
    """

    __slots__ = ("_size", "dim", "n")

    def __init__(self, n: int = 1, dim: int = -1) -> None:
        self.n = n
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.diff(self.n, self.dim)

    def backward(self, gy: Any) -> Any:
        if not gy.size(self.dim):
            return zeros(self._size, gy)
        margin = list(self._size)
        margin[self.dim] = self.n
        nothing = zeros(margin, gy)
        gx = torch.cat([nothing, gy, nothing], self.dim).diff(self.n, self.dim)
        return -gx if self.n % 2 else gx
