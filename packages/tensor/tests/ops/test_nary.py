"""Element-wise operations of three and more inputs."""

import numpy as np
import pytest
import torch
from harness import (
    EVERY_DTYPE,
    FLOATS,
    HALF_FORMATS,
    HALVES,
    INTEGERS,
    LARGE,
    LARGEST,
    array,
    check,
    check_forms,
    drawer,
    dtype_of,
    layouts,
    on,
    same,
    tensor_of,
)
from references import WIDER

NUMBERS = [*INTEGERS, *FLOATS, *HALVES]


def wide(x: np.ndarray) -> np.ndarray:
    return x.astype(WIDER.get(x.dtype.name, x.dtype))


def ulp_of(dtype: str) -> float:
    """Halves are rounded once more, from float32."""
    return 0.5 + ULP * 2.0 ** (HALF_FORMATS[dtype][0] - 24) if dtype in HALVES else ULP


# name: (number of tensors, numbers behind them, reference in the wider type, floating only)
TABLE = {
    "addcmul": (3, (), lambda x, a, b: x + a * b, False),
    "addcdiv": (3, (), lambda x, a, b: x + a / b, True),
    "clamp": (1, (2, 5), lambda x, lo, hi: np.minimum(np.maximum(x, lo), hi), False),
    "lerp": (2, (0.25,), lambda x, end, w: x + w * (end - x), True),
}
# Three operations round at most three times. All operands lie in [1, 8] and nothing cancels much,
# so each rounding is at most about one unit in the last place of the result.
ULP = 4


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("name", TABLE)
def test_every_layout_and_form(name, dtype, device, rng):
    count, numbers, f, floating = TABLE[name]
    draw = drawer(rng, dtype, 1, 8)
    result = "float64" if floating and dtype in INTEGERS else dtype
    for inputs in zip(*(layouts(draw, device) for _ in range(count)), strict=True):
        tensors = [t for _, t in inputs]
        with np.errstate(all="ignore"):
            dtyped = (array(t) if dtype in HALVES else array(t).astype(result) for t in tensors)
            exact = f(*(wide(a) for a in dtyped), *numbers)
        exact = np.asarray(exact).astype(WIDER.get(result, result))
        ulp = 0 if name == "clamp" else ulp_of(result)
        try:
            check_forms(name, [*tensors, *numbers], exact, result, ulp)
        except AssertionError as error:
            raise AssertionError(f"{inputs[0][0]}: {error}") from error


@pytest.mark.parametrize("dtype", FLOATS)
def test_scalars_in_front(dtype, device):
    x, a, b = (on(device, torch.tensor(v, dtype=dtype_of(dtype))) for v in ([1, 2], [3, 4], [2, 5]))
    assert x.addcmul(0.5, a, b).tolist() == [4, 12]
    assert torch.addcmul(x, 0.5, a, b).tolist() == [4, 12]
    assert x.addcdiv(2, a, b).tolist() == pytest.approx([4, 3.6])
    assert x.addcmul(a, b).tolist() == [7, 22]
    assert x.addcmul_(0.5, a, b) is x
    assert x.tolist() == [4, 12]


def test_clamp_with_one_bound(device):
    x = on(device, torch.tensor([-2.0, 0.5, float("nan"), 7.0]))
    assert same(x.clamp(min=0), torch.tensor([0, 0.5, float("nan"), 7]))
    assert same(x.clamp(max=1), torch.tensor([-2, 0.5, float("nan"), 1]))
    assert same(torch.clamp(x, 0, 1), torch.tensor([0, 0.5, float("nan"), 1]))
    assert x.clamp_(min=0, max=1) is x


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_where(dtype, device, rng):
    draw = drawer(rng, dtype, -5, 5)
    masks = layouts(drawer(rng, "bool", 0, 1), device)
    for (layout, mask), (_, x), (_, y) in zip(
        masks, layouts(draw, device), layouts(draw, device), strict=dtype != "bfloat16"
    ):
        expected = np.where(array(mask), array(x), array(y))
        for condition in (mask, mask.byte()):
            check(torch.where(condition, x, y), expected, dtype, 0, layout)
            out = torch.empty(0, dtype=dtype_of(dtype))
            assert torch.where(condition, x, y, out=out) is out
            check(out, expected, dtype, 0, layout)


