"""Reading from and writing to paths and file objects, in pieces, without a copy of the data."""

import codecs
import io
import os
from typing import Any

from torch import _C

from .errors import FileError

EARLY = 8 << 20  # bytes after which the disk may begin
PIECE = 1 << 20  # bytes checked or copied at a time, so that they stay in the processor's cache
FIRST = 2048  # bytes by which formats are told apart
# Files of these modules find their end by decompressing everything.
_COMPRESSED = ("gzip", "bz2", "lzma", "zipfile", "compression.zstd")


def describe(f: Any) -> str:
    """How errors call a file."""
    if isinstance(f, str | os.PathLike):
        return os.fsdecode(f)
    name = getattr(f, "name", None)
    return name if isinstance(name, str) else f"<{type(f).__name__}>"


def is_path(f: Any) -> bool:
    """Whether f names a file, rather than being one."""
    return isinstance(f, str | bytes | os.PathLike)


# what `open` gives; others may say nothing about what they can do
_OPENED = (io.FileIO, io.BufferedReader, io.BufferedWriter, io.BufferedRandom)


def check_file(op: str, f: Any, method: str) -> None:
    """TypeError unless f is a file object with the method `read` or `write`, for bytes."""
    if not hasattr(f, method):
        raise TypeError(f"{op}: expected a path or a file object, got {type(f).__name__}")
    if isinstance(f, io.TextIOBase | codecs.StreamReader | codecs.StreamReaderWriter):
        raise TypeError(f"{op}: expected a file opened in binary mode, got {type(f).__name__}")
    if isinstance(f, _OPENED) and not (f.readable() if method == "read" else f.writable()):
        raise TypeError(f"{op}: expected a file that can {method}, got {f!r}")


def bytes_of(storage: Any) -> memoryview:
    """The storage's memory."""
    n = storage.nbytes()
    if n == 0:
        return memoryview(bytearray())
    whole: Any = _C.ByteTensor(_C._storage_part(storage, _C.uint8, 0, n))
    return memoryview(whole)


class Source:
    """A file that is read from where it stands to the end of what was saved, never back.

    `remaining`: bytes that are left, None where only reading tells (pipes, sockets).
    """

    def __init__(self, file: Any, name: str) -> None:
        self.name = name
        self._file = file
        self._readinto = getattr(file, "readinto", None)
        self._ahead = b""  # read by `peek`, not yet by anybody else
        self.remaining = self._find_remaining()

    def _find_remaining(self) -> int | None:
        try:
            if type(self._file).__module__ in _COMPRESSED or not self._file.seekable():
                return None
            here = self._file.tell()
            self._file.seek(0, os.SEEK_END)
            end = self._file.tell()
            self._file.seek(here)
        except (AttributeError, OSError, io.UnsupportedOperation):
            return None
        return max(0, end - here)

    def error(self, *text: Any) -> FileError:
        """A FileError that names the file."""
        return FileError(f"load: {self.name}: " + "".join(map(str, text)))

    def _fill(self, view: memoryview) -> int:
        """Reads into view until it is full or the file ends; the number of bytes."""
        done = 0
        while done < len(view):
            if self._readinto is not None:
                n = self._readinto(view[done:])
            else:
                data = self._file.read(len(view) - done)
                if isinstance(data, str):
                    raise TypeError("load: expected a file opened in binary mode: read gave a str")
                n = None if data is None else len(data)
                if n:
                    view[done : done + n] = data
            if n is None:
                raise self.error("expected a blocking file: nothing is ready to be read")
            if n == 0:
                break
            done += n
        return done

    def peek(self, n: int) -> bytes:
        """The next n bytes, fewer at the end, without taking them."""
        more = n - len(self._ahead)
        if more > 0:
            if self.remaining is not None:
                more = min(more, self.remaining - len(self._ahead))
            buffer = bytearray(more)
            self._ahead += buffer[: self._fill(memoryview(buffer))]
        return self._ahead[:n]

    def readinto(self, view: memoryview, what: str) -> None:
        """Fills view; FileError where the file ends before."""
        ready = min(len(self._ahead), len(view))
        view[:ready] = self._ahead[:ready]
        self._ahead = self._ahead[ready:]
        got = ready + self._fill(view[ready:])
        if self.remaining is not None:
            self.remaining -= got
        if got < len(view):
            raise self.error("the file ends within ", what)

    def read(self, n: int, what: str) -> bytes:
        """The next n bytes; FileError where the file ends before."""
        self.expect(n, what)
        if self.remaining is not None:
            buffer = bytearray(n)
            self.readinto(memoryview(buffer), what)
            return bytes(buffer)
        pieces = []  # the file's word for a size is not worth an allocation
        while n > 0:
            buffer = bytearray(min(n, PIECE))
            self.readinto(memoryview(buffer), what)
            pieces.append(bytes(buffer))
            n -= len(buffer)
        return b"".join(pieces)

    def expect(self, n: int, what: str) -> None:
        """FileError where the file is known to have fewer than n bytes left."""
        if self.remaining is not None and n > self.remaining:
            raise self.error("the file ends within ", what)

    def seekable(self) -> tuple[Any, int]:
        """A file object that can seek, and where in it this source stands: for formats that are
        not read from front to back. What cannot seek is read into memory, at most 1 GiB of it."""
        if self.remaining is not None:
            return self._file, self._file.tell() - len(self._ahead)
        pieces = [self.peek(len(self._ahead))]
        while len(pieces[-1]) and len(pieces) < (1 << 30) // PIECE:
            self._ahead = b""
            pieces.append(self.peek(PIECE))
        if pieces[-1]:
            raise self.error("expected a file that can seek, or at most 1 GiB")
        return io.BytesIO(b"".join(pieces)), 0

    def storage(self, offset: int, dtype: Any, count: int) -> Any:
        """None: the data must be read. (A mapped file gives the storage over it.)"""
        return None

    def next_storage(self, dtype: Any, count: int) -> Any:
        """None: the data must be read. (A mapped file gives, and passes, the storage over the next
        `count` elements, if they are there and aligned.)"""
        return None

    def look(self, offset: int, n: int) -> bytes:
        """Some of the n bytes that begin `offset` bytes further on, of a file that can seek; none
        at its end. They are not taken, and nothing is kept."""
        here = self._file.tell()
        self._file.seek(here - len(self._ahead) + offset)
        data = self._file.read(n)
        self._file.seek(here)
        return data

    def settle(self) -> None:
        """Leaves a file that can seek where this source stands, for whoever reads on."""
        if self._ahead and self.remaining is not None:
            self._file.seek(-len(self._ahead), os.SEEK_CUR)
            self._ahead = b""


