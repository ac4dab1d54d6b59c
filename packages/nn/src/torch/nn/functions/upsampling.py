"""Interpolation along one dimension after the other."""

from typing import Any, NamedTuple

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["Interpolate", "InterpolateInputGrad"]


class Axis(NamedTuple):
    """y[i] = sum over the taps of weight[i] * x[index[i]], along `dim` of x with `size` elements.

    A tap is an index (LongTensor) with a weight for each, or None for weights of 1.
    """

    dim: int
    size: int
    taps: tuple[tuple[torch.Tensor, torch.Tensor | None], ...]


def _scaled(x: torch.Tensor, dim: int, weight: torch.Tensor | None) -> torch.Tensor:
    """x times the weights of its elements along `dim`."""
    if weight is None:
        return x
    weight = weight.type(x.dtype).view(-1, *[1] * (x.dim() - dim - 1))
    return x * weight.expand_as(x)


class _AlongAxes(Builtin):
    """From one size to another, one Axis after the other."""

    __slots__ = ("axes",)
    fresh_gradients = True

    def __init__(self, axes: tuple[Axis, ...]) -> None:
        self.axes = axes
        self.inplace = False


class Interpolate(_AlongAxes):
    """Each Axis in turn."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for dim, _, taps in self.axes:
            y = None
            for index, weight in taps:
                part = _scaled(x.index_select(dim, index), dim, weight)
                y = part if y is None else y.add_(part)
            x = y
        return x

    def backward(self, gy: Any) -> Any:
        return call(InterpolateInputGrad(self.axes), gy)


class InterpolateInputGrad(_AlongAxes):
    """The adjoint of Interpolate: each element added up where it came from."""

    __slots__ = ()

    def forward(self, gy: torch.Tensor) -> torch.Tensor:
        for dim, n, taps in reversed(self.axes):
            size = list(gy.size())
            size[dim] = n
            gx = torch.zeros(size, dtype=gy.dtype, device=gy.device)
            for index, weight in taps:
                gx.index_add_(dim, index, _scaled(gy, dim, weight))
            gy = gx
        return gy

    def backward(self, ggx: Any) -> Any:
        return call(Interpolate(self.axes), ggx)