def test_where_broadcasts_and_promotes(device):
    mask = on(device, torch.tensor([[True], [False]]))
    x = on(device, torch.tensor([1, 2, 3], dtype=torch.int16))
    check(torch.where(mask, x, 0), np.array([[1, 2, 3], [0, 0, 0]]), "int16", 0)
    check(torch.where(mask, 0.5, x), np.array([[0.5] * 3, [1, 2, 3]]), "float64", 0)
    y = on(device, torch.tensor([0.5, 1.5, 2.5]))
    check(torch.where(mask, x, y), np.array([[1, 2, 3], [0.5, 1.5, 2.5]]), "float32", 0)
    check(torch.where(mask, 1, 2), np.array([[1], [2]]), "int64", 0)
    check(torch.where(mask, 1, 0.5), np.array([[1], [0.5]]), "float64", 0)
    check(torch.where(mask, True, False), np.array([[True], [False]]), "bool", 0)


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_masked_fill(dtype, device, rng):
    draw = drawer(rng, dtype, -5, 5)
    x = on(device, tensor_of(draw((5, 7)), dtype))
    mask = array(x) > draw((7,))
    value = draw(()).item() if dtype != "bool" else True
    expected = np.where(mask, np.asarray(value, array(x).dtype), array(x))
    for m in (torch.tensor(mask), torch.tensor(mask).byte()):
        check(x.masked_fill(on(device, m), value), expected, dtype, 0)
        y = x.clone()
        assert y.masked_fill_(on(device, m), value) is y
        check(y, expected, dtype, 0)


def test_large_tensors(rng):
    x, a, b = (torch.tensor(rng.uniform(1, 2, LARGE)) for _ in range(3))
    check(x.addcmul(2, a, b), wide(array(x)) + 2 * wide(array(a)) * wide(array(b)), "float64", ULP)
    mask = torch.tensor(rng.random(LARGE) < 0.5)
    check(torch.where(mask, x, a), np.where(array(mask), array(x), array(a)), "float64", 0)


def test_overlapping_memory(rng):
    values = rng.uniform(1, 2, 50)
    x = torch.tensor(values)
    x.addcmul_(2, x[::-1], x)
    assert np.allclose(array(x), values + 2 * values[::-1] * values, rtol=1e-15)
    x = torch.tensor(values)
    torch.where(x[:-1] > 1.5, x[:-1], x[1:], out=x[1:])
    assert np.array_equal(array(x)[1:], np.where(values[:-1] > 1.5, values[:-1], values[1:]))


@pytest.mark.parametrize("dtype", NUMBERS)
def test_threshold(dtype, rng):
    """The private functions of torch.nn."""
    x = drawer(rng, dtype, -5, 5)((5, 7))
    t = tensor_of(x, dtype)
    expected = np.where(x <= 2, np.asarray(3, x.dtype), x)
    check(torch._C.threshold(t, 2, 3), expected, dtype, 0)
    g = drawer(rng, dtype, -5, 5)((5, 7))
    gradient = torch._C.threshold_input_grad(tensor_of(g, dtype), t, 2)
    check(gradient, np.where(x <= 2, np.asarray(0, g.dtype), g), dtype, 0)
    assert torch._C.threshold_(t, 2, 3) is t
    check(t, expected, dtype, 0)


def test_value_as_keyword(device):
    x, a, b = (on(device, torch.tensor(v)) for v in ([1.0, 2.0], [3.0, 4.0], [2.0, 5.0]))
    assert torch.addcmul(x, a, b, value=0.5).tolist() == [4, 12]
    assert x.addcdiv(a, b, value=2).tolist() == pytest.approx([4, 3.6])


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("name", ["clamp", "clip"])
def test_clamp_with_tensors(name, dtype, rng):
    draw = drawer(rng, dtype, 0, 9)
    x, lo, hi = draw((5, 7)), draw((7,)), draw((5, 1))
    t, a, b = (tensor_of(v, dtype) for v in (x, lo, hi))
    clamp = getattr(torch, name)
    exact = np.clip(x, lo, hi)
    check(clamp(t, a, b), exact, dtype, 0)
    check(clamp(t, a), np.maximum(x, lo), dtype, 0)
    check(clamp(t, max=b), np.minimum(x, hi), dtype, 0)
    check(clamp(t, None, b), np.minimum(x, hi), dtype, 0)
    check(clamp(t, 2, b), np.clip(x, np.asarray(2, x.dtype), hi), dtype, 0)
    check(clamp(t, a, 5), np.clip(x, lo, np.asarray(5, x.dtype)), dtype, 0)
    check(clamp(t, 5, 2), np.full_like(x, 2), dtype, 0)
    assert getattr(t, name + "_")(a, b) is t
    check(t, exact, dtype, 0)


