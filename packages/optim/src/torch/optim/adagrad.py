"""Adagrad: steps that shrink with the sum of all squared gradients."""

from collections.abc import Iterable
from typing import Any

import torch
from torch.autograd import SparseRows

from .optimizer import Optimizer, decayed

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Duchi, Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html, figure 1, diagonal:

    s += g**2; p -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)

    with s starting at initial_accumulator_value, t the number of the step, from 1, and g the
    gradient plus weight_decay * p. `maximize` climbs instead. Of a gradient of SparseRows only the
    rows are read and written, but with decay.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"):
            self._number(group, option)

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        rate = self._rate(param, state, group)
        g = decayed(gradient, param, group["weight_decay"])
        s = state["sum"].addcmul_(g, g)
        param.addcdiv_(-rate, g, s.sqrt().add_(group["eps"]))

    def _update_rows(
        self, param: torch.Tensor, gradient: SparseRows, state: dict, group: dict
    ) -> None:
        if group["weight_decay"] != 0:  # all rows move
            self._update(param, gradient.to_dense(), state, group)
            return
        rate = self._rate(param, state, group)
        rows, g = gradient.indices, gradient.values
        state["sum"].index_add_(0, rows, g * g)
        scale = state["sum"].index_select(0, rows).sqrt_().add_(group["eps"])
        param.index_add_(0, rows, (g / scale).mul_(-rate))

    def _rate(self, param: torch.Tensor, state: dict, group: dict) -> float:
        """The rate of the next step, which is counted."""
        if not state:
            state["step"] = 0
            state["sum"] = torch.zeros_like(param).fill_(group["initial_accumulator_value"])
        rate = group["lr"] / (1 + state["step"] * group["lr_decay"])
        state["step"] += 1
        return rate
