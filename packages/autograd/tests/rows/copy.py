"""Rows of copies, conversions, and what overwrites."""

import torch

from rows import Row, constant, in_place, real, row

ROWS: list[Row] = [
    row("clone", real(2, 3)),
    row("copy", real(2, 3), call=lambda x: x.copy()),
    row("contiguous", real(2, 3), call=lambda x: x.t().contiguous()),
    row("copy_", real(2, 3), real(2, 3), call=in_place("copy_")),
    row("copy_", real(2, 3), real(3), call=in_place("copy_")),
    row("copy_", real(2, 3), 2, call=in_place("copy_")),
    row("fill_", real(2, 3), 2.5, call=in_place("fill_")),
    row("zero_", real(2, 3), call=in_place("zero_")),
    row("type", real(2), torch.float64, call=lambda x, t: x.type(t)),
    row("type_as", real(2), constant(torch.ones(1).double()), call=lambda x, y: x.type_as(y)),
    row("to", real(2), torch.float64, call=lambda x, t: x.to(t, copy=True)),
    row("astype", real(2), torch.float64, call=lambda x, t: x.astype(t)),
    row("cpu", real(2), call=lambda x: x.cpu()),
    row("double", real(2), call=lambda x: x.double()),
]
