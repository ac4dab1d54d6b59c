"""Files of PyTorch 0.1 to 1.5: the stream, and the alpha's tar archive."""

import importlib.util
import io
import pickle
import struct
import sys
import tarfile
import warnings

import pytest
import torch
from foreign_files import (
    FLOATS,
    STORAGES,
    metadata,
    named,
    number,
    numbers,
    pickled_row,
    stream,
    tar,
    tensor,
    text,
)
from torch.serialization import FileError, SourceChangeWarning

OLD = named(more=b"N")
ROWS = [[0, 1, 2], [3, 4, 5]]


def old(size=(2, 3), stride=(3, 1), offset=0, storage=OLD):
    return tensor(size, stride, offset, storage)


def view(key="1", start=2, n=3):
    return b"(" + text(key) + number(start) + number(n) + b"t"


def test_streams():
    assert torch.load(stream(old())).tolist() == ROWS
    assert torch.load(stream(tensor())).tolist() == ROWS  # names of five parts
    part = named(more=view())
    a, b, c = torch.load(stream(b"](" + old() + part + old((2,), (1,), 1, part) + b"e"))
    assert b.tolist() == [2, 3, 4]
    assert c.tolist() == [3, 4]
    a.fill_(1)
    assert b.tolist() == [1, 1, 1]
    assert c.tolist() == [1, 1]
    v1 = (
        b"ctorch._utils\n_rebuild_tensor\n(" + OLD + number(0) + numbers([6]) + numbers([1]) + b"tR"
    )
    assert torch.load(stream(v1)).tolist() == list(range(6))
    old_python = OLD.replace(text("storage"), b"U\x07storage").replace(text("cpu"), b"U\x03cpu")
    assert torch.load(stream(old(storage=old_python))).tolist() == ROWS


def test_large_pickles():
    """Longer than what is looked at at a time; with names and texts at every place."""
    for n in (60_000, 65_530, 200_000):
        items = [
            b"X" + struct.pack("<I", n) + b"x" * n,
            b"ctorch\nfloat32\n" * 9_000,
            b"N" * 70_000,
        ]
        obj = torch.load(stream(b"](" + b"".join(items) + b"e", {}))
        assert (len(obj), obj[0], obj[1]) == (79_001, "x" * n, torch.float32)


def test_protocols():
    for protocol in (2, 3, 4, 5):
        f = io.BytesIO()
        for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, {"a": [1] * 9000}, []):
            pickle.dump(value, f, protocol)
        f.seek(0)
        assert torch.load(f) == {"a": [1] * 9000}


def test_data_goes_where_the_storage_went():
    placed = []

    def where(storage, location):
        placed.append(torch.FloatStorage(8))
        return placed[-1]

    assert torch.load(stream(old()), map_location=where).tolist() == ROWS
    assert placed[0].tolist()[:6] == list(range(6))


def test_other_machines(monkeypatch):
    """The data is little-endian wherever it is written and read."""
    whole, swapped = stream(old()), [[n * 2.0**-149 for n in r] for r in [[0, 32831, 64]]]
    monkeypatch.setattr(sys, "byteorder", "big")
    assert torch.load(whole)[0].tolist() == swapped[0]


