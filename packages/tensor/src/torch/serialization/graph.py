"""From an object to what a file holds, and back.

Tensors and storages leave the pickle: it names them by number ("t3", "s0"; "d float32" is a dtype),
and tables say which storage a tensor looks into. So views, slices and aliases share again.
"""

import pickle
import warnings
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any

from torch import _C

from . import archive, registry, streams
from .errors import FileError, SourceChangeWarning, show
from .unpickler import Unpickler

PROTOCOL = 4
MAX_VISITS = 1 << 18  # objects that are looked into for the names of tensors
MAX_SOURCES = 1 << 20  # characters of source that a file keeps
_NO_SOURCE = "<no source>"


class Description:
    """What a file holds of an object: `parts`, and the storages whose data follows."""

    def __init__(self, obj: Any, pickle_module: Any, protocol: int) -> None:
        self.index: list[archive.StorageRow] = []
        self.storages: list[Any] = []  # that are no slices
        self._tensors: list[archive.TensorRow] = []
        self._tensor_numbers: dict[int, int] = {}  # by id
        self._storage_numbers: dict[int, int] = {}  # by address of the C++ object
        self._alive: list[Any] = []  # what the numbers above stand for
        self._end = 0
        self._sources: dict[str, list[str]] = {}
        self._owners: list[int] = []  # ids of what each storage was met with first
        buffer = BytesIO()
        pickler = _pickler(pickle_module)(buffer, protocol, self)
        try:
            pickler.dump(obj)
        except RecursionError:
            raise ValueError(
                "save: the object is nested too deep; lists inside lists go some hundreds deep"
            ) from None
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise TypeError(f"save: the object cannot be saved: {error}") from error
        names = _names_of(obj, set(self._owners)) if self._owners else {}
        for number, owner in enumerate(self._owners):
            if owner in names:
                self.index[number] = self.index[number]._replace(name=names[owner])
        self.parts = archive.Parts(buffer.getvalue(), self._sources, self._tensors, self.index)

    def persistent_id(self, obj: Any) -> str | None:
        """The name in the pickle of what stands outside it."""
        cls = type(obj)
        if cls in _INSIDE:
            return None
        if cls in _TENSORS:
            return f"t{self._tensor(obj)}"
        if cls in _STORAGES:
            return f"s{self._storage(obj)}"
        if cls is _C.dtype:
            return f"d {archive.dtype_name(obj)}"
        if isinstance(obj, _C.Tensor | _C._Storage):
            raise TypeError(
                f"save: expected tensors and storages of torch's own classes, got a {cls.__name__}"
            )
        if isinstance(obj, type) and registry.has_source(obj):
            self._keep_source(obj)
        return None

    def _tensor(self, tensor: Any) -> int:
        number = self._tensor_numbers.get(id(tensor))
        if number is None:
            number = self._tensor_numbers[id(tensor)] = len(self._tensors)
            _check_count("tensors", number)
            self._alive.append(tensor)
            storage = self._storage(tensor.storage(), id(tensor))
            self._tensors.append(
                archive.TensorRow(
                    storage, tensor.storage_offset(), tuple(tensor.shape), tensor.stride()
                )
            )
        return number

    def _storage(self, storage: Any, owner: int = 0) -> int:
        number = self._storage_numbers.get(storage._cdata)
        if number is not None:
            return number
        owner = owner or id(storage)
        dtype, location = storage.dtype, _location(storage)
        base, start = _whole(storage), self._end
        if base is not None:
            start = (storage.data_ptr() - base.data_ptr()) // storage.element_size()
        base_number = -1 if base is None else self._storage(base, owner)
        if base is None:
            self._end += archive.padded(storage.nbytes(), archive.ALIGN)
            self.storages.append(storage)
        number = len(self.index)
        _check_count("storages", number)
        row = archive.StorageRow(base_number, start, storage.size(), dtype, location, "")
        self.index.append(row)
        self._owners.append(owner)
        self._storage_numbers[storage._cdata] = number
        self._alive.append(storage)
        return number

    def _keep_source(self, cls: type) -> None:
        name = f"{cls.__module__}.{cls.__qualname__}"
        if name not in self._sources:
            file, text = source_of(cls)
            if sum(len(t) for _, t in self._sources.values()) + len(text) <= MAX_SOURCES:
                self._sources[name] = [file, text]


