"""Creators: dtype=, device=, out=, spaced numbers, data from other objects."""

import array as arrays
import ctypes

import numpy as np
import pytest
import torch
from harness import DTYPES, FLOATS, INTEGERS, LARGE, array, check, dtype_of, same

ALL = [*DTYPES, "float16", "bfloat16"]

# how each dtype can be named, beside the dtype itself
NAMES = [
    (torch.float32, ["float32", "torch.float32", "FloatTensor", "torch.FloatTensor"]),
    (torch.float32, [torch.FloatTensor, torch.Tensor, np.float32, np.dtype("float32"), "Tensor"]),
    (torch.float64, [float, np.float64, "torch.DoubleTensor"]),
    (torch.int64, [int, np.int64, np.dtype("int64"), torch.LongTensor]),
    (torch.bool, [bool, np.bool_, np.dtype("bool"), "torch.BoolTensor"]),
    (torch.bfloat16, ["bfloat16", torch.BFloat16Tensor]),
]


@pytest.mark.parametrize("dtype, names", NAMES)
def test_names_of_dtypes(dtype, names):
    for name in names:
        assert torch.zeros(2, dtype=name).dtype is dtype, name
        assert torch.ones(2, dtype=torch.int16).to(name).dtype is dtype
        assert torch.tensor([1, 0], dtype=name).dtype is dtype
        assert torch.ones(1).astype(name).dtype is dtype
        assert torch.ones(1).type(name).dtype is dtype


def test_short_names():
    assert torch.half is torch.float16
    assert torch.float is torch.float32
    assert torch.double is torch.float64
    assert torch.short is torch.int16
    assert torch.int is torch.int32
    assert torch.long is torch.int64


CREATORS = {
    "zeros": (2, 3),
    "ones": (2, 3),
    "empty": (2, 3),
    "full": ((2, 3), 1),
    "arange": (6,),
    "range": (0, 5),
    "linspace": (0, 5, 6),
    "logspace": (0, 1, 2),
    "geomspace": (1, 4, 3),
    "eye": (3, 2),
    "identity": (3,),
}


@pytest.mark.parametrize("name", CREATORS)
def test_dtype_device_and_out(name):
    f, arguments = getattr(torch, name), CREATORS[name]
    for dtype in ALL:
        expected = f(*arguments, dtype=dtype_of(dtype), device="cpu")
        assert expected.dtype == dtype_of(dtype)
        shape = expected.shape
        outputs = [
            torch.empty(shape, dtype=dtype_of(dtype)),
            torch.empty(0, dtype=dtype_of(dtype)),
            torch.empty((*shape, 2), dtype=dtype_of(dtype)).select(-1, 1),
        ]
        for out in outputs:
            version = out._version
            assert f(*arguments, out=out) is out
            assert out.shape == shape
            if name != "empty":
                assert out._version > version
                assert out.tolist() == expected.tolist()
        assert f(*arguments, out=outputs[0], dtype=dtype_of(dtype)) is outputs[0]
    for device in ("cpu", torch.device("cpu"), "cpu:0"):
        assert f(*arguments, device=device).device == "cpu"
    with pytest.raises(RuntimeError, match=f"^{name}: no device cuda: this torch was built"):
        f(*arguments, device="cuda")


@pytest.mark.parametrize("dtype", ALL)
def test_like(dtype):
    x = torch.ones(2, 3).t().to(dtype_of(dtype))
    for name, *values in [("zeros_like",), ("ones_like",), ("full_like", 1), ("empty_like",)]:
        y = getattr(torch, name)(x, *values)
        assert y.dtype == x.dtype
        assert y.shape == x.shape
        assert y.is_contiguous()
        z = getattr(torch, name)(x, *values, dtype="int16", device=x.device)
        assert z.dtype == torch.int16
        with pytest.raises(RuntimeError, match=f"^{name}: no device cuda"):
            getattr(torch, name)(x, *values, device="cuda:0")


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("start, end, n", [(0, 1, 5), (-2.5, 1e3, 100), (3, 3, 1), (1, 0, LARGE)])
def test_spaced_numbers(dtype, start, end, n):
    d = dtype_of(dtype)
    spaced = torch.linspace(start, end, n, dtype=d)
    exact = np.linspace(start, end, n)
    assert spaced.dtype == d
    # near zero the rounding of start and end is what counts
    unit = np.finfo(dtype).eps * max(abs(start), abs(end), 1e-300)
    assert np.allclose(array(spaced), exact, rtol=2 * np.finfo(dtype).eps, atol=unit)
    if n < 1000:
        low, high = min(start, 3), min(end, 3)
        exact = np.logspace(low, high, n, base=2)
        # the exponents are rounded; of one unit, 2 to their power feels what 3 times log(2) makes
        check(torch.logspace(low, high, n, 2, dtype=d), exact.astype(dtype), dtype, 6)
        exact = np.geomspace(start + 3, end + 3, n)
        result = array(torch.geomspace(start + 3, end + 3, n, dtype=d))
        assert np.allclose(result, exact, rtol=1e-6 if dtype == "float32" else 1e-14)
        assert result[0] == dtype_and(start + 3, dtype)
        assert result[-1] == dtype_and(end + 3, dtype)
    assert torch.linspace(0, 1).shape == torch.logspace(0, 1).shape == (100,)


