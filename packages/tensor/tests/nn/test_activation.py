"""The private activations and their gradients against formulas in long double."""

import numpy
import pytest
import torch
from scipy import special

C = torch._C


def sigmoid(x):
    return special.expit(x)


def softplus(x):
    return numpy.logaddexp(0, x)


def cdf(x):
    return special.ndtr(x)


def density(x):
    return numpy.exp(-x * x / 2) / numpy.sqrt(2 * numpy.pi)


def gate(x):
    return sigmoid(2 * numpy.sqrt(2 / numpy.pi) * (x + 0.044715 * x**3))


def gate_slope(x):
    s = gate(x)
    return s * (1 - s) * 2 * numpy.sqrt(2 / numpy.pi) * (1 + 3 * 0.044715 * x * x)


def mish_gate(x):
    return numpy.tanh(softplus(x))


# name, constants, value, derivative (of the input; of the output where there is no value)
ROWS = [
    ("leaky_relu", (0.1,), lambda x, a: numpy.where(x > 0, x, a * x),
     lambda x, a: numpy.where(x > 0, 1, a)),
    ("elu", (1.7, 1.05), lambda x, n, s: numpy.where(x > 0, s * x, n * numpy.expm1(x)),
     lambda x, n, s: numpy.where(x > 0, s, n * numpy.exp(x))),
    ("hardshrink", (0.5,), lambda x, d: numpy.where(abs(x) > d, x, 0), None),
    ("softshrink", (0.5,), lambda x, d: numpy.sign(x) * numpy.maximum(abs(x) - d, 0), None),
    ("shrink", (0.5,), None, lambda x, d: (abs(x) > d) * 1.0),
    ("hardtanh", (-0.5, 0.7), None, lambda x, a, b: ((x > a) & (x < b)) * 1.0),
    ("softplus", (1.5, 20), lambda x, b, t: softplus(b * x) / b, lambda x, b, t: sigmoid(b * x)),
    ("softplus", (2, 1), lambda x, b, t: numpy.where(b * x > t, x, softplus(b * x) / b),
     lambda x, b, t: numpy.where(b * x > t, 1, sigmoid(b * x))),
    ("log_sigmoid", (), lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    ("gelu", (), lambda x: x * cdf(x), lambda x: cdf(x) + x * density(x)),
    ("gelu_tanh", (), lambda x: x * gate(x), lambda x: gate(x) + x * gate_slope(x)),
    ("silu", (), lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x))),
    ("mish", (), lambda x: x * mish_gate(x),
     lambda x: mish_gate(x) + x * (1 - mish_gate(x) ** 2) * sigmoid(x)),
    ("softsign", (), lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    ("tanhshrink", (), lambda x: x - numpy.tanh(x), lambda x: numpy.tanh(x) ** 2),
    ("sigmoid", (), None, lambda y: y * (1 - y)),
    ("tanh", (), None, lambda y: 1 - y * y),
]  # fmt: skip
SPECIAL = [0.0, -0.0, 1e-5, -1e-5, 30.0, -30.0, 90.0, -90.0]
forward = pytest.mark.parametrize("row", [r for r in ROWS if r[2]], ids=lambda r: f"{r[0]}{r[1]}")
backward = pytest.mark.parametrize("row", [r for r in ROWS if r[3]], ids=lambda r: f"{r[0]}{r[1]}")


def inputs(values):
    x = values(5, 41) * 3
    x.flat[: len(SPECIAL)] = numpy.float32(SPECIAL)
    return x


@forward
def test_values(row, close, values, tensor, unchanged, layouts):
    name, constants, value, _ = row
    x = inputs(values)
    expected = value(x, *constants)
    close(unchanged(getattr(C, name), tensor(x), *constants), expected)
    for t in layouts(x):
        close(getattr(C, name)(t, *constants), expected)
        assert getattr(C, name + "_")(t, *constants) is t
        close(t, expected)
    assert getattr(C, name)(tensor(x)[:0], *constants).shape == (0, 41)


