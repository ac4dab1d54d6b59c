"""Layers and losses as functions of Variables."""

import math
from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.function import execute  # what calling a Function does

from . import functions as F

__all__ = [
    "conv2d", "cross_entropy", "dropout", "linear", "log_softmax", "max_pool2d", "nll_loss", "relu",
    "threshold",
]  # fmt: skip


_SEVERAL = (tuple, list)


def pair(where: str, name: str, value: Any, least: int) -> tuple[int, int]:
    """One int for both dimensions, or two; each at least `least`."""
    both = tuple(value) if isinstance(value, _SEVERAL) else (value, value)
    if len(both) == 2:  # asked several times in every call of a convolution
        h, w = both
        if isinstance(h, int) and isinstance(w, int) and h >= least and w >= least:
            return both
    raise ValueError(
        f"{where}: {name}: expected an int of at least {least} or a pair of them, got {value!r}"
    )


def as_constant(value: Any) -> Any:
    """The Tensor of a target or class weight, which may be given as a Variable."""
    return value.data if isinstance(value, Variable) else value


def conv2d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Variable:
    """input (n, c, h, w), weight (o, c / groups, kh, kw), bias (o,) -> (n, o, h', w')"""
    function = F.Conv2d(
        pair("conv2d", "stride", stride, 1),
        pair("conv2d", "padding", padding, 0),
        pair("conv2d", "dilation", dilation, 1),
        groups,
    )
    return execute(function, (input, weight) if bias is None else (input, weight, bias))


def max_pool2d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window: (n, c, h, w) -> (n, c, h', w').

    `stride` is the kernel size where not given. With `return_indices` also a LongTensor Variable of
    positions h * width + w in each plane.
    """
    kernel = pair("max_pool2d", "kernel_size", kernel_size, 1)
    function = F.MaxPool2d(
        kernel,
        kernel if stride is None else pair("max_pool2d", "stride", stride, 1),
        pair("max_pool2d", "padding", padding, 0),
        pair("max_pool2d", "dilation", dilation, 1),
        ceil_mode,
        return_indices,
    )
    return execute(function, (input,))


def dropout(
    input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Variable:
    """Elements set to 0 with probability `p`, the others divided by 1 - p; only while training."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p: expected a probability from 0 to 1, got {p!r}")
    if not training or p == 0:
        return input
    return execute(F.Dropout(p, inplace), (input,))


def threshold(input: Variable, threshold: float, value: float, inplace: bool = False) -> Variable:
    """input where it is above the threshold, else value."""
    return execute(F.Threshold(threshold, value, inplace), (input,))


def relu(input: Variable, inplace: bool = False) -> Variable:
    """max(input, 0)"""
    return execute(F.Threshold(0, 0, inplace), (input,))


def log_softmax(input: Variable) -> Variable:
    """Logarithm of the softmax over the classes.

    They are dimension 1 of 2-D and 4-D input, 0 of 1-D and 3-D input.
    """
    if not 1 <= input.dim() <= 4:
        raise ValueError(f"log_softmax: expected 1 to 4 dimensions, got size {tuple(input.size())}")
    return execute(F.LogSoftmax(1 if input.dim() in (2, 4) else 0), (input,))


def linear(input: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    """input @ weight.t() + bias: input (..., in), weight (out, in), bias (out,) -> (..., out)"""
    size = input.shape  # type: ignore[attr-defined]
    out_features, in_features = weight.shape  # type: ignore[attr-defined]
    if not size or size[-1] != in_features:
        raise ValueError(
            f"linear: input: expected size (..., {in_features}) for a weight of size "
            f"{(out_features, in_features)}, got {tuple(size)}"
        )
    rows = input
    if len(size) != 2:
        rows = input.contiguous().view(math.prod(size[:-1]), in_features)  # type: ignore[attr-defined]
    result = execute(F.Linear(), (rows, weight) if bias is None else (rows, weight, bias))
    return result if len(size) == 2 else result.view(*size[:-1], out_features)


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
