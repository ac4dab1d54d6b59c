"""The files of PyTorch before 1.6: a stream of pickles and storages, and the alpha's tar archive.

The stream is the pickles of a magic number, a version, facts about the machine, the object, and the
storages' keys; then the storages in the order of the keys, each as 8 bytes with its number of
elements, and its data. The archive, which is older, has the members `storages`, `tensors` and
`pickle`, which refer to each other by numbers. Both are little-endian, and have no checksum.
"""

import os
import struct
import sys
from collections.abc import Callable
from typing import Any

from torch import _C
from torch._registered import Known

from . import archive, graph, streams
from .errors import show
from .pytorch import Names, check_storage_name, check_use, text_of
from .unpickler import Unpickler

MAGIC = 0x1950A86A20F9469CFC6C
_MAGIC_CODE = b"\x8a\x0a" + MAGIC.to_bytes(10, "little")
_VERSION = 1001
_TAR_MEMBERS = ("storages", "tensors", "pickle")
_MAX_TAR_MEMBERS = 100
_STRINGS = "utf-8"  # of Python 2's byte strings

_WINDOW = 1 << 16  # bytes looked at at a time

# Bytes of the opcodes' arguments: a fixed number, or as many as the number in front says.
_FIXED = {b"K": 1, b"M": 2, b"J": 4, b"G": 8, b"\x80": 1, b"\x95": 8}
_FIXED |= {b"h": 1, b"j": 4, b"q": 1, b"r": 4}
_COUNTED = {b"U": 1, b"T": 4, b"X": 4, b"\x8c": 1, b"\x8d": 8, b"B": 4, b"C": 1, b"\x8e": 8}
_COUNTED |= {b"\x96": 8, b"\x8a": 1, b"\x8b": 4}
_FIXED_CODES = {code[0]: n for code, n in _FIXED.items()}
_COUNTED_CODES = {code[0]: n for code, n in _COUNTED.items()}
_GLOBAL, _STOP = ord("c"), ord(".")


def _find_end(data: bytes) -> tuple[int, bool]:
    """Where the pickle in data ends, and True; or where the first opcode that is not there whole
    begins, which may be behind the data, and False."""
    size, at = len(data), 0
    while at < size:
        code = data[at]
        if code == _STOP:
            return at + 1, True
        n = _COUNTED_CODES.get(code, 0)
        if at + 1 + n > size:
            break
        if n:
            at += 1 + n + int.from_bytes(data[at + 1 : at + 1 + n], "little")
        elif code == _GLOBAL:  # two lines
            first = data.find(b"\n", at)
            end = data.find(b"\n", first + 1)
            if first < 0 or end < 0:
                break
            at = end + 1
        else:
            at += 1 + _FIXED_CODES.get(code, 0)
    return at, False


def _next_pickle(
    source: streams.Source, find: Callable, persistent: Callable, limit: int, what: str
) -> Any:
    """The object of the pickle that comes next."""
    size, ended = 0, False
    while not ended:
        n, ended = _find_end(source.look(size, _WINDOW))
        size += n
        source.expect(size, what)
        if n == 0:
            raise source.error(f"the file ends within {what}")
    reader = Unpickler(source.read(size, what), find, persistent, source.error, limit)
    reader.strings = _STRINGS
    return reader.load()


def _seekable(source: streams.Source) -> tuple[Any, streams.Source]:
    """The file, and a source over it whose size is known."""
    file, start = source.seekable()
    file.seek(start)
    return file, streams.Source(file, source.name)


class _Facts:
    """What a file's pickles name, with the sources of classes that it has."""

    def __init__(self, source: streams.Source, options: Any) -> None:
        self.error = source.error
        self.find = Names(options.trust, modules=True).find
        self.sources: dict[str, list[str]] = {}
        self.classes: list[type] = []

    def no_names(self, module: str, name: str) -> Known:
        """find for a pickle of numbers."""
        raise self.error(f"{module}.{name} stands where numbers are expected")

    def no_objects(self, name: Any) -> Any:
        """persistent for a pickle that names nothing."""
        raise self.error(f"the pickle names {show(name)} where nothing is named")

    def module(self, name: tuple) -> type:
        """The class of ("module", class, file, source), without the first."""
        if len(name) != 3 or not isinstance(name[0], type):
            raise self.error(f"the pickle names {show(name)}, which is no class")
        cls, file, text = name
        if isinstance(file, str) and isinstance(text, str) and file and text:
            self.sources[f"{cls.__module__}.{cls.__qualname__}"] = [file, text]
            self.classes.append(cls)
        return cls


