"""Diagonals and triangles of matrices; the cross product."""

import re

import numpy as np
import pytest
import torch
from harness import DTYPES, array, check, drawer, dtype_of, layouts, same

ALL = [*DTYPES, "float16", "bfloat16"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["triu", "tril"])
def test_triangles(name, dtype, device, rng):
    draw = drawer(rng, dtype, -9, 9)
    for layout, x in [*layouts(draw, device), ("large", torch.tensor(draw((3, 401, 303))))]:
        a = array(x)
        if a.ndim < 2:
            with pytest.raises(ValueError, match=f"^{name}: expected a matrix or several, got "):
                getattr(x, name)()
            continue
        for k in (0, 1, -1, 3, -4, 100, -(2**63), 2**63 - 1):
            expected = getattr(np, name)(a, max(-1000, min(k, 1000)))
            check(getattr(torch, name)(x, k), expected, dtype, 0, layout)
            out = torch.empty(0, dtype=x.dtype)
            assert getattr(torch, name)(x, k, out=out) is out
            assert same(out, expected)
            if x.stride() and 0 not in x.stride():
                y = torch.empty(*a.shape, 2, dtype=x.dtype)[..., 1].copy_(x)
                version = y._version
                assert getattr(y, name + "_")(k) is y
                assert y._version > version
                assert same(y, expected)
        assert same(x, a)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_triangles_of_halves(dtype):
    x = torch.ones(3, 3, dtype=dtype_of(dtype))
    assert x.triu(1).float().tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    assert x.tril_().float().tolist() == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    assert torch.cross(x, x).float().sum() == 0
    assert x.trace() == 2 + 1


@pytest.mark.parametrize("dtype", [None, *DTYPES])
def test_tri(dtype):
    for n, m, k in [(3, None, 0), (3, 5, 1), (4, 2, -1), (0, 3, 0), (3, 0, 0), (2, 2, -9)]:
        t = torch.tri(n, m, k, dtype=dtype and dtype_of(dtype))
        assert same(t, np.tri(n, m, k, dtype=dtype or "float32"))


def test_indices_of_triangles():
    for n, m, k in [(3, None, 0), (3, 5, 1), (4, 2, -1), (0, 3, 0), (2, 2, 9)]:
        for name in ("triu", "tril"):
            expected = np.stack(getattr(np, name + "_indices_from")(np.ones((n, m or n)), k))
            result = getattr(torch, name + "_indices")(n, m, k)
            assert result.dtype == torch.int64
            assert same(result, expected)
    rows, columns = torch.triu_indices(3, offset=1)
    assert torch.arange(9).view(3, 3)[rows, columns].tolist() == [1, 2, 5]


@pytest.mark.parametrize("dtype", DTYPES)
def test_diagonals(dtype, device, rng):
    for layout, x in layouts(drawer(rng, dtype, -9, 9), device):
        a = array(x)
        if a.ndim < 2:
            continue
        for offset in (0, 1, -2, 5, -9, 2**62):
            for dim1, dim2 in [(0, 1), (1, 0), (-1, 0), (0, -1)]:
                expected = np.diagonal(a, min(offset, 99), dim1, dim2)
                view = x.diagonal(offset, dim1, dim2)
                check(view, expected, dtype, 0, layout)
                assert view.storage()._cdata == x.storage()._cdata
        if a.ndim == 2:
            assert x.trace() == np.trace(a)
            for k in (0, 1, -2, 9, -(2**63)):
                check(x.diag(k), np.diag(a, max(k, -99)), dtype, 0, layout)
            assert not x.diag().numel() or x.diag().data_ptr() != x.data_ptr()
    x = torch.zeros(3, 4)
    x.diagonal(1).fill_(7)
    assert x.diag(1).tolist() == [7, 7, 7]


@pytest.mark.parametrize("dtype", DTYPES)
def test_matrices_from_diagonals(dtype, rng):
    a = drawer(rng, dtype, -9, 9)((4,))
    x = torch.tensor(a)
    for k in (0, 1, -3):
        check(torch.diag(x, k), np.diag(a, k), dtype, 0)
        check(x.view(2, 2).diagflat(k), np.diagflat(a, k), dtype, 0)
        out = torch.empty(0, dtype=x.dtype)
        assert torch.diag(x, k, out=out) is out
        assert same(out, np.diag(a, k))
    check(x[:0].diag(), np.zeros((0, 0), dtype), dtype, 0)
    check(x[::2].diag(), np.diag(a[::2]), dtype, 0)
    check(torch.diagflat(x[0:1].view(())), np.diagflat(a[0]), dtype, 0)


