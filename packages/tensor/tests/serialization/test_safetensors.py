"""The safetensors format, against the package of that name."""

import io
import json
import os
import struct
import sys

import numpy as np
import pytest
import safetensors
import safetensors.numpy
import torch
from harness import DTYPES, array, drawer, layouts, same
from torch.serialization import FileError, save_safetensors

STORED = [*DTYPES, "float16", "bfloat16"]


def saved(tensors, metadata=None):
    f = io.BytesIO()
    save_safetensors(tensors, f, metadata)
    return f.getvalue()


def load(data, **kwargs):
    return torch.load(io.BytesIO(data), **kwargs)


@pytest.mark.parametrize("dtype", STORED)
def test_written_files(dtype, rng, tmp_path):
    for layout, x in layouts(drawer(rng, dtype, -100, 100)):
        before = array(x).copy()
        save_safetensors({"a": x, "b/ä": torch.ones(2)}, tmp_path / "x")
        (row,) = [row for name, row in safetensors.deserialize((tmp_path / "x").read_bytes())
                  if name == "a"]  # fmt: skip
        assert row["shape"] == list(x.shape), layout
        expected = x.clone().storage()._bytes() if x.numel() else b""
        assert bytes(row["data"]) == expected, layout
        for mmap in (False, True):
            loaded = torch.load(tmp_path / "x", mmap=mmap)
            assert sorted(loaded) == ["a", "b/ä"]
            assert same(loaded["a"], x), layout
            assert loaded["a"].is_contiguous()
        np.testing.assert_array_equal(array(x), before)


@pytest.mark.parametrize("dtype", [*DTYPES, "float16"])
def test_read_files(dtype, tmp_path):
    values = np.arange(24).astype(dtype)
    tensors = {
        "a": values,
        "b": values.reshape(2, 3, 4),
        "empty": values[:0].reshape(0, 3),
        "scalar": np.array(values[3]),
        "byte": np.arange(3, dtype=np.uint8),
    }
    safetensors.numpy.save_file(tensors, tmp_path / "x", {"format": "np"})
    for source in (tmp_path / "x", str(tmp_path / "x"), open(tmp_path / "x", "rb")):
        loaded = torch.load(source)
        assert loaded.keys() == tensors.keys()
        for name, x in tensors.items():
            assert loaded[name].shape == x.shape
            assert str(loaded[name].dtype) == f"torch.{dtype}" or name == "byte"
            np.testing.assert_array_equal(loaded[name].numpy(), x)
    mapped = torch.load(tmp_path / "x", mmap=True)
    np.testing.assert_array_equal(mapped["b"].numpy(), tensors["b"])
    source.close()

    class Pipe:
        read = io.BytesIO((tmp_path / "x").read_bytes()).read

    np.testing.assert_array_equal(torch.load(Pipe())["b"].numpy(), tensors["b"])


def test_metadata(tmp_path):
    save_safetensors({"a": torch.ones(1)}, tmp_path / "x", {"step": "5"})
    with safetensors.safe_open(tmp_path / "x", "numpy") as f:
        assert f.metadata() == {"step": "5"}
    assert list(torch.load(tmp_path / "x")) == ["a"]
    assert load(saved({})) == {}


def test_what_shares_memory():
    x = torch.arange(12).view(3, 4)
    parts = {"low": x[:1], "high": x[1:], "empty": x[:, :0]}
    assert load(saved(parts))["high"].tolist() == x[1:].tolist()
    text = "'a' and 'b' share memory, which the format does not keep; save one of them, or a clone"
    for other in (x, x.t(), x[2], x[:2], x.view(-1)[5:6]):
        with pytest.raises(ValueError, match=text):
            saved({"a": x, "b": other} if other.data_ptr() >= x.data_ptr() else {})
    assert load(saved({"a": x, "b": x.clone()}))["b"].equal(x)
    columns = load(saved({"a": x[:, 1:2].expand(3, 5)}))["a"]
    assert columns.tolist() == [[1] * 5, [5] * 5, [9] * 5]


