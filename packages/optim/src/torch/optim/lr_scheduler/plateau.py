"""Rates that follow a measure."""

import math
from collections.abc import Sequence
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """Multiply lr by `factor` when a measure has not got better for more than `patience` epochs.

    `step(metrics)` gets the measure: a number, or a tensor or Variable of one element. With mode
    "min" smaller is better: below b * (1 - threshold) ("rel") or b - threshold ("abs"), where b is
    the best so far; with mode "max" above b * (1 + threshold) or b + threshold. After a reduction
    `cooldown` epochs do not count. No rate goes below `min_lr` (one for all groups or one for
    each), and none changes by `eps` or less.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | Sequence[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        self._attach(optimizer)
        if mode not in ("min", "max"):
            raise self._bad("mode", "'min' or 'max'", mode)
        if threshold_mode not in ("rel", "abs"):
            raise self._bad("threshold_mode", "'rel' or 'abs'", threshold_mode)
        if not isinstance(factor, int | float) or not 0 <= factor < 1:
            raise self._bad("factor", "a number of at least 0 and below 1", factor)
        self._count("patience", patience, 0)
        self._count("cooldown", cooldown, 0)
        self._number("threshold", threshold)
        self._number("eps", eps)
        self.mode = mode
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.threshold_mode = threshold_mode
        self.cooldown = cooldown
        self.min_lrs = self._numbers_per_group("min_lr", min_lr)
        self.eps = eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        self.last_epoch = 0
        self._last_lr = self._present()

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Note the measure of an epoch, and reduce the rates if it is time."""
        try:
            measure = float(metrics)
        except Exception as error:
            raise TypeError(
                f"ReduceLROnPlateau.step: metrics: expected one number, got {metrics!r}"
            ) from error
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(measure):
            self.best = measure
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        rates = self._present()
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0
            # for a group that was added since there is no least rate: _set says so
            pairs = zip(rates, self.min_lrs, strict=False)
            lower = [max(rate * self.factor, least) for rate, least in pairs]
            pairs = zip(rates, lower, strict=False)
            rates = [new if old - new > self.eps else old for old, new in pairs]
        self._set(rates)

    def _is_better(self, measure: float) -> bool:
        if math.isinf(self.best):
            return measure < self.best if self.mode == "min" else measure > self.best
        margin = self.threshold * (self.best if self.threshold_mode == "rel" else 1)
        return measure < self.best - margin if self.mode == "min" else measure > self.best + margin
