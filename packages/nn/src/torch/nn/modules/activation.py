"""Non-linearities. With `inplace` the input itself is changed."""

from typing import Any

import torch
from torch.autograd import Variable

from .. import functional as F
from ..functional.arguments import number
from ..parameter import Parameter
from .linear import count
from .module import Module

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh",
    "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "ReLU", "ReLU6", "RReLU", "SELU",
    "SiLU", "Sigmoid", "Softmax", "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign",
    "Tanh", "Tanhshrink", "Threshold",
]  # fmt: skip


class _Activation(Module):
    """A module of numbers: those that are not None are shown."""

    def _set(self, **constants: Any) -> None:
        """Keep the constants as attributes, in the order in which `repr` shows them."""
        for name, value in constants.items():
            if name != "inplace":
                number(type(self).__name__, name, value)
            setattr(self, name, value)
        self._names = tuple(constants)

    def _arguments(self) -> str:
        shown = [f"{n}={getattr(self, n)}" for n in getattr(self, "_names", ()) if n != "inplace"]
        if getattr(self, "inplace", False):
            shown.append("inplace=True")
        return ", ".join(shown)


# straight lines


class Threshold(_Activation):
    """x where it is above `threshold`, else `value`."""

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__()
        self._set(threshold=threshold, value=value, inplace=inplace)

    def forward(self, input: Variable) -> Variable:
        return F.threshold(input, self.threshold, self.value, self.inplace)

    def _arguments(self) -> str:
        return f"{self.threshold}, {self.value}{', inplace=True' if self.inplace else ''}"


class ReLU(Threshold):
    """max(x, 0)"""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0, 0, inplace)

    def _arguments(self) -> str:
        return "inplace=True" if self.inplace else ""


class Hardtanh(_Activation):
    """x limited to [min_val, max_val]; `min_value` and `max_value` are the alpha's names."""

    def __init__(
        self,
        min_value: float = -1,
        max_value: float = 1,
        inplace: bool = False,
        *,
        min_val: float | None = None,
        max_val: float | None = None,
    ) -> None:
        super().__init__()
        self._set(
            min_val=min_value if min_val is None else min_val,
            max_val=max_value if max_val is None else max_val,
            inplace=inplace,
        )
        if self.min_val > self.max_val:
            raise ValueError(
                f"{type(self).__name__}: min_val: expected at most max_val={self.max_val}, "
                f"got {self.min_val}"
            )

    def forward(self, input: Variable) -> Variable:
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)


class ReLU6(Hardtanh):
    """min(max(x, 0), 6)"""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0, 6, inplace)

    def _arguments(self) -> str:
        return "inplace=True" if self.inplace else ""


class LeakyReLU(_Activation):
    """x where it is positive, else negative_slope * x."""

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self._set(negative_slope=negative_slope, inplace=inplace)

    def forward(self, input: Variable) -> Variable:
        return F.leaky_relu(input, self.negative_slope, self.inplace)


class RReLU(_Activation):
    """x where it is positive, else slope * x.

    While training each element has a slope of its own, uniform in [lower, upper]; otherwise it is
    their mean.
    """

    def __init__(
        self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False
    ) -> None:
        super().__init__()
        self._set(lower=lower, upper=upper, inplace=inplace)
        if lower > upper:
            raise ValueError(f"RReLU: lower: expected at most upper={upper}, got {lower}")

    def forward(self, input: Variable) -> Variable:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class PReLU(Module):
    """x where it is positive, else weight * x; weight: (num_parameters,), starts at `init`.

    `num_parameters` is 1, or the number of channels: dimension 1 of x.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25) -> None:
        super().__init__()
        self.num_parameters = count("PReLU", "num_parameters", num_parameters)
        self.init = number("PReLU", "init", init)
        self.weight = Parameter(torch.Tensor(num_parameters).fill_(init))

    def forward(self, input: Variable) -> Variable:
        return F.prelu(input, self.weight)

    def _arguments(self) -> str:
        return f"num_parameters={self.num_parameters}"


class Hardshrink(_Activation):
    """x outside of [-lambd, lambd], else 0."""

    def __init__(self, lambd: float = 0.5) -> None:
        super().__init__()
        self._set(lambd=lambd)
        number(type(self).__name__, "lambd", lambd, least=0)

    def forward(self, input: Variable) -> Variable:
        return F.hardshrink(input, self.lambd)


class Softshrink(Hardshrink):
    """x moved towards 0 by lambd; 0 in [-lambd, lambd]."""

    def forward(self, input: Variable) -> Variable:
        return F.softshrink(input, self.lambd)


class _Inplace(_Activation):
    """An activation without constants that may change its input."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self._set(inplace=inplace)


class Hardsigmoid(_Inplace):
    """x / 6 + 1 / 2 limited to [0, 1]"""

    def forward(self, input: Variable) -> Variable:
        return F.hardsigmoid(input, self.inplace)


