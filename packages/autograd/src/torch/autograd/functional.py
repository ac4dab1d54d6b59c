"""Derivatives of functions: `vjp`, `jvp`, `jacobian`, `hessian`, `hvp`, `vhp`.

`func` takes Variables and returns a Variable or a tuple of them; `inputs` is a Variable (a Tensor
counts as one) or a tuple. A result is a tuple where `inputs` (or the outputs) is one. Every input
is seen by `func` as a Variable without history, so results are partial derivatives.

Results are constants, unless `create_graph=True`: then they can be differentiated again, also with
respect to whatever `inputs` were computed from. An output that does not depend on an input has a
derivative of zeros; with `strict=True` that is an error.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from .function import Function
from .functions.base import zeros, zeros_like
from .grad_mode import enable_grad
from .variable import Variable, dense, type_name

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def vjp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(*inputs), v^T J): the gradients of `func` weighted with `v`.

    `v` has the sizes of the outputs; it may be left out for one output of one element. The result
    has the sizes of `inputs`.
    """
    with enable_grad():
        call = _Call("vjp", func, inputs, create_graph)
        v = call.vector(v, call.outputs, call.one_output, "output")
        products = call.grad(call.outputs, v, create_graph, strict)
        return call.results(), call.finished(products, call.one_input)


def jvp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(*inputs), J v): the change of the outputs when the inputs move along `v`.

    `v` has the sizes of `inputs`; it may be left out for one input of one element. The result has
    the sizes of the outputs. Functions know only their backward, so this takes two of them: u^T J
    is linear in u, and its derivative with respect to u in the direction v is J v.
    """
    with enable_grad():
        call = _Call("jvp", func, inputs, create_graph)
        v = call.vector(v, call.inputs, call.one_input, "input")
        u = [Variable(torch.zeros_like(y._data), requires_grad=True) for y in call.outputs]
        products = call.grad(call.outputs, u, True, strict)
        connected = [(p, d) for p, d in zip(products, v) if p.requires_grad]
        moved: Sequence[Any] = [None] * len(u)
        if connected:
            moved = _grad([p for p, _ in connected], u, [d for _, d in connected], create_graph)
        for number, result in enumerate(moved):
            if result is None and strict:
                call.complain_independent(number, None)
        filled = [zeros_like(y) if g is None else g for g, y in zip(moved, call.outputs)]
        return call.results(), call.finished(filled, call.one_output)


def jacobian(func: Callable, inputs: Any, create_graph: bool = False, strict: bool = False) -> Any:
    """The Jacobian: for output i and input j a Variable of size (*output size, *input size).

    One Variable for one output and one input; a tuple per output or input where these are tuples,
    nested for both: `result[i][j]`. Takes one backward pass per element of the outputs.
    """
    return _jacobian("jacobian", func, inputs, create_graph, strict)


def hessian(func: Callable, inputs: Any, create_graph: bool = False, strict: bool = False) -> Any:
    """The second derivatives of a `func` with one output of one element.

    For inputs i and j a Variable of size (*size of i, *size of j): one for one input, else
    `result[i][j]`. Takes one backward pass per element of the inputs, and one more.
    """

    def gradient(*args: Variable) -> tuple:
        call = _Call("hessian", func, args, True)
        call.check_scalar()
        return tuple(call.grad(call.outputs, [None], True, strict))

    table = _jacobian("hessian", gradient, _as_tuple(inputs), create_graph, strict)
    return table if isinstance(inputs, tuple | list) else table[0][0]


def _jacobian(name: str, func: Callable, inputs: Any, create_graph: bool, strict: bool) -> Any:
    with enable_grad():
        call = _Call(name, func, inputs, create_graph)
        table = []
        for which, y in enumerate(call.outputs):
            rows = [
                call.grad([y], [direction], create_graph, strict, which)
                for direction in _directions(y)
            ]
            blocks = []
            for number, x in enumerate(call.inputs):
                size = (*y.size(), *x.size())
                column = [row[number] for row in rows]
                blocks.append(torch.stack(column).view(size) if rows else zeros(size, x))
            table.append(call.finished(blocks, call.one_input))
        return table[0] if call.one_output else tuple(table)


def vhp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(*inputs), v^T H) for a `func` with one output of one element, H its second derivatives.

    `v` and the result have the sizes of `inputs`. Takes two backward passes; H is never made.
    """
    return _times_hessian("vhp", func, inputs, v, create_graph, strict)


