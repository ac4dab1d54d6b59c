"""Files of torch.save with wrong content and right checksums, and small files of every kind."""

import io
import json
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch
from torch.serialization import archive, streams

LENGTH = struct.Struct("<I")


class Pipe:
    """A file that only reads, so that its length is not known."""

    def __init__(self, data):
        self.read = io.BytesIO(data).read


def seal(members, data, heading=None):
    """A file of those four members and that data, with checksums that fit.

    `heading` stands in place of the text of sys_info. Data that the index wants and that is missing
    is zeros.
    """
    names = dict(zip(archive.METADATA, members, strict=True))
    counts = {"tensors": count_tensors(names["tensors"]), "storages": count_rows(names["index"])}
    sums = []
    try:
        rows, end = archive._unpack_index(names["index"], counts["storages"], ValueError)
    except ValueError:
        rows, end = [], len(data)
    end = min(end, 1 << 16)
    data = data[:end].ljust(end, b"\0")
    for row in rows:
        if row.base == -1:
            size = archive.padded(row.length * row.dtype.itemsize, archive.ALIGN)
            sums.append(torch._C._crc32c(data[row.start : row.start + size]))
    packed = struct.pack(f"<{len(sums)}I", *sums)
    packed += LENGTH.pack(torch._C._crc32c(packed))
    sizes = {name: len(member) for name, member in names.items()}
    sizes |= {"storages": end, "checksums": len(packed)}
    crcs = {name: torch._C._crc32c(member) for name, member in names.items()}
    head = archive._heading(sizes, crcs, counts)
    if heading is not None:
        head = head[: archive.BLOCK] + heading[:1007].ljust(1007) + b"\n"
        head += b"crc32c %08x\n" % torch._C._crc32c(head)
    f = io.BytesIO()
    sink = streams.ObjectSink(f)
    sink.write(head)
    for name, member in [*names.items(), ("storages", data), ("checksums", packed)]:
        archive._write_member(sink, name, member)
    sink.write(archive.END)
    sink.flush()
    return f.getvalue()


def count_tensors(table):
    """Rows of a table of tensors, as far as it makes sense."""
    count = at = 0
    while len(table) - at >= 24 and count < 1000:
        at += 24 + 16 * min(struct.unpack_from("<Q", table, at + 8)[0], 1 << 40)
        count += 1
    return count


def count_rows(table):
    """Rows of an index, as far as it makes sense."""
    count = at = 0
    while len(table) - at >= 64 and count < 1000:
        at += 64 + struct.unpack_from("<H", table, at + 56)[0]
        count += 1
    return count


def split(data):
    """Pieces after their lengths; what is missing is empty."""
    pieces = []
    for _ in archive.METADATA:
        n = LENGTH.unpack(data[:4])[0] if len(data) >= 4 else 0
        pieces.append(data[4 : 4 + n])
        data = data[4 + n :]
    return pieces, data


def join(pieces, data):
    return b"".join(LENGTH.pack(len(piece)) + piece for piece in pieces) + data


def zipped(members):
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w") as z:
        for name, data in members.items():
            z.writestr(name, data)
    return f.getvalue()


def saved(obj, **options):
    f = io.BytesIO()
    torch.save(obj, f, **options)
    return f.getvalue()


def table(size=(2, 2), stride=(2, 1), dtype=torch.float32):
    """The tables of one tensor over one storage of four elements."""
    row = archive.StorageRow(-1, 0, 4, dtype, "cpu", "x")
    tensor = archive.TensorRow(0, 0, size, stride)
    return [archive._pack_tensors([tensor]), archive._pack_index([row])]


def members(data):
    """What a good file has in `METADATA` and `storages`."""
    heading = archive.read_heading(streams.Source(io.BytesIO(data), ""))
    return [
        data[heading.starts[name] : heading.starts[name] + heading.sizes[name]]
        for name in (*archive.METADATA, "storages")
    ]


def objects():
    """Objects with something of everything."""
    base = torch.arange(6)
    return [
        None,
        [1, -1, 255, 65536, 2**40, 10**30, 1.5, True, "text", "\u00e4", b"bytes", bytearray(b"x")],
        {
            "a": (1, 2),
            (1, 2): {3},
            "set": frozenset((1, 2)),
            "size": torch.Size([2]),
            "r": range(3),
        },
        OrderedDict([("a", torch.ones(2)), ("b", torch.float16), ("c", slice(1, 2)), ("d", 1j)]),
        [base, base[1:4], base.view(2, 3).t(), base.storage(), base.storage()[2:4]],
        {"mask": torch.tensor([True, False]), "empty": torch.ones(0), "half": torch.ones(2).half()},
        [torch.Generator(), torch.FloatTensor, Ellipsis, torch.device("cpu")],
    ]


def other_formats():
    """Files that torch.save does not write."""
    for save in (np.save, np.savez):
        f = io.BytesIO()
        save(f, np.arange(6, dtype="float32").reshape(2, 3))
        yield f.getvalue()
    rows = {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    text = json.dumps(rows).encode()
    yield struct.pack("<Q", len(text)) + text + bytes(8)
    view = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n"
        b"X\x01\0\0\x000X\x03\0\0\0cpuK\x02tQK\0K\x02\x85K\x01\x85\x89ccollections\n"
        b"OrderedDict\n)RtR."
    )
    for path in sorted(Path(__file__).parent.glob("serialization/data/*.pt")):
        yield path.read_bytes()
    yield zipped({"x/data.pkl": view, "x/data/0": bytes(8), "x/version": b"3\n"})
    yield b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03." + view
