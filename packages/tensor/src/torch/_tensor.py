"""What Tensor has in Python over the compiled core: copying, pickling, conversion."""

import math
from typing import Any

from torch import _C
from torch._storage import canonical, copy_storage

Tensor = _C.Tensor
# "FloatTensor" -> the class; the dtype of a class is that of an empty tensor of it
_CLASSES = {
    n: c
    for n, c in vars(_C).items()
    if isinstance(c, type) and issubclass(c, Tensor) and c is not Tensor
}
_CLASS_OF = {cls().dtype: cls for cls in _CLASSES.values()}


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


def new(self: Any, *args: Any) -> Any:
    """A new tensor of self's type: sizes, values or a source as for the type's constructor.

    >>> torch.tensor([1, 2]).new([3, 4]).tolist()
    [3, 4]
    """
    return _CLASS_OF[self.dtype](*args)


def _array(self: Any, dtype: Any = None, copy: bool | None = None) -> Any:
    """self for NumPy: over the same memory unless a copy or another dtype is asked for."""
    array = self.numpy()
    if dtype is not None and array.dtype != dtype:
        if copy is False:
            raise ValueError(f"__array__: converting {self.dtype} to {dtype} needs a copy")
        return array.astype(dtype)
    return array.copy() if copy else array


def _round(self: Any, ndigits: int | None = None) -> Any:
    """round(x) and round(x, ndigits) of a tensor of one element, as a Python number."""
    return round(self.item()) if ndigits is None else round(self.item(), ndigits)


def _format(self: Any, spec: str) -> str:
    """format(x, spec): of the number, for one element; without spec as str(x).

    TypeError for a spec with another number of elements.
    """
    if self.dim() == 0 or (spec and self.numel() == 1):
        return format(self.item(), spec)
    if spec:
        raise TypeError(
            f"format: expected a tensor of one element for {spec!r}, got {type(self).__name__} "
            f"of size {tuple(self.shape)}"
        )
    return str(self)


def _rebuild(storage: Any, offset: int, size: tuple, stride: tuple) -> Any:
    tensor = getattr(_C, type(storage).__name__.replace("Storage", "Tensor"))()
    return tensor.set_(storage, offset, tuple(size), tuple(stride))


def storage(self: Any) -> Any:
    """The memory the tensor looks into: one object, however often and from whichever view asked.

    >>> x = torch.tensor([[1, 2], [3, 4]])
    >>> x.storage() is x[1].storage()
    True
    """
    return canonical(self._storage())


def _reduce(self: Any) -> Any:
    return _rebuild, (self.storage(), self.storage_offset(), tuple(self.shape), self.stride())


def _deepcopy(self: Any, memo: dict) -> Any:
    if id(self) not in memo:
        memory = copy_storage(self.storage(), memo)
        memo[id(self)] = _rebuild(memory, self.storage_offset(), tuple(self.shape), self.stride())
    return memo[id(self)]


_C._add_methods(
    {
        "__reduce__": _reduce,
        "__copy__": lambda self: self.clone(),
        "__deepcopy__": _deepcopy,
        "__array__": _array,
        "__round__": _round,
        "__floor__": lambda self: math.floor(self.item()),
        "__ceil__": lambda self: math.ceil(self.item()),
        "__trunc__": lambda self: math.trunc(self.item()),
        "__format__": _format,
        "new": new,
        "storage": storage,
    }
)


def _generator_rebuild(state: Any) -> Any:
    return _C.Generator().set_state(state)


def _generator_reduce(self: Any) -> Any:
    return _generator_rebuild, (self.get_state(),)


_C.Generator.__reduce__ = _generator_reduce  # type: ignore[method-assign]


def _generator_repr(self: Any) -> str:
    return f"<torch.Generator of seed {self.initial_seed()}>"


_C.Generator.__repr__ = _generator_repr  # type: ignore[method-assign]


def _result_repr(self: Any) -> str:
    """Results by name: numbers on one line, tensors below their names."""
    parts = []
    for name, value in zip(self.__match_args__, self, strict=True):
        text = repr(value)
        parts.append(f"{name}=" + ("\n" + text.lstrip("\n") if isinstance(value, Tensor) else text))
    return f"({', '.join(parts)})"


for _result in [c for c in vars(_C).values() if isinstance(c, type) and issubclass(c, tuple)]:
    _result.__repr__ = _result_repr  # type: ignore[method-assign]
