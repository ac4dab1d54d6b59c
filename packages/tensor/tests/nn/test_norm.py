"""Batch and layer normalization, and their gradients, against the formulas."""

import numpy
import pytest
import torch
from torch._C import batch_norm, batch_norm_grad, batch_norm_stats, layer_norm, layer_norm_grad

SIZES = [(4, 3), (7, 300), (5, 3, 2), (3, 5, 15), (3, 2, 16), (2, 3, 9, 11), (2, 70, 40, 40),
         (2, 3, 2, 3, 4), (1, 2, 3000)]  # fmt: skip
sizes = pytest.mark.parametrize("size", SIZES, ids=str)


def over(x):
    """All dimensions but the channels'."""
    return (0, *range(2, x.ndim))


def shaped(numbers, x):
    return numbers.reshape(-1, *[1] * (x.ndim - 2))


@sizes
def test_stats(size, close, values, tensor, unchanged, layouts):
    x = values(*size) + 3
    mean, variance = unchanged(batch_norm_stats, tensor(x))
    close(mean, x.mean(over(x)))
    close(variance, x.var(over(x)))
    if x.size < 1000:
        for t in layouts(x):
            close(batch_norm_stats(t)[1], x.var(over(x)))


def test_a_large_mean_does_not_hurt():
    x = numpy.random.default_rng(0).standard_normal((50, 4, 30)) + 1e6
    variance = batch_norm_stats(torch.from_numpy(x))[1].numpy()
    numpy.testing.assert_allclose(variance, x.var((0, 2)), rtol=1e-9)


@sizes
@pytest.mark.parametrize("affine", [True, False])
def test_values(size, affine, close, values, tensor, unchanged):
    x = values(*size)
    c = size[1]
    mean, scale = values(c, seed=1), abs(values(c, seed=2)) + 0.5
    weight, bias = (values(c, seed=3), values(c, seed=4)) if affine else (None, None)
    expected = (x - shaped(mean, x)) * shaped(scale, x)
    if affine:
        expected = expected * shaped(weight, x) + shaped(bias, x)
    tensors = [None if v is None else tensor(v) for v in (x, mean, scale, weight, bias)]
    close(unchanged(batch_norm, *tensors), expected)


@sizes
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_gradients(size, training, weighted, dtype, close, values, tensor, unchanged):
    x, gy = values(*size), values(*size, seed=1)
    weight = values(size[1], seed=2) if weighted else None
    mean = x.mean(over(x)) if training else values(size[1], seed=3)
    scale = 1 / numpy.sqrt(x.var(over(x)) + 0.1)
    tensors = [tensor(v) for v in (gy, x, mean, scale)]
    gx, gweight, gbias = unchanged(
        batch_norm_grad, *tensors, None if weight is None else tensor(weight), training
    )
    count = x.size / size[1]
    normal = (x - shaped(mean, x)) * shaped(scale, x)
    expected_weight, expected_bias = (gy * normal).sum(over(x)), gy.sum(over(x))
    expected = gy
    if training:
        expected = gy - shaped(expected_bias, x) / count
        expected = expected - normal * shaped(expected_weight, x) / count
    expected = expected * shaped(scale, x) * (1 if weight is None else shaped(weight, x))
    tolerance = 4e-6 if x.size > 1e5 else 1e-6  # of sums over thousands of elements
    if dtype == "float64":
        tolerance /= 1e8
    for actual, wanted in ((gx, expected), (gweight, expected_weight), (gbias, expected_bias)):
        assert tuple(actual.shape) == wanted.shape
        scale_of = max(1.0, abs(wanted).max())
        numpy.testing.assert_allclose(
            actual.numpy() / scale_of, wanted / scale_of, rtol=0, atol=tolerance
        )
    close(gbias, expected_bias)


