"""What Tensor has in Python over the compiled core: copying, pickling, conversion."""

from typing import Any
from weakref import WeakValueDictionary

from torch import _C

Tensor = _C.Tensor
_DTYPES = {name: value for name, value in vars(_C).items() if isinstance(value, _C.dtype)}
# "FloatTensor" -> the class; the dtype of a class is that of an empty tensor of it
_CLASSES = {
    n: c
    for n, c in vars(_C).items()
    if isinstance(c, type) and issubclass(c, Tensor) and c is not Tensor
}
_DTYPE_OF = {cls: cls().dtype for cls in _CLASSES.values()}
_CLASS_OF = {dtype: cls for cls, dtype in _DTYPE_OF.items()}


def is_tensor(obj: Any) -> bool:
    """Whether obj is a Tensor."""
    return isinstance(obj, Tensor)


def is_storage(obj: Any) -> bool:
    """Whether obj is a Storage."""
    return isinstance(obj, _C._Storage)


def typename(obj: Any) -> str:
    """Dotted name of a tensor's type, or of any other object's."""
    if is_tensor(obj):
        return obj.type()
    return f"{type(obj).__module__}.{type(obj).__qualname__}"


def find_dtype(op: str, t: Any) -> Any:
    """The dtype that a dtype, a tensor class or its dotted name stands for, else ValueError."""
    if isinstance(t, _C.dtype):
        return t
    if isinstance(t, type) and issubclass(t, Tensor):
        return _C._default_dtype() if t is Tensor else _DTYPE_OF[t]
    if isinstance(t, str):
        name = t.removeprefix("torch.")
        if name == "Tensor":
            return _C._default_dtype()
        if name in _CLASSES:
            return _DTYPE_OF[_CLASSES[name]]
        if name in _DTYPES:
            return _DTYPES[name]
        raise ValueError(f"{op}: expected a tensor type such as 'torch.FloatTensor', got {t!r}")
    raise TypeError(
        f"{op}: expected a dtype, a tensor class or its dotted name, got {type(t).__name__}"
    )


def get_default_dtype() -> Any:
    """The dtype of tensors made without one."""
    return _C._default_dtype()


def set_default_tensor_type(t: Any) -> None:
    """Sets the type that torch.Tensor(...) and every creator makes: a floating type or its name."""
    _C._set_default_dtype(find_dtype("set_default_tensor_type", t))


def type_(self: Any, t: Any = None, non_blocking: bool = False) -> Any:
    """Dotted name of the type; with `t` (class, dtype or dotted name) self converted.

    self itself when it has the type.
    """
    if t is None:
        return f"torch.{_CLASS_OF[self.dtype].__name__}"
    return self.to(find_dtype("type", t))


def type_as(self: Any, other: Any) -> Any:
    """self converted to other's type."""
    return self.to(other.dtype)


def new(self: Any, *args: Any) -> Any:
    """A new tensor of self's type: sizes, values or a source as for the type's constructor."""
    return _CLASS_OF[self.dtype](*args)


def cpu(self: Any) -> Any:
    """self in host memory; self itself when it is there."""
    return self


def _array(self: Any, dtype: Any = None, copy: bool | None = None) -> Any:
    array = self.numpy()
    if dtype is not None and array.dtype != dtype:
        if copy is False:
            raise ValueError(f"__array__: converting {self.dtype} to {dtype} needs a copy")
        return array.astype(dtype)
    return array.copy() if copy else array


def _rebuild(storage: Any, offset: int, size: tuple, stride: tuple) -> Any:
    tensor = getattr(_C, type(storage).__name__.replace("Storage", "Tensor"))()
    return tensor.set_(storage, offset, tuple(size), tuple(stride))


# One Python object per storage while it is in use, so that pickle sees what shares it.
_storages: WeakValueDictionary = WeakValueDictionary()


def storage(self: Any) -> Any:
    """The memory the tensor looks into: one object, however often and from whichever view asked."""
    found = self._storage()
    return _storages.setdefault(found._cdata, found)


def _reduce(self: Any) -> Any:
    return _rebuild, (self.storage(), self.storage_offset(), tuple(self.shape), self.stride())


def _deepcopy(self: Any, memo: dict) -> Any:
    if id(self) not in memo:
        storage = _storage_deepcopy(self.storage(), memo)
        memo[id(self)] = _rebuild(storage, self.storage_offset(), tuple(self.shape), self.stride())
    return memo[id(self)]


def _storage_deepcopy(self: Any, memo: dict) -> Any:
    key = ("torch storage", self._cdata)
    if key not in memo:
        memo[key] = self.clone()
        memo.setdefault("torch storages kept alive", []).append(self)
    return memo[key]


def _storage_rebuild(name: str, data: bytes) -> Any:
    import builtins

    cls = getattr(_C, name)
    storage = cls(0)
    if data:
        flat = getattr(_C, name.replace("Storage", "Tensor"))(len(data) // cls.dtype.itemsize)
        builtins.memoryview(flat).cast("B")[:] = data
        storage = flat.storage()
    return storage


def _storage_reduce(self: Any) -> Any:
    flat = getattr(_C, type(self).__name__.replace("Storage", "Tensor"))(self)
    return _storage_rebuild, (
        type(self).__name__,
        memoryview(flat).cast("B").tobytes() if len(self) else b"",
    )


_C._add_methods(
    {
        "__reduce__": _reduce,
        "__copy__": lambda self: self.clone(),
        "__deepcopy__": _deepcopy,
        "__array__": _array,
        "type": type_,
        "type_as": type_as,
        "new": new,
        "cpu": cpu,
        "storage": storage,
    }
)


def _generator_rebuild(state: Any) -> Any:
    return _C.Generator().set_state(state)


def _generator_reduce(self: Any) -> Any:
    return _generator_rebuild, (self.get_state(),)


def _positional(method: Any) -> Any:
    """`method` without keywords: pybind11 ends the process when it reports one that is not text."""

    def call(self: Any, *args: Any) -> Any:
        return method(self, *args)

    call.__name__ = call.__qualname__ = method.__name__
    call.__doc__ = method.__doc__
    return call


# The classes that pybind11 made.
for _class in (_C._Storage, _C.Generator):
    for _name, _method in list(vars(_class).items()):
        if type(_method).__name__ == "instancemethod" and _name != "__init__":
            setattr(_class, _name, _positional(_method))
_C.Generator.__reduce__ = _generator_reduce  # type: ignore[method-assign]
_C._Storage.__reduce__ = _storage_reduce  # type: ignore[method-assign]
_C._Storage.__deepcopy__ = _storage_deepcopy  # type: ignore[method-assign]
_C._Storage.__copy__ = lambda self: self.clone()  # type: ignore[method-assign]
