"""Damaged files: every change is noticed, or does not change what is loaded."""

import io
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.serialization import FileError, archive, streams


def small():
    """An object with something of everything, and a file of it."""
    base = torch.arange(6)
    obj = {
        "weights": torch.tensor([[1.5, -2.0], [0.25, 3.0]]).t(),
        "base": base,
        "view": base[1:4],
        "mask": torch.tensor([True, False, True]),
        "step": 12,
        "more": [None, 1.5, "text", b"bytes", (1, 2), {3}, torch.Size([2]), torch.float16],
    }
    f = io.BytesIO()
    torch.save(obj, f)
    return obj, f.getvalue()


def flat(obj):
    """An object as something to compare."""
    if torch.is_tensor(obj):
        data = obj.contiguous().numpy().tobytes() if obj.numel() < 10_000 else None
        return type(obj), tuple(obj.shape), obj.stride(), obj.storage_offset(), data
    if isinstance(obj, dict):
        return {k: flat(v) for k, v in obj.items()}
    if isinstance(obj, list):
        return [flat(v) for v in obj]
    if torch.is_storage(obj):
        return type(obj), obj.tolist()
    return obj, type(obj)


MUTATIONS = int(os.environ.get("TORCH_TEST_MUTATIONS", "3000"))
OBJ, DATA = small()
GOOD = flat(OBJ)


def load(data):
    """FileError, or what is loaded."""
    try:
        return torch.load(io.BytesIO(data))
    except FileError as error:
        return error


def check(data):
    """Whether the damage was noticed; it must not change what is loaded."""
    loaded = load(data)
    if isinstance(loaded, FileError):
        return True
    assert flat(loaded) == GOOD
    return False


