"""Normalization by channel and by row.

Backward runs one kernel over Tensors. Over Variables, where it is itself differentiated, it is
written out in differentiable operations: mean and deviation depend on x there.
"""

from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.functions.base import Builtin, call, sum_to

__all__ = ["BatchNorm", "ChannelWindow", "GroupNorm", "LayerNorm"]


def normal_grad(gy: Any, x: Any, weight: Any, dims: tuple[int, ...], eps: float) -> tuple:
    """Gradients of y = z * weight with z = (x - mean) / sqrt(variance + eps) over `dims`.

    weight has the size of x, expanded, or is None. Returns (gx, gy * z).
    """
    count = 1
    for dim in dims:
        count *= x.size(dim)

    def mean(value: Any) -> Any:
        return (value.sum(dim=dims, keepdim=True) / count).expand(x.size())

    distance = x - mean(x)
    inv_std = (mean(distance * distance) + eps).rsqrt()
    z = distance * inv_std
    gz = gy if weight is None else gy * weight
    return inv_std * (gz - mean(gz) - z * mean(gz * z)), gy * z


def move(running: Any, momentum: float, mean: torch.Tensor, variance: torch.Tensor) -> None:
    """Bring the running mean and variance nearer to these."""
    for old, now in zip(running, (mean, variance)):
        old.mul_(1 - momentum).add_(momentum, now)


