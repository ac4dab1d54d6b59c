"""Element-wise operations of two inputs: the rows of binary.def."""

import operator

import numpy as np
import pytest
import torch
from harness import (
    DTYPES,
    FLOATS,
    INTEGERS,
    LARGE,
    ROWS,
    WIDER,
    array,
    check,
    check_forms,
    drawer,
    large,
    layouts,
    on,
    row_id,
    same,
    ulp_error,
)

REFERENCES = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "floor_divide": np.floor_divide,
    "remainder": np.remainder,
    "fmod": np.fmod,
    "pow": np.power,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "atan2": np.arctan2,
    "hypot": np.hypot,
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
# The quotient rounded down is a whole number: the wider type would round it at another place.
SAME_WIDTH = {"floor_divide"}
OPERATORS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "pow": operator.pow,
    "bitwise_and": operator.and_,
    "bitwise_or": operator.or_,
    "bitwise_xor": operator.xor,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def reference(row: dict, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, str]:
    """The exact result for arrays of one dtype, and the dtype it has."""
    f = REFERENCES[row["name"]]
    dtype = x.dtype.name
    with np.errstate(all="ignore"):
        if row["domain"] == "compare":
            return np.asarray(f(x, y)), "bool"
        if row["domain"] == "floating" and dtype not in FLOATS:
            dtype = "float64"
        if dtype in FLOATS:
            wide = dtype if row["name"] in SAME_WIDTH else WIDER[dtype]
            return np.asarray(f(x.astype(dtype).astype(wide), y.astype(dtype).astype(wide))), dtype
        result = np.asarray(f(x, y))
        return result, result.dtype.name


def refused(row: dict, dtype: str) -> bool:
    return (row["name"] == "sub" and dtype == "bool") or (
        row["domain"] == "bits" and dtype in FLOATS
    )


def ulp(row: dict, dtype: str) -> float:
    return row["ulp32"] if dtype == "float32" else row["ulp64"]


def test_every_row_has_a_reference():
    assert {row["name"] for row in ROWS["binary"]} == set(REFERENCES)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_every_layout_and_form(row, dtype, device, rng):
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    if refused(row, dtype):
        x = on(device, torch.tensor(draw((3,))))
        with pytest.raises(TypeError, match=f"^{row['name']}: "):
            getattr(torch, row["name"])(x, x)
        return
    pairs = zip(layouts(draw, device), layouts(draw, device), strict=True)
    for (layout, x), (_, y) in pairs:
        exact, result = reference(row, array(x), array(y))
        try:
            check_forms(row["name"], [x, y], exact, result, ulp(row, result))
        except AssertionError as error:
            raise AssertionError(f"{layout}: {error}") from error


BROADCASTS = [
    ((5, 7), (7,)),
    ((5, 1), (1, 7)),
    ((), (5, 7)),
    ((5, 7), ()),
    ((3, 1, 2), (4, 1)),
    ((1,), (0,)),
    ((3, 0), (1,)),
    ((2, 1, 3, 1, 2, 1, 2), (2, 1, 3, 1, 2, 1)),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_broadcasting_and_layout_mixtures(row, dtype, device, rng):
    if refused(row, dtype):
        return
    draw = drawer(rng, dtype, row["lo"], row["hi"])

    def new(*shape):
        return on(device, torch.tensor(draw(shape)))

    mixtures = [(new(*a), new(*b)) for a, b in BROADCASTS]
    mixtures += [
        (new(6, 4).t(), new(4, 6)),
        (new(4, 6), new(6, 4).t()),
        (new(4, 12)[:, ::2], new(6)[::-1] if device == "cpu" else new(6)),
        (new(1, 6).expand(4, 6), new(4, 1)),
    ]
    for x, y in mixtures:
        exact, result = reference(row, array(x), array(y))
        try:
            check_forms(row["name"], [x, y], exact, result, ulp(row, result))
        except AssertionError as error:
            raise AssertionError(f"{tuple(x.shape)}, {tuple(y.shape)}: {error}") from error


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_accuracy_of_large_tensors(row, dtype, device, rng):
    if refused(row, dtype):
        return
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    pairs = zip(large(draw, device), large(draw, device), strict=True)
    for (layout, x), (_, y) in pairs:
        exact, result = reference(row, array(x), array(y))
        check(getattr(torch, row["name"])(x, y), exact, result, ulp(row, result), layout)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_numbers(row, dtype, device, rng):
    """A Python number of the dtype's kind in both places: as if it were a tensor of the dtype."""
    if refused(row, dtype) or dtype == "bool":
        return
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    x = draw((37,))
    number = draw(())
    value = number.item()
    tensor = on(device, torch.tensor(x))
    exact, result = reference(row, x, number)
    check_forms(row["name"], [tensor, value], exact, result, ulp(row, result))
    exact, result = reference(row, number, x)
    check_forms(row["name"], [value, tensor], exact, result, ulp(row, result))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPERATORS)
