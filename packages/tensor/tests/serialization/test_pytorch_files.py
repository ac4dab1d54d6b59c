"""Checkpoints that PyTorch 2.13 wrote, and changed ones."""

import io
import json
import os
import struct
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest
import torch
from foreign_files import FLOATS, REBUILD, checkpoint, named, number, tensor, text
from torch.serialization import FileError

DATA = Path(__file__).parent / "data"
EXPECTED = json.loads((DATA / "state.json").read_text())
FILES = ["state.pt", "state_old.pt"]


def at(obj, path):
    """What stands at a path of the expected values."""
    while path:
        head = next(k for k in steps(obj) if path == f"/{k}" or path.startswith(f"/{k}/"))
        obj, path = obj[head], path[len(str(head)) + 1 :]
    return obj


def steps(obj):
    return obj if isinstance(obj, dict) else range(len(obj))


def check_values(obj):
    for path, row in EXPECTED.items():
        value = at(obj, path)
        value = getattr(value, "data", value)
        assert value.dtype == getattr(torch, row["dtype"]), path
        assert value.tolist() == row["values"], path
        if torch.is_tensor(value):
            assert list(value.shape) == row["size"], path
            assert value.storage_offset() == row["offset"], path
            if value.numel() > 0:
                assert list(value.stride()) == row["stride"], path


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("file", FILES)
def test_state(file, mmap):
    obj = torch.load(DATA / file, mmap=mmap)
    check_values(obj)
    assert obj["plain"] == [1, -2.5, "text ä", b"bytes", None, True, (1, (2,)), {3}, 1 + 2j, 2**70]
    assert obj["size"] == torch.Size([2, 3])
    assert isinstance(obj["size"], torch.Size)
    assert obj["dtype"] is torch.float32
    assert obj["device"] == torch.device("cpu")
    assert isinstance(obj["storage"], torch.ShortStorage)
    assert isinstance(obj["bytes"], torch.ByteStorage)
    assert list(obj["model"]) == list(EXPECTED_MODEL)
    assert obj["model"]._metadata[""] == {"version": 1}
    group = obj["adam"]["param_groups"][0]
    assert (group["lr"], group["betas"], group["params"]) == (0.01, (0.9, 0.999), [0, 1, 2, 3])


EXPECTED_MODEL = [p.split("/")[2] for p in EXPECTED if p.startswith("/model/")]


@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("file", FILES)
def test_sharing(file, mmap):
    obj = torch.load(DATA / file, mmap=mmap)
    base, views = obj["base"], obj["views"]
    assert views[3] is base or views[3].equal(base)
    base.fill_(7)
    assert [v.tolist() for v in views[:2]] == [[[7, 7], [7, 7]], [7] * 4]
    assert views[2].tolist() == [[7] * 3] * 3
    # the parameter and its entry in the state dict
    parameter = getattr(obj["parameter"], "data", obj["parameter"])
    parameter.fill_(5)
    assert obj["model"]["0.weight"].tolist() == [[5, 5]] * 3


@pytest.mark.parametrize("file", FILES)
def test_sources(file, tmp_path):
    """File objects, also where a file begins later, and pipes."""
    data = (DATA / file).read_bytes()
    check_values(torch.load(io.BytesIO(data)))
    f = io.BytesIO(b"mine" + data)
    f.read(4)
    check_values(torch.load(f))

    class Pipe:
        read = io.BytesIO(data).read

    check_values(torch.load(Pipe()))
    with open(DATA / file, "rb") as opened:
        check_values(torch.load(opened))


def test_streams_follow_each_other():
    data = (DATA / "state_old.pt").read_bytes()
    f = io.BytesIO(data + data + b"end")
    for _ in range(2):
        check_values(torch.load(f))
    assert f.read() == b"end"


