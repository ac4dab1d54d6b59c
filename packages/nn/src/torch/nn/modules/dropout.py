"""Random omission while training; in evaluation the input is given back as it is."""

from collections.abc import Callable
from typing import ClassVar

from torch.autograd import Variable

from .. import functional as F
from ..functional.arguments import probability
from .module import Module

__all__ = [
    "AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout",
]  # fmt: skip


class Dropout(Module):
    """While training each element is 0 with probability `p`, the others are divided by 1 - p."""

    _function: ClassVar[Callable] = staticmethod(F.dropout)

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p = probability(type(self).__name__, p)
        self.inplace = inplace

    def forward(self, input: Variable) -> Variable:
        return type(self)._function(input, self.p, self.training, self.inplace)

    def _arguments(self) -> str:
        return f"p={self.p}{', inplace=True' if self.inplace else ''}"


class Dropout1d(Dropout):
    """`Dropout` of whole channels x[i, c]; x (n, channels, length)."""

    _function = staticmethod(F.dropout1d)


class Dropout2d(Dropout):
    """`Dropout` of whole channels x[i, c]; x (n, channels, h, w)."""

    _function = staticmethod(F.dropout2d)


class Dropout3d(Dropout):
    """`Dropout` of whole channels x[i, c]; x (n, channels, d, h, w)."""

    _function = staticmethod(F.dropout3d)


class AlphaDropout(Dropout):
    """While training each element is SELU's lower limit with probability `p`.

    All are then scaled and moved so that mean 0 and variance 1 stay what they are.
    """

    _function = staticmethod(F.alpha_dropout)


class FeatureAlphaDropout(Dropout):
    """`AlphaDropout` of whole channels x[i, c]; x (n, channels, ...)."""

    _function = staticmethod(F.feature_alpha_dropout)
