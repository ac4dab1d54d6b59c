"""Random numbers: written over a Variable in place, or drawn with parameters from one.

What is drawn has no gradient; that of the values written over is zero.
"""

from collections.abc import Callable
from typing import Any

from .. import functions as F
from ..functions.index import plain_index
from ..variable import Variable
from .table import publish, torch_only, untracked

#: In-place methods that overwrite every element.
FILLS = (
    "bernoulli_", "cauchy_", "exponential_", "geometric_", "log_normal_", "normal_", "random_",
    "uniform_",
)  # fmt: skip

#: Functions whose parameters may be Variables.
DRAWN = ("gamma", "poisson", "standard_gamma")
DRAWN_BY_FUNCTIONS = ("beta", "choice", "dirichlet")


def fill(name: str) -> Callable:
    def method(self: Variable, *args: Any, **options: Any) -> Variable:
        options = {word: plain_index(value) for word, value in options.items()}
        return F.Overwrite(name, *[plain_index(arg) for arg in args], **options)(self)

    method.__doc__ = f"All elements overwritten by the tensor's {name}, in place."
    return method


for _name in FILLS:
    publish(_name, fill(_name))
for _name in DRAWN:
    publish(_name, untracked(_name))
for _name in DRAWN_BY_FUNCTIONS:
    torch_only(untracked(_name), _name)
