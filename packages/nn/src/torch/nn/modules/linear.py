"""Affine layers."""

import math

import torch
from torch.autograd import Variable

from .. import functional as F
from ..parameter import Parameter
from .module import Module

__all__ = ["Linear"]


def count(where: str, name: str, value: int) -> int:
    """A number of features or channels: an int of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{where}: {name}: expected an int of at least 1, got {value!r}")
    return value


class Linear(Module):
    """y = x @ weight.t() + bias; x (..., in_features) -> y (..., out_features).

    weight: (out_features, in_features), bias: (out_features,) or None without `bias`; both start
    uniform in +-1 / sqrt(in_features).
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.in_features = count("Linear", "in_features", in_features)
        self.out_features = count("Linear", "out_features", out_features)
        self.weight = Parameter(torch.Tensor(out_features, in_features))
        self.register_parameter("bias", Parameter(torch.Tensor(out_features)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.in_features)
        for param in self.parameters():
            param.data.uniform_(-bound, bound)

    def forward(self, input: Variable) -> Variable:
        return F.linear(input, self.weight, self.bias)

    def _arguments(self) -> str:
        bias = "" if self.bias is not None else ", bias=False"
        return f"{self.in_features}, {self.out_features}{bias}"