def test_clamp_without_bounds():
    with pytest.raises(TypeError, match=r"^clamp: expected min, max or both"):
        torch.clamp(torch.ones(2))
    with pytest.raises(TypeError, match=r"^clamp_: expected min, max or both"):
        torch.ones(2).clamp_()
    with pytest.raises(OverflowError, match=r"^clamp: the number 300 does not fit ByteTensor"):
        torch.ones(2, dtype=torch.uint8).clamp(0, 300)
    nan = float("nan")
    bounded = torch.clamp(torch.tensor([nan, 1.0, 1.0]), torch.tensor([0.0, nan, 0]), 3)
    assert same(bounded, torch.tensor([nan, nan, 1]))


def test_lerp_with_tensors():
    x, end = torch.tensor([1.0, 2.0, 0.1]), torch.tensor([3.0, 6.0, 0.7])
    assert x.lerp(end, torch.tensor([0.5, 0.25, 1])).tolist() == [2, 3, end[2]]
    assert torch.lerp(x, end, torch.tensor(0.0)).tolist() == x.tolist()
    assert torch.lerp(x, end, 1).tolist() == end.tolist()
    assert x.lerp_(end, torch.tensor([0.5])) is x
    with pytest.raises(ValueError, match=r"^lerp: the result has size \(2, 3\) and cannot"):
        x.lerp_(end, torch.ones(2, 1))


@pytest.mark.parametrize("dtype", [*FLOATS, *HALVES])
def test_nan_to_num(dtype):
    values = [1.5, float("nan"), float("inf"), -float("inf"), -0.0]
    x = torch.tensor(values).to(dtype_of(dtype))
    largest = LARGEST[dtype] if dtype in HALVES else float(np.finfo(dtype).max)
    assert torch.nan_to_num(x).tolist() == [1.5, 0, largest, -largest, 0]
    assert torch.nan_to_num(x).dtype == x.dtype
    assert x.nan_to_num(2, 3, 4).tolist() == [1.5, 2, 3, 4, 0]
    assert torch.nan_to_num(x, neginf=-7.5).tolist() == [1.5, 0, largest, -7.5, 0]
    out = torch.empty(0, dtype=x.dtype)
    assert torch.nan_to_num(x, out=out) is out
    assert x.nan_to_num_(nan=9) is x
    assert x.tolist() == [1.5, 9, largest, -largest, 0]


@pytest.mark.parametrize("dtype", ["bool", *INTEGERS])
def test_nan_to_num_of_integers(dtype):
    x = torch.tensor([0, 1]).to(dtype_of(dtype))
    y = torch.nan_to_num(x, 3.5)
    assert same(x, y)
    assert y.data_ptr() != x.data_ptr()


CLOSE = [0.0, -0.0, 1.0, 1.0 + 1e-6, 1.0 - 1e-5, 1.1, -1.0, 1e-9, 1e-7, 1e30]
CLOSE += [float("inf"), -float("inf"), float("nan")]


