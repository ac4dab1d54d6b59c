"""Sorting, choosing by rank, and counting."""

from collections.abc import Callable
from typing import Any

import torch

from .. import functions as F
from ..functions.base import call_on
from ..functions.index import plain_index
from ..variable import Variable
from .table import method, publish, untracked, with_indices

#: no gradient: indices, counts, and sets of values
UNTRACKED = (
    "argpartition",
    "argsort",
    "histc",
    "histogram",
    "isin",
    "searchsorted",
    "unique",
)

for _name in UNTRACKED:
    publish(_name, untracked(_name))


@method
def sort(self: Variable, dim: int = -1, descending: bool = False, *, stable: bool = True) -> tuple:
    """(values, indices) in ascending order; equal elements keep theirs."""
    return with_indices(F.Sort(dim, descending), self)


@method
def msort(self: Variable) -> Variable:
    """The values of sort along dimension 0."""
    return call_on(F.Sort(0), self)


@method
def topk(self: Variable, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> tuple:
    """(values, indices) of the k largest or smallest elements."""
    return with_indices(F.Topk(k, dim, largest, sorted), self)


@method
def kthvalue(self: Variable, k: int, dim: int = -1, keepdim: bool | None = None) -> tuple:
    """(values, indices) of the k-th smallest elements, counted from 1."""
    return with_indices(F.Kthvalue(k, dim, False, keepdim), self)


@method
def mode(self: Variable, dim: int = -1, keepdim: bool | None = None) -> tuple:
    """(values, indices) of the most frequent elements."""
    return with_indices(F.Mode(dim, False, keepdim), self)


@method
def median(self: Variable, dim: int | None = None, keepdim: bool | None = None) -> Any:
    """The lower median of all elements, (1,); along a dimension (values, indices)."""
    if dim is None:
        return call_on(F.Median(), self)
    return with_indices(F.Median(dim, False, keepdim), self)


@method
def partition(self: Variable, kth: int, dim: int = -1) -> Variable:
    """With the element of rank kth at its place, no larger ones before it."""
    return call_on(F.Partition(kth, dim), self)


def quantiles(name: str, scale: int) -> Callable:
    def method(
        self: Variable,
        q: Any,
        dim: int | None = None,
        keepdim: bool | None = None,
        *,
        interpolation: str | None = None,
    ) -> Variable:
        if isinstance(q, Variable) and q._requires_grad:
            raise RuntimeError(f"{name}: q: there is no gradient for it; pass its .data")
        node = F.Quantile(plain_index(q), dim, keepdim, interpolation, scale)
        return call_on(node, self)

    return method


publish("quantile", quantiles("quantile", 1))
publish("percentile", quantiles("percentile", 100))


@method
def bincount(self: Variable, weights: Any = None, minlength: int = 0) -> Variable:
    """How often each number from 0 on occurs, or the sums of the weights there."""
    result = self._data.bincount(plain_index(weights), minlength)
    if not isinstance(weights, Variable):
        return Variable(result, volatile=self._volatile)
    start = Variable(torch.zeros_like(result))
    return F.IndexAdd(0)(start, self._data.long(), weights.type(result.dtype))
