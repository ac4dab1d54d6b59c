"""Joining, repeating, rolling and turning."""

from typing import Any

import torch

from .. import functions as F
from ..functions.index import plain_index
from ..variable import Variable
from .arguments import from_constants, several
from .table import as_variable, method, publish, torch_only

#: name: Function whose constants are the arguments
MOVES: dict[str, type] = {
    "flip": F.Flip,
    "fliplr": F.Fliplr,
    "flipud": F.Flipud,
    "repeat": F.Repeat,
    "roll": F.Roll,
    "rot90": F.Rot90,
    "tile": F.Tile,
}

for _name, _function in MOVES.items():
    publish(_name, from_constants(_name, _function))


@method
def repeat_interleave(self: Variable, repeats: Any, dim: int | None = None) -> Variable:
    """Every entry of dim `repeats` times in a row; without dim, of all elements."""
    if dim is None:
        self, dim = self.reshape(-1), 0
    return F.RepeatInterleave(plain_index(repeats), dim)(self)


@torch_only
def cat(tensors: Any, dim: int = 0) -> Variable:
    """The Variables one after the other along `dim`."""
    return F.Concat(dim)(*tensors)


for _name in ("concat", "concatenate"):
    torch_only(cat, _name)


@torch_only
def stack(tensors: Any, dim: int = 0) -> Variable:
    """The Variables side by side along a new dimension."""
    return F.Stack(dim)(*tensors)


@torch_only
def hstack(tensors: Any) -> Variable:
    """Joined along the columns: vectors along their only dimension, others along the second."""
    tensors = [atleast_1d(x) for x in tensors]
    return F.Concat(min(1, tensors[0].dim() - 1))(*tensors)


@torch_only
def vstack(tensors: Any) -> Variable:
    """Joined along the rows, a vector as one row."""
    return F.Concat(0)(*[atleast_2d(x) for x in tensors])


@torch_only
def dstack(tensors: Any) -> Variable:
    """Joined along the third dimension, (n,) as (1, n, 1) and (m, n) as (m, n, 1)."""
    return F.Concat(2)(*[atleast_3d(x) for x in tensors])


@torch_only
def column_stack(tensors: Any) -> Variable:
    """Joined along the columns, a vector as one column."""
    columns = [atleast_1d(x) for x in tensors]
    return F.Concat(1)(*[x.unsqueeze(1) if x.dim() == 1 else x for x in columns])


@torch_only
def atleast_1d(self: Any) -> Variable:
    """self, or of size (1,) where it has no dimensions."""
    x = as_variable(self)
    return x if x.dim() else x.view(1)


@torch_only
def atleast_2d(self: Any) -> Variable:
    """self, or a view as a matrix: (n,) -> (1, n)."""
    x = atleast_1d(self)
    return x if x.dim() > 1 else x.unsqueeze(0)


@torch_only
def atleast_3d(self: Any) -> Variable:
    """self, or a view with three dimensions: (n,) -> (1, n, 1), (m, n) -> (m, n, 1)."""
    x = atleast_2d(self)
    return x if x.dim() > 2 else x.unsqueeze(2)


@torch_only
def meshgrid(*tensors: Any, indexing: str = "xy") -> tuple:
    """For n vectors the n coordinates of every point of their grid, as torch.meshgrid."""
    vectors = [as_variable(x) for x in several(tensors)]
    grids = torch.meshgrid([x._data for x in vectors], indexing=indexing)
    size = grids[0].size()
    order = list(range(len(vectors)))
    if indexing == "xy" and len(order) > 1:
        order[:2] = 1, 0
    results = []
    for dim, x in zip(order, vectors, strict=True):
        shape = [1] * len(order)
        shape[dim] = -1
        results.append(x.reshape(shape).expand(size).clone())
    return tuple(results)
