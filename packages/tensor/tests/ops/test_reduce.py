"""Reductions: over all, one or several dimensions."""

import math
import re
import warnings

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, LARGE, array, drawer, dtype_of, layouts, same

# name: (reference, dtype of the result: "same" as the input, "wide": 64 bits for integers,
# "floating": float64 for integers, or "bool")
TABLE = {
    "sum": (np.sum, "wide"),
    "prod": (np.prod, "wide"),
    "amax": (np.max, "same"),
    "amin": (np.min, "same"),
    "any": (np.any, "bool"),
    "all": (np.all, "bool"),
    "mean": (np.mean, "floating"),
    "var": (lambda x, axis=None, **k: np.var(x, axis, ddof=1, **k), "floating"),
    "std": (lambda x, axis=None, **k: np.std(x, axis, ddof=1, **k), "floating"),
    "norm": (lambda x, axis=None, **k: np.sqrt(np.sum(x * x, axis, **k)), "floating"),
    "nansum": (np.nansum, "wide"),
    "nanmean": (np.nanmean, "floating"),
    "count_nonzero": (np.count_nonzero, "count"),
    "ptp": (np.ptp, "difference"),
    "logsumexp": (lambda x, axis=None, **k: np.log(np.sum(np.exp(x), axis, **k)), "floating"),
}
EXTREMES = ("amax", "amin", "ptp")
DIMS = [None, 0, -1, (0, -1), (1, 0), [0]]


def result_dtype(kind: str, dtype: str) -> str:
    if kind == "bool":
        return "bool"
    if kind == "count":
        return "int64"
    if kind == "difference" and dtype == "bool":
        return "int8"
    if kind in ("same", "difference") or dtype in FLOATS:
        return dtype
    return "int64" if kind == "wide" else "float64"


def expect(name: str, x: np.ndarray, dim, keepdim: bool) -> tuple[np.ndarray, str]:
    """The result in float64 (exact for integers) and its dtype."""
    f, kind = TABLE[name]
    result = result_dtype(kind, x.dtype.name)
    if kind == "wide" and x.dtype.name in INTEGERS:
        x = x.astype("int64")
    elif kind == "floating" or (kind == "wide" and x.dtype.name in FLOATS):
        x = x.astype(np.longdouble)
    elif kind == "wide":
        x = x.astype("int64")
    elif kind == "difference" and x.dtype == bool:
        x = x.astype("int8")
    axis = tuple(dim) if isinstance(dim, list) else dim
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's about means of nothing
        return np.asarray(f(x, axis=axis, keepdims=keepdim)), result


def close(actual: np.ndarray, expected: np.ndarray, dtype: str) -> bool:
    """Small inputs: a handful of roundings."""
    if dtype not in FLOATS:
        return np.array_equal(actual, expected)
    eps = float(np.finfo(dtype).eps)
    return np.allclose(
        actual.astype(np.longdouble), expected, rtol=16 * eps, atol=16 * eps, equal_nan=True
    )


def reducible(shape: tuple, dim) -> bool:
    dims = range(len(shape)) if dim is None else [dim] if isinstance(dim, int) else dim
    return all(-len(shape) <= d < len(shape) for d in dims) and len(
        {d % len(shape) for d in dims}
    ) == len(list(dims))


def refuses_bools():
    """NumPy has no difference of bools, either."""
    with pytest.raises(TypeError, match="^ptp: not defined for BoolTensor"):
        torch.ones(3, dtype=torch.bool).ptp()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TABLE)
