"""The operators, methods and `torch` functions of Variables, from the tables below.

A row names an operation and the Function that does it. `Variable.exp`, `Variable.exp_`, and
`torch.exp(variable)` all follow from the row; so do operators. What does not fit a row (an argument
in several forms, a choice between Functions) is a function of a few lines under the tables, with
the name of the method and of the `torch` function.
"""

import numbers
from collections.abc import Callable
from typing import Any

import torch

from . import functions as F
from .functions.base import binary_method, constant_method, unary_method
from .functions.index import plain_index
from .functions.stochastic import bernoulli, multinomial, normal, reinforce
from .variable import Variable, type_name

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

#: name: Function of Variables only: x.mm(y) is Mm()(x, y)
PRODUCTS: dict[str, type] = {
    "bmm": F.Bmm,
    "dot": F.Dot,
    "ger": F.Ger,
    "gesv": F.Gesv,
    "inverse": F.Inverse,
    "masked_select": F.MaskedSelect,
    "mm": F.Mm,
    "mv": F.Mv,
    "outer": F.Ger,
    "clone": F.Clone,
    "contiguous": F.Contiguous,
}

#: name: Function whose constants are the arguments: x.view(2, 3) is View(2, 3)(x)
SHAPED: dict[str, type] = {
    "expand": F.Expand,
    "mean": F.Mean,
    "narrow": F.Narrow,
    "permute": F.Permute,
    "prod": F.Prod,
    "repeat": F.Repeat,
    "reshape": F.Reshape,
    "select": F.Select,
    "squeeze": F.Squeeze,
    "std": F.Std,
    "sum": F.Sum,
    "transpose": F.Transpose,
    "unsqueeze": F.Unsqueeze,
    "var": F.Var,
    "view": F.View,
}

#: name: Function with one constant and one more Variable: x.gather(dim, index) is
#: Gather(dim)(x, index)
ALONG: dict[str, type] = {"gather": F.Gather, "index_select": F.IndexSelect}

#: name: Function of a matrix and a product, scaled: x.addmm(beta, alpha, a, b); also in place
PRODUCT_SUMS: dict[str, type] = {
    "addmm": F.Addmm,
    "addmv": F.Addmv,
    "addr": F.Addr,
    "baddbmm": F.Baddbmm,
}

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

#: name of the method without arguments: the dtype it converts to
CASTS = {
    "double": "float64", "float": "float32", "long": "int64", "int": "int32", "short": "int16",
    "char": "int8", "byte": "uint8", "bool": "bool",
}  # fmt: skip

#: Every method and function by name; `torch.NAME(variable)` is looked up here.
FUNCTIONS: dict[str, Callable] = {}

#: The same with a number in front: `torch.pow(3, variable)`.
REFLECTED: dict[str, Callable] = {}


#: The rows of BINARY as methods that refuse other operands themselves (operators let Python do it).
STRICT: dict[str, Callable] = {}


def as_variable(value: Any) -> Variable:
    """A Tensor beside a Variable is a constant."""
    return value if isinstance(value, Variable) else Variable(value)


# What does not fit a row


def add(self: Variable, value: Any, other: Any = None, *, alpha: Any = 1) -> Variable:
    """self + other, self + value * other, or self + alpha * other."""
    return STRICT["add"](self, scaled_other(value, other, alpha))


def sub(self: Variable, value: Any, other: Any = None, *, alpha: Any = 1) -> Variable:
    """self - other, self - value * other, or self - alpha * other."""
    return STRICT["sub"](self, scaled_other(value, other, alpha))


def scaled_other(value: Any, other: Any, alpha: Any) -> Any:
    """The second operand of add and sub: value, value * other, or alpha * value."""
    if other is not None:
        return other * value
    return value if alpha == 1 else value * alpha


def addcmul(self: Variable, *args: Any, value: Any = 1) -> Variable:
    """self + value * a * b: (a, b), (value, a, b), or value= by keyword."""
    value, a, b = scaled("addcmul", args, value)
    return F.Addcmul(value)(self, a, b)


