"""Views: other shapes, orders and parts over the same memory."""

from typing import Any

import torch

from .. import functions as F
from ..functions.base import call_for_views, call_on
from ..variable import Variable
from .arguments import from_constants, several
from .table import as_variable, method, publish, publish_aliases, torch_only

#: name: Function whose constants are the arguments: x.narrow(0, 1, 2) is Narrow(0, 1, 2)(x)
VIEWS: dict[str, type] = {
    "as_strided": F.AsStrided,
    "diagonal": F.Diagonal,
    "expand": F.Expand,
    "flatten": F.Flatten,
    "movedim": F.Movedim,
    "narrow": F.Narrow,
    "permute": F.Permute,
    "ravel": F.Ravel,
    "reshape": F.Reshape,
    "resize": F.Resize,
    "select": F.Select,
    "split": F.Split,
    "squeeze": F.Squeeze,
    "transpose": F.Transpose,
    "unbind": F.Unbind,
    "unfold": F.Unfold,
    "unsqueeze": F.Unsqueeze,
    "view": F.View,
}

#: Of these also in-place forms, which change the size of the Variable itself.
IN_PLACE = ("squeeze", "transpose", "unsqueeze")

#: other names of rows above
ALIASES = {"broadcast_to": "expand", "moveaxis": "movedim"}


for _name, _function in VIEWS.items():
    publish(_name, from_constants(_name, _function))
for _name in IN_PLACE:
    publish(_name + "_", from_constants(_name + "_", VIEWS[_name], inplace=True))
publish_aliases(ALIASES)


@method
def t(self: Variable) -> Variable:
    """The transposed matrix."""
    return call_on(F.Transpose(0, 1), matrix("t", self))


@method
def t_(self: Variable) -> Variable:
    """In-place form of t."""
    return F.Transpose(0, 1, inplace=True)(matrix("t_", self))


def matrix(name: str, variable: Variable) -> Variable:
    if variable._data.dim() != 2:
        raise ValueError(f"{name}: expected a matrix, got size {tuple(variable.shape)}")
    return variable


def reversed_dimensions(self: Variable) -> Variable:
    """All dimensions in reverse order."""
    return call_on(F.Permute(tuple(range(self._data.dim()))[::-1]), self)


def matrices_transposed(self: Variable) -> Variable:
    """The last two dimensions exchanged."""
    if self._data.dim() < 2:
        raise ValueError(f"mT: expected a matrix or several, got size {tuple(self.shape)}")
    return call_on(F.Transpose(-2, -1), self)


Variable.T = property(reversed_dimensions)  # type: ignore[attr-defined]
Variable.mT = property(matrices_transposed)  # type: ignore[attr-defined]


@method
def swapaxes(self: Variable, axis0: int, axis1: int) -> Variable:
    """NumPy's name of transpose."""
    return call_on(F.Transpose(axis0, axis1), self)


@method
def view_as(self: Variable, other: Any) -> Variable:
    """The elements in the shape of other."""
    return call_on(F.View(other.size()), self)


@method
def reshape_as(self: Variable, other: Any) -> Variable:
    """The elements in the shape of other; a copy where a view is not possible."""
    return F.Reshape(other.size())(self)


@method
def resize_as(self: Variable, other: Any) -> Variable:
    """The elements in the shape of other, which has as many: the alpha's reshape_as."""
    return F.Resize(other.size())(self)


@method
def expand_as(self: Variable, other: Any) -> Variable:
    """Broadcast to the size of other."""
    return call_on(F.Expand(other.size()), self)


@method
def chunk(self: Variable, chunks: int, dim: int = 0) -> tuple:
    """At most `chunks` parts of equal size along `dim`; the last may be smaller."""
    return call_for_views(F.Chunk(chunks, dim), self)


@method
def tensor_split(self: Variable, indices_or_sections: Any, dim: int = 0) -> tuple:
    """That many parts of nearly equal size along `dim`, or the parts between indices."""
    parts = self._data.tensor_split(indices_or_sections, dim)
    if sum([part.size(dim) for part in parts]) == self.size(dim):
        return call_for_views(F.TensorSplit(indices_or_sections, dim), self)
    # the indices go back and forth: parts overlap
    before = (slice(None),) * (dim % self._data.dim())
    cuts = [None, *indices_or_sections, None]
    return tuple([self[(*before, slice(a, b))] for a, b in zip(cuts[:-1], cuts[1:], strict=True)])


@torch_only
def array_split(self: Any, indices_or_sections: Any, dim: int = 0) -> tuple:
    """NumPy's name of tensor_split."""
    return tensor_split(as_variable(self), indices_or_sections, dim)


@torch_only
def broadcast_tensors(*tensors: Any) -> tuple:
    """Views of all in the size they broadcast to; given as a list or one by one."""
    given = [as_variable(x) for x in several(tensors)]
    size = torch.broadcast_tensors([x._data for x in given])[0].size()
    return tuple([F.Expand(size)(x) for x in given])
