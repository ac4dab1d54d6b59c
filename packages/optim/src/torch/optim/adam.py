"""Adam and AdamW: steps scaled by running averages of the gradient and of its square."""

import math
from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, decayed

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Kingma and Ba 2014, https://arxiv.org/abs/1412.6980, in the form at the end of its section 2:

    p -= lr * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + eps)

    with m and v the averages of g and g**2, of weights beta1 and beta2, and g the gradient plus
    weight_decay * p. (PyTorch since 1.3 puts eps beside sqrt(v / (1 - beta2**t)), which `AdamW`
    does, too.) With `amsgrad` the largest v so far takes the place of v (Reddi et al. 2018,
    https://arxiv.org/abs/1904.09237). `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
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
        _adam(param, gradient, state, group, group["eps"], group["weight_decay"])


class AdamW(Adam):
    """Adam with the weights' decay beside the step, not in the gradient:

    p -= lr * weight_decay * p; p -= lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)

    Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101, algorithm 2. `amsgrad` and
    `maximize` as for `Adam`.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        if group["weight_decay"] != 0:
            param.mul_(1 - group["lr"] * group["weight_decay"])
        # eps beside sqrt(v / c) is eps * sqrt(c) beside sqrt(v)
        correction = 1 - group["betas"][1] ** (state.get("step", 0) + 1)
        _adam(param, gradient, state, group, group["eps"] * math.sqrt(correction), 0)


def _adam(
    param: torch.Tensor,
    gradient: torch.Tensor,
    state: dict,
    group: dict,
    eps: float,
    weight_decay: float,
) -> None:
    """The step of Adam with this eps beside sqrt(v), and weight_decay * p in the gradient."""
    if not state:
        state["step"] = 0
        state["exp_avg"] = torch.zeros_like(param)
        state["exp_avg_sq"] = torch.zeros_like(param)
    state["step"] += 1
    beta1, beta2 = group["betas"]
    if not group["amsgrad"]:
        torch._C.adam_step_(
            param,
            gradient,
            state["exp_avg"],
            state["exp_avg_sq"],
            group["lr"],
            beta1,
            beta2,
            eps,
            weight_decay,
            state["step"],
        )
        return
    gradient = decayed(gradient, param, weight_decay)
    m = state["exp_avg"].mul_(beta1).add_(1 - beta1, gradient)
    v = state["exp_avg_sq"].mul_(beta2).addcmul_(1 - beta2, gradient, gradient)
    largest = state.get("max_exp_avg_sq")
    if largest is None:
        largest = state["max_exp_avg_sq"] = torch.zeros_like(param)
    torch.maximum(largest, v, out=largest)
    correction1, correction2 = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
    size = group["lr"] * math.sqrt(correction2) / correction1
    param.addcdiv_(-size, m, largest.sqrt().add_(eps))
