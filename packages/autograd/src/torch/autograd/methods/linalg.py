"""Products of vectors and matrices."""

import inspect
from collections.abc import Callable
from typing import Any

import torch

from .. import functions as F
from ..functions.base import binary_method
from ..functions.linalg import product_sum_method
from ..variable import Variable
from .table import SCALED, as_variable, free, method, publish

#: name: (Function of two Variables, name of the second): x.mm(mat2) is Mm()(x, mat2)
PRODUCTS: dict[str, tuple[type, str]] = {
    "bmm": (F.Bmm, "mat2"),
    "dot": (F.Dot, "tensor"),
    "ger": (F.Ger, "vec2"),
    "mm": (F.Mm, "mat2"),
    "mv": (F.Mv, "vec"),
}

#: The same where any number of dimensions will do.
GENERAL: dict[str, tuple[type, str]] = {
    "inner": (F.Inner, "tensor"),
    "kron": (F.Kron, "other"),
}

#: name: (Function of a matrix and a product, names of its factors), scaled:
#: x.addmm(beta, alpha, mat1, mat2); also in place
PRODUCT_SUMS: dict[str, tuple[type, str, str]] = {
    "addbmm": (F.Addbmm, "batch1", "batch2"),
    "addmm": (F.Addmm, "mat1", "mat2"),
    "addmv": (F.Addmv, "mat", "vec"),
    "addr": (F.Addr, "vec1", "vec2"),
    "baddbmm": (F.Baddbmm, "batch1", "batch2"),
}


def renamed(function: Callable, second: str) -> Callable:
    """The function with its second parameter called `second`: it can be given by this name."""
    code = function.__code__
    names = (code.co_varnames[0], second, *code.co_varnames[2:])
    function.__code__ = code.replace(co_varnames=names)
    return function


def with_tensor(name: str, function: Callable) -> Callable:
    """`method(variable, other)` for an `other` that is not a Variable."""
    op = getattr(torch.Tensor, name)

    def method(self: Variable, other: Any) -> Variable:
        if not isinstance(other, torch.Tensor):
            op(self._data, other)  # its error names both types
        return function()(self, as_variable(other))

    return method


def general_method(name: str, function: Callable) -> Callable:
    other_kinds = with_tensor(name, function)

    def method(self: Variable, other: Any) -> Variable:
        if not isinstance(other, Variable):
            return other_kinds(self, other)
        return function()(self, other)

    return method


def product_sum(name: str, function: type[F.Addmm], factors: tuple[str, str]) -> Callable:
    """The alpha's (beta, alpha, a, b), (beta, a, b), (a, b), and today's keywords."""
    run = product_sum_method(function)

    def method(self: Variable, *args: Any, **options: Any) -> Variable:
        if options or len(args) != 2:
            return run(self, *arranged(name, factors, args, options))
        return run(self, 1, 1, *args)

    return method


def in_place_product_sum(name: str, function: Callable, factors: tuple[str, str]) -> Callable:
    def method(self: Variable, *args: Any, **options: Any) -> Variable:
        beta, alpha, x, y = arranged(name, factors, args, options)
        return function(beta, alpha, inplace=True)(self, x, y)

    return method


def arranged(name: str, factors: tuple[str, str], args: tuple, options: dict) -> tuple:
    """beta, alpha and both factors."""
    given = (*args, *[options.pop(n) for n in factors if n in options])
    count = len(given)
    doubled = (count > 2 and "beta" in options) or (count > 3 and "alpha" in options)
    if not 2 <= count <= 4 or doubled or not options.keys() <= {"beta", "alpha"}:
        names = "".join([f", {n}=" for n in options])
        raise TypeError(
            f"{name}: expected (beta, alpha, {', '.join(factors)}), got {count} arguments{names}"
        )
    beta = given[0] if count > 2 else options.get("beta", 1)
    alpha = given[1] if count > 3 else options.get("alpha", 1)
    return beta, alpha, given[-2], given[-1]


