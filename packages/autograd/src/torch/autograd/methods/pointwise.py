"""Element-wise operations: rows of unary and binary Functions, and what does not fit a row."""

from collections.abc import Callable
from typing import Any

import torch

from .. import functions as F
from ..functions.base import binary_method, call_on, constant_method, unary_method
from ..variable import Variable, type_name
from .table import (
    OPERANDS,
    REFLECTED,
    is_number,
    method,
    number_as_variable,
    publish,
    publish_aliases,
    refused,
    torch_only,
    untracked,
)

#: name: Function. Also an in-place form with a trailing underscore.
UNARY: dict[str, type] = {
    "abs": F.Abs,
    "acos": F.Acos,
    "acosh": F.Acosh,
    "asin": F.Asin,
    "asinh": F.Asinh,
    "atan": F.Atan,
    "atanh": F.Atanh,
    "ceil": F.Ceil,
    "cos": F.Cos,
    "cosh": F.Cosh,
    "deg2rad": F.Deg2rad,
    "digamma": F.Digamma,
    "erf": F.Erf,
    "erfc": F.Erfc,
    "erfinv": F.Erfinv,
    "exp": F.Exp,
    "exp2": F.Exp2,
    "expm1": F.Expm1,
    "floor": F.Floor,
    "frac": F.Frac,
    "lgamma": F.Lgamma,
    "log": F.Log,
    "log10": F.Log10,
    "log1p": F.Log1p,
    "log2": F.Log2,
    "neg": F.Neg,
    "rad2deg": F.Rad2deg,
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
    "fmax": (F.Fmax, None, None, None),
    "fmin": (F.Fmin, None, None, None),
    "copysign": (F.Copysign, None, None, None),
    "heaviside": (F.Heaviside, None, None, None),
    "ldexp": (F.Ldexp, None, None, None),
    "logaddexp": (F.Logaddexp, None, None, None),
    "logaddexp2": (F.Logaddexp2, None, None, None),
}

#: other names of what stands here: name, operation
ALIASES = {
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "cinv": "reciprocal",
    "clip": "clamp",
    "cmax": "maximum",
    "cmin": "minimum",
    "degrees": "rad2deg",
    "divide": "div",
    "fabs": "abs",
    "fix": "trunc",
    "mod": "remainder",
    "multiply": "mul",
    "negative": "neg",
    "power": "pow",
    "radians": "deg2rad",
    "rint": "round",
    "subtract": "sub",
    "true_divide": "div",
}

#: name of a method that calls a Python function per element: what to do instead
REFUSED = {
    "apply_": "use .data.apply_(f)",
    "map_": "use .data.map_(tensor, f)",
    "map2_": "use .data.map2_(x, y, f)",
}

#: The rows of BINARY as methods that refuse other operands themselves (operators let Python do it).
STRICT: dict[str, Callable] = {}

#: Their in-place forms.
IN_PLACE: dict[str, Callable] = {}


# From rows to methods


def tensor_operand(name: str, function: Callable, self: Variable, number: Any, back: bool) -> Any:
    """The operation with a number for which there is no Function of its own."""
    if self._data.dtype.is_floating_point:
        other = number_as_variable(number, self)
        return function()(other, self) if back else function()(self, other)
    op = getattr(torch, name)  # of integers the result may be of another type, and has no gradient
    data = op(number, self._data) if back else op(self._data, number)
    return Variable(data, volatile=self._volatile)


def other_operand(name: str, function: Callable, constant: Any, strict: bool) -> Callable:
    """`method(variable, other)` for an `other` that is not a Variable."""
    by_number = None if constant is None else constant_method(constant)

    def method(self: Variable, other: Any) -> Any:
        if is_number(other):
            if by_number is not None:
                return by_number(self, other)
            return tensor_operand(name, function, self, other, back=False)
        if isinstance(other, torch.Tensor):
            return function()(self, Variable(other))
        if strict:
            raise TypeError(
                f"{name}: expected a Variable, a Tensor or a number, got {type_name(other)}"
            )
        return NotImplemented

    return method


