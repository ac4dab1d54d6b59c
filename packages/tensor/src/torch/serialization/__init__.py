"""Files: `torch.save` and `torch.load`, which never lose, corrupt or execute anything.

>>> import io, torch
>>> x = torch.arange(4)
>>> f = io.BytesIO()
>>> torch.save({"all": x, "half": x[:2]}, f)
>>> _ = f.seek(0)
>>> loaded = torch.load(f)
>>> _ = loaded["all"].fill_(7)  # what shared memory shares it again
>>> loaded["half"].tolist()
[7, 7]
"""

import pickle as _pickle
from typing import Any, NamedTuple

from torch._registered import keep_source, register, register_function

from . import archive, graph, registry, streams
from .atomic import writing
from .errors import FileError, SourceChangeWarning
from .numpy_format import save_npy, save_npz
from .registry import allow, register_format
from .safetensors_format import save_safetensors
from .unpickler import LIMIT

from . import formats  # isort: skip  (torch.load finds them in the registry)

__all__ = [
    "FileError",
    "Options",
    "SourceChangeWarning",
    "allow",
    "keep_source",
    "load",
    "register",
    "register_format",
    "register_function",
    "save",
    "save_npy",
    "save_npz",
    "save_safetensors",
]


class Options(NamedTuple):
    """The arguments of `load`, as readers of formats get them."""

    map_location: Any = None
    pickle_module: Any = None
    trust: bool = False
    mmap: bool = False
    verify: Any = True
    limit: int = LIMIT


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = None,
    pickle_protocol: int | None = None,
    *,
    fsync: bool = True,
) -> None:
    """Saves an object to a path or to a file object that is open for writing bytes.

    The object: any nesting of Python's containers, tensors, storages, sizes, dtypes, generators,
    and of whatever pickle can save. Tensors over the same storage share it again after `load`; a
    storage is saved once, and whole, also for a small view of it (`x[:2].clone()` saves less).

    A path gets the new file in one step, when it is complete and on the disk: where saving fails,
    or the machine does, the old file is still there, whole. `fsync=False` does not wait for the
    disk, which keeps the old or new file whole through the end of the process, not of the machine.
    The mode stays; of a symbolic link, the file it names is replaced, and a file that may not be
    written is not. To a file object (or a pipe or device), bytes are written one after the other,
    and several objects may follow each other.

    `pickle_module` and `pickle_protocol` (2 to 5) are what writes the structure. TypeError for what
    cannot be saved, ValueError for what is nested too deep, OSError where the system refuses.

    >>> import io, torch
    >>> f = io.BytesIO()
    >>> torch.save([torch.ones(2), "text"], f)
    >>> _ = f.seek(0)
    >>> torch.load(f)[1]
    'text'
    """
    protocol = graph.PROTOCOL if pickle_protocol is None else pickle_protocol
    if not isinstance(protocol, int) or not 2 <= protocol <= 5:
        raise ValueError(f"save: expected a pickle_protocol of 2 to 5, got {pickle_protocol!r}")
    if not streams.is_path(f):
        streams.check_file("save", f, "write")  # before the work
    description = graph.Description(obj, pickle_module or _pickle, protocol)
    storages = (s.cpu() if s.is_cuda else s for s in description.storages)
    with writing("save", f, fsync) as sink:
        archive.write(sink, description.parts, storages)


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    trust: bool | None = None,
    mmap: bool = False,
    verify: bool | str | None = None,
    limit: int = LIMIT,
) -> Any:
    """The object that `save` wrote to a path or to a file object that is open for reading bytes.

    Files of NumPy (`.npy`, `.npz`), safetensors and PyTorch are known by their content and give
    tensors, dicts of them, or the object; docs/file-format.md says what holds for each of them.

    Only known types are built: Python's containers, numbers and strings, tensors, and what was
    registered by packages or by `torch.serialization.allow`; a file that holds anything else is
    refused, and nothing that it names is imported or called. `trust=True` instead runs whatever the
    pickle asks for, which may be any program: only for files whose author you would let run one.
    The default, None, is what `torch.compat.flags.trusting_load` says: True at the alpha's level.

    Everything is checked before it is used, each byte of the file against a checksum: FileError, a
    RuntimeError, for a file that is damaged or incomplete, or that is none. The Python objects take
    at most `limit` bytes more than their description in the file.

    `mmap=True` (paths only) maps the file instead of reading it: pages are read when they are used,
    and changes stay in memory. `verify` says when the data is checked: True at once, "lazy" for
    each storage when its data is first used (the error then comes from that operation and names the
    tensor), False never; the default is "lazy" with mmap, True without.

    `map_location` says where storages go: a device, a dict from the device that is in the file
    to another one, or a function of storage and device that returns a storage, or None for where it
    came from.

    >>> import io, torch
    >>> f = io.BytesIO()
    >>> torch.save(torch.arange(3), f)
    >>> _ = f.seek(0)
    >>> torch.load(f).tolist()
    [0, 1, 2]
    """
    if trust is None:
        from torch.compat import flags

        trust = flags.trusting_load
    options = Options(
        _check_map_location(map_location), pickle_module, trust, mmap, _when(verify, mmap), limit
    )
    if streams.is_path(f):
        kind = streams.MappedSource if mmap else streams.Source
        with open(f, "rb", buffering=0) as file:
            return _load(kind(file, streams.describe(f)), options)
    streams.check_file("load", f, "read")
    if mmap:
        raise TypeError(f"load: mmap: expected a path, got {type(f).__name__}")
    return _load(streams.Source(f, streams.describe(f)), options)


def _when(verify: Any, mmap: bool) -> Any:
    if verify is None:
        return "lazy" if mmap else True
    if verify not in (True, False, "lazy"):
        raise ValueError(f"load: expected verify to be True, False or 'lazy', got {verify!r}")
    return True if verify == "lazy" and not mmap else verify


def _check_map_location(where: Any) -> Any:
    if where is None or isinstance(where, str | dict) or callable(where):
        return where
    raise TypeError(
        "load: map_location: expected a function, a dict, a device or None, got "
        f"{type(where).__name__}"
    )


def _load(source: streams.Source, options: Options) -> Any:
    head = source.peek(streams.FIRST)
    if archive.is_archive(head):
        return _load_archive(source, options)
    for known in registry.formats:
        if known.sniff(head):
            return known.load(source, options)
    if not head:
        raise source.error("the file is empty")
    raise source.error(f"the file is none that torch.save writes: it begins with {head[:16]!r}")


def _load_archive(source: streams.Source, options: Options) -> Any:
    heading = archive.read_heading(source)
    parts = archive.read_parts(source, heading)
    storages = archive.read_storages(source, heading, parts.rows, options.verify)
    objects = graph.Objects(parts, storages, options.map_location, source)
    trust = (options.pickle_module or _pickle) if options.trust else None
    return graph.rebuild(parts, objects, source, trust, options.limit)
