"""log_softmax and its gradient against SciPy."""

import numpy
import pytest
import torch
from scipy.special import log_softmax as scipy_log_softmax
from torch._C import log_softmax, log_softmax_input_grad

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


@sizes
def test_log_softmax(size, dim, close, values, tensor, unchanged):
    x = 3 * values(*size)
    expected = scipy_log_softmax(x, axis=dim) if x.size else x
    close(unchanged(log_softmax, tensor(x), dim), expected)


@sizes
def test_input_grad(size, dim, close, values, tensor, unchanged):
    y, gy = values(*size), values(*size, seed=1)
    if y.size:
        y = scipy_log_softmax(y, axis=dim)
    ty, tg = tensor(y), tensor(gy)
    y = ty.numpy().astype("float64")
    expected = gy - numpy.exp(y) * gy.sum(dim, keepdims=True)
    close(unchanged(log_softmax_input_grad, tg, ty, dim), expected)


@pytest.mark.parametrize(("size", "dim"), [((4, 6), 1), ((4, 300), 1), ((6, 4), 0)])
def test_layouts(size, dim, close, values, layouts):
    x, gy = values(*size), values(*size, seed=1)
    expected_grad = gy - numpy.exp(x) * gy.sum(dim, keepdims=True)
    for tx, tg in zip(layouts(x), layouts(gy)):
        close(log_softmax(tx, dim), scipy_log_softmax(x, axis=dim))
        close(log_softmax_input_grad(tg, tx, dim), expected_grad)


def test_expanded(close, values, tensor):
    x = values(1, 5)
    close(log_softmax(tensor(x).expand(3, 5), 1), scipy_log_softmax(numpy.repeat(x, 3, 0), axis=1))
    close(log_softmax(tensor(x).expand(3, 5), 0), numpy.full((3, 5), -numpy.log(3)))


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
    y = log_softmax(t, dim).numpy()
    y = y if dim == 1 else y.T
    assert y[0, 0] == 0 and (y[0, 1:] < -1e29).all()
    numpy.testing.assert_allclose(y[1, 1:], -numpy.log(n - 1), rtol=1e-6)
    assert y[2, 1] == -numpy.inf
    numpy.testing.assert_allclose(numpy.delete(y[2], 1), -numpy.log(n - 1), rtol=1e-6)
    assert numpy.isnan(y[3:]).all()


def test_long_sum_in_float32():
    # 2^22 equal elements: adding them one by one in float32 would stop at 2^24 and err before
    n = 1 << 22
    y = log_softmax(torch.zeros(1, n).float(), 1)
    numpy.testing.assert_allclose(y.numpy()[0, :3], -numpy.log(n), rtol=1e-7)


def test_errors():
    x = torch.zeros(2, 3).float()
    with pytest.raises(
        TypeError, match="log_softmax: expected input to be a Float.*got LongTensor"
    ):
        log_softmax(x.long(), 1)
    with pytest.raises(
        IndexError, match="log_softmax: dimension 2 is out of range, expected -2 to 1"
    ):
        log_softmax(x, 2)
    with pytest.raises(IndexError, match="log_softmax_input_grad: dimension -3 is out of range"):
        log_softmax_input_grad(x, x, -3)
    with pytest.raises(TypeError, match="log_softmax_input_grad: expected output to be a Float"):
        log_softmax_input_grad(x, x.long(), 1)
    with pytest.raises(
        TypeError, match="expected grad_output to be a FloatTensor, got DoubleTensor"
    ):
        log_softmax_input_grad(x.double(), x, 1)
    with pytest.raises(ValueError, match=r"expected grad_output of size \(2, 3\), got .*\(2, 2\)"):
        log_softmax_input_grad(torch.zeros(2, 2).float(), x, 1)
