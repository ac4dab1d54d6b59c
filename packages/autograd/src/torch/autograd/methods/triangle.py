"""Diagonals and triangles of matrices."""

from .. import functions as F
from ..variable import Variable
from .arguments import from_constants
from .table import method, publish

publish("diagflat", from_constants("diagflat", F.Diagflat))


@method
def trace(self: Variable) -> Variable:
    """The sum of the diagonal of a matrix, (1,)."""
    return F.Trace()(self)


@method
def diag(self: Variable, diagonal: int = 0) -> Variable:
    """A vector as diagonal of a matrix, or the diagonal of a matrix as a vector."""
    return F.Diag(diagonal)(self)


@method
def tril(self: Variable, k: int = 0) -> Variable:
    """The elements on and below diagonal k, zero elsewhere."""
    return F.Tril(k)(self)


@method
def tril_(self: Variable, k: int = 0) -> Variable:
    """In-place form of tril."""
    return F.Tril(k, inplace=True)(self)


@method
def triu(self: Variable, k: int = 0) -> Variable:
    """The elements on and above diagonal k, zero elsewhere."""
    return F.Triu(k)(self)


@method
def triu_(self: Variable, k: int = 0) -> Variable:
    """In-place form of triu."""
    return F.Triu(k, inplace=True)(self)
