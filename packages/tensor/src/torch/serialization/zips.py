"""Zip archives of data, read with every number checked before it is used.

Known is what .npz files and PyTorch's checkpoints consist of: members that are stored or deflated,
each with a CRC-32 (PKWARE's APPNOTE.TXT 6.3, sections 4.3 and 4.5.3 for the 64-bit fields). Members
that share bytes, are encrypted, or that the directory names twice are refused.
"""

import os
import struct
import zlib
from typing import Any, NamedTuple

from . import archive, streams

_END = struct.Struct("<4s4H2LH")  # end of the directory
_LOCATOR = struct.Struct("<4sLQL")  # of the end with 64-bit fields
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")  # of the directory
_LOCAL = struct.Struct("<4s5H3L2H")  # before a member's data
_STORED, _DEFLATED = 0, 8
_BEST_RATIO = 1032  # of deflate: 258 bytes for two bits
_HIDDEN = 0x2041  # flags: encrypted in one way or another
_UTF8 = 0x800


class Member(NamedTuple):
    """What the directory says of a member."""

    name: str
    raw_name: bytes
    method: int
    crc: int
    packed: int  # bytes in the file
    size: int  # bytes of the content
    start: int  # byte of the file where its header begins
    end: int  # byte of the file where it must end


def is_zip(head: bytes) -> bool:
    """Whether a file begins as a zip archive."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


class Archive:
    """The members of a zip archive, by name."""

    def __init__(self, source: streams.Source, options: Any) -> None:
        self._source = source
        self._verify = options.verify
        self._limit = self._room = options.limit
        self.error = source.error
        self._file, self._begin = source.seekable()
        self._size = self._file.seek(0, os.SEEK_END)
        self.members = self._read_directory()

    def _at(self, start: int, n: int, what: str) -> bytes:
        if not self._begin <= start <= self._size - n:
            raise self.error(f"{what} is damaged: expected {n} bytes at byte {start} of a file of "
                             f"{self._size}")  # fmt: skip
        self._file.seek(start)
        return streams.Source(self._file, self._source.name).read(n, what)

    # the directory

    def _find_end(self) -> tuple[int, int, int, int]:
        """Where the directory ends; its number of entries, bytes, and offset."""
        length = min(self._size - self._begin, _END.size + 0xFFFF)
        start = self._size - length
        tail = self._at(start, length, "the zip archive")
        at = tail.rfind(b"PK\x05\x06")
        while at >= 0:
            if at + _END.size <= length:
                fields = _END.unpack_from(tail, at)
                if at + _END.size + fields[7] == length:
                    break
            at = tail.rfind(b"PK\x05\x06", 0, at)
        if at < 0:
            raise self.error("the zip archive has no end: it is damaged or incomplete")
        _, disk, first_disk, here, count, size, offset, _ = fields
        end = start + at
        # PyTorch writes the 64-bit fields always, others where they are needed
        if self._begin + _LOCATOR.size + _END64.size <= end:
            found = _LOCATOR.unpack(self._at(end - _LOCATOR.size, _LOCATOR.size, "the end"))
            if found[0] == b"PK\x06\x07":
                end -= _LOCATOR.size + _END64.size  # nothing stands between the two
                wide = _END64.unpack(self._at(end, _END64.size, "the end"))
                if wide[0] != b"PK\x06\x06" or wide[1] != _END64.size - 12:
                    raise self.error("the end of the zip archive is damaged")
                limits = (0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
                for narrow, full, limit in zip(fields[1:7], wide[4:], limits):
                    if narrow not in (full, limit):
                        raise self.error("the end of the zip archive is damaged")
                disk, first_disk, here, count, size, offset = wide[4:]
        if disk or first_disk or here != count:
            raise self.error("expected a zip archive of one part")
        return end, count, size, offset

    def _read_directory(self) -> dict[str, Member]:
        end, count, size, offset = self._find_end()
        if count > archive.MAX_COUNT or count * _ENTRY.size > size:
            raise self.error(f"the zip archive is damaged: {count} members in {size} bytes")
        start = end - size
        shift = start - offset  # where the archive begins
        if shift < 0:
            raise self.error("the directory of the zip archive is damaged")
        data = self._at(start, size, "the directory of the zip archive")
        found: list[Member] = []
        at = 0
        for _ in range(count):
            member, at = self._entry(data, at, shift)
            found.append(member)
        if at != size:
            raise self.error("the directory of the zip archive is longer than its entries")
        members = {}
        limit = start
        for member in sorted(found, key=lambda m: m.start, reverse=True):
            if member.start + _LOCAL.size + len(member.raw_name) + member.packed > limit:
                raise self.error(f"the zip archive is damaged: {member.name!r:.100} reaches into "
                                 "what follows")  # fmt: skip
            members[member.name] = member._replace(end=limit)
            limit = member.start
        if len(members) < count:
            raise self.error("the zip archive has two members of one name")
        return {member.name: members[member.name] for member in found}

    def _entry(self, data: bytes, at: int, shift: int) -> tuple[Member, int]:
        """An entry of the directory, and where the next one begins."""
        if len(data) - at < _ENTRY.size or data[at : at + 4] != b"PK\x01\x02":
            raise self.error("the directory of the zip archive is damaged")
        (_, _, _, flags, method, _, _, crc, packed, size, name_length, extra_length, comment_length,
         disk, _, _, start) = _ENTRY.unpack_from(data, at)  # fmt: skip
        at += _ENTRY.size
        raw_name = data[at : at + name_length]
        at += name_length
        extra = data[at : at + extra_length]
        at += extra_length + comment_length
        if at > len(data):
            raise self.error("the directory of the zip archive is damaged")
        try:
            name = raw_name.decode("utf-8" if flags & _UTF8 else "cp437")
        except UnicodeDecodeError:
            raise self.error(f"a name in the zip archive is not UTF-8: {raw_name!r:.100}") from None
        wide = iter(self._wide_fields(extra, name))
        try:
            size = next(wide) if size == 0xFFFFFFFF else size
            packed = next(wide) if packed == 0xFFFFFFFF else packed
            start = next(wide) if start == 0xFFFFFFFF else start
        except StopIteration:
            raise self.error(f"the zip archive is damaged: {name!r:.100} has no size") from None
        if flags & _HIDDEN:
            raise self.error(f"{name!r:.100} of the zip archive is encrypted")
        if method not in (_STORED, _DEFLATED):
            raise self.error(f"{name!r:.100} of the zip archive: expected it stored or deflated, "
                             f"got method {method}")  # fmt: skip
        possible = size == packed if method == _STORED else size <= _BEST_RATIO * (packed + 1)
        if disk or not possible or not 0 <= start + shift <= self._size:
            raise self.error(f"the zip archive is damaged: {name!r:.100} cannot be where it is "
                             "said to be")  # fmt: skip
        return Member(name, raw_name, method, crc, packed, size, start + shift, 0), at

    def _wide_fields(self, extra: bytes, name: str) -> tuple[int, ...]:
        """The 64-bit sizes and the offset, of which the entry says which ones are there."""
        while len(extra) >= 4:
            kind, length = struct.unpack_from("<2H", extra)
            if 4 + length > len(extra):
                break
            if kind == 1:
                return struct.unpack_from(f"<{length // 8}Q", extra, 4)
            extra = extra[4 + length :]
        return ()

    # members

    def open(self, name: str) -> "MemberSource":
        """The content of a member, to be read from front to back."""
        member = self.members[name]
        what = f"{name!r:.100} of the zip archive"
        head = _LOCAL.unpack(self._at(member.start, _LOCAL.size, what))
        start = member.start + _LOCAL.size + head[9] + head[10]
        raw_name = self._at(member.start + _LOCAL.size, head[9], what) if head[9] < 9999 else b""
        if head[0] != b"PK\x03\x04" or raw_name != member.raw_name or head[3] != member.method:
            raise self.error(f"{what} is damaged: its header does not fit the directory")
        if start + member.packed > member.end:
            raise self.error(f"{what} is damaged: it reaches into what follows")
        self._room -= max(0, member.size - member.packed)
        if self._room < 0:
            raise self.error(
                f"the zip archive unpacks to more than {self._limit >> 20} MiB beyond its own "
                "size; load(..., limit=) sets the limit"
            )
        return MemberSource(self._source, self._file, member, start, self._verify)

    def read(self, name: str) -> bytes:
        """The content of a member, checked."""
        source = self.open(name)
        data = source.read(self.members[name].size, repr(name))
        source.finish()
        return data


class MemberSource(streams.Source):
    """A member's content. `finish` says whether all of it was read, and what was written."""

    def __init__(
        self, whole: streams.Source, file: Any, member: Member, start: int, verify: Any
    ) -> None:
        self._whole = whole
        self._member = member
        self._start = self._at = start  # byte of the file from which the next one is read
        self._verify = verify
        self._crc = 0 if verify else None  # None also where the data is mapped
        self._inflate = zlib.decompressobj(-15) if member.method == _DEFLATED else None
        self._packed = b""  # read and not yet inflated
        super().__init__(file, f"{whole.name}: {member.name}")

    def _find_remaining(self) -> int:
        return self._member.size

    def _raw(self, view: memoryview) -> int:
        """Fills view from the file as far as the member goes; the number of bytes."""
        view = view[: self._start + self._member.packed - self._at]
        self._file.seek(self._at)
        n = super()._fill(view)
        self._at += n
        return n

    def _fill(self, view: memoryview) -> int:
        done = 0
        if self._inflate is None:
            done = self._raw(view)
        while self._inflate is not None and done < len(view):
            if not self._packed:
                piece = bytearray(64 << 10)
                self._packed = bytes(piece[: self._raw(memoryview(piece))])
            try:
                data = self._inflate.decompress(self._packed, len(view) - done)
            except zlib.error as problem:
                raise self.error("the data is damaged: ", problem) from None
            self._packed = self._inflate.unconsumed_tail
            view[done : done + len(data)] = data
            done += len(data)
            ended = not self._packed and self._at == self._start + self._member.packed
            if self._inflate.eof or (ended and not data):
                break
        if self._crc is not None:
            self._crc = zlib.crc32(view[:done], self._crc)
        return done

    def next_storage(self, dtype: Any, count: int) -> Any:
        here = self._at - len(self._ahead)
        n = count * dtype.itemsize
        if self._inflate is not None or here % dtype.itemsize or n > (self.remaining or 0):
            return None
        storage = self._whole.storage(here, dtype, count)
        if storage is None:
            return None
        if self._verify is True:
            self._crc = zlib.crc32(streams.bytes_of(storage)[len(self._ahead) :], self._crc or 0)
        else:
            self._crc = None
        self._ahead = b""
        self._at = here + n
        self.remaining = (self.remaining or 0) - n
        return storage

    def finish(self) -> None:
        """FileError unless all was read and is what was written."""
        if self.remaining:
            raise self.error(f"expected the end, got {self.remaining} bytes more")
        if self._inflate is not None:
            # what is left must be the end of the stream, and nothing besides
            left = self._packed + bytes(self._rest())
            try:
                more = self._inflate.decompress(left, 1)
            except zlib.error as problem:
                raise self.error("the data is damaged: ", problem) from None
            if more or not self._inflate.eof or self._inflate.unused_data:
                raise self.error("the data is damaged: it does not end where it should")
        if self._crc is not None and self._crc != self._member.crc:
            raise self.error("the data is damaged: its checksum does not fit")

    def _rest(self) -> bytearray:
        left = self._start + self._member.packed - self._at
        if left > 1 << 10:  # far more than an end of a stream is
            raise self.error("the data is damaged: it does not end where it should")
        rest = bytearray(left)
        self._raw(memoryview(rest))
        return rest
