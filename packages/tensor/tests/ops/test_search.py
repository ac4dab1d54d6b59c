"""searchsorted and isin against NumPy."""

# Rows of the table of errors are lines.
# ruff: noqa: E501

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, array, drawer, dtype_of, large, layouts, same

HALVES = ["float16", "bfloat16"]
EVERY = [*DTYPES, *HALVES]


def draws(rng: np.random.Generator, dtype: str, lo: float = -6, hi: float = 6):
    """Few different numbers, NaN among the floating ones."""
    if dtype in [*FLOATS, *HALVES]:

        def draw(shape):
            x = np.asarray(rng.integers(lo, hi, shape) / 2)
            x = np.where(
                rng.random(shape) < 0.1, np.nan, np.where(rng.random(shape) < 0.1, -0.0, x)
            )
            return x.astype("float32" if dtype in HALVES else dtype)

        return draw
    return drawer(rng, dtype, lo, hi)


def convert(x, dtype: str):
    return x.to(dtype_of(dtype)) if dtype in HALVES else x


def plain(value) -> np.ndarray:
    if torch.is_tensor(value) and value.dtype in (torch.float16, torch.bfloat16):
        value = value.float()
    return array(value)


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("dtype", EVERY)
def test_searchsorted(dtype, right, device, rng):
    draw = draws(rng, dtype)
    side = "right" if right else "left"
    for m in (0, 1, 2, 31, 1000):
        sequence = np.sort(draw((m,)))
        s = convert(torch.tensor(sequence), dtype)
        for layout, values in layouts(draw, device):
            values = convert(values, dtype)
            expected = np.searchsorted(sequence, plain(values), side=side)
            result = torch.searchsorted(s, values, right=right)
            if values.dim() == 0:
                assert type(result) is int
            else:
                assert result.dtype == torch.int64, layout
                assert result.shape == values.shape, layout
            assert np.array_equal(array(result), expected), f"{m}, {layout}"
            assert same(s.searchsorted(values, side=side), result), layout


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_searchsorted_large(dtype, rng):
    draw = drawer(rng, dtype, -1e6, 1e6)
    sequence = np.sort(draw((20011,)))
    for layout, values in large(draw):
        expected = np.searchsorted(sequence, array(values))
        assert np.array_equal(array(torch.tensor(sequence).searchsorted(values)), expected), layout


def test_searchsorted_rows(rng):
    s = np.sort(rng.integers(0, 50, (3, 2, 40)), -1)
    v = rng.integers(-1, 51, (3, 2, 7))
    result = array(torch.searchsorted(torch.tensor(s), torch.tensor(v), right=True))
    for i in range(3):
        for j in range(2):
            assert np.array_equal(result[i, j], np.searchsorted(s[i, j], v[i, j], "right"))
    empty = torch.searchsorted(torch.zeros(2, 0), torch.ones(2, 3))
    assert empty.tolist() == [[0] * 3] * 2
    assert torch.searchsorted(torch.zeros(2, 4), torch.ones(2, 0)).shape == (2, 0)
    assert torch.searchsorted(torch.zeros(0, 4), torch.ones(0, 2)).shape == (0, 2)


