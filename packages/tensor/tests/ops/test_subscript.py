# ruff: noqa: E501
"""x[key] and x[key] = value against NumPy, with keys drawn by Hypothesis."""

import math

import hypothesis
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from harness import array, drawer, dtype_of, layouts, on, same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ALL = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
EVERY = [*ALL, "bfloat16"]
SETTINGS = {
    "max_examples": 400,
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


@st.composite
def arrays(draw):
    """An array of distinct numbers, of any layout."""
    shape = draw(SHAPES)
    a = np.arange(math.prod(shape)).reshape(shape)
    if a.ndim > 1 and draw(st.booleans()):
        a = a.swapaxes(0, -1)
    if a.ndim and draw(st.booleans()):
        a = a[::-1]
    return a


@st.composite
def index_arrays(draw, n, common):
    """Integers for a dimension of size n, whose size broadcasts to the common one."""
    size = tuple(draw(st.sampled_from([k, 1])) for k in common)
    size = size[draw(st.integers(0, len(size))) :]
    entry = st.integers(-n, n - 1) if n else st.nothing()
    if not n:
        size = (0,)
    dtype = draw(st.sampled_from(["int64", "int32", "int16", "int8"]))
    flat = draw(st.lists(entry, min_size=math.prod(size), max_size=math.prod(size)))
    return np.array(flat, dtype=dtype).reshape(size)


@st.composite
def keys(draw, shape):
    """Ints, slices, None, ..., bools, index arrays, lists and masks in any mixture."""
    common = draw(st.sampled_from([(), (1,), (3,), (2, 3), (0,), (2, 1)]))
    key, dim, ellipsis = [], 0, False
    advanced = draw(st.booleans())
    kinds = ["int", "slice", "slice", "None", "...", "stop"]
    kinds += ["array", "array", "mask", "bool", "numpy int"] * advanced
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(kinds))
        left = len(shape) - dim
        n = shape[dim] if left else 0
        if kind == "None":
            key.append(None)
        elif kind == "..." and not ellipsis:
            key.append(...)
            ellipsis = True
            dim += draw(st.integers(0, left))
        elif kind == "bool":
            key.append(draw(st.sampled_from([True, False, np.True_, np.array(True)])))
        elif kind == "stop":
            break
        elif not left:
            continue
        elif kind in ("int", "numpy int") and n:
            i = draw(st.integers(-n, n - 1))
            key.append(i if kind == "int" else draw(st.sampled_from([np.int32(i), np.array(i)])))
            dim += 1
        elif kind == "slice":
            bound = st.none() | st.integers(-n - 2, n + 2)
            step = draw(st.sampled_from([None, 1, 2, 3, -1, -2]))
            key.append(slice(draw(bound), draw(bound), step))
            dim += 1
        elif kind == "array":
            key.append(draw(index_arrays(n, common)))
            dim += 1
        elif kind == "mask":
            dims = draw(st.integers(1, left))
            size = shape[dim : dim + dims]
            if ellipsis and 0 in size:
                continue  # NumPy does not check the size of empty masks; the ellipsis moves them
            key.append(np.array(draw(hnp.arrays(bool, size))))
            dim += dims
    return tuple(key)


def ours(draw, item):
    """An item for a tensor: index arrays become tensors, arrays or lists."""
    if not isinstance(item, np.ndarray):
        return item
    forms = ["tensor", "array"]
    if item.ndim and item.size or item.shape == (0,):
        forms.append("list")
    if item.dtype == bool:
        forms.append("byte")
    form = draw(st.sampled_from(forms))
    if form == "array":
        return item
    if form == "list":
        return item.tolist()
    return torch.tensor(item).byte() if form == "byte" else torch.tensor(item)


def is_basic(key):
    return not any(isinstance(k, (np.ndarray, bool, np.bool_)) for k in key)


def same_shape_message(key, own, a):
    return f"{a.shape}, strides {a.strides}: [{key!r}] as [{own!r}]"


