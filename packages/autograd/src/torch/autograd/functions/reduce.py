"""Reductions over all elements (result of size (1,)) or along dimensions.

`dim` is None, an int or a tuple; the dimensions are dropped unless `keepdim`. A result without
dimensions has size (1,).
"""

from collections.abc import Callable
from typing import Any

import torch

from .base import Builtin, call
from .index import ScatterAdd

__all__ = ["Max", "Mean", "Min", "Norm", "Prod", "Std", "Sum", "Var"]


def drop(size: Any, dims: tuple[int, ...]) -> tuple[int, ...]:
    """`size` without the reduced dimensions; at least (1,)."""
    return tuple([n for i, n in enumerate(size) if i not in dims]) or (1,)


class Reduction(Builtin):
    """What all reductions share: `dim`, `keepdim`, and the shapes on the way in and out."""

    __slots__ = ("_size", "dim", "keepdim")

    def __init__(self, dim: Any = None, keepdim: bool = False) -> None:
        self.dim = dim
        self.keepdim = keepdim
        self.inplace = False

    def dims(self, x: torch.Tensor) -> tuple[int, ...]:
        """The reduced dimensions, counted from the front."""
        given = self.dim if isinstance(self.dim, tuple | list) else (self.dim,)
        return tuple([d + x.dim() if d < 0 else d for d in given])

    def reduce(self, x: torch.Tensor, over_all: Callable, along: Callable) -> torch.Tensor:
        """Run one of the tensor's reductions; note the size for `spread`."""
        self._size = x.size()
        if self.dim is None and not self.keepdim:
            return over_all(x)
        y = along(x, dim=tuple(range(x.dim())) if self.dim is None else self.dim, keepdim=True)
        return y if self.keepdim else y.view(drop(x.size(), self.dims(x)))

    def unreduced(self, gy: Any) -> Any:
        """gy (or y) with the reduced dimensions back, of size 1: it broadcasts against x."""
        size = self._size
        if self.dim is None:
            return gy.view((1,) * len(size))
        dims = self.dim if isinstance(self.dim, tuple | list) else (self.dim,)
        dims = [d + len(size) if d < 0 else d for d in dims]
        return gy.view(tuple([1 if i in dims else n for i, n in enumerate(size)]))

    def spread(self, gy: Any) -> Any:
        """gy repeated over the reduced dimensions, without a copy."""
        return self.unreduced(gy).expand(self._size)

    def count(self) -> int:
        """How many elements went into each result."""
        size = self._size
        dims = range(len(size)) if self.dim is None else self.dim
        dims = dims if isinstance(dims, range | tuple | list) else (dims,)
        n = 1
        for d in dims:
            n *= size[d]
        return n


class Sum(Reduction):
    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.reduce(x, torch._C.sum_all, torch.Tensor.sum)

    def backward(self, gy: Any) -> Any:
        return self.spread(gy)


class Mean(Reduction):
    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.reduce(x, torch._C.mean_all, torch.Tensor.mean)

    def backward(self, gy: Any) -> Any:
        return self.spread(gy / self.count())


class Prod(Reduction):
    """gx is the product of all other elements; where there are zeros it is not y / x."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.reduce(x, torch._C.prod_all, torch.Tensor.prod)
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        if bool((x == 0).any()):
            return self.unreduced(gy) * self._others(x)
        return self.unreduced(gy * y) / x

    def _others(self, x: Any) -> Any:
        """For each element the product of those reduced with it: put 1 in its place, multiply."""
        if isinstance(self.dim, tuple | list):
            raise RuntimeError("prod: no gradient for several dimensions where elements are zero")
        size = x.size()
        dim = 0 if self.dim is None else self.dim
        rows = x.contiguous().view(-1) if self.dim is None else x
        n = rows.size(dim)
        shape = [1] * rows.dim()
        shape[dim] = n
        products = []
        for i in range(n):
            one_here = torch.zeros(n, dtype=x.dtype)
            one_here[i] = 1
            one_here = one_here.view(tuple(shape))
            replaced = rows * (1 - one_here) + one_here
            products.append(replaced.prod(dim=dim, keepdim=True))
        return torch.cat(products, dim).view(size)


class Var(Reduction):
    """Mean squared distance from the mean; divided by n - 1 where `unbiased`."""

    __slots__ = ("unbiased",)

    def __init__(self, dim: Any = None, unbiased: bool = True, keepdim: bool = False) -> None:
        super().__init__(dim, keepdim)
        self.unbiased = unbiased

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(x)
        return variance(self, x, "var")

    def backward(self, gy: Any) -> Any:
        (x,) = self.saved_tensors
        return self.unreduced(gy * (2 / degrees(self))) * deviations(self, x)


class Std(Var):
    """Square root of `Var`; the gradient is 0 where all elements are equal."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = variance(self, x, "std")
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        scale = gy / ((y + (y == 0)) * degrees(self))
        return self.unreduced(scale) * deviations(self, x)


