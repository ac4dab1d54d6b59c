"""How operations become methods of Variable and functions of `torch`.

Each family of this package names its Functions in tables or writes a method of a few lines; both
end in `publish`.
"""

import functools
import inspect
import numbers
from collections.abc import Callable
from typing import Any, NoReturn

import torch

from .. import functions as F
from ..functions.base import call_on
from ..functions.index import plain_index
from ..variable import Variable, type_name

#: Every method and function by name; `torch.NAME(variable)` is looked up here.
FUNCTIONS: dict[str, Callable] = {}

#: The same with a number in front: `torch.pow(3, variable)`.
REFLECTED: dict[str, Callable] = {}

#: Methods whose first constant stands in front as a function: torch.addmm(beta, variable, ...).
SCALED: set[str] = set()

#: Functions that take Variables, Tensors and numbers in any place.
TORCH_ONLY: set[Callable] = set()

#: NumPy's and today's words for an argument (the tensor package takes the same): word, our name.
WORDS = (
    ("axis", "dim"), ("axis", "dims"), ("dim", "dims"), ("axes", "dims"), ("keepdims", "keepdim"),
    ("ddof", "correction"), ("x2", "other"), ("indices", "index"),
    ("other", "mat2"), ("size", "shape"), ("shift", "shifts"), ("reps", "repeats"),
    ("v", "values"), ("storage", "source"),
)  # fmt: skip

#: What an operation has as operands, beside numbers.
OPERANDS = (Variable, torch.Tensor)

_NUMBERS = (float, int)  # asked first: the question to numbers.Real is slow


def publish(name: str, method: Callable, operator: str | None = None) -> None:
    """Make `method` a method of Variable, a torch function, and an operator."""
    method.__name__ = method.__qualname__ = name
    if method.__doc__ is None:  # made from a row: the tensor's operation explains it
        method.__doc__ = getattr(getattr(torch.Tensor, name, None), "__doc__", None)
    method = with_words(method)
    setattr(Variable, name, method)
    FUNCTIONS[name] = method
    if operator is not None:
        setattr(Variable, f"__{operator}__", method)


def with_words(method: Callable) -> Callable:
    """The method, which then also takes its keywords in the words of `WORDS`."""
    ours = words_of(method)
    if not ours:
        return method

    @functools.wraps(method)
    def worded(*args: Any, **options: Any) -> Any:
        if options:
            options = {ours.get(word, word): value for word, value in options.items()}
        return method(*args, **options)

    return worded


def words_of(function: Callable) -> dict[str, str]:
    """{other word: our name} for the parameters of a function, also of `*sizes`."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)
    names = code.co_varnames[:count]
    return {word: name for word, name in WORDS if name in names and word not in names}


def publish_aliases(aliases: dict[str, str]) -> None:
    """Other names (keys) of published operations (values), with their in-place forms."""
    for alias, name in aliases.items():
        for suffix in ("", "_"):
            if name + suffix in FUNCTIONS:
                setattr(Variable, alias + suffix, FUNCTIONS[name + suffix])
                FUNCTIONS[alias + suffix] = FUNCTIONS[name + suffix]
        if name in REFLECTED:
            REFLECTED[alias] = REFLECTED[name]


def method(function: Callable) -> Callable:
    """Decorator: publish under the function's own name."""
    publish(function.__name__, function)
    return function


def torch_only(function: Callable, name: str | None = None) -> Callable:
    """Decorator: a torch function that is no method."""
    worded = FUNCTIONS[name or function.__name__] = with_words(function)
    TORCH_ONLY.add(worded)
    return function


def free(name: str) -> Callable:
    """Decorator: publish a torch function that is no method; Tensors reach it as Variables."""

    def decorate(function: Callable) -> Callable:
        worded = with_words(function)
        takes_self = function.__code__.co_varnames[0] == "self"

        @functools.wraps(function)
        def taking_tensors(*args: Any, **options: Any) -> Any:
            args = tuple([as_variable(a) if isinstance(a, torch.Tensor) else a for a in args])
            for key, value in options.items():
                if isinstance(value, torch.Tensor):
                    options[key] = Variable(value)
            if takes_self and "input" in options:
                options["self"] = options.pop("input")
            return worded(*args, **options)

        taking_tensors.__name__ = taking_tensors.__qualname__ = name
        FUNCTIONS[name] = taking_tensors
        TORCH_ONLY.add(taking_tensors)
        return taking_tensors

    return decorate


def as_variable(value: Any) -> Variable:
    """A Tensor beside a Variable is a constant."""
    return value if isinstance(value, Variable) else Variable(value)


def results(fields: str, parts: tuple) -> tuple:
    """The named tuple that the tensor's operation gives, of Variables: results("Q R", (q, r))."""
    name = "_" + "".join([field[0].upper() + field[1:] for field in fields.split()])
    return getattr(torch._C, name)(parts)


