"""Element-wise functions of one Variable.

At the edge of a domain the gradient is the limit, infinite if need be (sqrt at 0); at the kink of
`abs` and at the steps of `sign`, `floor` ... it is 0.
"""

import math
from typing import Any

from .base import Unary, where_set, zeros_like

__all__ = [
    "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Deg2rad",
    "Erf", "Erfc", "Erfinv", "Exp", "Exp2", "Expm1", "Floor", "Frac", "Log", "Log10", "Log1p",
    "Log2", "NanToNum", "Neg", "Negate", "Rad2deg", "Reciprocal", "Round", "Rsqrt", "Sigmoid",
    "Sign", "Sin", "Sinh", "Sqrt", "Square", "Tan", "Tanh", "Trunc",
]  # fmt: skip


class Abs(Unary, op="abs"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * x.sign()


class Neg(Unary, op="neg"):
    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return -gy


Negate = Neg  # the alpha's name


class Square(Unary, op="square"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * (x * 2)


class Reciprocal(Unary, op="reciprocal"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return -(gy * y * y)


class Sqrt(Unary, op="sqrt"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy / (y * 2)


class Rsqrt(Unary, op="rsqrt"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * (y * y * y) * -0.5


class Exp(Unary, op="exp"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * y


class Expm1(Unary, op="expm1"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * (y + 1)


class Exp2(Unary, op="exp2"):
    """2 ** x"""

    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * (y * math.log(2))


class Log(Unary, op="log"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy / x


class Log1p(Unary, op="log1p"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy / (x + 1)


class Log2(Unary, op="log2"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy / (x * math.log(2))


class Log10(Unary, op="log10"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy / (x * math.log(10))


class Sin(Unary, op="sin"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * x.cos()


class Cos(Unary, op="cos"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return -(gy * x.sin())


class Tan(Unary, op="tan"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * (y * y + 1)


class Asin(Unary, op="asin"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * ((1 - x) * (x + 1)).rsqrt()


class Acos(Unary, op="acos"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return -(gy * ((1 - x) * (x + 1)).rsqrt())


class Atan(Unary, op="atan"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy / (x * x + 1)


class Sinh(Unary, op="sinh"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * x.cosh()


class Cosh(Unary, op="cosh"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * x.sinh()


class Tanh(Unary, op="tanh"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * (1 - y * y)


class Asinh(Unary, op="asinh"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * (x * x + 1).rsqrt()


class Acosh(Unary, op="acosh"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * ((x - 1) * (x + 1)).rsqrt()


class Atanh(Unary, op="atanh"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy / ((1 - x) * (x + 1))


class Sigmoid(Unary, op="sigmoid"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * (y * (1 - y))


class Erf(Unary, op="erf"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * ((-(x * x)).exp() * (2 / math.sqrt(math.pi)))


class Erfc(Unary, op="erfc"):
    """1 - erf(x)"""

    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * ((-(x * x)).exp() * (-2 / math.sqrt(math.pi)))


class Erfinv(Unary, op="erfinv"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * ((y * y).exp() * (math.sqrt(math.pi) / 2))


class Deg2rad(Unary, op="deg2rad"):
    """x * pi / 180"""

    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return gy * (math.pi / 180)


class Rad2deg(Unary, op="rad2deg"):
    """x * 180 / pi"""

    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return gy * (180 / math.pi)


class NanToNum(Unary, op="nan_to_num"):
    """With numbers for NaN and infinities; the gradient is 0 where one was put."""

    __slots__ = ("nan", "neginf", "posinf")
    constants = ("nan", "posinf", "neginf")

    def __init__(
        self, nan: float = 0.0, posinf: Any = None, neginf: Any = None, inplace: bool = False
    ) -> None:
        self.nan = nan
        self.posinf = posinf
        self.neginf = neginf
        self.inplace = inplace

    def gx(self, gy: Any, x: Any) -> Any:
        return where_set(x.isfinite(), gy)


class Frac(Unary, op="frac"):
    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return gy


class _Steps(Unary):
    """Constant between its steps: the gradient is zero."""

    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return zeros_like(gy)


class Sign(_Steps, op="sign"):
    __slots__ = ()


class Floor(_Steps, op="floor"):
    __slots__ = ()


class Ceil(_Steps, op="ceil"):
    __slots__ = ()


class Round(_Steps, op="round"):
    __slots__ = ()


class Trunc(_Steps, op="trunc"):
    __slots__ = ()
