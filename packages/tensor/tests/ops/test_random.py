"""Samplers: distributions against SciPy with fixed seeds, bounds, layouts, errors."""

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, array, dtype_of, same
from scipy import stats

N = 200_000
# Seeds are fixed: a p-value below this is a fault, not bad luck.
P = 1e-4
HALVES = ["float16", "bfloat16"]
# machine epsilon; half of it is the largest relative error of rounding
STEP = {"float16": 2**-10, "bfloat16": 2**-7, "float32": 2**-23, "float64": 2**-52}


@pytest.fixture(autouse=True)
def fixed_seed():
    torch.manual_seed(20161115)


def drawn(name, dtype, *arguments, n=N):
    x = torch.empty(n, dtype=dtype_of(dtype))
    version = x._version
    assert getattr(x, name)(*arguments) is x
    assert x._version > version
    return array(x.double())


def fits(a, distribution):
    """Kolmogorov and Smirnov; neighbours, and the two numbers of a pair, are independent."""
    assert np.isfinite(a).all()
    assert stats.kstest(a, distribution.cdf).pvalue > P
    ranks = stats.norm.ppf(np.clip(distribution.cdf(a), 1e-12, 1 - 1e-12))
    for apart in (1, 2, 16, 32, 64):
        r = np.corrcoef(ranks[:-apart], ranks[apart:])[0, 1]
        assert abs(r) < 5 / np.sqrt(len(a)), apart
    squares = np.corrcoef(ranks[:-16] ** 2, ranks[16:] ** 2)[0, 1]
    assert abs(squares) < 5 / np.sqrt(len(a))


CONTINUOUS = [
    ("uniform_", (), stats.uniform()),
    ("uniform_", (-3, 5), stats.uniform(-3, 8)),
    ("normal_", (), stats.norm()),
    ("normal_", (5, 0.1), stats.norm(5, 0.1)),
    ("normal_", (-2, 30), stats.norm(-2, 30)),
    ("log_normal_", (), stats.lognorm(2, scale=np.e)),
    ("log_normal_", (-1, 0.5), stats.lognorm(0.5, scale=np.exp(-1))),
    ("exponential_", (), stats.expon()),
    ("exponential_", (4,), stats.expon(scale=0.25)),
    ("cauchy_", (), stats.cauchy()),
    ("cauchy_", (3, 0.5), stats.cauchy(3, 0.5)),
]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name, arguments, distribution", CONTINUOUS)
def test_continuous(name, arguments, distribution, dtype):
    fits(drawn(name, dtype, *arguments), distribution)


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
@pytest.mark.parametrize(
    "name, arguments, distribution", [row for row in CONTINUOUS if row[0] != "cauchy_"]
)
def test_moments(name, arguments, distribution, dtype):
    a = drawn(name, dtype, *arguments)
    mean, variance, kurtosis = (float(v) for v in distribution.stats("mvk"))
    error = STEP[dtype] * abs(mean) / 50  # roundings even out
    if name == "log_normal_" and not arguments:
        return  # its mean does not settle in so few draws
    assert abs(a.mean() - mean) < 5 * np.sqrt(variance / N) + error
    tolerance = 5 * np.sqrt((kurtosis + 2) / N) + (STEP[dtype] * mean) ** 2 / variance
    assert abs(a.var() / variance - 1) < tolerance + STEP[dtype] / 10
    if name == "normal_":
        z = (a - mean) / np.sqrt(variance)
        assert abs((z**3).mean()) < 5 * np.sqrt(15 / N) + 4 * STEP[dtype]
        assert abs((z**4).mean() - 3) < 5 * np.sqrt(96 / N) + 4 * STEP[dtype]


def test_normal_tails():
    for dtype, n in [("float32", 8_000_000), ("float64", 2_000_000)]:
        a = np.abs(drawn("normal_", dtype, n=n))
        for limit in (3, 4, 5):
            expected = len(a) * 2 * stats.norm.sf(limit)
            assert abs((a > limit).sum() - expected) < 5 * np.sqrt(expected) + 1
        assert a.max() < 7


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
def test_bounds_are_kept(dtype):
    n = 10_000_000 if dtype == "float32" else 1_000_000
    x = torch.empty(n, dtype=dtype_of(dtype))
    x.uniform_()
    assert x.float().min() >= 0
    assert x.double().max() < 1
    for low, high in [(1, 1 + 4 * STEP[dtype]), (0.1, 0.3), (-1, 0), (1000, 1001)]:
        x = x[:1_000_000].uniform_(low, high)
        assert x.double().min() >= low or x.double().min() == nearest(low, dtype) >= high
        assert x.double().max() < high or x.double().max() == nearest(low, dtype)
    x = torch.empty(n, dtype=dtype_of(dtype)).exponential_(1000)
    assert x.double().min() > 0
    assert np.isfinite(x.exponential_(1e-6).double().max())
    x.cauchy_(0, 1e4)
    assert np.isfinite(array(x.double())).all()
    assert x.log_normal_(-5, 3).double().min() > 0


def nearest(value, dtype):
    return torch.full((1,), value, dtype=dtype_of(dtype)).double()[0]


def test_uniform_of_a_point_and_of_nothing():
    for dtype in [*FLOATS, *HALVES]:
        x = torch.zeros(50, dtype=dtype_of(dtype))
        assert set(x.uniform_(3, 3).tolist()) == {3}
        assert set(x.uniform_(1000.1, 1000.100000001).tolist()) == {nearest(1000.1, dtype)} or (
            dtype == "float64"
        )
    assert set(torch.zeros(9).normal_(2, 0).tolist()) == {2}
    assert torch.zeros(9).double().uniform_(-1e307, 1e307).abs().max() < 1e307


