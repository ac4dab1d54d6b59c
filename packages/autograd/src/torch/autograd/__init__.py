"""Automatic differentiation: Variables record what is done, `backward` differentiates it."""

from collections.abc import Sequence
from typing import Any

import torch
from torch._registered import register
from torch._versions import require

require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-autograd")

from . import functions, methods  # noqa: E402, F401  (methods completes Variable)
from .engine import Engine  # noqa: E402
from .function import Function, InplaceFunction, once_differentiable  # noqa: E402
from .grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled  # noqa: E402
from .gradcheck import gradcheck, gradgradcheck  # noqa: E402
from .variable import Variable  # noqa: E402

__all__ = [
    "Engine",
    "Function",
    "InplaceFunction",
    "Variable",
    "backward",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "is_grad_enabled",
    "no_grad",
    "once_differentiable",
    "set_grad_enabled",
]

Variable._execution_engine = Engine()
register(Variable)  # files may hold Variables


def backward(
    variables: Variable | Sequence[Variable],
    grad_variables: Any = None,
    retain_variables: bool = False,
    create_graph: bool = False,
) -> None:
    """Add the sum of the gradients of `variables` to the `.grad` of the leaves.

    `grad_variables`: one gradient (Tensor or Variable) per Variable; None for one of one element.
    """
    variables, gradients = _paired(variables, grad_variables)
    Variable._execution_engine.run_backward(variables, gradients, retain_variables, create_graph)


def grad(
    outputs: Variable | Sequence[Variable],
    inputs: Variable | Sequence[Variable],
    grad_outputs: Any = None,
    retain_variables: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple:
    """The gradients of `outputs` with respect to `inputs`, one Variable each; `.grad` is untouched.

    An input that the outputs do not depend on is an error; with `allow_unused` it gets None.
    Saved values are kept where `retain_variables`, by default where `create_graph`.
    """
    outputs, gradients = _paired(outputs, grad_outputs)
    inputs = (inputs,) if isinstance(inputs, Variable) else tuple(inputs)
    retain = create_graph if retain_variables is None else retain_variables
    found = Variable._execution_engine.run_backward(
        outputs, gradients, retain, create_graph, inputs
    )
    for number, gradient in enumerate(found):
        if gradient is None and not allow_unused:
            raise RuntimeError(
                f"grad: the outputs do not depend on input {number}; "
                "allow_unused=True gives None for its gradient"
            )
    return tuple([Variable(g) if isinstance(g, torch.Tensor) else g for g in found])


def _paired(variables: Any, gradients: Any) -> tuple[tuple, tuple]:
    variables = (variables,) if isinstance(variables, Variable) else tuple(variables)
    if gradients is None:
        gradients = (None,) * len(variables)
    elif isinstance(gradients, Variable | torch.Tensor):
        gradients = (gradients,)
    return variables, tuple(gradients)
