"""Questions about type, size and memory, and conversions by type."""

from operator import attrgetter
from typing import Any

import torch

from .. import functions as F
from ..variable import Variable
from .table import method, publish, question

#: name of the method without arguments: the dtype it converts to
CASTS = {
    "double": "float64", "float": "float32", "half": "float16", "bfloat16": "bfloat16",
    "long": "int64", "int": "int32", "short": "int16", "char": "int8", "byte": "uint8",
    "bool": "bool",
}  # fmt: skip

#: Answered by the tensor: no tensors, and nothing to differentiate.
QUESTIONS = (
    "element_size", "get_device", "is_complex", "is_floating_point", "is_pinned", "is_same_size",
    "is_set_to", "is_shared", "is_signed", "numel", "storage", "storage_offset", "tolist",
)  # fmt: skip

PROPERTIES = ("itemsize", "nbytes")


for _name, _dtype in CASTS.items():
    publish(_name, lambda self, d=_dtype: self.type(getattr(torch, d)))
for _name in QUESTIONS:
    publish(_name, question(_name))
for _name in PROPERTIES:
    setattr(Variable, _name, property(attrgetter(f"_data.{_name}"), doc=f"`data.{_name}`."))


@method
def type(self: Variable, t: Any = None, non_blocking: bool = False) -> Any:
    """The name of the type, or the Variable converted to a dtype, tensor class or its name."""
    if t is None:
        return self._data.type()
    data = self._data.type(t, non_blocking)
    return self if data is self._data else F.Type(t)(self)


@method
def type_as(self: Variable, other: Any) -> Variable:
    """Converted to the type of other."""
    return type(self, other.dtype)


@method
def share_memory_(self: Variable) -> Variable:
    """Moves the memory to where processes forked from now on share it; self."""
    self._data.share_memory_()
    return self
