"""Data from and to NumPy and the buffer protocol."""

import ctypes
import gc
import hashlib
import sys

import numpy as np
import pytest
import torch
from harness import DTYPES, TYPE_NAMES, array, drawer, dtype_of, layouts, run, same


@pytest.mark.parametrize("dtype", DTYPES)
def test_both_ways_without_a_copy(dtype, rng):
    for layout, x in layouts(drawer(rng, dtype, -100, 100)):
        a = x.numpy()
        assert a.dtype == dtype
        assert a.shape == tuple(x.shape), layout
        item = np.dtype(dtype).itemsize
        if x.numel():
            assert a.ctypes.data == x.data_ptr(), layout
            strides = [s // item for s, n in zip(a.strides, a.shape, strict=True) if n > 1]
            assert strides == [s for s, n in zip(x.stride(), x.shape, strict=True) if n > 1], layout
        if layout.startswith("expanded"):
            continue
        y = torch.from_numpy(a)
        assert type(y) is getattr(torch, TYPE_NAMES[dtype] + "Tensor")
        assert y.data_ptr() == x.data_ptr() or not x.numel(), layout
        assert same(x, y), layout
        if x.numel():
            y.fill_(1)
            assert (a == 1).all(), layout
            assert x.view(-1)[0] == 1 if x.is_contiguous() else True


@pytest.mark.parametrize("dtype", DTYPES)
def test_array_functions(dtype):
    x = torch.tensor([1, 0, 3]).to(dtype_of(dtype))
    assert np.asarray(x).ctypes.data == x.data_ptr()
    assert np.array(x).ctypes.data != x.data_ptr()
    assert np.array(x).dtype == dtype
    assert np.asarray(x, dtype="float64").dtype == "float64"
    assert x.__array__().ctypes.data == x.data_ptr()
    assert x.__array__(copy=True).ctypes.data != x.data_ptr()
    assert x.__array__(np.dtype("int16")).dtype == "int16"
    other = "int8" if dtype != "int8" else "int16"
    with pytest.raises(ValueError, match=f"converting torch.{dtype} to {other} needs a copy"):
        x.__array__(np.dtype(other), copy=False)
    assert np.sum(x) == np.sum(array(x))
    assert np.concatenate([x, x]).shape == (6,)


def test_arrays_of_every_layout(rng):
    a = rng.standard_normal((4, 6, 5))
    arrays = [
        a,
        a[::-1, 1::2, ::-2],
        a.transpose(2, 0, 1),
        np.asfortranarray(a),
        a[:, :0],
        a[1, 2, 3:3],
        np.array(1.5),
        a[:1, :1, :1],
        np.zeros((1,) * 64),
        a.astype(np.longlong),
        a.astype(np.intc),
        a.astype(np.uint8).view(np.ubyte),
        np.lib.stride_tricks.as_strided(np.arange(5.0), (3, 3), (8, 8)),
    ]
    for b in arrays:
        x = torch.from_numpy(b)
        assert same(x, b)
        assert x.data_ptr() == b.ctypes.data or not b.size
        assert same(torch.tensor(b), b)


def test_memory_lives_as_long_as_either_side():
    a = np.arange(1000.0)
    references = sys.getrefcount(a)
    x = torch.from_numpy(a)
    assert sys.getrefcount(a) > references
    y = x[5:]
    del x
    assert sys.getrefcount(a) > references
    del y
    gc.collect()
    assert sys.getrefcount(a) == references
    x = torch.arange(1000)
    a = x.numpy()[10:]
    del x
    gc.collect()
    torch.full((1000,), 7)  # would take the freed block
    assert (a == np.arange(10, 1000)).all()
    storage = torch.from_numpy(np.arange(5)).storage()
    gc.collect()
    assert storage.tolist() == [0, 1, 2, 3, 4]


def test_shared_memory_cannot_move():
    x = torch.zeros(10)
    a = x.numpy()
    with pytest.raises(RuntimeError, match="cannot move a storage of 10 elements while an array"):
        x.resize_(10**6)
    assert x.shape == (10,)
    x.resize_(5)  # stays where it is
    a[0] = 3
    assert x[0] == 3
    del a
    x.resize_(10**6)
    y = torch.from_numpy(np.zeros(3))
    with pytest.raises(RuntimeError, match="whose memory belongs to another object"):
        y.resize_(4)
    with memoryview(x) as m, pytest.raises(RuntimeError, match="cannot move a storage"):
        x.resize_(len(m) * 2)


@pytest.mark.parametrize("dtype", DTYPES)
def test_buffer_protocol(dtype):
    x = torch.tensor([[1, 0, 3], [4, 5, 6]]).to(dtype_of(dtype))
    with memoryview(x) as m:
        assert m.shape == (2, 3)
        assert m.itemsize == x.element_size()
        assert m.nbytes == x.nbytes
        assert not m.readonly
        assert m.tolist() == x.tolist()
        assert m.c_contiguous
    with memoryview(x.t()) as m:
        assert m.tolist() == x.t().tolist()
        assert m.f_contiguous
    assert bytes(x) == array(x).tobytes()
    assert torch.tensor(memoryview(x[0])).tolist() == x[0].long().tolist() or dtype not in "int64"


def test_buffers_that_are_not_contiguous():
    x = torch.arange(6).view(2, 3).t()
    text = "^buffer: a contiguous buffer was asked of a non-contiguous LongTensor of size "
    with pytest.raises(BufferError, match=text):
        hashlib.sha1(x)
    view, column_major = ctypes.create_string_buffer(256), 0x58  # Py_buffer, PyBUF_F_CONTIGUOUS
    with pytest.raises(BufferError, match="^buffer: a column-major buffer was asked of LongTensor"):
        ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(x), view, column_major)
    flat = x.contiguous().view(-1)
    assert hashlib.sha1(flat).digest() == hashlib.sha1(array(flat).tobytes()).digest()


