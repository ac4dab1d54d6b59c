"""Copies and conversions."""

from typing import Any

import torch

from .base import Builtin

__all__ = ["Clone", "Contiguous", "Type"]


class Clone(Builtin):
    """A copy in memory of its own."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.clone()

    def backward(self, gy: Any) -> Any:
        return gy


class Contiguous(Builtin):
    """The elements in memory order; x itself where they are already."""

    __slots__ = ("is_view",)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.contiguous()
        self.is_view = y.data_ptr() == x.data_ptr()  # type: ignore[misc]
        return y

    def backward(self, gy: Any) -> Any:
        return gy


class Type(Builtin):
    """Conversion to another type: a dtype, a tensor class or its name."""

    __slots__ = ("_before", "dest_type")

    def __init__(self, dest_type: Any) -> None:
        self.dest_type = dest_type
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._before = x.dtype
        return x.type(self.dest_type)

    def backward(self, gy: Any) -> Any:
        return gy.type(self._before)