@pytest.mark.parametrize("file", FILES)
def test_map_location(file):
    seen = []

    def where(storage, location):
        seen.append(location)
        return storage.clone() if storage.dtype == torch.float32 else None

    check_values(torch.load(DATA / file, map_location=where))
    assert set(seen) == {"cpu"}
    check_values(torch.load(DATA / file, map_location="cpu"))
    with pytest.raises(FileError, match="belongs to cuda:63, which this machine does not have"):
        torch.load(DATA / file, map_location={"cpu": "cuda:63"})


@pytest.mark.parametrize("file", FILES)
def test_trust(file):
    check_values(torch.load(DATA / file, trust=True))


@pytest.mark.parametrize(
    "name, error",
    [
        ("complex", "the file holds a ComplexFloatStorage: its dtype has no tensor type here"),
        (
            "uint16",
            r"holds torch\.uint16, of which there is no counterpart here; save a state_dict",
        ),
        ("float8", r"holds torch\.float8_e4m3fn, of which there is no counterpart here"),
        (
            "sparse",
            r"holds torch\._utils\._rebuild_sparse_tensor, of which there is no counterpart",
        ),
        ("quantized", r"holds torch\._utils\._rebuild_qtensor, of which there is no counterpart"),
        ("numpy", r"which a load does not build; if .* call torch\.serialization\.allow\(numpy\."),
    ],
)
def test_refused(name, error):
    with pytest.raises(FileError, match=error):
        torch.load(DATA / f"refused_{name}.pt")


def test_whole_modules_are_refused():
    error = r"a whole module, torch\.nn\.modules\.linear\.Linear|torch\.nn is not installed"
    with pytest.raises(FileError, match=error):
        torch.load(DATA / "module.pt")


# Archives of our own making.


def test_our_archives():
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        for folder in ("archive/", "", "x y/"):
            loaded = torch.load(checkpoint(tensor(), method=method, folder=folder))
            assert loaded.tolist() == [[0, 1, 2], [3, 4, 5]]
    # the last bytes of a storage of bytes that is no whole number of elements
    assert torch.load(checkpoint(tensor(), {"0": FLOATS + b"ab"})).sum() == 15
    untyped = named("0", 24, b"UntypedStorage").replace(b"ctorch\n", b"ctorch.storage\n")
    assert torch.load(checkpoint(untyped)).tolist() == list(FLOATS)
    old = b"ctorch._utils\n_rebuild_tensor\n(" + named() + number(0) + b"))tR"
    assert torch.load(checkpoint(old)).shape == (0,)  # before 0.4


def test_byte_order():
    big = struct.pack(">6f", *range(6))
    loaded = torch.load(checkpoint(tensor(), {"0": big}, byteorder="big"))
    assert loaded.tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(FileError, match="expected the byte order little or big, got 'middle'"):
        torch.load(checkpoint(tensor(), byteorder="middle"))


def test_mapped(tmp_path):
    """Stored members are mapped where they are aligned; changes stay in memory."""
    path = tmp_path / "x"
    obj = torch.load(DATA / "state.pt", mmap=True)
    obj["base"].fill_(1)
    check_values(torch.load(DATA / "state.pt", mmap=True))
    data = bytearray((DATA / "state.pt").read_bytes())
    at = data.index(struct.pack("<4f", 4, 5, 6, 7))
    data[at] ^= 1
    path.write_bytes(data)
    error = "the data is damaged: its checksum does not fit"
    for kwargs in ({}, {"mmap": True, "verify": True}):
        with pytest.raises(FileError, match=error):
            torch.load(path, **kwargs)
    for kwargs in ({"verify": False}, {"mmap": True}, {"mmap": True, "verify": False}):
        assert torch.load(path, **kwargs)["base"][1, 0] != 4
    # deflated, or anywhere: read
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        for pad in range(4):
            f = checkpoint(tensor(), method=method, folder="a" * (pad + 1) + "/")
            path.write_bytes(f.getvalue())
            assert torch.load(path, mmap=True).sum() == 15


