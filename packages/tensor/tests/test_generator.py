"""Seeds, states and streams of torch.Generator; the same numbers for any threads and processor."""

import copy
import pickle
import threading

import numpy as np
import pytest
import torch
from harness import array, run, same

MULTIPLY = (0xD2511F53, 0xCD9E8D57)
KEY = (0x9E3779B9, 0xBB67AE85)


def philox(seed, counters):
    """Philox 4x32-10 of the counters: (4, n) words."""
    mask = np.uint64(0xFFFFFFFF)
    c = [counters & mask, counters >> np.uint64(32), counters * 0, counters * 0]
    k = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p = [c[0] * np.uint64(MULTIPLY[0]), c[2] * np.uint64(MULTIPLY[1])]
        hi, lo = [x >> np.uint64(32) for x in p], [x & mask for x in p]
        c = [hi[1] ^ c[1] ^ np.uint64(k[0]), lo[1], hi[0] ^ c[3] ^ np.uint64(k[1]), lo[0]]
        k = [(x + step) & 0xFFFFFFFF for x, step in zip(k, KEY, strict=True)]
    return np.stack(c)


def words(seed, offset, n):
    """The words of a draw in the order of its elements: 16 counters make 64 words."""
    groups = -(-n // 64)
    blocks = philox(seed, np.arange(offset, offset + 16 * groups, dtype=np.uint64))
    return blocks.reshape(4, groups, 16).transpose(1, 0, 2).reshape(-1)[:n]


def test_reference_is_philox():
    """The known answer for counter 0 and key 0 of the authors' Random123."""
    expected = [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    assert philox(0, np.zeros(1, np.uint64))[:, 0].tolist() == expected


@pytest.mark.parametrize("n", [1, 15, 16, 17, 63, 64, 65, 1000, 70001])
@pytest.mark.parametrize("seed, skip", [(0, 0), (7, 3), (2**64 - 1, 10)])
def test_numbers_are_those_of_philox(n, seed, skip):
    g = torch.Generator().manual_seed(seed)
    for _ in range(skip):
        torch.rand(g, 1)
    w = words(seed, 16 * skip, n)
    state = g.get_state()
    x = torch.rand(g, n)
    assert same(x, ((w >> np.uint64(8)).astype("float32") * np.float32(2**-24)))
    assert array(g.get_state())[8:].view("uint64")[0] == 16 * (skip + -(-n // 64))
    g.set_state(state)
    i = torch.zeros(n).int().random_(g, -(2**31), 2**31)
    assert same(i, (w.astype("int64") - 2**31).astype("int32"))


def test_doubles_take_two_words():
    g = torch.Generator().manual_seed(5)
    w = words(5, 0, 128).reshape(-1, 4, 16)
    x = torch.rand(g, 64, dtype=torch.float64)
    hi, lo = w[:, ::2].reshape(-1), w[:, 1::2].reshape(-1)
    expected = ((hi >> np.uint64(5)) * 2.0**26 + (lo >> np.uint64(6))) * 2.0**-53
    assert same(x, expected)


def test_seeds():
    torch.manual_seed(3)
    first = torch.randn(5)
    assert torch.initial_seed() == 3
    torch.manual_seed(4)
    assert not same(torch.randn(5), first)
    torch.manual_seed(3)
    assert same(torch.randn(5), first)
    assert torch.manual_seed(-1) is torch.default_generator
    assert torch.initial_seed() == 2**64 - 1
    torch.manual_seed(np.int64(3))
    assert same(torch.randn(5), first)
    torch.manual_seed(2**64 + 3)
    assert same(torch.randn(5), first)
    chosen = torch.seed()
    assert torch.initial_seed() == chosen
    assert torch.seed() != chosen
    g = torch.Generator()
    chosen = g.seed()
    assert g.initial_seed() == chosen
    assert same(torch.randn(g, 5), torch.randn(torch.Generator().manual_seed(chosen), 5))


def test_generators_are_independent():
    a, b = torch.Generator(), torch.Generator("cpu").manual_seed(7)
    assert a.device == b.device == "cpu"
    assert a.initial_seed() == torch.Generator().initial_seed()
    a.manual_seed(7)
    before = torch.get_rng_state()
    x = torch.rand(a, 5)
    assert same(torch.rand(5, generator=b), x)
    assert same(torch.randn(a, 2, 2), torch.randn(2, 2, generator=b))
    assert same(torch.get_rng_state(), before)
    assert not same(torch.rand(5), torch.rand(a, 5))


# Every op that draws: called with a tensor of size (9,) and keywords.
DRAWS = {
    "uniform_": lambda x, *g, **k: x.uniform_(*g, 1, 2, **k),
    "normal_": lambda x, *g, **k: x.normal_(*g, 1, 2, **k),
    "log_normal_": lambda x, *g, **k: x.log_normal_(*g, **k),
    "exponential_": lambda x, *g, **k: x.exponential_(*g, 2, **k),
    "cauchy_": lambda x, *g, **k: x.cauchy_(*g, 1, 2, **k),
    "geometric_": lambda x, *g, **k: x.geometric_(*g, p=0.2, **k),
    "bernoulli_": lambda x, *g, **k: x.bernoulli_(*g, **k),
    "bernoulli_ of a tensor": lambda x, *g, **k: x.bernoulli_(*g, x * 0 + 0.4, **k),
    "random_": lambda x, *g, **k: x.random_(*g, **k),
    "random_ to": lambda x, *g, **k: x.random_(*g, 90, **k),
    "random_ from": lambda x, *g, **k: x.random_(*g, -5, 90, **k),
    "rand": lambda x, *g, **k: torch.rand(*g, len(x), **k),
    "randn": lambda x, *g, **k: torch.randn(*g, len(x), **k),
    "rand_like": lambda x, *g, **k: torch.rand_like(x, **k) if k else None,
    "randn_like": lambda x, *g, **k: torch.randn_like(x, **k) if k else None,
    "randint_like": lambda x, *g, **k: torch.randint_like(x, 1000, **k) if k else None,
    "randint": lambda x, *g, **k: torch.randint(*g, 3, 1000, (len(x),), **k),
    "randperm": lambda x, *g, **k: torch.randperm(*g, 20, **k),
    "large randperm": lambda x, *g, **k: torch.randperm(*g, 2**20 + 1, **k),
    "bernoulli": lambda x, *g, **k: torch.bernoulli(*g, x * 0 + 0.5, **k),
    "normal": lambda x, *g, **k: torch.normal(*g, x, 1, **k),
    "normal in a size": lambda x, *g, **k: torch.normal(*g, 0, 1, (9,), **k),
    "poisson": lambda x, *g, **k: torch.poisson(*g, x * 0 + 20, **k),
    "gamma": lambda x, *g, **k: torch.gamma(*g, x * 0 + 2, 3, **k),
    "standard_gamma": lambda x, *g, **k: torch.standard_gamma(*g, x * 0 + 0.2, **k),
    "beta": lambda x, *g, **k: torch.beta(*g, x * 0 + 2, 3, **k),
    "dirichlet": lambda x, *g, **k: torch.dirichlet(*g, x * 0 + 2, **k),
    "multinomial": lambda x, *g, **k: torch.multinomial(*g, x * 0 + 1, 8, **k),
    "multinomial, replaced": lambda x, *g, **k: torch.multinomial(*g, x * 0 + 1, 20, True, **k),
    "choice": lambda x, *g, **k: torch.choice(*g, 1000, 9, **k),
    "choice without replacement": lambda x, *g, **k: torch.choice(*g, 1000, 9, False, **k),
}


@pytest.mark.parametrize("name", DRAWS)
def test_generator_first_or_by_name(name):
    draw = DRAWS[name]
    untouched = torch.get_rng_state()
    g = torch.Generator().manual_seed(11)
    named = draw(torch.zeros(9), generator=g)
    assert same(torch.get_rng_state(), untouched)
    front = draw(torch.zeros(9), torch.Generator().manual_seed(11))
    assert front is None or same(named, front)
    torch.manual_seed(11)
    by_default = draw(torch.zeros(9), generator=None)
    assert same(named, by_default)
    assert same(torch.get_rng_state(), g.get_state())
    assert not same(draw(torch.zeros(9), generator=g), named)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 65])
def test_states_continue_exactly(n):
    """Also in the middle of a pair of normal numbers."""
    torch.randn(n)
    state = torch.get_rng_state()
    assert type(state) is torch.ByteTensor
    draws = [f(torch.zeros(9), generator=None) for f in DRAWS.values()]
    draws += [torch.randn(n), torch.zeros(n).normal_(), torch.randn(3)]
    torch.randn(17)
    torch.set_rng_state(state)
    assert same(torch.get_rng_state(), state)
    again = [f(torch.zeros(9), generator=None) for f in DRAWS.values()]
    again += [torch.randn(n), torch.zeros(n).normal_(), torch.randn(3)]
    assert all(same(x, y) for x, y in zip(draws, again, strict=True))
    g = torch.Generator()
    assert g.set_state(state) is g
    assert same(g.get_state(), state)


def test_normal_of_three_then_five():
    torch.zeros(3).normal_()
    state = torch.get_rng_state()
    first = torch.zeros(5).normal_()
    torch.set_rng_state(state)
    assert same(torch.zeros(5).normal_(), first)


def test_copies_continue_alike():
    g = torch.Generator().manual_seed(2**63 + 9)
    torch.randn(g, 5)
    copies = [g.clone(), copy.copy(g), copy.deepcopy(g), pickle.loads(pickle.dumps(g))]
    expected = torch.randn(g, 7)
    for other in copies:
        assert type(other) is torch.Generator
        assert other.initial_seed() == 2**63 + 9
        assert same(torch.randn(other, 7), expected)
    graph = copy.deepcopy([g, g])
    assert graph[0] is graph[1]


def test_fork_rng():
    state = torch.get_rng_state()
    with torch.random.fork_rng():
        torch.manual_seed(9)
        torch.randn(3)
    assert same(torch.get_rng_state(), state)
    with pytest.raises(KeyError), torch.random.fork_rng():
        torch.randn(3)
        raise KeyError
    assert same(torch.get_rng_state(), state)
    with torch.random.fork_rng(enabled=False):
        torch.randn(3)
    assert not same(torch.get_rng_state(), state)


ERRORS = [
    (lambda: torch.Generator(3), TypeError, r"^Generator: expected a device, got int$"),
    (lambda: torch.Generator("tpu"), ValueError, r"^Generator: expected the device 'cpu'"),
    (lambda: torch.Generator("cpu", 1), TypeError, r"at most one argument, the device, got 2$"),
    (lambda: torch.Generator().manual_seed(1.5), TypeError, r"^manual_seed: .* int, got float$"),
    (lambda: torch.manual_seed("a"), TypeError, r"^manual_seed: expected an int, got str$"),
    (lambda: torch.manual_seed(None), TypeError, r"^manual_seed: expected an int, got NoneType$"),
    (lambda: torch.set_rng_state(3), TypeError, r"^set_state: expected a ByteTensor, got int$"),
    (
        lambda: torch.set_rng_state(torch.zeros(16)),
        ValueError,
        r"^set_state: .* ByteTensor of size \(16,\), got FloatTensor of size \(16,\)$",
    ),
    (
        lambda: torch.set_rng_state(torch.zeros(15).byte()),
        ValueError,
        r"^set_state: .* ByteTensor of size \(16,\), got ByteTensor of size \(15,\)$",
    ),
    (lambda: torch.set_rng_state(torch.zeros(32).byte()[::2]), ValueError, r"a contiguous Byte"),
    (lambda: torch.set_rng_state(torch.zeros(2, 8).byte()), ValueError, r"got .*\(2, 8\)$"),
]


@pytest.mark.parametrize("call, kind, text", ERRORS)
def test_errors(call, kind, text):
    state = torch.get_rng_state()
    with pytest.raises(kind, match=text):
        call()
    assert same(torch.get_rng_state(), state)


def test_no_cuda_generator():
    if torch.cuda.is_available():
        pytest.skip("there is CUDA")
    with pytest.raises(RuntimeError, match="^Generator: there are none for "):
        torch.Generator("cuda")


def test_threads_share_a_generator():
    """Each draw has counters of its own: together they are the numbers of one thread."""
    g = torch.Generator().manual_seed(1)
    draws = []

    def work():
        draws.extend([torch.rand(g, 64) for _ in range(200)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expected = torch.rand(torch.Generator().manual_seed(1), 64 * 800).view(800, 64)
    assert sorted(map(tuple, (x.tolist() for x in draws))) == sorted(map(tuple, expected.tolist()))


def test_forked_child_draws():
    out = run("""
import os, threading, torch
stop = False
def work():
    while not stop:
        torch.default_generator.get_state(), torch.rand(1)
threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads:
    t.start()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        torch.rand(3)
        torch.manual_seed(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
stop = True
print("done")
""")
    assert out.strip() == "done"


PROGRAM = """
import hashlib, sys
import torch
torch.set_num_threads(THREADS)
torch.manual_seed(5)
def show(x, kind="exact"):
    print(kind, x.dtype, hashlib.sha1(x.contiguous().view(-1).numpy().tobytes()).hexdigest())
for dtype in (torch.float32, torch.float64):
    x = torch.empty(100003, dtype=dtype)
    for draw in (x.uniform_, x.normal_, x.log_normal_, x.exponential_, x.cauchy_, x.bernoulli_,
                 lambda: x.geometric_(0.1), lambda: x.random_(1000), x.random_):
        show(draw())
    p = torch.rand(100003, dtype=dtype)
    show(x.bernoulli_(p))
    show(torch.poisson(p * 8))
    show(torch.poisson(p * 1000))
    show(torch.standard_gamma(p * 3))
    show(torch.dirichlet(p[:100000].view(-1, 10)), "rounded")
    show(torch.beta(p + 1, p + 2), "rounded")
    show(torch.multinomial(p, 70000))
    show(torch.multinomial(p, 70000, True))
    show(torch.multinomial(p[:100000].view(100, 1000), 50))
    show(torch.normal(p, p))
x = torch.empty(100003, dtype=torch.int64)
for bounds in ((), (10,), (2**31,), (2**33 + 1,), (-(2**63), 2**63), (0, 3 * 2**61)):
    show(x.random_(*bounds))
show(torch.empty(70001, dtype=torch.uint8).random_())
for n in (20, 1000, 100000, 3000017):
    show(torch.randperm(n))
"""


def test_threads_and_instruction_sets_give_the_same_numbers():
    outputs = {
        (threads, isa): run(PROGRAM.replace("THREADS", str(threads)), ALPHATORCH_CPU=isa)
        for threads, isa in [(1, None), (2, None), (5, None), (2, "baseline"), (2, "avx2")]
    }
    same_kernels = [outputs[threads, None] for threads in (1, 2, 5)]
    assert len(set(same_kernels)) == 1, outputs
    # beta and dirichlet go through torch.log and torch.exp, whose last bit is the instruction set's
    exact = {
        tuple(line for line in text.splitlines() if line.startswith("exact"))
        for text in outputs.values()
    }
    assert len(exact) == 1, outputs
    assert len(exact.pop()) == len(same_kernels[0].splitlines()) - 4
