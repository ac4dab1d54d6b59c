"""Rows of a table, and the sum of what comes back to each row."""

from typing import Any

import torch
from torch.autograd import SparseRows, Variable
from torch.autograd.functions.base import Builtin, call

__all__ = ["Embedding", "EmbeddingInputGrad"]


class _Embedding(Builtin):
    """What both share.

    `padding` is a row that gets no gradient, or None. With `by_frequency` the gradient of a row is
    divided by the number of times that it was taken.
    """

    __slots__ = ("by_frequency", "padding")

    def __init__(self, padding: int | None = None, by_frequency: bool = False) -> None:
        self.padding = padding
        self.by_frequency = by_frequency
        self.inplace = False

    def scaled(self, rows: Any, index: torch.Tensor, size: int) -> Any:
        """rows (n, d) times the factor that each one's gradient has."""
        if self.padding is None and not self.by_frequency:
            return rows
        factors = torch.ones(index.size(), dtype=rows.dtype, device=index.device)
        if self.by_frequency:
            counts = torch.bincount(index, minlength=size).index_select(0, index)
            factors = factors.div_(counts.type(rows.dtype))
        if self.padding is not None:
            factors.masked_fill_(index.eq(self.padding), 0)
        return rows * factors.unsqueeze(1).expand(rows.size())


class Embedding(_Embedding):
    """y[i] = w[index[i]]; w (rows, d), index (n,), y (n, d)

    With `sparse` the gradient of w is SparseRows, unless it is itself to be differentiated.
    """

    __slots__ = ("_size", "sparse")
    fresh_gradients = True

    def __init__(
        self, padding: int | None = None, by_frequency: bool = False, sparse: bool = False
    ) -> None:
        super().__init__(padding, by_frequency)
        self.sparse = sparse

    def forward(self, w: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        self._size = w.size()
        self.save_for_backward(index)
        return w.index_select(0, index)

    def backward(self, gy: Any) -> tuple:
        (index,) = self.saved_tensors
        if self.sparse and not isinstance(gy, Variable):
            rows = SparseRows(index, self.scaled(gy, index, self._size[0]), self._size)
            return rows.clone(), None  # memory of its own
        function = EmbeddingInputGrad(self._size, self.padding, self.by_frequency)
        return call(function, gy, index), None


class EmbeddingInputGrad(_Embedding):
    """gy (n, d) added into zeros of size `size`, (rows, d), at the rows of the index (n,)"""

    __slots__ = ("size",)
    fresh_gradients = True

    def __init__(self, size: Any, padding: int | None = None, by_frequency: bool = False) -> None:
        super().__init__(padding, by_frequency)
        self.size = size

    def forward(self, gy: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(index)
        gw = torch.zeros(self.size, dtype=gy.dtype, device=gy.device)
        return gw.index_add_(0, index, self.scaled(gy, index, self.size[0]))

    def backward(self, ggw: Any) -> tuple:
        (index,) = self.saved_tensors
        data = index if isinstance(index, torch.Tensor) else index.data
        taken = call(Embedding(), ggw, index)
        return self.scaled(taken, data, self.size[0]), None
