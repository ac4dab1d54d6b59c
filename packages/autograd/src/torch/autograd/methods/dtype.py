"""Questions about type and size, and conversions."""

from typing import Any

import torch

from .. import functions as F
from ..functions.index import plain_index
from ..variable import Variable
from .table import method, publish

#: name of the method without arguments: the dtype it converts to
CASTS = {
    "double": "float64", "float": "float32", "long": "int64", "int": "int32", "short": "int16",
    "char": "int8", "byte": "uint8", "bool": "bool",
}  # fmt: skip

for _name, _dtype in CASTS.items():
    publish(_name, lambda self, d=_dtype: type(self, getattr(torch, d)))


@method
def type(self: Variable, t: Any = None) -> Any:
    """The name of the type, or the Variable converted to a dtype, tensor class or its name."""
    if t is None:
        return self._data.type()
    data = self._data.type(t)
    return self if data is self._data else F.Type(t)(self)


@method
def to(self: Variable, dtype: Any) -> Any:
    """Converted to a dtype."""
    return type(self, dtype)


@method
def type_as(self: Variable, other: Any) -> Variable:
    """Converted to the type of other."""
    return type(self, other.dtype)


@method
def numel(self: Variable) -> int:
    """How many elements there are."""
    return self._data.numel()


@method
def equal(self: Variable, other: Any) -> bool:
    """Whether sizes and all elements are the same."""
    return self._data.equal(plain_index(other))
