"""Backward passes in several threads, and inside each other."""

import threading

import pytest
import torch
from torch.autograd import Function, Variable, backward


def leaf(*values):
    return Variable(torch.DoubleTensor(list(values)), requires_grad=True)


def at_once(*works):
    """Run the functions in threads of their own; an error in one is an error of the test."""
    errors = []
    start = threading.Barrier(len(works))

    def run(work):
        start.wait()
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_separate_graphs():
    x = [leaf(*range(50)) for _ in range(4)]

    def work(x):
        for _ in range(50):
            y = x
            for _ in range(20):
                y = y * 1.0 + 0
            (y * x).sum().backward()

    at_once(*[lambda v=v: work(v) for v in x])
    for v in x:
        assert v.grad.data.tolist() == [2 * 50 * i for i in range(50)]


@pytest.mark.parametrize("size, times", [(3, 300), (100_000, 20)])
def test_no_gradient_of_a_shared_leaf_is_lost(size, times):
    """Large tensors are added up without the interpreter lock."""
    x = Variable(torch.zeros(size).double(), requires_grad=True)
    ones = torch.ones(size).double()

    def work():
        for _ in range(times):
            (x * 1).backward(ones)

    for _ in range(3):  # the first gradient of all is a race, too
        x.grad = None
        at_once(*[work] * 4)
        assert x.grad.data.eq(4 * times).all()


def test_no_recorded_gradient_of_a_shared_leaf_is_lost():
    x = leaf(2)

    def work():
        for _ in range(100):
            (x * x).backward(create_graph=True)

    at_once(*[work] * 4)
    assert x.grad.data[0] == 400 * 4
    total = x.grad
    x.grad = None
    total.backward()
    assert x.grad.data[0] == 400 * 2


def test_a_shared_part():
    x = leaf(*range(1, 9))
    shared = x.exp().log() * x  # x * x
    values, _ = shared.view(2, 4).max(0)
    tails = [(shared * i).sum() + values.sum() for i in range(1, 5)]

    def work(tail):
        for _ in range(30):
            tail.backward(retain_variables=True)

    at_once(*[lambda tail=tail: work(tail) for tail in tails])
    for i, gradient in enumerate(x.grad.data.tolist()):
        expected = 30 * 10 * 2 * (i + 1) + (120 * 2 * (i + 1) if i >= 4 else 0)
        assert abs(gradient - expected) < 1e-8


def test_a_forked_child_can_run_backward_while_another_thread_adds_up():
    import os

    x = Variable(torch.zeros(200_000), requires_grad=True)
    ones = torch.ones(200_000)
    stop = threading.Event()

    def work():
        while not stop.is_set():
            x.backward(ones)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if not child:
                y = leaf(1)
                (y * 2).backward()
                os._exit(0 if y.grad.data[0] == 2 else 1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        stop.set()
        thread.join()


# backward inside backward


def test_in_a_function():
    class Inner(Function):
        def forward(self, x):
            self.save_for_backward(x)
            return x * x

        def backward(self, gy):
            (x,) = self.saved_tensors
            inner = Variable(x, requires_grad=True)
            (inner * inner).sum().backward()
            return gy * inner.grad.data

    x = leaf(3, 4)
    y = Inner()(x)
    (y * y).sum().backward()
    assert x.grad.data.tolist() == [4 * 27, 4 * 64]


def test_in_hooks_of_leaves_and_results():
    x, w = leaf(3), leaf(5)

    def hook(g):
        (w * w).backward()

    x.register_hook(hook)
    y = x * x
    y.register_hook(hook)
    (y * 2).backward()
    assert x.grad.data[0] == 12 and w.grad.data[0] == 20


def test_into_the_same_leaf_through_the_same_graph():
    x = leaf(3)
    y = x * x
    runs = []

    def hook(g):
        if len(runs) < 3:
            runs.append(1)
            y.backward(retain_variables=True)

    y.register_hook(hook)
    (y * 1).backward()
    assert x.grad.data[0] == 4 * 6


def test_many_levels():
    class Nested(Function):
        def __init__(self, depth):
            self.depth = depth

        def forward(self, x):
            return x + 0

        def backward(self, gy):
            if not self.depth:
                return gy
            inner = Variable(gy.clone(), requires_grad=True)
            Nested(self.depth - 1)(inner).backward(gy)
            return inner.grad.data + 1

    x = leaf(1)
    Nested(40)(x).backward()
    assert x.grad.data[0] == 41


def test_a_recorded_pass_inside_a_recorded_pass():
    x = leaf(2)
    seen = []

    def hook(g):
        z = leaf(3)
        (z * z * z).backward(create_graph=True)
        (gz,) = torch.autograd.grad(z.grad, z)
        seen.append(gz.data[0])

    x.register_hook(hook)
    backward(x * x, create_graph=True)
    assert seen == [18] and x.grad.requires_grad
