"""dtypes, tensor classes and constructors, and promotion against NumPy."""

import itertools
import weakref

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, TYPE_NAMES, array, dtype_of, same

FUNCTIONS = {
    "add": np.add,
    "mul": np.multiply,
    "maximum": np.maximum,
    "floor_divide": np.floor_divide,
    "eq": np.equal,
    "lt": np.less,
    "logical_and": np.logical_and,
    "div": np.true_divide,
}


@pytest.fixture
def restore_default():
    yield
    torch.set_default_tensor_type("torch.FloatTensor")


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("b", DTYPES)
@pytest.mark.parametrize("a", DTYPES)
def test_promotion_of_two_tensors(a, b, name):
    x, y = np.array([1, 0, 3]).astype(a), np.array([1, 2, 3]).astype(b)
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[name](x, y)
    dtype = expected.dtype.name
    if name == "div" and a not in FLOATS and b not in FLOATS:
        dtype = "float64"  # for every pair of integer dtypes
    for p, q in [(torch.tensor(x), torch.tensor(y)), (torch.tensor(x[1]), torch.tensor(y))]:
        assert getattr(torch, name)(p, q).dtype == dtype_of(dtype)
    result = getattr(torch, name)(torch.tensor(x), torch.tensor(y))
    assert np.array_equal(array(result), expected)


NUMBERS = [0, 1, 2, -1, 127, 200, -300, 2**31, 2**40, -(2**63), 2.0, 0.5, -1e30, True, False]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_promotion_of_python_numbers(dtype, number):
    x = np.array([1, 0, 3]).astype(dtype)
    t = torch.tensor(x)
    if dtype == "bool" and type(number) is int:
        # a mask stays small: ByteTensor instead of NumPy's int64
        x = x.astype("uint8")
    for name in ("add", "mul", "maximum", "eq", "lt"):
        f = FUNCTIONS[name]
        try:
            with np.errstate(all="ignore"):
                expected = [f(x, number), f(number, x)]
        except OverflowError:
            for arguments in ((t, number), (number, t)):
                with pytest.raises(OverflowError, match=f"^{name}: the number .* does not fit"):
                    getattr(torch, name)(*arguments)
            continue
        if dtype in INTEGERS and type(number) is float and name in ("add", "mul", "maximum"):
            assert expected[0].dtype == "float64"
        for result, right in zip(
            [getattr(torch, name)(t, number), getattr(torch, name)(number, t)],
            expected,
            strict=True,
        ):
            assert result.dtype == dtype_of(right.dtype.name), name
            assert np.array_equal(array(result), right), name


def test_numbers_beyond_64_bits():
    for f in (lambda: torch.ones(2, dtype=torch.int64) + 2**70, lambda: torch.tensor([2**70])):
        with pytest.raises(OverflowError):
            f()


def test_functions_of_integers_give_float64():
    for dtype in ["bool", *INTEGERS]:
        x = torch.ones(2, dtype=dtype_of(dtype))
        for name in ("exp", "sqrt", "sigmoid", "reciprocal", "mean", "var", "norm"):
            result = getattr(torch, name)(x.view(2, 1), *([2, 1] if name == "norm" else []))
            if name in ("mean", "var"):
                result = getattr(torch, name)(x.view(2, 1), 1)
            assert result.dtype == torch.float64, (dtype, name)


def test_dtypes():
    assert str(torch.float32) == repr(torch.float32) == "torch.float32"
    for dtype in DTYPES:
        d = dtype_of(dtype)
        assert isinstance(d, torch.dtype)
        assert d.name == dtype
        assert d.itemsize == np.dtype(dtype).itemsize
        assert d.is_floating_point == (dtype in FLOATS)
        assert np.dtype(d.name) == dtype
    assert len({dtype_of(d) for d in DTYPES}) == len(DTYPES)
    assert {torch.int8: 1}[torch.int8] == 1
    with pytest.raises(TypeError):
        torch.dtype()


@pytest.mark.parametrize("dtype", DTYPES)
def test_classes(dtype):
    cls = getattr(torch, TYPE_NAMES[dtype] + "Tensor")
    x = torch.zeros(2, dtype=dtype_of(dtype))
    assert type(x) is cls
    assert isinstance(x, torch.Tensor)
    assert cls.__name__ == TYPE_NAMES[dtype] + "Tensor"
    assert cls.__module__ == "torch"
    assert x.type() == torch.typename(x) == f"torch.{cls.__name__}"
    assert x.type(cls) is x
    assert x.type(f"torch.{cls.__name__}") is x
    assert x.type(dtype_of(dtype)) is x
    assert x.to(dtype_of(dtype)) is x
    assert type(torch.zeros(2).type_as(x)) is cls
    assert type(torch.ones(2).type(cls)) is cls
    assert type(x.new(3)) is cls
    assert x.cpu() is x


