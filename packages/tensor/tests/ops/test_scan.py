"""Scans: every element together with those before it."""

import math
import re

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, LARGE, array, drawer, dtype_of, layouts, same

HALVES = ["float16", "bfloat16"]


def wide(a: np.ndarray) -> np.ndarray:
    return a.astype(np.longdouble if a.dtype.kind == "f" else np.int64)


# name: (reference in a wider dtype, largest magnitude to draw from)
TABLE = {
    "cumsum": (lambda a, d: np.cumsum(wide(a), d), 100),
    "cumprod": (lambda a, d: np.cumprod(wide(a), d), 2),
    "logcumsumexp": (
        lambda a, d: np.log(np.cumsum(np.exp(a.astype(np.longdouble)), d)),
        20,
    ),
}


def result_dtype(name: str, dtype: str) -> str:
    if dtype in FLOATS:
        return dtype
    return "float64" if name == "logcumsumexp" else "int64"


def agree(actual, exact: np.ndarray, dtype: str, ulp: float = 8) -> None:
    assert actual.dtype == dtype_of(dtype)
    assert tuple(actual.shape) == exact.shape
    if dtype not in FLOATS:
        assert np.array_equal(array(actual), exact)
        return
    eps = float(np.finfo(dtype).eps)
    near = np.max(np.abs(exact), initial=0) * ulp * eps
    assert np.allclose(wide(array(actual)), exact, rtol=ulp * eps, atol=float(near))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TABLE)
def test_every_layout_and_dimension(name, dtype, device, rng):
    reference, most = TABLE[name]
    for layout, x in layouts(drawer(rng, dtype, -most, most), device):
        a = array(x)
        result = result_dtype(name, dtype)
        for dim in range(-a.ndim, a.ndim):
            exact = reference(a, dim)
            agree(getattr(torch, name)(x, dim), exact, result)
            agree(getattr(x, name)(dim), exact, result)
            out = torch.empty(0, dtype=dtype_of(result))
            assert getattr(torch, name)(x, dim, out=out) is out
            agree(out, exact, result)
            strided = torch.zeros(*a.shape, 2, dtype=dtype_of(result))[..., 1]
            getattr(torch, name)(x, dim, out=strided)
            agree(strided, exact, result)
        if name != "logcumsumexp":
            agree(getattr(x, name)(), reference(a, None), result)
        assert same(x, a), layout


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_large(name, dtype, rng):
    """Blocks, parts of a long row, strips of columns."""
    reference, most = TABLE[name]
    shapes = [(LARGE,), (301, 331), (2, 70001), (70001, 2), (5, 600, 33)]
    for shape in shapes:
        draw = drawer(rng, dtype, -most, most)
        if name == "cumprod" and dtype in FLOATS:
            draw = drawer(rng, dtype, 0.99, 1.01)
        x = torch.tensor(draw(shape))
        for dim in range(len(shape)):
            exact = reference(array(x), dim)
            if name == "cumprod" and dtype in FLOATS:
                eps = float(np.finfo(dtype).eps)
                actual = wide(array(x.cumprod(dim)))
                steps = 2 if dtype == "float32" else shape[dim]
                assert np.allclose(actual, exact, rtol=steps * eps + 1e-11, atol=0)
                continue
            agree(getattr(x, name)(dim), exact, result_dtype(name, dtype), 64)


@pytest.mark.parametrize("dtype", FLOATS)
def test_error_of_sums_is_not_above_numpys(dtype, rng):
    for n in (100, 513, 4097, 200001):
        for draw in (rng.random, rng.standard_normal, lambda n: rng.random(n) * 1e6 - 1):
            a = draw(n).astype(dtype)
            exact = np.cumsum(a.astype(np.longdouble))
            numpys = np.abs(np.cumsum(a).astype(np.longdouble) - exact)
            for x in (
                torch.tensor(a).cumsum(0),
                torch.tensor(np.stack([a] * 5, 1)).cumsum(0)[:, 2],
                torch.tensor(np.repeat(a, 2))[::2].cumsum(0),
            ):
                ours = np.abs(wide(array(x)) - exact)
                slack = np.finfo(dtype).eps * np.abs(exact).max()
                assert ours.max() <= numpys.max() + slack
                assert ours.mean() <= numpys.mean() + slack / 4


