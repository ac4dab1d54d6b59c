"""Other shapes, orders and parts over the same memory."""

from collections.abc import Callable
from typing import Any, ClassVar

import torch

from ..variable import Variable
from .base import Builtin, call, sum_to, zeros
from .index import IndexAdd

__all__ = [
    "AsStrided", "Chunk", "Diagonal", "Expand", "Flatten", "Movedim", "Narrow", "Permute", "Ravel",
    "Reshape", "Resize", "Select", "Split", "Squeeze", "TensorSplit", "Transpose", "Unbind",
    "Unfold", "Unsqueeze", "View",
]  # fmt: skip


def as_sizes(args: tuple) -> tuple:
    """Sizes given one by one or as one tuple, list or torch.Size."""
    if len(args) == 1 and isinstance(args[0], tuple | list):
        return tuple(args[0])
    return args


def become(variable: Variable, result: Variable) -> Variable:
    """`variable` with the data and history of `result`: a view taken in place.

    It gets a tensor of its own, since others may hold the one it had: the size of a saved value or
    of somebody's `.data` does not change.
    """
    variable._data = result._data
    if result._edge is not None:
        variable._edge = result._edge
        variable._requires_grad = True
    return variable


# The same elements in the same order


class Reshaped(Builtin):
    """The elements of x in row-major order in another shape: `op` with `args`."""

    __slots__ = ("_size", "args", "is_view")
    op: ClassVar[str]

    def __init__(self, *args: Any) -> None:
        self.args = args
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        y = getattr(x, self.op)(*self.args)
        self.is_view = y.data_ptr() == x.data_ptr()  # type: ignore[misc]
        return y

    def backward(self, gy: Any) -> Any:
        return gy.reshape(self._size)


class View(Reshaped):
    """The elements in another shape, without a copy; one size may be -1."""

    __slots__ = ()
    op = "view"

    def __init__(self, *shape: Any) -> None:
        super().__init__(as_sizes(shape))


class Reshape(Reshaped):
    """The elements in another shape; a copy only where a view is not possible."""

    __slots__ = ()
    op = "reshape"

    def __init__(self, *shape: Any) -> None:
        super().__init__(as_sizes(shape))