class Hardswish(_Inplace):
    """x * hardsigmoid(x)"""

    def forward(self, input: Variable) -> Variable:
        return F.hardswish(input, self.inplace)


# curves


class Sigmoid(Module):
    """1 / (1 + exp(-x))"""

    def forward(self, input: Variable) -> Variable:
        return F.sigmoid(input)


class Tanh(Module):
    """tanh(x)"""

    def forward(self, input: Variable) -> Variable:
        return F.tanh(input)


class ELU(_Activation):
    """x where it is positive, else alpha * (exp(x) - 1)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self._set(alpha=alpha, inplace=inplace)

    def forward(self, input: Variable) -> Variable:
        return F.elu(input, self.alpha, self.inplace)


class CELU(ELU):
    """x where it is positive, else alpha * (exp(x / alpha) - 1)."""

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(alpha, inplace)
        if alpha == 0:
            raise ValueError("CELU: alpha: expected a number other than 0, got 0")

    def forward(self, input: Variable) -> Variable:
        return F.celu(input, self.alpha, self.inplace)


class SELU(_Inplace):
    """scale * (x where it is positive, else alpha * (exp(x) - 1)), keeping mean 0, variance 1."""

    def forward(self, input: Variable) -> Variable:
        return F.selu(input, self.inplace)


class GELU(Module):
    """x * P(X <= x) for a standard normal X; `approximate="tanh"` is cheaper."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate: expected 'none' or 'tanh', got {approximate!r}")
        self.approximate = approximate

    def forward(self, input: Variable) -> Variable:
        return F.gelu(input, self.approximate)

    def _arguments(self) -> str:
        return "" if self.approximate == "none" else f"approximate={self.approximate!r}"


class SiLU(_Inplace):
    """x * sigmoid(x)"""

    def forward(self, input: Variable) -> Variable:
        return F.silu(input, self.inplace)


class Mish(_Inplace):
    """x * tanh(log(1 + exp(x)))"""

    def forward(self, input: Variable) -> Variable:
        return F.mish(input, self.inplace)


class LogSigmoid(Module):
    """log(1 / (1 + exp(-x)))"""

    def forward(self, input: Variable) -> Variable:
        return F.logsigmoid(input)


class Softplus(_Activation):
    """log(1 + exp(beta * x)) / beta; x where beta * x is above `threshold`."""

    def __init__(self, beta: float = 1, threshold: float = 20) -> None:
        super().__init__()
        self._set(beta=beta, threshold=threshold)
        if beta == 0:
            raise ValueError("Softplus: beta: expected a number other than 0, got 0")

    def forward(self, input: Variable) -> Variable:
        return F.softplus(input, self.beta, self.threshold)


class Softsign(Module):
    """x / (1 + |x|)"""

    def forward(self, input: Variable) -> Variable:
        return F.softsign(input)


class Tanhshrink(Module):
    """x - tanh(x)"""

    def forward(self, input: Variable) -> Variable:
        return F.tanhshrink(input)


# over a dimension


class _AlongDim(Module):
    """Along `dim`; where it is None: 1 of 2-D and 4-D input, 0 of 1-D and 3-D input."""

    dim: Any

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        if dim is not None and (isinstance(dim, bool) or not isinstance(dim, int)):
            raise TypeError(
                f"{type(self).__name__}: dim: expected an int or None, got {type(dim).__name__}"
            )
        self.dim = dim

    def _arguments(self) -> str:
        return "" if self.dim is None else f"dim={self.dim}"


class GLU(_AlongDim):
    """a * sigmoid(b), where a and b are the halves of x along `dim`."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__(dim)

    def forward(self, input: Variable) -> Variable:
        return F.glu(input, self.dim)


class Softmax(_AlongDim):
    """exp(x) / sum(exp(x)) along `dim`; None: 1 of 2-D and 4-D input, 0 of 1-D and 3-D input."""

    def forward(self, input: Variable) -> Variable:
        return F.softmax(input, self.dim)


class Softmin(_AlongDim):
    """Softmax of -x."""

    def forward(self, input: Variable) -> Variable:
        return F.softmin(input, self.dim)


class LogSoftmax(_AlongDim):
    """Logarithm of the softmax."""

    def forward(self, input: Variable) -> Variable:
        return F.log_softmax(input, self.dim)


class Softmax2d(Module):
    """Softmax over the channels at every position of (n, c, h, w) or (c, h, w)."""

    def forward(self, input: Variable) -> Variable:
        if input.dim() not in (3, 4):
            raise ValueError(
                "Softmax2d: expected input of size (n, channels, h, w) or (channels, h, w), got "
                f"{tuple(input.size())}"
            )
        return F.softmax(input, input.dim() - 3)
