"""Typed storages."""

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
