"""Element-wise non-linearities: a kernel, the kernel of its gradient, and the second derivative.

At a kink the gradient is that of the flat side.
"""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch.autograd.functions.base import Builtin, call, sum_to

__all__ = [
    "ELU", "GELU", "GELUTanh", "Hardshrink", "Hardtanh", "InputGrad", "LeakyReLU", "LogSigmoid",
    "Mish", "PReLU", "PReLUInputGrad", "RReLU", "Sigmoid", "SiLU", "Softplus", "Softshrink",
    "Softsign", "Tanh", "Tanhshrink",
]  # fmt: skip


class Activation(Builtin):
    """y = kernel(x, *constants).

    A subclass names its kernel, and where the gradient's kernel has another name, that. `slope2`
    gives the second derivative at the saved value: x, or y where `from_result`; None stands for 0.
    Where `result_tells`, the gradient's kernel finds at y what it would find at x.
    """

    __slots__ = ("constants",)
    fresh_gradients = True
    kernel: ClassVar[Callable]
    kernel_: ClassVar[Callable]
    gradient: ClassVar[Callable]
    from_result: ClassVar[bool] = False

    def __init_subclass__(cls, op: str, gradient: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, attribute in ((op, "kernel"), (op + "_", "kernel_")):
            kernel = getattr(torch._C, name, None) or getattr(torch.Tensor, name)
            setattr(cls, attribute, staticmethod(kernel))
        cls.gradient = staticmethod(getattr(torch._C, f"{gradient or op}_input_grad"))

    def __init__(self, *constants: float, inplace: bool = False) -> None:
        self.constants = constants
        self.inplace = inplace

    def result_tells(self) -> bool:
        return self.from_result

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tells = self.result_tells()
        kept = x.clone() if self.inplace and not tells else x
        if self.inplace:
            self.mark_dirty(x)
            y = type(self).kernel_(x, *self.constants)
        else:
            y = type(self).kernel(x, *self.constants)
        self.save_for_backward(y if tells else kept)
        self._origins = (-1 if tells else 0,)  # a copy of x has the history of x
        return y

    def backward(self, gy: Any) -> Any:
        (value,) = self.saved_tensors
        return call(InputGrad(type(self), self.constants), gy, value)

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        """The second derivative."""
        return None


class InputGrad(Builtin):
    """gx = gy * slope(value) of an activation; the value is its x, or its y"""

    __slots__ = ("activation", "constants")
    fresh_gradients = True

    def __init__(self, activation: type[Activation], constants: tuple = ()) -> None:
        self.activation = activation
        self.constants = constants
        self.inplace = False

    @property
    def name(self) -> str:
        return f"{self.activation.__name__}InputGrad"

    def forward(self, gy: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(gy, value)
        return self.activation.gradient(gy, value, *self.constants)

    def backward(self, ggx: Any) -> tuple:
        gy, value = self.saved_tensors
        ggy = call(InputGrad(self.activation, self.constants), ggx, value)
        if not self.needs_input_grad[1]:
            return ggy, None
        slope2 = self.activation.slope2(value, *self.constants)
        return ggy, None if slope2 is None else ggx * gy * slope2


# straight lines


class LeakyReLU(Activation, op="leaky_relu"):
    """x where it is positive, else slope * x"""

    __slots__ = ()

    def result_tells(self) -> bool:
        return self.constants[0] >= 0  # y has the sign of x


class Hardtanh(Activation, op="clamp", gradient="hardtanh"):
    """x limited to [min, max]"""

    __slots__ = ()

    def result_tells(self) -> bool:
        return True


class Hardshrink(Activation, op="hardshrink", gradient="shrink"):
    """x outside of [-lambd, lambd], else 0"""

    __slots__ = ()


class Softshrink(Activation, op="softshrink", gradient="shrink"):
    """x moved towards 0 by lambd; 0 in [-lambd, lambd]"""

    __slots__ = ()


class RReLU(Builtin):
    """x where it is positive, else slope * x, with a slope for each element from [lower, upper]"""

    __slots__ = ("lower", "upper")
    fresh_gradients = True

    def __init__(self, lower: float, upper: float, inplace: bool = False) -> None:
        self.lower = lower
        self.upper = upper
        self.inplace = inplace

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        slopes = torch.zeros_like(x).uniform_(self.lower, self.upper).masked_fill_(x.gt(0), 1)
        self.save_for_backward(slopes)
        if self.inplace:
            self.mark_dirty(x)
            return x.mul_(slopes)
        return x * slopes

    def backward(self, gy: Any) -> Any:
        (slopes,) = self.saved_tensors
        return gy * slopes


class PReLU(Builtin):
    """x where it is positive, else w * x; x (n, c, ...), w (1,) or (c,)"""

    __slots__ = ()
    fresh_gradients = True

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(x, w)
        return torch._C.leaky_relu(x, along_channels(w, x))

    def backward(self, gy: Any) -> tuple:
        x, w = self.saved_tensors
        needs_x, needs_w = self.needs_input_grad
        gx = call(PReLUInputGrad(), gy, x, w) if needs_x else None
        return gx, weight_grad(gy * x.clamp(max=0), w) if needs_w else None


class PReLUInputGrad(Builtin):
    """gx = gy where x is positive, else w * gy"""

    __slots__ = ()
    fresh_gradients = True

    def forward(self, gy: torch.Tensor, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(gy, x, w)
        return torch._C.leaky_relu_input_grad(gy, x, along_channels(w, x))

    def backward(self, ggx: Any) -> tuple:
        gy, x, w = self.saved_tensors
        ggy = call(PReLUInputGrad(), ggx, x, w)
        gw = weight_grad((ggx * gy).masked_fill(x.gt(0), 0), w)
        return ggy, None, gw


def along_channels(w: Any, x: Any) -> Any:
    """w (1,) or (c,) expanded to the size of x: one number per channel, dimension 1 of x."""
    if w.numel() > 1:
        w = w.view(-1, *(1,) * (x.dim() - 2))
    return w.expand(x.size())


def weight_grad(products: Any, w: Any) -> Any:
    """The sum of products (n, c, ...) for each element of w."""
    n = products.dim()
    size = (1,) * n if w.numel() == 1 else (w.numel(), *(1,) * (n - 2))
    return sum_to(products, size).view(w.size())


# curves


class Sigmoid(Activation, op="sigmoid"):
    """1 / (1 + exp(-x))"""

    __slots__ = ()
    from_result = True

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        return 1 - value * 2  # of gx = gy * y * (1 - y) with respect to y


class Tanh(Activation, op="tanh"):
    __slots__ = ()
    from_result = True

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        return value * -2  # of gx = gy * (1 - y * y) with respect to y


class ELU(Activation, op="elu"):
    """scale * x where it is positive, else negative * (exp(x) - 1)"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        return (value.clamp(max=0).exp() * constants[0]).masked_fill(value.gt(0), 0)


class Softplus(Activation, op="softplus"):
    """log(1 + exp(beta * x)) / beta; x where beta * x is above the threshold"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        beta, threshold = constants
        y = (value * beta).sigmoid()
        return (y * (1 - y) * beta).masked_fill((value * beta).gt(threshold), 0)


class LogSigmoid(Activation, op="log_sigmoid"):
    """log(sigmoid(x))"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        y = value.sigmoid()
        return y * (y - 1)


class GELU(Activation, op="gelu"):
    """x * P(X <= x) of a standard normal X: the slope is P(X <= x) + x * density(x)"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        square = value * value
        return (square * -0.5).exp() * (2 - square) * (1 / math.sqrt(2 * math.pi))


class GELUTanh(Activation, op="gelu_tanh"):
    """x * s(v) with the sigmoid s of v = 2 * sqrt(2 / pi) * (x + 0.044715 * x ** 3)"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        factor, cubic = 2 * math.sqrt(2 / math.pi), 0.044715
        square = value * value
        v1 = (square * (3 * cubic) + 1) * factor
        v2 = value * (6 * cubic * factor)
        s = (value * (square * cubic + 1) * factor).sigmoid()
        s1 = s * (1 - s)
        return s1 * (v1 * 2 + value * v2 + value * v1 * v1 * (1 - s * 2))


class SiLU(Activation, op="silu"):
    """x * sigmoid(x)"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        s = value.sigmoid()
        return s * (1 - s) * (value * (1 - s * 2) + 2)


class Mish(Activation, op="mish"):
    """x * t with t = tanh(log(1 + exp(x))): t' = (1 - t * t) * sigmoid(x)"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        s = value.sigmoid()
        t = torch.logaddexp(value, value * 0).tanh()
        t1 = (1 - t * t) * s
        return t1 * 2 + value * (t1 * (1 - s) - t * t1 * s * 2)


class Softsign(Activation, op="softsign"):
    """x / (1 + |x|)"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        return value.sign() * -2 / (value.abs() + 1) ** 3


class Tanhshrink(Activation, op="tanhshrink"):
    """x - tanh(x)"""

    __slots__ = ()

    @staticmethod
    def slope2(value: Any, *constants: float) -> Any:
        t = value.tanh()
        return t * (1 - t * t) * 2
