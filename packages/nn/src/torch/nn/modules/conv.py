"""Convolutions."""

import math
from typing import Any

import torch
from torch.autograd import Variable

from .. import functional as F
from ..parameter import Parameter
from .linear import count
from .module import Module

__all__ = ["Conv2d"]


class Conv2d(Module):
    """Two-dimensional convolution: (n, in_channels, h, w) -> (n, out_channels, h', w').

    weight: (out_channels, in_channels / groups, kh, kw), bias: (out_channels,) or None without
    `bias`; both start uniform in +-1 / sqrt(in_channels / groups * kh * kw). `kernel_size`,
    `stride`, `padding` and `dilation` are ints or (h, w) pairs.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.in_channels = count("Conv2d", "in_channels", in_channels)
        self.out_channels = count("Conv2d", "out_channels", out_channels)
        self.groups = count("Conv2d", "groups", groups)
        for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(
                    f"Conv2d: {name}: expected a multiple of groups={groups}, got {channels}"
                )
        self.kernel_size = F.pair("Conv2d", "kernel_size", kernel_size, 1)
        self.stride = F.pair("Conv2d", "stride", stride, 1)
        self.padding = F.pair("Conv2d", "padding", padding, 0)
        self.dilation = F.pair("Conv2d", "dilation", dilation, 1)
        self.weight = Parameter(
            torch.Tensor(out_channels, in_channels // groups, *self.kernel_size)
        )
        self.register_parameter("bias", Parameter(torch.Tensor(out_channels)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        fan_in = self.in_channels // self.groups * math.prod(self.kernel_size)
        bound = 1 / math.sqrt(fan_in)
        for param in self.parameters():
            param.data.uniform_(-bound, bound)

    def forward(self, input: Variable) -> Variable:
        return F.conv2d(
            input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )

    def _arguments(self) -> str:
        shown = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        shown += f", stride={self.stride}"
        for name, value, usual in (
            ("padding", self.padding, (0, 0)),
            ("dilation", self.dilation, (1, 1)),
            ("groups", self.groups, 1),
            ("bias", self.bias is not None, True),
        ):
            if value != usual:
                shown += f", {name}={value}"
        return shown
