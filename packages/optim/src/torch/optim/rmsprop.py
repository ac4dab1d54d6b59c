"""RMSprop: steps along the gradient by its size of late."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, buffers, next_steps, store

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

    def _update_group(self, params: list, gradients: list, states: list[dict], group: dict) -> None:
        momentum = group["momentum"]
        steps = next_steps(states)
        torch._C.rmsprop_steps_(
            params,
            gradients,
            buffers(params, states, "square_avg"),
            buffers(params, states, "grad_avg") if group["centered"] else [],
            buffers(params, states, "momentum_buffer") if momentum != 0 else [],
            group["lr"],
            group["alpha"],
            group["eps"],
            group["weight_decay"],
            momentum,
            group["maximize"],
        )
        store(states, "step", steps)
