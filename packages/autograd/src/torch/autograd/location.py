"""Lines of user code, recorded cheaply and resolved when an error needs them.

A position is the code object of a frame and the offset of its current instruction. Neither keeps
the frame or its local values alive; reading both costs about a tenth of a microsecond, while
a line number would have to be decoded from the code object's table.
"""

import os
import sys
from types import CodeType, FrameType

import torch

__all__ = ["belongs_to_library", "describe", "user_position"]


#: filename -> whether the file is part of torch, of the names met so far; a plain dict is fastest
known: dict[str, bool] = {}


def belongs_to_library(filename: str) -> bool:
    """Whether the file is part of torch."""
    inside = known.get(filename)
    if inside is None:
        inside = any(filename.startswith(folder + os.sep) for folder in torch.__path__)
        known[filename] = inside
    return inside


def user_position(frame: FrameType | None) -> tuple[CodeType | None, int]:
    """The position in the innermost frame, `frame` or one that called it, outside of torch."""
    while frame is not None:
        code = frame.f_code
        try:
            inside = known[code.co_filename]
        except KeyError:
            inside = belongs_to_library(code.co_filename)
        if not inside:
            return code, frame.f_lasti
        frame = frame.f_back
    return None, -1


def here() -> tuple[CodeType | None, int]:
    """The line of user code that called into torch."""
    return user_position(sys._getframe(1))


def describe(code: CodeType | None, offset: int) -> str:
    """`file:line: source text`, or a remark that the line is not known."""
    import linecache  # only errors need it

    if code is None:
        return "a line that was not recorded"
    line = code.co_firstlineno
    for start, end, number in code.co_lines():
        if start <= offset < end and number is not None:
            line = number
    linecache.checkcache(code.co_filename)  # the file may have been edited since it was last read
    source = linecache.getline(code.co_filename, line).strip()
    place = f"{code.co_filename}:{line}"
    return f"{place}: {source}" if source else place
