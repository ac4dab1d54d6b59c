"""Products of vectors and matrices, and sums of such a product and a matrix."""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import torch

from .. import grad_mode
from ..variable import Variable
from .base import Binary, Builtin, _recorded, sum_to
from .einsum import LETTERS, Einsum

__all__ = [
    "Addbmm", "Addmm", "Addmv", "Addr", "Baddbmm", "Bmm", "Cross", "Dot", "Ger", "Inner", "Kron",
    "Matmul", "Mm", "MultiDot", "Mv", "Tensordot",
]  # fmt: skip


class Product(Binary):
    """z = x times y: like an element-wise operation, but the sizes belong to the product."""

    __slots__ = ()
    is_elementwise = False


class Mm(Product, op="mm"):
    """z = x @ y; x (n, m), y (m, p), z (n, p)"""

    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return gz.mm(y.t())

    def gy(self, gz: Any, x: Any) -> Any:
        return x.t().mm(gz)


class Mv(Product, op="mv"):
    """z = x @ y; x (n, m), y (m,), z (n,)"""

    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return gz.ger(y)

    def gy(self, gz: Any, x: Any) -> Any:
        return x.t().mv(gz)


class Dot(Product, op="dot"):
    """z = sum(x * y) of size (1,); x (n,), y (n,)"""

    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return y * gz

    def gy(self, gz: Any, x: Any) -> Any:
        return x * gz


