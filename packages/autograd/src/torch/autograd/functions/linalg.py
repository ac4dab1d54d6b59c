"""Products of matrices and vectors, and linear systems."""

from typing import Any

import torch

from .base import Builtin, sum_to

__all__ = [
    "Addmm", "Addmv", "Addr", "Baddbmm", "Bmm", "Dot", "Ger", "Gesv", "Inverse", "Mm", "Mv",
]  # fmt: skip


class Product(Builtin):
    """A product x * y of which each gradient needs the other factor."""

    __slots__ = ()
    fresh_gradients = True

    def keep(self, x: torch.Tensor, y: torch.Tensor) -> None:
        """Save each factor if the other one's gradient is wanted."""
        needs_x, needs_y = self.needs_input_grad
        self.save_for_backward(x if needs_y else None, y if needs_x else None)


class Mm(Product):
    """z = x @ y; x (n, m), y (m, p), z (n, p)"""

    __slots__ = ()

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.keep(x, y)
        return x.mm(y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        return None if y is None else gz.mm(y.t()), None if x is None else x.t().mm(gz)


class Mv(Product):
    """z = x @ y; x (n, m), y (m,), z (n,)"""

    __slots__ = ()

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.keep(x, y)
        return x.mv(y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        return None if y is None else gz.ger(y), None if x is None else x.t().mv(gz)


class Dot(Product):
    """z = sum(x * y) of size (1,); x (n,), y (n,)"""

    __slots__ = ()

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.keep(x, y)
        if x.dim() != 1 or y.dim() != 1:
            x.dot(y)  # its error names both sizes
        return x.unsqueeze(0).mv(y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        return None if y is None else gz * y, None if x is None else gz * x


class Ger(Product):
    """z = outer product; x (n,), y (m,), z (n, m)"""

    __slots__ = ()

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.keep(x, y)
        return x.ger(y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        return None if y is None else gz.mv(y), None if x is None else gz.t().mv(x)


class Bmm(Product):
    """z[i] = x[i] @ y[i]; x (b, n, m), y (b, m, p), z (b, n, p)"""

    __slots__ = ()

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.keep(x, y)
        return x.bmm(y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        gx = None if y is None else gz.bmm(y.transpose(1, 2))
        gy = None if x is None else x.transpose(1, 2).bmm(gz)
        return gx, gy


class ProductSum(Builtin):
    """z = alpha * m + beta * (x times y). As in the alpha, the first constant scales the matrix."""

    __slots__ = ("_size", "alpha", "beta")

    def __init__(self, alpha: float = 1, beta: float = 1, inplace: bool = False) -> None:
        self.alpha = alpha
        self.beta = beta
        self.inplace = inplace

    def keep(self, m: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> None:
        """Save each factor if the other one's gradient is wanted."""
        _, needs_x, needs_y = self.needs_input_grad
        self.save_for_backward(x if needs_y else None, y if needs_x else None)
        self._size = m.size()
        if self.inplace:
            self.mark_dirty(m)

    def combine(self, name: str, m: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """Run the tensor's operation of this name, or its in-place form."""
        self.keep(m, x, y)
        return getattr(m, name + "_" if self.inplace else name)(self.alpha, self.beta, x, y)


class Addmm(ProductSum):
    """m (n, p) or of a size that broadcasts to it, x (n, m), y (m, p)"""

    __slots__ = ()

    def forward(self, m: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.combine("addmm", m, x, y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        gm = sum_to(gz * self.alpha, self._size)
        gx = None if y is None else gz.mm(y.t()) * self.beta
        gy = None if x is None else x.t().mm(gz) * self.beta
        return gm, gx, gy


class Addmv(ProductSum):
    """m (n,) or of a size that broadcasts to it, x (n, m), y (m,)"""

    __slots__ = ()

    def forward(self, m: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.combine("addmv", m, x, y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        gm = sum_to(gz * self.alpha, self._size)
        gx = None if y is None else gz.ger(y) * self.beta
        gy = None if x is None else x.t().mv(gz) * self.beta
        return gm, gx, gy


class Addr(ProductSum):
    """m (n, m) or of a size that broadcasts to it, x (n,), y (m,)"""

    __slots__ = ()

    def forward(self, m: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        self.keep(m, x, y)
        z = m * self.alpha + x.ger(y) * self.beta
        return m.copy_(z) if self.inplace else z

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        gm = sum_to(gz * self.alpha, self._size)
        gx = None if y is None else gz.mv(y) * self.beta
        gy = None if x is None else gz.t().mv(x) * self.beta
        return gm, gx, gy


class Baddbmm(ProductSum):
    """m (b, n, p) or of a size that broadcasts to it, x (b, n, m), y (b, m, p)"""

    __slots__ = ()

    def forward(self, m: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.combine("baddbmm", m, x, y)

    def backward(self, gz: Any) -> tuple:
        x, y = self.saved_tensors
        gm = sum_to(gz * self.alpha, self._size)
        gx = None if y is None else gz.bmm(y.transpose(1, 2)) * self.beta
        gy = None if x is None else x.transpose(1, 2).bmm(gz) * self.beta
        return gm, gx, gy


class Inverse(Builtin):
    """y = x ** -1; x (n, n)"""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.inverse()
        self.save_for_backward(y)
        return y

    def backward(self, gy: Any) -> Any:
        (y,) = self.saved_tensors
        return -(y.t().mm(gy).mm(y.t()))


class Gesv(Builtin):
    """(x, LU): the solution of a @ x = b, and the factors, which have no gradient.

    b (n, k), a (n, n), x (n, k); b comes first, as in the alpha.
    """

    __slots__ = ()

    def forward(self, b: torch.Tensor, a: torch.Tensor) -> tuple:
        x, factors = b.gesv(a)
        self.save_for_backward(a, x)
        self.mark_non_differentiable(factors)
        return x, factors

    def backward(self, gx: Any, gfactors: Any = None) -> tuple:
        a, x = self.saved_tensors
        gb = gx.gesv(a.t())[0]
        return gb, -(gb.mm(x.t()))
