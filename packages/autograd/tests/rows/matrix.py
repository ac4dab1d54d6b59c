"""Rows of inverses, systems, determinants, factorizations and norms.

Where a result is unique up to signs only, the row is a function of it that does not depend on them;
where one triangle of a symmetric matrix is read, the row gives both.
"""

import torch

from rows import Row, maker, real, regular, row


def mt(x):
    return x.transpose(-2, -1)


def symmetric(x):
    return (x + mt(x)) / 2


def low_rank(*size):
    """Matrices of rank 1."""
    m, n = size[-2:]
    columns = (*size[:-1], 1)
    rows = (*size[:-2], 1, n)
    return maker(
        f"low_rank{size}",
        lambda: torch.randn(*columns).double() @ torch.randn(*rows).double(),
    )


def rank_one(x):
    """A function with values of rank 1, of a matrix."""
    return x.narrow(-1, 0, 1) @ mt(x.narrow(-1, 1, 1))


def squares(result):
    """Values, and the squares of the vectors and their products, where signs are free."""
    values, vectors = result
    return values, vectors * vectors, vectors @ mt(vectors * values.unsqueeze(-2).exp())


def svd_invariants(result, transposed=False):
    u, s, v = result
    v = mt(v) if transposed else v
    k = s.size(-1)
    u, v = u.narrow(-1, 0, k), v.narrow(-1, 0, k)
    return u * u, s, v * v, u @ mt(v)


def phase_free(result):
    """Of complex eigenvectors, what does not depend on their phases: sizes, and v v^H."""
    w, v = result
    re, im = v.select(-1, 0), v.select(-1, 1)
    return w, re * re + im * im, re @ mt(re) + im @ mt(im)


def packed(x):
    """A real matrix (3, 3) with a real eigenvalue and a complex pair."""
    turn = torch.tensor([[0.0, -2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 3.0]]).double()
    return x * 0.3 + turn


def lu_of(lu):
    """L and U from their one matrix."""
    m, n = lu.size(-2), lu.size(-1)
    k = min(m, n)
    lower = lu.narrow(-1, 0, k) * torch.tril(torch.ones(m, k).double(), -1)
    lower = lower + torch.eye(m, k).double()
    return lower @ (lu.narrow(-2, 0, k) * torch.triu(torch.ones(k, n).double()))


PIVOTS = torch.IntTensor([2, 3, 3])