def test_arrays_that_are_refused():
    frozen = np.zeros(3)
    frozen.flags.writeable = False
    with pytest.raises(
        ValueError, match=r"^from_numpy: expected a writable array, got a read-only one"
    ):
        torch.from_numpy(frozen)
    assert torch.tensor(frozen).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="expected a writable array"):
        torch.DoubleTensor(frozen)
    for dtype in ["complex128", "uint16", "uint64", ">f8", "M8[s]", "S3", "U2", "O"]:
        with pytest.raises(TypeError, match=r"^from_numpy: arrays of dtype .* have no tensor type"):
            torch.from_numpy(np.zeros(3, dtype=dtype))
    with pytest.raises(TypeError, match="have no tensor type"):
        torch.from_numpy(np.zeros(3, dtype=[("a", "i4"), ("b", "f8")]))
    records = np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])
    with pytest.raises(ValueError, match="expected an array aligned to its elements"):
        torch.from_numpy(records["b"])
    records = np.zeros(3, dtype=[("a", "f8"), ("b", "i4")])
    text = "expected strides that are multiples of the element size 8, got 12 bytes; pass a copy"
    with pytest.raises(ValueError, match=text):
        torch.from_numpy(records["a"])
    assert torch.from_numpy(records["a"].copy()).tolist() == [0, 0, 0]
    misaligned = np.frombuffer(bytearray(33), dtype="u1")[1:].view("f8")
    with pytest.raises(ValueError, match="expected an array aligned to its elements"):
        torch.from_numpy(misaligned)
    for other in (3, [1, 2], "abc", None, torch.zeros(2), memoryview(b"ab"), np.float64(3)):
        with pytest.raises(TypeError, match=r"^from_numpy: expected a NumPy array, got "):
            torch.from_numpy(other)


def test_assignment_from_and_to_arrays():
    x = torch.zeros(2, 3)
    x[1] = np.array([1, 2, 3])
    assert x.tolist() == [[0, 0, 0], [1, 2, 3]]
    a = np.zeros((2, 3))
    a[...] = x
    assert a.tolist() == x.tolist()


