""".npy and .npz: what NumPy writes is read, and NumPy reads what is written."""

import io
import os
import struct
import warnings
import zipfile

import numpy as np
import pytest
import torch
from harness import DTYPES, array, drawer, layouts, same
from torch.serialization import FileError, save_npy, save_npz

STORED = [*DTYPES, "float16"]


def through(save, load, value, **kwargs):
    f = io.BytesIO()
    save(value, f, **kwargs)
    f.seek(0)
    return load(f)


def npy(x, **kwargs):
    f = io.BytesIO()
    np.lib.format.write_array(f, x, **kwargs)
    return f.getvalue()


def equal(x, tensor):
    a = tensor.numpy()
    assert (a.dtype, a.shape) == (x.dtype.newbyteorder("="), x.shape)
    np.testing.assert_array_equal(a, x)


@pytest.mark.parametrize("dtype", STORED)
def test_written_arrays(dtype, rng, tmp_path):
    for layout, x in layouts(drawer(rng, dtype, -100, 100)):
        before = array(x).copy()
        equal(through(save_npy, np.load, x), x)
        save_npy(x, tmp_path / "x.npy")
        for mmap in (False, True):
            assert same(torch.load(tmp_path / "x.npy", mmap=mmap), x), layout
        for compressed in (False, True):
            loaded = through(save_npz, np.load, {"a": x, "b c/d": x}, compressed=compressed)
            assert sorted(loaded) == ["a", "b c/d"]
            equal(loaded["b c/d"], x)
        np.testing.assert_array_equal(array(x), before)


