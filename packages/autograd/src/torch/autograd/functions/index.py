"""Reading and writing parts of a Variable.

Reading and writing are each other's gradients: every Function that takes elements out has a partner
that puts gradients back into zeros.
"""

from typing import Any

import torch

from ..variable import Variable
from .base import Builtin, call, sum_to, zeros

__all__ = [
    "Gather", "Index", "IndexAdd", "IndexPut", "IndexSelect", "MaskedFill", "MaskedScatter",
    "MaskedSelect", "ScatterAdd", "SetItem",
]  # fmt: skip


def plain_index(index: Any) -> Any:
    """An index without Variables."""
    if isinstance(index, tuple):
        return tuple([i._data if isinstance(i, Variable) else i for i in index])
    return index._data if isinstance(index, Variable) else index


def is_basic(index: Any) -> bool:
    """Whether x[index] is a view: only numbers, slices, None and `...`."""
    for part in index if type(index) is tuple else (index,):
        if not (part is None or part is ... or isinstance(part, (int, slice))):  # noqa: UP038
            return False
    return True


def take(x: torch.Tensor, index: Any) -> torch.Tensor:
    """x[index]; an index of a single element gives it as a view of size (1,)."""
    y = x[index]
    if isinstance(y, torch.Tensor):
        return y
    *front, last = index if isinstance(index, tuple) else (index,)
    if last is ...:
        *front, last = front
    # the last number becomes a slice of length one; -1 needs an open end
    return x[(*front, slice(last, last + 1 or None))]


class Index(Builtin):
    """y = x[index], for every index that a tensor takes."""

    __slots__ = ("_size", "index", "is_view")

    def __init__(self, index: Any) -> None:
        self.index = plain_index(index)
        self.is_view = is_basic(self.index)  # type: ignore[misc]
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return take(x, self.index)

    def backward(self, gy: Any) -> Any:
        return call(IndexPut(self._size, self.index), gy)


class IndexPut(Builtin):
    """y = zeros(size); y[index] += x, adding where an index repeats."""

    __slots__ = ("index", "size")
    fresh_gradients = True

    def __init__(self, size: Any, index: Any) -> None:
        self.size = size
        self.index = index
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = zeros(self.size, x)
        if is_basic(self.index):
            take(y, self.index).copy_(x)
            return y
        # Where does each element of x go to? Index the flat positions in the same way.
        positions = take(torch.arange(y.numel()).view(self.size), self.index)
        flat = x.expand_as(positions).contiguous().view(-1)
        y.view(-1).index_add_(0, positions.contiguous().view(-1), flat)
        return y

    def backward(self, gy: Any) -> Any:
        return call(Index(self.index), gy)


class SetItem(Builtin):
    """x[index] = value in place; the value is a Variable (the second argument) or a constant."""

    __slots__ = ("_value_size", "index", "value")

    def __init__(self, index: Any, value: Any = None) -> None:
        self.index = plain_index(index)
        self.value = value
        self.inplace = True

    def forward(self, x: torch.Tensor, value: torch.Tensor | None = None) -> torch.Tensor:
        self._value_size = None if value is None else value.size()
        self.mark_dirty(x)
        if value is None:
            x[self.index] = self.value
        elif is_basic(self.index):
            take(x, self.index).copy_(value)
        else:
            x[self.index] = value
        return x

    def backward(self, gz: Any) -> Any:
        gx = call(ZeroAt(self.index), gz)
        if self._value_size is None:
            return gx
        return gx, sum_to(call(Index(self.index), gz), self._value_size)


class ZeroAt(Builtin):
    """A copy of x with zeros at the index."""

    __slots__ = ("index",)

    def __init__(self, index: Any) -> None:
        self.index = index
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.clone()
        y[self.index] = 0
        return y

    def backward(self, gy: Any) -> Any:
        return call(ZeroAt(self.index), gy)


class IndexSelect(Builtin):
    """Slices of x along `dim`, by a LongTensor of positions."""

    __slots__ = ("_size", "dim")

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        self.save_for_backward(index)
        return x.index_select(self.dim, index)

    def backward(self, gy: Any) -> tuple:
        (index,) = self.saved_tensors
        return call(IndexAdd(self.dim), zeros(self._size, gy), index, gy), None


class IndexAdd(Builtin):
    """x with slices of `source` added at the positions `index` along `dim`."""

    __slots__ = ("dim",)

    def __init__(self, dim: int, inplace: bool = False) -> None:
        self.dim = dim
        self.inplace = inplace

    def forward(self, x: torch.Tensor, index: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(index)
        if self.inplace:
            self.mark_dirty(x)
        else:
            x = x.clone()
        return x.index_add_(self.dim, index, source)

    def backward(self, gz: Any) -> tuple:
        (index,) = self.saved_tensors
        return gz, None, gz.index_select(self.dim, index)


class Gather(Builtin):
    """y[i][j] = x[index[i][j]][j] (for dim 0)."""

    __slots__ = ("_size", "dim")

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        self.save_for_backward(index)
        return x.gather(self.dim, index)

    def backward(self, gy: Any) -> tuple:
        (index,) = self.saved_tensors
        return call(ScatterAdd(self._size, self.dim), gy, index), None


class ScatterAdd(Builtin):
    """y = zeros(size); y[index[i][j]][j] += x[i][j] (for dim 0)."""

    __slots__ = ("dim", "size")
    fresh_gradients = True

    def __init__(self, size: Any, dim: int) -> None:
        self.size = size
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(index)
        return zeros(self.size, x).scatter_add_(self.dim, index, x)

    def backward(self, gy: Any) -> tuple:
        (index,) = self.saved_tensors
        return gy.gather(self.dim, index), None


class MaskedSelect(Builtin):
    """The elements of x where the mask is set, as one dimension."""

    __slots__ = ("_size",)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        mask = mask.expand_as(x)
        self.save_for_backward(mask)
        return x.masked_select(mask)

    def backward(self, gy: Any) -> tuple:
        (mask,) = self.saved_tensors
        return call(MaskedScatter(self._size), gy, mask), None


class MaskedScatter(Builtin):
    """y = zeros(size); y[mask] = x, one element after the other."""

    __slots__ = ("size",)
    fresh_gradients = True

    def __init__(self, size: Any) -> None:
        self.size = size
        self.inplace = False

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(mask)
        y = zeros(self.size, x)
        y[mask] = x
        return y

    def backward(self, gy: Any) -> tuple:
        (mask,) = self.saved_tensors
        return gy.masked_select(mask), None


class MaskedFill(Builtin):
    """x with the number `value` where the mask is set."""

    __slots__ = ("value",)

    def __init__(self, value: float, inplace: bool = False) -> None:
        self.value = value
        self.inplace = inplace

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(mask)
        if self.inplace:
            self.mark_dirty(x)
            return x.masked_fill_(mask, self.value)
        return x.clone().masked_fill_(mask, self.value)

    def backward(self, gz: Any) -> tuple:
        (mask,) = self.saved_tensors
        return call(MaskedFill(0), gz, mask), None
