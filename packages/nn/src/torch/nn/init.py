"""Initial values for parameters: each function fills a tensor or Variable in place and returns it.

`uniform_` and `uniform` are the same function, and so are all the other pairs. Nothing is recorded
for backward.
"""

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

__all__ = [
    "calculate_gain", "constant", "constant_", "dirac", "dirac_", "eye", "eye_", "kaiming_normal",
    "kaiming_normal_", "kaiming_uniform", "kaiming_uniform_", "normal", "normal_", "ones_",
    "orthogonal", "orthogonal_", "sparse", "sparse_", "trunc_normal_", "uniform", "uniform_",
    "xavier_normal", "xavier_normal_", "xavier_uniform", "xavier_uniform_", "zeros_",
]  # fmt: skip

Filled = TypeVar("Filled", torch.Tensor, Variable)


def _data(where: str, tensor: Any, dims: Sequence[int] | None = None, least: int = 0) -> Any:
    """The tensor to be filled, of floating numbers, with `dims` or at least `least` dimensions."""
    data = tensor.data if isinstance(tensor, Variable) else tensor
    if not isinstance(data, torch.Tensor) or not data.dtype.is_floating_point:
        raise TypeError(
            f"{where}: tensor: expected a tensor or Variable of floating numbers, "
            f"got {type_name(tensor)}"
        )
    n = data.dim()
    if n < least or (dims is not None and n not in dims):
        wanted = f"{least} or more" if dims is None else " or ".join(map(str, dims))
        raise ValueError(
            f"{where}: tensor: expected {wanted} dimensions, got size {tuple(data.size())}"
        )
    return data


