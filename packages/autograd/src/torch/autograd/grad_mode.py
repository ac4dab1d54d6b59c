"""Whether operations are recorded: `no_grad()`, `enable_grad()` and `set_grad_enabled(mode)`.

The answer belongs to a thread. A block that is open when a generator yields, or when a coroutine
awaits, stays in force for whatever the thread runs next; a function that they decorate is left at
every `yield` and `await`.
"""

from .thread_flag import FixedBlock, Switch, ThreadFlag

__all__ = ["enable_grad", "is_grad_enabled", "no_grad", "set_grad_enabled"]

_flag = ThreadFlag(True)

#: The threads in which recording is off; if there is none, recording is on everywhere.
open_blocks = _flag.differing


def is_grad_enabled() -> bool:
    """Whether operations on Variables of this thread are recorded for backward."""
    return not open_blocks or _flag.get()


class no_grad(FixedBlock):
    """Operations inside are not recorded: their results do not require gradients.

    `with no_grad():` for a block, `@no_grad()` or `@no_grad` for a function.
    """

    _set = _flag.set
    _value = False


class enable_grad(FixedBlock):
    """Operations inside are recorded, also within a `no_grad()` block.

    `with enable_grad():` for a block, `@enable_grad()` or `@enable_grad` for a function.
    """

    _set = _flag.set
    _value = True


class set_grad_enabled(Switch):
    """Switches recording on or off in this thread, at once.

    `set_grad_enabled(mode)` counts until further notice, `with set_grad_enabled(mode):` for the
    block, `@set_grad_enabled(mode)` for a function and not outside of it.
    """

    _set = _flag.set
