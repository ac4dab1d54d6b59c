"""Layers alone, in words that alphatorch and PyTorch have in common."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn as nn
from torch.autograd import Variable

from benchmarks.libraries.networks import copied, filled, numbers


class SelfAttention(nn.Module):
    """(n, l, e) -> (n, l, e)"""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = nn.MultiheadAttention(width, heads, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.heads(x, x, x, need_weights=False)


def first(result: Any) -> Any:
    """Without the state, or the weights, that some layers give besides."""
    return result[0] if isinstance(result, tuple) else result


def inference(module: Any, *inputs: Any) -> Callable[[], Any]:
    """Nothing is recorded. The module is in evaluation unless it was made to train."""
    filled(module)
    variables = [Variable(values) for values in inputs]

    def step() -> Any:
        with torch.no_grad():
            return first(module(*variables))

    return step


def gradients(module: Any, x: Any, *others: Any, of_input: bool = True) -> Callable[[], Any]:
    """Forward and backward: the gradients of all parameters and, with `of_input`, of x.

    A layer within a network is handed the gradient of its output; a loss is where backward starts.
    """
    filled(module)
    inputs = [Variable(x, requires_grad=of_input), *map(Variable, others)]
    leaves = [*(inputs[:1] if of_input else []), *module.parameters()]
    with torch.no_grad():
        size = tuple(first(module(*inputs)).size())
    start = () if math.prod(size) == 1 else (numbers("gradient", size, 1.0),)

    def step() -> Any:
        for one in leaves:
            one.grad = None
        first(module(*inputs)).backward(*start)
        return [one.grad for one in leaves]

    return step


def convolution_layer(w: Any, b: Any, stride: int, padding: int, groups: int) -> Any:
    outputs, inputs, *kernel = w.size()
    layer = nn.Conv2d(inputs * groups, outputs, tuple(kernel), stride, padding, groups=groups)
    return copied(layer, [w, b])


def convolution(
    x: Any,
    w: Any,
    b: Any,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
) -> Callable[[], Any]:
    layer = convolution_layer(w, b, stride, padding, groups)
    x = Variable(x)

    def step() -> Any:
        with torch.no_grad():
            return layer(x)

    return step


def convolution_gradients(
    x: Any,
    w: Any,
    b: Any,
    g: Any,
    stride: int = 1,
    padding: int = 0,
    groups: int = 1,
    of_input: bool = True,
) -> Callable[[], Any]:
    """Of x (with `of_input`), w and b; g: the gradient of the output."""
    layer = convolution_layer(w, b, stride, padding, groups)
    x = Variable(x, requires_grad=of_input)
    leaves = [*([x] if of_input else []), *layer.parameters()]

    def step() -> Any:
        for one in leaves:
            one.grad = None
        layer(x).backward(g)
        return [one.grad for one in leaves]

    return step


def zeros(values: Any) -> list[float]:
    """The share of zeros in each: all that can be compared where random numbers differ."""
    parts = values if isinstance(values, list) else [values]
    return [float((part.data == 0).float().mean()) for part in parts]


def falling() -> Iterator[float]:
    """Limits, each below a norm that was brought to the one before."""
    return (0.9999**turn for turn in itertools.count())
