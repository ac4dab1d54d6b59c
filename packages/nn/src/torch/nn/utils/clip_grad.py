"""Limits for gradients."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch.autograd import SparseRows, Variable
from torch.autograd.variable import type_name

__all__ = ["clip_grad_norm", "clip_grad_norm_", "clip_grad_value", "clip_grad_value_"]


def _gradients(where: str, parameters: Any) -> list[torch.Tensor]:
    """The gradients of those parameters that have one.

    Of SparseRows the values, each row once: the rows that are not there are 0 and stay it.
    """
    if isinstance(parameters, Variable):
        parameters = [parameters]
    gradients = []
    for number, param in enumerate(parameters):
        if not isinstance(param, Variable):
            raise TypeError(
                f"{where}: parameter {number}: expected a Variable, got {type_name(param)}"
            )
        if param._grad is not None:  # as a Variable, under the alpha's meaning of .grad, too
            gradient = param._grad._data
            if isinstance(gradient, SparseRows):
                rows = gradient.coalesce()
                gradient.indices, gradient.values = rows.indices, rows.values
                gradient = rows.values
            gradients.append(gradient)
    return gradients


def clip_grad_norm(
    parameters: Variable | Iterable[Variable],
    max_norm: float,
    norm_type: float = 2,
    error_if_nonfinite: bool = False,
) -> float:
    """Scale all gradients in place so that their norm, as one vector, is at most `max_norm`.

    Gradients of SparseRows stay sparse, with each row once.
    Returns the norm before. `norm_type` may be infinite. With `error_if_nonfinite` a norm of NaN or
    infinity is a RuntimeError, and the gradients stay.
    """
    gradients = _gradients("clip_grad_norm", parameters)
    max_norm, norm_type = float(max_norm), float(norm_type)
    if not max_norm >= 0 or not norm_type > 0:
        raise ValueError(
            "clip_grad_norm: expected max_norm of at least 0 and norm_type above 0, "
            f"got {max_norm} and {norm_type}"
        )
    norms = [float(g.norm(norm_type)) for g in gradients if g.numel()]
    if math.isinf(norm_type):
        total = max(norms, default=0.0)
        total = math.nan if any(math.isnan(n) for n in norms) else total
    else:
        total = sum(norm**norm_type for norm in norms) ** (1 / norm_type)
    if error_if_nonfinite and not math.isfinite(total):
        raise RuntimeError(f"clip_grad_norm: the norm of the gradients is {total}")
    factor = max_norm / (total + 1e-6)
    if not factor >= 1:
        for gradient in gradients:
            gradient.mul_(factor)
    return total


def clip_grad_value(parameters: Variable | Iterable[Variable], clip_value: float) -> None:
    """Limit each element of the gradients in place to [-clip_value, clip_value].

    Gradients of SparseRows stay sparse, with each row once.
    """
    gradients = _gradients("clip_grad_value", parameters)
    if not clip_value >= 0:
        raise ValueError(f"clip_grad_value: clip_value: expected at least 0, got {clip_value!r}")
    for gradient in gradients:
        gradient.clamp_(-clip_value, clip_value)


clip_grad_norm_ = clip_grad_norm
clip_grad_value_ = clip_grad_value
