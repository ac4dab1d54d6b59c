"""A leaf keeps its first gradient without a copy where nobody else has it, and nowhere else."""

import weakref

import numpy as np
import pytest
import torch
from torch.autograd import Function, SparseRows, Variable

kept = []  # what careless programs hold on to


@pytest.fixture(autouse=True)
def nothing_kept():
    yield
    kept.clear()


def leaf():
    return Variable(torch.ones(2, 3), requires_grad=True)


def made(gradient_of, forward=lambda x: x * 2):
    """A Function of one argument whose backward returns gradient_of(gy); notes what that is."""

    class Made(Function):
        seen = None

        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, gy):
            result = gradient_of(ctx, gy)
            tensor = result[0] if isinstance(result, tuple) else result
            Made.seen = weakref.ref(tensor._data if isinstance(tensor, Variable) else tensor)
            return result

    return Made


def keep(value):
    kept.append(value)
    return value


def keep_storage(value):
    kept.append(value.storage())
    return value


def keep_view(value):
    kept.append(value[0])
    return value


def keep_array(value):
    kept.append(value.numpy())
    return value


def part_of_more(gy):
    return torch.zeros(4, 3).narrow(0, 0, 2).add_(gy)


def save_more(ctx, gy):
    ctx.more = gy * 3
    return ctx.more


# name, backward of a Function of one argument, whether its gradient becomes the leaf's
GRADIENTS = [
    ("fresh", lambda ctx, gy: gy * 2, True),
    ("in a tuple", lambda ctx, gy: (gy * 2,), True),
    ("a Variable", lambda ctx, gy: Variable(gy * 2), True),
    ("view of what is gone", lambda ctx, gy: (gy * 2).view(6).view(2, 3), True),
    ("kept", lambda ctx, gy: keep(gy * 2), False),
    ("kept in a tuple", lambda ctx, gy: keep((gy * 2,)), False),
    ("kept Variable", lambda ctx, gy: keep(Variable(gy * 2)), False),
    ("kept by its node", save_more, False),
    ("saved by its node", lambda ctx, gy: ctx.saved_tensors[0], False),
    ("its view is kept", lambda ctx, gy: keep_view(gy * 2), False),
    ("its storage is kept", lambda ctx, gy: keep_storage(gy * 2), False),
    ("an array of it is kept", lambda ctx, gy: keep_array(gy * 2), False),
    ("an array's memory", lambda ctx, gy: torch.from_numpy(np.ones((2, 3), "float32")), False),
    ("shared with processes", lambda ctx, gy: (gy * 2).share_memory_(), False),
    ("part of more", lambda ctx, gy: part_of_more(gy), False),
    ("expanded", lambda ctx, gy: torch.ones(1, 3).expand(2, 3), False),
    ("transposed", lambda ctx, gy: torch.ones(3, 2).t(), False),
    ("a slice", lambda ctx, gy: torch.ones(6).storage() and torch.ones(3, 3)[1:], False),
]


@pytest.mark.parametrize("name, backward, taken", GRADIENTS, ids=[row[0] for row in GRADIENTS])
def test_of_a_function(name, backward, taken):
    x = leaf()
    f = made(backward)
    y = f.apply(x)
    y.backward(torch.ones(2, 3))
    assert (f.seen() is x.grad.data) is taken
    assert x.grad.data.is_contiguous()
    before = [as_list(value) for value in kept]
    x.grad.data.fill_(7)
    assert [as_list(value) for value in kept] == before
    if name == "kept by its node":
        assert y.creator.more.tolist() == [[3] * 3] * 2
    assert x.data.tolist() == [[1] * 3] * 2


def as_list(value):
    if isinstance(value, tuple):
        return [as_list(v) for v in value]
    value = value._data if isinstance(value, Variable) else value
    return list(value) if type(value).__name__.endswith("Storage") else value.tolist()


DOUBLE = made(lambda ctx, gy: gy * 2)


@pytest.mark.parametrize("how", ["same", "view"])
def test_one_gradient_for_two_leaves(how):
    class Both(Function):
        @staticmethod
        def forward(ctx, x, y):
            return x + y

        @staticmethod
        def backward(ctx, gz):
            g = gz * 2
            return g, g if how == "same" else g.view(6).view(2, 3)

    x, y = leaf(), leaf()
    Both.apply(x, y).sum().backward()
    x.grad.data.fill_(7)
    assert y.grad.data.tolist() == [[2] * 3] * 2
    y.grad.data.fill_(5)
    assert x.grad.data.tolist() == [[7] * 3] * 2


def test_one_leaf_as_both_inputs():
    x = leaf()
    (x + x).sum().backward()
    assert x.grad.data.tolist() == [[2] * 3] * 2


@pytest.mark.parametrize("through", [lambda x: x, lambda x: x.view(2, 3), lambda x: x + 0])
def test_the_users_gradient_stays_the_users(through):
    for given in (torch.ones(2, 3), Variable(torch.ones(2, 3))):
        x = leaf()
        through(x).backward(given)
        x.grad.data.fill_(7)
        data = given.data if isinstance(given, Variable) else given
        assert data.tolist() == [[1] * 3] * 2


@pytest.mark.parametrize("hook, taken", [(lambda g: None, True), (kept.append, False)])
def test_hooks_of_a_leaf(hook, taken):
    x = leaf()
    x.register_hook(hook)
    f = made(lambda ctx, gy: gy * 2)
    f.apply(x).sum().backward()
    assert (f.seen() is x.grad.data) is taken
    x.grad.data.fill_(7)
    assert all(value.data.tolist() == [[2] * 3] * 2 for value in kept)


def test_what_a_hook_returns():
    x = leaf()
    x.register_hook(lambda g: keep(g * 2))
    (x * 3).sum().backward()
    x.grad.data.fill_(7)
    assert kept[0].data.tolist() == [[6] * 3] * 2


def test_hooks_of_a_function():
    x = leaf()
    y = x * 3
    y.creator.register_hook(lambda gx, gy: kept.append(gx))
    y.sum().backward()
    x.grad.data.fill_(7)
    assert kept[0][0].data.tolist() == [[3] * 3] * 2


def test_retained_variables_stay_usable():
    x = leaf()
    f = made(lambda ctx, gy: gy * ctx.saved_tensors[0])
    y = f.apply(x).sum()
    y.backward(retain_variables=True)
    assert f.seen() is x.grad.data
    x.grad.data.fill_(7)
    x.grad = None
    y.backward()
    assert x.grad.data.tolist() == [[1] * 3] * 2


def test_with_create_graph():
    x = leaf()
    (x * x * x).sum().backward(create_graph=True)
    first = x.grad
    x.grad = None
    first.sum().backward()
    assert first.data.tolist() == [[3] * 3] * 2
    assert x.grad.data.tolist() == [[6] * 3] * 2


def test_later_gradients_are_added():
    x = leaf()
    DOUBLE.apply(x).sum().backward()
    first = x.grad.data
    DOUBLE.apply(x).sum().backward()
    assert x.grad.data is first and first.tolist() == [[4] * 3] * 2


def test_of_another_type():
    x = leaf()
    y = x.double()
    y.backward(torch.ones(2, 3).double())
    assert type(x.grad.data) is torch.FloatTensor


def test_sparse_rows_that_are_kept():
    class Rows(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, gy):
            return keep(SparseRows(torch.LongTensor([1]), torch.ones(1, 3), (2, 3)))

    x = leaf()
    Rows.apply(x).sum().backward()
    x.grad.data.values.fill_(7)
    assert kept[0].values.tolist() == [[1] * 3]
