"""RAdam: Adam that waits until its averages can be trusted."""

from collections.abc import Iterable
from typing import Any

import torch

from .averages import AveragingOptimizer, Lists, Rates

__all__ = ["RAdam"]


class RAdam(AveragingOptimizer):
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

    def _update_all(
        self, tensors: Lists, steps: list[int], rates: Rates, states: list[dict], group: dict
    ) -> None:
        decoupled = group["decoupled_weight_decay"]
        torch._C.radam_steps_(*tensors, steps, *rates, decoupled, group["maximize"])
