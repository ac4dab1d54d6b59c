"""Zip archives: what is read, and what is refused."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
import torch
from foreign_files import FLOATS, checkpoint, tensor
from torch.serialization import FileError


def archive(*members, method=zipfile.ZIP_STORED):
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w", method) as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name), data, method)
    return f.getvalue()


def array(n=10):
    f = io.BytesIO()
    np.save(f, np.arange(n, dtype=np.uint8))
    return f.getvalue()


GOOD = archive(("a.npy", array()))
ENTRY = GOOD.index(b"PK\x01\x02")
END = GOOD.index(b"PK\x05\x06")


def changed(at, format_, value, data=GOOD):
    return data[:at] + struct.pack(format_, value) + data[at + struct.calcsize(format_) :]


def load(data, **kwargs):
    return torch.load(io.BytesIO(data), **kwargs)


def test_comments_and_prefixes():
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w") as z:
        z.writestr("a.npy", array())
        z.comment = b"a comment with PK\x05\x06 and more bytes than an end has"
    assert load(f.getvalue())["a"].sum() == 45
    f = io.BytesIO(b"mine" + GOOD)
    f.read(4)
    assert torch.load(f)["a"].sum() == 45


def test_large_fields():
    """Sizes and offsets of 64 bits, whether or not they are needed."""
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w") as z:
        with z.open(zipfile.ZipInfo("a.npy"), "w", force_zip64=True) as member:
            member.write(array())
    assert load(f.getvalue())["a"].sum() == 45
    # all three fields in the directory's entry, then the end
    extra = struct.pack("<2H3Q", 1, 24, len(array()), len(array()), 0)
    entry = bytearray(GOOD[ENTRY:END])
    entry[20:28] = b"\xff" * 8
    entry[42:46] = b"\xff" * 4
    entry[30:32] = struct.pack("<H", len(extra))
    entry += extra
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(entry), ENTRY)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, ENTRY + len(entry), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    data = GOOD[:ENTRY] + bytes(entry) + wide + locator + end
    assert load(data)["a"].sum() == 45
    with pytest.raises(FileError, match="the end of the zip archive is damaged"):
        load(data.replace(b"PK\x06\x06", b"PK\x06\x05"))
    with pytest.raises(FileError, match="the end of the zip archive is damaged"):
        load(changed(len(data) - 10, "<L", 5, data))
    with pytest.raises(FileError, match="'a.npy' has no size"):
        load(data.replace(struct.pack("<2H", 1, 24), struct.pack("<2H", 1, 8)))
    with pytest.raises(FileError, match="'a.npy' has no size"):
        load(data.replace(struct.pack("<2H", 1, 24), struct.pack("<2H", 2, 24)))


@pytest.mark.parametrize(
    "data, error",
    [
        (GOOD[:-1], "the zip archive has no end: it is damaged or incomplete"),
        (GOOD[:END], "the zip archive has no end"),
        (GOOD[:4], "the zip archive has no end"),
        (GOOD + b"x", "the zip archive has no end"),
        (changed(END + 4, "<H", 1), "expected a zip archive of one part"),
        (changed(END + 8, "<H", 2), "expected a zip archive of one part"),
        (changed(END + 12, "<L", 2**31), "the directory of the zip archive is damaged"),
        (changed(END + 12, "<L", 50), "the directory of the zip archive is damaged"),
        (changed(END + 16, "<L", ENTRY + 1), "the directory of the zip archive is damaged"),
        (changed(END + 8, "<L", 0x00090009), "damaged: 9 members in 51 bytes"),
        (changed(END + 8, "<L", 0), "the directory of the zip archive is longer than its entries"),
        (changed(ENTRY, "<L", 0), "the directory of the zip archive is damaged"),
        (changed(ENTRY + 28, "<H", 99), "the directory of the zip archive is damaged"),
        (changed(ENTRY + 8, "<H", 1), "'a.npy' of the zip archive is encrypted"),
        (changed(ENTRY + 10, "<H", 12), "expected it stored or deflated, got method 12"),
        (changed(ENTRY + 24, "<L", 9), "'a.npy' cannot be where it is said to be"),
        (changed(ENTRY + 42, "<L", 2**31), "'a.npy' cannot be where it is said to be"),
        (changed(ENTRY + 42, "<L", 4), "'a.npy' reaches into what follows"),
        (changed(ENTRY + 34, "<H", 1), "'a.npy' cannot be where it is said to be"),
        (changed(ENTRY + 16, "<L", 0), "a.npy: the data is damaged: its checksum does not fit"),
        (changed(0, "<L", 0x06054B50), "header does not fit the directory"),
        (changed(8, "<H", 8), "header does not fit the directory"),
        (changed(26, "<H", 6), "header does not fit the directory"),
        (changed(26, "<H", 2**16 - 1), "header does not fit the directory"),
        (changed(28, "<H", 40), "it reaches into what follows"),
        (changed(30, "<B", 98), "header does not fit the directory"),
        (archive(("a.npy", array()), ("b.npy", array())).replace(b"b.npy", b"a.npy"),
         "two members of one name"),
    ],
)  # fmt: skip
def test_damaged(data, error):
    with pytest.raises(FileError, match=error):
        load(data)


def test_names():
    data = archive(("ä.npy", array()))
    assert list(load(data)) == ["ä"]
    with pytest.raises(FileError, match="a name in the zip archive is not UTF-8"):
        load(data.replace("ä".encode(), b"\xff\xff"))
    assert list(load(GOOD.replace(b"a.npy", b"\x84.npy"))) == ["ä"]  # code page 437


def test_members_that_share_bytes():
    """The trick of the largest bombs: many entries for one piece of deflated data."""
    data = archive(("a.npy", array()), ("b.npy", array()))
    assert list(load(data)) == ["a", "b"]
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    with pytest.raises(FileError, match="reaches into what follows"):
        load(changed(second + 42, "<L", 0, data))


def bomb(n, more=0):
    header = b"\x93NUMPY\x01\x00v\x00"
    header += f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({n},), }}".ljust(118).encode()
    return archive(("a.npy", header + bytes(n + more)), method=zipfile.ZIP_DEFLATED)


def test_bombs():
    data = bomb(20_000_000)
    assert len(data) < 30_000
    assert load(data)["a"].shape == (20_000_000,)
    tracemalloc.start()
    before = torch.cpu.memory_allocated()
    torch.cpu.reset_max_memory_allocated()
    with pytest.raises(FileError, match="unpacks to more than 1 MiB beyond its own size; load"):
        load(data, limit=1 << 20)
    # what is declared is less than what comes, and more
    size = data.index(b"PK\x01\x02") + 24
    with pytest.raises(FileError, match="ends within|does not end where it should"):
        load(changed(size, "<L", 500_000, data), limit=1 << 20)
    small = bomb(10)
    size = small.index(b"PK\x01\x02") + 24
    with pytest.raises(FileError, match="'a.npy' cannot be where it is said to be"):
        load(changed(size, "<L", 2**32 - 2, small))
    with pytest.raises(FileError, match="expected the end, got"):
        load(changed(size, "<L", 300, small))
    more = bomb(0, 500_000)
    with pytest.raises(FileError, match="does not end where it should"):
        load(changed(more.index(b"PK\x01\x02") + 24, "<L", 128, more))
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    assert torch.cpu.max_memory_allocated() - before < 4 << 20
    tracemalloc.stop()


def test_damaged_deflated_data():
    data = checkpoint(tensor(), method=zipfile.ZIP_DEFLATED).getvalue()
    assert load(data).sum() == 15
    start = data.index(b"data.pkl") + 8
    noticed = 0
    for at in range(start, data.index(b"PK\x01\x02")):
        for bit in (1, 16, 128):
            damaged = bytearray(data)
            damaged[at] ^= bit
            try:
                assert load(bytes(damaged)).tolist() == [[0, 1, 2], [3, 4, 5]]
            except FileError:
                noticed += 1
    assert noticed > 300


def test_checksums():
    data = checkpoint(tensor()).getvalue()
    damaged = changed(data.index(FLOATS), "<f", 9, data)
    with pytest.raises(FileError, match="archive/data/0: the data is damaged: its checksum does"):
        load(damaged)
    assert load(damaged, verify=False).sum() == 24
