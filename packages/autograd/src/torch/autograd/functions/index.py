"""Reading and writing parts of a Variable.

Reading and writing are each other's gradients: every Function that takes elements out has a partner
(`...Grad`) that puts gradients back into zeros.
"""

import numbers
from typing import Any

import torch

from ..variable import Variable
from .base import Builtin, call, sum_to, zeros

__all__ = [
    "Gather", "Index", "IndexAdd", "IndexCopy", "IndexFill", "IndexPut", "IndexSelect", "Put",
    "Scatter", "ScatterAdd", "SetItem", "Take",
]  # fmt: skip


def plain_index(index: Any) -> Any:
    """An index, or any other argument, without Variables."""
    if isinstance(index, Variable):
        return index._data
    if type(index) is tuple or type(index) is list:
        return type(index)([plain_index(i) for i in index])
    return index


def broadcast_size(*sizes: Any) -> torch.Size:
    """The size that tensors of these sizes broadcast to."""
    number = torch.tensor(0.0, device="cpu")  # it has nothing but sizes
    return torch.broadcast_tensors([number.expand(size) for size in sizes])[0].size()


def is_basic(index: Any) -> bool:
    """Whether x[index] is a view: only whole numbers, slices, None and `...`."""
    for part in index if type(index) is tuple else (index,):
        if part is None or part is ... or type(part) is int or type(part) is slice:
            continue
        # NumPy's numbers, and other objects with __index__ that are no sequences
        if not (isinstance(part, numbers.Integral) or hasattr(part, "__index__")):
            return False
        if "bool" in type(part).__name__ or hasattr(part, "__len__"):
            return False
    return True


def take(x: torch.Tensor, index: Any) -> torch.Tensor:
    """x[index]; an index of a single element gives it as a view of size (1,)."""
    y = x[index]
    if isinstance(y, torch.Tensor):
        return y
    if x.dim() == 0:
        return x.view(1)
    *front, last = index if isinstance(index, tuple) else (index,)
    if last is ...:
        *front, last = front
    # the last number becomes a slice of length one; -1 needs an open end
    return x[(*front, slice(last, last + 1 or None))]


def last_writers(size: Any, index: Any, count: Any, device: Any) -> torch.Tensor | None:
    """Which of the values that y[index] = values writes are there afterwards, as ones and zeros.

    A place that is named several times keeps the last value. `count` is the size of y[index]; None
    where every value stays.
    """
    parts = index if type(index) is tuple else (index,)
    if not any(is_positions(part) for part in parts):
        return None  # no place can be named twice
    numbers = torch.arange(torch.Size(count).numel(), device=device).view(count)
    board = torch.zeros(size, dtype=torch.int64, device=device)
    board[index] = numbers
    return kept(board[index].eq(numbers))


def kept(stays: torch.Tensor) -> torch.Tensor | None:
    """None for a mask that is set everywhere."""
    return None if stays.all() else stays


def is_positions(part: Any) -> bool:
    """Whether the part of an index lists positions."""
    if not isinstance(part, torch.Tensor):
        return hasattr(part, "__len__")
    return part.dim() > 0 and part.dtype not in (torch.bool, torch.uint8)


def masked(gradient: Any, stays: torch.Tensor | None) -> Any:
    """The gradient, zero where the mask `stays` is not set."""
    if stays is None:
        return gradient
    return gradient * stays.expand(gradient.size()).type(gradient.dtype)


# x[index]


class Indexed(Builtin):
    """A Function with an index, which is guarded against changes as saved values are."""

    __slots__ = ("_guarded", "index")

    def __init__(self, index: Any, inplace: bool = False) -> None:
        self.index = index = plain_index(index)
        parts = index if type(index) is tuple else (index,)
        self._guarded = [(part, part._version) for part in parts if isinstance(part, torch.Tensor)]
        self.inplace = inplace

    def same_index(self) -> Any:
        """The index; an error if it was changed since forward."""
        for part, version in self._guarded:
            if part._version != version:
                self._complain_changed(part, version)
        return self.index


