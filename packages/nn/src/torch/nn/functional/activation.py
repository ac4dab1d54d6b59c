"""Non-linearities. With `inplace` the input itself is changed and returned."""

from torch.autograd import Variable
from torch.autograd.function import execute  # what calling a Function does

from .. import functions as F
from .arguments import number

__all__ = [
    "celu", "elu", "gelu", "glu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh",
    "leaky_relu", "log_softmax", "logsigmoid", "mish", "prelu", "relu", "relu6", "rrelu", "selu",
    "sigmoid", "silu", "softmax", "softmin", "softplus", "softshrink", "softsign", "tanh",
    "tanhshrink", "threshold",
]  # fmt: skip

#: G. Klambauer et al., Self-Normalizing Neural Networks (2017): the alpha and scale that keep mean
#: 0 and variance 1.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


# straight lines


def threshold(input: Variable, threshold: float, value: float, inplace: bool = False) -> Variable:
    """input where it is above the threshold, else value."""
    return execute(F.Threshold(threshold, value, inplace), (input,))


def relu(input: Variable, inplace: bool = False) -> Variable:
    """max(input, 0)"""
    return execute(F.Threshold(0, 0, inplace), (input,))


def hardtanh(
    input: Variable, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Variable:
    """input limited to [min_val, max_val]; the slope is 0 at both ends."""
    low, high = number("hardtanh", "min_val", min_val), number("hardtanh", "max_val", max_val)
    if low > high:
        raise ValueError(f"hardtanh: min_val: expected at most max_val={high}, got {low}")
    return execute(F.Hardtanh(low, high, inplace=inplace), (input,))


def relu6(input: Variable, inplace: bool = False) -> Variable:
    """min(max(input, 0), 6)"""
    return execute(F.Hardtanh(0, 6, inplace=inplace), (input,))


def leaky_relu(input: Variable, negative_slope: float = 0.01, inplace: bool = False) -> Variable:
    """input where it is positive, else negative_slope * input."""
    slope = number("leaky_relu", "negative_slope", negative_slope)
    return execute(F.LeakyReLU(slope, inplace=inplace), (input,))


def rrelu(
    input: Variable,
    lower: float = 1.0 / 8,
    upper: float = 1.0 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Variable:
    """input where it is positive, else slope * input.

    While training each element has a slope of its own, uniform in [lower, upper]; otherwise it is
    their mean.
    """
    low, high = number("rrelu", "lower", lower), number("rrelu", "upper", upper)
    if low > high:
        raise ValueError(f"rrelu: lower: expected at most upper={high}, got {low}")
    if training:
        return execute(F.RReLU(low, high, inplace), (input,))
    return execute(F.LeakyReLU((low + high) / 2, inplace=inplace), (input,))


def prelu(input: Variable, weight: Variable) -> Variable:
    """input where it is positive, else weight * input.

    weight (1,), or (channels,) for dimension 1 of the input.
    """
    channels = input.size(1) if input.dim() > 1 else 1
    if weight.numel() not in (1, channels):
        raise ValueError(
            f"prelu: weight: expected 1 element or {channels}, one per channel of input of size "
            f"{tuple(input.size())}, got {weight.numel()}"
        )
    if weight.dtype is not input.dtype:
        raise TypeError(f"prelu: weight: expected {input.dtype} as the input, got {weight.dtype}")
    return execute(F.PReLU(), (input, weight))


def hardshrink(input: Variable, lambd: float = 0.5) -> Variable:
    """input outside of [-lambd, lambd], else 0."""
    return execute(F.Hardshrink(number("hardshrink", "lambd", lambd, least=0)), (input,))


def softshrink(input: Variable, lambd: float = 0.5) -> Variable:
    """input moved towards 0 by lambd; 0 in [-lambd, lambd]."""
    return execute(F.Softshrink(number("softshrink", "lambd", lambd, least=0)), (input,))


def hardsigmoid(input: Variable, inplace: bool = False) -> Variable:
    """input / 6 + 1 / 2 limited to [0, 1]"""
    line = input.mul_(1 / 6).add_(0.5) if inplace else input * (1 / 6) + 0.5
    return execute(F.Hardtanh(0, 1, inplace=True), (line,))


def hardswish(input: Variable, inplace: bool = False) -> Variable:
    """input * hardsigmoid(input); A. Howard et al., Searching for MobileNetV3 (2019)."""
    gate = hardsigmoid(input)
    return input.mul_(gate) if inplace else input * gate


# curves


def sigmoid(input: Variable) -> Variable:
    """1 / (1 + exp(-input))"""
    return execute(F.Sigmoid(), (input,))


def tanh(input: Variable) -> Variable:
    """The hyperbolic tangent."""
    return execute(F.Tanh(), (input,))


def elu(input: Variable, alpha: float = 1.0, inplace: bool = False) -> Variable:
    """input where it is positive, else alpha * (exp(input) - 1)."""
    return execute(F.ELU(number("elu", "alpha", alpha), 1.0, inplace=inplace), (input,))


def selu(input: Variable, inplace: bool = False) -> Variable:
    """scale * elu(input, alpha), with the constants of self-normalizing networks."""
    return execute(F.ELU(SELU_SCALE * SELU_ALPHA, SELU_SCALE, inplace=inplace), (input,))


def celu(input: Variable, alpha: float = 1.0, inplace: bool = False) -> Variable:
    """input where it is positive, else alpha * (exp(input / alpha) - 1): smooth at 0."""
    number("celu", "alpha", alpha)
    if alpha == 0:
        raise ValueError("celu: alpha: expected a number other than 0, got 0")
    scaled = input.div_(alpha) if inplace else input / alpha
    return execute(F.ELU(alpha, alpha, inplace=True), (scaled,))


def gelu(input: Variable, approximate: str = "none") -> Variable:
    """input * P(X <= input) for a standard normal X; `approximate="tanh"` is cheaper."""
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate: expected 'none' or 'tanh', got {approximate!r}")
    return execute(F.GELU() if approximate == "none" else F.GELUTanh(), (input,))


def silu(input: Variable, inplace: bool = False) -> Variable:
    """input * sigmoid(input), also called swish."""
    return execute(F.SiLU(inplace=inplace), (input,))


def mish(input: Variable, inplace: bool = False) -> Variable:
    """input * tanh(softplus(input)); D. Misra (2019)."""
    return execute(F.Mish(inplace=inplace), (input,))


def logsigmoid(input: Variable) -> Variable:
    """log(sigmoid(input))"""
    return execute(F.LogSigmoid(), (input,))


def softplus(input: Variable, beta: float = 1, threshold: float = 20) -> Variable:
    """log(1 + exp(beta * input)) / beta; input where beta * input is above the threshold."""
    number("softplus", "beta", beta)
    if beta == 0:
        raise ValueError("softplus: beta: expected a number other than 0, got 0")
    return execute(F.Softplus(beta, number("softplus", "threshold", threshold)), (input,))


def softsign(input: Variable) -> Variable:
    """input / (1 + |input|)"""
    return execute(F.Softsign(), (input,))


def tanhshrink(input: Variable) -> Variable:
    """input - tanh(input)"""
    return execute(F.Tanhshrink(), (input,))


def glu(input: Variable, dim: int = -1) -> Variable:
    """a * sigmoid(b), where a and b are the halves of the input along `dim`."""
    size = input.size(dim)
    if size % 2:
        raise ValueError(
            f"glu: dim: expected an even size along dimension {dim}, got {size} in input of size "
            f"{tuple(input.size())}"
        )
    values, gates = (input.narrow(dim, start, size // 2) for start in (0, size // 2))
    return values * sigmoid(gates)


# over a dimension


def class_dim(where: str, input: Variable, dim: int | None) -> int:
    """`dim`, or where it is not given: 0 of 1-D and 3-D input, 1 of 2-D and 4-D input."""
    n = input.dim()
    if dim is not None:
        if isinstance(dim, bool) or not isinstance(dim, int):
            raise TypeError(f"{where}: dim: expected an int or None, got {type(dim).__name__}")
        if not -n <= dim < n:
            raise IndexError(
                f"{where}: dim: expected {-n} to {n - 1} for input of size "
                f"{tuple(input.size())}, got {dim}"
            )
        return dim % n
    if not 1 <= n <= 4:
        raise ValueError(
            f"{where}: expected 1 to 4 dimensions, got size {tuple(input.size())}; "
            "with others, give dim"
        )
    return 1 if n in (2, 4) else 0


def softmax(input: Variable, dim: int | None = None) -> Variable:
    """exp(input) / sum(exp(input)) along `dim`.

    Where it is not given: dimension 1 of 2-D and 4-D input, 0 of 1-D and 3-D input.
    """
    return execute(F.Softmax(class_dim("softmax", input, dim)), (input,))


def softmin(input: Variable, dim: int | None = None) -> Variable:
    """softmax of -input."""
    return execute(F.Softmax(class_dim("softmin", input, dim)), (-input,))


def log_softmax(input: Variable, dim: int | None = None) -> Variable:
    """Logarithm of the softmax along `dim`.

    Where it is not given: dimension 1 of 2-D and 4-D input, 0 of 1-D and 3-D input.
    """
    return execute(F.LogSoftmax(class_dim("log_softmax", input, dim)), (input,))