class Resize(Reshape):
    """The alpha's `reshape`: the sizes stand for as many elements as x has, none is -1."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shape = torch.Size(self.args[0])
        if -1 in shape or shape.numel() != x.numel():
            raise ValueError(
                f"resize: expected sizes of as many elements as {tuple(x.size())} has, "
                f"got {tuple(shape)}"
            )
        return super().forward(x)


class Flatten(Reshaped):
    """A copy with the dimensions start_dim to end_dim as one."""

    __slots__ = ()
    op = "flatten"

    def __init__(self, start_dim: int = 0, end_dim: int = -1) -> None:
        super().__init__(start_dim, end_dim)


class Ravel(Reshaped):
    """All elements in one dimension: a view where possible."""

    __slots__ = ()
    op = "ravel"


class InPlaceView(Builtin):
    """A view that may also be taken in place: `F(inplace=True)(x)` changes the size of x itself."""

    __slots__ = ()
    is_view = True

    def __call__(self, *args: Any) -> Any:
        result = super().__call__(*args)
        if self.inplace and isinstance(args[0], Variable):
            return become(args[0], result)
        return result


class Squeeze(InPlaceView):
    """Without dimension `dim`, or several, of size 1 (without all such dimensions for None)."""

    __slots__ = ("_size", "dim")

    def __init__(self, dim: Any = None, inplace: bool = False) -> None:
        self.dim = dim
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.squeeze(self.dim)

    def backward(self, gy: Any) -> Any:
        return gy.reshape(self._size)


class Unsqueeze(InPlaceView):
    """With a dimension of size 1 put in at `dim`."""

    __slots__ = ("_size", "dim")

    def __init__(self, dim: int, inplace: bool = False) -> None:
        self.dim = dim
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.unsqueeze(self.dim)

    def backward(self, gy: Any) -> Any:
        return gy.reshape(self._size)


# The dimensions in another order


class Transpose(InPlaceView):
    """Dimensions dim0 and dim1 exchanged."""

    __slots__ = ("dims",)

    def __init__(self, dim0: int, dim1: int, inplace: bool = False) -> None:
        self.dims = (dim0, dim1)
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(*self.dims)

    def backward(self, gy: Any) -> Any:
        return gy.transpose(*self.dims)


class Permute(Builtin):
    """Dimension i of the result is dimension dims[i] of x."""

    __slots__ = ("dims",)
    is_view = True

    def __init__(self, *dims: Any) -> None:
        self.dims = as_sizes(dims)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(self.dims)

    def backward(self, gy: Any) -> Any:
        n = len(self.dims)
        back = [0] * n
        for i, d in enumerate(self.dims):
            back[d % n] = i
        return gy.permute(back)


class Movedim(Builtin):
    """The dimensions `source` (an int or several) moved to the places `destination`."""

    __slots__ = ("destination", "source")
    is_view = True

    def __init__(self, source: Any, destination: Any) -> None:
        self.source = source
        self.destination = destination
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.movedim(self.source, self.destination)

    def backward(self, gy: Any) -> Any:
        return gy.movedim(self.destination, self.source)


class Expand(Builtin):
    """Dimensions of size 1 repeated without a copy; -1 keeps a size, new ones come in front."""

    __slots__ = ("_size", "shape")
    is_view = True

    def __init__(self, *shape: Any) -> None:
        self.shape = as_sizes(shape)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.expand(self.shape)

    def backward(self, gy: Any) -> Any:
        return sum_to(gy, self._size)


# A part of the elements


class Part(Builtin):
    """Some of the elements of x: `op` with `args`. The gradient is zero everywhere else."""

    __slots__ = ("_size", "args")
    is_view = True
    op: ClassVar[str]

    def __init__(self, *args: Any) -> None:
        self.args = args
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return getattr(x, self.op)(*self.args)

    def overlaps(self) -> bool:
        """Whether an element of x may stand in several places of the result."""
        return False

    def backward(self, gy: Any) -> Any:
        return call(PartGrad(self._size, self.op, self.args, self.overlaps()), gy)


class PartGrad(Builtin):
    """y = zeros(size); y.op(*args) += x."""

    __slots__ = ("args", "op", "overlaps", "size")
    fresh_gradients = True

    def __init__(self, size: Any, op: str, args: tuple, overlaps: bool = False) -> None:
        self.size = size
        self.op = op
        self.args = args
        self.overlaps = overlaps
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = zeros(self.size, x)
        if self.overlaps:
            numbers = torch.arange(y.numel(), device=x.device).view(self.size)
            positions = getattr(numbers, self.op)(*self.args)
            y.view(-1).index_add_(0, positions.flatten(), x.flatten())
        else:
            getattr(y, self.op)(*self.args).copy_(x)
        return y

    def backward(self, gy: Any) -> Any:
        return getattr(gy, self.op)(*self.args)


class Narrow(Part):
    """`length` slices along `dimension`, from `start` on."""

    __slots__ = ()
    op = "narrow"

    def __init__(self, dimension: int, start: int, length: int) -> None:
        super().__init__(dimension, start, length)


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
        y = x.select(self.dim, self.index)
        return y if y.dim() else y.view(1)

    def backward(self, gy: Any) -> Any:
        if len(self._size) > 1:
            gy = gy.unsqueeze(self.dim)
        place = (self.dim, self.index % self._size[self.dim], 1)
        return call(PartGrad(self._size, "narrow", place), gy)


class Diagonal(Part):
    """Diagonal `offset` of the matrices that dim1 and dim2 span, as the last dimension."""

    __slots__ = ()
    op = "diagonal"

    def __init__(self, offset: int = 0, dim1: int = 0, dim2: int = 1) -> None:
        super().__init__(offset, dim1, dim2)


class Unfold(Part):
    """Windows of `size` entries of `dimension`, one every `step`: a new last dimension."""

    __slots__ = ()
    op = "unfold"

    def __init__(self, dimension: int, size: int, step: int) -> None:
        super().__init__(dimension, size, step)

    def overlaps(self) -> bool:
        _, size, step = self.args
        return step < size


class AsStrided(Builtin):
    """A view of the memory under x with sizes, strides and an offset of its own.

    The gradient goes over that memory: each place adds up what it got from the result, and gives
    it to x. Elements of an expanded x that lie in one place share it evenly.
    """

    __slots__ = ("_layouts", "_size", "args")
    is_view = True

    def __init__(self, size: Any, stride: Any, storage_offset: int | None = None) -> None:
        self.args = (size, stride, storage_offset)
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        size, stride, offset = self.args
        here = x.storage_offset()
        self._size = x.size()
        self._layouts = (
            (size, stride, here if offset is None else offset),
            (x.size(), x.stride(), here),
        )
        return x.as_strided(size, stride, offset)

    def backward(self, gy: Any) -> Any:
        places, x_places = [memory_places(*layout, gy.device) for layout in self._layouts]
        n = 1 + max([p.max() for p in (places, x_places) if p.numel()], default=-1)
        counts = zeros((n,), x_places).index_add_(0, x_places, torch.ones_like(x_places))
        memory = call(IndexAdd(0), zeros((n,), gy), places, gy.reshape(-1))
        gx = memory.index_select(0, x_places)
        if counts.numel() and counts.max() > 1:
            gx = gx / counts.index_select(0, x_places).type(gx.dtype)
        return gx.reshape(self._size)


def memory_places(size: Any, stride: Any, offset: int, device: Any) -> torch.Tensor:
    """Where the elements of a tensor lie in its memory, in row-major order, (n,)."""
    places = torch.tensor([offset], device=device)
    for length, step in zip(as_sizes((size,)), as_sizes((stride,)), strict=True):
        steps = torch.arange(length, device=device).mul(step).view(1, length)
        both = places.size(0), length
        places = places.view(-1, 1).expand(both).add(steps.expand(both)).flatten()
    return places


# Several parts, which together are everything


class Parts(Builtin):
    """Views along `dim` that make up x: `op` with `args`, the last of which is `dim`."""

    __slots__ = ("args", "dim")
    is_view = True
    op: ClassVar[str]
    join: ClassVar[Callable] = staticmethod(torch.cat)

    def __init__(self, *args: Any) -> None:
        self.args = args
        self.dim = args[-1]
        self.inplace = False

    def forward(self, x: torch.Tensor) -> tuple:
        return getattr(x, self.op)(*self.args)

    def backward(self, *gradients: Any) -> Any:
        return type(self).join(gradients, self.dim)


class Split(Parts):
    """Parts of `split_size` entries of `dim`, or of the sizes in a list."""

    __slots__ = ()
    op = "split"

    def __init__(self, split_size: Any, dim: int = 0) -> None:
        super().__init__(split_size, dim)


class Chunk(Parts):
    """At most `num_chunks` parts of equal size; the last may be smaller."""

    __slots__ = ()
    op = "chunk"

    def __init__(self, num_chunks: int, dim: int = 0) -> None:
        super().__init__(num_chunks, dim)


class TensorSplit(Parts):
    """That many parts of nearly equal size, or parts between indices that do not decrease."""

    __slots__ = ()
    op = "tensor_split"

    def __init__(self, indices_or_sections: Any, dim: int = 0) -> None:
        super().__init__(indices_or_sections, dim)


class Unbind(Parts):
    """All slices along `dim`, without that dimension."""

    __slots__ = ()
    op = "unbind"
    join = staticmethod(torch.stack)

    def __init__(self, dim: int = 0) -> None:
        super().__init__(dim)
