"""Every layer: its values, its gradients against finite differences, its errors."""

import math

import pytest
import torch
import torch.legacy.nn as nn

STEP = 1e-6
# Central differences in double: an error of STEP^2, and of 1e-16 / STEP by rounding.
TOLERANCE = 1e-7


def doubles(*size):
    return torch.randn(*size).double()


def numerical_gradient(f, x):
    """The gradient of the number f() with respect to the contiguous tensor x, by differences."""
    gradient = x.clone().zero_()
    flat_x, flat_gradient = x.view(-1), gradient.view(-1)
    for i in range(x.numel()):
        kept = float(flat_x[i])
        flat_x[i] = kept + STEP
        above = f()
        flat_x[i] = kept - STEP
        below = f()
        flat_x[i] = kept
        flat_gradient[i] = (above - below) / (2 * STEP)
    return gradient


def assert_close(ours, expected):
    assert ours.size() == expected.size()
    assert float((ours - expected).abs().max()) < TOLERANCE


def check_gradients(module, x):
    """Compares backward with differences of sum(forward(x) * g), scaled by 0.5."""
    module.double()
    g = module.forward(x).clone()
    g.copy_(doubles(*g.size()))

    def value():
        return float((module.forward(x) * g).sum())

    expected = numerical_gradient(value, x)
    parameters, gradients = module.parameters()
    expected_gradients = [numerical_gradient(value, p) * 0.5 for p in parameters]
    module.zeroGradParameters()
    module.forward(x)
    module.backward(x, g.clone(), 0.5)
    assert_close(module.gradInput, expected)
    for ours, theirs in zip(gradients, expected_gradients, strict=True):
        assert_close(ours, theirs)


LAYERS = [
    ("Linear", lambda: nn.Linear(3, 4), (5, 3)),
    ("Linear, one sample", lambda: nn.Linear(3, 4), (3,)),
    ("Linear without bias", lambda: nn.Linear(3, 4, bias=False), (5, 3)),
    ("Threshold", lambda: nn.Threshold(0.2, -0.3), (4, 5)),
    ("ReLU", lambda: nn.ReLU(), (4, 5)),
    ("Tanh", lambda: nn.Tanh(), (4, 5)),
    ("Sigmoid", lambda: nn.Sigmoid(), (4, 5)),
    ("LogSoftMax", lambda: nn.LogSoftMax(), (4, 5)),
    ("LogSoftMax, one sample", lambda: nn.LogSoftMax(), (5,)),
    ("LogSoftMax, one picture", lambda: nn.LogSoftMax(), (3, 2, 2)),
    ("LogSoftMax, pictures", lambda: nn.LogSoftMax(), (2, 3, 2, 2)),
    (
        "Sequential",
        lambda: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2), nn.LogSoftMax()),
        (5, 3),
    ),
    ("Sequential of nothing", lambda: nn.Sequential(), (2, 3)),
]


@pytest.mark.parametrize(("make", "size"), [row[1:] for row in LAYERS], ids=[r[0] for r in LAYERS])
def test_gradients(make, size):
    torch.manual_seed(11)
    check_gradients(make(), doubles(*size))


@pytest.mark.parametrize(("make", "size"), [row[1:] for row in LAYERS], ids=[r[0] for r in LAYERS])
def test_non_contiguous_input(make, size):
    torch.manual_seed(12)
    module = make()
    # Every second element of a larger tensor.
    x = torch.randn(*size, 2).select(len(size), 0)
    expected = module.forward(x.contiguous()).clone()
    # float32: the vector and the scalar loop may round differently.
    assert float((module.forward(x) - expected).abs().max()) < 1e-6
    g = torch.randn(*expected.size(), 2).select(expected.dim(), 0)
    assert module.backward(x, g).size() == x.size()


