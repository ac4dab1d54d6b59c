"""RAdam: Adam that waits until its averages can be trusted."""

import math
from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, decayed

__all__ = ["RAdam"]


class RAdam(Optimizer):
    """Liu et al. 2019, https://arxiv.org/abs/1908.03265, algorithm 2:

    rho = 2 / (1 - beta2) - 1; rho(t) = rho - 2 * t * beta2**t / (1 - beta2**t)
    p -= lr * m / (1 - beta1**t) while rho(t) <= 5, then
    p -= lr * r * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + eps), where
    r = sqrt((rho(t) - 4) * (rho(t) - 2) * rho / ((rho - 4) * (rho - 2) * rho(t)))

    with m and v the averages of g and g**2, of weights beta1 and beta2, and g the gradient plus
    weight_decay * p; with `decoupled_weight_decay` p -= lr * weight_decay * p comes before it
    instead. `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "eps", "weight_decay"):
            self._number(group, option)
        self._betas(group)

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        if not state:
            state["step"] = 0
            state["exp_avg"] = torch.zeros_like(param)
            state["exp_avg_sq"] = torch.zeros_like(param)
        t = state["step"] = state["step"] + 1
        lr, (beta1, beta2), weight_decay = group["lr"], group["betas"], group["weight_decay"]
        if group["decoupled_weight_decay"] and weight_decay != 0:
            param.mul_(1 - lr * weight_decay)
            weight_decay = 0
        m, v = state["exp_avg"], state["exp_avg_sq"]
        rho = 2 / (1 - beta2) - 1
        rho_t = rho - 2 * t * beta2**t / (1 - beta2**t)
        if rho_t > 5:  # Adam with another rate
            r = math.sqrt((rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t))
            torch._C.adam_step_(
                param, gradient, m, v, lr * r, beta1, beta2, group["eps"], weight_decay, t
            )
            return
        g = decayed(gradient, param, weight_decay)
        m.mul_(beta1).add_(1 - beta1, g)
        v.mul_(beta2).addcmul_(1 - beta2, g, g)
        param.add_(-lr / (1 - beta1**t), m)
