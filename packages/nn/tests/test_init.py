"""nn.init: moments, ranges and structure of what is filled in."""

import numpy as np
import pytest
import torch
from torch.autograd import Variable
from torch.nn import Parameter, init

SIZE = (60, 40)
FAN_IN, FAN_OUT = 40, 60


def uniform_in(low, high):
    def check(x):
        assert low <= x.min() and x.max() < high
        assert abs(x.mean() - (low + high) / 2) < 0.05 * (high - low)
        assert abs(x.std() * 12**0.5 / (high - low) - 1) < 0.05

    return check


def normal_of(mean, std):
    def check(x):
        assert abs(x.mean() - mean) < 0.1 * std and abs(x.std() / std - 1) < 0.06
        assert np.abs(x - mean).max() > 2.5 * std

    return check


ROWS = [
    ("uniform", (), uniform_in(0, 1)),
    ("uniform", (-2, 4), uniform_in(-2, 4)),
    ("normal", (), normal_of(0, 1)),
    ("normal", (3, 0.5), normal_of(3, 0.5)),
    ("xavier_uniform", (), uniform_in(-(0.06**0.5), 0.06**0.5)),
    ("xavier_uniform", (3,), uniform_in(-3 * 0.06**0.5, 3 * 0.06**0.5)),
    ("xavier_normal", (), normal_of(0, 0.02**0.5)),
    ("xavier_normal", (2,), normal_of(0, 2 * 0.02**0.5)),
    ("kaiming_uniform", (), uniform_in(-((6 / FAN_IN) ** 0.5), (6 / FAN_IN) ** 0.5)),
    ("kaiming_uniform", (0, "fan_out"), uniform_in(-(0.1**0.5), 0.1**0.5)),
    ("kaiming_normal", (), normal_of(0, (2 / FAN_IN) ** 0.5)),
    ("kaiming_normal", (3, "fan_out"), normal_of(0, (0.2 / FAN_OUT) ** 0.5)),
    ("kaiming_normal", (0, "fan_in", "tanh"), normal_of(0, 5 / 3 / FAN_IN**0.5)),
    ("sparse", (0.25, 2), None),
    ("orthogonal", (), None),
    ("constant", (3,), lambda x: np.testing.assert_array_equal(x, 3)),
    ("eye", (), lambda x: np.testing.assert_array_equal(x, np.eye(*SIZE))),
]


@pytest.mark.parametrize("kind", [torch.Tensor, Variable, Parameter], ids=lambda k: k.__name__)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name, args, check", ROWS, ids=lambda v: v if type(v) is str else "")
def test_filling(name, args, check, dtype, kind):
    torch.manual_seed(1)
    assert getattr(init, name) is getattr(init, f"{name}_")
    wide = torch.zeros(SIZE[1], SIZE[0], dtype=dtype).t()  # not contiguous
    given = wide if kind is torch.Tensor else kind(wide)
    assert getattr(init, name)(given, *args) is given
    if kind is not torch.Tensor:
        assert given.data is wide and given.creator is None
    assert wide.dtype is dtype and tuple(wide.size()) == SIZE
    if check is not None:
        check(wide.numpy())


@pytest.mark.parametrize("name", ["ones_", "zeros_", "trunc_normal_"])
def test_today_alone(name):
    x = torch.Tensor(4000)
    assert getattr(init, name)(x) is x
    if name == "trunc_normal_":
        assert abs(x.mean()) < 0.1 and 1.9 < x.abs().max() <= 2 and abs(x.std() - 0.88) < 0.05
        y = init.trunc_normal_(torch.Tensor(4000), 5, 2, 4, 10).numpy()
        assert 4 <= y.min() < 4.1 and 9 < y.max() <= 10
    else:
        assert x.eq(name == "ones_").all()


def test_fans_of_convolutions():
    torch.manual_seed(0)
    x = torch.Tensor(30, 10, 3, 5)
    uniform_in(-((6 / 150) ** 0.5), (6 / 150) ** 0.5)(init.kaiming_uniform(x).numpy())
    normal_of(0, (2 / 600) ** 0.5)(init.xavier_normal(x).numpy())


@pytest.mark.parametrize("size", [(3, 5), (5, 3), (4, 4), (6, 2, 3), (2, 3, 3), (0, 3)], ids=str)
@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-6), (torch.float64, 1e-14)])
def test_orthogonal(size, dtype, tolerance):
    x = init.orthogonal_(torch.zeros(*size, dtype=dtype), gain=2).numpy()
    assert x.shape == size
    if x.size:
        x = x.reshape(size[0], -1)
        product = x @ x.T if x.shape[0] < x.shape[1] else x.T @ x
        assert np.abs(product - 4 * np.eye(len(product))).max() < 4 * tolerance


