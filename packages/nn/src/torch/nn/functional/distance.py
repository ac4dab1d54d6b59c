"""Distances, similarities, and the losses made of them; loss.py says what losses share."""

from typing import Any

import torch
from torch.autograd import Variable

from .arguments import as_constant, as_variable, number, reduced, reduction_of, same_size

__all__ = [
    "cosine_embedding_loss", "cosine_similarity", "hinge_embedding_loss", "margin_ranking_loss",
    "pairwise_distance", "triplet_margin_loss",
]  # fmt: skip


def pairwise_distance(
    x1: Variable, x2: Any, p: float = 2, eps: float = 1e-6, keepdim: bool | None = None
) -> Variable:
    """p-norm of x1 - x2 + eps along the last dimension: (n, features) twice -> (n,).

    (n, 1) with `keepdim`, as the alpha has it: None leaves that to `torch.compat.flags`.
    """
    number("pairwise_distance", "p", p)
    difference = x1 - same_size("pairwise_distance", x1, x2, "x2", "x1") + eps
    keepdim = torch.compat.flags.keepdim if keepdim is None else keepdim
    return difference.norm(p, x1.dim() - 1, keepdim=keepdim)


def cosine_similarity(x1: Variable, x2: Any, dim: int = 1, eps: float = 1e-8) -> Variable:
    """sum(x1 * x2) / (max(|x1|, eps) * max(|x2|, eps)) along `dim`; the sizes broadcast."""
    number("cosine_similarity", "eps", eps)
    x2 = as_variable(x2)
    both = x1 * x2
    n = both.dim()
    if not -n <= dim < n:
        raise IndexError(
            f"cosine_similarity: dim: expected {-n} to {n - 1} for inputs of size "
            f"{tuple(x1.size())} and {tuple(x2.size())}, got {dim}"
        )
    dim = dim % n - n  # counted from the back, where the sizes of both end
    norms = [x.norm(2, dim, keepdim=False).clamp(min=eps) for x in (x1, x2)]
    return both.sum(dim=dim, keepdim=False) / (norms[0] * norms[1])


def margin_ranking_loss(
    input1: Variable,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """max(0, -target * (input1 - input2) + margin): target 1 if input1 should be larger, or -1."""
    where = "margin_ranking_loss"
    reduction = reduction_of(where, size_average, reduce, reduction)
    input2 = same_size(where, input1, input2, "input2", "input1")
    target = same_size(where, input1, target, like="input1")
    return reduced((margin - target * (input1 - input2)).clamp(min=0), reduction)


def hinge_embedding_loss(
    input: Variable,
    target: Any,
    size_average: bool = True,
    margin: float = 1.0,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """input where the target is 1, max(0, margin - input) where it is -1."""
    where = "hinge_embedding_loss"
    reduction = reduction_of(where, size_average, reduce, reduction)
    number(where, "margin", margin)
    target = same_size(where, input, target).data
    near = input.masked_fill(target.eq(-1), 0)
    far = (margin - input).clamp(min=0).masked_fill(target.eq(1), 0)
    return reduced(near + far, reduction)


def cosine_embedding_loss(
    input1: Variable,
    input2: Any,
    target: Any,
    margin: float = 0,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1.

    cos is the cosine of the angle between input1 and input2, (n, features); target (n,). Or
    (features,), with a target of one element.
    """
    where = "cosine_embedding_loss"
    reduction = reduction_of(where, size_average, reduce, reduction)
    number(where, "margin", margin)
    if input1.dim() not in (1, 2):
        raise ValueError(
            f"{where}: input1: expected (n, features) or (features,), got {tuple(input1.size())}"
        )
    input2 = same_size(where, input1, input2, "input2", "input1")
    target = as_constant(target)
    if input1.dim() == 1 and target.numel() == 1:
        input1, input2 = (x.view(1, -1) for x in (input1, input2))
        target = target.view(1)
    if tuple(target.size()) != (input1.size(0),):
        raise ValueError(
            f"{where}: target: expected size ({input1.size(0)},) for inputs of size "
            f"{tuple(input1.size())}, got {tuple(target.size())}"
        )
    cos = cosine_similarity(input1, input2, 1)
    near = (1 - cos).masked_fill(target.ne(1), 0)
    far = (cos - margin).clamp(min=0).masked_fill(target.ne(-1), 0)
    return reduced(near + far, reduction)


def triplet_margin_loss(
    anchor: Variable,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: bool = True,
    reduce: bool | None = None,
    reduction: str | None = None,
) -> Variable:
    """max(0, |anchor - positive| - |anchor - negative| + margin), with p-norms of rows.

    With `swap` the negative's distance is that to the nearer of anchor and positive; V. Balntas et
    al., Learning shallow convolutional feature descriptors with triplet losses (2016).
    """
    where = "triplet_margin_loss"
    reduction = reduction_of(where, size_average, reduce, reduction)
    number(where, "margin", margin)
    positive = same_size(where, anchor, positive, "positive", "anchor")
    negative = same_size(where, anchor, negative, "negative", "anchor")
    near = pairwise_distance(anchor, positive, p, eps, False)
    far = pairwise_distance(anchor, negative, p, eps, False)
    if swap:
        far = torch.minimum(far, pairwise_distance(positive, negative, p, eps, False))
    return reduced((near - far + margin).clamp(min=0), reduction)