# what no tensor is inside, and most of what a large object consists of
_PLAIN = frozenset((str, bytes, int, float, complex, bool, type(None)))
_INSIDE = _PLAIN | {list, tuple, dict, set, frozenset, bytearray}  # never outside the pickle
_TENSORS = frozenset(
    c for c in vars(_C).values() if isinstance(c, type) and issubclass(c, _C.Tensor)
)
_STORAGES = frozenset(
    c for c in vars(_C).values() if isinstance(c, type) and issubclass(c, _C._Storage)
)


def _check_count(what: str, number: int) -> None:
    if number >= archive.MAX_COUNT:
        raise ValueError(f"save: expected at most {archive.MAX_COUNT} {what}")


@lru_cache(4)
def _pickler(pickle_module: Any) -> Any:
    class Pickler(pickle_module.Pickler):  # type: ignore[misc]
        def __init__(self, file: Any, protocol: int, description: Description) -> None:
            super().__init__(file, protocol)
            self.persistent_id = description.persistent_id

        def reducer_override(self, obj: Any) -> Any:
            if type(obj) is _C.Generator:
                return registry.generator, (obj.get_state(),)
            return NotImplemented

    return Pickler


def _whole(storage: Any) -> Any:
    """The storage that one is a slice of, or a slice of a slice; None where it is none."""
    base = storage._base
    while base is not None and base._base is not None:
        base = base._base
    return base


def _location(storage: Any) -> str:
    return f"cuda:{storage.get_device()}" if storage.is_cuda else "cpu"


def source_of(cls: type) -> tuple[str, str]:
    """File and source of a class, as far as they can be found."""
    import inspect

    try:
        return inspect.getsourcefile(cls) or "", inspect.getsource(cls)
    except (OSError, TypeError):  # typed in, or made by a program
        return "", _NO_SOURCE


def _children(obj: Any) -> list[tuple[str, Any]]:
    """What is inside an object and may be or hold a tensor, and where."""
    cls = type(obj)
    if isinstance(obj, dict):
        return [
            (f"[{key!r}]", value)
            for key, value in obj.items()
            if type(value) not in _PLAIN and isinstance(key, str | int)
        ]
    if isinstance(obj, list | tuple):
        if _PLAIN.issuperset(map(type, obj)):
            return []
        return [(f"[{i}]", value) for i, value in enumerate(obj) if type(value) not in _PLAIN]
    if cls in _INSIDE:
        return []
    data = getattr(obj, "data", None)
    below = [(".data", data)] if isinstance(data, _C.Tensor) else []
    attributes = getattr(obj, "__dict__", None)
    if isinstance(attributes, dict):
        below += [(f".{k}", v) for k, v in attributes.items() if type(v) not in _PLAIN]
    return below


def _names_of(obj: Any, wanted: set[int]) -> dict[int, str]:
    """Where tensors and storages of those ids stand in the object: for messages, as far as it is
    easy to find."""
    names: dict[int, str] = {}
    seen: set[int] = set()
    todo = [("", obj)]
    while todo and wanted and len(seen) < MAX_VISITS:
        path, value = todo.pop()
        if id(value) in wanted:
            names[id(value)] = path
            wanted.remove(id(value))
        elif id(value) not in seen and len(path) < archive.MAX_NAME:
            seen.add(id(value))
            todo += [(path + part, v) for part, v in reversed(_children(value))]
    return names


# back


class Objects:
    """The tensors, storages and dtypes that a pickle names."""

    def __init__(
        self, parts: archive.Parts, storages: list[Any], map_location: Any, source: streams.Source
    ) -> None:
        self._parts = parts
        self._storages = storages
        self._placed: dict[int, Any] = {}
        self._tensors: dict[int, Any] = {}
        self._map_location = map_location
        self._error = source.error

    def persistent_load(self, name: Any) -> Any:
        """What a name in the pickle stands for."""
        if not isinstance(name, str):
            name = show(name)
        kind = name[:1]
        if kind == "d" and archive.find_dtype(name[2:]) is not None:
            return archive.find_dtype(name[2:])
        number = int(name[1:]) if name[1:].isdecimal() and len(name) < 10 else -1
        if kind == "s" and 0 <= number < len(self._storages):
            return self.storage(number)
        if kind == "t" and 0 <= number < len(self._parts.tensors):
            if number not in self._tensors:
                self._tensors[number] = self._build(self._parts.tensors[number])
            return self._tensors[number]
        raise self._error(f"the pickle names {name!r:.40}, which the file does not hold")

    def storage(self, number: int) -> Any:
        """A storage where it belongs."""
        if number not in self._placed:
            row, storage = self._parts.rows[number], self._storages[number]
            if row.base != -1 and (self._map_location or row.location != "cpu"):
                storage = self.storage(row.base)[row.start : row.start + row.length]
            else:
                storage = place(storage, row, self._map_location, self._error)
            self._placed[number] = storage
        return self._placed[number]

    def _build(self, row: archive.TensorRow) -> Any:
        storage = self.storage(row.storage)
        try:
            return view(storage, row)
        except (ValueError, IndexError, RuntimeError, OverflowError) as problem:
            raise self._error("a tensor cannot be built: ", problem) from problem