def test_orthogonal_matrices_have_no_preferred_sign():
    torch.manual_seed(0)
    signs = [init.orthogonal(torch.Tensor(2, 2))[0, 0] > 0 for _ in range(60)]
    assert 15 < sum(signs) < 45


@pytest.mark.parametrize("sparsity, zeros", [(0, 0), (0.25, 3), (0.3, 3), (1, 10)])
def test_sparse(sparsity, zeros):
    x = init.sparse(torch.Tensor(10, 200), sparsity, std=2).numpy()
    assert ((x == 0).sum(0) == zeros).all()
    if 0 < zeros < 10:
        assert ((x == 0).sum(1) > 20).all()  # in different rows
        assert abs(x[x != 0].std() - 2) < 0.2


@pytest.mark.parametrize("size, groups", [((3, 3, 3), 1), ((4, 2, 3, 3), 2), ((2, 5, 1, 1, 4), 1)])
def test_dirac(size, groups):
    x = init.dirac_(torch.Tensor(*size).normal_(), groups).numpy()
    expected = np.zeros(size)
    middle = tuple(n // 2 for n in size[2:])
    for out in range(size[0]):
        channel = out % (size[0] // groups)
        if channel < size[1]:
            expected[(out, channel, *middle)] = 1
    np.testing.assert_array_equal(x, expected)


GAINS = [
    ("linear", None, 1), ("conv2d", None, 1), ("conv_transpose3d", None, 1), ("sigmoid", None, 1),
    ("tanh", None, 5 / 3), ("relu", None, 2**0.5), ("selu", None, 0.75),
    ("leaky_relu", None, (2 / 1.0001) ** 0.5), ("leaky_relu", 1, 1),
]  # fmt: skip


@pytest.mark.parametrize("name, param, gain", GAINS)
def test_gains(name, param, gain):
    assert abs(init.calculate_gain(name, param) - gain) < 1e-15


def t(*size):
    return torch.zeros(*size)


ERRORS = [
    (lambda: init.uniform([1]), TypeError, "uniform: tensor: expected a tensor .* got list"),
    (
        lambda: init.normal(torch.LongTensor(3)),
        TypeError,
        "normal: tensor: expected a tensor or Variable of floating numbers, got LongTensor",
    ),
    (
        lambda: init.xavier_uniform(t(3)),
        ValueError,
        r"xavier_uniform: tensor: expected 2 or more dimensions, got size \(3,\)",
    ),
    (lambda: init.xavier_normal(t(3)), ValueError, "xavier_normal: tensor: expected 2 or more"),
    (lambda: init.kaiming_normal(t(3)), ValueError, "kaiming_normal: tensor: expected 2 or more"),
    (
        lambda: init.kaiming_uniform(t(3, 3), mode="fan"),
        ValueError,
        "kaiming_uniform: mode: expected 'fan_in' or 'fan_out', got 'fan'",
    ),
    (
        lambda: init.kaiming_uniform(t(3, 3), nonlinearity="x"),
        ValueError,
        r"calculate_gain: nonlinearity: expected one of \['conv1d', .*\], got 'x'",
    ),
    (
        lambda: init.calculate_gain("leaky_relu", "a"),
        TypeError,
        "calculate_gain: param: expected a slope, got 'a'",
    ),
    (lambda: init.orthogonal(t(3)), ValueError, "orthogonal: tensor: expected 2 or more dim"),
    (lambda: init.sparse(t(3), 0.1), ValueError, "sparse: tensor: expected 2 dimensions, got size"),
    (lambda: init.sparse(t(3, 3), 2), ValueError, "sparse: sparsity: expected a share .* got 2"),
    (lambda: init.eye(t(3, 3, 3)), ValueError, "eye: tensor: expected 2 dimensions"),
    (lambda: init.dirac(t(3, 3)), ValueError, "dirac: tensor: expected 3 or 4 or 5 dimensions"),
    (
        lambda: init.dirac(t(3, 3, 3), 2),
        ValueError,
        "dirac: groups: expected a divisor of 3 channels, got 2",
    ),
    (
        lambda: init.trunc_normal_(t(3), a=1, b=1),
        ValueError,
        "trunc_normal_: expected a < b and std > 0, got a=1, b=1 and std=1",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_in_the_alphas_meaning():
    with torch.compat.alpha():
        for name, args, _ in ROWS:
            getattr(init, name)(Variable(torch.zeros(4, 3)), *args)
        init.dirac(torch.zeros(2, 2, 3))
        init.trunc_normal_(torch.zeros(3))
