"""Element-wise operations of one input: the rows of unary.def."""

import numpy as np
import pytest
import torch
from harness import (
    DTYPES,
    FLOATS,
    LARGE,
    ROWS,
    TYPE_NAMES,
    WIDER,
    array,
    check,
    check_forms,
    drawer,
    large,
    layouts,
    on,
    row_id,
    ulp_error,
)


def erf(x: np.ndarray) -> np.ndarray:
    """2 / sqrt(pi) * exp(-x^2) * sum 2^n x^(2n+1) / (2n+1)!!, whose terms have one sign.

    Abramowitz and Stegun 7.1.6; 160 terms are enough for |x| <= 7, beyond which erf rounds to 1.
    """
    few, positions = np.unique(x, return_inverse=True)
    z = np.clip(few, -7, 7)
    ratio = 2 * z * z
    term, total = z.copy(), z.copy()
    for n in range(1, 160):
        term *= ratio / (2 * n + 1)
        if not (np.abs(term) > np.abs(total) * 2.0**-70).any():
            break
        total += term
    pi = 4 * np.arctan(x.dtype.type(1))
    y = np.where(np.abs(few) > 7, np.sign(few), 2 / np.sqrt(pi) * np.exp(-z * z) * total)
    # np.unique takes -0 for 0
    return np.where(x == 0, x, y[positions].reshape(x.shape))


REFERENCES = {
    "abs": np.abs,
    "neg": np.negative,
    "sign": np.sign,
    "square": np.square,
    "reciprocal": lambda x: 1 / x,
    "sqrt": np.sqrt,
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "erf": erf,
    "floor": np.floor,
    "ceil": np.ceil,
    "round": np.rint,
    "trunc": np.trunc,
    "frac": lambda x: x - np.trunc(x),
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
    "logical_not": np.logical_not,
    "bitwise_not": np.invert,
}


def reference(row: dict, x: np.ndarray) -> tuple[np.ndarray, str]:
    """The exact result and the dtype it has."""
    f = REFERENCES[row["name"]]
    dtype = x.dtype.name
    with np.errstate(all="ignore"):
        if row["domain"] == "predicate":
            return np.asarray(f(x)), "bool"
        if row["domain"] == "floating" and dtype not in FLOATS:
            dtype = "float64"  # for every integer dtype and bool
        if dtype in FLOATS:
            return np.asarray(f(x.astype(dtype).astype(WIDER[dtype]))), dtype
        return (x if row["domain"] == "rounding" else np.asarray(f(x))), dtype


def refused(row: dict, dtype: str) -> bool:
    domain = row["domain"]
    return (domain == "arithmetic" and dtype == "bool") or (domain == "bits" and dtype in FLOATS)


def ulp(row: dict, dtype: str) -> float:
    return row["ulp32"] if dtype == "float32" else row["ulp64"]


def test_every_row_has_a_reference():
    assert {row["name"] for row in ROWS["unary"]} == set(REFERENCES)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", ROWS["unary"], ids=row_id)
def test_every_layout_and_form(row, dtype, device, rng):
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    if refused(row, dtype):
        with pytest.raises(TypeError, match=f"^{row['name']}: .*{TYPE_NAMES[dtype]}Tensor"):
            getattr(torch, row["name"])(on(device, torch.tensor(draw((3,)))))
        return
    for layout, x in layouts(draw, device):
        exact, result = reference(row, array(x))
        try:
            in_place = row["domain"] != "predicate"
            check_forms(row["name"], [x], exact, result, ulp(row, result), in_place)
        except AssertionError as error:
            raise AssertionError(f"{layout}: {error}") from error


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", ROWS["unary"], ids=row_id)
def test_accuracy_of_large_tensors(row, dtype, device, rng):
    if refused(row, dtype):
        return
    for layout, x in large(drawer(rng, dtype, row["lo"], row["hi"]), device):
        exact, result = reference(row, array(x))
        check(getattr(torch, row["name"])(x), exact, result, ulp(row, result), layout)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("row", ROWS["unary"], ids=row_id)
def test_body_and_tail_of_the_vector_loop_agree(row, dtype, rng):
    if refused(row, dtype):
        return
    f = getattr(torch, row["name"])
    x = torch.tensor(drawer(rng, dtype, row["lo"], row["hi"])((200,)))
    y = array(f(x))
    for n in range(1, 80):
        assert np.array_equal(array(f(x[:n])), y[:n]), n
        assert np.array_equal(array(f(x[n : 2 * n])), y[n : 2 * n]), n
    assert np.array_equal(array(f(x[::3])), y[::3])


def special_values(dtype: str) -> np.ndarray:
    info = np.finfo(dtype)
    tiny = [info.smallest_subnormal, info.smallest_normal, info.smallest_normal * 0.75]
    values = [0.0, *tiny, 0.5, 1.0, 1.5, 2.5, info.eps, float(info.max), np.inf]
    return np.array([*values, *(-v for v in values), np.nan], dtype=dtype)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("row", [r for r in ROWS["unary"] if r["domain"] != "bits"], ids=row_id)
def test_special_values(row, dtype, device):
    values = special_values(dtype)
    exact, result = reference(row, values)
    for repeat in (1, 5):  # alone in the tail, and in the body of the vector loop
        actual = array(
            getattr(torch, row["name"])(on(device, torch.tensor(np.tile(values, repeat))))
        )
        actual = actual[-len(values) :]
        if result == "bool":
            assert np.array_equal(actual, exact)
            continue
        with np.errstate(all="ignore"):
            rounded = exact.astype(dtype)
        assert np.array_equal(np.isnan(actual), np.isnan(exact)), (values, actual)
        assert np.array_equal(np.isinf(actual), np.isinf(rounded)), (values, actual)
        error = ulp_error(actual, exact)
        worst = int(error.argmax())
        assert error[worst] <= max(ulp(row, dtype), 0.5), (values[worst], actual[worst])
        zero = (rounded == 0) & ~np.isnan(values)
        signs = np.signbit(actual[zero]) == np.signbit(rounded[zero])
        assert signs.all(), f"sign of zero for {values[zero][~signs]}"


@pytest.mark.parametrize("name", ["abs", "neg", "sign", "square"])
@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64"])
def test_integers_wrap(name, dtype):
    info = np.iinfo(dtype)
    x = np.array([info.min, info.min + 1, 0, 1, info.max - 1, info.max], dtype=dtype)
    with np.errstate(all="ignore"):
        check(getattr(torch, name)(torch.tensor(x)), REFERENCES[name](x), dtype, 0)


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