# the stream


def is_stream(head: bytes) -> bool:
    """Whether a file begins with the pickle of the magic number."""
    return head[:1] == b"\x80" and _MAGIC_CODE in head[:32]


class _Storages:
    """The stream's storages, made when the pickle names them and filled when their data comes."""

    def __init__(self, source: streams.Source, map_location: Any) -> None:
        self._source = source
        self._map_location = map_location
        self._room = source.remaining or 0  # bytes that storages may still take
        self._read: dict[str, Any] = {}  # by key: in host memory, to be filled
        self._placed: dict[str, Any] = {}
        self._views: dict[str, tuple[Any, str, int]] = {}

    def get(self, name: Any) -> Any:
        """The storage that the pickle names, or the view of one."""
        error = self._source.error
        view = name[5] if type(name) is tuple and len(name) == 6 else None
        if type(name) is tuple and len(name) == 5:  # before views had a name
            name = (*name, None)
        dtype, key, location, n = check_storage_name(name, 6, error)
        if key not in self._read:
            self._room -= n * dtype.itemsize
            if self._room < 0:
                raise error(f"storage {show(key)}: expected fewer elements than {n}: the file ends "
                            "before")  # fmt: skip
            self._read[key] = archive.new_storage(dtype, n)
            row = archive.StorageRow(-1, 0, n, dtype, location, f"storage {key}")
            self._placed[key] = graph.place(self._read[key], row, self._map_location, error)
        storage = check_use(self._placed[key], dtype, n, key, error)
        return storage if view is None else self._view(storage, key, n, view)

    def _view(self, storage: Any, key: str, n: int, view: Any) -> Any:
        error = self._source.error
        name, start, length = view if type(view) is tuple and len(view) == 3 else (None, 0, 0)
        name = text_of(name)
        if name is None or type(start) is not int or type(length) is not int:
            raise error(f"the pickle names {show(view)}, which is no view of a storage")
        if name not in self._views:
            if not 0 <= start <= n - length or length < 0:
                raise error(f"storage {show(key)}: expected a view of {n} elements, got "
                            f"{show(length)} from element {show(start)}")  # fmt: skip
            self._views[name] = storage[start : start + length], key, start
        part, whole, offset = self._views[name]
        if (whole, offset, part.size()) != (key, start, length):
            raise error(f"view {show(name)} of storage {show(key)} is named in two ways")
        return part

    def fill(self, keys: Any) -> None:
        """Reads the data, which comes in the order of the keys."""
        source = self._source
        names: list[Any] = [text_of(key) for key in keys] if type(keys) is list else [None]
        if None in names or sorted(names) != sorted(self._read):
            raise source.error("the file has other storages than the pickle names")
        for key in names:
            storage, what = self._read[key], f"storage {show(key)}"
            n = int.from_bytes(source.read(8, what), "little")
            if n != storage.size():
                raise source.error(f"{what}: expected {storage.size()} elements, got {n}")
            data = streams.bytes_of(storage)
            source.readinto(data, what)
            if sys.byteorder == "big":
                archive.swap(data, storage.dtype)
            if storage.dtype == _C.bool:
                archive.check_bools(storage, f"load: {source.name}: {what}")
            if self._placed[key] is not storage:
                placed = self._placed[key]
                graph.whole(placed)[: storage.size()].copy_(graph.whole(storage))


