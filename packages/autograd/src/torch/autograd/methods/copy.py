"""Copies, conversions, and what overwrites a Variable."""

from collections.abc import Callable
from typing import Any

from .. import functions as F
from ..functions.base import call_on
from ..functions.index import plain_index
from ..variable import Variable, check_in_place
from .dtype import type
from .table import is_number, method, publish, untracked_in_place

FILL = untracked_in_place("fill_")
ZERO = untracked_in_place("zero_")


@method
def clone(self: Variable) -> Variable:
    """A contiguous copy."""
    return call_on(F.Clone(), self)


@method
def copy(self: Variable) -> Variable:
    """A contiguous copy: clone under NumPy's name."""
    return call_on(F.Clone(), self)


@method
def contiguous(self: Variable) -> Variable:
    """The elements in memory order; a copy only where they are not."""
    return call_on(F.Contiguous(), self)


@method
def to(self: Variable, *args: Any, **options: Any) -> Variable:
    """In another dtype, on another device, or in both of another tensor: (dtype), (other), (device,
    dtype), with copy=; self itself where nothing changes.
    """
    args = tuple([plain_index(arg) for arg in args])
    options = {word: plain_index(value) for word, value in options.items()}
    converted = F.To(*args, **options)
    return self if converted.convert(self._data) is self._data else converted(self)


@method
def astype(self: Variable, dtype: Any, copy: bool = True) -> Variable:
    """Converted to a dtype: a copy, or self itself where copy is False and self has the dtype."""
    if not copy:
        return type(self, dtype)
    return F.To(dtype, copy=True)(self)


@method
def cpu(self: Variable) -> Variable:
    """In host memory; self itself when it is there."""
    return F.To("cpu")(self) if self.is_cuda else self


@method
def cuda(self: Variable, device: Any = None, non_blocking: bool = False) -> Variable:
    """In a GPU's memory; self itself when it is there."""
    moved = F.CudaTransfer(device, non_blocking)
    return self if moved.convert(self._data) is self._data else moved(self)


@method
def pin_memory(self: Variable) -> Variable:
    """In page-locked host memory."""
    return F.PinMemory()(self)


@method
def copy_(self: Variable, source: Any, non_blocking: bool = False) -> Variable:
    """Overwritten with source, which broadcasts and is converted, in place."""
    return fill_(self, source) if is_number(source) else F.Copy()(self, source)


@method
def fill_(self: Variable, value: Any) -> Variable:
    """All elements overwritten with a number, in place."""
    if isinstance(value, Variable):
        return F.Copy()(self, value.view(1))
    return FILL(self, value)


@method
def zero_(self: Variable) -> Variable:
    """All elements overwritten with 0, in place."""
    return ZERO(self)


@method
def new(self: Variable, *args: Any) -> Variable:
    """A new Variable without history of the same type: sizes, values or a source."""
    return Variable(self._data.new(*[plain_index(arg) for arg in args]))


# What changes data in a way that has no gradient

#: name: why it is refused where a gradient is required
WITHOUT_GRADIENT: dict[str, str] = {
    "ones_": "it may change the number of elements",
    "resize_": "it may change the number of elements",
    "resize_as_": "it may change the number of elements",
    "set_": "it takes other memory",
    "zeros_": "it may change the number of elements",
}


def only_without_gradient(name: str, reason: str) -> Callable:
    """The tensor's in-place method, for Variables that do not require a gradient."""

    def method(self: Variable, *args: Any, **options: Any) -> Variable:
        if self._requires_grad:
            raise RuntimeError(
                f"{name}: {reason}: refused on a Variable that requires a gradient; "
                "use it on the .data of one that does not, or on detach()"
            )
        check_in_place(self, name)
        options = {word: plain_index(value) for word, value in options.items()}
        getattr(self._data, name)(*[plain_index(arg) for arg in args], **options)
        return self

    return method


for _name, _reason in WITHOUT_GRADIENT.items():
    publish(_name, only_without_gradient(_name, _reason))
