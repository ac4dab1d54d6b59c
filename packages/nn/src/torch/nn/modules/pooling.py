"""Pooling."""

from typing import Any

from torch.autograd import Variable

from .. import functional as F
from .module import Module

__all__ = ["MaxPool2d"]


class MaxPool2d(Module):
    """The largest element of each window: (n, c, h, w) -> (n, c, h', w').

    `stride` is the kernel size where not given; `return_indices` makes the result a pair.
    """

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = F.pair("MaxPool2d", "kernel_size", kernel_size, 1)
        self.stride = (
            self.kernel_size if stride is None else F.pair("MaxPool2d", "stride", stride, 1)
        )
        self.padding = F.pair("MaxPool2d", "padding", padding, 0)
        self.dilation = F.pair("MaxPool2d", "dilation", dilation, 1)
        for pad, kernel in zip(self.padding, self.kernel_size, strict=True):
            if pad > kernel // 2:
                raise ValueError(
                    "MaxPool2d: padding: expected at most half of kernel_size="
                    f"{self.kernel_size}, got {self.padding}"
                )
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Variable) -> Any:
        return F.max_pool2d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )

    def _arguments(self) -> str:
        shown = f"kernel_size={self.kernel_size}, stride={self.stride}"
        for name, value, usual in (
            ("padding", self.padding, (0, 0)),
            ("dilation", self.dilation, (1, 1)),
            ("return_indices", self.return_indices, False),
            ("ceil_mode", self.ceil_mode, False),
        ):
            if value != usual:
                shown += f", {name}={value}"
        return shown
