# ruff: noqa: E501
"""Functions that take integer tensors: index_*, gather and scatter, take and put."""

import numpy as np
import pytest
import torch
from harness import DTYPES, array, drawer, dtype_of, layouts, on, same

HALVES = ["float16", "bfloat16"]
L = torch.int64


def outputs(result):
    """Tensors that may take a result as out=."""
    shape, dtype = tuple(result.shape), result.dtype
    yield torch.empty(shape, dtype=dtype)
    yield torch.empty(0, dtype=dtype)
    yield torch.empty((*shape, 2), dtype=dtype).select(-1, 1)


def check_out(function, *args, **keywords):
    """The result, which is the same in out=."""
    result = function(*args, **keywords)
    for out in outputs(result):
        version = out._version
        assert function(*args, out=out, **keywords) is out
        assert out._version > version or not out.numel()
        assert same(out, result)
    return result


def check_written(name, x, *args, **keywords):
    """The result of all forms of an op that writes to its first argument."""
    before = array(x)
    result = check_out(getattr(torch, name), x, *args, **keywords)
    assert same(getattr(x, name)(*args, **keywords), result)
    assert same(x, before)
    strided = torch.empty((*x.shape, 2), dtype=x.dtype).select(-1, 0)
    for y in (x.clone(), strided):
        y.copy_(x)
        version = y._version
        assert getattr(y, name + "_")(*args, **keywords) is y
        assert y._version == version + 1
        assert same(y, result)
    return result


def half_safe(t):
    return t.float() if t.dtype == torch.bfloat16 else t


@pytest.mark.parametrize("dtype", DTYPES)
def test_index_select(dtype, device, rng):
    draw = drawer(rng, dtype, -100, 100)
    for layout, x in layouts(draw, device):
        a = array(x)
        for dim in range(-a.ndim, a.ndim):
            n = a.shape[dim]
            for count in (0, 1, 5) if n else (0,):
                index = rng.integers(0, n, count) if n else np.zeros(0, dtype=int)
                i = on(device, torch.tensor(index))
                result = check_out(torch.index_select, x, dim, i)
                assert same(result, np.take(a, index, dim)), layout
                assert result.is_contiguous()
    x = torch.arange(5)
    for small in ("uint8", "int8", "int16", "int32"):
        index = torch.tensor([4, 0], dtype=dtype_of(small))
        assert x.index_select(0, index).tolist() == [4, 0]
    assert x.index_select(axis=0, indices=torch.tensor([3])).tolist() == [3]
    assert x.index_select(0, torch.tensor([1, 0, 2, 0])[::2]).tolist() == [1, 2]
    assert x.index_select(0, torch.tensor([2]).expand(3)).tolist() == [2, 2, 2]


def positions_of(index, dim):
    positions = list(np.ogrid[tuple(slice(0, n) for n in index.shape)])
    positions[dim] = index
    return tuple(positions)


@pytest.mark.parametrize("dtype", DTYPES)
def test_gather_and_scatter(dtype, device, rng):
    draw = drawer(rng, dtype, -10, 10)
    for shape, size in [((4, 5), (3, 5)), ((5,), (7,)), ((2, 3, 4), (2, 3, 2)), ((4, 5), (0, 5))]:
        for dim in range(len(shape)):
            size = tuple(
                min(n, k) if d != dim else n
                for d, (n, k) in enumerate(zip(size, shape, strict=True))
            )
            index = rng.integers(0, shape[dim], size)
            i = on(device, torch.tensor(index))
            a, source = draw(shape), draw(size)
            x, s = on(device, torch.tensor(a)), on(device, torch.tensor(source))
            cut = tuple(slice(0, n) if d != dim else slice(None) for d, n in enumerate(size))
            result = check_out(torch.gather, x, dim, i)
            assert same(result, np.take_along_axis(a[cut], index, dim))
            if x.dim() == 2:
                assert same(x.t().gather(1 - dim, i.t()).t(), x.gather(dim, i))
            positions = positions_of(index, dim)
            for name, keywords, update in [
                ("scatter_add", {}, np.add),
                ("scatter", {"reduce": "add"}, np.add),
                ("scatter", {"reduce": "multiply"}, np.multiply),
            ]:
                b = a.copy()
                update.at(b, positions, source)
                result = check_written(name, x, dim, i, s, **keywords)
                assert np.allclose(array(result), b, rtol=1e-5)
            b = a.copy()
            b[positions] = 3
            assert same(check_written("scatter", x, dim, i, 3), b)
            b = a.copy()
            b[positions] = source
            assert same(check_written("scatter", x, dim, i, s), b)


