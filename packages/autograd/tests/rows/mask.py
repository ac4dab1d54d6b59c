"""Rows of reading and writing by mask."""

import torch

from rows import MASK, Row, constant, in_place, real, row

COLUMNS = constant(torch.tensor([True, False, True]))
BYTES = constant(torch.ByteTensor([[1, 0, 1], [0, 1, 0]]))

ROWS: list[Row] = [
    row("masked_select", real(2, 3), MASK),
    row("masked_select", real(2, 3), COLUMNS),
    row("masked_select", real(3), MASK),
    row("masked_select", real(), constant(torch.tensor(True))),
    row("masked_fill", real(2, 3), MASK, 0.5),
    row("masked_fill", real(2, 3), COLUMNS, real()),
    row("masked_fill", real(2, 3), BYTES, real(1)),
    row("masked_scatter", real(2, 3), MASK, real(3)),
    row("masked_scatter", real(2, 3), COLUMNS, real(2, 3)),
    row("masked_copy_", real(2, 3), BYTES, real(5), call=in_place("masked_copy_")),
]