@given(st.data())
@settings(**SETTINGS)
def test_reading(data):
    a = data.draw(arrays())
    key = data.draw(keys(a.shape))
    own = tuple(ours(data.draw, item) for item in key)
    if len(key) == 1 and data.draw(st.booleans()):
        key, own = key[0], own[0]
    items = key if isinstance(key, tuple) else (key,)
    x = torch.tensor(a.copy()) if a.size and min(a.strides, default=0) < 0 else torch.tensor(a)
    x = torch.from_numpy(a) if a.flags.writeable and a.ndim else x
    what = same_shape_message(key, own, a)
    try:
        expected = a[key]
    except IndexError:
        with pytest.raises(IndexError, match="^index: "):
            x[own]
            pytest.fail(what)
        return
    result = x[own]
    assert np.shape(array(result)) == np.shape(expected), what
    assert np.array_equal(array(result), expected), what
    if not torch.is_tensor(result):
        assert type(result) is int, what
        return
    assert result.dtype == x.dtype, what
    if expected.size:
        view = result.storage()._cdata == x.storage()._cdata
        assert view == is_basic(items), what


@given(st.data())
@settings(**SETTINGS)
def test_writing(data):
    a = data.draw(arrays())
    key = data.draw(keys(a.shape))
    own = tuple(ours(data.draw, item) for item in key)
    dtype = data.draw(st.sampled_from(["int64", "float32", "int16"]))
    a = a.astype(dtype)
    x = torch.from_numpy(a.copy("A")) if a.ndim else torch.tensor(a)
    what = same_shape_message(key, own, a)
    try:
        target = np.shape(a[key])
    except IndexError:
        with pytest.raises(IndexError, match="^index: "):
            x[own] = 1
            pytest.fail(what)
        return
    shape = tuple(data.draw(st.sampled_from([n, n, n, 1])) for n in target)
    shape = (1,) * data.draw(st.integers(0, 1)) + shape[data.draw(st.integers(0, 1)) :]
    if data.draw(st.integers(0, 9)) == 0:
        shape = (*shape, 2)
    value = -1 - np.arange(math.prod(shape)).reshape(shape)
    value = value.astype(data.draw(st.sampled_from(["int64", "int32", "float64"])))
    kinds = ["tensor", "tensor", "array", "number"] + ["list"] * (value.size > 0)
    # NumPy does not take a vector of one element for a number, nor 2-d values for a 0-d mask
    if value.ndim and (not target or (not a.ndim and value.ndim > 1)):
        kinds = ["number"]
    form = data.draw(st.sampled_from(kinds))
    version = x._version
    if form == "number":
        a[key] = -7
        x[own] = -7
    else:
        given = {"tensor": torch.tensor(value), "array": value, "list": value.tolist()}[form]
        try:
            a[key] = value
        except TypeError:  # NumPy takes only vectors where there is nothing but a mask
            hypothesis.reject()
        except ValueError:
            with pytest.raises(ValueError, match="^index: expected a source that broadcasts"):
                x[own] = given
                pytest.fail(what)
            assert np.array_equal(array(x), a), what
            return
        x[own] = given
    assert np.array_equal(array(x), a), what
    assert x._version == version + 1 or not x.numel() or 0 in target, what


@given(st.data())
@settings(**{**SETTINGS, "max_examples": 200})
def test_updating(data):
    a = data.draw(arrays()).copy()
    key = data.draw(keys(a.shape))
    own = tuple(ours(data.draw, item) for item in key)
    x = torch.tensor(a)
    try:
        a[key] += 5
    except IndexError:
        return
    x[own] += 5
    assert np.array_equal(array(x), a), same_shape_message(key, own, a)


