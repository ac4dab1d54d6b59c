"""Damaged files of the other formats: FileError or an object, never anything else."""

import io
import os
import zipfile

import numpy as np
import pytest
import torch
from foreign_files import checkpoint, named, stream, tar, tensor, text
from torch.serialization import FileError, save_safetensors

MUTATIONS = int(os.environ.get("TORCH_TEST_MUTATIONS", "3000")) // 5


def numpy_file(save, *args, **kwargs):
    f = io.BytesIO()
    save(f, *args, **kwargs)
    return f.getvalue()


def safetensors_file():
    f = io.BytesIO()
    tensors = {"a": torch.arange(3), "b": torch.tensor([True, False]), "c": torch.ones(2, 2)}
    save_safetensors(tensors, f, {"key": "value"})
    return f.getvalue()


ARRAYS = {"a": np.arange(6.0).reshape(2, 3).T, "b": np.array([True, False])}
STATE = b"}(" + text("a") + tensor() + text("b") + tensor((2,), (1,), 1) + b"u"
OLD = b"}" + text("a") + tensor(storage=named(more=b"N")) + b"s"
FILES = {
    "npy": numpy_file(np.save, ARRAYS["a"]),
    "npz": numpy_file(np.savez, **ARRAYS),
    "compressed npz": numpy_file(np.savez_compressed, **ARRAYS),
    "safetensors": safetensors_file(),
    "zip": checkpoint(STATE, byteorder="little").getvalue(),
    "deflated zip": checkpoint(STATE, method=zipfile.ZIP_DEFLATED).getvalue(),
    "stream": stream(OLD).getvalue(),
    "tar": tar().getvalue(),
}
CHECKED = [name for name in FILES if "zip" in name or "npz" in name]


def flat(obj):
    """An object as something to compare."""
    if isinstance(obj, dict):
        return {k: flat(v) for k, v in obj.items()}
    if isinstance(obj, list):
        return [flat(v) for v in obj]
    return (obj.tolist(), obj.dtype) if hasattr(obj, "tolist") else obj


def load(data):
    """FileError, or what is loaded, in no more memory than the file gives reason for."""
    before = torch.cpu.memory_allocated()
    torch.cpu.reset_max_memory_allocated()
    try:
        return torch.load(io.BytesIO(data))
    except FileError as error:
        return error
    finally:
        assert torch.cpu.max_memory_allocated() - before < 100_000


@pytest.mark.parametrize("name", FILES)
def test_every_length(name):
    data = FILES[name]
    step = 7 if name == "tar" else 1
    good = flat(load(data))
    end = data.rstrip(b"\0") if name == "tar" else data  # zeros at the end of a tape
    for n in range(0, len(end), step):
        assert isinstance(load(data[:n]), FileError), n
    assert not isinstance(good, FileError)


@pytest.mark.parametrize("name", FILES)
def test_every_bit(name):
    """Where there are checksums, a flipped bit is noticed or changes nothing."""
    data = FILES[name]
    good = flat(load(data))
    noticed = 0
    for at in range(len(data)):
        if name == "tar" and not any(data[at : at + 8]) and at % 16:
            continue  # most of it is zeros
        for bit in range(8) if name != "tar" else [at % 8]:
            damaged = bytearray(data)
            damaged[at] ^= 1 << bit
            loaded = load(bytes(damaged))
            if isinstance(loaded, FileError):
                noticed += 1
            elif name in CHECKED:
                assert flat(loaded) == good, (at, bit)
    assert noticed > len(data) // 20


@pytest.mark.parametrize("name", FILES)
def test_random_changes(name, rng, tmp_path):
    whole = FILES[name]
    for number in range(MUTATIONS):
        data = bytearray(whole)
        kind = rng.integers(5)
        a, b = sorted(rng.integers(0, len(data), 2))
        if kind == 0:
            for at in rng.integers(0, len(data), rng.integers(1, 10)):
                data[at] = rng.integers(256)
        elif kind == 1:
            del data[a : min(b, a + 600)]
        elif kind == 2:
            data[a:a] = rng.bytes(rng.integers(1, 600))
        elif kind == 3:
            data[a : a + 64] = data[b : b + 64]
        else:
            data[a : a + 4] = rng.choice([b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f"])
        load(bytes(data))
        if number % 10 == 0:
            (tmp_path / "x").write_bytes(data)
            try:
                loaded = torch.load(tmp_path / "x", mmap=True)
                flat(loaded)
            except FileError:
                pass


DOUBLING = b")q\0" + b"0h\0h\0\x86q\0" * 60  # t = (t, t): 2**60 tuples to print


@pytest.mark.parametrize(
    "make",
    [
        lambda p: checkpoint(p + b"Q"),
        lambda p: stream(p + b"Q"),
        lambda p: stream(named(more=p)),
        lambda p: tar(b"\x80\x02" + p + b"Q."),
        lambda p: tar(info=b"\x80\x02" + p + b"."),
        lambda p: tar(storages=b"\x80\x02" + p + b"."),
        lambda p: tar(tensors=b"\x80\x02K\1.\x80\x02" + p + b"."),
        lambda p: checkpoint(tensor().replace(b"J\0\0\0\0", p, 1)),
        lambda p: checkpoint(tensor().replace(b"(J\2\0\0\0", b"(" + p, 1)),
        lambda p: checkpoint(tensor()[:-4] + b"\x89}}U\1a" + p + b"stR"),
        lambda p: checkpoint(named(kind=b"FloatStorage").replace(text("cpu"), p)),
    ],
)
def test_messages_end(make):
    for value in (DOUBLING, b"\x8b\0\x10\0\0" + b"\x01" * 4096):
        with pytest.raises(FileError) as caught:
            torch.load(make(value))
        assert len(str(caught.value)) < 1000


def test_messages_of_our_format_end():
    from torch.serialization import archive, streams

    f = io.BytesIO()
    parts = archive.Parts(b"\x80\x02" + DOUBLING + b"Q.", {}, [], [])
    archive.write(streams.ObjectSink(f), parts, [])
    f.seek(0)
    with pytest.raises(FileError, match="which the file does not hold"):
        torch.load(f)
