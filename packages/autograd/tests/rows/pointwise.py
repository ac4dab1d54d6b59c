"""Rows of element-wise operations."""

import torch

from rows import MASK, Row, apart, constant, maker, positive, real, row, singular, unit

NAN, INF = float("nan"), float("inf")


def beyond_one(*size: int):
    """Between 1.2 and 2.7."""
    return maker(f"beyond_one{size}", lambda: torch.rand(*size, dtype=torch.float64) * 1.5 + 1.2)


def below_zero(*size: int):
    """Between -2.9 and -2.1: negative, and between two poles of the gamma function."""
    return maker(f"below_zero{size}", lambda: torch.rand(*size, dtype=torch.float64) * 0.8 - 2.9)


def doubles(*values: float):
    return constant(torch.DoubleTensor(list(values)))


UNARY = [
    row("abs", apart(2, 3)),
    row("acos", unit(2, 3)),
    row("acosh", beyond_one(2, 3)),
    row("asin", unit(2, 3)),
    row("asinh", real(2, 3)),
    row("atan", real(2, 3)),
    row("atanh", unit(2, 3)),
    row("ceil", apart(2, 3)),
    row("cos", real(2, 3)),
    row("cosh", real(2, 3)),
    row("deg2rad", real(2, 3)),
    row("digamma", positive(2, 3)),
    row("digamma", below_zero(2, 3)),
    row("erf", real(2, 3)),
    row("erfc", real(2, 3)),
    row("erfinv", unit(2, 3)),
    row("exp", real(2, 3)),
    row("exp", real(1)),
    row("exp", real()),
    row("exp", real(2, 1, 3)),
    row("exp2", real(2, 3)),
    row("expm1", real(2, 3)),
    row("floor", apart(2, 3)),
    row("frac", apart(2, 3)),
    row("lgamma", positive(2, 3)),
    row("lgamma", below_zero(2, 3)),
    row("log", positive(2, 3)),
    row("log10", positive(2, 3)),
    row("log1p", positive(2, 3)),
    row("log2", positive(2, 3)),
    row("nan_to_num", real(2, 3)),
    row("nan_to_num", real(2, 3), 1, posinf=2, neginf=3),
    row("neg", real(2, 3)),
    row("rad2deg", real(2, 3)),
    row("reciprocal", positive(2, 3)),
    row("round", apart(2, 3)),
    row("rsqrt", positive(2, 3)),
    row("sigmoid", real(2, 3)),
    row("sign", apart(2, 3)),
    row("sin", real(2, 3)),
    row("sinh", real(2, 3)),
    row("sqrt", positive(2, 3)),
    row("square", real(2, 3)),
    row("tan", unit(2, 3)),
    row("tanh", real(2, 3)),
    row("trunc", apart(2, 3)),
]