@pytest.mark.parametrize("dtype", EVERY)
def test_every_layout(dtype, device, rng):
    draw = drawer(rng, "float32" if dtype == "bfloat16" else dtype, 0, 100)
    for layout, x in layouts(draw, device):
        x = x.to(dtype_of(dtype)) if dtype == "bfloat16" else x
        a = array(x.float() if dtype == "bfloat16" else x)
        if not a.size or not a.ndim:
            continue

        def equal(t, expected):
            t = t.float() if dtype == "bfloat16" and torch.is_tensor(t) else t
            return same(t, expected) or (not np.ndim(expected) and t == expected)

        mask = rng.random(a.shape) < 0.5
        rows = rng.integers(-len(a), len(a), 4)
        m = on(device, torch.tensor(mask))
        assert equal(x[m], a[mask]), layout
        assert equal(x[m.byte()], a[mask]), layout
        assert equal(x[on(device, torch.tensor(rows))], a[rows]), layout
        assert equal(x[..., ::-1], a[..., ::-1]), layout
        assert equal(x[0], a[0]), layout
        first = mask.any(axis=tuple(range(1, a.ndim)))
        assert equal(x[first], a[first]), layout
        if layout.startswith("expanded") and dtype != "bfloat16":  # to() gave it memory
            with pytest.raises(RuntimeError, match="^index: cannot write to self, an expanded"):
                x[m] = 1
            with pytest.raises(RuntimeError, match="^index: cannot write to self, an expanded"):
                x[[0, 0]] = 1
            with pytest.raises(RuntimeError, match="cannot write to an expanded"):
                x[...] = 1
            continue
        x[m] = 1
        a[mask] = 1
        x[::-2] = x[on(device, torch.tensor([0]))]
        a[::-2] = a[[0]]
        assert equal(x, a), layout
        values = np.arange(mask.sum()) % 2
        x[m] = torch.tensor(values)
        a[mask] = values
        assert equal(x, a), layout
        x[on(device, torch.tensor(rows))] = x[:1]
        a[rows] = a[:1]
        assert equal(x, a), layout


@pytest.mark.parametrize("dtype", ["bool", "int16", "float32", "float64"])
def test_large(dtype, device, rng):
    a = drawer(rng, dtype, -100, 100)((400, 300))
    x = on(device, torch.tensor(a))
    rows, columns = rng.integers(-400, 400, 50000), rng.integers(-300, 300, 50000)
    r, c = on(device, torch.tensor(rows)), on(device, torch.tensor(columns))
    assert same(x[r, c], a[rows, columns])
    assert same(x[r[:500]], a[rows[:500]])
    assert same(x[:, c[:501]], a[:, columns[:501]])
    assert same(x.t()[c[:500]], a.T[columns[:500]])
    assert same(x[r[:300], 1:290], a[rows[:300], 1:290])
    for share in (0, 0.01, 0.5, 0.99, 1):
        mask = rng.random(a.shape) < share
        m = on(device, torch.tensor(mask))
        assert same(x[m], a[mask])
        assert same(x.t()[m.t()], a.T[mask.T])
        y, b = x.clone(), a.copy()
        y[m] = 1
        b[mask] = 1
        assert same(y, b)
        values = drawer(rng, dtype, -100, 100)((mask.sum(),))
        y[m] = torch.tensor(values)
        b[mask] = values
        assert same(y, b)
    y, b = x.clone(), a.copy()
    values = drawer(rng, dtype, -100, 100)((50000,))
    y[r, c] = on(device, torch.tensor(values))
    b[rows, columns] = values
    assert same(y, b)  # of several assignments the last one counts
    y[r[:500]] = x[:1]
    b[rows[:500]] = a[:1]
    y[:, c[:500]] = torch.tensor(values[:500])
    b[:, columns[:500]] = values[:500]
    y.t()[c[:900]] = torch.tensor(values[:900])[:, None].expand(900, 400)
    b.T[columns[:900]] = values[:900, None]
    assert same(y, b)


def test_full_indices_give_python_numbers():
    x = torch.tensor([[1.5, 2.5]])
    assert x[0, 1] == 2.5
    assert type(x[0, 1]) is float
    assert type(torch.tensor([1])[0]) is int
    assert type(torch.tensor([True])[0]) is bool
    assert type(x[0][1]) is float
    assert type(torch.tensor(3)[()]) is int
    assert x[..., 1].tolist() == [2.5]
    assert torch.is_tensor(torch.tensor(3)[...])
    assert x[np.int64(0), np.int32(1)] == 2.5
    assert type(x[torch.tensor(0), 1]) is float
    assert type(x.half()[0, 1]) is float


