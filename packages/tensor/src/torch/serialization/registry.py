"""What a load builds besides containers, numbers, strings and tensors.

A file names classes and functions; a load looks the names up here and nowhere else, so that it
imports nothing and calls nothing that was not registered. Users add their classes with `allow`,
packages above the tensor library with those of torch._registered; further formats of files use
`register_format`.
"""

import importlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import _C
from torch._registered import Known, known_names, name_of, register_function, sourced

from .errors import FileError


class Format(NamedTuple):
    """Another file format: `sniff` sees the first bytes, `load` gets the source and the options."""

    name: str
    sniff: Callable[[bytes], bool]
    load: Callable[[Any, Any], Any]


formats: list[Format] = []

# Names of our own packages are looked up after the package was loaded.
_OWN_PACKAGES = ("torch.autograd", "torch.nn", "torch.optim", "torch.legacy")


def allow(cls: Any) -> Any:
    """Lets `load` build instances of a class, with whatever arguments and state a file has.

    Allow a class only if making one from wrong arguments is harmless: what its constructor,
    `__setstate__` and, for containers, `append` or `__setitem__` do is done for any file. A
    function that a `__reduce__` returns is allowed in the same way. Returns `cls`, so that it can
    decorate a class. TypeError for what is neither class nor function.

    >>> import fractions, io, torch
    >>> f = io.BytesIO()
    >>> torch.save(fractions.Fraction(1, 3), f)
    >>> _ = f.seek(0)
    >>> _ = torch.serialization.allow(fractions.Fraction)
    >>> torch.load(f)
    Fraction(1, 3)
    """
    if not callable(cls) or not hasattr(cls, "__qualname__") or not hasattr(cls, "__module__"):
        raise TypeError(f"allow: expected a class or a function, got {type(cls).__name__}")
    known_names[name_of(cls)] = Known(cls, build=cls, new=isinstance(cls, type), free=True)
    return cls


def register_format(name: str, sniff: Callable[[bytes], bool], load: Callable) -> None:
    """Makes `torch.load` read another format: `load(source, options)` where `sniff(head)`.

    `head` has the file's first bytes (2048 where there are as many), `source` is a
    torch.serialization.streams.Source at the file's beginning, `options` are load's arguments.
    """
    formats.append(Format(name, sniff, load))


def has_source(cls: type) -> bool:
    """Whether `save` keeps the class's source."""
    return issubclass(cls, tuple(sourced)) and cls.__module__.partition(".")[0] != "torch"


def find(module: str, name: str) -> Known:
    """What a name of a file stands for; FileError unless it is known."""
    known = known_names.get((module, name))
    if known is None:
        for package in _OWN_PACKAGES:
            if module == package or module.startswith(package + "."):
                try:
                    importlib.import_module(package)
                except ImportError as error:
                    raise FileError(f"load: the file holds a {module}.{name}: {error}") from error
                known = known_names.get((module, name))
    if known is None:
        raise FileError(
            f"load: the file holds {module}.{name}, which a load does not build; if making one "
            f"from any file is harmless, call torch.serialization.allow({module}.{name}) first"
        )
    return known


# What every file may hold: builders for what pickle writes as a call.


def _complex(real: float, imag: float) -> complex:
    return complex(_of(real, float), _of(imag, float))


def _range(start: int, stop: int, step: int) -> range:
    return range(_of(start, int), _of(stop, int), _of(step, int))


def _set(items: Any = ()) -> set:
    return set(_of(items, (list, tuple)))


def _frozenset(items: Any = ()) -> frozenset:
    return frozenset(_of(items, (list, tuple)))


def _bytearray(data: Any = b"", encoding: str = "latin-1") -> bytearray:
    if isinstance(data, str) and encoding == "latin-1":
        return bytearray(data, "latin-1")
    return bytearray(_of(data, bytes))


def _ordered_dict() -> OrderedDict:
    return OrderedDict()


def _bytes() -> bytes:
    """The empty bytes as protocol 2 writes them."""
    return b""


def _encode(text: str, encoding: str) -> bytes:
    """Bytes as protocol 2 writes them."""
    if encoding != "latin1":
        raise ValueError(f"expected the encoding latin1, got {encoding!r}")
    return _of(text, str).encode("latin1")


def _size(sizes: tuple) -> Any:
    return torch.Size(_of(sizes, tuple))


def generator(state: Any) -> Any:
    """A generator in a state of `get_state`."""
    return _C.Generator().set_state(state)


def _of(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind}, got {type(value).__name__}")
    return value


def _add_own() -> None:
    for value, build in (
        (complex, _complex),
        (range, _range),
        (slice, slice),
        (set, _set),
        (frozenset, _frozenset),
        (bytearray, _bytearray),
        (OrderedDict, _ordered_dict),
        (torch.Size, _size),
    ):
        known_names[name_of(value)] = Known(value, build=build)
    known_names["builtins", "bytes"] = Known(bytes, build=_bytes)
    known_names["builtins", "Ellipsis"] = Known(Ellipsis)
    known_names["_codecs", "encode"] = Known(_encode, build=_encode)
    for module, name in list(known_names):  # protocol 2 has the names of Python 2
        if module == "builtins":
            old = "xrange" if name == "range" else name
            known_names["__builtin__", old] = known_names[module, name]
    register_function(generator)
    if hasattr(torch, "device"):
        known_names[name_of(torch.device)] = Known(torch.device, build=torch.device)
    for value in vars(_C).values():  # classes as values: torch.FloatTensor and the like
        if isinstance(value, type) and issubclass(value, _C.Tensor | _C._Storage):
            known_names[name_of(value)] = Known(value)


_add_own()
