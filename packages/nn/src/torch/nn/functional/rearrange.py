"""Elements of images in another order: channels against pixels, windows against columns."""

from functools import lru_cache
from typing import Any

import torch
from torch.autograd import Variable

from .. import functions as F
from ..functions.resample import Axis
from .arguments import sizes
from .padding import pad

__all__ = ["fold", "pixel_shuffle", "pixel_unshuffle", "unfold"]


def _check_factor(where: str, name: str, factor: Any) -> None:
    if isinstance(factor, bool) or not isinstance(factor, int) or factor < 1:
        raise ValueError(f"{where}: {name}: expected an int of at least 1, got {factor!r}")


def pixel_shuffle(input: Variable, upscale_factor: int) -> Variable:
    """(n, c * r * r, h, w) -> (n, c, h * r, w * r) with r the `upscale_factor`.

    Every r * r channels become the pixels of a block: W. Shi et al., "Real-time single image and
    video super-resolution using an efficient sub-pixel convolutional neural network" (2016).
    """
    _check_factor("pixel_shuffle", "upscale_factor", upscale_factor)
    r = upscale_factor
    if input.dim() != 4 or input.size(1) % (r * r):
        raise ValueError(
            f"pixel_shuffle: expected input of size (batch, a multiple of {r * r} channels, "
            f"height, width), got {tuple(input.size())}"
        )
    n, c, h, w = input.size()
    blocks = input.contiguous().view(n, c // (r * r), r, r, h, w)  # type: ignore[attr-defined]
    return blocks.permute(0, 1, 4, 2, 5, 3).contiguous().view(n, c // (r * r), h * r, w * r)


def pixel_unshuffle(input: Variable, downscale_factor: int) -> Variable:
    """(n, c, h * r, w * r) -> (n, c * r * r, h, w) with r the `downscale_factor`."""
    _check_factor("pixel_unshuffle", "downscale_factor", downscale_factor)
    r = downscale_factor
    if input.dim() != 4 or input.size(2) % r or input.size(3) % r:
        raise ValueError(
            f"pixel_unshuffle: expected input of size (batch, channels, height, width) with height "
            f"and width multiples of {r}, got {tuple(input.size())}"
        )
    n, c, h, w = input.size()
    blocks = input.contiguous().view(n, c, h // r, r, w // r, r)  # type: ignore[attr-defined]
    return blocks.permute(0, 1, 3, 5, 2, 4).contiguous().view(n, c * r * r, h // r, w // r)


@lru_cache(maxsize=256)
def _window_index(kernel: int, dilation: int, stride: int, count: int) -> torch.Tensor:
    """Where element k of window i lies, at k * count + i."""
    places = [k * dilation + i * stride for k in range(kernel) for i in range(count)]
    return torch.LongTensor(places)


class _Windows:
    """The windows of images (n, c, h, w): their kernel, how many there are, where they lie."""

    def __init__(
        self, where: str, size: tuple, kernel_size: Any, dilation: Any, padding: Any, stride: Any
    ) -> None:
        self.kernel = sizes(where, "kernel_size", kernel_size, 2, 1)
        dilations = sizes(where, "dilation", dilation, 2, 1)
        strides = sizes(where, "stride", stride, 2, 1)
        top, left = sizes(where, "padding", padding, 2, 0)
        self.pads = [left, left, top, top]
        padded = (size[0] + 2 * top, size[1] + 2 * left)
        counts = []
        axes = []
        for i in range(2):
            k, d, s = self.kernel[i], dilations[i], strides[i]
            room = padded[i] - d * (k - 1) - 1
            if room < 0:
                raise ValueError(
                    f"{where}: expected images that hold the kernel, got height and width {size}, "
                    f"padding {(top, left)}, kernel {self.kernel}, dilation {dilations}"
                )
            counts.append(room // s + 1)
            axes.append(Axis(2 + i, padded[i], ((_window_index(k, d, s, counts[i]), None),)))
        self.counts = tuple(counts)
        self.axes = tuple(axes)


def unfold(
    input: Variable, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Variable:
    """Each window as a column: (n, c, h, w) -> (n, c * kh * kw, windows), row by row of windows.

    `conv2d` is a matrix product with this. Numbers are for both dimensions, or (h, w) pairs.
    """
    if input.dim() != 4:
        raise ValueError(
            "unfold: expected input of size (batch, channels, height, width), got "
            f"{tuple(input.size())}"
        )
    n, c, h, w = input.size()
    windows = _Windows("unfold", (h, w), kernel_size, dilation, padding, stride)
    (kh, kw), (rows, columns) = windows.kernel, windows.counts
    if any(windows.pads):
        input = pad(input, windows.pads)
    spread = F.Resample(windows.axes)(input).view(n, c, kh, rows, kw, columns)
    parts = spread.permute(0, 1, 2, 4, 3, 5).contiguous()
    return parts.view(n, c * kh * kw, rows * columns)


def fold(
    input: Variable,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Variable:
    """Columns added up as windows: (n, c * kh * kw, windows) -> (n, c, *output_size).

    The adjoint of `unfold`: where windows overlap, their elements are added.
    """
    size = sizes("fold", "output_size", output_size, 2, 1)
    windows = _Windows("fold", size, kernel_size, dilation, padding, stride)
    (kh, kw), (rows, columns) = windows.kernel, windows.counts
    if input.dim() != 3 or input.size(1) % (kh * kw) or input.size(2) != rows * columns:
        raise ValueError(
            f"fold: expected input of size (batch, a multiple of {kh * kw} rows, "
            f"{rows * columns} windows) for output_size {size} and kernel {windows.kernel}, got "
            f"{tuple(input.size())}"
        )
    n, c = input.size(0), input.size(1) // (kh * kw)
    parts = input.contiguous().view(n, c, kh, kw, rows, columns)  # type: ignore[attr-defined]
    spread = parts.permute(0, 1, 2, 4, 3, 5).contiguous().view(n, c, kh * rows, kw * columns)
    image = F.ResampleInputGrad(windows.axes)(spread)
    return pad(image, [-p for p in windows.pads]) if any(windows.pads) else image