def test_every_bit():
    """Here every seventh, which is one or two of each byte; `ci/nox.sh -s files` takes all."""
    noticed = 0
    bits = range(0, 8 * len(DATA), 1 if MUTATIONS >= 100_000 else 7)
    for i in bits:
        damaged = bytearray(DATA)
        damaged[i // 8] ^= 1 << i % 8
        noticed += check(bytes(damaged))
    assert noticed == len(bits)
    print(f"{noticed} flips of one bit, all noticed, of {8 * len(DATA)}")


def test_every_length():
    assert all(check(DATA[:n]) for n in range(len(DATA)))
    assert flat(torch.load(io.BytesIO(DATA + b"more"))) == GOOD


# In a process of its own, whose memory is limited: an allocation that a file talks a load into
# would end as a MemoryError.
CHANGES = """
import collections, io, json, os, resource, sys
import numpy as np
import torch
sys.path[:0] = [os.path.dirname(sys.argv[1]), sys.argv[1]]
from forging import Pipe, join, members, objects, saved, seal, split
from test_damage import DATA, GOOD, flat
from torch.serialization import FileError

LIMIT = 16 << 20
ROOM = 160 << 20  # LIMIT, the first piece of a pipe's storage, and what the interpreter takes
PIECES = [join(p[:-1], p[-1]) for p in (members(saved(obj)) for obj in objects())]
MEMORY = os.memfd_create("changes")
rng = np.random.default_rng(int(sys.argv[3]))
count = collections.Counter()


def change(data):
    data = bytearray(data)
    kind = rng.integers(8)
    a, b = sorted(int(i) for i in rng.integers(0, len(data), 2))
    n = int(rng.integers(1, 600))
    if kind == 0:
        for at in rng.integers(0, len(data), rng.integers(1, 10)):
            data[at] = rng.integers(256)
    elif kind == 1:
        del data[a : min(b, a + n)]
    elif kind == 2:
        data[a:a] = rng.bytes(n)
    elif kind == 3:
        data[a : a + 64] = data[b : b + 64]
    elif kind == 4:
        data[a : min(b, a + 512)] = bytes(min(b, a + 512) - a)
    elif kind == 5:
        del data[b:]
    elif kind == 6:  # blocks change places
        i, j = a // 512 * 512, b // 512 * 512
        data[i : i + 512], data[j : j + 512] = data[j : j + 512], data[i : i + 512]
    else:
        data[a:a] = data[b : b + n]
    return bytes(data)


def load(data, how):
    if how == "mapped":
        os.ftruncate(MEMORY, 0)
        os.pwrite(MEMORY, data, 0)
        return flat(torch.load(f"/proc/self/fd/{MEMORY}", mmap=True, limit=LIMIT))
    return flat(torch.load({"bytes": io.BytesIO, "pipe": Pipe}[how](data), limit=LIMIT))


def attempt(data, how, good):
    which = how if good is not None else how + ", sealed"
    try:
        loaded = load(data, how)
    except FileError:
        count[which, "noticed"] += 1
        return
    if good is not None:
        assert loaded == good, data
    count[which, "loaded"] += 1


for how in ("bytes", "mapped", "pipe"):
    attempt(DATA, how, GOOD)
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, size + ROOM))
number = int(sys.argv[2])
for i in range(number):
    how = ("bytes", "mapped", "pipe")[i % 3]
    if i % 4:
        attempt(change(DATA), how, GOOD)
    else:  # with checksums that fit: whatever it is now, no other exception, no more memory
        attempt(seal(*split(change(PIECES[i // 4 % len(PIECES)]))), how, None)
print(json.dumps({f"{how}: {what}": n for (how, what), n in sorted(count.items())}))
"""


def test_random_changes(seed):
    """No other tensors, no other exception, no more memory than the file's size and a limit."""
    here = Path(__file__).parent
    command = [sys.executable, "-c", CHANGES, str(here), str(MUTATIONS), str(seed)]
    out = subprocess.run(command, capture_output=True, text=True, env=one_thread())
    assert out.returncode == 0, out.stderr
    found = json.loads(out.stdout)
    assert sum(found.values()) == MUTATIONS + 3
    assert found["bytes, sealed: loaded"] > 0
    assert found["mapped: noticed"] > MUTATIONS // 10
    print(json.dumps(found, indent=1))


def one_thread():
    """An environment in which address space is not taken by threads."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@pytest.mark.parametrize("verify", [True, "lazy", False])
def test_every_bit_of_a_mapped_file(verify, tmp_path):
    """Without verify, a flipped bit of the data is not noticed, and nothing else is."""
    heading = archive.read_heading(streams.Source(io.BytesIO(DATA), ""))
    start = heading.starts["storages"]
    data_range = range(start, start + heading.sizes["storages"])
    for at in range(0, len(DATA), 1 if MUTATIONS >= 100_000 else 23):
        damaged = bytearray(DATA)
        damaged[at] ^= 1 << at % 8
        (tmp_path / "x").write_bytes(damaged)
        try:
            loaded = flat(torch.load(tmp_path / "x", mmap=True, verify=verify))
        except FileError:
            continue
        assert verify is False
        assert at in data_range
        assert loaded.keys() == GOOD.keys()


def test_the_error_names_the_tensor(tmp_path):
    f = tmp_path / "net.pt"
    torch.save({"a": torch.ones(100), "layers": [{"weight": torch.arange(1000)}]}, f)
    data = bytearray(f.read_bytes())
    data[data.index(struct.pack("<3q", 500, 501, 502))] ^= 1
    f.write_bytes(data)
    text = (
        r"^load: .*net\.pt: storage 1 \(of \['layers'\]\[0\]\['weight'\]\): the data is damaged: "
        r"its checksum does not fit$"
    )
    with pytest.raises(FileError, match=text):
        torch.load(f)
    loaded = torch.load(f, mmap=True)
    assert loaded["a"].sum() == 100
    weight = loaded["layers"][0]["weight"]
    assert weight.shape == (1000,)  # nothing was read yet
    for use in (
        weight.sum,
        weight.numpy,
        weight.data_ptr,
        weight.storage().tolist,
        lambda: weight[0],
        lambda: weight + 1,
        lambda: weight.fill_(0),
        lambda: memoryview(weight),
        lambda: torch.save(weight, io.BytesIO()),
    ):
        with pytest.raises(FileError, match=text):
            use()
    assert torch.load(f, mmap=True, verify=False)["layers"][0]["weight"].sum() != 499500
    assert torch.load(f, verify=False)["a"].sum() == 100


# Files whose checksums fit, and which are wrong all the same.


def build(parts=None, storages=(), heading=None, order=None, **changes):
    """A file of the given parts."""
    good = archive.Parts(b"N.", {}, [], [])
    f = io.BytesIO()
    sink = streams.ObjectSink(f)
    archive.write(sink, (parts or good)._replace(**changes), storages)
    return f.getvalue()


def row(**changes):
    base = archive.StorageRow(-1, 0, 3, torch.float32, "cpu", "x")
    return base._replace(**changes)


def view(storage=0, offset=0, size=(3,), stride=(1,)):
    return archive.TensorRow(storage, offset, size, stride)


ONES = torch.ones(3).storage()


@pytest.mark.parametrize(
    "tensor, text",
    [
        (view(storage=1), "tensor 0: expected a storage below 1, got 1"),
        (view(storage=-1), "tensor 0: expected a storage below 1, got -1"),
        (view(size=(4,)), "tensor 0: expected a view of a storage of 3 elements, got size \\(4,"),
        (view(size=(2,), stride=(3,)), "expected a view of a storage of 3 elements"),
        (view(size=(2,), stride=(-1,)), "expected a view of a storage of 3 elements"),
        (view(offset=-1), "expected a view of a storage of 3 elements"),
        (view(offset=1), "expected a view of a storage of 3 elements"),
        (view(size=(0,), offset=4), "expected a view of a storage of 3 elements"),
        (view(size=(-1,)), "expected sizes of 0 or more"),
        (view(size=(2**62, 2**62), stride=(0, 0)), "expected fewer elements"),
        (view(size=(2**40, 2**40), stride=(2**40, 0)), "expected fewer elements"),
        (view(size=(2**62 - 1,), stride=(2**62,)), "expected a view of a storage"),
        (view(size=(1,) * 65, stride=(1,) * 65), "expected 0 to 64 dimensions, got 65"),
    ],
)
def test_views_outside_of_their_storage(tensor, text):
    data = build(archive.Parts(b"N.", {}, [tensor], [row()]), [ONES])
    with pytest.raises(FileError, match=text):
        torch.load(io.BytesIO(data))


@pytest.mark.parametrize(
    "rows, text",
    [
        ([row(length=-1)], "storage 0: expected a number of elements, got -1"),
        ([row(length=2**62)], "expected sizes and counts of 0 or more"),
        ([row(start=64)], "storage 0: expected it at byte 0, got 64"),
        ([row(), row(start=0)], "storage 1: expected it at byte 64, got 0"),
        ([row(base=0)], "storage 0: expected a slice of an earlier one, got 0"),
        ([row(), row(base=1)], "expected a slice of an earlier one"),
        ([row(), row(base=0), row(base=1)], "storage 2: expected a slice of an earlier one"),
        ([row(), row(base=0, dtype=torch.int32)], "expected a slice of an earlier one"),
        ([row(), row(base=0, start=1)], "expected a slice of 3 elements, got 3 from element 1"),
        ([row(), row(base=0, start=-1)], "expected a slice of 3 elements"),
        ([row(location="")], "expected a dtype, a location and a name"),
        ([row(location="a\nb")], "expected a dtype, a location and a name"),
        ([row(location="moon")], r"expected the location 'cpu' or 'cuda:N', got 'moon'"),
        ([row(location="cuda:0")], r"x belongs to cuda:0, which this machine does not have; map_"),
    ],
)
def test_wrong_storages(rows, text):
    storages = [torch.ones(20).storage() if r.start else ONES for r in rows]
    data = build(archive.Parts(b"\x80\x02X\x02\0\0\0s0Q.", {}, [], rows), storages)
    with pytest.raises(FileError, match=text):
        torch.load(io.BytesIO(data))


def rewrite(data, old, new):
    """A file with another sys_info, of which the checksum fits."""
    end = archive.HEADING
    head = data[: end - 16]
    assert old in head
    head = head.replace(old, new)[: end - 17].ljust(end - 17) + b"\n"
    return head + b"crc32c %08x\n" % torch._C._crc32c(head) + data[end:]


@pytest.mark.parametrize(
    "old, new, text",
    [
        (b'"version": 1', b'"version": 9', "expected version 1 of the format, got 9; a newer"),
        (b'"long_size": 8', b'"long_size": 4', "expected numbers of 8 bytes"),
        (b'"little"', b'"middle"', "expected numbers of 8 bytes, little or big, got 'middle'"),
        (b'"tensors": 4', b'"tensors": -4', "expected sizes and counts of 0 or more"),
        (b'"tensors": 4', b'"tensors": 2097153', "expected at most 1048576 tensors and storages"),
        (b'"tensors": 4', b'"tensors": 5', "the member tensors ends within tensor 4"),
        (b'"tensors": 4', b'"tensors": 3', "the member tensors is longer than its rows"),
        (b'"storages": 3', b'"storages": 4', "the index ends within storage 3"),
        (b'"storages": 3', b'"storages": 2', "the index is longer than its rows"),
        (b'"version": 1', b'"version":  ', "sys_info cannot be read"),
        (b'"counts"', b'"county"', "sys_info cannot be read"),
        (b'"storages": 192', b'"storages": 99999999999999', "the file ends within the archive"),
        (b'"storages": 192', b'"storages": 191', "expected 192 bytes of data and 3 checksums"),
        (b'"checksums": 16', b'"checksums": 20', "expected 192 bytes of data and 3 checksums"),
    ],
)
def test_wrong_headings(old, new, text):
    data = rewrite(DATA, old, new)
    with pytest.raises(FileError, match=text):
        torch.load(io.BytesIO(data))


def test_wrong_sources():
    class Sources(dict):
        pass

    for value in ([], {"a": 1}, {"a": ["b"]}, {"a": ["b", 1]}, {"a": ["x" * 5_000_000, ""]}):
        with pytest.raises(FileError, match="sources"):
            torch.load(io.BytesIO(build(sources=value)))


def test_bools_are_bools(tmp_path):
    storage = torch.tensor([0, 1, 2], dtype=torch.uint8).storage()
    parts = archive.Parts(
        b"\x80\x02X\x02\0\0\0t0Q.", {}, [view()], [row(dtype=torch.bool, name="mask")]
    )
    data = build(parts, [storage])
    text = r"storage 0 \(of mask\): expected bools to be 0 or 1, got other bytes"
    with pytest.raises(FileError, match=text):
        torch.load(io.BytesIO(data))
    with pytest.raises(FileError, match=text):
        torch.load(io.BytesIO(data), verify=False)
    (tmp_path / "x").write_bytes(data)
    for verify in ("lazy", False):
        mask = torch.load(tmp_path / "x", mmap=True, verify=verify)
        with pytest.raises(FileError, match=text):
            mask.sum()


def test_other_byte_order(tmp_path, monkeypatch):
    for dtype in ("uint8", "bool", "int16", "float16", "float32", "int64", "float64"):
        x = np.arange(1, 7).astype(dtype)
        swapped = torch.from_numpy(x.byteswap())
        f = io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(archive.sys, "byteorder", "big")
            torch.save(swapped, f)
        f.seek(0)
        assert torch.load(f).tolist() == x.tolist()
        (tmp_path / "x").write_bytes(f.getvalue())
        with pytest.raises(FileError, match="a file of byte order big cannot be mapped"):
            torch.load(tmp_path / "x", mmap=True)


def test_what_is_no_file_of_ours(tmp_path):
    for data, text in (
        (b"", "the file is empty"),
        (b"text", "the file is none that torch.save writes: it begins with b'text'"),
        (bytes(5000), "the file is none that torch.save writes"),
        (b"\x80\x02N.", "the file is none that torch.save writes"),
    ):
        with pytest.raises(FileError, match=rf"^load: <BytesIO>: {text}"):
            torch.load(io.BytesIO(data))
        (tmp_path / "x").write_bytes(data)
        for mmap in (False, True):
            with pytest.raises(FileError, match=rf"^load: .*/x: {text}"):
                torch.load(tmp_path / "x", mmap=mmap)


def test_memory_follows_the_file():
    """No size in a file is worth an allocation."""
    head = DATA[: archive.HEADING]
    for size in (2**40, 2**59):
        data = rewrite(DATA, b'"storages": 192', b'"storages": %d' % size)
        with pytest.raises(FileError, match="the file ends within the archive"):
            torch.load(io.BytesIO(data))
    n = 2**40

    class Pipe:  # no seek: the size is not known
        def __init__(self, data):
            self.read = io.BytesIO(data).read

    storage = archive.StorageRow(-1, 0, n, torch.uint8, "cpu", "")
    index = archive._pack_index([storage])
    sizes = {"pickle": 2, "sources": 2, "tensors": 0, "index": len(index)}
    members = {"pickle": b"N.", "sources": b"{}", "tensors": b"", "index": index}
    crcs = {k: torch._C._crc32c(v) for k, v in members.items()}
    sizes |= {"storages": n, "checksums": 8}
    f = io.BytesIO()
    sink = streams.ObjectSink(f)
    sink.write(archive._heading(sizes, crcs, {"tensors": 0, "storages": 1}))
    for name, member in members.items():
        archive._write_member(sink, name, member)
    sink.write(archive.header("storages", n) + bytes(5000))
    sink.flush()
    before = torch.cpu.memory_allocated()
    torch.cpu.reset_max_memory_allocated()
    with pytest.raises(FileError, match="the file ends within storage 0"):
        torch.load(Pipe(f.getvalue()))
    assert torch.cpu.max_memory_allocated() - before < 2**27
    assert len(head) == archive.HEADING


def test_tar_headers_of_large_members():
    import tarfile

    for size in (0, 5, 8**11 - 1, 8**11, 2**40):
        info = tarfile.TarInfo.frombuf(archive.header("storages", size), "utf-8", "strict")
        assert (info.name, info.size, info.mode) == ("storages", size, 0o644)


def test_checksum():
    assert torch._C._crc32c(b"123456789") == 0xE3069283  # RFC 3720's check value
    assert torch._C._crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, appendix B.4
    assert torch._C._crc32c(b"\xff" * 32) == 0x62A8AB43
    data = np.random.default_rng(0).bytes(70_000)
    for n in (0, 1, 7, 8, 9, 4095, 4096, 12287, 12288, 12289, 24580, 70_000):
        for at in (0, 1, 3):
            piece = memoryview(data)[at:n]
            crc = torch._C._crc32c(piece)
            assert crc == torch._C._crc32c(piece, 0, True)
            assert crc == torch._C._crc32c(piece[n // 2 :], torch._C._crc32c(piece[: n // 2]))
