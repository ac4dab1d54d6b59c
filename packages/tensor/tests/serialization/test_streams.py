"""File objects, pipes, devices, mapped files and locations."""

import bz2
import codecs
import gzip
import io
import lzma
import mmap
import os
import socket
import subprocess
import tarfile
import tempfile
import threading
import zipfile

import numpy as np
import pytest
import torch
from harness import mapped_bytes
from torch.serialization import FileError, archive, streams


def graph():
    base = torch.arange(400_000)
    return {"base": base, "view": base[5:9], "text": "x"}


def same_graph(loaded):
    loaded["base"].fill_(3)
    return loaded["view"].tolist() == [3] * 4 and len(loaded["base"]) == 400_000


class Reading:
    """Has `read` and nothing else, and gives little at a time."""

    def __init__(self, data):
        self._file = io.BytesIO(data)

    def read(self, n):
        return self._file.read(min(n, 100_000))


class Text:
    """Gives text."""

    def read(self, n):
        return "text"


class Writing:
    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(bytes(data))


def test_objects_with_few_methods():
    f = Writing()
    torch.save(graph(), f)
    data = b"".join(f.pieces)
    assert same_graph(torch.load(Reading(data)))


def test_files_of_text(tmp_path):
    (tmp_path / "x").write_text("text")
    message = r"expected a file opened in binary mode"
    with open(tmp_path / "x", "r+") as f, codecs.open(tmp_path / "x", "r", "utf-8") as g:
        with pytest.raises(TypeError, match=f"^save: {message}, got TextIOWrapper$"):
            torch.save(1, f)
        for file in (f, g, Text()):
            with pytest.raises(TypeError, match=f"^load: {message}"):
                torch.load(file)
    assert (tmp_path / "x").read_text() == "text"


def test_files_of_the_wrong_direction(tmp_path):
    torch.save(1, tmp_path / "x")
    for buffering in (-1, 0):
        with open(tmp_path / "x", "rb", buffering) as f:
            with pytest.raises(TypeError, match=r"^save: expected a file that can write, got <_io"):
                torch.save(1, f)
        with open(tmp_path / "y", "wb", buffering) as f:
            with pytest.raises(TypeError, match=r"^load: expected a file that can read, got <_io"):
                torch.load(f)
    with pytest.raises(ValueError, match="closed file"):
        torch.load(f)
    with pytest.raises(ValueError, match="closed file"):
        torch.save(1, f)


@pytest.mark.parametrize("module", [gzip, bz2, lzma])
def test_compressed_files(module, tmp_path, monkeypatch):
    with module.open(tmp_path / "x", "wb") as f:
        torch.save(graph(), f)
        torch.save("second", f)
    with module.open(tmp_path / "x") as f:
        seeks = []
        monkeypatch.setattr(type(f), "seek", lambda *args: seeks.append(args))
        assert same_graph(torch.load(f))
        assert torch.load(f) == "second"
    assert not seeks  # it would decompress everything once more


def test_files_in_archives(tmp_path):
    with zipfile.ZipFile(tmp_path / "x", "w") as z, z.open("inside", "w") as f:
        torch.save(graph(), f)
    with zipfile.ZipFile(tmp_path / "x") as z, z.open("inside") as f:
        assert same_graph(torch.load(f))


def test_files_of_the_standard_library(tmp_path):
    for f in (
        tempfile.TemporaryFile(),
        tempfile.NamedTemporaryFile(),
        tempfile.SpooledTemporaryFile(max_size=1000),
        tempfile.SpooledTemporaryFile(),
        mmap.mmap(-1, 4_000_000),
    ):
        with f:
            torch.save(graph(), f)
            f.seek(0)
            assert same_graph(torch.load(f))


class Path:
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path


def test_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in (str(tmp_path / "x"), os.fsencode(tmp_path / "x"), tmp_path / "x", "x", b"x"):
        for wrapped in (path, Path(path) if not isinstance(path, os.PathLike) else path):
            torch.save(1, wrapped)
            assert torch.load(wrapped) == torch.load(wrapped, mmap=True) == 1
    with pytest.raises(TypeError):
        torch.save(1, Path(3))
    with open("x", "r+b") as f, pytest.raises(TypeError, match="expected a path or a file object"):
        torch.save(1, f.fileno())


def test_tensors_that_change_meanwhile():
    """Each byte is one that was there, and the checksums fit."""
    x = torch.zeros(3_000_000)
    stop = []

    def change():
        while not stop:
            x.add_(1)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(10):
            f = io.BytesIO()
            torch.save(x, f)
            f.seek(0)
            assert torch.load(f).size() == x.size()
    finally:
        stop.append(1)
        thread.join()


