"""Comparing gradients with finite differences."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from .variable import Variable

__all__ = ["gradcheck", "gradgradcheck"]


def gradcheck(
    func: Callable,
    inputs: Sequence[Variable],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Whether the gradients of `func(*inputs)` agree with central differences of step `eps`.

    `inputs` are Variables (other arguments are passed on); those that require gradients are checked
    and should be of float64. The Jacobian of an output has a row per input element and a column per
    output element. On a mismatch the error names the worst entry; False without `raise_exception`.
    """
    if not differentiable(func(*inputs)):
        raise ValueError("gradcheck: no output requires a gradient")
    try:
        check(lambda *args: differentiable(func(*args)), inputs, eps, atol, rtol)
    except AssertionError as error:
        if not raise_exception:
            return False
        raise AssertionError(f"gradcheck: {error}") from None
    return True


def gradgradcheck(
    func: Callable,
    inputs: Sequence[Variable],
    grad_outputs: Sequence[Variable] | None = None,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """`gradcheck` of the gradients of `func` with respect to its inputs and to `grad_outputs`.

    `grad_outputs` are Variables like the outputs; random ones by default.
    """
    inputs = tuple(inputs)
    if grad_outputs is None:
        generator = torch.Generator()
        generator.manual_seed(0)
        grad_outputs = [
            Variable(torch.randn(*y.shape, dtype=y.dtype, generator=generator), requires_grad=True)
            for y in differentiable(func(*inputs))
        ]
    count = len(inputs)
    positions = [i for i, x in enumerate(inputs) if isinstance(x, Variable) and x.requires_grad]

    def gradients(*args: Any) -> tuple:
        from . import grad

        given, weights = args[:count], args[count:]
        outputs = differentiable(func(*given))
        return grad(outputs, [given[i] for i in positions], weights, create_graph=True)

    try:
        check(gradients, (*inputs, *grad_outputs), eps, atol, rtol)
    except AssertionError as error:
        if not raise_exception:
            return False
        raise AssertionError(f"gradgradcheck: {error}") from None
    return True


def check(func: Callable, inputs: Sequence, eps: float, atol: float, rtol: float) -> None:
    """Compare both Jacobians of every output in the tuple `func(*inputs)`.

    An output without history counts as constant, which the finite differences then have to confirm.
    """
    checked = [
        (number, x)
        for number, x in enumerate(inputs)
        if isinstance(x, Variable) and x.requires_grad
    ]
    if not checked:
        raise ValueError("gradcheck: no input requires a gradient")
    for number, x in checked:
        if x.data.dtype is not torch.float64:
            raise TypeError(
                f"gradcheck: input {number}: expected DoubleTensor (finite differences need its "
                f"precision), got {type(x.data).__name__}"
            )
    for which in range(len(func(*inputs))):
        for number, x in checked:
            numeric = numeric_jacobian(lambda w=which: func(*inputs)[w].data, x, eps)
            analytic = analytic_jacobian(func(*inputs)[which], x)
            problem = compare(analytic, numeric, atol, rtol)
            if problem is not None:
                raise AssertionError(
                    f"output {which} with respect to input {number} of size "
                    f"{tuple(x.shape)}: {problem}"
                )


def differentiable(result: Any) -> tuple:
    """The outputs that require gradients."""
    outputs = result if isinstance(result, tuple | list) else (result,)
    return tuple([y for y in outputs if isinstance(y, Variable) and y.requires_grad])


def places(tensor: torch.Tensor) -> Iterator[tuple[int, ...]]:
    """All full indices of a tensor, in order."""
    return itertools.product(*[range(n) for n in tensor.shape])


def numeric_jacobian(func: Callable, x: Variable, eps: float) -> list[list[float]]:
    """Central differences: a row per element of x, a column per element of the result."""
    rows = []
    original = x.data
    for place in places(original):
        results = []
        for step in (eps, -eps):
            moved = original.clone()
            moved[place] = original[place] + step
            x.data = moved
            try:
                results.append(func().clone().contiguous().view(-1).tolist())
            finally:
                x.data = original
        above, below = results
        rows.append([(a - b) / (2 * eps) for a, b in zip(above, below, strict=True)])
    return rows


def analytic_jacobian(output: Variable, x: Variable) -> list[list[float]]:
    """The same by one backward pass per element of the output."""
    from . import grad

    columns = []
    for place in places(output.data):
        direction = torch.zeros(output.shape, dtype=output.dtype)
        direction[place] = 1
        gx = None
        if output.requires_grad:
            (gx,) = grad([output], [x], [direction], retain_variables=True, allow_unused=True)
        if gx is None:
            gx = Variable(torch.zeros(x.shape, dtype=x.dtype))
        columns.append(gx.data.contiguous().view(-1).tolist())
    if not columns:  # an output without elements
        return [[] for _ in places(x.data)]
    return [list(row) for row in zip(*columns, strict=True)]


def compare(
    analytic: list[list[float]], numeric: list[list[float]], atol: float, rtol: float
) -> str | None:
    """What is wrong with the worst entry, or None."""
    worst = None
    wrong = 0
    for row, (a_row, n_row) in enumerate(zip(analytic, numeric, strict=True)):
        for column, (a, n) in enumerate(zip(a_row, n_row, strict=True)):
            excess = abs(a - n) - (atol + rtol * abs(n))
            if excess > 0 or excess != excess:
                wrong += 1
                if worst is None or not excess <= worst[0]:
                    worst = (excess, row, column, a, n)
    if worst is None:
        return None
    _, row, column, a, n = worst
    return (
        f"wrong at row {row} (input element), column {column} (output element): "
        f"analytic {a:.9g}, numeric {n:.9g}; {wrong} of {len(analytic) * len(analytic[0])} "
        "entries differ"
    )