def test_every_layout_and_dimension(name, dtype, device, rng):
    if name == "ptp" and dtype == "bool":
        return refuses_bools()
    draw = drawer(rng, dtype, 0.5 if dtype in FLOATS else -2, 2)
    for layout, x in layouts(draw, device):
        before = array(x)
        for dim in DIMS:
            if not reducible(tuple(x.shape), dim):
                continue
            for keepdim in (False, True):
                what = f"{layout}, dim={dim}, keepdim={keepdim}"
                full = dim is None and not keepdim
                if name in EXTREMES and not before.size:
                    try:
                        expect(name, before, dim, keepdim)
                    except ValueError:
                        with pytest.raises(ValueError, match=f"^{name}: expected at least one"):
                            getattr(torch, name)(x, dim, keepdim)
                        continue
                exact, result = expect(name, before, dim, keepdim)
                arguments = () if full else (dim, keepdim)
                if name == "norm" and not full:
                    arguments = (2, dim, keepdim)
                actual = getattr(torch, name)(x, *arguments)
                if exact.ndim == 0:
                    # the type follows the dtype
                    kinds = {"bool": bool, "float32": float, "float64": float}
                    assert type(actual) is kinds.get(result, int), what
                    actual_array = np.asarray(actual)
                else:
                    assert torch.is_tensor(actual), what
                    assert actual.dtype == dtype_of(result), what
                    assert tuple(actual.shape) == exact.shape, what
                    actual_array = array(actual)
                assert close(actual_array, exact, result), f"{what}: {actual_array}, not {exact}"
                assert same(getattr(x, name)(*arguments), actual), what
                out = torch.empty(0, dtype=dtype_of(result))
                assert getattr(torch, name)(x, *arguments, out=out) is out, what
                assert tuple(out.shape) == exact.shape, what
                assert close(array(out), exact, result), what
        assert same(x, before), f"{layout}: the input was changed"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["sum", "prod", "any", "all", "mean", "var", "std", "norm"])
def test_all_forms_of_autograd(name, dtype, rng):
    x = torch.tensor(drawer(rng, dtype, 0.5, 2)((4, 3)))
    result = getattr(torch._C, f"{name}_all")(x)
    assert result.shape == (1,)
    assert result.dtype == dtype_of(result_dtype(TABLE[name][1], dtype))
    assert result[0] == getattr(x, name)()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["max", "min"])
def test_max_and_min_as_tensors(name, dtype, rng):
    x = torch.tensor(drawer(rng, dtype, -5, 5)((4, 3)))
    result = getattr(torch._C, f"{name}_all")(x)
    assert result.shape == (1,)
    assert result.dtype == x.dtype
    assert result[0] == getattr(x, name)()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["max", "min"])
def test_values_with_indices(name, dtype, device, rng):
    draw = drawer(rng, dtype, -5, 5)
    f, position = (np.max, np.argmax) if name == "max" else (np.min, np.argmin)
    for layout, x in layouts(draw, device):
        a = array(x)
        if not a.size:
            continue
        assert getattr(x, name)() == f(a), layout
        assert getattr(torch, f"arg{name}")(x) == position(a), layout
        for dim in range(-a.ndim, a.ndim):
            for keepdim in (False, True):
                values, indices = getattr(torch, name)(x, dim, keepdim)
                expected, where = f(a, dim, keepdims=keepdim), position(a, dim, keepdims=keepdim)
                assert same(values, expected) or values == expected, layout
                assert np.array_equal(array(indices), where), layout
                if expected.ndim:
                    assert values.dtype == x.dtype
                    assert indices.dtype == torch.int64
                assert same(getattr(x, f"arg{name}")(dim, keepdim), indices), layout


@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_wins_with_its_first_index(dtype):
    nan = math.nan
    x = torch.tensor(
        [[1.0, nan, 3, nan], [5, 2, 7, 7], [nan, nan, nan, nan]], dtype=dtype_of(dtype)
    )
    for f, expected in ((torch.max, [nan, 7, nan]), (torch.min, [nan, 2, nan])):
        values, indices = f(x, 1)
        assert same(values, np.array(expected, dtype))
        assert indices.tolist() == [1, 2 if f is torch.max else 1, 0]
        assert math.isnan(f(x))
    assert torch.argmax(x) == 1
    assert same(x.amax(0), np.array([nan] * 4, dtype))
    for position in (0, 17, 4000):
        y = torch.zeros(5000, dtype=dtype_of(dtype))
        y[position] = nan
        assert math.isnan(y.max())
        assert math.isnan(y.min())
        assert y.argmax() == position


