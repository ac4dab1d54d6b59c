"""Rows of diagonals and triangles."""

from rows import Row, real, row

ROWS: list[Row] = [
    row("diag", real(3)),
    row("diag", real(2), -1),
    row("diag", real(2, 3), diagonal=1),
    row("diagflat", real(2, 2)),
    row("diagflat", real(2), offset=-1),
    row("tril", real(3, 3)),
    row("tril", real(2, 3, 3), 1),
    row("triu", real(2, 3), k=-1),
    row("triu", real(3, 3)),
    row("trace", real(3, 3), call=lambda x: x.trace()),
    row("trace", real(2, 3), call=lambda x: x.trace()),
]
