"""Creation, copying and conversion."""

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
    array,
    check,
    drawer,
    dtype_of,
    layouts,
    on,
    same,
    tensor_of,
    to_nearest,
)

SHAPES = [(), (0,), (3,), (2, 0, 3), (2, 3), (1, 2, 3, 4, 5, 6, 1, 2)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_constant_tensors(shape, dtype):
    d = dtype_of(dtype)
    check(torch.zeros(*shape, dtype=d), np.zeros(shape, dtype), dtype, 0)
    check(torch.ones(shape, dtype=d), np.ones(shape, dtype), dtype, 0)
    check(torch.full(shape, 1, dtype=d), np.ones(shape, dtype), dtype, 0)
    x = torch.empty(torch.Size(shape), dtype=d)
    assert x.shape == shape
    assert x.dtype == d
    check(torch.zeros_like(x), np.zeros(shape, dtype), dtype, 0)
    check(torch.ones_like(x), np.ones(shape, dtype), dtype, 0)
    check(torch.full_like(x, 1), np.ones(shape, dtype), dtype, 0)
    assert torch.empty_like(x).shape == shape
    check(torch.zeros_like(x, dtype=torch.int16), np.zeros(shape, "int16"), "int16", 0)


def test_default_dtypes():
    assert torch.zeros(2).dtype == torch.ones(2).dtype == torch.empty(2).dtype == torch.float32
    assert torch.eye(2).dtype == torch.linspace(0, 1, 3).dtype == torch.float32
    assert torch.full((2,), 1).dtype == torch.int64
    assert torch.full((2,), 1.5).dtype == torch.float32
    assert torch.full((2,), True).dtype == torch.bool
    assert torch.arange(3).dtype == torch.int64
    assert torch.arange(3.0).dtype == torch.float32
    assert torch.range(1, 3).dtype == torch.float32
    assert torch.randperm(3).dtype == torch.int64


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", *FLOATS])
def test_ramps(dtype):
    d = dtype_of(dtype)
    for arguments in [(5,), (0,), (-3,), (2, 7), (7, 2), (7, 2, -2), (1, 8, 3), (-5, 5, 4)]:
        check(torch.arange(*arguments, dtype=d), np.arange(*arguments, dtype=dtype), dtype, 0)
    if dtype in FLOATS:
        for arguments in [(0, 1, 0.1), (1, 0, -0.25), (0.5, 3.2, 0.3)]:
            expected = np.arange(*arguments)
            assert np.allclose(array(torch.arange(*arguments, dtype=d)), expected, rtol=1e-6)
        check(torch.range(1, 2, 0.25, dtype=d), np.arange(1, 2.1, 0.25, dtype=dtype), dtype, 0)
        assert torch.range(0, 1, 0.1, dtype=d).shape == (11,)
        for n in (1, 2, 5, 1000):
            x = array(torch.linspace(-1, 1 if n > 1 else -1, n, dtype=d))
            assert np.allclose(x, np.linspace(-1, 1, n), rtol=1e-6, atol=1e-7)
            assert x[0] == -1
            assert n == 1 or x[-1] == 1


def test_integer_ramps_are_exact():
    check(torch.arange(2**53, 2**53 + 4), np.arange(2**53, 2**53 + 4), "int64", 0)
    check(torch.arange(2**62, 2**62 + 9, 3), np.arange(2**62, 2**62 + 9, 3), "int64", 0)
    check(torch.arange(-(2**63), -(2**63) + 2), np.arange(-(2**63), -(2**63) + 2), "int64", 0)
    assert torch.linspace(-1.5, 1.5, 4, dtype=torch.int64).tolist() == [-2, -1, 0, 1]


@pytest.mark.parametrize("n, m", [(3, 3), (2, 5), (5, 2), (0, 3), (3, 0), (1, 1)])
def test_eye(n, m):
    check(torch.eye(n, m), np.eye(n, m, dtype="float32"), "float32", 0)
    check(torch.eye(n, dtype=torch.int32), np.eye(n, dtype="int32"), "int32", 0)


def converted(values: np.ndarray, target: str) -> np.ndarray:
    if target == "bfloat16":
        return to_nearest(values.astype(np.float64), target).astype(np.float32)
    return values.astype(target)


@pytest.mark.parametrize("source", EVERY_DTYPE)
@pytest.mark.parametrize("target", EVERY_DTYPE)
def test_conversions(source, target, device, rng):
    limits = (-100, 100) if target != "uint8" else (0, 100)
    draw = drawer(rng, source, *limits)
    method = {"uint8": "byte", "int8": "char", "int16": "short", "int32": "int", "int64": "long"}
    method |= {"float32": "float", "float64": "double", "bool": "bool"}
    method |= {"float16": "half", "bfloat16": "bfloat16"}
    tensors = [*layouts(draw, device), ("large", on(device, tensor_of(draw((LARGE,)), source)))]
    for layout, x in tensors:
        expected = converted(array(x), target)
        check(x.to(dtype_of(target)), expected, target, 0, layout)
        check(getattr(x, method[target])(), expected, target, 0, layout)
        y = torch.empty(x.shape, dtype=dtype_of(target))
        assert y.copy_(x) is y
        check(y, expected, target, 0, layout)
    assert (x.to(dtype_of(target)) is x) == (source == target)


@pytest.mark.parametrize("target", INTEGERS)
def test_integers_wrap_when_they_are_converted(target):
    values = np.array([-(2**63), -(2**31) - 1, -129, -1, 0, 128, 255, 256, 65537, 2**40 + 3])
    check(torch.tensor(values).to(dtype_of(target)), values.astype(target), target, 0)
    fractions = np.array([-1.9, -0.5, 0.5, 99.99])
    if target != "uint8":
        check(torch.tensor(fractions).to(dtype_of(target)), fractions.astype(target), target, 0)
    # not a number of the dtype: some number, no crash
    torch.tensor([np.nan, np.inf, -np.inf, 1e300]).to(dtype_of(target))


def test_anything_but_zero_is_true():
    assert torch.tensor([0.0, -0.0, 0.5, float("nan")]).bool().tolist() == [
        False,
        False,
        True,
        True,
    ]
    assert torch.tensor([0, 256, -1]).bool().tolist() == [False, True, True]


@pytest.mark.parametrize("source", FLOATS)
def test_overflow_becomes_infinite(source):
    """float32 and float64 beyond float16; bfloat16 has float32's exponents."""
    values = np.array([65504, 65519.996, 65520, 1e6, -1e30, np.inf, -np.inf, np.nan], source)
    with np.errstate(all="ignore"):
        expected = values.astype("float16")
    assert same(torch.tensor(values).half(), expected)
    assert torch.tensor([3.4e38, -1e39], dtype=torch.float64).bfloat16().tolist() == [
        np.inf,
        -np.inf,
    ]


@pytest.mark.parametrize("dtype", HALVES)
def test_odd_tails_of_half_conversions(dtype, rng):
    x = tensor_of(drawer(rng, dtype, -9, 9)((200,)), dtype)
    wide = array(x.float())
    for n in range(1, 68):
        for start in (0, 1, 7):
            part = x[start : start + n].float()
            assert np.array_equal(array(part), wide[start : start + n])
            out = torch.full((n + 2,), 5).to(x.dtype)
            out[1 : n + 1] = torch.tensor(wide[start : start + n])
            assert same(out[1 : n + 1], x[start : start + n])
            assert out[0] == out[n + 1] == 5


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_clone_and_copy(dtype, device, rng):
    draw = drawer(rng, dtype, -100, 100)
    for layout, x in layouts(draw, device):
        y = x.clone()
        assert same(x, y), layout
        assert y.is_contiguous(), layout
        assert y.storage()._cdata != x.storage()._cdata, layout
        assert same(torch.clone(x), x)
        assert same(x.contiguous(), x)
    for shape, source in [((3, 4), (4,)), ((3, 4), (3, 1)), ((3, 4), ()), ((3, 4), (1, 1, 4))]:
        x, s = torch.zeros(shape, dtype=dtype_of(dtype)), tensor_of(draw(source), dtype)
        x.copy_(s)
        expected = np.broadcast_to(array(s).reshape(array(s).shape[-2:]), shape)
        check(x, expected, dtype, 0)
        y = torch.zeros(4, 3, dtype=dtype_of(dtype)).t()
        y.copy_(s)
        check(y, expected, dtype, 0)


def test_copy_of_overlapping_memory():
    x = torch.arange(10)
    x[1:].copy_(x[:-1])
    assert x.tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    x = torch.arange(10)
    x.copy_(x[::-1])
    assert x.tolist() == list(range(9, -1, -1))
    x = torch.arange(9).view(3, 3)
    x.copy_(x.t())
    assert x.tolist() == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]


