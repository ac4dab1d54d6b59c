"""Non-linearities."""

from torch.autograd import Variable

from .. import functional as F
from .module import Module

__all__ = ["LogSoftmax", "ReLU", "Threshold"]


class Threshold(Module):
    """x where it is above `threshold`, else `value`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        for name, number in (("threshold", threshold), ("value", value)):
            if not isinstance(number, int | float):
                raise TypeError(
                    f"Threshold: {name}: expected a number, got {type(number).__name__}"
                )
        self.threshold = threshold
        self.value = value
        self.inplace = inplace

    def forward(self, input: Variable) -> Variable:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def _arguments(self) -> str:
        return f"{self.threshold}, {self.value}{', inplace=True' if self.inplace else ''}"


class ReLU(Threshold):
    """max(x, 0)"""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0, 0, inplace)

    def _arguments(self) -> str:
        return "inplace=True" if self.inplace else ""


class LogSoftmax(Module):
    """Logarithm of the softmax over the classes: (n, classes), or dimension 1 of (n, c, h, w)."""

    def forward(self, input: Variable) -> Variable:
        return F.log_softmax(input)