def dtype_and(number, dtype):
    return np.dtype(dtype).type(number)


def test_spaced_numbers_at_the_limits():
    big = np.finfo("float64").max
    x = torch.linspace(-big, big, 5, dtype=torch.float64)
    assert x.tolist() == [-big, -big / 2, 0, big / 2, big]
    assert torch.geomspace(-1, -8, 4).tolist() == [-1, -2, -4, -8]
    top = 2.0**63 - 1024
    assert torch.linspace(0, top, 7, dtype=torch.int64)[6] == int(top)
    x = torch.linspace(0, 255, 256, dtype=torch.uint8)
    assert x.tolist() == list(range(256))
    assert all(0 <= v <= 0.3 for v in torch.linspace(0, 0.3, 7, dtype=torch.float64).tolist())


def test_methods_that_resize():
    x = torch.ones(2)
    assert x.zeros_(2, 3) is x
    assert x.tolist() == [[0] * 3] * 2
    assert x.ones_((3,)).tolist() == [1] * 3
    assert x.zeros_(torch.Size([1])).tolist() == [0]


@pytest.mark.parametrize("dtype", ALL)
def test_large_constants(dtype):
    d = dtype_of(dtype)
    assert torch.zeros(LARGE * 20, dtype=d).sum() == 0
    assert torch.full((LARGE,), 1, dtype=d).double().sum() == LARGE
    x = torch.ones(301, 331, dtype=d).t()
    x.fill_(0)
    assert x.double().sum() == 0
    if dtype in ("int32", "int64", "float64"):
        assert same(torch.arange(LARGE, dtype=d), torch.tensor(np.arange(LARGE, dtype=dtype)))


@pytest.mark.parametrize("function", ["tensor", "as_tensor", "asarray"])
def test_objects_with_buffers(function):
    f = getattr(torch, function)
    source = arrays.array("i", [1, 2, 3])
    x = f(source)
    assert x.dtype == torch.int32
    assert x.tolist() == [1, 2, 3]
    source[0] = 9
    assert x[0] == (1 if function == "tensor" else 9)
    x = f(memoryview(bytearray(range(6))).cast("B", (2, 3)))
    assert x.dtype == torch.uint8
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert f(memoryview(b"ab")[::-1]).tolist() == [98, 97]  # read-only: a copy
    assert f((ctypes.c_double * 2)(1.5, 2.5)).tolist() == [1.5, 2.5]
    assert f(memoryview(np.int32([1, 2])), dtype=torch.float64).tolist() == [1, 2]
    with pytest.raises(TypeError, match=f"^{function}: a memoryview of elements of format 'c' has"):
        f(memoryview(b"ab").cast("c"))
    with pytest.raises(TypeError, match=f"^{function}: expected numbers or .* got bytes$"):
        f(b"ab")


def test_objects_with_array_interfaces():
    class Interface:
        def __init__(self, a):
            self.a = a

        @property
        def __array_interface__(self):
            return self.a.__array_interface__

    class Array(Interface):
        __array_interface__ = None

        def __array__(self, dtype=None, copy=None):
            return self.a

    class DLPack(Interface):
        __array_interface__ = None

        def __dlpack__(self, **keywords):
            return self.a.__dlpack__(**keywords)

    del Array.__array_interface__, DLPack.__array_interface__
    for cls in (Array, DLPack):
        a = np.arange(6.0).reshape(2, 3)
        x = torch.as_tensor(cls(a))
        x[0, 0] = 7
        assert a[0, 0] == 7, cls
        y = torch.tensor(cls(a))
        y[0, 0] = 0
        assert a[0, 0] == 7
        assert torch.asarray(cls(a), copy=True).data_ptr() != a.ctypes.data
    a = np.arange(6.0)
    assert torch.as_tensor(Interface(a)).data_ptr() == a.ctypes.data


def test_as_tensor_shares_where_it_can():
    x = torch.tensor([1, 2])
    assert torch.as_tensor(x) is torch.asarray(x) is x
    assert torch.asarray(x, copy=False) is x
    assert torch.asarray(x, dtype="int64", device="cpu") is x
    assert torch.asarray(x, copy=True).data_ptr() != x.data_ptr()
    assert torch.as_tensor(x, dtype=torch.float32).tolist() == [1, 2]
    a = np.arange(3.0)
    assert torch.as_tensor(a).data_ptr() == a.ctypes.data
    assert torch.as_tensor([1, 2.5]).tolist() == [1, 2.5]
    assert torch.as_tensor(3).shape == ()
    a.flags.writeable = False
    y = torch.as_tensor(a)
    y[0] = 5
    assert a[0] == 0
    for data, text in [
        ([1, 2], "the values of a list need a copy, but copy is False"),
        (a, "expected a writable array, got a read-only one"),
        (b"ab", "the values of a bytes need a copy"),
        (memoryview(b"ab"), "expected a writable buffer, got a read-only one"),
    ]:
        with pytest.raises(ValueError, match=f"^asarray: {text}"):
            torch.asarray(data, copy=False)
    with pytest.raises(ValueError, match="^asarray: converting LongTensor .* to FloatTensor needs"):
        torch.asarray(x, dtype=torch.float32, copy=False)