class MappedSource(Source):
    """A file in memory, page by page as it is used. Storages lie over it."""

    def __init__(self, file: Any, name: str) -> None:
        size = os.fstat(file.fileno()).st_size
        self.whole = _C._map_file(file.fileno(), size) if size else None
        self._bytes = memoryview(b"") if self.whole is None else bytes_of(self.whole)
        self._position = 0
        super().__init__(file, name)

    def _find_remaining(self) -> int:
        return len(self._bytes)

    def _fill(self, view: memoryview) -> int:
        n = min(len(view), len(self._bytes) - self._position)
        view[:n] = self._bytes[self._position : self._position + n]
        self._position += n
        return n

    def seekable(self) -> tuple[Any, int]:
        return self._file, self._position - len(self._ahead)

    def seek(self, offset: int) -> None:
        """Goes to a byte of the file."""
        self._ahead = b""
        self._position = offset
        self.remaining = len(self._bytes) - offset

    def storage(self, offset: int, dtype: Any, count: int) -> Any:
        """A storage over `count` elements from a byte of the file on."""
        return _C._storage_part(self.whole, dtype, offset, count)

    def next_storage(self, dtype: Any, count: int) -> Any:
        here = self._position - len(self._ahead)
        end = here + count * dtype.itemsize
        if end > len(self._bytes) or here % dtype.itemsize or self.whole is None:
            return None
        storage = self.storage(here, dtype, count)
        self.seek(end)
        return storage

    def settle(self) -> None:
        pass


class Sink:
    """Where bytes go: small pieces are collected, large ones pass without a copy."""

    def __init__(self) -> None:
        self._small = bytearray()

    def reserve(self, n: int) -> None:
        """Says how many bytes will come."""

    def write(self, data: Any) -> None:
        """Appends bytes."""
        if len(data) < PIECE // 8:
            self._small += data
            if len(self._small) < PIECE:
                return
            self.flush()
        else:
            self.flush()
            self._put(memoryview(data))

    def flush(self) -> None:
        """Hands over what was collected."""
        if self._small:
            small, self._small = self._small, bytearray()
            self._put(memoryview(small))

    def _put(self, data: memoryview) -> None:
        raise NotImplementedError(f"{type(self).__name__}: _put is not defined")


class DescriptorSink(Sink):
    """A file descriptor. `to_disk`: a new file that will be forced to the disk, which may begin
    with what is there."""

    def __init__(self, fd: int, to_disk: bool = False) -> None:
        super().__init__()
        self._fd = fd
        self._to_disk = to_disk
        self._begun = self._written = 0

    def reserve(self, n: int) -> None:
        _C._reserve(self._fd, n)

    def _put(self, data: memoryview) -> None:
        while len(data):
            n = os.write(self._fd, data)
            self._written += n
            data = data[n:]
        if self._to_disk and self._written - self._begun >= EARLY:
            _C._start_writing(self._fd, self._begun, self._written - self._begun)
            self._begun = self._written


class ObjectSink(Sink):
    """A file object: whatever has `write` and takes bytes."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def _put(self, data: memoryview) -> None:
        while len(data):
            n = self._file.write(data)
            if n is None:
                if isinstance(self._file, io.RawIOBase):
                    raise BlockingIOError("save: expected a blocking file")
                return  # not an io object; these take all they are given
            data = data[n:]