@pytest.mark.parametrize("equal_nan", [False, True])
@pytest.mark.parametrize("dtype", FLOATS)
def test_isclose(dtype, equal_nan):
    a, b = np.meshgrid(np.array(CLOSE, dtype), np.array(CLOSE, dtype))
    x, y = torch.tensor(a), torch.tensor(b)
    for tolerances in ({}, {"rtol": 0, "atol": 0}, {"rtol": 0.1}, {"atol": 0.5}):
        with np.errstate(all="ignore"):
            expected = np.isclose(a, b, equal_nan=equal_nan, **tolerances)
        check(torch.isclose(x, y, equal_nan=equal_nan, **tolerances), expected, "bool", 0)
        assert torch.allclose(x, y, equal_nan=equal_nan, **tolerances) == expected.all()
    check(x.isclose(1, equal_nan=equal_nan), np.isclose(a, 1, equal_nan=equal_nan), "bool", 0)
    check(torch.isclose(1, x), np.isclose(1, a), "bool", 0)
    out = torch.empty(0, dtype=torch.bool)
    assert torch.isclose(x, y, out=out) is out
    assert torch.allclose(x, x, equal_nan=True)
    assert x.allclose(x) is False


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_isclose_of_every_dtype(dtype):
    x = torch.tensor([0, 1, 1]).to(dtype_of(dtype))
    y = torch.tensor([0, 1, 0]).to(dtype_of(dtype))
    assert torch.isclose(x, y).tolist() == [True, True, False]
    assert torch.allclose(x, x) is True
    assert torch.allclose(x, y) is False
    assert torch.isclose(x, 1).tolist() == [False, True, True]
    assert torch.allclose(torch.zeros(0, dtype=x.dtype), torch.zeros(0, dtype=x.dtype)) is True


def test_array_equal():
    x = torch.tensor([1.0, float("nan")])
    assert torch.array_equal(torch.tensor([1, 2]), torch.tensor([1.0, 2.0])) is True
    assert torch.tensor([1, 2]).array_equal(torch.tensor([1, 3])) is False
    assert torch.array_equal(torch.ones(2), torch.ones(1)) is False
    assert torch.array_equal(torch.ones(0), torch.ones(0)) is True
    assert torch.array_equal(x, x) is False
    assert torch.array_equal(x, x, equal_nan=True) is True
    assert torch.array_equal(x, torch.tensor([1.0, 2.0]), equal_nan=True) is False
    big = torch.tensor([2**60, 2**60 + 1])
    assert torch.array_equal(big, big - torch.tensor([0, 1]), equal_nan=True) is False


def test_operands_of_any_stride_over_several_blocks(rng):
    draw = drawer(rng, "float32", 1, 8)
    x, a = tensor_of(draw((3, 2602)), None)[:, ::2], tensor_of(draw((1301, 3)), None).t()
    one = tensor_of(draw((1, 1)), None).expand(3, 1301)
    mask = tensor_of(draw((3, 2602)), None)[:, ::2] > 4
    calls = [
        (torch.addcmul, (x, a, one)),
        (torch.addcdiv, (x, one, a)),
        (torch.lerp, (one, x, a)),
        (torch.clamp, (x, one, a)),
        (torch.where, (mask, one, a)),
        (torch.add, (x, a)),
        (torch.pow, (a, x)),
        (torch.sin, (x,)),
        (torch.exp, (a,)),
    ]
    for f, inputs in calls:
        expected = f(*(t.contiguous() for t in inputs))
        assert same(f(*inputs), expected), f
        if f is not torch.where:
            out = torch.zeros(3, 2602)
            f(*inputs, out=out[:, ::2])
            assert same(out[:, ::2].contiguous(), expected), f
            assert not out[:, 1::2].any()
    for t in (x.clone().repeat(1, 2)[:, ::2],):
        expected = t.contiguous().exp_()
        assert same(t.exp_().contiguous(), expected)


def test_where_of_numbers_and_tensors():
    x, five = torch.tensor([1.0, 2.0]), torch.tensor(5)
    mask = torch.tensor([True, False])
    assert torch.where(True, x, 0).tolist() == [1, 2]
    assert torch.where(False, x, torch.tensor([3.0, 4.0])).tolist() == [3, 4]
    assert torch.where(True, 7, x).tolist() == [7, 7]
    assert torch.where(mask, five, x).tolist() == [5, 2]
    assert torch.where(mask, five, 7).tolist() == [5, 7]
    assert torch.where(mask, five, 7).dtype == torch.int64
    assert torch.where(torch.tensor(True), x, five).tolist() == [1, 2]
    scalar = torch.where(torch.tensor(True), five, 7)
    assert scalar.shape == ()
    assert scalar.item() == 5
    assert torch.where(torch.tensor(False), 1.5, 2).item() == 2
    assert x.where(mask, 0).tolist() == [1, 0]
    with pytest.raises(TypeError, match=r"^where: expected a BoolTensor or ByteTensor"):
        torch.where(x, x, x)
    with pytest.raises(OverflowError, match=r"^where: the number 300 does not fit ByteTensor"):
        torch.where(mask, torch.zeros(2, dtype=torch.uint8), 300)