def reflected_method(name: str, function: Callable, constant: Any) -> Callable:
    """`method(variable, other)` for `other op variable`."""
    by_number = None if constant is None else constant_method(constant)

    def method(self: Variable, other: Any) -> Any:
        if is_number(other):
            if by_number is not None:
                return by_number(self, other)
            return tensor_operand(name, function, self, other, back=True)
        if isinstance(other, torch.Tensor):
            return function()(Variable(other), self)
        return NotImplemented

    return method


def named_operand(name: str, function: Callable) -> Callable:
    """The method of two operands, of which the second may be given by a keyword."""

    def method(self: Variable, operand: Any = None, **words: Any) -> Variable:
        if words:
            operand = operand_among(name, () if operand is None else (operand,), words)
        elif operand is None:
            raise TypeError(f"{name}: expected one operand, got none")
        return function(self, operand)

    return method


def operand_among(name: str, args: tuple, words: dict) -> Any:
    """The operand by position or by one of its names in tensor operations."""
    unknown = words.keys() - {"other", "exponent", "value", "x2"}
    if unknown or len(args) + len(words) != 1:
        raise TypeError(f"{name}: expected one operand, got {[*map(type_name, args), *words]}")
    (operand,) = (*args, *words.values())
    return operand


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


def publish_rows() -> None:
    for name, function in UNARY.items():
        publish(name, unary_method(function))
        publish(name + "_", in_place_unary(function))
    for name, (function, constant, mirrored, operator) in BINARY.items():
        loose = binary_method(
            function, other_operand(name, function, constant, strict=False), constant
        )
        reflected = REFLECTED[name] = reflected_method(name, function, mirrored)
        in_place = in_place_binary(name + "_", function, constant)
        strict = binary_method(
            function, other_operand(name, function, constant, strict=True), constant
        )
        STRICT[name] = strict
        publish(name, named_operand(name, strict))
        IN_PLACE[name] = in_place
        publish(name + "_", named_operand(name + "_", in_place))
        if operator is not None:
            setattr(Variable, f"__{operator}__", loose)
            setattr(Variable, f"__r{operator}__", reflected)
            setattr(Variable, f"__i{operator}__", in_place)
    for name, instead in REFUSED.items():
        why = f"a Variable cannot be changed by a Python function without a gradient; {instead}"
        publish(name, refused(name, why))


publish_rows()


# What does not fit a row


@method
def add(self: Variable, *args: Any, **words: Any) -> Variable:
    """self + other: (other), (value, other) with a factor, which is also called alpha."""
    return STRICT["add"](self, scaled_other("add", args, words))


@method
def sub(self: Variable, *args: Any, **words: Any) -> Variable:
    """self - other: (other), (value, other) with a factor, which is also called alpha."""
    return STRICT["sub"](self, scaled_other("sub", args, words))


@method
def add_(self: Variable, *args: Any, **words: Any) -> Variable:
    """In-place form of add."""
    return IN_PLACE["add"](self, scaled_other("add_", args, words))


@method
def sub_(self: Variable, *args: Any, **words: Any) -> Variable:
    """In-place form of sub."""
    return IN_PLACE["sub"](self, scaled_other("sub_", args, words))


def scaled_other(name: str, args: tuple, words: dict) -> Any:
    """The second operand of add and sub: (other), (value, other), and the same by keyword."""
    if len(args) == 1 and not words:
        return args[0]
    scale = words.pop("alpha", 1)
    if len(args) == 2:
        value, *args = args  # type: ignore[assignment]
        scale = scale * value
    elif "value" in words and len(args) + len(words) == 2:
        scale = scale * words.pop("value")
    if not is_number(scale):
        raise TypeError(f"{name}: value: expected a number, got {type_name(scale)}")
    other = operand_among(name, args, words)
    return other if scale == 1 else other * scale


@method
def float_power(self: Variable, exponent: Any) -> Variable:
    """self ** exponent in float64."""
    if isinstance(exponent, OPERANDS):
        exponent = exponent.double()
    return STRICT["pow"](self.double(), exponent)


REFLECTED["float_power"] = lambda self, base: base ** self.double()


