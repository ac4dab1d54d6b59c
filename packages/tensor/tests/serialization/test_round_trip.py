"""torch.save and torch.load: what is saved comes back, and shares what it shared."""

import copy
import io
import pickle
import warnings
from collections import OrderedDict

import numpy as np
import pytest
import torch
from harness import DTYPES, drawer, dtype_of, layouts, same

ALL_DTYPES = [*DTYPES, "float16", "bfloat16"]


def round_trip(obj, **kwargs):
    f = io.BytesIO()
    torch.save(obj, f)
    f.seek(0)
    loaded = torch.load(f, **kwargs)
    assert not f.read(1)
    return loaded


@pytest.mark.parametrize("dtype", DTYPES)
def test_layouts(dtype, rng, tmp_path):
    for layout, x in layouts(drawer(rng, dtype, -100, 100)):
        torch.save(x, tmp_path / "x")
        for y in (
            round_trip(x),
            torch.load(tmp_path / "x"),
            torch.load(str(tmp_path / "x"), mmap=True),
            torch.load(tmp_path / "x", trust=True),
        ):
            assert type(y) is type(x), layout
            assert same(x, y), layout
            assert y.stride() == x.stride(), layout
            assert y.storage_offset() == x.storage_offset(), layout


@pytest.mark.parametrize("dtype", ALL_DTYPES)
def test_dtypes(dtype, tmp_path):
    x = torch.arange(100).view(10, 10).to(dtype_of(dtype))
    torch.save(x, tmp_path / "x")
    for y in (torch.load(tmp_path / "x"), torch.load(tmp_path / "x", mmap=True)):
        assert y.dtype == x.dtype
        assert y.tolist() == x.tolist()
        assert torch.zeros(3, dtype=y.dtype).dtype == x.dtype


VALUES = [
    None,
    True,
    0,
    -1,
    255,
    65536,
    -(2**31),
    2**62,
    10**1000,
    -(10**1000),
    1.5,
    float("inf"),
    -0.0,
    1 + 2j,
    "",
    "text",
    "\u00e4\U0001f600\ud800",
    "x" * 1000,
    b"",
    b"\x00\xff" * 1000,
    bytearray(b"abc"),
    bytearray(),
    [],
    [1, [2, [3]]],
    (),
    (1,),
    (1, 2, 3, 4, (5, 6)),
    {},
    {"a": 1, 2: "b", (1, 2): None, 1.5: b"x", None: True, frozenset({1}): 3, (("a",), 1): 2},
    set(),
    {1, "a", (1, 2)},
    frozenset(),
    frozenset({1, 2, frozenset({3})}),
    OrderedDict([("b", 1), ("a", 2)]),
    slice(1, None, 2),
    range(3, 10, 2),
    Ellipsis,
    torch.Size([2, 3]),
    torch.Size([]),
    torch.float32,
    torch.bfloat16,
    torch.device("cpu"),
    torch.device("cuda", 1),
    {"dtype": torch.int64, "cls": torch.FloatTensor, "storage": torch.FloatStorage},
    [list(range(2000)), {str(i): i for i in range(2000)}, set(range(2000))],
]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("value", VALUES, ids=lambda v: f"{type(v).__name__} {v!r:.20}")
def test_plain_values(value, protocol):
    f = io.BytesIO()
    torch.save([value, value], f, pickle_protocol=protocol)
    f.seek(0)
    first, second = torch.load(f)
    assert first == value
    assert type(first) is type(value)
    assert first is second or isinstance(value, int | float | complex | bytes | tuple | str)
    if isinstance(value, float):
        assert str(first) == str(value)


def test_nan():
    assert np.isnan(round_trip(float("nan")))
    x = torch.tensor([float("nan"), -0.0])
    assert same(round_trip(x), x)


