"""NAdam: Adam with Nesterov's momentum."""

from collections.abc import Iterable
from typing import Any

import torch

from .averages import AveragingOptimizer, Lists, Rates
from .optimizer import store

__all__ = ["NAdam"]


class NAdam(AveragingOptimizer):
    """Dozat 2016, https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ, algorithm 2:

    mu(t) = beta1 * (1 - 0.96**(t * momentum_decay) / 2), with the product M(t) = mu(1) ... mu(t)
    d = (1 - mu(t)) / (1 - M(t)) * g + mu(t + 1) / (1 - M(t + 1)) * m
    p -= lr * d / (sqrt(v / (1 - beta2**t)) + eps)

    with m and v the averages of g and g**2, of weights beta1 and beta2, and g the gradient plus
    weight_decay * p; with `decoupled_weight_decay` p -= lr * weight_decay * p comes before it
    instead. `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum_decay": momentum_decay,
            "decoupled_weight_decay": decoupled_weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        self._number(group, "momentum_decay")

    def _update_all(
        self, tensors: Lists, steps: list[int], rates: Rates, states: list[dict], group: dict
    ) -> None:
        products = torch._C.nadam_steps_(
            *tensors,
            [state.get("mu_product", 1.0) for state in states],
            steps,
            *rates,
            group["momentum_decay"],
            group["decoupled_weight_decay"],
            group["maximize"],
        )
        store(states, "mu_product", products)