def test_two_tensors():
    x, y = torch.tensor([1.0, 5.0]), torch.tensor([3.0, 2.0])
    assert torch.max(x, y).tolist() == [3, 5]
    assert x.min(y).tolist() == [1, 2]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_sums_and_products_of_integers_do_not_wrap(dtype):
    info = np.iinfo(dtype)
    x = torch.full((1000,), min(info.max, 2**50), dtype=dtype_of(dtype))
    assert x.sum() == 1000 * min(info.max, 2**50)
    assert torch.full((9,), 100, dtype=dtype_of(dtype)).prod() == 100**9
    assert torch.ones(70000, dtype=torch.bool).sum() == 70000


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TABLE)
def test_large_tensors(name, dtype, rng):
    """Past the parallel threshold: along rows, along columns, over all."""
    if name == "ptp" and dtype == "bool":
        return refuses_bools()
    draw = drawer(rng, dtype, 0.5 if dtype in FLOATS else -2, 2)
    if name == "prod" and dtype in FLOATS:
        draw = drawer(rng, dtype, 0.99, 1.01)
    shapes = {None: (LARGE,), 0: (331, 301), 1: (331, 301), -2: (3, 401, 83), (0, 2): (7, 300, 50)}
    for dim, shape in shapes.items():
        x = torch.tensor(draw(shape))
        arguments = () if dim is None else (2, dim) if name == "norm" else (dim,)
        exact, result = expect(name, array(x), dim, False)
        actual = np.asarray(getattr(x, name)(*arguments))
        if result not in FLOATS:
            assert np.array_equal(actual, exact), dim
            continue
        if name == "ptp":
            assert np.array_equal(actual, exact), dim
            continue
        # numbers of one sign, summed at most 32 at a time and in double above
        bound = 40 * float(np.finfo(result).eps)
        if name == "prod":  # one rounding per factor
            bound *= x.numel() // max(1, exact.size)
        assert np.allclose(actual.astype(np.longdouble), exact, rtol=bound, atol=0), dim


ORDERS = {
    "uniform": lambda rng, n: rng.random(n),
    "normal": lambda rng, n: rng.standard_normal(n),
    "alternating": lambda rng, n: rng.random(n) * np.resize([1, -1], n),
    "growing": lambda rng, n: np.linspace(1e-3, 1e3, n) * rng.random(n),
    "magnitudes": lambda rng, n: rng.standard_normal(n) * np.exp(rng.uniform(-30, 30, n)),
    "large mean": lambda rng, n: rng.standard_normal(n) + 1e6,
}
LAYOUTS = {  # of a vector, and how it is summed
    "contiguous": (lambda x: x, lambda x: x.sum()),
    "strided": (lambda x: np.repeat(x, 2)[::2], lambda x: x.sum()),
    "row": (lambda x: np.stack([x, x]), lambda x: x.sum(1)[0]),
    "column": (lambda x: np.ascontiguousarray(np.stack([x] * 40, 1)), lambda x: x.sum(0)[0]),
    "narrow column": (lambda x: np.ascontiguousarray(np.stack([x, x], 1)), lambda x: x.sum(0)[0]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("dtype", FLOATS)
def test_error_of_sums_is_not_above_numpys(dtype, order, layout, rng):
    """Measured against the exact sum, on inputs that cancel, grow or lie far from zero."""
    lay, total = LAYOUTS[layout]
    ours, numpys = [], []
    for n in (100, 1000, 4097, 30001):
        for _ in range(4):
            x = ORDERS[order](rng, n).astype(dtype)
            exact = math.fsum(x.tolist())
            scale = float(np.abs(x).sum(dtype=np.float64))
            a = lay(x)
            ours.append(abs(float(total(torch.from_numpy(a))) - exact) / scale)
            numpys.append(abs(float(total(a)) - exact) / scale)
    eps = float(np.finfo(dtype).eps)
    # the rounding of the result itself makes up to eps / 2
    assert np.mean(ours) <= np.mean(numpys) + eps / 32
    assert max(ours) <= max(numpys) + eps / 2


def test_float64_is_computed_in_double():
    # computed in double, not in float: 1 + 1e-12 is not 1
    x = torch.tensor([1.0, 1e-12], dtype=torch.float64)
    assert x.sum() == 1 + 1e-12
    assert x.mean() == (1 + 1e-12) / 2
    assert x.view(2, 1).expand(2, 3).sum(0).tolist() == [1 + 1e-12] * 3
    y = torch.tensor([3.0, 4e-8], dtype=torch.float64)
    assert y.norm(1) == 3 + 4e-8


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(3000,), (5,), (33,), (1025,), (70000,), (2000, 3), (2000, 300)])
def test_variance_is_stable(dtype, shape, rng):
    """A large mean does not cancel the digits of a small variance."""
    mean, tolerance = (1e4, 1e-6) if dtype == "float32" else (1e8, 1e-13)
    x = (rng.standard_normal(shape) + mean).astype(dtype)
    exact = x.astype(np.longdouble)
    t = torch.from_numpy(x)
    for dim in (None, *range(len(shape))):
        expected = np.var(exact, axis=dim, ddof=1).astype(float)
        actual = np.asarray(t.var() if dim is None else t.var(dim), float)
        assert np.allclose(actual, expected, rtol=tolerance, atol=0), dim
        deviation, average = torch.std_mean(t, dim) if dim is not None else torch.std_mean(t)
        assert np.allclose(np.asarray(deviation, float), np.sqrt(expected), rtol=tolerance)
        expected_mean = np.mean(exact, axis=dim).astype(float)
        eps = float(np.finfo(dtype).eps)
        assert np.allclose(np.asarray(average, float), expected_mean, rtol=2 * eps, atol=0)


