"""Borders added to tensors, or taken away."""

from functools import lru_cache
from typing import Any

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["BorderPad", "BorderPadInputGrad", "ConstantPad"]

#: (before, after) for each dimension
Pads = tuple[tuple[int, int], ...]


def _padded_size(x: torch.Tensor, pads: Pads) -> list[int]:
    return [n + before + after for n, (before, after) in zip(x.size(), pads, strict=True)]


def _inside(x: torch.Tensor, pads: Pads) -> torch.Tensor:
    """x without borders of these sizes, as a view; negative ones are none."""
    for dim, (before, after) in enumerate(pads):
        before, after = max(before, 0), max(after, 0)
        if before or after:
            x = x.narrow(dim, before, x.size(dim) - before - after)
    return x


def _negative(pads: Pads) -> Pads:
    return tuple([(-before, -after) for before, after in pads])


class ConstantPad(Builtin):
    """x with a border of `value`; negative `pads` take away."""

    __slots__ = ("pads", "value")
    fresh_gradients = True

    def __init__(self, pads: Pads, value: float = 0) -> None:
        self.pads = pads
        self.value = value
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.full(_padded_size(x, self.pads), self.value, dtype=x.dtype, device=x.device)
        _inside(y, self.pads).copy_(_inside(x, _negative(self.pads)))
        return y

    def backward(self, gy: Any) -> Any:
        return call(ConstantPad(_negative(self.pads)), gy)


@lru_cache(maxsize=256)
def _sources(
    mode: str, n: int, before: int, after: int, device: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    """Which of the padded elements those before and those after the n elements repeat."""
    places = [*range(-before, 0), *range(n, n + after)]
    if mode == "reflect":
        places = [abs(i) if i < n else 2 * (n - 1) - i for i in places]
    elif mode == "replicate":
        places = [min(max(i, 0), n - 1) for i in places]
    else:
        places = [i % n for i in places]
    places = [before + i for i in places]
    made = torch.tensor(places, dtype=torch.int64, device=device)
    return made[:before], made[before:]


def _edges(y: torch.Tensor, pads: Pads, mode: str) -> list[tuple[int, int, torch.Tensor]]:
    """(dimension, first element, sources) of every edge of a padded tensor."""
    edges = []
    for dim, (before, after) in enumerate(pads):
        if before or after:
            n = y.size(dim) - before - after
            front, back = _sources(mode, n, before, after, y.device)
            edges += [(dim, 0, front), (dim, before + n, back)]
    return edges


class _Border(Builtin):
    """A border of elements from within: `mode` "reflect", "replicate" or "circular"."""

    __slots__ = ("mode", "pads")
    fresh_gradients = True

    def __init__(self, pads: Pads, mode: str) -> None:
        self.pads = pads
        self.mode = mode
        self.inplace = False


class BorderPad(_Border):
    """x with a border of its own elements: `mode` "reflect", "replicate" or "circular"."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.new(*_padded_size(x, self.pads))
        _inside(y, self.pads).copy_(x)
        # edges of a dimension take what those of the dimensions before have been given
        for dim, start, sources in _edges(y, self.pads, self.mode):
            if len(sources):
                y.narrow(dim, start, len(sources)).copy_(y.index_select(dim, sources))
        return y

    def backward(self, gy: Any) -> Any:
        return call(BorderPadInputGrad(self.pads, self.mode), gy)


class BorderPadInputGrad(_Border):
    """gy without its border, whose elements are added to those that they repeat."""

    __slots__ = ()

    def forward(self, gy: torch.Tensor) -> torch.Tensor:
        gy = gy.clone()
        for dim, start, sources in reversed(_edges(gy, self.pads, self.mode)):
            if len(sources):
                gy.index_add_(dim, sources, gy.narrow(dim, start, len(sources)).clone())
        return _inside(gy, self.pads).clone()

    def backward(self, ggx: Any) -> Any:
        return call(BorderPad(self.pads, self.mode), ggx)
