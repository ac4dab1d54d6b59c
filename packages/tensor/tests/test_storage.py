"""Typed storages."""

import copy
import gc
import os
import pickle

import pytest
import torch
from harness import DTYPES, TYPE_NAMES, dtype_of

CLASSES = {dtype: getattr(torch, name + "Storage") for dtype, name in TYPE_NAMES.items()}


@pytest.mark.parametrize("dtype", DTYPES)
def test_construction(dtype):
    cls = CLASSES[dtype]
    assert cls.dtype == dtype_of(dtype)
    assert len(cls()) == 0
    assert cls(4).size() == len(cls(4)) == 4
    s = cls([1, 0, 1])
    assert s.tolist() == [1, 0, 1]
    assert s.element_size() == dtype_of(dtype).itemsize
    assert s.nbytes() == 3 * s.element_size()
    assert torch.is_storage(s)
    shared = cls(s)
    assert shared._cdata == s._cdata
    assert shared.data_ptr() == s.data_ptr()
    other = CLASSES["int16" if dtype != "int16" else "int32"](s)
    assert other.tolist() == [1, 0, 1]
    assert other._cdata != s._cdata
    assert s.is_cuda is False


@pytest.mark.parametrize("dtype", DTYPES)
def test_elements(dtype):
    s = CLASSES[dtype](5)
    assert s.fill_(1) is s
    s[1] = 0
    s[-1] = 0
    assert s[0] == 1
    assert s[-1] == 0
    assert list(s) == s.tolist() == [1, 0, 1, 1, 0]
    assert s[1:3].tolist() == [0, 1]
    s[1:3] = 1
    assert s.tolist() == [1, 1, 1, 1, 0]
    copied = s.clone()
    copied.fill_(0)
    assert s[0] == 1
    assert s.copy_(copied) is s
    assert s.tolist() == [0] * 5
    assert CLASSES["float64"](5).copy_(s).tolist() == [0] * 5


def test_resize():
    s = torch.FloatStorage([1, 2, 3])
    assert s.resize_(5000) is s
    assert len(s) == 5000
    assert s[:3].tolist() == [1, 2, 3]
    assert s.resize_(1).tolist() == [1]
    assert len(s.resize_(0)) == 0


def test_views_of_a_shrunk_storage_stay_safe():
    x = torch.arange(100000)
    x.storage().resize_(1)
    x.sum()
    x.fill_(1)
    x.storage().resize_(200000)
    x.fill_(2)
    assert x.sum() == 200000


def test_tensors_over_a_storage():
    s = torch.FloatStorage([1, 2, 3, 4])
    x, y = torch.FloatTensor(s), torch.FloatTensor(s)
    x[0] = 9
    assert y[0] == s[0] == 9
    assert x.storage()._cdata == y.storage()._cdata == s._cdata
    version = x._version
    y.fill_(1)
    assert x._version == s._version > version
    del x, y
    assert s.tolist() == [1, 1, 1, 1]


def test_printing():
    assert repr(torch.IntStorage([1, 2])) == " 1\n 2\n[torch.IntStorage of size 2]"
    long = repr(torch.IntStorage(1000).fill_(3))
    assert len(long.splitlines()) == 22
    assert "[torch.IntStorage of size 1000]" in long