@pytest.mark.parametrize(
    "file, error",
    [
        (stream(old(), magic=1), "the file is none that torch.save writes"),
        (stream(old(), version=1002), "expected version 1001 of PyTorch's old format, got 1002"),
        (stream(old(), version="x" * 99), "old format, got 'x{60}'"),
        (stream(old(), info=[]), "expected a dict of facts about the machine"),
        (stream(old(), keys=["1"]), "the file has other storages than the pickle names"),
        (stream(old(), keys=["0", "0"]), "the file has other storages than the pickle names"),
        (stream(old(), keys=[[]]), "the file has other storages than the pickle names"),
        (stream(old(), keys="0"), "the file has other storages than the pickle names"),
        (stream(b"N"), "the file has other storages than the pickle names"),
        (stream(old(), {"0": (5, FLOATS)}), "storage '0': expected 6 elements, got 5"),
        (stream(old(), {"0": (6, FLOATS[:-1])}), "the file ends within storage '0'"),
        (stream(named(n=2**40, more=b"N")), "expected fewer elements than 1099511627776: the file"),
        (stream(named(kind=b"Tensor", more=b"N")), "which is no storage"),
        (stream(named(kind=b"QInt8Storage", more=b"N")), "a QInt8Storage: its dtype has no tensor"),
        (stream(named(more=b"K\1")), "names 1, which is no view of a storage"),
        (
            stream(named(more=view(start=-1))),
            "expected a view of 6 elements, got 3 from element -1",
        ),
        (stream(named(more=view(start=4))), "expected a view of 6 elements, got 3 from element 4"),
        (stream(named(more=view(n=-1))), "expected a view of 6 elements, got -1 from element 2"),
        (stream(named(more=view(n=1 << 9000))), "got an int of 9001 bits from element 2"),
        (
            stream(named(more=view()) + b"0" + named(more=view(start=1))),
            "view '1' of storage '0' is named in two ways",
        ),
        (stream(old((7,), (1,))), "expected a view of a storage of 6 elements"),
        (stream(b"(" + text("module") + b"NNNtQ"), "which is no class"),
        (stream(b"(" + text("what") + b"NNNNNtQ"), "which is no storage"),
        (stream(b"cos\nsystem\n" + text("true") + b"\x85R"), r"holds os\.system, which a load"),
        (stream(b"I1\n"), "opcode 0x49 is none that a load knows"),
        (stream(b"B\xff\xff\xff\x7f"), "the file ends within the object"),
        (stream(b"\x8d" + b"\xff" * 8), "the file ends within the object"),
        (stream(b"cos\nsystem"), "a name does not end|the file ends within the object"),
    ],
)
def test_wrong_streams(file, error):
    file.seek(0)
    with pytest.raises(FileError, match=error):
        torch.load(file)


def test_names_where_numbers_are_expected():
    command = b"\x80\x02cos\nsystem\n" + text("true") + b"\x85R."
    good = stream(old()).getvalue()
    rest = good.index(pickle.dumps(1001, 2))
    with pytest.raises(FileError, match="os.system stands where numbers are expected"):
        torch.load(io.BytesIO(good[:rest] + command))
    with pytest.raises(FileError, match="the pickle names 'x' where nothing is named"):
        torch.load(io.BytesIO(good[:rest] + b"\x80\x02" + text("x") + b"Q."))


# the alpha's tar archive


@pytest.mark.parametrize("pax", [True, False])
def test_tar(pax, tmp_path):
    f = tar(pax=pax)
    (tmp_path / "x").write_bytes(f.getvalue())
    for source in (f, tmp_path / "x", io.BytesIO(f.getvalue())):
        whole, part, storage = torch.load(source)
        assert isinstance(whole, torch.FloatTensor)
        assert whole.tolist() == ROWS
        assert part.tolist() == [3, 4]
        assert storage.tolist() == [2, 3, 4]
        whole.fill_(9)
        assert storage.tolist() == [9, 9, 9]
        assert part.tolist() == [9, 9]
    assert torch.load(tmp_path / "x", mmap=True)[0].tolist() == ROWS
    seen = []
    torch.load(tmp_path / "x", map_location=lambda s, location: seen.append(location))
    assert seen == ["cpu"]


def test_the_first_versions():
    """Storages without a location, no views, and the type in front."""
    row = pickled_row(7, b"torch.cuda FloatStorage") + struct.pack("<q", 6) + FLOATS
    storages = pickle.dumps(1, 2) + row
    tensors = pickle.dumps(1, 2) + pickled_row(10, b"torch FloatTensor", 7)
    tensors += metadata((6,), (1,), 0)
    assert torch.load(tar(b"\x80\x02" + text("10") + b"Q.", tensors, storages)).sum() == 15


