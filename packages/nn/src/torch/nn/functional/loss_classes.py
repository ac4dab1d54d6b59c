"""Losses of scores for classes; loss.py says what all losses have in common."""

from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .activation import log_softmax, logsigmoid
from .arguments import as_constant, number, reduced, reduction_of, same_size

__all__ = [
    "cross_entropy", "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss",
    "nll_loss",
]  # fmt: skip


def check_targets(where: str, target: torch.Tensor, valid: torch.Tensor, classes: int) -> None:
    """An error for a class number that does not exist, where `valid` says that it counts."""
    bad = (target.lt(0) | target.ge(classes)) & valid
    if bad.any():
        position = tuple(bad.nonzero()[0].tolist())
        raise IndexError(
            f"{where}: target {target[position]} at position "
            f"{position[0] if len(position) == 1 else position} is out of range for {classes} "
            "classes"
        )


def check_long(where: str, target: Any, size: tuple[int, ...], input: Variable) -> None:
    """Class numbers are a LongTensor of the size of the input without its classes."""
    if not isinstance(target, torch.Tensor) or target.dtype is not torch.int64:
        shown = type(target).__name__
        raise TypeError(f"{where}: expected target to be a LongTensor, got {shown}")
    if tuple(target.size()) != size:
        raise ValueError(
            f"{where}: target: expected size {size} for input of size {tuple(input.size())}, got "
            f"{tuple(target.size())}"
        )


def check_class_weight(where: str, weight: Any, input: Variable, classes: int) -> None:
    if weight is not None and tuple(weight.size()) != (classes,):
        raise ValueError(
            f"{where}: weight: expected size ({classes},), one per class of input of size "
            f"{tuple(input.size())}, got {tuple(weight.size())}"
        )


def along(values: Any, input: Variable) -> Any:
    """One value per class, expanded to the input (n, classes, ...)."""
    return values.view(-1, *(1,) * (input.dim() - 2)).expand(input.size())


def in_batch(where: str, input: Variable, target: Any) -> tuple[Variable, Any]:
    """A single sample (classes,) with target (1,) or () as a batch of one."""
    if input.dim() == 0:
        raise ValueError(f"{where}: input: expected size (n, classes, ...), got ()")
    if input.dim() > 1:
        return input, target
    if target.dtype is torch.int64 and target.numel() == 1:
        target = target.view(1)
    elif target.dtype is not torch.int64:
        target = target.unsqueeze(0)
    return input.unsqueeze(0), target