def test_variance_of_strange_inputs():
    inf, nan = math.inf, math.nan
    for x in ([1.0, inf], [1.0, nan], [inf, inf], [-inf, inf, 0.0] * 40):
        assert math.isnan(torch.tensor(x).var())
        assert math.isnan(torch.tensor([x, x]).var(1)[0])
        assert math.isnan(torch.tensor([x] * 4).t().contiguous().var(0)[0])
    assert torch.full((1000,), 3e38).var() == 0
    assert torch.full((1000, 20), 3e38).var(0).tolist() == [0] * 20
    outlier = torch.zeros(4096)
    outlier[0] = 1e6
    assert outlier.var() == pytest.approx(1e12 / 4096, rel=1e-6)
    assert torch.arange(7).var() == pytest.approx(28 / 6)
    assert torch.tensor([True, False]).var() == 0.5
    drift = torch.arange(10**6, dtype=torch.float32)
    assert drift.var() == pytest.approx(10**6 * (10**6 + 1) / 12, rel=1e-6)


def test_variance_divisor():
    x = torch.tensor([1.0, 2.0, 3.0, 6.0])
    assert x.var() == pytest.approx(14 / 3)
    assert x.var(unbiased=False) == pytest.approx(14 / 4)
    assert torch.std(x, unbiased=False) == pytest.approx(math.sqrt(14 / 4))
    assert x.view(2, 2).var(1).tolist() == pytest.approx([0.5, 4.5])
    assert x.view(2, 2).std(1, True, False).shape == (2, 1)
    assert math.isnan(torch.ones(1).var())
    assert math.isnan(torch.ones(0).var())
    assert torch.ones(1).var(unbiased=False) == 0
    assert torch._C.var_all(x, False)[0] == pytest.approx(14 / 4)
    for correction in (0, 1, 2, 1.5):
        expected = 14 / (4 - correction)
        assert x.var(correction=correction) == pytest.approx(expected)
        assert x.var(ddof=correction) == pytest.approx(expected)
        assert torch.var_mean(x, correction=correction) == pytest.approx((expected, 3))
    assert x.std(correction=4) == math.inf
    assert x.var(correction=9) == math.inf
    out = torch.empty(2), torch.empty(2)
    torch.var_mean(x.view(2, 2), 1, out=out)
    assert [t.tolist() for t in out] == [[0.5, 4.5], [1.5, 4.5]]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, -1, -2.5, math.inf, -math.inf])
