"""Element-wise operations of two inputs: the rows of binary.def."""

import operator

import numpy as np
import pytest
import torch
from harness import (
    DTYPES,
    EVERY_DTYPE,
    FLOATS,
    HALVES,
    INTEGERS,
    LARGE,
    ROWS,
    allowed_ulp,
    array,
    check,
    check_forms,
    check_large,
    drawer,
    dtype_of,
    large,
    layouts,
    on,
    row_id,
    same,
    tensor_of,
    to_nearest,
    ulp_error,
)
from references import BINARY, LIMITED, WIDER

# The quotient rounded down is a whole number: the wider type would round it at another place. And
# neighbours belong to the dtype.
SAME_WIDTH = {"floor_divide", "nextafter"}
OPERATORS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "pow": operator.pow,
    "bitwise_left_shift": operator.lshift,
    "bitwise_right_shift": operator.rshift,
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


def neighbour(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """nextafter for bfloat16: float32 with 16 bits of zeros, whose bits count magnitudes."""
    bits = x.view(np.uint32)
    outward = (x < y) == (x > 0)
    step = np.where(outward, bits + np.uint32(0x10000), bits - np.uint32(0x10000))
    tiny = np.copysign(np.float32(2.0**-133), y)
    moved = np.where(x == 0, tiny, step.astype(np.uint32).view(np.float32))
    return np.where(np.isnan(x) | np.isnan(y), np.float32(np.nan), np.where(x == y, y, moved))


def reference(row: dict, dtype: str, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, str]:
    """The exact result for arrays of one dtype, and the dtype it has."""
    f = BINARY[row["name"]]
    if row["name"] == "nextafter" and dtype == "bfloat16":
        x, y = (np.array(a) for a in np.broadcast_arrays(x, y))
        return neighbour(x, y).astype(np.float64), dtype
    with np.errstate(all="ignore"):
        if row["domain"] == "compare":
            return np.asarray(f(x, y)), "bool"
        if row["domain"] == "floating" and dtype not in WIDER:
            dtype = "float64"
        if dtype in FLOATS:
            x, y = x.astype(dtype), y.astype(dtype)
        if dtype in WIDER:
            wide = WIDER[dtype]
            if row["name"] not in SAME_WIDTH:
                x, y = x.astype(wide), y.astype(wide)
            elif dtype == "float16" and row["name"] == "floor_divide":  # as ours: in float32
                x, y = x.astype(np.float32), y.astype(np.float32)
            return np.asarray(f(x, y)).astype(wide), dtype
        result = np.asarray(f(x, y))
        return result, result.dtype.name


def refused(row: dict, dtype: str) -> bool:
    return (row["name"] == "sub" and dtype == "bool") or (
        row["domain"] in ("bits", "integers") and dtype in WIDER
    )


def test_every_row_has_a_reference():
    assert {row["name"] for row in ROWS["binary"]} == set(BINARY)


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_every_layout_and_form(row, dtype, device, rng):
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    if refused(row, dtype):
        x = on(device, tensor_of(draw((3,)), dtype))
        with pytest.raises(TypeError, match=f"^{row['name']}: "):
            getattr(torch, row["name"])(x, x)
        return
    pairs = zip(layouts(draw, device), layouts(draw, device), strict=True)
    for (layout, x), (_, y) in pairs:
        exact, result = reference(row, dtype, array(x), array(y))
        try:
            check_forms(row["name"], [x, y], exact, result, allowed_ulp(row, result))
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


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_broadcasting_and_layout_mixtures(row, dtype, device, rng):
    if refused(row, dtype):
        return
    draw = drawer(rng, dtype, row["lo"], row["hi"])

    def new(*shape):
        return on(device, tensor_of(draw(shape), dtype))

    mixtures = [(new(*a), new(*b)) for a, b in BROADCASTS]
    mixtures += [
        (new(6, 4).t(), new(4, 6)),
        (new(4, 6), new(6, 4).t()),
        (new(4, 12)[:, ::2], new(6)[::-1] if device == "cpu" else new(6)),
        (new(1, 6).expand(4, 6), new(4, 1)),
    ]
    for x, y in mixtures:
        exact, result = reference(row, dtype, array(x), array(y))
        try:
            check_forms(row["name"], [x, y], exact, result, allowed_ulp(row, result))
        except AssertionError as error:
            raise AssertionError(f"{tuple(x.shape)}, {tuple(y.shape)}: {error}") from error


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_accuracy_of_large_tensors(row, dtype, device, rng):
    if refused(row, dtype):
        return
    draw = drawer(rng, dtype, row["lo"], row["hi"])

    def exact(x, y):
        result, name = reference(row, dtype, x, y)
        return result, name, allowed_ulp(row, name)

    for (layout, x), (_, y) in zip(large(draw, device), large(draw, device), strict=True):
        check_large(getattr(torch, row["name"]), [x, y], exact, layout)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "uint8", "int64"])
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_body_and_tail_of_the_vector_loop_agree(row, dtype, rng):
    if refused(row, dtype):
        return
    f = getattr(torch, row["name"])
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    x, y, number = torch.tensor(draw((70,))), torch.tensor(draw((70,))), draw(()).item()
    for left, right in ((x, y), (x, number), (number, y)):
        whole = array(f(left, right))
        for n in range(1, 68):
            part = [t[:n] if torch.is_tensor(t) else t for t in (left, right)]
            assert np.array_equal(array(f(*part)), whole[:n]), n
        spread = [
            torch.tensor(np.repeat(array(t), 2))[::2] if torch.is_tensor(t) else t
            for t in (left, right)
        ]
        assert np.array_equal(array(f(*spread)), whole)


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("row", ROWS["binary"], ids=row_id)
def test_numbers(row, dtype, device, rng):
    """A Python number of the dtype's kind in both places: as if it were a tensor of the dtype."""
    if refused(row, dtype) or dtype == "bool":
        return
    draw = drawer(rng, dtype, row["lo"], row["hi"])
    x = draw((37,))
    number = draw(())
    value = number.item()
    tensor = on(device, tensor_of(x, dtype))
    exact, result = reference(row, dtype, x, number)
    check_forms(row["name"], [tensor, value], exact, result, allowed_ulp(row, result))
    exact, result = reference(row, dtype, number, x)
    check_forms(row["name"], [value, tensor], exact, result, allowed_ulp(row, result))


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


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
@pytest.mark.parametrize(
    "row", [r for r in ROWS["binary"] if r["domain"] not in ("bits", "integers")], ids=row_id
)
def test_special_values(row, dtype, device):
    tiny = [2.0**-133, 2.0**-126]
    if dtype != "bfloat16":
        tiny = [np.finfo(dtype).smallest_subnormal, np.finfo(dtype).smallest_normal]
    positive = [0, *tiny, 0.5, 1, 1.5, 2, 3, np.inf]
    stored = "float32" if dtype == "bfloat16" else dtype
    few = np.array([*positive, *(-v for v in positive), np.nan], dtype=stored)
    x, y = (np.ascontiguousarray(a).ravel() for a in np.meshgrid(few, few))
    if row["name"] in LIMITED:
        inside = ~((x < 0) | (y < 0))
        x, y = x[inside], y[inside]
    tensors = [on(device, tensor_of(a, dtype)) for a in (x, y)]
    actual = array(getattr(torch, row["name"])(*tensors))
    exact, result = reference(row, dtype, x, y)
    if result == "bool":
        wrong = actual != exact
        assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])
        return
    with np.errstate(all="ignore"):
        rounded = to_nearest(exact, dtype)
    wrong = np.isnan(actual) != np.isnan(exact)
    assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])
    wrong = np.isinf(actual) != np.isinf(rounded)
    assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])
    wrong = ulp_error(actual, exact, dtype) > max(allowed_ulp(row, dtype), 0.5) * (1 + 2**-10)
    assert not wrong.any(), (x[wrong], y[wrong], actual[wrong], exact[wrong])
    # which zero wins is not defined
    if row["name"] not in ("maximum", "minimum", "fmax", "fmin"):
        wrong = (rounded == 0) & (np.signbit(actual) != np.signbit(rounded))
        assert not wrong.any(), (x[wrong], y[wrong], actual[wrong])


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize(
    "name",
    [
        *("add", "sub", "mul", "floor_divide", "remainder", "fmod", "maximum", "lt", "eq"),
        *("bitwise_left_shift", "bitwise_right_shift", "gcd", "lcm"),
    ],
)
def test_integer_limits(name, dtype, device):
    """Overflow wraps, division by zero gives 0, and the smallest number can be divided by -1."""
    info = np.iinfo(dtype)
    low = [info.min, info.min + 1, -2, -1] if info.min else []
    few = np.array([*low, 0, 1, 2, 7, info.max - 1, info.max], dtype=dtype)
    x, y = (np.ascontiguousarray(a).ravel() for a in np.meshgrid(few, few))
    with np.errstate(all="ignore"):
        exact = BINARY[name](x, y)
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
    row_dtype = reference(row, dtype, np.ones(1, dtype), np.ones(1, dtype))[1]
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


