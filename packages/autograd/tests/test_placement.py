"""Tensors that the library makes on its own are made where their operands are.

Without a second device the calls tell: each names one.
"""

import sys

import pytest
import torch
from test_operations import ROWS, over_inputs, tensors_of
from torch.autograd import Function, Variable, grad

CREATORS = ("arange", "empty", "eye", "full", "ones", "tensor", "zeros")


@pytest.fixture
def devices(monkeypatch):
    """Creators of tensors that torch.autograd may call with a device only; which were named."""
    named = []

    def checked(name):
        make = getattr(torch, name)

        def create(*args, **options):
            caller = sys._getframe(1).f_globals["__name__"]
            if caller.startswith("torch.autograd"):
                assert "device" in options, f"{caller} calls torch.{name} without device="
                named.append(options["device"])
            return make(*args, **options)

        return create

    for name in CREATORS:
        monkeypatch.setattr(torch, name, checked(name))
    return named


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_operations_and_their_gradients(row, devices):
    function, inputs = over_inputs(row, tensors_of(row))
    results = function(*inputs)
    results = results if isinstance(results, tuple) else (results,)
    total = sum([r.sum() for r in results if r.requires_grad])
    gradients = grad(total, inputs, create_graph=True, allow_unused=True)
    again = [g.sum() for g in gradients if g is not None and g.requires_grad]
    if again:
        grad(again, inputs, [None] * len(again), allow_unused=True)


def test_zeros_for_results_that_were_not_used(devices):
    class Two(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1, x * 2

        @staticmethod
        def backward(ctx, gy, gz):
            return gy + gz * 2

    x = Variable(torch.ones(2), requires_grad=True)
    for results, expected in ((Two.apply(x), [2, 2]), (x.chunk(2), [0, 1])):
        x.grad = None
        results[1].sum().backward()
        assert x.grad.data.tolist() == expected
    assert devices and all(device == x.device for device in devices)


def test_numbers_as_answers(devices):
    x = Variable(torch.ones(2))
    assert torch.equal(x, x) is True
    assert x.eq(1).all().data.tolist() == [True]
    assert torch.all(input=x.eq(1)).data.tolist() == [True]
    assert devices and all(device == x.device for device in devices)
