"""Borders around sequences, images and volumes."""

from typing import Any, ClassVar

from torch.autograd import Variable

from .. import functional as F
from .module import Module

__all__ = [
    "CircularPad1d", "CircularPad2d", "CircularPad3d", "ConstantPad1d", "ConstantPad2d",
    "ConstantPad3d", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d",
    "ReplicationPad2d", "ReplicationPad3d", "ZeroPad1d", "ZeroPad2d", "ZeroPad3d",
]  # fmt: skip


class _Pad(Module):
    """(n, c, *s) or (c, *s) with elements added on each side, or taken away by negative numbers."""

    dims: ClassVar[int]
    mode: ClassVar[str]
    value: float = 0

    def __init__(self, padding: Any) -> None:
        super().__init__()
        sides = tuple(padding) if isinstance(padding, tuple | list) else (padding,) * 2 * self.dims
        if len(sides) != 2 * self.dims or not all(
            isinstance(n, int) and not isinstance(n, bool) for n in sides
        ):
            raise ValueError(
                f"{type(self).__name__}: padding: expected an int or {2 * self.dims} of them, got "
                f"{padding!r}"
            )
        self.padding = sides

    def forward(self, input: Variable) -> Variable:
        if input.dim() not in (self.dims + 1, self.dims + 2):
            raise ValueError(
                f"{type(self).__name__}: expected input of {self.dims + 1} or {self.dims + 2} "
                f"dimensions, got size {tuple(input.size())}"
            )
        return F.pad(input, self.padding, self.mode, self.value)

    def _arguments(self) -> str:
        return str(self.padding)


class _ConstantPad(_Pad):
    """Adds `value`."""

    mode = "constant"

    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        if not isinstance(value, int | float):
            raise TypeError(
                f"{type(self).__name__}: value: expected a number, got {type(value).__name__}"
            )
        self.value = value

    def _arguments(self) -> str:
        return f"{self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """Surrounds a sequence (n, c, l) with `value`.

    `padding`: an int or (left, right); negative numbers take away.
    """

    dims = 1


class ConstantPad2d(_ConstantPad):
    """Surrounds an image (n, c, h, w) with `value`.

    `padding`: an int or (left, right, top, bottom); negative numbers take away.
    """

    dims = 2


class ConstantPad3d(_ConstantPad):
    """Surrounds a volume (n, c, d, h, w) with `value`.

    `padding`: an int or (left, right, top, bottom, front, back); negative numbers take away.
    """

    dims = 3


class ZeroPad1d(_Pad):
    """Surrounds a sequence (n, c, l) with zeros.

    `padding`: an int or (left, right); negative numbers take away.
    """

    dims = 1
    mode = "constant"


class ZeroPad2d(_Pad):
    """Surrounds an image (n, c, h, w) with zeros.

    `padding`: an int or (left, right, top, bottom); negative numbers take away.
    """

    dims = 2
    mode = "constant"


class ZeroPad3d(_Pad):
    """Surrounds a volume (n, c, d, h, w) with zeros.

    `padding`: an int or (left, right, top, bottom, front, back); negative numbers take away.
    """

    dims = 3
    mode = "constant"


class ReflectionPad1d(_Pad):
    """Mirrors a sequence (n, c, l) at its border, which is not repeated.

    `padding`: an int or (left, right); negative numbers take away.
    """

    dims = 1
    mode = "reflect"


class ReflectionPad2d(_Pad):
    """Mirrors an image (n, c, h, w) at its border, which is not repeated.

    `padding`: an int or (left, right, top, bottom); negative numbers take away.
    """

    dims = 2
    mode = "reflect"


class ReflectionPad3d(_Pad):
    """Mirrors a volume (n, c, d, h, w) at its border, which is not repeated.

    `padding`: an int or (left, right, top, bottom, front, back); negative numbers take away.
    """

    dims = 3
    mode = "reflect"


class ReplicationPad1d(_Pad):
    """Repeats the border of a sequence (n, c, l).

    `padding`: an int or (left, right); negative numbers take away.
    """

    dims = 1
    mode = "replicate"


class ReplicationPad2d(_Pad):
    """Repeats the border of an image (n, c, h, w).

    `padding`: an int or (left, right, top, bottom); negative numbers take away.
    """

    dims = 2
    mode = "replicate"


class ReplicationPad3d(_Pad):
    """Repeats the border of a volume (n, c, d, h, w).

    `padding`: an int or (left, right, top, bottom, front, back); negative numbers take away.
    """

    dims = 3
    mode = "replicate"


class CircularPad1d(_Pad):
    """Continues a sequence (n, c, l) from its other end.

    `padding`: an int or (left, right); negative numbers take away.
    """

    dims = 1
    mode = "circular"


class CircularPad2d(_Pad):
    """Continues an image (n, c, h, w) from its other end.

    `padding`: an int or (left, right, top, bottom); negative numbers take away.
    """

    dims = 2
    mode = "circular"


class CircularPad3d(_Pad):
    """Continues a volume (n, c, d, h, w) from its other end.

    `padding`: an int or (left, right, top, bottom, front, back); negative numbers take away.
    """

    dims = 3
    mode = "circular"