def dot(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The tensor's dot as a tensor of size (1,)."""
    if x.dim() != 1 or x.size() != y.size():
        x.dot(y)  # its error names both sizes
    return x.unsqueeze(0).mv(y)


Dot.op = staticmethod(dot)  # type: ignore[assignment]


class Ger(Product, op="ger"):
    """z = outer product; x (n,), y (m,), z (n, m)"""

    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return gz.mv(y)

    def gy(self, gz: Any, x: Any) -> Any:
        return gz.t().mv(x)


class Bmm(Product, op="bmm"):
    """z[i] = x[i] @ y[i]; x (b, n, m), y (b, m, p), z (b, n, p)"""

    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return gz.bmm(y.transpose(1, 2))

    def gy(self, gz: Any, x: Any) -> Any:
        return x.transpose(1, 2).bmm(gz)


class Matmul(Product, op="matmul"):
    """Stacks of products; x (..., n, m), y (..., m, p), z (..., n, p); leading sizes broadcast."""

    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return gz.matmul(y.transpose(-2, -1))

    def gy(self, gz: Any, x: Any) -> Any:
        if self._broadcast is not None and len(self._broadcast[1][0]) == 2:
            # one y for the whole stack: a single large product also sums over the stack
            count = math.prod(gz.size()[:-1])
            return x.reshape(count, x.size(-1)).t().mm(gz.reshape(count, gz.size(-1)))
        return x.transpose(-2, -1).matmul(gz)


class ProductSum(Builtin):
    """z = alpha * m + beta * (x times y). As in the alpha, the first constant scales the matrix.

    Subclasses name the tensor's operation and the gradients of the product.
    """

    __slots__ = ("_like", "alpha", "beta")
    fresh_gradients = True
    op: ClassVar[Callable]
    op_: ClassVar[Callable]

    def __init_subclass__(cls, op: str, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.op = getattr(torch.Tensor, op)
        cls.op_ = getattr(torch.Tensor, op + "_")

    def __init__(self, alpha: float = 1, beta: float = 1, inplace: bool = False) -> None:
        self.alpha = alpha
        self.beta = beta
        self.inplace = inplace

    def forward(self, m: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self._like = (m.size(), m.dtype), (x.size(), x.dtype), (y.size(), y.dtype)
        _, needs_x, needs_y = self._edges
        saved = [x if needs_y is not None else None, y if needs_x is not None else None]
        if self.inplace:
            self.mark_dirty(m)
            saved = [v.clone() if v is m else v for v in saved]
            z = type(self).op_(m, self.alpha, self.beta, x, y)
        else:
            z = type(self).op(m, self.alpha, self.beta, x, y)
        self.save_for_backward(*saved)
        self._origins = _FACTORS  # known here; two inputs may be one tensor
        return z

    def gx(self, gz: Any, y: Any) -> Any:
        """The gradient of the product with respect to x."""
        raise NotImplementedError(f"{self.name}: gx is not defined")

    def gy(self, gz: Any, x: Any) -> Any:
        """The gradient of the product with respect to y."""
        raise NotImplementedError(f"{self.name}: gy is not defined")

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        m_like, x_like, y_like = self._like
        gm = None if self._edges[0] is None else sum_to(times(gz, self.alpha), *m_like)
        if self.beta != 1:
            gz = gz * self.beta
        gx = None if y is None else sum_to(self.gx(gz, y), *x_like)
        gy = None if x is None else sum_to(self.gy(gz, x), *y_like)
        return gm, gx, gy


def product_sum_method(function: type[ProductSum]) -> Callable:
    """`execute` of function.py unrolled for a ProductSum that is not in place."""
    op = function.op

    def method(self: Variable, alpha: Any, beta: Any, first: Any, second: Any) -> Variable:
        m = self._data
        x = first._data if isinstance(first, Variable) else first
        y = second._data if isinstance(second, Variable) else second
        z = op(m, alpha, beta, x, y)
        edges = []
        recording = not grad_mode.open_blocks or grad_mode.is_grad_enabled()
        volatile = False
        for variable in (self, first, second):
            edge = getattr(variable, "_edge", None)
            if edge is None and isinstance(variable, Variable):
                if variable._requires_grad:
                    edge = variable
                elif variable._volatile:
                    volatile = True
            edges.append(edge)
        m_edge, x_edge, y_edge = edges
        if volatile or not recording or m_edge is x_edge is y_edge is None:
            return Variable(z, None, volatile)
        node = object.__new__(function)
        node.alpha = alpha
        node.beta = beta
        node._edges = (m_edge, x_edge, y_edge)
        node._like = (m.size(), m.dtype), (x.size(), x.dtype), (y.size(), y.dtype)
        node._saved = (x if y_edge is not None else None, y if x_edge is not None else None)
        node._versions = (x._version, y._version)
        node._origins = _FACTORS
        return _recorded(z, node)

    return method


_FACTORS = (1, 2)


def times(gradient: Any, constant: float) -> Any:
    """gradient * constant, itself for 1."""
    return gradient if constant == 1 else gradient * constant


class Addmm(ProductSum, op="addmm"):
    """m (n, p) or of a size that broadcasts to it, x (n, m), y (m, p)"""

    __slots__ = ()
    gx = Mm.gx
    gy = Mm.gy


class Addmv(ProductSum, op="addmv"):
    """m (n,) or of a size that broadcasts to it, x (n, m), y (m,)"""

    __slots__ = ()
    gx = Mv.gx
    gy = Mv.gy


class Addr(ProductSum, op="addr"):
    """m (n, m) or of a size that broadcasts to it, x (n,), y (m,)"""

    __slots__ = ()
    gx = Ger.gx
    gy = Ger.gy


class Baddbmm(ProductSum, op="baddbmm"):
    """m (b, n, p) or of a size that broadcasts to it, x (b, n, m), y (b, m, p)"""

    __slots__ = ()
    gx = Bmm.gx
    gy = Bmm.gy


class Addbmm(ProductSum, op="addbmm"):
    """m (n, p) or of a size that broadcasts to it, x (b, n, m), y (b, m, p), summed over b"""

    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return gz.matmul(y.transpose(1, 2))

    def gy(self, gz: Any, x: Any) -> Any:
        return x.transpose(1, 2).matmul(gz)


class Cross(Builtin):
    """z = x cross y, of vectors of three elements along `dim`; both broadcast."""

    __slots__ = ("_like", "dim")

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim
        self.inplace = False

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self._like = (x.size(), x.dtype), (y.size(), y.dtype)
        needs_x, needs_y = self.needs_input_grad
        self.save_for_backward(x if needs_y else None, y if needs_x else None)
        self._origins = (0, 1)
        return x.cross(y, self.dim)

    def backward(self, gz: Any) -> tuple:
        # counted from the end, so that it also fits an x or y with fewer dimensions
        dim = self.dim - gz.dim() if self.dim >= 0 else self.dim
        x, y = self.saved_tensors
        x_like, y_like = self._like
        gx = None if y is None else sum_to(y.cross(gz, dim), *x_like)
        gy = None if x is None else sum_to(gz.cross(x, dim), *y_like)
        return gx, gy


class Kron(Builtin):
    """Every element of x times all of y; x (n, m), y (p, q), z (n p, m q), in any dimensions."""

    __slots__ = ("_like",)

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self._like = (x.size(), x.dtype), (y.size(), y.dtype)
        needs_x, needs_y = self.needs_input_grad
        self.save_for_backward(x if needs_y else None, y if needs_x else None)
        self._origins = (0, 1)
        return torch.kron(x, y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        (x_size, x_dtype), (y_size, y_dtype) = self._like
        n = max(len(x_size), len(y_size))
        before = (1,) * (n - len(x_size)) + tuple(x_size)
        after = (1,) * (n - len(y_size)) + tuple(y_size)
        # dimension i of z is (position in x, position in y)
        gz = gz.reshape([length for pair in zip(before, after, strict=True) for length in pair])
        gx = gy = None
        if y is not None:
            y = y.reshape([length for m in after for length in (1, m)])
            gx = sum_to(gz * y, [length for m in before for length in (m, 1)], x_dtype)
            gx = gx.reshape(x_size)
        if x is not None:
            x = x.reshape([length for m in before for length in (m, 1)])
            gy = sum_to(gz * x, [length for m in after for length in (1, m)], y_dtype)
            gy = gy.reshape(y_size)
        return gx, gy


# Sums of products over pairs of dimensions: the tensor's own operation gives the result, an
# equation of einsum the gradient.


class Inner(Einsum):
    """Sums over both last dimensions; x (..., k), y (***, k), z (..., ***)"""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("")

    def compute(self, x: torch.Tensor, y: torch.Tensor) -> Any:
        z = torch.inner(x, y)
        left, right = LETTERS[: x.dim()], LETTERS[x.dim() : x.dim() + y.dim()]
        if left and right:
            right = right[:-1] + left[-1]
            self.equation = f"{left},{right}->{left[:-1]}{right[:-1]}"
        else:
            self.equation = f"{left},{right}->{left}{right}"
        return z


class Tensordot(Einsum):
    """Sums over the last `dims` dimensions of x and the first of y, or over two lists of them."""

    __slots__ = ("dims",)

    def __init__(self, dims: Any = 2) -> None:
        super().__init__("")
        self.dims = dims

    def compute(self, x: torch.Tensor, y: torch.Tensor) -> Any:
        z = torch.tensordot(x, y, self.dims)
        n, m = x.dim(), y.dim()
        if isinstance(self.dims, int):
            pairs = [(n - self.dims + i, i) for i in range(self.dims)]
        else:
            first, second = ([d] if isinstance(d, int) else d for d in self.dims)
            pairs = [(i % n, j % m) for i, j in zip(first, second, strict=True)]
        left, right = list(LETTERS[:n]), list(LETTERS[n : n + m])
        for i, j in pairs:
            right[j] = left[i]
        inner = {left[i] for i, _ in pairs}
        kept = [c for c in left + right if c not in inner]
        self.equation = f"{''.join(left)},{''.join(right)}->{''.join(kept)}"
        return z


class MultiDot(Einsum):
    """Product of a chain of matrices; the first and the last may be vectors."""

    __slots__ = ("op",)

    def __init__(self, op: Callable = torch.chain_matmul) -> None:
        super().__init__("")
        self.op = op

    def compute(self, *matrices: torch.Tensor) -> Any:
        z = self.op(list(matrices))
        names = [LETTERS[i : i + 2] for i in range(len(matrices))]
        names[0] = names[0][2 - matrices[0].dim() :]
        if len(matrices) > 1 and matrices[-1].dim() == 1:
            names[-1] = names[-1][0]
        ends = names[0][0] if matrices[0].dim() == 2 else ""
        ends += names[-1][1] if matrices[-1].dim() == 2 else ""
        self.equation = f"{','.join(names)}->{ends}"
        return z
