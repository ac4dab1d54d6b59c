"""Indexing against NumPy, with drawn keys, and the functions that take index tensors."""

import random

import numpy as np
import pytest
import torch
from harness import DTYPES, array, drawer, dtype_of, layouts, on, same

SHAPES = [(5,), (4, 3), (3, 4, 2), (2, 3, 2, 4), (1, 3), (3, 0, 2)]


def draw_slice(r: random.Random, n: int) -> slice:
    bounds = [None, *range(-n - 2, n + 3)]
    return slice(r.choice(bounds), r.choice(bounds), r.choice([None, 1, 2, 3, -1, -2]))


def draw_key(r: random.Random, shape: tuple[int, ...]) -> tuple:
    """A key for an array of the shape: ints, slices, None, ..., index arrays and masks, mixed."""
    rng = np.random.default_rng(r.getrandbits(32))
    common = r.choice([(), (1,), (3,), (2, 3), (0,)])
    key: list = []
    dim, ellipsis = 0, False
    advanced = r.random() < 0.6
    while dim < len(shape) and r.random() < 0.85:
        n = shape[dim]
        kind = r.choice(["int", "slice", "slice", "None", "...", *["array", "mask"] * advanced])
        if kind == "None":
            key.append(None)
            continue
        if kind == "...":
            if not ellipsis:
                key.append(...)
                ellipsis = True
                dim += r.randrange(len(shape) - dim + 1)
            continue
        if kind == "int":
            # out of range now and then
            key.append(r.randint(-n, n - 1) if n and r.random() < 0.97 else r.choice([n, -n - 1]))
        elif kind == "slice":
            key.append(draw_slice(r, n))
        elif kind == "array":
            size = tuple(r.choice([k, 1]) for k in common)[r.randrange(len(common) + 1) :]
            if n:
                key.append(rng.integers(-n, n, size).astype(r.choice(["int64", "int32", "int8"])))
            else:
                key.append(np.zeros(0, dtype="int64"))
        else:
            dims = r.choice([1, 1, 2])
            sizes = shape[dim : dim + dims]
            if ellipsis and 0 in sizes:
                continue  # NumPy does not check the size of empty masks; the ellipsis moves them
            key.append(rng.random(sizes) < 0.5)
            dim += len(sizes) - 1
        dim += 1
    return tuple(key)


def for_tensor(item, r: random.Random):
    """Index arrays as tensors, arrays or lists."""
    if not isinstance(item, np.ndarray):
        return item
    form = r.choice(["tensor", "tensor", "array", "list"])
    if item.ndim == 0 or item.size == 0 or form == "tensor":
        return torch.tensor(item)
    return item if form == "array" else item.tolist()


def cases(seed: int, count: int):
    r = random.Random(seed)
    for _ in range(count):
        shape = r.choice(SHAPES)
        a = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        x = torch.tensor(a)
        if len(shape) > 1 and r.random() < 0.4:  # not contiguous
            a, x = a.swapaxes(0, -1), x.transpose(0, -1)
        key = draw_key(r, a.shape)
        own = tuple(for_tensor(item, r) for item in key)
        if len(key) == 1 and r.random() < 0.5:
            key, own = key[0], own[0]
        yield r, a, x, key, own


@pytest.mark.parametrize("part", range(8))
def test_reading_drawn_keys(part, seed):
    for _, a, x, key, own in cases(seed, 500):
        what = f"{a.shape}, strides {a.strides}: [{key!r}]"
        try:
            expected = a[key]
        except IndexError:
            with pytest.raises((IndexError, ValueError), match=r"^index: "):
                x[own]
                pytest.fail(what)
            continue
        result = x[own]
        assert np.shape(array(result)) == np.shape(expected), what
        assert np.array_equal(array(result), expected), what
        basic = not any(
            isinstance(k, np.ndarray) for k in (key if isinstance(key, tuple) else [key])
        )
        if torch.is_tensor(result):
            assert (result.storage()._cdata == x.storage()._cdata) == basic, what
        else:
            assert type(result) is int, what


