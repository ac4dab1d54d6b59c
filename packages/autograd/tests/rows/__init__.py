"""Tables of differentiable operations, by family; `test_operations.py` runs them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.autograd import Variable

__all__ = [
    "MASK",
    "Row",
    "apart",
    "constant",
    "in_place",
    "joined",
    "longs",
    "positive",
    "real",
    "regular",
    "row",
    "singular",
    "unit",
]


@dataclass(frozen=True)
class Row:
    """One call of `torch.NAME`: makers of tensors become inputs, all else is passed as it is."""

    name: str
    arguments: tuple
    options: dict = field(default_factory=dict)
    call: Callable | None = None  # what to call instead of torch.NAME

    def __str__(self) -> str:
        shown = [a.label if isinstance(a, Maker) else repr(a) for a in self.arguments]
        shown += [f"{k}={v!r}" for k, v in self.options.items()]
        return f"{self.name}({','.join(shown)})"


def row(name: str, *arguments: Any, call: Callable | None = None, **options: Any) -> Row:
    """row("gather", real(2, 3), 1, longs([[0, 2]])) is torch.gather(x, 1, index)."""
    return Row(name, arguments, options, call)


def in_place(name: str) -> Callable:
    """The method of this name on a copy of its first argument, whose result is that copy."""

    def call(x: Any, *others: Any, **options: Any) -> Any:
        copy = x.clone()
        result = getattr(copy, name)(*others, **options)
        assert result is copy
        return result

    return call


def joined(name: str) -> Callable:
    """The torch function of this name with all its arguments in one list."""
    return lambda *tensors, **options: getattr(torch, name)(list(tensors), **options)


class Maker:
    """Makes an input: a tensor that is to require a gradient, or a constant Variable."""

    def __init__(self, label: str, make: Callable[[], torch.Tensor], differentiable: bool) -> None:
        self.label = label
        self.make = make
        self.differentiable = differentiable

    def __call__(self) -> torch.Tensor:
        return self.make()


def maker(label: str, make: Callable) -> Maker:
    return Maker(label, make, True)


def real(*size: int) -> Maker:
    """Any sign."""
    return maker(f"real{size}", lambda: torch.randn(*size, dtype=torch.float64))


def positive(*size: int) -> Maker:
    """Between 0.5 and 2."""
    return maker(f"positive{size}", lambda: torch.rand(*size, dtype=torch.float64) * 1.5 + 0.5)


def unit(*size: int) -> Maker:
    """Between -0.9 and 0.9."""
    return maker(f"unit{size}", lambda: torch.rand(*size, dtype=torch.float64) * 1.8 - 0.9)


def apart(*size: int) -> Maker:
    """Distinct values, 0.5 apart, none near 0 or a half: no kink within a finite difference."""

    def make() -> torch.Tensor:
        n = torch.zeros(*size).numel()
        values = (torch.randperm(n).double() - n // 2) * 0.5 + 0.2
        return values.view(*size)

    return maker(f"apart{size}", make)


def singular(*size: int) -> Maker:
    """With exact zeros: two in the first row, one in the second."""

    def make() -> torch.Tensor:
        x = torch.rand(*size, dtype=torch.float64) + 0.5
        x[0, 0] = x[0, 1] = x[1, 2] = 0
        return x

    return maker(f"singular{size}", make)


def regular(*size: int) -> Maker:
    """Square matrices (..., n, n) that are easily inverted."""

    def make() -> torch.Tensor:
        n = size[-1]
        sizes = size if len(size) > 1 else (n, n)
        eye = torch.eye(n, dtype=torch.float64) * 3
        return eye + torch.randn(*sizes, dtype=torch.float64) * 0.3

    return maker(f"regular{size}", make)


def constant(tensor: Any) -> Maker:
    """A tensor that needs no gradient."""
    value = tensor.data if isinstance(tensor, Variable) else tensor
    return Maker(f"{value.tolist()}", lambda: value.clone(), False)


def longs(*values: Any) -> Maker:
    """An index: longs(2, 0), or longs([0, 1], [2, 0]) for a matrix."""
    return constant(torch.LongTensor([list(v) if isinstance(v, tuple) else v for v in values]))


MASK = constant(torch.tensor([[True, False, True], [False, False, True]]))
