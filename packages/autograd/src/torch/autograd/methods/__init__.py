"""The operators, methods and `torch` functions of Variables, by family.

A row names an operation and the Function that does it. `Variable.exp`, `Variable.exp_`, and
`torch.exp(variable)` all follow from the row; so do operators. What does not fit a row (an argument
in several forms, a choice between Functions) is a function of a few lines under the tables, with
the name of the method and of the `torch` function.
"""

from typing import Any

from ..variable import Variable
from . import (  # each publishes its own
    dtype,  # noqa: F401
    index,
    linalg,
    pointwise,  # noqa: F401
    reduce,  # noqa: F401
    sampling,  # noqa: F401
    view,  # noqa: F401
)
from .table import FUNCTIONS, torch_function

__all__ = ["FUNCTIONS"]

#: Python's special methods that no row gives
SPECIAL: dict[str, Any] = {
    "pos": lambda self: self,
    "neg": lambda self: self.neg(),
    "abs": lambda self: self.abs(),
    "matmul": linalg.matmul,
    "rmatmul": lambda self, other: linalg.matmul(Variable(other), self),
    "getitem": index.getitem,
    "setitem": index.setitem,
    "torch_function": classmethod(lambda cls, *call: torch_function(*call)),
}

for _name, _special in SPECIAL.items():
    setattr(Variable, f"__{_name}__", _special)