def test_integers_without_dimensions_are_ints_but_copy():
    x = torch.arange(6).view(2, 3)
    row = x[torch.tensor(1)]
    row[0] = 100
    assert row.tolist() == [100, 4, 5]
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]
    x[torch.tensor(1)] = 9
    assert x.tolist() == [[0, 1, 2], [9, 9, 9]]


def test_basic_keys_give_views():
    x = torch.zeros(3, 4)
    x[1:, ::2][0] = 1
    x[None, 2, ..., 1:3].fill_(5)
    x[::-1][0, 0] = 7
    x.select(0, 0).narrow(0, 1, 2).fill_(3)
    assert x.tolist() == [[0, 3, 3, 0], [1, 0, 1, 0], [7, 5, 5, 0]]


def test_assignment_converts_and_broadcasts():
    x = torch.zeros(2, 3)
    x[0] = [1, 2, 3]
    x[:, 1] = torch.tensor([7, 8])
    x[1, 2] = True
    assert x.tolist() == [[1, 7, 3], [0, 8, 1]]
    x[torch.tensor([[True, False, True], [False] * 3])] = torch.tensor([5, 6])
    assert x[0].tolist() == [5, 7, 6]
    x[...] = 4
    x[None, 0:1, None] = 9
    assert x.tolist() == [[9, 9, 9], [4, 4, 4]]
    x[:, [0, 2]] += 1
    assert x.tolist() == [[10, 9, 10], [5, 4, 5]]
    x[torch.tensor([], dtype=torch.int64)] = 3
    x[[]] = 3
    x[False] = 3
    x[:0] = torch.zeros(0, 3)
    assert x.tolist() == [[10, 9, 10], [5, 4, 5]]
    x[True] = torch.tensor([[1, 2, 3]])
    assert x.tolist() == [[1, 2, 3], [1, 2, 3]]
    i = torch.zeros(3, dtype=torch.int64)
    i[:2] = [1.7, -1.7]  # as NumPy
    i[2] = 3.0
    assert i.tolist() == [1, -1, 3]


def test_assignment_of_own_memory():
    x = torch.arange(6)
    x[torch.tensor([0, 1, 2])] = x[3:]
    x[3:] = x[2::-1]
    assert x.tolist() == [3, 4, 5, 5, 4, 3]
    x = torch.arange(5)
    x[x] = x[::-1]
    assert x.tolist() == [4, 3, 2, 1, 0]
    x = torch.arange(6)
    x[1:] = x[:-1]
    assert x.tolist() == [0, 0, 1, 2, 3, 4]
    x[::-1] = x
    assert x.tolist() == [4, 3, 2, 1, 0, 0]
    x = torch.arange(100000)
    x[x] = x[::-1]
    assert x.equal(torch.arange(100000)[::-1])
    m = torch.tensor([True, False, True])
    m[m] = torch.tensor([False, True])
    assert m.tolist() == [False, False, True]
    b = torch.tensor([0, 1, 1, 0], dtype=torch.uint8)
    b[1:][b[:-1]] = 7
    assert b.tolist() == [0, 1, 7, 7]


def test_the_last_of_several_assignments_counts():
    x = torch.zeros(3)
    x[torch.tensor([0, 0, 1])] = torch.tensor([1.0, 2.0, 3.0])
    assert x.tolist() == [2, 3, 0]
    x[[0, 0, 0]] += 1
    assert x.tolist() == [3, 3, 0]


def test_each_write_counts_once():
    x = torch.zeros(2, 2)
    mask = torch.tensor([[True, False], [True, True]])
    for key, value in [
        (0, 1), ((0, 0), 1), ([0], 1), (mask, 1), (mask, torch.ones(3)), (mask[0], torch.ones(2)),
        (..., 1), (0, torch.ones(2)), ((torch.tensor(0), 0), 2),
    ]:  # fmt: skip
        version = x._version
        x[key] = value
        assert x._version == version + 1
        y = x.t()[::-1]
        y[0, 0] = 3
        assert x._version == version + 2


