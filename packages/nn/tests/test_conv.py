"""Convolutions: values against the definition, finite differences, modules, errors."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable, gradcheck, gradgradcheck
from torch.nn import functions as F
from torch.nn.functions import conv


def real(*size):
    return lambda: torch.randn(*size, dtype=torch.float64)


# input size, weight size, stride, padding, dilation, groups
CASES = {
    "1d": ((2, 2, 6), (3, 2, 3), (1,), (0,), (1,), 1),
    "1d geometry": ((2, 4, 9), (2, 2, 2), (2,), (1,), (3,), 2),
    "1d 1x1": ((1, 3, 4), (2, 3, 1), (1,), (0,), (1,), 1),
    "2d": ((2, 2, 4, 3), (2, 2, 3, 2), (1, 1), (0, 0), (1, 1), 1),
    "2d stride": ((1, 2, 5, 4), (2, 2, 3, 2), (2, 1), (1, 2), (1, 1), 1),
    "2d dilation": ((1, 2, 4, 5), (2, 2, 3, 2), (1, 2), (2, 1), (2, 1), 1),
    "2d groups": ((1, 4, 4, 3), (2, 2, 3, 2), (1, 1), (1, 1), (1, 1), 2),
    "2d depthwise": ((2, 3, 3, 3), (6, 1, 2, 3), (1, 1), (1, 1), (1, 1), 3),
    "3d": ((1, 2, 3, 3, 2), (2, 2, 2, 3, 1), (1, 1, 1), (0, 0, 0), (1, 1, 1), 1),
    "3d geometry": ((1, 2, 4, 3, 4), (2, 1, 2, 1, 2), (2, 1, 3), (1, 0, 2), (2, 1, 1), 2),
}
by_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
by_dtype = pytest.mark.parametrize(
    "dtype, tolerance", [(torch.float32, 1e-4), (torch.float64, 1e-12)], ids=["float", "double"]
)


def pairs(case):
    """(output channel, its input channels, position of y, kernel position, position of x) of every
    product that a convolution adds up, positions of x outside of it left out."""
    x_size, w_size, stride, padding, dilation, groups = case
    sizes = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(x_size[2:], w_size[2:], stride, padding, dilation)
    ]
    for o in range(w_size[0]):
        first = o // (w_size[0] // groups) * w_size[1]
        channels = slice(first, first + w_size[1])
        for at in itertools.product(*map(range, sizes)):
            for k in itertools.product(*map(range, w_size[2:])):
                numbers = zip(at, k, stride, padding, dilation)
                place = tuple(i * s - p + j * d for i, j, s, p, d in numbers)
                if all(0 <= i < n for i, n in zip(place, x_size[2:])):
                    yield o, channels, at, k, place


def numpy_conv(x, w, b, *geometry):
    """The definition, product by product."""
    case = (x.shape, w.shape, *geometry)
    stride, padding, dilation, _ = geometry
    sizes = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(x.shape[2:], w.shape[2:], stride, padding, dilation)
    ]
    y = np.zeros((x.shape[0], w.shape[0], *sizes))
    y += b.reshape(-1, *[1] * len(sizes))
    for o, channels, at, k, place in pairs(case):
        y[(slice(None), o, *at)] += x[(slice(None), channels, *place)] @ w[(o, slice(None), *k)]
    return y


def numpy_transposed(y, w, b, size, *geometry):
    """The adjoint of the definition: every product goes back to where it came from."""
    x = np.zeros(size) + b.reshape(-1, *[1] * (len(size) - 2))
    for o, channels, at, k, place in pairs((size, w.shape, *geometry)):
        x[(slice(None), channels, *place)] += np.outer(
            y[(slice(None), o, *at)], w[(o, slice(None), *k)]
        )
    return x


def conv_of(case):
    return getattr(NF, f"conv{len(case[0]) - 2}d")


def transposed_of(case):
    """conv_transpose that has a result of the size of the case's input; its input's size."""
    x_size, w_size, stride, padding, dilation, groups = case
    y_size = tuple(torch._C.conv(torch.zeros(*x_size), torch.zeros(*w_size), None, *case[2:]).shape)
    more = [
        n - ((t - 1) * s - 2 * p + d * (k - 1) + 1)
        for n, t, k, s, p, d in zip(x_size[2:], y_size[2:], w_size[2:], stride, padding, dilation)
    ]
    function = getattr(NF, f"conv_transpose{len(x_size) - 2}d")

    def run(y, w, b=None):
        return function(y, w, b, stride, padding, more, groups, dilation)

    return run, y_size


@by_dtype
@by_case
def test_values(case, dtype, tolerance):
    torch.manual_seed(0)
    x, w = torch.randn(*case[0], dtype=dtype), torch.randn(*case[1], dtype=dtype)
    b = torch.randn(case[1][0], dtype=dtype)
    kept = [t.clone() for t in (x, w, b)]
    y = conv_of(case)(Variable(x), Variable(w), Variable(b), *case[2:]).data
    expected = numpy_conv(*[t.numpy().astype("f8") for t in (x, w, b)], *case[2:])
    assert y.dtype is dtype and y.shape == expected.shape
    assert np.abs(y.numpy() - expected).max() < tolerance
    without = conv_of(case)(Variable(x), Variable(w), None, *case[2:]).data.numpy()
    b_column = b.numpy().reshape(-1, *[1] * (len(case[0]) - 2))
    assert np.abs(without + b_column - expected).max() < tolerance
    assert all(t.equal(k) for t, k in zip((x, w, b), kept))


@by_dtype
@by_case
def test_transposed_values(case, dtype, tolerance):
    torch.manual_seed(0)
    function, y_size = transposed_of(case)
    y, w = torch.randn(*y_size, dtype=dtype), torch.randn(*case[1], dtype=dtype)
    b = torch.randn(case[0][1], dtype=dtype)
    x = function(Variable(y), Variable(w), Variable(b)).data
    expected = numpy_transposed(*[t.numpy().astype("f8") for t in (y, w, b)], case[0], *case[2:])
    assert x.dtype is dtype and x.shape == expected.shape
    assert np.abs(x.numpy() - expected).max() < tolerance


@by_case
def test_gradients(case, check_gradients):
    def run(x, w, b=None):
        return conv_of(case)(x, w, b, *case[2:])

    check_gradients(run, real(*case[0]), real(*case[1]), real(case[1][0]))


@by_case
def test_transposed_gradients(case, check_gradients):
    function, y_size = transposed_of(case)
    check_gradients(function, real(*y_size), real(*case[1]), real(case[0][1]))


@pytest.mark.parametrize("name", ["1d", "2d groups", "3d geometry"])
def test_gradients_without_bias(name, check_gradients):
    case = CASES[name]
    check_gradients(
        lambda x, w: conv_of(case)(x, w, None, *case[2:]), real(*case[0]), real(*case[1])
    )
    function, y_size = transposed_of(case)
    check_gradients(function, real(*y_size), real(*case[1]))


@pytest.mark.parametrize("name", ["1d geometry", "2d stride"])
def test_gradient_of_the_weights_gradient(name, check_gradients):
    case = CASES[name]
    _, y_size = transposed_of(case)
    check_gradients(
        lambda gy, x: F.ConvWeightGrad(torch.Size(case[1]), *case[2:])(gy, x),
        real(*y_size),
        real(*case[0]),
    )


def test_every_function_is_differentiated_above():
    assert set(conv.__all__) == {"Conv", "ConvTranspose", "ConvWeightGrad"}


def test_in_the_meaning_of_the_alpha():
    case = CASES["2d groups"]
    x, w = Variable(real(*case[0])(), requires_grad=True), Variable(real(*case[1])())
    b, back = Variable(real(2)(), requires_grad=True), Variable(real(4, 2, 3, 2)())
    with torch.compat.alpha():
        for function in (
            lambda x, b: NF.conv2d(x, w, b, *case[2:]),
            lambda x, b: NF.conv_transpose2d(x, back, b),
        ):
            assert gradcheck(function, (x, b))
            assert gradgradcheck(function, (x, b))


@by_case
def test_no_batch_and_views(case):
    empty, w = torch.zeros(0, *case[0][1:]), torch.randn(*case[1])
    w_var = Variable(w, requires_grad=True)
    y = conv_of(case)(Variable(empty), w_var, None, *case[2:])
    assert y.size(0) == 0 and y.size(1) == case[1][0]
    y.sum().backward()
    assert not w_var.grad.data.ne(0).any() and w_var.grad.size() == w.size()
    function, y_size = transposed_of(case)
    assert tuple(function(Variable(torch.zeros(0, *y_size[1:])), w_var).size()) == (0, *case[0][1:])
    dims = list(range(len(case[0])))[::-1]
    x = torch.randn(*case[0])
    strange = x.permute(*dims).contiguous().permute(*dims)
    expected = conv_of(case)(Variable(x), w_var, None, *case[2:])
    assert conv_of(case)(Variable(strange), w_var, None, *case[2:]).data.equal(expected.data)
    expanded = x[:1].expand(*case[0])
    same = conv_of(case)(Variable(expanded), w_var, None, *case[2:])
    whole = conv_of(case)(Variable(expanded.contiguous()), w_var, None, *case[2:])
    assert same.data.equal(whole.data)


@pytest.mark.parametrize("kernel, dilation", [(3, 1), (2, 1), (4, 2), (1, 1), ((2, 3), (3, 1))])
def test_same_padding(kernel, dilation, check_gradients):
    torch.manual_seed(0)
    kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    dh, dw = dilation if isinstance(dilation, tuple) else (dilation, dilation)
    x, w = real(1, 1, 5, 4)(), real(2, 1, kh, kw)()
    y = NF.conv2d(Variable(x), Variable(w), padding="same", dilation=dilation)
    assert tuple(y.size()) == (1, 2, 5, 4)
    h, v = dh * (kh - 1), dw * (kw - 1)
    wide = np.pad(x.numpy(), ((0, 0), (0, 0), (h // 2, h - h // 2), (v // 2, v - v // 2)))
    expected = numpy_conv(wide, w.numpy(), np.zeros(2), (1, 1), (0, 0), (dh, dw), 1)
    assert np.abs(y.data.numpy() - expected).max() < 1e-12
    check_gradients(
        lambda x, w: NF.conv2d(x, w, padding="same", dilation=dilation), lambda: x, lambda: w
    )


def test_valid_padding_is_none():
    x, w = Variable(torch.randn(1, 2, 5)), Variable(torch.randn(3, 2, 2))
    assert NF.conv1d(x, w, padding="valid").data.equal(NF.conv1d(x, w).data)


def test_output_padding_beyond_the_stride(check_gradients):
    """The dilation allows it: further results, of which some only hold the bias."""
    y, w, b = real(1, 2, 3)(), real(2, 2, 2)(), real(2)()
    x = NF.conv_transpose1d(Variable(y), Variable(w), Variable(b), 2, 1, 3, 1, 4)
    longest = numpy_transposed(
        np.concatenate([y.numpy(), np.zeros((1, 2, 10))], 2),
        w.numpy(), b.numpy(), (1, 2, 27), (2,), (1,), (4,), 1,
    )  # fmt: skip
    assert tuple(x.size()) == (1, 2, 10)
    assert np.abs(x.data.numpy() - longest[..., :10]).max() < 1e-12
    check_gradients(
        lambda y, w, b: NF.conv_transpose1d(y, w, b, 2, 1, 3, 1, 4),
        lambda: y, lambda: w, lambda: b,
    )  # fmt: skip


# modules


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False])
def test_modules(dims, bias):
    torch.manual_seed(0)
    options = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2, "bias": bias}
    layer = getattr(nn, f"Conv{dims}d")(4, 6, 3, **options)
    assert tuple(layer.weight.size()) == (6, 2, *[3] * dims)
    x = Variable(torch.randn(2, 4, *[7] * dims))
    y = getattr(NF, f"conv{dims}d")(x, layer.weight, layer.bias, 2, 1, 2, 2)
    assert layer(x).data.equal(y.data)

    back = getattr(nn, f"ConvTranspose{dims}d")(6, 4, 3, output_padding=1, **options)
    assert tuple(back.weight.size()) == (6, 2, *[3] * dims)
    z = getattr(NF, f"conv_transpose{dims}d")(y, back.weight, back.bias, 2, 1, 1, 2, 2)
    assert back(y).data.equal(z.data)
    for module in (layer, back):
        assert (module.bias is None) is not bias
        other = type(module)(module.in_channels, module.out_channels, 3, **options)
        other.load_state_dict(module.state_dict())
        assert all(
            a.equal(b) for a, b in zip(other.state_dict().values(), module.state_dict().values())
        )
        module.double()(Variable(torch.randn(1, module.in_channels, *[7] * dims).double()))


@pytest.mark.parametrize("layer", [nn.Conv2d(4, 5, (3, 2)), nn.ConvTranspose2d(4, 5, (3, 2))])
def test_defaults(layer):
    assert layer.stride == layer.dilation == (1, 1) and layer.padding == (0, 0)
    assert layer.groups == 1 and layer.kernel_size == (3, 2) and layer.bias is not None
    bound = 1 / 24**0.5
    assert all(np.abs(p.data.numpy()).max() <= bound for p in layer.parameters())


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_output_size(dims):
    layer = getattr(nn, f"ConvTranspose{dims}d")(2, 3, 3, stride=3, padding=1)
    x = Variable(torch.randn(1, 2, *[4] * dims))
    for size in (10, 11, 12):
        spatial = [size] * dims
        assert list(layer(x, output_size=spatial).size()) == [1, 3, *spatial]
        assert list(layer(x, output_size=torch.Size([1, 3, *spatial])).size()) == [1, 3, *spatial]
    for size in (9, 13):
        with pytest.raises(
            ValueError,
            match=rf"ConvTranspose{dims}d: output_size: expected sizes from \(10,.*to \(12,.*got",
        ):
            layer(x, output_size=[size] * dims)
    with pytest.raises(ValueError, match=f"output_size: expected {dims} or {dims + 2} sizes"):
        layer(x, output_size=[10] * (dims + 1))
    mixed = [10 + i for i in range(dims)]
    assert list(layer(x, output_size=mixed).size())[2:] == mixed


@pytest.mark.parametrize("mode, numpys", [
    ("zeros", "constant"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap"),
])  # fmt: skip
@pytest.mark.parametrize("padding", [1, "same", (2, 1)])
def test_padding_mode(mode, numpys, padding):
    layer = nn.Conv2d(2, 3, (5, 4) if padding == "same" else 3, padding=padding, padding_mode=mode)
    x = torch.randn(1, 2, 4, 5)
    pads = {1: ((1, 1), (1, 1)), "same": ((2, 2), (1, 2)), (2, 1): ((2, 2), (1, 1))}[padding]
    wide = np.pad(x.numpy(), ((0, 0), (0, 0), *pads), mode=numpys)
    expected = NF.conv2d(Variable(torch.from_numpy(wide)), layer.weight, layer.bias)
    assert np.allclose(layer(Variable(x)).data.numpy(), expected.data.numpy(), atol=1e-5)


REPRS = [
    (nn.Conv1d(1, 2, 3), "Conv1d(1, 2, kernel_size=(3,), stride=(1,))"),
    (nn.Conv2d(2, 4, 3, padding="same", groups=2),
     "Conv2d(2, 4, kernel_size=(3, 3), stride=(1, 1), padding='same', groups=2)"),
    (nn.Conv3d(1, 2, 3, 2, bias=False, padding_mode="reflect"),
     "Conv3d(1, 2, kernel_size=(3, 3, 3), stride=(2, 2, 2), bias=False, padding_mode='reflect')"),
    (nn.ConvTranspose1d(1, 2, 3, 2, 1, 1),
     "ConvTranspose1d(1, 2, kernel_size=(3,), stride=(2,), padding=(1,), output_padding=(1,))"),
    (nn.ConvTranspose2d(1, 2, 3, dilation=2),
     "ConvTranspose2d(1, 2, kernel_size=(3, 3), stride=(1, 1), dilation=(2, 2))"),
]  # fmt: skip


@pytest.mark.parametrize("module, text", REPRS, ids=[text for _, text in REPRS])
def test_repr(module, text):
    assert repr(module) == text


# errors


def v(*size):
    return Variable(torch.zeros(*size), requires_grad=True)


ERRORS = [
    (lambda: NF.conv1d(v(2, 3, 8, 8), v(4, 3, 3)), ValueError,
     r"conv1d: expected input of size \(batch, channels, 1 spatial size\), got \(2, 3, 8, 8\)"),
    (lambda: NF.conv2d(v(2, 3, 8, 8), v(4, 3, 3)), ValueError,
     r"conv2d: expected weight of size .*2 kernel sizes\), got \(4, 3, 3\)"),
    (lambda: NF.conv3d(v(2, 3, 8, 8, 8), v(4, 2, 3, 3, 3)), ValueError,
     r"conv3d: expected 2 input channels, got 3 in input of size \(2, 3, 8, 8, 8\) and w"),
    (lambda: NF.conv1d(v(2, 3, 2), v(4, 3, 3)), ValueError, "conv1d: the kernel does not fit"),
    (lambda: NF.conv1d(v(2, 3, 4), v(4, 3, 3).double()), TypeError,
     "conv1d: expected weight to be a FloatTensor"),
    (lambda: NF.conv3d(v(1, 1, 4, 4, 4), v(1, 1, 1, 1, 1), stride=(1, 2)), ValueError,
     r"conv3d: stride: expected an int of at least 1 or a tuple of 3 of them, got \(1, 2\)"),
    (lambda: NF.conv1d(v(1, 1, 4), v(1, 1, 1), dilation=(1, 2)), ValueError,
     r"conv1d: dilation: expected an int of at least 1 or a tuple of one, got \(1, 2\)"),
    (lambda: NF.conv2d(v(2, 3, 8, 8), v(4, 3, 3, 3), v(3)), ValueError,
     "conv2d: expected bias of size"),
    (lambda: NF.conv1d(v(2, 3, 8), v(4, 3, 3), groups=0), ValueError,
     "conv1d: groups: expected an int of at least 1, got 0"),
    (lambda: NF.conv1d(v(2, 3, 8), v(4, 3, 3), groups=2), ValueError,
     "conv1d: expected 6 input channels, got 3"),
    (lambda: NF.conv1d(v(2, 3, 8), v(4, 3, 3), groups="a"), ValueError,
     "conv1d: groups: expected an int of at least 1, got 'a'"),
    (lambda: NF.conv2d(v(2, 3, 8, 8), v(4, 3, 3, 3), stride=0), ValueError,
     "conv2d: stride: expected an int of at least 1 or a pair of them, got 0"),
    (lambda: NF.conv2d(v(2, 3, 8, 8), v(4, 3, 3, 3), padding=(1, -1)), ValueError,
     r"conv2d: padding: expected .* got \(1, -1\)"),
    (lambda: NF.conv2d(v(1, 1, 4, 4), v(1, 1, 2, 2), padding=True), ValueError,
     "conv2d: padding: expected an int of at least 0 or a pair of them, got True"),
    (lambda: NF.conv2d(v(1, 1, 4, 4), v(1, 1, 2, 2), padding="full"), ValueError,
     "conv2d: padding: expected numbers, \"same\" or \"valid\", got 'full'"),
    (lambda: NF.conv2d(v(1, 1, 4, 4), v(1, 1, 2, 2), stride=2, padding="same"), ValueError,
     r'conv2d: padding: "same" needs a stride of 1, got \(2, 2\)'),
    (lambda: NF.conv_transpose2d(v(2, 3, 8), v(3, 4, 3, 3)), ValueError,
     r"conv_transpose2d: expected input of size \(batch, channels, 2 spatial sizes\)"),
    (lambda: NF.conv_transpose1d(v(2, 3, 8), v(2, 4, 3)), ValueError,
     r"conv_transpose1d: expected 2 input channels, got 3 in input of size \(2, 3, 8\) and weight"),
    (lambda: NF.conv_transpose1d(v(2, 3, 8), v(3, 4, 3), groups=2), ValueError,
     "conv_transpose1d: groups: expected a divisor of the 3 input channels .* got 2"),
    (lambda: NF.conv_transpose1d(v(2, 3, 8), v(3, 4, 3), v(3)), ValueError,
     r"conv_transpose1d: expected bias of size \(4,\), got \(3,\)"),
    (lambda: NF.conv_transpose1d(v(2, 3, 8), v(3, 4, 3), v(4).double()), TypeError,
     "conv_transpose1d: expected bias to be a FloatTensor, got DoubleTensor"),
    (lambda: NF.conv_transpose1d(v(2, 3, 8), v(3, 4, 3).double()), TypeError,
     "conv_transpose1d: expected weight to be a FloatTensor"),
    (lambda: NF.conv_transpose1d(v(2, 3, 8), v(3, 4, 3), stride=2, output_padding=2), ValueError,
     r"conv_transpose1d: output_padding: expected less than the stride \(2,\) .* got \(2,\)"),
    (lambda: NF.conv_transpose1d(v(2, 3, 1), v(3, 4, 3), padding=2), ValueError,
     r"conv_transpose1d: padding: expected a result of at least one element .* got \(-1,\)"),
    (lambda: nn.ConvTranspose2d(3, 4, 3, output_padding=-1), ValueError,
     "ConvTranspose2d: output_padding: expected an int of at least 0 or a pair"),
    (lambda: nn.Conv1d(3, 4, 3, padding="full"), ValueError, "Conv1d: padding: expected numbers"),
    (lambda: nn.Conv1d(3, 4, 3, 2, padding="same"), ValueError,
     'Conv1d: padding: "same" needs a stride of 1'),
    (lambda: nn.Conv1d(3, 4, 3, padding_mode="mirror"), ValueError,
     "Conv1d: padding_mode: expected one of zeros, reflect, .* got 'mirror'"),
    (lambda: nn.ConvTranspose3d(3, 4, 3, groups=2), ValueError,
     "ConvTranspose3d: in_channels: expected a multiple of groups=2, got 3"),
]  # fmt: skip


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