class Index(Indexed):
    """y = x[index], for every index that a tensor takes."""

    __slots__ = ("_size", "is_view")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        self.is_view = is_basic(self.index)  # type: ignore[misc]
        return take(x, self.index)

    def backward(self, gy: Any) -> Any:
        return call(IndexGrad(self._size, self.same_index()), gy)


class IndexGrad(Indexed):
    """y = zeros(size); y[index] += x, adding where an index repeats."""

    __slots__ = ("size",)
    fresh_gradients = True

    def __init__(self, size: Any, index: Any) -> None:
        super().__init__(index)
        self.size = size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = zeros(self.size, x)
        if is_basic(self.index):
            take(y, self.index).copy_(x)
            return y
        tensors = self.index if type(self.index) is tuple else (self.index,)
        if all(isinstance(t, torch.Tensor) and t.dim() for t in tensors):
            return y.index_put_(tensors, x, True)
        # Where does each element of x go to? Index the flat positions in the same way.
        numbers = torch.arange(y.numel(), device=x.device).view(self.size)
        positions = take(numbers, self.index)
        y.view(-1).index_add_(0, positions.flatten(), x.expand_as(positions).flatten())
        return y

    def backward(self, gy: Any) -> Any:
        return call(Index(self.same_index()), gy)


class SetItem(Indexed):
    """x[index] = value in place; the value is a Variable (the second argument) or a constant."""

    __slots__ = ("_value", "value")

    def __init__(self, index: Any, value: Any = None) -> None:
        super().__init__(index, inplace=True)
        self.value = plain_index(value)

    def forward(self, x: torch.Tensor, value: torch.Tensor | None = None) -> torch.Tensor:
        self._value = None if value is None else (value.size(), value.dtype)
        self.mark_dirty(x)
        if value is None:
            x[self.index] = self.value
        elif is_basic(self.index):
            take(x, self.index).copy_(value)
        else:
            x[self.index] = value
        return x

    def backward(self, gz: Any) -> Any:
        index = self.same_index()
        gx = call(ZeroAt(index), gz)
        if self._value is None:
            return gx
        if not self.needs_input_grad[1]:
            return gx, None
        part = call(Index(index), gz)
        part = masked(part, last_writers(gz.size(), index, part.size(), gz.device))
        return gx, sum_to(part, *self._value)


class ZeroAt(Indexed):
    """A copy of x with zeros at the index."""

    __slots__ = ()
    fresh_gradients = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.clone()
        y[self.index] = 0
        return y

    def backward(self, gy: Any) -> Any:
        return call(ZeroAt(self.same_index()), gy)


class IndexPut(Indexed):
    """x with x[indices] = value, or += value with `accumulate`; indices are tensors.

    The value is a Variable (the second argument) or a constant.
    """

    __slots__ = ("_value", "accumulate", "value")

    def __init__(
        self, indices: Any, accumulate: bool = False, value: Any = None, inplace: bool = False
    ) -> None:
        super().__init__(tuple(indices), inplace)
        self.accumulate = accumulate
        self.value = value

    def forward(self, x: torch.Tensor, value: torch.Tensor | None = None) -> torch.Tensor:
        self._value = None if value is None else (value.size(), value.dtype)
        if self.inplace:
            self.mark_dirty(x)
        else:
            x = x.clone()
        return x.index_put_(self.index, self.value if value is None else value, self.accumulate)

    def backward(self, gz: Any) -> Any:
        index = self.same_index()
        gx = gz if self.accumulate else call(ZeroAt(index), gz)
        if self._value is None:
            return gx
        if not self.needs_input_grad[1]:
            return gx, None
        part = call(Index(index), gz)
        if not self.accumulate:
            part = masked(part, last_writers(gz.size(), index, part.size(), gz.device))
        return gx, sum_to(part, *self._value)


# Slices at positions along one dimension


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
    """x with `alpha` times slices of `source` added at the positions `index` along `dim`."""

    __slots__ = ("_dtype", "alpha", "dim")

    def __init__(self, dim: int, inplace: bool = False, alpha: float = 1) -> None:
        self.dim = dim
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, x: torch.Tensor, index: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(index)
        self._dtype = source.dtype
        if self.inplace:
            self.mark_dirty(x)
        else:
            x = x.clone()
        return x.index_add_(self.dim, index, source, alpha=self.alpha)

    def backward(self, gz: Any) -> tuple:
        (index,) = self.saved_tensors
        if not self.needs_input_grad[2]:
            return gz, None, None
        gsource = gz.index_select(self.dim, index)
        if self.alpha != 1:
            gsource = gsource * self.alpha
        return gz, None, gsource.type(self._dtype)


