"""Random omission."""

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F

__all__ = ["dropout"]


def dropout(
    input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Variable:
    """Elements set to 0 with probability `p`, the others divided by 1 - p; only while training."""
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p: expected a probability from 0 to 1, got {p!r}")
    if not training or p == 0:
        return input
    return execute(F.Dropout(p, inplace), (input,))
