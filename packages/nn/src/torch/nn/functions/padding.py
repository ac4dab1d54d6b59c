"""Adding a border of one value, or taking a border away."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["ConstantPad"]


class ConstantPad(Builtin):
    """`pads` (before, after) for each dimension, filled with `value`; negative ones take away."""

    __slots__ = ("pads", "value")
    fresh_gradients = True

    def __init__(self, pads: tuple[tuple[int, int], ...], value: float = 0) -> None:
        self.pads = pads
        self.value = value
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        size = [n + b + a for n, (b, a) in zip(x.size(), self.pads, strict=True)]
        y = part = torch.full(size, self.value, dtype=x.dtype)
        for dim, (before, after) in enumerate(self.pads):
            if before or after:
                common = x.size(dim) + min(before, 0) + min(after, 0)
                x = x.narrow(dim, max(-before, 0), common)
                part = part.narrow(dim, max(before, 0), common)
        part.copy_(x)
        return y

    def backward(self, gy: Any) -> Any:
        return call(ConstantPad(tuple([(-before, -after) for before, after in self.pads])), gy)
