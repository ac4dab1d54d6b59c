"""Maps that are linear in each of two inputs."""

import math
from typing import Any

import torch
from torch.autograd import Variable

from .. import functional as F
from ..parameter import Parameter
from .linear import count
from .module import Module

__all__ = ["Bilinear"]


class Bilinear(Module):
    """y[o] = x1 @ weight[o] @ x2 + bias[o]; x1 (..., in1_features), x2 (..., in2_features).

    weight: (out_features, in1_features, in2_features), bias: (out_features,) or None without
    `bias`; both start uniform in +-1 / sqrt(in1_features).
    """

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True
    ) -> None:
        super().__init__()
        self.in1_features = count("Bilinear", "in1_features", in1_features)
        self.in2_features = count("Bilinear", "in2_features", in2_features)
        self.out_features = count("Bilinear", "out_features", out_features)
        self.weight = Parameter(torch.Tensor(out_features, in1_features, in2_features))
        self.register_parameter("bias", Parameter(torch.Tensor(out_features)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the parameters anew."""
        bound = 1 / math.sqrt(self.in1_features)
        for param in self.parameters():
            param.data.uniform_(-bound, bound)

    def forward(self, input1: Variable, input2: Any) -> Variable:
        return F.bilinear(input1, input2, self.weight, self.bias)

    def _arguments(self) -> str:
        shown = f"{self.in1_features}, {self.in2_features}, {self.out_features}"
        return shown if self.bias is not None else f"{shown}, bias=False"
