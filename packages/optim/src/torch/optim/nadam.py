"""NAdam: Adam with Nesterov's momentum."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, decayed

__all__ = ["NAdam"]


class NAdam(Optimizer):
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
        for option in ("lr", "eps", "weight_decay", "momentum_decay"):
            self._number(group, option)
        self._betas(group)

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        if not state:
            state["step"] = 0
            state["mu_product"] = 1.0
            state["exp_avg"] = torch.zeros_like(param)
            state["exp_avg_sq"] = torch.zeros_like(param)
        t = state["step"] = state["step"] + 1
        lr, (beta1, beta2) = group["lr"], group["betas"]
        mu, mu_next = (
            beta1 * (1 - 0.5 * 0.96 ** (k * group["momentum_decay"])) for k in (t, t + 1)
        )
        product = state["mu_product"] = state["mu_product"] * mu
        g = gradient
        if not group["decoupled_weight_decay"]:
            g = decayed(gradient, param, group["weight_decay"])
        elif group["weight_decay"] != 0:
            param.mul_(1 - lr * group["weight_decay"])
        m = state["exp_avg"].mul_(beta1).add_(1 - beta1, g)
        v = state["exp_avg_sq"].mul_(beta2).addcmul_(1 - beta2, g, g)
        scale = v.div(1 - beta2**t).sqrt_().add_(group["eps"])
        param.addcdiv_(-lr * (1 - mu) / (1 - product), g, scale)
        param.addcdiv_(-lr * mu_next / (1 - product * mu_next), m, scale)
