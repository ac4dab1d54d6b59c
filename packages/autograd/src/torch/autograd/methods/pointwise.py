"""Element-wise operations: rows of unary and binary Functions, and what does not fit a row."""

from collections.abc import Callable
from typing import Any

import torch

from .. import functions as F
from ..functions.base import binary_method, constant_method, unary_method
from ..variable import Variable, type_name
from .table import (
    FUNCTIONS,
    REFLECTED,
    as_variable,
    is_number,
    method,
    number_as_variable,
    publish,
    publish_aliases,
    torch_only,
    untracked,
)

#: name: Function. Also an in-place form with a trailing underscore.
UNARY: dict[str, type] = {
    "abs": F.Abs,
    "acos": F.Acos,
    "asin": F.Asin,
    "atan": F.Atan,
    "ceil": F.Ceil,
    "cos": F.Cos,
    "cosh": F.Cosh,
    "erf": F.Erf,
    "exp": F.Exp,
    "expm1": F.Expm1,
    "floor": F.Floor,
    "frac": F.Frac,
    "log": F.Log,
    "log1p": F.Log1p,
    "neg": F.Neg,
    "reciprocal": F.Reciprocal,
    "round": F.Round,
    "rsqrt": F.Rsqrt,
    "sigmoid": F.Sigmoid,
    "sign": F.Sign,
    "sin": F.Sin,
    "sinh": F.Sinh,
    "sqrt": F.Sqrt,
    "square": F.Square,
    "tan": F.Tan,
    "tanh": F.Tanh,
    "trunc": F.Trunc,
}

#: name: Function of two Variables, of a Variable and a number, of a number and a Variable, and the
#: operator. Also an in-place form; the operator also in its reflected and in-place forms.
BINARY: dict[str, tuple[type, type | None, type | None, str | None]] = {
    "add": (F.Add, F.AddConstant, F.AddConstant, "add"),
    "sub": (F.Sub, F.SubConstant, F.ReflectedSubConstant, "sub"),
    "mul": (F.Mul, F.MulConstant, F.MulConstant, "mul"),
    "div": (F.Div, F.DivConstant, F.ReflectedDivConstant, "truediv"),
    "pow": (F.Pow, F.PowConstant, F.ReflectedPowConstant, "pow"),
    "floor_divide": (F.FloorDivide, F.FloorDivideConstant, None, "floordiv"),
    "remainder": (F.Remainder, F.RemainderConstant, None, "mod"),
    "fmod": (F.Fmod, F.FmodConstant, None, None),
    "maximum": (F.Cmax, F.CmaxConstant, F.CmaxConstant, None),
    "minimum": (F.Cmin, F.CminConstant, F.CminConstant, None),
    "atan2": (F.Atan2, None, None, None),
    "hypot": (F.Hypot, None, None, None),
}

#: other names of rows above
ALIASES = {"cmax": "maximum", "cmin": "minimum", "cinv": "reciprocal"}

#: name: operator. No gradient: the result is a Variable without history
UNTRACKED: dict[str, str | None] = {
    "eq": "eq",
    "ne": "ne",
    "lt": "lt",
    "le": "le",
    "gt": "gt",
    "ge": "ge",
    "bitwise_and": "and",
    "bitwise_or": "or",
    "bitwise_xor": "xor",
    "bitwise_not": "invert",
    "logical_and": None,
    "logical_or": None,
    "logical_xor": None,
    "logical_not": None,
    "isnan": None,
    "isinf": None,
    "isfinite": None,
    "nonzero": None,
    "any": None,
    "all": None,
    "argmax": None,
    "argmin": None,
    "zeros_like": None,
    "ones_like": None,
}

#: The rows of BINARY as methods that refuse other operands themselves (operators let Python do it).
STRICT: dict[str, Callable] = {}


# From rows to methods


def other_operand(name: str, function: Callable, constant: Any, strict: bool) -> Callable:
    """`method(variable, other)` for an `other` that is not a Variable."""
    by_number = None if constant is None else constant_method(constant)

    def method(self: Variable, other: Any) -> Any:
        if is_number(other):
            if by_number is not None:
                return by_number(self, other)
            return function()(self, number_as_variable(other, self))
        if isinstance(other, torch.Tensor):
            return function()(self, Variable(other))
        if strict:
            raise TypeError(
                f"{name}: expected a Variable, a Tensor or a number, got {type_name(other)}"
            )
        return NotImplemented

    return method


def reflected_method(function: Callable, constant: Any) -> Callable:
    """`method(variable, other)` for `other op variable`."""
    by_number = None if constant is None else constant_method(constant)

    def method(self: Variable, other: Any) -> Any:
        if is_number(other):
            if by_number is not None:
                return by_number(self, other)
            other = self._data.new([other])
        if isinstance(other, torch.Tensor):
            return function()(Variable(other), self)
        return NotImplemented

    return method


def in_place_unary(function: Callable) -> Callable:
    return lambda self: function(inplace=True)(self)


