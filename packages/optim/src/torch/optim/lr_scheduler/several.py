"""Several schedulers as one."""

import bisect
from collections.abc import Sequence
from typing import Any

from ..optimizer import Optimizer
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler

__all__ = ["ChainedScheduler", "SequentialLR"]


class _Several(LRScheduler):
    """Shared by both: the list of schedulers, and its state."""

    _schedulers: list[LRScheduler]

    def _take(self, schedulers: Any, optimizer: Any) -> None:
        name = type(self).__name__
        if not isinstance(schedulers, list | tuple) or not schedulers:
            raise ValueError(
                f"{name}: schedulers: expected a list of at least one, got {schedulers!r}"
            )
        for number, scheduler in enumerate(schedulers):
            where = f"{name}: schedulers[{number}]"
            if not isinstance(scheduler, LRScheduler) or isinstance(scheduler, ReduceLROnPlateau):
                raise TypeError(
                    f"{where}: expected a scheduler whose step takes no measure, "
                    f"got {type(scheduler).__name__}"
                )
            if optimizer is None:
                optimizer = scheduler.optimizer
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"{where}: expected a scheduler of the same optimizer")
        self._attach(optimizer)
        self._schedulers = list(schedulers)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "_schedulers": [s.state_dict() for s in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        schedulers = self._schedulers
        if isinstance(state_dict, dict):
            states = state_dict.get("_schedulers", ())
            if len(states) != len(schedulers):
                raise ValueError(
                    f"{type(self).__name__}.load_state_dict: expected the states of "
                    f"{len(schedulers)} schedulers, got {len(states)}"
                )
        super().load_state_dict(state_dict)
        self._schedulers = schedulers
        for scheduler, state in zip(schedulers, states, strict=True):
            scheduler.load_state_dict(state)


class SequentialLR(_Several):
    """One scheduler after the other: the next one begins at each of the epochs `milestones`."""

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self._attach(optimizer)
        self._take(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            expected = f"one fewer than the {len(schedulers)} schedulers"
            raise self._bad("milestones", expected, milestones)
        for milestone in milestones:
            self._count("milestones", milestone)
        if sorted(set(milestones)) != list(milestones):
            raise self._bad("milestones", "growing numbers", milestones)
        self._count("last_epoch", last_epoch, -1)
        self._milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        # the constructors of all have changed the rates: the first one begins anew
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        first = self._schedulers[0]
        first.last_epoch -= 1
        first.step()
        self._last_lr = first.get_last_lr()

    def step(self, epoch: int | None = None) -> None:
        """Step the scheduler whose turn it is; there is no going to an `epoch`."""
        if epoch is not None:
            raise TypeError(f"SequentialLR.step: expected no epoch, got {epoch!r}")
        self.last_epoch += 1
        number = bisect.bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[number]
        if number > 0 and self._milestones[number - 1] == self.last_epoch:
            scheduler.step(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()


class ChainedScheduler(_Several):
    """Several schedulers of one optimizer, all stepped at once: their factors multiply."""

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        self._take(schedulers, optimizer)
        self._last_lr = self._present()

    def step(self, epoch: int | None = None) -> None:
        """Step all of them."""
        for scheduler in self._schedulers:
            scheduler.step(epoch)
        self._last_lr = self._present()
