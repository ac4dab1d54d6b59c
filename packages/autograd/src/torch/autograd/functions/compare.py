"""Comparisons: booleans without a gradient; and steps written in place."""

from collections.abc import Callable
from typing import Any

import torch

from .base import Builtin, zeros_like

__all__ = ["Eq", "Ge", "Gt", "Le", "Lt", "Ne", "Overwrite"]


class Comparison(Builtin):
    """Compares two Variables, or a Variable with the number `scalar`."""

    __slots__ = ("scalar",)
    op: Callable

    def __init__(self, scalar: float | None = None) -> None:
        self.scalar = scalar
        self.inplace = False

    def forward(self, x: torch.Tensor, y: torch.Tensor | None = None) -> torch.Tensor:
        if (y is None) == (self.scalar is None):
            raise TypeError(
                f"{self.name}: expected two Variables, or one and a scalar, "
                f"got {1 if y is None else 2} and scalar {self.scalar}"
            )
        z = type(self).op(x, self.scalar if y is None else y)
        self.mark_non_differentiable(z)
        return z


class Eq(Comparison):
    __slots__ = ()
    op = torch.Tensor.eq


class Ne(Comparison):
    __slots__ = ()
    op = torch.Tensor.ne


class Gt(Comparison):
    __slots__ = ()
    op = torch.Tensor.gt


class Ge(Comparison):
    __slots__ = ()
    op = torch.Tensor.ge


class Lt(Comparison):
    __slots__ = ()
    op = torch.Tensor.lt


class Le(Comparison):
    __slots__ = ()
    op = torch.Tensor.le


class Overwrite(Builtin):
    """x.NAME_(*arguments) in place, where the new values do not follow the old: gradient 0."""

    __slots__ = ("arguments", "method")
    fresh_gradients = True

    def __init__(self, method: Callable, *arguments: Any) -> None:
        self.method = method
        self.arguments = arguments
        self.inplace = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.mark_dirty(x)
        return self.method(x, *self.arguments)

    def backward(self, gy: Any) -> Any:
        return zeros_like(gy)
