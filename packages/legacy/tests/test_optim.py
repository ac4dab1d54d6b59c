import numpy
import pytest
import torch
import torch.legacy.nn as nn
from torch.legacy import optim


def quadratic(x):
    """f = sum(c x^2) / 2 with curvatures c = 1, 2, 3."""
    curvatures = torch.DoubleTensor([1, 2, 3])
    return float((curvatures * x * x).sum()) / 2, curvatures * x


def reference(config, steps):
    """The same steps written out in NumPy, after Sutskever et al. 2013 with dampening."""
    curvatures, x = numpy.array([1.0, 2.0, 3.0]), numpy.array([1.0, -2.0, 3.0])
    average = None
    momentum = config.get("momentum", 0)
    dampening = config.get("dampening", momentum)
    for step in range(steps):
        g = curvatures * x + config.get("weightDecay", 0) * x
        g = g + numpy.array(config.get("weightDecays", 0)) * x
        if momentum:
            average = g if average is None else momentum * average + (1 - dampening) * g
            g = g + momentum * average if config.get("nesterov") else average
        rate = config["learningRate"] / (1 + step * config.get("learningRateDecay", 0))
        x = x - rate * numpy.array(config.get("learningRates", 1)) * g
    return x


@pytest.mark.parametrize(
    "config",
    [
        {"learningRate": 0.1},
        {"learningRate": 0.1, "learningRateDecay": 0.3},
        {"learningRate": 0.1, "weightDecay": 0.2},
        {"learningRate": 0.1, "momentum": 0.8},
        {"learningRate": 0.1, "momentum": 0.8, "dampening": 0.1},
        {"learningRate": 0.05, "momentum": 0.8, "dampening": 0, "nesterov": True},
        {"learningRate": 0.1, "learningRates": [1.0, 0.5, 0.25]},
        {"learningRate": 0.1, "weightDecays": [1.0, 0.5, 0.0], "momentum": 0.5},
    ],
)
def test_sgd_follows_the_formula(config):
    tensors = {k: torch.DoubleTensor(v) if isinstance(v, list) else v for k, v in config.items()}
    x, state = torch.DoubleTensor([1, -2, 3]), {}
    for _ in range(20):
        result, values = optim.sgd(quadratic, x, tensors, state)
        assert result is x
        assert len(values) == 1
    assert x.tolist() == pytest.approx(reference(config, 20).tolist(), rel=1e-12)
    assert state["evalCounter"] == 20


def test_value_is_that_before_the_step():
    x = torch.DoubleTensor([1, 0, 0])
    assert optim.sgd(quadratic, x, {"learningRate": 1})[1] == [0.5]
    assert optim.sgd(quadratic, x, {"learningRate": 1})[1] == [0.0]


def test_state_lives_in_the_config_by_default():
    config = {"learningRate": 0.1, "momentum": 0.9}
    x = torch.DoubleTensor([1, 1, 1])
    optim.sgd(quadratic, x, config)
    optim.sgd(quadratic, x, config)
    assert config["evalCounter"] == 2
    assert config["dfdx"].size() == (3,)


def test_gradient_is_not_changed():
    gradient = torch.DoubleTensor([1, 2, 3])
    config = {"learningRate": 0.1, "momentum": 0.9, "weightDecay": 0.5}
    for _ in range(3):
        optim.sgd(lambda x: (0.0, gradient), torch.ones(3).double(), config)
    assert gradient.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("config", "gradient_size", "text"),
    [
        ({"nesterov": True}, 3, "got momentum=0 and dampening=0"),
        ({"nesterov": True, "momentum": 0.9}, 3, "got momentum=0.9 and dampening=0.9"),
        ({"weightDecay": 1, "weightDecays": torch.ones(3)}, 3, "weightDecay or weightDecays"),
        ({}, 2, r"a gradient of the size of x, \(3,\), got \(2,\)"),
    ],
)
def test_wrong_arguments(config, gradient_size, text):
    with pytest.raises(ValueError, match=text):
        optim.sgd(lambda x: (0.0, torch.zeros(gradient_size)), torch.ones(3), config)


def test_trains_a_network():
    torch.manual_seed(4)
    model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2), nn.LogSoftMax())
    criterion = nn.ClassNLLCriterion()
    x = torch.randn(200, 2)
    target = (x.narrow(1, 0, 1) * x.narrow(1, 1, 1) > 0).long().view(-1)
    weights, gradients = model.getParameters()

    def loss_and_gradient(_):
        model.zeroGradParameters()
        loss = criterion.forward(model.forward(x), target)
        model.backward(x, criterion.backward(model.output, target))
        return loss, gradients

    state = {}
    config = {"learningRate": 1.0, "momentum": 0.9}
    losses = [optim.sgd(loss_and_gradient, weights, config, state)[1][0] for _ in range(300)]
    assert losses[0] > 0.6
    assert losses[-1] < 0.2
