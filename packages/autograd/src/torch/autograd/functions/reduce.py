"""Reductions over all elements (result of size (1,)) or along dimensions.

`dim` is None, an int or a tuple; the dimensions are dropped unless `keepdim` (None leaves that to
`torch.compat.flags`). A result without dimensions has size (1,).

The formulas hold in the alpha's meaning, too: operands are expanded where they would broadcast.
"""

import math
import numbers
from collections.abc import Callable
from typing import Any, ClassVar

import torch

from .base import Builtin, call, zeros, zeros_like
from .index import ScatterAdd
from .view import PartGrad

__all__ = [
    "Amax", "Amin", "Logsumexp", "Max", "Mean", "Min", "Nansum", "Norm", "Prod", "Std", "Sum",
    "Var",
]  # fmt: skip


def drop(size: Any, dims: tuple[int, ...]) -> tuple[int, ...]:
    """`size` without the reduced dimensions; at least (1,)."""
    return tuple([n for i, n in enumerate(size) if i not in dims]) or (1,)


class Reduction(Builtin):
    """What all reductions share: `dim`, `keepdim`, and the shapes on the way in and out."""

    __slots__ = ("_size", "dim", "keepdim")

    def __init__(self, dim: Any = None, keepdim: bool | None = None) -> None:
        self.dim = dim
        self.keepdim = keepdim
        self.inplace = False

    def dims(self) -> tuple[int, ...]:
        """The reduced dimensions, counted from the front."""
        n = len(self._size)
        if self.dim is None:
            return tuple(range(n))
        given = self.dim if isinstance(self.dim, tuple | list) else (self.dim,)
        return tuple([d + n if d < 0 else d for d in given])

    def enter(self, x: torch.Tensor) -> torch.Tensor:
        """x, with a dimension at least; notes the size and settles `keepdim`."""
        self._size = x.size()
        if self.keepdim is None:
            self.keepdim = self.dim is not None and torch.compat.flags.keepdim
        return x if self._size else x.view(1)

    def leave(self, y: torch.Tensor) -> torch.Tensor:
        """y, which was computed with keepdim=True, in the size that was asked for."""
        if self.keepdim and self._size:
            return y
        return y.view(1 if self.dim is None else drop(self._size, self.dims()))

    def options(self, x: torch.Tensor) -> dict | None:
        """What tells a tensor op about dimensions, where its result is ours: along one of some."""
        self._size = x.size()
        if type(self.dim) is not int or len(self._size) < 2:
            return None
        if self.keepdim is None:
            return {"dim": self.dim}
        return {"dim": self.dim, "keepdim": self.keepdim}

    def reduce(
        self, x: torch.Tensor, method: Callable, over_all: Callable | None = None, **options: Any
    ) -> torch.Tensor:
        """One of the tensor's reductions; `over_all` gives it as a tensor of size (1,)."""
        if self.dim is None and not self.keepdim and over_all is not None:
            self._size = x.size()
            return over_all(x)
        along_one = self.options(x)
        if along_one is not None:
            return method(x, **along_one, **options)
        x = self.enter(x)
        if self.dim is not None:
            options["dim"] = self.dim
        return self.leave(method(x, keepdim=True, **options))

    def unreduced(self, gy: Any) -> Any:
        """gy (or y) with the reduced dimensions back, of size 1."""
        size = list(self._size)
        if type(self.dim) is int:
            size[self.dim] = 1
        else:
            for d in self.dims():
                size[d] = 1
        return gy.view(size)

    def spread(self, gy: Any) -> Any:
        """gy repeated over the reduced dimensions, without a copy."""
        return self.unreduced(gy).expand(self._size)

    def total(self, x: Any) -> Any:
        """The sum of x (of the size of the input) with the reduced dimensions kept."""
        return x.sum(dim=self.dims(), keepdim=True) if self._size else x

    def count(self) -> int:
        """How many elements went into each result."""
        return math.prod([self._size[d] for d in self.dims()])


class Sum(Reduction):
    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.reduce(x, torch.Tensor.sum, torch._C.sum_all)

    def backward(self, gy: Any) -> Any:
        return self.spread(gy)


