"""Rows of sorting and choosing by rank."""

import torch

from rows import Row, apart, constant, real, row

SHARES = constant(torch.DoubleTensor([0, 0.3, 0.5, 1]))

ROWS: list[Row] = [
    row("sort", apart(2, 3)),
    row("sort", apart(3, 2), 0, True),
    row("sort", apart(3), descending=True, stable=True),
    row("msort", apart(3, 2)),
    row("topk", apart(2, 4), 2),
    row("topk", apart(4, 2), 3, 0, False),
    row("topk", apart(2, 4), 2, 1, True, False),
    row("kthvalue", apart(2, 3), 2),
    row("kthvalue", apart(3, 2), 1, 0, True),
    row("median", apart(2, 3)),
    row("median", apart(2, 4), 1),
    row("median", apart(3, 2), 0, keepdim=True),
    row("mode", apart(2, 3)),
    row("mode", apart(3, 2), 0, True),
    row("partition", apart(2, 5), 2),
    row("partition", apart(5, 2), -1, 0),
    row("quantile", apart(2, 3), 0.3),
    row("quantile", apart(2, 4), 0.3, 1),
    row("quantile", apart(4, 2), 0.3, 0, True),
    row("quantile", apart(2, 4), SHARES),
    row("quantile", apart(2, 4), SHARES, keepdim=True),
    row("quantile", apart(2, 4), SHARES, 1),
    row("quantile", apart(4, 2, 3), SHARES, 1, True),
    row("quantile", apart(5), SHARES, 0),
    row("quantile", apart(2, 4), 0.3, -1, interpolation="lower"),
    row("quantile", apart(2, 4), 0.3, -1, interpolation="higher"),
    row("quantile", apart(2, 4), 0.3, -1, interpolation="midpoint"),
    row("quantile", apart(2, 4), SHARES, -1, interpolation="nearest"),
    row("percentile", apart(2, 3), 30),
    row("percentile", apart(2, 4), 30, 1),
    row("bincount", constant(torch.LongTensor([0, 2, 2, 1])), real(4), 5),
]
