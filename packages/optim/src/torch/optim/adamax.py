"""Adamax: Adam with the largest gradient of late in place of the average square."""

from collections.abc import Iterable
from typing import Any

import torch

from .averages import AveragingOptimizer, Lists, Rates

__all__ = ["Adamax"]


class Adamax(AveragingOptimizer):
    """Kingma and Ba 2014, https://arxiv.org/abs/1412.6980, algorithm 2:

    u = max(beta2 * u, |g| + eps); p -= lr / (1 - beta1**t) * m / u

    with m the average of g, of weight beta1, and g the gradient plus weight_decay * p. (The paper
    has no eps; here it keeps u above 0.) `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    _scale = "exp_inf"

    def _update_all(
        self, tensors: Lists, steps: list[int], rates: Rates, states: list[dict], group: dict
    ) -> None:
        torch._C.adamax_steps_(*tensors, steps, *rates, group["maximize"])
