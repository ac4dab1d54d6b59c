"""Reductions."""

from collections.abc import Callable
from typing import Any

import torch

from .. import functions as F
from ..functions.base import call_on
from ..variable import Variable
from .table import OPERANDS, method, publish, torch_only, untracked, with_indices

#: name: Function. x.sum(0, True) is Sum(0, True)(x)
REDUCTIONS: dict[str, type] = {
    "amax": F.Amax,
    "amin": F.Amin,
    "logsumexp": F.Logsumexp,
}

#: the same, with `dtype`, which converts the elements first
SUMS: dict[str, type] = {"mean": F.Mean, "nansum": F.Nansum, "prod": F.Prod, "sum": F.Sum}

#: the same, with the ways to say what the sum of squares is divided by
VARIANCES: dict[str, type] = {"std": F.Std, "var": F.Var}

#: no gradient: the result is a Variable without history
UNTRACKED = ("all", "any", "argmax", "argmin", "count_nonzero")

#: the named tuples that tensors give
MIN_MAX: Any = type(torch.zeros(1).aminmax())
STD_MEAN: Any = type(torch.std_mean(torch.zeros(2)))
VAR_MEAN: Any = type(torch.var_mean(torch.zeros(2)))


def reduction(function: Callable) -> Callable:
    def method(self: Variable, dim: Any = None, keepdim: bool | None = None) -> Variable:
        return call_on(function(dim, keepdim), self)

    return method


def reduced_sum(function: Callable) -> Callable:
    def method(
        self: Variable, dim: Any = None, keepdim: bool | None = None, *, dtype: Any = None
    ) -> Variable:
        if dtype is not None:
            self = self.type(dtype)
        return call_on(function(dim, keepdim), self)

    return method


def variance(function: Callable) -> Callable:
    def method(
        self: Variable,
        dim: Any = None,
        keepdim: bool | None = None,
        unbiased: bool = True,
        *,
        correction: float | None = None,
    ) -> Variable:
        if correction is None:
            correction = 1 if unbiased else 0
        return call_on(function(dim, keepdim, correction), self)

    return method


for _name, _function in REDUCTIONS.items():
    publish(_name, reduction(_function))
for _name, _function in SUMS.items():
    publish(_name, reduced_sum(_function))
for _name, _function in VARIANCES.items():
    publish(_name, variance(_function))
for _name in UNTRACKED:
    publish(_name, untracked(_name))


@torch_only
def var_mean(input: Any, *args: Any, **options: Any) -> tuple:
    """Variance and mean, with the arguments of var."""
    return VAR_MEAN((input.var(*args, **options), mean_beside(input, args, options)))


@torch_only
def std_mean(input: Any, *args: Any, **options: Any) -> tuple:
    """Standard deviation and mean, with the arguments of std."""
    return STD_MEAN((input.std(*args, **options), mean_beside(input, args, options)))


def mean_beside(x: Variable, args: tuple, options: dict) -> Variable:
    """The mean along the dimensions that var and std are given."""
    words = ("dim", "axis", "keepdim", "keepdims")
    return x.mean(*args[:2], **{w: v for w, v in options.items() if w in words})


def extreme(name: str) -> Callable:
    """max and min: of all elements, of several dimensions, along one, or of two operands."""
    along, over = (F.Max, F.Amax) if name == "max" else (F.Min, F.Amin)
    of_two = name + "imum"

    def method(
        self: Variable, dim: Any = None, keepdim: bool | None = None, *, other: Any = None
    ) -> Any:
        if other is not None or isinstance(dim, OPERANDS):
            return getattr(self, of_two)(dim if other is None else other)
        if isinstance(dim, int):
            return with_indices(along(dim, False, keepdim), self)
        return call_on(along(None, False, keepdim) if dim is None else over(dim, keepdim), self)

    return method


for _name in ("max", "min"):
    publish(_name, extreme(_name))


@method
def aminmax(self: Variable, dim: Any = None, keepdim: bool | None = None) -> tuple:
    """(smallest, largest) element."""
    return MIN_MAX((F.Amin(dim, keepdim)(self), F.Amax(dim, keepdim)(self)))


@method
def ptp(self: Variable, dim: Any = None, keepdim: bool | None = None) -> Variable:
    """Largest minus smallest element."""
    return F.Amax(dim, keepdim)(self) - F.Amin(dim, keepdim)(self)


@method
def nanmean(self: Variable, dim: Any = None, keepdim: bool | None = None) -> Variable:
    """The mean of all that is not NaN."""
    there = Variable(self._data.isnan().logical_not().type(self.dtype))
    return F.Nansum(dim, keepdim)(self) / F.Sum(dim, keepdim)(there)


@method
def norm(self: Variable, p: float = 2, dim: Any = None, keepdim: bool | None = None) -> Variable:
    """(sum |x|**p) ** (1/p)."""
    return call_on(F.Norm(p, dim, keepdim), self)


@method
def dist(self: Variable, other: Any, p: float = 2) -> Variable:
    """The p-norm of self - other, (1,)."""
    return F.Norm(p)(self - other)


@method
def renorm(self: Variable, p: float, dim: int, maxnorm: float) -> Variable:
    """Every slice along dim whose p-norm is above maxnorm scaled down to it."""
    return self * renorm_factor(self, p, dim, maxnorm)


@method
def renorm_(self: Variable, p: float, dim: int, maxnorm: float) -> Variable:
    """In-place form of renorm."""
    return self.mul_(renorm_factor(self.clone(), p, dim, maxnorm))


def renorm_factor(x: Variable, p: float, dim: int, maxnorm: float) -> Variable:
    x._data.renorm(p, dim, maxnorm)  # its checks
    others = tuple([d for d in range(x.dim()) if d != dim % x.dim()])
    norms = F.Norm(p, others, True)(x) if others else x.abs()
    # as the tensor's operation: 1e-7 keeps the result below maxnorm
    scaled = maxnorm / (norms + 1e-7)
    one = Variable(torch.ones_like(norms._data))
    return F.Where()(norms._data.gt(maxnorm), scaled, one).expand_as(x)
