"""Tensors joined, cut apart, repeated and turned round."""

import re

import numpy as np
import pytest
import torch
from harness import DTYPES, array, check, drawer, dtype_of, layouts, on, same
from hypothesis import given, settings
from hypothesis import strategies as st

ALL = [*DTYPES, "float16", "bfloat16"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_cat_and_stack(dtype, device, rng):
    draw = drawer(rng, dtype, -100, 100)
    for layout, x in layouts(draw, device):
        a = array(x)
        check(torch.stack([x, x, x]), np.stack([a] * 3), dtype, 0, layout)
        check(torch.stack((x, x), -1), np.stack([a] * 2, -1), dtype, 0, layout)
        for dim in range(-a.ndim, a.ndim):
            check(torch.cat([x, x], dim), np.concatenate([a, a], dim), dtype, 0, layout)
            out = torch.empty(0, dtype=dtype_of(dtype))
            assert torch.cat([x], dim, out=out) is out
            check(out, a, dtype, 0, layout)
    parts = [on(device, torch.tensor(draw((n, 3)))) for n in (2, 0, 5)]
    check(torch.cat(parts), np.concatenate([array(p) for p in parts]), dtype, 0)


def test_cat_promotes_and_takes_aliases():
    result = torch.cat([torch.tensor([1]), torch.tensor([0.5])])
    assert result.dtype == torch.float64
    assert result.tolist() == [1, 0.5]
    x = torch.arange(6)
    torch.cat([x[3:], x[:3]], out=x)
    assert x.tolist() == [3, 4, 5, 0, 1, 2]


def test_split_chunk_repeat(rng):
    a = rng.standard_normal((7, 4))
    x = torch.tensor(a)
    for parts, expected in [
        (x.split(3), [a[:3], a[3:6], a[6:]]),
        (torch.split(x, 2, 1), [a[:, :2], a[:, 2:]]),
        (x.chunk(3), [a[:3], a[3:6], a[6:]]),
        (torch.chunk(x, 9, -1), [a[:, i : i + 1] for i in range(4)]),
    ]:
        assert len(parts) == len(expected)
        assert all(same(p, e) for p, e in zip(parts, expected, strict=True))
        assert all(p.storage()._cdata == x.storage()._cdata for p in parts)
    for counts in [(1, 1), (2, 3), (2, 1, 3), (0, 2), (3, 0)]:
        check(x.repeat(*counts), np.tile(a, counts), "float64", 0)
    check(x.repeat(torch.Size([2, 2])), np.tile(a, (2, 2)), "float64", 0)


# name: (tensors -> tensor, arrays -> array)
JOINS = {
    "concat": (torch.concat, np.concatenate),
    "concatenate": (torch.concatenate, np.concatenate),
    "hstack": (torch.hstack, np.hstack),
    "vstack": (torch.vstack, np.vstack),
    "dstack": (torch.dstack, np.dstack),
    "column_stack": (torch.column_stack, np.column_stack),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", JOINS)
def test_joins(name, dtype, device, rng):
    join, reference = JOINS[name]
    for layout, x in layouts(drawer(rng, dtype, -9, 9), device):
        a = array(x)
        if a.ndim == 0 and name.startswith("conc"):
            continue
        expected = reference([a, a])
        check(join([x, x]), expected, dtype, 0, layout)
        out = torch.empty(0, dtype=x.dtype)
        assert join((x, x), out=out) is out
        check(out, expected, dtype, 0, layout)
        assert same(x, a)
    promoted = join([torch.ones(1, 2, dtype=torch.int32), torch.zeros(1, 2)])
    assert promoted.dtype == torch.float64


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_at_least(ndim, device, rng):
    for layout, x in layouts(drawer(rng, "float32", -9, 9), device):
        a = array(x)
        check(
            getattr(torch, f"atleast_{ndim}d")(x),
            getattr(np, f"atleast_{ndim}d")(a),
            "float32",
            0,
            layout,
        )


def all_same(parts, expected):
    assert isinstance(parts, tuple)
    assert len(parts) == len(expected)
    assert all(same(p, e) for p, e in zip(parts, expected, strict=True))


@pytest.mark.parametrize("dtype", DTYPES)
def test_parts(dtype, device, rng):
    for layout, x in layouts(drawer(rng, dtype, -9, 9), device):
        a = array(x)
        for dim in range(-a.ndim, a.ndim):
            n = a.shape[dim]
            for sections in (1, 2, 3, 11):
                all_same(x.tensor_split(sections, dim), np.array_split(a, sections, dim))
            for borders in ([1, 3], [3, 1], [0, 0, 99], [-1], []):
                expected = np.split(a, borders, dim)
                all_same(torch.tensor_split(x, borders, dim), expected)
                all_same(torch.array_split(x, borders, axis=dim), expected)
            sizes = [n // 2, 0, n - n // 2]
            all_same(x.split(sizes, dim), np.split(a, np.cumsum(sizes)[:-1], dim))
            all_same(x.unbind(dim), [np.take(a, i, dim) for i in range(n)])
            for part in (*x.split(2, dim), *x.chunk(2, dim), *x.unbind(dim)):
                assert part.storage()._cdata == x.storage()._cdata, layout


def test_parts_of_nothing():
    x = torch.ones(0, 3)
    assert x.split(2) == ()
    assert x.chunk(2) == ()
    assert x.unbind() == ()
    assert [p.shape for p in x.split([0, 0])] == [(0, 3)] * 2
    assert [p.shape for p in x.tensor_split(2)] == [(0, 3)] * 2
    assert torch.arange(5).chunk(2**63 - 1)[4].tolist() == [4]
    assert torch.arange(5).split(2**63 - 1)[0].numel() == 5


@pytest.mark.parametrize("dtype", DTYPES)
def test_repeats(dtype, device, rng):
    for layout, x in layouts(drawer(rng, dtype, -9, 9), device):
        a = array(x)
        for counts in [(), (2,), (1, 2), (2, 0, 1), (2, 1, 3, 1)]:
            check(x.tile(*counts), np.tile(a, counts), dtype, 0, layout)
            check(torch.tile(x, counts), np.tile(a, counts), dtype, 0, layout)
            if len(counts) >= a.ndim:
                check(x.repeat(counts), np.tile(a, counts), dtype, 0, layout)
        for n in (0, 1, 3):
            check(x.repeat_interleave(n), np.repeat(a, n), dtype, 0, layout)
            for dim in range(-a.ndim, a.ndim):
                check(torch.repeat_interleave(x, n, dim), np.repeat(a, n, dim), dtype, 0, layout)
        for dim in range(-a.ndim, a.ndim):
            for counts in (
                rng.integers(0, 4, a.shape[dim]),
                np.zeros(a.shape[dim], int),
                np.array([2]),
            ):
                expected = np.repeat(a, counts, dim)
                result = x.repeat_interleave(torch.tensor(counts), dim)
                check(result, expected, dtype, 0, layout)
        assert same(x, a)


def test_repeats_for_each_element():
    x = torch.tensor([[1, 2], [3, 4]])
    counts = torch.tensor([0, 2, 1, 0], dtype=torch.uint8)
    assert x.repeat_interleave(counts).tolist() == [2, 2, 3]
    assert x.repeat_interleave(repeats=torch.tensor(2), axis=1).tolist() == [
        [1, 1, 2, 2],
        [3, 3, 4, 4],
    ]


@pytest.mark.parametrize("dtype", DTYPES)
def test_turns(dtype, device, rng):
    for layout, x in layouts(drawer(rng, dtype, -9, 9), device):
        a = array(x)
        check(torch.flip(x), np.flip(a), dtype, 0, layout)
        check(x.roll(3), np.roll(a, 3), dtype, 0, layout)
        for dim in range(-a.ndim, a.ndim):
            check(x.flip(dim), np.flip(a, dim), dtype, 0, layout)
            for shift in (0, 1, -2, 10**6 + 1, -(2**63)):
                expected = np.roll(
                    a, shift if abs(shift) < 2**62 else -(2**63 % max(a.shape[dim], 1)), dim
                )
                check(torch.roll(x, shift, dim), expected, dtype, 0, layout)
        if a.ndim > 0:
            check(x.flipud(), np.flipud(a), dtype, 0, layout)
        if a.ndim > 1:
            check(x.fliplr(), np.fliplr(a), dtype, 0, layout)
            check(x.flip(0, -1), np.flip(a, (0, -1)), dtype, 0, layout)
            check(x.flip(axis=(0, -1)), np.flip(a, (0, -1)), dtype, 0, layout)
            check(x.roll((1, -2), (0, 1)), np.roll(a, (1, -2), (0, 1)), dtype, 0, layout)
            check(torch.roll(x, shift=1, axis=(0, 0)), np.roll(a, 1, (0, 0)), dtype, 0, layout)
            for k in range(-5, 6):
                check(x.rot90(k), np.rot90(a, k), dtype, 0, layout)
                check(torch.rot90(x, k, (1, 0)), np.rot90(a, k, (1, 0)), dtype, 0, layout)
        assert same(x, a)


@pytest.mark.parametrize("dtype", DTYPES)
def test_grids(dtype, rng):
    draw = drawer(rng, dtype, -9, 9)
    arrays = [draw((3,)), draw((4,)), draw(()), draw((2,))]
    for n in range(5):
        tensors = [torch.tensor(a) for a in arrays[:n]]
        all_same(torch.meshgrid(tensors), np.meshgrid(*arrays[:n]))
        for indexing in ("xy", "ij"):
            expected = np.meshgrid(*arrays[:n], indexing=indexing)
            if n:
                all_same(torch.meshgrid(*tensors, indexing=indexing), expected)
    x, y = torch.meshgrid(torch.arange(3)[::2], torch.arange(0))
    assert x.shape == y.shape == (0, 2)
    x, _ = torch.meshgrid(torch.arange(2), torch.arange(2))
    x.add_(1)  # not a view


def test_broadcast_tensors():
    a, b, c = torch.broadcast_tensors(torch.ones(3), torch.ones(2, 1), torch.tensor(4.0))
    assert a.shape == b.shape == c.shape == (2, 3)
    assert c.tolist() == [[4] * 3] * 2
    assert torch.broadcast_tensors([]) == ()
    assert torch.broadcast_tensors((a,))[0].is_set_to(a)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves(dtype):
    x = torch.tensor([[1.5, 2.5], [-3, 4]], dtype=dtype_of(dtype))
    assert torch.cat([x, x]).dtype == x.dtype
    for result in (x.flip(0), x.roll(1), x.rot90(), x.tile(2, 2), x.repeat_interleave(2),
                   torch.stack([x, x]), torch.meshgrid(x[0], x[1])[0], x.split(1)[1]):  # fmt: skip
        assert result.dtype == x.dtype
    assert x.flip(1).float().tolist() == [[2.5, 1.5], [4, -3]]


shapes = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(shapes, st.data())
def test_roll_against_numpy(shape, data):
    a = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    dims = data.draw(st.lists(st.integers(-len(shape), len(shape) - 1), min_size=1, max_size=4))
    shifts = data.draw(st.lists(st.integers(-9, 9), min_size=len(dims), max_size=len(dims)))
    expected = np.roll(a, tuple(shifts), tuple(dims))
    assert same(torch.tensor(a).roll(shifts, dims), expected)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(shapes, st.data())
def test_parts_against_numpy(shape, data):
    a = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    borders = data.draw(st.lists(st.integers(-6, 6), max_size=4))
    all_same(torch.tensor(a).tensor_split(borders, dim), np.split(a, borders, dim))
    joined = torch.cat(torch.tensor(a).chunk(3, dim), dim) if a.shape[dim] else torch.tensor(a)
    assert same(joined, a)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: torch.hstack([]), RuntimeError, "hstack: expected one tensor or more, got none"),
        (
            lambda x: torch.vstack([x, x[:, :2]]),
            ValueError,
            "vstack: expected sizes equal to (2, 3)",
        ),
        (lambda x: torch.concat([x, x[0]]), ValueError, "concat: expected sizes equal to (2, 3)"),
        (
            lambda x: torch.concatenate([x], 2),
            IndexError,
            "concatenate: dimension 2 is out of range",
        ),
        (lambda x: torch.stack([x], 4), IndexError, "stack: dimension 4 is out of range"),
        (lambda x: torch.cat([x, x], out=x), ValueError, "cat: expected an output of size (4, 3)"),
        (
            lambda x: torch.cat([x, x], out=torch.arange(0)),
            TypeError,
            "cat: cannot store a FloatTensor",
        ),
        (lambda x: x.split([1, 2]), ValueError, "split: expected sizes that sum to 2, the size of"),
        (
            lambda x: x.split([2**63 - 1, 2**63 - 1]),
            ValueError,
            "split: expected sizes that sum to 2",
        ),
        (lambda x: x.split([-1, 3]), ValueError, "split: expected sizes of 0 or more, got (-1, 3)"),
        (lambda x: x.split(-1), ValueError, "split: expected a split_size of 1 or more, got -1"),
        (lambda x: x.split(1, 2), IndexError, "split: dimension 2 is out of range"),
        (lambda x: x.chunk(-1), ValueError, "chunk: expected chunks of 1 or more, got -1"),
        (
            lambda x: x.tensor_split(0),
            ValueError,
            "tensor_split: expected 1 section or more, got 0",
        ),
        (
            lambda x: x.tensor_split(2**40),
            ValueError,
            "tensor_split: expected at most 4194304 parts",
        ),
        (
            lambda x: torch.array_split(x, 1, 2),
            IndexError,
            "array_split: dimension 2 is out of range",
        ),
        (lambda x: x[:1].expand(2**40, 3).unbind(), ValueError, "unbind: expected at most 4194304"),
        (lambda x: torch.tensor(1).unbind(), IndexError, "unbind: dimension 0 given for a tensor"),
        (
            lambda x: x.repeat(3),
            ValueError,
            "repeat: expected at least 2 sizes for size (2, 3), got",
        ),
        (lambda x: x.tile(-1), ValueError, "tile: expected sizes of 0 or more, got (1, -1)"),
        (lambda x: x.tile(2**40, 2**40), ValueError, "tile: the number of elements of size"),
        (lambda x: x.repeat_interleave(-1), ValueError, "repeat_interleave: expected repeats of 0"),
        (lambda x: x.repeat_interleave(2**62), ValueError, "repeat_interleave: the number of"),
        (
            lambda x: x.repeat_interleave(torch.tensor([1, 2, 3]), 0),
            ValueError,
            "repeat_interleave: expected one number of repeats, or 2, one for each entry of",
        ),
        (
            lambda x: x.repeat_interleave(torch.tensor([1, -2]), 0),
            ValueError,
            "repeat_interleave: expected repeats of 0 or more, got -2",
        ),
        (
            lambda x: x.repeat_interleave(torch.tensor([2**62, 2**62]), 0),
            ValueError,
            "repeat_interleave: the sum of the repeats is too large",
        ),
        (
            lambda x: x.repeat_interleave(x[0, :2], 0),
            TypeError,
            "repeat_interleave: expected integers",
        ),
        (lambda x: x.flip(0, 0), ValueError, "flip: dimension 0 is repeated in (0, 0)"),
        (lambda x: x.flip(2), IndexError, "flip: dimension 2 is out of range"),
        (lambda x: x[0].fliplr(), IndexError, "fliplr: dimension 1 is out of range"),
        (lambda x: torch.tensor(1).flipud(), IndexError, "flipud: dimension 0 given for a tensor"),
        (lambda x: x.roll((1, 2), (0,)), ValueError, "roll: expected one shift per dimension, got"),
        (lambda x: x.roll(1, 2), IndexError, "roll: dimension 2 is out of range"),
        (lambda x: x.rot90(1, (0,)), ValueError, "rot90: expected two dimensions, got (0,)"),
        (lambda x: x.rot90(1, (0, -2)), ValueError, "rot90: dimension 0 is repeated in (0, -2)"),
        (lambda x: x[0].rot90(), IndexError, "rot90: dimension 1 is out of range"),
        (lambda x: torch.meshgrid(x), ValueError, "meshgrid: expected vectors, got FloatTensor of"),
        (
            lambda x: torch.meshgrid(x[0], indexing="yx"),
            ValueError,
            "meshgrid: expected 'xy' or 'ij'",
        ),
        (
            lambda x: torch.meshgrid(x[0], indexing=3),
            TypeError,
            "meshgrid: expected a str as indexing",
        ),
        (lambda x: torch.meshgrid(3), TypeError, "meshgrid: got (int), expected"),
        (
            lambda x: torch.meshgrid(*[x[0]] * 65),
            ValueError,
            "at most 64 dimensions are supported, got 65",
        ),
        (
            lambda x: torch.broadcast_tensors(x, torch.ones(2)),
            ValueError,
            "broadcast_tensors: sizes (2, 3) and (2,) do not broadcast",
        ),
    ],
)
def test_mistakes(call, error, text):
    with pytest.raises(error, match="^" + re.escape(text)):
        call(torch.ones(2, 3))
