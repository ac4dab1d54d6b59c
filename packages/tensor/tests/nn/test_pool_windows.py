"""Pooling in 1 to 3 dimensions over strided, adaptive and random windows, against loops."""

import numpy
import pytest
import torch
from torch._C import (
    adaptive_avg_pool,
    adaptive_avg_pool_input_grad,
    adaptive_max_pool,
    avg_pool,
    avg_pool_input_grad,
    fractional_max_pool,
    max_pool,
    max_pool_input_grad,
    max_unpool,
)


def strided(size, kernel, stride, padding, ceil_mode=False, include=True):
    """Per dimension a list of (begin, end, count)."""
    lists = []
    for n, k, s, p in zip(size, kernel, stride, padding):
        room = n + 2 * p - k
        count = (-(-room // s) if ceil_mode else room // s) + 1
        if ceil_mode and (count - 1) * s >= n + p:
            count -= 1
        one = []
        for i in range(count):
            begin, end = i * s - p, min(i * s - p + k, n + p)
            inside = (max(begin, 0), min(end, n))
            one.append((*inside, end - begin if include else inside[1] - inside[0]))
        lists.append(one)
    return lists


def adaptive(size, output_size):
    return [
        [(i * n // m, -(-(i + 1) * n // m), -(-(i + 1) * n // m) - i * n // m) for i in range(m)]
        for n, m in zip(size, output_size)
    ]


def fractional(size, kernel, output_size, samples):
    lists = []
    for n, k, m, u in zip(size, kernel, output_size, samples):
        step = (n - k) / (m - 1) if m > 1 else 0
        starts = [int((i + u) * step) - int(u * step) for i in range(m - 1)] + [n - k]
        lists.append([(s, s + k, k) for s in starts])
    return lists


def means(x, windows):
    out = numpy.zeros((*x.shape[:2], *map(len, windows)))
    for o in numpy.ndindex(*out.shape[2:]):
        chosen = [w[i] for w, i in zip(windows, o)]
        part = x[(..., *[slice(b, e) for b, e, _ in chosen])]
        total = part.sum(tuple(range(2, x.ndim)))
        out[(..., *o)] = total / numpy.prod([c for *_, c in chosen])
    return out


def mean_grads(gy, size, windows):
    gx = numpy.zeros(size)
    for o in numpy.ndindex(*gy.shape[2:]):
        chosen = [w[i] for w, i in zip(windows, o)]
        share = gy[(..., *o)] / numpy.prod([c for *_, c in chosen])
        gx[(..., *[slice(b, e) for b, e, _ in chosen])] += share.reshape(
            *share.shape, *[1] * len(o)
        )
    return gx


def maxima(x, windows):
    out = numpy.zeros((*x.shape[:2], *map(len, windows)))
    at = numpy.zeros(out.shape, "int64")
    places = numpy.arange(numpy.prod(x.shape[2:])).reshape(x.shape[2:])
    for n, c, *o in numpy.ndindex(*out.shape):
        part = tuple([slice(*w[i][:2]) for w, i in zip(windows, o)])
        values, where = x[n, c][part].ravel(), places[part].ravel()
        k = int(values.argmax())
        out[(n, c, *o)], at[(n, c, *o)] = values[k], where[k]
    return out, at


# size, kernel, stride, padding
STRIDED = {
    "1d": ((2, 3, 11), (3,), (2,), (1,)),
    "2d": ((2, 3, 8, 9), (3, 2), (2, 1), (1, 1)),
    "2d side by side": ((2, 3, 8, 6), (2, 2), (2, 2), (0, 0)),
    "3d": ((2, 2, 5, 6, 7), (2, 3, 2), (1, 2, 3), (1, 1, 0)),
    "whole": ((2, 3, 4, 5), (4, 5), (1, 1), (0, 0)),
    "no batch": ((0, 2, 4), (2,), (2,), (0,)),
}
strided_cases = pytest.mark.parametrize("case", STRIDED.values(), ids=STRIDED.keys())
# size, output size
ADAPTIVE = {
    "1d": ((2, 3, 11), (4,)),
    "2d": ((2, 3, 8, 9), (3, 9)),
    "3d": ((2, 2, 5, 6, 7), (2, 6, 1)),
    "more than there are": ((1, 2, 3, 4), (7, 5)),
}
adaptive_cases = pytest.mark.parametrize("case", ADAPTIVE.values(), ids=ADAPTIVE.keys())


@strided_cases
@pytest.mark.parametrize("ceil_mode", [False, True], ids=["floor", "ceil"])
@pytest.mark.parametrize("include", [False, True], ids=["inside", "with padding"])
def test_avg_pool(case, ceil_mode, include, close, values, tensor, unchanged, layouts):
    size, *options = case
    windows = strided(size[2:], *options, ceil_mode, include)
    x = values(*size)
    y = unchanged(avg_pool, tensor(x), *options, ceil_mode, include)
    close(y, means(x, windows))
    gy = values(*y.shape, seed=1)
    given = (size, *options, ceil_mode, include)
    close(unchanged(avg_pool_input_grad, tensor(gy), *given), mean_grads(gy, size, windows))
    for tx, tg in zip(layouts(x), layouts(gy)):
        close(avg_pool(tx, *options, ceil_mode, include), means(x, windows))
        close(avg_pool_input_grad(tg, *given), mean_grads(gy, size, windows))


@strided_cases
def test_max_pool(case, close, values, tensor, unchanged):
    size, kernel, stride, padding = case
    x = values(*size)
    ones = (1,) * len(kernel)
    y, at = unchanged(max_pool, tensor(x), kernel, stride, padding, ones, False)
    expected, places = maxima(x, strided(size[2:], kernel, stride, padding))
    close(y, expected)
    numpy.testing.assert_array_equal(at.numpy(), places)
    gy = values(*y.shape, seed=1)
    grad = unchanged(max_pool_input_grad, tensor(gy), at, size).numpy()
    grad = grad.reshape(*size[:2], int(numpy.prod(size[2:])))
    sums = numpy.zeros(grad.shape)
    for n, c, *o in numpy.ndindex(*gy.shape):
        sums[n, c, places[(n, c, *o)]] += gy[(n, c, *o)]
    numpy.testing.assert_allclose(grad, sums, rtol=1e-5, atol=1e-6)


@adaptive_cases
def test_adaptive(case, close, values, tensor, unchanged):
    size, output_size = case
    windows = adaptive(size[2:], output_size)
    x = values(*size)
    y = unchanged(adaptive_avg_pool, tensor(x), output_size)
    close(y, means(x, windows))
    gy = values(*y.shape, seed=1)
    grad = unchanged(adaptive_avg_pool_input_grad, tensor(gy), size)
    close(grad, mean_grads(gy, size, windows))
    y, at = unchanged(adaptive_max_pool, tensor(x), output_size)
    expected, places = maxima(x, windows)
    close(y, expected)
    numpy.testing.assert_array_equal(at.numpy(), places)


@pytest.mark.parametrize(
    ("size", "kernel", "output_size"),
    [((2, 3, 11, 9), (2, 3), (5, 4)), ((1, 2, 9), (3,), (1,)),
     ((2, 1, 5, 6, 7), (2, 2, 2), (4, 3, 2)), ((0, 2, 5, 5), (2, 2), (3, 3))],
)  # fmt: skip
def test_fractional(size, kernel, output_size, close, values, tensor, unchanged, dtype):
    x = values(*size)
    samples = numpy.random.default_rng(3).random((*size[:2], len(kernel))).astype(dtype)
    y, at = unchanged(fractional_max_pool, tensor(x), kernel, output_size, tensor(samples))
    assert tuple(y.shape) == (*size[:2], *output_size)
    for n, c in numpy.ndindex(*size[:2]):
        windows = fractional(size[2:], kernel, output_size, samples[n, c].astype("float64"))
        expected, places = maxima(x[n : n + 1, c : c + 1], windows)
        close(y[n : n + 1, c : c + 1], expected)
        numpy.testing.assert_array_equal(at.numpy()[n : n + 1, c : c + 1], places)


def test_unpool(close, values, tensor, unchanged):
    x = values(2, 3, 8, 6)
    y, at = max_pool(tensor(x), (2, 2), (2, 2), (0, 0), (1, 1), False)
    back = unchanged(max_unpool, y, at, (2, 3, 8, 6))
    expected = numpy.zeros((2, 3, 48))
    for n, c, i, j in numpy.ndindex(*y.shape):
        expected[n, c, int(at[n, c, i, j])] = float(y[n, c, i, j])
    close(back, expected.reshape(2, 3, 8, 6))
    # windows that overlap share their largest element, which is not added up
    y, at = max_pool(tensor(x), (3, 3), (1, 1), (1, 1), (1, 1), False)
    assert float(max_unpool(y, at, (2, 3, 8, 6)).max()) == float(y.max())


def test_errors():
    x, at = torch.zeros(1, 2, 4, 4), torch.zeros(1, 2, 2, 2).long()
    two, none = (2, 2), (0, 0)
    for call, error, text in [
        (lambda: avg_pool(x.long(), two, two, none, False, True), TypeError, "avg_pool: exp"),
        (lambda: avg_pool(x, two, two, (2, 0), False, True), ValueError, "avg_pool: .*half"),
        (lambda: avg_pool(x[0, 0], two, two, none, False, True), ValueError, "avg_pool: .*batch"),
        (lambda: avg_pool_input_grad(x, (1, 2, 4, 4), two, two, none, False, True), ValueError,
         r"avg_pool_input_grad: expected grad_output of size \(1, 2, 2, 2\)"),
        (lambda: adaptive_avg_pool(x, (0, 2)), ValueError, "adaptive_avg_pool: .*of 1 to"),
        (lambda: adaptive_avg_pool(x, (2,)), ValueError, "output_size of 2 numbers"),
        (lambda: adaptive_max_pool(x[:, :, :0], two), ValueError, "expected spatial sizes of 1 to"),
        (lambda: adaptive_avg_pool_input_grad(x, (1, 3, 4, 4)), ValueError,
         r"adaptive_avg_pool_input_grad: expected grad_output of size \(1, 3, 4, 4\)"),
        (lambda: adaptive_avg_pool_input_grad(x[0, 0], (1, 3)), ValueError, "grad_output of size"),
        (lambda: fractional_max_pool(x, two, (4, 2), torch.zeros(1, 2, 2)), ValueError,
         "fractional_max_pool: expected an output of at most 3 in dimension 2 .*got 4"),
        (lambda: fractional_max_pool(x, two, two, torch.ones(1, 2, 2)), ValueError,
         r"expected samples in \[0, 1\), got 1 at \(0, 0, 0\)"),
        (lambda: fractional_max_pool(x, two, two, torch.zeros(1, 2, 3)), ValueError,
         r"expected samples of size \(1, 2, 2\)"),
        (lambda: fractional_max_pool(x, two, two, torch.zeros(1, 2, 2).double()), TypeError,
         "expected samples to be a FloatTensor"),
        (lambda: max_unpool(x, at, (1, 2, 4, 4)), ValueError, "max_unpool: expected input of"),
        (lambda: max_unpool(x[:, :, :2, :2], at + 16, (1, 2, 4, 4)), IndexError,
         "max_unpool: index 16 at .* out of range for planes of 16 elements"),
    ]:  # fmt: skip
        with pytest.raises(error, match=text):
            call()