# x - tanh(x) cancels by definition, the shrinks are 0 near 0
@pytest.mark.parametrize(
    "row", [r for r in ROWS if r[2] and "shrink" not in r[0]], ids=lambda r: f"{r[0]}{r[1]}"
)
def test_small_values_keep_their_digits(row, dtype):
    """Near 0 the formulas cancel where they are written carelessly."""
    name, constants, value, _ = row
    x = numpy.float32([1e-3, -1e-3, 1e-6, -1e-6]).astype("float64")
    actual = getattr(C, name)(torch.from_numpy(x.astype(dtype)), *constants).numpy()
    tolerance = 1e-6 if dtype == "float32" else 1e-14
    numpy.testing.assert_allclose(actual, value(x, *constants), rtol=tolerance)


@backward
def test_gradients(row, close, values, tensor, unchanged, layouts):
    name, constants, _, derivative = row
    x = inputs(values)
    if row[2] is None and name in ("sigmoid", "tanh"):
        x = numpy.tanh(x)
    g = values(*x.shape, seed=1)
    expected = g * derivative(x, *constants)
    function = getattr(C, name + "_input_grad")
    close(unchanged(function, tensor(g), tensor(x), *constants), expected)
    for t in layouts(x):
        close(function(tensor(g), t, *constants), expected)


def test_gelu_ends(dtype):
    """Infinities, a zero of either sign, and the tail that keeps its digits."""
    x = numpy.array([numpy.inf, -numpy.inf, 0.0, -0.0, 13.0, -13.0, -5.5], dtype=dtype)
    exact = x.astype("float64")[4:]
    y = C.gelu(torch.from_numpy(x)).numpy()
    numpy.testing.assert_array_equal(y[:4], [numpy.inf, 0, 0, 0])
    assert list(numpy.signbit(y[2:4])) == [False, True]
    tolerance = 3e-6 if dtype == "float32" else 1e-13
    numpy.testing.assert_allclose(y[4:], exact * cdf(exact), rtol=tolerance)
    slope = C.gelu_input_grad(torch.from_numpy(numpy.ones_like(x)), torch.from_numpy(x)).numpy()
    numpy.testing.assert_array_equal(slope[:4], [1, 0, 0.5, 0.5])


@forward
def test_nan_passes(row, tensor):
    name, constants, _, _ = row
    assert numpy.isnan(getattr(C, name)(tensor(numpy.array([numpy.nan])), *constants).numpy()).all()


@backward
def test_operands_of_any_stride(row, values, tensor):
    """The same numbers as from contiguous operands, over several blocks of elements."""
    name, constants, _, _ = row
    function = getattr(C, name + "_input_grad")
    g, x = tensor(values(1, 1)).expand(2, 1301), tensor(values(4, 2602))[::2, ::2]
    expected = function(g.contiguous(), x.contiguous(), *constants).numpy()
    assert numpy.array_equal(function(g, x, *constants).numpy(), expected)
    columns = x.t().contiguous().t()
    assert numpy.array_equal(function(g, columns, *constants).numpy(), expected)
    column = tensor(values(2, 1)).expand(2, 1301)
    expected = function(column.contiguous(), x.contiguous(), *constants).numpy()
    assert numpy.array_equal(function(column, x, *constants).numpy(), expected)


def test_slopes_may_be_a_tensor(close, values, tensor):
    x, slope = values(2, 3, 4), values(3, 1, seed=1)
    close(C.leaky_relu(tensor(x), tensor(slope)), numpy.where(x > 0, x, slope * x))
    g = values(2, 3, 4, seed=2)
    actual = C.leaky_relu_input_grad(tensor(g), tensor(x), tensor(slope))
    close(actual, numpy.where(x > 0, g, slope * g))


def test_errors():
    with pytest.raises(TypeError, match="^elu: got .*expected"):
        C.elu(torch.ones(2))
    with pytest.raises(ValueError, match="^silu_input_grad: .*broadcast"):
        C.silu_input_grad(torch.ones(2), torch.ones(3))
    with pytest.raises(RuntimeError, match="expanded"):
        C.silu_(torch.ones(1).expand(3))
