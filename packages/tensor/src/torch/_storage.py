"""What storages have in Python over the compiled core."""

from typing import Any
from weakref import WeakValueDictionary

from torch import _C

_Storage = _C._Storage
_CLASSES = {
    name: value
    for name, value in vars(_C).items()
    if isinstance(value, type) and issubclass(value, _Storage) and value is not _Storage
}
_CLASS_OF = {cls.dtype: cls for cls in _CLASSES.values()}

# One Python object per storage while it is in use, so that pickle sees what shares it.
_storages: WeakValueDictionary = WeakValueDictionary()


def canonical(storage: Any) -> Any:
    """The Python object that stands for the storage."""
    return _storages.setdefault(storage._cdata, storage)


def _flat(self: Any) -> Any:
    """The storage as a vector."""
    return getattr(_C, type(self).__name__.replace("Storage", "Tensor"))(self)


def _positional(method: Any) -> Any:
    """`method` without keywords: pybind11 ends the process when it reports one that is not text."""

    def call(self: Any, *args: Any) -> Any:
        return method(self, *args)

    call.__name__ = call.__qualname__ = method.__name__
    call.__doc__ = method.__doc__
    return call


# The classes that pybind11 made.
for _class in (_Storage, _C.Generator):
    for _name, _method in list(vars(_class).items()):
        if type(_method).__name__ == "instancemethod" and _name != "__init__":
            setattr(_class, _name, _positional(_method))


def new(self: Any, *args: Any) -> Any:
    """A new storage of self's type: a size, a sequence or a storage as for the constructor."""
    return type(self)(*args)


def type_(self: Any, t: Any = None, non_blocking: bool = False) -> Any:
    """Dotted name of the type; with `t` (a storage class or its name) self converted to it.

    self itself when it has the type. ValueError for another.
    """
    if t is None:
        return f"torch.{type(self).__name__}"
    if isinstance(t, str) and t.startswith("torch.cuda."):
        raise RuntimeError("type: no device cuda: this torch was built without CUDA")
    cls = _CLASSES.get(t.removeprefix("torch.")) if isinstance(t, str) else t
    if not (isinstance(cls, type) and issubclass(cls, _Storage) and cls is not _Storage):
        raise ValueError(f"type: expected a storage type such as 'torch.FloatStorage', got {t!r}")
    return self if type(self) is cls else cls(self)


def _cast(method: str, dtype: Any) -> Any:
    def call(self: Any) -> Any:
        return type_(self, _CLASS_OF[dtype])

    call.__name__ = call.__qualname__ = method
    call.__doc__ = f"self as {_CLASS_OF[dtype].__name__}; self itself when it is one."
    return call


def cpu(self: Any) -> Any:
    """self in host memory; self itself when it is there."""
    return self


def cuda(self: Any, device: int | None = None, non_blocking: bool = False) -> Any:
    """self in a GPU's memory. RuntimeError where torch was built without CUDA."""
    return _flat(self).cuda(device).storage()


def is_pinned(self: Any) -> bool:
    """Whether the memory is page-locked for copies to a GPU: never, without CUDA."""
    return False


def pin_memory(self: Any) -> Any:
    """self in page-locked host memory. RuntimeError where torch was built without CUDA."""
    return _flat(self).pin_memory().storage()


@classmethod  # type: ignore[misc]
def from_buffer(
    cls: Any, buffer: Any, byte_order: str = "native", count: int = -1, offset: int = 0
) -> Any:
    """A storage with a copy of `count` elements (all when -1) of a buffer, from byte `offset` on.

    byte_order: 'native', 'little' or 'big', as the elements stand in the buffer. ValueError for
    another, and for an offset or count beyond the buffer.

    >>> torch.ShortStorage.from_buffer(b"\\x01\\x02\\x00\\x03", "big").tolist()
    [258, 3]
    """
    if byte_order not in ("native", "little", "big"):
        raise ValueError(
            "from_buffer: expected byte_order to be 'native', 'little' or 'big', "
            f"got {byte_order!r}"
        )
    if cls is _Storage:
        raise TypeError("_Storage: use one of the typed classes, such as torch.FloatStorage")
    storage = _C.from_buffer(buffer, cls.dtype, count, offset).clone().storage()
    if byte_order == "big":  # every machine this builds on is little-endian
        storage._byteswap()
    return storage


def copy_storage(self: Any, memo: dict) -> Any:
    """deepcopy: one copy per storage and memo; a slice becomes a slice of its base's copy."""
    key = ("torch storage", self._cdata)
    if key not in memo:
        base = self._base
        if base is None:
            memo[key] = self.clone()
        else:
            start = (self.data_ptr() - base.data_ptr()) // self.element_size()
            memo[key] = copy_storage(base, memo)[start : start + len(self)]
        memo.setdefault("torch storages kept alive", []).append(self)
    return memo[key]


def _rebuild(name: str, data: bytes) -> Any:
    storage = getattr(_C, name)(0)
    return storage if not data else getattr(_C, name).from_buffer(data)


def _slice(base: Any, start: int, n: int) -> Any:
    return base[start : start + n]


def _same(storage: Any) -> Any:
    return storage


def _reduce(self: Any) -> Any:
    one = canonical(self)
    if one is not self:  # so that pickle meets the storage as one object
        return _same, (one,)
    base = self._base
    if base is not None:
        start = (self.data_ptr() - base.data_ptr()) // self.element_size()
        return _slice, (canonical(base), start, len(self))
    return _rebuild, (type(self).__name__, self._bytes())


_METHODS = {
    "new": new,
    "type": type_,
    "cpu": cpu,
    "cuda": cuda,
    "is_pinned": is_pinned,
    "pin_memory": pin_memory,
    "from_buffer": from_buffer,
    "__reduce__": _reduce,
    "__deepcopy__": copy_storage,
    "__copy__": lambda self: self.clone(),
}
_CASTS = {"byte": _C.uint8, "char": _C.int8, "short": _C.int16, "int": _C.int32, "long": _C.int64}
_CASTS |= {"half": _C.float16, "bfloat16": _C.bfloat16, "float": _C.float32, "double": _C.float64}
for _name, _method in _METHODS.items():
    setattr(_Storage, _name, _method)
for _name, _dtype in {**_CASTS, "bool": _C.bool}.items():
    setattr(_Storage, _name, _cast(_name, _dtype))