def test_nothing_to_normalize():
    empty, channel = torch.ones(0, 3, 2), torch.ones(3)
    assert batch_norm(empty, channel, channel).shape == (0, 3, 2)
    gx, gweight, gbias = batch_norm_grad(empty, empty, channel, channel, None, True)
    assert gx.shape == (0, 3, 2) and gweight.tolist() == gbias.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match=r"batch_norm_stats: expected at least one .*\(0, 3, 2\)"):
        batch_norm_stats(empty)
    y, mean, scale = layer_norm(torch.ones(0, 3), (3,), None, None, 1e-5)
    assert y.shape == (0, 3) and mean.shape == scale.shape == (0,)
    gx, gweight, gbias = layer_norm_grad(y, y, (3,), mean, scale)
    assert gx.shape == (0, 3) and gweight.tolist() == gbias.tolist() == [0, 0, 0]


ROWS = [((4, 5), (5,)), ((2, 3, 7), (3, 7)), ((6, 700), (700,)), ((300, 64), (64,)), ((3,), (3,))]


@pytest.mark.parametrize(("size", "shape"), ROWS, ids=str)
@pytest.mark.parametrize("affine", ["weight and bias", "weight", "none"])
def test_layer_norm(size, shape, affine, close, values, tensor, unchanged, layouts):
    x, gy = values(*size), values(*size, seed=1)
    weight = values(*shape, seed=2) if "weight" in affine else None
    bias = values(*shape, seed=3) if "bias" in affine else None
    rows = x.reshape(-1, int(numpy.prod(shape)))
    mean = rows.mean(1)
    scale = 1 / numpy.sqrt(rows.var(1) + 0.1)
    normal = ((rows - mean[:, None]) * scale[:, None]).reshape(size)
    w, b = (numpy.float64(1) if weight is None else weight), (0 if bias is None else bias)
    given = [None if v is None else tensor(v) for v in (weight, bias)]
    y, mean_t, scale_t = unchanged(layer_norm, tensor(x), shape, *given, 0.1)
    close(y, normal * w + b)
    close(mean_t, mean)
    close(scale_t, scale)
    for t in layouts(x):
        close(layer_norm(t, shape, *given, 0.1)[0], normal * w + b)
    gx, gweight, gbias = unchanged(
        layer_norm_grad, tensor(gy), tensor(x), shape, mean_t, scale_t, given[0]
    )
    g = (gy * w).reshape(rows.shape)
    n = normal.reshape(rows.shape)
    expected = g - g.mean(1, keepdims=True) - n * (g * n).mean(1, keepdims=True)
    close(gx, (expected * scale[:, None]).reshape(size))
    close(gweight, (gy * normal).reshape(-1, *shape).sum(0))
    close(gbias, gy.reshape(-1, *shape).sum(0))


def test_errors():
    x, c = torch.ones(2, 3, 4), torch.ones(3)
    with pytest.raises(ValueError, match=r"batch_norm_stats: expected input of size \(batch, ch"):
        batch_norm_stats(c)
    with pytest.raises(TypeError, match="batch_norm: expected input to be a FloatTensor or Double"):
        batch_norm(x.long(), c, c)
    with pytest.raises(ValueError, match=r"batch_norm: expected mean of size \(3,\), got .*\(4,\)"):
        batch_norm(x, torch.ones(4), c)
    with pytest.raises(TypeError, match="batch_norm: expected weight to be a FloatTensor, got Dou"):
        batch_norm(x, c, c, c.double())
    with pytest.raises(ValueError, match=r"batch_norm_grad: expected grad_output of size \(2, 3, "):
        batch_norm_grad(torch.ones(2, 3, 5), x, c, c, None, True)
    with pytest.raises(ValueError, match=r"layer_norm: expected input whose last sizes are \(5,\)"):
        layer_norm(x, (5,), None, None, 0.0)
    with pytest.raises(ValueError, match=r"layer_norm: expected sizes of 1 or more, got \(0,\)"):
        layer_norm(torch.ones(2, 0), (0,), None, None, 0.0)
    with pytest.raises(ValueError, match="layer_norm: expected eps of at least 0, got -1"):
        layer_norm(x, (4,), None, None, -1.0)
    with pytest.raises(ValueError, match=r"layer_norm_grad: expected mean of size \(6,\), got .*3"):
        layer_norm_grad(x, x, (4,), c, c)