def _fans(where: str, tensor: Any) -> tuple[int, int]:
    """How many numbers go into each result of a layer with this weight, and out of each input.

    weight (out, in, *kernel)
    """
    size = _data(where, tensor, least=2).size()
    places = math.prod(size[2:])
    return size[1] * places, size[0] * places


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights are to be larger before this non-linearity.

    1 for "linear", "sigmoid" and convolutions ("conv2d", "conv_transpose2d" and the like), 5/3 for
    "tanh", sqrt(2) for "relu", sqrt(2 / (1 + slope^2)) for "leaky_relu" with the slope `param`
    (0.01), 3/4 for "selu".
    """
    if nonlinearity in _PLAIN:
        return 1.0
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise TypeError(f"calculate_gain: param: expected a slope, got {slope!r}")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity in _GAINS:
        return _GAINS[nonlinearity]
    raise ValueError(
        f"calculate_gain: nonlinearity: expected one of "
        f"{sorted([*_PLAIN, *_GAINS, 'leaky_relu'])}, got {nonlinearity!r}"
    )


_PLAIN = {"linear", "sigmoid", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3))}
_GAINS = {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


def uniform(tensor: Filled, a: float = 0, b: float = 1) -> Filled:
    """Uniform in [a, b)."""
    _data("uniform", tensor).uniform_(a, b)
    return tensor


def normal(tensor: Filled, mean: float = 0, std: float = 1) -> Filled:
    """Normal with this mean and standard deviation."""
    _data("normal", tensor).normal_(mean, std)
    return tensor


def trunc_normal_(
    tensor: Filled, mean: float = 0, std: float = 1, a: float = -2, b: float = 2
) -> Filled:
    """Normal, but only what lies in [a, b]: drawn through the inverse distribution function."""
    data = _data("trunc_normal_", tensor)
    if not a < b or not std > 0:
        raise ValueError(
            f"trunc_normal_: expected a < b and std > 0, got a={a}, b={b} and std={std}"
        )
    low, high = (math.erf((end - mean) / (std * math.sqrt(2))) for end in (a, b))
    drawn = torch.zeros(data.size(), dtype=torch.float64, device=data.device)
    drawn.uniform_(low, high)
    data.copy_(drawn.erfinv_().mul_(std * math.sqrt(2)).add_(mean).clamp_(a, b))
    return tensor


def constant(tensor: Filled, val: float) -> Filled:
    """The same number everywhere."""
    _data("constant", tensor).fill_(val)
    return tensor


def ones_(tensor: Filled) -> Filled:
    """1 everywhere."""
    _data("ones_", tensor).fill_(1)
    return tensor


def zeros_(tensor: Filled) -> Filled:
    """0 everywhere."""
    _data("zeros_", tensor).fill_(0)
    return tensor


def eye(tensor: Filled) -> Filled:
    """The identity: tensor (n, m), 1 on the diagonal."""
    data = _data("eye", tensor, dims=(2,))
    data.copy_(torch.eye(*data.size(), device=data.device))
    return tensor


def dirac(tensor: Filled, groups: int = 1) -> Filled:
    """A convolution that passes on as many channels as it can, in each of `groups`.

    tensor (out, in, *kernel), of 3 to 5 dimensions; out a multiple of `groups`.
    """
    data = _data("dirac", tensor, dims=(3, 4, 5))
    out, channels, *kernel = data.size()
    if isinstance(groups, bool) or not isinstance(groups, int) or groups < 1 or out % groups:
        raise ValueError(f"dirac: groups: expected a divisor of {out} channels, got {groups!r}")
    data.fill_(0)
    middle: tuple[int, ...] = tuple([n // 2 for n in kernel])
    per_group = out // groups
    for group in range(groups):
        for i in range(min(per_group, channels)):
            data[(group * per_group + i, i, *middle)] = 1
    return tensor


def xavier_uniform(tensor: Filled, gain: float = 1) -> Filled:
    """Uniform in +-gain sqrt(6 / (fan_in + fan_out)): Glorot and Bengio 2010."""
    bound = gain * math.sqrt(6 / sum(_fans("xavier_uniform", tensor)))
    _data("xavier_uniform", tensor).uniform_(-bound, bound)
    return tensor


def xavier_normal(tensor: Filled, gain: float = 1) -> Filled:
    """Normal with standard deviation gain sqrt(2 / (fan_in + fan_out)): Glorot and Bengio 2010."""
    std = gain * math.sqrt(2 / sum(_fans("xavier_normal", tensor)))
    _data("xavier_normal", tensor).normal_(0, std)
    return tensor


def _kaiming_std(where: str, tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    fans = _fans(where, tensor)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"{where}: mode: expected 'fan_in' or 'fan_out', got {mode!r}")
    return calculate_gain(nonlinearity, a) / math.sqrt(fans[mode == "fan_out"])


def kaiming_uniform(
    tensor: Filled, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Filled:
    """Uniform in +-gain sqrt(3 / fan): He et al. 2015; `a` is the slope of a leaky ReLU."""
    bound = math.sqrt(3) * _kaiming_std("kaiming_uniform", tensor, a, mode, nonlinearity)
    _data("kaiming_uniform", tensor).uniform_(-bound, bound)
    return tensor


def kaiming_normal(
    tensor: Filled, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> Filled:
    """Normal with standard deviation gain / sqrt(fan): He et al. 2015; `a` is the slope of a leaky
    ReLU."""
    std = _kaiming_std("kaiming_normal", tensor, a, mode, nonlinearity)
    _data("kaiming_normal", tensor).normal_(0, std)
    return tensor


def orthogonal(tensor: Filled, gain: float = 1) -> Filled:
    """gain times an orthogonal matrix, all being equally likely: Saxe et al. 2013.

    tensor (n, *) counts as (n, rest); its rows or its columns, whichever are fewer, are orthogonal.
    """
    data = _data("orthogonal", tensor, least=2)
    rows = data.size(0)
    columns = data.numel() // max(rows, 1)
    if not data.numel():
        return tensor
    drawn = torch.randn(max(rows, columns), min(rows, columns), dtype=torch.float64)
    q, r = torch.qr(drawn)
    # unique, and so uniformly distributed, only with a positive diagonal of r
    q = q * r.diag().sign().view(1, -1).expand_as(q)
    data.copy_((q.t() if rows < columns else q).mul(gain).contiguous().view(data.size()))
    return tensor


def sparse(tensor: Filled, sparsity: float, std: float = 0.01) -> Filled:
    """Normal with standard deviation `std`; in each column a share of `sparsity` zeros.

    tensor (rows, columns): Martens 2010
    """
    data = _data("sparse", tensor, dims=(2,))
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparse: sparsity: expected a share from 0 to 1, got {sparsity!r}")
    rows, columns = data.size()
    data.normal_(0, std)
    zeros = math.ceil(sparsity * rows)
    for column in range(columns if zeros else 0):
        data[:, column].index_fill_(
            0, torch.randperm(rows, dtype=torch.int64, device=data.device)[:zeros], 0
        )
    return tensor


uniform_ = uniform
normal_ = normal
constant_ = constant
eye_ = eye
dirac_ = dirac
xavier_uniform_ = xavier_uniform
xavier_normal_ = xavier_normal
kaiming_uniform_ = kaiming_uniform
kaiming_normal_ = kaiming_normal
orthogonal_ = orthogonal
sparse_ = sparse
