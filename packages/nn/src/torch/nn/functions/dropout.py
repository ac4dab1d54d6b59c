"""Random omission of elements while training."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin

__all__ = ["Dropout"]


class Dropout(Builtin):
    """Each element is 0 with probability `p`, and divided by 1 - p otherwise."""

    __slots__ = ("p",)
    fresh_gradients = True

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        self.p = p
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = torch.zeros_like(x)
        if self.p < 1:
            scale.bernoulli_(1 - self.p).mul_(1 / (1 - self.p))
        self.save_for_backward(scale)
        if self.inplace:
            self.mark_dirty(x)
            return x.mul_(scale)
        return x * scale

    def backward(self, gy: Any) -> Any:
        (scale,) = self.saved_tensors
        return gy * scale
