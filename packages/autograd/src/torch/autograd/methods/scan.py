"""Running sums, products and extremes, and differences of neighbours."""

from collections.abc import Callable
from typing import Any

from .. import functions as F
from ..functions.base import call_on
from ..variable import Variable
from .table import method, publish, with_indices

#: name: Function. Along a dimension, or of all elements in their order, as a vector
SCANS: dict[str, type] = {"cumprod": F.Cumprod, "cumsum": F.Cumsum}

#: name: Function that gives values and indices
EXTREMES: dict[str, type] = {"cummax": F.Cummax, "cummin": F.Cummin}


def scan(function: Callable) -> Callable:
    def method(self: Variable, dim: int | None = None, *, dtype: Any = None) -> Variable:
        if dtype is not None:
            self = self.type(dtype)
        if dim is None:
            return function(0)(self.contiguous().view(-1))
        return call_on(function(dim), self)

    return method


def extreme(function: Callable) -> Callable:
    def method(self: Variable, dim: int) -> tuple:
        return with_indices(function(dim), self)

    return method


for _name, _function in SCANS.items():
    publish(_name, scan(_function))
for _name, _function in EXTREMES.items():
    publish(_name, extreme(_function))


@method
def logcumsumexp(self: Variable, dim: int) -> Variable:
    """log(cumsum(exp(x))) without overflow."""
    return call_on(F.Logcumsumexp(dim), self)


@method
def diff(self: Variable, n: int = 1, dim: int = -1) -> Variable:
    """Every element less the one before it along dim, n times."""
    return call_on(F.Diff(n, dim), self)
