"""Threads change no result; processes can fork after parallel work."""

import threading

import numpy as np
import pytest
import torch
from harness import LARGE, array, run


@pytest.fixture(autouse=True)
def restore_threads():
    n = torch.get_num_threads()
    yield
    torch.set_num_threads(n)


def computations():
    torch.manual_seed(1)
    x, y = torch.randn(LARGE), torch.rand(LARGE) + 0.5
    m, d = torch.randn(300, 301), torch.randn(330, 310, dtype=torch.float64)
    i = torch.randperm(LARGE)
    yield "exp", x.exp()
    yield "div", x / y
    yield "strided", x[:-1:2] + y[1::2]
    yield "transposed", m.t() + m.t()
    yield "sum", torch.tensor([x.sum(), d.sum()])
    yield "sum of rows", m.sum(1)
    yield "sum of columns", m.sum(0)
    yield "var", d.var(0)
    yield "prod", (y * 0.01 + 1)[:50000].prod(0, True)
    yield "max", d.max(1)[1]
    yield "int64", (x * 100).long()
    yield "index", x[i]
    yield "where", torch.where(x > 0, x, y)
    yield "integer mm", (m * 9).int() @ (m.t() * 9).int()
    yield "normal", torch.empty(LARGE).normal_()


def test_results_do_not_depend_on_the_number_of_threads():
    results = []
    for n in (1, 2, 3, 7):
        torch.set_num_threads(n)
        assert torch.get_num_threads() == n
        results.append([(name, array(value)) for name, value in computations()])
    for other in results[1:]:
        for (name, a), (_, b) in zip(results[0], other, strict=True):
            assert np.array_equal(a, b), name


def test_products_do_not_depend_on_the_number_of_threads_much():
    """The libraries may split sums."""
    a, b = torch.randn(200, 300), torch.randn(300, 250)
    for x, y in ((a, b), (a.double(), b.double())):
        torch.set_num_threads(1)
        one = array(x @ y)
        torch.set_num_threads(2)
        assert np.allclose(array(x @ y), one, rtol=1e-4, atol=1e-4)


def test_operations_in_several_python_threads():
    x = torch.arange(LARGE).double()
    expected = [(x * k + 1).sum() for k in range(8)]
    results, failures = {}, []

    def work(k):
        try:
            for _ in range(10):
                results[k] = (x * k + 1).sum()
                small = torch.ones(3) + k
                assert small.tolist() == [1 + k] * 3
                assert (x[:5] @ x[:5]) == 30
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert not failures
    assert [results[k] for k in range(8)] == expected


def test_tensors_outlive_the_thread_that_made_them():
    made = []
    for n in (3, 100_000):
        t = threading.Thread(target=lambda n=n: made.append(torch.ones(n)))
        t.start()
        t.join()
    x = torch.ones(3)
    t = threading.Thread(target=lambda: (x + 1).sum())
    t.start()
    t.join()
    assert [m.sum() for m in made] == [3, 100_000]
    made.clear()
    assert torch.ones(3).sum() == 3


PARENT = """
import os, signal, sys, threading
import torch

torch.set_num_threads(2)
x = torch.randn(300, 300)
wide = torch.ones(400_000)

def work():
    assert (wide + 1).sum() == 800_000
    assert (x @ x).shape == (300, 300)
    assert (x.double() @ x.double()).shape == (300, 300)
    torch.gesv(x, x)
    assert torch.empty(400_000).normal_().std() > 0.9

def forked(child):
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)  # a child that hangs is killed and reported
        try:
            child()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert status == 0, status
"""


SCENARIOS = {
    "a child computes": "work(); forked(work); work()",
    "a child starts with one thread": (
        "work(); forked(lambda: exec('assert torch.get_num_threads() == 1')); "
        "assert torch.get_num_threads() == 2"
    ),
    "a child sets its threads": "work(); forked(lambda: (torch.set_num_threads(2), work()))",
    "a fork before any work": "forked(work); work()",
    "a child forks": "work(); forked(lambda: forked(work)); work()",
    "many children": "work(); [forked(work) for _ in range(5)]",
    "a thread forks": (
        "work(); t = threading.Thread(target=lambda: (work(), forked(work)));"
        "t.start(); t.join(); work()"
    ),
    "a thread has worked": (
        "t = threading.Thread(target=work); t.start(); t.join(); forked(work); work()"
    ),
    "a thread works while another forks": """
stop = []
works = lambda: [work() for _ in iter(lambda: bool(stop), True)]
t = threading.Thread(target=works, daemon=True)
t.start()
for _ in range(5):
    forked(work)
stop.append(1)
t.join()
""",
    "memory of the parent": (
        "work(); torch.cpu.empty_cache(); y = torch.ones(100);"
        "forked(lambda: (y.fill_(2), torch.cpu.empty_cache(), work())); assert y.sum() == 100"
    ),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_fork(scenario):
    run(PARENT + SCENARIOS[scenario], timeout=60)


def test_multiprocessing_pool():
    run(
        """
import multiprocessing, torch

def work(n):
    return (torch.ones(n, n) @ torch.ones(n, n)).sum()

if __name__ == "__main__":
    torch.set_num_threads(2)
    expected = work(200)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map_async(work, [200] * 6).get(60) == [expected] * 6
""",
        timeout=90,
    )
