"""Pooling: values against loops over windows, finite differences, modules, errors."""

import itertools
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable, gradcheck, gradgradcheck
from torch.nn import functions as F
from torch.nn.functions import pool


def real(*size):
    return lambda: torch.randn(*size, dtype=torch.float64)


def apart(*size):
    """Distinct values at least 0.1 apart, none within 0.1 of 0."""

    def make():
        n = math.prod(size)
        return ((torch.randperm(n).double() - n // 2) * 0.5 + 0.2).view(*size)

    return make


def number_of_windows(n, k, s, p, d, ceil_mode):
    room = n + 2 * p - d * (k - 1) - 1
    count = (-(-room // s) if ceil_mode else room // s) + 1
    return count - 1 if ceil_mode and (count - 1) * s >= n + p else count


def windows(size, kernel, stride, padding, dilation, ceil_mode):
    """(position of the window, its positions inside of the input, how many of its elements are
    inside of the padding)"""
    geometry = list(zip(size, kernel, stride, padding, dilation))
    counts = [number_of_windows(*numbers, ceil_mode) for numbers in geometry]
    for at in itertools.product(*map(range, counts)):
        starts = [i * s - p for i, s, p in zip(at, stride, padding)]
        places, counted = [], 1
        for start, (n, k, _, p, d) in zip(starts, geometry):
            line = [start + j * d for j in range(k)]
            places.append([i for i in line if 0 <= i < n])
            counted *= len([i for i in line if i < n + p])
        yield at, list(itertools.product(*places)), counted


def pooled(x, reduce, *geometry):
    """reduce(elements of every plane, positions, counted) over all windows"""
    results = {
        at: reduce(np.stack([x[(..., *p)] for p in places], -1), places, counted)
        for at, places, counted in windows(x.shape[2:], *geometry)
    }
    shape = [max(at[i] for at in results) + 1 for i in range(x.ndim - 2)]
    y = np.zeros((*x.shape[:2], *shape))
    for at, value in results.items():
        y[(..., *at)] = value
    return y


def position(x, places):
    flat = [np.ravel_multi_index(p, x.shape[2:]) for p in places]
    return lambda largest: np.array(flat)[largest]


# input size, kernel, stride, padding, dilation, ceil_mode
CASES = {
    "1d": ((2, 2, 7), (2,), (2,), (0,), (1,), False),
    "1d ceil": ((2, 1, 8), (3,), (3,), (1,), (1,), True),
    "1d dilation": ((1, 2, 8), (3,), (1,), (1,), (2,), False),
    "2d": ((2, 2, 4, 6), (2, 2), (2, 2), (0, 0), (1, 1), False),
    "2d uneven": ((1, 2, 5, 6), (3, 2), (1, 3), (1, 0), (1, 2), False),
    "2d ceil": ((1, 2, 5, 6), (2, 3), (2, 3), (1, 1), (1, 1), True),
    "3d": ((1, 2, 3, 4, 4), (2, 2, 2), (1, 2, 2), (0, 1, 0), (1, 1, 1), False),
    "3d ceil": ((1, 1, 3, 4, 3), (2, 3, 2), (2, 2, 2), (1, 0, 1), (1, 1, 2), True),
}
by_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
UNDILATED = {name: (*case[:4], case[5]) for name, case in CASES.items() if set(case[4]) == {1}}
by_undilated = pytest.mark.parametrize("case", UNDILATED.values(), ids=UNDILATED)
by_dtype = pytest.mark.parametrize(
    "dtype, tolerance", [(torch.float32, 1e-5), (torch.float64, 1e-13)], ids=["float", "double"]
)


def named(name, case):
    return getattr(NF, f"{name}{len(case[0]) - 2}d")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@by_case
def test_max_values(case, dtype):
    torch.manual_seed(0)
    x = torch.randn(*case[0], dtype=dtype)
    y, indices = named("max_pool", case)(Variable(x), *case[1:], return_indices=True)
    expected = pooled(x.numpy(), lambda values, *_: values.max(-1), *case[1:])
    places = pooled(
        x.numpy(),
        lambda values, places, _: position(x.numpy(), places)(values.argmax(-1)),
        *case[1:],
    )
    assert y.data.dtype is dtype and indices.data.dtype is torch.int64
    assert np.array_equal(y.data.numpy(), expected)
    assert np.array_equal(indices.data.numpy(), places)
    assert not indices.requires_grad
    assert named("max_pool", case)(Variable(x), *case[1:]).data.equal(y.data)


@by_dtype
@pytest.mark.parametrize("count_include_pad", [True, False])
@by_undilated
def test_avg_values(case, count_include_pad, dtype, tolerance):
    torch.manual_seed(0)
    x = torch.randn(*case[0], dtype=dtype)
    y = named("avg_pool", case)(Variable(x), *case[1:], count_include_pad).data
    expected = pooled(
        x.numpy().astype("f8"),
        lambda values, places, counted: values.sum(-1)
        / (counted if count_include_pad else len(places)),
        *case[1:4], (1,) * len(case[1]), case[4],
    )  # fmt: skip
    assert y.dtype is dtype and y.shape == expected.shape
    assert np.abs(y.numpy() - expected).max() < tolerance


@by_dtype
@pytest.mark.parametrize("name", [name for name in UNDILATED if name[0] != "1"])
def test_divisor_override(name, dtype, tolerance):
    case = UNDILATED[name]
    x = torch.randn(*case[0], dtype=dtype)
    y = named("avg_pool", case)(Variable(x), *case[1:], divisor_override=3).data
    expected = pooled(
        x.numpy().astype("f8"), lambda values, *_: values.sum(-1) / 3,
        *case[1:4], (1,) * len(case[1]), case[4],
    )  # fmt: skip
    assert y.dtype is dtype and np.abs(y.numpy() - expected).max() < tolerance
    layer = getattr(nn, f"AvgPool{len(case[1])}d")(*case[1:], divisor_override=3)
    assert layer(Variable(x)).data.equal(y)


@by_dtype
@pytest.mark.parametrize("norm_type", [1, 2, 3.5])
@pytest.mark.parametrize("size", [(2, 1, 6), (1, 2, 4, 5), (1, 1, 4, 3, 4)], ids=str)
def test_lp_values(size, norm_type, dtype, tolerance):
    dims = len(size) - 2
    x = torch.rand(*size, dtype=dtype) + 0.1
    y = getattr(NF, f"lp_pool{dims}d")(Variable(x), norm_type, 2).data
    geometry = (2,) * dims, (2,) * dims, (0,) * dims, (1,) * dims, False
    expected = pooled(
        x.numpy().astype("f8"),
        lambda values, *_: (values**norm_type).sum(-1) ** (1 / norm_type),
        *geometry,
    )
    assert y.dtype is dtype and np.abs(y.numpy() - expected).max() < 5 * tolerance
    layer = getattr(nn, f"LPPool{dims}d")(norm_type, 2)
    assert layer(Variable(x)).data.equal(y)


def test_lp_pool_at_its_kink_and_end():
    x = Variable(torch.zeros(1, 1, 2, 5), requires_grad=True)
    y = NF.lp_pool2d(x, 2, 2, ceil_mode=True)
    assert y.data.tolist() == [[[[0, 0, 0]]]]
    y.sum().backward()
    assert not x.grad.data.ne(0).any()
    y = NF.lp_pool2d(Variable(torch.ones(1, 1, 2, 5)), 2, 2, ceil_mode=True)
    assert y.data.tolist() == [[[[2, 2, 2]]]]  # the last window as if it were full


def parts(n, count):
    return [range(i * n // count, -(-(i + 1) * n // count)) for i in range(count)]


@by_dtype
@pytest.mark.parametrize(
    "size, output_size",
    [((2, 2, 7), (3,)), ((1, 2, 5, 4), (3, 4)), ((2, 1, 3, 4), (5, 1)),
     ((1, 2, 3, 4, 5), (2, 3, 2))],
    ids=str,
)  # fmt: skip
def test_adaptive_values(size, output_size, dtype, tolerance):
    dims = len(output_size)
    x = torch.randn(*size, dtype=dtype)
    y, indices = getattr(NF, f"adaptive_max_pool{dims}d")(Variable(x), output_size, True)
    means = getattr(NF, f"adaptive_avg_pool{dims}d")(Variable(x), output_size)
    assert y.data.dtype is means.data.dtype is dtype
    assert y.size() == means.size() == indices.size() == (*size[:2], *output_size)
    lines = [parts(n, count) for n, count in zip(size[2:], output_size)]
    for at in itertools.product(*map(range, output_size)):
        places = list(itertools.product(*[line[i] for line, i in zip(lines, at)]))
        values = np.stack([x.numpy()[(..., *p)] for p in places], -1)
        where = (..., *at)
        assert np.array_equal(y.data.numpy()[where], values.max(-1))
        expected = position(x.numpy(), places)(values.argmax(-1))
        assert np.array_equal(indices.data.numpy()[where], expected)
        assert np.abs(means.data.numpy()[where] - values.astype("f8").mean(-1)).max() < tolerance
    maxima = getattr(nn, f"AdaptiveMaxPool{dims}d")(output_size)(Variable(x))
    assert maxima.data.equal(y.data)
    average = getattr(nn, f"AdaptiveAvgPool{dims}d")(output_size)(Variable(x))
    assert average.data.equal(means.data)


def test_adaptive_sizes_that_stay():
    x = Variable(torch.randn(1, 2, 3, 5))
    assert tuple(NF.adaptive_avg_pool2d(x, (None, 2)).size()) == (1, 2, 3, 2)
    assert tuple(nn.AdaptiveMaxPool2d((2, None))(x).size()) == (1, 2, 2, 5)
    assert nn.AdaptiveAvgPool2d(None)(x).data.equal(x.data)
    assert tuple(nn.AdaptiveAvgPool2d(1)(x).size()) == (1, 2, 1, 1)


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_fractional_values(dims, dtype):
    """Every window is a window of the input: consecutive, of the kernel's size, in order."""
    torch.manual_seed(0)
    size, kernel, output = (2, 2, *[7, 9, 8][:dims]), 2, [3, 5, 4][:dims]
    function = getattr(NF, f"fractional_max_pool{dims}d")
    x = torch.randn(*size, dtype=dtype)
    samples = torch.rand(2, 2, dims, dtype=dtype)
    y, indices = function(Variable(x), kernel, output, None, True, samples)
    assert y.data.dtype is dtype and list(y.size()) == [2, 2, *output]
    for n, c in itertools.product(range(2), repeat=2):
        starts = []
        for i in range(dims):
            step = (size[2 + i] - kernel) / (output[i] - 1)
            u = samples[n, c, i]
            line = [int((k + u) * step) - int(u * step) for k in range(output[i] - 1)]
            starts.append([*line, size[2 + i] - kernel])
        for at in itertools.product(*map(range, output)):
            begin = [line[k] for line, k in zip(starts, at)]
            window = x.numpy()[(n, c, *[slice(b, b + kernel) for b in begin])]
            assert y.data[(n, c, *at)] == window.max()
            flat = x.numpy()[n, c].reshape(-1)
            assert flat[indices.data[(n, c, *at)]] == window.max()
    again = function(Variable(x), kernel, output, _random_samples=Variable(samples))
    assert again.data.equal(y.data)
    torch.manual_seed(1)
    drawn = function(Variable(x), kernel, output_ratio=0.5)
    assert list(drawn.size())[2:] == [int(n * 0.5) for n in size[2:]]
    torch.manual_seed(1)
    layer = getattr(nn, f"FractionalMaxPool{dims}d")(kernel, output_ratio=0.5)
    assert layer(Variable(x)).data.equal(drawn.data)
    fixed = type(layer)(kernel, output, return_indices=True, _random_samples=samples)
    assert fixed(Variable(x))[1].data.equal(indices.data)


# unpooling


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_unpooling_undoes_pooling(dims):
    x = Variable(torch.rand(2, 2, *[6, 5, 4][:dims]) + 1)
    y, indices = getattr(nn, f"MaxPool{dims}d")(2, return_indices=True)(x)
    layer = getattr(nn, f"MaxUnpool{dims}d")(2)
    back = layer(y, indices, output_size=x.size())
    assert back.size() == x.size()
    kept = back.data.ne(0)
    assert back.data[kept].equal(x.data[kept]) and kept.long().sum() == y.numel()
    usual = layer(y, indices) if dims == 1 else layer(y, indices, list(x.size())[2:])
    assert usual.data.equal(back.data)
    again = getattr(NF, f"max_pool{dims}d")(back, 2)
    assert again.data.equal(y.data)


@pytest.mark.parametrize("kernel, stride, padding, n", [(3, 2, 0, 7), (3, 2, 1, 5), (2, 3, 0, 8)])
def test_unpooled_size(kernel, stride, padding, n):
    x, indices = Variable(torch.ones(1, 1, 3)), Variable(torch.LongTensor([[[0, 2, 4]]]))
    layer = nn.MaxUnpool1d(kernel, stride, padding)
    assert layer(x, indices).size(2) == n
    for size in (n - stride + 1, n + stride - 1):
        if size > 4:
            assert layer(x, indices, output_size=[size]).size(2) == size
    for size in (n - stride, n + stride):
        with pytest.raises(ValueError, match=rf"max_unpool1d: output_size: .* got \({size},\)"):
            layer(x, indices, output_size=(size,))


# gradients

INDICES = torch.LongTensor([0, 3, 7, 5, 2, 8, 1, 4]).view(1, 2, 2, 2)
LINE = torch.LongTensor([0, 3, 3, 1, 2, 4]).view(1, 2, 3)
SAMPLES = torch.DoubleTensor([0.2, 0.7, 0.9, 0.4]).view(1, 2, 2)
EVEN = ((2, 2), (2, 2), (0, 0), (1, 1), False)

ROWS = [
    (lambda: F.MaxPool(*EVEN), [apart(1, 2, 4, 5)]),
    (lambda: F.MaxPool((3,), (2,), (1,), (1,), True, return_indices=True), [apart(2, 1, 6)]),
    (lambda: F.MaxPool((2, 2, 1), (1, 2, 1), (1, 0, 0), (2, 1, 1), False), [apart(1, 1, 3, 4, 2)]),
    (lambda: F.AdaptiveMaxPool((2, 3)), [apart(1, 2, 3, 4)]),
    (lambda: F.AdaptiveMaxPool((2,), return_indices=True), [apart(1, 2, 5)]),
    (lambda: F.FractionalMaxPool((2, 2), (2, 3), SAMPLES), [apart(1, 2, 5, 5)]),
    (lambda: F.MaxPoolInputGrad(torch.Size((1, 2, 3, 3))), [real(1, 2, 2, 2), lambda: INDICES]),
    (lambda: F.MaxPoolInputGrad(torch.Size((1, 2, 6))), [real(1, 2, 3), lambda: LINE]),
    (lambda: F.MaxPoolGather(), [real(1, 2, 3, 3), lambda: INDICES]),
    (lambda: F.MaxUnpool(torch.Size((1, 2, 3, 3))), [real(1, 2, 2, 2), lambda: INDICES]),
    (lambda: F.AvgPool((3, 2), (1, 2), (1, 1), True, False), [real(1, 2, 4, 5)]),
    (lambda: F.AvgPool((2,), (2,), (1,), False, True), [real(2, 1, 5)]),
    (
        lambda: F.AvgPoolInputGrad(torch.Size((1, 2, 5)), (2,), (2,), (1,), False, True),
        [real(1, 2, 3)],
    ),
    (lambda: F.AdaptiveAvgPool((2, 1, 3)), [real(1, 1, 3, 2, 4)]),
    (lambda: F.AdaptiveAvgPoolInputGrad(torch.Size((1, 2, 5))), [real(1, 2, 3)]),
]


@pytest.mark.parametrize("make, inputs", ROWS, ids=[type(row[0]()).__name__ for row in ROWS])
def test_gradients(make, inputs):
    torch.manual_seed(3)
    made = [m() for m in inputs]
    args = [Variable(m, requires_grad=m.dtype is torch.float64) for m in made]
    assert gradcheck(lambda *args: make()(*args), args)
    assert gradgradcheck(lambda *args: make()(*args), args)


def test_every_function_has_a_row():
    assert {type(row[0]()).__name__ for row in ROWS} == set(pool.__all__)


FUNCTIONALS = {
    "max_pool1d": lambda x: NF.max_pool1d(x[:, :, 0], 2, ceil_mode=True),
    "max_pool2d": lambda x: NF.max_pool2d(x, 3, 2, 1),
    "avg_pool2d": lambda x: NF.avg_pool2d(x, (2, 3), 1, 1, False, False),
    "divisor_override": lambda x: NF.avg_pool2d(x, 3, 2, 1, True, divisor_override=2),
    "lp_pool1d": lambda x: NF.lp_pool1d(x[:, :, 0].abs(), 1.5, 2),
    "lp_pool2d": lambda x: NF.lp_pool2d(x, 2, 2, 1, True),
    "adaptive_avg_pool2d": lambda x: NF.adaptive_avg_pool2d(x, 2),
    "adaptive_max_pool2d": lambda x: NF.adaptive_max_pool2d(x, (2, None)),
    "fractional_max_pool2d": lambda x: NF.fractional_max_pool2d(
        x, 2, (2, 3), _random_samples=SAMPLES
    ),
    "max_unpool2d": lambda x: NF.max_unpool2d(x[:, :, :2, :2], Variable(INDICES), 2, 1),
}


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_gradients_of_functionals(name):
    torch.manual_seed(0)
    x = Variable(apart(1, 2, 4, 5)(), requires_grad=True)
    assert gradcheck(FUNCTIONALS[name], (x,))
    assert gradgradcheck(FUNCTIONALS[name], (x,))
    with torch.compat.alpha():
        assert gradcheck(FUNCTIONALS[name], (x,))
        assert gradgradcheck(FUNCTIONALS[name], (x,))


# sizes and memory


@pytest.mark.parametrize(
    "layer, after",
    [(nn.MaxPool2d(2), (2, 2)), (nn.AvgPool2d(2), (2, 2)), (nn.LPPool2d(2, 2), (2, 2)),
     (nn.AdaptiveAvgPool2d(3), (3, 3)), (nn.AdaptiveMaxPool2d(3), (3, 3)),
     (nn.FractionalMaxPool2d(2, 3), (3, 3))],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_no_batch_and_views(layer, after):
    assert tuple(layer(Variable(torch.zeros(0, 3, 4, 5))).size()) == (0, 3, *after)
    assert tuple(layer(Variable(torch.zeros(2, 0, 4, 5))).size()) == (2, 0, *after)
    x = torch.rand(2, 3, 4, 5)
    kept = x.clone()
    strange = x.permute(3, 1, 0, 2).contiguous().permute(2, 1, 3, 0)
    expanded = x[:1, :1].expand(2, 3, 4, 5)
    for seen, plain in ((strange, x), (expanded, expanded.contiguous())):
        results = []
        for value in (seen, plain):
            torch.manual_seed(5)
            v = Variable(value, requires_grad=True)
            y = layer(v)
            y.sum().backward()
            results.append((y.data, v.grad.data))
        assert results[0][0].equal(results[1][0]) and results[0][1].equal(results[1][1])
    assert x.equal(kept)


# modules


@by_case
def test_max_modules(case):
    dims = len(case[1])
    x = Variable(torch.randn(*case[0]))
    layer = getattr(nn, f"MaxPool{dims}d")(*case[1:5], ceil_mode=case[5], return_indices=True)
    y, indices = layer(x)
    expected = named("max_pool", case)(x, *case[1:], True)
    assert y.data.equal(expected[0].data) and indices.data.equal(expected[1].data)
    assert not list(layer.parameters())


@by_undilated
def test_avg_modules(case):
    x = Variable(torch.randn(*case[0]))
    layer = getattr(nn, f"AvgPool{len(case[1])}d")(*case[1:], count_include_pad=False)
    assert layer(x).data.equal(named("avg_pool", case)(x, *case[1:], False).data)


REPRS = [
    (nn.MaxPool1d(3, 2, 1, 2, True, True),
     "MaxPool1d(kernel_size=(3,), stride=(2,), padding=(1,), dilation=(2,), return_indices=True, "
     "ceil_mode=True)"),
    (nn.MaxPool3d(2), "MaxPool3d(kernel_size=(2, 2, 2), stride=(2, 2, 2))"),
    (nn.MaxUnpool2d(2, padding=1),
     "MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(1, 1))"),
    (nn.AvgPool2d(2, count_include_pad=False),
     "AvgPool2d(kernel_size=(2, 2), stride=(2, 2), count_include_pad=False)"),
    (nn.AvgPool3d(2, 1, divisor_override=3),
     "AvgPool3d(kernel_size=(2, 2, 2), stride=(1, 1, 1), divisor_override=3)"),
    (nn.LPPool2d(2, 3), "LPPool2d(norm_type=2, kernel_size=(3, 3), stride=(3, 3))"),
    (nn.FractionalMaxPool2d(2, 3), "FractionalMaxPool2d(kernel_size=(2, 2), output_size=(3, 3))"),
    (nn.FractionalMaxPool3d(2, output_ratio=0.5, return_indices=True),
     "FractionalMaxPool3d(kernel_size=(2, 2, 2), output_ratio=(0.5, 0.5, 0.5), "
     "return_indices=True)"),
    (nn.AdaptiveMaxPool1d(3, True), "AdaptiveMaxPool1d(output_size=(3,), return_indices=True)"),
    (nn.AdaptiveAvgPool2d((3, None)), "AdaptiveAvgPool2d(output_size=(3, None))"),
]  # fmt: skip


@pytest.mark.parametrize("module, text", REPRS, ids=[text for _, text in REPRS])
def test_repr(module, text):
    assert repr(module) == text


# errors


def v(*size):
    return Variable(torch.zeros(*size), requires_grad=True)


def at(*values):
    return Variable(torch.LongTensor(list(values)).view(1, 1, -1))


ERRORS = [
    (lambda: NF.max_pool1d(v(2, 3, 8, 8), 2), ValueError,
     r"max_pool1d: expected input of size \(batch, channels, 1 spatial size\), got \(2, 3, 8, 8\)"),
    (lambda: NF.max_pool2d(v(2, 3, 8), 2), ValueError, "max_pool2d: expected input of size"),
    (lambda: NF.max_pool2d(v(2, 3, 8, 8), (2, 2, 2)), ValueError,
     r"max_pool2d: kernel_size: expected .* got \(2, 2, 2\)"),
    (lambda: NF.max_pool2d(v(2, 3, 8, 8), 2, 0), ValueError,
     "max_pool2d: stride: expected an int of at least 1 or a pair of them, got 0"),
    (lambda: NF.max_pool3d(v(2, 3, 4, 4, 4), 2, padding=2), ValueError,
     "max_pool3d: expected padding of at most half the kernel"),
    (lambda: NF.max_pool1d(v(2, 3, 2), 3), ValueError,
     "max_pool1d: expected a padded input that holds the kernel"),
    (lambda: NF.max_pool1d(Variable(torch.LongTensor([[[1, 2]]])), 2), TypeError, "max_pool1d: "),
    (lambda: NF.avg_pool2d(v(2, 3, 8), 2), ValueError, "avg_pool2d: expected input of size"),
    (lambda: NF.avg_pool1d(v(2, 3, 2), 3), ValueError,
     "avg_pool1d: expected a padded input that holds the kernel"),
    (lambda: NF.avg_pool2d(v(2, 3, 4, 4), 2, divisor_override=0), ValueError,
     "avg_pool2d: divisor_override: expected an int other than 0, got 0"),
    (lambda: NF.lp_pool2d(v(2, 3, 4), 2, 2), ValueError, "lp_pool2d: expected input of size"),
    (lambda: NF.lp_pool2d(v(2, 3, 4, 4), 0, 2), ValueError,
     "lp_pool2d: norm_type: expected a positive number, got 0"),
    (lambda: NF.lp_pool1d(v(2, 3, 2), 2, 3), ValueError,
     "lp_pool1d: expected a padded input that holds the kernel"),
    (lambda: NF.adaptive_max_pool2d(v(2, 3, 4, 4), 0), ValueError,
     "adaptive_max_pool2d: output_size: expected an int of at least 1 or a pair of them, got 0"),
    (lambda: NF.adaptive_avg_pool3d(v(2, 3, 4, 4), 2), ValueError,
     "adaptive_avg_pool3d: expected input of size"),
    (lambda: NF.adaptive_avg_pool1d(v(2, 3, 0), 2), ValueError,
     "adaptive_avg_pool1d: expected spatial sizes of 1"),
    (lambda: NF.adaptive_max_pool1d(v(2, 3, 0), 2), ValueError,
     "adaptive_max_pool1d: expected spatial sizes of 1"),
    (lambda: NF.fractional_max_pool2d(v(2, 3, 4, 4), 2), ValueError,
     "fractional_max_pool2d: expected either output_size or output_ratio, got None and N"),
    (lambda: NF.fractional_max_pool2d(v(2, 3, 4, 4), 2, output_ratio=1.5), ValueError,
     "fractional_max_pool2d: output_ratio: expected a number between 0 and 1 or 2 .*, got 1.5"),
    (lambda: NF.fractional_max_pool2d(v(2, 3, 4, 4), 2, output_ratio=0.1), ValueError,
     "fractional_max_pool2d: output_ratio: expected a result of at least one element"),
    (lambda: NF.fractional_max_pool2d(v(2, 3, 4, 4), 2, 4), ValueError,
     "fractional_max_pool2d: expected an output of at most 3"),
    (lambda: NF.fractional_max_pool2d(v(1, 1, 4, 4), 2, 2, _random_samples=torch.ones(1, 1, 2)),
     ValueError, r"fractional_max_pool2d: expected samples in \[0, 1\), got 1"),
    (lambda: NF.max_unpool1d(v(1, 1, 2), at(0, 1, 2), 2), ValueError,
     "max_unpool1d: expected input of size"),
    (lambda: NF.max_unpool1d(v(1, 1, 2), at(0, 4), 2), IndexError,
     "max_unpool1d: index 4 at .* is out of range for planes of 4 elements"),
    (lambda: NF.max_unpool1d(v(1, 1, 2), Variable(torch.ones(1, 1, 2)), 2), TypeError,
     "max_unpool1d: expected indices to be a LongTensor"),
    (lambda: NF.max_unpool2d(v(1, 1, 2), at(0, 4), 2), ValueError,
     r"max_unpool2d: expected input of size \(batch, channels, 2 spatial sizes\)"),
    (lambda: NF.max_unpool1d(v(1, 1, 1), at(0), 2, padding=1), ValueError,
     r"max_unpool1d: expected a result of at least one element in each dimension, got \(0,\)"),
    (lambda: nn.AvgPool1d(2, padding=2), ValueError, "AvgPool1d: padding: expected at most half"),
    (lambda: nn.AvgPool2d(2, divisor_override="a"), ValueError,
     "AvgPool2d: divisor_override: expected an int other than 0, got 'a'"),
    (lambda: nn.MaxUnpool2d((2, 2, 2)), ValueError, "MaxUnpool2d: kernel_size: expected an int"),
    (lambda: nn.LPPool2d("a", 2), ValueError, "LPPool2d: norm_type: expected a positive number"),
    (lambda: nn.FractionalMaxPool2d(2, 2, 0.5), ValueError,
     "FractionalMaxPool2d: expected either output_size or output_ratio, got 2 and 0.5"),
    (lambda: nn.AdaptiveAvgPool2d((2, 2, 2)), ValueError,
     "AdaptiveAvgPool2d: output_size: expected an int of at least 1 or a pair of them"),
]  # fmt: skip


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
