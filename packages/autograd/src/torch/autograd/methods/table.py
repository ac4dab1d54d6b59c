"""How operations become methods of Variable and functions of `torch`.

Each family of this package names its Functions in tables or writes a method of a few lines; both
end in `publish`.
"""

import numbers
from collections.abc import Callable
from typing import Any

import torch

from ..functions.index import plain_index
from ..variable import Variable, type_name

#: Every method and function by name; `torch.NAME(variable)` is looked up here.
FUNCTIONS: dict[str, Callable] = {}

#: The same with a number in front: `torch.pow(3, variable)`.
REFLECTED: dict[str, Callable] = {}

#: Functions of several Variables that are no methods: they take Tensors among them as constants.
TORCH_ONLY: set[Callable] = set()

_NUMBERS = (float, int)  # asked first: the question to numbers.Real is slow


def publish(name: str, method: Callable, operator: str | None = None) -> None:
    """Make `method` a method of Variable, a torch function, and an operator."""
    method.__name__ = method.__qualname__ = name
    setattr(Variable, name, method)
    FUNCTIONS[name] = method
    if operator is not None:
        setattr(Variable, f"__{operator}__", method)


def publish_aliases(aliases: dict[str, str]) -> None:
    """Other names (keys) of published operations (values), with their in-place forms."""
    for alias, name in aliases.items():
        for suffix in ("", "_"):
            if name + suffix in FUNCTIONS:
                setattr(Variable, alias + suffix, FUNCTIONS[name + suffix])
                FUNCTIONS[alias + suffix] = FUNCTIONS[name + suffix]


def method(function: Callable) -> Callable:
    """Decorator: publish under the function's own name."""
    publish(function.__name__, function)
    return function


def torch_only(function: Callable) -> Callable:
    """Decorator: a torch function that is no method."""
    FUNCTIONS[function.__name__] = function
    TORCH_ONLY.add(function)
    return function


def as_variable(value: Any) -> Variable:
    """A Tensor beside a Variable is a constant."""
    return value if isinstance(value, Variable) else Variable(value)


def is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) or isinstance(value, numbers.Real)


def number_as_variable(value: Any, like: Variable) -> Variable:
    return Variable(like._data.new([value]))


def untracked(name: str) -> Callable:
    """The tensor's answer as a Variable without history."""
    op = getattr(torch.Tensor, name, None) or getattr(torch, name)

    def method(self: Variable, *args: Any, **options: Any) -> Variable:
        volatile = self._volatile
        for arg in args:
            volatile = volatile or (isinstance(arg, Variable) and arg._volatile)
        result = op(self._data, *[plain_index(arg) for arg in args], **options)
        if not isinstance(result, torch.Tensor):
            result = torch.tensor([result])
        return Variable(result, volatile=volatile)

    return method


def torch_function(func: Callable, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
    """Called by torch functions and tensor methods that meet a Variable among their arguments."""
    name = func.__name__
    function = FUNCTIONS.get(name)
    first = args[0] if args else None
    changes_tensor = name.endswith("_") and not isinstance(first, Variable)
    if function is None or changes_tensor:
        raise TypeError(
            f"{name}: a Variable was given where data (a tensor) is expected; pass its .data"
        )
    if kwargs and "out" in kwargs:
        raise TypeError(f"{name}: out= is not available for Variables")
    if function in TORCH_ONLY:
        return function(*args, **(kwargs or {}))
    if is_number(first):
        if name not in REFLECTED:
            raise TypeError(f"{name}: expected a Variable or Tensor first, got {type_name(first)}")
        return REFLECTED[name](args[1], first)
    if isinstance(first, torch.Tensor):
        args = (Variable(first), *args[1:])
    return function(*args, **(kwargs or {}))