def signature(name: str) -> inspect.Signature:
    """The tensor's, of one of the forms of arguments, for `help`."""
    shown = inspect.signature(getattr(torch.Tensor, name))
    return shown.replace(parameters=[p for n, p in shown.parameters.items() if n != "out"])


def publish_rows() -> None:
    for name, (function, second) in PRODUCTS.items():
        fast = binary_method(function, with_tensor(name, function))
        publish(name, renamed(fast, second))
    for name, (function, second) in GENERAL.items():
        publish(name, renamed(general_method(name, function), second))
    for name, (function, first, second) in PRODUCT_SUMS.items():
        factors = (first, second)
        out_of_place = product_sum(name, function, factors)
        in_place = in_place_product_sum(name + "_", function, factors)
        for form in (out_of_place, in_place):
            form.__signature__ = signature(name)  # type: ignore[attr-defined]
        publish(name, out_of_place)
        publish(name + "_", in_place)
        SCALED.add(name)


publish_rows()

_mm = binary_method(F.Mm, with_tensor("mm", F.Mm))
_stacked = binary_method(F.Matmul, with_tensor("matmul", F.Matmul))


@method
def matmul(self: Variable, other: Any) -> Variable:
    """Product of vectors, matrices, or stacks of matrices whose leading sizes broadcast."""
    if not isinstance(other, Variable):
        if not isinstance(other, torch.Tensor):
            torch.Tensor.matmul(self._data, other)  # its error names both types
        other = Variable(other)
    n, m = self._data.dim(), other._data.dim()
    if n == 2 and m == 2:
        return _mm(self, other)
    if n > 1 and m > 1:
        return _stacked(self, other)
    if not n or not m:
        torch.Tensor.matmul(self._data, other._data)  # its error names both sizes
    if n == 1 and m == 1:
        return F.Dot()(self, other)
    if m == 1:
        if n == 2:
            return F.Mv()(self, other)
        return _stacked(self, other.unsqueeze(1)).squeeze(-1)
    if m == 2:
        return F.Mv()(other.t(), self)
    return _stacked(self.unsqueeze(0), other).squeeze(-2)


@method
def outer(self: Variable, vec2: Any) -> Variable:
    """Products of every element with every other, both in row-major order."""
    return F.Ger()(self.reshape(-1), as_variable(vec2).reshape(-1))


@method
def vdot(self: Variable, tensor: Any) -> Variable:
    """Inner product of all elements in row-major order, of size (1,)."""
    other = as_variable(tensor)
    if self.numel() != other.numel():
        self._data.vdot(other._data)  # its error names both sizes
    return F.Dot()(self.reshape(-1), other.reshape(-1))


@method
def cross(self: Variable, other: Any, dim: int = -1) -> Variable:
    """Cross products of the vectors of three elements along `dim`."""
    return F.Cross(dim)(self, as_variable(other))


@free("tensordot")
def tensordot(self: Variable, other: Variable, dims: Any = 2) -> Variable:
    """Sum of products over pairs of dimensions."""
    return F.Tensordot(dims)(self, other)


def listed(operands: tuple) -> list[Variable]:
    """Operands given one by one or as one list."""
    if len(operands) == 1 and isinstance(operands[0], tuple | list):
        operands = tuple(operands[0])
    return [as_variable(x) for x in operands]


@free("einsum")
def einsum(equation: str, *operands: Any, optimize: bool = True) -> Variable:
    """Einstein's summation."""
    return F.Einsum(equation, optimize)(*listed(operands))


@free("chain_matmul")
def chain_matmul(*matrices: Any) -> Variable:
    """Product of matrices in the order that takes the fewest multiplications."""
    return F.MultiDot(torch.chain_matmul)(*listed(matrices))


@free("linalg_multi_dot")
def multi_dot(*tensors: Any) -> Variable:
    """Product of matrices in the order that takes the fewest multiplications."""
    return F.MultiDot(torch.linalg.multi_dot)(*listed(tensors))