def test_raw_files(tmp_path):
    with open(tmp_path / "x", "wb", buffering=0) as f:
        torch.save(graph(), f)
    for buffering in (0, -1):
        with open(tmp_path / "x", "rb", buffering=buffering) as f:
            assert same_graph(torch.load(f))


def test_short_writes_of_file_objects():
    class Short(io.RawIOBase):
        def __init__(self):
            self.data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data[:70_000])
            return min(len(data), 70_000)

    f = Short()
    torch.save(graph(), f)
    assert same_graph(torch.load(io.BytesIO(f.data)))


def test_objects_one_after_the_other(tmp_path):
    with open(tmp_path / "x", "wb") as f:
        f.write(b"mine")
        for i in range(3):
            torch.save([i, torch.ones(i)], f)
        f.write(b"end")
    for opened in (open(tmp_path / "x", "rb"), io.BytesIO((tmp_path / "x").read_bytes())):
        with opened as f:
            assert f.read(4) == b"mine"
            for i in range(3):
                number, ones = torch.load(f)
                assert number == i
                assert ones.tolist() == [1] * i
            assert f.read() == b"end"


def test_pipes():
    r, w = os.pipe()

    def write():
        with open(w, "wb") as f:
            torch.save(graph(), f)
            torch.save("second", f)

    thread = threading.Thread(target=write)
    thread.start()
    with open(r, "rb") as f:
        assert same_graph(torch.load(f))
        assert torch.load(f) == "second"
    thread.join()


def test_large_storages_through_a_pipe(monkeypatch):
    monkeypatch.setattr(archive, "GROWTH", 1 << 16)
    x = torch.arange(500_003)
    f = io.BytesIO()
    torch.save(x, f)
    assert torch.load(Reading(f.getvalue())).equal(x)


def test_sockets():
    a, b = socket.socketpair()

    def write():
        with a, a.makefile("wb") as f:
            torch.save(graph(), f)

    thread = threading.Thread(target=write)
    thread.start()
    with b, b.makefile("rb") as f:
        assert same_graph(torch.load(f))
    thread.join()


def test_named_pipes_and_devices(tmp_path):
    torch.save(graph(), "/dev/null")
    assert os.path.exists("/dev/null") and not os.path.isfile("/dev/null")
    os.mkfifo(tmp_path / "fifo")
    thread = threading.Thread(target=torch.save, args=(graph(), tmp_path / "fifo"))
    thread.start()
    assert same_graph(torch.load(tmp_path / "fifo"))
    thread.join()
    assert os.listdir(tmp_path) == ["fifo"]
    with pytest.raises(FileError, match="the file is empty"):
        torch.load("/dev/null")


def test_a_blocking_file_is_expected():
    r, w = os.pipe()
    os.set_blocking(r, False)
    with open(w, "wb"), open(r, "rb", buffering=0) as f:
        with pytest.raises(FileError, match="expected a blocking file"):
            torch.load(f)

    class Full(io.RawIOBase):
        def write(self, data):
            return None

    with pytest.raises(BlockingIOError, match="^save: expected a blocking file$"):
        torch.save(1, Full())


def test_a_sink_says_where_its_bytes_go():
    with pytest.raises(NotImplementedError, match="^Sink: _put is not defined$"):
        streams.Sink().write(bytes(streams.PIECE))


def test_errors_of_file_objects_are_theirs():
    class Broken:
        def write(self, data):
            raise OSError("broken pipe")

        def read(self, n):
            raise OSError("broken pipe")

    with pytest.raises(OSError, match="broken pipe"):
        torch.save(1, Broken())
    with pytest.raises(OSError, match="broken pipe"):
        torch.load(Broken())


def test_no_copy_of_the_data(tmp_path):
    """Saving and loading take the memory of the tensors and little more."""
    import resource

    x = torch.ones(20_000_000)
    torch.save(x, tmp_path / "x", fsync=False)
    before = torch.cpu.memory_allocated()
    torch.cpu.reset_max_memory_allocated()
    y = torch.load(tmp_path / "x")
    assert torch.cpu.max_memory_allocated() - before < x.numel() * 4 * 1.1
    del y
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    torch.save(x, tmp_path / "x", fsync=False)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 20_000


def test_tar_lists_and_extracts(tmp_path):
    torch.save(graph(), tmp_path / "x")
    members = ["sys_info", "pickle", "sources", "tensors", "index", "storages", "checksums"]
    with tarfile.open(tmp_path / "x", "r:") as tar:
        assert tar.getnames() == members
        storages = tar.getmember("storages")
        assert storages.offset_data % 64 == 0
        data = np.frombuffer(tar.extractfile("storages").read()[: 400_000 * 8], "int64")
        assert data.tolist() == list(range(400_000))
        assert b'"byte_order": "little"' in tar.extractfile("sys_info").read()
    out = subprocess.run(["tar", "tf", tmp_path / "x"], capture_output=True, text=True)
    assert out.stdout.split() == members
    assert not out.stderr


