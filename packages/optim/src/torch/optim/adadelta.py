"""Adadelta: steps as large as the last ones were, per unit of gradient."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, decayed

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

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        if not state:
            state["step"] = 0
            state["square_avg"] = torch.zeros_like(param)
            state["acc_delta"] = torch.zeros_like(param)
        state["step"] += 1
        rho, eps = group["rho"], group["eps"]
        g = decayed(gradient, param, group["weight_decay"])
        v, u = state["square_avg"], state["acc_delta"]
        v.mul_(rho).addcmul_(1 - rho, g, g)
        d = u.add(eps).div_(v.add(eps)).sqrt_().mul_(g)
        u.mul_(rho).addcmul_(1 - rho, d, d)
        param.add_(-group["lr"], d)
