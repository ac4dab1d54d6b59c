"""Reading and writing by index."""

from typing import Any

import torch

from .. import functions as F
from ..variable import Variable
from .table import method, publish

#: name: Function with one constant and one more Variable: x.gather(dim, index) is
#: Gather(dim)(x, index)
ALONG: dict[str, type] = {"gather": F.Gather, "index_select": F.IndexSelect}

for _name, _function in ALONG.items():
    publish(_name, lambda self, dim, index, f=_function: f(dim)(self, index))


@method
def masked_select(self: Variable, mask: Any) -> Variable:
    """The elements where the mask is set, (n,)."""
    return F.MaskedSelect()(self, mask)


@method
def index_add(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """With the slices of source added at the positions `index` along `dim`."""
    return F.IndexAdd(dim)(self, index, source)


@method
def index_add_(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """In-place form of index_add."""
    return F.IndexAdd(dim, inplace=True)(self, index, source)


@method
def scatter_add(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """With the elements of source added at the positions `index` along `dim`."""
    return self + F.ScatterAdd(self.size(), dim)(source, index)


@method
def scatter_add_(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """In-place form of scatter_add."""
    return F.Add(inplace=True)(self, F.ScatterAdd(self.size(), dim)(source, index))


@method
def copy_(self: Variable, source: Any) -> Variable:
    """Overwrite all elements, in place."""
    self[...] = source
    return self


@method
def fill_(self: Variable, value: float) -> Variable:
    """Overwrite all elements with a number, in place."""
    self[...] = value
    return self


@method
def zero_(self: Variable) -> Variable:
    """Overwrite all elements with 0, in place."""
    self[...] = 0
    return self


def getitem(self: Variable, index: Any) -> Variable:
    return F.Index(index)(self)


def setitem(self: Variable, index: Any, value: Any) -> None:
    if isinstance(value, Variable | torch.Tensor):
        F.SetItem(index)(self, value)
    else:
        F.SetItem(index, value)(self)
