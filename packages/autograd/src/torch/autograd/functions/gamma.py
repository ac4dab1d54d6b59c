"""The logarithm of the gamma function and its derivatives."""

import math
from typing import Any

import torch

from .base import Unary

__all__ = ["Digamma", "Lgamma"]


class Lgamma(Unary, op="lgamma"):
    """log |gamma(x)|"""

    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * x.digamma()


class Digamma(Unary, op="digamma"):
    """The derivative of lgamma."""

    __slots__ = ()

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * polygamma(1, x)


class Polygamma(Unary, op="digamma"):
    """The n-th derivative of digamma, n >= 1: each is the gradient of the one before."""

    __slots__ = ("n",)

    def __init__(self, n: int) -> None:
        self.n = n
        self.inplace = False

    def compute(self, x: torch.Tensor) -> torch.Tensor:
        return polygamma_of_tensor(self.n, x)

    def gx(self, gy: Any, x: Any) -> Any:
        return gy * polygamma(self.n + 1, x)


def polygamma(n: int, x: Any) -> Any:
    """The n-th derivative of digamma over a Tensor or a Variable."""
    return polygamma_of_tensor(n, x) if isinstance(x, torch.Tensor) else Polygamma(n)(x)


#: Bernoulli numbers B2, B4, ...
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330,
)  # fmt: skip


def polygamma_of_tensor(n: int, x: torch.Tensor) -> torch.Tensor:
    """Relative accuracy about 1e-14 for x > 0, less near the zeros of negative x.

    Computed in float64, whatever the dtype: by reflection for x < 1/2 (DLMF 5.15.6), recurrence up
    to 12 + n (5.15.5) and the asymptotic series from there on (5.15.8).
    """
    exact = x.double()
    mirrored = exact < 0.5
    positive = torch.where(mirrored, 1 - exact, exact)
    sign = -1 if n % 2 == 0 else 1
    factorial = math.factorial(n)

    total = torch.zeros_like(positive)
    shifted = positive
    for _ in range(12 + n):
        total = total + inverse_power(shifted, n + 1)
        shifted = shifted + 1
    # (n - 1)! / z^n + n! / (2 z^(n + 1)) + sum of B2k (2k + n - 1)! / (2k)! / z^(2k + n)
    inverse = shifted.reciprocal()
    square = inverse * inverse
    series = torch.zeros_like(positive)
    for k in range(len(_BERNOULLI), 0, -1):
        ratio = math.factorial(2 * k + n - 1) / math.factorial(2 * k)
        series = (series + _BERNOULLI[k - 1] * ratio) * square
    series = series + math.factorial(n - 1) + inverse * (factorial / 2)
    result = (total * factorial + series * inverse_power(shifted, n)) * sign

    if bool(mirrored.any()):
        reflected = result * (-1 if n % 2 else 1) - cotangent_derivative(n, exact) * math.pi
        result = torch.where(mirrored, reflected, result)
    return result.type(x.dtype)


def inverse_power(x: torch.Tensor, n: int) -> torch.Tensor:
    """x ** -n for small n, by multiplication."""
    inverse = x.reciprocal()
    power = inverse
    for _ in range(n - 1):
        power = power * inverse
    return power


def cotangent_derivative(n: int, x: torch.Tensor) -> torch.Tensor:
    """The n-th derivative of cot(pi x): a polynomial in c = cot(pi x), as c' = -pi (1 + c^2)."""
    coefficients = [0.0, 1.0]
    for _ in range(n):
        slopes = [i * a for i, a in enumerate(coefficients)][1:]
        coefficients = [0.0] * (len(slopes) + 2)
        for i, a in enumerate(slopes):
            coefficients[i] -= math.pi * a
            coefficients[i + 2] -= math.pi * a
    cotangent = 1 / ((x - x.round()) * math.pi).tan()
    result = torch.zeros_like(x)
    for a in reversed(coefficients):
        result = result * cotangent + a
    return result
