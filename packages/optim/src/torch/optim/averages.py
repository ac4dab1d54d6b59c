"""What Adam and its kin share."""

from typing import Any

from .optimizer import Optimizer, buffers, next_steps, store

#: Parameters, gradients, and both averages.
Lists = tuple[list, list, list, list]
#: lr, beta1, beta2, eps, weight_decay
Rates = tuple[float, float, float, float, float]


class AveragingOptimizer(Optimizer):
    """A rule that goes by two running averages, of weights `betas`, and counts its steps.

    A subclass gives `_update_all`; its options are lr, betas, eps, weight_decay, maximize and what
    is its own.
    """

    #: How the state calls the average that scales the steps; the other one is "exp_avg".
    _scale = "exp_avg_sq"

    def _check(self, group: dict[str, Any]) -> None:
        for option in ("lr", "eps", "weight_decay"):
            self._number(group, option)
        self._betas(group)

    def _update_group(self, params: list, gradients: list, states: list[dict], group: dict) -> None:
        means, scales = (buffers(params, states, entry) for entry in ("exp_avg", self._scale))
        steps = next_steps(states)
        beta1, beta2 = group["betas"]
        rates = (group["lr"], beta1, beta2, group["eps"], group["weight_decay"])
        self._update_all((params, gradients, means, scales), steps, rates, states, group)
        store(states, "step", steps)

    def _update_all(
        self, tensors: Lists, steps: list[int], rates: Rates, states: list[dict], group: dict
    ) -> None:
        """Change all parameters in place; steps: the number of each one's step, from 1."""
        raise NotImplementedError(f"{type(self).__name__}: _update_all is not defined")