def test_mapped_bools(tmp_path):
    pickled = tensor((3,), (1,), storage=named(n=3, kind=b"BoolStorage"))
    f = checkpoint(pickled, {"0": bytes([0, 1, 2])})
    with pytest.raises(FileError, match="expected bools to be 0 or 1"):
        torch.load(f)
    (tmp_path / "x").write_bytes(f.getvalue())
    mask = torch.load(tmp_path / "x", mmap=True)
    with pytest.raises(FileError, match="expected bools to be 0 or 1"):
        mask.sum()


@pytest.mark.parametrize(
    "pickled, error",
    [
        (tensor((7,), (1,)), "expected a view of a storage of 6 elements"),
        (tensor((2,), (6,)), "expected a view of a storage of 6 elements"),
        (tensor((2,), (-1,)), "expected a view of a storage of 6 elements"),
        (tensor((1,), (1,), offset=6), "expected a view of a storage of 6 elements"),
        (tensor((1,), (1,), offset=-1), "expected a view of a storage of 6 elements"),
        (tensor((-1,), (1,)), "expected sizes of 0 or more"),
        (tensor((2**40, 2**40), (0, 0)), "expected fewer elements"),
        (tensor((2**62,), (1,)), "expected smaller sizes"),
        (tensor((1,), (2**200,)), "expected smaller sizes"),
        (tensor((1, 1), (1,)), "expected a size and as many strides"),
        (tensor((1,) * 65, (1,) * 65), "expected a size and as many strides"),
        (tensor(storage=b"N"), "expected a storage, got NoneType"),
        (tensor(storage=b"ctorch\nFloatStorage\n"), "expected a storage, got"),
        (REBUILD + b")R", "an object cannot be built: TypeError"),
        (
            REBUILD + b"(" + named() + b"G" + bytes(8) + b"))\x89}tR",
            r"expected ints, got \(0.0, \(\), \(\)\)",
        ),
        (REBUILD + b"(" + named() + b"K\0K\5K\5\x89}tR", "an object cannot be built: TypeError"),
        (
            REBUILD + b"(" + named() + b"K\0))\x89}}" + text("conj") + b"\x88stR",
            "expected no conjugate or negative view",
        ),
        (
            REBUILD.replace(b"v2", b"v3") + b"(" + named() + b"K\0))\x89}ctorch\nint8\ntR",
            "expected a dtype without a storage type",
        ),
        (named("1"), "the pickle names 'archive/data/1', which the file does not hold"),
        (named("../0"), "which the file does not hold"),
        (named(n=5), "expected 5 elements of torch.float32, got 24 bytes"),
        (named(n=7), "expected 7 elements of torch.float32, got 24 bytes"),
        (named(n=-1), "which is no storage"),
        (named(n=2**61), "which is no storage"),
        (named(location="moon"), "expected the location 'cpu' or 'cuda:N', got 'moon'; map_loc"),
        (named(location=""), "which is no storage"),
        (named(kind=b"FloatTensor"), "which is no storage"),
        (named(kind=b"_Storage"), "a _Storage: its dtype has no tensor type here"),
        (named() + b"0" + named(n=6, kind=b"IntStorage"), "and is named as 6 of torch.int32"),
        (named() + b"0" + named(n=7), "has 6 elements of torch.float32 and is named as 7"),
        (text("storage") + b"Q", "the pickle names 'storage', which is no storage"),
        (b")Q", r"the pickle names \(\), which is no storage"),
        (b"(" + text("module") + b"NNNtQ", "which is no storage"),
        (b"ctorch._utils\n_rebuild_parameter\n(NNNtR", "expected a tensor, got NoneType"),
        (b"ccollections\nOrderedDict\nK\x05\x85R", "expected pairs, got int"),
        (
            b"ccollections\nOrderedDict\n]](\x8a\x09" + bytes(8) + b"\x01Nea\x85R",
            "expected pairs of a name and a value",
        ),
        (b"ccollections\nOrderedDict\n(](]K\1aetR", "expected pairs of a name and a value"),
        (b"ccollections\nOrderedDict\n)R]K\x01ab", "expected a state of names and values"),
        (b"ctorch\nSize\n" + text("ab") + b"\x85R", "an object cannot be built"),
        (b"ctorch\ndevice\n" + text("moon") + b"\x85R", "expected 'cpu', 'cuda' or 'cuda:N'"),
        (b"ctorch\nload\n", "holds torch.load, of which there is no counterpart here"),
        (b"ctorch.serialization\nload\n", "holds torch.serialization.load, of which there is no"),
        (b"cos\nsystem\n" + text("true") + b"\x85R", r"holds os\.system, which a load does not"),
        (b"cbuiltins\neval\n" + text("1") + b"\x85R", r"holds builtins\.eval, which a load does"),
        (b"cbuiltins\ngetattr\n(" + named() + text("tolist") + b"tR", r"holds builtins\.getattr"),
        (b"cmodels.mine\nNet\n)\x81}b", r"call torch\.serialization\.allow\(models\.mine\.Net\)"),
        (b"ctorch\n_C.set_num_threads\n", "of which there is no counterpart"),
        (b"]" * 20_000, "it does not end with one object"),
        (b"(" * 20_000, "nested more than 10000 deep"),
        (b"B\xff\xff\xff\x7f", "it ends within"),
        (named()[:-1] + b"\x85" * 5000 + b"Q", "which is no storage"),
    ],
)
def test_wrong_pickles(pickled, error):
    with pytest.raises(FileError, match=error):
        torch.load(checkpoint(pickled))


