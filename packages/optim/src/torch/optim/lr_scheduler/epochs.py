"""Rates that follow a formula of the epoch."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import Any

from ..optimizer import Optimizer
from .scheduler import LRScheduler

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "PolynomialLR",
    "StepLR",
]


class LambdaLR(LRScheduler):
    """lr = initial lr * f(epoch), with a function for all groups or a list with one for each.

    A state_dict keeps the attributes of objects that are called, but no functions.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self._attach(optimizer)
        self.lr_lambdas = self._per_group("lr_lambda", lr_lambda)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(
                    f"{type(self).__name__}: lr_lambda: expected functions, got {function!r}"
                )
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Sequence[float]:
        return [
            base * function(self.last_epoch)
            for base, function in zip(self.base_lrs, self.lr_lambdas, strict=True)
        ]

    def state_dict(self) -> dict[str, Any]:
        attributes = [dict(f.__dict__) if _has_state(f) else None for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": attributes}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        own = self.lr_lambdas
        super().load_state_dict(state_dict)
        given, self.lr_lambdas = self.lr_lambdas, own
        if given is own:  # the state has none
            return
        if len(given) != len(own):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: lr_lambdas: expected {len(own)}, "
                f"got {len(given)}"
            )
        for function, attributes in zip(own, given, strict=True):
            if attributes is not None:
                function.__dict__.update(attributes)


def _has_state(function: Any) -> bool:
    return hasattr(function, "__dict__") and not isinstance(function, FunctionType | type)


class MultiplicativeLR(LambdaLR):
    """Every epoch but the first multiplies lr by f(epoch); arguments as for `LambdaLR`."""

    def get_lr(self) -> Sequence[float]:
        if self.last_epoch == 0:
            return self._present()
        return [
            rate * function(self.last_epoch)
            for rate, function in zip(self._present(), self.lr_lambdas, strict=True)
        ]


