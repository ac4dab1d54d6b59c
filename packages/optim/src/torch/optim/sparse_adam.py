"""SparseAdam: Adam for tables of which each step uses few rows."""

from collections.abc import Iterable
from typing import Any

import torch
from torch.autograd import SparseRows

from .optimizer import Optimizer, buffers, next_steps

__all__ = ["SparseAdam"]


class SparseAdam(Optimizer):
    """Adam whose averages and parameters change only in the rows that the gradient has.

    For gradients that are SparseRows; a row's averages stay as they are until it is used again,
    while t counts every step. Formula and source are those of `Adam`. `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "eps": eps, "maximize": maximize}
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "eps"):
            self._number(group, option)
        self._betas(group)

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        raise TypeError(
            f"SparseAdam: expected a gradient of SparseRows, got a {type(gradient).__name__}; "
            "Adam is for those"
        )

    def _update_rows(
        self, param: torch.Tensor, gradient: SparseRows, state: dict, group: dict
    ) -> None:
        (step,) = next_steps([state])
        averages = (buffers([param], [state], entry) for entry in ("exp_avg", "exp_avg_sq"))
        wholes = [param, *(whole for (whole,) in averages)]
        p, m, v = parts = [whole.index_select(0, gradient.indices) for whole in wholes]
        lr, eps, (beta1, beta2) = group["lr"], group["eps"], group["betas"]
        torch._C.adam_steps_(
            [p], [gradient.values], [m], [v], [], [step], lr, beta1, beta2, eps, 0, False
        )
        for whole, part in zip(wholes, parts, strict=True):
            whole.index_copy_(0, gradient.indices, part)
        state["step"] = step
