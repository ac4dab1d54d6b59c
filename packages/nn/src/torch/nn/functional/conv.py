"""Convolutions."""

from typing import Any

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .arguments import pair

__all__ = ["conv2d"]


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