def in_place_binary(name: str, function: Callable, constant: Any) -> Callable:
    def method(self: Variable, other: Any) -> Any:
        if isinstance(other, Variable):
            return function(inplace=True)(self, other)
        if is_number(other):
            if constant is not None:
                return constant(other, inplace=True)(self)
            return function(inplace=True)(self, number_as_variable(other, self))
        if isinstance(other, torch.Tensor):
            return function(inplace=True)(self, Variable(other))
        raise TypeError(
            f"{name}: expected a Variable, a Tensor or a number, got {type_name(other)}"
        )

    return method


def in_place_sum(add: Callable) -> Callable:
    """add_ and sub_ also take (value, other) and alpha=."""

    def method(self: Variable, value: Any, other: Any = None, *, alpha: Any = 1) -> Variable:
        return add(self, scaled_other(value, other, alpha))

    return method


def publish_rows() -> None:
    for name, function in UNARY.items():
        publish(name, unary_method(function))
        publish(name + "_", in_place_unary(function))
    for name, (function, constant, mirrored, operator) in BINARY.items():
        loose = binary_method(
            function, other_operand(name, function, constant, strict=False), constant
        )
        reflected = REFLECTED[name] = reflected_method(function, mirrored)
        in_place = in_place_binary(name + "_", function, constant)
        strict = binary_method(
            function, other_operand(name, function, constant, strict=True), constant
        )
        publish(name, strict)
        STRICT[name] = strict
        publish(name + "_", in_place)
        if operator is not None:
            setattr(Variable, f"__{operator}__", loose)
            setattr(Variable, f"__r{operator}__", reflected)
            setattr(Variable, f"__i{operator}__", in_place)
    for name in ("add_", "sub_"):
        publish(name, in_place_sum(FUNCTIONS[name]))
    for name, operator in UNTRACKED.items():
        publish(name, untracked(name), operator)
    publish_aliases(ALIASES)


publish_rows()


# What does not fit a row


@method
def add(self: Variable, value: Any, other: Any = None, *, alpha: Any = 1) -> Variable:
    """self + other, self + value * other, or self + alpha * other."""
    return STRICT["add"](self, scaled_other(value, other, alpha))


@method
def sub(self: Variable, value: Any, other: Any = None, *, alpha: Any = 1) -> Variable:
    """self - other, self - value * other, or self - alpha * other."""
    return STRICT["sub"](self, scaled_other(value, other, alpha))


def scaled_other(value: Any, other: Any, alpha: Any) -> Any:
    """The second operand of add and sub: value, value * other, or alpha * value."""
    if other is not None:
        return other * value
    return value if alpha == 1 else value * alpha


@method
def addcmul(self: Variable, *args: Any, value: Any = 1) -> Variable:
    """self + value * a * b: (a, b), (value, a, b), or value= by keyword."""
    value, a, b = scaled("addcmul", args, value)
    return F.Addcmul(value)(self, a, b)


@method
def addcdiv(self: Variable, *args: Any, value: Any = 1) -> Variable:
    """self + value * a / b: (a, b), (value, a, b), or value= by keyword."""
    value, a, b = scaled("addcdiv", args, value)
    return F.Addcdiv(value)(self, a, b)


@method
def addcmul_(self: Variable, *args: Any, value: Any = 1) -> Variable:
    """In-place form of addcmul."""
    value, a, b = scaled("addcmul_", args, value)
    return F.Addcmul(value, inplace=True)(self, a, b)


@method
def addcdiv_(self: Variable, *args: Any, value: Any = 1) -> Variable:
    """In-place form of addcdiv."""
    value, a, b = scaled("addcdiv_", args, value)
    return F.Addcdiv(value, inplace=True)(self, a, b)


def scaled(name: str, args: tuple, value: Any) -> tuple:
    if len(args) == 2:
        return (value, *args)
    if len(args) == 3:
        return args
    raise TypeError(f"{name}: expected (a, b) or (value, a, b), got {len(args)} arguments")


@method
def clamp(self: Variable, min: Any = None, max: Any = None) -> Variable:
    """Each element limited to [min, max]."""
    return F.Clamp(min, max)(self)


@method
def clamp_(self: Variable, min: Any = None, max: Any = None) -> Variable:
    """In-place form of clamp."""
    return F.Clamp(min, max, inplace=True)(self)


@method
def lerp(self: Variable, end: Any, weight: float) -> Variable:
    """self + weight * (end - self)."""
    return F.Lerp(weight)(self, end)


@method
def lerp_(self: Variable, end: Any, weight: float) -> Variable:
    """In-place form of lerp."""
    return F.Lerp(weight, inplace=True)(self, end)


@method
def masked_fill(self: Variable, mask: Any, value: float) -> Variable:
    """With the number `value` where the mask is set."""
    return F.MaskedFill(value)(self, mask)


@method
def masked_fill_(self: Variable, mask: Any, value: float) -> Variable:
    """In-place form of masked_fill."""
    return F.MaskedFill(value, inplace=True)(self, mask)


@torch_only
def where(condition: Any, x: Any, y: Any) -> Variable:
    """x where the condition is set, else y."""
    if is_number(x):
        x = number_as_variable(x, as_variable(y))
    if is_number(y):
        y = number_as_variable(y, as_variable(x))
    return F.Where()(condition, x, y)