class IndexCopy(Builtin):
    """x with slices of `source` in place of those at the positions `index` along `dim`."""

    __slots__ = ("_dtype", "dim")

    def __init__(self, dim: int, inplace: bool = False) -> None:
        self.dim = dim
        self.inplace = inplace

    def forward(self, x: torch.Tensor, index: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(index)
        self._dtype = source.dtype
        if self.inplace:
            self.mark_dirty(x)
            return x.index_copy_(self.dim, index, source)
        return x.index_copy(self.dim, index, source)

    def backward(self, gz: Any) -> tuple:
        (index,) = self.saved_tensors
        gx = gz.index_fill(self.dim, index, 0)
        if not self.needs_input_grad[2]:
            return gx, None, None
        gsource = gz.index_select(self.dim, index)
        places = plain_index(index)
        stays = last_writers((gz.size(self.dim),), places, places.size(), gz.device)
        if stays is not None:
            shape = [1] * gz.dim()
            shape[self.dim] = -1
            gsource = masked(gsource, stays.view(shape))
        return gx, None, gsource.type(self._dtype)


class IndexFill(Builtin):
    """x with one value in the slices at the positions `index` along `dim`.

    The value is a constant, or a Variable of one element (the third argument).
    """

    __slots__ = ("_value", "dim", "value")

    def __init__(self, dim: int, value: Any = None, inplace: bool = False) -> None:
        self.dim = dim
        self.value = value
        self.inplace = inplace

    def forward(
        self, x: torch.Tensor, index: torch.Tensor, value: torch.Tensor | None = None
    ) -> torch.Tensor:
        self._value = None if value is None else (value.size(), value.dtype)
        self.save_for_backward(index)
        filled = self.value if value is None else single("index_fill", value)
        if self.inplace:
            self.mark_dirty(x)
            return x.index_fill_(self.dim, index, filled)
        return x.index_fill(self.dim, index, filled)

    def backward(self, gz: Any) -> tuple:
        (index,) = self.saved_tensors
        gx = gz.index_fill(self.dim, index, 0)
        if self._value is None:
            return gx, None
        filled = gz.index_select(self.dim, torch.unique(plain_index(index)))
        return gx, None, total(filled, *self._value)


def single(name: str, value: torch.Tensor) -> Any:
    """The only element of a value."""
    if value.numel() != 1:
        raise ValueError(f"{name}: expected a value of one element, got size {tuple(value.size())}")
    return value.item()


def total(gradient: Any, size: Any, dtype: Any) -> Any:
    """The sum of all elements, in a size of one element."""
    return gradient.reshape(-1).sum(dim=0, keepdim=True).view(size).type(dtype)


# Elements at positions along one dimension


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


class Scatter(Builtin):
    """x with x[index[i][j]][j] = source[i][j] (for dim 0), or one value there.

    `reduce` "add" adds and "multiply" multiplies what was there. The source is a Variable (the
    third argument), the value a constant.
    """

    __slots__ = ("_source", "dim", "reduce", "value")

    def __init__(
        self, dim: int, inplace: bool = False, value: Any = None, reduce: str | None = None
    ) -> None:
        self.dim = dim
        self.value = value
        self.reduce = reduce
        self.inplace = inplace

    def forward(
        self, x: torch.Tensor, index: torch.Tensor, source: torch.Tensor | None = None
    ) -> torch.Tensor:
        self._source = None if source is None else (source.size(), source.dtype)
        before = factors = None
        if self.reduce == "multiply" and source is not None:
            factors = source
            if self.needs_input_grad[2]:
                before = x.clone() if self.inplace else x
        self.save_for_backward(index, before, factors)
        self._origins = (1, 0, 2)  # a copy of x has the history of x
        written = self.value if source is None else source
        if self.inplace:
            self.mark_dirty(x)
            return x.scatter_(self.dim, index, written, reduce=self.reduce)
        return x.scatter(self.dim, index, written, reduce=self.reduce)

    def backward(self, gz: Any) -> tuple:
        index, x, source = self.saved_tensors
        if self.reduce is None:
            gx = gz.scatter(self.dim, index, 0)
        elif self.reduce == "add":
            gx = gz
        else:
            factors = self.value if source is None else source
            gx = gz.scatter(self.dim, index, factors, reduce="multiply")
        if self._source is None:
            return gx, None
        if not self.needs_input_grad[2]:
            return gx, None, None
        gsource = gz.gather(self.dim, index)
        if self.reduce != "add":
            stays = self.last_writers(gz.size(), plain_index(index))
            if self.reduce is None:
                gsource = masked(gsource, stays)
            elif stays is None:
                gsource = gsource * x.gather(self.dim, index)
            else:
                raise RuntimeError(
                    "scatter: reduce='multiply' has no gradient for its source where the index "
                    "names a place several times"
                )
        size, dtype = self._source
        if gsource.size() != size:  # the source may be larger than the index
            corner = tuple([slice(0, n) for n in gsource.size()])
            gsource = call(IndexGrad(size, corner), gsource)
        return gx, None, gsource.type(dtype)

    def last_writers(self, size: Any, index: torch.Tensor) -> torch.Tensor | None:
        """Which elements of the source are in the result, None for all of them."""
        numbers = torch.arange(index.numel(), device=index.device).view(index.size())
        board = torch.zeros(size, dtype=torch.int64, device=index.device)
        board.scatter_(self.dim, index, numbers)
        return kept(board.gather(self.dim, index).eq(numbers))


# Elements at positions in row-major order


class Take(Builtin):
    """y = x[index] over all elements in row-major order, or over dimension `dim`."""

    __slots__ = ("_size", "dim")

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        self.save_for_backward(index)
        return x.take(index, self.dim)

    def backward(self, gy: Any) -> tuple:
        (index,) = self.saved_tensors
        if self.dim is None:
            places, size = wrapped(index, self._size.numel()), (self._size.numel(),)
            flat = call(IndexAdd(0), zeros(size, gy), places, gy.reshape(-1))
            return flat.reshape(self._size), None
        dim = self.dim % len(self._size)
        places = wrapped(index, self._size[dim])
        slices = gy.reshape(*self._size[:dim], places.numel(), *self._size[dim + 1 :])
        return call(IndexAdd(dim), zeros(self._size, gy), places, slices), None


class Put(Builtin):
    """x with x[index] = source, or += with `accumulate`, over all elements in row-major order.

    In place. The source is a Variable (the third argument), the value a constant.
    """

    __slots__ = ("_source", "accumulate", "value")

    def __init__(self, accumulate: bool = False, value: Any = None) -> None:
        self.accumulate = accumulate
        self.value = value
        self.inplace = True

    def forward(
        self, x: torch.Tensor, index: torch.Tensor, source: torch.Tensor | None = None
    ) -> torch.Tensor:
        self._source = None if source is None else (source.size(), source.dtype)
        self.save_for_backward(index)
        self.mark_dirty(x)
        return x.put_(index, self.value if source is None else source, self.accumulate)

    def backward(self, gz: Any) -> tuple:
        (index,) = self.saved_tensors
        places = wrapped(index, gz.numel())
        flat = gz.reshape(-1)
        gx = gz if self.accumulate else flat.index_fill(0, places, 0).reshape(gz.size())
        if self._source is None:
            return gx, None
        size, dtype = self._source
        gsource = flat.index_select(0, places)
        if not self.accumulate:
            stays = last_writers(flat.size(), places, places.size(), flat.device)
            gsource = masked(gsource, stays)
        return gx, None, gsource.reshape(size).type(dtype)


def wrapped(index: Any, n: int) -> torch.Tensor:
    """Positions among n elements, negative ones counted from the end, as a vector."""
    places = plain_index(index).reshape(-1)
    return places + (places < 0).type(places.dtype) * n
