"""Element-wise functions of two Variables, and of a Variable and a number (`...Constant`)."""

import math
from typing import Any

from .base import Binary, Constant, where_set, zeros_like

__all__ = [
    "Add", "AddConstant", "Atan2", "Cmax", "CmaxConstant", "Cmin", "CminConstant", "Copysign",
    "Div", "DivConstant", "FloorDivide", "FloorDivideConstant", "Fmax", "Fmin", "Fmod",
    "FmodConstant", "Heaviside", "Hypot", "Ldexp", "Logaddexp", "Logaddexp2", "Mul", "MulConstant",
    "Pow", "PowConstant", "ReflectedDivConstant", "ReflectedPowConstant", "ReflectedSubConstant",
    "Remainder", "RemainderConstant", "Sub", "SubConstant",
]  # fmt: skip


class Add(Binary, op="add"):
    __slots__ = ()

    def gx(self, gz: Any) -> Any:
        return gz

    def gy(self, gz: Any) -> Any:
        return gz


class AddConstant(Constant, op="add"):
    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return gy


class Sub(Binary, op="sub"):
    __slots__ = ()

    def gx(self, gz: Any) -> Any:
        return gz

    def gy(self, gz: Any) -> Any:
        return -gz


class SubConstant(Constant, op="sub"):
    """x - constant; constant - x with `sub_tensor`."""

    __slots__ = ()

    def __new__(cls, constant: Any, sub_tensor: bool = False, inplace: bool = False) -> Any:
        return super().__new__(ReflectedSubConstant if sub_tensor else cls)

    def __init__(self, constant: Any, sub_tensor: bool = False, inplace: bool = False) -> None:
        super().__init__(constant, inplace)

    def gx(self, gy: Any) -> Any:
        return gy


class ReflectedSubConstant(SubConstant, op="sub"):
    """constant - x"""

    __slots__ = ()
    is_reflected = True

    def gx(self, gy: Any) -> Any:
        return -gy


class Mul(Binary, op="mul"):
    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return gz * y

    def gy(self, gz: Any, x: Any) -> Any:
        return gz * x


class MulConstant(Constant, op="mul"):
    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return gy * self.constant


class Div(Binary, op="div"):
    __slots__ = ()

    def gx(self, gz: Any, y: Any) -> Any:
        return gz / y

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return -(gz * x / (y * y))


class DivConstant(Constant, op="div"):
    """x / constant; constant / x with `div_by_tensor`."""

    __slots__ = ()

    def __new__(cls, constant: Any, div_by_tensor: bool = False, inplace: bool = False) -> Any:
        return super().__new__(ReflectedDivConstant if div_by_tensor else cls)

    def __init__(self, constant: Any, div_by_tensor: bool = False, inplace: bool = False) -> None:
        super().__init__(constant, inplace)

    def gx(self, gy: Any) -> Any:
        return gy / self.constant


class ReflectedDivConstant(DivConstant, op="div"):
    """constant / x"""

    __slots__ = ()
    is_reflected = True

    def gx(self, gy: Any, x: Any) -> Any:  # type: ignore[override]
        return gy * (-self.constant) / (x * x)


class Pow(Binary, op="pow"):
    """x ** y. The added masks make 0 ** 0 and 0 ** y give gradients of 0 instead of NaN."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return gz * (y * x ** (y - 1 + (x.eq(0) & y.eq(0))))

    def gy(self, gz: Any, x: Any, z: Any) -> Any:
        return gz * (z * (x + x.eq(0)).log())


class PowConstant(Constant, op="pow"):
    """x ** constant; constant ** x with `tensor_power`."""

    __slots__ = ()

    def __new__(cls, constant: Any, tensor_power: bool = False, inplace: bool = False) -> Any:
        return super().__new__(ReflectedPowConstant if tensor_power else cls)

    def __init__(self, constant: Any, tensor_power: bool = False, inplace: bool = False) -> None:
        super().__init__(constant, inplace)

    def gx(self, gy: Any, x: Any) -> Any:
        n = self.constant
        if n == 0:
            return zeros_like(gy)
        return gy * (x * 2 if n == 2 else x ** (n - 1) * n)


class ReflectedPowConstant(PowConstant, op="pow"):
    """constant ** x"""

    __slots__ = ()
    is_reflected = True

    def gx(self, gy: Any, y: Any) -> Any:
        base = self.constant
        if base == 0:
            return zeros_like(gy)
        return gy * (y * (math.log(base) if base > 0 else math.nan))


class Cmax(Binary, op="maximum"):
    """The larger element; the gradient goes to x where both are equal."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return where_set(x >= y, gz)

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return where_set(x < y, gz)


