"""Rprop: resilient backpropagation; only the gradient's signs count."""

from collections.abc import Iterable
from typing import Any

import torch

from .optimizer import Optimizer, buffers, next_steps, store

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

    def _update_group(self, params: list, gradients: list, states: list[dict], group: dict) -> None:
        (shrink, grow), (smallest, largest) = group["etas"], group["step_sizes"]
        steps = next_steps(states)
        torch._C.rprop_steps_(
            params,
            gradients,
            buffers(params, states, "prev"),
            buffers(params, states, "step_size", group["lr"]),
            shrink,
            grow,
            smallest,
            largest,
            group["maximize"],
        )
        store(states, "step", steps)