@pytest.mark.parametrize("dtype", EVERY_DTYPE)
def test_fill(dtype, device, rng):
    value = 1 if dtype == "bool" else 77
    for layout, x in layouts(drawer(rng, dtype, -100, 100), device):
        if layout.startswith(("expanded", "empty")):
            continue
        version = x._version
        assert x.fill_(value) is x
        assert x._version > version
        check(x, np.full(x.shape, value), dtype, 0, layout)
        assert x.zero_() is x
        check(x, np.zeros(x.shape), dtype, 0, layout)
    assert torch.zeros(2, dtype=dtype_of(dtype)).copy_(1).tolist() == [1, 1]
    assert torch.zeros(2, dtype=torch.int8).fill_(3.0).tolist() == [3, 3]


def test_numbers_and_lists():
    x = torch.tensor([[1, 2], [3, 4]])
    assert x.tolist() == [[1, 2], [3, 4]]
    assert torch.tensor(5).tolist() == 5
    assert torch.tensor([[[7.5]]]).item() == 7.5
    assert torch.tensor(True).item() is True
    assert type(torch.tensor(3).item()) is int
    assert torch.zeros(2, 0).tolist() == [[], []]
    assert x.equal(x.clone())
    assert torch.equal(x, x.double())
    assert not x.equal(x + 1)
    assert not x.equal(x[0])
    assert torch.zeros(0).equal(torch.zeros(0))
    assert float(torch.tensor([2.5])) == 2.5
    assert int(torch.tensor([[2.9]])) == 2
    assert [10, 20, 30][torch.tensor(1)] == 20
    assert 3 in x
    assert 9 not in x
    assert bool(torch.tensor([[0.5]])) is True
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    assert [*torch.tensor([1.5, 2.5])] == [1.5, 2.5]


