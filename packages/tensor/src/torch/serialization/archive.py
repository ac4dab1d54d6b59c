"""The container: a tar archive whose every byte is either checked or fixed.

docs/file-format.md describes it byte by byte. `Layout` says where everything lies; `write` and
`read` are the two directions.
"""

import json
import struct
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from torch import _C

from . import streams
from .errors import FileError

VERSION = 1
BLOCK = 512  # of a tar archive
ALIGN = 64  # of every storage
HEADING = BLOCK + 1024  # tar header and content of sys_info
MAGIC = b'{"format": "alphatorch", '
METADATA = ("pickle", "sources", "tensors", "index")
MEMBERS = (*METADATA, "storages", "checksums")
END = bytes(2 * BLOCK)  # of a tar archive
LARGEST = 1 << 60  # bytes of a member
MAX_DIMS = 64
MAX_COUNT = 1 << 20  # tensors, and storages, of a file
MAX_NAME = 1000  # bytes of a storage's name
COPIED = 1 << 19  # bytes that are copied, summed and written at a time
GROWTH = 1 << 26  # bytes of a storage allocated at first where the file's size is not known

# base, start or offset, count, dtype, location, bytes of the name that follows
_INDEX_ROW = struct.Struct("<qqq16s16sH6x")
_DTYPES = {str(v).removeprefix("torch."): v for v in vars(_C).values() if isinstance(v, _C.dtype)}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_STORAGES = {
    c.dtype: c  # type: ignore[attr-defined]
    for c in vars(_C).values()
    if isinstance(c, type) and issubclass(c, _C._Storage) and c is not _C._Storage
}


def dtype_name(dtype: Any) -> str:
    """How files call a dtype."""
    return _NAMES[dtype]


def find_dtype(name: str) -> Any:
    """The dtype of that name, or None."""
    return _DTYPES.get(name)


class StorageRow(NamedTuple):
    """One storage of the file. A slice of another one has that one's number as base, else -1."""

    base: int
    start: int  # slice: elements into the base; else: bytes into the data of the member storages
    length: int  # elements
    dtype: Any
    location: str
    name: str  # the object's tensor that was met first, for people


class TensorRow(NamedTuple):
    """One tensor of the file: a view of a storage, in elements."""

    storage: int
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class Parts(NamedTuple):
    """All of a file but the data."""

    pickle: bytes
    sources: dict[str, list[str]]
    tensors: list[TensorRow]
    rows: list[StorageRow]