class BatchNorm(Builtin):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, channel by channel.

    x (n, c, ...), weight and bias (c,) or left out. With `training` mean and variance are those of
    x and move the running ones, which are tensors (c,) or None; otherwise the running ones count.
    The running variance is that of a sample: divided by the count - 1.
    """

    __slots__ = ("eps", "momentum", "running", "training")
    fresh_gradients = True

    def __init__(self, running: Any, training: bool, momentum: float, eps: float) -> None:
        self.running = running
        self.training = training
        self.momentum = momentum
        self.eps = eps
        self.inplace = False

    def forward(
        self,
        x: torch.Tensor,
        weight: torch.Tensor | None = None,
        bias: torch.Tensor | None = None,
    ) -> torch.Tensor:
        if self.training:
            mean, variance = torch._C.batch_norm_stats(x)
            if self.running is not None:
                count = x.numel() // x.size(1)
                move(self.running, self.momentum, mean, variance * (count / (count - 1)))
        else:
            mean, variance = self.running
            mean = mean.clone()  # a later step may move the running mean
        inv_std = (variance + self.eps).rsqrt_()
        self.running = None
        self.save_for_backward(x, weight, mean, inv_std)
        return torch._C.batch_norm(x, mean, inv_std, weight, bias)

    def backward(self, gy: Any) -> tuple:
        x, weight, mean, inv_std = self.saved_tensors
        count = len(self._edges)
        if not isinstance(gy, Variable):
            return torch._C.batch_norm_grad(gy, x, mean, inv_std, weight, self.training)[:count]
        channels = (x.size(1), *(1,) * (x.dim() - 2))
        size, plain = x.size(), (x.size(1),)
        wide = None if weight is None else weight.view(channels).expand(size)
        if self.training:
            dims = (0, *range(2, x.dim()))
            gx, products = normal_grad(gy, x, wide, dims, self.eps)
        else:
            inv_std = inv_std.view(channels).expand(size)
            products = gy * (x - mean.view(channels).expand(size)) * inv_std
            gx = (gy if wide is None else gy * wide) * inv_std
        sums = [sum_to(g, channels).view(plain) for g in (products, gy)]
        return (gx, *sums)[:count]


class GroupNorm(Builtin):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, sample by sample and group by group.

    x (n, c, ...) in groups of neighbouring channels, weight and bias (c,) or left out. `running`,
    if given, are a mean and a variance (c,) of groups of one channel: they move to the mean over
    the samples.

    Each channel of each sample has one factor and one summand: the kernels of batch norm apply
    them, to x (1, n * c, ...).
    """

    __slots__ = ("eps", "groups", "momentum", "running")
    fresh_gradients = True

    def __init__(self, groups: int, eps: float, running: Any = None, momentum: float = 0.0) -> None:
        self.groups = groups
        self.eps = eps
        self.running = running
        self.momentum = momentum
        self.inplace = False

    def forward(
        self,
        x: torch.Tensor,
        weight: torch.Tensor | None = None,
        bias: torch.Tensor | None = None,
    ) -> torch.Tensor:
        n, c = x.size(0), x.size(1)
        rows = x.contiguous().view(1, n * self.groups, -1)
        mean, variance = torch._C.batch_norm_stats(rows)
        if self.running is not None:
            count = rows.size(2)
            unbiased = variance * (count / (count - 1))
            means = [value.view(n, c).mean(dim=0, keepdim=False) for value in (mean, unbiased)]
            move(self.running, self.momentum, *means)
            self.running = None
        inv_std = (variance + self.eps).rsqrt_()
        self.save_for_backward(x, weight, mean, inv_std)
        y = torch._C.batch_norm(
            rows.view(1, n * c, -1),
            self.spread(mean, c),
            self.spread(inv_std, c),
            None if weight is None else weight.repeat(n),
            None if bias is None else bias.repeat(n),
        )
        return y.view(x.size())

    def spread(self, values: torch.Tensor, c: int) -> torch.Tensor:
        """One number per group as one per channel."""
        values = values.view(-1, 1)
        return values.expand(values.size(0), c // self.groups).contiguous().view(-1)

    def backward(self, gy: Any) -> tuple:
        x, weight, mean, inv_std = self.saved_tensors
        args = len(self._edges)
        n, c = x.size(0), x.size(1)
        if isinstance(gy, Variable):
            size = (n, self.groups, -1)
            wide = None
            if weight is not None:
                wide = weight.view(c, *(1,) * (x.dim() - 2)).expand(x.size())
                wide = wide.contiguous().view(size)
            gy_rows, x_rows = (value.contiguous().view(size) for value in (gy, x))
            gx, products = normal_grad(gy_rows, x_rows, wide, (2,), self.eps)
            sums = [sum_to(g.contiguous().view(n, c, -1), (c, 1)) for g in (products, gy)]
            return (gx.view(x.size()), *[g.view(c) for g in sums])[:args]
        gy_rows, x_rows = (value.contiguous().view(1, n * c, -1) for value in (gy, x))
        w = x.new(n * c).fill_(1) if weight is None else weight.repeat(n)
        mean, inv_std = self.spread(mean, c), self.spread(inv_std, c)
        gx, gw, gb = torch._C.batch_norm_grad(gy_rows, x_rows, mean, inv_std, w, False)
        # so far as if mean and deviation were constants: take off what moves with them
        count = x.numel() // (n * self.groups)
        slope, shift = (
            self.spread((g * w).view(n * self.groups, -1).sum(dim=1, keepdim=False) / count, c)
            for g in (gw, gb)
        )
        slope, shift = slope * -inv_std, shift * -inv_std
        gx.add_(torch._C.batch_norm(x_rows, mean, inv_std, slope, shift))
        sums = [g.view(n, c).sum(dim=0, keepdim=False) for g in (gw, gb)]
        return (gx.view(x.size()), *sums)[:args]


class LayerNorm(Builtin):
    """y = (x - mean) / sqrt(variance + eps) * weight + bias, row by row.

    A row are the last dimensions of x, of sizes `shape`, those of weight and bias (or left out).
    """

    __slots__ = ("eps", "shape")
    fresh_gradients = True

    def __init__(self, shape: tuple[int, ...], eps: float) -> None:
        self.shape = shape
        self.eps = eps
        self.inplace = False

    def forward(
        self,
        x: torch.Tensor,
        weight: torch.Tensor | None = None,
        bias: torch.Tensor | None = None,
    ) -> torch.Tensor:
        y, mean, inv_std = torch._C.layer_norm(x, self.shape, weight, bias, self.eps)
        self.save_for_backward(x, weight, mean, inv_std)
        return y

    def backward(self, gy: Any) -> tuple:
        x, weight, mean, inv_std = self.saved_tensors
        count = len(self._edges)
        if not isinstance(gy, Variable):
            return torch._C.layer_norm_grad(gy, x, self.shape, mean, inv_std, weight)[:count]
        dims = tuple(range(x.dim() - len(self.shape), x.dim()))
        wide = None if weight is None else weight.expand(x.size())
        gx, products = normal_grad(gy, x, wide, dims, self.eps)
        sums = [sum_to(g, self.shape) for g in (products, gy)]
        return (gx, *sums)[:count]


class ChannelWindow(Builtin):
    """y[:, c] = the sum of x[:, c - before] to x[:, c + after]; x (n, c, ...)"""

    __slots__ = ("after", "before")
    fresh_gradients = True

    def __init__(self, before: int, after: int) -> None:
        self.before = before
        self.after = after
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        channels = x.size(1)
        y = x.clone()
        for shift in range(-self.before, self.after + 1):
            n = channels - abs(shift)
            if shift and n > 0:
                target = y.narrow(1, max(-shift, 0), n)
                target.add_(x.narrow(1, max(shift, 0), n))
        return y

    def backward(self, gy: Any) -> Any:
        # who counts me is before me where I count who is after me
        return call(ChannelWindow(self.after, self.before), gy)
