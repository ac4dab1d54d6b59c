"""What holds for all layers over 1 to 3 spatial dimensions: signatures, copies, files, types."""

import copy
import inspect
import io
import pickle

import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable

CONV = (
    "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, "
    "padding_mode='zeros'"
)
TRANSPOSED = (
    "in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, "
    "bias=True, dilation=1"
)
MAX = "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False"
AVG = "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True"
FRACTIONAL = (
    "kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None"
)
CONV_FUNCTION = "input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1"
TRANSPOSED_FUNCTION = (
    "input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1"
)
MAX_FUNCTION = (
    "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False"
)
UNPOOL_FUNCTION = "input, indices, kernel_size, stride=None, padding=0, output_size=None"
SCALED = "size=None, scale_factor=None"
OVERRIDE = ", divisor_override=None"

#: name ("*": 1d, 2d, 3d): arguments and defaults
SIGNATURES = {
    "Conv*": CONV,
    "ConvTranspose*": TRANSPOSED,
    "MaxPool*": MAX,
    "MaxUnpool*": "kernel_size, stride=None, padding=0",
    "AvgPool1d": AVG,
    "AvgPool2d": AVG + OVERRIDE,
    "AvgPool3d": AVG + OVERRIDE,
    "LPPool*": "norm_type, kernel_size, stride=None, ceil_mode=False",
    "FractionalMaxPool2d": FRACTIONAL,
    "FractionalMaxPool3d": FRACTIONAL,
    "AdaptiveMaxPool*": "output_size, return_indices=False",
    "AdaptiveAvgPool*": "output_size",
    "ConstantPad*": "padding, value",
    "ZeroPad*": "padding",
    "ReflectionPad*": "padding",
    "ReplicationPad*": "padding",
    "CircularPad*": "padding",
    "Upsample": SCALED + ", mode='nearest', align_corners=None",
    "UpsamplingNearest2d": SCALED,
    "UpsamplingBilinear2d": SCALED,
    "PixelShuffle": "upscale_factor",
    "PixelUnshuffle": "downscale_factor",
    "Unfold": "kernel_size, dilation=1, padding=0, stride=1",
    "Fold": "output_size, kernel_size, dilation=1, padding=0, stride=1",
    "conv*": CONV_FUNCTION,
    "conv_transpose*": TRANSPOSED_FUNCTION,
    "max_pool*": MAX_FUNCTION,
    "max_unpool*": UNPOOL_FUNCTION,
    "avg_pool1d": "input, " + AVG,
    "avg_pool2d": "input, " + AVG + OVERRIDE,
    "avg_pool3d": "input, " + AVG + OVERRIDE,
    "lp_pool*": "input, norm_type, kernel_size, stride=None, ceil_mode=False",
    "fractional_max_pool2d": "input, " + FRACTIONAL,
    "fractional_max_pool3d": "input, " + FRACTIONAL,
    "adaptive_max_pool*": "input, output_size, return_indices=False",
    "adaptive_avg_pool*": "input, output_size",
    "pad": "input, pad, mode='constant', value=0",
    "interpolate": "input, " + SCALED + ", mode='nearest', align_corners=None",
    "upsample": "input, " + SCALED + ", mode='nearest', align_corners=None",
    "upsample_nearest": "input, " + SCALED,
    "upsample_bilinear": "input, " + SCALED,
    "pixel_shuffle": "input, upscale_factor",
    "pixel_unshuffle": "input, downscale_factor",
    "unfold": "input, kernel_size, dilation=1, padding=0, stride=1",
    "fold": "input, output_size, kernel_size, dilation=1, padding=0, stride=1",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_arguments_and_defaults(name):
    for one in [name.replace("*", f"{d}d") for d in ((1, 2, 3) if "*" in name else (0,))]:
        params = inspect.signature(getattr(NF if name[0].islower() else nn, one)).parameters
        shown = [
            p.name if p.default is p.empty else f"{p.name}={p.default!r}" for p in params.values()
        ]
        assert ", ".join(shown) == SIGNATURES[name]


SAMPLES = torch.FloatTensor([0.1, 0.8, 0.5, 0.3]).view(1, 2, 2)

#: a layer, the size of its input
LAYERS = [
    (nn.Conv1d(2, 4, 3, padding="same"), (1, 2, 6)),
    (nn.Conv2d(2, 4, (3, 2), 2, 1, groups=2, padding_mode="circular"), (1, 2, 6, 5)),
    (nn.Conv3d(2, 4, 2, bias=False), (1, 2, 3, 4, 3)),
    (nn.ConvTranspose1d(2, 4, 3, 2, 1, 1), (1, 2, 4)),
    (nn.ConvTranspose2d(2, 4, 3, dilation=2, bias=False), (1, 2, 3, 4)),
    (nn.ConvTranspose3d(2, 2, 2, groups=2), (1, 2, 2, 3, 2)),
    (nn.MaxPool1d(2), (1, 2, 6)),
    (nn.MaxPool2d(3, 2, 1), (1, 2, 5, 6)),
    (nn.MaxPool3d(2, ceil_mode=True), (1, 2, 3, 4, 3)),
    (nn.AvgPool1d(2), (1, 2, 6)),
    (nn.AvgPool2d(2, divisor_override=3), (1, 2, 4, 6)),
    (nn.AvgPool3d(2), (1, 2, 2, 4, 2)),
    (nn.LPPool1d(2, 3), (1, 2, 6)),
    (nn.LPPool2d(4, 2), (1, 2, 4, 4)),
    (nn.FractionalMaxPool2d(2, output_ratio=0.5, _random_samples=SAMPLES), (1, 2, 6, 6)),
    (nn.AdaptiveMaxPool1d(2), (1, 2, 5)),
    (nn.AdaptiveMaxPool2d((None, 2)), (1, 2, 3, 5)),
    (nn.AdaptiveAvgPool3d(2), (1, 2, 3, 5, 2)),
    (nn.ConstantPad1d(2, 1.5), (1, 2, 3)),
    (nn.ZeroPad2d(-1), (1, 2, 4, 4)),
    (nn.ReflectionPad2d((1, 2, 0, 1)), (1, 2, 3, 4)),
    (nn.ReplicationPad3d(1), (1, 2, 3, 2, 2)),
    (nn.CircularPad1d(2), (1, 2, 3)),
    (nn.Upsample(scale_factor=1.5, mode="linear"), (1, 2, 4)),
    (nn.UpsamplingNearest2d(5), (1, 2, 3, 3)),
    (nn.UpsamplingBilinear2d(scale_factor=2), (1, 2, 3, 3)),
    (nn.PixelShuffle(2), (1, 4, 3, 3)),
    (nn.PixelUnshuffle(2), (1, 2, 4, 4)),
    (nn.Unfold(2), (1, 2, 3, 3)),
    (nn.Fold(3, 2), (1, 8, 4)),
]
by_layer = pytest.mark.parametrize("layer, size", LAYERS, ids=[repr(row[0]) for row in LAYERS])


def through_a_file(layer):
    f = io.BytesIO()
    torch.save(layer, f)
    f.seek(0)
    return torch.load(f)


@by_layer
def test_copies_and_files(layer, size):
    x = Variable(torch.randn(*size))
    expected = layer(x).data
    for other in (
        copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), through_a_file(layer)
    ):  # fmt: skip
        assert type(other) is type(layer) and repr(other) == repr(layer)
        assert other(x).data.equal(expected)
        assert list(other.state_dict()) == list(layer.state_dict())


@by_layer
def test_types_and_sequential(layer, size):
    layer = copy.deepcopy(layer).double()
    x = Variable(torch.randn(*size).double(), requires_grad=True)
    y = nn.Sequential(layer)(x)
    assert type(y.data) is torch.DoubleTensor
    y.sum().backward()
    assert x.grad.size() == x.size() and type(x.grad.data) is torch.DoubleTensor
    assert all(p.grad.size() == p.size() for p in layer.parameters())
    assert tuple(layer.float()(Variable(torch.randn(*size))).size()) == tuple(y.size())


@by_layer
def test_volatile_inputs_are_not_recorded(layer, size):
    y = layer(Variable(torch.randn(*size), volatile=True))
    assert y.volatile and not y.requires_grad
