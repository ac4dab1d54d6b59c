"""Convolution, its transpose and its weight's gradient: each differentiates into the others.

There are 1 to 3 spatial dimensions: x (n, c, *s), weight (o, c / groups, *k), y (n, o, *t).
"""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["Conv", "ConvTranspose", "ConvWeightGrad"]

Sizes = tuple[int, ...]


class _Conv(Builtin):
    """The geometry, the same for all three."""

    __slots__ = ("geometry",)
    fresh_gradients = True

    def __init__(self, stride: Sizes, padding: Sizes, dilation: Sizes, groups: int) -> None:
        self.geometry = (stride, padding, dilation, groups)
        self.inplace = False

    def _with_bias(self, gx: Any, gw: Any, gy: Any) -> tuple:
        """The gradients of (x, weight, bias), or of the first two where there is no bias."""
        edges = self._edges
        if len(edges) == 2:
            return gx, gw
        dims = tuple([d for d in range(gy.dim()) if d != 1])
        return gx, gw, None if edges[2] is None else gy.sum(dim=dims, keepdim=False)

    def _save_needed(self, first: torch.Tensor, weight: torch.Tensor) -> None:
        """Each of the two is for the gradient of the other."""
        edges = self._edges
        self._saved = (
            first if edges[1] is not None else None,
            weight if edges[0] is not None else None,
        )
        self._origins = (0, 1)


class Conv(_Conv):
    """x (n, c, *s), weight (o, c / groups, *k), bias (o,) or left out -> y (n, o, *t)"""

    __slots__ = ("_sizes",)

    def forward(
        self, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None
    ) -> torch.Tensor:
        self._sizes = x.size(), weight.size()
        self._save_needed(x, weight)
        return torch._C.conv(x, weight, bias, *self.geometry)

    def backward(self, gy: Any) -> tuple:
        x, weight = self.saved_tensors
        x_size, weight_size = self._sizes
        gx = gw = None
        if weight is not None:
            gx = call(ConvTranspose(x_size, *self.geometry), gy, weight)
        if x is not None:
            gw = call(ConvWeightGrad(weight_size, *self.geometry), gy, x)
        return self._with_bias(gx, gw, gy)


class ConvTranspose(_Conv):
    """The adjoint of Conv: y (n, o, *t), weight (o, c / groups, *k), bias (c,) or left out
    -> x of size `size`, (n, c, *s)"""

    __slots__ = ("_weight_size", "size")

    def __init__(self, size: Any, *geometry: Any) -> None:
        super().__init__(*geometry)
        self.size = size

    def forward(
        self, y: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None
    ) -> torch.Tensor:
        self._weight_size = weight.size()
        self._save_needed(y, weight)
        x = torch._C.conv_input_grad(y, weight, self.size, *self.geometry)
        if bias is not None:
            x.add_(bias.view(-1, *[1] * (x.dim() - 2)).expand_as(x))
        return x

    def backward(self, gx: Any) -> tuple:
        y, weight = self.saved_tensors
        gy = gw = None
        if weight is not None:
            gy = call(Conv(*self.geometry), gx, weight)
        if y is not None:
            gw = call(ConvWeightGrad(self._weight_size, *self.geometry), y, gx)
        return self._with_bias(gy, gw, gx)


class ConvWeightGrad(_Conv):
    """gy (n, o, *t), x (n, c, *s) -> gw of size `size`, (o, c / groups, *k)"""

    __slots__ = ("size",)

    def __init__(self, size: Any, *geometry: Any) -> None:
        super().__init__(*geometry)
        self.size = size

    def forward(self, gy: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(gy, x)
        return torch._C.conv_weight_grad(gy, x, self.size, *self.geometry)

    def backward(self, ggw: Any) -> tuple:
        gy, x = self.saved_tensors
        ggy = call(Conv(*self.geometry), x, ggw)
        gx = call(ConvTranspose(x.size(), *self.geometry), gy, ggw)
        return ggy, gx
