"""Where packages register the types that files hold: light, for torch.serialization loads late."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Known(NamedTuple):
    """What a load may do with a name of a file."""

    value: Any  # what the name stands for
    build: Callable | None = None  # makes the object from the arguments in the file
    new: bool = False  # instances are made by __new__ and filled with a state
    free: bool = False  # the user vouches for the class: arguments, append, update
    state: Callable | None = None  # takes an instance and its state, in place of __setstate__


known_names: dict[tuple[str, str], Known] = {}  # by module and qualified name
sourced: list[type] = []


def name_of(value: Any) -> tuple[str, str]:
    """How pickles name a class or function."""
    return value.__module__, value.__qualname__


def register(cls: type, build: Callable | None = None) -> None:
    """Makes a class known: instances are made by `cls.__new__(cls)` and filled with their state.

    The state goes to `__setstate__`, or into the instance's attributes. With `build`, what the
    class's `__reduce__` has as arguments goes to `build`, which checks them: any error it raises
    becomes a FileError. For packages; users call `allow`.
    """
    known_names[name_of(cls)] = Known(cls, build=build, new=build is None)


def register_function(function: Callable) -> None:
    """Makes a function known that `__reduce__` methods return; it checks its arguments."""
    known_names[name_of(function)] = Known(function, build=function)


def keep_source(base: type) -> None:
    """Has `save` keep the source of the subclasses of `base` that are outside torch."""
    sourced.append(base)