def test_sharing():
    base = torch.arange(10)
    other = base + 0
    graph = {
        "base": base,
        "view": base[2:5],
        "same": base,
        "storage": base.storage(),
        "grid": base.view(2, 5).t(),
        "other": other,
        "others storage first": [other.storage(), other],
    }
    loaded = round_trip(graph)
    assert loaded["base"] is loaded["same"]
    assert loaded["base"].storage()._cdata == loaded["storage"]._cdata
    loaded["base"].fill_(7)
    assert loaded["view"].tolist() == [7, 7, 7]
    assert loaded["storage"][0] == 7
    assert loaded["grid"].tolist() == [[7, 7]] * 5
    assert loaded["grid"].stride() == (1, 5)
    assert loaded["other"].tolist() == list(range(10))
    storage, tensor = loaded["others storage first"]
    assert tensor is loaded["other"]
    assert tensor.storage()._cdata == storage._cdata
    assert base.tolist() == list(range(10))


def test_a_storage_is_saved_once_and_whole():
    base = torch.zeros(100_000)
    small, many = io.BytesIO(), io.BytesIO()
    torch.save(base[:2], small)
    torch.save([base] + [base[i:] for i in range(100)], many)
    assert len(small.getvalue()) > 400_000
    assert len(many.getvalue()) < 420_000


def test_storages():
    for dtype in ALL_DTYPES:
        storage = torch.ones(5).to(dtype_of(dtype)).storage()
        loaded = round_trip([storage, type(storage)(0)])
        assert type(loaded[0]) is type(storage)
        assert loaded[0].tolist() == storage.tolist()
        assert len(loaded[1]) == 0


def slices():
    base = torch.arange(10).storage()
    part = base[2:8]
    graph = {
        "tensor": torch.LongTensor(part),
        "part": part,
        "of part": part[1:3],
        "again": base[3:5],
        "of nothing": part[3:3],
        "of that": part[6:][0:0],
        "view": torch.LongTensor(part[1:3]).view(2, 1),
        "base": base,
    }
    return graph


def numbers(obj):
    return obj.view(-1).tolist() if torch.is_tensor(obj) else obj.tolist()


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("how", ["bytes", "path", "mapped", "trusted", "placed", "copied"])
def test_slices_of_storages(order, how, tmp_path):
    """One storage in the file, however its slices are sliced and in whatever order they come."""
    graph = slices()
    data = io.BytesIO()
    torch.save(dict(list(graph.items())[::order]), data)
    assert len(data.getvalue().split(np.arange(10).tobytes())) == 2
    (tmp_path / "x").write_bytes(data.getvalue())
    data.seek(0)
    loaded = {
        "bytes": lambda: torch.load(data),
        "path": lambda: torch.load(tmp_path / "x"),
        "mapped": lambda: torch.load(tmp_path / "x", mmap=True),
        "trusted": lambda: torch.load(data, trust=True),
        "placed": lambda: torch.load(data, lambda storage, where: storage.clone()),
        "copied": lambda: round_trip(torch.load(data)),
    }[how]()
    assert {k: numbers(v) for k, v in loaded.items()} == {k: numbers(v) for k, v in graph.items()}
    assert all(type(loaded[k]) is type(v) for k, v in graph.items())
    base = loaded["base"]
    assert loaded["part"]._base._cdata == base._cdata
    base[3] = 33
    loaded["of part"][1] = 44
    loaded["tensor"][5] = 77
    assert base.tolist() == [0, 1, 2, 33, 44, 5, 6, 77, 8, 9]
    assert numbers(loaded["part"]) == numbers(loaded["tensor"]) == [2, 33, 44, 5, 6, 77]
    assert numbers(loaded["again"]) == numbers(loaded["view"]) == [33, 44]
    assert graph["base"].tolist() == list(range(10))


def test_a_slice_alone():
    base = torch.ones(1000).storage()
    loaded = round_trip(base[3:5])
    assert loaded.tolist() == [1, 1]
    assert len(loaded._base) == 1000  # as of a view of a tensor, the whole is saved


def test_a_loaded_tensor_is_like_any_other():
    x = round_trip(torch.arange(4.0))
    x.add_(1)
    x.resize_(1000).fill_(2)
    assert x.sum() == 2000
    assert x.data_ptr() % 64 == 0


def test_generators():
    generator = torch.Generator()
    generator.manual_seed(5)
    torch.rand(generator, 3)
    loaded, state = round_trip([generator, torch.get_rng_state()])
    assert torch.rand(loaded, 5).tolist() == torch.rand(generator, 5).tolist()
    torch.set_rng_state(state)


