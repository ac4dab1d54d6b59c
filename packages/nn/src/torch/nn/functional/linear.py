"""Affine maps."""

import math

from torch.autograd import Variable

from .. import functions as F

__all__ = ["linear"]


def linear(input: Variable, weight: Variable, bias: Variable | None = None) -> Variable:
    """input @ weight.t() + bias: input (..., in), weight (out, in), bias (out,) -> (..., out)"""
    size = tuple(input.size())
    out_features, in_features = weight.size()
    if not size or size[-1] != in_features:
        raise ValueError(
            f"linear: input: expected size (..., {in_features}) for a weight of size "
            f"{(out_features, in_features)}, got {size}"
        )
    rows = input
    if len(size) != 2:
        rows = input.contiguous().view(math.prod(size[:-1]), in_features)  # type: ignore[attr-defined]
    function = F.Linear()
    result = function(rows, weight) if bias is None else function(rows, weight, bias)
    return result if len(size) == 2 else result.view(*size[:-1], out_features)