def hvp(
    func: Callable, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(func(*inputs), H v): as `vhp`, because H is symmetric where it is continuous."""
    return _times_hessian("hvp", func, inputs, v, create_graph, strict)


def _times_hessian(
    name: str, func: Callable, inputs: Any, v: Any, create_graph: bool, strict: bool
) -> tuple[Any, Any]:
    with enable_grad():
        call = _Call(name, func, inputs, create_graph)
        call.check_scalar()
        v = call.vector(v, call.inputs, call.one_input, "input")
        slopes = call.grad(call.outputs, [None], True, strict)
        connected = [(g, d) for g, d in zip(slopes, v) if g.requires_grad]
        products: Sequence[Any] = [None] * len(call.inputs)
        if connected:
            weights = [d for _, d in connected]
            products = _grad([g for g, _ in connected], call.inputs, weights, create_graph)
        for number, product in enumerate(products):
            if product is None and strict:
                raise RuntimeError(
                    f"{name}: strict: the gradient of the output does not depend on input {number}"
                )
        filled = [zeros_like(x) if p is None else p for p, x in zip(products, call.inputs)]
        return call.results(), call.finished(filled, call.one_input)


class Entry(Function):
    """An input as `func` sees it, connected with what it was computed from.

    Each input has its own, so that a gradient stops at the input where it arrives first.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x

    @staticmethod
    def backward(ctx: Any, gy: Any) -> Any:
        return gy


class _Call:
    """One call of `func` on fresh inputs, and the checks and shapes of what goes with it."""

    def __init__(self, name: str, func: Callable, inputs: Any, create_graph: bool) -> None:
        self.name = name
        self.create_graph = create_graph
        self.one_input = not isinstance(inputs, tuple | list)
        self.inputs = [self._fresh(i, x) for i, x in enumerate(_as_tuple(inputs))]
        if not self.inputs:
            raise ValueError(f"{name}: expected at least one input")
        before = [(x._edge, x._version) for x in self.inputs]
        outputs = func(*self.inputs)
        for number, (x, state) in enumerate(zip(self.inputs, before)):
            if (x._edge, x._version) != state:
                raise RuntimeError(
                    f"{name}: func changed input {number} in place; let it change a clone()"
                )
        self.one_output = not isinstance(outputs, tuple | list)
        self.outputs = _as_tuple(outputs)
        for number, y in enumerate(self.outputs):
            if not isinstance(y, Variable):
                raise TypeError(
                    f"{name}: output {number}: expected func to return Variables, "
                    f"got {type_name(y)}"
                )

    def _fresh(self, number: int, x: Any) -> Variable:
        if isinstance(x, torch.Tensor):
            x = Variable(x)
        elif not isinstance(x, Variable):
            raise TypeError(
                f"{self.name}: input {number}: expected a Variable or Tensor, got {type_name(x)}"
            )
        if not x.dtype.is_floating_point:
            raise TypeError(
                f"{self.name}: input {number}: expected a floating type, got {x.data.type()}"
            )
        if self.create_graph and x.requires_grad:
            return Entry.apply(x)
        return Variable(x._data, requires_grad=True)

    def check_scalar(self) -> None:
        """Check that there is one output of one element."""
        sizes = [tuple(y.size()) for y in self.outputs]
        if not self.one_output or self.outputs[0]._data.numel() != 1:
            raise ValueError(
                f"{self.name}: expected func to return one Variable of one element, "
                f"got {'size' if self.one_output else 'a tuple of sizes'} "
                f"{sizes[0] if self.one_output else sizes}"
            )

    def vector(self, v: Any, like: Sequence[Variable], single: bool, kind: str) -> list:
        """`v` as Variables of the sizes of `like`."""
        if v is None:
            if len(like) != 1 or like[0]._data.numel() != 1:
                raise ValueError(
                    f"{self.name}: v: may be left out only for one {kind} of one element"
                )
            return [Variable(torch.ones_like(like[0]._data))]
        if isinstance(v, tuple | list) == single or len(_as_tuple(v)) != len(like):
            expected = "one Variable" if single else f"a tuple of {len(like)}"
            got = f"a tuple of {len(v)}" if isinstance(v, tuple | list) else type_name(v)
            raise ValueError(f"{self.name}: v: expected {expected}, like the {kind}s, got {got}")
        vectors = []
        for number, (part, x) in enumerate(zip(_as_tuple(v), like)):
            if not isinstance(part, Variable | torch.Tensor):
                raise TypeError(
                    f"{self.name}: v: expected Variables or Tensors, got {type_name(part)}"
                )
            if part.size() != x.size():
                raise ValueError(
                    f"{self.name}: v: expected size {tuple(x.size())} for {kind} {number}, "
                    f"got {tuple(part.size())}"
                )
            if isinstance(part, torch.Tensor) or not self.create_graph:
                part = Variable(part if isinstance(part, torch.Tensor) else part._data)
            vectors.append(part)
        return vectors

    def grad(
        self, outputs: Sequence, v: Sequence, create_graph: bool, strict: bool, first: int = 0
    ) -> list:
        """Gradients of `outputs` (number `first` and following) for all inputs, zeros for none."""
        pairs = []
        for number, (y, weight) in enumerate(zip(outputs, v), first):
            if y.requires_grad:
                pairs.append((y, weight))
            elif strict:
                self.complain_independent(number, None)
        found: Sequence[Any] = [None] * len(self.inputs)
        if pairs:
            found = _grad([y for y, _ in pairs], self.inputs, [w for _, w in pairs], create_graph)
        for number, gradient in enumerate(found):
            if gradient is None and strict:
                self.complain_independent(first if len(outputs) == 1 else None, number)
        return [zeros_like(x) if g is None else g for g, x in zip(found, self.inputs)]

    def complain_independent(self, output: int | None, number: int | None) -> None:
        what = "the outputs do" if output is None else f"output {output} does"
        of = "the inputs" if number is None else f"input {number}"
        raise RuntimeError(f"{self.name}: strict: {what} not depend on {of}")

    def results(self) -> Any:
        """The outputs, for the caller."""
        return self.finished(self.outputs, self.one_output)

    def finished(self, values: Sequence[Any], single: bool) -> Any:
        """One Variable or a tuple, without history unless that was asked for."""
        if not self.create_graph:
            values = [Variable(value._data) for value in values]
        return values[0] if single else tuple(values)


def _as_tuple(values: Any) -> tuple:
    return tuple(values) if isinstance(values, tuple | list) else (values,)


def _grad(outputs: Sequence, inputs: Sequence, v: Sequence, create_graph: bool) -> tuple:
    from . import grad

    found = grad(outputs, inputs, v, True, create_graph, allow_unused=True)
    return tuple([dense(gradient) for gradient in found])


def _directions(y: Variable) -> Iterator[Variable]:
    """The unit vectors of the elements of y."""
    for position in range(y._data.numel()):
        direction = zeros((y._data.numel(),), y._data)
        direction[position] = 1
        yield Variable(direction.view(y.size()))
