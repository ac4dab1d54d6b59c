"""Element-wise functions with constants or of three Variables."""

from typing import Any

import torch

from .base import Builtin, Unary, sum_to, zeros_like

__all__ = ["Addcdiv", "Addcmul", "Clamp", "Lerp", "Where"]


class Clamp(Unary, op="clamp"):
    """Each element limited to [min, max]; either may be None."""

    __slots__ = ("max", "min")
    constants = ("min", "max")

    def __init__(self, min: Any, max: Any, inplace: bool = False) -> None:
        self.min = min
        self.max = max
        self.inplace = inplace

    def gx(self, gy: Any, x: Any) -> Any:
        inside = None if self.min is None else x >= self.min
        if self.max is not None:
            inside = x <= self.max if inside is None else inside & (x <= self.max)
        return gy * inside


class Addcmul(Builtin):
    """z = x + scale * a * b, broadcasting."""

    __slots__ = ("_sizes", "scale")

    def __init__(self, scale: float = 1, inplace: bool = False) -> None:
        self.scale = scale
        self.inplace = inplace

    def forward(self, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        self._sizes = x.size(), a.size(), b.size()
        _, needs_a, needs_b = self.needs_input_grad
        self.save_for_backward(a if needs_b else None, b if needs_a else None)
        if self.inplace:
            self.mark_dirty(x)
            return x.addcmul_(self.scale, a, b)
        return x.addcmul(self.scale, a, b)

    def backward(self, gz: Any) -> tuple:
        a, b = self.saved_tensors
        x_size, a_size, b_size = self._sizes
        gx = sum_to(gz, x_size)
        ga = None if b is None else sum_to(gz * b * self.scale, a_size)
        gb = None if a is None else sum_to(gz * a * self.scale, b_size)
        return gx, ga, gb


class Addcdiv(Builtin):
    """z = x + scale * a / b, broadcasting."""

    __slots__ = ("_sizes", "scale")

    def __init__(self, scale: float = 1, inplace: bool = False) -> None:
        self.scale = scale
        self.inplace = inplace

    def forward(self, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        self._sizes = x.size(), a.size(), b.size()
        self.save_for_backward(a if self.needs_input_grad[2] else None, b)
        if self.inplace:
            self.mark_dirty(x)
            return x.addcdiv_(self.scale, a, b)
        return x.addcdiv(self.scale, a, b)

    def backward(self, gz: Any) -> tuple:
        a, b = self.saved_tensors
        x_size, a_size, b_size = self._sizes
        gx = sum_to(gz, x_size)
        ga = sum_to(gz / b * self.scale, a_size) if self.needs_input_grad[1] else None
        gb = None if a is None else sum_to(gz * a / (b * b) * -self.scale, b_size)
        return gx, ga, gb


class Lerp(Builtin):
    """z = x + weight * (end - x); weight is a number."""

    __slots__ = ("_sizes", "weight")

    def __init__(self, weight: float, inplace: bool = False) -> None:
        self.weight = weight
        self.inplace = inplace

    def forward(self, x: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
        self._sizes = x.size(), end.size()
        if self.inplace:
            self.mark_dirty(x)
            return x.lerp_(end, self.weight)
        return x.lerp(end, self.weight)

    def backward(self, gz: Any) -> tuple:
        x_size, end_size = self._sizes
        return sum_to(gz * (1 - self.weight), x_size), sum_to(gz * self.weight, end_size)


class Where(Builtin):
    """z = x where the mask `condition` is set, else y; all three broadcast."""

    __slots__ = ("_sizes",)

    def forward(self, condition: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self._sizes = x.size(), y.size()
        self.save_for_backward(condition)
        return torch.where(condition, x, y)

    def backward(self, gz: Any) -> tuple:
        (condition,) = self.saved_tensors
        x_size, y_size = self._sizes
        nothing = zeros_like(gz)
        gx = sum_to(torch.where(condition, gz, nothing), x_size)
        gy = sum_to(torch.where(condition, nothing, gz), y_size)
        return None, gx, gy