def padded(n: int, unit: int) -> int:
    """n rounded up to a multiple."""
    return -(-n // unit) * unit


@lru_cache(64)
def header(name: str, size: int) -> bytes:
    """A tar header (POSIX ustar): nothing in it but name and size, so that a file depends on its
    content alone. Sizes from 8 GiB on are binary, as GNU tar writes them."""
    digits = b"%011o\0" % size if size < 8**11 else b"\x80" + size.to_bytes(11, "big")
    block = bytearray(BLOCK)
    block[: len(name)] = name.encode()
    block[100:124] = b"0000644\0" + b"0000000\0" * 2
    block[124:136] = digits
    block[136:148] = b"%011o\0" % 0  # time
    block[148:156] = b" " * 8  # the sum below is taken with blanks here
    block[156:157] = b"0"  # an ordinary file
    block[257:265] = b"ustar\x0000"
    block[329:345] = b"0000000\0" * 2
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


# metadata members


def _pack_tensors(rows: list[TensorRow]) -> bytes:
    words: list[int] = []
    for row in rows:
        words += (row.storage, len(row.size), row.offset, *row.size, *row.stride)
    return struct.pack(f"<{len(words)}q", *words)


def _pack_index(rows: list[StorageRow]) -> bytes:
    pieces: list[bytes] = []
    for row in rows:
        name = row.name.encode("utf-8", "replace")[:MAX_NAME].decode("utf-8", "ignore").encode()
        dtype, location = dtype_name(row.dtype).encode(), row.location.encode()
        head = _INDEX_ROW.pack(row.base, row.start, row.length, dtype, location, len(name))
        pieces += (head, name)
    return b"".join(pieces)


def _text(field: bytes) -> str | None:
    """A field of a fixed length, filled up with zeros; None if it is not one."""
    text = field.rstrip(b"\0")
    return text.decode() if text.isascii() and text.decode().isprintable() else None


def _unpack_index(data: bytes, count: int, error: Callable) -> tuple[list[StorageRow], int]:
    """The rows, each checked, and the bytes of the member storages."""
    rows: list[StorageRow] = []
    at = end = 0
    for number in range(count):
        if len(data) - at < _INDEX_ROW.size:
            raise error("the index ends within storage ", number)
        base, start, n, dtype_field, location_field, length = _INDEX_ROW.unpack_from(data, at)
        at += _INDEX_ROW.size
        name = data[at : at + length]
        at += length
        dtype, location = _DTYPES.get(_text(dtype_field) or ""), _text(location_field)
        if len(name) < length or dtype is None or not location:
            raise error(f"storage {number}: expected a dtype, a location and a name, got "
                        f"{dtype_field!r}, {location_field!r} and {len(name)} bytes")  # fmt: skip
        if n < 0 or n > LARGEST // dtype.itemsize:
            raise error(f"storage {number}: expected a number of elements, got {n}")
        if base == -1:
            if start != end:
                raise error(f"storage {number}: expected it at byte {end}, got {start}")
            end += padded(n * dtype.itemsize, ALIGN)
        else:
            whole = rows[base] if 0 <= base < number else None
            if whole is None or whole.base != -1 or whole.dtype != dtype:
                raise error(f"storage {number}: expected a slice of an earlier one, got {base}")
            if not 0 <= start <= whole.length - n:
                raise error(f"storage {number}: expected a slice of {whole.length} elements, got "
                            f"{n} from element {start}")  # fmt: skip
        rows.append(StorageRow(base, start, n, dtype, location, name.decode("utf-8", "replace")))
    if at != len(data):
        raise error("the index is longer than its rows")
    return rows, end


def check_view(row: TensorRow, available: int) -> str | None:
    """What is wrong with a view of `available` elements, if anything is."""
    low = high = row.offset
    count = 1
    for size, stride in zip(row.size, row.stride):
        if size < 0:
            return f"expected sizes of 0 or more, got {row.size}"
        count *= size
        if count >= 1 << 62:
            return f"expected fewer elements, got size {row.size}"
        reach = (size - 1) * stride
        low, high = low + min(reach, 0), high + max(reach, 0)
    if count == 0:
        low, high = row.offset, row.offset - 1
    if low < 0 or high >= available or row.offset > available:
        return (f"expected a view of a storage of {available} elements, got size {row.size}, "
                f"strides {row.stride}, offset {row.offset}")  # fmt: skip
    return None


def _unpack_tensors(
    data: bytes, count: int, storages: list[StorageRow], error: Callable
) -> list[TensorRow]:
    if len(data) % 8:
        raise error("expected the member tensors to hold numbers of 8 bytes")
    words = memoryview(bytearray(data)).cast("q")
    if sys.byteorder == "big":
        words = memoryview(struct.pack(f"={len(words)}q", *struct.unpack(f"<{len(words)}q", data)))
        words = words.cast("q")
    rows = []
    at = 0
    for number in range(count):
        if len(words) - at < 3:
            raise error("the member tensors ends within tensor ", number)
        storage, ndim, offset = words[at : at + 3].tolist()
        at += 3
        if not 0 <= ndim <= MAX_DIMS or len(words) - at < 2 * ndim:
            raise error(f"tensor {number}: expected 0 to {MAX_DIMS} dimensions, got {ndim}")
        numbers = words[at : at + 2 * ndim].tolist()
        at += 2 * ndim
        if not 0 <= storage < len(storages):
            raise error(f"tensor {number}: expected a storage below {len(storages)}, got {storage}")
        row = TensorRow(storage, offset, tuple(numbers[:ndim]), tuple(numbers[ndim:]))
        problem = check_view(row, storages[storage].length)
        if problem:
            raise error(f"tensor {number}: {problem}")
        rows.append(row)
    if at != len(words):
        raise error("the member tensors is longer than its rows")
    return rows


def _unpack_sources(data: bytes, error: Callable) -> dict[str, list[str]]:
    if len(data) > 1 << 22:
        raise error("expected sources of at most 4 MiB, got ", len(data), " bytes")
    try:
        sources = json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise error("the sources cannot be read: ", problem) from None
    rows = sources.values() if isinstance(sources, dict) else [None]
    if not all(
        isinstance(r, list) and len(r) == 2 and all(isinstance(t, str) for t in r) for r in rows
    ):
        raise error("expected the sources to be pairs of file and text")
    return sources


# writing


def _heading(sizes: dict[str, int], crcs: dict[str, int], counts: dict[str, int]) -> bytes:
    """Tar header and content of sys_info: what the rest of the file is checked against."""
    info = {
        "format": "alphatorch",
        "version": VERSION,
        "byte_order": sys.byteorder,
        "long_size": 8,
        "counts": counts,
        "sizes": sizes,
        "crc32c": {name: f"{crc:08x}" for name, crc in crcs.items()},
    }
    text = json.dumps(info).encode()
    content = text + b" " * (HEADING - BLOCK - 17 - len(text)) + b"\n"
    data = header("sys_info", HEADING - BLOCK) + content
    return data + b"crc32c %08x\n" % _C._crc32c(data)


def write(sink: streams.Sink, parts: Parts, storages: Iterable[Any]) -> None:
    """Writes one archive. `storages`: those that are no slices, in the order of the index."""
    members = dict(
        zip(
            METADATA,
            (
                parts.pickle,
                json.dumps(parts.sources).encode(),
                _pack_tensors(parts.tensors),
                _pack_index(parts.rows),
            ),
            strict=True,
        )
    )
    own = [row for row in parts.rows if row.base == -1]
    data_size = own[-1].start + padded(own[-1].length * own[-1].dtype.itemsize, ALIGN) if own else 0
    sizes = {name: len(data) for name, data in members.items()}
    sizes |= {"storages": data_size, "checksums": 4 * len(own) + 4}
    crcs = {name: _C._crc32c(data) for name, data in members.items()}
    sink.reserve(HEADING + sum(BLOCK + padded(n, BLOCK) for n in sizes.values()) + len(END))
    sink.write(_heading(sizes, crcs, {"tensors": len(parts.tensors), "storages": len(parts.rows)}))
    for name, data in members.items():
        _write_member(sink, name, data)
    sink.write(header("storages", data_size))
    sums = [_write_storage(sink, storage) for storage in storages]
    sink.write(bytes(-data_size % BLOCK))
    packed = struct.pack(f"<{len(sums)}I", *sums)
    _write_member(sink, "checksums", packed + struct.pack("<I", _C._crc32c(packed)))
    sink.write(END)
    sink.flush()


def _write_member(sink: streams.Sink, name: str, data: bytes) -> None:
    sink.write(header(name, len(data)))
    sink.write(data)
    sink.write(bytes(-len(data) % BLOCK))


def _write_storage(sink: streams.Sink, storage: Any) -> int:
    """Writes a storage and its padding; the checksum of both.

    Each piece is copied, so that its checksum fits also where somebody changes the tensor meanwhile
    (training in another process or thread); the copy is in the processor's cache until it is
    written.
    """
    data = streams.bytes_of(storage)
    padding = bytes(-len(data) % ALIGN)
    crc = 0
    for start in range(0, len(data), COPIED):
        piece = bytes(data[start : start + COPIED])
        crc = _C._crc32c(piece, crc)
        sink.write(piece)
    sink.write(padding)
    return _C._crc32c(padding, crc) if padding else crc


# reading


class Heading(NamedTuple):
    """What sys_info says."""

    byte_order: str
    sizes: dict[str, int]
    crcs: dict[str, int]
    counts: dict[str, int]
    starts: dict[str, int]  # byte of the archive where a member's content begins
    end: int  # bytes of the archive


def is_archive(head: bytes) -> bool:
    """Whether a file begins as save writes it, up to damage in one place."""
    return head[:BLOCK] == header("sys_info", HEADING - BLOCK) or head[BLOCK:].startswith(MAGIC)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST


def read_heading(source: streams.Source) -> Heading:
    """Takes and checks sys_info."""
    data = source.read(HEADING, "sys_info")
    if data[-16:] != b"crc32c %08x\n" % _C._crc32c(data[:-16]):
        raise source.error("sys_info is damaged: its checksum does not fit")
    if data[:BLOCK] != header("sys_info", HEADING - BLOCK):
        raise source.error("the header of the member sys_info is damaged")
    try:
        info = json.loads(data[BLOCK:-16])
        version, order, long_size = info["version"], info["byte_order"], info["long_size"]
        sizes, crcs, counts = info["sizes"], info["crc32c"], info["counts"]
        crcs = {name: int(crcs[name], 16) for name in METADATA}
        sizes = {name: sizes[name] for name in MEMBERS}
        counts = {name: counts[name] for name in ("tensors", "storages")}
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise source.error("sys_info cannot be read: ", repr(problem)) from None
    if version != VERSION:
        raise source.error(f"expected version {VERSION} of the format, got {version!r}; a newer "
                           "alphatorch-tensor may read it")  # fmt: skip
    if order not in ("little", "big") or long_size != 8:
        raise source.error(f"expected numbers of 8 bytes, little or big, got {order!r}, "
                           f"{long_size!r}")  # fmt: skip
    if not all(map(_is_count, [*sizes.values(), *counts.values()])):
        raise source.error("expected sizes and counts of 0 or more, got ", sizes, counts)
    if max(counts.values()) > MAX_COUNT:
        raise source.error(f"expected at most {MAX_COUNT} tensors and storages, got ", counts)
    at = HEADING
    starts = {}
    for name in MEMBERS:
        starts[name] = at + BLOCK
        at += BLOCK + padded(sizes[name], BLOCK)
    return Heading(order, sizes, crcs, counts, starts, at + len(END))


def _read_zeros(source: streams.Source, n: int, what: str) -> None:
    if source.read(n, what).strip(b"\0"):
        raise source.error(what, " is damaged: expected zeros")


def _read_header(source: streams.Source, heading: Heading, name: str) -> None:
    if source.read(BLOCK, name) != header(name, heading.sizes[name]):
        raise source.error(f"the header of the member {name} is damaged")


def _read_member(source: streams.Source, heading: Heading, name: str) -> bytes:
    _read_header(source, heading, name)
    data = source.read(heading.sizes[name], name)
    _read_zeros(source, -len(data) % BLOCK, f"the padding of the member {name}")
    return data


def read_parts(source: streams.Source, heading: Heading) -> Parts:
    """Takes and checks all that stands before the data."""
    source.expect(heading.end - HEADING, "the archive")
    members = {}
    for name in METADATA:
        members[name] = _read_member(source, heading, name)
        if _C._crc32c(members[name]) != heading.crcs[name]:
            raise source.error(f"the member {name} is damaged: its checksum does not fit")
    index, end = _unpack_index(members["index"], heading.counts["storages"], source.error)
    own = sum(row.base == -1 for row in index)
    if end != heading.sizes["storages"] or 4 * own + 4 != heading.sizes["checksums"]:
        raise source.error(f"expected {end} bytes of data and {own} checksums, got ", heading.sizes)
    tensors = _unpack_tensors(members["tensors"], heading.counts["tensors"], index, source.error)
    sources = _unpack_sources(members["sources"], source.error)
    return Parts(members["pickle"], sources, tensors, index)


def describe_row(source: streams.Source, number: int, row: StorageRow) -> str:
    """How errors call a storage."""
    return f"load: {source.name}: storage {number}" + (f" (of {row.name})" if row.name else "")


def read_storages(
    source: streams.Source, heading: Heading, index: list[StorageRow], verify: Any
) -> list[Any]:
    """The storages of the file, slices among them, read (or mapped) and checked."""
    _read_header(source, heading, "storages")
    if isinstance(source, streams.MappedSource):
        storages = _map(source, heading, index, verify)
    else:
        storages, found = _read(source, index, verify)
        _read_zeros(source, -heading.sizes["storages"] % BLOCK, "the padding of the storages")
        sums = _read_sums(source, heading)
        if verify:
            for (number, crc), wanted in zip(found, sums, strict=True):
                if crc != wanted:
                    what = describe_row(source, number, index[number])
                    raise FileError(f"{what}: the data is damaged: its checksum does not fit")
        for number, row in enumerate(index):
            if row.dtype == _C.bool and row.base == -1:
                check_bools(storages[number], describe_row(source, number, row))
        if heading.byte_order != sys.byteorder:
            for number, row in enumerate(index):
                if row.base == -1:
                    swap(streams.bytes_of(storages[number]), row.dtype)
    _read_zeros(source, len(END), "the end of the archive")
    for number, row in enumerate(index):
        if row.base != -1:
            storages[number] = storages[row.base][row.start : row.start + row.length]
    return storages


def _read_sums(source: streams.Source, heading: Heading) -> tuple[int, ...]:
    data = _read_member(source, heading, "checksums")
    sums = struct.unpack(f"<{len(data) // 4}I", data)
    if _C._crc32c(data[:-4]) != sums[-1]:
        raise source.error("the member checksums is damaged: its checksum does not fit")
    return sums[:-1]


def _map(
    source: streams.MappedSource, heading: Heading, index: list[StorageRow], verify: Any
) -> list[Any]:
    if heading.byte_order != sys.byteorder:
        raise source.error(f"a file of byte order {heading.byte_order} cannot be mapped; load it "
                           "without mmap")  # fmt: skip
    start = heading.starts["storages"]
    source.seek(start + heading.sizes["storages"])
    _read_zeros(source, -heading.sizes["storages"] % BLOCK, "the padding of the storages")
    sums = iter(_read_sums(source, heading))
    storages: list[Any] = []
    for number, row in enumerate(index):
        if row.base != -1:
            storages.append(None)
            continue
        storage = source.storage(start + row.start, row.dtype, row.length)
        crc = next(sums)
        size = padded(row.length * row.dtype.itemsize, ALIGN) if verify else 0
        if size or row.dtype == _C.bool:
            _C._check_later(storage, crc, size, describe_row(source, number, row))
        if verify is True:
            storage.data_ptr()
        storages.append(storage)
    return storages


def _read(
    source: streams.Source, index: list[StorageRow], verify: bool
) -> tuple[list, list[tuple[int, int]]]:
    """The storages, and (number, checksum of data and padding) of those that are no slices; the
    checksum is 0 where it is not asked for."""
    storages: list[Any] = [None] * len(index)
    sums: list[tuple[int, int]] = []
    for run in _runs(index):
        total = sum(padded(index[i].length * index[i].dtype.itemsize, ALIGN) for i in run)
        if len(run) > 1 or total <= streams.PIECE:  # small ones together
            data = memoryview(source.read(total, "the storages"))
            for number in run:
                row = index[number]
                storages[number] = storage = _STORAGES[row.dtype](row.length)
                size = row.length * row.dtype.itemsize
                streams.bytes_of(storage)[:] = data[:size]
                sums.append((number, _C._crc32c(data[: padded(size, ALIGN)]) if verify else 0))
                data = data[padded(size, ALIGN) :]
        else:
            (number,) = run
            what = f"storage {number} (of {index[number].name})"
            storages[number], crc = _read_large(source, index[number], what, verify)
            sums.append((number, crc))
    return storages, sums


def _runs(index: list[StorageRow]) -> Iterator[list[int]]:
    """Numbers of storages to read at once: up to PIECE bytes, or a single one."""
    run: list[int] = []
    size = 0
    for number, row in enumerate(index):
        if row.base != -1:
            continue
        own = padded(row.length * row.dtype.itemsize, ALIGN)
        if run and size + own > streams.PIECE:
            yield run
            run, size = [], 0
        run.append(number)
        size += own
    if run:
        yield run


def _read_large(
    source: streams.Source, row: StorageRow, what: str, verify: bool
) -> tuple[Any, int]:
    crc = 0

    def add(piece: memoryview) -> None:
        nonlocal crc
        if verify:
            crc = _C._crc32c(piece, crc)

    storage = read_data(source, row.dtype, row.length, what, add)
    padding = source.read(-row.length * row.dtype.itemsize % ALIGN, what)
    return storage, _C._crc32c(padding, crc) if padding else crc


def new_storage(dtype: Any, n: int) -> Any:
    """A storage of n elements in host memory, with any content."""
    return _STORAGES[dtype](n)


def read_data(
    source: streams.Source, dtype: Any, n: int, what: str, seen: Callable[[memoryview], Any]
) -> Any:
    """A storage of the next n elements, whose bytes `seen` gets piece by piece."""
    # a pipe does not tell whether so many bytes will come: memory follows what has come
    source.expect(n * dtype.itemsize, what)
    room = n if source.remaining is not None else min(n, GROWTH // dtype.itemsize)
    storage = _STORAGES[dtype](room)
    done = 0
    while True:
        view = streams.bytes_of(storage)
        while done < len(view):
            piece = view[done : done + streams.PIECE]
            source.readinto(piece, what)
            seen(piece)
            done += len(piece)
            del piece
        del view
        if room == n:
            return storage
        room = min(n, 2 * room)
        storage.resize_(room)


def take_storage(source: streams.Source, dtype: Any, n: int, order: str, what: str) -> Any:
    """A storage of the next n elements, mapped where they can be. `order`: little or big."""
    storage = None
    if order == sys.byteorder or dtype.itemsize == 1:
        storage = source.next_storage(dtype, n)
    mapped = storage is not None
    if storage is None:
        storage = read_data(source, dtype, n, what, lambda piece: None)
        if order != sys.byteorder:
            swap(streams.bytes_of(storage), dtype)
    if dtype == _C.bool:
        check_bools(storage, f"load: {source.name}: {what}", later=mapped)
    return storage


def check_bools(storage: Any, what: str, later: bool = False) -> None:
    """FileError unless a storage of bools has 0 and 1 alone: other bytes are no bools to C++.
    `later`: when the storage is first used."""
    _C._check_later(storage, 0, 0, what)
    if not later:
        storage.data_ptr()


def swap(data: memoryview, dtype: Any) -> None:
    """Turns the bytes of every number around."""
    item = dtype.itemsize // (2 if dtype_name(dtype).startswith("complex") else 1)
    for i in range(item // 2):
        first = bytes(data[i::item])
        data[i::item] = data[item - 1 - i :: item]
        data[item - 1 - i :: item] = first
