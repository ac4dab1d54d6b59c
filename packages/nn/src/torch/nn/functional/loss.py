"""Losses: results of size (1,)."""

import torch
from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .activation import log_softmax
from .arguments import as_constant

__all__ = ["cross_entropy", "nll_loss"]


def nll_loss(
    input: Variable,
    target: Variable,
    weight: torch.Tensor | None = None,
    size_average: bool = True,
) -> Variable:
    """Negative log likelihood: input (n, classes) log probabilities, target (n,) class numbers.

    `weight` (classes,) scales each class; the loss (1,) is averaged unless `size_average` is False.
    """
    target, weight = as_constant(target), as_constant(weight)
    function = F.NLLLoss(size_average)
    return execute(function, (input, target) if weight is None else (input, target, weight))


def cross_entropy(
    input: Variable,
    target: Variable,
    weight: torch.Tensor | None = None,
    size_average: bool = True,
) -> Variable:
    """`nll_loss` of `log_softmax`: input (n, classes) of scores, target (n,) of class numbers."""
    return nll_loss(log_softmax(input), target, weight, size_average)
