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
        needs = self.needs_input_grad
        self.save_for_backward(x if needs[1] else None, w if needs[0] else None)
        y = x.mm(w.t())
        return y if b is None else y.add_(b)

    def backward(self, gy: Any) -> tuple:
        x, w = self.saved_tensors
        gx = None if w is None else gy.mm(w)
        gw = None if x is None else gy.t().mm(x)
        needs = self.needs_input_grad
        if len(needs) == 2:
            return gx, gw
        return gx, gw, gy.sum(dim=0) if needs[2] else None
