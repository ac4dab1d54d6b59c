"""In the alpha's meaning element counts have to match, not sizes: gradients come back in both."""

import pytest
import torch
from torch.autograd import Variable


def leaf(*size):
    return Variable(torch.ones(*size), requires_grad=True)


def assigned(x, value):
    y = x * 1
    y[0] = value
    return y


MASK = torch.ByteTensor([1, 0, 1, 0, 1, 0])

ROWS = [
    ("copy_", lambda x, y: (x * 1).copy_(y), (2, 3), (6,), 0, 1),
    ("setitem", assigned, (2, 3), (3, 1), 0.5, 1),
    ("masked_select", lambda x, y: x.masked_select(MASK) + y, (2, 3), (3,), 0.5, 1),
    ("masked_fill", lambda x, y: x.masked_fill(MASK, y), (2, 3), (1,), 0.5, 3),
    ("masked_copy_", lambda x, y: (x * 1).masked_copy_(MASK, y), (2, 3), (3,), 0.5, 1),
    ("scatter", lambda x, y: x.scatter(0, torch.LongTensor([1, 1]), y), (3,), (2,), 2 / 3, 0.5),
    ("put_", lambda x, y: (x * 1).put_(torch.LongTensor([5, 5]), y), (2, 3), (2, 1), 5 / 6, 0.5),
    ("index_copy", lambda x, y: x.index_copy(0, torch.LongTensor([1, 1]), y), (2,), (2,), 0.5, 0.5),
    ("index_put", lambda x, y: x.index_put([torch.LongTensor([1, 1])], y), (3,), (2,), 2 / 3, 0.5),
    ("as_strided", lambda x, y: x.as_strided((2, 2), (1, 1)) * y, (3,), (2, 2), 4 / 3, 1),
    ("dot", lambda x, y: x.dot(y), (3,), (3,), 1, 1),
]


@pytest.mark.parametrize(
    "name, call, x_size, y_size, x_mean, y_mean", ROWS, ids=[r[0] for r in ROWS]
)
def test_gradients_come_back_in_the_size_of_the_argument(
    name, call, x_size, y_size, x_mean, y_mean
):
    x, y = leaf(*x_size), leaf(*y_size)
    with torch.compat.alpha():
        result = call(x, y)
        result.backward(torch.ones(*result.size()))
        assert tuple(x.grad.size()) == x_size and tuple(y.grad.size()) == y_size
    assert x.grad.data.mean() == pytest.approx(x_mean)
    assert y.grad.data.mean() == pytest.approx(y_mean)