class StepLR(LRScheduler):
    """Every `step_size` epochs multiply lr by `gamma`."""

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self._count("step_size", step_size)
        self._number("gamma", gamma)
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Sequence[float]:
        if self.last_epoch == 0 or self.last_epoch % self.step_size != 0:
            return self._present()
        return [rate * self.gamma for rate in self._present()]

    def _closed_lr(self) -> Sequence[float]:
        factor = self.gamma ** (self.last_epoch // self.step_size)
        return [base * factor for base in self.base_lrs]


class MultiStepLR(LRScheduler):
    """Multiply lr by `gamma` at each of the epochs `milestones`; twice at one given twice."""

    def __init__(
        self,
        optimizer: Optimizer,
        milestones: Iterable[int],
        gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:
        given = list(milestones)
        for milestone in given:
            self._count("milestones", milestone, 0)
        self._number("gamma", gamma)
        self.milestones = dict(sorted(Counter(given).items()))  # epoch: how often
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Sequence[float]:
        factor = self.gamma ** self.milestones.get(self.last_epoch, 0)
        return [rate * factor for rate in self._present()]

    def _closed_lr(self) -> Sequence[float]:
        passed = sum(times for epoch, times in self.milestones.items() if epoch <= self.last_epoch)
        return [base * self.gamma**passed for base in self.base_lrs]


class ConstantLR(LRScheduler):
    """lr = initial lr * `factor` for the first `total_iters` epochs, then the initial lr."""

    def __init__(
        self,
        optimizer: Optimizer,
        factor: float = 1.0 / 3,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(factor, int | float) or not 0 < factor <= 1:
            raise self._bad("factor", "a number above 0 and at most 1", factor)
        self._count("total_iters", total_iters)
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Sequence[float]:
        factor = {0: self.factor, self.total_iters: 1 / self.factor}.get(self.last_epoch, 1)
        return [rate * factor for rate in self._present()]

    def _closed_lr(self) -> Sequence[float]:
        factor = self.factor if self.last_epoch < self.total_iters else 1
        return [base * factor for base in self.base_lrs]


class LinearLR(LRScheduler):
    """lr = initial lr * a factor that goes in a line from `start_factor` to `end_factor`.

    It arrives at epoch `total_iters`.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(start_factor, int | float) or not 0 < start_factor <= 1:
            raise self._bad("start_factor", "a number above 0 and at most 1", start_factor)
        self._share("end_factor", end_factor)
        self._count("total_iters", total_iters)
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, epoch: int) -> float:
        way = min(epoch, self.total_iters) / self.total_iters
        return self.start_factor + (self.end_factor - self.start_factor) * way

    def get_lr(self) -> Sequence[float]:
        if self.last_epoch > self.total_iters:
            return self._present()
        before = 1 if self.last_epoch == 0 else self._factor(self.last_epoch - 1)
        factor = self._factor(self.last_epoch) / before
        return [rate * factor for rate in self._present()]

    def _closed_lr(self) -> Sequence[float]:
        return [base * self._factor(self.last_epoch) for base in self.base_lrs]


class PolynomialLR(LRScheduler):
    """lr = initial lr * (1 - epoch / total_iters)**power, and 0 from epoch `total_iters` on."""

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        power: float = 1.0,
        last_epoch: int = -1,
    ) -> None:
        self._count("total_iters", total_iters)
        self._number("power", power)
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def _factor(self, epoch: int) -> float:
        return (1 - min(epoch, self.total_iters) / self.total_iters) ** self.power

    def get_lr(self) -> Sequence[float]:
        if self.last_epoch == 0 or self.last_epoch > self.total_iters:
            return self._present()
        factor = self._factor(self.last_epoch) / self._factor(self.last_epoch - 1)
        return [rate * factor for rate in self._present()]

    def _closed_lr(self) -> Sequence[float]:
        return [base * self._factor(self.last_epoch) for base in self.base_lrs]


class ExponentialLR(LRScheduler):
    """Every epoch multiplies lr by `gamma`."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self._number("gamma", gamma)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Sequence[float]:
        if self.last_epoch == 0:
            return self._present()
        return [rate * self.gamma for rate in self._present()]

    def _closed_lr(self) -> Sequence[float]:
        return [base * self.gamma**self.last_epoch for base in self.base_lrs]


class CosineAnnealingLR(LRScheduler):
    """lr = eta_min + (initial lr - eta_min) * (1 + cos(pi * epoch / T_max)) / 2

    Down to `eta_min` in `T_max` epochs, and as slowly up again: Loshchilov and Hutter 2016,
    https://arxiv.org/abs/1608.03983, without restarts.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self._count("T_max", T_max)
        self._number("eta_min", eta_min)
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> Sequence[float]:
        epoch, low = self.last_epoch, self.eta_min
        if epoch == 0:
            return self._present()
        if (epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # up from eta_min, from where no factor leads anywhere
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            return [
                rate + (base - low) * rise
                for rate, base in zip(self._present(), self.base_lrs, strict=False)
            ]
        now, before = (1 + math.cos(math.pi * e / self.T_max) for e in (epoch, epoch - 1))
        return [low + (rate - low) * now / before for rate in self._present()]

    def _closed_lr(self) -> Sequence[float]:
        height = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]


class CosineAnnealingWarmRestarts(LRScheduler):
    """lr = eta_min + (initial lr - eta_min) * (1 + cos(pi * T_cur / T_i)) / 2

    with T_cur epochs since the last restart and T_i from one restart to the next: `T_0` at first,
    and `T_mult` times as many each time. Loshchilov and Hutter 2016,
    https://arxiv.org/abs/1608.03983, equation 5.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        self._count("T_0", T_0)
        self._count("T_mult", T_mult)
        self._number("eta_min", eta_min)
        self.T_0 = self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = 0
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:
        """Set the rates of the next epoch, or those at `epoch`, which may lie within one."""
        if epoch is None:
            epoch = self.last_epoch + 1
        elif not isinstance(epoch, int | float) or not 0 <= epoch < math.inf:
            raise self._bad("step: epoch", "a number of at least 0", epoch)
        self.last_epoch = math.floor(epoch)
        self.T_cur, self.T_i = epoch, self.T_0
        if self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            while self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        self._set(self.get_lr())

    def get_lr(self) -> Sequence[float]:
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]
