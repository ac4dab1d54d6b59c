"""Normalization: input (n, channels, ...), unless a function says otherwise."""

import math
from typing import Any

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from .arguments import as_constant, number

__all__ = [
    "batch_norm", "group_norm", "instance_norm", "layer_norm", "local_response_norm", "normalize",
]  # fmt: skip


def affine(where: str, weight: Any, bias: Any, size: tuple[int, ...], like: Variable) -> tuple:
    """(weight, bias) as far as they are given, of the size `size`; ones for a bias alone."""
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and tuple(value.size()) != size:
            raise ValueError(
                f"{where}: {name}: expected size {size} for input of size {tuple(like.size())}, "
                f"got {tuple(value.size())}"
            )
    if bias is None:
        return () if weight is None else (weight,)
    if weight is None:
        weight = Variable(as_constant(bias).new(*size).fill_(1))
    return weight, bias


def several_values(where: str, count: int, what: str, input: Variable) -> None:
    """Normalizing a single value would always give 0."""
    if count == 1:
        raise ValueError(
            f"{where}: expected more than one value per {what} to normalize over, got input of "
            f"size {tuple(input.size())}"
        )


def at_least_channels(where: str, input: Variable, least: int) -> None:
    if input.dim() < least:
        raise ValueError(
            f"{where}: input: expected at least {least} dimensions (n, channels, ...), got size "
            f"{tuple(input.size())}"
        )


def running_stats(where: str, mean: Any, var: Any, channels: int) -> tuple | None:
    """The running mean and variance as Tensors (channels,), or None without them."""
    if (mean is None) != (var is None):
        missing, given = ("running_mean", "running_var")[:: 1 if mean is None else -1]
        raise ValueError(f"{where}: {missing}: expected a Tensor beside {given}, got None")
    if mean is None:
        return None
    for name, value in (("running_mean", mean), ("running_var", var)):
        if tuple(value.size()) != (channels,):
            raise ValueError(
                f"{where}: {name}: expected size ({channels},), one per channel, got "
                f"{tuple(value.size())}"
            )
    return as_constant(mean), as_constant(var)


def batch_norm(
    input: Variable,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Variable:
    """(input - mean) / sqrt(variance + eps) * weight + bias, for each channel.

    With `training` mean and variance are those of the input, and the running ones (channels,), if
    given, become (1 - momentum) * running + momentum * current; otherwise the running ones count.
    """
    at_least_channels("batch_norm", input, 2)
    channels = input.size(1)
    running = running_stats("batch_norm", running_mean, running_var, channels)
    if training:
        several_values("batch_norm", input.numel() // max(channels, 1), "channel", input)
    elif running is None:
        raise ValueError("batch_norm: running_mean: expected a Tensor without training, got None")
    parameters = affine("batch_norm", weight, bias, (channels,), input)
    function = F.BatchNorm(running, training, momentum, eps)
    return execute(function, (input, *parameters))


def instance_norm(
    input: Variable,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Variable:
    """batch_norm of every sample by itself.

    With `use_input_stats` the running ones, if given, move towards the mean over the samples.
    """
    at_least_channels("instance_norm", input, 3)
    _, channels, *inner = input.size()
    running = running_stats("instance_norm", running_mean, running_var, channels)
    if not use_input_stats:
        if running is None:
            raise ValueError(
                "instance_norm: running_mean: expected a Tensor without use_input_stats, got None"
            )
        mean, var = running
        return batch_norm(input, mean, var, weight, bias, False, momentum, eps)
    several_values("instance_norm", math.prod(inner), "channel and sample", input)
    function = F.GroupNorm(channels, eps, running, momentum)
    return by_sample("instance_norm", function, input, weight, bias)


def group_norm(
    input: Variable, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Variable:
    """Each sample normalized in `num_groups` groups of neighbouring channels."""
    at_least_channels("group_norm", input, 2)
    _, channels, *inner = input.size()
    if num_groups < 1 or channels % num_groups:
        raise ValueError(
            f"group_norm: num_groups: expected a divisor of the {channels} channels of input of "
            f"size {tuple(input.size())}, got {num_groups}"
        )
    several_values("group_norm", channels // num_groups * math.prod(inner), "group", input)
    return by_sample("group_norm", F.GroupNorm(num_groups, eps), input, weight, bias)


def by_sample(where: str, function: Any, input: Variable, weight: Any, bias: Any) -> Variable:
    """The Function, unless there is no sample."""
    parameters = affine(where, weight, bias, (input.size(1),), input)
    return input * 1 if input.numel() == 0 else execute(function, (input, *parameters))


def layer_norm(
    input: Variable,
    normalized_shape: Any,
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Variable:
    """Every sample of the last dimensions, of sizes `normalized_shape`, with mean 0, variance 1.

    weight and bias have the size `normalized_shape` and are applied afterwards.
    """
    shape = shape_of("layer_norm", normalized_shape)
    size = tuple(input.size())
    if size[-len(shape) :] != shape:
        raise ValueError(
            f"layer_norm: input: expected a size that ends with normalized_shape={shape}, got "
            f"{size}"
        )
    function = F.LayerNorm(shape, eps)
    return execute(function, (input, *affine("layer_norm", weight, bias, shape, input)))


def shape_of(where: str, shape: Any) -> tuple[int, ...]:
    """One int or several, each at least 1."""
    sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    good = all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in sizes)
    if not sizes or not good:
        raise ValueError(
            f"{where}: normalized_shape: expected an int of at least 1 or a tuple of them, got "
            f"{shape!r}"
        )
    return sizes


def local_response_norm(
    input: Variable, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Variable:
    """input / (k + alpha * mean of input ** 2 over `size` neighbouring channels) ** beta.

    Channels beyond the first and last count as 0. A. Krizhevsky et al., ImageNet Classification
    with Deep Convolutional Neural Networks (2012), section 3.3, with alpha / size for their alpha.
    """
    at_least_channels("local_response_norm", input, 3)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"local_response_norm: size: expected an int of at least 1, got {size!r}")
    total = execute(F.ChannelWindow(size // 2, (size - 1) // 2), (input * input,))
    return input * (total * (alpha / size) + k) ** -beta


def normalize(input: Variable, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Variable:
    """input / max(norm, eps), with the p-norm along `dim`."""
    number("normalize", "p", p)
    norm = input.norm(p, dim, keepdim=True).clamp(min=eps)  # type: ignore[attr-defined]
    return input / norm.expand_as(input)
