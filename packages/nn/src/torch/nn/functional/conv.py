"""Convolutions and transposed convolutions over 1 to 3 dimensions."""

from typing import Any

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .arguments import rename, sizes
from .padding import flat, pad

__all__ = [
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
]  # fmt: skip


def conv1d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Variable:
    """input (n, c, l), weight (o, c / groups, k), bias (o,) -> (n, o, l')

    l' = (l + 2 * padding - dilation * (k - 1) - 1) // stride + 1. `padding` may be "valid" (none)
    or, with a stride of 1, "same" (l' = l).
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Variable:
    """input (n, c, h, w), weight (o, c / groups, kh, kw), bias (o,) -> (n, o, h', w')

    Numbers are for both dimensions, or (h, w) pairs; sizes and `padding` are as in `conv1d`.
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Variable:
    """input (n, c, d, h, w), weight (o, c / groups, kd, kh, kw), bias (o,) -> (n, o, d', h', w')

    Numbers are for all dimensions, or one for each; sizes and `padding` are as in `conv1d`.
    """
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Variable:
    """input (n, c, l), weight (c, o / groups, k), bias (o,) -> (n, o, l')

    The gradient of `conv1d` as a layer, where `output_padding` is less than the stride or the
    dilation: l' = (l - 1) * stride - 2 * padding + dilation * (k - 1) + 1 + output_padding.
    """
    return _conv_transpose(
        1, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Variable:
    """input (n, c, h, w), weight (c, o / groups, kh, kw), bias (o,) -> (n, o, h', w')

    Numbers are for both dimensions, or (h, w) pairs; sizes are as in `conv_transpose1d`.
    """
    return _conv_transpose(
        2, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    input: Variable,
    weight: Variable,
    bias: Variable | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Variable:
    """input (n, c, d, h, w), weight (c, o / groups, kd, kh, kw), bias (o,) -> (n, o, d', h', w')

    Numbers are for all dimensions, or one for each; sizes are as in `conv_transpose1d`.
    """
    return _conv_transpose(
        3, input, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_padding(where: str, dims: int, padding: Any) -> Any:
    """The padding in each dimension, or "same"."""
    if padding == "valid":
        return (0,) * dims
    if isinstance(padding, str) and padding != "same":
        raise ValueError(f'{where}: padding: expected numbers, "same" or "valid", got {padding!r}')
    return padding if padding == "same" else sizes(where, "padding", padding, dims, 0)


def same_pads(where: str, kernel: Any, stride: tuple, dilation: tuple) -> list[tuple[int, int]]:
    """What "same" adds before and after each dimension; the odd one comes after."""
    if any(n != 1 for n in stride):
        raise ValueError(f'{where}: padding: "same" needs a stride of 1, got {stride}')
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return [(total // 2, total - total // 2) for total in totals]


def _check_layout(where: str, dims: int, input: Variable, weight: Variable) -> None:
    if input.dim() == weight.dim() == dims + 2:
        return
    for name, value, layout in (
        ("input", input, "(batch, channels"),
        ("weight", weight, "(channels, channels / groups"),
    ):
        if value.dim() != dims + 2:
            kind = "spatial" if name == "input" else "kernel"
            raise ValueError(
                f"{where}: expected {name} of size {layout}, {dims} {kind} "
                f"size{'s' if dims > 1 else ''}), got {_shown(value)}"
            )


def _shown(value: Variable) -> tuple[int, ...]:
    return tuple(value.size())


def _channels(expected: int, input: Variable) -> str:
    return (
        f"expected {expected} input channels, got {input.size(1)} in input of size {_shown(input)}"
    )


def _conv(
    dims: int,
    input: Variable,
    weight: Variable,
    bias: Variable | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
) -> Variable:
    where = f"conv{dims}d"
    _check_layout(where, dims, input, weight)
    stride = sizes(where, "stride", stride, dims, 1)
    dilation = sizes(where, "dilation", dilation, dims, 1)
    padding = conv_padding(where, dims, padding)
    if padding == "same":
        pads = same_pads(where, weight.size()[2:], stride, dilation)
        padding = tuple([before for before, _ in pads])
        if any(before != after for before, after in pads):
            input = pad(input, flat([(0, after - before) for before, after in pads]))
    if type(groups) is not int or groups < 1:
        raise ValueError(f"{where}: groups: expected an int of at least 1, got {groups!r}")
    function = F.Conv(stride, padding, dilation, groups)
    try:
        return execute(function, (input, weight) if bias is None else (input, weight, bias))
    except (ValueError, TypeError) as error:
        rename(error, "conv", where)
        channels = weight.size(1) * groups
        if isinstance(error, ValueError) and input.size(1) != channels:
            error.args = (f"{where}: {_channels(channels, input)} and weight {_shown(weight)}",)
        raise


def output_padding_for(
    where: str,
    input: Variable,
    output_size: Any,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    padding: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[int, ...]:
    """The output_padding of a transposed convolution whose result is to have `output_size`.

    That is the spatial sizes, or all of the result's; ValueError for a size that `stride` does not
    allow: `stride` sizes have the same size of input in the convolution.
    """
    dims = len(kernel)
    wanted = tuple(output_size)
    if len(wanted) == dims + 2:
        wanted = wanted[2:]
    if len(wanted) != dims or input.dim() != dims + 2:
        raise ValueError(
            f"{where}: output_size: expected {dims} or {dims + 2} sizes for an input of "
            f"{dims + 2} dimensions, got {tuple(output_size)} and input {_shown(input)}"
        )
    least = _transposed_sizes(input, kernel, stride, padding, dilation)
    most = [n + s - 1 for n, s in zip(least, stride, strict=True)]
    if not all(low <= n <= high for low, n, high in zip(least, wanted, most, strict=True)):
        raise ValueError(
            f"{where}: output_size: expected sizes from {tuple(least)} to {tuple(most)} for input "
            f"{_shown(input)} and stride {stride}, got {wanted}"
        )
    return tuple([n - low for n, low in zip(wanted, least, strict=True)])


def _transposed_sizes(
    input: Variable, kernel: Any, stride: tuple, padding: tuple, dilation: tuple
) -> list[int]:
    """The spatial sizes of a transposed convolution's result, without output_padding."""
    numbers = zip(input.size()[2:], kernel, stride, padding, dilation, strict=True)
    return [(n - 1) * s - 2 * p + d * (k - 1) + 1 for n, k, s, p, d in numbers]


def _conv_transpose(
    dims: int,
    input: Variable,
    weight: Variable,
    bias: Variable | None,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: int,
    dilation: Any,
) -> Variable:
    where = f"conv_transpose{dims}d"
    _check_layout(where, dims, input, weight)
    stride = sizes(where, "stride", stride, dims, 1)
    padding = sizes(where, "padding", padding, dims, 0)
    dilation = sizes(where, "dilation", dilation, dims, 1)
    output_padding = sizes(where, "output_padding", output_padding, dims, 0)
    for more, s, d in zip(output_padding, stride, dilation, strict=True):
        if more >= max(s, d):
            raise ValueError(
                f"{where}: output_padding: expected less than the stride {stride} or the dilation "
                f"{dilation}, got {output_padding}"
            )
    channels, per_group = weight.size(0), weight.size(1)
    if not isinstance(groups, int) or groups < 1 or channels % groups:
        raise ValueError(
            f"{where}: groups: expected a divisor of the {channels} input channels of weight "
            f"{_shown(weight)}, got {groups!r}"
        )
    if input.size(1) != channels:
        raise ValueError(f"{where}: {_channels(channels, input)} and weight {_shown(weight)}")
    if bias is not None and tuple(bias.size()) != (per_group * groups,):
        raise ValueError(
            f"{where}: expected bias of size {(per_group * groups,)}, got {_shown(bias)}"
        )
    if bias is not None and type(bias.data) is not type(input.data):
        raise TypeError(
            f"{where}: expected bias to be a {type(input.data).__name__}, got "
            f"{type(bias.data).__name__}"
        )
    least = _transposed_sizes(input, weight.size()[2:], stride, padding, dilation)
    result = [n + more for n, more in zip(least, output_padding, strict=True)]
    if min(result, default=1) < 1:
        raise ValueError(
            f"{where}: padding: expected a result of at least one element in each dimension, got "
            f"{tuple(result)} for input {_shown(input)}, weight {_shown(weight)}, "
            f"padding {padding}"
        )
    # Where the dilation lets output_padding reach the stride, convolution sees further elements.
    further = [more // s for more, s in zip(output_padding, stride, strict=True)]
    if any(further):
        input = pad(input, flat([(0, n) for n in further]))
    size = (input.size(0), per_group * groups, *result)
    function = F.ConvTranspose(size, stride, padding, dilation, groups)
    try:
        return execute(function, (input, weight) if bias is None else (input, weight, bias))
    except (ValueError, TypeError) as error:
        rename(error, "conv_input_grad", where)
        raise