def test_operators_equal_functions(name, dtype, rng):
    row = next(row for row in ROWS["binary"] if row["name"] == name)
    if refused(row, dtype):
        return
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    x, y, number = torch.tensor(draw((9,))), torch.tensor(draw((9,))), draw(()).item()
    operate, function = OPERATORS[name], getattr(torch, name)
    assert same(operate(x, y), function(x, y))
    if dtype != "bool":
        assert same(operate(x, number), function(x, number))
        assert same(operate(number, x), function(number, x))
    result = function(x, y)
    if result.dtype == x.dtype and hasattr(operator, f"i{operate.__name__.rstrip('_')}"):
        z = x.clone()
        assert getattr(operator, f"i{operate.__name__.rstrip('_')}")(z, y) is z
        assert same(z, result)


def test_reflected_comparison():
    x = torch.tensor([1, 2, 3])
    assert (2 < x).tolist() == [False, False, True]
    assert (2 >= x).tolist() == [True, True, False]
    assert (2 == x).tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("row", [r for r in ROWS["binary"] if r["domain"] != "bits"], ids=row_id)
def test_special_values(row, dtype, device):
    info = np.finfo(dtype)
    positive = [0, info.smallest_subnormal, info.smallest_normal, 0.5, 1, 1.5, 2, 3, np.inf]
    few = np.array([*positive, *(-v for v in positive), np.nan], dtype=dtype)
    x, y = (np.ascontiguousarray(a).ravel() for a in np.meshgrid(few, few))
    actual = array(
        getattr(torch, row["name"])(on(device, torch.tensor(x)), on(device, torch.tensor(y)))
    )
    exact, result = reference(row, x, y)
    if result == "bool":
        wrong = actual != exact
        assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])
        return
    with np.errstate(all="ignore"):
        rounded = exact.astype(dtype)
    wrong = np.isnan(actual) != np.isnan(exact)
    assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])
    wrong = np.isinf(actual) != np.isinf(rounded)
    assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])
    wrong = ulp_error(actual, exact) > max(ulp(row, dtype), 0.5)
    assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])
    if row["name"] not in ("maximum", "minimum"):  # which zero wins is not defined
        wrong = (rounded == 0) & (np.signbit(actual) != np.signbit(rounded))
        assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "floor_divide", "remainder", "fmod", "maximum", "lt", "eq"]
)
def test_integer_limits(name, dtype, device):
    """Overflow wraps, division by zero gives 0, and the smallest number can be divided by -1."""
    info = np.iinfo(dtype)
    low = [info.min, info.min + 1, -2, -1] if info.min else []
    few = np.array([*low, 0, 1, 2, 7, info.max - 1, info.max], dtype=dtype)
    x, y = (np.ascontiguousarray(a).ravel() for a in np.meshgrid(few, few))
    with np.errstate(all="ignore"):
        exact = REFERENCES[name](x, y)
    result = getattr(torch, name)(on(device, torch.tensor(x)), on(device, torch.tensor(y)))
    wrong = array(result) != exact
    assert not wrong.any(), (x[wrong], y[wrong], array(result)[wrong], exact[wrong])


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_powers_wrap(dtype):
    bases = np.arange(-5 if np.iinfo(dtype).min else 0, 12, dtype=dtype)
    x, y = (np.ascontiguousarray(a).ravel() for a in np.meshgrid(bases, bases[bases >= 0]))
    check(torch.pow(torch.tensor(x), torch.tensor(y)), np.power(x, y), dtype, 0)