def test_half_numbers_keep_their_bits():
    for dtype in (torch.float16, torch.bfloat16):
        x = torch.tensor([0.1, -2.5, 65000.0, float("inf")]).to(dtype)
        assert x[[3, 1, 1]].equal(x.float()[[3, 1, 1]].to(dtype))
        assert x[x > 0].equal(x.float()[[0, 2, 3]].to(dtype))
        x[1] = 0.1
        assert x[1] == x[0]
        x[x > 1] = 1 / 3
        assert x[2] == torch.tensor([1 / 3]).to(dtype)[0]


def test_many_dimensions():
    x = torch.zeros((1,) * 64)
    assert x[0].dim() == 63
    assert type(x[(0,) * 64]) is float
    with pytest.raises(IndexError, match="^index: at most 64 dimensions are supported"):
        x[None]
    with pytest.raises(IndexError, match="^index: at most 64 dimensions are supported"):
        x[torch.zeros(1, 1, dtype=torch.int64)]


def test_sequences_and_containment():
    x = torch.arange(6).view(3, 2)
    assert [row.tolist() for row in x] == [[0, 1], [2, 3], [4, 5]]
    assert list(x[:, 0]) == [0, 2, 4]
    assert len(x) == 3
    assert 5 in x
    assert 6 not in x
    assert x[range(2)].tolist() == [[0, 1], [2, 3]]
    assert x[[[0, 1], [2, 0]]].shape == (2, 2, 2)
    assert x[[[]]].shape == (1, 0, 2)
    with pytest.raises(TypeError, match="^index: elements of a tensor cannot be deleted$"):
        del x[0]


class Overloaded:
    @classmethod
    def __torch_function__(cls, *args):
        raise AssertionError


@pytest.mark.parametrize(
    "key, text",
    [
        (1.5, "got float$"),
        ("a", "got str$"),
        ({}, "got dict$"),
        (object(), "got object$"),
        ([0.5], "got FloatTensor"),
        (torch.zeros(0), r"got FloatTensor of size \(0,\)$"),
        (np.zeros(0), r"got DoubleTensor of size \(0,\)$"),
        (["a"], "expected numbers or"),
        ([slice(1)], "expected numbers or"),
        ([None], "expected numbers or"),
        ((0, 0, 0), "too many indices for FloatTensor of size .3, 4.: 3 were given$"),
        ((0, True, 0, 0), "too many indices"),
        (torch.ones(3, 4, 1).bool(), "too many indices"),
        (3, "index 3 is out of range for dimension 0 of size 3$"),
        ((0, -5), "index -5 is out of range for dimension 1 of size 4$"),
        (2**70, "beyond 64 bits"),
        ((..., ...), "at most one ellipsis"),
        ([0, 3], r"index 3 at position \(1,\) is out of range for dimension 0 of size 3, "
                 "expected -3 to 2$"),
        ((slice(None), [[0], [-5]]), r"index -5 at position \(1, 0\) is out of range for "
                                     "dimension 1 of size 4, expected -4 to 3$"),
        ((slice(3, 3), [4]), "index 4 at position"),
        (([0, 1], [0, 1, 2]), r"sizes \(2,\) and \(3,\) do not broadcast"),
        ((False, [0, 1]), r"sizes \(0,\) and \(2,\) do not broadcast"),
        (torch.ones(2).bool(), r"mask of size \(2,\) does not fit dimension 0 of size 3$"),
        ((0, torch.ones(3).byte()), r"mask of size \(3,\) does not fit dimension 1 of size 4$"),
        (torch.ones(3, 3).bool(), r"mask of size \(3, 3\) does not fit dimension 1 of size 4$"),
    ],
)  # fmt: skip
def test_errors(key, text):
    x = torch.zeros(3, 4)
    with pytest.raises(IndexError, match=f"^index: .*{text}"):
        x[key]
    with pytest.raises(IndexError, match=f"^index: .*{text}"):
        x[key] = 1
    with pytest.raises(IndexError, match=f"^index: .*{text}"):
        x[key] = torch.ones(1)
    assert x.sum() == 0
    assert x._version == 0


