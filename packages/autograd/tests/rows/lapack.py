"""Rows of the operations of 2016 on one matrix."""

import torch

from rows import Row, real, regular, row
from rows.matrix import lu_of, packed, squares, svd_invariants, symmetric

ROWS: list[Row] = [
    row("gesv", real(3, 2), regular(3)),
    row("gesv", real(3), regular(3)),
    row("gels", real(3, 2), regular(3), call=lambda b, a: torch.gels(b, a).solution),
    row("gels", real(4, 2), real(4, 3), call=lambda b, a: torch.gels(b, a)[0][:3]),
    row("gels", real(2), real(2, 3), call=lambda b, a: torch.gels(b, a)[0]),
    row("trtrs", real(3, 2), regular(3)),
    row("trtrs", real(3), regular(3), False),
    row("trtrs", real(3, 2), regular(3), True, True),
    row("trtrs", real(3, 1), regular(3), False, True, True),
    row("trtrs", real(3, 1), regular(3), upper=True, unitriangular=True),
    row("potrf", regular(3), call=lambda x: torch.potrf(symmetric(x))),
    row("potrf", regular(3), call=lambda x: torch.potrf(symmetric(x), False)),
    row("potri", regular(3)),
    row("potri", regular(3), False),
    row("potrs", real(3, 2), regular(3)),
    row("potrs", real(3), regular(3), False),
    row("orgqr", real(3, 2), real(2)),
    row("orgqr", real(2, 3), real(2)),
    row("ormqr", real(3, 2), real(2), real(3, 2)),
    row("ormqr", real(3, 2), real(2), real(3, 1), True, True),
    row("ormqr", real(3, 2), real(2), real(2, 3), False),
    row("ormqr", real(3, 2), real(2), real(1, 3), left=False, transpose=True),
    row("btrifact", regular(2, 3, 3)),
    row("btrifact", real(2, 2, 2), call=lambda x: lu_of(torch.btrifact(x).LU)),
    row(
        "btrisolve",
        real(2, 3),
        regular(2, 3, 3),
        call=lambda b, a: torch.btrisolve(b, *torch.btrifact(a)),
    ),
    row(
        "btrisolve",
        real(2, 3, 1),
        regular(2, 3, 3),
        call=lambda b, a: torch.btrisolve(b, *torch.btrifact(a)),
    ),
    row("qr", real(3, 2)),
    row("qr", real(2, 3)),
    row("svd", real(3, 2), call=lambda x: svd_invariants(torch.svd(x))),
    row("svd", real(2, 3), call=lambda x: svd_invariants(torch.svd(x, False))),
    row("svd", real(3, 3), call=lambda x: svd_invariants(torch.svd(x, some=True))),
    row("symeig", real(3, 3), call=lambda x: torch.symeig(symmetric(x))[0]),
    row("symeig", real(3, 3), call=lambda x: squares(torch.symeig(symmetric(x), True))),
    row("symeig", real(3, 3), call=lambda x: squares(torch.symeig(symmetric(x), True, False))),
    row("eig", real(3, 3), call=lambda x: torch.eig(packed(x))[0]),
    row(
        "eig",
        real(2, 2),
        call=lambda x: torch.eig(x * 0.3 + torch.diag(torch.DoubleTensor([1, 3])), True)[1] ** 2,
    ),
]
