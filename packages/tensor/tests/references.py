"""What the rows of unary.def and binary.def are compared with: NumPy, in a type with more digits.

Functions that NumPy does not have are written here for arrays of longdouble. Equation numbers are
those of Abramowitz and Stegun, Handbook of Mathematical Functions.
"""

from collections.abc import Callable
from math import factorial

import numpy as np

# References are computed in a type with more digits.
WIDER = {
    "float16": np.float64,
    "bfloat16": np.float64,
    "float32": np.float64,
    "float64": np.longdouble,
}
Array = np.ndarray
L = np.longdouble
PI = L("3.14159265358979323846264338327950288")
EULER = L("0.57721566490153286060651209008240243")
BERNOULLI = [L(1) / 6, L(-1) / 30, L(1) / 42, L(-1) / 30, L(5) / 66, L(-691) / 2730, L(7) / 6]


def _erf_series(x: Array) -> Array:
    """2 / sqrt(pi) * exp(-x^2) * sum 2^n x^(2n+1) / (2n+1)!!, whose terms have one sign (7.1.6)."""
    ratio = 2 * x * x
    term, total = x.copy(), x.copy()
    for n in range(1, 160):  # enough for |x| <= 7
        term *= ratio / (2 * n + 1)
        if not (np.abs(term) > np.abs(total) * L(2) ** -70).any():
            break
        total += term
    return 2 / np.sqrt(PI) * np.exp(-x * x) * total


def _erfc_fraction(x: Array) -> Array:
    """The continued fraction (7.1.14) for x >= 5/4, from its end."""
    head = x.astype(np.float32).astype(L)  # its square is exact
    value = x.copy()
    for n in range(200, 0, -1):
        value = x + (L(n) / 2) / value
    return np.exp(-head * head) * np.exp(-(x - head) * (x + head)) / (np.sqrt(PI) * value)


def erf(x: Array) -> Array:
    x = x.astype(L)
    y = np.where(np.abs(x) > 7, np.sign(x), _erf_series(np.clip(x, -7, 7)))
    return np.where(x == 0, x, y)  # keeps the sign of -0


def erfc(x: Array) -> Array:
    x = x.astype(L)
    series = 1 - erf(np.minimum(x, 1.25))
    return np.where(x < 1.25, series, _erfc_fraction(np.clip(x, 1.25, 110)))


def erfinv(x: Array) -> Array:
    """Halley's method from the guess of S. Winitzki (2008)."""
    x = x.astype(L)
    a = np.abs(x)
    u = np.log1p(-(np.minimum(a, 1 - L(2) ** -54) ** 2))
    t = 2 / (PI * L("0.147")) + u / 2
    y = np.sqrt(np.sqrt(t * t - u / L("0.147")) - t)
    for _ in range(4):
        excess = np.where(a < 0.5, erf(y) - a, (1 - a) - erfc(y))
        step = excess * np.sqrt(PI) / 2 * np.exp(y * y)
        y = y - step / (1 + y * step)
    y = np.where(a < L(2) ** -40, a * np.sqrt(PI) / 2, y)
    y = np.where(a == 1, np.inf, np.where(a < 1, y, np.nan))
    return np.copysign(y, x)


def _zeta(s: int, a: np.longdouble) -> np.longdouble:
    """sum (a + k)^-s by Euler and Maclaurin (23.2.3 for a = 1)."""
    total = sum(((a + k) ** -s for k in range(30)), L(0))
    b = a + 30
    total += b ** (1 - s) / (s - 1) + b**-s / 2
    for k, number in enumerate(BERNOULLI, 1):
        rising = L(1)
        for i in range(2 * k - 1):
            rising *= s + i
        total += number / factorial(2 * k) * rising * b ** (1 - s - 2 * k)
    return total


def _near_one(t: Array) -> Array:
    """lgamma(1 + t) for |t| <= 1/2 (6.1.33)."""
    total = np.zeros_like(t)
    for k in range(62, 1, -1):
        total = (total + (-1) ** k * _zeta(k, L(1)) / k) * t
    return (total - EULER) * t