def addcdiv(self: Variable, *args: Any, value: Any = 1) -> Variable:
    """self + value * a / b: (a, b), (value, a, b), or value= by keyword."""
    value, a, b = scaled("addcdiv", args, value)
    return F.Addcdiv(value)(self, a, b)


def addcmul_(self: Variable, *args: Any, value: Any = 1) -> Variable:
    """In-place form of addcmul."""
    value, a, b = scaled("addcmul_", args, value)
    return F.Addcmul(value, inplace=True)(self, a, b)


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


def clamp(self: Variable, min: Any = None, max: Any = None) -> Variable:
    """Each element limited to [min, max]."""
    return F.Clamp(min, max)(self)


def clamp_(self: Variable, min: Any = None, max: Any = None) -> Variable:
    """In-place form of clamp."""
    return F.Clamp(min, max, inplace=True)(self)


def lerp(self: Variable, end: Any, weight: float) -> Variable:
    """self + weight * (end - self)."""
    return F.Lerp(weight)(self, end)


def lerp_(self: Variable, end: Any, weight: float) -> Variable:
    """In-place form of lerp."""
    return F.Lerp(weight, inplace=True)(self, end)


def max(self: Variable, dim: Any = None, keepdim: bool = False) -> Any:
    """Largest element; with `dim` (values, indices); with a tensor the larger of each pair."""
    if isinstance(dim, Variable | torch.Tensor):
        return self.maximum(dim)
    return F.Max(dim, dim is not None, keepdim)(self)


def min(self: Variable, dim: Any = None, keepdim: bool = False) -> Any:
    """Smallest element; with `dim` (values, indices); with a tensor the smaller of each pair."""
    if isinstance(dim, Variable | torch.Tensor):
        return self.minimum(dim)
    return F.Min(dim, dim is not None, keepdim)(self)


def norm(self: Variable, p: float = 2, dim: Any = None, keepdim: bool = False) -> Variable:
    """(sum |x|**p) ** (1/p)."""
    return F.Norm(p, dim, keepdim)(self)


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


def t(self: Variable) -> Variable:
    """The transposed matrix."""
    if self._data.dim() != 2:
        raise ValueError(f"t: expected a matrix, got size {tuple(self.shape)}")
    return F.Transpose(0, 1)(self)


def view_as(self: Variable, other: Any) -> Variable:
    """The elements in the shape of other."""
    return F.View(other.size())(self)


def expand_as(self: Variable, other: Any) -> Variable:
    """Broadcast to the size of other."""
    return F.Expand(other.size())(self)


def type(self: Variable, t: Any = None) -> Any:
    """The name of the type, or the Variable converted to a dtype, tensor class or its name."""
    if t is None:
        return self._data.type()
    data = self._data.type(t)
    return self if data is self._data else F.Type(t)(self)


def to(self: Variable, dtype: Any) -> Any:
    """Converted to a dtype."""
    return type(self, dtype)


def numel(self: Variable) -> int:
    """How many elements there are."""
    return self._data.numel()


def equal(self: Variable, other: Any) -> bool:
    """Whether sizes and all elements are the same."""
    return self._data.equal(plain_index(other))


def type_as(self: Variable, other: Any) -> Variable:
    """Converted to the type of other."""
    return type(self, other.dtype)


def split(self: Variable, split_size: int, dim: int = 0) -> tuple:
    """Parts of `split_size` along `dim`; the last may be smaller."""
    if not isinstance(split_size, int) or split_size < 1:
        raise ValueError(f"split: split_size: expected an int of at least 1, got {split_size!r}")
    n = self.size(dim)
    starts = range(0, n, split_size)
    lengths = [split_size if start + split_size <= n else n - start for start in starts]
    return tuple(
        [F.Narrow(dim, s, length)(self) for s, length in zip(starts, lengths, strict=True)]
    )


