"""Losses that compare an input with a target element by element.

What all losses have in common: the result is the mean over all elements, of size (1,); their sum
without `size_average` or with `reduction="sum"`; one loss for each with `reduce=False` or
`reduction="none"`. Input and target have to be of one size: nothing is broadcast.
"""

import math
from typing import Any

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .activation import logsigmoid
from .arguments import (
    as_constant,
    as_variable,
    expanded,
    number,
    reduced,
    reduction_of,
    same_size,
)

__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "gaussian_nll_loss", "huber_loss",
    "kl_div", "l1_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss", "soft_margin_loss",
]  # fmt: skip


def weighted(where: str, losses: Variable, weight: Any) -> Variable:
    """losses * weight, which is expanded to their size."""
    if weight is None:
        return losses
    return losses * expanded(f"{where}: weight", weight, losses.size())


def l1_loss(
    input: Variable,
    target: Any,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """|input - target|"""
    reduction = reduction_of("l1_loss", size_average, reduce, reduction)
    return reduced((input - same_size("l1_loss", input, target)).abs(), reduction)


def mse_loss(
    input: Variable,
    target: Any,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """(input - target) ** 2"""
    reduction = reduction_of("mse_loss", size_average, reduce, reduction)
    distance = input - same_size("mse_loss", input, target)
    return reduced(distance * distance, reduction)


def smooth_l1_loss(
    input: Variable,
    target: Any,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
    beta: float = 1.0,
) -> Variable:
    """d ** 2 / (2 * beta) where d = |input - target| is below beta, else d - beta / 2."""
    where = "smooth_l1_loss"
    if number(where, "beta", beta, least=0) == 0:
        return l1_loss(input, target, size_average, reduce, reduction)
    return huber(where, input, target, beta, reduction_of(where, size_average, reduce, reduction))


def huber_loss(
    input: Variable,
    target: Any,
    reduction: str = "mean",
    delta: float = 1.0,
) -> Variable:
    """d ** 2 / 2 where d = |input - target| is below delta, else delta * (d - delta / 2)."""
    if not number("huber_loss", "delta", delta) > 0:
        raise ValueError(f"huber_loss: delta: expected a number above 0, got {delta!r}")
    reduction = reduction_of("huber_loss", None, None, reduction)
    return huber("huber_loss", input, target, delta, reduction) * delta


def huber(where: str, input: Variable, target: Any, beta: float, reduction: str) -> Variable:
    distance = (input - same_size(where, input, target)).abs()
    inner = distance.clamp(max=beta)  # d of the parabola; the slope goes on beyond it
    return reduced(inner * inner * (0.5 / beta) + (distance - inner), reduction)


def kl_div(
    input: Variable,
    target: Any,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
    log_target: bool = False,
    weight: Any = None,
) -> Variable:
    """target * (log(target) - input): input log probabilities, target probabilities.

    Or log probabilities with `log_target`. `reduction="batchmean"` divides the sum by the number of
    samples, which makes it the Kullback-Leibler divergence.
    """
    by_sample = reduction == "batchmean"
    reduction = "sum" if by_sample else reduction_of("kl_div", size_average, reduce, reduction)
    target = same_size("kl_div", input, target)
    if log_target:
        losses = target.exp() * (target - input)
    else:
        losses = target * target.masked_fill(target.data.le(0), 1).log() - target * input
    loss = reduced(weighted("kl_div", losses, weight), reduction)
    return loss / input.size(0) if by_sample else loss


def binary_cross_entropy(
    input: Variable,
    target: Any,
    weight: Any = None,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """-(target * log(input) + (1 - target) * log(1 - input)); input from 0 to 1.

    Logarithms below -100 count as -100. `weight` expands to the size of the input.
    """
    where = "binary_cross_entropy"
    reduction = reduction_of(where, size_average, reduce, reduction)
    target = same_size(where, input, target)
    if input.numel():
        least, most = input.data.min(), input.data.max()
        if least < 0 or most > 1:
            raise ValueError(
                f"{where}: input: expected probabilities from 0 to 1, got values from {least} to "
                f"{most}; binary_cross_entropy_with_logits takes any number"
            )
    losses = execute(F.BinaryCrossEntropy(), (input, target))
    return reduced(weighted(where, losses, weight), reduction)


def binary_cross_entropy_with_logits(
    input: Variable,
    target: Any,
    weight: Any = None,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
    pos_weight: Any = None,
) -> Variable:
    """binary_cross_entropy of sigmoid(input), without overflow.

    `weight` scales the losses, `pos_weight` the share of the target in them; both expand to the
    size of the input.
    """
    where = "binary_cross_entropy_with_logits"
    reduction = reduction_of(where, size_average, reduce, reduction)
    target = same_size(where, input, target)
    # -log(1 - sigmoid(x)) is x - log(sigmoid(x))
    share: Any = 1
    if pos_weight is not None:
        share = target * (expanded(f"{where}: pos_weight", pos_weight, input.size()) - 1) + 1
    losses = (1 - target) * input - share * logsigmoid(input)
    return reduced(weighted(where, losses, weight), reduction)


def soft_margin_loss(
    input: Variable,
    target: Any,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """log(1 + exp(-target * input)); target 1 or -1."""
    reduction = reduction_of("soft_margin_loss", size_average, reduce, reduction)
    target = same_size("soft_margin_loss", input, target)
    return reduced(-logsigmoid(target * input), reduction)


def poisson_nll_loss(
    input: Variable,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: bool = True,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """exp(input) - target * input, with the logarithm of the expected count as input.

    Without `log_input` it is the count itself: input - target * log(input + eps). `full` adds
    Stirling's approximation of log(target!) for targets above 1.
    """
    where = "poisson_nll_loss"
    reduction = reduction_of(where, size_average, reduce, reduction)
    target = same_size(where, input, target)
    if log_input:
        losses = input.exp() - target * input
    else:
        losses = input - target * (input + eps).log()
    if full:
        small = as_constant(target).le(1)
        n = target.masked_fill(small, 1)
        stirling = n * n.log() - n + (n * (2 * math.pi)).log() * 0.5
        losses = losses + stirling.masked_fill(small, 0)
    return reduced(losses, reduction)


def gaussian_nll_loss(
    input: Variable,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Variable:
    """(log(var) + (input - target) ** 2 / var) / 2 with the variance var, at least eps.

    var has the size of the input, or 1 or nothing for its last dimension. `full` adds
    log(2 * pi) / 2.
    """
    where = "gaussian_nll_loss"
    reduction = reduction_of(where, None, None, reduction)
    if not number(where, "eps", eps) > 0:
        raise ValueError(f"{where}: eps: expected a number above 0, got {eps!r}")
    target = same_size(where, input, target)
    size = input.size()
    var = as_variable(var)
    if var.size() == size[:-1]:
        var = var.unsqueeze(-1)
    if var.size() not in (size, (*size[:-1], 1)):
        raise ValueError(
            f"{where}: var: expected the size of input, {tuple(size)}, or 1 or nothing for its "
            f"last dimension, got {tuple(var.size())}"
        )
    if var.numel() and var.data.min() < 0:
        raise ValueError(f"{where}: var: expected no negative variance, got {var.data.min()}")
    var = var.clamp(min=eps).expand(size)
    distance = input - target
    losses = (var.log() + distance * distance / var) * 0.5
    return reduced(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)