def lgamma(x: Array) -> Array:
    """For positive x; other results are not compared."""
    x = np.atleast_1d(x.astype(L))
    with np.errstate(all="ignore"):
        product, y = np.ones_like(x), x.copy()
        for _ in range(15):
            low = y < 15
            product = np.where(low, product * y, product)
            y = np.where(low, y + 1, y)
        z = 1 / (y * y)
        series = np.zeros_like(y)
        for k in range(len(BERNOULLI), 0, -1):
            series = series * z + BERNOULLI[k - 1] / (2 * k * (2 * k - 1))
        result = (y - L(0.5)) * (np.log(y) - 1) + (np.log(2 * PI) - 1) / 2 + series / y
        result -= np.log(product)
        small = np.abs(x) < 0.5
        result = np.where(small, _near_one(np.where(small, x, 0)) - np.log(x), result)
        for root in (1, 2):
            close = np.abs(x - root) <= 0.5
            t = np.where(close, x - root, 0)
            result = np.where(close, _near_one(t) + (np.log1p(t) if root == 2 else 0), result)
        result = np.where(x == np.inf, x, result)
        return np.where(x == 0, np.inf, np.where(x > 0, result, np.nan))


ROOT = (L("1.46163214496836234126"), L("-1.82570963159635e-20"))  # of digamma, in two parts
ROOT_SERIES = [(-1) ** (k + 1) * _zeta(k + 1, ROOT[0]) for k in range(30, 0, -1)]


def digamma(x: Array) -> Array:
    """For positive x; other results are not compared."""
    x = np.atleast_1d(x.astype(L))
    with np.errstate(all="ignore"):
        result, y = np.zeros_like(x), x.copy()
        for _ in range(15):
            low = y < 15
            result = np.where(low, result - 1 / y, result)
            y = np.where(low, y + 1, y)
        z = 1 / (y * y)
        series = np.zeros_like(y)
        for k in range(len(BERNOULLI), 0, -1):
            series = (series + BERNOULLI[k - 1] / (2 * k)) * z
        result = result + (np.log(y) - 1 / (2 * y) - series)
        close = np.abs(x - ROOT[0]) < 0.25
        t = np.where(close, (x - ROOT[0]) - (ROOT[1]), 0)
        total = np.zeros_like(t)
        for c in ROOT_SERIES:
            total = (total + c) * t
        result = np.where(close, total, np.where(x == np.inf, x, result))
        return np.where(x == 0, np.copysign(np.inf, -x), np.where(x > 0, result, np.nan))


UNARY: dict[str, Callable[[Array], Array]] = {
    "abs": np.abs,
    "neg": np.negative,
    "sign": np.sign,
    "square": np.square,
    "reciprocal": lambda x: 1 / x,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "erf": erf,
    "erfc": erfc,
    "erfinv": erfinv,
    "lgamma": lgamma,
    "digamma": digamma,
    "deg2rad": lambda x: x.astype(L) * PI / 180,
    "rad2deg": lambda x: x.astype(L) * 180 / PI,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.rint,
    "trunc": np.trunc,
    "frac": lambda x: x - np.trunc(x),
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isposinf": np.isposinf,
    "isneginf": np.isneginf,
    "isfinite": np.isfinite,
    "signbit": np.signbit,
    "logical_not": np.logical_not,
    "bitwise_not": np.invert,
}


def _whole(*arrays: Array) -> list[Array]:
    """NumPy has no gcd of bools."""
    return [a.astype(np.int8) if a.dtype == bool else a for a in arrays]


BINARY: dict[str, Callable[[Array, Array], Array]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "fmod": np.fmod,
    "pow": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "fmax": np.fmax,
    "fmin": np.fmin,
    "atan2": np.arctan2,
    "hypot": np.hypot,
    "copysign": np.copysign,
    "nextafter": np.nextafter,
    "heaviside": np.heaviside,
    "logaddexp": np.logaddexp,
    "logaddexp2": np.logaddexp2,
    "ldexp": lambda x, y: x * np.exp2(y),
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
    "bitwise_left_shift": np.left_shift,
    "bitwise_right_shift": np.right_shift,
    "gcd": lambda x, y: np.gcd(*_whole(x, y)),
    "lcm": lambda x, y: np.lcm(*_whole(x, y)),
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
# Zeros of these outside of the domain cost digits.
LIMITED = {"lgamma", "digamma", "logaddexp", "logaddexp2"}