def variance(function: Var, x: torch.Tensor, name: str) -> torch.Tensor:
    function._size = x.size()
    if function.dim is None and not function.keepdim:
        y = torch._C.var_all(x, function.unbiased)
        return y.sqrt() if name == "std" else y
    dim = tuple(range(x.dim())) if function.dim is None else function.dim
    y = getattr(x, name)(dim=dim, unbiased=function.unbiased, keepdim=True)
    return y if function.keepdim else y.view(drop(x.size(), function.dims(x)))


def deviations(function: Var, x: Any) -> Any:
    dim = tuple(range(x.dim())) if function.dim is None else function.dim
    return x - x.mean(dim=dim, keepdim=True)


def degrees(function: Var) -> int:
    return function.count() - 1 if function.unbiased else function.count()


class Norm(Reduction):
    """(sum |x|**p) ** (1/p); the gradient is 0 where the norm is 0."""

    __slots__ = ("norm_type",)

    def __init__(self, norm_type: float = 2, dim: Any = None, keepdim: bool = False) -> None:
        super().__init__(dim, keepdim)
        self.norm_type = norm_type

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        if self.dim is None and not self.keepdim:
            y = torch._C.norm_all(x, self.norm_type)
        else:
            dim = tuple(range(x.dim())) if self.dim is None else self.dim
            y = x.norm(self.norm_type, dim=dim, keepdim=True)
            if not self.keepdim:
                y = y.view(drop(x.size(), self.dims(x)))
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        p = self.norm_type
        safe = y + (y == 0)
        if p == 2:
            return x * self.unreduced(gy / safe)
        if p == 1:
            return x.sign() * self.unreduced(gy)
        size = x.abs()
        power = (size + (size == 0)) ** (p - 2) * (size != 0)
        return x * power * self.unreduced(gy / safe ** (p - 1))


class Selection(Reduction):
    """An element of x, and where it was: the gradient goes there and nowhere else.

    Over all elements the result is (1,). Along a dimension the indices are the second result
    where `return_indices`.
    """

    __slots__ = ("return_indices",)
    op: Callable

    def __init__(
        self, dim: int | None = None, return_indices: bool = False, keepdim: bool = False
    ) -> None:
        super().__init__(dim, keepdim)
        self.return_indices = return_indices

    def forward(self, x: torch.Tensor) -> Any:
        self._size = x.size()
        if self.dim is None:
            y, indices = type(self).op(x.contiguous().view(-1), dim=0, keepdim=True)
            self.save_for_backward(indices)
            return y
        y, indices = type(self).op(x, dim=self.dim, keepdim=True)
        self.save_for_backward(indices)
        if not self.keepdim:
            size = drop(x.size(), self.dims(x))
            y, indices = y.view(size), indices.view(size)
        if not self.return_indices:
            return y
        self.mark_non_differentiable(indices)
        return y, indices

    def backward(self, gy: Any, gindices: Any = None) -> Any:
        (indices,) = self.saved_tensors
        if self.dim is None:
            n = 1
            for length in self._size:
                n *= length
            return call(ScatterAdd((n,), 0), gy, indices).view(self._size)
        return call(ScatterAdd(self._size, self.dim), self.unreduced(gy), indices)


class Max(Selection):
    __slots__ = ()
    op = torch.Tensor.max


class Min(Selection):
    __slots__ = ()
    op = torch.Tensor.min