@pytest.mark.parametrize("dtype", FLOATS)
def test_sums_of_positive_numbers_never_fall(dtype, rng):
    """So a distribution function can be searched."""
    x = torch.tensor(rng.random(200001).astype(dtype) * 10 ** rng.uniform(-9, 0, 200001))
    sums = array(x.to(dtype_of(dtype)).cumsum(0))
    assert (np.diff(sums) >= 0).all()


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"])
def test_halves_are_rounded_once(name, dtype, rng):
    x = torch.tensor(rng.uniform(0.5, 1.5, (9, 7)), dtype=dtype_of(dtype))
    for dim in (0, 1):
        result, expected = getattr(x, name)(dim), getattr(x.float(), name)(dim)
        if name.startswith("cumm"):
            assert torch.equal(result.indices, expected.indices)
            result, expected = result.values, expected.values
        assert result.dtype == x.dtype
        assert torch.equal(result.double(), expected.to(x.dtype).double())
    assert torch.ones(3000, dtype=x.dtype).cumsum(0)[2047] == 2048


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_do_not_wrap(dtype):
    most = min(np.iinfo(dtype).max, 2**50)
    x = torch.full((1000,), most, dtype=dtype_of(dtype))
    assert x.cumsum(0)[999] == 1000 * most
    assert torch.full((9,), 100, dtype=dtype_of(dtype)).cumprod(0)[8] == 100**9
    assert torch.ones(600, dtype=torch.bool).cumsum(0)[-1] == 600


def test_dtype_of_the_result():
    x = torch.tensor([1, 2, 3])
    assert x.cumsum(0, dtype=torch.float32).dtype == torch.float32
    assert x.cumsum(dtype=torch.uint8).tolist() == [1, 3, 6]
    assert torch.tensor([1.5, 2.5]).cumsum(0, dtype=torch.int64).tolist() == [1, 3]
    assert torch.tensor([200, 100]).cumsum(0, dtype=torch.uint8).tolist() == [200, 44]
    assert torch.tensor([3, 0, 2]).cumprod(0, dtype=torch.bool).tolist() == [True, False, False]


def test_infinities_and_nan():
    inf, nan = math.inf, math.nan
    x = torch.tensor([1.0, inf, 2, -inf, 3])
    assert x.cumsum(0).tolist() == pytest.approx([1, inf, inf, nan, nan], nan_ok=True)
    assert torch.tensor([2.0, nan, 1]).cumprod(0).tolist() == pytest.approx(
        [2, nan, nan], nan_ok=True
    )
    f = torch.logcumsumexp
    y = torch.tensor([-inf, -inf, 0, inf, 1, nan, inf])
    expected = [-inf, -inf, 0, inf, inf, nan, nan]
    assert f(y, 0).tolist() == pytest.approx(expected, nan_ok=True)
    assert f(torch.tensor([inf, -inf]), 0).tolist() == [inf, inf]
    # a product that leaves the range and comes back
    z = torch.tensor([1e200, 1e200, 1e-300], dtype=torch.float64)
    assert z.cumprod(0).tolist() == [1e200, inf, inf]
    tiny = torch.tensor([1e-300] + [1e10] * 60, dtype=torch.float64)
    assert tiny.cumprod(0)[30] == pytest.approx(1.0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["cummax", "cummin"])
