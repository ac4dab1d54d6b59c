"""Layers, losses and training where the whole program has the alpha's meaning."""

import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import compat
from torch.autograd import Variable


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), Rows(), nn.Linear(64, 3)
    )


class Rows(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)


def losses_of_steps(gradient_of):
    torch.manual_seed(1)
    x = Variable(torch.randn(5, 1, 8, 8))
    t = Variable(torch.LongTensor([0, 1, 2, 1, 0]))
    net = network()
    losses = []
    for _ in range(4):
        net.zero_grad()
        loss = F.cross_entropy(net(x), t)
        loss.backward()
        for p in net.parameters():
            p.data.add_(-0.5, gradient_of(p))
        losses.append(loss.data[0])
    return losses


def test_training_gives_the_same_numbers():
    expected = losses_of_steps(lambda p: p.grad.data)
    with compat.alpha():
        assert losses_of_steps(lambda p: p.grad) == pytest.approx(expected, rel=1e-6)
    assert expected[-1] < expected[0]


def test_backward_of_a_user_sees_the_alpha():
    seen = []

    class Row(torch.autograd.Function):
        def forward(self, x):
            return x.sum(1)

        def backward(self, gy):
            seen.append(gy.sum(0).size())
            return gy.expand(2, 3)

    with compat.alpha():
        x = Variable(torch.ones(2, 3), requires_grad=True)
        y = Row()(x)
        assert y.size() == (2, 1)
        y.backward(torch.ones(2, 1))
    assert seen == [(1, 1)]


def both(function, *inputs):
    """Value and gradients by default and in the alpha's meaning."""
    results = []
    for meaning in (compat.default, compat.alpha):
        with meaning():
            leaves = [Variable(x.clone(), requires_grad=True) for x in inputs]
            result = function(*leaves)
            result.backward(torch.ones(result.size()))
            gradients = [leaf._grad.data for leaf in leaves]
        results.append([result.data.tolist(), *[g.tolist() for g in gradients]])
    return results


@pytest.mark.parametrize(
    "function",
    [
        lambda x: F.pad(x, (1, 1, 1, 1), "reflect"),
        lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"),
        lambda x: F.softmax(x, 1),
        lambda x: F.layer_norm(x, (4,)),
        lambda x: F.smooth_l1_loss(x, Variable(torch.zeros(x.size()))),
        lambda x: F.cosine_similarity(x, x * x, 1),
        lambda x: F.gelu(x),
        lambda x: F.avg_pool2d(x, 2),
    ],
    ids=range(8),
)
def test_functions_mean_the_same(function):
    torch.manual_seed(2)
    default, alpha = both(function, torch.rand(2, 3, 4, 4) + 0.1)
    assert default == alpha
