"""Convolution and its two gradients: bilinear maps, each differentiates into the other two."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["Conv2d", "Conv2dInputGrad", "Conv2dWeightGrad"]

Pair = tuple[int, int]


class _Conv2d(Builtin):
    """The geometry, the same for all three."""

    __slots__ = ("geometry",)
    fresh_gradients = True

    def __init__(self, stride: Pair, padding: Pair, dilation: Pair, groups: int) -> None:
        self.geometry = (stride, padding, dilation, groups)
        self.inplace = False


class Conv2d(_Conv2d):
    """x (n, c, h, w), weight (o, c / groups, kh, kw), bias (o,) or left out -> y (n, o, h', w')"""

    __slots__ = ("_sizes",)

    def forward(
        self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None
    ) -> torch.Tensor:
        edges = self._edges
        self._sizes = x.size(), weight.size()
        self._saved = (
            x if edges[1] is not None else None,
            weight if edges[0] is not None else None,
        )
        self._origins = (0, 1)
        return torch._C.conv(x, weight, bias, *self.geometry)

    def backward(self, gy: Any) -> tuple:
        x, weight = self.saved_tensors
        x_size, weight_size = self._sizes
        gx = gw = None
        if weight is not None:
            gx = call(Conv2dInputGrad(x_size, *self.geometry), gy, weight)
        if x is not None:
            gw = call(Conv2dWeightGrad(weight_size, *self.geometry), gy, x)
        edges = self._edges
        if len(edges) == 2:
            return gx, gw
        return gx, gw, None if edges[2] is None else gy.sum(dim=(0, 2, 3))


class Conv2dInputGrad(_Conv2d):
    """gy (n, o, h', w'), weight (o, c / groups, kh, kw) -> gx of size `size`, (n, c, h, w)"""

    __slots__ = ("size",)

    def __init__(self, size: Any, *geometry: Any) -> None:
        super().__init__(*geometry)
        self.size = size

    def forward(self, gy: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(gy, weight)
        return torch._C.conv_input_grad(gy, weight, self.size, *self.geometry)

    def backward(self, ggx: Any) -> tuple:
        gy, weight = self.saved_tensors
        ggy = call(Conv2d(*self.geometry), ggx, weight)
        gw = call(Conv2dWeightGrad(weight.size(), *self.geometry), gy, ggx)
        return ggy, gw


class Conv2dWeightGrad(_Conv2d):
    """gy (n, o, h', w'), x (n, c, h, w) -> gw of size `size`, (o, c / groups, kh, kw)"""

    __slots__ = ("size",)

    def __init__(self, size: Any, *geometry: Any) -> None:
        super().__init__(*geometry)
        self.size = size

    def forward(self, gy: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(gy, x)
        return torch._C.conv_weight_grad(gy, x, self.size, *self.geometry)

    def backward(self, ggw: Any) -> tuple:
        gy, x = self.saved_tensors
        ggy = call(Conv2d(*self.geometry), x, ggw)
        gx = call(Conv2dInputGrad(x.size(), *self.geometry), gy, ggw)
        return ggy, gx
