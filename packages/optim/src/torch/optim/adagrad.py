"""Adagrad: steps that shrink with the sum of all squared gradients."""

from collections.abc import Iterable
from typing import Any

import torch
from torch.autograd import SparseRows

from .optimizer import Optimizer, buffers, next_steps, store

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Duchi, Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html, figure 1, diagonal:

    s += g**2; p -= lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)

    with s starting at initial_accumulator_value, t the number of the step, from 1, and g the
    gradient plus weight_decay * p. `maximize` climbs instead. Of a gradient of SparseRows only the
    rows are read and written, but with decay.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "lr_decay": lr_decay,
            "weight_decay": weight_decay,
            "initial_accumulator_value": initial_accumulator_value,
            "eps": eps,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps"):
            self._number(group, option)

    def _update_group(self, params: list, gradients: list, states: list[dict], group: dict) -> None:
        steps = next_steps(states)
        torch._C.adagrad_steps_(
            params,
            gradients,
            buffers(params, states, "sum", group["initial_accumulator_value"]),
            steps,
            group["lr"],
            group["lr_decay"],
            group["weight_decay"],
            group["eps"],
            group["maximize"],
        )
        store(states, "step", steps)

    def _update_rows(
        self, param: torch.Tensor, gradient: SparseRows, state: dict, group: dict
    ) -> None:
        if group["weight_decay"] != 0:  # all rows move
            self._update_group(
                [param], [gradient.to_dense()], [state], {**group, "maximize": False}
            )
            return
        (step,) = next_steps([state])
        (total,) = buffers([param], [state], "sum", group["initial_accumulator_value"])
        rate = group["lr"] / (1 + (step - 1) * group["lr_decay"])
        rows, g = gradient.indices, gradient.values
        total.index_add_(0, rows, g * g)
        scale = total.index_select(0, rows).sqrt_().add_(group["eps"])
        param.index_add_(0, rows, (g / scale).mul_(-rate))
        state["step"] = step
