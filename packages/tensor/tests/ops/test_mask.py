# ruff: noqa: E501
"""Masks: masked_select, masked_scatter, nonzero and its relatives."""

import numpy as np
import pytest
import torch
from harness import DTYPES, array, drawer, dtype_of, layouts, on, same

SIZES = [0, 1, 7, 63, 64, 65, 127, 16384, 16385, 100003]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_layout(dtype, device, rng):
    for layout, x in layouts(drawer(rng, dtype, -1, 1), device):
        a = array(x)
        if a.ndim:
            expected = np.argwhere(a)
            assert same(torch.nonzero(x), expected.astype("int64")), layout
            assert x.nonzero().shape == expected.shape, layout
            assert same(torch.argwhere(x), expected.astype("int64")), layout
            for found in (x.nonzero(as_tuple=True), torch.where(x)):
                assert type(found) is tuple
                for f, e in zip(found, np.nonzero(a), strict=True):
                    assert same(f, e.astype("int64")), layout
        assert same(torch.flatnonzero(x), np.flatnonzero(a).astype("int64")), layout
        mask = rng.random(a.shape) < 0.5
        m = on(device, torch.tensor(mask))
        result = torch.masked_select(x, m)
        assert same(result, a[mask]), layout
        assert same(x.masked_select(m.byte()), a[mask]), layout
        if layout.startswith("expanded"):
            with pytest.raises(RuntimeError, match="^masked_scatter_: cannot write to self, an ex"):
                x.masked_scatter_(m, x)
            continue
        source = drawer(rng, dtype, -1, 1)((a.size + 3,))
        s = on(device, torch.tensor(source))
        b = a.copy()
        b[mask] = source[: mask.sum()]
        assert same(torch.masked_scatter(x, m, s), b), layout
        assert same(x, a), layout
        version = x._version
        assert x.masked_copy_(m, s) is x
        assert x._version == version + 1
        assert same(x, b), layout


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64"])
def test_sizes_and_shares(size, dtype, device, rng):
    a = drawer(rng, dtype, -100, 100)((size,))
    x = on(device, torch.tensor(a))
    for share in (0, 0.001, 0.5, 0.999, 1):
        mask = rng.random(size) < share
        m = on(device, torch.tensor(mask))
        assert same(x.masked_select(m), a[mask])
        assert same(m.flatnonzero(), np.flatnonzero(mask))
        b = a.copy()
        b[mask] = a[::-1][: mask.sum()]
        assert same(x.masked_scatter(m, x[::-1]), b)
        assert same(x.clone().masked_scatter_(m, x[::-1]), b)


@pytest.mark.parametrize(
    "shape", [(3, 100000), (100000, 3), (50, 60, 40), (1, 70000, 1), (5, 1, 2)]
)
def test_coordinates(shape, rng):
    for share in (0.0005, 0.5, 1):
        mask = rng.random(shape) < share
        m = torch.tensor(mask)
        assert same(m.nonzero(), np.argwhere(mask))
        for f, e in zip(m.nonzero(as_tuple=True), np.nonzero(mask), strict=True):
            assert same(f, e)
            assert f.is_contiguous()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves(dtype):
    x = torch.tensor([0.0, -0.0, 1.5, float("nan"), float("inf"), 6e-8]).to(dtype_of(dtype))
    assert x.flatnonzero().tolist() == [2, 3, 4, 5]
    y = x.masked_select(x > 1)
    assert y.dtype == x.dtype
    assert y.float().tolist() == [1.5, float("inf")]
    x.masked_scatter_(x == x, torch.tensor([1.0, 2, 3, 4, 5]).to(x.dtype))
    assert x.float()[[0, 1, 2, 4, 5]].tolist() == [1, 2, 3, 4, 5]


def test_broadcasting():
    rows = torch.tensor([[True], [False]])
    x = torch.arange(6).view(2, 3)
    assert x.masked_select(rows).tolist() == [0, 1, 2]
    assert torch.arange(3).masked_select(rows).tolist() == [0, 1, 2]
    assert torch.tensor(7).masked_select(torch.tensor([True, False])).tolist() == [7]
    assert x.masked_scatter(rows, torch.tensor([7, 8, 9, 10])).tolist() == [[7, 8, 9], [3, 4, 5]]
    assert torch.tensor(7).masked_scatter(torch.tensor(True), torch.tensor([3])).tolist() == 3
    assert x.masked_scatter(rows, torch.tensor([0.9, 1.9, 2.9]))[0].tolist() == [0, 1, 2]
    assert torch.arange(3).masked_select(torch.tensor([1, 0, 7], dtype=torch.uint8)).tolist() == [
        0,
        2,
    ]


