"""Rows of reading and writing by index."""

from rows import Row, longs, real, row

ROWS: list[Row] = [
    row("gather", real(2, 3), 1, longs([0, 0], [2, 1])),
    row("index_add", real(2, 3), 1, longs(2, 0, 2), real(2, 3)),
]
