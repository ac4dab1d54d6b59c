"""Element-wise operations of three and more inputs."""

import numpy as np
import pytest
import torch
from harness import (
    DTYPES,
    FLOATS,
    INTEGERS,
    LARGE,
    WIDER,
    array,
    check,
    check_forms,
    drawer,
    dtype_of,
    layouts,
    on,
    same,
)

NUMBERS = [*INTEGERS, *FLOATS]


def wide(x: np.ndarray) -> np.ndarray:
    return x.astype(WIDER.get(x.dtype.name, x.dtype))


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
            exact = f(*(wide(array(t).astype(result)) for t in tensors), *numbers)
        exact = np.asarray(exact).astype(WIDER.get(result, result))
        ulp = 0 if name == "clamp" else ULP
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


@pytest.mark.parametrize("dtype", DTYPES)
def test_where(dtype, device, rng):
    draw = drawer(rng, dtype, -5, 5)
    masks = layouts(drawer(rng, "bool", 0, 1), device)
    for (layout, mask), (_, x), (_, y) in zip(
        masks, layouts(draw, device), layouts(draw, device), strict=True
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


@pytest.mark.parametrize("dtype", DTYPES)
def test_masked_fill(dtype, device, rng):
    draw = drawer(rng, dtype, -5, 5)
    x = on(device, torch.tensor(draw((5, 7))))
    mask = array(x) > draw((7,))
    value = draw(()).item() if dtype != "bool" else True
    expected = np.where(mask, np.asarray(value, dtype), array(x))
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
    t = torch.tensor(x)
    expected = np.where(x <= 2, np.asarray(3, dtype), x)
    check(torch._C.threshold(t, 2, 3), expected, dtype, 0)
    g = drawer(rng, dtype, -5, 5)((5, 7))
    gradient = torch._C.threshold_input_grad(torch.tensor(g), t, 2)
    check(gradient, np.where(x <= 2, np.asarray(0, dtype), g), dtype, 0)
    assert torch._C.threshold_(t, 2, 3) is t
    check(t, expected, dtype, 0)