def nll_loss(
    input: Variable,
    target: Any,
    weight: Any = None,
    size_average: bool = True,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """Negative log likelihood: -weight[target] * input[target], the log probability of the target.

    input (n, classes, ...) log probabilities, target (n, ...) class numbers, weight (classes,). The
    mean is divided by the sum of the weights of the targets. Targets `ignore_index` do not count.
    """
    reduction = reduction_of("nll_loss", size_average, reduce, reduction)
    return _likelihood("nll_loss", input, target, weight, ignore_index, reduction)


def _likelihood(
    where: str, input: Variable, target: Any, weight: Any, ignore_index: int, reduction: str
) -> Variable:
    """nll_loss, with errors in the name of what was called."""
    target, weight = as_constant(target), as_constant(weight)
    if isinstance(target, torch.Tensor):
        input, target = in_batch(where, input, target)
    check_long(where, target, (input.size(0), *input.size()[2:]), input)
    check_class_weight(where, weight, input, input.size(1))
    if input.dim() == 2 and reduction != "none" and not target.eq(ignore_index).any():
        function = F.NLLLoss(reduction == "mean")
        return execute(function, (input, target) if weight is None else (input, target, weight))
    losses, total = picked(where, input, target, weight, ignore_index)
    return losses.sum() / total if reduction == "mean" else reduced(losses, reduction)


def picked(where: str, input: Variable, target: Any, weight: Any, ignore_index: int) -> tuple:
    """(one loss per target, sum of the weights of the targets), the sum a number."""
    ignored = target.eq(ignore_index)
    check_targets(where, target, ignored.eq(0), input.size(1))
    target = target.masked_fill(ignored, 0)
    losses = -input.gather(1, target.unsqueeze(1)).squeeze(1)  # type: ignore[attr-defined]
    losses = losses.masked_fill(ignored, 0)
    if weight is None:
        return losses, ignored.eq(0).sum() or float("nan")
    factors = weight.take(target).masked_fill(ignored, 0)
    return losses * Variable(factors), factors.sum() or float("nan")


def cross_entropy(
    input: Variable,
    target: Any,
    weight: Any = None,
    size_average: bool = True,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str | None = None,
    label_smoothing: float = 0.0,
) -> Variable:
    """`nll_loss` of `log_softmax`: input (n, classes, ...) scores, target (n, ...) class numbers.

    A target of floating numbers in the size of the input gives a probability to every class.
    `label_smoothing` takes that share of the probability and spreads it over all classes.
    """
    where = "cross_entropy"
    reduction = reduction_of(where, size_average, reduce, reduction)
    if not 0 <= number(where, "label_smoothing", label_smoothing) <= 1:
        raise ValueError(
            f"{where}: label_smoothing: expected a number from 0 to 1, got {label_smoothing!r}"
        )
    weight = as_constant(weight)
    if not isinstance(as_constant(target), torch.Tensor):
        raise TypeError(f"{where}: expected target to be a Tensor, got {type(target).__name__}")
    if as_constant(target).dtype.is_floating_point:
        if input.dim() == 1:
            input, target = input.unsqueeze(0), target.unsqueeze(0)  # type: ignore[attr-defined]
        return against_probabilities(input, target, weight, reduction, label_smoothing)
    input, target = in_batch(where, input, as_constant(target))
    scores = log_softmax(input, 1)
    loss = _likelihood(where, scores, target, weight, ignore_index, reduction)
    if label_smoothing == 0:
        return loss
    spread = -(scores if weight is None else scores * Variable(along(weight, scores)))
    ignored = target.eq(ignore_index)
    spread = spread.sum(dim=1, keepdim=False).masked_fill(ignored, 0)
    if reduction == "mean":
        _, total = picked(where, scores, target, weight, ignore_index)
        spread = spread.sum() / total
    else:
        spread = reduced(spread, reduction)
    return loss * (1 - label_smoothing) + spread * (label_smoothing / input.size(1))


def against_probabilities(
    input: Variable, target: Any, weight: Any, reduction: str, label_smoothing: float
) -> Variable:
    """cross_entropy with a probability of every class in the target."""
    target = same_size("cross_entropy", input, target)
    check_class_weight("cross_entropy", weight, input, input.size(1))
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / input.size(1)
    losses = log_softmax(input, 1) * target
    if weight is not None:
        losses = losses * Variable(along(weight, losses))
    return reduced(-losses.sum(dim=1, keepdim=False), reduction)


def multi_margin_loss(
    input: Variable,
    target: Any,
    p: int = 1,
    margin: float = 1,
    weight: Any = None,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """Sum over the other classes i of max(0, margin - input[target] + input[i]) ** p / classes.

    input (n, classes) or (classes,), target (n,) class numbers, weight (classes,) a factor for the
    targets, p 1 or 2.
    """
    where = "multi_margin_loss"
    reduction = reduction_of(where, size_average, reduce, reduction)
    number(where, "margin", margin)
    if p not in (1, 2):
        raise ValueError(f"{where}: p: expected 1 or 2, got {p!r}")
    target, weight = as_constant(target), as_constant(weight)
    if isinstance(target, torch.Tensor):
        input, target = in_batch(where, input, target)
    if input.dim() != 2:
        raise ValueError(f"{where}: input: expected (n, classes), got {tuple(input.size())}")
    n, classes = input.size()
    check_long(where, target, (n,), input)
    check_class_weight(where, weight, input, classes)
    check_targets(where, target, target.eq(target), classes)
    column = target.unsqueeze(1)
    of_target = input.gather(1, column).expand(n, classes)  # type: ignore[attr-defined]
    terms = (input - of_target + margin).clamp(min=0)
    if p == 2:
        terms = terms * terms
    if weight is not None:
        terms = terms * Variable(weight.take(column).expand(n, classes))
    other = torch.zeros(n, classes, device=column.device).scatter_(1, column, 1).ne(0)
    return reduced(terms.masked_fill(other, 0).sum(dim=1, keepdim=False) / classes, reduction)


def multilabel_margin_loss(
    input: Variable,
    target: Any,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """Sum over targets j and other classes i of max(0, 1 - (input[j] - input[i])) / classes.

    input (n, classes) or (classes,); target of the same size: class numbers, a list per sample that
    ends at the first -1.
    """
    where = "multilabel_margin_loss"
    reduction = reduction_of(where, size_average, reduce, reduction)
    target = as_constant(target)
    if input.dim() not in (1, 2):
        raise ValueError(
            f"{where}: input: expected (n, classes) or (classes,), got {tuple(input.size())}"
        )
    check_long(where, target, tuple(input.size()), input)
    if input.dim() == 1:
        loss = multilabel_margin_loss(
            input.unsqueeze(0),  # type: ignore[attr-defined]
            target.unsqueeze(0),
            reduction=reduction,
        )
        return loss
    n, classes = input.size()
    if n == 0 or classes == 0:
        return reduced((input * 0).sum(dim=1, keepdim=False), reduction)
    listed = target.eq(-1).long().cumsum(1).eq(0)
    check_targets(where, target, listed, classes)
    longest = max(int(listed.long().sum(dim=1).max()), 1)
    listed = listed.narrow(1, 0, longest)
    target = target.narrow(1, 0, longest).masked_fill(listed.eq(0), 0)
    is_target = torch.zeros(n, classes, device=target.device)
    is_target = is_target.scatter_add_(1, target, listed.float()).ne(0)
    size = (n, longest, classes)
    of_targets = input.gather(1, target).unsqueeze(2).expand(size)  # type: ignore[attr-defined]
    terms = (1 - of_targets + input.unsqueeze(1).expand(size)).clamp(min=0)  # type: ignore[attr-defined]
    out = listed.eq(0).unsqueeze(2).expand(size) | is_target.unsqueeze(1).expand(size)
    return reduced(terms.masked_fill(out, 0).sum(dim=(1, 2), keepdim=False) / classes, reduction)


def multilabel_soft_margin_loss(
    input: Variable,
    target: Any,
    weight: Any = None,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """Mean over the classes of -(t * log(sigmoid(x)) + (1 - t) * log(sigmoid(-x))).

    input x (n, classes), target t of the same size, 0 or 1; weight (classes,).
    """
    where = "multilabel_soft_margin_loss"
    reduction = reduction_of(where, size_average, reduce, reduction)
    target, weight = same_size(where, input, target), as_constant(weight)
    classes = input.size(input.dim() - 1) if input.dim() else 1
    check_class_weight(where, weight, input, classes)
    losses = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        losses = losses * Variable(weight.expand(losses.size()))
    last = input.dim() - 1
    return reduced(losses.sum(dim=last, keepdim=False) / classes, reduction)
