"""Averaged stochastic gradient descent."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, buffers, next_steps, store

__all__ = ["ASGD"]


class ASGD(Optimizer):
    """Polyak and Juditsky 1992, https://doi.org/10.1137/0330046; rates of Bottou's sgd 2.0:

    p -= eta * (g + lambd * p); ax += mu * (p - ax)
    eta = lr / (1 + lambd * lr * t)**alpha; mu = 1 / max(1, t - t0)

    with eta and mu as they were after the step before (lr and 1 at first), and g the gradient plus
    weight_decay * p. The average of the parameter since step t0 is `state[param]["ax"]`.
    `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "lambd", "weight_decay", "t0"):
            self._number(group, option)
        self._number(group, "alpha", least=-float("inf"))

    def _update_group(self, params: list, gradients: list, states: list[dict], group: dict) -> None:
        lr, lambd = group["lr"], group["lambd"]
        steps = next_steps(states)
        torch._C.asgd_steps_(
            params,
            gradients,
            buffers(params, states, "ax"),
            [state.get("eta", lr) for state in states],
            [state.get("mu", 1.0) for state in states],
            lambd,
            group["weight_decay"],
            group["maximize"],
        )
        store(states, "step", steps)
        store(states, "eta", [lr / (1 + lambd * lr * t) ** group["alpha"] for t in steps])
        store(states, "mu", [1 / max(1, t - group["t0"]) for t in steps])
