"""Stochastic gradient descent."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, required

__all__ = ["SGD"]


class SGD(Optimizer):
    """p -= lr * v, where v is the gradient plus weight_decay * p, smoothed by momentum:

    v = momentum * v + (1 - dampening) * g; the first v is g itself. With `nesterov` the step goes
    along g + momentum * v.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = required,  # type: ignore[assignment]
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "momentum", "weight_decay"):
            self._number(group, option)
        if group["nesterov"] and not (group["momentum"] > 0 and group["dampening"] == 0):
            raise ValueError(
                "SGD: nesterov: expected a momentum above 0 and a dampening of 0 with it, "
                f"got momentum={group['momentum']} and dampening={group['dampening']}"
            )

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        momentum = group["momentum"]
        buffer = state.get("momentum_buffer")
        first = momentum != 0 and buffer is None
        if first:
            buffer = state["momentum_buffer"] = torch.zeros_like(param)
        torch._C.sgd_step_(
            param,
            gradient,
            buffer if momentum != 0 else None,
            group["lr"],
            momentum,
            group["dampening"],
            group["weight_decay"],
            group["nesterov"],
            first,
        )