def test_extremes(name, dtype, device, rng):
    accumulate = np.maximum.accumulate if name == "cummax" else np.minimum.accumulate
    draw = drawer(rng, dtype, -5, 5)
    tensors = [*layouts(draw, device), ("large", torch.tensor(draw((150, 301))))]
    for layout, x in tensors:
        a = array(x)
        for dim in range(a.ndim):
            values, indices = getattr(torch, name)(x, dim)
            assert same(values, accumulate(a, dim) if a.size else a), layout
            assert indices.dtype == torch.int64
            assert indices.shape == x.shape
            if not a.size:
                continue
            at = array(indices)
            assert np.array_equal(np.take_along_axis(a, at, dim), array(values))
            # the last of equal elements so far
            position = np.arange(a.shape[dim]).reshape(-1, *[1] * (a.ndim - dim - 1))
            last = np.maximum.accumulate(np.where(a == array(values), position, 0), dim)
            assert np.array_equal(at, last), layout
        assert same(x, a)


@pytest.mark.parametrize("columns", [1, 6])
def test_extremes_keep_nan(columns):
    nan = math.nan
    x = torch.tensor([[1.0, nan, 3, nan, 2]]).t().expand(5, columns).contiguous()
    for f in (torch.cummax, torch.cummin):
        values, indices = f(x, 0)
        assert values[:, -1].tolist() == pytest.approx([1, nan, nan, nan, nan], nan_ok=True)
        assert indices[:, -1].tolist() == [0, 1, 1, 3, 3]
    out = torch.empty(0), torch.empty(0, dtype=torch.int64)
    torch.cummax(x, 0, out=out)
    assert out[1][:, 0].tolist() == [0, 1, 1, 3, 3]


@pytest.mark.parametrize("dtype", DTYPES)
def test_diff(dtype, device, rng):
    for layout, x in layouts(drawer(rng, dtype, -50, 50), device):
        a = array(x)
        for dim in range(-a.ndim, a.ndim):
            for n in (0, 1, 2, 3, 9):
                if n > a.shape[dim]:  # NumPy's size becomes negative
                    assert x.diff(n, dim).shape[dim] == 0
                    continue
                assert same(torch.diff(x, n, dim), np.diff(a, n, dim)), layout
        if a.ndim:
            out = torch.empty(0, dtype=x.dtype)
            assert torch.diff(x, out=out) is out
            assert same(out, np.diff(a))


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda x: x.cumsum(2),
            IndexError,
            "cumsum: dimension 2 is out of range, expected -2 to 1",
        ),
        (lambda x: x.cummax(-3), IndexError, "cummax: dimension -3 is out of range"),
        (
            lambda x: torch.tensor(1).cumprod(0),
            IndexError,
            "cumprod: dimension 0 given for a tensor",
        ),
        (lambda x: x.diff(-1), ValueError, "diff: expected n of 0 or more, got -1"),
        (lambda x: x.diff(1, 2), IndexError, "diff: dimension 2 is out of range"),
        (lambda x: torch.cumsum(x, 0, out=torch.ones(3)), ValueError, "cumsum: expected an output"),
        (
            lambda x: torch.cumsum(x, 0, out=torch.arange(6)),
            TypeError,
            "cumsum: cannot store a Float",
        ),
        (
            lambda x: torch.cumsum(x, 0, out=torch.ones(3).expand(2, 3)),
            RuntimeError,
            "cumsum: cannot write to an expanded",
        ),
        (lambda x: x.diff(2**63 - 1, 2), IndexError, "diff: dimension 2 is out of range"),
    ],
)
def test_mistakes(call, error, text):
    with pytest.raises(error, match="^" + re.escape(text)):
        call(torch.ones(2, 3))


def test_no_elements_and_no_dimensions():
    assert torch.ones(0).cumsum(0).shape == (0,)
    assert torch.ones(0, 3).cumsum(1).shape == (0, 3)
    assert torch.ones(2, 0).cummax(1).values.shape == (2, 0)
    assert torch.tensor(3.0).cumsum().tolist() == [3]
    assert torch.ones(3).diff(2**63 - 1).shape == (0,)
