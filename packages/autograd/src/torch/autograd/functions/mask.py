"""Reading and writing by mask: BoolTensors or ByteTensors that broadcast."""

from typing import Any

import torch

from .base import Builtin, call, sum_to, zeros
from .index import broadcast_size, single, total
from .view import PartGrad

__all__ = ["MaskedCopy", "MaskedFill", "MaskedScatter", "MaskedSelect"]


def fitting(mask: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The mask, in the size of x where only the number of elements counts (the alpha)."""
    by_count = torch.compat._current() and torch.compat.flags.match_by_count
    return mask.reshape(x.size()) if by_count and mask.numel() == x.numel() else mask


class MaskedSelect(Builtin):
    """The elements of x where the mask is set, as one dimension; both broadcast."""

    __slots__ = ("_size",)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        mask = fitting(mask, x)
        self.save_for_backward(mask)
        return x.masked_select(mask)

    def backward(self, gy: Any) -> tuple:
        (mask,) = self.saved_tensors
        whole = broadcast_size(self._size, mask.size())
        return sum_to(call(MaskedSelectGrad(whole), gy, mask), self._size), None


class MaskedSelectGrad(Builtin):
    """y = zeros(size); y[mask] = x, one element after the other."""

    __slots__ = ("size",)
    fresh_gradients = True

    def __init__(self, size: Any) -> None:
        self.size = size
        self.inplace = False

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(mask)
        return zeros(self.size, x).masked_scatter_(mask, x)

    def backward(self, gy: Any) -> tuple:
        (mask,) = self.saved_tensors
        return gy.masked_select(mask), None


class MaskedFill(Builtin):
    """x with one value where the mask is set.

    The value is a constant, or a Variable of one element (the third argument).
    """

    __slots__ = ("_size", "_value", "value")

    def __init__(self, value: Any = None, inplace: bool = False) -> None:
        self.value = value
        self.inplace = inplace

    def forward(
        self, x: torch.Tensor, mask: torch.Tensor, value: torch.Tensor | None = None
    ) -> torch.Tensor:
        self._size = x.size()
        self._value = None if value is None else (value.size(), value.dtype)
        mask = fitting(mask, x)
        self.save_for_backward(mask)
        filled = self.value if value is None else single("masked_fill", value)
        if self.inplace:
            self.mark_dirty(x)
            return x.masked_fill_(mask, filled)
        return x.masked_fill(mask, filled)

    def backward(self, gz: Any) -> tuple:
        (mask,) = self.saved_tensors
        gx = sum_to(gz.masked_fill(mask, 0), self._size)
        if self._value is None:
            return gx, None
        return gx, None, total(gz.masked_select(mask), *self._value)


class MaskedCopy(Builtin):
    """x with the elements where the mask is set replaced by the first elements of `source`."""

    __slots__ = ("_source",)

    def forward(self, x: torch.Tensor, mask: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        self._source = source.size(), source.dtype
        mask = fitting(mask, x)
        self.save_for_backward(mask)
        if self.inplace:
            self.mark_dirty(x)
            return x.masked_scatter_(mask, source)
        return x.masked_scatter(mask, source)

    def backward(self, gz: Any) -> tuple:
        (mask,) = self.saved_tensors
        gx = gz.masked_fill(mask, 0)
        if not self.needs_input_grad[2]:
            return gx, None, None
        size, dtype = self._source
        taken = gz.masked_select(mask)
        flat = call(PartGrad((size.numel(),), "narrow", (0, 0, taken.size(0))), taken)
        return gx, None, flat.reshape(size).type(dtype)


MaskedScatter = MaskedCopy  # today's name
