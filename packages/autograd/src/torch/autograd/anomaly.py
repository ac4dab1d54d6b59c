"""Where does this NaN come from? `with detect_anomaly():` around forward and backward tells.

The first Function that makes one raises an error, in forward at the call itself. In backward an
infinity counts, too: it is what becomes NaN later on. All results are looked through, so it is slow
and on only where it was asked for; where it is off, it costs nothing.
"""

import threading
from collections.abc import Iterable
from typing import Any

import torch

from . import function
from .functions import base
from .thread_flag import FixedBlock, Switch, ThreadFlag
from .variable import Variable

__all__ = ["detect_anomaly", "is_anomaly_enabled", "set_detect_anomaly"]

_flag = ThreadFlag(False)
watching = _flag.differing  # the threads that do
_lock = threading.RLock()


def is_anomaly_enabled() -> bool:
    """Whether this thread looks for NaN."""
    return bool(watching) and _flag.get()


def _set(mode: bool) -> bool:
    with _lock:
        before = _flag.set(mode)
        # Functions report their results only while some thread watches.
        watched = bool(watching)
        base.report = function.report = _check_forward if watched else None
        return before


class detect_anomaly(FixedBlock):
    """Raise an error where a Function makes a NaN (in backward also an infinity).

    `with detect_anomaly():` around forward and backward, or a decorator of a function.
    """

    _set = staticmethod(_set)
    _value = True


class set_detect_anomaly(Switch):
    """Look for NaN in this thread from now on (`mode` True), or no longer; also for a block."""

    _set = staticmethod(_set)


def _check_forward(node: Any, arguments: Iterable[Any], results: Iterable[Any]) -> None:
    """Raise if a result holds NaN and none of the arguments does."""
    if not _flag.get():
        return
    for result in results:
        bad = _count(torch.isnan, result)
        if bad and not any(_count(torch.isnan, argument) for argument in arguments):
            raise RuntimeError(
                f"{node.name}.forward made NaN: {bad} of {result.numel()} elements of its result, "
                f"of size {tuple(result.shape)}\n  {node._where()}"
            )


def check_backward(node: Any, gradient: Any, results: Iterable[Any]) -> None:
    """Raise if a gradient that `node` computed is not finite, and what it got was."""
    for position, result in enumerate(results):
        bad = _count(_not_finite, result)
        if bad and not any(_count(_not_finite, g) for g in _listed(gradient)):
            raise RuntimeError(
                f"{node.name}.backward made NaN or infinity: {bad} of {result.numel()} elements "
                f"of the gradient of argument {position}, of size {tuple(result.shape)}\n"
                f"  {node._where()}"
            )


def check_start(gradient: Any) -> None:
    """Raise if the gradient that backward starts with is not finite."""
    bad = _count(_not_finite, gradient)
    if bad:
        raise RuntimeError(
            f"backward: gradient: {bad} of {gradient.numel()} elements that were given are NaN "
            "or infinite"
        )


def _listed(gradient: Any) -> list:
    return gradient if isinstance(gradient, list) else [gradient]


def _not_finite(data: torch.Tensor) -> torch.Tensor:
    return ~torch.isfinite(data)


def _count(question: Any, value: Any) -> int:
    """Of how many elements it is true."""
    data = value._data if isinstance(value, Variable) else value
    if not isinstance(data, torch.Tensor) or not data.dtype.is_floating_point:
        return 0
    return int(question(data).sum())
