"""The operators, methods and `torch` functions of Variables, by family.

A row names an operation and the Function that does it. `Variable.exp`, `Variable.exp_`, and
`torch.exp(variable)` all follow from the row; so do operators. What does not fit a row (an argument
in several forms, a choice between Functions) is a function of a few lines under the tables, with
the name of the method and of the `torch` function.
"""

import math
import operator
from typing import Any

import torch

from ..variable import Variable
from . import (  # each publishes its own
    compare,  # noqa: F401
    copy,  # noqa: F401
    create,  # noqa: F401
    dtype,  # noqa: F401
    index,
    lapack,  # noqa: F401
    linalg,
    mask,  # noqa: F401
    matrix,  # noqa: F401
    pointwise,  # noqa: F401
    random,  # noqa: F401
    rearrange,  # noqa: F401
    reduce,  # noqa: F401
    sampling,  # noqa: F401
    scan,  # noqa: F401
    sort,  # noqa: F401
    triangle,  # noqa: F401
    view,  # noqa: F401
)
from .table import FUNCTIONS, torch_function

__all__ = ["FUNCTIONS"]


def as_number(value: Any) -> Any:
    """The element of a Variable or Tensor of one."""
    return value.item() if isinstance(value, Variable | torch.Tensor) else value


#: Python's special methods that no row gives
SPECIAL: dict[str, Any] = {
    "pos": lambda self: self,
    "neg": lambda self: self.neg(),
    "abs": lambda self: self.abs(),
    "divmod": lambda self, other: (self // other, self % other),
    "rdivmod": lambda self, other: (other // self, other % self),
    "matmul": linalg.matmul,
    "rmatmul": lambda self, other: linalg.matmul(Variable(other), self),
    "contains": lambda self, value: as_number(value) in self._data,
    "getitem": index.getitem,
    "setitem": index.setitem,
    "index": lambda self: operator.index(self._data),
    "round": lambda self, *digits: round(self._data, *digits),
    "floor": lambda self: math.floor(self._data),
    "ceil": lambda self: math.ceil(self._data),
    "trunc": lambda self: math.trunc(self._data),
    "format": lambda self, spec: format(self._data, spec) if spec else str(self),
    "array_ufunc": None,  # NumPy's numbers leave `number * variable` to the Variable
    "torch_function": staticmethod(torch_function),
}

for _name, _special in SPECIAL.items():
    setattr(Variable, f"__{_name}__", _special)
