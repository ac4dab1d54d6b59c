"""bincount, histc and histogram against NumPy."""

# Rows of the table of errors are lines.
# ruff: noqa: E501

import math

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, LARGE, array, drawer, dtype_of, layouts, same

HALVES = ["float16", "bfloat16"]


@pytest.mark.parametrize("dtype", [*INTEGERS, "bool"])
def test_bincount(dtype, rng):
    draw = drawer(rng, dtype, 0, 20)
    for n in (0, 1, 50, LARGE):
        a = draw((n,))
        for x, b in ((torch.tensor(a), a), (torch.tensor(a)[::2], a[::2])):
            result = torch.bincount(x)
            assert result.dtype == torch.int64
            assert np.array_equal(array(result), np.bincount(b))
            assert same(x.bincount(minlength=25), np.bincount(b, minlength=25))
            weights = rng.standard_normal(len(b))
            result = x.bincount(torch.tensor(weights))
            assert result.dtype == torch.float64
            assert np.allclose(array(result), np.bincount(b, weights), rtol=1e-12, atol=1e-10)
    wide = torch.tensor([100000 if dtype == "int64" else 100], dtype=torch.int64)
    assert wide.bincount()[-1] == 1


def test_weighted_sums_do_not_depend_on_threads(rng):
    x = torch.tensor(rng.integers(0, 7, 700001))
    weights = torch.tensor(rng.standard_normal(700001))
    results = []
    threads = torch.get_num_threads()
    try:
        for count in (1, 2, 5):
            torch.set_num_threads(count)
            results.append(x.bincount(weights).tolist())
    finally:
        torch.set_num_threads(threads)
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("dtype", [*DTYPES, *HALVES])
def test_histc(dtype, device, rng):
    floating = dtype in [*FLOATS, *HALVES]
    draw = drawer(rng, "float32" if dtype in HALVES else dtype, -3, 3)
    for layout, x in layouts(draw, device):
        x = x.to(dtype_of(dtype)) if dtype in HALVES else x
        a = array(x.float() if dtype in HALVES else x)
        for bins, bounds in ((100, ()), (7, ()), (5, (-1, 2)), (3, (0, 1000))):
            result = torch.histc(x, bins, *bounds)
            what = f"{layout}, {bins} bins, {bounds}"
            assert result.dtype == (dtype_of(dtype) if floating else torch.int64), what
            assert result.shape == (bins,), what
            lower, upper = bounds or ((a.min(), a.max()) if a.size else (0, 1))
            if lower == upper:
                lower, upper = float(lower) - 1, float(upper) + 1
            wide = a.astype("float64" if a.dtype.kind != "f" else a.dtype)
            # the same edges in the same precision
            expected = np.histogram(wide, bins, (float(lower), float(upper)))[0]
            counts = array(result.to(torch.int64))
            assert np.array_equal(counts, expected), what
    assert x.histc(4).numel() == 4


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS])
def test_histogram(dtype, rng):
    draw = drawer(rng, dtype, -50, 50)
    floating = dtype if dtype in FLOATS else "float64"
    for n in (0, 1, 100, LARGE):
        a = draw((n,))
        x = torch.tensor(a)
        for arguments in ((), (7,), (20, (-10, 30)), (3, [5, 5]), (1,)):
            hist, edges = torch.histogram(x, *arguments)
            expected, expected_edges = np.histogram(a.astype(floating), *arguments)
            assert hist.dtype == torch.int64
            assert edges.dtype == dtype_of(floating)
            assert np.allclose(
                array(edges), expected_edges, rtol=1e-6, atol=1e-6 * np.abs(expected_edges).max()
            ), arguments
            assert hist.sum() == expected.sum(), arguments
            if dtype != "float32":
                assert np.array_equal(array(hist), expected), arguments
        bins = np.array([-20, -20, 0, 1, 15, 15])
        hist, edges = x.histogram(torch.tensor(bins))
        assert np.array_equal(array(hist), np.histogram(a, bins)[0])
        assert edges.tolist() == bins.tolist()
    hist, _ = x.histogram(8, density=True)
    assert hist.dtype == torch.float64
    assert np.allclose(array(hist), np.histogram(a.astype(floating), 8, density=True)[0], rtol=1e-3)
    hist, _ = x.histogram(torch.tensor([-5.0, 0.0, 7.0]), density=True)
    assert np.allclose(array(hist), np.histogram(a, [-5, 0, 7], density=True)[0])