@pytest.mark.parametrize(
    "call, kind, text",
    [
        (
            lambda: torch.FloatStorage(1, 2),
            TypeError,
            "FloatStorage: expected a size, a sequence or a storage, got 2",
        ),
        (lambda: torch.FloatStorage(-1), ValueError, "FloatStorage: expected sizes of 0 or more"),
        (
            lambda: torch.FloatStorage(2**62),
            ValueError,
            "FloatStorage: the number of elements .* is too large",
        ),
        (
            lambda: torch.FloatStorage([[1], [2]]),
            ValueError,
            r"expected a flat sequence, got size \(2, 1\)",
        ),
        (lambda: torch.FloatStorage("ab"), TypeError, "FloatStorage: expected numbers"),
        (lambda: torch.IntStorage([1.5]), TypeError, "IntStorage: expected whole numbers"),
        (lambda: torch.IntStorage(2)[2], IndexError, "index 2 is out of range"),
        (lambda: torch.IntStorage(2)[::2], ValueError, "slices of a storage have step 1, got 2"),
        (lambda: torch.IntStorage(2).fill_("a"), TypeError, "fill_: expected a number, got str"),
        (
            lambda: torch.IntStorage(2).fill_(2**40),
            OverflowError,
            "fill_: the number .* does not fit IntTensor",
        ),
        (
            lambda: torch.IntStorage(2).copy_(torch.IntStorage(3)),
            ValueError,
            "expected a storage of 2 elements, got 3",
        ),
        (
            lambda: torch.IntStorage(2).resize_(-1),
            ValueError,
            "resize_: expected sizes of 0 or more",
        ),
        (lambda: torch.IntStorage(2).__setitem__(0, "a"), TypeError, "index: expected numbers"),
        (
            lambda: torch.DoubleTensor(torch.FloatStorage(2)),
            TypeError,
            "expected a DoubleStorage, got a FloatStorage",
        ),
        (lambda: torch._C._Storage(), TypeError, "use one of the typed classes"),
        (
            lambda: torch.IntStorage(2).type("torch.IntTensor"),
            ValueError,
            "^type: expected a storage",
        ),
        (lambda: torch.IntStorage(2).type(3), ValueError, "^type: expected a storage type such as"),
        (
            lambda: torch.IntStorage(2).type("torch.cuda.IntStorage"),
            RuntimeError,
            "^type: no device",
        ),
        (lambda: torch.IntStorage(2).cuda(), RuntimeError, "^cuda: no device cuda: this torch was"),
        (lambda: torch.IntStorage(2).pin_memory(), RuntimeError, "^pin_memory: no device cuda"),
        (
            lambda: torch.IntStorage.from_buffer(b"abcd", "middle"),
            ValueError,
            "^from_buffer: expected byte_order to be 'native', 'little' or 'big', got 'middle'$",
        ),
        (
            lambda: torch.IntStorage.from_buffer(b"abcde"),
            ValueError,
            "^from_buffer: 5 bytes are no whole number of elements of 4 bytes$",
        ),
        (lambda: torch._C._Storage.from_buffer(b""), TypeError, "use one of the typed classes"),
        (
            lambda: torch.IntStorage(9)[2:4].resize_(9),
            RuntimeError,
            "^resize_: cannot resize a storage of 2 elements whose memory belongs to another",
        ),
        (
            lambda: torch.IntStorage(9)[2:4].share_memory_(),
            RuntimeError,
            "^share_memory_: cannot move a storage of 2 elements whose memory belongs to another",
        ),
    ],
)
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_construction_without_init():
    """`T.__new__(T)` gives an empty value; the untyped base gives none at all."""
    assert torch.FloatStorage.__new__(torch.FloatStorage).tolist() == []
    with pytest.raises(TypeError, match=r"^_Storage: use one of the typed classes, such as torch"):
        torch._C._Storage.__new__(torch._C._Storage)
    with pytest.raises(TypeError, match=r"^__new__: expected torch._C.FloatStorage or a subclass"):
        torch.FloatStorage.__new__(int)


def test_uninitialized_bools_are_bools():
    x = torch.BoolTensor(1000)
    assert set(memoryview(x).cast("B").tobytes()) <= {0, 1}
    x.resize_(5000)
    assert set(memoryview(x).cast("B").tobytes()) <= {0, 1}


ALL = {**CLASSES, "float16": torch.HalfStorage, "bfloat16": torch.BFloat16Storage}


@pytest.mark.parametrize("dtype", ALL)
def test_slices_share_memory(dtype):
    s = ALL[dtype](10).fill_(0)
    part = s[2:6]
    assert type(part) is type(s)
    assert len(part) == 4
    assert part.data_ptr() == s.data_ptr() + 2 * s.element_size()
    part[0] = 1
    assert s[2] == 1
    s[3] = 1
    assert part.tolist() == [1, 1, 0, 0]
    inner = part[1:]
    inner.fill_(1)
    assert s.tolist() == [0, 0, 1, 1, 1, 1, 0, 0, 0, 0]
    version = s._version
    inner[0] = 0
    assert s._version > version  # writes through a slice are writes
    assert part._version == s._version
    with pytest.raises(RuntimeError, match="^resize_: cannot move a storage of 10 elements while"):
        s.resize_(10_000)
    tensor = type(torch.empty(0, dtype=dtype_of(dtype)))(inner)
    del s, part, inner
    gc.collect()
    torch.full((10,), 7, dtype=dtype_of(dtype))  # would take the freed block
    assert tensor.tolist() == [0, 1, 1]
    assert [len(torch.IntStorage(5)[key]) for key in (slice(9), slice(4, 2), slice(-2, None))] == [
        5,
        0,
        2,
    ]