def load_stream(source: streams.Source, options: Any) -> Any:
    """The object of a file of PyTorch up to 1.5."""
    _, source = _seekable(source)
    facts = _Facts(source, options)
    storages = _Storages(source, options.map_location)

    def plain(what: str) -> Any:
        return _next_pickle(source, facts.no_names, facts.no_objects, options.limit, what)

    def persistent(name: Any) -> Any:
        if type(name) is tuple and name and name[0] in ("module", b"module"):
            return facts.module(name[1:])
        return storages.get(name)

    if plain("the magic number") != MAGIC:
        raise source.error("the magic number is damaged")
    version = plain("the version")
    if version != _VERSION:
        raise source.error(
            f"expected version {_VERSION} of PyTorch's old format, got {show(version)}"
        )
    if type(plain("the facts about the machine")) is not dict:
        raise source.error("expected a dict of facts about the machine")
    obj = _next_pickle(source, facts.find, persistent, options.limit, "the object")
    storages.fill(plain("the storages' keys"))
    graph.warn_of_changes(facts.sources, facts.classes, 5)
    return obj


# the alpha's tar archive


def is_tar(head: bytes) -> bool:
    """Whether a file begins as a tar archive."""
    return head[257:262] == b"ustar"


def _find_members(source: streams.Source, file: Any) -> dict[str, tuple[int, int]]:
    """Where the archive's members begin, and their bytes."""
    import tarfile  # late: few files need it

    members: dict[str, tuple[int, int]] = {}
    start = file.tell()
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            for _ in range(_MAX_TAR_MEMBERS):
                info = tar.next()
                if info is None:
                    break
                if info.isreg() and info.name not in members and not info.issparse():
                    members[info.name] = info.offset_data, info.size
    except OSError:
        raise
    except Exception as problem:  # tarfile has several ways to say that an archive is damaged
        raise source.error(f"the tar archive is damaged: {problem}") from None
    end = file.seek(0, os.SEEK_END)
    for name in ("sys_info", *_TAR_MEMBERS):
        at, size = members.get(name, (-1, 0))
        if not start <= at <= end - size or size < 0:
            raise source.error(f"the tar archive is none of the alpha's: expected a member {name}")
    return members


