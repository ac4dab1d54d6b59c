"""What Adam and its kin share."""

from typing import Any

from .optimizer import Optimizer, buffers, next_steps, store


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
        averages = [buffers(params, states, entry) for entry in ("exp_avg", self._scale)]
        steps = next_steps(states)
        rates = (group["lr"], *group["betas"], group["eps"], group["weight_decay"])
        self._update_all((params, gradients, *averages), steps, rates, states, group)
        store(states, "step", steps)

    def _update_all(
        self, tensors: tuple, steps: list[int], rates: tuple, states: list[dict], group: dict
    ) -> None:
        """Change all parameters in place.

        tensors: lists of parameters, gradients and both averages; steps: their numbers, from 1;
        rates: lr, beta1, beta2, eps, weight_decay.
        """
        raise NotImplementedError(f"{type(self).__name__}: _update_all is not defined")
