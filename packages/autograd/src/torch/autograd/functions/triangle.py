"""Diagonals and triangles of matrices."""

from typing import Any, ClassVar

import torch

from .base import Builtin, call
from .view import PartGrad

__all__ = ["Diag", "Diagflat", "Trace", "Tril", "Triu"]


class Diag(Builtin):
    """A vector as diagonal of a matrix, or the diagonal of a matrix as a vector."""

    __slots__ = ("_size", "diagonal_idx")

    def __init__(self, diagonal_idx: int = 0) -> None:
        self.diagonal_idx = diagonal_idx
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.diag(self.diagonal_idx)

    def backward(self, gy: Any) -> Any:
        if len(self._size) == 1:
            return gy.diagonal(self.diagonal_idx)
        return call(PartGrad(self._size, "diagonal", (self.diagonal_idx,)), gy)


class Diagflat(Builtin):
    """All elements of x, in row-major order, as diagonal `offset` of a matrix."""

    __slots__ = ("_size", "offset")

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return x.diagflat(self.offset)

    def backward(self, gy: Any) -> Any:
        return gy.diagonal(self.offset).reshape(self._size)


class Trace(Builtin):
    """The sum of the diagonal of a matrix, (1,)."""

    __slots__ = ("_size",)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.dim() != 2:
            raise ValueError(f"trace: expected a matrix, got size {tuple(x.size())}")
        self._size = x.size()
        return x.diagonal().sum(dim=0, keepdim=True)

    def backward(self, gy: Any) -> Any:
        gy = gy.expand(min(self._size))
        return call(PartGrad(self._size, "diagonal", ()), gy)


class Triangle(Builtin):
    """The elements on one side of diagonal `diagonal_idx` and on it, zero elsewhere: `op`."""

    __slots__ = ("diagonal_idx",)
    fresh_gradients = True
    op: ClassVar[str]

    def __init__(self, diagonal_idx: int = 0, inplace: bool = False) -> None:
        self.diagonal_idx = diagonal_idx
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.inplace:
            return getattr(x, self.op)(self.diagonal_idx)
        self.mark_dirty(x)
        return getattr(x, self.op + "_")(self.diagonal_idx)

    def backward(self, gy: Any) -> Any:
        return getattr(gy, self.op)(self.diagonal_idx)


class Tril(Triangle):
    """The elements on and below diagonal `diagonal_idx`, zero elsewhere."""

    __slots__ = ()
    op = "tril"


class Triu(Triangle):
    """The elements on and above diagonal `diagonal_idx`, zero elsewhere."""

    __slots__ = ()
    op = "triu"
