"""Losses: modules of an input and a target, with results of size (1,)."""

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

from .. import functional as F
from .module import Module

__all__ = ["CrossEntropyLoss", "NLLLoss"]


class _WeightedLoss(Module):
    """A loss with an optional weight (a buffer) per class."""

    def __init__(self, weight: torch.Tensor | None = None, size_average: bool = True) -> None:
        super().__init__()
        if weight is not None and not (isinstance(weight, torch.Tensor) and weight.dim() == 1):
            raise TypeError(
                f"{type(self).__name__}: weight: expected a Tensor of one dimension or None, "
                f"got {type_name(weight)}"
            )
        self.register_buffer("weight", weight)
        self.size_average = size_average

    def _arguments(self) -> str:
        return "" if self.size_average else "size_average=False"


class NLLLoss(_WeightedLoss):
    """Negative log likelihood: input (n, classes) log probabilities, target (n,) class numbers."""

    def forward(self, input: Variable, target: Variable) -> Variable:
        return F.nll_loss(input, target, self.weight, self.size_average)


class CrossEntropyLoss(_WeightedLoss):
    """NLLLoss of the log softmax: input (n, classes) of scores, target (n,) of class numbers."""

    def forward(self, input: Variable, target: Variable) -> Variable:
        return F.cross_entropy(input, target, self.weight, self.size_average)
