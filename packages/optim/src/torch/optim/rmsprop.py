"""RMSprop: steps along the gradient by its size of late."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, decayed

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """Hinton 2012, https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf:

    p -= lr * g / (sqrt(v) + eps)

    with v the average of g**2, of weight alpha, and g the gradient plus weight_decay * p. With
    `centered` v - a**2 takes the place of v, where a is the average of g (Graves 2013,
    https://arxiv.org/abs/1308.0850, equations 38 to 41). With a `momentum` the step is lr * b,
    where b = momentum * b + g / (sqrt(v) + eps). `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "alpha": alpha,
            "eps": eps,
            "weight_decay": weight_decay,
            "momentum": momentum,
            "centered": centered,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "eps", "weight_decay", "momentum"):
            self._number(group, option)
        self._check_number("alpha", group["alpha"], 0, 1)

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        if not state:
            state["step"] = 0
            state["square_avg"] = torch.zeros_like(param)
        state["step"] += 1
        alpha, momentum = group["alpha"], group["momentum"]
        g = decayed(gradient, param, group["weight_decay"])
        v = state["square_avg"].mul_(alpha).addcmul_(1 - alpha, g, g)
        if group["centered"]:
            if "grad_avg" not in state:
                state["grad_avg"] = torch.zeros_like(param)
            a = state["grad_avg"].mul_(alpha).add_(1 - alpha, g)
            # never below 0 but for rounding
            scale = v.addcmul(-1, a, a).clamp_(min=0).sqrt_()
        else:
            scale = v.sqrt()
        scale.add_(group["eps"])
        if momentum == 0:
            param.addcdiv_(-group["lr"], g, scale)
            return
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(param)
        b = state["momentum_buffer"].mul_(momentum).addcdiv_(g, scale)
        param.add_(-group["lr"], b)