@pytest.mark.parametrize("part", range(8))
def test_writing_drawn_keys(part, seed):
    for r, a, x, key, own in cases(seed, 500):
        what = f"{a.shape}, strides {a.strides}: [{key!r}]"
        a, x = a.copy(), x.clone()
        try:
            target = np.shape(a[key])
        except IndexError:
            with pytest.raises((IndexError, ValueError), match=r"^index"):
                x[own] = 1
                pytest.fail(what)
            continue
        shape = tuple(n if r.random() < 0.8 else 1 for n in target)[r.randrange(2) :]
        value = -1 - np.arange(np.prod(shape, dtype=int)).reshape(shape)
        given = r.choice(["tensor", "array", "number"])
        if given == "number":
            a[key] = -7
            x[own] = -7
        else:
            a[key] = value
            x[own] = torch.tensor(value) if given == "tensor" else value
        assert np.array_equal(array(x), a), what


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_layout(dtype, device, rng):
    for layout, x in layouts(drawer(rng, dtype, -100, 100), device):
        a = array(x)
        if not a.size or not a.ndim:
            continue
        mask = rng.random(a.shape) < 0.5
        rows = rng.integers(-len(a), len(a), 4)
        assert same(x[on(device, torch.tensor(mask))], a[mask]), layout
        assert same(x[on(device, torch.tensor(mask)).byte()], a[mask]), layout
        assert same(x[on(device, torch.tensor(rows))], a[rows]), layout
        assert same(x[..., ::-1], a[..., ::-1]), layout
        assert same(x[0], a[0]) or x[0] == a[0], layout
        if layout.startswith("expanded"):
            continue
        x[on(device, torch.tensor(mask))] = 1
        a[mask] = 1
        x[::-2] = x[on(device, torch.tensor([0]))]
        a[::-2] = a[[0]]
        assert same(x, a), layout


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
    x[:0] = torch.zeros(0, 3)
    assert x.tolist() == [[10, 9, 10], [5, 4, 5]]


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


def test_the_last_of_several_assignments_counts():
    x = torch.zeros(3)
    x[torch.tensor([0, 0, 1])] = torch.tensor([1.0, 2.0, 3.0])
    assert x.tolist() == [2, 3, 0]


def test_writing_counts_as_change():
    x = torch.zeros(2, 2)
    for write in [
        lambda: x.__setitem__(0, 1),
        lambda: x.__setitem__((0, 0), 1),
        lambda: x.__setitem__(torch.tensor([0]), 1),
        lambda: x.t()[0].copy_(torch.ones(2)),
        lambda: x.index_add_(0, torch.tensor([0]), torch.ones(1, 2)),
        lambda: x.scatter_(0, torch.tensor([[0, 0]]), 1),
        lambda: x.scatter_add_(0, torch.tensor([[0, 0]]), torch.ones(1, 2)),
    ]:
        version = x._version
        write()
        assert x._version > version


