"""Sorting and selecting along a dimension: positions are those of a stable sort."""

# Rows of the table of errors are lines.
# ruff: noqa: E501

import math

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, array, drawer, dtype_of, layouts, same

HALVES = ["float16", "bfloat16"]
EVERY = [*DTYPES, *HALVES]


def convert(x: torch.Tensor, dtype: str) -> torch.Tensor:
    """`x` in a dtype that NumPy may not have; its layout stays where it has no dtype to change."""
    return x.to(dtype_of(dtype)) if dtype in HALVES else x


def plain(value) -> np.ndarray:
    """Elements as NumPy array; bfloat16 and float16 as float32, which holds them exactly."""
    if torch.is_tensor(value) and value.dtype in (torch.float16, torch.bfloat16):
        value = value.float()
    return array(value)


def order(a: np.ndarray, descending: bool = False) -> np.ndarray:
    """Positions of a stable sort along the last dimension, NaN as the largest."""
    if not descending:
        return np.argsort(a, axis=-1, kind="stable")
    # a stable sort of the reversed row, read backwards, keeps the order of equal elements
    n = a.shape[-1]
    return n - 1 - np.argsort(a[..., ::-1], axis=-1, kind="stable")[..., ::-1]


def draws(rng: np.random.Generator, dtype: str):
    """Few different numbers, so that many are equal."""
    if dtype in [*FLOATS, *HALVES]:

        def draw(shape):
            x = np.asarray(rng.integers(-4, 4, shape) / 2)
            x = np.where(rng.random(shape) < 0.1, np.nan, x)
            x = np.where(rng.random(shape) < 0.1, -0.0, x)
            return np.asarray(np.where(rng.random(shape) < 0.1, -np.inf, x)).astype(
                "float32" if dtype in HALVES else dtype
            )

        return draw
    return drawer(rng, dtype, -3, 3)


def tensors(rng: np.random.Generator, dtype: str, device: str = "cpu"):
    for layout, x in layouts(draws(rng, dtype), device):
        yield layout, convert(x, dtype)


def equal(a: np.ndarray, b: np.ndarray) -> bool:
    """The same numbers with the same signs of zeros."""
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f") and (
        a.dtype.kind != "f"
        or np.array_equal(np.signbit(a) & ~np.isnan(a), np.signbit(b) & ~np.isnan(b))
    )


def dims(x: torch.Tensor) -> range:
    return range(-max(1, x.dim()), max(1, x.dim()))


def moved(x: torch.Tensor, dim: int) -> np.ndarray:
    a = plain(x)
    return np.moveaxis(a, dim, -1) if a.ndim else a.reshape(1)


def back(a: np.ndarray, x: torch.Tensor, dim: int) -> np.ndarray:
    return np.moveaxis(a, -1, dim) if x.dim() else a.reshape(())


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dtype", EVERY)
def test_sort(dtype, descending, device, rng):
    for layout, x in tensors(rng, dtype, device):
        before = plain(x)
        for dim in dims(x):
            what = f"{layout}, dim={dim}"
            a = moved(x, dim)
            positions = order(a, descending)
            values, indices = torch.sort(x, dim, descending)
            expected = back(np.take_along_axis(a, positions, -1), x, dim)
            positions = back(positions, x, dim)
            if x.dim():
                assert values.dtype == x.dtype, what
                assert indices.dtype == torch.int64, what
                assert values.shape == indices.shape == x.shape, what
                assert values.is_contiguous(), what
                assert indices.is_contiguous(), what
            else:
                assert not torch.is_tensor(values)
            assert equal(plain(values), expected.astype(plain(values).dtype)), what
            assert np.array_equal(array(indices), positions), what
            assert np.array_equal(array(x.argsort(dim, descending)), positions), what
            assert np.array_equal(array(x.sort(dim, descending=descending)[1]), positions), what
        assert equal(plain(x), before), f"{layout}: the input was changed"


def rows_of(kind: str, n: int, dtype: str, rng: np.random.Generator) -> np.ndarray:
    if dtype == "bool":
        return rng.integers(0, 2, n).astype(bool)
    if dtype in INTEGERS:
        info = np.iinfo(dtype)
        if kind == "clusters":
            low, high = info.min, info.max - 20
            return (np.where(rng.random(n) < 0.5, low, high) + rng.integers(0, 20, n)).astype(dtype)
        if kind == "few":
            return rng.integers(0, 3, n).astype(dtype)
        x = rng.integers(info.min, info.max, n, dtype, endpoint=True)
    elif kind == "clusters":  # numbers that differ in their last bits only, and a few far away
        x = (1 + rng.integers(0, 500, n) * np.finfo(dtype).eps).astype(dtype)
        x[rng.random(n) < 0.01] = -1e30
    elif kind == "few":
        x = (rng.integers(-2, 2, n) * 0.5).astype(dtype)
        x[rng.random(n) < 0.01] = np.nan
    else:
        x = rng.standard_normal(n).astype(dtype)
    if kind == "descending":
        x = np.sort(x)[::-1].copy()
    return np.sort(x) if kind == "ascending" else x


