"""Element-wise functions with constants or of three Variables; all operands broadcast."""

from typing import Any

import torch

from .base import Builtin, Unary, sum_to, where_set

__all__ = ["Addcdiv", "Addcmul", "Clamp", "Lerp", "Where"]


def likes(*operands: torch.Tensor) -> tuple:
    """(size, dtype) of each operand: what `sum_to` brings its gradient back to."""
    return tuple([(x.size(), x.dtype) for x in operands])


class Clamp(Unary, op="clamp"):
    """Each element limited to [min, max]; either may be None. The gradient at a limit is 1."""

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
        return gy if inside is None else where_set(inside, gy)


class Addcmul(Builtin):
    """z = x + scale * a * b"""

    __slots__ = ("_likes", "scale")

    def __init__(self, scale: float = 1, inplace: bool = False) -> None:
        self.scale = scale
        self.inplace = inplace

    def forward(self, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        self._likes = likes(x, a, b)
        _, needs_a, needs_b = self.needs_input_grad
        self.save_for_backward(a if needs_b else None, b if needs_a else None)
        if self.inplace:
            self.mark_dirty(x)
            return x.addcmul_(self.scale, a, b)
        return x.addcmul(self.scale, a, b)

    def backward(self, gz: Any) -> tuple:
        a, b = self.saved_tensors
        x_like, a_like, b_like = self._likes
        gx = sum_to(gz, *x_like)
        ga = None if b is None else sum_to(gz * b * self.scale, *a_like)
        gb = None if a is None else sum_to(gz * a * self.scale, *b_like)
        return gx, ga, gb


class Addcdiv(Builtin):
    """z = x + scale * a / b"""

    __slots__ = ("_likes", "scale")

    def __init__(self, scale: float = 1, inplace: bool = False) -> None:
        self.scale = scale
        self.inplace = inplace

    def forward(self, x: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        self._likes = likes(x, a, b)
        self.save_for_backward(a if self.needs_input_grad[2] else None, b)
        if self.inplace:
            self.mark_dirty(x)
            return x.addcdiv_(self.scale, a, b)
        return x.addcdiv(self.scale, a, b)

    def backward(self, gz: Any) -> tuple:
        a, b = self.saved_tensors
        x_like, a_like, b_like = self._likes
        gx = sum_to(gz, *x_like)
        ga = sum_to(gz / b * self.scale, *a_like) if self.needs_input_grad[1] else None
        gb = None if a is None else sum_to(gz * a / (b * b) * -self.scale, *b_like)
        return gx, ga, gb


class Lerp(Builtin):
    """z = x + weight * (end - x); the weight is a number, or the third argument of the call."""

    __slots__ = ("_likes", "weight")

    def __init__(self, weight: float | None = None, inplace: bool = False) -> None:
        self.weight = weight
        self.inplace = inplace

    def forward(
        self, x: torch.Tensor, end: torch.Tensor, weight: torch.Tensor | None = None
    ) -> torch.Tensor:
        if weight is not None:
            self._likes = likes(x, end, weight)
            needed = self.needs_input_grad[2]
            start = x.clone() if needed and self.inplace else x
            self.save_for_backward(start if needed else None, end if needed else None, weight)
            self._origins = (0, 1, 2)
        else:
            self._likes = likes(x, end)
        by = self.weight if weight is None else weight
        if self.inplace:
            self.mark_dirty(x)
            return x.lerp_(end, by)
        return x.lerp(end, by)

    def backward(self, gz: Any) -> tuple:
        if self.weight is not None:
            x_like, end_like = self._likes
            return sum_to(gz * (1 - self.weight), *x_like), sum_to(gz * self.weight, *end_like)
        x, end, weight = self.saved_tensors
        x_like, end_like, weight_like = self._likes
        gx = sum_to(gz * (1 - weight), *x_like)
        gend = sum_to(gz * weight, *end_like)
        gweight = None if x is None else sum_to(gz * (end - x), *weight_like)
        return gx, gend, gweight


class Where(Builtin):
    """z = x where the mask `condition` is set, else y."""

    __slots__ = ("_likes",)

    def forward(self, condition: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self._likes = likes(x, y)
        self.save_for_backward(condition)
        return torch.where(condition, x, y)

    def backward(self, gz: Any) -> tuple:
        (condition,) = self.saved_tensors
        x_like, y_like = self._likes
        gx = sum_to(torch.where(condition, gz, 0), *x_like)
        gy = sum_to(torch.where(condition, 0, gz), *y_like)
        return None, gx, gy