def test_operations_between_arrays_and_tensors():
    """One kind of result in both orders, or an error that says what to do; never a wrong number."""
    x, a = torch.tensor([1.0, 2.0]), np.array([3.0, 4.0])
    results = []
    for f in (lambda: x + a, lambda: a + x):
        try:
            result = f()
        except TypeError as error:
            assert "Concatenation" not in str(error)
            result = TypeError
        else:
            assert array(result).tolist() == [4, 6]
        results.append(type(result))
    assert results[0] == results[1]


def test_numpy_numbers():
    x = torch.ones(2)
    for number in (np.float32(2), np.int64(2), np.uint8(2), np.float64(2)):
        assert (x + number).tolist() == [3, 3]
        assert (x * number).dtype == torch.float32
    assert torch.tensor(np.bool_(True)).dtype == torch.bool
    assert torch.zeros(np.int64(3)).shape == (3,)


def test_bfloat16():
    x = torch.tensor([1.5, -2]).bfloat16()
    for f in (x.numpy, lambda: np.asarray(x), x.__array__):
        text = r"^numpy: NumPy has no bfloat16, got BFloat16Tensor of size \(2,\); convert it first"
        with pytest.raises(TypeError, match=text):
            f()
    assert not hasattr(x, "__array_interface__")
    with pytest.raises(BufferError, match="no other library knows the elements of BFloat16Tensor"):
        memoryview(x)
    assert x.tolist() == x.float().numpy().tolist() == [1.5, -2]
    assert torch.HalfTensor([1.5, -2]).numpy().dtype == "float16"


@pytest.mark.parametrize("dtype", [*DTYPES, "float16"])
def test_array_interface(dtype, rng):
    class Holder:  # a library that knows only the interface
        def __init__(self, x):
            self.x, self.__array_interface__ = x, x.__array_interface__

    for layout, x in layouts(drawer(rng, dtype, -100, 100)):
        a = np.asarray(Holder(x))
        assert a.dtype == dtype, layout
        assert np.array_equal(a, x.numpy()), layout
        if x.numel():
            assert a.ctypes.data == x.data_ptr()
        assert x.__array_interface__["version"] == 3


@pytest.mark.parametrize("dtype", [*DTYPES, "float16", "bfloat16"])
def test_tolist(dtype, rng):
    for layout, x in layouts(drawer(rng, "uint8" if dtype != "bool" else dtype, 0, 100)):
        y = x.to(dtype_of(dtype))
        numbers = y.tolist()
        assert numbers == array(x).tolist(), layout
        while isinstance(numbers, list) and numbers:
            numbers = numbers[0]
        if not isinstance(numbers, list):
            kind = float if y.is_floating_point() else bool if dtype == "bool" else int
            assert type(numbers) is kind


def test_works_without_numpy():
    run(
        """
import sys
sys.modules["numpy"] = None
import torch
x = torch.tensor([[1.5, 2.5]])
assert (x + 1).tolist() == [[2.5, 3.5]]
assert "2.5" in repr(x)
assert x[0, 1] == 2.5 and torch.randn(3).sum() != 0
import array, copy, pickle
assert torch.tensor(array.array("f", [1, 2])).tolist() == [1, 2]
assert torch.tensor(range(3)).tolist() == [0, 1, 2]
assert torch.frombuffer(b"ab", torch.uint8).tolist() == [97, 98]
assert torch.from_dlpack(x).tolist() == x.tolist()
assert memoryview(x).tolist() == [[1.5, 2.5]]
assert pickle.loads(pickle.dumps(x)).equal(x) and copy.deepcopy(x).equal(x)
assert x.__array_interface__["shape"] == (1, 2)
assert torch.zeros(2, dtype=float).dtype is torch.float64
assert torch.finfo(torch.float32).bits == 32 and torch.result_type(x, 1) is torch.float32
try:
    x.numpy()
except RuntimeError as error:
    assert str(error) == "numpy: NumPy is not installed: pip install numpy", error
else:
    raise AssertionError
"""
    )
