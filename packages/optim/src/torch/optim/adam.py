"""Adam and AdamW: steps scaled by running averages of the gradient and of its square."""

from collections.abc import Iterable
from typing import Any

import torch

from .averages import AveragingOptimizer, Lists, Rates
from .optimizer import buffers

__all__ = ["Adam", "AdamW"]


class Adam(AveragingOptimizer):
    """Kingma and Ba 2014, https://arxiv.org/abs/1412.6980, in the form at the end of its section 2:

    p -= lr * sqrt(1 - beta2**t) / (1 - beta1**t) * m / (sqrt(v) + eps)

    with m and v the averages of g and g**2, of weights beta1 and beta2, and g the gradient plus
    weight_decay * p. (PyTorch since 1.3 puts eps beside sqrt(v / (1 - beta2**t)), which `AdamW`
    does, too.) With `amsgrad` the largest v so far takes the place of v (Reddi et al. 2018,
    https://arxiv.org/abs/1904.09237). `maximize` climbs instead.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    #: The step in the core.
    _steps = staticmethod(torch._C.adam_steps_)

    def _update_all(
        self, tensors: Lists, steps: list[int], rates: Rates, states: list[dict], group: dict
    ) -> None:
        largest = buffers(tensors[0], states, "max_exp_avg_sq") if group["amsgrad"] else []
        self._steps(*tensors, largest, steps, *rates, group["maximize"])


class AdamW(Adam):
    """Adam with the weights' decay beside the step, not in the gradient:

    p -= lr * weight_decay * p; p -= lr * m / (1 - beta1**t) / (sqrt(v / (1 - beta2**t)) + eps)

    Loshchilov and Hutter 2017, https://arxiv.org/abs/1711.05101, algorithm 2. `amsgrad` and
    `maximize` as for `Adam`.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize)

    _steps = staticmethod(torch._C.adamw_steps_)
