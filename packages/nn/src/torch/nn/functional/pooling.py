"""Pooling over 1 to 3 dimensions: (n, c, *s) -> (n, c, *t). Unpooling goes the other way."""

import math
from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .arguments import rename, sizes

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
    "adaptive_max_pool2d", "adaptive_max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
    "fractional_max_pool2d", "fractional_max_pool3d", "lp_pool1d", "lp_pool2d", "lp_pool3d",
    "max_pool1d", "max_pool2d", "max_pool3d", "max_unpool1d", "max_unpool2d", "max_unpool3d",
]  # fmt: skip


def _check_layout(where: str, dims: int, input: Variable) -> None:
    if input.dim() != dims + 2:
        raise ValueError(
            f"{where}: expected input of size (batch, channels, {dims} spatial "
            f"size{'s' if dims > 1 else ''}), got {tuple(input.size())}"
        )


def _run(where: str, op: str, function: Any, *inputs: Variable) -> Any:
    """Call the Function; errors of the kernel `op` name the function that the user called."""
    try:
        return execute(function, inputs)
    except (ValueError, TypeError, IndexError) as error:
        rename(error, op, where)
        raise


# largest elements


def max_pool1d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window: (n, c, l) -> (n, c, l').

    l' = (l + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1, rounded down, or up with
    `ceil_mode`; `stride` is the kernel size where not given. Padding never wins. With
    `return_indices` also a LongTensor Variable of the positions in each plane.
    """
    return _max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window: (n, c, h, w) -> (n, c, h', w'), as `max_pool1d`.

    Positions are h * width + w in each plane.
    """
    return _max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window: (n, c, d, h, w) -> (n, c, d', h', w'), as `max_pool1d`.

    Positions are (d * height + h) * width + w in each volume.
    """
    return _max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def _max_pool(
    dims: int,
    input: Variable,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    where = f"max_pool{dims}d"
    _check_layout(where, dims, input)
    kernel = sizes(where, "kernel_size", kernel_size, dims, 1)
    function = F.MaxPool(
        kernel,
        kernel if stride is None else sizes(where, "stride", stride, dims, 1),
        sizes(where, "padding", padding, dims, 0),
        sizes(where, "dilation", dilation, dims, 1),
        ceil_mode,
        return_indices=return_indices,
    )
    return _run(where, "max_pool", function, input)


def adaptive_max_pool1d(input: Variable, output_size: Any, return_indices: bool = False) -> Any:
    """The largest element of each of `output_size` parts: (n, c, l) -> (n, c, output_size).

    Part i reaches from floor(i * l / output_size) to ceil((i + 1) * l / output_size). With
    `return_indices` also a LongTensor Variable of the positions in each plane.
    """
    return _adaptive_max_pool(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Variable, output_size: Any, return_indices: bool = False) -> Any:
    """The largest element of each part: (n, c, h, w) -> (n, c, *output_size).

    `output_size`: an int, or a pair with None for a size that stays; else as `adaptive_max_pool1d`.
    """
    return _adaptive_max_pool(2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Variable, output_size: Any, return_indices: bool = False) -> Any:
    """The largest element of each part: (n, c, d, h, w) -> (n, c, *output_size).

    `output_size`: an int, or three with None for a size that stays; else as `adaptive_max_pool1d`.
    """
    return _adaptive_max_pool(3, input, output_size, return_indices)


def _adaptive_sizes(where: str, dims: int, input: Variable, output_size: Any) -> tuple[int, ...]:
    _check_layout(where, dims, input)
    if isinstance(output_size, tuple | list) and len(output_size) == dims:
        kept = input.size()[2:]
        output_size = tuple([k if n is None else n for n, k in zip(output_size, kept, strict=True)])
    return sizes(where, "output_size", output_size, dims, 1)


def _adaptive_max_pool(dims: int, input: Variable, output_size: Any, return_indices: bool) -> Any:
    where = f"adaptive_max_pool{dims}d"
    size = _adaptive_sizes(where, dims, input, output_size)
    function = F.AdaptiveMaxPool(size, return_indices=return_indices)
    return _run(where, "adaptive_max_pool", function, input)


def fractional_max_pool2d(
    input: Variable,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """The largest element of each of randomly placed windows: (n, c, h, w) -> (n, c, h', w').

    (h', w') is `output_size`, or int(h * ratio), int(w * ratio) for an `output_ratio` between 0 and
    1. `_random_samples` (n, c, 2) from [0, 1) choose the windows. B. Graham, "Fractional
    max-pooling" (2014).
    """
    return _fractional_max_pool(
        2, input, kernel_size, output_size, output_ratio, return_indices, _random_samples
    )


def fractional_max_pool3d(
    input: Variable,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """`fractional_max_pool2d` for volumes: (n, c, d, h, w) -> (n, c, d', h', w')."""
    return _fractional_max_pool(
        3, input, kernel_size, output_size, output_ratio, return_indices, _random_samples
    )


def fractional_sizes(
    where: str, dims: int, output_size: Any, output_ratio: Any
) -> tuple[tuple[int, ...] | None, tuple[float, ...] | None]:
    """The output size and the output ratio, checked; one of them is None."""
    if (output_size is None) == (output_ratio is None):
        raise ValueError(
            f"{where}: expected either output_size or output_ratio, got {output_size!r} and "
            f"{output_ratio!r}"
        )
    if output_size is not None:
        return sizes(where, "output_size", output_size, dims, 1), None
    ratios = tuple(output_ratio) if isinstance(output_ratio, tuple | list) else None
    ratios = (output_ratio,) * dims if ratios is None else ratios
    if len(ratios) != dims or not all(isinstance(r, int | float) and 0 < r < 1 for r in ratios):
        raise ValueError(
            f"{where}: output_ratio: expected a number between 0 and 1 or {dims} of them, got "
            f"{output_ratio!r}"
        )
    return None, ratios


def _fractional_max_pool(
    dims: int,
    input: Variable,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    return_indices: bool,
    samples: Any,
) -> Any:
    where = f"fractional_max_pool{dims}d"
    _check_layout(where, dims, input)
    kernel = sizes(where, "kernel_size", kernel_size, dims, 1)
    size, ratios = fractional_sizes(where, dims, output_size, output_ratio)
    if size is None:
        size = tuple([int(n * r) for n, r in zip(input.size()[2:], ratios, strict=True)])  # type: ignore[arg-type]
        if 0 in size:
            raise ValueError(
                f"{where}: output_ratio: expected a result of at least one element in each "
                f"dimension, got {output_ratio!r} for input {tuple(input.size())}"
            )
    if samples is None:
        shape = (input.size(0), input.size(1), dims)
        samples = torch.rand(shape, dtype=input.data.dtype, device=input.device)
    elif isinstance(samples, Variable):
        samples = samples.data
    function = F.FractionalMaxPool(kernel, size, samples, return_indices=return_indices)
    return _run(where, "fractional_max_pool", function, input)


# back into larger planes


def max_unpool1d(
    input: Variable,
    indices: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Variable:
    """The elements of `input` (n, c, l) at their `indices` of max pooling in zeros (n, c, l').

    l' = (l - 1) * stride - 2 * padding + kernel_size, unless `output_size` (the spatial sizes, or
    all of them) says another, less than a stride away.
    """
    return _max_unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Variable,
    indices: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Variable:
    """`max_pool2d` undone but for the lost elements: (n, c, h, w) -> (n, c, h', w').

    Sizes are as in `max_unpool1d`.
    """
    return _max_unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Variable,
    indices: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Variable:
    """`max_pool3d` undone but for the lost elements: (n, c, d, h, w) -> (n, c, d', h', w').

    Sizes are as in `max_unpool1d`.
    """
    return _max_unpool(3, input, indices, kernel_size, stride, padding, output_size)


def _max_unpool(
    dims: int,
    input: Variable,
    indices: Any,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    output_size: Any,
) -> Variable:
    where = f"max_unpool{dims}d"
    _check_layout(where, dims, input)
    kernel = sizes(where, "kernel_size", kernel_size, dims, 1)
    strides = kernel if stride is None else sizes(where, "stride", stride, dims, 1)
    pads = sizes(where, "padding", padding, dims, 0)
    numbers = zip(input.size()[2:], kernel, strides, pads, strict=True)
    usual = tuple([(n - 1) * s - 2 * p + k for n, k, s, p in numbers])
    size = usual
    if output_size is not None:
        size = tuple(output_size)
        if len(size) == dims + 2:
            size = size[2:]
        if len(size) != dims or not all(
            u - s < n < u + s for n, u, s in zip(size, usual, strides, strict=True)
        ):
            raise ValueError(
                f"{where}: output_size: expected {dims} sizes less than a stride of {strides} away "
                f"from {usual}, got {tuple(output_size)}"
            )
    if min(size) < 1:
        raise ValueError(
            f"{where}: expected a result of at least one element in each dimension, got {size} for "
            f"input {tuple(input.size())}, kernel {kernel}, stride {strides}, padding {pads}"
        )
    function = F.MaxUnpool((*input.size()[:2], *size))
    return _run(where, "max_unpool", function, input, indices)


# means


def avg_pool1d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Variable:
    """The mean of each window: (n, c, l) -> (n, c, l').

    l' is that of `max_pool1d`. Padding counts as zeros, or not at all without `count_include_pad`.
    """
    return _avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Variable:
    """The mean of each window: (n, c, h, w) -> (n, c, h', w'), as `avg_pool1d`.

    With `divisor_override` the sum of each window divided by that.
    """
    return _avg_pool(
        2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool3d(
    input: Variable,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Variable:
    """The mean of each window: (n, c, d, h, w) -> (n, c, d', h', w'), as `avg_pool2d`."""
    return _avg_pool(
        3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def check_divisor(where: str, divisor: Any) -> None:
    """`divisor_override` is an int other than 0, or None."""
    if divisor is None:
        return
    if isinstance(divisor, bool) or not isinstance(divisor, int) or divisor == 0:
        raise ValueError(
            f"{where}: divisor_override: expected an int other than 0, got {divisor!r}"
        )


def _avg_pool(
    dims: int,
    input: Variable,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor: int | None,
) -> Variable:
    where = f"avg_pool{dims}d"
    _check_layout(where, dims, input)
    kernel = sizes(where, "kernel_size", kernel_size, dims, 1)
    strides = kernel if stride is None else sizes(where, "stride", stride, dims, 1)
    pads = sizes(where, "padding", padding, dims, 0)
    if divisor is None:
        function = F.AvgPool(kernel, strides, pads, ceil_mode, count_include_pad)
        return _run(where, "avg_pool", function, input)
    check_divisor(where, divisor)
    means = _run(where, "avg_pool", F.AvgPool(kernel, strides, pads, ceil_mode, True), input)
    factor = 1 / divisor
    for i, (k, s, p) in enumerate(zip(kernel, strides, pads, strict=True)):
        # with ceil_mode the last window may reach beyond the padding
        counts = [min(k, input.size(2 + i) + 2 * p - j * s) for j in range(means.size(2 + i))]
        if set(counts) == {k}:
            factor *= k
        else:
            column = input.data.new(counts).view(-1, *[1] * (dims - 1 - i))
            means = means * Variable(column.expand(means.size()))
    return means * factor


def adaptive_avg_pool1d(input: Variable, output_size: Any) -> Variable:
    """The mean of each of `output_size` parts: (n, c, l) -> (n, c, output_size).

    The parts are those of `adaptive_max_pool1d`.
    """
    return adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Variable, output_size: Any) -> Variable:
    """The mean of each part: (n, c, h, w) -> (n, c, *output_size).

    `output_size`: an int, or a pair with None for a size that stays.
    """
    return adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Variable, output_size: Any) -> Variable:
    """The mean of each part: (n, c, d, h, w) -> (n, c, *output_size).

    `output_size`: an int, or three with None for a size that stays.
    """
    return adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def adaptive_avg_pool(where: str, dims: int, input: Variable, output_size: Any) -> Variable:
    """Adaptive mean over `dims` dimensions, in the name of `where`."""
    size = _adaptive_sizes(where, dims, input, output_size)
    return _run(where, "adaptive_avg_pool", F.AdaptiveAvgPool(size), input)


# norms


def lp_pool1d(
    input: Variable,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Variable:
    """The root of the sum of powers, sum(x ** p) ** (1 / p), of each window: l -> l'.

    p is `norm_type`, l' that of `max_pool1d`. Where the sum is 0 the gradient is 0. A window that
    `ceil_mode` lets reach beyond the end counts as a full one with the mean of its elements.
    """
    return _lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Variable,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Variable:
    """`lp_pool1d` for images: (n, c, h, w) -> (n, c, h', w')."""
    return _lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Variable,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Variable:
    """`lp_pool1d` for volumes: (n, c, d, h, w) -> (n, c, d', h', w')."""
    return _lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


def check_norm_type(where: str, norm_type: Any) -> float:
    """The p of an LP pooling: a positive number."""
    if not (isinstance(norm_type, int | float) and 0 < norm_type < math.inf):
        raise ValueError(f"{where}: norm_type: expected a positive number, got {norm_type!r}")
    return norm_type


def _lp_pool(
    dims: int, input: Variable, norm_type: Any, kernel_size: Any, stride: Any, ceil_mode: bool
) -> Variable:
    where = f"lp_pool{dims}d"
    p = check_norm_type(where, norm_type)
    _check_layout(where, dims, input)
    kernel = sizes(where, "kernel_size", kernel_size, dims, 1)
    strides = kernel if stride is None else sizes(where, "stride", stride, dims, 1)
    function = F.AvgPool(kernel, strides, (0,) * dims, ceil_mode, True)
    total = _run(where, "avg_pool", function, input**p) * math.prod(kernel)
    if p == 1:
        return total
    empty = total.data.eq(0)  # there the slope of the root is infinite
    return total.masked_fill(empty, 1).pow(1 / p).masked_fill(empty, 0)
