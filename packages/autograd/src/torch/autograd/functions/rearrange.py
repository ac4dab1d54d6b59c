"""Copies of the elements in other places: joined, repeated, rolled, turned."""

from typing import Any, ClassVar

import torch

from .base import Builtin, call, zeros
from .index import IndexAdd
from .view import as_sizes

__all__ = [
    "Concat", "Flip", "Fliplr", "Flipud", "Repeat", "RepeatInterleave", "Roll", "Rot90", "Stack",
    "Tile",
]  # fmt: skip


class Concat(Builtin):
    """The inputs one after the other along `dim`."""

    __slots__ = ("_inputs", "dim")

    def __init__(self, dim: int = 0) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        y = torch.cat(inputs, self.dim)
        self._inputs = [(x.size(self.dim), x.dtype) for x in inputs]
        return y

    def backward(self, gy: Any) -> tuple:
        start = 0
        gradients: list[Any] = []
        for (length, dtype), edge in zip(self._inputs, self._edges, strict=True):
            if edge is None:
                gradients.append(None)
            else:
                gradients.append(gy.narrow(self.dim, start, length).type(dtype))
            start += length
        return tuple(gradients)


class Stack(Builtin):
    """The inputs side by side along a new dimension `dim`."""

    __slots__ = ("_dtypes", "dim")

    def __init__(self, dim: int = 0) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        self._dtypes = [x.dtype for x in inputs]
        return torch.stack(inputs, self.dim)

    def backward(self, gy: Any) -> tuple:
        slices = gy.unbind(self.dim)
        return tuple([g.type(dtype) for g, dtype in zip(slices, self._dtypes, strict=True)])


class Moved(Builtin):
    """Every element in another place: `op` with `args`, undone by `op` with what `back` gives."""

    __slots__ = ("args",)
    fresh_gradients = True
    op: ClassVar[str]

    def __init__(self, *args: Any) -> None:
        self.args = args
        self.inplace = False

    def back(self) -> tuple:
        """The arguments with which `op` undoes itself."""
        return self.args

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return getattr(x, self.op)(*self.args)

    def backward(self, gy: Any) -> Any:
        return getattr(gy, self.op)(*self.back())


class Flip(Moved):
    """The entries of the dimensions `dims` (all by default) in reverse order."""

    __slots__ = ()
    op = "flip"

    def __init__(self, *dims: Any) -> None:
        super().__init__(*as_sizes(dims))


class Fliplr(Moved):
    """The columns in reverse order."""

    __slots__ = ()
    op = "fliplr"


class Flipud(Moved):
    """The rows in reverse order."""

    __slots__ = ()
    op = "flipud"


class Roll(Moved):
    """The entries of `dims` moved on by `shifts`; what passes the end comes back at the start."""

    __slots__ = ()
    op = "roll"

    def __init__(self, shifts: Any, dims: Any = None) -> None:
        super().__init__(shifts, dims)

    def back(self) -> tuple:
        shifts, dims = self.args
        if isinstance(shifts, tuple | list):
            return tuple([-shift for shift in shifts]), dims
        return -shifts, dims


class Rot90(Moved):
    """Turned k times by 90 degrees in the plane of two dimensions."""

    __slots__ = ()
    op = "rot90"

    def __init__(self, k: int = 1, dims: Any = None) -> None:
        super().__init__(k, dims)

    def back(self) -> tuple:
        k, dims = self.args
        return -k, dims


class Repeat(Builtin):
    """x laid out sizes[i] times along dimension i; new dimensions come in front."""

    __slots__ = ("_size", "repeats")

    def __init__(self, *sizes: Any) -> None:
        self.repeats = as_sizes(sizes)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.repeat(self.repeats)

    def backward(self, gy: Any) -> Any:
        # split every dimension into (repeats, size) and sum over the repeats
        size = (1,) * (len(self.repeats) - len(self._size)) + tuple(self._size)
        split = tuple([n for pair in zip(self.repeats, size, strict=True) for n in pair])
        if not split:
            return gy
        gx = gy.reshape(split).sum(dim=tuple(range(0, len(split), 2)), keepdim=True)
        return gx.view(self._size)


class Tile(Repeat):
    """x laid out repeats[d] times along dimension d, counted from the last one."""

    __slots__ = ()

    def __init__(self, *repeats: Any) -> None:
        super().__init__(*repeats)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.repeats = (1,) * (x.dim() - len(self.repeats)) + self.repeats
        return super().forward(x)


class RepeatInterleave(Builtin):
    """Every entry of dimension `dim` `repeats` times in a row: a number, or one for each entry."""

    __slots__ = ("_places", "_size", "dim", "repeats")

    def __init__(self, repeats: Any, dim: int) -> None:
        self.repeats = repeats
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        y = x.repeat_interleave(self.repeats, self.dim)
        places = torch.arange(x.size(self.dim), device=x.device)
        self._places = places.repeat_interleave(self.repeats)
        return y

    def backward(self, gy: Any) -> Any:
        return call(IndexAdd(self.dim), zeros(self._size, gy), self._places, gy)