@pytest.mark.parametrize(
    "data, dtype, shape",
    [
        (3, "int64", ()),
        (2.5, "float32", ()),
        (True, "bool", ()),
        ([], "float32", (0,)),
        ([[], []], "float32", (2, 0)),
        ([1, 2], "int64", (2,)),
        ([1, True], "int64", (2,)),
        ([1, 2.5], "float32", (2,)),
        ([True, False], "bool", (2,)),
        (((1, 2), [3, 4]), "int64", (2, 2)),
        (range(4), "int64", (4,)),
        ([np.int32(1), np.float64(2)], "float32", (2,)),
        (np.arange(3, dtype="int16"), "int16", (3,)),
        ([np.arange(2), np.arange(2)], "int64", (2, 2)),
        (np.float64(1.5), "float64", ()),
        (np.int32(3), "int32", ()),
        (np.array(1.5), "float64", ()),
        (bytearray(b"ab"), "uint8", (2,)),
    ],
)
def test_tensor_of_data(data, dtype, shape):
    x = torch.tensor(data)
    assert x.dtype == dtype_of(dtype)
    assert x.shape == shape
    assert np.array_equal(array(x), np.array(data if not isinstance(data, bytearray) else [97, 98]))


def test_tensors_inside_of_data():
    assert torch.tensor([torch.tensor([1, 2]), torch.tensor([3, 4])]).tolist() == [[1, 2], [3, 4]]
    assert torch.tensor([torch.tensor(1), torch.tensor(2)]).tolist() == [1, 2]
    x = torch.tensor([1, 2])
    y = torch.tensor(x)
    y[0] = 5
    assert x[0] == 1
    assert torch.tensor(x, dtype=torch.float64).dtype == torch.float64


def test_values_that_do_not_fit():
    with pytest.raises(OverflowError, match="300 does not fit ByteTensor"):
        torch.tensor([300], dtype=torch.uint8)
    with pytest.raises(TypeError, match="expected whole numbers"):
        torch.tensor([1.5], dtype=torch.int32)
    assert torch.tensor([1, 2], dtype=torch.bool).tolist() == [True, True]