def test_creators():
    for f, distribution in [(torch.rand, stats.uniform()), (torch.randn, stats.norm())]:
        x = f(N)
        assert x.dtype == torch.float32
        fits(array(x.double()), distribution)
        assert f(2, 3, dtype=torch.float64).dtype == torch.float64
        assert f(2, 3, dtype=torch.float16).dtype == torch.float16
        assert f((2, 3)).shape == f(torch.Size([2, 3])).shape == f([2, 3]).shape == (2, 3)
        assert f(2, 3, device="cpu").device == "cpu"
        assert f(0, 3).shape == (0, 3)
        assert f(()).shape == f().shape == ()
        out = torch.empty(0, dtype=torch.float64)
        assert f(2, 3, out=out) is out
        assert out.shape == (2, 3)
        torch.manual_seed(1)
        f(2, 3, out=out)
        torch.manual_seed(1)
        assert same(out, f(2, 3, dtype=torch.float64))
        strided = torch.zeros(2, 6)[:, ::2]
        torch.manual_seed(1)
        assert f(2, 3, out=strided) is strided
        torch.manual_seed(1)
        assert same(strided, f(2, 3))
    torch.set_default_tensor_type("torch.DoubleTensor")
    try:
        assert torch.rand(2).dtype == torch.randn(2).dtype == torch.float64
        assert torch.normal(0, 1, (2,)).dtype == torch.float64
    finally:
        torch.set_default_tensor_type("torch.FloatTensor")


def test_like():
    x = torch.zeros(3, 4, dtype=torch.float64).t()
    for f in (torch.rand_like, torch.randn_like, lambda t, **k: torch.randint_like(t, 2, 90, **k)):
        y = f(x)
        assert y.dtype == torch.float64
        assert y.shape == (4, 3)
        assert y.is_contiguous()
        assert f(x, dtype=torch.float32, device="cpu").dtype == torch.float32
        out = torch.empty(4, 3, dtype=torch.float64)
        assert f(x, out=out) is out
    assert torch.randint_like(x.long(), 5).dtype == torch.int64


@pytest.mark.parametrize("dtype", [*DTYPES, *HALVES])
def test_bernoulli(dtype):
    for p in (0, 0.001, 0.3, 0.5, 1):
        a = drawn("bernoulli_", dtype, p)
        assert set(np.unique(a)) <= {0, 1}
        assert abs(a.mean() - p) <= 5 * np.sqrt(p * (1 - p) / N)


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
def test_bernoulli_of_probabilities(dtype):
    p = torch.tensor([0, 1, 0.25, 0.9], dtype=dtype_of(dtype))
    x = torch.empty(N, 4)
    assert x.bernoulli_(p) is x
    y = torch.bernoulli(p.expand(N, 4))
    assert y.dtype == p.dtype
    for result in (x, y):
        a = array(result.double())
        assert set(np.unique(a)) <= {0, 1}
        exact = array(p.double())
        assert (abs(a.mean(0) - exact) <= 5 * np.sqrt(exact * (1 - exact) / N)).all()
    assert p.bernoulli().shape == (4,)
    out = torch.empty(0, dtype=p.dtype)
    assert torch.bernoulli(p, out=out) is out
    assert out[:2].tolist() == [0, 1]
    assert torch.bernoulli(p, out=p) is p
    assert torch.zeros(3, 2).byte().bernoulli_(torch.tensor([[1.0], [0], [1]])).tolist() == [
        [1, 1],
        [0, 0],
        [1, 1],
    ]


def test_bernoulli_beyond_32_bits():
    """A probability of p / 2^32 is drawn exactly; with 1e9 words a tie would be rare."""
    assert drawn("bernoulli_", "uint8", 1 - 2**-50).sum() == N
    assert drawn("bernoulli_", "uint8", 1e-300).sum() == 0
    assert array(torch.full((N,), 1 - 2**-50, dtype=torch.float64).bernoulli()).sum() == N


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
@pytest.mark.parametrize("p", [0.02, 0.3, 0.9, 1])
def test_geometric(p, dtype):
    a = drawn("geometric_", dtype, p)
    assert a.min() == 1
    most = 127 if dtype == "int8" else 255 if dtype == "uint8" else np.inf
    k = np.arange(1, 60)
    expected = stats.geom.pmf(k, p) * N
    kept = (expected > 10) & (k < most)
    observed = np.array([(a == i).sum() for i in k[kept]])
    if p < 1:
        rest = N - expected[kept].sum()
        assert stats.chisquare([*observed, N - observed.sum()], [*expected[kept], rest]).pvalue > P
    else:
        assert observed[0] == N


def test_geometric_stops_at_the_largest_number():
    for dtype in INTEGERS:
        a = array(torch.zeros(1000, dtype=dtype_of(dtype)).geometric_(1e-30))
        assert (a == np.iinfo(dtype).max).all()
    assert array(torch.zeros(100, dtype=torch.float16).geometric_(1e-9)).max() == 65504
    assert np.isfinite(array(torch.zeros(100).geometric_(1e-300))).all()


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS, *HALVES])
def test_random_integers(dtype):
    low = 0 if dtype == "uint8" else -10
    a = drawn("random_", dtype, low, 90).astype("int64")
    counts = np.bincount(a - low, minlength=90 - low)
    assert len(counts) == 90 - low
    assert stats.chisquare(counts).pvalue > P
    assert stats.chisquare(np.bincount(drawn("random_", dtype, 7).astype(int))).pvalue > P
    assert set(drawn("random_", dtype, 5, 6)) == {5}


