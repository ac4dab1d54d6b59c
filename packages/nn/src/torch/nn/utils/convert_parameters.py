"""Parameters as one vector."""

from collections.abc import Iterable

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

__all__ = ["parameters_to_vector", "vector_to_parameters"]


def parameters_to_vector(parameters: Iterable[Variable]) -> Variable:
    """All elements one after the other: (n,), computed from the parameters, so differentiable."""
    parameters = list(parameters)
    if not parameters:
        raise ValueError("parameters_to_vector: parameters: expected at least one, got none")
    return torch.cat([p.contiguous().view(-1) for p in parameters], 0)


def vector_to_parameters(vec: Variable | torch.Tensor, parameters: Iterable[Variable]) -> None:
    """Copy a vector (n,) into the parameters, which have n elements together."""
    parameters = list(parameters)
    if not isinstance(vec, Variable | torch.Tensor):
        raise TypeError(f"vector_to_parameters: vec: expected a Variable, got {type_name(vec)}")
    data = vec.data if isinstance(vec, Variable) else vec
    count = sum(p.data.numel() for p in parameters)
    if tuple(data.size()) != (count,):
        raise ValueError(
            f"vector_to_parameters: vec: expected size ({count},), as many as the parameters have, "
            f"got {tuple(data.size())}"
        )
    start = 0
    for param in parameters:
        n = param.data.numel()
        param.data.copy_(data.narrow(0, start, n).view(param.size()))
        start += n
