"""LRScheduler: what all schedulers share."""

import copy
from collections.abc import Sequence
from typing import Any

from ..optimizer import Optimizer

__all__ = ["LRScheduler"]

# What PyTorch's schedulers note besides, and these do not need.
_BOOKKEEPING = {"_step_count", "_get_lr_called_within_step", "_is_initial", "verbose"}


class LRScheduler:
    """Sets the rates of an optimizer's groups, epoch by epoch. A subclass gives `get_lr()`.

    `optimizer`: whose groups are scheduled. `last_epoch`: the number of the epoch before the next
    step; -1 begins, and notes every group's rate as its "initial_lr". To go on with an optimizer
    whose groups have "initial_lr" (it is part of its state_dict) give the last epoch's number.

    `base_lrs` are the initial rates, `get_last_lr()` the present ones, one per group.
    """

    _unsaved: tuple[str, ...] = ("optimizer",)

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self._attach(optimizer)
        self._count("last_epoch", last_epoch, -1)
        if last_epoch == -1:
            for group in optimizer.param_groups:
                group.setdefault("initial_lr", group["lr"])
        for number, group in enumerate(optimizer.param_groups):
            if "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: group {number} has no 'initial_lr', which "
                    f"last_epoch={last_epoch} continues from; load the optimizer's state first"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.step()

    def _attach(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"{type(self).__name__}: optimizer: expected an Optimizer, "
                f"got {type(optimizer).__name__}"
            )
        self.optimizer = optimizer

    # what subclasses define

    def get_lr(self) -> Sequence[float]:
        """The rates of epoch `last_epoch`, from the groups' present ones."""
        raise NotImplementedError(f"{type(self).__name__}: get_lr is not defined")

    def _closed_lr(self) -> Sequence[float] | None:
        """The rates of epoch `last_epoch` from `base_lrs` alone; None where `get_lr` does."""
        return None

    # stepping

    def step(self, epoch: int | None = None) -> None:
        """Set the rates of the next epoch, or those of epoch number `epoch`."""
        if epoch is None:
            self.last_epoch += 1
            self._set(self.get_lr())
            return
        self._count("step: epoch", epoch, 0)
        self.last_epoch = epoch
        closed = self._closed_lr()
        self._set(self.get_lr() if closed is None else closed)

    def _set(self, rates: Sequence[float]) -> None:
        groups = self.optimizer.param_groups
        if len(rates) != len(groups):
            raise ValueError(
                f"{type(self).__name__}.step: expected a rate for each of the optimizer's "
                f"{len(groups)} groups, got {len(rates)}; was a group added since?"
            )
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate
        self._last_lr = list(rates)

    def get_last_lr(self) -> list[float]:
        """The rates that were set last, one per group."""
        return list(self._last_lr)

    # state

    def state_dict(self) -> dict[str, Any]:
        """All that changes but the optimizer, whose state is saved by itself."""
        return {k: v for k, v in self.__dict__.items() if k not in self._unsaved}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a `state_dict` (copied); the optimizer's has to be loaded, too."""
        where = f"{type(self).__name__}.load_state_dict"
        if not isinstance(state_dict, dict):
            raise TypeError(f"{where}: expected a dict, got {type(state_dict).__name__}")
        known = self.state_dict().keys()
        unknown = sorted(map(str, state_dict.keys() - known - _BOOKKEEPING))
        if unknown:
            raise ValueError(
                f"{where}: unexpected {', '.join(unknown)}: is this the state of another scheduler?"
            )
        own = {k: v for k, v in state_dict.items() if k in known}
        self.__dict__.update(copy.deepcopy(own))

    # for subclasses

    def _present(self) -> list[float]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def _bad(self, argument: str, expected: str, value: Any) -> ValueError:
        return ValueError(f"{type(self).__name__}: {argument}: expected {expected}, got {value!r}")

    def _number(self, argument: str, value: Any, least: float = 0) -> None:
        if not isinstance(value, int | float) or not value >= least:
            raise self._bad(argument, f"a number of at least {least}", value)

    def _share(self, argument: str, value: Any) -> None:
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise self._bad(argument, "a number of at least 0 and at most 1", value)

    def _count(self, argument: str, value: Any, least: int = 1) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self._bad(argument, f"an int of at least {least}", value)

    def _per_group(self, argument: str, value: Any) -> list:
        """One value for each group, of one for all or a list."""
        groups = len(self.optimizer.param_groups)
        if not isinstance(value, list | tuple):
            return [value] * groups
        if len(value) != groups:
            raise self._bad(argument, f"one or as many as there are groups, {groups}", value)
        return list(value)

    def _numbers_per_group(self, argument: str, value: Any) -> list:
        values = self._per_group(argument, value)
        for one in values:
            self._number(argument, one)
        return values