@pytest.mark.parametrize("dtype", INTEGERS)
def test_random_integers_cover_the_dtype(dtype):
    a = array(torch.empty(N, dtype=dtype_of(dtype)).random_())
    most = np.iinfo(dtype).max
    assert a.min() >= 0
    # 8-bit and 16-bit numbers are steps of the uniform distribution
    jitter = np.random.default_rng(0).random(N)
    assert stats.kstest((a + jitter) / (most + 1), "uniform").pvalue > P
    low = np.iinfo(dtype).min
    b = array(torch.empty(N, dtype=dtype_of(dtype)).random_(int(low), int(most) + 1))
    assert stats.kstest((b.astype("float64") - low + jitter) / (most - low + 1.0), "uniform")[1] > P
    if dtype in ("uint8", "int8"):
        assert b.min() == low
        assert b.max() == most


def test_random_bits():
    """Each of the 64 bits is one half of the time set, and pairs of bits are independent."""
    n = 30_000
    a = array(torch.empty(n, dtype=torch.int64).random_(-(2**63), 2**63))
    bits = np.unpackbits(a.view("uint8").reshape(n, 8), axis=1).astype("float32") - 0.5
    products = bits.T @ bits / n * 4  # correlations; exact, for all are multiples of 1 / 4
    assert abs(bits.mean(0)).max() < 4.5 * 0.5 / np.sqrt(n)
    assert abs(products - np.eye(64)).max() < 5 / np.sqrt(n)


@pytest.mark.parametrize("low, high", [(-(2**63), 0), (5, 2**63), (-3, 3 * 2**61), (0, 2**32 + 1)])
def test_random_beyond_32_bits(low, high):
    a = array(torch.empty(N, dtype=torch.int64).random_(low, high))
    assert a.min() >= low
    assert a.max() < high
    assert stats.kstest((a.astype("float64") - low) / (high - low), "uniform").pvalue > P


def test_random_has_no_bias_at_ranges_that_reject_often():
    for low, high in [(0, 3 * 2**30), (-(2**62), 2**63)]:
        a = array(torch.empty(N, dtype=torch.int64).random_(low, high)).astype("float64")
        assert stats.kstest((a - low) / (high - low), "uniform").pvalue > P


def test_random_of_floats_stays_inside():
    x = torch.empty(100000)
    x.random_(2**24 - 3, 2**24 + 5)
    assert x.min() >= 2**24 - 3
    assert x.max() < 2**24 + 5
    x = torch.empty(1000).random_(-(2**63), 2**63)
    assert x.max() < 2**63
    assert x.min() >= -(2**63)
    assert torch.empty(1000, dtype=torch.float16).random_().max() <= 2047
    assert torch.empty(1000, dtype=torch.bool).random_().sum() > 400


def test_randint():
    x = torch.randint(3, 9, (N,))
    assert x.dtype == torch.int64
    assert stats.chisquare(np.bincount(array(x) - 3)).pvalue > P
    assert torch.randint(9, (2, 3)).shape == (2, 3)
    assert torch.randint(10, 5).shape == torch.randint(0, 10, 5).shape == (5,)
    assert torch.randint(low=1, high=2, size=(4,)).tolist() == [1] * 4
    assert torch.randint(high=1, size=4).tolist() == [0] * 4
    assert torch.randint(3, (2,), dtype=torch.uint8).dtype == torch.uint8
    assert torch.randint(3, (2,), dtype=torch.float32).dtype == torch.float32
    out = torch.empty(2, dtype=torch.int32)
    assert torch.randint(7, 8, (2,), out=out) is out
    assert out.tolist() == [7, 7]
    assert torch.randint(2**63 - 1, 2**63, (2,)).tolist() == [2**63 - 1] * 2


def test_randperm():
    for n in (0, 1, 2, 3, 1000, 200_003, 2**20, 2**20 + 1):
        x = torch.randperm(n)
        assert (np.sort(array(x)) == np.arange(n)).all()
        assert x.dtype == torch.int64
    assert torch.randperm(5, dtype=torch.int32).dtype == torch.int32
    out = torch.empty(6)
    assert torch.randperm(6, out=out) is out
    assert sorted(out.tolist()) == list(range(6))
    counts = np.zeros((6, 6))
    for _ in range(6000):
        counts[np.arange(6), array(torch.randperm(6))] += 1
    assert all(stats.chisquare(row).pvalue > P for row in counts)
    orders = {}
    for _ in range(12000):
        order = tuple(torch.randperm(4).tolist())
        orders[order] = orders.get(order, 0) + 1
    assert len(orders) == 24
    assert stats.chisquare(list(orders.values())).pvalue > P


