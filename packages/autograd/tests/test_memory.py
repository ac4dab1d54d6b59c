"""What is kept alive, and for how long."""

import gc
import weakref

import torch
from torch.autograd import Variable


def leaf(*size):
    return Variable(torch.ones(*size), requires_grad=True)


def test_products_die_as_soon_as_they_are_summed():
    """In y = Wx + My neither the products nor their Variables outlive the sum."""
    w, m, x, y = leaf(3, 4), leaf(3, 4), Variable(torch.ones(4, 2)), Variable(torch.ones(4, 2))
    wx, my = w.mm(x), m.mm(y)
    died = [weakref.ref(v) for v in (wx, my, wx.data, my.data)]
    total = wx + my
    del wx, my
    assert [r() for r in died] == [None] * 4
    total.sum().backward()
    assert w.grad is not None


def test_a_saved_value_dies_when_its_function_has_run():
    x = leaf(3)
    h = x.exp()
    died = weakref.ref(h.data)
    y = (h * 2).sum()
    del h
    assert died() is not None
    y.backward()
    assert died() is None


def test_inputs_that_no_gradient_needs_are_not_kept():
    x, c = leaf(3), Variable(torch.ones(3))
    h = x + 1
    died = weakref.ref(h.data)
    y = h * c  # needs c, but h only for the gradient of c
    del h
    assert died() is None
    y.sum().backward()


def test_a_graph_dies_with_its_result():
    x = leaf(3)
    y = x.exp()
    died = [weakref.ref(y), weakref.ref(y.data), weakref.ref(y.creator)]
    z = y.sum()
    del y
    del z
    assert [r() for r in died] == [None] * 3


def test_no_cycles_after_training_steps():
    gc.collect()
    gc.disable()
    try:
        x = leaf(3, 3)
        for create_graph in (False, True):
            h = (x.mm(x).tanh() + 0).view(9)
            h[0] = h[1] * 2
            values, _ = h.max(0)
            loss = (h * values).sum() + h[3:5].exp().sum()
            loss.backward(create_graph=create_graph)
            x.grad = None
        del h, values, loss
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_hooks_do_not_keep_the_graph():
    gc.collect()
    gc.disable()
    try:
        x = leaf(3)
        y = x * 2
        y.register_hook(lambda g: g * 2)
        y.sum().backward()
        died = weakref.ref(y)
        del y
        assert died() is None
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_an_exception_in_backward_leaves_no_cycles_of_ours():
    x = leaf(3)
    y = (x * x).sum()
    y.backward()
    try:
        y.backward()
    except RuntimeError:
        pass
    died = weakref.ref(y)
    del y
    gc.collect()
    assert died() is None
