"""The alpha's meanings of Variable.grad and of hooks."""

import pytest
import torch
from torch.autograd import Variable, grad


def leaf(*values):
    return Variable(torch.FloatTensor(list(values)), requires_grad=True)


@pytest.fixture
def alpha():
    with torch.compat.using(tensor_grad=True, tensor_hooks=True):
        yield


def test_by_default_gradients_are_variables():
    x = leaf(1)
    assert x.grad is None
    (x * 2).backward()
    assert type(x.grad) is Variable


def test_a_gradient_exists_and_is_added_into(alpha):
    x = leaf(1, 2)
    gradient = x.grad
    assert type(gradient) is torch.FloatTensor and gradient.tolist() == [0, 0]
    for times in (1, 2):
        (x * 3).sum().backward()
        assert x.grad is gradient and gradient.tolist() == [3 * times] * 2
    gradient.zero_()
    (x * 3).sum().backward()
    assert x.grad is gradient and gradient.tolist() == [3, 3]


def test_a_gradient_first_read_after_backward_stays_too(alpha):
    x = leaf(1)
    (x * 3).backward()
    gradient = x.grad
    (x * 3).backward()
    assert x.grad is gradient and gradient[0] == 6


def test_what_has_no_gradient(alpha):
    assert Variable(torch.ones(2)).grad is None
    assert Variable(torch.ones(2), volatile=True).grad is None


def test_assigning(alpha):
    x = leaf(1, 2)
    given = torch.FloatTensor([5, 6])
    x.grad = given
    assert x.grad is given
    (x * 1).sum().backward()
    assert given.tolist() == [6, 7]
    x.grad = None
    assert x.grad.tolist() == [0, 0]
    x.grad = Variable(given)
    assert x.grad is given
    with pytest.raises(ValueError, match=r"Variable.grad: expected size \(2,\), got \(3,\)"):
        x.grad = torch.ones(3)


def test_the_meaning_can_change_under_a_variable():
    x = leaf(1)
    (x * 2).backward()
    with torch.compat.using(tensor_grad=True):
        gradient = x.grad
    assert x.grad.data is gradient


def test_hooks_get_tensors(alpha):
    x = leaf(1, 2)
    seen = []

    def hook(g):
        seen.append(type(g))
        return g * 2

    x.register_hook("name", hook)
    y = x * 3
    y.register_hook(hook)
    y.creator.register_hook(lambda gx, gy: seen.append((type(gx[0]), type(gy[0]))))
    y.sum().backward(retain_variables=True)
    assert x.grad.tolist() == [12, 12]
    assert seen == [torch.FloatTensor, (torch.FloatTensor,) * 2, torch.FloatTensor]
    x.remove_hook("name")
    (g,) = grad(y.sum(), x, create_graph=True)
    assert g.data.tolist() == [6, 6]


def test_retained_gradients(alpha):
    x = leaf(1)
    y = x * 2
    y.retain_grad()
    (y * 3).backward()
    assert y.grad.tolist() == [3]