@method
def nan_to_num(
    self: Variable, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Variable:
    """With numbers for NaN and the infinities."""
    return call_on(F.NanToNum(nan, posinf, neginf), self)


@method
def nan_to_num_(
    self: Variable, nan: float = 0.0, posinf: Any = None, neginf: Any = None
) -> Variable:
    """In-place form of nan_to_num."""
    return F.NanToNum(nan, posinf, neginf, inplace=True)(self)


@method
def addcmul(self: Variable, *args: Any, **options: Any) -> Variable:
    """self + value * tensor1 * tensor2: (t1, t2), (value, t1, t2), or by keyword."""
    value, a, b = scaled("addcmul", args, **options)
    return call_on(F.Addcmul(value), self, a, b)


@method
def addcdiv(self: Variable, *args: Any, **options: Any) -> Variable:
    """self + value * tensor1 / tensor2: (t1, t2), (value, t1, t2), or by keyword."""
    value, a, b = scaled("addcdiv", args, **options)
    return call_on(F.Addcdiv(value), self, a, b)


@method
def addcmul_(self: Variable, *args: Any, **options: Any) -> Variable:
    """In-place form of addcmul."""
    value, a, b = scaled("addcmul_", args, **options)
    return F.Addcmul(value, inplace=True)(self, a, b)


@method
def addcdiv_(self: Variable, *args: Any, **options: Any) -> Variable:
    """In-place form of addcdiv."""
    value, a, b = scaled("addcdiv_", args, **options)
    return F.Addcdiv(value, inplace=True)(self, a, b)


def scaled(
    name: str, args: tuple, value: Any = 1, tensor1: Any = None, tensor2: Any = None
) -> tuple:
    args = (*args, *[t for t in (tensor1, tensor2) if t is not None])
    if len(args) == 3:
        value, *args = args  # type: ignore[assignment]
    if len(args) != 2 or not is_number(value):
        raise TypeError(f"{name}: expected (a, b) or (value, a, b), got {len(args)} arguments")
    return (value, *args)


@method
def clamp(self: Variable, min: Any = None, max: Any = None) -> Variable:
    """Each element limited to [min, max], numbers or tensors, of which one may be missing."""
    if isinstance(min, OPERANDS) or isinstance(max, OPERANDS):
        above = self if min is None else self.maximum(min)
        return above if max is None else above.minimum(max)
    return call_on(F.Clamp(min, max), self)


@method
def clamp_(self: Variable, min: Any = None, max: Any = None) -> Variable:
    """In-place form of clamp."""
    if isinstance(min, OPERANDS) or isinstance(max, OPERANDS):
        above = self if min is None else self.maximum_(min)
        return above if max is None else above.minimum_(max)
    return F.Clamp(min, max, inplace=True)(self)


@method
def lerp(self: Variable, end: Any, weight: Any) -> Variable:
    """self + weight * (end - self); the weight is a number or a tensor."""
    if is_number(weight):
        return call_on(F.Lerp(weight), self, end)
    return call_on(F.Lerp(), self, end, weight)


@method
def lerp_(self: Variable, end: Any, weight: Any) -> Variable:
    """In-place form of lerp."""
    if is_number(weight):
        return F.Lerp(weight, inplace=True)(self, end)
    return F.Lerp(inplace=True)(self, end, weight)


where_of_constants = untracked("where")


@torch_only
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """input where the condition is set, else other; the positions where it is set, alone."""
    if is_number(input):
        if not isinstance(other, OPERANDS):
            return where_of_constants(condition, input, other)
        input = number_as_variable(input, other) if other.dtype.is_floating_point else input
    elif is_number(other):
        other = number_as_variable(other, input) if input.dtype.is_floating_point else other
    if isinstance(input, OPERANDS) and isinstance(other, OPERANDS):
        if isinstance(condition, bool):
            condition = torch.tensor([condition], device=input.device)
        return call_on(F.Where(), condition, input, other)
    given = [v for v in (condition, input, other) if v is not None]
    return where_of_constants(*given)


def where_method(self: Variable, condition: Any = None, other: Any = None) -> Any:
    """self where the condition is set, else other."""
    return where(self) if condition is None else where(condition, self, other)


Variable.where = where_method  # type: ignore[attr-defined]

publish_aliases(ALIASES)
