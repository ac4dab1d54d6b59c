"""Non-linearities."""

from torch.autograd import Variable

from .. import functions as F

__all__ = ["log_softmax", "relu", "threshold"]


def threshold(input: Variable, threshold: float, value: float, inplace: bool = False) -> Variable:
    """input where it is above the threshold, else value."""
    return F.Threshold(threshold, value, inplace)(input)


def relu(input: Variable, inplace: bool = False) -> Variable:
    """max(input, 0)"""
    return F.Threshold(0, 0, inplace)(input)


def log_softmax(input: Variable) -> Variable:
    """Logarithm of the softmax over the classes.

    They are dimension 1 of 2-D and 4-D input, 0 of 1-D and 3-D input.
    """
    if not 1 <= input.dim() <= 4:
        raise ValueError(f"log_softmax: expected 1 to 4 dimensions, got size {tuple(input.size())}")
    return F.LogSoftmax(1 if input.dim() in (2, 4) else 0)(input)