def test_norms(p, dtype, rng):
    x = rng.standard_normal((6, 5)).astype(dtype)
    x[2, 3] = 0
    wide = np.abs(x.astype(np.longdouble))

    def norm(a, axis):
        if p == 0:
            return (a != 0).sum(axis)
        if math.isinf(p):
            return a.max(axis) if p > 0 else a.min(axis)
        with np.errstate(divide="ignore"):
            return (a**p).sum(axis) ** (1 / np.longdouble(p))

    eps = float(np.finfo(dtype).eps)
    t = torch.tensor(x)
    assert t.norm(p) == pytest.approx(float(norm(wide, None)), rel=40 * eps)
    assert torch._C.norm_all(t, p)[0] == t.norm(p)
    for dim in (0, 1):
        expected = norm(wide, dim).astype(float)
        assert np.allclose(array(t.norm(p, dim)), expected, rtol=40 * eps)
    assert t.norm(p, 1, True).shape == (6, 1)


def test_empty_inputs():
    x = torch.zeros(2, 0)
    assert x.sum() == 0
    assert x.prod() == 1
    assert x.any() is False
    assert x.all() is True
    assert math.isnan(x.mean())
    assert x.sum(1).tolist() == [0, 0]
    assert x.prod(1).tolist() == [1, 1]
    assert same(x.mean(1), np.array([math.nan] * 2, "float32"))
    assert x.sum(0).shape == (0,)
    assert x.amax(0).shape == (0,)
    assert x.norm() == 0


def test_norms_of_strange_inputs():
    nan, inf = math.nan, math.inf
    assert torch.tensor([3e30, 4e30]).norm() == pytest.approx(5e30)
    assert torch.tensor([3e-30, 4e-30]).norm() == pytest.approx(5e-30)
    for p in (0.5, 1, 2, 3, inf, -inf):
        assert math.isnan(torch.tensor([1.0, nan]).norm(p))
        assert math.isnan(torch.tensor([1.0, nan] * 20).norm(p))
    assert torch.tensor([1.0, nan, 0]).norm(0) == 2
    assert torch.tensor([1.0, -inf]).norm(inf) == inf
    assert torch.tensor([-2, 2]).norm(inf) == 2
    assert torch.tensor([0.0, 2.0]).norm(-1) == 0
    assert torch.ones(0).norm(1) == 0
    for p in (inf, -inf):
        with pytest.raises(ValueError, match=r"^norm: expected at least one element to reduce"):
            torch.ones(0).norm(p)


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtype_of_the_result(dtype, rng):
    a = drawer(rng, dtype, 0, 3)((5, 4))
    x = torch.tensor(a)
    for name in ("sum", "prod", "mean", "nansum"):
        for to in ("float32", "float64", *(["int32", "uint8"] if name != "mean" else [])):
            expected = getattr(np, name)(a.astype(to), 0, dtype=to)
            result = getattr(x, name)(0, dtype=dtype_of(to))
            assert result.dtype == dtype_of(to)
            assert np.allclose(array(result), expected), (name, to)
    assert x.sum(dtype=torch.bool) is True
    with pytest.raises(TypeError, match=r"^mean: expected a floating dtype, got LongTensor$"):
        x.mean(dtype=torch.int64)
    total = torch.tensor([2.0**24, 1, 1]).sum(dtype=torch.float64)
    assert total == 2**24 + 2


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", [*TABLE, "max", "min", "argmax", "argmin"])
def test_halves_are_rounded_once(name, dtype, rng):
    """The same as in float32, and then rounded."""
    x = torch.tensor(rng.uniform(0.5, 2, (37, 41)), dtype=dtype_of(dtype))
    if name == "prod":
        x = x[:5, :5]
    wide = x.float()
    for dim in (0, 1):
        arguments = (2, dim) if name == "norm" else (dim,)
        result = getattr(x, name)(*arguments)
        expected = getattr(wide, name)(*arguments)
        if name in ("max", "min"):
            assert torch.equal(result.indices, expected.indices)
            result, expected = result.values, expected.values
        kinds = {"bool": "bool", "count": "int64"}
        kind = TABLE[name][1] if name in TABLE else "count" if name.startswith("arg") else "same"
        assert result.dtype == dtype_of(kinds.get(kind, dtype)), name
        if name == "ptp":  # a difference of two halves, rounded
            expected = wide.amax(dim) - wide.amin(dim)
        assert torch.equal(result.double(), expected.to(result.dtype).double())
    assert torch.ones(4000, dtype=dtype_of(dtype)).sum() == 4000
    assert torch.ones(4096, dtype=dtype_of(dtype)).mean() == 1


