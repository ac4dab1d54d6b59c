"""Element-wise operations of one input: the rows of unary.def."""

import numpy as np
import pytest
import torch
from harness import (
    EVERY_DTYPE,
    FLOATS,
    HALVES,
    LARGE,
    LARGEST,
    ROWS,
    TYPE_NAMES,
    allowed_ulp,
    array,
    check,
    check_forms,
    check_large,
    drawer,
    large,
    layouts,
    on,
    row_id,
    same,
    tensor_of,
    to_nearest,
    ulp_error,
)
from references import LIMITED, UNARY, WIDER


def reference(row: dict, dtype: str, x: np.ndarray) -> tuple[np.ndarray, str]:
    """The exact result for an array of this dtype, and the dtype it has."""
    f = UNARY[row["name"]]
    with np.errstate(all="ignore"):
        if row["domain"] == "predicate":
            return np.asarray(f(x)), "bool"
        if row["domain"] == "floating" and dtype not in WIDER:
            dtype = "float64"  # for every integer dtype and bool
        if dtype in WIDER:
            if dtype in FLOATS:
                x = x.astype(dtype)
            return np.asarray(f(x.astype(WIDER[dtype]))).reshape(x.shape), dtype
        return (x if row["domain"] == "rounding" else np.asarray(f(x))), dtype


def refused(row: dict, dtype: str) -> bool:
    domain = row["domain"]
    return (domain == "arithmetic" and dtype == "bool") or (domain == "bits" and dtype in WIDER)


def test_every_row_has_a_reference():
    assert {row["name"] for row in ROWS["unary"]} == set(UNARY)


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("row", ROWS["unary"], ids=row_id)
def test_every_layout_and_form(row, dtype, device, rng):
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    if refused(row, dtype):
        with pytest.raises(TypeError, match=f"^{row['name']}: .*{TYPE_NAMES[dtype]}Tensor"):
            getattr(torch, row["name"])(on(device, tensor_of(draw((3,)), dtype)))
        return
    for layout, x in layouts(draw, device):
        exact, result = reference(row, dtype, array(x))
        try:
            in_place = row["domain"] != "predicate"
            check_forms(row["name"], [x], exact, result, allowed_ulp(row, result), in_place)
        except AssertionError as error:
            raise AssertionError(f"{layout}: {error}") from error


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("row", ROWS["unary"], ids=row_id)
def test_accuracy_of_large_tensors(row, dtype, device, rng):
    if refused(row, dtype):
        return

    def exact(x):
        result, name = reference(row, dtype, x)
        return result, name, allowed_ulp(row, name)

    for layout, x in large(drawer(rng, dtype, row["lo"], row["hi"]), device):
        check_large(getattr(torch, row["name"]), [x], exact, layout)


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
@pytest.mark.parametrize("row", ROWS["unary"], ids=row_id)
def test_body_and_tail_of_the_vector_loop_agree(row, dtype, rng):
    if refused(row, dtype):
        return
    f = getattr(torch, row["name"])
    x = tensor_of(drawer(rng, dtype, row["lo"], row["hi"])((200,)), dtype)
    y = array(f(x))
    for n in range(1, 68):
        assert np.array_equal(array(f(x[:n])), y[:n]), n
        assert np.array_equal(array(f(x[n : 2 * n])), y[n : 2 * n]), n
    assert np.array_equal(array(f(x[::3])), y[::3])


def special_values(dtype: str) -> np.ndarray:
    if dtype == "bfloat16":
        tiny, eps, largest = [2.0**-133, 2.0**-126, 2.0**-126 * 0.75], 2.0**-7, LARGEST[dtype]
    else:
        info = np.finfo(dtype)
        tiny = [info.smallest_subnormal, info.smallest_normal, info.smallest_normal * 0.75]
        eps, largest = info.eps, info.max
    values = [0.0, *tiny, 0.5, 1.0, 1.5, 2.5, eps, largest, np.inf]
    stored = "float32" if dtype == "bfloat16" else dtype
    return np.array([*values, *(-v for v in values), np.nan], dtype=stored)


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
@pytest.mark.parametrize("row", [r for r in ROWS["unary"] if r["domain"] != "bits"], ids=row_id)
def test_special_values(row, dtype, device):
    values = special_values(dtype)
    if row["name"] in LIMITED:
        values = values[~(values < 0)]
    exact, result = reference(row, dtype, values)
    for repeat in (1, 5):  # alone in the tail, and in the body of the vector loop
        x = on(device, tensor_of(np.tile(values, repeat), dtype))
        actual = array(getattr(torch, row["name"])(x))[-len(values) :]
        if result == "bool":
            assert np.array_equal(actual, exact)
            continue
        with np.errstate(all="ignore"):
            rounded = to_nearest(exact, dtype)
        assert np.array_equal(np.isnan(actual), np.isnan(exact)), (values, actual)
        assert np.array_equal(np.isinf(actual), np.isinf(rounded)), (values, actual)
        error = ulp_error(actual, exact, dtype)
        worst = int(error.argmax())
        limit = max(allowed_ulp(row, dtype), 0.5) * (1 + 2**-10)
        assert error[worst] <= limit, (values[worst], actual[worst], exact[worst])
        zero = (rounded == 0) & ~np.isnan(values)
        signs = np.signbit(actual[zero]) == np.signbit(rounded[zero])
        assert signs.all(), f"sign of zero for {values[zero][~signs]}"