class CmaxConstant(Constant, op="maximum"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return where_set(x >= self.constant, gy)


class Cmin(Binary, op="minimum"):
    """The smaller element; the gradient goes to x where both are equal."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return where_set(x <= y, gz)

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return where_set(x > y, gz)


class CminConstant(Constant, op="minimum"):
    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return where_set(x <= self.constant, gy)


class FloorDivide(Binary, op="floor_divide"):
    __slots__ = ()

    def gx(self, gz: Any) -> Any:
        return zeros_like(gz)

    def gy(self, gz: Any) -> Any:
        return zeros_like(gz)


class FloorDivideConstant(Constant, op="floor_divide"):
    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return zeros_like(gy)


class Remainder(Binary, op="remainder"):
    """x - floor(x / y) * y; of a Variable and a number where `value` is given."""

    __slots__ = ()

    def __new__(cls, value: Any = None, inplace: bool = False) -> Any:
        return super().__new__(cls) if value is None else RemainderConstant(value, inplace)

    def __init__(self, value: None = None, inplace: bool = False) -> None:
        super().__init__(inplace)

    def gx(self, gz: Any) -> Any:
        return gz

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return -(gz * (x / y).floor())


class RemainderConstant(Constant, op="remainder"):
    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return gy


class Fmod(Binary, op="fmod"):
    """x - trunc(x / y) * y; of a Variable and a number where `value` is given."""

    __slots__ = ()

    def __new__(cls, value: Any = None, inplace: bool = False) -> Any:
        return super().__new__(cls) if value is None else FmodConstant(value, inplace)

    def __init__(self, value: None = None, inplace: bool = False) -> None:
        super().__init__(inplace)

    def gx(self, gz: Any) -> Any:
        return gz

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return -(gz * (x / y).trunc())


class FmodConstant(Constant, op="fmod"):
    __slots__ = ()

    def gx(self, gy: Any) -> Any:
        return gy


class Atan2(Binary, op="atan2"):
    """The angle of the point (y, x): x is the ordinate, as in atan2(x, y). Gradient 0 at (0, 0)."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return gz * y / not_zero(x * x + y * y)

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return -(gz * x / not_zero(x * x + y * y))


class Hypot(Binary, op="hypot"):
    """sqrt(x**2 + y**2). Gradient 0 at (0, 0)."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, z: Any) -> Any:
        return gz * x / not_zero(z)

    def gy(self, gz: Any, y: Any, z: Any) -> Any:
        return gz * y / not_zero(z)


def not_zero(x: Any) -> Any:
    """x with 1 for zeros: a divisor where the dividend is known to be 0, too."""
    return x + x.eq(0)


class Fmax(Binary, op="fmax"):
    """The larger element, a number before NaN; the gradient goes to x where both are equal."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return where_set(x.ge(y) | y.isnan(), gz)

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return where_set((x.ge(y) | y.isnan()).logical_not(), gz)


class Fmin(Binary, op="fmin"):
    """The smaller element, a number before NaN; the gradient goes to x where both are equal."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return where_set(x.le(y) | y.isnan(), gz)

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return where_set((x.le(y) | y.isnan()).logical_not(), gz)


class Logaddexp(Binary, op="logaddexp"):
    """log(exp(x) + exp(y)); the gradients are the shares of both in the sum."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return gz * difference(x, y).sigmoid()

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return gz * difference(y, x).sigmoid()


class Logaddexp2(Binary, op="logaddexp2"):
    """log2(2**x + 2**y)"""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return gz * (difference(x, y) * math.log(2)).sigmoid()

    def gy(self, gz: Any, x: Any, y: Any) -> Any:
        return gz * (difference(y, x) * math.log(2)).sigmoid()


def difference(x: Any, y: Any) -> Any:
    """x - y, with 0 for the difference of equal infinities."""
    return (x - y).masked_fill(x.eq(y) & x.isinf(), 0)


class Copysign(Binary, op="copysign"):
    """|x| with the sign of y. Gradient 0 at x = 0."""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, z: Any) -> Any:
        return gz * (x.sign() * z.sign())

    def gy(self, gz: Any) -> Any:
        return zeros_like(gz)


class Heaviside(Binary, op="heaviside"):
    """0 where x < 0, y where x is 0, else 1."""

    __slots__ = ()

    def gx(self, gz: Any) -> Any:
        return zeros_like(gz)

    def gy(self, gz: Any, x: Any) -> Any:
        return where_set(x.eq(0), gz)


class Ldexp(Binary, op="ldexp"):
    """x * 2**y"""

    __slots__ = ()

    def gx(self, gz: Any, x: Any, y: Any) -> Any:
        return gz * y.type(x.dtype).exp2()

    def gy(self, gz: Any, z: Any) -> Any:
        return gz * (z * math.log(2))