@pytest.mark.parametrize("dtype", STORED)
def test_read_arrays(dtype, tmp_path):
    values = np.arange(24).astype(dtype)
    for x in (
        values,
        values.reshape(2, 3, 4),
        values.reshape(2, 3, 4).T,
        np.asfortranarray(values.reshape(4, 6)),
        values.reshape(4, 6)[::2, ::-3],
        values[3].reshape(()),
        values[:0],
        values[:0].reshape(2, 0, 3),
        np.broadcast_to(values, (2, 24)),
        values.astype(np.dtype(dtype).newbyteorder(">")),
        values.astype(np.dtype(dtype).newbyteorder(">")).reshape(4, 6).T,
    ):
        equal(x, through(lambda x, f: np.save(f, x), torch.load, x))
        np.save(tmp_path / "x.npy", x)
        equal(x, torch.load(tmp_path / "x.npy"))
        equal(x, torch.load(tmp_path / "x.npy", mmap=True))
        for save in (np.savez, np.savez_compressed):
            save(tmp_path / "x.npz", x, named=x)
            for mmap in (False, True):
                loaded = torch.load(tmp_path / "x.npz", mmap=mmap)
                assert list(loaded) == ["named", "arr_0"]
                equal(x, loaded["arr_0"])


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_versions(version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = npy(np.arange(3.0), version=version)
    assert torch.load(io.BytesIO(data)).tolist() == [0, 1, 2]


def test_fortran_order_is_kept():
    x = torch.arange(6).view(2, 3).t()
    loaded = through(save_npy, torch.load, x)
    assert (loaded.shape, loaded.stride()) == ((3, 2), (1, 3))
    assert through(save_npy, np.load, x).flags.f_contiguous
    assert through(save_npy, torch.load, x[::2]).is_contiguous()


def header(text, version=b"\x01\x00", data=b""):
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    return io.BytesIO(b"\x93NUMPY" + version + size + text + data)


HEADERS = [
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n",
    b'{"shape": (2L,), "descr": "<f4",\n "fortran_order": False}   \n',
    b" { 'shape':(2,1 , ),'fortran_order':True,'descr':'<f4' } ",
]


@pytest.mark.parametrize("text", HEADERS)
def test_headers(text):
    data = struct.pack("<2f", 1, 2)
    assert torch.load(header(text, data=data)).sum() == 3


WRONG = [
    (b"", "the header cannot be read"),
    (b"{}", "the header cannot be read: expected"),
    (HEADERS[0] + b"}", "the header cannot be read: expected"),
    (HEADERS[0][:-1], "the header cannot be read: expected"),
    (HEADERS[0].replace(b"'shape'", b"'shapes'"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"'shape'", b"'descr'"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"False", b"0"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"False", b"None"), "the header cannot be read: .* None"),
    (HEADERS[0].replace(b"(2,)", b"2"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"(2,)", b"(2 3)"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"(2,)", b"(,)"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"(2,)", b"(True,)"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"(2,)", b"(-2,)"), "the header cannot be read: '-2"),
    (HEADERS[0].replace(b"(2,)", b"(2.0,)"), r"the header cannot be read: '\.0"),
    (HEADERS[0].replace(b"(2,)", b"((2,),)"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"(2,)", b"(" + b"9" * 30 + b",)"), "the header cannot be read: expected"),
    (HEADERS[0].replace(b"(2,)", b"(" + b"9" * 19 + b",)"), "expected fewer elements, got size"),
    (HEADERS[0].replace(b"2,", b"4000000000, 4000000000"), "expected fewer elements, got size"),
    (HEADERS[0].replace(b"2,", b"4000000000, 4000000000, 0"), "expected fewer elements"),
    (HEADERS[0].replace(b"2,", b"1," * 65), "expected at most 64 dimensions, got 65"),
    (HEADERS[0].replace(b"2,", b"99999999,"), "the file ends within the array"),
    (HEADERS[0].replace(b"'<f4'", b"[('a', '<f4')]"), "structured arrays have no tensor type"),
    (HEADERS[0].replace(b"<f4", b"|O"), "arrays of Python objects are not loaded"),
    (HEADERS[0].replace(b"<f4", b"<u2"), "the array's dtype '<u2' has no tensor type"),
    (HEADERS[0].replace(b"<f4", b"<c8"), "the array's dtype '<c8' has no tensor type"),
    (HEADERS[0].replace(b"<f4", b"<U3"), "the array's dtype '<U3' has no tensor type"),
    (HEADERS[0].replace(b"<f4", b"|V2"), r"the array's dtype '\|V2' has no tensor type"),
    (HEADERS[0].replace(b"<f4", b"<M8[ns]"), r"the array's dtype '<M8\[ns\]' has no tensor type"),
    (HEADERS[0].replace(b"<f4", b"|f4"), r"the array's dtype '\|f4' has no tensor type"),
    (HEADERS[0].replace(b"<f4", b""), "the array's dtype '' has no tensor type"),
    (b"{" * 5000, "the header cannot be read: expected"),
    (b"(" * 5000, "the header cannot be read: expected"),
    (b"{'descr': " + b"(" * 5000, "the header cannot be read: expected"),
    (b"-" * 5000, "the header cannot be read: '-"),
    (b" " * 10_001, "expected a header of at most 10000 bytes, got 10001"),
    (b"\xff\xff", "the header cannot be read"),
]


@pytest.mark.parametrize("text, error", WRONG)
def test_wrong_headers(text, error):
    with pytest.raises(FileError, match=error):
        torch.load(header(text, data=bytes(8)))


def test_wrong_versions():
    for version in (b"\x00\x00", b"\x04\x00", b"\x01\x01"):
        with pytest.raises(FileError, match="expected an array of version 1.0, 2.0 or 3.0"):
            torch.load(header(HEADERS[0], version, bytes(8)))
    with pytest.raises(FileError, match="the header is not UTF-8"):
        torch.load(header(b"\xff\xff", b"\x03\x00"))


def test_bools_are_bools(tmp_path):
    good = HEADERS[0].replace(b"<f4", b"|b1")
    f = header(good.ljust(118), data=bytes([1, 2]))
    with pytest.raises(FileError, match="expected bools to be 0 or 1, got other bytes"):
        torch.load(f)
    (tmp_path / "x").write_bytes(f.getvalue())
    mask = torch.load(tmp_path / "x", mmap=True)
    with pytest.raises(FileError, match="expected bools to be 0 or 1, got other bytes"):
        mask.sum()


def test_objects_of_numpy_are_refused():
    for x in (np.array([{}, 1], dtype=object), np.zeros(2, dtype=[("a", "f4")]), np.array("x")):
        with pytest.raises(FileError, match="not loaded|structured|has no tensor type"):
            torch.load(io.BytesIO(npy(x)), trust=True)


def test_one_after_the_other():
    f = io.BytesIO()
    for n in range(3):
        np.save(f, np.arange(n))
    f.seek(0)
    for n in range(3):
        assert torch.load(f).tolist() == list(range(n))

    class Pipe:
        read = io.BytesIO(npy(np.arange(100_000))).read

    assert torch.load(Pipe()).sum() == 4999950000


def test_mapped_arrays(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(100_000))
    x = torch.load(tmp_path / "x.npy", mmap=True)
    x.fill_(1)  # in memory alone
    assert torch.load(tmp_path / "x.npy", mmap=True).sum() == 4999950000


def test_map_location(tmp_path):
    data = npy(np.arange(3))
    assert torch.load(io.BytesIO(data), map_location="cpu").tolist() == [0, 1, 2]
    seen = []
    torch.load(
        io.BytesIO(data), map_location=lambda s, location: seen.append((s.tolist(), location))
    )
    assert seen == [([0, 1, 2], "cpu")]
    with pytest.raises(FileError, match="the array belongs to cuda:63"):
        torch.load(io.BytesIO(data), map_location="cuda:63")


def test_archives(tmp_path):
    assert torch.load(io.BytesIO(through(save_npz, io.BytesIO.getvalue, {}))) == {}
    np.savez(tmp_path / "x.npz")
    assert torch.load(tmp_path / "x.npz") == {}
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w") as z:
        z.writestr("a.npy", npy(np.arange(2)) + b"more")
    with pytest.raises(FileError, match=r"a\.npy: expected the end, got 4 bytes more"):
        torch.load(io.BytesIO(f.getvalue()))
    with zipfile.ZipFile(f, "w") as z:
        z.writestr("a.txt", b"")
    with pytest.raises(FileError, match=r"the zip archive holds neither arrays .*\['a.txt'\]"):
        torch.load(io.BytesIO(f.getvalue()))


def test_paths_are_replaced_whole(tmp_path):
    path = tmp_path / "x"
    for save, value in ((save_npy, torch.ones(3)), (save_npz, {"a": torch.ones(3)})):
        for fsync in (True, False):
            path.write_bytes(b"old")
            path.chmod(0o640)
            save(value, path, fsync=fsync)
            assert path.stat().st_mode & 0o777 == 0o640
            assert os.listdir(tmp_path) == ["x"]
            assert np.load(path) is not None


class Fault(Exception):
    pass


@pytest.mark.parametrize("save", [save_npy, save_npz])
def test_faults_leave_the_old_file(save, tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def fail(*args):
        raise Fault

    for name in ("write", "fsync", "rename"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fail)
            with pytest.raises(Fault):
                save(torch.ones(3) if save is save_npy else {"a": torch.ones(3)}, path)
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["x"]


def test_what_is_not_saved(tmp_path):
    x = torch.ones(2)

    class Variable:
        data = x

    path = tmp_path / "x"
    for error, text, call in (
        (TypeError, "^save_npy: expected a tensor, got list$", lambda: save_npy([1], path)),
        (
            TypeError,
            "^save_npy: .* got Variable; pass its .data",
            lambda: save_npy(Variable(), path),
        ),
        (TypeError, "^save_npy: NumPy has no bfloat16; ", lambda: save_npy(x.bfloat16(), path)),
        (TypeError, "^save_npz: expected a dict of tensors, got list", lambda: save_npz([x], path)),
        (TypeError, "^save_npz: expected names to be str, got 1", lambda: save_npz({1: x}, path)),
        (TypeError, "^save_npz: 'a': expected a tensor, got int", lambda: save_npz({"a": 1}, path)),
        (TypeError, "^save_npz: 'a': NumPy has no bf", lambda: save_npz({"a": x.bfloat16()}, path)),
        (TypeError, "^save_npy: expected a path or a file object, got int", lambda: save_npy(x, 3)),
        (TypeError, "^save_npz: .* in binary mode", lambda: save_npz({}, io.StringIO())),
        (FileNotFoundError, "no such", lambda: save_npy(x, tmp_path / "no such" / "x")),
    ):
        with pytest.raises(error, match=text):
            call()
    assert os.listdir(tmp_path) == []