def test_empty_tensors():
    tensors = (
        pickle.dumps(2, 2) + pickled_row(10, None, b"torch DoubleTensor") + metadata((), (), 0)
    )
    tensors += pickled_row(11, 7, b"torch.cuda FloatTensor") + metadata((), (), 0)
    a, b, _ = torch.load(tar(tensors=tensors))
    assert isinstance(a, torch.DoubleTensor)
    assert (a.shape, b.shape) == ((0,), (0,))


def storages(
    count=1, key=7, location="cpu", kind=b"torch FloatStorage", n=6, data=FLOATS, views=()
):
    head = pickle.dumps(count, 2) + pickled_row(key, location, kind)
    return head + struct.pack("<q", n) + data + pickle.dumps(list(views), 2)


def one_tensor(
    count=1, key=10, storage=7, size=(1,), stride=(1,), offset=0, ndim=None,
    kind=b"torch FloatTensor",
):  # fmt: skip
    data = metadata(size, stride, offset)
    if ndim is not None:
        data = struct.pack("<q", ndim) + data[8:]
    return pickle.dumps(count, 2) + pickled_row(key, storage, kind) + data


@pytest.mark.parametrize(
    "parts, error",
    [
        ({"pickle": None}, "expected a member pickle"),
        ({"storages": None}, "expected a member storages"),
        ({"sys_info": None}, "expected a member sys_info"),
        (
            {"info": pickle.dumps({"protocol_version": 7}, 2)},
            "expected version 1000 of the alpha's",
        ),
        ({"info": pickle.dumps(3, 2)}, "expected version 1000 of the alpha's format, got 3"),
        ({"info": b""}, "the file ends within sys_info"),
        ({"storages": storages(count=-1)}, "expected the number of storages, got -1"),
        ({"storages": storages(count=1 << 40)}, "expected the number of storages, got"),
        ({"storages": storages(count=1 << 9999)}, "number of storages, got an int of 10000 bits"),
        ({"storages": storages(count="1")}, "expected the number of storages, got '1'"),
        ({"storages": storages(count=2)}, "the file ends within storage 1|facts about storage 1"),
        ({"storages": storages(location=5)}, "expected a location and a type, got 5"),
        ({"storages": storages(location="moon")}, "expected the location 'cpu' or 'cuda:N'"),
        ({"storages": storages(kind=b"torch FloatTensor")}, "expected a location and a type"),
        ({"storages": storages(kind=b"os system")}, "os.system, which a load does not build"),
        ({"storages": storages(n=2**40)}, "the file ends within storage 0"),
        ({"storages": storages(n=-1)}, "storage 0: expected a number of elements"),
        ({"storages": storages(n=7)}, "the file ends within|damaged"),
        (
            {"storages": storages(views=[(8, 7, 2, 5)])},
            "a view of 6 elements, got 5 from element 2",
        ),
        ({"storages": storages(views=[(8, 7, -1, 2)])}, "a view of 6 elements, got 2 from"),
        ({"storages": storages(views=[(8, 9, 0, 2)])}, "expected a storage, got 9"),
        (
            {"storages": storages(views=[(7, 7, 0, 2)])},
            "a number of its own for each object, got 7",
        ),
        (
            {"storages": storages(views=[(8, 7, 0)])},
            r"expected a view of a storage, got \(8, 7, 0\)",
        ),
        ({"storages": STORAGES[:-30] + pickle.dumps(3, 2)}, "damaged|expected|ends within"),
        ({"tensors": one_tensor(count=2)}, "the file ends within tensor 1"),
        ({"tensors": one_tensor(storage=9)}, "expected a storage, got 9"),
        ({"tensors": one_tensor(key="x")}, "a number of its own for each object, got 'x'"),
        ({"tensors": one_tensor(key=1 << 65)}, "a number of its own for each object, got an int"),
        ({"tensors": one_tensor(key=7)}, "a number of its own for each object, got 7"),
        (
            {"tensors": one_tensor(size=(7,))},
            "tensor 0: expected a view of a storage of 6 elements",
        ),
        ({"tensors": one_tensor(offset=6)}, "expected a view of a storage of 6 elements"),
        ({"tensors": one_tensor(ndim=65)}, "expected 0 to 64 dimensions, got 65"),
        ({"tensors": one_tensor(ndim=-1)}, "expected 0 to 64 dimensions, got -1"),
        ({"tensors": one_tensor(ndim=9)}, "the file ends within tensor 0"),
        ({"tensors": one_tensor(storage=None)}, "expected a view of a storage of 0 elements"),
        (
            {"tensors": one_tensor(storage=None, kind=b"torch Tensor")},
            "a type of tensors, got Tensor",
        ),
        ({"tensors": one_tensor(storage=None, kind=5)}, "expected a type of tensors, got 5"),
        (
            {"object_": b"\x80\x02" + text("99") + b"Q."},
            "the pickle names '99', which the file does",
        ),
        ({"object_": b"\x80\x02NQ."}, "the pickle names None, which the file does not hold"),
        ({"object_": b"\x80\x02)Q."}, "which is no class"),
        ({"object_": b"\x80\x02cos\nsystem\nU\1x\x85R."}, "os.system, which a load does not build"),
        ({"object_": b"\x80\x02N"}, "the file ends within the pickle"),
    ],
)
def test_wrong_tars(parts, error):
    names = {"pickle": "object_", "sys_info": "info"}
    parts = dict(parts)
    for member, argument in names.items():
        if member in parts:
            parts[argument] = parts.pop(member)
    missing = [name for name, data in parts.items() if data is None]
    data = tar(**{k: v for k, v in parts.items() if v is not None})
    if missing:  # under another name
        member = {v: k for k, v in names.items()}.get(missing[0], missing[0]).encode()
        data = io.BytesIO(rename(data.getvalue(), member, member.upper()))
    with pytest.raises(FileError, match=error):
        torch.load(data)


