"""sgd_step_ and adam_step_ against the formulas written out, over several steps."""

import itertools

import numpy
import pytest
import torch
from torch._C import adam_step_, sgd_step_


class Sgd:
    def __init__(self, param, lr, momentum, dampening, weight_decay, nesterov):
        self.param, self.buf = param.copy(), None
        self.options = lr, momentum, dampening, weight_decay, nesterov

    def step(self, grad):
        lr, momentum, dampening, weight_decay, nesterov = self.options
        d = grad + weight_decay * self.param
        if momentum:
            first = self.buf is None
            self.buf = d if first else momentum * self.buf + (1 - dampening) * d
            d = d + momentum * self.buf if nesterov else self.buf
        self.param = self.param - lr * d


class Adam:
    def __init__(self, param, lr, beta1, beta2, eps, weight_decay):
        self.param, self.steps = param.copy(), 0
        self.mean, self.square = numpy.zeros_like(param), numpy.zeros_like(param)
        self.options = lr, beta1, beta2, eps, weight_decay

    def step(self, grad):
        lr, beta1, beta2, eps, weight_decay = self.options
        self.steps += 1
        grad = grad + weight_decay * self.param
        self.mean = beta1 * self.mean + (1 - beta1) * grad
        self.square = beta2 * self.square + (1 - beta2) * grad**2
        rate = lr * numpy.sqrt(1 - beta2**self.steps) / (1 - beta1**self.steps)
        self.param = self.param - rate * self.mean / (numpy.sqrt(self.square) + eps)


SGD = [
    (0.1, momentum, dampening, weight_decay, nesterov)
    for momentum, dampening, weight_decay, nesterov in itertools.product(
        (0, 0.9), (0, 0.3), (0, 0.05), (False, True)
    )
    if not nesterov or (momentum and not dampening)
]


@pytest.mark.parametrize("options", SGD, ids=str)
@pytest.mark.parametrize("size", [(3, 5), (70001,), (0,)], ids=str)
def test_sgd(size, options, close, values, tensor):
    lr, momentum, dampening, weight_decay, nesterov = options
    expected = Sgd(values(*size), *options)
    param = tensor(expected.param)
    buf = tensor(numpy.full(size, numpy.nan)) if momentum else None  # the first step overwrites it
    for step in range(3):
        grad = values(*size, seed=step + 1)
        expected.step(grad)
        version, g = param._version, tensor(grad)
        result = sgd_step_(
            param, g, buf, lr, momentum, dampening, weight_decay, nesterov, step == 0
        )
        assert result is param
        assert param._version == version + 1
        close(param, expected.param)
        close(g, grad)
        assert g._version == 0
        if momentum:
            close(buf, expected.buf)
            assert buf._version == step + 1


@pytest.mark.parametrize(
    "options",
    [(0.01, 0.9, 0.999, 1e-8, 0.0), (0.01, 0.0, 0.5, 1e-3, 0.1), (0.1, 0.5, 0.0, 1e-2, 0.0)],
    ids=str,
)
@pytest.mark.parametrize("size", [(3, 5), (70001,), (0,)], ids=str)
def test_adam(size, options, close, values, tensor):
    expected = Adam(values(*size), *options)
    param = tensor(expected.param)
    mean, square = tensor(numpy.zeros(size)), tensor(numpy.zeros(size))
    for step in range(3):
        grad = values(*size, seed=step + 1)
        expected.step(grad)
        g = tensor(grad)
        assert adam_step_(param, g, mean, square, *options, step + 1) is param
        close(param, expected.param)
        close(mean, expected.mean)
        close(square, expected.square)
        close(g, grad)
        assert [t._version for t in (param, mean, square, g)] == [step + 1] * 3 + [0]


def test_layouts(close, values, layouts):
    # every mixture of layouts, so that each part is at times the one that differs
    start, grad, buf = values(4, 5), values(4, 5, seed=1), values(4, 5, seed=2)
    sgd = Sgd(start, 0.1, 0.9, 0.1, 0.01, False)
    sgd.buf = buf
    sgd.step(grad)
    adam = Adam(start, 0.01, 0.9, 0.99, 1e-8, 0.01)
    adam.mean, adam.square, adam.steps = buf, buf**2, 1
    adam.step(grad)
    for choice in itertools.product(range(4), repeat=3):
        param, g, b = (list(layouts(a))[i] for a, i in zip((start, grad, buf), choice))
        around = param.storage().size()
        sgd_step_(param, g, b, 0.1, 0.9, 0.1, 0.01, False, False)
        close(param, sgd.param)
        close(b, sgd.buf)
        assert (param._version, b._version, g._version) == (1, 1, 0)
        assert param.storage().size() == around
        param, g, m, v = (
            list(layouts(a))[i] for a, i in zip((start, grad, buf, buf**2), (*choice, choice[0]))
        )
        adam_step_(param, g, m, v, 0.01, 0.9, 0.99, 1e-8, 0.01, 2)
        close(param, adam.param)
        close(m, adam.mean)
        close(v, adam.square)


