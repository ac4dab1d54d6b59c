"""Random omission."""

from torch.autograd import Variable

from .. import functional as F
from .module import Module

__all__ = ["Dropout"]


class Dropout(Module):
    """While training each element is 0 with probability `p`, the others are divided by 1 - p."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not isinstance(p, int | float) or not 0 <= p <= 1:
            raise ValueError(f"Dropout: p: expected a probability from 0 to 1, got {p!r}")
        self.p = p
        self.inplace = inplace

    def forward(self, input: Variable) -> Variable:
        return F.dropout(input, self.p, self.training, self.inplace)

    def _arguments(self) -> str:
        return f"p={self.p}{', inplace=True' if self.inplace else ''}"