@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_over_several_dimensions(name, rng):
    x = torch.tensor(rng.standard_normal((4, 5, 3)))
    f, a = getattr(np, name), array(x)
    assert same(getattr(x, name)((0, 2)), f(a, (0, 2)))
    assert same(getattr(torch, name)(x, axis=(-1, 1), keepdims=True), f(a, (1, 2), keepdims=True))
    assert same(getattr(x, name)(keepdim=True), f(a, keepdims=True))
    assert getattr(x, name)((0, 1, 2)) == f(a)


def test_positions_keep_dimensions(rng):
    x = torch.tensor(rng.standard_normal((4, 5, 3)))
    a = array(x)
    for name in ("argmax", "argmin"):
        f = getattr(torch, name)
        assert f(x, keepdim=True).tolist() == getattr(np, name)(a, keepdims=True).tolist()
        assert f(x, None) == getattr(np, name)(a)
        out = torch.empty(0, dtype=torch.int64)
        assert f(x, 1, True, out=out) is out
        assert np.array_equal(array(out), getattr(np, name)(a, 1, keepdims=True))
        assert f(x, out=out.resize_(0)).shape == ()
    assert torch.tensor(3).argmax() == 0
    assert torch.tensor(3).argmax(keepdim=True) == 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["max", "min"])
