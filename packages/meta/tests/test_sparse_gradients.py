"""Sparse gradients, which layers make and optimizers use."""

import torch
from torch import nn, optim
from torch.autograd import SparseRows, Variable


def test_a_step_of_sgd_touches_the_rows_of_the_gradient():
    torch.manual_seed(1)
    module = nn.Embedding(4, 2, sparse=True)
    before = module.weight.data.clone()
    module(Variable(torch.LongTensor([2, 2]))).sum().backward()
    assert isinstance(module.weight.grad.data, SparseRows)
    optim.SGD(module.parameters(), lr=0.5).step()
    others = torch.LongTensor([0, 1, 3])
    assert module.weight.data[others].equal(before[others])
    assert (module.weight.data[2] - (before[2] - 1)).abs().max() < 1e-6
