"""Non-linearities: values against the formulas in NumPy, finite differences, modules, errors."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable, gradcheck, gradgradcheck
from torch.autograd.functions.base import Builtin
from torch.nn import functions as F


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.logaddexp(x, 0)


def erf(x):
    return np.vectorize(math.erf)(x)


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805

# function and its arguments, NumPy's formula, whether there is an in-place form, module
ROWS = [
    ("threshold", (0.3, 7), lambda x: np.where(x > 0.3, x, 7), True, nn.Threshold(0.3, 7)),
    ("threshold", (0.3, -1), lambda x: np.where(x > 0.3, x, -1), True, nn.Threshold(0.3, -1)),
    ("relu", (), lambda x: np.maximum(x, 0), True, nn.ReLU()),
    ("relu6", (), lambda x: np.clip(x, 0, 6), True, nn.ReLU6()),
    ("hardtanh", (), lambda x: np.clip(x, -1, 1), True, nn.Hardtanh()),
    ("hardtanh", (-2, 0.5), lambda x: np.clip(x, -2, 0.5), True, nn.Hardtanh(-2, 0.5)),
    ("leaky_relu", (), lambda x: np.where(x > 0, x, 0.01 * x), True, nn.LeakyReLU()),
    ("leaky_relu", (0.2,), lambda x: np.where(x > 0, x, 0.2 * x), True, nn.LeakyReLU(0.2)),
    ("leaky_relu", (-0.5,), lambda x: np.where(x > 0, x, -0.5 * x), True, nn.LeakyReLU(-0.5)),
    ("rrelu", (), lambda x: np.where(x > 0, x, 11 / 48 * x), True, nn.RReLU().eval()),
    ("hardshrink", (), lambda x: np.where(abs(x) > 0.5, x, 0), False, nn.Hardshrink()),
    ("hardshrink", (1.2,), lambda x: np.where(abs(x) > 1.2, x, 0), False, nn.Hardshrink(1.2)),
    (
        "softshrink",
        (0.7,),
        lambda x: np.sign(x) * np.maximum(abs(x) - 0.7, 0),
        False,
        nn.Softshrink(0.7),
    ),
    ("hardsigmoid", (), lambda x: np.clip(x / 6 + 0.5, 0, 1), True, nn.Hardsigmoid()),
    ("hardswish", (), lambda x: x * np.clip(x / 6 + 0.5, 0, 1), True, nn.Hardswish()),
    ("sigmoid", (), sigmoid, False, nn.Sigmoid()),
    ("tanh", (), np.tanh, False, nn.Tanh()),
    ("elu", (), lambda x: np.where(x > 0, x, np.expm1(x)), True, nn.ELU()),
    ("elu", (0.4,), lambda x: np.where(x > 0, x, 0.4 * np.expm1(x)), True, nn.ELU(0.4)),
    (
        "selu",
        (),
        lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(x)),
        True,
        nn.SELU(),
    ),
    ("celu", (2.5,), lambda x: np.where(x > 0, x, 2.5 * np.expm1(x / 2.5)), True, nn.CELU(2.5)),
    ("gelu", (), lambda x: x * (1 + erf(x / math.sqrt(2))) / 2, False, nn.GELU()),
    (
        "gelu",
        ("tanh",),
        lambda x: x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2,
        False,
        nn.GELU("tanh"),
    ),
    ("silu", (), lambda x: x * sigmoid(x), True, nn.SiLU()),
    ("mish", (), lambda x: x * np.tanh(softplus(x)), True, nn.Mish()),
    ("logsigmoid", (), lambda x: -softplus(-x), False, nn.LogSigmoid()),
    ("softplus", (), softplus, False, nn.Softplus()),
    (
        "softplus",
        (2, 1),
        lambda x: np.where(2 * x > 1, x, softplus(2 * x) / 2),
        False,
        nn.Softplus(2, 1),
    ),
    ("softsign", (), lambda x: x / (1 + abs(x)), False, nn.Softsign()),
    ("tanhshrink", (), lambda x: x - np.tanh(x), False, nn.Tanhshrink()),
    ("glu", (), lambda x: x[..., :2] * sigmoid(x[..., 2:]), False, nn.GLU()),
    ("glu", (0,), lambda x: x[:3] * sigmoid(x[3:]), False, nn.GLU(0)),
    ("softmax", (), lambda x: softmax(x, 1), False, nn.Softmax()),
    ("softmax", (-2,), lambda x: softmax(x, 0), False, nn.Softmax(-2)),
    ("softmin", (), lambda x: softmax(-x, 1), False, nn.Softmin()),
    ("log_softmax", (0,), lambda x: np.log(softmax(x, 0)), False, nn.LogSoftmax(0)),
]
IDS = [f"{row[0]}{row[1]}" for row in ROWS]
INPLACE = [row for row in ROWS if row[3]]
TOLERANCES = [(torch.float32, 3e-6), (torch.float64, 1e-14)]


def sample(dtype=torch.float64):
    """(6, 4) numbers between -7 and 7, none within 0.01 of a kink."""
    x = np.linspace(-6.93, 7.07, 24).reshape(4, 6).T.copy()
    return torch.from_numpy(x).type(dtype)


def function_of(row, **options):
    return lambda x: getattr(NF, row[0])(x, *row[1], **options)


@pytest.mark.parametrize("dtype, tolerance", TOLERANCES, ids=["float32", "float64"])
@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_values(row, dtype, tolerance):
    x = sample(dtype)
    before = x.clone()
    expected = row[2](x.numpy().astype("f8"))
    for y in (
        function_of(row)(Variable(x)),
        row[4](Variable(x)),
        function_of(row)(Variable(x.t().contiguous().t())),
    ):
        assert y.data.dtype is dtype and y.data.shape == expected.shape
        assert np.abs(y.data.numpy() - expected).max() <= tolerance * 8
        assert x.equal(before)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_gradients(row, check_gradients):
    check_gradients(function_of(row), sample)


@pytest.mark.parametrize("row", INPLACE, ids=[f"{row[0]}{row[1]}" for row in INPLACE])
def test_in_place(row, check_gradients):
    def run(x):
        y = x.clone()
        assert function_of(row, inplace=True)(y) is y
        return y

    check_gradients(run, sample)
    x = Variable(sample())
    assert np.abs((run(x).data - function_of(row)(x).data).numpy()).max() < 1e-14
    module = type(row[4])(*row[1], inplace=True).eval()
    y = x.clone()
    assert module(y) is y and y.data.equal(run(x).data)
    assert "inplace=True" in repr(module)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_sizes(row):
    function = function_of(row)
    halved = row[:2] == ("glu", ())
    assert tuple(function(Variable(torch.zeros(0, 6))).size()) == ((0, 3) if halved else (0, 6))
    if row[0] in ("glu", "softmax", "softmin", "log_softmax"):
        return
    assert tuple(function(Variable(torch.zeros(2, 0, 3))).size()) == (2, 0, 3)
    assert tuple(function(Variable(torch.tensor(0.5))).size()) == ()
    x = Variable(torch.FloatTensor([0.6]).expand(2, 3), requires_grad=True)
    y = function(x)
    assert tuple(y.size()) == (2, 3) and len(set(y.data.view(-1).tolist())) == 1
    y.sum().backward()
    assert len(set(x.grad.data.view(-1).tolist())) == 1


def test_large_values_do_not_overflow():
    x = Variable(torch.FloatTensor([-1000, 1000]), requires_grad=True)
    for name, expected, slopes in [
        ("sigmoid", [0, 1], [0, 0]),
        ("tanh", [-1, 1], [0, 0]),
        ("silu", [0, 1000], [0, 1]),
        ("mish", [0, 1000], [0, 1]),
        ("gelu", [0, 1000], [0, 1]),
        ("logsigmoid", [-1000, 0], [1, 0]),
        ("softplus", [0, 1000], [0, 1]),
        ("elu", [-1, 1000], [0, 1]),
        ("softmax", [0, 1], [0, 0]),
    ]:
        x.grad = None
        y = getattr(NF, name)(x)
        assert y.data.tolist() == expected, name
        y.sum().backward()
        assert x.grad.data.tolist() == slopes, name


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_copies_and_pickles(row):
    x = Variable(sample())
    for other in (copy.deepcopy(row[4]), pickle.loads(pickle.dumps(row[4]))):
        assert repr(other) == repr(row[4]) and other(x).data.equal(row[4](x).data)


# with parameters or random numbers


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(2, 3), (2, 3, 4), (2, 3, 2, 2)])
def test_prelu(size, channels, check_gradients):
    torch.manual_seed(0)
    x, w = torch.randn(*size).double(), torch.randn(channels).double()
    per_channel = w.numpy().reshape(-1, *(1,) * (len(size) - 2))
    expected = np.where(x.numpy() > 0, x.numpy(), per_channel * x.numpy())
    y = NF.prelu(Variable(x), Variable(w))
    assert np.abs(y.data.numpy() - expected).max() < 1e-15
    check_gradients(NF.prelu, lambda: torch.randn(*size).double(), lambda: w)
    module = nn.PReLU(channels, init=0.3)
    assert module.weight.data.tolist() == pytest.approx([0.3] * channels)
    assert repr(module) == f"PReLU(num_parameters={channels})"
    x = torch.randn(*size)
    y = module(Variable(x)).data
    assert np.allclose(y.numpy(), np.where(x.numpy() > 0, x.numpy(), 0.3 * x.numpy()))


def test_gradient_of_the_prelu_gradient():
    gy = Variable(torch.randn(2, 3).double(), requires_grad=True)
    w = Variable(torch.randn(3).double(), requires_grad=True)
    x = torch.randn(2, 3).double()
    assert gradcheck(lambda gy, w: F.PReLUInputGrad()(gy, x, w), (gy, w))
    assert gradgradcheck(lambda gy, w: F.PReLUInputGrad()(gy, x, w), (gy, w))


@pytest.mark.parametrize("inplace", [False, True])
def test_rrelu_draws_slopes_while_training(inplace, check_gradients):
    x = torch.FloatTensor([-1.0, 2.0]).expand(500, 2).contiguous()
    module = nn.RReLU(0.1, 0.5, inplace)
    y = module(Variable(x.clone())).data.numpy()
    assert (y[:, 1] == 2).all()
    assert -0.5 <= y[:, 0].min() < -0.45 and -0.15 < y[:, 0].max() <= -0.1
    check_gradients(lambda x: NF.rrelu(x.clone(), 0.1, 0.5, True, inplace), sample)


@pytest.mark.parametrize(
    "size, dim", [((3,), 0), ((2, 3), 1), ((3, 2, 2), 0), ((2, 3, 2, 2), 1)], ids=str
)
@pytest.mark.parametrize("function", [NF.softmax, NF.softmin])
def test_the_class_dimension_follows_from_the_size(function, size, dim):
    y = function(Variable(torch.randn(*size)))
    assert np.abs(y.sum(dim=dim).data.numpy() - 1).max() < 1e-6


def test_softmax2d():
    x = torch.randn(2, 3, 4, 5)
    assert nn.Softmax2d()(Variable(x)).data.equal(NF.softmax(Variable(x), 1).data)
    assert nn.Softmax2d()(Variable(x[0])).data.equal(NF.softmax(Variable(x[0]), 0).data)


def test_in_the_meaning_of_the_alpha():
    x = Variable(torch.randn(2, 3, 4).double(), requires_grad=True)
    w = Variable(torch.randn(3).double(), requires_grad=True)
    with torch.compat.alpha():
        for function in (
            lambda x: NF.prelu(x, w),
            lambda x: NF.softmax(x, 1),
            lambda x: NF.log_softmax(x, 1),
            lambda x: NF.hardswish(x),
            lambda x: NF.glu(x),
        ):
            assert gradcheck(function, (x,))
            assert gradgradcheck(function, (x,))


# modules


def test_defaults():
    assert (nn.Hardtanh().min_val, nn.Hardtanh().max_val) == (-1, 1)
    assert nn.Hardtanh(min_val=-3, max_val=3).max_val == 3
    assert (nn.ReLU6().min_val, nn.ReLU6().max_val) == (0, 6)
    assert (nn.RReLU().lower, nn.RReLU().upper) == (1 / 8, 1 / 3)
    assert nn.ELU().alpha == nn.CELU().alpha == 1 and nn.LeakyReLU().negative_slope == 0.01
    assert nn.Hardshrink().lambd == nn.Softshrink().lambd == 0.5
    assert (nn.Softplus().beta, nn.Softplus().threshold) == (1, 20)
    assert (nn.PReLU().num_parameters, nn.PReLU().init) == (1, 0.25)
    assert nn.GLU().dim == -1 and nn.Softmax().dim is None


@pytest.mark.parametrize(
    "module, text",
    [
        (nn.Threshold(1, 2), "Threshold(1, 2)"),
        (nn.ReLU(True), "ReLU(inplace=True)"),
        (nn.ReLU6(), "ReLU6()"),
        (nn.Hardtanh(), "Hardtanh(min_val=-1, max_val=1)"),
        (nn.LeakyReLU(0.1, True), "LeakyReLU(negative_slope=0.1, inplace=True)"),
        (nn.Softplus(), "Softplus(beta=1, threshold=20)"),
        (nn.GELU("tanh"), "GELU(approximate='tanh')"),
        (nn.GELU(), "GELU()"),
        (nn.Softmax(2), "Softmax(dim=2)"),
        (nn.Softmax(), "Softmax()"),
        (nn.Sigmoid(), "Sigmoid()"),
        (nn.SELU(), "SELU()"),
    ],
    ids=str,
)
def test_repr(module, text):
    assert repr(module) == text
    assert list(module.state_dict()) == []


def v(*size):
    return Variable(torch.zeros(*size), requires_grad=True)


ERRORS = [
    (lambda: NF.hardtanh(v(2), 2, 1), ValueError, "hardtanh: min_val: expected at most max_val=1"),
    (lambda: NF.hardtanh(v(2), "a", 1), TypeError, "hardtanh: min_val: expected a number, got str"),
    (lambda: NF.leaky_relu(v(2), None), TypeError, "leaky_relu: negative_slope: expected a number"),
    (lambda: NF.rrelu(v(2), 0.5, 0.1), ValueError, "rrelu: lower: expected at most upper=0.1"),
    (
        lambda: NF.prelu(v(2, 3), v(2)),
        ValueError,
        r"prelu: weight: expected 1 element or 3, .* size \(2, 3\), got 2",
    ),
    (
        lambda: NF.prelu(v(2, 3), v(3).double()),
        TypeError,
        r"prelu: weight: expected torch.float32 as the input, got torch.float64",
    ),
    (lambda: NF.hardshrink(v(2), -1), ValueError, "hardshrink: lambd: .* at least 0, got -1"),
    (lambda: NF.softshrink(v(2), -1), ValueError, "softshrink: lambd: .* at least 0, got -1"),
    (lambda: NF.celu(v(2), 0), ValueError, "celu: alpha: expected a number other than 0, got 0"),
    (lambda: NF.softplus(v(2), 0), ValueError, "softplus: beta: expected a number other than 0"),
    (lambda: NF.gelu(v(2), "cube"), ValueError, "gelu: approximate: .* got 'cube'"),
    (lambda: NF.glu(v(2, 3)), ValueError, r"glu: dim: expected an even size .*got 3 .*\(2, 3\)"),
    (
        lambda: NF.softmax(v(1, 1, 1, 1, 1)),
        ValueError,
        r"softmax: expected 1 to 4 dimensions, got size \(1, 1, 1, 1, 1\); with others, give dim",
    ),
    (
        lambda: NF.softmax(v(2, 3), 2),
        IndexError,
        r"softmax: dim: expected -2 to 1 for input of size \(2, 3\), got 2",
    ),
    (lambda: NF.softmax(v(2), 1.0), TypeError, "softmax: dim: expected an int or None, got float"),
    (lambda: nn.Softmax(1.0), TypeError, "Softmax: dim: expected an int or None, got float"),
    (lambda: nn.Softmax2d()(v(2, 3)), ValueError, r"Softmax2d: .* got \(2, 3\)"),
    (lambda: nn.Hardtanh(2, 1), ValueError, "Hardtanh: min_val: expected at most max_val=1, got 2"),
    (lambda: nn.RReLU(2, 1), ValueError, "RReLU: lower: expected at most upper=1, got 2"),
    (lambda: nn.ELU("a"), TypeError, "ELU: alpha: expected a number, got str"),
    (lambda: nn.CELU(0), ValueError, "CELU: alpha: expected a number other than 0, got 0"),
    (lambda: nn.Softplus(0), ValueError, "Softplus: beta: expected a number other than 0, got 0"),
    (lambda: nn.Hardshrink(-1), ValueError, "Hardshrink: lambd: .* of at least 0, got -1"),
    (lambda: nn.GELU("cube"), ValueError, "GELU: approximate: .* got 'cube'"),
    (lambda: nn.PReLU(0), ValueError, "PReLU: num_parameters: .* at least 1, got 0"),
    (lambda: nn.PReLU(1, "a"), TypeError, "PReLU: init: expected a number, got str"),
    (lambda: nn.Threshold("a", 0), TypeError, "Threshold: threshold: expected a number, got str"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_an_error_names_the_activation():
    x = v(3)
    y = NF.silu(x * 1)
    assert y.creator.name == "SiLU"
    assert F.InputGrad(F.SiLU).name == "SiLUInputGrad"


def test_every_activation_has_a_row():
    used = {type(function_of(row)(v(6, 4)).creator) for row in ROWS}
    used |= {F.PReLU, F.PReLUInputGrad, F.RReLU, F.InputGrad}  # with tests of their own
    family = "torch.nn.functions.activation"
    ours = [c for c in vars(F.activation).values() if getattr(c, "__module__", "") == family]
    ours = {c for c in ours if isinstance(c, type) and issubclass(c, Builtin)}
    assert {c.__name__ for c in ours - used} == {"Activation"}
