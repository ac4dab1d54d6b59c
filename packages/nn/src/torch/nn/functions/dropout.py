"""Random omission of elements or of whole channels while training."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin

__all__ = ["AlphaDropout", "Dropout"]


class Dropout(Builtin):
    """Each element is 0 with probability `p`, and divided by 1 - p otherwise.

    With `channels` that is decided for all elements x[i, c] together; x (n, c, ...).
    """

    __slots__ = ("channels", "p")
    fresh_gradients = True

    def __init__(self, p: float = 0.5, inplace: bool = False, channels: bool = False) -> None:
        self.p = p
        self.inplace = inplace
        self.channels = channels

    def kept(self, x: torch.Tensor) -> torch.Tensor:
        """1 for what stays and 0 for what goes; of the size of x, or (n, c, 1, ...)."""
        size = x.size()
        if self.channels:
            size = (*size[:2], *(1,) * (len(size) - 2))
        kept = torch.zeros(size, dtype=x.dtype, device=x.device)
        return kept.bernoulli_(1 - self.p) if self.p < 1 else kept

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scale = self.kept(x)
        if self.p < 1:
            scale.mul_(1 / (1 - self.p))
        self.save_for_backward(scale)
        scale = scale.expand_as(x)
        if self.inplace:
            self.mark_dirty(x)
            return x.mul_(scale)
        return x * scale

    def backward(self, gy: Any) -> Any:
        (scale,) = self.saved_tensors
        return gy * scale.expand_as(gy)


class AlphaDropout(Dropout):
    """Omission that keeps mean 0 and variance 1: y = a * x + b, or a * least + b if omitted.

    `least` is the lower limit of SELU, -scale * alpha; G. Klambauer et al., Self-Normalizing Neural
    Networks (2017), which gives a = (q + least ** 2 * q * p) ** -0.5 with q = 1 - p, and
    b = -a * p * least.
    """

    __slots__ = ()
    least = -1.7580993408473766

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        p, least = self.p, self.least
        a = ((1 - p) * (1 + p * least**2)) ** -0.5 if p < 1 else 0.0
        kept = self.kept(x)
        shift = ((1 - kept) * least - p * least) * a
        scale = kept.mul_(a)
        self.save_for_backward(scale)
        scale, shift = scale.expand_as(x), shift.expand_as(x)
        if self.inplace:
            self.mark_dirty(x)
            return x.mul_(scale).add_(shift)
        return (x * scale).add_(shift)
