"""Products of vectors and matrices, and linear systems."""

from collections.abc import Callable
from typing import Any

from .. import functions as F
from ..variable import Variable
from .table import as_variable, method, publish

#: name: Function of Variables only: x.mm(y) is Mm()(x, y)
PRODUCTS: dict[str, type] = {
    "bmm": F.Bmm,
    "dot": F.Dot,
    "ger": F.Ger,
    "gesv": F.Gesv,
    "inverse": F.Inverse,
    "mm": F.Mm,
    "mv": F.Mv,
    "outer": F.Ger,
}

#: name: Function of a matrix and a product, scaled: x.addmm(beta, alpha, a, b); also in place
PRODUCT_SUMS: dict[str, type] = {
    "addmm": F.Addmm,
    "addmv": F.Addmv,
    "addr": F.Addr,
    "baddbmm": F.Baddbmm,
}


def product_sum(name: str, function: Callable, in_place: bool) -> Callable:
    """The alpha's (beta, alpha, a, b), (beta, a, b), (a, b), and today's keywords."""

    def method(self: Variable, *args: Any, beta: float = 1, alpha: float = 1) -> Variable:
        *scales, a, b = args if len(args) >= 2 else (None, None)
        if a is None or len(scales) > 2:
            raise TypeError(f"{name}: expected (beta, alpha, a, b), got {len(args)} arguments")
        if scales:
            beta = scales[0]
        if len(scales) == 2:
            alpha = scales[1]
        return function(beta, alpha, inplace=in_place)(self, as_variable(a), as_variable(b))

    return method


for _name, _function in PRODUCTS.items():
    publish(_name, lambda self, *others, f=_function: f()(self, *others))
for _name, _function in PRODUCT_SUMS.items():
    publish(_name, product_sum(_name, _function, in_place=False))
    publish(_name + "_", product_sum(_name + "_", _function, in_place=True))


@method
def matmul(self: Variable, other: Any) -> Variable:
    """Product of vectors, matrices, or stacks of matrices whose leading sizes broadcast."""
    other = as_variable(other)
    n, m = self._data.dim(), other._data.dim()
    if n == 1 and m == 1:
        return F.Dot()(self, other)
    if n == 2 and m == 1:
        return F.Mv()(self, other)
    if n == 1 and m == 2:
        return F.Mv()(other.t(), self)
    if n == 2 and m == 2:
        return F.Mm()(self, other)
    if not n or not m:
        raise ValueError(
            "matmul: expected at least one dimension, "
            f"got sizes {tuple(self.shape)} and {tuple(other.shape)}"
        )
    return stacked_matmul(self, other)


def stacked_matmul(x: Any, y: Any) -> Variable:
    """matmul where one side has three dimensions or more."""
    x_vector, y_vector = x.dim() == 1, y.dim() == 1
    if x_vector:
        x = x.unsqueeze(0)
    if y_vector:
        y = y.unsqueeze(1)
    x_stack, y_stack = tuple(x.shape[:-2]), tuple(y.shape[:-2])
    stack = broadcast_sizes(x_stack, y_stack)
    matrices = 1
    for n in stack:
        matrices *= n
    rows, inner = x.shape[-2:]
    columns = y.shape[-1]
    x = x.expand(*stack, rows, inner).reshape(matrices, rows, inner)
    y = y.expand(*stack, y.shape[-2], columns).reshape(matrices, y.shape[-2], columns)
    z = F.Bmm()(x, y)
    ends = () if x_vector else (rows,)
    ends = ends if y_vector else (*ends, columns)
    return z.view(*stack, *ends)


def broadcast_sizes(x: tuple, y: tuple) -> tuple:
    if len(x) < len(y):
        x = (1,) * (len(y) - len(x)) + x
    y = (1,) * (len(x) - len(y)) + y
    if any(a != b and 1 not in (a, b) for a, b in zip(x, y, strict=True)):
        raise ValueError(f"matmul: leading sizes {x} and {y} do not broadcast")
    return tuple([b if a == 1 else a for a, b in zip(x, y, strict=True)])