def test_searchsorted_mixes_dtypes_and_takes_a_sorter(rng):
    x = torch.tensor([1, 3, 5])
    assert x.searchsorted(3) == 1
    assert x.searchsorted(2.5) == 1
    assert x.searchsorted(torch.tensor([2.5, 3.0, 9.0])).tolist() == [1, 1, 3]
    assert torch.searchsorted(sorted_sequence=x, v=4, side="right") == 2
    a = rng.standard_normal(100)
    sorter = torch.tensor(a).argsort()
    values = torch.tensor([-0.5, 0.0, 0.5], dtype=torch.float64)
    result = torch.tensor(a).searchsorted(values, sorter=sorter)
    assert same(result, np.searchsorted(a, array(values), sorter=np.argsort(a)))
    out = torch.empty(0, dtype=torch.int64)
    assert torch.searchsorted(x, torch.tensor([2, 4]), out=out) is out
    assert out.tolist() == [1, 2]


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("dtype", EVERY)
def test_isin(dtype, invert, device, rng):
    wide = draws(rng, dtype, -1000, 1000)
    draw = draws(rng, dtype)
    tests = [draw((m,)) for m in (0, 1, 5, 40)] + [wide((300,)), draw((3, 4))]
    for test in tests:
        t = convert(torch.tensor(test), dtype)
        for layout, x in layouts(draw, device):
            x = convert(x, dtype)
            expected = np.isin(plain(x), plain(t), invert=invert)
            result = torch.isin(x, t, invert=invert)
            if x.dim():
                assert result.dtype == torch.bool, layout
                assert result.shape == x.shape, layout
            else:
                assert type(result) is bool
            assert np.array_equal(array(result), expected), f"{layout}, {test}"


@pytest.mark.parametrize("dtype", ["int64", "float64", "int16"])
def test_isin_large(dtype, rng):
    draw = drawer(rng, dtype, -30000, 30000)
    for scale in (1, 10**12 if dtype == "int64" else 1):
        for m in (5000, 50000):
            a, test = draw((100003,)) * scale, draw((m,)) * scale
            assert np.array_equal(
                array(torch.isin(torch.tensor(a), torch.tensor(test))), np.isin(a, test)
            )


def test_isin_with_numbers():
    x = torch.tensor([1, 2, 3])
    assert torch.isin(x, 2).tolist() == [False, True, False]
    assert torch.isin(x, 2.5).tolist() == [False] * 3
    assert torch.isin(2, x, assume_unique=True) is True
    assert torch.isin(x, torch.tensor([2.0, 3.5])).tolist() == [False, True, False]
    out = torch.empty(0, dtype=torch.bool)
    assert torch.isin(x, x, out=out) is out
    assert out.tolist() == [True] * 3


x3, x23 = torch.ones(3), torch.ones(2, 3)
ERRORS = [
    (lambda: torch.searchsorted(torch.zeros(()), x3), ValueError, r"^searchsorted: expected sorted_sequence to have a dimension, got FloatTensor"),
    (lambda: torch.searchsorted(x23, x3), ValueError, r"^searchsorted: expected a vector as sorted_sequence, or the sizes \(2, 3\) and \(3,\) to match but for the last dimension$"),
    (lambda: torch.searchsorted(x23, torch.ones(3, 3)), ValueError, r"^searchsorted: expected a vector"),
    (lambda: x3.searchsorted(1, side="middle"), ValueError, r"^searchsorted: expected side to be 'left' or 'right', got another text$"),
    (lambda: x3.searchsorted(1, side=1), ValueError, r"^searchsorted: expected side to be 'left' or 'right', got int$"),
    (lambda: x3.searchsorted(1, right=True, side="left"), ValueError, r"^searchsorted: right=True contradicts side='left'$"),
    (lambda: x3.searchsorted(1, sorter=torch.arange(2)), ValueError, r"^searchsorted: expected sorter of size \(3,\), got LongTensor"),
    (lambda: x3.searchsorted(1, sorter=torch.tensor([0, 1, 3])), IndexError, r"index 3 at position \(2,\) is out of range"),
    (lambda: torch.isin(torch.ByteTensor([1]), 300), OverflowError, r"^isin: the number 300 does not fit ByteTensor$"),
    (lambda: torch.isin(x3, x3, out=torch.empty(2, dtype=torch.bool)), ValueError, r"^isin: expected an output of size \(3,\), got"),
]  # fmt: skip


@pytest.mark.parametrize("row", ERRORS, ids=range(len(ERRORS)))
def test_errors(row):
    call, kind, text = row
    with pytest.raises(kind, match=text):
        call()
