"""Whether operations are recorded: `no_grad()` and `enable_grad()`, each for its own thread."""

import threading
from contextlib import ContextDecorator

__all__ = ["enable_grad", "is_grad_enabled", "no_grad"]


class _Thread(threading.local):
    enabled = True


_thread = _Thread()
_lock = threading.Lock()

#: How many `no_grad()` blocks are open in all threads together. It is 0 nearly always, and then
#: recording is on everywhere: the question costs no look-up of thread-local state.
open_blocks = 0


def is_grad_enabled() -> bool:
    """Whether operations on Variables of this thread are recorded for backward."""
    return not open_blocks or _thread.enabled


class _Block(ContextDecorator):
    """Sets the flag of this thread for a `with` block or a function call; blocks nest."""

    enabled: bool

    def __init__(self) -> None:
        self._before: list[bool] = []

    def __enter__(self) -> "_Block":
        self._count(1)
        self._before.append(_thread.enabled)
        _thread.enabled = self.enabled
        return self

    def __exit__(self, *exception: object) -> None:
        _thread.enabled = self._before.pop()
        self._count(-1)

    def _count(self, change: int) -> None:
        global open_blocks
        with _lock:
            open_blocks += change

    def _recreate_cm(self) -> "_Block":
        return type(self)()  # a decorated function may run in several threads at once


class no_grad(_Block):
    """Operations inside are not recorded: their results do not require gradients."""

    enabled = False


class enable_grad(_Block):
    """Operations inside are recorded, also within a `no_grad()` block."""

    enabled = True