def test_without_dimensions():
    assert torch.nonzero(torch.tensor(3)).shape == (1, 0)
    assert torch.nonzero(torch.tensor(0)).shape == (0, 0)
    assert torch.flatnonzero(torch.tensor(3)).tolist() == [0]
    (found,) = torch.tensor(3).nonzero(as_tuple=True)
    assert found.tolist() == [0]
    assert torch.tensor(3).masked_select(torch.tensor(True)).tolist() == [3]


def test_outputs():
    x = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
    for call, expected in [
        (lambda out: torch.nonzero(x, out=out), [[0, 1], [1, 0]]),
        (lambda out: torch.argwhere(x, out=out), [[0, 1], [1, 0]]),
        (lambda out: torch.flatnonzero(x, out=out), [1, 2]),
        (lambda out: torch.masked_select(x, x > 0, out=out), [2, 3]),
    ]:
        for out in (torch.empty(0), torch.zeros(np.shape(expected))):
            assert call(out) is out
            assert out.tolist() == expected
        with pytest.raises(ValueError, match="expected an output of size"):
            call(torch.zeros(7))
    out = torch.zeros(2, 2)
    assert torch.masked_scatter(x, x > 0, torch.ones(2), out=out) is out
    assert out.tolist() == [[0, 1], [1, 0]]


def test_bytes_of_other_libraries():
    """NumPy's bools may hold any byte."""
    a = np.arange(200, dtype="uint8")
    m = torch.from_numpy(a.view(bool))
    assert m.flatnonzero().tolist() == list(range(1, 200))
    assert torch.arange(200)[m].tolist() == list(range(1, 200))
    x = torch.ones(200)
    x[m] = 7
    assert x.tolist() == [1] + [7] * 199
    assert torch.where(m, 7.0, torch.ones(200)).equal(x)


def test_own_memory():
    x = torch.arange(6)
    x[1:].masked_scatter_(torch.ones(5).bool(), x[:-1])
    assert x.tolist() == [0, 0, 1, 2, 3, 4]
    m = torch.tensor([True, False, True, True])
    m[:-1].masked_scatter_(m[1:], torch.tensor([False, False]))
    assert m.tolist() == [True, False, False, True]
    x = torch.tensor([3, 0, 5])
    assert torch.flatnonzero(x, out=x[:2]).tolist() == [0, 2]


def z(*shape):
    return torch.zeros(shape)


ERRORS = [
    (lambda: z(3).masked_select(z(3)), TypeError, r"^masked_select: expected a BoolTensor or ByteTensor as mask, got FloatTensor of size \(3,\)$"),
    (lambda: z(3).masked_select(z(2) > 0), ValueError, r"^masked_select: sizes \(3,\) and \(2,\) do not broadcast"),
    (lambda: z(3).masked_scatter_(z(3), z(3)), TypeError, r"^masked_scatter_: expected a BoolTensor or ByteTensor as mask"),
    (lambda: z(3).masked_scatter(z(2) > 0, z(3)), ValueError, r"^masked_scatter: sizes \(3,\) and \(2,\) do not broadcast"),
    (lambda: z(3).masked_scatter(z(2, 3) > 0, z(6)), ValueError, r"^masked_scatter: expected a mask that broadcasts to size \(3,\), got BoolTensor of size \(2, 3\)$"),
    (lambda: z(3).masked_copy_(z(3) == 0, z(2)), ValueError, r"^masked_copy_: expected a source of 3 elements or more, as many as the mask selects, got FloatTensor of size \(2,\)$"),
    (lambda: z(3).nonzero(as_tuple=True, out=z(3)), TypeError, r"^nonzero: out cannot be given with as_tuple=True$"),
    (lambda: torch.where(z(3), out=z(3)), TypeError, r"^where: out cannot be given with a condition alone$"),
    (lambda: z(3).where(z(3) > 0), TypeError, r"^where: got \(FloatTensor, BoolTensor\), expected one of"),
]  # fmt: skip


@pytest.mark.parametrize("call, kind, text", ERRORS, ids=[row[2][1:50] for row in ERRORS])
def test_errors(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_a_source_that_is_too_short_changes_nothing():
    x = torch.zeros(3)
    with pytest.raises(ValueError, match="expected a source of 3 elements"):
        x.masked_scatter_(x == 0, torch.ones(2))
    assert x.tolist() == [0, 0, 0]
    assert x._version == 0
