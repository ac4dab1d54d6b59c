"""Rows of scans."""

import torch

from rows import Row, apart, positive, real, row, singular

ROWS: list[Row] = [
    row("cumsum", real(2, 3), 0),
    row("cumsum", real(2, 3), -1),
    row("cumsum", real(2, 3)),
    row("cumsum", real(2, 3), axis=1, dtype=torch.float64),
    row("cumprod", positive(2, 3), 1),
    row("cumprod", positive(2, 3)),
    row("cumprod", singular(2, 5), 1),
    row("cumprod", singular(2, 3), 0),
    row("cumprod", singular(2, 3)),
    row("cumprod", singular(2, 3, 1), 2),
    row("cummax", apart(2, 5), 1),
    row("cummin", apart(5, 2), 0),
    row("logcumsumexp", real(2, 5), 1),
    row("logcumsumexp", real(4, 2), dim=0),
    row("diff", real(2, 5)),
    row("diff", real(5, 2), 2, 0),
    row("diff", real(2, 5), n=3, dim=1),
    row("diff", real(2, 5), 0),
]