@pytest.mark.parametrize("dtype", DTYPES)
def test_index_writes(dtype, device, rng):
    draw = drawer(rng, dtype, -10, 10)
    for dim in (0, 1, -1):
        a = draw((4, 5))
        index = rng.integers(0, a.shape[dim], 7)
        shape = list(a.shape)
        shape[dim] = 7
        source = draw(tuple(shape))
        x = on(device, torch.tensor(a))
        i, s = on(device, torch.tensor(index)), on(device, torch.tensor(source))
        key = (slice(None),) * (dim % 2) + (index,)
        b = a.copy()
        np.add.at(b, key, source)
        assert np.allclose(array(check_written("index_add", x, dim, i, s)), b, rtol=1e-5)
        b = a.copy()
        b[key] = source
        assert same(check_written("index_copy", x, dim, i, s), b)
        b[key] = 1
        assert same(check_written("index_fill", x, dim, i, 1), b)
        assert same(x.index_fill(dim, i, torch.tensor(1)), b)
    y = torch.zeros(3).index_add(0, torch.tensor([0, 0]), torch.tensor([1, 2]), alpha=0.5)
    assert y.tolist() == [1.5, 0, 0]
    y = torch.arange(3).index_add_(0, torch.tensor([2]), torch.tensor([5]), alpha=-2)
    assert y.tolist() == [0, 1, -8]


@pytest.mark.parametrize("dtype", HALVES)
def test_halves(dtype, rng):
    t = dtype_of(dtype)
    a = rng.integers(-8, 8, (6, 5)).astype("float32")
    x, index = torch.tensor(a).to(t), torch.tensor(rng.integers(0, 6, 9))
    source = torch.tensor(rng.integers(-8, 8, (9, 5)).astype("float32")).to(t)
    full = index.view(9, 1).expand(9, 5)
    for name, args in [
        ("index_select", (0, index)),
        ("gather", (0, full)),
        ("index_add", (0, index, source)),
        ("index_copy", (0, index, source)),
        ("index_fill", (0, index, 3)),
        ("scatter", (0, full, source)),
        ("scatter_add", (0, full, source)),
        ("take", (full,)),
    ]:
        wide = [z.float() if torch.is_tensor(z) and z.dtype == t else z for z in args]
        result = getattr(torch, name)(x, *args)
        assert result.dtype == t
        assert same(half_safe(result).float(), getattr(torch, name)(x.float(), *wide)), name
    # 4096 ones do not add up in float16 itself: 2048 + 1 is 2048
    zeros, ones = torch.zeros(1).to(t), torch.ones(4096).to(t)
    at = torch.zeros(4096, dtype=L)
    assert zeros.index_add(0, at, ones).float().tolist() == [4096]
    assert zeros.index_put((at,), ones, accumulate=True).float().tolist() == [4096]
    version = zeros._version
    assert zeros.scatter_add_(0, at, ones) is zeros
    assert zeros._version == version + 1
    assert zeros.float().tolist() == [4096]


@pytest.mark.parametrize("dtype", DTYPES)
def test_take_and_put(dtype, device, rng):
    draw = drawer(rng, dtype, -100, 100)
    for layout, x in layouts(draw, device):
        a = array(x)
        if not a.size:
            empty = np.zeros((2, 0), dtype=int)
            assert same(torch.take(x, torch.tensor(empty)), a.ravel()[empty])
            continue
        index = rng.integers(-a.size, a.size, (2, 3))
        i = on(device, torch.tensor(index))
        assert same(check_out(torch.take, x, i), np.take(a, index)), layout
        for dim in range(a.ndim):
            rows = index % a.shape[dim] - (index < 0) * a.shape[dim]
            result = check_out(torch.take, x, on(device, torch.tensor(rows)), dim)
            assert same(result, np.take(a, rows, dim)), layout
        if layout.startswith("expanded"):
            with pytest.raises(RuntimeError, match="^put_: cannot write to self, an expanded"):
                x.put_(i, 1)
            continue
        source = draw((3, 2))
        np.put(a, index, source)
        version = x._version
        assert x.put_(i, on(device, torch.tensor(source))) is x
        assert x._version == version + 1
        assert same(x, a), layout
        x.put_(i, 1)
        np.put(a, index, 1)
        assert same(x, a), layout
        b = a.ravel()
        np.add.at(b, index, np.ones((), dtype))
        x.put_(i, torch.tensor(np.ones((2, 3), dtype)), accumulate=True)
        assert same(x, b.reshape(a.shape)), layout