def test_positions_in_large_tensors(name, dtype, rng):
    """Blocks, strips and parts agree with NumPy about the first of equal elements."""
    a = drawer(rng, dtype, -100, 100)((LARGE,))
    shapes = [((LARGE,), 0), ((331, 297), 0), ((331, 297), 1), ((3, 32768), 1), ((LARGE, 1), 0),
              ((LARGE // 7, 7), 0), ((11, 19, 470), 1)]  # fmt: skip
    for shape, dim in shapes:
        part = a[: math.prod(shape)].reshape(shape)
        for view in (part, part[::-1], part.astype(dtype)[..., ::2]):
            x = torch.from_numpy(view)
            values, indices = getattr(x, name)(dim, True)
            expected = getattr(np, "arg" + name)(view, dim, keepdims=True)
            assert np.array_equal(array(indices), expected), (shape, dim)
            assert np.array_equal(array(values), np.take_along_axis(view, expected, dim))


@pytest.mark.parametrize("position", [0, 15, 16, 1000, 1023, 1024, 70000, 99999])
def test_the_first_nan_is_found_in_any_block(position):
    x = torch.zeros(100000)
    x[position] = math.nan
    x[99999] = math.nan
    assert x.argmax() == x.argmin() == position
    assert x.view(-1, 10).max(0).indices[position % 10] == position // 10
    assert math.isnan(x.amax())
    assert math.isnan(x.view(-1, 10).amin(0)[position % 10])
    assert x.nansum() == 0
    assert x.nanmean() == 0


def test_nan_is_left_out_of_sums():
    nan = math.nan
    x = torch.tensor([[1.0, nan, 3.0], [nan, nan, nan]])
    assert x.nansum(1).tolist() == [4, 0]
    assert same(x.nanmean(1), np.array([2, nan], "float32"))
    assert same(x.nanmean(0, True), np.array([[1, nan, 3]], "float32"))
    assert x.nansum() == 4
    assert torch.tensor([1, 2]).nanmean() == 1.5


def test_logsumexp_of_strange_inputs():
    inf, nan = math.inf, math.nan
    f = torch.logsumexp
    x = torch.tensor(
        [[1000.0, 1000], [-1000, -1000], [-inf, -inf], [inf, 1], [inf, -inf], [nan, 1]]
    )
    two = math.log(2)
    expected = [1000 + two, -1000 + two, -inf, inf, inf, nan]
    assert f(x, 1).tolist() == pytest.approx(expected, nan_ok=True)
    assert f(torch.ones(0)) == -inf
    assert f(torch.ones(2, 0), 1).tolist() == [-inf, -inf]
    assert f(torch.zeros(3, 2), (0, 1), True).tolist() == [[pytest.approx(math.log(6))]]
    assert f(torch.zeros(2, dtype=torch.int64)) == pytest.approx(two)


@pytest.mark.parametrize("dtype", DTYPES)
def test_aminmax(dtype, rng):
    x = torch.tensor(drawer(rng, dtype, -9, 9)((4, 5)))
    lo, hi = torch.aminmax(x)
    assert (lo, hi) == (x.amin(), x.amax())
    both = x.aminmax(dim=1, keepdim=True)
    assert torch.equal(both.min, x.amin(1, True))
    assert torch.equal(both.max, x.amax(1, True))
    out = torch.empty(0, dtype=x.dtype), torch.empty(0, dtype=x.dtype)
    torch.aminmax(x, 0, out=out)
    assert torch.equal(out[0], x.amin(0))
    with pytest.raises(ValueError, match=r"^aminmax: expected at least one element to reduce"):
        torch.ones(0).aminmax()


def test_dist(rng):
    a, b = rng.standard_normal((4, 5)), rng.standard_normal(5)
    x, y = torch.tensor(a), torch.tensor(b)
    assert x.dist(y) == pytest.approx(np.linalg.norm(a - b))
    assert torch.dist(x, y, 1) == pytest.approx(np.abs(a - b).sum())
    assert x.dist(y, math.inf) == pytest.approx(np.abs(a - b).max())
    small = torch.tensor([1], dtype=torch.uint8)
    assert small.dist(torch.tensor([3], dtype=torch.uint8)) == 2
    with pytest.raises(ValueError, match=r"^sub: sizes .* do not broadcast"):
        x.dist(torch.ones(3))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", *FLOATS])
def test_renorm(dtype, rng):
    x = torch.tensor(rng.standard_normal((4, 3, 5)), dtype=dtype_of(dtype))
    wide = np.asarray(x.double())
    for p in (1, 2, 3.5, math.inf):
        for dim in (0, 1, -1):
            others = tuple(d for d in range(3) if d != dim % 3)
            norms = (
                np.abs(wide).max(others, keepdims=True)
                if math.isinf(p)
                else (np.abs(wide) ** p).sum(others, keepdims=True) ** (1 / p)
            )
            expected = wide * np.where(norms > 2, 2 / norms, 1)
            result = x.renorm(p, dim, 2)
            assert result.dtype == x.dtype
            tolerance = {"float16": 2e-3, "bfloat16": 2e-2}.get(dtype, 1e-6)
            assert np.allclose(np.asarray(result.double()), expected, rtol=tolerance, atol=1e-6)
            out = torch.empty(0, dtype=x.dtype)
            assert torch.equal(torch.renorm(x, p, dim, 2, out=out), result)
            y = x.clone()
            assert y.renorm_(p, dim, 2) is y
            assert torch.equal(y, result)
    assert torch.tensor([3.0, -0.5]).renorm(2, 0, 1).tolist() == pytest.approx([1, -0.5])
    assert torch.ones(0, 2).renorm(2, 0, 1).shape == (0, 2)
    assert torch.ones(2, 0).renorm(2, 0, 1).shape == (2, 0)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda x: torch.arange(3).renorm(2, 0, 1),
            TypeError,
            "renorm: expected a floating tensor",
        ),
        (lambda x: x.renorm(0, 0, 1), ValueError, "renorm: expected p above 0, got 0"),
        (lambda x: x.renorm(math.nan, 0, 1), ValueError, "renorm: expected p above 0, got nan"),
        (
            lambda x: x.renorm(2, 0, -1),
            ValueError,
            "renorm: expected a maxnorm of 0 or more, got -1",
        ),
        (lambda x: x.renorm(2, 2, 1), IndexError, "renorm: dimension 2 is out of range"),
        (lambda x: x.expand(2, 2, 3).renorm_(2, 0, 1), RuntimeError, "renorm_: cannot write to an"),
        (lambda x: x.sum((0, 0)), ValueError, "sum: dimension 0 is repeated in (0, 0)"),
        (lambda x: x.var((0, 2)), IndexError, "var: dimension 2 is out of range"),
        (lambda x: x.argmax(2), IndexError, "argmax: dimension 2 is out of range"),
        (lambda x: torch.ones(0).argmax(), ValueError, "argmax: expected at least one element"),
        (
            lambda x: x[:, :0].max(1),
            ValueError,
            "max: expected at least one element in dimension 1",
        ),
        (lambda x: torch.ones(0).ptp(), ValueError, "ptp: expected at least one element"),
        (lambda x: torch.sum(x, out=torch.arange(2)), TypeError, "sum: cannot store a FloatTensor"),
        (lambda x: torch.argmax(x, 0, out=torch.ones(2)), ValueError, "argmax: expected an output"),
        (lambda x: torch.var(x, 0, out=torch.ones(1).expand(3)), RuntimeError, "var: cannot write"),
        (
            lambda x: torch.tensor(1.0).sum(0),
            IndexError,
            "sum: dimension 0 given for a tensor without",
        ),
    ],
)
def test_mistakes(call, error, text):
    with pytest.raises(error, match="^" + re.escape(text)):
        call(torch.ones(2, 3))