def place(storage: Any, row: archive.StorageRow, where: Any, error: Callable) -> Any:
    """The storage where `where` (load's map_location) says that it belongs."""
    if where is None or isinstance(where, str):
        return _move(storage, row.location if where is None else where, row, error)
    if isinstance(where, dict):
        return _move(storage, where.get(row.location, row.location), row, error)
    placed = where(storage, row.location)
    if placed is None:
        return _move(storage, row.location, row, error)
    if not isinstance(placed, _C._Storage):
        raise TypeError(
            f"load: map_location: expected a storage or None, got {type(placed).__name__}"
        )
    if placed.dtype != row.dtype or placed.size() < row.length:
        raise ValueError(
            f"load: map_location: expected a storage of {row.length} elements of {row.dtype}, "
            f"got {placed.size()} of {placed.dtype}"
        )
    return placed


def _move(storage: Any, location: str, row: archive.StorageRow, error: Callable) -> Any:
    kind, _, number = location.partition(":")
    if location == "cpu":
        return storage
    if kind != "cuda" or (number and not number.isdecimal()):
        raise error(f"expected the location 'cpu' or 'cuda:N', got {location!r}; "
                    "map_location='cpu' loads to host memory")  # fmt: skip
    from torch import cuda

    if not cuda.is_available() or int(number or 0) >= cuda.device_count():
        raise error(
            f"{row.name or 'a storage'} belongs to {location}, which this machine does not "
            "have; map_location='cpu' loads it to host memory"
        )
    return storage.cuda(int(number or 0))


def whole(storage: Any) -> Any:
    """The tensor over all of a storage."""
    return view(storage, archive.TensorRow(0, 0, (storage.size(),), (1,)))


def view(storage: Any, row: archive.TensorRow) -> Any:
    """The tensor over a part of a storage, which was checked."""
    tensor = getattr(_C, type(storage).__name__.replace("Storage", "Tensor"))()
    return tensor.set_(storage, row.offset, row.size, row.stride)


def rebuild(
    parts: archive.Parts, objects: Objects, source: streams.Source, trust: Any, limit: int
) -> Any:
    """The object. With `trust` (a pickle module) whatever the pickle asks for is done."""
    classes: list[type] = []  # that the file keeps sources of
    if not trust:

        def find(module: str, name: str) -> registry.Known:
            known = registry.find(module, name)
            if f"{module}.{name}" in parts.sources:
                classes.append(known.value)
            return known

        reader = Unpickler(parts.pickle, find, objects.persistent_load, source.error, limit)
        obj = reader.load()
    else:

        class Trusting(trust.Unpickler):  # type: ignore[misc]
            persistent_load = staticmethod(objects.persistent_load)

            def find_class(self, module: str, name: str) -> Any:
                found = super().find_class(module, name)
                if f"{module}.{name}" in parts.sources:
                    classes.append(found)
                return found

        try:
            obj = Trusting(BytesIO(parts.pickle)).load()
        except (FileError, MemoryError):
            raise
        except Exception as problem:
            raise source.error(
                f"the pickle cannot be read: {type(problem).__name__}: {problem}"
            ) from problem
    warn_of_changes(parts.sources, classes, 6)
    return obj


def warn_of_changes(sources: dict[str, list[str]], classes: list[type], level: int) -> None:
    """Warns of classes whose source is not what the file has; the caller of `load` is `level`
    functions from here."""
    for cls in dict.fromkeys(classes):
        if not isinstance(cls, type):
            continue
        file, text = sources[f"{cls.__module__}.{cls.__qualname__}"]
        now = source_of(cls)[1]
        if _NO_SOURCE not in (text, now) and text != now:
            warnings.warn(
                f"load: the source of {cls.__module__}.{cls.__qualname__} has changed since the "
                f"file was saved (then in {file}); the file has the old one",
                SourceChangeWarning,
                stacklevel=level,
            )