def test_copies_of_slices_share_with_their_base():
    s = torch.IntStorage(range(6))
    graph = [s, s[2:5], torch.IntTensor(s[1:4]), torch.IntTensor(s)]
    for clone in (copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))):
        base, part, vector, whole = clone(graph)
        base[3] = 100
        assert part.tolist() == [2, 100, 4]
        assert vector.tolist() == [1, 2, 100]
        assert whole.tolist() == [0, 1, 2, 100, 4, 5]
        assert s[3] == 3


@pytest.mark.parametrize("dtype", ALL)
def test_types_and_copies(dtype):
    s = ALL[dtype]([1, 0, 1])
    assert s.type() == f"torch.{type(s).__name__}"
    assert s.type(type(s)) is s
    assert s.type(s.type()) is s
    assert s.cpu() is s
    assert s.device == "cpu"
    assert not s.is_pinned()
    assert s.new(4).size() == 4
    assert type(s.new([1])) is type(s)
    assert s.new(s)._cdata == s._cdata
    names = {"bool": "bool", "byte": "uint8", "char": "int8", "short": "int16", "int": "int32"}
    names |= {"long": "int64", "half": "float16", "bfloat16": "bfloat16", "float": "float32"}
    for method, target in {**names, "double": "float64"}.items():
        t = getattr(s, method)()
        assert t.dtype is dtype_of(target)
        assert t.tolist() == [1, 0, 1]
        assert (t is s) == (target == dtype)
        assert type(s.type(type(t))) is type(t)
    for t in (copy.copy(s), copy.deepcopy(s), pickle.loads(pickle.dumps(s)), s.clone()):
        assert type(t) is type(s)
        assert t.tolist() == s.tolist()
        assert t.data_ptr() != s.data_ptr()
    assert repr(s).endswith(f"[torch.{type(s).__name__} of size 3]")


@pytest.mark.parametrize("order", ["native", "little", "big"])
@pytest.mark.parametrize("dtype", ALL)
def test_from_buffer(dtype, order):
    cls = ALL[dtype]
    values = [1, 0, 1] if dtype == "bool" else [1, 2, 100]
    data = cls(values)._bytes()
    if order == "big":
        n = cls.dtype.itemsize
        data = b"".join(data[i : i + n][::-1] for i in range(0, len(data), n))
    for buffer in (data, bytearray(data), memoryview(data)):
        assert cls.from_buffer(buffer, order).tolist() == values
    assert cls.from_buffer(b"x" + data, byte_order=order, offset=1).tolist() == values
    assert cls.from_buffer(data, order, 1, cls.dtype.itemsize).tolist() == values[1:2]
    memory = bytearray(data)
    s = cls.from_buffer(memory, order)  # a copy
    memory.clear()
    assert s.tolist() == values


def test_shared_memory():
    x = torch.arange(1000)
    view, s = x.view(10, 100)[3], x.storage()
    version = x._version
    assert not x.is_shared()
    assert x.share_memory_() is x
    assert x.is_shared()
    assert view.is_shared()
    assert s.is_shared()
    assert s[3:5].is_shared()
    assert view.tolist() == list(range(300, 400))
    assert x._version == version
    process = os.fork()
    if process == 0:
        view.fill_(7)
        os._exit(0)
    os.waitpid(process, 0)
    assert x.tolist() == [*range(300), *[7] * 100, *range(400, 1000)]
    x.share_memory_()  # is already
    with pytest.raises(RuntimeError, match="^resize_: cannot move a storage of 1000 elements that"):
        x.resize_(10**6)
    assert x.resize_(10).sum() == 45
    assert not x.clone().is_shared()
    a = torch.zeros(2)
    with memoryview(a), pytest.raises(RuntimeError, match="^share_memory_: cannot move a storage"):
        a.share_memory_()
    assert torch.FloatStorage(0).share_memory_().is_shared()
    assert torch.FloatStorage([1, 2]).share_memory_().tolist() == [1, 2]
