"""Where in its model a module stands, for errors that its forward raises.

It costs nothing until there is an error: the calls that are running tell which modules they are of.
"""

import re
from types import FrameType, TracebackType
from typing import Any

from torch.autograd.location import belongs_to_library

__all__ = ["NAMED", "name_module"]

#: The kinds of errors that are given the name of the module.
NAMED = (ValueError, TypeError, IndexError, RuntimeError)

_OWN_NAME = re.compile(r"(\w+): ")


def name_module(error: BaseException, frame: FrameType) -> None:
    """Put the path and class of the innermost module that is called before the error's text.

    `frame` is that of the call. `features.3 (Conv2d): expected ...`; the type of the error stays.
    Errors of users' own code and those of a module that is called by itself stay as they are.
    """
    if getattr(error, "_module_is_named", False):
        return
    error._module_is_named = True  # type: ignore[attr-defined]  # those who call it ask, too
    if len(error.args) != 1 or not isinstance(error.args[0], str) or not _from_library(error):
        return
    modules = _called(frame)
    place = _path(modules)
    if place:
        kind = type(modules[-1]).__name__
        error.args = (f"{place} ({kind}): {_without_name(error.args[0], kind)}",)


def _from_library(error: BaseException) -> bool:
    """Whether the error was raised in a file of torch, or in compiled code called from there."""
    trace: TracebackType | None = error.__traceback__
    last = None
    while trace is not None:
        last, trace = trace, trace.tb_next
    return last is not None and belongs_to_library(last.tb_frame.f_code.co_filename)


def _called(frame: FrameType | None) -> list[Any]:
    """The modules that are being called, from the outermost to the one of `frame`."""
    code = frame.f_code if frame else None
    modules: list[Any] = []
    while frame is not None:
        if frame.f_code is code:
            modules.append(frame.f_locals["self"])
        frame = frame.f_back
    return modules[::-1]


def _path(modules: list[Any]) -> str:
    """The dotted name of the last module, as seen from the outermost one that it belongs to."""
    paths: list[str] = []
    for number, module in enumerate(modules):
        place = ""
        for parent, above in zip(reversed(modules[:number]), reversed(paths), strict=True):
            name = next((n for n, m in parent.named_modules() if m is module), None)
            if name is not None:
                place = ".".join(part for part in (above, name) if part)
                break
        paths.append(place)
    return paths[-1]


def _without_name(text: str, kind: str) -> str:
    """The text without the operation in front, where the module has its name: conv, conv2d."""
    found = _OWN_NAME.match(text)
    if found and kind.lower().startswith(found[1].replace("_", "").lower()):
        return text[found.end() :]
    return text