class _TarObjects:
    """The storages and tensors of the archive, by their numbers."""

    def __init__(self, file: Any, name: str, facts: _Facts, options: Any) -> None:
        self._facts = facts
        self._options = options
        self._objects: dict[int, Any] = {}
        self._file = file
        self._name = name

    def member(self, place: tuple[int, int]) -> streams.Source:
        """A member's content."""
        self._file.seek(place[0])
        source = streams.Source(self._file, self._name)
        source.remaining = place[1]
        return source

    def _next(self, source: streams.Source, lengths: tuple[int, ...], what: str) -> tuple:
        names = self._facts.find, self._facts.no_objects, self._options.limit
        value = _next_pickle(source, *names, what)
        if type(value) is not tuple or len(value) not in lengths:
            raise source.error(f"expected facts about {what}, got {show(value)}")
        return value

    def _count(self, source: streams.Source, what: str) -> int:
        n = _next_pickle(source, self._facts.no_names, self._facts.no_objects, 1 << 20, what)
        if type(n) is not int or not 0 <= n <= archive.MAX_COUNT:
            raise source.error(f"expected {what}, got {show(n)}")
        return n

    def _add(self, key: Any, value: Any) -> None:
        # few numbers of 64 bits have one hash
        if type(key) is not int or key.bit_length() > 64 or key in self._objects:
            raise self._facts.error(
                f"expected a number of its own for each object, got {show(key)}"
            )
        self._objects[key] = value

    def _storage_of(self, key: Any) -> Any:
        storage = self._objects.get(key) if type(key) is int else None
        if not isinstance(storage, _C._Storage):
            raise self._facts.error(f"expected a storage, got {show(key)}")
        return storage

    def _empty(self, kind: Any) -> Any:
        """The storage of a tensor that has none."""
        cls = getattr(_C, kind.__name__, None) if isinstance(kind, type) else None
        if not (isinstance(cls, type) and issubclass(cls, _C.Tensor)) or cls is _C.Tensor:
            raise self._facts.error(f"expected a type of tensors, got {show(kind)}")
        return cls().storage()

    def read_storages(self, source: streams.Source) -> None:
        """The member storages: rows with data, then which of them are parts of others."""
        for number in range(self._count(source, "the number of storages")):
            what = f"storage {number}"
            row = self._next(source, (2, 3), what)  # the first versions knew no location
            key, location, kind = row if len(row) == 3 else (row[0], "cpu", row[1])
            if not (isinstance(kind, type) and issubclass(kind, _C._Storage)) or (
                kind is _C._Storage or type(location) is not str
            ):
                raise source.error(f"{what}: expected a location and a type, got {show(location)}")
            dtype = kind.dtype  # type: ignore[attr-defined]
            n = int.from_bytes(source.read(8, what), "little")
            if n > archive.LARGEST // dtype.itemsize:
                raise source.error(f"{what}: expected a number of elements, got {n}")
            storage = archive.take_storage(source, dtype, n, "little", what)
            where = archive.StorageRow(-1, 0, n, dtype, location, what)
            place = self._options.map_location
            self._add(key, graph.place(storage, where, place, source.error))
        if source.remaining == 0:  # nor views
            return
        views = _next_pickle(source, self._facts.no_names, self._facts.no_objects,
                             self._options.limit, "the views")  # fmt: skip
        if type(views) is not list:
            raise source.error(f"expected a list of views, got {type(views).__name__}")
        for view in views:
            if type(view) is not tuple or len(view) != 4 or {type(n) for n in view} != {int}:
                raise source.error(f"expected a view of a storage, got {show(view)}")
            key, root, start, n = view
            storage = self._storage_of(root)
            if not 0 <= start <= storage.size() - n or n < 0:
                raise source.error(f"expected a view of {storage.size()} elements, got "
                                   f"{show(n)} from element {show(start)}")  # fmt: skip
            self._add(key, storage[start : start + n])

    def read_tensors(self, source: streams.Source) -> None:
        """The member tensors: rows of a storage, sizes, strides and offset."""
        for number in range(self._count(source, "the number of tensors")):
            what = f"tensor {number}"
            key, storage_key, kind = self._next(source, (3,), what)
            if isinstance(storage_key, type):  # the first versions' order
                storage_key, kind = kind, storage_key
            storage = self._empty(kind) if storage_key is None else self._storage_of(storage_key)
            (ndim,) = struct.unpack("<i4x", source.read(8, what))
            if not 0 <= ndim <= archive.MAX_DIMS:
                raise source.error(
                    f"{what}: expected 0 to {archive.MAX_DIMS} dimensions, got {ndim}"
                )
            words = struct.unpack(f"<{2 * ndim + 1}q", source.read(16 * ndim + 8, what))
            row = archive.TensorRow(0, words[-1], words[:ndim], words[ndim:-1])
            if ndim == 0:  # then a tensor without dimensions was empty
                row = archive.TensorRow(0, 0, (0,), (1,))
            problem = archive.check_view(row, storage.size())
            if problem:
                raise source.error(f"{what}: {problem}")
            self._add(key, graph.view(storage, row))

    def find(self, name: Any) -> Any:
        """The object that the pickle names."""
        if type(name) is tuple:
            return self._facts.module(name)
        number = int(name) if type(name) is str and name.isdecimal() and len(name) < 25 else name
        if type(number) is not int or number not in self._objects:
            raise self._facts.error(f"the pickle names {show(name)}, which the file does not hold")
        return self._objects[number]


def load_tar(source: streams.Source, options: Any) -> Any:
    """The object of a file of the alpha."""
    file, source = _seekable(source)
    members = _find_members(source, file)
    facts = _Facts(source, options)
    objects = _TarObjects(file, source.name, facts, options)
    numbers = facts.no_names, facts.no_objects, options.limit
    info = _next_pickle(objects.member(members["sys_info"]), *numbers, "sys_info")
    if type(info) is not dict or info.get("protocol_version") != 1000:
        raise source.error(f"expected version 1000 of the alpha's format, got {show(info)}")
    objects.read_storages(objects.member(members["storages"]))
    objects.read_tensors(objects.member(members["tensors"]))
    pickle = objects.member(members["pickle"])
    obj = _next_pickle(pickle, facts.find, objects.find, options.limit, "the pickle")
    graph.warn_of_changes(facts.sources, facts.classes, 5)
    return obj
