"""Convolutions and transposed convolutions."""

import math
from typing import Any, ClassVar

import torch
from torch.autograd import Variable

from .. import functional as F
from ..functional.conv import conv_padding, output_padding_for, same_pads
from ..functional.padding import flat
from ..parameter import Parameter
from .linear import count
from .module import Module

__all__ = [
    "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
]  # fmt: skip

#: padding_mode: what `functional.pad` calls it
_MODES = {
    "zeros": "constant",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}


class _Conv(Module):
    """What all convolutions share: the geometry, the weight and the bias."""

    dims: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any,
        dilation: Any,
        groups: int,
    ) -> None:
        super().__init__()
        name, dims = type(self).__name__, self.dims
        self.in_channels = count(name, "in_channels", in_channels)
        self.out_channels = count(name, "out_channels", out_channels)
        self.groups = count(name, "groups", groups)
        for which, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
            if channels % groups:
                raise ValueError(
                    f"{name}: {which}: expected a multiple of groups={groups}, got {channels}"
                )
        self.kernel_size = F.sizes(name, "kernel_size", kernel_size, dims, 1)
        self.stride = F.sizes(name, "stride", stride, dims, 1)
        self.dilation = F.sizes(name, "dilation", dilation, dims, 1)

    def _make_parameters(self, rows: int, columns: int, bias: bool) -> None:
        """weight (rows, columns / groups, *kernel_size) and bias (out_channels,)"""
        size = (rows, columns // self.groups, *self.kernel_size)
        self.weight = Parameter(torch.Tensor(*size))
        bias_param = Parameter(torch.Tensor(self.out_channels)) if bias else None
        self.register_parameter("bias", bias_param)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        fan_in = self.in_channels // self.groups * math.prod(self.kernel_size)
        bound = 1 / math.sqrt(fan_in)
        for param in self.parameters():
            param.data.uniform_(-bound, bound)

    def _arguments(self) -> str:
        shown = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"
        shown += f", stride={self.stride}"
        for name, usual in (
            ("padding", (0,) * self.dims),
            ("output_padding", (0,) * self.dims),
            ("dilation", (1,) * self.dims),
            ("groups", 1),
        ):
            value = getattr(self, name, usual)
            if value != usual:
                shown += f", {name}={value!r}"
        if self.bias is None:
            shown += ", bias=False"
        mode = getattr(self, "padding_mode", "zeros")
        return shown if mode == "zeros" else f"{shown}, padding_mode={mode!r}"


class _Forward(_Conv):
    """A convolution: `padding` numbers, "same" or "valid"; `padding_mode` says what is added."""

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
        padding_mode: str = "zeros",
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, dilation, groups)
        name = type(self).__name__
        self.padding = conv_padding(name, self.dims, padding)
        if self.padding == "same":
            same_pads(name, self.kernel_size, self.stride, self.dilation)  # its check of the stride
        if padding_mode not in _MODES:
            raise ValueError(
                f"{name}: padding_mode: expected one of {', '.join(_MODES)}, got {padding_mode!r}"
            )
        self.padding_mode = padding_mode
        self._make_parameters(self.out_channels, self.in_channels, bias)

    def forward(self, input: Variable) -> Variable:
        padding = self.padding
        if self.padding_mode != "zeros":
            if padding == "same":
                name = type(self).__name__
                pads = same_pads(name, self.kernel_size, self.stride, self.dilation)
            else:
                pads = [(n, n) for n in padding]
            input = F.pad(input, flat(pads), _MODES[self.padding_mode])
            padding = 0
        function = getattr(F, f"conv{self.dims}d")
        return function(
            input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )


class Conv1d(_Forward):
    """Convolution over sequences: (n, in_channels, l) -> (n, out_channels, l').

    l' = (l + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1.

    weight: (out_channels, in_channels / groups, kernel_size), bias: (out_channels,) or None without
    `bias`; both start uniform in +-1 / sqrt(in_channels / groups * kernel_size). `padding` is a
    number, "valid" (none), or "same" (l' = l, with a stride of 1); `padding_mode` "zeros",
    "reflect", "replicate" or "circular".
    """

    dims = 1


class Conv2d(_Forward):
    """Convolution over images: (n, in_channels, h, w) -> (n, out_channels, h', w').

    weight: (out_channels, in_channels / groups, kh, kw), bias: (out_channels,) or None without
    `bias`; both start uniform in +-1 / sqrt(in_channels / groups * kh * kw). `kernel_size`,
    `stride`, `padding` and `dilation` are ints or (h, w) pairs; all else is as in `Conv1d`.
    """

    dims = 2


class Conv3d(_Forward):
    """Convolution over volumes: (n, in_channels, d, h, w) -> (n, out_channels, d', h', w').

    weight: (out_channels, in_channels / groups, kd, kh, kw), bias: (out_channels,) or None without
    `bias`. `kernel_size`, `stride`, `padding` and `dilation` are ints or (d, h, w); all else is as
    in `Conv1d`.
    """

    dims = 3


class _Transposed(_Conv):
    """A transposed convolution; `forward` takes the size that its result is to have."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, dilation, groups)
        name = type(self).__name__
        self.padding = F.sizes(name, "padding", padding, self.dims, 0)
        self.output_padding = F.sizes(name, "output_padding", output_padding, self.dims, 0)
        self._make_parameters(self.in_channels, self.out_channels, bias)

    def forward(self, input: Variable, output_size: Any = None) -> Variable:
        more = self.output_padding
        if output_size is not None:
            more = output_padding_for(
                type(self).__name__,
                input,
                output_size,
                self.kernel_size,
                self.stride,
                self.padding,
                self.dilation,
            )
        return getattr(F, f"conv_transpose{self.dims}d")(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            more,
            self.groups,
            self.dilation,
        )


class ConvTranspose1d(_Transposed):
    """The gradient of `Conv1d` as a layer: (n, in_channels, l) -> (n, out_channels, l').

    l' = (l - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + 1 + output_padding, or as
    the call says: `layer(x, output_size=(l',))`, one of the `stride` sizes from l' without
    output_padding on (ValueError for another).

    weight: (in_channels, out_channels / groups, kernel_size), bias: (out_channels,) or None without
    `bias`; both start uniform in +-1 / sqrt(in_channels / groups * kernel_size).
    """

    dims = 1


class ConvTranspose2d(_Transposed):
    """The gradient of `Conv2d` as a layer: (n, in_channels, h, w) -> (n, out_channels, h', w').

    weight: (in_channels, out_channels / groups, kh, kw), bias: (out_channels,) or None without
    `bias`. Numbers are ints or (h, w) pairs; sizes and `output_size`, (h', w') or all four, are as
    in `ConvTranspose1d`.
    """

    dims = 2


class ConvTranspose3d(_Transposed):
    """The gradient of `Conv3d` as a layer.

    (n, in_channels, d, h, w) -> (n, out_channels, d', h', w')

    weight: (in_channels, out_channels / groups, kd, kh, kw), bias: (out_channels,) or None without
    `bias`. Numbers are ints or (d, h, w); sizes and `output_size` are as in `ConvTranspose1d`.
    """

    dims = 3