ALIASES = {
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "true_divide": "div",
    "mod": "remainder",
    "power": "pow",
    "cmax": "maximum",
    "cmin": "minimum",
    "arctan2": "atan2",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "not_equal": "ne",
    "left_shift": "bitwise_left_shift",
    "right_shift": "bitwise_right_shift",
}


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases(alias):
    dtype = torch.int64 if "shift" in alias else torch.float32
    x, y = torch.tensor([1, 5]).to(dtype), torch.tensor([3, 2]).to(dtype)
    expected = getattr(torch, ALIASES[alias])(x, y)
    assert same(getattr(torch, alias)(x, y), expected)
    assert same(getattr(x, alias)(y), expected)
    assert same(getattr(torch, alias)(x, y, out=torch.empty_like(expected)), expected)
    assert same(getattr(torch, alias)(2, y), getattr(torch, ALIASES[alias])(2, y))
    z = x.clone()
    assert getattr(z, alias + "_")(y) is z
    assert same(z, expected.to(dtype))


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_comparison_in_place(name, dtype, rng):
    """0 or 1 in self's dtype."""
    draw = drawer(rng, "int8" if dtype != "bool" else dtype, 0, 3)
    a, b = (draw((11,)).astype("float32" if dtype == "bfloat16" else dtype) for _ in range(2))
    for other, right in ((tensor_of(b, dtype), b), (b[0].item(), b[0])):
        x = tensor_of(a, dtype)
        assert getattr(x, name + "_")(other) is x
        assert x.dtype == dtype_of(dtype)
        assert np.array_equal(array(x), BINARY[name](a, right).astype(a.dtype))


