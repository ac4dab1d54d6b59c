"""detect_anomaly: the first Function that makes a NaN."""

from threading import Thread

import pytest
import torch
from torch.autograd import (
    Function,
    Variable,
    anomaly,
    detect_anomaly,
    function,
    grad,
    is_anomaly_enabled,
    set_detect_anomaly,
)
from torch.autograd.functions import base

NAN = float("nan")


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    yield
    assert not is_anomaly_enabled() and not anomaly.watching
    assert function.report is None and base.report is None


def leaf(*values):
    return Variable(torch.DoubleTensor(list(values)), requires_grad=True)


class Twice(Function):
    """The second result and its gradient are what the test wants."""

    def __init__(self, result=1.0, gradient=1.0):
        self.result, self.gradient = result, gradient

    def forward(self, x):
        return x * 2, x * self.result

    def backward(self, gy, gz):
        return gy + gz * self.gradient


FORWARD = [
    (lambda: (leaf(-1, 1) * 1).sqrt(), "Sqrt.forward made NaN: 1 of 2 elements"),
    (lambda: torch.log(leaf(-1, -2)), r"Log.forward made NaN: 2 of 2 elements .* size \(2,\)"),
    (lambda: leaf(0) / leaf(0), "Div.forward made NaN"),
    (lambda: leaf(0) / 0, "DivConstant.forward made NaN"),
    (lambda: Twice(NAN)(leaf(1)), "Twice.forward made NaN"),
    (lambda: leaf(float("inf"), 1).sum() * 0, "MulConstant.forward made NaN"),
]


@pytest.mark.parametrize("call, text", FORWARD, ids=range(len(FORWARD)))
def test_forward(call, text):
    call()
    with detect_anomaly(), pytest.raises(RuntimeError, match=text):
        call()


def test_forward_is_not_blamed_for_what_it_was_given():
    with detect_anomaly():
        x = leaf(NAN, 1)
        y = x * 2 + x.exp()
        y = leaf(1, 2) + Variable(x.data) * leaf(1, 2)
        Twice()(y)
        torch.cat([x, x]).sum()
        leaf(0).log()  # an infinity may be meant


BACKWARD = [
    (lambda: leaf(0, 1).sqrt().sum(), "Sqrt.backward made NaN or infinity: 1 of 2 elements"),
    (lambda: Twice(1, NAN)(leaf(1))[1], "Twice.backward made NaN or infinity: 1 of 1"),
    (lambda: (leaf(0) * 2).log(), "Log.backward made NaN or infinity"),
    (lambda: leaf(1) / leaf(1e-200), "Div.backward made NaN or infinity: 1 of 1"),
]


@pytest.mark.parametrize("make, text", BACKWARD, ids=range(len(BACKWARD)))
@pytest.mark.parametrize("create_graph", [False, True])
def test_backward(make, text, create_graph):
    y = make()
    y.backward(retain_variables=True)
    if create_graph:  # then it may be the forward of an operation inside
        text = f"{text}|in backward of {text.split('.')[0]}, which was called at"
    with detect_anomaly(), pytest.raises(RuntimeError, match=text):
        y.backward(create_graph=create_graph)


def test_backward_is_not_blamed_for_what_it_was_given():
    x = leaf(1, 2)
    y = x * 2
    y.register_hook(lambda g: g * NAN)
    with detect_anomaly():
        (y * 3).sum().backward()
        with pytest.raises(RuntimeError, match="backward: gradient: 1 of 2 elements that were"):
            (x * 2).backward(torch.DoubleTensor([NAN, 1]))
    assert x.grad.data.ne(x.grad.data).all()


def test_double_backward():
    x = leaf(0)
    with detect_anomaly():
        (g,) = grad(x**1.5, x, create_graph=True)
        assert g.data[0] == 0
        with pytest.raises(RuntimeError, match="made NaN or infinity"):
            grad(g, x)


def test_blocks_switches_and_decorators():
    assert not is_anomaly_enabled()
    with detect_anomaly():
        assert is_anomaly_enabled()
        with set_detect_anomaly(False):
            leaf(-1).sqrt()
        assert is_anomaly_enabled()
    set_detect_anomaly(True)
    try:
        with pytest.raises(RuntimeError, match="Sqrt.forward"):
            leaf(-1).sqrt()
    finally:
        set_detect_anomaly(False)

    @detect_anomaly()
    def work():
        return leaf(-1).sqrt()

    with pytest.raises(RuntimeError, match="Sqrt.forward"):
        work()
    leaf(-1).sqrt()


def test_it_belongs_to_its_thread():
    done = []
    with detect_anomaly():
        thread = Thread(target=lambda: done.append(leaf(-1).sqrt()))
        thread.start()
        thread.join()
    assert len(done) == 1


def test_errors():
    with pytest.raises(TypeError, match="set_detect_anomaly: mode: expected True or False, got 1"):
        set_detect_anomaly(1)
