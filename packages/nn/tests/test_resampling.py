"""Borders, upsampling, pixel shuffling, unfolding: values, finite differences, modules, errors."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable, gradcheck, gradgradcheck
from torch.nn import functions as F
from torch.nn.functions import padding, rearrange, upsampling


def real(*size):
    return lambda: torch.randn(*size, dtype=torch.float64)


NUMPYS = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
by_dtype = pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.int64], ids=["float", "double", "long"]
)


def drawn(size, dtype):
    torch.manual_seed(0)
    return (torch.randn(*size, dtype=torch.float64) * 50).type(dtype)


# borders

PADS = [
    ((2, 1), (2, 3, 4)),
    ((2, 3, 1, 0), (2, 2, 3, 4)),
    ((1, 1, 2, 1, 0, 2), (1, 2, 3, 3, 2)),
    ((1, 2), (5,)),
    ((0, 0, 1, 2), (2, 4, 0)),
    ((), (2, 3)),
]


@by_dtype
@pytest.mark.parametrize("mode", NUMPYS)
@pytest.mark.parametrize("pads, size", PADS, ids=str)
def test_pad_values(mode, pads, size, dtype):
    if mode == "reflect" and size == (1, 2, 3, 3, 2):
        size = (1, 2, 3, 3, 3)
    x = drawn(size, dtype)
    kept = x.clone()
    widths = [(0, 0)] * (len(size) - len(pads) // 2)
    widths += [(pads[i], pads[i + 1]) for i in range(len(pads) - 2, -2, -2)]
    expected = np.pad(x.numpy(), widths, mode=NUMPYS[mode])
    y = NF.pad(Variable(x), pads, mode)
    assert y.data.dtype is dtype and y.data.shape == expected.shape
    assert np.array_equal(y.data.numpy(), expected)
    strange = x.permute(*range(x.dim())[::-1]).contiguous().permute(*range(x.dim())[::-1])
    assert NF.pad(Variable(strange), list(pads), mode).data.equal(y.data)
    assert x.equal(kept)


def test_pad_with_a_value_and_negative_numbers():
    x = torch.arange(12).float().view(3, 4)
    y = NF.pad(Variable(x), (1, -1, -1, 1), value=7.5).data
    assert y.tolist() == [[7.5, 4, 5, 6], [7.5, 8, 9, 10], [7.5] * 4]
    for mode in ("reflect", "replicate", "circular"):
        assert NF.pad(Variable(x), (-1, -1, -2, 0), mode).data.tolist() == [[9, 10]]
    assert tuple(NF.pad(Variable(x), (-2, -2)).size()) == (3, 0)
    assert tuple(NF.pad(Variable(torch.zeros(0, 3)), (1, 1), "circular").size()) == (0, 5)
    assert NF.pad(Variable(x), (1, 0), "circular").data.tolist()[0] == [3, 0, 1, 2, 3]
    one = Variable(torch.FloatTensor([2]).expand(2, 3))
    assert NF.pad(one, (1, 1)).data.tolist() == [[0, 2, 2, 2, 0]] * 2


PAD_MODULES = {
    "Constant": lambda d: (getattr(nn, f"ConstantPad{d}d"), (2.5,), "constant"),
    "Zero": lambda d: (getattr(nn, f"ZeroPad{d}d"), (), "constant"),
    "Reflection": lambda d: (getattr(nn, f"ReflectionPad{d}d"), (), "reflect"),
    "Replication": lambda d: (getattr(nn, f"ReplicationPad{d}d"), (), "replicate"),
    "Circular": lambda d: (getattr(nn, f"CircularPad{d}d"), (), "circular"),
}


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("name", PAD_MODULES)
def test_pad_modules(name, dims):
    cls, value, mode = PAD_MODULES[name](dims)
    x = Variable(torch.randn(1, 2, *[4] * dims))
    sides = tuple([1, 2, 0, 3, 2, 1][: 2 * dims])
    assert cls(sides, *value)(x).data.equal(NF.pad(x, sides, mode, *value).data)
    same = cls(1, *value)
    assert same(x).data.equal(NF.pad(x, (1,) * 2 * dims, mode, *value).data)
    assert same(x[0]).data.equal(same(x)[0].data)
    shown = f", value={value[0]}" if value else ""
    assert repr(same) == f"{name}Pad{dims}d({(1,) * 2 * dims}{shown})"
    with pytest.raises(
        ValueError, match=f"{name}Pad{dims}d: padding: expected an int or {2 * dims} of"
    ):
        cls((1,) * (2 * dims + 1), *value)
    with pytest.raises(
        ValueError, match=f"{name}Pad{dims}d: expected input of {dims + 1} or {dims + 2} dimensions"
    ):
        same(Variable(torch.zeros(*[2] * dims)))


# upsampling

DATA = json.loads((Path(__file__).parent / "data" / "interpolation.json").read_text())


@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-5), (torch.float64, 1e-12)])
@pytest.mark.parametrize("row", DATA["rows"], ids=lambda row: str(row["arguments"]))
def test_interpolation_is_that_of_pytorch(row, dtype, tolerance):
    x = torch.tensor(DATA["inputs"][str(row["dims"])], dtype=dtype)
    y = NF.interpolate(Variable(x), **row["arguments"]).data
    expected = np.array(row["result"])
    assert y.dtype is dtype and y.shape == expected.shape
    assert np.abs(y.numpy() - expected).max() < tolerance
    layer = nn.Upsample(**row["arguments"])
    assert layer(Variable(x)).data.equal(y)
    assert NF.upsample(Variable(x), **row["arguments"]).data.equal(y)


def numpy_linear(x, axis, out, align_corners):
    n = x.shape[axis]
    if align_corners:
        places = np.linspace(0, n - 1, out) if out > 1 else np.zeros(1)
    else:
        places = (np.arange(out) + 0.5) * n / out - 0.5
    return np.apply_along_axis(lambda line: np.interp(places, np.arange(n), line), axis, x)


@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("size", [(7, 9), (1, 1), (4, 5), (2, 11)])
def test_bilinear_values(size, align_corners):
    x = drawn((1, 2, 4, 5), torch.float64)
    expected = numpy_linear(
        numpy_linear(x.numpy(), 2, size[0], align_corners), 3, size[1], align_corners
    )
    y = NF.interpolate(Variable(x), size, mode="bilinear", align_corners=align_corners).data
    assert y.shape == expected.shape and np.abs(y.numpy() - expected).max() < 1e-12
    if align_corners:
        assert NF.upsample_bilinear(Variable(x), size).data.equal(y)
        assert nn.UpsamplingBilinear2d(size)(Variable(x)).data.equal(y)


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_nearest_values(factor):
    x = drawn((1, 2, 3, 2), torch.float32)
    expected = x.numpy().repeat(factor, 2).repeat(factor, 3)
    for y in (
        NF.upsample_nearest(Variable(x), scale_factor=factor),
        NF.upsample_nearest(Variable(x), (3 * factor, 2 * factor)),
        nn.UpsamplingNearest2d(scale_factor=factor)(Variable(x)),
        NF.interpolate(Variable(x), scale_factor=(factor, factor)),
    ):
        assert np.array_equal(y.data.numpy(), expected)
    volume = drawn((1, 1, 2, 2, 3), torch.float32)
    y = NF.upsample_nearest(Variable(volume), scale_factor=factor).data.numpy()
    assert np.array_equal(y, volume.numpy().repeat(factor, 2).repeat(factor, 3).repeat(factor, 4))


# channels against pixels, windows against columns


def test_pixel_shuffle_values():
    x = drawn((2, 12, 2, 3), torch.float32)
    y = NF.pixel_shuffle(Variable(x), 2).data
    assert tuple(y.size()) == (2, 3, 4, 6)
    for c in range(3):
        for i in range(4):
            for j in range(6):
                source = x[:, c * 4 + i % 2 * 2 + j % 2, i // 2, j // 2]
                assert y[:, c, i, j].equal(source)
    assert nn.PixelShuffle(2)(Variable(x)).data.equal(y)
    assert NF.pixel_unshuffle(Variable(y), 2).data.equal(x)
    assert nn.PixelUnshuffle(2)(Variable(y)).data.equal(x)
    assert nn.PixelShuffle(1)(Variable(x)).data.equal(x)


# kernel, dilation, padding, stride
WINDOWS = [((2, 3), 1, 0, 1), (2, (2, 1), (1, 2), (1, 2)), (3, 1, 1, 2)]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_unfold_is_convolution_as_a_matrix_product(window):
    kernel, dilation, pads, stride = window
    kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    x, w = drawn((2, 3, 5, 6), torch.float64), drawn((4, 3, kh, kw), torch.float64)
    columns = NF.unfold(Variable(x), *window).data
    y = NF.conv2d(Variable(x), Variable(w), None, stride, pads, dilation).data
    product = w.numpy().reshape(4, -1) @ columns.numpy()
    assert np.abs(product - y.numpy().reshape(2, 4, -1)).max() < 1e-9
    assert nn.Unfold(*window)(Variable(x)).data.equal(columns)


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_fold_is_the_adjoint_of_unfold(window):
    x = drawn((2, 3, 5, 6), torch.float64)
    columns = NF.unfold(Variable(x), *window)
    c = drawn(columns.size(), torch.float64)
    back = NF.fold(Variable(c), (5, 6), *window).data
    assert back.size() == x.size()
    assert (back * x).sum() == pytest.approx((columns.data * c).sum(), rel=1e-12)
    assert nn.Fold((5, 6), *window)(Variable(c)).data.equal(back)
    ones = NF.fold(NF.unfold(Variable(torch.ones(1, 1, 4, 4)), 2), 4, 2).data
    assert ones.tolist() == [[[[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]]]


# gradients

TAPS = ((torch.LongTensor([1, 0, 1]), torch.DoubleTensor([0.5, 2, -1])),
        (torch.LongTensor([2, 2, 0]), None))  # fmt: skip
AXES = (upsampling.Axis(1, 3, TAPS), upsampling.Axis(2, 2, ((torch.LongTensor([1, 0, 0]), None),)))

IMAGE = rearrange.Windows((5, 4), (2, 2), (3, 1), (1, 1), (2, 3))

ROWS = [
    (lambda: F.ConstantPad(((0, 0), (1, -1), (2, 0)), 3.0), real(2, 3, 2)),
    (lambda: F.ConstantPad(((-1, 0),)), real(3)),
    (lambda: F.BorderPad(((0, 0), (2, 1), (1, 0)), "reflect"), real(2, 3, 2)),
    (lambda: F.BorderPadInputGrad(((0, 0), (1, 1), (1, 2)), "circular"), real(2, 4, 5)),
    (lambda: F.BorderPadInputGrad(((0, 0), (3, 1), (0, 2)), "replicate"), real(1, 6, 3)),
    (lambda: F.Interpolate(AXES), real(2, 3, 2)),
    (lambda: F.InterpolateInputGrad(AXES), real(2, 3, 3)),
    (lambda: F.PixelShuffle(2), real(2, 4, 1, 2)),
    (lambda: F.PixelUnshuffle(2), real(1, 2, 2, 4)),
    (lambda: F.Unfold(IMAGE), real(1, 2, 5, 4)),
    (lambda: F.Fold(IMAGE), real(1, 2, 2, 2, 2, 3)),
]


@pytest.mark.parametrize("make, source", ROWS, ids=[type(row[0]()).__name__ for row in ROWS])
def test_gradients(make, source):
    x = Variable(source(), requires_grad=True)
    assert gradcheck(lambda x: make()(x), (x,))
    assert gradgradcheck(lambda x: make()(x), (x,))


def test_every_function_has_a_row():
    tested = {type(row[0]()).__name__ for row in ROWS}
    assert tested == {*padding.__all__, *rearrange.__all__, *upsampling.__all__}


def test_gradients_never_share_memory():
    """A border of nothing: the gradient is a copy."""
    gy = torch.ones(2, 3)
    x = Variable(torch.zeros(2, 3), requires_grad=True)
    NF.pad(x, (0, 0)).backward(gy)
    x.grad.data.zero_()
    assert gy.tolist() == [[1] * 3] * 2


FUNCTIONALS = {
    "constant": lambda x: NF.pad(x, (1, 2, -1, 0), value=2),
    "reflect": lambda x: NF.pad(x, (2, 1, 1, 1), "reflect"),
    "replicate": lambda x: NF.pad(x, (2, 0, 1, 3), "replicate"),
    "circular": lambda x: NF.pad(x, (0, 2, 1, 1), "circular"),
    "nearest": lambda x: NF.interpolate(x, (5, 2)),
    "bilinear": lambda x: NF.interpolate(x, scale_factor=1.5, mode="bilinear"),
    "bilinear, aligned": lambda x: NF.upsample_bilinear(x, (4, 5)),
    "bicubic": lambda x: NF.interpolate(x, (3, 4), mode="bicubic"),
    "area": lambda x: NF.interpolate(x, (2, 2), mode="area"),
    "pixel_shuffle": lambda x: NF.pixel_shuffle(x, 2),
    "pixel_unshuffle": lambda x: NF.pixel_unshuffle(x[:, :, :2, :2], 2),
    "unfold": lambda x: NF.unfold(x, 2, padding=1, stride=2),
    "fold": lambda x: NF.fold(x.contiguous().view(1, 12, 3)[:, :, :2], (2, 3), 2),
}


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_gradients_of_functionals(name):
    x = Variable(real(1, 4, 3, 3)(), requires_grad=True)
    assert gradcheck(FUNCTIONALS[name], (x,))
    assert gradgradcheck(FUNCTIONALS[name], (x,))
    with torch.compat.alpha():
        assert gradcheck(FUNCTIONALS[name], (x,))
        assert gradgradcheck(FUNCTIONALS[name], (x,))


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_no_batch_and_views(name):
    function = FUNCTIONALS[name]
    x = torch.randn(2, 4, 3, 3)
    kept = x.clone()
    if name != "fold":
        assert function(Variable(torch.zeros(0, 4, 3, 3))).size(0) == 0
        plain = function(Variable(x)).data
        strange = x.permute(3, 1, 0, 2).contiguous().permute(2, 1, 3, 0)
        assert function(Variable(strange)).data.equal(plain)
    expanded = x[:1, :1].expand(1, 4, 3, 3)
    whole = function(Variable(expanded.contiguous())).data
    assert function(Variable(expanded)).data.equal(whole)
    assert x.equal(kept)


# modules and errors

REPRS = [
    (nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
     "Upsample(scale_factor=2, mode='bilinear', align_corners=True)"),
    (nn.Upsample((3, 4)), "Upsample(size=(3, 4), mode='nearest')"),
    (nn.UpsamplingNearest2d(scale_factor=2), "UpsamplingNearest2d(scale_factor=2)"),
    (nn.UpsamplingBilinear2d(4), "UpsamplingBilinear2d(size=4)"),
    (nn.PixelShuffle(3), "PixelShuffle(upscale_factor=3)"),
    (nn.PixelUnshuffle(3), "PixelUnshuffle(downscale_factor=3)"),
    (nn.Unfold(2, padding=1),
     "Unfold(kernel_size=(2, 2), dilation=(1, 1), padding=(1, 1), stride=(1, 1))"),
    (nn.Fold(4, 2, stride=2),
     "Fold(output_size=(4, 4), kernel_size=(2, 2), dilation=(1, 1), padding=(0, 0), "
     "stride=(2, 2))"),
]  # fmt: skip


@pytest.mark.parametrize("module, text", REPRS, ids=[text for _, text in REPRS])
def test_repr(module, text):
    assert repr(module) == text
    assert not module.state_dict()


def v(*size):
    return Variable(torch.zeros(*size), requires_grad=True)


ERRORS = [
    (lambda: NF.pad(v(2, 3), (1, 1), "mirror"), ValueError,
     "pad: mode: expected one of constant, reflect, replicate, circular, got 'mirror'"),
    (lambda: NF.pad(v(2, 3), (1, 1), "reflect", 2), ValueError,
     "pad: value: expected none with mode 'reflect', got 2"),
    (lambda: NF.pad(v(2, 3), (1,)), ValueError, r"pad: pad: expected an int before .* got \(1,\)"),
    (lambda: NF.pad(v(2, 3), 1), ValueError, "pad: pad: expected an int before .* got 1"),
    (lambda: NF.pad(v(2, 3), (1, 0.5)), ValueError, r"pad: pad: expected .* got \(1, 0.5\)"),
    (lambda: NF.pad(v(3), (1, 1, 1, 1)), ValueError, r"for size \(3,\), got \(1, 1, 1, 1\)"),
    (lambda: NF.pad(v(2, 3), (-2, -2)), ValueError, r"pad: pad: expected to leave at least 0"),
    (lambda: NF.pad(v(2, 3), (1, 3), "reflect"), ValueError,
     r"expected -3 to 2 elements for mode 'reflect' and 3 elements in dimension 1, got \(1, 3\)"),
    (lambda: NF.pad(v(2, 3), (4, 0), "circular"), ValueError, "expected -3 to 3 elements"),
    (lambda: NF.pad(v(2, 3), (-2, -2), "replicate"), ValueError, r"got \(-2, -2\)"),
    (lambda: NF.pad(v(2, 0), (1, 0), "replicate"), ValueError, "and 0 elements in dimension 1"),
    (lambda: nn.ConstantPad2d(1, "a"), TypeError, "ConstantPad2d: value: expected a number"),
    (lambda: nn.ZeroPad2d(1.5), ValueError, "ZeroPad2d: padding: expected an int or 4 of them"),
    (lambda: NF.interpolate(v(1, 1, 2), 3, mode="cubic"), ValueError,
     "interpolate: mode: expected one of nearest, .*'cubic'"),
    (lambda: NF.interpolate(v(1, 1, 2), 3, mode="bilinear"), ValueError,
     r"interpolate: expected input of size \(batch, channels, 2 spatial .* got \(1, 1, 2\)"),
    (lambda: NF.interpolate(v(1, 2), 3), ValueError, "interpolate: expected input of size"),
    (lambda: NF.interpolate(v(1, 1, 0), 3), ValueError, "1 to 3 spatial sizes.* of at least 1"),
    (lambda: NF.interpolate(v(1, 1, 2), 3, align_corners=True), ValueError,
     "interpolate: align_corners: mode 'nearest' has none, got True"),
    (lambda: NF.interpolate(v(1, 1, 2)), ValueError,
     "interpolate: expected either size or scale_factor, got None and None"),
    (lambda: NF.upsample(v(1, 1, 2), 3, 2), ValueError,
     "upsample: expected either size or scale_factor, got 3 and 2"),
    (lambda: NF.upsample_nearest(v(1, 1, 2), 0), ValueError, "upsample_nearest: size: expected an"),
    (lambda: NF.upsample_bilinear(v(1, 1, 2, 2), scale_factor=-1), ValueError,
     "upsample_bilinear: scale_factor: expected a positive number or 2 of them, got -1"),
    (lambda: NF.interpolate(v(1, 1, 2), scale_factor=0.4), ValueError,
     "interpolate: scale_factor: expected a result of at least one element .* got 0.4"),
    (lambda: nn.Upsample(), ValueError, "Upsample: expected either size or scale_factor"),
    (lambda: nn.UpsamplingNearest2d(2, 2), ValueError, "UpsamplingNearest2d: expected either"),
    (lambda: nn.UpsamplingNearest2d(2)(v(1, 1, 2)), ValueError,
     "UpsamplingNearest2d: expected input of size"),
    (lambda: NF.pixel_shuffle(v(1, 6, 2, 2), 2), ValueError,
     r"pixel_shuffle: expected .* a multiple of 4 channels, .* got \(1, 6, 2, 2\)"),
    (lambda: NF.pixel_shuffle(v(1, 6, 2, 2), 0), ValueError,
     "pixel_shuffle: upscale_factor: expected an int of at least 1, got 0"),
    (lambda: NF.pixel_unshuffle(v(1, 6, 2, 3), 2), ValueError,
     "pixel_unshuffle: expected .* multiples of 2"),
    (lambda: nn.PixelShuffle(1.5), ValueError, "PixelShuffle: upscale_factor: expected an int"),
    (lambda: nn.PixelUnshuffle(0), ValueError, "PixelUnshuffle: downscale_factor: expected an"),
    (lambda: NF.unfold(v(1, 1, 2), 2), ValueError, "unfold: expected input of size"),
    (lambda: NF.unfold(v(1, 1, 2, 2), 3), ValueError,
     r"unfold: expected images that hold the kernel, got height and width \(2, 2\)"),
    (lambda: NF.fold(v(1, 4, 3), 3, 2), ValueError,
     r"fold: expected input of size \(batch, a multiple of 4 rows, 4 windows\) .* got \(1, 4, 3\)"),
    (lambda: nn.Fold((1, 2, 3), 2), ValueError, "Fold: output_size: expected an int of at least 1"),
]  # fmt: skip


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
