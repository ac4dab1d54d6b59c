"""Small writers of PyTorch's file formats, byte by byte: also of what PyTorch would not write."""

import io
import pickle
import struct
import tarfile
import zipfile

MAGIC = 0x1950A86A20F9469CFC6C
REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"
FLOATS = struct.pack("<6f", *range(6))


# Pieces of pickles.


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def number(n):
    return b"J" + struct.pack("<i", n) if abs(n) < 1 << 31 else pickle.dumps(n, 2)[2:-1]


def numbers(values):
    return b"(" + b"".join(map(number, values)) + b"t"


def named(key="0", n=6, kind=b"FloatStorage", location="cpu", more=b""):
    """A storage as the pickle of a zip archive has it; with `more`=b"N" as that of a stream."""
    head = b"(" + text("storage") + b"ctorch\n" + kind + b"\n" + text(key) + text(location)
    return head + number(n) + more + b"tQ"


def tensor(size=(2, 3), stride=(3, 1), offset=0, storage=None):
    storage = named() if storage is None else storage
    return REBUILD + b"(" + storage + number(offset) + numbers(size) + numbers(stride) + b"\x89}tR"


# Files.


def checkpoint(pickled, storages=None, method=zipfile.ZIP_STORED, folder="archive/", **more):
    """A zip archive of PyTorch 1.6 or later."""
    f = io.BytesIO()
    storages = {"0": FLOATS} if storages is None else storages
    with zipfile.ZipFile(f, "w", method) as z:
        z.writestr(f"{folder}data.pkl", b"\x80\x02" + pickled + b".")
        for name, data in more.items():
            z.writestr(folder + name, data)
        for key, data in storages.items():
            z.writestr(f"{folder}data/{key}", data)
        z.writestr(f"{folder}version", "3\n")
    f.seek(0)
    return f


def stream(pickled, storages=None, magic=MAGIC, version=1001, info=None, keys=None):
    """A file of PyTorch up to 1.5; storages: number of elements and data by key."""
    storages = {"0": (6, FLOATS)} if storages is None else storages
    keys = sorted(storages) if keys is None else keys
    info = {"protocol_version": version, "little_endian": True} if info is None else info
    parts = [pickle.dumps(value, 2) for value in (magic, version, info)]
    parts += [b"\x80\x02" + pickled + b".", pickle.dumps(keys, 2)]
    parts += [struct.pack("<q", n) + data for n, data in storages.values()]
    return io.BytesIO(b"".join(parts))


def pickled_row(*fields):
    """A pickle of a tuple: bytes stand for names as "torch FloatStorage", which no one imports."""
    items = [
        b"c" + f.replace(b" ", b"\n") + b"\n" if isinstance(f, bytes) else pickle.dumps(f, 2)[2:-1]
        for f in fields
    ]
    return b"\x80\x02(" + b"".join(items) + b"t."


def metadata(size, stride, offset):
    return struct.pack(f"<q{2 * len(size) + 1}q", len(size), *size, *stride, offset)


STORAGES = (
    pickle.dumps(1, 2) + pickled_row(7, "cpu", b"torch FloatStorage") + struct.pack("<q", 6)
    + FLOATS + pickle.dumps([(8, 7, 2, 3)], 2)
)  # fmt: skip
TENSORS = (
    pickle.dumps(2, 2)
    + pickled_row(10, 7, b"torch FloatTensor") + metadata((2, 3), (3, 1), 0)
    + pickled_row(11, 8, b"torch FloatTensor") + metadata((2,), (1,), 1)
)  # fmt: skip
OBJECT = b"\x80\x02](" + text("10") + b"Q" + text("11") + b"Q" + text("8") + b"Qe."


def tar(object_=OBJECT, tensors=TENSORS, storages=STORAGES, info=None, pax=True, **more):
    """A file of the alpha."""
    if info is None:
        info = pickle.dumps({"protocol_version": 1000, "little_endian": True}, 2)
    f = io.BytesIO()
    with tarfile.open(fileobj=f, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        members = {"sys_info": info, "pickle": object_, "tensors": tensors, "storages": storages}
        for name, data in (members | more).items():
            if data is None:
                continue
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mtime = 1476000000.5 if pax else 1476000000  # a time with a fraction is in a
            archive.addfile(member, io.BytesIO(data))  # header of its own
    f.seek(0)
    return f