ROWS: list[Row] = [
    row("inverse", regular(3)),
    row("inverse", regular(2, 3, 3)),
    row("linalg.inv", regular(3)),
    row("pinverse", real(3, 2)),
    row("pinverse", real(2, 3)),
    row("pinverse", regular(2, 3, 3)),
    row("pinverse", real(3, 3), call=lambda x: torch.pinverse(rank_one(x))),
    row("pinverse", regular(3), call=lambda x: torch.pinverse(symmetric(x), hermitian=True)),
    row("linalg.pinv", real(3, 2), rcond=1e-10),
    row("det", regular(3)),
    row("det", regular(2, 2, 3, 3)),
    row("det", low_rank(2, 2)),
    row("det", low_rank(3, 3)),
    row("det", real(1, 1)),
    row("linalg.det", regular(2, 3, 3)),
    row("logdet", regular(3)),
    row("logdet", regular(2, 3, 3)),
    row("slogdet", regular(3)),
    row("slogdet", real(2, 3, 3)),
    row("linalg.slogdet", real(3, 3)),
    row("matrix_power", regular(3), 0),
    row("matrix_power", regular(3), 1),
    row("matrix_power", regular(2, 3, 3), 3),
    row("matrix_power", regular(3), -2),
    row("matrix_power", low_rank(3, 3), 5),
    row("linalg.matrix_power", regular(3), 2),
    row("linalg.matrix_exp", real(2, 2)),
    row("linalg.matrix_exp", real(2, 2, 2)),
    # systems
    row("solve", regular(3), real(3, 2)),
    row("solve", regular(3), real(3)),
    row("solve", regular(2, 3, 3), real(3, 1)),
    row("solve", regular(2, 3, 3), real(3)),
    row("linalg.solve", regular(3), real(2, 3, 1)),
    row("linalg.solve_triangular", regular(3), real(3, 2), upper=True),
    row("linalg.solve_triangular", regular(3), real(3), upper=False),
    row("linalg.solve_triangular", regular(2, 3, 3), real(3), upper=True),
    row("linalg.solve_triangular", regular(2, 3, 3), real(3, 1), upper=False, unitriangular=True),
    row("linalg.solve_triangular", regular(3), real(2, 3), upper=True, left=False),
    row("cholesky_solve", real(3, 2), regular(3)),
    row("cholesky_solve", real(3), regular(3), True),
    row("cholesky_solve", real(3, 1), regular(2, 3, 3)),
    row("lstsq", real(4, 2), real(4, 2), call=lambda a, b: torch.lstsq(a, b)[:2]),
    row("lstsq", real(4, 2), real(4), call=lambda a, b: torch.lstsq(a, b, 1e-10)[:2]),
    row("linalg.lstsq", real(2, 3), real(2), call=lambda a, b: torch.linalg.lstsq(a, b).solution),
    row(
        "linalg.lstsq", real(3, 2), real(3), call=lambda a, b: torch.linalg.lstsq(rank_one(a), b)[0]
    ),
    row("linalg.lu_factor", regular(3)),
    row("linalg.lu_factor", real(2, 3, 3)),
    row("linalg.lu_factor", real(2, 3)),
    row("linalg.lu_factor", real(2, 4, 2)),
    row("linalg.lu_factor", real(3, 3), call=lambda x: lu_of(torch.linalg.lu_factor(x).LU)),
    row(
        "linalg.lu_solve",
        regular(3),
        real(3, 2),
        call=lambda lu, b: torch.linalg.lu_solve(lu, PIVOTS, b),
    ),
    row(
        "linalg.lu_solve",
        regular(3),
        real(3),
        call=lambda lu, b: torch.linalg.lu_solve(lu, PIVOTS, b),
    ),
    row(
        "linalg.lu_solve",
        regular(2, 3, 3),
        real(3, 1),
        call=lambda lu, b: torch.linalg.lu_solve(lu, torch.stack([PIVOTS, PIVOTS]), b),
    ),
    row(
        "linalg.tensorsolve",
        regular(4),
        real(4),
        call=lambda a, b: torch.linalg.tensorsolve(a.reshape(2, 2, 4), b.reshape(2, 2)),
    ),
    row(
        "linalg.tensorsolve",
        regular(4),
        real(4),
        call=lambda a, b: torch.linalg.tensorsolve(a.reshape(2, 4, 2), b, 0),
    ),
    row("linalg.tensorinv", regular(4), call=lambda a: torch.linalg.tensorinv(a.reshape(2, 2, 4))),
    row(
        "linalg.tensorinv", regular(4), call=lambda a: torch.linalg.tensorinv(a.reshape(4, 2, 2), 1)
    ),
    # factorizations
    row("cholesky", regular(3), call=lambda x: torch.cholesky(symmetric(x))),
    row("cholesky", regular(3), call=lambda x: torch.cholesky(symmetric(x), True)),
    row("cholesky", regular(2, 3, 3), call=lambda x: torch.cholesky(symmetric(x), upper=True)),
    row("linalg.cholesky", regular(3), call=lambda x: torch.linalg.cholesky(symmetric(x))),
    row("eigh", real(3, 3), call=lambda x: squares(torch.eigh(symmetric(x)))),
    row("eigh", real(2, 3, 3), call=lambda x: squares(torch.eigh(symmetric(x), "U"))),
    row("linalg.eigh", real(3, 3), call=lambda x: squares(torch.linalg.eigh(symmetric(x)))),
    row("linalg.eigvalsh", real(3, 3), call=lambda x: torch.linalg.eigvalsh(symmetric(x), "U")),
    row("linalg.eig", real(3, 3), call=lambda x: phase_free(torch.linalg.eig(packed(x)))),
    row("linalg.eig", real(2, 2, 2), call=lambda x: phase_free(torch.linalg.eig(x))),
    row("linalg.eigvals", real(3, 3), call=lambda x: torch.linalg.eigvals(packed(x))),
    row("linalg.svd", real(3, 2), call=lambda x: svd_invariants(torch.linalg.svd(x, False), True)),
    row("linalg.svd", real(2, 3), call=lambda x: svd_invariants(torch.linalg.svd(x), True)),
    row("linalg.svd", real(2, 3, 3), call=lambda x: svd_invariants(torch.linalg.svd(x), True)),
    row("linalg.svdvals", real(3, 2)),
    row("linalg.svdvals", real(2, 2, 3)),
    row("linalg.qr", real(3, 2)),
    row("linalg.qr", real(2, 3)),
    row("linalg.qr", real(2, 2, 2), mode="complete"),
    row("linalg.qr", real(2, 3), mode="complete"),
    row("linalg.qr", real(2, 3, 2), mode="r"),
    row("linalg.qr", real(3, 2), call=lambda x: torch.linalg.qr(x, "complete").R),
    # norms
    row("linalg.norm", real(2, 3)),
    row("linalg.norm", real(2, 3), 2),
    row("linalg.norm", real(2, 3), "fro", (1, 0), True),
    row("linalg.norm", real(2, 3), "nuc"),
    row("linalg.norm", real(2, 3), 1, 1),
    row("linalg.norm", real(2, 3, 2), None, (0, -1)),
    row("linalg.norm", real(2, 3, 2), 3, 1, True),
    row("linalg.vector_norm", real(2, 3)),
    row("linalg.vector_norm", real(2, 3), 3),
    row("linalg.vector_norm", real(2, 3), 1, 0),
    row("linalg.vector_norm", real(2, 3), 0, 1),
    row("linalg.vector_norm", real(2, 3), -1.5, 1),
    row("linalg.vector_norm", real(2, 3), float("inf"), 1, True),
    row("linalg.vector_norm", real(2, 3, 2), float("-inf"), (0, 2)),
    row("linalg.vector_norm", real(2, 3), float("inf")),
    *[row("linalg.matrix_norm", real(2, 3), order) for order in ("fro", "nuc", 1, -1, 2, -2)],
    row("linalg.matrix_norm", real(2, 3, 2), float("inf"), (2, 0)),
    row("linalg.matrix_norm", real(2, 3, 2), float("-inf"), keepdim=True),
    row("linalg.matrix_norm", real(2, 3, 2), "nuc", (0, 1), True),
    *[row("linalg.cond", regular(3), p) for p in (None, 2, -2, "fro", "nuc", 1, -1)],
    row("linalg.cond", regular(2, 3, 3), float("inf")),
    row("linalg.cond", real(3, 2)),
]