@pytest.mark.parametrize("dtype", ["bool", "int32", "float64"])
def test_take_and_put_along_a_dimension(dtype, device, rng):
    draw = drawer(rng, dtype, -100, 100)
    for shape, size in [
        ((4, 5), (3, 5)),
        ((4, 5), (4, 1)),
        ((1, 5), (6, 5)),
        ((2, 3, 4), (1, 3, 4)),
    ]:
        for dim in range(len(shape)):
            fitting = all(
                d == dim or m in (1, n) or n == 1
                for d, (n, m) in enumerate(zip(shape, size, strict=True))
            )
            index = rng.integers(-shape[dim], shape[dim], size)
            a = draw(shape)
            x, i = on(device, torch.tensor(a)), on(device, torch.tensor(index))
            if not fitting:
                with pytest.raises(ValueError, match="^take_along_dim: sizes .* do not broadcast"):
                    torch.take_along_dim(x, i, dim)
                continue
            expected = np.take_along_axis(a, index, dim)
            assert same(check_out(torch.take_along_dim, x, i, dim), expected)
            assert same(torch.take_along_axis(x, indices=i, axis=dim), expected)
            if any(m not in (1, n) for d, (n, m) in enumerate(zip(shape, size)) if d != dim):
                with pytest.raises(ValueError, match="^put_along_axis_: expected an index"):
                    x.put_along_axis_(i, 1, dim)
                continue
            values = draw(size[-1:])
            np.put_along_axis(a, index, values, dim)
            version = x._version
            assert x.put_along_axis_(i, on(device, torch.tensor(values)), dim) is x
            assert x._version == version + 1
            assert same(x, a)
    x = torch.tensor([[3, 1], [2, 4]])
    assert torch.take_along_dim(x, torch.tensor([3, 0])).tolist() == [4, 3]
    assert x.put_along_axis_(torch.tensor([[0]]), 9, 1).tolist() == [[9, 1], [9, 4]]


@pytest.mark.parametrize("dtype", ["bool", "int64", "float32"])
def test_index_put(dtype, device, rng):
    draw = drawer(rng, dtype, -10, 10)
    a = draw((4, 5, 3))
    x = on(device, torch.tensor(a))
    rows, columns = rng.integers(-4, 4, (2, 6)), rng.integers(-5, 5, 6)
    r, c = on(device, torch.tensor(rows)), on(device, torch.tensor(columns))
    values = draw((6, 3))
    v = on(device, torch.tensor(values))
    b = a.copy()
    b[rows, columns] = values
    assert same(check_written("index_put", x, (r, c), v), b)
    b = a.copy()
    np.add.at(b, (rows, columns), values)
    result = check_written("index_put", x, (r, c), v, accumulate=True)
    assert np.allclose(array(result), b)
    mask = rng.random((4, 5)) < 0.5
    b = a.copy()
    b[mask] += np.ones((), dtype)
    m = on(device, torch.tensor(mask))
    one = torch.tensor(np.ones((), dtype))
    assert np.allclose(array(x.index_put([m], one, True)), b)
    b[mask] = 1
    assert same(x.index_put([m], 1), b)
    assert same(x.index_put([m.byte()], 1), b)