def test_reductions_write_over_their_input():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    torch.sum(x, 0, out=x[0])
    assert x.tolist() == [[4, 6], [3, 4]]
    torch.cumsum(x, 1, out=x)
    assert x.tolist() == [[4, 10], [3, 7]]


@pytest.mark.parametrize("width", [1, 2, 3, 7, 100, 255, 256, 257, 600])
@pytest.mark.parametrize("rows", [1, 3, 4, 16, 17, 1000, 70001])
def test_narrow_and_wide_columns(width, rows, rng):
    """Strips, folded rows, parts and what is left over."""
    if rows * width > 10**6:
        rows = 10**6 // width
    a = rng.integers(-1000, 1000, (rows, width)).astype("float32")
    x = torch.tensor(a)
    assert np.array_equal(array(x.sum(0)), a.sum(0, dtype=np.float64).astype("float32"))
    assert np.array_equal(array(x.amax(0)), a.max(0))
    assert np.array_equal(array(x.argmin(0)), a.argmin(0))
    variance = a.astype(np.float64).var(0)
    assert np.allclose(array(x.var(0, correction=0)), variance, rtol=1e-5, atol=1e-3)
    assert np.array_equal(array(x.t().sum(1)), array(x.sum(0)))
    assert np.array_equal(array(x.t().contiguous().sum(1)), array(x.sum(0)))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_do_not_depend_on_threads(threads, rng):
    x = torch.tensor(rng.standard_normal(300001).astype("float32"))
    y = x[:300000].view(-1, 3)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        expected = [x.sum(), x.var(), x.norm(), y.sum(0), y.var(0), x.cumsum(0), y.cumsum(0)]
        torch.set_num_threads(threads)
        actual = [x.sum(), x.var(), x.norm(), y.sum(0), y.var(0), x.cumsum(0), y.cumsum(0)]
    finally:
        torch.set_num_threads(before)
    assert all(same(a, e) for a, e in zip(actual, expected, strict=True))


def test_keywords():
    x = torch.ones(2, 3)
    assert x.sum(dim=1, keepdim=True).shape == (2, 1)
    assert torch.sum(x, axis=0, keepdims=True).shape == (1, 3)
    assert x.mean(dim=[0, 1]) == 1
    assert x.max(dim=1)[1].tolist() == [0, 0]
