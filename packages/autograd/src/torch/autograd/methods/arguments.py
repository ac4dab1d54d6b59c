"""Arguments in every form in which the tensor's methods take them.

A method of Variable is written with the tensor's parameter names; what is here adds NumPy's and
today's words for them, and lets Functions take their constants straight from the call.
"""

import inspect
from collections.abc import Callable
from typing import Any

from ..functions.index import plain_index
from ..variable import Variable

__all__ = ["any_words", "from_constants"]

#: parameter: other words for it, as in the tensor package
WORDS: dict[str, tuple[str, ...]] = {
    "dim": ("axis",),
    "dims": ("axis", "axes", "dim"),
    "from_": ("from", "low"),
    "index": ("indices",),
    "keepdim": ("keepdims",),
    "repeats": ("reps",),
    "shape": ("size",),
    "shifts": ("shift",),
    "sorted_sequence": ("self",),
    "to": ("high",),
    "values": ("v",),
}


def words_of(function: Callable) -> tuple[dict[str, str], str | None]:
    """{other word: parameter} of a function, and its parameter `*sizes` that takes a tuple too."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    rest = None
    if code.co_flags & inspect.CO_VARARGS:
        rest = code.co_varnames[len(names)]
        names = (*names, rest)
    words = {word: name for name in names for word in WORDS.get(name, ()) if word not in names}
    return words, rest


def translated(words: dict[str, str], rest: str | None, args: tuple, options: dict) -> tuple:
    """(args, options) in a function's own words; sizes given by keyword become positional."""
    options = {words.get(word, word): value for word, value in options.items()}
    if rest in options:
        args = (*args, options.pop(rest))
    return args, options


def any_words(function: Callable) -> Callable:
    """The method with all words for its parameters; itself where there is one for each."""
    words, rest = words_of(function)
    if not words and rest is None:
        return function

    def method(*args: Any, **options: Any) -> Any:
        if options:
            args, options = translated(words, rest, args, options)
        return function(*args, **options)

    method.__doc__ = function.__doc__
    method.__name__ = function.__name__
    return method


def from_constants(name: str, function: Callable) -> Callable:
    """The method whose arguments are the constants of a Function.

    x.narrow(0, 1, 2) is Narrow(0, 1, 2)(x).
    """
    words, rest = words_of(function.__init__)  # type: ignore[misc]

    def method(self: Variable, *args: Any, **options: Any) -> Any:
        given = args, options
        if options:
            args, options = translated(words, rest, args, options)
        try:
            made = function(*plain_index(args), **options)
        except TypeError:
            complain(self, name, *given)
            raise
        return made(self)

    method.__doc__ = function.__doc__
    return method


def complain(variable: Variable, name: str, args: tuple, options: dict) -> None:
    """Raise what the tensor's method raises for these arguments: it names what it takes."""
    if not hasattr(variable._data, name):
        return
    try:
        getattr(variable._data, name)(*args, **options)
    except TypeError as error:
        raise TypeError(str(error)) from None