def test_nothing_is_called(tmp_path):
    witness = tmp_path / "witness"
    command = b"cos\nsystem\n" + text(f"touch {witness}") + b"\x85R"
    with pytest.raises(FileError, match="os.system"):
        torch.load(checkpoint(command))
    assert not witness.exists()
    assert torch.load(checkpoint(command), trust=True) == 0
    assert witness.exists()
    with pytest.raises(FileError, match="holds no.such: No module named 'no'"):
        torch.load(checkpoint(b"cno\nsuch\n"), trust=True)
    with pytest.raises(FileError, match="holds os.such: module 'os' has no attribute 'such'"):
        torch.load(checkpoint(b"cos\nsuch\n"), trust=True)


def test_allowed_classes():
    module = type(sys)("mine_for_pytorch")
    module.Net = type("Net", (), {"__module__": module.__name__})
    sys.modules[module.__name__] = module
    pickled = b"cmine_for_pytorch\nNet\n)\x81}" + text("weight") + tensor() + b"sb"
    with pytest.raises(FileError, match=r"allow\(mine_for_pytorch.Net\) first"):
        torch.load(checkpoint(pickled))
    torch.serialization.allow(module.Net)
    assert torch.load(checkpoint(pickled)).weight.sum() == 15


def test_programs_are_refused():
    f = checkpoint(tensor(), **{"constants.pkl": b"\x80\x02)."})
    with pytest.raises(FileError, match=r"the file holds a program \(TorchScript\)"):
        torch.load(f)


def test_ordered_dicts_of_python_2():
    pairs = b"ccollections\nOrderedDict\n]]U\x01aaK\x01aa\x85R"
    assert torch.load(checkpoint(pairs)) == {"a": 1}
    bad = b"U\x02\xff\xfe"  # no UTF-8: kept, as Python keeps odd names of files
    assert os.fsencode(torch.load(checkpoint(bad))) == b"\xff\xfe"


def test_counters():
    milestones = torch.load(checkpoint(b"ccollections\nCounter\n}K\x05K\x02s\x85R"))
    assert milestones == Counter([5, 5])
    assert isinstance(milestones, Counter)
    with pytest.raises(FileError, match="expected a dict, got tuple"):
        torch.load(checkpoint(b"ccollections\nCounter\n)\x85R"))


def test_several_checkpoints_are_none():
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w") as z:
        z.writestr("a/data.pkl", b"N.")
        z.writestr("b/data.pkl", b"N.")
    f.seek(0)
    with pytest.raises(FileError, match="neither arrays .* nor a checkpoint of PyTorch"):
        torch.load(f)