def test_trace_does_not_wrap():
    assert torch.full((300, 300), 100, dtype=torch.uint8).trace() == 30000
    assert torch.ones(0, 0).trace() == 0


@pytest.mark.parametrize("dtype", [d for d in DTYPES if d != "bool"])
def test_cross(dtype, rng):
    draw = drawer(rng, dtype, -9, 9)
    for shapes, dim in [
        (((3,), (3,)), -1),
        (((4, 3), (4, 3)), -1),
        (((4, 3), (3,)), -1),
        (((3, 4), (3, 4)), 0),
        (((2, 3, 4), (2, 3, 4)), 1),
        (((0, 3), (0, 3)), 1),
    ]:
        a, b = (draw(shape) for shape in shapes)
        expected = np.cross(a, b, axis=dim)
        result = torch.cross(torch.tensor(a), torch.tensor(b), dim)
        assert result.dtype == dtype_of(dtype)
        assert np.allclose(array(result), expected, rtol=1e-5, atol=1e-5 * 81)
        assert same(torch.tensor(a).cross(torch.tensor(b), dim=dim), result)
        out = torch.empty(0, dtype=result.dtype)
        assert torch.cross(torch.tensor(a), torch.tensor(b), dim, out=out) is out
        assert same(out, result)
    x = torch.tensor([1.0, 2, 3], dtype=torch.float32)
    assert torch.cross(x, torch.tensor([0, 0, 1])).dtype == torch.float64
    y = x.clone()
    torch.cross(y, torch.tensor([0.0, 0, 1]), out=y)
    assert y.tolist() == [2, -1, 0]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda x: x[0].triu(), ValueError, "triu: expected a matrix or several, got FloatTensor"),
        (lambda x: x[:1].expand(2, 3).tril_(), RuntimeError, "tril_: cannot write to an expanded"),
        (
            lambda x: torch.triu(x, out=torch.ones(2)),
            ValueError,
            "triu: expected an output of size",
        ),
        (lambda x: torch.tri(-1), ValueError, "tri: expected sizes of 0 or more, got (-1, -1)"),
        (lambda x: torch.tri(2**40), ValueError, "tri: the number of elements"),
        (
            lambda x: torch.triu_indices(2, -1),
            ValueError,
            "triu_indices: expected sizes of 0 or more",
        ),
        (
            lambda x: x.diagonal(0, 1, 1),
            ValueError,
            "diagonal: expected two dimensions, got dimension 1",
        ),
        (lambda x: x.diagonal(0, 0, 2), IndexError, "diagonal: dimension 2 is out of range"),
        (lambda x: x[0].diagonal(), IndexError, "diagonal: dimension 1 is out of range"),
        (lambda x: x[None].diag(), ValueError, "diag: expected a vector or a matrix, got"),
        (
            lambda x: x[0].diag(2**63 - 1),
            ValueError,
            "diag: diagonal 9223372036854775807 is too far",
        ),
        (
            lambda x: x[0].diag(-(2**63)),
            ValueError,
            "diag: diagonal -9223372036854775808 is too far",
        ),
        (lambda x: x[0].diag(2**40), ValueError, "zeros: the number of elements"),
        (
            lambda x: x[0].trace(),
            ValueError,
            "trace: expected a matrix, got FloatTensor of size (3,)",
        ),
        (
            lambda x: x.cross(x, 0),
            ValueError,
            "cross: expected dimension 0 to have size 3, got sizes",
        ),
        (
            lambda x: x.cross(torch.ones(4)),
            ValueError,
            "cross: sizes (2, 3) and (4,) do not broadcast",
        ),
        (lambda x: x.cross(x, 2), IndexError, "cross: dimension 2 is out of range"),
        (lambda x: x.bool().cross(x.bool()), TypeError, "cross: not defined for BoolTensor"),
    ],
)
def test_mistakes(call, error, text):
    with pytest.raises(error, match="^" + re.escape(text)):
        call(torch.ones(2, 3))
