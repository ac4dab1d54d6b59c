"""Adam: steps scaled by running averages of the gradient and of its square."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer

__all__ = ["Adam"]


class Adam(Optimizer):
    """Kingma and Ba 2014, https://arxiv.org/abs/1412.6980, in the form at the end of its section 2:

    p -= lr * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + eps)

    with m and v the averages of g and g**2, of weights beta1 and beta2, and g the gradient plus
    weight_decay * p.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
    ) -> None:
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "eps", "weight_decay"):
            self._number(group, option)
        betas = group["betas"]
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise ValueError(f"Adam: betas: expected a pair of numbers, got {betas!r}")
        for number, beta in enumerate(betas):
            self._number({f"betas[{number}]": beta}, f"betas[{number}]", below=1)

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        if not state:
            state["step"] = 0
            state["exp_avg"] = torch.zeros_like(param)
            state["exp_avg_sq"] = torch.zeros_like(param)
        state["step"] += 1
        beta1, beta2 = group["betas"]
        torch._C.adam_step_(
            param,
            gradient,
            state["exp_avg"],
            state["exp_avg_sq"],
            group["lr"],
            beta1,
            beta2,
            group["eps"],
            group["weight_decay"],
            state["step"],
        )