def is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) or isinstance(value, numbers.Real)


def number_as_variable(value: Any, like: Any) -> Variable:
    """A number as a constant of the type and size of a Variable or Tensor, in one element."""
    data = like._data if isinstance(like, Variable) else like
    number = data.new([value])
    return Variable(number.expand_as(data) if data.dim() else number.view(()))


def untracked(name: str) -> Callable:
    """The tensor's answer as a Variable without history."""
    op = getattr(torch, name, None) or getattr(torch.Tensor, name)

    def method(*args: Any, **options: Any) -> Any:
        volatile = any(is_volatile(arg) for arg in args)
        if options:
            options = {word: plain_index(value) for word, value in options.items()}
        result = op(*[plain_index(arg) for arg in args], **options)
        return answer(result, volatile, (*args, *options.values()))

    TORCH_ONLY.add(method)
    return method


def is_volatile(value: Any) -> bool:
    """Whether the value is a volatile Variable, or a list with one."""
    if isinstance(value, tuple | list):
        return any(is_volatile(part) for part in value)
    return isinstance(value, Variable) and value._volatile


def device_of(values: Any) -> Any:
    """The device of the first Variable or Tensor among the values, also in lists; else None."""
    for value in values:
        if isinstance(value, OPERANDS):
            return value.device
        if isinstance(value, tuple | list):
            found = device_of(value)
            if found is not None:
                return found
    return None


def answer(result: Any, volatile: bool, operands: Any) -> Any:
    """Tensors and numbers, one or a tuple of them, as Variables without history.

    Numbers go to the device of the operands.
    """
    if isinstance(result, torch.Tensor):
        return Variable(result, volatile=volatile)
    if isinstance(result, tuple):
        kind: Any = type(result)  # a tuple with names keeps them
        return kind([answer(r, volatile, operands) for r in result])
    data = torch.tensor([result], device=device_of(operands))
    return Variable(data, volatile=volatile)


def with_indices(node: Any, self: Variable) -> tuple:
    """(values, indices) by name, of a Function that saves the indices of what it selects."""
    values = call_on(node, self)
    return VALUES_INDICES((values, Variable(node._saved[0], None, self._volatile)))


#: The named tuple that tensors give.
VALUES_INDICES: Any = type(torch.zeros(1).sort())


def untracked_in_place(name: str) -> Callable:
    """The tensor's operation NAME_, whose result does not depend on the old values smoothly."""
    op = getattr(torch.Tensor, name)

    def method(self: Variable, *args: Any, **options: Any) -> Variable:
        args = tuple([plain_index(arg) for arg in args])
        options = {word: plain_index(value) for word, value in options.items()}
        return F.Overwrite(functools.partial(op, **options), *args)(self)

    return method


def question(name: str) -> Callable:
    """What the tensor answers with a bool or a number."""
    op = getattr(torch, name, None) or getattr(torch.Tensor, name)

    def method(*args: Any, **options: Any) -> Any:
        options = {word: plain_index(value) for word, value in options.items()}
        return op(*[plain_index(arg) for arg in args], **options)

    TORCH_ONLY.add(method)
    return method


def refused(name: str, why: str) -> Callable:
    """A method of tensors that a Variable cannot have, and the reason."""

    def method(self: Variable, *args: Any, **options: Any) -> NoReturn:
        raise TypeError(f"{name}: {why}")

    return method


def torch_function(func: Callable, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
    """Called by torch functions and tensor methods that meet a Variable among their arguments."""
    name = func.__name__
    function = FUNCTIONS.get(name)
    if function is not None and args and not kwargs:  # the usual case
        if isinstance(args[0], Variable) or function in TORCH_ONLY:
            return function(*args)
    options = dict(kwargs) if kwargs else {}
    if function not in TORCH_ONLY:
        for word in ("input", "self"):
            if word in options:
                args = (options.pop(word), *args)
    first = args[0] if args else None
    changes_tensor = name.endswith("_") and not isinstance(first, Variable)
    if function is None or changes_tensor:
        raise TypeError(
            f"{name}: a Variable was given where data (a tensor) is expected; pass its .data"
        )
    if options.pop("out", None) is not None:
        raise TypeError(f"{name}: out= is not available for Variables")
    if function in TORCH_ONLY:
        return function(*args, **options)
    if is_number(first):
        if name in SCALED and len(args) > 1:
            return function(as_variable(args[1]), first, *args[2:], **options)
        if name not in REFLECTED or len(args) != 2 or options:
            raise TypeError(f"{name}: expected a Variable or Tensor first, got {type_name(first)}")
        return REFLECTED[name](args[1], first)
    if isinstance(first, torch.Tensor):
        args = (Variable(first), *args[1:])
    return function(*args, **options)
