"""no_grad, enable_grad, set_grad_enabled: blocks, decorators, threads, generators, coroutines."""

import asyncio
from threading import Thread

import pytest
import torch
from torch.autograd import (
    Variable,
    enable_grad,
    grad_mode,
    is_grad_enabled,
    no_grad,
    set_grad_enabled,
)


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    assert is_grad_enabled() and not grad_mode.open_blocks
    yield
    assert is_grad_enabled() and not grad_mode.open_blocks


def leaf(*values):
    return Variable(torch.FloatTensor(list(values)), requires_grad=True)


def test_the_names_stand_in_torch():
    assert torch.no_grad is no_grad and torch.enable_grad is enable_grad
    assert torch.set_grad_enabled is set_grad_enabled and torch.is_grad_enabled is is_grad_enabled
    assert {"no_grad", "enable_grad", "set_grad_enabled", "is_grad_enabled"} <= set(dir(torch))


def test_blocks():
    x = leaf(1)
    with no_grad():
        assert not is_grad_enabled()
        for y in (x.exp(), x + x, x + 1, x.sum(), x[0]):
            assert not y.requires_grad and y.creator is None
        with enable_grad():
            assert is_grad_enabled() and x.exp().requires_grad
        assert not is_grad_enabled()
    assert x.exp().requires_grad


def test_one_block_may_be_entered_within_itself():
    block = no_grad()
    with block:
        with enable_grad():
            with block:
                assert not is_grad_enabled()
            assert is_grad_enabled()
        assert not is_grad_enabled()


def test_set_grad_enabled_counts_at_once():
    x = leaf(1)
    set_grad_enabled(False)
    try:
        assert not is_grad_enabled() and not x.exp().requires_grad
        with set_grad_enabled(True):
            assert x.exp().requires_grad
        assert not is_grad_enabled()
    finally:
        set_grad_enabled(True)
    block = set_grad_enabled(False)
    for _ in range(2):
        with block:
            assert not is_grad_enabled()
        assert is_grad_enabled()


@pytest.mark.parametrize(
    "decorator, inside",
    [
        (lambda: no_grad(), False),
        (lambda: no_grad, False),
        (lambda: enable_grad(), True),
        (lambda: enable_grad, True),
        (lambda: set_grad_enabled(False), False),
        (lambda: set_grad_enabled(True), True),
    ],
    ids=range(6),
)
def test_decorators(decorator, inside):
    @decorator()
    def function(x, *, factor):
        """Its text."""
        assert is_grad_enabled() is inside
        if x is None:
            raise KeyError
        return x * factor

    assert function.__name__ == "function" and function.__doc__ == "Its text."
    assert is_grad_enabled()
    for outside in (True, False):
        with set_grad_enabled(outside):
            assert function(leaf(1), factor=2).requires_grad is inside
            with pytest.raises(KeyError):
                function(None, factor=2)
            assert is_grad_enabled() is outside


def test_methods_can_be_decorated():
    class Model:
        @no_grad()
        def predict(self, x):
            return x * 2

    assert not Model().predict(leaf(1)).requires_grad


def test_a_generator_leaves_the_block_at_every_yield():
    @no_grad()
    def generator():
        closed.append(False)
        try:
            for _ in range(3):
                try:
                    seen.append(is_grad_enabled())
                    seen.append((yield is_grad_enabled()))
                except ValueError:
                    seen.append("caught")
                    assert not is_grad_enabled()
            return "end"
        finally:
            closed[-1] = not is_grad_enabled()

    seen, closed = [], []
    steps = generator()
    assert next(steps) is False and is_grad_enabled()
    assert steps.send("sent") is False and is_grad_enabled()
    assert steps.throw(ValueError) is False and is_grad_enabled()
    with pytest.raises(StopIteration) as stopped:
        next(steps)
    assert stopped.value.value == "end"
    assert seen == [False, "sent", False, "caught", False, None]
    other = generator()
    next(other)
    other.close()
    assert closed == [True, True]


def test_a_coroutine_leaves_the_block_at_every_await():
    seen = []

    @no_grad()
    async def quiet():
        for _ in range(3):
            seen.append(("quiet", is_grad_enabled()))
            await asyncio.sleep(0)
        return leaf(1) * 2

    async def loud():
        for _ in range(3):
            seen.append(("loud", is_grad_enabled()))
            await asyncio.sleep(0)

    async def both():
        result, _ = await asyncio.gather(quiet(), loud())
        return result

    assert not asyncio.run(both()).requires_grad
    assert seen == [("quiet", False), ("loud", True)] * 3


def test_an_asynchronous_generator_leaves_the_block_at_every_yield():
    @no_grad()
    async def numbers():
        try:
            for i in range(3):
                await asyncio.sleep(0)
                try:
                    seen.append((yield i, is_grad_enabled()))
                except ValueError:
                    yield "caught", is_grad_enabled()
        finally:
            seen.append(is_grad_enabled())

    async def use():
        found = [(pair, is_grad_enabled()) async for pair in numbers()]
        steps = numbers()
        await steps.__anext__()
        await steps.asend("sent")
        assert await steps.athrow(ValueError) == ("caught", False)
        await steps.aclose()
        return found

    seen = []
    assert asyncio.run(use()) == [((i, False), True) for i in range(3)]
    assert seen == [None, None, None, False, "sent", False]


def test_the_answer_belongs_to_its_thread():
    seen = []
    with no_grad():
        thread = Thread(target=lambda: seen.append(leaf(1).exp().requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


def test_many_threads_at_once():
    def work(inside):
        x = leaf(1)
        for _ in range(200):
            with set_grad_enabled(inside):
                right.append((x * 2).requires_grad is inside)
            right.append((x * 2).requires_grad)

    right = []
    threads = [Thread(target=work, args=(i % 2 == 0,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(right) and len(right) == 1600


def test_in_place_changes_are_allowed_without_recording():
    x = leaf(1)
    with no_grad():
        x.add_(1)
    assert x.is_leaf and x.data[0] == 2


ERRORS = [
    (lambda: no_grad(3), "no_grad: expected a function to decorate, got int"),
    (lambda: enable_grad()("a"), "enable_grad: expected a function to decorate, got str"),
    (lambda: no_grad()(Variable), "expected a function to decorate, got <class .*Variable"),
    (lambda: set_grad_enabled(1), "set_grad_enabled: mode: expected True or False, got 1"),
]


@pytest.mark.parametrize("call, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, text):
    with pytest.raises(TypeError, match=text):
        call()