def test_three_forms_of_pow():
    x = torch.tensor([1.0, 2.0, 3.0])
    assert x.pow(2).tolist() == torch.pow(x, exponent=2).tolist() == [1, 4, 9]
    assert x.pow(torch.tensor([3.0, 2.0, 1.0])).tolist() == [1, 4, 3]
    assert torch.pow(3, x).tolist() == torch.pow(base=3, self=x).tolist() == [3, 9, 27]
    assert (2**x).tolist() == [2, 4, 8]
    assert x.pow_(2) is x
    assert x.tolist() == [1, 4, 9]
    i = torch.tensor([1, 2])
    for exponent in (-1, torch.tensor([1, -1])):
        with pytest.raises(ValueError, match=r"^pow: integers have no negative integer powers"):
            i.pow(exponent)
    assert i.pow(-1.0).tolist() == [1, 0.5]


def test_divmod():
    x = torch.tensor([7, -7])
    for q, r in (divmod(x, 2), divmod(x, torch.tensor([2, 2]))):
        assert q.tolist() == [3, -4]
        assert r.tolist() == [1, 1]
    q, r = divmod(7.5, torch.tensor([2.0]))
    assert (q.tolist(), r.tolist()) == ([3], [1.5])
    with pytest.raises(TypeError, match="unsupported operand"):
        divmod(x, "2")
    with pytest.raises(ValueError, match="broadcast"):
        divmod(x, torch.ones(3))


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_float_power(dtype, rng):
    x = drawer(rng, dtype, 0.5, 4)((17,))
    y = drawer(rng, dtype, -2, 2)((17,))
    a, b = tensor_of(x, dtype), tensor_of(y, dtype)
    x, y = x.astype(np.longdouble), y.astype(np.longdouble)
    with np.errstate(all="ignore"):
        check(torch.float_power(a, b), x**y, "float64", 1)
        check(a.float_power(2), x**2, "float64", 1)
        check(torch.float_power(2, b), np.longdouble(2) ** y, "float64", 1)
        out = torch.empty(0, dtype=torch.float64)
        assert torch.float_power(a, b, out=out) is out
        check(out, x**y, "float64", 1)


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
def test_ldexp_keeps_the_dtype(dtype):
    x = torch.tensor([1.0, 3.0]).to(dtype_of(dtype))
    for exponents in (torch.tensor([3, -1]), torch.tensor([3, -1], dtype=torch.int8)):
        y = torch.ldexp(x, exponents)
        assert y.dtype == x.dtype
        assert y.tolist() == [8, 1.5]
    assert torch.ldexp(x, 2).tolist() == [4, 12]
    assert torch.ldexp(torch.tensor([1, 2]), 2).dtype == torch.float64
    huge = torch.tensor([10**6, -(10**6), 2**62, -(2**62)])
    one = torch.ones(4).to(dtype_of(dtype))
    assert torch.ldexp(one, huge).tolist() == [np.inf, 0, np.inf, 0]


# --- numbers and dtypes: NEP 50 ---


