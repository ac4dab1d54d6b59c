"""Rows of element-wise operations."""

from rows import Row, real, row

ROWS: list[Row] = [
    row("exp", real(2, 3)),
    row("add", real(2, 3), real(3)),
]
