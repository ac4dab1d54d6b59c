"""Elements of images in another order: channels against pixels, windows against columns."""

import math
from typing import Any

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from ..functions.rearrange import Windows
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
    return execute(F.PixelShuffle(r), (input,))


def pixel_unshuffle(input: Variable, downscale_factor: int) -> Variable:
    """(n, c, h * r, w * r) -> (n, c * r * r, h, w) with r the `downscale_factor`."""
    _check_factor("pixel_unshuffle", "downscale_factor", downscale_factor)
    r = downscale_factor
    if input.dim() != 4 or input.size(2) % r or input.size(3) % r:
        raise ValueError(
            f"pixel_unshuffle: expected input of size (batch, channels, height, width) with height "
            f"and width multiples of {r}, got {tuple(input.size())}"
        )
    return execute(F.PixelUnshuffle(r), (input,))


def _windows(
    where: str, size: tuple, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> tuple[Windows, list[int]]:
    """The windows of images of this (height, width); their padding as `pad` takes it."""
    kernel = sizes(where, "kernel_size", kernel_size, 2, 1)
    dilations = sizes(where, "dilation", dilation, 2, 1)
    strides = sizes(where, "stride", stride, 2, 1)
    top, left = sizes(where, "padding", padding, 2, 0)
    padded = (size[0] + 2 * top, size[1] + 2 * left)
    room = [n - d * (k - 1) - 1 for n, k, d in zip(padded, kernel, dilations, strict=True)]
    if min(room) < 0:
        raise ValueError(
            f"{where}: expected images that hold the kernel, got height and width {size}, "
            f"padding {(top, left)}, kernel {kernel}, dilation {dilations}"
        )
    counts = (room[0] // strides[0] + 1, room[1] // strides[1] + 1)
    return Windows(padded, kernel, dilations, strides, counts), [left, left, top, top]  # type: ignore[arg-type]


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
    windows, pads = _windows("unfold", (h, w), kernel_size, dilation, padding, stride)
    if any(pads):
        input = pad(input, pads)
    columns = execute(F.Unfold(windows), (input,))
    return columns.view(n, c * math.prod(windows.kernel), math.prod(windows.counts))


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
    windows, pads = _windows("fold", size, kernel_size, dilation, padding, stride)
    rows, count = math.prod(windows.kernel), math.prod(windows.counts)
    if input.dim() != 3 or input.size(1) % rows or input.size(2) != count:
        raise ValueError(
            f"fold: expected input of size (batch, a multiple of {rows} rows, {count} windows) for "
            f"output_size {size} and kernel {windows.kernel}, got {tuple(input.size())}"
        )
    split = (input.size(0), input.size(1) // rows, *windows.kernel, *windows.counts)
    columns = input.contiguous().view(*split)  # type: ignore[attr-defined]
    image = execute(F.Fold(windows), (columns,))
    return pad(image, [-p for p in pads]) if any(pads) else image