def test_linear_values():
    layer = nn.Linear(2, 2)
    layer.weight.copy_(torch.FloatTensor([[1, 2], [3, 4]]))
    layer.bias.copy_(torch.FloatTensor([10, 20]))
    assert layer.forward(torch.FloatTensor([1, 1])).tolist() == [13, 27]
    assert layer(torch.FloatTensor([[1, 0], [0, 1]])).tolist() == [[11, 23], [12, 24]]
    assert repr(layer) == "nn.Linear(2 -> 2)"
    assert repr(nn.Linear(2, 3, bias=False)) == "nn.Linear(2 -> 3) without bias"


def test_linear_reset():
    torch.manual_seed(1)
    layer = nn.Linear(16, 400)
    assert float(layer.weight.abs().max()) <= 1 / 4
    assert float(layer.weight.std()) == pytest.approx(1 / 4 / math.sqrt(3), rel=0.05)
    layer.reset(2.0)
    assert float(layer.weight.std()) == pytest.approx(2.0, rel=0.05)


def test_linear_updates_without_adding_up():
    torch.manual_seed(2)
    direct, stepwise = nn.Linear(3, 2), nn.Linear(3, 2)
    stepwise.weight.copy_(direct.weight)
    stepwise.bias.copy_(direct.bias)
    x, g = torch.randn(5, 3), torch.randn(5, 2)
    for layer in (direct, stepwise):
        layer.forward(x)
    gradient = direct.gradWeight
    direct.backwardUpdate(x, g, 0.1)
    stepwise.backward(x, g)
    stepwise.updateParameters(0.1)
    assert_close(direct.weight, stepwise.weight)
    assert_close(direct.bias, stepwise.bias)
    assert direct.gradWeight is gradient
    assert float(gradient.abs().max()) == 0


def test_threshold_values():
    x = torch.FloatTensor([-1, 0, 0.5, 2])
    assert nn.Threshold(0.5, -7).forward(x).tolist() == [-7, -7, -7, 2]
    assert x.tolist() == [-1, 0, 0.5, 2]
    assert nn.ReLU().forward(x).tolist() == [0, 0, 0.5, 2]


def test_threshold_inplace():
    layer = nn.ReLU(inplace=True)
    x = torch.FloatTensor([-1, 3])
    assert layer.forward(x) is x
    assert x.tolist() == [0, 3]
    g = torch.FloatTensor([5, 6])
    assert layer.backward(x, g) is g
    assert g.tolist() == [0, 6]


def test_log_softmax_of_large_values():
    assert nn.LogSoftMax().forward(torch.FloatTensor([[1000, 0]])).tolist() == [[0, -1000]]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: nn.Linear(0, 3), "Linear: expected sizes of at least 1, got inputSize=0"),
        (
            lambda: nn.Linear(3, 2).forward(torch.zeros(4)),
            r"Linear: expected input of size \(3,\) or \(n, 3\), got \(4,\)",
        ),
        (lambda: nn.Linear(3, 2).forward(torch.zeros(2, 2, 3)), r"got \(2, 2, 3\)"),
        (
            lambda: nn.Linear(3, 2).backward(torch.zeros(5, 3), torch.zeros(5, 3)),
            r"expected gradOutput of size \(2,\) or \(n, 2\), got \(5, 3\)",
        ),
        (
            lambda: nn.Linear(3, 2).backward(torch.zeros(5, 3), torch.zeros(4, 2)),
            r"as many rows in gradOutput as in input, got sizes \(4, 2\) and \(5, 3\)",
        ),
        (lambda: nn.Threshold(0, 1, inplace=True), "got value=1 and threshold=0"),
        (
            lambda: nn.LogSoftMax().forward(torch.zeros(1, 1, 1, 1, 1)),
            r"LogSoftMax: expected input of 1 to 4 dimensions, got size \(1, 1, 1, 1, 1\)",
        ),
    ],
)
def test_wrong_sizes(call, text):
    with pytest.raises(ValueError, match=text):
        call()
