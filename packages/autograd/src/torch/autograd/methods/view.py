"""Views, joins and parts."""

from typing import Any

from .. import functions as F
from ..variable import Variable
from .table import as_variable, method, publish, torch_only

#: name: Function whose constants are the arguments: x.view(2, 3) is View(2, 3)(x)
VIEWS: dict[str, type] = {
    "clone": F.Clone,
    "contiguous": F.Contiguous,
    "expand": F.Expand,
    "narrow": F.Narrow,
    "permute": F.Permute,
    "repeat": F.Repeat,
    "reshape": F.Reshape,
    "select": F.Select,
    "squeeze": F.Squeeze,
    "transpose": F.Transpose,
    "unsqueeze": F.Unsqueeze,
    "view": F.View,
}

for _name, _function in VIEWS.items():
    publish(_name, lambda self, *args, f=_function, **options: f(*args, **options)(self))


@method
def t(self: Variable) -> Variable:
    """The transposed matrix."""
    if self._data.dim() != 2:
        raise ValueError(f"t: expected a matrix, got size {tuple(self.shape)}")
    return F.Transpose(0, 1)(self)


@method
def view_as(self: Variable, other: Any) -> Variable:
    """The elements in the shape of other."""
    return F.View(other.size())(self)


@method
def expand_as(self: Variable, other: Any) -> Variable:
    """Broadcast to the size of other."""
    return F.Expand(other.size())(self)


@method
def split(self: Variable, split_size: int, dim: int = 0) -> tuple:
    """Parts of `split_size` along `dim`; the last may be smaller."""
    if not isinstance(split_size, int) or split_size < 1:
        raise ValueError(f"split: split_size: expected an int of at least 1, got {split_size!r}")
    n = self.size(dim)
    starts = range(0, n, split_size)
    lengths = [split_size if start + split_size <= n else n - start for start in starts]
    return tuple(
        [F.Narrow(dim, s, length)(self) for s, length in zip(starts, lengths, strict=True)]
    )


@method
def chunk(self: Variable, chunks: int, dim: int = 0) -> tuple:
    """At most `chunks` parts of equal size along `dim`; the last may be smaller."""
    if not isinstance(chunks, int) or chunks < 1:
        raise ValueError(f"chunk: chunks: expected an int of at least 1, got {chunks!r}")
    return split(self, -(-self.size(dim) // chunks) or 1, dim)


@torch_only
def cat(tensors: Any, dim: int = 0) -> Variable:
    """The Variables one after the other along `dim`."""
    return F.Concat(dim)(*tensors)


@torch_only
def stack(tensors: Any, dim: int = 0) -> Variable:
    """The Variables side by side along a new dimension."""
    return F.Concat(dim)(*[as_variable(x).unsqueeze(dim) for x in tensors])
