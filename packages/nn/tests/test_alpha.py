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
