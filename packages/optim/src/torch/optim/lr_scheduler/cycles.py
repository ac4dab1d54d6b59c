"""Rates that rise and fall, with the momentum the other way."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler

__all__ = ["CyclicLR", "OneCycleLR"]


class _Cycles(LRScheduler):
    """Shared by both: the groups' momentum, which is betas[0] in Adam and its like."""

    cycle_momentum: bool

    def _momenta(self, low: Any, high: Any) -> list[tuple[float, float]]:
        """(low, high) for each group."""
        for group in self.optimizer.param_groups:
            if "momentum" not in group and "betas" not in group:
                raise ValueError(
                    f"{type(self).__name__}: cycle_momentum: expected an optimizer with momentum "
                    f"or betas, got {type(self.optimizer).__name__}; give cycle_momentum=False"
                )
        return list(
            zip(
                self._numbers_per_group("base_momentum", low),
                self._numbers_per_group("max_momentum", high),
                strict=True,
            )
        )

    def _set_momenta(self, momenta: Sequence[float]) -> None:
        # for a group that was added since there is none: the error is that of the rates
        for group, momentum in zip(self.optimizer.param_groups, momenta, strict=False):
            if "betas" in group:
                group["betas"] = (momentum, *group["betas"][1:])
            else:
                group["momentum"] = momentum

    def _begin(self, rates: Sequence[float], last_epoch: int) -> None:
        """These are the initial rates, whatever the optimizer had."""
        if last_epoch == -1:
            for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
                group["lr"] = group["initial_lr"] = rate
        super().__init__(self.optimizer, last_epoch)


class CyclicLR(_Cycles):
    """lr goes in a line from `base_lr` to `max_lr` in `step_size_up` steps, and back.

    The way back takes `step_size_down` steps, by default as many. Smith 2015,
    https://arxiv.org/abs/1506.01186. The height of the triangles is multiplied by
    scale_fn(number of the cycle, from 1) or, with scale_mode "iterations", scale_fn(steps so far);
    modes instead of a `scale_fn` are "triangular": 1, "triangular2": halved with each cycle,
    "exp_range": gamma**steps. With `cycle_momentum` the momentum (of Adam and its like betas[0])
    goes the other way, from `max_momentum` to `base_momentum`.

    base_lr, max_lr and the momenta: one for all groups or a list with one for each. For step()
    after every batch. A state_dict is without `scale_fn`.
    """

    _unsaved = ("optimizer", "scale_fn")

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self._attach(optimizer)
        low = self._numbers_per_group("base_lr", base_lr)
        self.max_lrs = self._numbers_per_group("max_lr", max_lr)
        if step_size_down is None:
            step_size_down = step_size_up
        self._count("step_size_up", step_size_up)
        self._count("step_size_down", step_size_down)
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise self._bad("mode", "'triangular', 'triangular2' or 'exp_range'", mode)
        if scale_mode not in ("cycle", "iterations"):
            raise self._bad("scale_mode", "'cycle' or 'iterations'", scale_mode)
        if scale_fn is not None and not callable(scale_fn):
            raise TypeError(f"CyclicLR: scale_fn: expected a function, got {scale_fn!r}")
        self._number("gamma", gamma)
        self.step_size_up = step_size_up
        self.step_size_down = step_size_down
        self.mode = mode
        self.gamma = gamma
        self.scale_fn = scale_fn
        self.scale_mode = scale_mode
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.momenta = self._momenta(base_momentum, max_momentum)
        self._begin(low, last_epoch)

    def _scale(self, cycle: int) -> float:
        if self.scale_fn is not None:
            return self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.mode == "triangular2":
            return 0.5 ** (cycle - 1)
        return self.gamma**self.last_epoch if self.mode == "exp_range" else 1.0

    def get_lr(self) -> Sequence[float]:
        whole = self.step_size_up + self.step_size_down
        cycles, steps = divmod(self.last_epoch, whole)
        if steps <= self.step_size_up:
            height = steps / self.step_size_up
        else:
            height = (whole - steps) / self.step_size_down
        height *= self._scale(cycles + 1)
        if self.cycle_momentum:
            self._set_momenta([high - (high - low) * height for low, high in self.momenta])
        pairs = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height for low, high in pairs]


class OneCycleLR(_Cycles):
    """lr rises from max_lr / div_factor to `max_lr`, and falls far below where it began.

    Smith and Topin 2017, https://arxiv.org/abs/1708.07120. There are `total_steps` steps, or
    epochs * steps_per_epoch; the rise takes their part `pct_start`, the way down to
    max_lr / div_factor / final_div_factor the rest. With `three_phase` the way down to the initial
    lr takes as long as the rise, and the rest goes on from there. `anneal_strategy`: along a
    "cos"ine or a "linear" way. With `cycle_momentum` the momentum (of Adam and its like betas[0])
    goes the other way, from `max_momentum` to `base_momentum` and back.

    max_lr and the momenta: one for all groups or a list with one for each. For step() after every
    batch; more than `total_steps` is a ValueError.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self._attach(optimizer)
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError(
                    "OneCycleLR: expected total_steps, or both epochs and steps_per_epoch, got "
                    f"epochs={epochs!r} and steps_per_epoch={steps_per_epoch!r}"
                )
            self._count("epochs", epochs)
            self._count("steps_per_epoch", steps_per_epoch)
            total_steps = epochs * steps_per_epoch
        self._count("total_steps", total_steps)
        self._share("pct_start", pct_start)
        if anneal_strategy not in ("cos", "linear"):
            raise self._bad("anneal_strategy", "'cos' or 'linear'", anneal_strategy)
        for argument, value in (("div_factor", div_factor), ("final_div_factor", final_div_factor)):
            if not isinstance(value, int | float) or not value > 0:
                raise self._bad(argument, "a number above 0", value)
        self.total_steps = total_steps
        self.anneal_strategy = anneal_strategy
        self.cycle_momentum = cycle_momentum
        # the last step of each way, and where it leads: 0 initial, 1 highest, 2 final lr
        top = pct_start * total_steps - 1
        self.ways = [(top, 1), *([(2 * top, 0)] if three_phase else []), (total_steps - 1, 2)]
        if cycle_momentum:
            momenta = self._momenta(base_momentum, max_momentum)
            self.momenta = [(high, low, high) for low, high in momenta]
        rates = self._numbers_per_group("max_lr", max_lr)
        initial = [rate / div_factor for rate in rates]
        self.rates = [
            (low, high, low / final_div_factor) for low, high in zip(initial, rates, strict=True)
        ]
        self._begin(initial, last_epoch)

    def step(self, epoch: int | None = None) -> None:
        """Set the rates of the next step, or those of step number `epoch`."""
        if (self.last_epoch + 1 if epoch is None else epoch) > self.total_steps:
            raise ValueError(
                f"OneCycleLR.step: expected at most total_steps={self.total_steps} steps; all "
                "were made"
            )
        super().step(epoch)

    def _at(self, places: Sequence[float]) -> float:
        """The value at step `last_epoch`, of (initial, highest, final)."""
        begin, origin = 0.0, 0
        for end, target in self.ways:
            if self.last_epoch <= end or target == 2:
                break
            begin, origin = end, target
        share = min((self.last_epoch - begin) / (end - begin), 1.0) if end > begin else 1.0
        if self.anneal_strategy == "cos":
            share = (1 - math.cos(math.pi * share)) / 2
        return places[origin] + (places[target] - places[origin]) * share

    def get_lr(self) -> Sequence[float]:
        if self.cycle_momentum:
            self._set_momenta([self._at(places) for places in self.momenta])
        return [self._at(places) for places in self.rates]