def test_replaced_whole(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(0o440)
    save_safetensors({"a": torch.ones(3)}, path)
    assert path.stat().st_mode & 0o777 == 0o440
    good = path.read_bytes()

    def fail(*args):
        raise OSError("no")

    for name in ("write", "fsync", "rename"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fail)
            with pytest.raises(OSError, match="no"):
                save_safetensors({"a": torch.zeros(3)}, path)
        assert path.read_bytes() == good
        assert os.listdir(tmp_path) == ["x"]


def test_what_is_not_saved(tmp_path):
    x = torch.ones(2)
    path = tmp_path / "x"
    for error, text, call in (
        (TypeError, "^save_safetensors: expected a dict", lambda: save_safetensors(x, path)),
        (TypeError, "expected names to be str, got 1", lambda: save_safetensors({1: x}, path)),
        (TypeError, "'a': expected a tensor, got int", lambda: save_safetensors({"a": 1}, path)),
        (
            TypeError,
            "metadata: expected a dict of str",
            lambda: save_safetensors({}, path, {"a": 1}),
        ),
        (
            ValueError,
            "'__metadata__' is the fo",
            lambda: save_safetensors({"__metadata__": x}, path),
        ),
        (TypeError, "expected a path or a file object, got int", lambda: save_safetensors({}, 3)),
    ):
        with pytest.raises(error, match=text):
            call()
    assert os.listdir(tmp_path) == []


def test_without_the_package(monkeypatch, tmp_path):
    data = saved({"a": torch.ones(2)})
    monkeypatch.setitem(sys.modules, "safetensors", None)
    text = r"safetensors .*is not installed: pip install 'alphatorch-tensor\[safetensors\]'"
    with pytest.raises(ModuleNotFoundError, match=text):
        save_safetensors({}, tmp_path / "x")
    assert load(data)["a"].tolist() == [1, 1]  # reading needs nothing


# Files of our own making.


def file(header, data=b"", size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


def row(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


EIGHT = struct.pack("<2f", 1, 2)


def test_our_files(tmp_path):
    for pad in range(8):  # wherever the data begins
        data = file(json.dumps({"a": row()}).encode() + b" " * pad, EIGHT)
        (tmp_path / "x").write_bytes(data)
        assert torch.load(tmp_path / "x", mmap=True)["a"].tolist() == [1, 2]
        assert load(data)["a"].tolist() == [1, 2]
    rows = {"b": row(shape=[1], offsets=(4, 8)), "a": row(shape=[1], offsets=(0, 4))}
    loaded = load(file(rows, EIGHT))
    assert (list(loaded), loaded["b"].tolist()) == (["b", "a"], [2])


@pytest.mark.parametrize(
    "data, error",
    [
        (file(b"{", size=2**40), "the file is none|a header of at most"),
        (file(b"{", size=99_999_999), "the file ends within the header"),
        (file(b"{}"[:1]), "the header cannot be read"),
        (file(b"{\xff}"), "the header cannot be read"),
        (file(b'{"a":' + b"[" * 5000), "the header cannot be read"),
        (file(b'{"a": %s}' % (b"9" * 5000)), "the header cannot be read"),
        (file(b'{"a": {}, "a": {}}'), "the header cannot be read: a name stands in it twice"),
        (file({"__metadata__": []}), "expected the metadata to be texts by name"),
        (file({"__metadata__": {"a": 1}}), "expected the metadata to be texts by name"),
        (file({"a": 5}), "'a': expected dtype, shape and data_offsets, got 5"),
        (file({"a": {}}), "'a': expected dtype, shape and data_offsets"),
        (file({"a": row(more=1)}, EIGHT), "'a': expected dtype, shape and data_offsets"),
        (file({"a": row(dtype=1)}, EIGHT), "'a': expected dtype, shape and data_offsets"),
        (file({"a": row(shape=[-2])}, EIGHT), "'a': expected dtype, shape and data_offsets"),
        (file({"a": row(shape=[True, 2])}, EIGHT), "'a': expected dtype, shape and data_offsets"),
        (file({"a": row(shape=[2.0])}, EIGHT), "'a': expected dtype, shape and data_offsets"),
        (file({"a": row(shape=[2**70])}, EIGHT), "'a': expected dtype, shape and data_offsets"),
        (file({"a": row(offsets=[0, 8, 8])}, EIGHT), "'a': expected dtype, shape and data_off"),
        (file({"a": row(dtype="F8_E4M3")}, EIGHT), "'a': the dtype F8_E4M3 has no tensor type"),
        (file({"a": row(dtype="U16")}, EIGHT), "'a': the dtype U16 has no tensor type"),
        (file({"a": row(shape=[1] * 65)}, EIGHT), "at most 64 dimensions, got 65"),
        (file({"a": row(shape=[3])}, EIGHT), r"expected 12 bytes for size \(3,\), got 8"),
        (file({"a": row(shape=[2**59] * 9)}, EIGHT), "'a': expected .* bytes for size"),
        (file({"a": row(offsets=[8, 0])}, EIGHT), "expected 8 bytes for size"),
        (file({"a": row(offsets=[8, 16])}, EIGHT), "'a': expected it at byte 0 of the data, got 8"),
        (file({"a": row(), "b": row()}, EIGHT), "'b': expected it at byte 8 of the data, got 0"),
        (file({"a": row()}, EIGHT[:7]), "expected 8 bytes of data, got 7"),
        (file({"a": row()}, EIGHT + b"x"), "expected 8 bytes of data, got 9"),
        (file({}, b"x"), "expected 0 bytes of data, got 1"),
        (file({"a": row(shape=[2**38], offsets=[0, 2**40])}), "bytes of data, got 0"),
        (file({"a": row("BOOL", [1], [0, 1])}, b"\2"), "'a': expected bools to be 0 or 1"),
    ],
)
def test_wrong_files(data, error, tmp_path):
    with pytest.raises(FileError, match=error):
        load(data)
    (tmp_path / "x").write_bytes(data)
    if b"BOOL" not in data:
        with pytest.raises(FileError, match=error):
            torch.load(tmp_path / "x", mmap=True)

    class Pipe:
        read = io.BytesIO(data).read

    with pytest.raises(FileError):
        torch.load(Pipe())


def test_memory_of_headers():
    data = file(b"{" + b",".join(b'"%d":[]' % i for i in range(50_000)) + b"}")
    with pytest.raises(FileError, match="the header describes objects of more than 1 MiB; load"):
        load(data, limit=1 << 20)