class Mean(Reduction):
    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.reduce(x, torch.Tensor.mean, torch._C.mean_all)

    def backward(self, gy: Any) -> Any:
        return self.spread(gy / self.count())


class Nansum(Reduction):
    """The sum of all that is not NaN."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(x.isnan())
        return self.reduce(x, torch.Tensor.nansum)

    def backward(self, gy: Any) -> Any:
        (missing,) = self.saved_tensors
        return self.spread(gy).masked_fill(missing, 0)


class Prod(Reduction):
    """gx is the product of all other elements; where there are zeros it is not y / x."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.reduce(x, torch.Tensor.prod, torch._C.prod_all)
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        if bool(x.eq(0).any()):
            return self.spread(gy) * self._others(x)
        return self.spread(gy * y) / x

    def _others(self, x: Any) -> Any:
        """For each element the product of those before it times the product of those after it."""
        size = self._size
        reduced = self.dims()
        kept = [d for d in range(len(size)) if d not in reduced]
        order = (*kept, *reduced)
        rows = x.permute(*order).contiguous() if size else x
        rows = rows.view(*[size[d] for d in kept], self.count())
        others = before(rows, False) * before(rows, True)
        others = others.view(tuple([size[d] for d in order]))
        back = [order.index(d) for d in range(len(size))]
        return others.permute(*back) if size else others


def before(rows: Any, backwards: bool) -> Any:
    """For each element the product of those before it in its row; of those after `backwards`."""
    last = rows.dim() - 1
    n = rows.size(last)
    order = torch.arange(n, device=rows.device)
    rows = rows.index_select(last, order.flip(0)) if backwards else rows
    one = zeros((*rows.size()[:last], 1), rows) + 1
    products = torch.cat([one, rows.narrow(last, 0, n - 1)], last).cumprod(last)
    return products.index_select(last, order.flip(0)) if backwards else products


class Logsumexp(Reduction):
    """log(sum(exp(x))) without overflow; the gradients are the shares in the sum."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.reduce(x, torch.Tensor.logsumexp)
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        # -inf for nothing but -inf: exp(-inf - 0) gives the gradient 0
        y = y.masked_fill(y.eq(-math.inf), 0)
        return self.spread(gy) * (x - self.spread(y)).exp()


class Var(Reduction):
    """Sum of the squared distances from the mean, divided by n - correction."""

    __slots__ = ("correction",)

    def __init__(self, dim: Any = None, keepdim: bool | None = None, correction: float = 1) -> None:
        super().__init__(dim, keepdim)
        self.correction = correction

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(x)
        return self.reduce(x, torch.Tensor.var, correction=self.correction)

    def backward(self, gy: Any) -> Any:
        (x,) = self.saved_tensors
        return self.spread(gy * 2 / self.freedom()) * self.deviations(x)

    def freedom(self) -> float:
        """n - correction, as the tensor op divides: 0 where there are not enough elements."""
        return max(self.count() - self.correction, 0)

    def deviations(self, x: Any) -> Any:
        return x - (self.total(x) / self.count()).expand(self._size)


class Std(Var):
    """Square root of `Var`; the gradient is 0 where all elements are equal."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.reduce(x, torch.Tensor.std, correction=self.correction)
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        return self.spread(gy / ((y + y.eq(0)) * self.freedom())) * self.deviations(x)


class Norm(Reduction):
    """(sum |x|**p) ** (1/p), or the largest (p = inf) or smallest (p = -inf) size.

    The gradient is 0 where the norm is 0, and for elements that are 0; equally large elements
    share that of p = inf; p = 0 counts and has none.
    """

    __slots__ = ("norm_type",)

    def __init__(self, norm_type: float = 2, dim: Any = None, keepdim: bool | None = None) -> None:
        super().__init__(dim, keepdim)
        self.norm_type = norm_type

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.reduce(x, torch.Tensor.norm, self.over_all, p=self.norm_type)
        self.save_for_backward(x, y)
        return y

    def over_all(self, x: torch.Tensor) -> torch.Tensor:
        if not isinstance(self.norm_type, numbers.Real):
            x.norm(self.norm_type)  # says what is allowed
        return torch._C.norm_all(x, self.norm_type)

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        p = self.norm_type
        if p == 0:
            return zeros_like(x)
        if p == 1:
            return x.sign() * self.spread(gy)
        if p == 2:
            return x * self.spread(gy / (y + y.eq(0)))
        size, y = x.abs(), self.spread(y)
        if math.isinf(p):
            return x.sign() * shares(self, size.eq(y), x) * self.spread(gy)
        ratio = size / (y + y.eq(0))
        nothing = ratio.eq(0)
        power = ((ratio + nothing) ** (p - 1)).masked_fill(nothing, 0)
        return x.sign() * power * self.spread(gy)