def test_writes_only_the_view(tensor):
    whole = tensor(numpy.ones((3, 6)))
    sgd_step_(whole.narrow(1, 2, 2), tensor(numpy.ones((3, 2))), None, 1, 0, 0, 0, False, False)
    expected = numpy.ones((3, 6))
    expected[:, 2:4] = 0
    numpy.testing.assert_array_equal(whole.numpy(), expected)


def test_expanded_gradient(close, tensor):
    param = tensor(numpy.ones((3, 2)))
    grad = tensor(numpy.array([[0.5]])).expand(3, 2)
    sgd_step_(param, grad, None, 1, 0, 0, 0, False, False)
    close(param, numpy.full((3, 2), 0.5))


def test_unused_buffer_stays(tensor):
    param, buf = tensor(numpy.ones(3)), tensor(numpy.full(3, 7.0))
    sgd_step_(param, param.clone(), buf, 0.5, 0, 0, 0, False, True)
    assert buf.numpy().tolist() == [7, 7, 7] and buf._version == 0


def test_weight_decay_zero_ignores_infinite_parameters(tensor):
    param = tensor(numpy.array([numpy.inf, 1]))
    sgd_step_(param, tensor(numpy.ones(2)), None, 0.5, 0, 0, 0, False, False)
    assert param.numpy().tolist() == [numpy.inf, 0.5]


def sgd_arguments(**changes):
    arguments = {"param": torch.zeros(3).float(), "grad": torch.zeros(3).float()}
    arguments |= {"buf": torch.zeros(3).float(), "lr": 0.1, "momentum": 0.9, "dampening": 0.0}
    return arguments | {"weight_decay": 0.0, "nesterov": False, "first": False} | changes


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"buf": None}, ValueError, "expected a buffer for momentum 0.9, got None"),
        (
            {"nesterov": True, "momentum": 0.0},
            ValueError,
            "nesterov expects a momentum and no damp",
        ),
        ({"nesterov": True, "dampening": 0.5}, ValueError, "momentum 0.9 and dampening 0.5"),
        ({"param": torch.zeros(3).long()}, TypeError, "expected param to be a FloatTensor or"),
        ({"grad": torch.zeros(3).double()}, TypeError, "grad to be a FloatTensor, got Double"),
        ({"buf": torch.zeros(3).double()}, TypeError, "buf to be a FloatTensor, got Double"),
        ({"grad": torch.zeros(4).float()}, ValueError, r"grad of size \(3,\), got .*\(4,\)"),
        ({"buf": torch.zeros(3, 1).float()}, ValueError, r"buf of size \(3,\), got .*\(3, 1\)"),
        ({"param": torch.zeros(1).float().expand(3)}, RuntimeError, "write to param, an expanded"),
        ({"buf": torch.zeros(1).float().expand(3)}, RuntimeError, "write to buf, an expanded"),
    ],
)
def test_sgd_errors(changes, error, text):
    arguments = sgd_arguments(**changes)
    with pytest.raises(error, match="^sgd_step_: .*" + text):
        sgd_step_(**arguments)
    assert arguments["param"]._version == 0


def test_shared_memory_is_refused():
    param = torch.zeros(4).float()
    with pytest.raises(ValueError, match="sgd_step_: expected grad and param in separate memory"):
        sgd_step_(**sgd_arguments(param=param.narrow(0, 0, 3), grad=param.narrow(0, 1, 3)))
    with pytest.raises(ValueError, match="sgd_step_: expected buf and param in separate memory"):
        sgd_step_(**sgd_arguments(param=param.narrow(0, 0, 3), buf=param.narrow(0, 1, 3)))
    with pytest.raises(ValueError, match="adam_step_: expected exp_avg_sq and exp_avg in separate"):
        adam_step_(param, param.clone(), *[torch.zeros(4).float()] * 2, 0.1, 0.9, 0.9, 1e-8, 0, 1)


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"step": 0}, ValueError, "expected step of 1 or more, got 0"),
        ({"beta1": 1.0}, ValueError, "expected beta1 of at least 0 and below 1, got 1"),
        ({"beta2": -0.1}, ValueError, "expected beta2 of at least 0 and below 1, got -0.1"),
        ({"beta2": float("nan")}, ValueError, "beta2 of at least 0 and below 1, got -?nan"),
        ({"param": torch.zeros(3).int()}, TypeError, "expected param to be a FloatTensor or"),
        ({"exp_avg": torch.zeros(3).double()}, TypeError, "exp_avg to be a FloatTensor, got D"),
        ({"exp_avg_sq": torch.zeros(2).float()}, ValueError, r"exp_avg_sq of size \(3,\), got"),
        ({"exp_avg_sq": torch.zeros(1).float().expand(3)}, RuntimeError, "write to exp_avg_sq"),
    ],
)
def test_adam_errors(changes, error, text):
    tensors = {n: torch.zeros(3).float() for n in ("param", "grad", "exp_avg", "exp_avg_sq")}
    numbers = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 0.0, "step": 1}
    with pytest.raises(error, match="^adam_step_: .*" + text):
        adam_step_(**(tensors | numbers | changes))