@pytest.mark.parametrize("kind", ["random", "clusters", "few", "ascending", "descending"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_long_rows(dtype, kind, rng):
    """Every path of the sort: insertion, one and several digits, buckets, several threads."""
    for n in (31, 33, 500, 5000, 70001, 600001):
        a = rows_of(kind, n, dtype, rng)
        x = torch.tensor(a)
        ascending, descending = order(a), order(a, True)
        for positions, values, indices in (
            (ascending, *x.sort()),
            (descending, *x.sort(descending=True)),
        ):
            assert np.array_equal(array(indices), positions), n
            assert equal(array(values), a[positions]), n
        for k in {1, 7, n // 3, n - 2, n}:
            values, indices = x.topk(k)
            assert np.array_equal(array(indices), descending[:k]), (n, k)
            assert equal(array(values), a[descending[:k]]), (n, k)
            values, indices = x.topk(k, largest=False, sorted=False)
            assert np.array_equal(np.sort(array(indices)), np.sort(ascending[:k])), (n, k)
            assert equal(array(values), a[array(indices)]), (n, k)
            assert x.kthvalue(k)[1] == ascending[k - 1], (n, k)
        k = n // 2
        assert equal(array(x.partition(k))[k : k + 1], a[ascending[k : k + 1]])


def test_sort_with_any_number_of_threads(rng):
    x = torch.tensor(rng.standard_normal((3, 200001)))
    results = []
    threads = torch.get_num_threads()
    try:
        for count in (1, 2, 5):
            torch.set_num_threads(count)
            results.append((x.sort()[1], x.topk(1000)[1], x.median(1)[1], x.sort(0)[1]))
    finally:
        torch.set_num_threads(threads)
    for result in results[1:]:
        assert all(same(a, b) for a, b in zip(result, results[0], strict=True))


@pytest.mark.parametrize("largest", [False, True])
@pytest.mark.parametrize("dtype", EVERY)
def test_topk(dtype, largest, device, rng):
    for layout, x in tensors(rng, dtype, device):
        for dim in dims(x):
            a = moved(x, dim)
            n = a.shape[-1]
            for k in sorted({0, 1, n // 2, n}):
                if k > n:
                    continue
                what = f"{layout}, dim={dim}, k={k}"
                positions = order(a, largest)[..., :k]
                values, indices = torch.topk(x, k, dim, largest)
                if not x.dim():
                    assert np.size(array(indices)) == k, what
                    continue
                assert values.dtype == x.dtype, what
                assert values.is_contiguous(), what
                assert np.array_equal(array(indices), back(positions, x, dim)), what
                expected = back(np.take_along_axis(a, positions, -1), x, dim)
                assert equal(plain(values), expected), what


def check_pair(result, value: np.ndarray, position: np.ndarray, x, keepdim: bool, what: str):
    values, indices = result
    assert equal(plain(values), value.astype(plain(values).dtype)), what
    assert np.array_equal(array(indices), position), what
    if value.ndim:
        assert values.dtype == x.dtype, what
        assert indices.dtype == torch.int64, what
    else:
        assert not torch.is_tensor(values), what
        assert type(indices) is int, what


def mode_of(row: np.ndarray) -> tuple:
    keys = [math.inf if v != v else v for v in row.tolist()]  # NaN equals NaN
    ranked = (
        [(0 if math.isnan(v) else 1, v) for v in row.tolist()] if row.dtype.kind == "f" else None
    )
    key = [("nan",) if r[0] == 0 else (r[1],) for r in ranked] if ranked else [(k,) for k in keys]
    best = max(set(key), key=lambda k: (key.count(k), k != ("nan",), 0 if k == ("nan",) else -k[0]))
    at = max(i for i, k in enumerate(key) if k == best)
    return row[at], at


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dtype", EVERY)
def test_kthvalue_median_and_mode(dtype, keepdim, device, rng):
    for layout, x in tensors(rng, dtype, device):
        for dim in dims(x):
            a = moved(x, dim)
            n = a.shape[-1]
            what = f"{layout}, dim={dim}"
            if n == 0:
                for name, arguments in (("median", ()), ("mode", ()), ("kthvalue", (1,))):
                    with pytest.raises(ValueError, match=f"^{name}: expected at least one element"):
                        getattr(x, name)(*arguments, dim)
                continue
            positions = order(a)

            def expected(at, a=a, x=x, dim=dim):
                value = np.take_along_axis(a, at, -1)
                if x.dim() == 0:
                    return value.reshape(()), at.reshape(())
                if keepdim:
                    return back(value, x, dim), back(at, x, dim)
                return value[..., 0], at[..., 0]

            for k in sorted({1, (n + 1) // 2, n}):
                result = torch.kthvalue(x, k, dim, keepdim)
                check_pair(result, *expected(positions[..., k - 1 : k]), x, keepdim, what)
            at = positions[..., (n - 1) // 2 : (n - 1) // 2 + 1]
            if a.dtype.kind == "f":
                nan = np.isnan(a)
                at = np.where(nan.any(-1, keepdims=True), nan.argmax(-1)[..., None], at)
            check_pair(torch.median(x, dim, keepdim), *expected(at), x, keepdim, what)
            if a.size:
                at = np.array([mode_of(row)[1] for row in a.reshape(-1, n)])
                at = at.reshape(*a.shape[:-1], 1)
                check_pair(torch.mode(x, dim, keepdim), *expected(at), x, keepdim, what)
        if x.numel():
            flat = plain(x).ravel()
            median = np.nan if flat.dtype.kind == "f" and np.isnan(flat).any() else None
            median = np.sort(flat)[(flat.size - 1) // 2] if median is None else median
            assert same(np.asarray(x.median(), flat.dtype), np.asarray(median, flat.dtype)), layout
        else:
            with pytest.raises(ValueError, match="^median: expected at least one element, got"):
                x.median()


def test_mode_of_long_rows(rng):
    for n in (1000, 150001):
        a = rng.integers(0, n // 10, n)
        value, position = torch.tensor(a).mode()
        counts = np.bincount(a)
        assert value == counts.argmax()
        assert position == np.flatnonzero(a == value)[-1]


@pytest.mark.parametrize("dtype", EVERY)
def test_partition(dtype, device, rng):
    for layout, x in tensors(rng, dtype, device):
        for dim in dims(x):
            a = moved(x, dim)
            n = a.shape[-1]
            for kth in sorted({0, n // 2, n - 1, -1, -n}):
                if n == 0:
                    continue
                what = f"{layout}, dim={dim}, kth={kth}"
                values, indices = torch.partition(x, kth, dim), x.argpartition(kth, dim)
                v, i = (array(indices) if t is indices else plain(t) for t in (values, indices))
                v, i = (np.moveaxis(t, dim, -1) if t.ndim else t.reshape(1) for t in (v, i))
                k = kth % n
                ordered = np.sort(a, -1)
                assert np.array_equal(v[..., k], ordered[..., k], equal_nan=a.dtype.kind == "f"), (
                    what
                )
                for part in (slice(0, k), slice(k, None)):
                    assert np.array_equal(
                        np.sort(v[..., part], -1),
                        ordered[..., part],
                        equal_nan=a.dtype.kind == "f",
                    ), what
                assert equal(np.take_along_axis(a, i, -1), v), what


@pytest.mark.parametrize("dtype", EVERY)
def test_unique(dtype, device, rng):
    for layout, x in tensors(rng, dtype, device):
        before = plain(x)
        expected, inverse, counts = np.unique(before, return_inverse=True, return_counts=True)
        values = torch.unique(x)
        assert values.dtype == x.dtype, layout
        assert np.array_equal(
            plain(values), expected, equal_nan=dtype not in [*INTEGERS, "bool"]
        ), layout
        v, i, c = x.unique(return_inverse=True, return_counts=True)
        assert same(v.float(), values.float()), layout
        assert i.dtype == c.dtype == torch.int64, layout
        assert i.shape == x.shape, layout
        assert np.array_equal(array(i), inverse.reshape(before.shape)), layout
        assert np.array_equal(array(c), counts), layout
        assert same(x.unique(return_inverse=True)[1], i), layout
        assert same(x.unique(return_counts=True)[1], c), layout


@pytest.mark.parametrize("kind", ["dense", "sparse", "clusters"])
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_unique_large(dtype, kind, rng):
    if dtype in FLOATS:
        x = rng.standard_normal(200001).astype(dtype)
        x = np.round(x * 8) if kind == "dense" else np.round(x, 3) if kind == "clusters" else x
    else:
        info = np.iinfo(dtype)
        x = rng.integers(info.min, info.max, 200001, dtype, endpoint=True)
        x = x % 50 if kind == "dense" else x // 3 * 3 if kind == "clusters" else x
    expected = np.unique(x, return_inverse=True, return_counts=True)
    t = torch.tensor(x)
    result = t.unique(return_inverse=True, return_counts=True)
    assert all(np.array_equal(array(a), b) for a, b in zip(result, expected, strict=True))
    assert same(t.unique(), expected[0])


def test_unique_counts_nan_and_zeros_once():
    x = torch.tensor([math.nan, 0.0, -0.0, math.nan])
    values, counts = x.unique(return_counts=True)
    assert same(values, np.array([0, math.nan], "float32"))
    assert counts.tolist() == [2, 2]


METHODS = ["linear", "lower", "higher", "midpoint", "nearest"]


@pytest.mark.parametrize("dtype", EVERY)
def test_quantile(dtype, device, rng):
    draw = drawer(rng, "float32" if dtype in HALVES else dtype, -5, 5)
    for layout, x in layouts(draw, device):
        x = convert(x, dtype)
        if not x.numel():
            with pytest.raises(ValueError, match="^quantile: expected at least one element in dim"):
                x.quantile(0.5)
            continue
        a = plain(x).astype("float64")
        floating = dtype in [*FLOATS, *HALVES]
        tolerance = {"float16": 1e-3, "bfloat16": 1e-2, "float32": 1e-6}.get(dtype, 1e-14)
        result_dtype = dtype_of(dtype) if floating else torch.float64
        for q in (0.0, 0.25, 0.5, 1.0, [0.1, 0.9], [0.0, 0.3, 0.5, 1.0]):
            given = torch.tensor(q, dtype=torch.float64) if isinstance(q, list) else q
            for dim in (None, *range(-x.dim(), x.dim())):
                for keepdim in (False, True):
                    expected = np.quantile(a, q, axis=dim, keepdims=keepdim)
                    actual = torch.quantile(x, given, dim, keepdim)
                    what = f"{layout}, q={q}, dim={dim}, keepdim={keepdim}"
                    if np.ndim(expected):
                        assert actual.dtype == result_dtype, what
                    else:
                        assert type(actual) is float, what
                    assert np.shape(plain(actual)) == np.shape(expected), what
                    assert np.allclose(plain(actual), expected, rtol=tolerance, atol=tolerance), (
                        what
                    )
        for method in METHODS:
            expected = np.quantile(a, 0.3, method=method)
            actual = x.percentile(30, interpolation=method)
            assert actual == pytest.approx(expected, rel=tolerance, abs=tolerance), (layout, method)


def test_quantiles_that_are_special(rng):
    nan, inf = math.nan, math.inf
    x = torch.tensor([[1.0, nan, 3.0], [2.0, 5.0, 4.0]])
    assert math.isnan(x.quantile(0.5))
    assert same(x.quantile(0.5, 1), np.array([nan, 4], "float32"))
    assert same(
        x.quantile(torch.tensor([0.0, 0.5, 1.0]), 1),
        np.array([[nan, 2], [nan, 4], [nan, 5]], "float32"),
    )
    assert torch.tensor([-inf, inf, inf, inf]).quantile(0.9) == inf
    assert torch.tensor([3], dtype=torch.int64).quantile(0.4) == 3.0
    a = rng.standard_normal(200001)
    for q in (0.001, 0.5, 0.77):
        assert torch.tensor(a).quantile(q) == pytest.approx(np.quantile(a, q), rel=1e-13)
    assert torch.quantile(torch.ones(2, 3), torch.tensor([], dtype=torch.float64), 1).shape == (
        0,
        2,
    )


def test_sorted_along_the_last_dimension_unless_told():
    x = torch.tensor([[3, 1, 2], [6, 5, 4]])
    assert x.sort()[0].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert x.topk(1)[0].tolist() == [[3], [6]]
    assert x.kthvalue(1)[0].tolist() == [1, 4]
    assert x.mode()[0].tolist() == [1, 4]
    assert x.median() == 3
    assert x.sort(axis=0, descending=True).values.tolist() == [[6, 5, 4], [3, 1, 2]]
    assert torch.sort(x, stable=True).indices.tolist() == [[1, 2, 0], [2, 1, 0]]


PAIRS = {
    "sort": ((0,), (4, 3)),
    "topk": ((2, 0), (2, 3)),
    "kthvalue": ((2, 0), (3,)),
    "median": ((0,), (3,)),
    "mode": ((0,), (3,)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_outputs(name, rng):
    arguments, shape = PAIRS[name]
    x = torch.tensor(rng.integers(0, 5, (4, 3)))
    expected = getattr(torch, name)(x, *arguments)
    for make in (
        lambda t: torch.empty(shape, dtype=t),
        lambda t: torch.empty(0, dtype=t),
        lambda t: torch.empty((*shape, 2), dtype=t).select(-1, 1),
    ):
        values, indices = make(torch.int64), make(torch.int64)
        version = values._version
        result = getattr(torch, name)(x, *arguments, out=(values, indices))
        assert result.values is values
        assert result.indices is indices
        assert values._version > version
        assert same(values, expected.values)
        assert same(indices, expected.indices)
    with pytest.raises(ValueError, match=f"^{name}: expected an output of size"):
        getattr(torch, name)(x, *arguments, out=(torch.empty(7, dtype=torch.int64), values))
    with pytest.raises(TypeError, match=f"^{name}: cannot store a LongTensor result in BoolTensor"):
        getattr(torch, name)(x, *arguments, out=(values, torch.empty(shape, dtype=torch.bool)))


def test_outputs_that_are_the_input():
    x = torch.tensor([3, 1, 2])
    indices = torch.empty(0, dtype=torch.int64)
    torch.sort(x, out=(x, indices))
    assert x.tolist() == [1, 2, 3]
    assert indices.tolist() == [1, 2, 0]
    y = torch.tensor([3.0, 1.0, 2.0])
    assert torch.partition(y, 1, out=y) is y
    assert y[1] == 2
    median = torch.empty((), dtype=torch.float32)
    assert torch.median(y, out=median) is median
    assert median.tolist() == 2
    out = torch.empty(0, dtype=torch.int64)
    assert torch.argsort(y, out=out) is out
    assert torch.argpartition(y, 1, out=out) is out
    q = torch.empty(0)
    assert torch.quantile(y, torch.tensor([0.5]), out=q) is q
    assert q.tolist() == [2]


x23 = torch.ones(2, 3)
ERRORS = [
    (lambda: x23.sort(2), IndexError, r"^sort: dimension 2 is out of range, expected -2 to 1$"),
    (lambda: x23.argsort(-3), IndexError, r"^argsort: dimension -3 is out of range"),
    (lambda: torch.zeros(()).sort(1), IndexError, r"^sort: dimension 1 is out of range"),
    (lambda: x23.topk(4), ValueError, r"^topk: expected k from 0 to 3, the size of dimension 1, got 4$"),
    (lambda: x23.topk(-1, 0), ValueError, r"^topk: expected k from 0 to 2, .*, got -1$"),
    (lambda: x23.topk(2**62), ValueError, r"^topk: expected k from 0 to 3"),
    (lambda: x23.kthvalue(0), ValueError, r"^kthvalue: expected k from 1 to 3, .*, got 0$"),
    (lambda: x23.kthvalue(4), ValueError, r"^kthvalue: expected k from 1 to 3, .*, got 4$"),
    (lambda: x23.kthvalue(1, 5), IndexError, r"^kthvalue: dimension 5 is out of range"),
    (lambda: x23.median(3), IndexError, r"^median: dimension 3 is out of range"),
    (lambda: x23.mode(3), IndexError, r"^mode: dimension 3 is out of range"),
    (lambda: x23.partition(3), IndexError, r"^partition: kth = 3 is out of range for dimension 1 of size 3$"),
    (lambda: x23.argpartition(-4), IndexError, r"^argpartition: kth = -4 is out of range"),
    (lambda: torch.zeros(0).partition(0), IndexError, r"^partition: kth = 0 is out of range"),
    (lambda: x23.quantile(1.5), ValueError, r"^quantile: expected q from 0 to 1, got 1\.5$"),
    (lambda: x23.quantile(math.nan), ValueError, r"^quantile: expected q from 0 to 1, got nan$"),
    (lambda: x23.percentile(-1), ValueError, r"^percentile: expected q from 0 to 100, got -1"),
    (lambda: x23.quantile(x23), ValueError, r"^quantile: expected q to be a number or a vector, got"),
    (lambda: x23.quantile(0.5, 2), IndexError, r"^quantile: dimension 2 is out of range"),
    (lambda: x23.quantile(0.5, interpolation="cubic"), ValueError, r"^quantile: expected interpolation to be linear, lower, higher, midpoint or nearest, got another name$"),
    (lambda: x23.quantile(0.5, interpolation=3), ValueError, r"^quantile: expected interpolation to be .*, got int$"),
]  # fmt: skip


@pytest.mark.parametrize("row", ERRORS, ids=range(len(ERRORS)))
def test_errors(row):
    call, kind, text = row
    with pytest.raises(kind, match=text):
        call()
