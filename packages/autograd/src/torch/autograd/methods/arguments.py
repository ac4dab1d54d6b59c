"""Methods straight from Functions: the constants of the one are the arguments of the other."""

import inspect
from collections.abc import Callable
from typing import Any

from ..functions.base import call_for_views, call_on
from ..functions.index import plain_index
from ..functions.view import Parts
from ..variable import Variable
from .table import words_of

__all__ = ["from_constants", "several"]


def from_constants(name: str, function: type, **fixed: Any) -> Callable:
    """x.narrow(0, 1, 2) is Narrow(0, 1, 2)(x); also by keyword, in all words for the constants.

    Of a Function made with `*sizes` the method takes them one by one, as a tuple, or by keyword.
    `fixed` constants are not for the caller to choose.
    """
    constructor = function.__init__  # type: ignore[misc]
    short = call_for_views if issubclass(function, Parts) else call_on
    words = words_of(constructor)
    code = constructor.__code__
    sizes = None
    if code.co_flags & inspect.CO_VARARGS:
        sizes = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]

    def method(self: Variable, *args: Any, **options: Any) -> Any:
        given = args, options
        args = plain_index(args)
        if options:
            options = {words.get(word, word): plain_index(v) for word, v in options.items()}
            if sizes in options:
                args = (*args, options.pop(sizes))
        try:
            made = function(*args, **options, **fixed)
        except TypeError:
            complain(self, name, *given)
            raise
        return made(self) if fixed else short(made, self)

    method.__doc__ = function.__doc__
    return method


def complain(variable: Variable, name: str, args: tuple, options: dict) -> None:
    """Raise what the tensor's method raises for these arguments: it names what it takes."""
    if not hasattr(variable._data, name):
        return
    try:
        getattr(variable._data, name)(*plain_index(args), **options)
    except TypeError as error:
        raise TypeError(str(error)) from None


def several(given: tuple) -> tuple:
    """Tensors or sizes given one by one or as one list."""
    if len(given) == 1 and isinstance(given[0], tuple | list):
        return tuple(given[0])
    return given