def rename(data, old_name, new_name):
    """The tar archive with a member of another name; headers carry a sum of their bytes."""
    f = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(data)) as a, tarfile.open(fileobj=f, mode="w:") as b:
        for member in a:
            content = a.extractfile(member)
            if member.name == old_name.decode():
                member.name = new_name.decode()
            b.addfile(member, content)
    return f.getvalue()


# Classes whose source the file has.


def module_of(tmp_path, name, source):
    """A module with a class Net, from a file."""
    path = tmp_path / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


SOURCE = "class Net:\n    def forward(self):\n        return 1\n"


@pytest.mark.parametrize("kind", ["stream", "tar"])
def test_sources(kind, tmp_path):
    module = module_of(tmp_path, f"net_of_a_{kind}", SOURCE)
    net = b"cnet_of_a_" + kind.encode() + b"\nNet\n"

    def file(source):
        file_name, source = (text("net.py"), text(source)) if source else (b"N", b"N")
        name = b"(" + (text("module") if kind == "stream" else b"") + net + file_name + source
        instance = name + b"tQ)\x81}" + text("x") + b"K\x05sb"
        return stream(instance, {}) if kind == "stream" else tar(b"\x80\x02" + instance + b".")

    with pytest.raises(FileError, match=rf"allow\(net_of_a_{kind}\.Net\) first"):
        torch.load(file(SOURCE))
    torch.serialization.allow(module.Net)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.load(file(SOURCE)).x == 5
        assert isinstance(torch.load(file("")), module.Net)
    with pytest.warns(SourceChangeWarning, match="Net has changed since .* in net.py") as seen:
        torch.load(file(SOURCE.replace("1", "2")))
    assert [w.filename for w in seen] == [__file__]