@pytest.mark.parametrize(
    "key, value, kind, text",
    [
        (0, 0.5, TypeError, "^index: expected a whole number for LongTensor, got 0.5$"),
        ((0, 0), float("nan"), TypeError, "^index: expected a whole number"),
        ([0], 0.5, TypeError, "^index: expected a whole number for LongTensor, got 0.5$"),
        (torch.ones(2).bool(), 0.5, TypeError, "^index: expected a whole number"),
        ((0, 0), 2**63, OverflowError, "^index: the number .* does not fit LongTensor$"),
        ([0], 2**63, OverflowError, "^index: the number .* does not fit LongTensor$"),
        (0, "a", TypeError, "^index: expected numbers or .nested. sequences of numbers, got str$"),
        (0, Overloaded(), TypeError, "^index: a Overloaded was used where data is expected"),
        (Overloaded(), 0, TypeError, "^index: a Overloaded was used where data is expected"),
        ([Overloaded()], 0, TypeError, "^index: a Overloaded was used where data is expected"),
        (0, torch.zeros(2), ValueError, "^index: expected a source that broadcasts to size .3,., got"),
        ([0], torch.zeros(2), ValueError, "^index: expected a source that broadcasts to size .1, 3."),
        (torch.ones(2, 3).bool(), torch.zeros(5), ValueError, "^index: expected a source that broadcasts to size .6,., got"),
        (torch.ones(2, 3).bool(), torch.zeros(7), ValueError, "^index: expected a source that broadcasts to size .6,., got"),
        (torch.ones(2, 3).bool(), torch.zeros(2, 3), ValueError, "^index: expected a source that broadcasts to size .6,., got"),
        (0, torch.zeros(2, 1, 3), ValueError, "^index: expected a source that broadcasts to size .3,., got"),
    ],
)  # fmt: skip
def test_errors_of_assignment(key, value, kind, text):
    x = torch.zeros(2, 3, dtype=torch.int64)
    with pytest.raises(kind, match=text):
        if key is None:
            x[0, 0] = value
        x[key] = value
    assert x.sum() == 0


def test_reading_with_a_variable_is_refused():
    for key in (Overloaded(), (Overloaded(),), [Overloaded()], [0, Overloaded()]):
        with pytest.raises(TypeError, match="^index: a Overloaded was used where data is expected"):
            torch.zeros(3)[key]


@pytest.mark.parametrize("change", [
    lambda x: x.resize_(1), lambda x: x.resize_(50, 50, 50), lambda x: x.storage().resize_(1),
])  # fmt: skip
def test_keys_that_resize_the_tensor(change):
    x = torch.zeros(4, 4, 4)

    class Key:
        def __index__(self):
            change(x)
            return 3

    def attempt(call):
        nonlocal x
        x = torch.zeros(4, 4, 4)
        try:
            call()
        except (IndexError, RuntimeError, TypeError, ValueError) as e:
            assert str(e).startswith("index: ")  # noqa: PT017

    key = Key()
    for k in [
        key,
        (key, 3, 3),
        (3, 3, key),
        slice(key, None),
        (..., slice(key)),
        ([3], key),
        [key],
    ]:
        attempt(lambda k=k: x[k])
        attempt(lambda k=k: x.__setitem__(k, 1))
    for k in [3, (3, 3, 3), [3], ...]:
        attempt(lambda k=k: x.__setitem__(k, [key]))
        attempt(lambda k=k: x.__setitem__(k, key))
    with pytest.raises(RuntimeError, match="^index: the tensor was resized while its key was read"):
        y = torch.zeros(4)
        y[slice(type("K", (), {"__index__": lambda s: y.storage().resize_(1) and 2})(), None)]
