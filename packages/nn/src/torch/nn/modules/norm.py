"""Normalization layers."""

from typing import Any, ClassVar

import torch
from torch.autograd import Variable

from .. import functional as F
from ..functional.arguments import number
from ..functional.norm import shape_of
from ..parameter import Parameter
from .linear import count
from .module import Module

__all__ = [
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "CrossMapLRN2d", "GroupNorm", "InstanceNorm1d",
    "InstanceNorm2d", "InstanceNorm3d", "LayerNorm", "LocalResponseNorm",
]  # fmt: skip


class _Norm(Module):
    """A normalization with a weight and a bias of one size, or without both."""

    eps: float

    def _make_affine(self, size: tuple[int, ...], weight: bool, bias: bool) -> None:
        for name, wanted in (("weight", weight), ("bias", bias)):
            self.register_parameter(name, Parameter(torch.Tensor(*size)) if wanted else None)

    def reset_parameters(self) -> None:
        """weight 1, bias 0"""
        if self.weight is not None:
            self.weight.data.fill_(1)
        if self.bias is not None:
            self.bias.data.zero_()


class _ChannelNorm(_Norm):
    """What the batch and instance norms share: parameters and running numbers per channel."""

    #: allowed numbers of dimensions, and how they are called
    _dims: ClassVar[tuple[int, ...]]
    _size: ClassVar[str]
    _optional_state = frozenset({"num_batches_tracked"})  # files of old do not have it

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.num_features = count(name, "num_features", num_features)
        self.eps = number(name, "eps", eps, least=0)
        self.momentum = None if momentum is None else number(name, "momentum", momentum)
        self.affine = affine
        self.track_running_stats = track_running_stats
        self._make_affine((num_features,), affine, affine)
        tracked = track_running_stats
        self.register_buffer("running_mean", torch.Tensor(num_features) if tracked else None)
        self.register_buffer("running_var", torch.Tensor(num_features) if tracked else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if tracked else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """running_mean 0, running_var 1, no batch seen"""
        if self.running_mean is not None:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """weight 1, bias 0, and the running numbers as at the start"""
        self.reset_running_stats()
        super().reset_parameters()

    def _check(self, input: Variable) -> None:
        name = type(self).__name__
        if input.dim() not in self._dims:
            raise ValueError(
                f"{name}: expected input of size {self._size}, got {tuple(input.size())}"
            )
        if input.size(1) != self.num_features:
            raise ValueError(
                f"{name}: expected {self.num_features} channels, got {input.size(1)} in input of "
                f"size {tuple(input.size())}"
            )

    def _count_batch(self) -> float:
        """How much the next batch moves the running numbers; None for momentum: all alike."""
        self.num_batches_tracked.add_(1)
        return 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum

    def _arguments(self) -> str:
        shown = f"{self.num_features}, eps={self.eps}, momentum={self.momentum}"
        shown += f", affine={self.affine}"
        return shown if self.track_running_stats else f"{shown}, track_running_stats=False"


class _BatchNorm(_ChannelNorm):
    def forward(self, input: Variable) -> Variable:
        self._check(input)
        mean, var = self.running_mean, self.running_var
        training = self.training or mean is None
        momentum = self._count_batch() if self.training and mean is not None else 0.0
        return F.batch_norm(input, mean, var, self.weight, self.bias, training, momentum, self.eps)


class BatchNorm1d(_BatchNorm):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias per channel; x (n, c) or (n, c, l).

    weight, bias: (num_features,), 1 and 0 at the start, None without `affine`. While training mean
    and variance (divided by the count) are those of the batch, and running_mean and running_var
    (divided by the count - 1) become (1 - momentum) * running + momentum * batch; momentum=None
    averages all batches. In evaluation, and only if they are tracked, the running ones are used.
    """

    _dims = (2, 3)
    _size = "(n, channels) or (n, channels, length)"


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` for x (n, c, h, w)."""

    _dims = (4,)
    _size = "(n, channels, h, w)"


class BatchNorm3d(_BatchNorm):
    """`BatchNorm1d` for x (n, c, d, h, w)."""

    _dims = (5,)
    _size = "(n, channels, d, h, w)"


class _InstanceNorm(_ChannelNorm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats)

    def forward(self, input: Variable) -> Variable:
        self._check(input)
        mean, var = self.running_mean, self.running_var
        own = self.training or mean is None
        momentum = self._count_batch() if self.training and mean is not None else 0.0
        return F.instance_norm(input, mean, var, self.weight, self.bias, own, momentum, self.eps)


class InstanceNorm1d(_InstanceNorm):
    """`BatchNorm1d` of every sample by itself, while training and in evaluation; x (n, c, l).

    Without parameters unless `affine`; with `track_running_stats` evaluation uses running numbers.
    """

    _dims = (3,)
    _size = "(n, channels, length)"


class InstanceNorm2d(_InstanceNorm):
    """`InstanceNorm1d` for x (n, c, h, w)."""

    _dims = (4,)
    _size = "(n, channels, h, w)"


class InstanceNorm3d(_InstanceNorm):
    """`InstanceNorm1d` for x (n, c, d, h, w)."""

    _dims = (5,)
    _size = "(n, channels, d, h, w)"


class GroupNorm(_Norm):
    """Every sample of x (n, num_channels, ...) normalized in groups of neighbouring channels.

    weight, bias: (num_channels,), 1 and 0 at the start, None without `affine`.
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True
    ) -> None:
        super().__init__()
        self.num_groups = count("GroupNorm", "num_groups", num_groups)
        self.num_channels = count("GroupNorm", "num_channels", num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_channels: expected a multiple of num_groups={num_groups}, got "
                f"{num_channels}"
            )
        self.eps = number("GroupNorm", "eps", eps, least=0)
        self.affine = affine
        self._make_affine((num_channels,), affine, affine)
        self.reset_parameters()

    def forward(self, input: Variable) -> Variable:
        if input.dim() < 2 or input.size(1) != self.num_channels:
            raise ValueError(
                f"GroupNorm: expected input of size (n, {self.num_channels}, ...), got "
                f"{tuple(input.size())}"
            )
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def _arguments(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}"


class LayerNorm(_Norm):
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last dimensions of x.

    Their sizes are `normalized_shape`, that of weight (1 at the start) and bias (0); both are None
    without `elementwise_affine`, bias without `bias`.
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.normalized_shape = shape_of("LayerNorm", normalized_shape)
        self.eps = number("LayerNorm", "eps", eps, least=0)
        self.elementwise_affine = elementwise_affine
        self._make_affine(self.normalized_shape, elementwise_affine, elementwise_affine and bias)
        self.reset_parameters()

    def forward(self, input: Variable) -> Variable:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def _arguments(self) -> str:
        shown = f"{self.normalized_shape}, eps={self.eps}"
        shown += f", elementwise_affine={self.elementwise_affine}"
        without = self.elementwise_affine and self.bias is None
        return f"{shown}, bias=False" if without else shown


class LocalResponseNorm(Module):
    """x / (k + alpha * mean of x ** 2 over `size` neighbouring channels) ** beta; x (n, c, ...)."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        name = type(self).__name__
        self.size = count(name, "size", size)
        self.alpha = number(name, "alpha", alpha)
        self.beta = number(name, "beta", beta)
        self.k = number(name, "k", k)

    def forward(self, input: Variable) -> Variable:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def _arguments(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(LocalResponseNorm):
    """`LocalResponseNorm` of images (n, c, h, w)."""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__(size, alpha, beta, k)

    def forward(self, input: Variable) -> Variable:
        if input.dim() != 4:
            raise ValueError(
                f"CrossMapLRN2d: expected input of size (n, channels, h, w), got "
                f"{tuple(input.size())}"
            )
        return super().forward(input)
