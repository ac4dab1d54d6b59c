"""Random omission, only while training; with `inplace` the input itself is changed."""

from typing import Any

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .arguments import probability

__all__ = [
    "alpha_dropout", "dropout", "dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout",
]  # fmt: skip


def dropout(
    input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Variable:
    """Elements set to 0 with probability `p`, the others divided by 1 - p."""
    probability("dropout", p)
    if not training or p == 0:
        return input
    return execute(F.Dropout(p, inplace), (input,))


def alpha_dropout(
    input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Variable:
    """Elements set to the lower limit of SELU with probability `p`.

    All are then scaled and moved so that mean 0 and variance 1 stay what they are.
    """
    probability("alpha_dropout", p)
    if not training or p == 0:
        return input
    return execute(F.AlphaDropout(p, inplace), (input,))


def of_channels(
    where: str, function: Any, input: Variable, p: float, training: bool, inplace: bool
) -> Variable:
    """A dropout that decides for each input[i, c] as a whole."""
    probability(where, p)
    if input.dim() < 2:
        raise ValueError(
            f"{where}: input: expected size (n, channels, ...), got {tuple(input.size())}"
        )
    if not training or p == 0:
        return input
    return execute(function(p, inplace, channels=True), (input,))


def dropout1d(
    input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Variable:
    """Whole channels input[i, c] set to 0 with probability `p`; input (n, channels, length)."""
    return of_channels("dropout1d", F.Dropout, input, p, training, inplace)


def dropout2d(
    input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Variable:
    """Whole channels input[i, c] set to 0 with probability `p`; input (n, channels, h, w)."""
    return of_channels("dropout2d", F.Dropout, input, p, training, inplace)


def dropout3d(
    input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Variable:
    """Whole channels input[i, c] set to 0 with probability `p`; input (n, channels, d, h, w)."""
    return of_channels("dropout3d", F.Dropout, input, p, training, inplace)


def feature_alpha_dropout(
    input: Variable, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Variable:
    """`alpha_dropout` of whole channels; input (n, channels, ...)."""
    return of_channels("feature_alpha_dropout", F.AlphaDropout, input, p, training, inplace)
