"""Rectification."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["Threshold", "ThresholdInputGrad"]


class Threshold(Builtin):
    """y = x where x > threshold, else value"""

    __slots__ = ("threshold", "value")
    fresh_gradients = True

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # Where the replaced elements are not above the threshold, the result tells which they
        # were, and x need not be kept: so it is for ReLU.
        result_tells = self.value <= self.threshold
        kept = x.clone() if self.inplace and not result_tells else x
        if self.inplace:
            self.mark_dirty(x)
            y = torch._C.threshold_(x, self.threshold, self.value)
        else:
            y = torch._C.threshold(x, self.threshold, self.value)
        self.save_for_backward(y if result_tells else kept)
        return y

    def backward(self, gy: Any) -> Any:
        (selector,) = self.saved_tensors
        return call(ThresholdInputGrad(self.threshold), gy, selector)


class ThresholdInputGrad(Builtin):
    """gx = gy where selector > threshold, else 0"""

    __slots__ = ("threshold",)
    fresh_gradients = True

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.inplace = False

    def forward(self, gy: torch.Tensor, selector: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(selector)
        return torch._C.threshold_input_grad(gy, selector, self.threshold)

    def backward(self, ggx: Any) -> tuple:
        (selector,) = self.saved_tensors
        return call(ThresholdInputGrad(self.threshold), ggx, selector), None
