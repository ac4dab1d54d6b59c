"""Rprop: resilient backpropagation; only the gradient's signs count."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer

__all__ = ["Rprop"]


class Rprop(Optimizer):
    """Riedmiller and Braun 1993, https://doi.org/10.1109/ICNN.1993.298623, but no step is taken
    back (Igel and Huesken 2000, where this is called iRprop-):

    each element has a step size, lr at first. It is multiplied by etas[1] where the gradient has
    its last sign and by etas[0] where the sign has changed, and kept within step_sizes; where the
    sign has changed, the gradient counts as 0 this time. p -= sign(g) * size

    For gradients of the whole data. `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "etas": etas,
            "step_sizes": step_sizes,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def _check(self, group: dict[str, Any]) -> None:
        self._number(group, "lr")
        low, high = self._pair(group, "etas")
        if not 0 < low < 1 < high:
            raise self._bad_option("etas", "0 < etas[0] < 1 < etas[1]", (low, high))
        smallest, largest = self._pair(group, "step_sizes")
        if not 0 <= smallest <= largest:
            raise self._bad_option(
                "step_sizes", "0 <= step_sizes[0] <= step_sizes[1]", (smallest, largest)
            )

    def _update(
        self, param: torch.Tensor, gradient: torch.Tensor, state: dict, group: dict
    ) -> None:
        if not state:
            state["step"] = 0
            state["prev"] = torch.zeros_like(param)
            state["step_size"] = torch.zeros_like(param).fill_(group["lr"])
        state["step"] += 1
        low, high = group["etas"]
        last, size = state["prev"], state["step_size"]
        agreement = last.sign_().mul_(gradient)  # of signs: small numbers do not become 0
        turned = agreement < 0
        factor = torch.ones_like(param).masked_fill_(turned, low).masked_fill_(agreement > 0, high)
        size.mul_(factor).clamp_(*group["step_sizes"])
        last.copy_(gradient).masked_fill_(turned, 0)
        param.addcmul_(-1, last.sign(), size)