def shares(reduction: Reduction, mask: Any, like: Any) -> Any:
    """What each element gets of a gradient that those in the mask share equally."""
    mask = mask.type(like.dtype)
    return mask / reduction.total(mask).expand(mask.size())


class Amax(Reduction):
    """The largest element; equal ones share the gradient."""

    __slots__ = ()
    op: ClassVar[Callable] = torch.Tensor.amax

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.reduce(x, type(self).op)
        self.save_for_backward(x, y)
        return y

    def backward(self, gy: Any) -> Any:
        x, y = self.saved_tensors
        mask = x.eq(self.spread(y)) | x.isnan()  # NaN wins
        return shares(self, mask, x) * self.spread(gy)


class Amin(Amax):
    """The smallest element; equal ones share the gradient."""

    __slots__ = ()
    op = torch.Tensor.amin


class Selection(Reduction):
    """An element of x, and where it was: the gradient goes there and nowhere else.

    Over all elements the result is (1,). Along a dimension the indices are the second result
    where `return_indices`.
    """

    __slots__ = ("return_indices",)
    op: ClassVar[Callable]
    arguments: tuple = ()

    def __init__(
        self, dim: int | None = None, return_indices: bool = False, keepdim: bool | None = None
    ) -> None:
        super().__init__(dim, keepdim)
        self.return_indices = return_indices

    def forward(self, x: torch.Tensor) -> Any:
        y, indices = self.select(x)
        self.save_for_backward(indices)
        if self.dim is None or not self.return_indices:
            return y
        self.mark_non_differentiable(indices)
        return y, indices

    def select(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Values and indices, in the size that was asked for."""
        op = type(self).op
        along_one = self.options(x)
        if along_one is not None:
            return op(x, *self.arguments, **along_one)
        x = self.enter(x)
        if self.dim is not None:
            y, indices = op(x, *self.arguments, dim=self.dim, keepdim=True)
            return self.leave(y), self.leave(indices)
        y, indices = op(x.contiguous().view(-1), *self.arguments, dim=0, keepdim=True)
        return (y.view((1,) * len(self._size)) if self.keepdim and self._size else y), indices

    def backward(self, gy: Any, gindices: Any = None) -> Any:
        (indices,) = self.saved_tensors
        if self.dim is None or not self._size:
            n = math.prod(self._size)
            return call(ScatterAdd((n,), 0), gy.view(1), indices).view(self._size)
        places = self.unreduced(indices)
        return call(ScatterAdd(self._size, self.dim), self.unreduced(gy), places)


class Extreme(Selection):
    """Max and Min: of all elements the position is found by a quicker way, as a number."""

    __slots__ = ("position",)
    value: ClassVar[Callable]
    place: ClassVar[Callable]

    def forward(self, x: torch.Tensor) -> Any:
        if self.dim is not None:
            return super().forward(x)
        self._size = x.size()
        if 0 in self._size:
            type(self).op(x)  # says that there is no element
        y = type(self).value(x)
        self.position = type(self).place(x)
        return y.view((1,) * len(self._size)) if self.keepdim and self._size else y

    def backward(self, gy: Any, gindices: Any = None) -> Any:
        if self.dim is not None:
            return super().backward(gy, gindices)
        put = PartGrad((math.prod(self._size),), "narrow", (0, self.position, 1))
        return call(put, gy.view(1)).view(self._size)


class Max(Extreme):
    """The largest element, the first of equal ones."""

    __slots__ = ()
    op = torch.Tensor.max
    value = torch._C.max_all
    place = torch.Tensor.argmax


class Min(Extreme):
    """The smallest element, the first of equal ones."""

    __slots__ = ()
    op = torch.Tensor.min
    value = torch._C.min_all
    place = torch.Tensor.argmin
