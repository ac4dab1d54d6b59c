"""Normalised exponentials."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = ["LogSoftmax", "LogSoftmaxInputGrad", "Softmax", "SoftmaxInputGrad"]


class _Along(Builtin):
    """A normalisation along `dim`."""

    __slots__ = ("dim",)
    fresh_gradients = True

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.inplace = False


class LogSoftmax(_Along):
    """y = x - log(sum(exp(x))) along `dim`"""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch._C.log_softmax(x, self.dim)
        self.save_for_backward(y)
        return y

    def backward(self, gy: Any) -> Any:
        (y,) = self.saved_tensors
        return call(LogSoftmaxInputGrad(self.dim), gy, y)


class LogSoftmaxInputGrad(_Along):
    """gx = gy - exp(y) * sum(gy) along `dim`"""

    __slots__ = ()

    def forward(self, gy: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(gy, y)
        return torch._C.log_softmax_input_grad(gy, y, self.dim)

    def backward(self, g: Any) -> tuple:
        gy, y = self.saved_tensors
        weighted = g * y.exp()
        to_gy = g - weighted.sum(dim=self.dim, keepdim=True).expand_as(g)
        to_y = -(weighted * gy.sum(dim=self.dim, keepdim=True).expand_as(g))
        return to_gy, to_y


class Softmax(_Along):
    """y = exp(x) / sum(exp(x)) along `dim`"""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch._C.softmax(x, self.dim)
        self.save_for_backward(y)
        return y

    def backward(self, gy: Any) -> Any:
        (y,) = self.saved_tensors
        return call(SoftmaxInputGrad(self.dim), gy, y)


class SoftmaxInputGrad(_Along):
    """gx = y * (gy - sum(gy * y)) along `dim`"""

    __slots__ = ()

    def forward(self, gy: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(gy, y)
        return torch._C.softmax_input_grad(gy, y, self.dim)

    def backward(self, g: Any) -> tuple:
        gy, y = self.saved_tensors
        of_gy = (gy * y).sum(dim=self.dim, keepdim=True).expand_as(g)
        of_g = (g * y).sum(dim=self.dim, keepdim=True).expand_as(g)
        return call(SoftmaxInputGrad(self.dim), g, y), g * (gy - of_gy) - gy * of_g