def test_large_randperm():
    n = 2**20 + 7  # in buckets
    counts, moved = np.zeros((20, 20)), []
    for _ in range(5):
        x = array(torch.randperm(n))
        at = np.arange(n)
        np.add.at(counts, (at * 20 // n, x * 20 // n), 1)
        moved.append((x == at).sum())
        assert abs(np.corrcoef(x, at)[0, 1]) < 5 / np.sqrt(n)
        assert abs(np.corrcoef(x[:-1], x[1:])[0, 1]) < 5 / np.sqrt(n)
        # ascents of a random permutation: half, with variance n / 12
        assert (np.sort(x) == at).all()
        assert abs((x[1:] > x[:-1]).sum() - n / 2) < 5 * np.sqrt(n / 12)
    assert stats.chisquare(counts.reshape(-1)).pvalue > P
    assert sum(moved) < 15  # Poisson, mean 5


def test_different_draws_are_independent():
    x, y = array(torch.randn(N)), array(torch.randn(N))
    assert abs(np.corrcoef(x, y)[0, 1]) < 5 / np.sqrt(N)
    assert not np.intersect1d(x[:1000], y[:1000]).size > 5
    torch.manual_seed(20161116)
    assert abs(np.corrcoef(x, array(torch.randn(N)))[0, 1]) < 5 / np.sqrt(N)


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
def test_normal_of_tensors(dtype):
    mean = torch.tensor([1.0, -2, 30], dtype=dtype_of(dtype))
    std = torch.tensor([0.0, 1, 5], dtype=dtype_of(dtype))
    wide = mean.expand(N, 3)
    cases = [
        (torch.normal(wide, std), array(mean.double()), array(std.double())),
        (torch.normal(wide), array(mean.double()), np.ones(3)),
        (torch.normal(wide, 2), array(mean.double()), np.full(3, 2)),
        (torch.normal(3.0, std.expand(N, 3)), np.full(3, 3), array(std.double())),
        (torch.normal(std=std.expand(N, 3)), np.zeros(3), array(std.double())),
        (torch.normal(means=wide, std=std), array(mean.double()), array(std.double())),
    ]
    for x, m, s in cases:
        assert x.dtype == mean.dtype
        assert x.shape == (N, 3)
        a = array(x.double())
        assert (abs(a.mean(0) - m) <= 5 * s / np.sqrt(N) + STEP[dtype] * abs(m) / 20).all()
        assert (abs(a.std(0) - s) <= 0.02 * s).all()
    out = torch.empty(0, dtype=mean.dtype)
    assert torch.normal(mean, std, out=out) is out
    assert out[0] == 1
    assert torch.normal(mean, 0, out=mean) is mean


def test_normal_dtypes_and_sizes():
    assert torch.normal(torch.arange(3), 1).dtype == torch.float64
    assert torch.normal(torch.zeros(3), torch.ones(3).double()).dtype == torch.float64
    assert torch.normal(torch.zeros(2, 1), torch.ones(3)).shape == (2, 3)
    assert torch.normal(0, 1, (2, 3)).shape == torch.normal(0.0, 1.0, 2, 3).shape == (2, 3)
    assert torch.normal(0, 1, (2,), dtype=torch.float64).dtype == torch.float64
    assert torch.normal(torch.zeros(0), 1).shape == (0,)
    assert torch.normal(torch.tensor(1.0), 0).shape == ()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("rate", [0.05, 1, 9.9, 10, 15, 60, 1e4])
def test_poisson(rate, dtype):
    x = torch.poisson(torch.full((N,), rate, dtype=dtype_of(dtype)))
    assert x.dtype == dtype_of(dtype)
    a = array(x.double())
    exact = stats.poisson(nearest(rate, dtype))
    assert (a == np.floor(a)).all()
    edges = np.unique(exact.ppf(np.linspace(0.0005, 0.9995, 60)))
    cells = np.searchsorted(edges, a)
    expected = np.diff(np.concatenate([[0], exact.cdf(edges), [1]])) * N
    assert stats.chisquare(np.bincount(cells, minlength=len(expected)), expected).pvalue > P
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 5 / np.sqrt(N)


@pytest.mark.parametrize("rate", [1e6, 1e10, 1e15, 1e18, 1e37])
def test_poisson_of_large_rates(rate):
    a = array(torch.poisson(torch.full((N,), rate, dtype=torch.float64)))
    assert stats.kstest((a - rate) / np.sqrt(rate), "norm").pvalue > P or rate > 1e17
    assert abs(a - rate).max() < 7 * np.sqrt(rate) + rate * 2**-50


def test_poisson_edges():
    x = torch.tensor([[0.0, 3], [20, 1e30]])
    assert torch.poisson(x)[0, 0] == 0
    assert torch.poisson(x.t()).shape == x.poisson().shape == (2, 2)
    assert torch.poisson(torch.zeros(0)).shape == (0,)
    assert torch.poisson(torch.tensor(2.0)).shape == ()
    assert torch.poisson(torch.arange(3)).dtype == torch.float64
    assert torch.poisson(x.half().clamp(0, 60000)).dtype == torch.float16
    out = torch.empty(0)
    assert torch.poisson(x, out=out) is out
    assert torch.poisson(x, out=x) is x


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("alpha", [0.2, 0.5, 1, 1.5, 7, 1000])
def test_gamma(alpha, dtype):
    c = torch.full((N,), alpha, dtype=dtype_of(dtype))
    x = torch.standard_gamma(c)
    assert x.dtype == dtype_of(dtype)
    a = array(x.double())
    exact = stats.gamma(nearest(alpha, dtype))
    assert stats.kstest(a, exact.cdf).pvalue > P
    assert abs(np.corrcoef(a[1:], a[:-1])[0, 1]) < 5 / np.sqrt(N)
    y = array(torch.gamma(c, 3).double())
    assert stats.kstest(y / 3, exact.cdf).pvalue > P


def test_gamma_of_a_small_concentration():
    a = array(torch.standard_gamma(torch.full((N,), 0.02, dtype=torch.float64)))
    assert stats.kstest(a, stats.gamma(0.02).cdf).pvalue > P


def test_gamma_edges():
    c = torch.tensor([[0.0, 1], [1e-3, 1e6]])
    assert torch.standard_gamma(c)[0, 0] == 0
    assert torch.gamma(c, torch.tensor([1.0, 0]))[:, 1].tolist() == [0, 0]
    assert c.gamma(2).shape == c.standard_gamma().shape == c.t().gamma().shape == (2, 2)
    assert torch.gamma(torch.ones(3, 1), torch.ones(2)).shape == (3, 2)
    assert torch.gamma(torch.ones(2), torch.ones(2).double()).dtype == torch.float64
    assert torch.gamma(torch.ones(2).half()).dtype == torch.float16
    assert torch.standard_gamma(torch.zeros(0)).shape == (0,)
    out = torch.empty(0)
    assert torch.gamma(c, out=out) is out
    assert torch.standard_gamma(c, out=c) is c


@pytest.mark.parametrize("a, b", [(0.01, 2), (0.5, 0.5), (1, 3), (20, 4)])
def test_beta(a, b):
    x = torch.beta(torch.full((N,), a, dtype=torch.float64), b)
    assert stats.kstest(array(x), stats.beta(a, b).cdf).pvalue > P
    assert torch.beta(a, torch.full((3, 1), b)).shape == (3, 1)
    assert torch.beta(torch.ones(2, 1).half(), torch.ones(3).half()).dtype == torch.float16
    out = torch.empty(0)
    assert torch.beta(torch.ones(3), 2, out=out) is out


def test_dirichlet():
    alpha = torch.tensor([0.01, 0.5, 3], dtype=torch.float64)
    x = array(torch.dirichlet(alpha.expand(N, 3)))
    assert abs(x.sum(1) - 1).max() < 1e-14
    total = 3.51
    for k, a in enumerate(array(alpha)):
        assert stats.kstest(x[:, k], stats.beta(a, total - a).cdf).pvalue > P
    tiny = array(torch.dirichlet(torch.full((100, 4), 1e-200, dtype=torch.float64)))
    assert np.isfinite(tiny).all()
    assert abs(tiny.sum(1) - 1).max() < 1e-12
    assert torch.dirichlet(torch.zeros(0, 3) + 1).shape == (0, 3)
    assert torch.dirichlet(torch.ones(2).half()).dtype == torch.float16
    out = torch.empty(0)
    assert torch.dirichlet(torch.ones(2, 2), out=out) is out


WEIGHTS = [1.0, 0, 4, 2, 0, 0.5, 0]


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS, *HALVES])
def test_multinomial_with_replacement(dtype):
    w = torch.tensor(WEIGHTS).mul(2).to(dtype_of(dtype))
    for count in (N, 1):
        x = torch.multinomial(w, count, True)
        assert x.dtype == torch.int64
        assert x.shape == (count,)
    x = torch.multinomial(w.view(1, 7).expand(3, 7), N, True)
    assert x.shape == (3, N)
    positive = np.flatnonzero(WEIGHTS)
    for row in array(x):
        counts = np.bincount(row, minlength=7)
        assert counts.sum() == counts[positive].sum()
        expected = np.array(WEIGHTS)[positive] / 7.5 * N
        assert stats.chisquare(counts[positive], expected).pvalue > P


