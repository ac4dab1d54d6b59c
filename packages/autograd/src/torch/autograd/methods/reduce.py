"""Reductions."""

from typing import Any

import torch

from .. import functions as F
from ..variable import Variable
from .table import method, publish

#: name: Function whose constants are the arguments: x.sum(0) is Sum(0)(x)
REDUCTIONS: dict[str, type] = {
    "mean": F.Mean,
    "prod": F.Prod,
    "std": F.Std,
    "sum": F.Sum,
    "var": F.Var,
}

for _name, _function in REDUCTIONS.items():
    publish(_name, lambda self, *args, f=_function, **options: f(*args, **options)(self))


@method
def max(self: Variable, dim: Any = None, keepdim: bool = False) -> Any:
    """Largest element; with `dim` (values, indices); with a tensor the larger of each pair."""
    if isinstance(dim, Variable | torch.Tensor):
        return self.maximum(dim)
    return F.Max(dim, dim is not None, keepdim)(self)


@method
def min(self: Variable, dim: Any = None, keepdim: bool = False) -> Any:
    """Smallest element; with `dim` (values, indices); with a tensor the smaller of each pair."""
    if isinstance(dim, Variable | torch.Tensor):
        return self.minimum(dim)
    return F.Min(dim, dim is not None, keepdim)(self)


@method
def norm(self: Variable, p: float = 2, dim: Any = None, keepdim: bool = False) -> Variable:
    """(sum |x|**p) ** (1/p)."""
    return F.Norm(p, dim, keepdim)(self)
