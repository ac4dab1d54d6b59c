"""Reductions: over all, one or several dimensions."""

import math

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
}
DIMS = [None, 0, -1, (0, -1), (1, 0), [0]]


def result_dtype(kind: str, dtype: str) -> str:
    if kind == "bool":
        return "bool"
    if kind == "same" or dtype in FLOATS:
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
    axis = tuple(dim) if isinstance(dim, list) else dim
    with np.errstate(all="ignore"):
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


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", TABLE)
def test_every_layout_and_dimension(name, dtype, device, rng):
    draw = drawer(rng, dtype, 0.5 if dtype in FLOATS else -2, 2)
    for layout, x in layouts(draw, device):
        before = array(x)
        for dim in DIMS:
            if not reducible(tuple(x.shape), dim):
                continue
            for keepdim in (False, True):
                what = f"{layout}, dim={dim}, keepdim={keepdim}"
                full = dim is None and not keepdim
                if name in ("amax", "amin") and not before.size:
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
@pytest.mark.parametrize("name", [name for name in TABLE if name not in ("amax", "amin")])
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
        # numbers of one sign, summed 32 at a time and in double above: about 32 roundings
        bound = 40 * float(np.finfo(result).eps)
        if name == "prod":  # one rounding per factor
            bound *= x.numel() // max(1, exact.size)
        assert np.allclose(actual.astype(np.longdouble), exact, rtol=bound, atol=0), dim


@pytest.mark.parametrize("order", ["uniform", "normal", "alternating", "growing"])
def test_error_of_float32_sums_is_not_above_numpys(order, rng):
    ours, numpys = [], []
    for n in (1000, 4097, 65536, 300001):
        for _ in range(5):
            x = {
                "uniform": lambda n: rng.random(n),
                "normal": lambda n: rng.standard_normal(n),
                "alternating": lambda n: rng.random(n) * np.resize([1, -1], n),
                "growing": lambda n: np.linspace(1e-3, 1e3, n) * rng.random(n),
            }[order](n).astype(np.float32)
            exact = math.fsum(x.tolist())
            scale = float(np.abs(x).sum(dtype=np.float64))
            ours.append(abs(torch.tensor(x).sum() - exact) / scale)
            numpys.append(abs(float(x.sum()) - exact) / scale)
    assert np.mean(ours) <= np.mean(numpys)
    assert max(ours) <= max(numpys)


def test_error_of_float64_sums(rng):
    x = rng.standard_normal(300001)
    exact = math.fsum(x.tolist())
    assert abs(torch.tensor(x).sum() - exact) <= 1e-16 * np.abs(x).sum() * 40
    # computed in double, not in float: 1 + 1e-12 is not 1
    assert torch.tensor([1.0, 1e-12], dtype=torch.float64).sum() == 1 + 1e-12
    assert torch.tensor([1.0, 1e-12], dtype=torch.float64).mean() == (1 + 1e-12) / 2


@pytest.mark.parametrize("dtype", FLOATS)
def test_variance_is_stable(dtype, rng):
    """A large mean does not cancel the digits of a small variance."""
    x = (rng.standard_normal((2000, 3)) * 4 + 1e4).astype(dtype)
    exact = np.var(x.astype(np.longdouble), axis=0, ddof=1)
    tolerance = 1e-6 if dtype == "float32" else 1e-13
    assert np.allclose(array(torch.tensor(x).var(0)), exact.astype(float), rtol=tolerance)
    whole = float(np.var(x.astype(np.longdouble), ddof=1))
    assert torch.tensor(x).var() == pytest.approx(whole, rel=tolerance)


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


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, math.inf, -math.inf])
def test_norms(p, dtype, rng):
    x = rng.standard_normal((6, 5)).astype(dtype)
    x[2, 3] = 0
    wide = np.abs(x.astype(np.longdouble))

    def norm(a, axis):
        if p == 0:
            return (a != 0).sum(axis)
        if math.isinf(p):
            return a.max(axis) if p > 0 else a.min(axis)
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


def test_keywords():
    x = torch.ones(2, 3)
    assert x.sum(dim=1, keepdim=True).shape == (2, 1)
    assert torch.sum(x, axis=0, keepdims=True).shape == (1, 3)
    assert x.mean(dim=[0, 1]) == 1
    assert x.max(dim=1)[1].tolist() == [0, 0]
