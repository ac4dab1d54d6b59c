"""Stochastic gradient descent."""

from collections.abc import Iterable
from itertools import compress
from typing import Any

import torch
from torch.autograd import SparseRows

from .optimizer import Optimizer, buffers, required

__all__ = ["SGD"]


class SGD(Optimizer):
    """p -= lr * v, where v is the gradient plus weight_decay * p, smoothed by momentum:

    v = momentum * v + (1 - dampening) * g; the first v is g itself. With `nesterov` the step goes
    along g + momentum * v (Sutskever et al. 2013, section 3, with the step counted after the
    momentum). `maximize` climbs instead. Of a gradient of SparseRows only the rows are read and
    written, but with momentum or decay.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = required,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "momentum", "weight_decay"):
            self._number(group, option)
        self._number(group, "dampening", least=-float("inf"))
        if group["nesterov"] and not (group["momentum"] > 0 and group["dampening"] == 0):
            got = f"momentum={group['momentum']} and dampening={group['dampening']}"
            raise ValueError(
                f"SGD: group {len(self.param_groups)}: nesterov: expected a momentum above 0 and "
                f"a dampening of 0 with it, got {got}"
            )

    def _update_group(self, params: list, gradients: list, states: list[dict], group: dict) -> None:
        momentum = group["momentum"]
        bufs, firsts = [], []
        if momentum != 0:
            firsts = [state.get("momentum_buffer") is None for state in states]
            for state in compress(states, firsts):
                state.pop("momentum_buffer", None)  # None in PyTorch's files
            bufs = buffers(params, states, "momentum_buffer")
        torch._C.sgd_steps_(
            params,
            gradients,
            bufs,
            firsts,
            group["lr"],
            momentum,
            group["dampening"],
            group["weight_decay"],
            group["nesterov"],
            group["maximize"],
        )

    def _update_rows(
        self, param: torch.Tensor, gradient: SparseRows, state: dict, group: dict
    ) -> None:
        if group["momentum"] != 0 or group["weight_decay"] != 0:  # all rows move
            self._update_group(
                [param], [gradient.to_dense()], [state], {**group, "maximize": False}
            )
        else:
            param.index_add_(0, gradient.indices, gradient.values * -group["lr"])
