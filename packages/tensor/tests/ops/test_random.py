"""Random numbers: distributions, seeds, states; the same for any threads and instruction set."""

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, array, dtype_of, run, same
from scipy import stats

N = 200_000
# Seeds are fixed: a p-value below this is a fault, not bad luck.
P = 1e-4


@pytest.fixture(autouse=True)
def fixed_seed():
    torch.manual_seed(20161115)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("low, high", [(0, 1), (-3, 5), (1e3, 1e3 + 1)])
def test_uniform(low, high, dtype):
    x = torch.empty(N, dtype=dtype_of(dtype))
    assert x.uniform_(low, high) is x
    a = array(x).astype("float64")
    assert a.min() >= low
    assert a.max() < high
    assert stats.kstest(a, "uniform", args=(low, high - low)).pvalue > P or high > 1000
    assert abs(a.mean() - (low + high) / 2) < 5 * (high - low) / np.sqrt(12 * N)
    assert abs(a.var() / ((high - low) ** 2 / 12) - 1) < 0.02


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("mean, std", [(0, 1), (5, 0.1), (-2, 30)])
def test_normal(mean, std, dtype):
    x = torch.empty(N, dtype=dtype_of(dtype))
    assert x.normal_(mean, std) is x
    a = (array(x).astype("float64") - mean) / std
    assert stats.kstest(a, "norm").pvalue > P
    assert abs(a.mean()) < 5 / np.sqrt(N)
    assert abs(a.var() - 1) < 0.02
    assert abs(stats.skew(a)) < 0.03
    assert abs(stats.kurtosis(a)) < 0.06
    # neighbours of a pair are independent
    assert abs(np.corrcoef(a[::2], a[1::2])[0, 1]) < 5 / np.sqrt(N / 2)
    assert np.isfinite(a).all()


def test_creators():
    for f, distribution in [(torch.rand, "uniform"), (torch.randn, "norm")]:
        x = f(N)
        assert x.dtype == torch.float32
        assert stats.kstest(array(x).astype("float64"), distribution).pvalue > P
        assert f(2, 3, dtype=torch.float64).dtype == torch.float64
        assert f((2, 3)).shape == f(torch.Size([2, 3])).shape == (2, 3)
        assert f(0, 3).shape == (0, 3)
        assert f(()).shape == ()


@pytest.mark.parametrize("dtype", DTYPES)
def test_bernoulli(dtype):
    x = torch.empty(N, dtype=dtype_of(dtype))
    for p in (0, 0.001, 0.3, 0.5, 1):
        assert x.bernoulli_(p) is x
        a = array(x).astype("float64")
        assert set(np.unique(a)) <= {0, 1}
        assert abs(a.mean() - p) <= 5 * np.sqrt(p * (1 - p) / N)


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_random_integers(dtype):
    x = torch.empty(N, dtype=dtype_of(dtype))
    low = 0 if dtype == "uint8" else -10
    assert x.random_(low, 90) is x
    a = array(x).astype("int64")
    counts = np.bincount(a - low, minlength=90 - low)
    assert len(counts) == 90 - low
    assert stats.chisquare(counts).pvalue > P
    x.random_(7)
    assert stats.chisquare(np.bincount(array(x).astype(int), minlength=7)).pvalue > P


@pytest.mark.parametrize("dtype", INTEGERS)
def test_random_integers_cover_the_dtype(dtype):
    a = array(torch.empty(N, dtype=dtype_of(dtype)).random_()).astype("float64")
    most = min(np.iinfo(dtype).max + 1, 2**53)
    assert a.min() >= 0
    assert a.max() < most
    # 8-bit and 16-bit numbers are steps of the uniform distribution
    jitter = np.random.default_rng(0).random(N)
    assert stats.kstest((a + jitter) / most, "uniform").pvalue > P


def test_randperm():
    for n in (0, 1, 2, 1000):
        x = torch.randperm(n)
        assert sorted(x.tolist()) == list(range(n))
        assert x.dtype == torch.int64
    counts = np.zeros((6, 6))
    for _ in range(6000):
        counts[np.arange(6), array(torch.randperm(6))] += 1
    assert all(stats.chisquare(row).pvalue > P for row in counts)


def test_different_draws_are_independent():
    x, y = array(torch.randn(N)), array(torch.randn(N))
    assert abs(np.corrcoef(x, y)[0, 1]) < 5 / np.sqrt(N)
    assert not np.intersect1d(x[:1000], y[:1000]).size > 5


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
    chosen = torch.seed()
    assert torch.initial_seed() == chosen
    assert torch.seed() != chosen


def test_generators():
    a, b = torch.Generator(), torch.Generator().manual_seed(7)
    assert a.initial_seed() == torch.Generator().initial_seed()
    a.manual_seed(7)
    before = torch.get_rng_state()
    x = torch.rand(a, 5)
    assert same(torch.rand(5, generator=b), x)
    assert same(torch.randn(a, 2, 2), torch.randn(2, 2, generator=b))
    assert same(torch.randperm(a, 9), torch.randperm(9, generator=b))
    for name, arguments in [
        ("uniform_", ()),
        ("normal_", ()),
        ("bernoulli_", (0.5,)),
        ("random_", (9,)),
    ]:
        x = getattr(torch.zeros(9), name)(*arguments, generator=a)
        assert same(x, getattr(torch.zeros(9), name)(*arguments, generator=b))
    assert same(torch.get_rng_state(), before)
    assert not same(torch.rand(5), torch.rand(a, 5))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8])
def test_states_continue_exactly(n):
    """Also in the middle of a pair of normal numbers."""
    torch.randn(n)
    state = torch.get_rng_state()
    assert type(state) is torch.ByteTensor
    draws = [torch.randn(n), torch.rand(n), torch.randperm(n), torch.randn(3)]
    torch.randn(17)
    torch.set_rng_state(state)
    assert same(torch.get_rng_state(), state)
    again = [torch.randn(n), torch.rand(n), torch.randperm(n), torch.randn(3)]
    assert all(same(x, y) for x, y in zip(draws, again, strict=True))
    g = torch.Generator()
    assert g.set_state(state) is g
    assert same(torch.randn(g, n), draws[0])
    assert not same(g.get_state(), state)


def test_layout_does_not_change_the_numbers():
    torch.manual_seed(1)
    x = torch.empty(3, 4).normal_()
    torch.manual_seed(1)
    y = torch.empty(4, 3).t().normal_()
    assert same(x, y)
    torch.manual_seed(1)
    z = torch.empty(3, 8)[:, ::2].normal_()
    assert same(x, z)
    for name in ("uniform_", "normal_", "random_", "bernoulli_"):
        version = x._version
        getattr(x, name)()
        assert x._version > version


DRAWS = """
import hashlib, sys
import torch
torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else THREADS)
torch.manual_seed(5)
for dtype in (torch.float32, torch.float64):
    x = torch.empty(100003, dtype=dtype)
    for draw in (x.uniform_, x.normal_, x.bernoulli_, lambda: x.random_(1000)):
        print(hashlib.sha1(draw().numpy().tobytes()).hexdigest())
print(torch.randperm(20).tolist(), torch.empty(70001, dtype=torch.uint8).random_().sum())
"""


def test_threads_and_instruction_sets_give_the_same_numbers():
    outputs = {
        (threads, isa): run(DRAWS.replace("THREADS", str(threads)), ALPHATORCH_CPU=isa)
        for threads, isa in [(1, None), (2, None), (5, None), (2, "baseline"), (2, "avx2")]
    }
    assert len(set(outputs.values())) == 1, outputs