@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_large(dtype, device, rng):
    """Past the threshold of threads, in every direction of the data."""
    a = rng.integers(-5, 5, (301, 517)).astype(dtype)
    x = on(device, torch.tensor(a))
    for dim in (0, 1):
        index = rng.integers(0, a.shape[dim], a.shape)
        i = on(device, torch.tensor(index))
        source = rng.integers(-5, 5, a.shape).astype(dtype)
        s = on(device, torch.tensor(source))
        positions = positions_of(index, dim)
        assert same(x.gather(dim, i), a[positions])
        for y, key in [(x, i), (x.t(), i.t()), (x[::-1], i), (x[:, ::-1], i)]:
            d = 1 - dim if y.shape != x.shape else dim
            assert same(y.gather(d, key), np.take_along_axis(array(y), array(key), d))
        b = a.copy()
        np.add.at(b, positions, source)
        assert same(x.scatter_add(dim, i, s), b)
        b = a.copy()
        b[positions] = source
        assert same(x.scatter(dim, i, s), b)
        y = x.t().clone().t()
        assert same(y.scatter_(dim, i, s), b)
        rows = rng.integers(0, a.shape[dim], 1000)
        r = on(device, torch.tensor(rows))
        assert same(x.index_select(dim, r), np.take(a, rows, dim))
        more = rng.integers(-5, 5, (1000, 517) if dim == 0 else (301, 1000)).astype(dtype)
        b = a.copy()
        np.add.at(b, (slice(None),) * dim + (rows,), more)
        m = on(device, torch.tensor(more))
        assert same(x.index_add(dim, r, m), b)
        assert same(x.t().clone().t().index_add_(dim, r, m), b)
        b = a.copy()
        b[(slice(None),) * dim + (rows,)] = more
        assert same(x.index_copy(dim, r, m), b)
    flat = rng.integers(-a.size, a.size, 100001)
    f = on(device, torch.tensor(flat))
    assert same(x.take(f), np.take(a, flat))
    assert same(x.t().take(f), np.take(a.T, flat))
    values = np.arange(100001).astype(dtype)
    b = a.copy()
    np.put(b, flat, values)
    assert same(x.clone().put_(f, torch.tensor(values)), b)
    narrow = x[:, :3]  # short runs
    rows = rng.integers(0, 301, 40000)
    r = on(device, torch.tensor(rows))
    assert same(narrow[r], a[:, :3][rows])
    more = rng.integers(-5, 5, (40000, 3)).astype(dtype)
    b = a.copy()
    np.add.at(b[:, :3], rows, more)
    x[:, :3].index_add_(0, r, torch.tensor(more))
    assert same(x, b)


def test_the_first_index_outside_is_named():
    index = torch.zeros(500000, dtype=L)
    index[[499999, 123456, 400000]] = torch.tensor([5, 7, -1])
    for call in (
        lambda: torch.zeros(3).index_select(0, index),
        lambda: torch.zeros(3).take(index),
        lambda: torch.zeros(3)[index],
    ):
        with pytest.raises(IndexError, match=r"index 7 at position \(123456,\) is out of range"):
            call()


def test_own_memory():
    x = torch.arange(4)
    x.scatter_(0, torch.tensor([3, 2, 1, 0]), x)
    assert x.tolist() == [3, 2, 1, 0]
    y = torch.zeros(3)
    y.scatter_(0, torch.tensor([2]), torch.tensor([5, 6, 7]))  # a larger source; integers
    assert y.tolist() == [0, 0, 5]
    x = torch.arange(4)
    x.index_copy_(0, torch.tensor([1, 2, 3]), x[:3])
    assert x.tolist() == [0, 0, 1, 2]
    x = torch.arange(4)
    x.index_add_(0, x, x[::-1])
    assert x.tolist() == [3, 3, 3, 3]
    x = torch.tensor([1, 0, 3, 2])
    x.put_(x, torch.arange(4))
    assert x.tolist() == [1, 0, 3, 2]
    x = torch.tensor([2, 0, 1])
    assert torch.take(x, x, out=x) is x
    assert x.tolist() == [1, 2, 0]
    assert torch.index_select(x, 0, x[:2], out=x[:2]).tolist() == [2, 0]


def test_positions_in_row_major_order(rng):
    for shape in [(7,), (3, 4), (2, 3, 4)]:
        flat = rng.integers(0, np.prod(shape), (3, 2))
        expected = np.unravel_index(flat, shape)
        found = torch.unravel_index(torch.tensor(flat), shape)
        assert type(found) is tuple
        assert all(same(f, e.astype("int64")) for f, e in zip(found, expected, strict=True))
        assert same(torch.ravel_multi_index(found, shape), flat)
    assert torch.unravel_index(torch.tensor([5], dtype=torch.int32), shape=(2, 3))[0].dtype == L
    assert torch.unravel_index(23, (2, 3, 4)) == (1, 2, 3)
    assert torch.unravel_index(0, ()) == ()
    assert torch.ravel_multi_index((1, 2, 3), (2, 3, 4)) == 23
    rows, columns = torch.tensor([[0], [1]]), torch.tensor([0, 2])
    assert torch.ravel_multi_index((rows, columns), dims=(2, 3)).tolist() == [[0, 2], [3, 5]]


