"""Max pooling: taking elements out of planes, and its adjoint, adding them back in."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["MaxPool2d", "MaxPool2dGather", "MaxPool2dInputGrad"]

Pair = tuple[int, int]


class MaxPool2d(Builtin):
    """x (n, c, h, w) -> y (n, c, h', w'), and with `return_indices` where in its plane each was."""

    __slots__ = ("_size", "geometry", "return_indices")

    def __init__(
        self,
        kernel_size: Pair,
        stride: Pair,
        padding: Pair,
        dilation: Pair,
        ceil_mode: bool,
        return_indices: bool = False,
    ) -> None:
        self.geometry = (kernel_size, stride, padding, dilation, ceil_mode)
        self.return_indices = return_indices
        self.inplace = False

    def forward(self, x: torch.Tensor) -> Any:
        y, indices = torch._C.max_pool(x, *self.geometry)
        self._size = x.size()
        self.save_for_backward(indices)
        if not self.return_indices:
            return y
        self.mark_non_differentiable(indices)
        return y, indices

    def backward(self, gy: Any, gindices: Any = None) -> Any:
        (indices,) = self.saved_tensors
        return call(MaxPool2dInputGrad(self._size), gy, indices)


class MaxPool2dInputGrad(Builtin):
    """gy (n, c, h', w') added into zeros of size (n, c, h, w), at the indices of each plane."""

    __slots__ = ("size",)
    fresh_gradients = True

    def __init__(self, size: Any) -> None:
        self.size = size
        self.inplace = False

    def forward(self, gy: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(indices)
        return torch._C.max_pool_input_grad(gy, indices, self.size)

    def backward(self, ggx: Any) -> tuple:
        (indices,) = self.saved_tensors
        return call(MaxPool2dGather(), ggx, indices), None


class MaxPool2dGather(Builtin):
    """The elements of x (n, c, h, w) at the indices (n, c, h', w') of each plane."""

    __slots__ = ("_size",)
    fresh_gradients = True

    def forward(self, x: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        self.save_for_backward(indices)
        return torch._C.max_pool_gather(x, indices)

    def backward(self, gy: Any) -> tuple:
        (indices,) = self.saved_tensors
        return call(MaxPool2dInputGrad(self._size), gy, indices), None