def promoted(a: str, b: str) -> str:
    """NumPy's rule; for bfloat16 the smallest dtype that holds both."""
    if "bfloat16" not in (a, b):
        return np.promote_types(a, b).name
    other = b if a == "bfloat16" else a
    if other in ("bool", "uint8", "int8", "bfloat16"):
        return "bfloat16"
    return "float32" if other in ("float16", "int16", "float32") else "float64"


@pytest.mark.parametrize("a", EVERY_DTYPE)
def test_promotion_of_every_pair(a):
    for b in EVERY_DTYPE:
        expected = promoted(a, b)
        x, y = torch.ones(2, dtype=dtype_of(a)), torch.ones(2, dtype=dtype_of(b))
        for result in (x + y, x * y, torch.maximum(x, y), torch.where(x > 0, x, y)):
            assert result.dtype == dtype_of(expected), b
        assert (x == y).all()
        one = torch.tensor(1).to(dtype_of(b))  # without dimensions, still a tensor
        assert (x + one).dtype == dtype_of(expected), b
        floating = expected if expected in WIDER else "float64"
        assert (x / y).dtype == torch.atan2(x, y).dtype == dtype_of(floating), b


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_a_number_does_not_widen(dtype):
    x = torch.ones(3, dtype=dtype_of(dtype))
    whole = "uint8" if dtype == "bool" else dtype
    floating = dtype if dtype in WIDER else "float64"
    assert (x + True).dtype == x.dtype
    assert (x + 1).dtype == (1 + x).dtype == dtype_of(whole)
    assert (x + 1.5).dtype == (1.5 + x).dtype == dtype_of(floating)
    assert (x * np.float64(2)).dtype == dtype_of(floating)
    assert torch.tensor(1).to(x.dtype).add(1).dtype == dtype_of(whole)
    y = x.clone()
    if dtype == "bool":
        with pytest.raises(TypeError, match=r"^add: cannot store a ByteTensor result"):
            y += 1
    else:
        y += 1
        assert y.dtype == x.dtype
        assert y.tolist() == [2] * 3
    if dtype not in WIDER:
        with pytest.raises(TypeError, match=r"^add: cannot store a DoubleTensor result"):
            x += 1.5


def test_a_number_becomes_the_dtype_first():
    """0.1 beside float16 is the float16 next to 0.1, as in NumPy."""
    for dtype in ("float16", "float32"):
        a = np.array([3.0, 7.0], dtype)
        assert np.array_equal(array(torch.tensor(a) * 0.1), a * 0.1)
        assert np.array_equal(array(torch.tensor(a) + 1e-4), a + 1e-4)
        assert np.array_equal(array(torch.tensor(a) < 3.0001), a < 3.0001)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_a_number_that_does_not_fit(dtype):
    info = np.iinfo(dtype)
    x = torch.ones(2, dtype=dtype_of(dtype))
    for number in (info.max + 1, info.min - 1, 10**30, -(10**400)):
        for name in ("add", "mul", "maximum", "floor_divide"):
            with pytest.raises(OverflowError, match=rf"^{name}: .* does not fit"):
                getattr(torch, name)(x, number)
            with pytest.raises(OverflowError, match=rf"^{name}: .* does not fit"):
                getattr(torch, name)(number, x)
        # but a comparison has an answer
        assert (x < number).tolist() == [number > 0] * 2
        assert (x == number).tolist() == [False] * 2
        assert (number > x).tolist() == [number > 0] * 2
    assert (x + (int(info.max) - 1)).dtype == x.dtype
    with pytest.raises(OverflowError, match=r"^add: the number -1 does not fit ByteTensor"):
        torch.ones(2, dtype=torch.uint8) + -1


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
def test_whole_numbers_beside_floating_tensors(dtype):
    x = torch.ones(2, dtype=dtype_of(dtype))
    assert (x * 2**70).dtype == x.dtype
    assert (x < 10**400).all()
    assert (x > -(10**400)).all()
    with pytest.raises(OverflowError, match=r"^add: a whole number beyond the range"):
        x + 10**400
    if dtype == "float16":
        assert torch.isposinf(x + 70000).all()  # as in NumPy


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_outputs_of_another_dtype(dtype, rng):
    """An output of the same or a wider kind receives the converted result."""
    x = tensor_of(drawer(rng, dtype, 0, 3)((9,)), dtype)
    expected = torch.maximum(x, x)
    rank = {"bool": 0, **dict.fromkeys(INTEGERS, 1)}
    for other in EVERY_DTYPE:
        out = torch.empty(9, dtype=dtype_of(other))
        if rank.get(dtype, 2) > rank.get(other, 2):
            with pytest.raises(TypeError, match=r"^maximum: cannot store"):
                torch.maximum(x, x, out=out)
        else:
            assert torch.maximum(x, x, out=out) is out
            assert same(out, expected.to(out.dtype))


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