@pytest.mark.parametrize("name", ["abs", "neg", "sign", "square"])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64"])
def test_integers_wrap(name, dtype):
    info = np.iinfo(dtype)
    x = np.array([info.min, info.min + 1, 0, 1, info.max - 1, info.max], dtype=dtype)
    with np.errstate(all="ignore"):
        check(getattr(torch, name)(torch.tensor(x)), UNARY[name](x), dtype, 0)


@pytest.mark.parametrize("dtype", FLOATS)
def test_output_that_overlaps_the_input(dtype, rng):
    values = drawer(rng, dtype, -2, 2)((LARGE,))
    expected = array(torch.exp(torch.tensor(values)))
    x = torch.tensor(values)
    torch.exp(x[:-1], out=x[1:])
    assert np.array_equal(array(x)[1:], expected[:-1])
    x = torch.tensor(values)
    torch.exp(x[::-1], out=x)
    assert np.array_equal(array(x), expected[::-1])
    x = torch.tensor(values)
    torch.exp(x, out=x)
    assert np.array_equal(array(x), expected)


def test_operators():
    x = torch.tensor([-2, 3])
    assert (-x).tolist() == [2, -3]
    assert abs(x).tolist() == [2, 3]
    assert (~x).tolist() == [1, -4]
    assert (~torch.tensor([True, False])).tolist() == [False, True]
    assert (+x).tolist() == [-2, 3]


ALIASES = {
    "negative": "neg",
    "absolute": "abs",
    "fabs": "abs",
    "cinv": "reciprocal",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "radians": "deg2rad",
    "degrees": "rad2deg",
    "rint": "round",
    "fix": "trunc",
    "invert": "bitwise_not",
}


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases(alias):
    x = torch.tensor([3, 1]) if alias == "invert" else torch.tensor([0.25, 1.0])
    expected = getattr(torch, ALIASES[alias])(x)
    assert same(getattr(torch, alias)(x), expected)
    assert same(getattr(x, alias)(), expected)
    assert same(getattr(torch, alias)(x, out=torch.empty_like(x)), expected)
    y = x.clone()
    assert getattr(y, alias + "_")() is y
    assert same(y, expected)


@pytest.mark.parametrize(
    "name", ["sin", "cos", "tan", "sinh", "cosh", "asinh", "acosh", "exp", "exp2", "expm1"]
)
def test_magnitudes(name):
    """Far outside of the domain of the table."""
    x = np.array([1e3, -1e3, 700.3, -700.3, 1e15, 1e100, -1e300, 1.7e308, 5e-324, 1e-300])
    with np.errstate(all="ignore"):
        exact = UNARY[name](x.astype(np.longdouble))
        assert (ulp_error(array(getattr(torch, name)(torch.tensor(x))), exact) <= 2).all()
        y = x.astype(np.float32)
        exact = UNARY[name](y.astype(np.longdouble))
        assert (ulp_error(array(getattr(torch, name)(torch.tensor(y))), exact) <= 2).all()


def test_gamma_functions_of_negative_numbers():
    scipy = pytest.importorskip("scipy.special")
    x = np.array([-0.5, -1.5, -2.25, -7.125, -30.5, -0.001, -1e-9, -5e-17, -2e-18, -1e-200])
    assert np.allclose(array(torch.lgamma(torch.tensor(x))), scipy.gammaln(x), rtol=1e-13)
    assert np.allclose(array(torch.digamma(torch.tensor(x))), scipy.digamma(x), rtol=1e-13)
    poles = torch.tensor([0.0, -1.0, -2.0, -1e300, -float("inf")])
    assert torch.isposinf(torch.lgamma(poles)).all()
    assert array(torch.digamma(poles))[0] == -np.inf
    assert torch.isnan(torch.digamma(poles[1:])).all()


@pytest.mark.parametrize("dtype", HALVES)
def test_every_number_of_16_bits(dtype):
    """Conversions of all of them, and to them from the numbers in between."""
    bits = np.arange(65536, dtype=np.uint16)
    if dtype == "float16":
        wide = bits.view(np.float16).astype(np.float32)
        x = torch.tensor(bits.view(np.float16))
    else:
        wide = (bits.astype(np.uint32) << 16).view(np.float32)
        x = torch.tensor(wide).bfloat16()
    assert np.array_equal(array(x.float()), wide, equal_nan=True)
    with np.errstate(invalid="ignore"):  # NumPy's about signaling NaN
        assert np.array_equal(array(x.double()), wide.astype(np.float64), equal_nan=True)
    back = torch.tensor(wide).to(x.dtype)
    assert np.array_equal(array(back), array(x), equal_nan=True)
    finite = np.sort(wide[np.isfinite(wide)].astype(np.float64))
    middle = (finite[1:] + finite[:-1]) / 2
    for values in (middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)):
        assert np.array_equal(
            array(torch.tensor(values).to(x.dtype)).astype(np.float64), to_nearest(values, dtype)
        )
    middle = middle.astype(np.float32)
    for values in (middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)):
        values = values.astype(np.float32)
        for strided in (torch.tensor(values), torch.tensor(np.repeat(values, 2))[::2]):
            assert np.array_equal(
                array(strided.to(x.dtype)).astype(np.float64),
                to_nearest(values.astype(np.float64), dtype),
            )
