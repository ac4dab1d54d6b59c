"""Pixels against channels, windows against columns: pairs of adjoint copies."""

from typing import Any, NamedTuple

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["Fold", "PixelShuffle", "PixelUnshuffle", "Unfold"]

Pair = tuple[int, int]


class _Pixels(Builtin):
    """Squares of r * r pixels."""

    __slots__ = ("r",)
    fresh_gradients = True

    def __init__(self, r: int) -> None:
        self.r = r
        self.inplace = False


class PixelShuffle(_Pixels):
    """x (n, c * r * r, h, w) -> y (n, c, h * r, w * r): y[:, c, h * r + i, w * r + j] is
    x[:, (c * r + i) * r + j, h, w]"""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        r = self.r
        n, c, h, w = x.size()
        c //= r * r
        y = x.new(n, c, h * r, w * r)
        pixels, channels = y.view(n, c, h, r, w, r), x.contiguous().view(n, c, r, r, h, w)
        for i in range(r):
            for j in range(r):
                pixels[:, :, :, i, :, j].copy_(channels[:, :, i, j])
        return y

    def backward(self, gy: Any) -> Any:
        return call(PixelUnshuffle(self.r), gy)


class PixelUnshuffle(_Pixels):
    """The inverse of PixelShuffle."""

    __slots__ = ()

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        r = self.r
        n, c, h, w = y.size()
        h, w = h // r, w // r
        x = y.new(n, c * r * r, h, w)
        pixels, channels = y.contiguous().view(n, c, h, r, w, r), x.view(n, c, r, r, h, w)
        for i in range(r):
            for j in range(r):
                channels[:, :, i, j].copy_(pixels[:, :, :, i, :, j])
        return x

    def backward(self, gx: Any) -> Any:
        return call(PixelShuffle(self.r), gx)


class Windows(NamedTuple):
    """Windows of images of `size` (h, w): `counts` (rows, columns) of them."""

    size: Pair
    kernel: Pair
    dilation: Pair
    stride: Pair
    counts: Pair

    def elements(self, image: torch.Tensor) -> Any:
        """(i, j, a view of element (i, j) of every window: (n, c, rows, columns))"""
        spans = [(count - 1) * s + 1 for count, s in zip(self.counts, self.stride, strict=True)]
        for i in range(self.kernel[0]):
            top = i * self.dilation[0]
            for j in range(self.kernel[1]):
                left = j * self.dilation[1]
                part = image[:, :, top : top + spans[0] : self.stride[0]]
                yield i, j, part[:, :, :, left : left + spans[1] : self.stride[1]]


class _OfWindows(Builtin):
    """Between an image and the elements of its windows."""

    __slots__ = ("windows",)
    fresh_gradients = True

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.inplace = False


class Unfold(_OfWindows):
    """x (n, c, h, w) -> y (n, c, kh, kw, rows, columns), the elements of each window"""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.new(*x.size()[:2], *self.windows.kernel, *self.windows.counts)
        for i, j, part in self.windows.elements(x):
            y[:, :, i, j].copy_(part)
        return y

    def backward(self, gy: Any) -> Any:
        return call(Fold(self.windows), gy)


class Fold(_OfWindows):
    """y (n, c, kh, kw, rows, columns) -> x (n, c, h, w), the sum of the windows' elements"""

    __slots__ = ()

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        x = y.new(*y.size()[:2], *self.windows.size).zero_()
        for i, j, part in self.windows.elements(x):
            part += y[:, :, i, j]
        return x

    def backward(self, gx: Any) -> Any:
        return call(Unfold(self.windows), gx)