def test_arrays_that_need_a_copy_are_copied():
    records = np.zeros(3, dtype=[("a", "u1"), ("b", "i4")])
    records["b"] = [1, -2, 3]
    swapped = np.arange(3, dtype=">f8")
    for f in (torch.tensor, torch.as_tensor):
        assert f(records["b"]).tolist() == [1, -2, 3]
        assert f(swapped).tolist() == [0, 1, 2]
        assert f(swapped.astype(">i2")[::-1]).tolist() == [2, 1, 0]
    for dtype in ["complex64", "uint32", "M8[s]", "O"]:
        with pytest.raises(TypeError, match="^tensor: arrays of dtype .* have no tensor type"):
            torch.tensor(np.zeros(2, dtype=dtype))


@pytest.mark.parametrize("name", ["frombuffer", "from_buffer"])
def test_from_buffer(name):
    f = getattr(torch, name)
    memory = bytearray(np.arange(4, dtype="int32").tobytes())
    x = f(memory, torch.int32)
    assert x.tolist() == [0, 1, 2, 3]
    x[0] = 258
    assert memory[:2] == b"\x02\x01"
    with pytest.raises(BufferError):
        memory.append(0)  # the buffer is in use
    y = x[1:]
    del x
    with pytest.raises(BufferError):
        memory.append(0)
    assert y[0] == 1
    del y
    memory.append(0)
    del memory[-1]
    assert f(memory, "int32", 2, 4).tolist() == [1, 2]
    assert f(memory, torch.int32, count=1, offset=8).tolist() == [2]
    assert f(memory, torch.int32, offset=16).shape == (0,)
    assert f(b"", torch.int32).shape == (0,)
    assert f(b"\x01\x00", torch.bool).tolist() == [True, False]
    assert f(np.float32([1, 2])).tolist() == [1, 2]
    assert f(np.array([1, 2], "float16").tobytes(), torch.float16).tolist() == [1, 2]
    frozen = bytes(8)
    f(frozen, torch.float32)[0] = 1  # a copy
    assert frozen == bytes(8)
    for arguments, kind, text in [
        ((memory, torch.int32, 5), ValueError, "expected a count of -1 to 4 elements, got 5"),
        ((memory, torch.int32, -2), ValueError, "expected a count of -1 to 4 elements, got -2"),
        ((memory, torch.int32, 2**62), ValueError, "expected a count of -1 to 4 elements"),
        ((memory, torch.int32, 1, 17), ValueError, "expected an offset of 0 to 16 bytes, got 17"),
        ((memory, torch.int32, 1, -1), ValueError, "expected an offset of 0 to 16 bytes, got -1"),
        ((memory, torch.int32, -1, 3), ValueError, "13 bytes are no whole number of elements of 4"),
        ((memory, torch.int32, 1, 2), ValueError, "expected elements aligned to 4 bytes, got the"),
        ((b"\x02", torch.bool), ValueError, "expected bytes of 0 or 1 for a BoolTensor, got 2"),
        (([1, 2], torch.int32), TypeError, "expected an object with a buffer, got list"),
    ]:
        with pytest.raises(kind, match=f"^{name}: {text}"):
            f(*arguments)
    with pytest.raises((BufferError, ValueError)):
        f(np.zeros((4, 4))[:, 1], torch.float64)


def test_lists_that_change_while_they_are_read():
    data = []

    class Clearing:
        def __index__(self):
            data.clear()
            return 1

    for f in (torch.tensor, torch.FloatTensor, torch.zeros):
        data[:] = [Clearing(), 2, 3, 4]
        with pytest.raises((ValueError, TypeError)):
            f(data)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_zero_dimensional_arguments_are_numbers(dtype):
    for number in (torch.tensor(3, dtype=dtype_of(dtype)), np.array(3, dtype)):
        assert torch.full((2,), number).tolist() == [3, 3]
        assert torch.zeros(2).fill_(number).tolist() == [3, 3]
        assert torch.zeros(2).clamp(min=number).tolist() == [3, 3]
        assert torch.arange(number).tolist() == [0, 1, 2]
        assert torch.eye(number).shape == (3, 3)
        assert torch.zeros(2, 4).select(1, number).shape == (2,)
        assert torch.tensor([number, 1]).tolist() == [3, 1]
        assert number in torch.tensor([3.0])
    assert torch.full((1,), np.array(0.5)).tolist() == [0.5]
    with pytest.raises(TypeError, match="^full: got"):
        torch.full((2,), torch.zeros(1))
    with pytest.raises(TypeError):
        torch.eye(np.array(0.5))