@pytest.mark.parametrize("dtype", DTYPES)
def test_index_select(dtype, device, rng):
    draw = drawer(rng, dtype, -100, 100)
    for layout, x in layouts(draw, device):
        a = array(x)
        for dim in range(-a.ndim, a.ndim):
            n = a.shape[dim]
            for count in (0, 1, 5) if n else (0,):
                index = rng.integers(-n, n, count) if n else np.zeros(0, dtype=int)
                result = torch.index_select(x, dim, on(device, torch.tensor(index)))
                assert same(result, np.take(a, index, dim)), layout
                assert result.dtype == x.dtype
    x = torch.arange(5)
    assert x.index_select(0, torch.tensor([4, 0], dtype=torch.int32)).tolist() == [4, 0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_index_add(dtype, device, rng):
    draw = drawer(rng, dtype, -10, 10)
    for dim in (0, 1, -1):
        a = draw((4, 5))
        index = rng.integers(-a.shape[dim], a.shape[dim], 7)
        shape = list(a.shape)
        shape[dim] = 7
        source = draw(tuple(shape))
        x = on(device, torch.tensor(a))
        i, s = on(device, torch.tensor(index)), on(device, torch.tensor(source))
        assert x.index_add_(dim, i, s) is x
        np.add.at(a, (slice(None),) * (dim % 2) + (index,), source)
        assert np.allclose(array(x), a, rtol=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_gather_and_scatter(dtype, device, rng):
    draw = drawer(rng, dtype, -10, 10)
    for shape, size in [((4, 5), (3, 5)), ((5,), (7,)), ((2, 3, 4), (2, 3, 2)), ((4, 5), (0, 5))]:
        for dim in range(len(shape)):
            size = tuple(
                min(n, k) if d != dim else n
                for d, (n, k) in enumerate(zip(size, shape, strict=True))
            )
            index = rng.integers(-shape[dim], shape[dim], size)
            i = on(device, torch.tensor(index))
            a, source = draw(shape), draw(size)
            x, s = on(device, torch.tensor(a)), on(device, torch.tensor(source))
            cut = tuple(slice(0, n) if d != dim else slice(None) for d, n in enumerate(size))
            assert same(torch.gather(x, dim, i), np.take_along_axis(a[cut], index, dim))
            if x.dim() == 2:
                assert same(x.t().gather(1 - dim, i.t()).t(), x.gather(dim, i))
            positions = list(np.ogrid[tuple(slice(0, n) for n in size)])
            positions[dim] = index
            b = a.copy()
            y = x.clone()
            assert y.scatter_add_(dim, i, s) is y
            np.add.at(b, tuple(positions), source)
            assert np.allclose(array(y), b, rtol=1e-5)
            y, b = x.clone(), a.copy()
            assert y.scatter_(dim, i, 3) is y
            b[tuple(positions)] = 3
            assert same(y, b)
            y, b = x.clone(), a.copy()
            y.scatter_(dim, i, s)
            b[tuple(positions)] = source
            assert same(y, b)


def test_scatter_from_own_memory():
    x = torch.arange(4)
    x.scatter_(0, torch.tensor([3, 2, 1, 0]), x)
    assert x.tolist() == [3, 2, 1, 0]
    y = torch.zeros(3)
    y.scatter_(0, torch.tensor([2]), torch.tensor([5, 6, 7]))  # a larger source; integers
    assert y.tolist() == [0, 0, 5]


@pytest.mark.parametrize("dtype", DTYPES)
def test_nonzero_and_masked_select(dtype, device, rng):
    for layout, x in layouts(drawer(rng, dtype, -1, 1), device):
        a = array(x)
        if a.ndim:
            expected = np.argwhere(a)
            assert same(torch.nonzero(x), expected.astype("int64")), layout
            assert x.nonzero().shape == expected.shape, layout
        mask = rng.random(a.shape) < 0.5
        result = torch.masked_select(x, on(device, torch.tensor(mask)))
        assert same(result, a[mask]), layout
    rows = torch.tensor([[True], [False]])
    assert torch.arange(6).view(2, 3).masked_select(rows).tolist() == [0, 1, 2]
    assert torch.arange(3).masked_select(torch.tensor([1, 0, 1], dtype=torch.uint8)).tolist() == [
        0,
        2,
    ]


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_tensors(dtype, rng):
    a = drawer(rng, dtype, -100, 100)((400, 300))
    x = torch.tensor(a)
    rows, columns = rng.integers(0, 400, 50000), rng.integers(0, 300, 50000)
    assert same(x[torch.tensor(rows), torch.tensor(columns)], a[rows, columns])
    assert same(x[torch.tensor(rows[:500])], a[rows[:500]])
    assert same(x.t()[torch.tensor(columns[:500])], a.T[columns[:500]])
    mask = rng.random(a.shape) < 0.3
    assert same(x[torch.tensor(mask)], a[mask])
    x[torch.tensor(mask)] = 1
    a[mask] = 1
    assert same(x, a)


def test_dtype_of_the_result():
    for dtype in DTYPES:
        x = torch.zeros(3, dtype=dtype_of(dtype))
        assert x[torch.tensor([0])].dtype == x.dtype
        assert x[1:].dtype == x.dtype
