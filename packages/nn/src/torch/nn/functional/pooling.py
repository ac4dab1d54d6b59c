"""Pooling."""

from typing import Any

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .arguments import pair

__all__ = ["max_pool2d"]


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
