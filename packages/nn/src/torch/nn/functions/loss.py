"""Losses that have kernels or gradients of their own; the others are made of operations."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["BinaryCrossEntropy", "NLLLoss", "NLLLossInputGrad"]


class NLLLoss(Builtin):
    """-sum of weight[t] * x[i, t] over the rows i with target t, divided by the sum of the weights
    where `size_average`; x (n, classes), target (n,) of int64, weight (classes,) or None, loss (1,)
    """

    __slots__ = ("_size", "size_average")
    fresh_gradients = True

    def __init__(self, size_average: bool = True) -> None:
        self.size_average = size_average
        self.inplace = False

    def forward(
        self, x: torch.Tensor, target: torch.Tensor, weight: torch.Tensor | None = None
    ) -> torch.Tensor:
        loss, total_weight = torch._C.nll_loss(x, target, weight, self.size_average)
        self._size = x.size()
        self.save_for_backward(target, weight, total_weight)
        return loss

    def backward(self, gy: Any) -> tuple:
        target, weight, total_weight = self.saved_tensors
        function = NLLLossInputGrad(self._size, self.size_average)
        return call(function, gy, target, weight, total_weight), None, None


class NLLLossInputGrad(Builtin):
    """gy (1,) spread over zeros of size `size` (n, classes), at the targets"""

    __slots__ = ("size", "size_average")
    fresh_gradients = True

    def __init__(self, size: Any, size_average: bool) -> None:
        self.size = size
        self.size_average = size_average
        self.inplace = False

    def forward(
        self,
        gy: torch.Tensor,
        target: torch.Tensor,
        weight: torch.Tensor | None,
        total_weight: torch.Tensor,
    ) -> torch.Tensor:
        self.save_for_backward(target, weight)
        return torch._C.nll_loss_input_grad(
            gy, target, weight, self.size_average, total_weight, self.size
        )

    def backward(self, ggx: Any) -> tuple:
        # linear in gy, and its adjoint is the loss itself
        target, weight = self.saved_tensors
        return call(NLLLoss(self.size_average), ggx, target, weight), None, None, None


class BinaryCrossEntropy(Builtin):
    """y = -(t * log(x) + (1 - t) * log(1 - x)), logarithms not below -100; x and t of one size

    The gradient is (x - t) / (x * (1 - x)), a denominator not below 1e-12.
    """

    __slots__ = ()
    fresh_gradients = True

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(x, t)
        yes, no = self.logs(x)
        return no.neg() + t * (no - yes)

    def logs(self, x: Any) -> tuple:
        return x.log().clamp(min=-100), (1 - x).log().clamp(min=-100)

    def backward(self, gy: Any) -> tuple:
        x, t = self.saved_tensors
        gx = gt = None
        needs_x, needs_t = self.needs_input_grad
        if needs_x:
            gx = gy * (x - t) / (x * (1 - x)).clamp(min=1e-12)
        if needs_t:
            yes, no = self.logs(x)
            gt = gy * (no - yes)
        return gx, gt
