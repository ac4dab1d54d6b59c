"""softmax, log_softmax and their gradients against SciPy."""

import numpy
import pytest
import torch
from scipy import special
from torch import _C as C

SIZES = [
    ((7,), 0),
    ((64, 10), 1),
    ((64, 10), 0),
    ((3, 1), 1),
    ((5, 128), -1),
    ((5, 129), -1),
    ((3, 1500), 1),
    ((1500, 3), 0),
    ((2, 5, 4, 3), 1),
    ((2, 5, 700), 1),
    ((2, 3, 5, 4), 2),
    ((600, 100), 1),
    ((0, 4), 1),
    ((4, 0), 1),
]
sizes = pytest.mark.parametrize(("size", "dim"), SIZES, ids=str)


def log_grad(gy, y, dim):
    return gy - numpy.exp(y) * gy.sum(dim, keepdims=True)


def grad(gy, y, dim):
    return y * (gy - (gy * y).sum(dim, keepdims=True))


# name, value, gradient from the output
ROWS = [("log_softmax", special.log_softmax, log_grad), ("softmax", special.softmax, grad)]
rows = pytest.mark.parametrize("row", ROWS, ids=lambda r: r[0])


@rows
@sizes
def test_values(row, size, dim, close, values, tensor, unchanged):
    name, value, _ = row
    x = 3 * values(*size)
    expected = value(x, axis=dim) if x.size else x
    close(unchanged(getattr(C, name), tensor(x), dim), expected)


@rows
@sizes
def test_input_grad(row, size, dim, close, values, tensor, unchanged):
    name, value, gradient = row
    y, gy = values(*size), values(*size, seed=1)
    if y.size:
        y = value(y, axis=dim)
    ty, tg = tensor(y), tensor(gy)
    y = ty.numpy().astype("float64")
    close(unchanged(getattr(C, name + "_input_grad"), tg, ty, dim), gradient(gy, y, dim))


@rows
@pytest.mark.parametrize(("size", "dim"), [((4, 6), 1), ((4, 300), 1), ((6, 4), 0)])
def test_layouts(row, size, dim, close, values, layouts):
    name, value, gradient = row
    x, gy = values(*size), values(*size, seed=1)
    for tx, tg in zip(layouts(x), layouts(gy)):
        close(getattr(C, name)(tx, dim), value(x, axis=dim))
        close(getattr(C, name + "_input_grad")(tg, tx, dim), gradient(gy, x, dim))


@rows
def test_expanded(row, close, values, tensor):
    name, value, _ = row
    x = values(1, 5)
    rows_of_x = tensor(x).expand(3, 5)
    for dim in (0, 1):
        close(getattr(C, name)(rows_of_x, dim), value(numpy.repeat(x, 3, 0), axis=dim))


@pytest.mark.parametrize("n", [4, 200], ids=["short row", "long row"])
@pytest.mark.parametrize("dim", [0, 1])
def test_extreme_values(n, dim, dtype, tensor):
    # row after row: far up, far down, one minus infinity, all minus infinity, NaN, plus infinity
    x = numpy.zeros((6, n))
    x[0], x[0, 0] = 1e30, 2e30
    x[1], x[1, 0] = -1e30, -2e30
    x[2, 1] = -numpy.inf
    x[3] = -numpy.inf
    x[4, n - 1] = numpy.nan
    x[5, 2] = numpy.inf
    t = tensor(x if dim == 1 else x.T)
    y, p = C.log_softmax(t, dim).numpy(), C.softmax(t, dim).numpy()
    y, p = (y, p) if dim == 1 else (y.T, p.T)
    assert y[0, 0] == 0 and (y[0, 1:] < -1e29).all()
    numpy.testing.assert_allclose(y[1, 1:], -numpy.log(n - 1), rtol=1e-6)
    assert y[2, 1] == -numpy.inf
    numpy.testing.assert_allclose(numpy.delete(y[2], 1), -numpy.log(n - 1), rtol=1e-6)
    assert numpy.isnan(y[3:]).all()
    numpy.testing.assert_allclose(p[:3], numpy.exp(y[:3]), rtol=1e-5)
    assert p[2, 1] == 0 and numpy.isnan(p[3:]).all()


def test_long_sum_in_float32():
    # 2^22 equal elements: adding them one by one in float32 would stop at 2^24 and err before
    n = 1 << 22
    y = C.log_softmax(torch.zeros(1, n).float(), 1)
    numpy.testing.assert_allclose(y.numpy()[0, :3], -numpy.log(n), rtol=1e-7)
    y = C.softmax(torch.zeros(1, n).float(), 1)
    numpy.testing.assert_allclose(y.numpy()[0, :3], 1 / n, rtol=1e-7)


@pytest.mark.parametrize("name", ["log_softmax", "softmax"])
def test_errors(name):
    x = torch.zeros(2, 3).float()
    forward, backward = getattr(C, name), getattr(C, name + "_input_grad")
    with pytest.raises(TypeError, match=f"^{name}: expected input to be a Float.*got LongTensor"):
        forward(x.long(), 1)
    with pytest.raises(IndexError, match=f"^{name}: dimension 2 is out of range, expected -2 to 1"):
        forward(x, 2)
    with pytest.raises(IndexError, match=f"^{name}_input_grad: dimension -3 is out of range"):
        backward(x, x, -3)
    with pytest.raises(TypeError, match=f"^{name}_input_grad: expected output to be a Float"):
        backward(x, x.long(), 1)
    with pytest.raises(
        TypeError, match="expected grad_output to be a FloatTensor, got DoubleTensor"
    ):
        backward(x.double(), x, 1)
    with pytest.raises(ValueError, match=r"expected grad_output of size \(2, 3\), got .*\(2, 2\)"):
        backward(torch.zeros(2, 2).float(), x, 1)
