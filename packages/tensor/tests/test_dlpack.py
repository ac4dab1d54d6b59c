"""DLPack both ways: with NumPy, and with a producer and a consumer written here over ctypes."""

import ctypes
import gc

import numpy as np
import pytest
import torch
from harness import DTYPES, array, drawer, dtype_of, layouts, same


class Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int32), ("id", ctypes.c_int32)]


class DataType(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16)]


class DLTensor(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device", Device),
        ("ndim", ctypes.c_int32),
        ("dtype", DataType),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    ]


DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Legacy(ctypes.Structure):
    _fields_ = [("tensor", DLTensor), ("context", ctypes.c_void_p), ("deleter", DELETER)]


class Versioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", DELETER),
        ("flags", ctypes.c_uint64),
        ("tensor", DLTensor),
    ]


READ_ONLY, COPIED = 1, 2
api = ctypes.pythonapi
api.PyCapsule_New.restype = ctypes.py_object
api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
api.PyCapsule_GetPointer.restype = ctypes.c_void_p
api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
api.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]
api.PyCapsule_GetName.restype = ctypes.c_char_p
api.PyCapsule_GetName.argtypes = [ctypes.py_object]
NAMES = {Legacy: b"dltensor", Versioned: b"dltensor_versioned"}


class Producer:
    """An array of another library. `deleted` counts the calls of its deleter."""

    def __init__(self, data, kind=Versioned, **changes):
        self.data, self.kind, self.deleted = data, kind, 0
        self.shape = (ctypes.c_int64 * data.ndim)(*data.shape)
        steps = [s // data.itemsize for s in data.strides]
        self.strides = (ctypes.c_int64 * data.ndim)(*steps)
        self.deleter = DELETER(self.delete)
        code = {"b": 6, "i": 0, "u": 1, "f": 2, "c": 5}[data.dtype.kind]
        t = DLTensor(
            data.ctypes.data,
            Device(1, 0),
            data.ndim,
            DataType(code, 8 * data.itemsize, 1),
            self.shape,
            self.strides,
            0,
        )
        self.managed = kind(tensor=t, deleter=self.deleter)
        if kind is Versioned:
            self.managed.major = 1
        for path, value in changes.items():
            owner, *names = self.managed, *path.split("__")
            for name in names[:-1]:
                owner = getattr(owner, name)
            setattr(owner, names[-1], value)

    def delete(self, pointer):
        assert pointer == ctypes.addressof(self.managed)
        self.deleted += 1

    def __dlpack__(self, **keywords):
        self.keywords = keywords
        self.name = NAMES[self.kind]  # the capsule borrows the text
        return api.PyCapsule_New(ctypes.addressof(self.managed), self.name, None)

    def __dlpack_device__(self):
        return (1, 0)


class OldProducer(Producer):
    """One that knows no keywords."""

    def __dlpack__(self):
        return super().__dlpack__()


@pytest.mark.parametrize("dtype", [*DTYPES, "float16"])
def test_numpy_both_ways(dtype, rng):
    for layout, x in layouts(drawer(rng, dtype, -100, 100)):
        a = np.from_dlpack(x)
        assert a.dtype == dtype
        assert np.array_equal(a, array(x)), layout
        if x.numel():
            assert a.ctypes.data == x.data_ptr()
    for a in (np.ones((2, 3), dtype), np.ones((4, 6), dtype)[::-1, ::2], np.ones((), dtype)):
        x = torch.from_dlpack(a)
        assert same(x, a)
        assert x.data_ptr() == a.ctypes.data
        x.fill_(0)
        assert not a.any()
    assert torch.from_dlpack(np.zeros((2, 0, 3), dtype)).shape == (2, 0, 3)


@pytest.mark.parametrize("version", [None, (0, 8), (1, 0), (1, 5), (2, 0)])
def test_tensors_both_ways(version):
    for dtype in [*DTYPES, "float16", "bfloat16"]:
        x = torch.ones(3, 4, dtype=dtype_of(dtype)).t()[1:]
        y = torch.from_dlpack(x.__dlpack__(max_version=version))
        assert y.dtype == x.dtype
        assert y.shape == x.shape
        assert y.stride() == x.stride()
        assert y.data_ptr() == x.data_ptr()
        y.fill_(0)
        assert x.double().sum() == 0
    assert x.__dlpack_device__() == (1, 0)
    copied = torch.from_dlpack(x.__dlpack__(max_version=version, copy=True))
    assert copied.data_ptr() != x.data_ptr()


def structure(capsule):
    name = api.PyCapsule_GetName(capsule)
    kind = Legacy if name == b"dltensor" else Versioned
    return kind.from_address(api.PyCapsule_GetPointer(capsule, name))


def test_what_a_consumer_sees():
    x = torch.zeros(2, 1, 3, dtype=torch.bool)
    capsule = x.__dlpack__(max_version=(1, 1), dl_device=(1, 0), copy=False)
    m = structure(capsule)
    assert isinstance(m, Versioned)
    assert (m.major, m.flags) == (1, 0)
    t = m.tensor
    assert (t.dtype.code, t.dtype.bits, t.dtype.lanes) == (6, 8, 1)
    assert (t.device.type, t.device.id) == (1, 0)
    assert t.shape[: t.ndim] == [2, 1, 3]
    assert t.strides[: t.ndim] == [3, 3, 1]
    assert t.data == x.data_ptr()
    capsule = x.__dlpack__(max_version=(1, 0), copy=True)
    assert structure(capsule).flags == COPIED
    codes = {"bfloat16": 4, "float16": 2, "uint8": 1, "int8": 0}
    for dtype, code in codes.items():
        capsule = torch.zeros(1, dtype=dtype_of(dtype)).__dlpack__()
        t = structure(capsule).tensor
        assert (t.dtype.code, t.dtype.bits) == (code, 8 * dtype_of(dtype).itemsize)


def test_the_consumer_keeps_the_memory():
    gc.collect()
    held = torch.cpu.memory_allocated()
    x = torch.arange(100_000)
    capsule = x.__dlpack__()
    with pytest.raises(RuntimeError, match="cannot move a storage"):
        x.resize_(10**6)
    m = structure(capsule)
    api.PyCapsule_SetName(capsule, b"used_dltensor")  # as a consumer does
    del x, capsule
    gc.collect()
    numbers = (ctypes.c_int64 * 100_000).from_address(m.tensor.data)
    assert numbers[99_999] == 99_999
    assert torch.cpu.memory_allocated() > held
    m.deleter(ctypes.addressof(m))
    assert torch.cpu.memory_allocated() == held
    x = torch.arange(100_000)
    x.__dlpack__()  # consumed by nobody
    x.__dlpack__(max_version=(1, 0))
    x.resize_(10**6)  # nobody looks any more


@pytest.mark.parametrize("kind", [Legacy, Versioned])
@pytest.mark.parametrize("cls", [Producer, OldProducer])
def test_import(cls, kind):
    p = cls(np.arange(24.0).reshape(4, 6)[::-1, ::2], kind)
    x = torch.from_dlpack(p)
    assert same(x, p.data)
    assert x.data_ptr() == p.data.ctypes.data
    y = x[1:, 1]
    del x
    assert p.deleted == 0
    assert y.tolist() == p.data[1:, 1].tolist()
    del y
    assert p.deleted == 1
    if cls is Producer:
        assert p.keywords["max_version"] == (1, 0)
        torch.from_dlpack(p, copy=False)
        assert p.keywords["copy"] is False
        z = torch.from_dlpack(p, copy=True)
        assert p.keywords["copy"] is True
        assert p.deleted == 3  # the copy needs the memory no more
        assert z.data_ptr() != p.data.ctypes.data
        assert same(z, p.data)


def test_a_capsule_is_used_once():
    p = Producer(np.arange(3.0))
    capsule = p.__dlpack__()
    x = torch.from_dlpack(capsule)
    assert api.PyCapsule_GetName(capsule) == b"used_dltensor_versioned"
    with pytest.raises(ValueError, match="^from_dlpack: the capsule was used before; each can be"):
        torch.from_dlpack(capsule)
    del x, capsule
    assert p.deleted == 1


def test_read_only_memory_is_copied():
    a = np.arange(3.0)
    p = Producer(a, flags=READ_ONLY)
    x = torch.from_dlpack(p)
    assert p.deleted == 1
    x[0] = 5
    assert a[0] == 0
    with pytest.raises(BufferError, match="^from_dlpack: the data is read-only and needs a copy"):
        torch.from_dlpack(p, copy=False)
    p = Producer(a, flags=READ_ONLY | COPIED)
    x = torch.from_dlpack(p)  # a copy that is ours alone
    assert x.data_ptr() == a.ctypes.data
    p = Producer(a, flags=COPIED)
    assert torch.from_dlpack(p, copy=True).data_ptr() == a.ctypes.data
    frozen = np.arange(3.0)
    frozen.flags.writeable = False
    x = torch.from_dlpack(frozen)
    x[0] = 5
    assert frozen[0] == 0


def test_offsets_and_missing_strides():
    a = np.arange(6, dtype="int32").reshape(2, 3)
    x = torch.from_dlpack(Producer(a, tensor__strides=None))
    assert x.tolist() == a.tolist()
    assert x.stride() == (3, 1)
    x = torch.from_dlpack(Producer(a[:1], tensor__byte_offset=12))
    assert x.tolist() == [[3, 4, 5]]
    assert x.data_ptr() == a.ctypes.data + 12
    x = torch.from_dlpack(Producer(np.zeros((0, 3)), tensor__data=None))
    assert x.shape == (0, 3)
    numbers = np.array([1.0, -2.5, 3e38], "float32").view("uint32") >> 16
    a = numbers.astype("uint16")
    x = torch.from_dlpack(Producer(a, tensor__dtype=DataType(4, 16, 1)))
    assert x.dtype == torch.bfloat16
    assert x[:2].tolist() == [1, -2.5]


REFUSED = [
    ({"major": 2}, BufferError, "expected DLPack version 1, got version 2"),
    ({"tensor__device": Device(2, 0)}, BufferError, "expected data in host memory, got data on"),
    ({"tensor__dtype": DataType(5, 64, 1)}, TypeError, "elements of complex64 in 1 lane have no"),
    ({"tensor__dtype": DataType(2, 64, 2)}, TypeError, "elements of float64 in 2 lanes have no"),
    ({"tensor__dtype": DataType(1, 64, 1)}, TypeError, "elements of uint64 in 1 lane have no"),
    ({"tensor__dtype": DataType(3, 64, 1)}, TypeError, "elements of unknown64 in 1 lane"),
    ({"tensor__ndim": 65}, ValueError, "at most 64 dimensions are supported, got 65"),
    ({"tensor__ndim": -1}, ValueError, "at most 64 dimensions are supported, got -1"),
    ({"tensor__data": None}, ValueError, "the data pointer is null"),
    ({"tensor__byte_offset": 3}, ValueError, "expected data aligned to its elements of 8 bytes"),
]


@pytest.mark.parametrize("changes, kind, text", REFUSED)
def test_refused(changes, kind, text):
    p = Producer(np.arange(6.0), **changes)
    with pytest.raises(kind, match=f"^from_dlpack: {text}"):
        torch.from_dlpack(p)
    sizes = Producer(np.arange(6.0).reshape(2, 3))
    sizes.shape[0] = -2
    with pytest.raises(ValueError, match="^from_dlpack: expected sizes of 0 or more"):
        torch.from_dlpack(sizes)
    sizes.shape[0] = 2**62
    with pytest.raises(ValueError, match="^from_dlpack: the number of elements .* is too large"):
        torch.from_dlpack(sizes)


def test_arguments():
    x = torch.zeros(2)
    with pytest.raises(TypeError, match="^from_dlpack: expected an object with __dlpack__ or a"):
        torch.from_dlpack([1, 2])
    with pytest.raises(TypeError, match="^from_dlpack: expected a DLPack capsule, got another"):
        torch.from_dlpack(api.PyCapsule_New(1, None, None))
    with pytest.raises(TypeError, match="^from_dlpack: expected a DLPack capsule, got int"):
        torch.from_dlpack(type("Odd", (), {"__dlpack__": lambda self, **k: 3})())
    with pytest.raises(RuntimeError, match="^from_dlpack: no device cuda"):
        torch.from_dlpack(x, device="cuda")
    assert torch.from_dlpack(x, device="cpu").data_ptr() == x.data_ptr()
    with pytest.raises(ValueError, match="^__dlpack__: expected stream=None for a tensor in host"):
        x.__dlpack__(stream=1)
    with pytest.raises(
        BufferError, match=r"^__dlpack__: cannot hand FloatTensor .* device \(2, 0\)"
    ):
        x.__dlpack__(dl_device=(2, 0))
    with pytest.raises(
        TypeError, match="^__dlpack__: expected max_version to be None or a pair of"
    ):
        x.__dlpack__(max_version=1)
    with pytest.raises(TypeError, match="^__dlpack__: expected dl_device to be None or a pair of"):
        x.__dlpack__(dl_device=("cpu", 0))


def test_errors_of_a_producer_are_passed_on():
    class Broken:
        def __dlpack__(self, **keywords):
            raise ArithmeticError("broken")

    with pytest.raises(ArithmeticError, match="^broken$"):
        torch.from_dlpack(Broken())