def test_cycles():
    items = [1]
    items.append(items)
    table = {"items": items}
    table["self"] = table
    loaded = round_trip(table)
    assert loaded["self"] is loaded
    assert loaded["items"][1] is loaded["items"]


def test_deep_nesting():
    items = []
    for _ in range(150):
        items = [items, (items,), {"a": items}]
    items = []
    for _ in range(150):
        items = [items]
    assert repr(round_trip(items)) == repr(items)
    for _ in range(100_000):
        items = [items]
    with pytest.raises(ValueError, match=r"^save: the object is nested too deep"):
        torch.save(items, io.BytesIO())
    while items:  # so that it ends without recursion
        items = items[0]


@pytest.mark.parametrize("n", [0, 1, 5000])
def test_many_tensors(n, tmp_path):
    tensors = {f"t{i}": torch.arange(i % 7) for i in range(n)}
    torch.save(tensors, tmp_path / "x")
    for loaded in (torch.load(tmp_path / "x"), torch.load(tmp_path / "x", mmap=True)):
        assert loaded.keys() == tensors.keys()
        assert all(same(loaded[k], tensors[k]) for k in tensors)


@pytest.mark.parametrize("n", [1 << 18, (1 << 18) - 1, (1 << 18) + 1, 1_000_003])
def test_large(n, tmp_path):
    x = torch.arange(n)
    torch.save([torch.ones(3), x, x.to(torch.uint8)], tmp_path / "x")
    for loaded in (torch.load(tmp_path / "x"), torch.load(tmp_path / "x", mmap=True)):
        assert loaded[1].equal(x)
        assert loaded[2].equal(x.to(torch.uint8))


def test_files_depend_on_the_object_alone():
    files = []
    for _ in range(2):
        f = io.BytesIO()
        torch.save({"a": torch.ones(3), "b": [1, 2]}, f)
        files.append(f.getvalue())
    assert files[0] == files[1]


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


class Slotted:
    __slots__ = ("a", "__dict__")


class Stack(list):
    pass


class Stated:
    def __getstate__(self):
        return {"kept": 1}

    def __setstate__(self, state):
        self.state = state


class Made:
    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls)
        self.args = args, kwargs
        return self

    def __getnewargs_ex__(self):
        return self.args

    def __getstate__(self):
        return None


def make(value):
    return Point(value, -value)


class Reduced:
    def __reduce__(self):
        return make, (3,)


@pytest.fixture
def allowed(monkeypatch):
    from torch import _registered

    monkeypatch.setattr(torch.serialization.registry, "known_names", dict(_registered.known_names))
    return torch.serialization.allow


def test_allow(allowed):
    with pytest.raises(
        torch.serialization.FileError,
        match=r"^load: the file holds [\w.]*test_round_trip\.Point, which a load does not build; .*"
        r"call torch\.serialization\.allow\([\w.]*test_round_trip\.Point\) first$",
    ):
        round_trip(Point(1, 2))
    for cls in (Point, Slotted, Stack, Stated, Made, make):
        assert allowed(cls) is cls
    slotted = Slotted()
    slotted.a, slotted.b = 1, 2
    graph = [
        Point(torch.ones(2), 3),
        slotted,
        Stack([1, 2]),
        Stated(),
        Made(torch.ones(2), key=1),
        Reduced(),
    ]
    graph.append(graph[0])
    point, slotted, stack, stated, made, reduced, same_point = round_trip(graph)
    assert point is same_point
    assert point.x.tolist() == [1, 1]
    assert (slotted.a, slotted.b) == (1, 2)
    assert type(stack) is Stack
    assert stack == [1, 2]
    assert stated.state == {"kept": 1}
    assert made.args[0][0].tolist() == [1, 1]
    assert made.args[1] == {"key": 1}
    assert (reduced.x, reduced.y) == (3, -3)


def test_trust_needs_no_allow():
    assert round_trip(Point(1, 2), trust=True).y == 2
    with torch.compat.using(trusting_load=True):
        assert round_trip(Point(1, 2)).y == 2
        with pytest.raises(torch.serialization.FileError, match="does not build"):
            round_trip(Point(1, 2), trust=False)


def test_the_error_does_not_speak_of_trust():
    with pytest.raises(torch.serialization.FileError) as caught:
        round_trip(Point(1, 2))
    assert "trust" not in str(caught.value)


