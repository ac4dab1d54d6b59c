"""Affine maps."""

import math

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F

__all__ = ["linear"]


def linear(input: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    """input @ weight.t() + bias: input (..., in), weight (out, in), bias (out,) -> (..., out)"""
    size = input.shape  # type: ignore[attr-defined]
    out_features, in_features = weight.shape  # type: ignore[attr-defined]
    if not size or size[-1] != in_features:
        raise ValueError(
            f"linear: input: expected size (..., {in_features}) for a weight of size "
            f"{(out_features, in_features)}, got {tuple(size)}"
        )
    rows = input
    if len(size) != 2:
        rows = input.contiguous().view(math.prod(size[:-1]), in_features)  # type: ignore[attr-defined]
    result = execute(F.Linear(), (rows, weight) if bias is None else (rows, weight, bias))
    return result if len(size) == 2 else result.view(*size[:-1], out_features)
