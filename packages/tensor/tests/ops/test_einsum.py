"""Einstein's summation against NumPy's."""

# ruff: noqa: E501

import numpy as np
import pytest
import torch
from harness import DTYPES, array, drawer, dtype_of, same

# equation, shapes of the operands
EQUATIONS = [
    ("ij,jk->ik", (3, 4), (4, 5)),
    ("ij,jk", (3, 4), (4, 5)),
    ("ji,jk->ki", (4, 3), (4, 5)),
    ("i,i->", (6,), (6,)),
    ("i,i", (6,), (6,)),
    ("i,j->ij", (3,), (4,)),
    ("i,j->ji", (3,), (4,)),
    ("ij,ij->ij", (3, 4), (3, 4)),
    ("ij,ji->", (3, 4), (4, 3)),
    ("ij->ji", (3, 4)),
    ("ij->", (3, 4)),
    ("ij->j", (3, 4)),
    ("ba", (3, 4)),
    ("ii", (4, 4)),
    ("ii->i", (4, 4)),
    ("iij->ji", (4, 4, 2)),
    ("iii->i", (3, 3, 3)),
    ("ii,ij->j", (3, 3), (3, 4)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("bij,bjk->ik", (2, 3, 4), (2, 4, 5)),
    ("bhid,bhjd->bhij", (2, 3, 4, 5), (2, 3, 6, 5)),
    ("b...ij,b...jk->b...ik", (2, 7, 3, 4), (2, 7, 4, 5)),
    ("...ij,...jk->...ik", (2, 1, 3, 4), (6, 4, 5)),
    ("...ij,jk", (2, 6, 3, 4), (4, 5)),
    ("...,...", (2, 3), (3,)),
    ("i...->...i", (2, 3, 4)),
    ("...->...", (2, 3)),
    ("...i->...", (2, 3)),
    ("ij,jk,kl->il", (3, 4), (4, 5), (5, 6)),
    ("ij,jk,kl,lm,mi->", (3, 4), (4, 5), (5, 6), (6, 2), (2, 3)),
    ("i,j,k->ijk", (2,), (3,), (4,)),
    ("ab,cd,ab->cd", (2, 3), (4, 5), (2, 3)),
    ("ij,ik,il->ijkl", (2, 3), (2, 4), (2, 5)),
    ("ijk,jil->kl", (3, 4, 5), (4, 3, 6)),
    ("Ab,bC->AC", (2, 3), (3, 4)),
    (" i j , j k -> i k ", (3, 4), (4, 5)),
    ("ij,jk->ik", (3, 1), (4, 5)),  # a size of 1 broadcasts
    ("i,i->i", (1,), (5,)),
    ("ij,jk->ik", (0, 4), (4, 5)),
    ("ij,jk->ik", (3, 0), (0, 5)),
    ("ij->i", (3, 0)),
    (",i->i", (), (4,)),
    (",->", (), ()),
]


@pytest.mark.parametrize("optimize", [True, False])
@pytest.mark.parametrize("equation, shapes", [(e, s) for e, *s in EQUATIONS])
def test_values(equation, shapes, optimize, rng):
    for dtype in ("float64", "int32"):
        arrays = [drawer(rng, dtype, -4, 4)(s) for s in shapes]
        expected = np.einsum(equation, *arrays)
        for operands in (
            [torch.tensor(a) for a in arrays],
            [torch.tensor(a.T.copy()).permute(*reversed(range(a.ndim))) for a in arrays],
        ):
            result = torch.einsum(equation, *operands, optimize=optimize)
            if expected.ndim == 0:
                assert isinstance(result, (int, float))
                assert np.allclose(result, expected)
                continue
            assert result.shape == expected.shape
            assert result.dtype == dtype_of(dtype)
            assert np.allclose(array(result), expected)
            assert np.allclose(array(torch.einsum(equation, operands)), expected)
            out = torch.empty(0, dtype=dtype_of(dtype))
            assert torch.einsum(equation, *operands, out=out) is out
            assert np.allclose(array(out), expected)
            assert all(same(o, a) for o, a in zip(operands, arrays, strict=True))


@pytest.mark.parametrize("dtype", [*DTYPES, "float16", "bfloat16"])
def test_dtypes(dtype, rng):
    x = torch.tensor(rng.integers(0, 3, (3, 4))).to(dtype_of(dtype))
    product, total = torch.einsum("ij,kj->ik", x, x), torch.einsum("ij->i", x)
    assert product.dtype == total.dtype == x.dtype
    a = np.array(x.tolist())
    assert product.tolist() == np.einsum("ij,kj->ik", a, a).tolist()
    assert torch.einsum("ij,kj->ik", x, x.double()).dtype == torch.float64


def test_long_chains_do_not_blow_up():
    """Twelve 30x30 matrices: all letters at once would be 30**13 products."""
    letters = "abcdefghijklm"
    equation = ",".join(letters[i : i + 2] for i in range(12)) + "->am"
    x = torch.eye(30, dtype=torch.float64)
    assert torch.einsum(equation, *[x] * 12).tolist() == x.tolist()
    assert torch.einsum(equation, *[x] * 12, optimize=False).tolist() == x.tolist()


def test_results_that_are_views():
    x = torch.zeros(3, 3)
    torch.einsum("ii->i", x).fill_(1)
    assert x.tolist() == torch.eye(3).tolist()
    assert torch.einsum("ij->ji", x).data_ptr() == x.data_ptr()


@pytest.mark.parametrize(
    "equation, shapes, error, match",
    [
        ("ij,jk", [(2, 3)], ValueError, "^einsum: 'ij,jk' has subscripts for 2 operands, got 1$"),
        ("ij", [(2, 3), (2,)], ValueError, "^einsum: 'ij' has subscripts for 1 operands, got 2$"),
        ("ij", [], ValueError, "^einsum: expected one operand or more, got none$"),
        ("i", [(2, 3)], ValueError, "^einsum: expected 1 dimensions of operand 0, got FloatTensor of size .2, 3.$"),
        ("ijk...", [(2, 3)], ValueError, "^einsum: expected at least 3 dimensions of operand 0"),
        ("ij,jk", [(2, 3), (4, 5)], ValueError, "^einsum: one letter names dimensions of size 3 and 4 .of operand 1.$"),
        ("ii", [(2, 3)], ValueError, "^einsum: a repeated letter of operand 0 names dimensions of size 2 and 3$"),
        ("ij->ik", [(2, 3)], ValueError, "^einsum: expected every letter of the result once, and from an operand, in 'ij->ik'$"),
        ("ij->ii", [(2, 3)], ValueError, "^einsum: expected every letter of the result once"),
        ("i.j", [(2, 3)], ValueError, "^einsum: expected letters, '...', ',' and '->' as subscripts, got 'i.j'$"),
        ("i1", [(2, 3)], ValueError, "got 'i1'$"),
        ("ij->i->j", [(2, 3)], ValueError, "got 'i->j'$"),
        ("iä", [(2, 3)], ValueError, "^einsum: expected letters"),
        ("......", [(2, 3)], ValueError, "^einsum: expected at most one '...' in '......'$"),
        ("...i->i", [(2, 3)], ValueError, "^einsum: expected '...' in the result of '...i->i', as an operand"),
        ("", [(2, 3)], ValueError, "^einsum: expected 0 dimensions of operand 0"),
        (3, [(2, 3)], TypeError, "^einsum: expected subscripts like 'ij,jk->ik' as first argument, got int$"),
    ],
)  # fmt: skip
def test_errors(equation, shapes, error, match):
    with pytest.raises(error, match=match):
        torch.einsum(equation, [torch.ones(*s) for s in shapes])
