"""Comparing gradients with finite differences."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from .variable import Variable, dense

__all__ = ["gradcheck", "gradgradcheck"]


def gradcheck(
    func: Callable,
    inputs: Any,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
) -> bool:
    """Whether the gradients of `func(*inputs)` agree with central differences of step `eps`.

    `inputs` is a Variable or a sequence; those that require gradients are checked and have to be
    of float64. Outputs that require no gradient are not looked at. An entry of a Jacobian is right
    if |analytic - numeric| <= atol + rtol * |numeric|. Also checked: that two calls, and two
    backward passes, agree within `nondet_tol`; that backward is linear in the gradient it is given,
    whatever its strides, and leaves it alone; types and sizes.

    AssertionError that names the worst entry; False without `raise_exception`. ValueError and
    TypeError for inputs that cannot be checked.
    """
    inputs = as_sequence(inputs)
    if not differentiable(func(*inputs)):
        raise ValueError("gradcheck: no output requires a gradient")
    checked = checked_inputs("gradcheck", inputs)
    check = Check(lambda: differentiable(func(*inputs)), checked, eps, atol, rtol, nondet_tol)
    return check.run("gradcheck", raise_exception)


def gradgradcheck(
    func: Callable,
    inputs: Any,
    grad_outputs: Any = None,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
) -> bool:
    """`gradcheck` of the gradients of `func` with respect to its inputs and to `grad_outputs`.

    `grad_outputs` are Variables like the outputs that require gradients; random ones by default.
    """
    inputs = as_sequence(inputs)
    outputs = differentiable(func(*inputs))
    if not outputs:
        raise ValueError("gradgradcheck: no output requires a gradient")
    checked = checked_inputs("gradgradcheck", inputs)
    if grad_outputs is None:
        draw = random_numbers()
        weights: Any = [Variable(draw(y), requires_grad=True) for y in outputs]
    else:
        weights = as_sequence(grad_outputs)
        if len(weights) != len(outputs):
            raise ValueError(
                f"gradgradcheck: grad_outputs: expected {len(outputs)}, one for each output that "
                f"requires a gradient, got {len(weights)}"
            )

    wanted = list(checked.values())

    def gradients() -> tuple:
        from . import grad

        outputs = differentiable(func(*inputs))
        found = grad(outputs, wanted, weights, create_graph=True, allow_unused=True)
        return tuple([dense(gradient) for gradient in found])

    names = [f"gradient of {name}" for name in checked]
    for number, weight in enumerate(weights):
        if isinstance(weight, Variable) and weight.requires_grad:
            name = f"grad_output {number}"
            checked[name] = in_double("gradgradcheck", name, weight)
    check = Check(gradients, checked, eps, atol, rtol, nondet_tol, names)
    return check.run("gradgradcheck", raise_exception)


def as_sequence(values: Any) -> Sequence:
    return (values,) if isinstance(values, Variable | torch.Tensor) else tuple(values)


def checked_inputs(where: str, inputs: Sequence) -> dict[str, Variable]:
    """The inputs that require gradients, by what messages call them."""
    checked = {}
    for number, x in enumerate(inputs):
        if not isinstance(x, Variable) or not x.requires_grad:
            continue
        checked[f"input {number}"] = in_double(where, f"input {number}", x)
    if not checked:
        raise ValueError(f"{where}: no input requires a gradient")
    return checked


def in_double(where: str, name: str, x: Variable) -> Variable:
    if x.data.dtype is not torch.float64:
        raise TypeError(
            f"{where}: {name}: expected DoubleTensor, got {type(x.data).__name__}; finite "
            "differences need its precision: Variable(x.data.double(), requires_grad=True)"
        )
    return x


def differentiable(result: Any) -> tuple:
    """The outputs that require gradients."""
    outputs = result if isinstance(result, tuple | list) else (result,)
    return tuple([y for y in outputs if isinstance(y, Variable) and y.requires_grad])


def random_numbers() -> Callable:
    """A source of normal numbers of its own, always the same: `draw(like)`."""
    generator = torch.Generator()
    generator.manual_seed(0)

    def draw(like: Any) -> torch.Tensor:
        return torch.randn(
            tuple(like.size()), dtype=like.dtype, device=like.device, generator=generator
        )

    return draw


class Check:
    """Compares both Jacobians of every output in the tuple `func()` for every input.

    An output without history, or None, counts as constant, which the differences have to confirm.
    """

    def __init__(
        self,
        func: Callable,
        inputs: dict[str, Variable],
        eps: float,
        atol: float,
        rtol: float,
        nondet_tol: float,
        output_names: list[str] | None = None,
    ) -> None:
        self.func = func
        self.input_names = list(inputs)
        self.inputs = list(inputs.values())
        self.output_names = output_names
        self.eps = eps
        self.atol = atol
        self.rtol = rtol
        self.nondet_tol = nondet_tol
        self.sizes: list[tuple] = []

    def run(self, where: str, raise_exception: bool) -> bool:
        try:
            self.check()
        except AssertionError as error:
            if not raise_exception:
                return False
            raise AssertionError(f"{where}: {error}") from None
        return True

    def check(self) -> None:
        versions = [x._version for x in self.inputs]
        outputs = self.func()
        for name, x, version in zip(self.input_names, self.inputs, versions):
            if x._version != version:
                raise AssertionError(f"{name} was changed in place")
        self.sizes = [() if y is None else tuple(y.size()) for y in outputs]
        self.check_repeated(outputs)
        analytic = [self.analytic(y) for y in outputs]
        for column, x in enumerate(self.inputs):
            numeric = self.numeric(x)
            for number, table in enumerate(analytic):
                self.compare(number, column, table[column], numeric[number])
        for number, y in enumerate(outputs):
            if y is not None and y.requires_grad:
                self.check_linear(number, y, analytic[number])

    def name_of(self, output: int) -> str:
        return f"output {output}" if self.output_names is None else self.output_names[output]

    def check_repeated(self, outputs: Sequence) -> None:
        again = self.func()
        for number, (y, z) in enumerate(zip(outputs, again)):
            if y is None or z is None:
                continue
            difference = distance(y.data, z.data)
            if not difference <= self.nondet_tol:
                raise AssertionError(
                    f"{self.name_of(number)} differs by {difference:.3g} when func is called again "
                    f"with the same inputs; allowed is nondet_tol={self.nondet_tol:g}"
                )

    def analytic(self, y: Variable | None) -> list[list[list[float]]]:
        """For each input a row per element of y with the slopes along the input's elements."""
        tables: list[list[list[float]]] = [[] for _ in self.inputs]
        for place in () if y is None else places(y.data):
            direction = torch.zeros_like(y.data)  # type: ignore[union-attr]
            direction[place] = 1
            for table, gradient in zip(tables, self.gradients(y, direction)):
                table.append(numbers(gradient))
        return tables

    def gradients(self, y: Any, weights: torch.Tensor) -> list[torch.Tensor]:
        """One backward pass; zeros for inputs that y does not depend on."""
        from . import grad

        if not y.requires_grad:
            return [torch.zeros_like(x.data) for x in self.inputs]
        version = weights._version
        found = grad([y], self.inputs, [weights], retain_variables=True, allow_unused=True)
        if weights._version != version:
            raise AssertionError("backward changed in place the gradient that it was given")
        results = []
        for name, x, g in zip(self.input_names, self.inputs, found):
            if g is None:
                results.append(torch.zeros_like(x.data))
                continue
            if g.size() != x.size() or g.dtype is not x.dtype:
                raise AssertionError(
                    f"the gradient of {name} is a {described(g)}, expected a {described(x)}"
                )
            results.append(dense(g).data)
        return results

    def check_linear(self, output: int, y: Variable, tables: list[list[list[float]]]) -> None:
        """Backward of random numbers against the sum of its results for unit vectors."""
        weights = spread(random_numbers()(y.data))
        found = self.gradients(y, weights)
        again = self.gradients(y, weights)
        factors = numbers(weights)
        for column, (g, h) in enumerate(zip(found, again)):
            difference = distance(g, h)
            if not difference <= self.nondet_tol:
                raise AssertionError(
                    f"the gradient of {self.input_names[column]} differs by {difference:.3g} when "
                    f"backward runs again; allowed is nondet_tol={self.nondet_tol:g}"
                )
            rows = tables[column]
            for place, value, *slopes in zip(places(g), numbers(g), *rows):
                expected = sum(factor * slope for factor, slope in zip(factors, slopes))
                scale = sum(abs(factor * slope) for factor, slope in zip(factors, slopes))
                if (
                    expected == expected
                    and not abs(value - expected) <= self.atol + self.rtol * scale
                ):
                    raise AssertionError(
                        f"{self.name_of(output)}: backward is not linear in the gradient it is "
                        f"given, or minds its strides: {self.input_names[column]}, element "
                        f"{place}: {value:.9g} for random numbers, {expected:.9g} is the sum of "
                        "its results for unit vectors"
                    )

    def numeric(self, x: Variable) -> list[list[list[float]]]:
        """The same as `analytic` for one input and all outputs, by central differences."""
        columns: list[list[list[float]]] = [[] for _ in self.sizes]
        original = x.data
        for place in places(original):
            ends = []
            for step in (self.eps, -self.eps):
                moved = torch.zeros_like(original).copy_(original)
                moved[place] = original[place] + step
                x.data = moved
                try:
                    ends.append([[] if y is None else numbers(y.data) for y in self.func()])
                finally:
                    x.data = original
            for column, above, below in zip(columns, *ends):
                column.append([(a - b) / (2 * self.eps) for a, b in zip(above, below)])
        return [[list(row) for row in zip(*column)] for column in columns]

    def compare(self, output: int, column: int, analytic: list, numeric: list) -> None:
        """Complain about the worst entry, if any is wrong."""
        worst: tuple | None = None
        wrong = count = 0
        element = list(places(self.inputs[column].data))
        for place, a_row, n_row in zip(indices(self.sizes[output]), analytic, numeric):
            for where, a, n in zip(element, a_row, n_row):
                count += 1
                allowed = self.atol + self.rtol * abs(n)
                excess = abs(a - n) - allowed
                if not excess <= 0:  # also NaN
                    wrong += 1
                    if worst is None or not excess <= worst[0]:
                        worst = excess, place, where, a, n, allowed
        if worst is None:
            return
        _, place, where, a, n, allowed = worst
        raise AssertionError(
            f"{self.name_of(output)}, element {place}, with respect to "
            f"{self.input_names[column]}, element {where}: analytic {a:.9g}, numeric {n:.9g}, "
            f"difference {abs(a - n):.3g}, allowed {allowed:.3g} "
            f"(atol {self.atol:g} + rtol {self.rtol:g} * |numeric|); "
            f"{wrong} of {count} entries are wrong"
        )


def indices(size: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All full indices of a tensor of this size, in order."""
    return itertools.product(*[range(n) for n in size])


def places(tensor: torch.Tensor) -> Iterator[tuple[int, ...]]:
    return indices(tensor.shape)


def numbers(tensor: torch.Tensor) -> list[float]:
    """The elements in order."""
    return tensor.contiguous().view(-1).tolist()


def described(x: Variable) -> str:
    return f"{type(x.data).__name__} of size {tuple(x.size())}"


def distance(x: torch.Tensor, y: torch.Tensor) -> float:
    """The largest difference of two elements; NaN is equal to NaN."""
    worst = 0.0
    for a, b in zip(numbers(x), numbers(y)):
        if a != b and not (a != a and b != b):
            difference = abs(a - b)
            if not difference <= worst:
                worst = difference
    return worst


def spread(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers, every second place in memory."""
    wide = torch.zeros((*tensor.size(), 2), dtype=tensor.dtype, device=tensor.device)
    view = wide.select(tensor.dim(), 1)
    view.copy_(tensor)
    return view