@pytest.mark.parametrize("dtype", DTYPES)
def test_constructors(dtype):
    cls = getattr(torch, TYPE_NAMES[dtype] + "Tensor")
    one = True if dtype == "bool" else 1
    assert cls().shape == (0,)
    assert cls(2, 3).shape == cls(torch.Size([2, 3])).shape == (2, 3)
    assert cls(np.int64(2), 3).shape == (2, 3)
    assert cls(np.int64(4)).shape == (4,)
    assert cls([2, 3]).shape == (2,)
    assert cls((2, 3)).tolist() == [one * 2 > 0, True] if dtype == "bool" else [2, 3]
    assert cls([[1, 0], [1, 1]]).tolist() == [[one, 0], [one, one]]
    assert cls(range(2)).tolist() == [0, one]
    x = cls([1, 0])
    y = cls(x)
    y[1] = one
    assert x[1] == one
    z = cls(x.storage())
    z[0] = 0
    assert x[0] == 0
    a = np.zeros(2, dtype)
    cls(a)[0] = one
    assert a[0] == one
    other = np.ones(2, "float32" if dtype == "float64" else "float64")
    if dtype in INTEGERS:
        with pytest.raises(TypeError, match="expected whole numbers"):
            cls(other)
        with pytest.raises(TypeError, match="expected whole numbers"):
            cls([1.5])
        other = np.ones(2, "int16" if dtype == "int8" else "int8")
    b = cls(other)
    assert b.dtype == dtype_of(dtype)
    b[0] = 0
    assert other[0] == 1
    assert x.new([1, 1]).tolist() == [one, one]
    assert x.new(torch.Size([3])).shape == (3,)
    assert x.new().shape == (0,)
    assert x.new(x).is_set_to(x)


def test_tensor_builds_the_default_type(restore_default):
    assert type(torch.Tensor(2)) is torch.FloatTensor
    assert torch.get_default_dtype() == torch.float32
    for t in ("torch.DoubleTensor", torch.DoubleTensor, torch.float64):
        torch.set_default_tensor_type("torch.FloatTensor")
        torch.set_default_tensor_type(t)
        assert torch.get_default_dtype() == torch.float64
        for x in [
            torch.Tensor(2),
            torch.Tensor([1, 2]),
            torch.zeros(2),
            torch.ones(2),
            torch.empty(2),
            torch.randn(2),
            torch.rand(2),
            torch.eye(2),
            torch.linspace(0, 1, 2),
            torch.range(0, 1),
            torch.arange(2.0),
            torch.tensor([1.5]),
            torch.full((2,), 0.5),
        ]:
            assert type(x) is torch.DoubleTensor


def test_subclasses():
    class Named(torch.FloatTensor):
        def __new__(cls, *args, name="x"):
            self = super().__new__(cls, *args)
            self.name = name
            return self

        def __init__(self, *args, name="x"):
            pass

    x = Named([1, 2], name="weights")
    assert x.name == "weights"
    assert isinstance(x, torch.FloatTensor)
    assert (x + 1).tolist() == [2, 3]
    assert type(x + 1) is torch.FloatTensor
    with pytest.raises(TypeError, match="subclass one of the typed classes"):
        type("Untyped", (torch.Tensor,), {})(2)


def test_objects():
    x = torch.ones(2)
    assert not hasattr(x, "__dict__")
    with pytest.raises(AttributeError):
        x.name = "x"
    reference = weakref.ref(x)
    assert reference() is x
    del x
    assert reference() is None
    y = torch.ones(2)
    assert hash(y) == hash(y)
    assert len({y, torch.ones(2), y}) == 2
    with pytest.raises(TypeError):
        torch.FloatTensor.extra = 1


def test_predicates():
    x = torch.ones(2)
    assert torch.is_tensor(x)
    assert not torch.is_tensor(x.storage())
    assert torch.is_storage(x.storage())
    assert not torch.is_storage([1])
    assert torch.typename([1]) == "builtins.list"
    assert torch.typename(x) == "torch.FloatTensor"


def test_size():
    s = torch.Size([2, 3])
    assert repr(s) == "torch.Size([2, 3])"
    assert s == (2, 3)
    assert isinstance(s, tuple)
    assert s.numel() == 6
    assert torch.Size().numel() == 1
    assert type(s[1:]) is torch.Size
    assert type(s + (4,)) is torch.Size
    assert s + [4] == (2, 3, 4)
    assert torch.Size(torch.ones(2, 3).shape) == s
    with pytest.raises(TypeError, match="expected a sequence of ints, got"):
        torch.Size([1.5])
    with pytest.raises(TypeError, match="expected a sequence of ints, got 3"):
        torch.Size(3)


def test_every_dtype_pair_shares_one_table():
    """Promotion does not depend on the order of the operands."""
    for a, b in itertools.product(DTYPES, DTYPES):
        x, y = torch.ones(1, dtype=dtype_of(a)), torch.ones(1, dtype=dtype_of(b))
        assert (x + y).dtype == (y + x).dtype
        assert same(x * y, y * x)