def test_numpy_is_not_data(allowed):
    with pytest.raises(torch.serialization.FileError, match=r"numpy.*allow\(numpy"):
        round_trip(np.ones(3))
    for name in ("numpy._core.multiarray", "numpy.core.multiarray"):
        try:
            module = __import__(name, fromlist=["_reconstruct"])
        except ImportError:
            continue
        allowed(module._reconstruct)
    allowed(np.ndarray)
    allowed(np.dtype)
    assert round_trip(np.ones(3)).tolist() == [1, 1, 1]


def test_allow_errors():
    with pytest.raises(TypeError, match=r"^allow: expected a class or a function, got int$"):
        torch.serialization.allow(3)


@pytest.mark.parametrize("value", [lambda: 0, open(__file__), (i for i in ())])
def test_what_cannot_be_saved(value):
    with pytest.raises(TypeError, match=r"^save: the object cannot be saved: "):
        torch.save([torch.ones(2), value], io.BytesIO())


def test_tensor_subclasses_are_refused():
    class Own(torch.FloatTensor):
        pass

    with pytest.raises(TypeError, match="expected tensors and storages of torch's own classes"):
        torch.save(Own(3), io.BytesIO())


def test_argument_errors(tmp_path):
    with pytest.raises(TypeError, match=r"^save: expected a path or a file object, got int$"):
        torch.save(1, 3)
    with pytest.raises(TypeError, match=r"^load: expected a path or a file object, got int$"):
        torch.load(3)
    with pytest.raises(TypeError, match="opened in binary mode, got StringIO"):
        torch.save(1, io.StringIO())
    with pytest.raises(TypeError, match="opened in binary mode, got StringIO"):
        torch.load(io.StringIO())
    for protocol in (0, 1, 6, "4"):
        with pytest.raises(ValueError, match=r"^save: expected a pickle_protocol of 2 to 5, got"):
            torch.save(1, io.BytesIO(), pickle_protocol=protocol)
    with pytest.raises(ValueError, match=r"^load: expected verify to be True, False or 'lazy'"):
        torch.load(io.BytesIO(), verify="no")
    with pytest.raises(TypeError, match=r"^load: mmap: expected a path, got BytesIO$"):
        torch.load(io.BytesIO(), mmap=True)
    with pytest.raises(TypeError, match=r"^load: map_location: expected a function, a dict, a dev"):
        torch.load(io.BytesIO(), 3)
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        torch.load(tmp_path)
    with pytest.raises(IsADirectoryError):
        torch.save(1, tmp_path)
    with pytest.raises(FileNotFoundError, match="folder/x"):
        torch.save(1, tmp_path / "folder/x")


def test_pickle_module():
    f = io.BytesIO()
    torch.save([torch.ones(2)], f, pickle, 2)
    f.seek(0)
    assert torch.load(f, None, pickle, trust=True)[0].tolist() == [1, 1]


def test_other_objects_stay_picklable():
    x = torch.arange(3)
    assert pickle.loads(pickle.dumps(x)).tolist() == copy.deepcopy(x).tolist() == [0, 1, 2]


def test_source_changes(tmp_path, monkeypatch, allowed):
    from torch import _registered

    monkeypatch.setattr(torch.serialization.registry, "sourced", [*_registered.sourced])
    monkeypatch.syspath_prepend(tmp_path)
    text = "class Base: pass\n\nclass Net(Base):\n    def run(self):\n        return 1\n"
    (tmp_path / "some_net.py").write_text(text)
    import some_net

    torch.serialization.registry.sourced.append(some_net.Base)
    allowed(some_net.Net)
    f = io.BytesIO()
    torch.save([some_net.Net(), some_net.Net()], f)
    assert b"return 1" in f.getvalue()
    for new, count in ((text, 0), (text.replace("return 1", "return 2"), 1)):
        (tmp_path / "some_net.py").write_text(new)
        import linecache

        linecache.clearcache()
        for trust in (False, True):
            f.seek(0)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                torch.load(f, trust=trust)
            assert len(caught) == count
            for warning in caught:
                assert warning.category is torch.serialization.SourceChangeWarning
                assert "some_net.Net has changed since" in str(warning.message)
                assert warning.filename == __file__