BINARY = [
    # every way of broadcasting
    row("add", real(2, 3), real(2, 3)),
    row("add", real(2, 3), real(3)),
    row("add", real(1, 3), real(2, 1)),
    row("add", real(1), real(2, 3)),
    row("add", real(3), real(1, 3)),
    row("add", real(), real(3)),
    row("add", real(2, 3), 2, real(3)),
    row("add", real(2, 3), real(3), alpha=2),
    row("add", real(2, 3), value=2.5),
    row("add", real(2, 3), 2.5),
    row("add", 2.5, real(2, 3)),
    row("sub", real(2, 3), real(3)),
    row("sub", real(2, 3), 2, real(3)),
    row("sub", real(2, 3), 2.5),
    row("sub", 2.5, real(2, 3)),
    row("mul", real(2, 3), real(2, 3)),
    row("mul", real(2, 1, 3), real(4, 1)),
    row("mul", real(2, 3), 2.5),
    row("mul", 2.5, real(2, 3)),
    row("div", real(2, 3), positive(3)),
    row("div", real(2, 3), 2.5),
    row("div", 2.5, positive(2, 3)),
    row("pow", positive(2, 3), real(3)),
    row("pow", positive(2, 3), singular(2, 3)),
    row("pow", real(2, 3), 2),
    row("pow", real(2, 3), 3),
    row("pow", real(2, 3), 0),
    row("pow", positive(2, 3), exponent=-1.5),
    row("pow", 2.5, real(2, 3)),
    row("float_power", positive(2, 3), real(3)),
    row("float_power", positive(2, 3), 2.5),
    row("float_power", 2.5, real(2, 3)),
    row("floor_divide", apart(2, 3), positive(3)),
    row("floor_divide", apart(2, 3), 1),
    row("floor_divide", 1, positive(2, 3)),
    row("remainder", apart(2, 3), doubles(1, 1, 1)),
    row("remainder", doubles(7, -5), positive(1)),
    row("remainder", apart(2, 3), 1),
    row("remainder", 7, positive(2, 3)),
    row("fmod", apart(2, 3), doubles(1, 1, 1)),
    row("fmod", doubles(7, -5), positive(1)),
    row("fmod", apart(2, 3), 1),
    row("fmod", 7, positive(2, 3)),
    row("maximum", apart(2, 3), positive(1)),
    row("maximum", apart(2, 3), 0),
    row("maximum", 0, apart(2, 3)),
    row("minimum", apart(2, 3), positive(1)),
    row("minimum", apart(2, 3), 0),
    row("minimum", 0, apart(2, 3)),
    row("fmax", apart(2, 3), positive(1)),
    row("fmax", apart(2, 3), doubles(NAN, 0, 1)),
    row("fmax", doubles(NAN, 0, 1), apart(2, 3)),
    row("fmax", apart(2, 3), 0),
    row("fmin", apart(2, 3), positive(1)),
    row("fmin", apart(2, 3), doubles(NAN, 0, 1)),
    row("fmin", doubles(NAN, 0, 1), apart(2, 3)),
    row("fmin", 0, apart(2, 3)),
    row("atan2", positive(2, 3), real(3)),
    row("atan2", positive(2, 3), 0.5),
    row("hypot", positive(2, 3), real(3)),
    row("hypot", 0.5, positive(2, 3)),
    row("copysign", apart(2, 3), apart(3)),
    row("copysign", apart(2, 3), -1),
    row("heaviside", apart(2, 3), real(3)),
    row("heaviside", doubles(-1, 0, 1), real(2, 3)),
    row("ldexp", real(2, 3), real(3)),
    row("ldexp", real(2, 3), 2),
    row("ldexp", real(2, 3), constant(torch.LongTensor([1, 2, -3]))),
    row("logaddexp", real(2, 3), real(3)),
    row("logaddexp", real(2, 3), 0.5),
    row("logaddexp", real(3), doubles(-INF, 1e6, -1e6)),
    row("logaddexp2", real(2, 3), real(3)),
]

NARY = [
    row("clamp", apart(2, 3), -0.5, 0.5),
    row("clamp", apart(2, 3), max=0.5),
    row("clamp", apart(2, 3), min=-0.5),
    row("clamp", apart(2, 3), unit(3), 1.1),
    row("clamp", apart(2, 3), None, unit(3)),
    row("clamp", apart(2, 3), -0.9, unit(2, 1)),
    row("addcmul", real(2, 3), real(2, 3), real(3)),
    row("addcmul", real(2, 3), 0.3, real(2, 3), real(3)),
    row("addcmul", real(2, 3), real(2, 3), real(3), value=0.3),
    row("addcdiv", real(2, 3), real(2, 3), positive(3)),
    row("addcdiv", real(2, 3), 0.3, real(2, 3), positive(3)),
    row("lerp", real(2, 3), real(3), 0.3),
    row("lerp", real(2, 3), real(3), unit(2, 1)),
    row("where", MASK, real(2, 3), real(3), call=torch.where),
    row("where", MASK, real(2, 3), 1.5, call=torch.where),
    row("where", MASK, 1.5, real(2, 3), call=torch.where),
    row("where", MASK, real(1), real(2, 1), call=torch.where),
    row("where", True, real(2, 3), real(3), call=torch.where),
]

ROWS: list[Row] = UNARY + BINARY + NARY
