"""Reading and writing by index."""

from typing import Any

import torch

from .. import functions as F
from ..functions.base import call_on
from ..functions.index import broadcast_size, plain_index
from ..variable import Variable, type_name
from .table import as_variable, is_number, method, torch_only, untracked


def getitem(self: Variable, index: Any) -> Variable:
    return call_on(F.Index(index), self)


def setitem(self: Variable, index: Any, value: Any) -> None:
    if isinstance(value, Variable | torch.Tensor):
        F.SetItem(index)(self, value)
    else:
        F.SetItem(index, value)(self)


def written(name: str, word: str, value: Any, other: Any) -> Any:
    """The one value that was given, under either of its two names."""
    if (value is None) == (other is None):
        raise TypeError(f"{name}: expected {word} (a Variable, a Tensor or a number), or value=")
    value = other if value is None else value
    if not (is_number(value) or isinstance(value, Variable | torch.Tensor)):
        raise TypeError(
            f"{name}: {word}: expected a Variable, a Tensor or a number, got {type_name(value)}"
        )
    return value


# Slices at positions along one dimension


@method
def index_select(self: Variable, dim: int, index: Any) -> Variable:
    """The entries of dim at a vector of positions."""
    return F.IndexSelect(dim)(self, index)


@method
def index_add(self: Variable, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Variable:
    """With alpha times the slices of source added at the positions `index` along dim."""
    return F.IndexAdd(dim, alpha=alpha)(self, index, source)


@method
def index_add_(self: Variable, dim: int, index: Any, source: Any, *, alpha: Any = 1) -> Variable:
    """In-place form of index_add."""
    return F.IndexAdd(dim, inplace=True, alpha=alpha)(self, index, source)


@method
def index_copy(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """With the slices of source in place of those at the positions `index` along dim."""
    return F.IndexCopy(dim)(self, index, source)


@method
def index_copy_(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """In-place form of index_copy."""
    return F.IndexCopy(dim, inplace=True)(self, index, source)


@method
def index_fill(self: Variable, dim: int, index: Any, value: Any) -> Variable:
    """With one value in the slices at the positions `index` along dim."""
    if is_number(value):
        return F.IndexFill(dim, value)(self, index)
    return F.IndexFill(dim)(self, index, as_variable(value))


@method
def index_fill_(self: Variable, dim: int, index: Any, value: Any) -> Variable:
    """In-place form of index_fill."""
    if is_number(value):
        return F.IndexFill(dim, value, inplace=True)(self, index)
    return F.IndexFill(dim, inplace=True)(self, index, as_variable(value))


# Elements at positions along one dimension


@method
def gather(self: Variable, dim: int, index: Any) -> Variable:
    """One element per entry of index, which names its position in dim."""
    return F.Gather(dim)(self, index)


def scattered(
    self: Variable, dim: int, index: Any, src: Any, reduce: Any, inplace: bool
) -> Variable:
    if is_number(src):
        return F.Scatter(dim, inplace, src, reduce)(self, index)
    return F.Scatter(dim, inplace, reduce=reduce)(self, index, as_variable(src))


@method
def scatter(
    self: Variable, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: Any = None
) -> Variable:
    """With the elements of src, or one number, at the places that index names along dim."""
    src = written("scatter", "src", src, value)
    return scattered(self, dim, index, src, reduce, inplace=False)


@method
def scatter_(
    self: Variable, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: Any = None
) -> Variable:
    """In-place form of scatter."""
    src = written("scatter_", "src", src, value)
    return scattered(self, dim, index, src, reduce, inplace=True)


@method
def scatter_add(self: Variable, dim: int, index: Any, src: Any) -> Variable:
    """With the elements of src added at the places that index names along dim."""
    return F.Scatter(dim, reduce="add")(self, index, src)


@method
def scatter_add_(self: Variable, dim: int, index: Any, src: Any) -> Variable:
    """In-place form of scatter_add."""
    return F.Scatter(dim, inplace=True, reduce="add")(self, index, src)


def spread(self: Variable, index: Any, dim: int) -> tuple[torch.Tensor, list[int]]:
    """Positions as gather takes them: none negative, as large as self but in dim; and self's size.

    Both broadcast to each other in the other dimensions.
    """
    places = plain_index(index)
    n = self.size(dim)
    if places.dim() != self.dim():
        raise ValueError(
            f"take_along_dim: index: expected {self.dim()} dimensions as the Variable has, "
            f"got size {tuple(places.size())}"
        )
    dim %= self.dim()
    flat = [list(x.size()) for x in (self, places)]
    flat[0][dim] = flat[1][dim] = 1
    size = list(broadcast_size(*flat))
    size[dim] = places.size(dim)
    places = places + (places < 0).type(places.dtype) * n
    places = places.expand(size)
    size[dim] = n
    return places, size


@method
def take_along_dim(self: Variable, index: Any, dim: int | None = None) -> Variable:
    """gather with negative positions that broadcasts; without dim over all elements."""
    if dim is None:
        self, index, dim = self.reshape(-1), plain_index(index).reshape(-1), 0
    places, size = spread(self, index, dim)
    return F.Gather(dim)(self.expand(size), places)


@method
def take_along_axis(self: Variable, index: Any, dim: int | None = None) -> Variable:
    """NumPy's name of take_along_dim."""
    return take_along_dim(self, index, dim)


@method
def put_along_axis_(self: Variable, index: Any, values: Any, dim: int) -> Variable:
    """The way back from take_along_dim: writes values, which broadcast, in place."""
    places, _ = spread(self, index, dim)
    if is_number(values):
        return F.Scatter(dim, True, values)(self, places)
    return F.Scatter(dim, True)(self, places, as_variable(values).expand(places.size()))


# Elements at positions in row-major order


@method
def take(self: Variable, index: Any, dim: int | None = None) -> Variable:
    """The elements at positions in row-major order, or the entries of dim, in index's size."""
    return F.Take(dim)(self, index)


@method
def put_(
    self: Variable, index: Any, source: Any = None, accumulate: bool = False, *, value: Any = None
) -> Variable:
    """Writes source, or one number, to positions in row-major order; accumulate adds. In place."""
    source = written("put_", "source", source, value)
    if is_number(source):
        return F.Put(accumulate, source)(self, index)
    return F.Put(accumulate)(self, index, as_variable(source))


@method
def index_put(self: Variable, indices: Any, values: Any, accumulate: bool = False) -> Variable:
    """With self[indices] = values for integer tensors and masks; accumulate adds."""
    if is_number(values):
        return F.IndexPut(indices, accumulate, values)(self)
    return F.IndexPut(indices, accumulate)(self, as_variable(values))


@method
def index_put_(self: Variable, indices: Any, values: Any, accumulate: bool = False) -> Variable:
    """In-place form of index_put."""
    if is_number(values):
        return F.IndexPut(indices, accumulate, values, inplace=True)(self)
    return F.IndexPut(indices, accumulate, inplace=True)(self, as_variable(values))


for _name in ("unravel_index", "ravel_multi_index"):
    torch_only(untracked(_name), _name)
