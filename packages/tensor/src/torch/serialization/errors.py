"""What can go wrong with a file, and what is worth a warning."""

from typing import Any

from torch import _C

#: The one exception for whatever is wrong with a file: a RuntimeError.
FileError = _C._FileError


class SourceChangeWarning(Warning):
    """The source of a class has changed since an object of it was saved."""


def show(value: Any, depth: int = 1) -> str:
    """What a file holds in a few words, for messages: its repr may be without end."""
    if type(value) in (str, bytes):
        return repr(value[:60]) + ("..." if len(value) > 60 else "")
    if type(value) is int and value.bit_length() > 64:
        return f"an int of {value.bit_length()} bits"
    if value is None or type(value) in (bool, int, float):
        return repr(value)
    if type(value) is tuple and depth:
        items = [show(item, depth - 1) for item in value[:8]]
        return f"({', '.join(items)}{', ...' if len(value) > 8 else ''})"
    return value.__qualname__ if isinstance(value, type) else f"a {type(value).__name__}"
