"""Other shapes over the same memory, and joining."""

from typing import Any

import torch

from .base import Builtin, call, sum_to, zeros

__all__ = [
    "Concat", "Expand", "Narrow", "NarrowPut", "Permute", "Repeat", "Reshape", "Select", "Squeeze",
    "Transpose", "Unsqueeze", "View",
]  # fmt: skip


def sizes(args: tuple) -> tuple:
    """Sizes given one by one or as one tuple, list or torch.Size."""
    if len(args) == 1 and isinstance(args[0], tuple | list):
        return tuple(args[0])
    return args


class View(Builtin):
    """The elements in another shape, without a copy; one size may be -1."""

    __slots__ = ("_size", "sizes")
    is_view = True

    def __init__(self, *args: Any) -> None:
        self.sizes = sizes(args)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.view(*self.sizes)

    def backward(self, gy: Any) -> Any:
        return gy.contiguous().view(self._size)


class Reshape(Builtin):
    """The elements in another shape; a copy only where a view is not possible."""

    __slots__ = ("_size", "is_view", "sizes")

    def __init__(self, *args: Any) -> None:
        self.sizes = sizes(args)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        y = x.reshape(*self.sizes)
        self.is_view = y.data_ptr() == x.data_ptr()  # type: ignore[misc]
        return y

    def backward(self, gy: Any) -> Any:
        return gy.reshape(self._size)


class Transpose(Builtin):
    """Dimensions dim1 and dim2 exchanged."""

    __slots__ = ("dims",)
    is_view = True

    def __init__(self, dim1: int, dim2: int) -> None:
        self.dims = (dim1, dim2)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(*self.dims)

    def backward(self, gy: Any) -> Any:
        return gy.transpose(*self.dims)


class Permute(Builtin):
    """Dimension i of the result is dimension dims[i] of x."""

    __slots__ = ("dims",)
    is_view = True

    def __init__(self, *args: Any) -> None:
        self.dims = sizes(args)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(*self.dims)

    def backward(self, gy: Any) -> Any:
        n = len(self.dims)
        back = [0] * n
        for i, d in enumerate(self.dims):
            back[d % n] = i
        return gy.permute(*back)


class Expand(Builtin):
    """Dimensions of size 1 repeated without a copy; -1 keeps a size, new ones come in front."""

    __slots__ = ("_size", "sizes")
    is_view = True

    def __init__(self, *args: Any) -> None:
        self.sizes = sizes(args)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.expand(*self.sizes)

    def backward(self, gy: Any) -> Any:
        return sum_to(gy, self._size)


class Squeeze(Builtin):
    """Without dimension `dim` if its size is 1 (without all such dimensions for None)."""

    __slots__ = ("_size", "dim")
    is_view = True

    def __init__(self, dim: int | None = None) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        y = x.squeeze() if self.dim is None else x.squeeze(self.dim)
        return y if y.dim() else x.view(1)

    def backward(self, gy: Any) -> Any:
        return gy.contiguous().view(self._size)


class Unsqueeze(Builtin):
    """With a dimension of size 1 put in at `dim`."""

    __slots__ = ("_size", "dim")
    is_view = True

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.unsqueeze(self.dim)

    def backward(self, gy: Any) -> Any:
        return gy.contiguous().view(self._size)


class Narrow(Builtin):
    """`length` slices along `dim`, from `start` on."""

    __slots__ = ("_size", "dim", "length", "start")
    is_view = True

    def __init__(self, dim: int, start: int, length: int) -> None:
        self.dim = dim
        self.start = start
        self.length = length
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.narrow(self.dim, self.start, self.length)

    def backward(self, gy: Any) -> Any:
        return call(NarrowPut(self._size, self.dim, self.start), gy)


class NarrowPut(Builtin):
    """y = zeros(size) with x put in along `dim`, from `start` on."""

    __slots__ = ("_length", "dim", "size", "start")
    fresh_gradients = True

    def __init__(self, size: Any, dim: int, start: int) -> None:
        self.size = size
        self.dim = dim
        self.start = start
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._length = x.size(self.dim)
        y = zeros(self.size, x)
        y.narrow(self.dim, self.start, self._length).copy_(x)
        return y

    def backward(self, gy: Any) -> Any:
        return gy.narrow(self.dim, self.start, self._length)


class Select(Builtin):
    """Slice `index` along `dim`, which is dropped; of one dimension an element of size (1,)."""

    __slots__ = ("_size", "dim", "index")
    is_view = True

    def __init__(self, dim: int, index: int) -> None:
        self.dim = dim
        self.index = index
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        n = x.size(self.dim)
        if not -n <= self.index < n:
            raise IndexError(
                f"select: index: expected -{n} to {n - 1} for dimension {self.dim} "
                f"of size {tuple(x.size())}, got {self.index}"
            )
        y = x.narrow(self.dim, self.index % n, 1)
        if x.dim() > 1:
            y = y.squeeze(self.dim)
        return y

    def backward(self, gy: Any) -> Any:
        if len(self._size) > 1:
            gy = gy.unsqueeze(self.dim)
        start = self.index % self._size[self.dim]
        return call(NarrowPut(self._size, self.dim, start), gy)


class Repeat(Builtin):
    """x laid out repeats[i] times along dimension i; new dimensions come in front."""

    __slots__ = ("_size", "repeats")

    def __init__(self, *args: Any) -> None:
        self.repeats = sizes(args)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.repeat(*self.repeats)

    def backward(self, gy: Any) -> Any:
        # split every dimension into (repeats, size) and sum over the repeats
        size = (1,) * (len(self.repeats) - len(self._size)) + tuple(self._size)
        split = tuple([n for pair in zip(self.repeats, size, strict=True) for n in pair])
        gx = gy.contiguous().view(split)
        gx = gx.sum(dim=tuple(range(0, len(split), 2)), keepdim=True)
        return gx.view(self._size)


class Concat(Builtin):
    """The inputs one after the other along `dim`."""

    __slots__ = ("_lengths", "dim")

    def __init__(self, dim: int = 0) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        y = torch.cat(inputs, self.dim)
        self._lengths = [x.size(self.dim) for x in inputs]
        return y

    def backward(self, gy: Any) -> tuple:
        start = 0
        gradients = []
        for length in self._lengths:
            gradients.append(gy.narrow(self.dim, start, length))
            start += length
        return tuple(gradients)