@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_overlapping_memory(row, dtype, rng):
    """The result is what it would be if the inputs were copied first."""
    if refused(row, dtype):
        return
    row_dtype = reference(row, np.ones(1, dtype), np.ones(1, dtype))[1]
    if row_dtype != dtype:
        return
    function, inplace = getattr(torch, row["name"]), row["name"] + "_"
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    for n in (9, LARGE):
        for target, other in [
            (lambda x: x, lambda x: x[::-1]),
            (lambda x: x, lambda x: x),
            (lambda x: x[1:], lambda x: x[:-1]),
            (lambda x: x[:-1], lambda x: x[1:]),
            (lambda x: x[::2], lambda x: x[: (len(x) + 1) // 2]),
            (lambda x: x, lambda x: x[3]),
            (lambda x: x[:1], lambda x: x[:1]),
        ]:
            x = torch.tensor(draw((n,)))
            right = other(x)
            expected = function(
                target(x).clone(), right.clone() if torch.is_tensor(right) else right
            )
            getattr(target(x), inplace)(right)
            assert same(target(x), expected), n
    x = torch.tensor(draw((31, 31)))
    expected = function(x.clone(), x.t().clone())
    getattr(x, inplace)(x.t())
    assert same(x, expected)
    x = torch.tensor(draw((20,)))
    expected = function(x[5:15].clone(), x[10:20].clone())
    function(x[5:15], x[10:20], out=x[7:17])
    assert same(x[7:17], expected)


def test_scaled_addition(device):
    """add(value, other) is self + value * other, and so is the form with the keyword alpha."""
    x, y = on(device, torch.tensor([1.0, 2.0])), on(device, torch.tensor([10.0, 20.0]))
    for result in [
        x.add(0.5, y),
        x.add(y, alpha=0.5),
        torch.add(x, 0.5, y),
        torch.add(x, y, alpha=0.5),
        x.clone().add_(0.5, y),
    ]:
        assert result.tolist() == [6.0, 12.0]
    for result in [x.sub(0.5, y), x.sub(y, alpha=0.5), torch.sub(x, 0.5, y)]:
        assert result.tolist() == [-4.0, -8.0]


@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
def test_scaled_subtraction_of_every_dtype(dtype):
    x = torch.tensor([10, 20], dtype=getattr(torch, dtype))
    y = torch.tensor([1, 3], dtype=getattr(torch, dtype))
    result = x.sub(2, y)
    assert result.dtype == x.dtype
    assert result.tolist() == [8, 14]


def test_aliases():
    x, y = torch.tensor([1.0, 5.0]), torch.tensor([3.0, 2.0])
    assert torch.cmax(x, y).tolist() == [3, 5]
    assert x.cmin(2.5).tolist() == [1, 2.5]
    assert x.cmax_(4) is x
    assert x.tolist() == [4, 5]


def test_what_does_not_know_tensors_is_asked():
    class Other:
        def __radd__(self, other):
            return "radd"

        def __eq__(self, other):
            return "eq"

        __hash__ = None

    assert torch.ones(2) + Other() == "radd"
    assert (torch.ones(2) == Other()) == "eq"
    with pytest.raises(TypeError, match="unsupported operand"):
        torch.ones(2) + "1"
    assert (torch.ones(2) == "1") is False
    assert (torch.ones(2) != None) is True  # noqa: E711
