"""Element-wise functions of one Variable."""

import math
from typing import Any

from .base import Unary, zeros_like

__all__ = [
    "Abs", "Acos", "Asin", "Atan", "Ceil", "Cos", "Cosh", "Erf", "Exp", "Expm1", "Floor", "Frac",
    "Log", "Log1p", "Neg", "Negate", "Reciprocal", "Round", "Rsqrt", "Sigmoid", "Sign", "Sin",
    "Sinh", "Sqrt", "Square", "Tan", "Tanh", "Trunc",
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


class Log(Unary, op="log"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy / x


class Log1p(Unary, op="log1p"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy / (x + 1)


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
        return gy * (1 - x * x).rsqrt()


class Acos(Unary, op="acos"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return -(gy * (1 - x * x).rsqrt())


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


class Sigmoid(Unary, op="sigmoid"):
    __slots__ = ()

    def gx(self, gy: Any, y: Any) -> Any:
        return gy * (y * (1 - y))


class Erf(Unary, op="erf"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * ((-(x * x)).exp() * (2 / math.sqrt(math.pi)))


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
