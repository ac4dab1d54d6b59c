"""dtypes, tensor classes and constructors, and promotion against NumPy."""

import copy
import itertools
import pickle
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
        assert d.is_signed == (dtype not in ("bool", "uint8"))
        assert not d.is_complex
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


LIMITS = [
    "bits",
    "eps",
    "max",
    "min",
    "tiny",
    "smallest_normal",
    "smallest_subnormal",
    "resolution",
]


@pytest.mark.parametrize("dtype", [*FLOATS, "float16"])
def test_limits_of_floats(dtype):
    ours, numpys = torch.finfo(dtype_of(dtype)), np.finfo(dtype)
    for name in [*LIMITS, "precision"]:
        rel = 1e-3 if name == "resolution" else 0  # which NumPy rounds to the dtype
        assert getattr(ours, name) == pytest.approx(float(getattr(numpys, name)), rel=rel), name
    assert ours.dtype is dtype_of(dtype)
    assert f"max={ours.max}" in repr(ours)
    x = torch.tensor([ours.max, ours.tiny, ours.smallest_subnormal, ours.eps], dtype=ours.dtype)
    assert x.tolist() == [ours.max, ours.tiny, ours.smallest_subnormal, ours.eps]


def test_limits():
    b = torch.finfo("bfloat16")
    assert (b.bits, b.eps, b.max) == (16, 2**-7, (2 - 2**-7) * 2.0**127)
    assert torch.finfo().dtype is torch.float32
    assert torch.finfo(torch.DoubleTensor).bits == 64
    for dtype in INTEGERS:
        ours, numpys = torch.iinfo(dtype_of(dtype)), np.iinfo(dtype)
        assert (ours.min, ours.max, ours.bits) == (numpys.min, numpys.max, numpys.bits)
        assert repr(ours) == f"iinfo(min={ours.min}, max={ours.max}, dtype=torch.{dtype})"


HALVES = [*DTYPES, "float16"]


@pytest.mark.parametrize("a", HALVES)
def test_promotion_table(a):
    for b in HALVES:
        expected = np.promote_types(a, b)
        assert torch.promote_types(dtype_of(a), b) is dtype_of(expected.name)
        assert torch.result_type(torch.ones(2, dtype=a), dtype_of(b)) is dtype_of(expected.name)
        for casting in ("no", "equiv", "safe", "same_kind", "unsafe"):
            allowed = torch.can_cast(a, b, casting)
            assert allowed is bool(np.can_cast(a, b, casting)), (a, b, casting)
    assert torch.promote_types("bfloat16", "float16") is torch.float32
    assert torch.can_cast(torch.ones(1, dtype=a), a)


def test_result_type():
    f, i, m = torch.ones(1), torch.ones(1).long(), torch.ones(1).bool()
    assert torch.result_type(f, 2.5) is torch.result_type(f, 1, True) is torch.float32
    assert torch.result_type(i, 2.5) is torch.float64
    assert torch.result_type(m, 1) is torch.uint8
    assert torch.result_type(m, True) is torch.bool
    assert torch.result_type(1, True) is torch.int64
    assert torch.result_type(1, 2.5) is torch.float32
    assert torch.result_type(np.ones(1), "int8", f) is torch.float64
    assert torch.result_type(f.short(), f.half(), f.char()) is torch.float32
    for x, y in itertools.product([f, i, m], [1, 2.5, True]):
        assert (x * y).dtype is torch.result_type(x, y)


def test_devices():
    d = torch.device("cuda", 1)
    assert d == "cuda:1" == torch.device("cuda:1")
    assert (d.type, d.index) == ("cuda", 1)
    assert repr(d) == "torch.device('cuda:1')"
    assert str(d) == "cuda:1"
    assert torch.device("cuda").index is None
    cpu = torch.zeros(1).device
    assert type(cpu) is torch.device
    assert cpu == "cpu" == torch.device("cpu:0")
    assert cpu.type == "cpu"
    assert cpu.index is None
    assert {cpu: 1}["cpu"] == 1
    for clone in (copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))):
        assert clone(d) == d
        assert type(clone(d)) is torch.device


def test_names_of_gpu_types():
    for name in ("FloatTensor", "HalfTensor", "LongStorage"):
        assert getattr(torch.cuda, name).__name__ == name


@pytest.mark.parametrize("dtype", [*DTYPES, "float16", "bfloat16"])
def test_to(dtype):
    d = dtype_of(dtype)
    x, y = torch.tensor([0, 1]).to(d), torch.ones(2).to(d)
    for kept in (x.to(d), x.to("cpu"), x.to(y), x.to(), x.to(d, True), x.to("cpu", d), x.cpu()):
        assert kept is x
    for kept in (x.to(dtype=d), x.to(device="cpu", dtype=dtype), x.to(torch.device("cpu"))):
        assert kept is x
    assert x.astype(d, copy=False) is x.astype(d, False) is x.type_as(y) is x
    for copied in (
        *(x.to(d, copy=True), x.to("cpu", copy=True), x.to(y, copy=True), x.to(d, False, True)),
        *(x.to("cpu", d, copy=True), x.astype(d), x.astype(d, copy=True)),
    ):
        assert copied.dtype is d
        assert copied.tolist() == x.tolist()
        assert copied.data_ptr() != x.data_ptr()
    for other in ("int16", torch.float64):
        z = x.to("cpu", other, non_blocking=True)
        assert z.tolist() == x.tolist()
        assert z.dtype is x.astype(other).dtype is x.to(z).dtype is x.type_as(z).dtype
    assert x.is_floating_point() == d.is_floating_point
    assert torch.is_signed(x) == d.is_signed
    assert not x.is_complex()
    assert x.itemsize == x.element_size() == d.itemsize
    assert x.copy_(y, non_blocking=True).tolist() == [1, 1]
    assert not x.is_pinned()


def test_subclasses_of_every_type():
    for cls in torch.Tensor.__subclasses__():
        if cls.__module__ != "torch":
            continue
        sub = type("Sub", (cls,), {"extra": 3})
        x = sub([1, 0])
        assert type(x) is sub
        assert x.extra == 3
        assert x.tolist() == [1, 0]
        assert type(x.clone()) is cls
        assert x.type() == f"torch.{cls.__name__}"
        assert type(x.new(2)) is cls
        assert type(copy.deepcopy(x)) is cls
        assert type(pickle.loads(pickle.dumps(x))) is cls
        assert torch.zeros(1, dtype=sub).dtype is x.dtype
        assert repr(x)
        assert x.cpu() is x
        assert (x == x).tolist() == [True, True]