def test_multinomial_does_not_depend_on_how_it_searches():
    """Few samples search, many have a table."""
    w = torch.rand(100_001).mul_(torch.rand(100_001) > 0.2)
    torch.manual_seed(4)
    few = torch.multinomial(w, 25_000, True)
    torch.manual_seed(4)
    many = torch.multinomial(w, 300_000, True)
    assert same(few, many[:25_000])
    assert (w[many] > 0).all()
    shares = np.bincount(array(many) // 10_000, array(w[many]) * 0 + 1, 11) / 300_000
    exact = np.add.reduceat(array(w.double()), range(0, 100_001, 10_000)) / array(w.double()).sum()
    assert abs(shares - exact).max() < 5 * np.sqrt(0.1 / 300_000)


@pytest.mark.parametrize("dtype", FLOATS)
def test_multinomial_without_replacement(dtype):
    w = torch.tensor(WEIGHTS, dtype=dtype_of(dtype))
    x = array(torch.multinomial(w.view(1, 7).expand(60_000, 7), 2))
    assert (x[:, 0] != x[:, 1]).all()
    first = np.bincount(x[:, 0], minlength=7)
    positive = np.flatnonzero(WEIGHTS)
    p = np.array(WEIGHTS) / 7.5
    assert first.sum() == first[positive].sum()
    assert stats.chisquare(first[positive], p[positive] * 60_000).pvalue > P
    # the second in order: p_j / (1 - p_i)
    observed, expected = [], []
    for i in positive:
        for j in positive:
            if i != j:
                observed.append(((x[:, 0] == i) & (x[:, 1] == j)).sum())
                expected.append(p[i] * p[j] / (1 - p[i]) * 60_000)
    assert stats.chisquare(observed, expected).pvalue > P
    all_of_them = torch.multinomial(w, 4)
    assert sorted(all_of_them.tolist()) == positive.tolist()


def test_multinomial_of_extreme_weights():
    """No weight is so small that a weight of 0 is drawn instead."""
    w = torch.tensor([5e-324, 0, 1e308, 1e-300, 0, 7e307, 3e-310], dtype=torch.float64)
    for _ in range(50):
        x = torch.multinomial(w, 5).tolist()
        assert sorted(x) == [0, 2, 3, 5, 6]
        assert {x[0], x[1]} == {2, 5}
    tiny = torch.full((3,), 5e-324, dtype=torch.float64)
    tiny[1] = 0
    for _ in range(50):
        assert set(torch.multinomial(tiny, 9, True).tolist()) <= {0, 2}
        assert sorted(torch.multinomial(tiny, 2).tolist()) == [0, 2]


def test_multinomial_forms():
    w = torch.ones(4, 6)
    out = torch.empty(0, dtype=torch.int64)
    assert torch.multinomial(w, 2, out=out) is out
    assert out.shape == (4, 2)
    assert w.multinomial(3, True).shape == w.multinomial(3, replacement=True).shape == (4, 3)
    assert w.t().multinomial(4).shape == (6, 4)
    assert torch.multinomial(w, 0).shape == (4, 0)
    assert torch.multinomial(torch.ones(0, 5), 2).shape == (0, 2)
    big = torch.multinomial(torch.ones(100_000), 100_000)
    assert (np.sort(array(big)) == np.arange(100_000)).all()


def test_choice():
    x = array(torch.choice(10, N))
    assert stats.chisquare(np.bincount(x)).pvalue > P
    p = [0.1, 0, 0.3, 0.6]
    for given in (p, tuple(p), np.array(p), torch.tensor(p)):
        counts = np.bincount(array(torch.choice(4, N, p=given)), minlength=4)
        assert counts[1] == 0
        assert stats.chisquare(counts[[0, 2, 3]], np.array([0.1, 0.3, 0.6]) * N).pvalue > P
    for n, k in [(5, 5), (1000, 10), (1000, 500), (10**12, 100)]:
        x = torch.choice(n, k, replace=False)
        assert x.shape == (k,)
        assert len(set(x.tolist())) == k
        assert 0 <= x.min() <= x.max() < n
    assert type(torch.choice(5)) is int
    assert torch.choice(5, (2, 3)).shape == torch.choice(5, size=(2, 3)).shape == (2, 3)
    assert torch.choice(5, ()) in range(5)
    assert torch.choice(0, 0).shape == (0,)
    assert sorted(torch.choice(3, 2, replace=False, p=[0.5, 0, 0.5]).tolist()) == [0, 2]


def test_choice_of_small_samples_is_uniform():
    counts = np.zeros(40)
    for _ in range(4000):
        counts[torch.choice(40, 2, replace=False)[0]] += 1
    assert stats.chisquare(counts).pvalue > P


def test_choice_of_entries():
    x = torch.tensor([5.0, 7, 9])
    assert torch.choice(x) in (5, 7, 9)
    assert sorted(torch.choice(x, 3, replace=False).tolist()) == [5, 7, 9]
    assert torch.choice(x, (2, 2), p=[0, 1, 0]).tolist() == [[7, 7], [7, 7]]
    m = torch.arange(12).view(4, 3)
    rows = torch.choice(m, 2, False)
    assert rows.shape == (2, 3)
    assert all(row in m.tolist() for row in rows.tolist())
    assert torch.choice(m).shape == (3,)
    assert torch.choice(m, (2, 5)).shape == (2, 5, 3)
    assert torch.choice(m.t(), 2).shape == (2, 4)


NAMES = "uniform_ normal_ log_normal_ exponential_ cauchy_ geometric_ bernoulli_ random_".split()


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
@pytest.mark.parametrize("name", NAMES)
def test_layout_does_not_change_the_numbers(name, dtype):
    arguments = (0.3,) if name == "geometric_" else ()
    kind = dtype_of(dtype)

    def fill(x):
        torch.manual_seed(1)
        version = x._version
        assert getattr(x, name)(*arguments) is x
        assert x._version > version
        return x

    x = fill(torch.empty(3, 4, dtype=kind))
    assert same(x.double(), fill(torch.empty(4, 3, dtype=kind).t()).double())
    base = torch.zeros(3, 8, dtype=kind)
    assert same(x.double(), fill(base[:, ::2]).double())
    assert (base[:, 1::2] == 0).all()
    if dtype in FLOATS:
        backwards = torch.from_numpy(np.zeros((3, 4), dtype)[::-1, ::-1])
        assert same(x, fill(backwards))
    assert fill(torch.empty((), dtype=kind)).shape == ()
    state = torch.get_rng_state()
    x = torch.empty(0, 3, dtype=kind)
    assert getattr(x, name)(*arguments) is x
    assert same(torch.get_rng_state(), state)
    with pytest.raises(RuntimeError, match=rf"^{name}: cannot write to an expanded"):
        fill(torch.empty(1, 3, dtype=kind).expand(2, 3))


f, d, nan, inf = torch.ones, lambda n: torch.ones(n).double(), float("nan"), float("inf")
ERRORS = [
    (lambda: f(2).uniform_(1, 0), ValueError, r"^uniform_: expected from <= to, got 1 and 0$"),
    (lambda: f(2).uniform_(0, inf), OverflowError, r"^uniform_: .* from 0 to inf .* FloatTensor$"),
    (lambda: f(2).uniform_(0, 1e39), OverflowError, r"0 to 1e\+39 does not fit FloatTensor$"),
    (lambda: f(2).uniform_(-3e38, 3e38), OverflowError, r"^uniform_: the range from -3e\+38"),
    (lambda: d(2).uniform_(-1e308, 1e308), OverflowError, r"does not fit DoubleTensor$"),
    (lambda: f(2).half().uniform_(0, 7e4), OverflowError, r"0 to 70000 does not fit HalfTensor$"),
    (lambda: f(2).long().uniform_(), TypeError, r"^uniform_: expected a floating tensor, got Long"),
    (lambda: f(2).normal_(0, -1), ValueError, r"^normal_: .* deviation of 0 or more, got -1$"),
    (lambda: f(2).normal_(0, nan), ValueError, r"^normal_: .* of 0 or more, got -?nan$"),
    (lambda: f(2).log_normal_(0, -1), ValueError, r"^log_normal_: .* of 0 or more, got -1$"),
    (lambda: f(2).long().log_normal_(), TypeError, r"^log_normal_: expected a floating tensor"),
    (lambda: f(2).exponential_(0), ValueError, r"^exponential_: .* rate above 0, got 0$"),
    (lambda: f(2).exponential_(-2), ValueError, r"^exponential_: .* rate above 0, got -2$"),
    (lambda: f(2).exponential_(inf), ValueError, r"^exponential_: .* above 0, got inf$"),
    (lambda: f(2).long().exponential_(), TypeError, r"^exponential_: expected a floating tensor"),
    (lambda: f(2).cauchy_(0, 0), ValueError, r"^cauchy_: .* scale above 0, got 0$"),
    (lambda: f(2).cauchy_(nan), ValueError, r"^cauchy_: .* finite location, got -?nan$"),
    (lambda: f(2).long().cauchy_(), TypeError, r"^cauchy_: expected a floating tensor"),
    (lambda: f(2).geometric_(0), ValueError, r"^geometric_: .* above 0 and up to 1, got 0$"),
    (lambda: f(2).geometric_(1.5), ValueError, r"^geometric_: .* above 0 and up to 1, got 1.5$"),
    (lambda: f(2).geometric_(), TypeError, r"^geometric_: got \(FloatTensor\), expected"),
    (lambda: f(2).bool().geometric_(0.5), TypeError, r"^geometric_: .* holds counts, got Bool"),
    (lambda: f(2).bernoulli_(1.5), ValueError, r"^bernoulli_: .* from 0 to 1, got 1\.5$"),
    (lambda: f(2).bernoulli_(-0.1), ValueError, r"^bernoulli_: .* from 0 to 1, got -0\.1$"),
    (lambda: f(2).bernoulli_(f(2) * 2), ValueError, r"^bernoulli_: .* from 0 to 1, got 2$"),
    (lambda: f(2).bernoulli_(-f(2)), ValueError, r"^bernoulli_: .* from 0 to 1, got -1$"),
    (lambda: f(2).bernoulli_(f(3)), ValueError, r"^bernoulli_: sizes \(2,\) and \(3,\)"),
    (lambda: f(1).bernoulli_(f(3)), ValueError, r"broadcast to size \(1,\), got .*\(3,\)$"),
    (lambda: f(2).bernoulli_(f(2).long()), TypeError, r"^bernoulli_: .* floating tensor, got Long"),
    (lambda: f(1).expand(2).bernoulli_(f(2)), RuntimeError, r"^bernoulli_: .* an expanded"),
    (lambda: torch.bernoulli(f(2) * nan), ValueError, r"^bernoulli: .* from 0 to 1, got -?nan$"),
    (lambda: torch.bernoulli(f(2).int()), TypeError, r"^bernoulli: .* floating tensor, got Int"),
    (lambda: torch.bernoulli(f(2), out=f(3)), ValueError, r"^bernoulli: .* size \(2,\), got"),
    (lambda: f(2).random_(0), ValueError, r"^random_: expected from < to, got 0 and 0$"),
    (lambda: f(2).random_(5, 3), ValueError, r"^random_: expected from < to, got 5 and 3$"),
    (lambda: f(2).byte().random_(300), OverflowError, r"numbers from 0 to 299 do not fit Byte"),
    (lambda: f(2).byte().random_(-1, 3), OverflowError, r"numbers from -1 to 2 do not fit Byte"),
    (lambda: f(2).long().random_(2**63 + 1), OverflowError, r"64 bits"),
    (lambda: f(2).half().random_(10**6), OverflowError, r"0 to 999999 do not fit HalfTensor$"),
    (lambda: f(2).random_(2**24 + 1, 2**24 + 2), OverflowError, r"do not fit FloatTensor$"),
    (lambda: d(2).random_(2**63 - 2, 2**63), OverflowError, r"^random_: .* do not fit Double"),
    (lambda: torch.randint(0, (2,)), ValueError, r"^randint: expected from < to, got 0 and 0$"),
    (lambda: torch.randint(5, 2, (2,)), ValueError, r"^randint: expected from < to, got 5 and 2$"),
    (lambda: torch.randint(2), TypeError, r"^randint: got \(int\), expected one of"),
    (lambda: torch.randint(2, (-1,)), ValueError, r"sizes of 0 or more, got \(-1,\)$"),
    (lambda: torch.randint(300, (2,), dtype=torch.uint8), OverflowError, r"^randint: .* Byte"),
    (lambda: torch.randint_like(f(2), 0), ValueError, r"^randint_like: expected from < to"),
    (lambda: torch.randperm(-1), ValueError, r"^randperm: expected 0 or more, got -1$"),
    (lambda: torch.randperm(2**62 + 1), ValueError, r"^randperm: .* is too large$"),
    (lambda: torch.randperm(300, dtype=torch.uint8), OverflowError, r"up to 299 do not fit Byte"),
    (lambda: torch.randperm(3, out=f(2)), ValueError, r"^randperm: .* size \(3,\), got"),
    (lambda: torch.rand(-1), ValueError, r"sizes of 0 or more, got \(-1,\)$"),
    (lambda: torch.rand(2, dtype=torch.int64), TypeError, r"^uniform_: expected a floating tensor"),
    (lambda: torch.rand(2, generator=3), TypeError, r"^rand: got \(int, generator=int\), expected"),
    (lambda: torch.rand(2, out=f(3)), ValueError, r"^rand: expected an output of size \(2,\)"),
    (lambda: torch.rand(2, 3, out=f(1, 3).expand(2, 3)), RuntimeError, r"cannot write to an exp"),
    (lambda: torch.rand(2, device="tpu"), ValueError, r"^rand: expected the device 'cpu'"),
    (lambda: torch.normal(f(2), -1), ValueError, r"^normal: .* deviations of 0 or more, got -1$"),
    (lambda: torch.normal(f(2), -f(2)), ValueError, r"^normal: .* of 0 or more, got -1$"),
    (lambda: torch.normal(f(2), f(3)), ValueError, r"^normal: sizes \(2,\) and \(3,\) do not"),
    (lambda: torch.normal(0, -1, (2,)), ValueError, r"^normal_: .* of 0 or more, got -1$"),
    (lambda: torch.normal(f(2), 1, out=f(3)), ValueError, r"^normal: expected an output of size"),
    (lambda: torch.poisson(-f(2)), ValueError, r"^poisson: .* rates of 0 or more, got -1$"),
    (lambda: torch.poisson(f(2) * inf), ValueError, r"^poisson: .* of 0 or more, got inf$"),
    (lambda: torch.poisson(f(2) * nan), ValueError, r"^poisson: .* of 0 or more, got -?nan$"),
    (lambda: torch.gamma(-f(2)), ValueError, r"^gamma: .* concentrations of 0 or more, got -1$"),
    (lambda: torch.gamma(f(2), -1), ValueError, r"^gamma: .* scales of 0 or more, got -1$"),
    (lambda: torch.gamma(f(2), -f(2)), ValueError, r"^gamma: .* scales of 0 or more, got -1$"),
    (lambda: torch.gamma(f(2), f(3)), ValueError, r"^gamma: sizes \(2,\) and \(3,\) do not"),
    (lambda: torch.standard_gamma(f(2) * inf), ValueError, r"^standard_gamma: .* got inf$"),
    (lambda: torch.beta(f(2), 0), ValueError, r"^beta: .* concentrations above 0, got 0$"),
    (lambda: torch.beta(f(2) * 0, 1), ValueError, r"^beta: .* concentrations above 0, got 0$"),
    (lambda: torch.dirichlet(f(2) * 0), ValueError, r"^dirichlet: .* above 0, got 0$"),
    (lambda: torch.dirichlet(f(())), ValueError, r"^dirichlet: .* one dimension of conc"),
    (lambda: torch.multinomial(f(2, 2, 2), 1), ValueError, r"^multinomial: .* vector or matrix"),
    (lambda: torch.multinomial(f(()), 1), ValueError, r"^multinomial: expected a vector or matrix"),
    (lambda: torch.multinomial(f(2), -1), ValueError, r"^multinomial: .* 0 samples .* got -1$"),
    (lambda: torch.multinomial(f(0), 1), ValueError, r"^multinomial: expected at least one weight"),
    (lambda: torch.multinomial(-f(2), 1), ValueError, r"^multinomial: .* of 0 or more, got -1$"),
    (lambda: torch.multinomial(f(2) * nan, 1), ValueError, r"^multinomial: .* got -?nan$"),
    (lambda: torch.multinomial(f(2) * inf, 1), ValueError, r"^multinomial: .* got inf$"),
    (lambda: torch.multinomial(d(2) * 1e308, 1), ValueError, r"with a finite sum, got inf$"),
    (
        lambda: torch.multinomial(torch.tensor([[1.0, 2], [0, 0]]), 1),
        ValueError,
        r"^multinomial: expected a weight above 0 in each row, got none in row 1$",
    ),
    (
        lambda: torch.multinomial(torch.tensor([[1.0, 2], [0, 3]]), 2),
        ValueError,
        r"^multinomial: .* most 1 samples without .* as row 1 has weights above 0, got 2$",
    ),
    (lambda: torch.multinomial(f(2), 3), ValueError, r"^multinomial: expected at most 2 samples"),
    (lambda: torch.multinomial(f(2), 1, out=f(1).bool()), TypeError, r"^multinomial: cannot store"),
    (lambda: torch.choice(-1, 2), ValueError, r"^choice: expected 0 things .* got -1$"),
    (lambda: torch.choice(0), ValueError, r"^choice: expected something to choose from"),
    (lambda: torch.choice(3, 4, False), ValueError, r"^choice: expected at most 3 of 3 .* got 4$"),
    (lambda: torch.choice(2, p=[1]), ValueError, r"^choice: expected probabilities of size \(2,\)"),
    (lambda: torch.choice(2, p=[0.5, 0.4]), ValueError, r"that sum to 1, got a sum of 0\.9$"),
    (lambda: torch.choice(2, p=[1.5, -0.5]), ValueError, r"^choice: .* from 0 to 1, got -0\.5$"),
    (lambda: torch.choice(2, p=f(2).long()), TypeError, r"^choice: expected a floating tensor"),
    (lambda: torch.choice(f(())), ValueError, r"^choice: expected a tensor with dimensions or"),
]


@pytest.mark.parametrize("call, kind, text", ERRORS)
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call()
