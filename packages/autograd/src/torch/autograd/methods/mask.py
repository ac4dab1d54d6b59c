"""Reading and writing by mask."""

from typing import Any

from .. import functions as F
from ..variable import Variable
from .table import as_variable, is_number, method, publish, publish_aliases, untracked

#: the alpha's name
ALIASES = {"masked_copy": "masked_scatter"}

for _name in ("nonzero", "argwhere", "flatnonzero"):
    publish(_name, untracked(_name))


@method
def masked_select(self: Variable, mask: Any) -> Variable:
    """The elements where the mask is set, (n,)."""
    return F.MaskedSelect()(self, mask)


@method
def masked_fill(self: Variable, mask: Any, value: Any) -> Variable:
    """With one value where the mask is set."""
    if is_number(value):
        return F.MaskedFill(value)(self, mask)
    return F.MaskedFill()(self, mask, as_variable(value))


@method
def masked_fill_(self: Variable, mask: Any, value: Any) -> Variable:
    """In-place form of masked_fill."""
    if is_number(value):
        return F.MaskedFill(value, inplace=True)(self, mask)
    return F.MaskedFill(inplace=True)(self, mask, as_variable(value))


@method
def masked_scatter(self: Variable, mask: Any, source: Any) -> Variable:
    """With the elements where the mask is set replaced by the first elements of source."""
    return F.MaskedCopy()(self, mask, source)


@method
def masked_scatter_(self: Variable, mask: Any, source: Any) -> Variable:
    """In-place form of masked_scatter."""
    return F.MaskedCopy(inplace=True)(self, mask, source)


publish_aliases(ALIASES)
