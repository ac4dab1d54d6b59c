"""SparseRows: the gradient of a table of which few rows were used."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

__all__ = ["SparseRows"]


class SparseRows:
    """A value of size `size` that is 0 but in some rows (positions along the first dimension).

    indices: LongTensor (n,), where a row may occur several times: its values add up.
    values: (n, *size[1:])

    A Function whose argument is a large table may return one as its gradient. It takes part in
    what happens to gradients: they are added up, with each other and with tensors, converted,
    copied, set to zero. For all else there is `to_dense()`. The `.grad` of the table is then a
    Variable over SparseRows, which `SGD`, `Adagrad` and `SparseAdam` of torch.optim can use.
    With `create_graph` it becomes a tensor that cannot be differentiated again.

    TypeError and ValueError for indices and values that do not fit, IndexError for rows that do
    not exist.
    """

    # _counts: what a tensor that is a Variable's data says
    __slots__ = ("_counts", "indices", "shape", "values")

    __array_ufunc__ = None

    def __init__(self, indices: torch.Tensor, values: torch.Tensor, size: Sequence[int]) -> None:
        size = torch.Size(size)
        if not isinstance(indices, torch.Tensor) or indices.dtype != torch.int64:
            got = type(indices).__name__
            raise TypeError(f"SparseRows: indices: expected a LongTensor, got {got}")
        if not isinstance(values, torch.Tensor):
            got = type(values).__name__
            raise TypeError(f"SparseRows: values: expected a tensor, got {got}")
        if indices.dim() != 1:
            raise ValueError(
                f"SparseRows: indices: expected one dimension, got size {tuple(indices.shape)}"
            )
        if not size or values.shape != (indices.size(0), *size[1:]):
            raise ValueError(
                f"SparseRows: values: expected a row of size {tuple(size[1:])} for each of "
                f"{indices.size(0)} indices, got size {tuple(values.shape)} for {tuple(size)}"
            )
        if indices.size(0) and not 0 <= indices.min() <= indices.max() < size[0]:
            raise IndexError(
                f"SparseRows: indices: expected rows of 0 to {size[0] - 1}, "
                f"got {indices.min()} to {indices.max()}"
            )
        self.indices = indices
        self.values = values
        self.shape = size
        self._counts = True

    @property
    def dtype(self) -> Any:
        """The values' dtype."""
        return self.values.dtype

    def size(self, dim: int | None = None) -> Any:
        """The size of the whole, or that of one dimension."""
        return self.shape if dim is None else self.shape[dim]

    def is_same_size(self, other: Any) -> bool:
        """Whether the whole has the size of `other`."""
        return bool(self.shape == other.shape)

    def coalesce(self) -> "SparseRows":
        """The same value with each row at most once, in order."""
        indices, where = torch.unique(self.indices, return_inverse=True)
        if len(indices) == len(self.indices) and self.indices.equal(indices):
            return self
        values = self._zeros((len(indices), *self.shape[1:]))
        return SparseRows(indices, values.index_add_(0, where, self.values), self.shape)

    def to_dense(self) -> torch.Tensor:
        """A tensor of the whole size."""
        return self._zeros(self.shape).index_add_(0, self.indices, self.values)

    def _zeros(self, size: Sequence[int]) -> torch.Tensor:
        return torch.zeros(size, dtype=self.dtype, device=self.values.device)

    def clone(self) -> "SparseRows":
        """A copy."""
        return SparseRows(self.indices.clone(), self.values.clone(), self.shape)

    def type(self, kind: Any) -> "SparseRows":
        """The same rows with values of another type."""
        return SparseRows(self.indices, self.values.type(kind), self.shape)

    def zero_(self) -> "SparseRows":
        """No rows are left."""
        self.indices, self.values = self.indices[:0], self.values[:0]
        return self

    # sums

    def __neg__(self) -> "SparseRows":
        return SparseRows(self.indices, -self.values, self.shape)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, torch.Tensor):
            return other.clone().index_add_(0, self.indices, self.values)
        if not isinstance(other, SparseRows):
            return NotImplemented
        if self.shape != other.shape:
            raise ValueError(
                "SparseRows: add: expected the same size, "
                f"got {tuple(self.shape)} and {tuple(other.shape)}"
            )
        indices = torch.cat([self.indices, other.indices])
        return SparseRows(indices, torch.cat([self.values, other.values]), self.shape)

    __radd__ = __add__

    def add_(self, other: Any) -> Any:
        """The sum: in place with SparseRows, a new tensor with a tensor."""
        total = self + other
        if isinstance(total, SparseRows):
            self.indices, self.values = total.indices, total.values
            return self
        return total

    @classmethod
    def __torch_function__(
        cls, function: Callable, types: Any, args: tuple = (), kwargs: Any = None
    ) -> Any:
        name = function.__name__
        if name in ("add", "add_") and len(args) == 2 and not kwargs:
            first, second = args
            if isinstance(first, SparseRows):
                return first.add_(second) if name == "add_" else first + second
            if isinstance(first, torch.Tensor):
                target = first if name == "add_" else first.clone()
                return target.index_add_(0, second.indices, second.values)
        raise TypeError(f"{name}: not for SparseRows, which are only added up; use to_dense()")

    def __repr__(self) -> str:
        return (
            f"SparseRows of size {'x'.join(map(str, self.shape))}\n"
            f"indices: {self.indices!r}\nvalues: {self.values!r}"
        )
