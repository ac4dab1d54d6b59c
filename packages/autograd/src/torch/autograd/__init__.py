"""Automatic differentiation: Variables record what is done, `backward` differentiates it."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import torch
from torch._registered import register
from torch._versions import require

require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-autograd")

from . import functions, methods  # noqa: E402, F401  (methods completes Variable)
from .anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly  # noqa: E402
from .checkpoint import checkpoint  # noqa: E402
from .engine import Engine, accumulate  # noqa: E402
from .function import Function, InplaceFunction, once_differentiable  # noqa: E402
from .grad_mode import enable_grad, is_grad_enabled, no_grad, set_grad_enabled  # noqa: E402
from .gradcheck import gradcheck, gradgradcheck  # noqa: E402
from .nested import NestedIOFunction  # noqa: E402
from .sparse import SparseRows  # noqa: E402
from .variable import Variable, dense, whence  # noqa: E402

__all__ = [
    "Engine",
    "Function",
    "InplaceFunction",
    "NestedIOFunction",
    "SparseRows",
    "Variable",
    "backward",
    "checkpoint",
    "detect_anomaly",
    "enable_grad",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "no_grad",
    "once_differentiable",
    "set_detect_anomaly",
    "set_grad_enabled",
]

#: Modules that load when they are asked for.
_LAZY = ("functional", "graph")

Variable._execution_engine = Engine()
register(Variable)  # files may hold Variables


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return import_module(f"torch.autograd.{name}")
    raise AttributeError(f"module 'torch.autograd' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


def backward(
    variables: Variable | Sequence[Variable],
    grad_variables: Any = None,
    retain_variables: bool = False,
    create_graph: bool = False,
    inputs: Variable | Sequence[Variable] | None = None,
    *,
    retain_graph: bool | None = None,
) -> None:
    """Add the sum of the gradients of `variables` to the `.grad` of the leaves.

    `grad_variables`: one gradient (Tensor or Variable) per Variable; None for one of one element.
    `retain_graph` is another name of `retain_variables`. With `inputs` the `.grad` of these
    Variables alone are added to; they may be results.
    """
    variables, gradients = _paired(variables, grad_variables)
    if retain_graph is not None:
        retain_variables = retain_graph
    run = Variable._execution_engine.run_backward
    if inputs is None:
        recorded = (True,) if create_graph else ()  # an engine need not know more than it offers
        run(variables, gradients, retain_variables, *recorded)
        return
    inputs = (inputs,) if isinstance(inputs, Variable) else tuple(inputs)
    if not inputs:
        raise ValueError("backward: inputs: expected at least one Variable, got none")
    found = run(variables, gradients, retain_variables, create_graph, inputs)
    for variable, gradient in zip(inputs, found, strict=True):
        if gradient is not None:
            accumulate(variable, gradient, False, create_graph)


def grad(
    outputs: Variable | Sequence[Variable],
    inputs: Variable | Sequence[Variable],
    grad_outputs: Any = None,
    retain_variables: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool = False,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
    *,
    retain_graph: bool | None = None,
) -> tuple:
    """The gradients of `outputs` with respect to `inputs`, one Variable each; `.grad` is untouched.

    Like `.grad` they may be Variables over SparseRows. An input that the outputs do not depend on
    is an error; with `allow_unused` it gets None, with `materialize_grads` zeros. Saved values are
    kept where `retain_variables` (`retain_graph` means the same), by default where `create_graph`.
    With `is_grads_batched` the `grad_outputs` have one dimension more, in front, and so have the
    results, which are never sparse: one gradient for each of its slices.
    """
    if not only_inputs:
        raise ValueError("grad: only_inputs: expected True; backward() adds to all leaves")
    outputs = (outputs,) if isinstance(outputs, Variable) else tuple(outputs)
    inputs = (inputs,) if isinstance(inputs, Variable) else tuple(inputs)
    retain = retain_graph if retain_variables is None else retain_variables
    retain = create_graph if retain is None else retain
    if is_grads_batched:
        found = _batched(outputs, inputs, grad_outputs, retain, create_graph)
    else:
        outputs, gradients = _paired(outputs, grad_outputs)
        run = Variable._execution_engine.run_backward
        found = run(outputs, gradients, retain, create_graph, inputs)
    results = []
    for number, (variable, gradient) in enumerate(zip(inputs, found, strict=True)):
        if gradient is None:
            if materialize_grads:
                gradient = torch.zeros_like(variable._data)
            elif not allow_unused:
                raise RuntimeError(
                    f"grad: the outputs do not depend on input {number}; "
                    "allow_unused=True gives None for its gradient\n"
                    + "".join([f"  output {n}: {whence(v)}\n" for n, v in enumerate(outputs)])
                    + f"  input {number}: {whence(variable)}"
                )
        if gradient is not None and not isinstance(gradient, Variable):
            gradient = Variable(gradient)
        results.append(gradient)
    return tuple(results)


def _batched(
    outputs: tuple, inputs: tuple, grad_outputs: Any, retain: bool, create_graph: bool
) -> list:
    """One backward pass per slice of the gradients; the results side by side."""
    outputs, gradients = _paired(outputs, grad_outputs)
    counts = {0 if g is None else len(g) for g in gradients}
    if len(counts) != 1 or 0 in counts:
        raise ValueError(
            "grad: is_grads_batched: expected gradients of one length, at least 1, "
            f"got lengths {sorted(counts)}"
        )
    (count,) = counts
    run = Variable._execution_engine.run_backward
    rows = []
    for i in range(count):
        keep = retain or i + 1 < count
        slices = [g.select(0, i) if g.dim() > 1 else g.narrow(0, i, 1) for g in gradients]
        rows.append(run(outputs, slices, keep, create_graph, inputs))
    return [
        None if parts[0] is None else torch.stack([dense(part) for part in parts])
        for parts in zip(*rows, strict=True)
    ]


def _paired(variables: Any, gradients: Any) -> tuple[tuple, tuple]:
    variables = (variables,) if isinstance(variables, Variable) else tuple(variables)
    if gradients is None:
        gradients = (None,) * len(variables)
    elif isinstance(gradients, Variable | torch.Tensor):
        gradients = (gradients,)
    return variables, tuple(gradients)