@pytest.mark.parametrize("dtype", FLOATS)
def test_elements_on_the_edges(dtype):
    """Every edge belongs to the bin above it, the last one to the bin below."""
    for bins in (3, 10, 49, 1000):
        _, edges = torch.histogram(torch.zeros(1, dtype=dtype_of(dtype)), bins, (0.0, 0.7))
        hist, _ = torch.histogram(edges, bins, (0.0, 0.7))
        assert hist.tolist() == [1] * (bins - 1) + [2]


def test_special_numbers():
    nan, inf = math.nan, math.inf
    x = torch.tensor([nan, 1.0, inf, -inf, 2.0])
    assert x.histc(2, 0, 2).tolist() == [0, 2]
    assert x.histogram(2, (0, 2)).hist.tolist() == [0, 2]
    assert x.histogram(torch.tensor([0.0, 1.5, 2.0])).hist.tolist() == [1, 1]
    huge = torch.tensor([-1.5e308, 0.0, 1.5e308], dtype=torch.float64)
    assert huge.histogram(3).hist.tolist() == [1, 1, 1]
    tiny = torch.tensor([0.0, 5e-324, 1e-323], dtype=torch.float64)
    assert tiny.histogram(2).hist.sum() == 3
    assert torch.tensor([3.0, 3.0]).histc(2).tolist() == [0, 2]
    assert torch.tensor([2**62, 0]).histc(2).tolist() == [1, 1]


def test_outputs():
    x = torch.tensor([0, 2, 2])
    out = torch.empty(0, dtype=torch.int64)
    assert torch.bincount(x, out=out) is out
    assert out.tolist() == [1, 0, 2]
    assert torch.histc(x, 3, out=out) is out
    with pytest.raises(ValueError, match=r"^bincount: expected an output of size \(3,\)"):
        torch.bincount(x, out=torch.empty(2, dtype=torch.int64))


x3 = torch.ones(3)
ERRORS = [
    (lambda: x3.bincount(), TypeError, r"^bincount: expected a vector of integers, got FloatTensor of size \(3,\)$"),
    (lambda: torch.arange(4).view(2, 2).bincount(), TypeError, r"^bincount: expected a vector of integers"),
    (lambda: torch.tensor([1, -2]).bincount(), ValueError, r"^bincount: expected integers of 0 or more, got -2$"),
    (lambda: torch.tensor([2**62]).bincount(), ValueError, r"^bincount: the number of elements of size \(4611686018427387904,\) is too large$"),
    (lambda: torch.arange(3).bincount(minlength=-1), ValueError, r"^bincount: expected minlength of 0 or more, got -1$"),
    (lambda: torch.arange(3).bincount(torch.ones(2)), ValueError, r"^bincount: expected weights of size \(3,\), got"),
    (lambda: x3.histc(0), ValueError, r"^histc: expected one bin or more, got 0$"),
    (lambda: x3.histc(2**60), ValueError, r"^histc: the number of elements"),
    (lambda: x3.histc(5, 3, 2), ValueError, r"^histc: expected a finite range with min <= max, got 3 to 2$"),
    (lambda: x3.histc(5, 0, math.inf), ValueError, r"^histc: expected a finite range"),
    (lambda: torch.tensor([1.0, math.nan]).histc(), ValueError, r"^histc: expected finite elements or a range, got elements from nan to nan$"),
    (lambda: x3.histogram(-1), ValueError, r"^histogram: expected one bin or more, got -1$"),
    (lambda: x3.histogram(3, 5), TypeError, r"^histogram: expected two numbers as range, got int$"),
    (lambda: x3.histogram(3, (1, "a")), TypeError, r"^histogram: expected two numbers as range, got tuple$"),
    (lambda: x3.histogram(3, (1, math.nan)), ValueError, r"^histogram: expected a finite range"),
    (lambda: x3.histogram(torch.ones(1)), ValueError, r"^histogram: expected a vector of two edges or more as bins"),
    (lambda: x3.histogram(torch.tensor([2.0, 1.0])), ValueError, r"^histogram: expected bins to ascend$"),
    (lambda: torch.tensor([math.inf]).histogram(), ValueError, r"^histogram: expected finite elements or a range"),
]  # fmt: skip


@pytest.mark.parametrize("row", ERRORS, ids=range(len(ERRORS)))
def test_errors(row):
    call, kind, text = row
    with pytest.raises(kind, match=text):
        call()
