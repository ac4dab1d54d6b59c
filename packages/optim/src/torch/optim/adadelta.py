"""Adadelta: steps as large as the last ones were, per unit of gradient."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, buffers, next_steps, store

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """Zeiler 2012, https://arxiv.org/abs/1212.5701, algorithm 1, with a learning rate:

    d = sqrt((u + eps) / (v + eps)) * g; p -= lr * d

    with v and u the averages of g**2 and, up to the step before, of d**2, of weight rho, and g the
    gradient plus weight_decay * p. `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "rho": rho,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "eps", "weight_decay"):
            self._number(group, option)
        self._check_number("rho", group["rho"], 0, 1)

    def _update_group(self, params: list, gradients: list, states: list[dict], group: dict) -> None:
        steps = next_steps(states)
        torch._C.adadelta_steps_(
            params,
            gradients,
            buffers(params, states, "square_avg"),
            buffers(params, states, "acc_delta"),
            group["lr"],
            group["rho"],
            group["eps"],
            group["weight_decay"],
            group["maximize"],
        )
        store(states, "step", steps)
