"""The affine map of a batch of rows."""

from typing import Any

import torch
from torch.autograd.functions.base import Builtin

__all__ = ["Linear"]


class Linear(Builtin):
    """y = x @ w.t() + b; x (n, in), w (out, in), b (out,) or left out, y (n, out)"""

    __slots__ = ()
    fresh_gradients = True

    def forward(
        self, x: torch.Tensor, w: torch.Tensor, b: torch.Tensor | None = None
    ) -> torch.Tensor:
        edges = self._edges
        self._saved = (
            x if edges[1] is not None else None,
            w if edges[0] is not None else None,
        )
        self._origins = (0, 1)
        y = x.mm(w.t())
        return y if b is None else y.add_(b)

    def backward(self, gy: Any) -> tuple:
        x, w = self.saved_tensors
        gx = None if w is None else gy.mm(w)
        gw = None if x is None else gy.t().mm(x)
        edges = self._edges
        if len(edges) == 2:
            return gx, gw
        return gx, gw, None if edges[2] is None else gy.sum(dim=0)
