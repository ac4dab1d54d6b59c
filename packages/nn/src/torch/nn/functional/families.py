"""What holds for all functions of this package."""

from collections.abc import Callable
from functools import partial, wraps
from types import FunctionType
from typing import Any

from torch import compat
from torch.autograd.alpha import in_default


def today(function: Callable) -> Callable:
    """`function` in today's meaning, in which it is written, also where the program has the
    alpha's (torch.compat)."""

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        if compat.in_use:
            return in_default(partial(function, **options), args)
        return function(*args, **options)

    return call


def mean_today(names: dict[str, Any]) -> None:
    """Replace the functions of torch.nn.functional among `names`."""
    for name, value in names.items():
        if isinstance(value, FunctionType) and not name.startswith("_"):
            names[name] = today(value)