@pytest.mark.parametrize("kind", [io.BytesIO, Reading, "path", "mapped"])
def test_formats_can_be_added(kind, monkeypatch, tmp_path):
    """Another format sees the first bytes, then reads on, or seeks."""
    registry = torch.serialization.registry
    monkeypatch.setattr(registry, "formats", [])

    def load(source, options):
        assert options.map_location == "cpu"
        file, start = source.seekable()
        file.seek(start)
        return file.read()

    data = b"OTHER" + bytes(3_000_000) + b"end"
    (tmp_path / "x").write_bytes(data)
    f = tmp_path / "x" if isinstance(kind, str) else kind(data)
    torch.serialization.register_format("other", lambda head: head.startswith(b"OTHER"), load)
    assert torch.load(f, "cpu", mmap=kind == "mapped") == data
    torch.serialization.register_format("other", lambda head: head.startswith(b"HERE"), load)
    f = io.BytesIO(b"beforeHERE")
    f.seek(6)
    assert torch.load(f, "cpu") == b"HERE"


# mapped files


def test_mapped_files(tmp_path):
    path = tmp_path / "x"
    torch.save({**graph(), "bools": torch.ones(5) > 0, "empty": torch.ones(0)}, path)
    data = path.read_bytes()
    loaded = torch.load(path, mmap=True)
    assert loaded["base"].data_ptr() % 64 == 0
    assert loaded["base"][399_999] == 399_999
    assert same_graph(loaded)
    assert loaded["bools"].tolist() == [True] * 5
    assert loaded["empty"].tolist() == []
    assert path.read_bytes() == data  # changes stay in memory
    os.unlink(path)
    assert loaded["base"].sum() == 1_200_000
    view = loaded["view"]
    del loaded
    assert view.tolist() == [3] * 4
    with pytest.raises(RuntimeError, match="cannot resize"):
        view.resize_(1_000_000)


def test_saving_over_a_mapped_file(tmp_path):
    path = tmp_path / "x"
    torch.save(torch.arange(1000), path)
    x = torch.load(path, mmap=True)
    torch.save(x + 1, path)
    assert x[10] == 10
    assert torch.load(path, mmap=True)[10] == 11
    torch.save(torch.load(path, mmap=True), path)
    assert torch.load(path)[10] == 11


def test_opening_a_mapped_file_reads_little(tmp_path):
    path = tmp_path / "x"
    torch.save([torch.ones(1_000_000) for _ in range(5)], path, fsync=False)
    loaded = torch.load(path, mmap=True)
    assert 0 < mapped_bytes(path) < 1_000_000
    assert loaded[3].sum() == 1_000_000
    assert 4_000_000 <= mapped_bytes(path) < 8_000_000


# locations


def test_map_location():
    f = io.BytesIO()
    torch.save(graph(), f)
    seen = []

    def note(storage, location):
        seen.append(location)
        return storage

    def elsewhere(storage, location):
        return storage.clone()

    for where in (
        None,
        "cpu",
        {"cpu": "cpu"},
        {"cuda:0": "cpu"},
        {},
        note,
        elsewhere,
        lambda s, w: None,
    ):
        f.seek(0)
        assert same_graph(torch.load(f, where)), where
    assert seen == ["cpu"]
    for where, error, text in (
        (lambda s, w: 3, TypeError, "map_location: expected a storage or None, got int"),
        (lambda s, w: torch.LongStorage(2), ValueError, "expected a storage of 400000 elements of"),
        (lambda s, w: torch.FloatStorage(400_000), ValueError, "expected a storage of 400000"),
        ("moon", FileError, "expected the location 'cpu' or 'cuda:N', got 'moon'"),
        ({"cpu": "moon"}, FileError, "expected the location 'cpu' or 'cuda:N', got 'moon'"),
    ):
        f.seek(0)
        with pytest.raises(error, match=text):
            torch.load(f, map_location=where)


def test_locations_of_other_devices(monkeypatch):
    from torch.serialization import graph as graphs

    f = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(graphs, "_location", lambda storage: "cuda:3")
        torch.save(graph(), f)
    if not torch.cuda.is_available():
        f.seek(0)
        with pytest.raises(
            FileError,
            match=r"\['base'\] belongs to cuda:3, which this machine does not have; "
            r"map_location='cpu' loads it to host memory$",
        ):
            torch.load(f)
    for where in ("cpu", {"cuda:3": "cpu"}, lambda storage, location: storage):
        f.seek(0)
        assert same_graph(torch.load(f, where))