def chunk(self: Variable, chunks: int, dim: int = 0) -> tuple:
    """At most `chunks` parts of equal size along `dim`; the last may be smaller."""
    if not isinstance(chunks, int) or chunks < 1:
        raise ValueError(f"chunk: chunks: expected an int of at least 1, got {chunks!r}")
    return split(self, -(-self.size(dim) // chunks) or 1, dim)


def masked_fill(self: Variable, mask: Any, value: float) -> Variable:
    """With the number `value` where the mask is set."""
    return F.MaskedFill(value)(self, mask)


def masked_fill_(self: Variable, mask: Any, value: float) -> Variable:
    """In-place form of masked_fill."""
    return F.MaskedFill(value, inplace=True)(self, mask)


def index_add(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """With the slices of source added at the positions `index` along `dim`."""
    return F.IndexAdd(dim)(self, index, source)


def index_add_(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """In-place form of index_add."""
    return F.IndexAdd(dim, inplace=True)(self, index, source)


def scatter_add(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """With the elements of source added at the positions `index` along `dim`."""
    return self + F.ScatterAdd(self.size(), dim)(source, index)


def scatter_add_(self: Variable, dim: int, index: Any, source: Any) -> Variable:
    """In-place form of scatter_add."""
    return F.Add(inplace=True)(self, F.ScatterAdd(self.size(), dim)(source, index))


def copy_(self: Variable, source: Any) -> Variable:
    """Overwrite all elements, in place."""
    self[...] = source
    return self


def fill_(self: Variable, value: float) -> Variable:
    """Overwrite all elements with a number, in place."""
    self[...] = value
    return self


def zero_(self: Variable) -> Variable:
    """Overwrite all elements with 0, in place."""
    self[...] = 0
    return self


def _getitem(self: Variable, index: Any) -> Variable:
    return F.Index(index)(self)


def _setitem(self: Variable, index: Any, value: Any) -> None:
    if isinstance(value, Variable | torch.Tensor):
        F.SetItem(index)(self, value)
    else:
        F.SetItem(index, value)(self)


METHODS: list[Callable] = [
    add, sub, addcmul, addcdiv, addcmul_, addcdiv_, clamp, clamp_, lerp, lerp_, max, min, norm,
    matmul, t, view_as, expand_as, type, type_as, to, numel, equal, split, chunk, masked_fill,
    masked_fill_, index_add, index_add_, scatter_add, scatter_add_, copy_, fill_, zero_,
]  # fmt: skip
METHODS += [bernoulli, multinomial, reinforce]


# torch functions that are no methods


def cat(tensors: Any, dim: int = 0) -> Variable:
    """The Variables one after the other along `dim`."""
    return F.Concat(dim)(*tensors)


def stack(tensors: Any, dim: int = 0) -> Variable:
    """The Variables side by side along a new dimension."""
    return F.Concat(dim)(*[as_variable(x).unsqueeze(dim) for x in tensors])


def where(condition: Any, x: Any, y: Any) -> Variable:
    """x where the condition is set, else y."""
    if is_number(x):
        x = number_as_variable(x, as_variable(y))
    if is_number(y):
        y = number_as_variable(y, as_variable(x))
    return F.Where()(condition, x, y)


TORCH_ONLY: list[Callable] = [cat, stack, where, normal]


# From rows to methods


def is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) or isinstance(value, numbers.Real)


_NUMBERS = (float, int)  # asked first: the question to numbers.Real is slow


def number_as_variable(value: Any, like: Variable) -> Variable:
    return Variable(like._data.new([value]))


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


def untracked(name: str) -> Callable:
    """The tensor's answer as a Variable without history."""
    op = getattr(torch.Tensor, name, None) or getattr(torch, name)

    def method(self: Variable, *args: Any, **options: Any) -> Variable:
        volatile = self._volatile
        for arg in args:
            volatile = volatile or (isinstance(arg, Variable) and arg._volatile)
        result = op(self._data, *[plain_index(arg) for arg in args], **options)
        if not isinstance(result, torch.Tensor):
            result = torch.tensor([result])
        return Variable(result, volatile=volatile)

    return method


#: Python's special methods that no row gives
SPECIAL: dict[str, Any] = {
    "pos": lambda self: self,
    "neg": lambda self: self.neg(),
    "abs": lambda self: self.abs(),
    "matmul": matmul,
    "rmatmul": lambda self, other: matmul(Variable(other), self),
    "getitem": _getitem,
    "setitem": _setitem,
    "torch_function": classmethod(lambda cls, *call: torch_function(*call)),
}


def publish(name: str, method: Callable, operator: str | None = None) -> None:
    """Make `method` a method of Variable, a torch function, and an operator."""
    method.__name__ = method.__qualname__ = name
    setattr(Variable, name, method)
    FUNCTIONS[name] = method
    if operator is not None:
        setattr(Variable, f"__{operator}__", method)


def publish_all() -> None:
    for name, function in UNARY.items():
        publish(name, unary_method(function))
        publish(name + "_", in_place_unary(function))
    for name, (function, constant, mirrored, operator) in BINARY.items():
        loose = binary_method(function, other_operand(name, function, constant, strict=False))
        reflected = REFLECTED[name] = reflected_method(function, mirrored)
        in_place = in_place_binary(name + "_", function, constant)
        strict = binary_method(function, other_operand(name, function, constant, strict=True))
        publish(name, strict)
        STRICT[name] = strict
        publish(name + "_", in_place)
        if operator is not None:
            setattr(Variable, f"__{operator}__", loose)
            setattr(Variable, f"__r{operator}__", reflected)
            setattr(Variable, f"__i{operator}__", in_place)
    for name, function in PRODUCTS.items():
        publish(name, lambda self, *others, f=function: f()(self, *others))
    for name, function in SHAPED.items():
        publish(name, lambda self, *args, f=function, **options: f(*args, **options)(self))
    for name, function in ALONG.items():
        publish(name, lambda self, dim, index, f=function: f(dim)(self, index))
    for name, function in PRODUCT_SUMS.items():
        publish(name, product_sum(name, function, in_place=False))
        publish(name + "_", product_sum(name + "_", function, in_place=True))
    for name, operator in UNTRACKED.items():
        publish(name, untracked(name), operator)
    for name, dtype in CASTS.items():
        publish(name, lambda self, d=dtype: type(self, getattr(torch, d)))
    for method in METHODS:
        publish(method.__name__, method)
    publish("add_", in_place_sum(FUNCTIONS["add_"]))
    publish("sub_", in_place_sum(FUNCTIONS["sub_"]))
    for alias, name in ALIASES.items():
        for suffix in ("", "_"):
            setattr(Variable, alias + suffix, FUNCTIONS[name + suffix])
            FUNCTIONS[alias + suffix] = FUNCTIONS[name + suffix]
    for only in TORCH_ONLY:
        FUNCTIONS[only.__name__] = only
    REFLECTED["normal"] = lambda std, mean, **options: normal(mean, std, **options)
    for name, special in SPECIAL.items():
        setattr(Variable, f"__{name}__", special)


def torch_function(func: Callable, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
    """Called by torch functions and tensor methods that meet a Variable among their arguments."""
    name = func.__name__
    function = FUNCTIONS.get(name)
    first = args[0] if args else None
    changes_tensor = name.endswith("_") and not isinstance(first, Variable)
    if function is None or changes_tensor:
        raise TypeError(
            f"{name}: a Variable was given where data (a tensor) is expected; pass its .data"
        )
    if kwargs and "out" in kwargs:
        raise TypeError(f"{name}: out= is not available for Variables")
    if is_number(first):
        if name not in REFLECTED:
            raise TypeError(f"{name}: expected a Variable or Tensor first, got {type_name(first)}")
        return REFLECTED[name](args[1], first, **(kwargs or {}))
    if isinstance(first, torch.Tensor) and function not in TORCH_ONLY:
        args = (Variable(first), *args[1:])
    return function(*args, **(kwargs or {}))


publish_all()
