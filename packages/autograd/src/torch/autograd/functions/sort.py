"""Sorting and choosing by rank: the gradient of a value goes to where it stood.

`return_indices` asks for those places as a second result.
"""

from collections.abc import Callable
from typing import Any

import torch

from .base import Builtin, call
from .index import ScatterAdd
from .reduce import Reduction, Selection

__all__ = ["Kthvalue", "Median", "Mode", "Partition", "Quantile", "Sort", "Topk"]


class Ordering(Builtin):
    """Elements of x in another order, or the first of them, along `dim` (None: the last)."""

    __slots__ = ("_size", "dim", "return_indices")

    def __init__(self, dim: int | None = None, return_indices: bool = False) -> None:
        self.dim = -1 if dim is None else dim
        self.return_indices = return_indices
        self.inplace = False

    def order(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Values and indices."""
        raise NotImplementedError(f"{self.name}: order is not defined")

    def forward(self, x: torch.Tensor) -> Any:
        self._size = x.size()
        y, indices = self.order(x if self._size else x.view(1))
        self.save_for_backward(indices)
        if not self.return_indices:
            return y
        self.mark_non_differentiable(indices)
        return y, indices

    def backward(self, gy: Any, gindices: Any = None) -> Any:
        (indices,) = self.saved_tensors
        return call(ScatterAdd(self._size or (1,), self.dim), gy, indices).view(self._size)


class Sort(Ordering):
    """All elements in ascending order."""

    __slots__ = ("descending",)

    def __init__(
        self, dim: int | None = None, descending: bool = False, return_indices: bool = False
    ) -> None:
        super().__init__(dim, return_indices)
        self.descending = descending

    def order(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.sort(self.dim, self.descending)


class Topk(Ordering):
    """The k largest (or smallest) elements, best first if `sort`."""

    __slots__ = ("k", "largest", "sort")

    def __init__(
        self,
        k: int,
        dim: int | None = None,
        largest: bool = True,
        sort: bool = True,
        return_indices: bool = False,
    ) -> None:
        super().__init__(dim, return_indices)
        self.k = k
        self.largest = largest
        self.sort = sort

    def order(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.topk(self.k, self.dim, self.largest, self.sort)


class Partition(Ordering):
    """With the element of rank `kth` at its place, none larger before and none smaller behind."""

    __slots__ = ("kth",)

    def __init__(self, kth: int, dim: int | None = None, return_indices: bool = False) -> None:
        super().__init__(dim, return_indices)
        self.kth = kth

    def order(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        indices = x.argpartition(self.kth, self.dim)
        return x.gather(self.dim, indices), indices


class Median(Selection):
    """The lower median."""

    __slots__ = ()
    op = torch.Tensor.median


class Mode(Selection):
    """The most frequent element, where it stands last; along the last dimension for None."""

    __slots__ = ()
    op = torch.Tensor.mode

    def __init__(
        self, dim: int | None = None, return_indices: bool = False, keepdim: bool | None = None
    ) -> None:
        super().__init__(-1 if dim is None else dim, return_indices, keepdim)


class Kthvalue(Selection):
    """The k-th smallest element, counted from 1; along the last dimension for None."""

    __slots__ = ("arguments",)
    op = torch.Tensor.kthvalue

    def __init__(
        self,
        k: int,
        dim: int | None = None,
        return_indices: bool = False,
        keepdim: bool | None = None,
    ) -> None:
        super().__init__(-1 if dim is None else dim, return_indices, keepdim)
        self.arguments = (k,)  # type: ignore[misc]


class Quantile(Reduction):
    """What the share q of the elements lies below: between two sorted elements a mixture.

    q is a number or a tensor (m,), then the result is (m, ...); it counts as a constant. `scale`
    is what stands for all: 1, or 100 for percentiles.
    """

    __slots__ = ("interpolation", "q", "scale")

    def __init__(
        self,
        q: Any,
        dim: int | None = None,
        keepdim: bool | None = None,
        interpolation: str | None = None,
        scale: int = 1,
    ) -> None:
        super().__init__(dim, keepdim)
        self.q = q
        self.interpolation = interpolation
        self.scale = scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.enter(x)
        op: Callable = torch.Tensor.quantile if self.scale == 1 else torch.Tensor.percentile
        y = op(x, self.q, dim=self.dim, keepdim=True, interpolation=self.interpolation)
        if self.needs_input_grad[0]:
            rows = x.contiguous().view(-1) if self.dim is None else x
            self.save_for_backward(rows.argsort(0 if self.dim is None else self.dim))
        if self.keepdim:
            return y
        dims = self.dims()
        left = [n for d, n in enumerate(self._size) if d not in dims]
        several = isinstance(self.q, torch.Tensor) and self.q.dim() == 1
        return y.view((*y.size()[:1], *left) if several else (tuple(left) or (1,)))

    def backward(self, gy: Any) -> Any:
        (order,) = self.saved_tensors
        dim = 0 if self.dim is None or not self._size else self.dims()[0]
        size = list(order.size())
        low, high, share = self.places(size[dim], gy.device)
        share = share.type(gy.dtype)
        count = size[dim] = low.numel()
        # (m, ..., 1, ...) as (..., m, ...)
        gy = gy.contiguous().view(count, *size[:dim], 1, *size[dim + 1 :])
        gy = gy.transpose(0, dim + 1).squeeze(0)
        share = share.view((1,) * dim + (count,) + (1,) * (len(size) - dim - 1)).expand(gy.size())
        put = order.size()
        gx = call(ScatterAdd(put, dim), gy * (1 - share), order.index_select(dim, low))
        gx = gx + call(ScatterAdd(put, dim), gy * share, order.index_select(dim, high))
        return gx.view(self._size)

    def places(self, n: int, device: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """For each q the ranks of two elements, and the share of the second in the result."""
        q = self.q if isinstance(self.q, torch.Tensor) else torch.tensor([self.q], device=device)
        exact = q.double().contiguous().view(-1) * (n - 1) / self.scale
        low = exact.floor()
        share = exact - low
        if self.interpolation == "lower":
            share = share * 0
        elif self.interpolation == "higher":
            share = share.ceil()
        elif self.interpolation == "nearest":
            share = exact.round() - low
        elif self.interpolation == "midpoint":
            share = share.ceil() / 2
        return low.long(), exact.ceil().long(), share