def test_empty():
    x = torch.zeros(0, 3)
    none = torch.zeros(0, dtype=L)
    assert x.index_select(0, none).shape == (0, 3)
    assert x.index_select(1, torch.tensor([0, 2])).shape == (0, 2)
    assert x.gather(0, torch.zeros(0, 3, dtype=L)).shape == (0, 3)
    assert x.index_add_(0, none, x).shape == (0, 3)
    assert x.take(none).shape == (0,)
    assert x.put_(none, 1).shape == (0, 3)
    assert torch.zeros(3).scatter_(0, none, 1).tolist() == [0, 0, 0]
    assert torch.tensor(5).take(torch.tensor([0, -1])).tolist() == [5, 5]
    assert torch.tensor(5).take(torch.tensor(0)).shape == ()


def z(*shape, dtype=torch.float32):
    return torch.zeros(shape, dtype=dtype)


def i(*values):
    return torch.tensor(values, dtype=L)


ERRORS = [
    (lambda: z(3).index_select(0, i(-1)), IndexError, r"^index_select: index -1 at position \(0,\) is out of range for dimension 0 of size 3, expected 0 to 2$"),
    (lambda: z(3).index_add_(0, i(0, 3), z(2)), IndexError, r"^index_add_: index 3 at position \(1,\) is out of range for dimension 0 of size 3, expected 0 to 2$"),
    (lambda: z(3).index_copy_(0, i(-1), z(1)), IndexError, r"^index_copy_: index -1 at position"),
    (lambda: z(3).index_fill_(0, i(3), 1), IndexError, r"^index_fill_: index 3 at position"),
    (lambda: z(3).gather(0, i(-1)), IndexError, r"^gather: index -1 at position"),
    (lambda: z(3).scatter_(0, i(3), 1), IndexError, r"^scatter_: index 3 at position"),
    (lambda: z(3).scatter(0, i(3), 1), IndexError, r"^scatter: index 3 at position"),
    (lambda: z(3).scatter_add_(0, i(-1), z(1)), IndexError, r"^scatter_add_: index -1 at position"),
    (lambda: z(3).take(i(3)), IndexError, r"^take: index 3 at position \(0,\) is out of range for dimension 0 of size 3, expected -3 to 2$"),
    (lambda: z(3, 4)[:, ::2].take(i(6)), IndexError, r"^take: index 6 at position"),
    (lambda: z(0).take(i(0)), IndexError, r"^take: index 0 at position \(0,\) is out of range for dimension 0 of size 0$"),
    (lambda: z(3).put_(i(-4), 1), IndexError, r"^put_: index -4 at position"),
    (lambda: z(3).put_(i(1), z(2)), ValueError, r"^put_: expected a source of 1 elements, one per index, got FloatTensor of size \(2,\)$"),
    (lambda: z(3).put_(z(1), 1), TypeError, r"^put_: expected an integer tensor as index, got FloatTensor"),
    (lambda: z(3, 3).take_along_dim(i(3).view(1, 1), 1), IndexError, r"^take_along_dim: index 3 at position \(0, 0\)"),
    (lambda: z(3, 3).take_along_dim(i(1), 1), ValueError, r"^take_along_dim: expected an index of 2 dimensions"),
    (lambda: z(3, 3).take_along_dim(i(1).view(1, 1)), ValueError, r"^take_along_dim: expected a vector of indices"),
    (lambda: z(3, 3).put_along_axis_(i(1), 1, 1), ValueError, r"^put_along_axis_: expected an index that broadcasts to size \(3, 3\) but for dimension 1"),
    (lambda: z(3, 3).put_along_axis_(i(1).view(1, 1), z(2), 1), ValueError, r"^put_along_axis_: expected a source that broadcasts to size \(3, 1\)"),
    (lambda: z(1).expand(3).put_along_axis_(i(1), 1, 0), RuntimeError, r"^put_along_axis_: cannot write to self, an expanded"),
    (lambda: z(3).index_copy_(0, i(1), z(2)), ValueError, r"^index_copy_: expected a source of size \(1,\), got FloatTensor of size \(2,\)$"),
    (lambda: z(3).index_fill_(0, i(1), z(1)), ValueError, r"^index_fill_: expected a value without dimensions, got FloatTensor of size \(1,\)$"),
    (lambda: z(3).index_fill(0, i(1).view(1, 1), 1), ValueError, r"^index_fill: expected a vector of indices"),
    (lambda: z(3, dtype=L).index_fill_(0, i(1), 0.5), TypeError, r"^index_fill_: expected a whole number for LongTensor, got 0\.5$"),
    (lambda: z(3, dtype=torch.int8).index_fill_(0, i(1), 300), OverflowError, r"^index_fill_: the number 300 does not fit CharTensor$"),
    (lambda: z(3, dtype=L).index_add_(0, i(1), z(1)), TypeError, r"^index_add_: cannot store a FloatTensor result in LongTensor of size \(3,\)$"),
    (lambda: z(3, dtype=L).scatter_add(0, i(1), z(1)), TypeError, r"^scatter_add: cannot store a FloatTensor result in LongTensor"),
    (lambda: z(3, dtype=L).index_add_(0, i(1), i(1), alpha=0.5), TypeError, r"^index_add_: cannot store a DoubleTensor result in LongTensor"),
    (lambda: z(1).expand(3).index_add_(0, i(1), z(1)), RuntimeError, r"^index_add_: cannot write to self, an expanded"),
    (lambda: z(3).scatter_(0, i(1), 1, reduce="mean"), ValueError, r"^scatter_: expected reduce to be 'add' or 'multiply', got 'mean'$"),
    (lambda: z(3).scatter_(0, i(1), 1, reduce=1), TypeError, r"^scatter_: expected reduce to be a str, got int$"),
    (lambda: z(3).index_put_((), 1), ValueError, r"^index_put_: expected one index tensor or more, got none$"),
    (lambda: z(3).index_put_((i(0), i(0)), 1), IndexError, r"^index_put_: too many indices for FloatTensor of size \(3,\): 2 were given$"),
    (lambda: z(3).index_put_((z(1),), 1), TypeError, r"^index_put_: expected an integer tensor as index"),
    (lambda: z(3).index_put_((torch.tensor(True),), 1), IndexError, r"^index_put_: expected a mask with dimensions"),
    (lambda: z(3).index_put_((torch.ones(2).bool(),), 1), IndexError, r"^index_put_: mask of size \(2,\) does not fit FloatTensor of size \(3,\) from dimension 0 on$"),
    (lambda: z(3).index_put_((i(0),), z(2)), ValueError, r"^index_put_: expected a source that broadcasts to size \(1,\)"),
    (lambda: torch.tensor(1.0).gather(0, torch.tensor(0)), IndexError, r"^gather: dimension 0 given for a tensor without dimensions$"),
    (lambda: z(2, 2).index_select(0, i(0), out=z(3)), ValueError, r"^index_select: expected an output of size \(1, 2\)"),
    (lambda: z(2).take(i(0), out=z(1, dtype=L)), TypeError, r"^take: cannot store a FloatTensor result in LongTensor"),
    (lambda: torch.unravel_index(6, (2, 3)), IndexError, r"^unravel_index: index 6 at position \(\) is out of range for dimension 0 of size 6, expected 0 to 5$"),
    (lambda: torch.unravel_index(-1, (2, 3)), IndexError, r"^unravel_index: index -1"),
    (lambda: torch.unravel_index(1, (2, -3)), ValueError, r"^unravel_index: expected sizes of 0 or more"),
    (lambda: torch.ravel_multi_index((1, 3), (2, 3)), IndexError, r"^ravel_multi_index: index 3 at position \(\) is out of range for dimension 1 of size 3"),
    (lambda: torch.ravel_multi_index((1,), (2, 3)), ValueError, r"^ravel_multi_index: expected one index tensor for each of the dimensions \(2, 3\), got 1$"),
    (lambda: torch.ravel_multi_index((z(1), z(1)), (2, 3)), TypeError, r"^ravel_multi_index: expected an integer tensor as index"),
]  # fmt: skip


@pytest.mark.parametrize("call, kind, text", ERRORS, ids=[row[2][1:50] for row in ERRORS])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_nothing_is_half_written():
    x = torch.zeros(3, 2)
    bad = torch.tensor([0, 1, 3])
    for call in (
        lambda: x.index_add_(0, bad, torch.ones(3, 2)),
        lambda: x.index_copy_(0, bad, torch.ones(3, 2)),
        lambda: x.index_fill_(0, bad, 1),
        lambda: x.scatter_(0, bad.view(3, 1), 1),
        lambda: x.scatter_add_(0, bad.view(3, 1), torch.ones(3, 1)),
        lambda: x.put_(torch.tensor([0, 6]), 1),
        lambda: x.index_put_((bad,), 1, True),
        lambda: x.put_along_axis_(bad.view(3, 1), 1, 0),
    ):
        with pytest.raises(IndexError):
            call()
        assert x.sum() == 0
        assert x._version == 0
