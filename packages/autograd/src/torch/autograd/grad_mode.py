"""Whether operations are recorded: `no_grad()`, `enable_grad()` and `set_grad_enabled(mode)`.

The answer belongs to a thread. A block that is open when a generator yields, or when a coroutine
awaits, therefore stays in force for whatever the thread runs next. The decorators know this: they
leave the block at each `yield` and `await` of the function, and enter it again afterwards.
"""

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["enable_grad", "is_grad_enabled", "no_grad", "set_grad_enabled"]


class _Thread(threading.local):
    enabled = True


_thread = _Thread()
_lock = threading.RLock()  # re-entrant: a finalizer may run inside

#: In how many threads recording is off. It is 0 nearly always, and then recording is on everywhere:
#: the question costs no look-up of thread-local state.
open_blocks = 0


def is_grad_enabled() -> bool:
    """Whether operations on Variables of this thread are recorded for backward."""
    return not open_blocks or _thread.enabled


def _switch(enabled: bool) -> bool:
    """Set the flag of this thread; returns what it was."""
    global open_blocks
    before = _thread.enabled
    if before is not enabled:
        with _lock:
            open_blocks += -1 if enabled else 1
        _thread.enabled = enabled
    return before


class _Block:
    """Sets the flag of this thread for a `with` block or a function call; blocks nest."""

    _enabled: bool
    _before: list[bool]

    def __enter__(self) -> Any:
        self._before.append(_switch(self._enabled))
        return self

    def __exit__(self, *exception: object) -> None:
        _switch(self._before.pop())

    def _another(self) -> "_Block":
        """A block that sets the same: a decorated function may run in several threads at once."""
        return type(self)()

    def __call__(self, function: Callable) -> Callable:
        if not callable(function):
            raise TypeError(
                f"{type(self).__name__}: expected a function to decorate, "
                f"got {type(function).__name__}"
            )
        return decorated(function, self._another)


class _Fixed(_Block):
    """A block of one meaning; called with a function, it decorates that."""

    def __new__(cls, function: Callable | None = None) -> Any:
        block = super().__new__(cls)
        block._before = []
        return block if function is None else block(function)


class no_grad(_Fixed):
    """Operations inside are not recorded: their results do not require gradients.

    `with no_grad():` for a block, `@no_grad()` or `@no_grad` for a function.
    """

    _enabled = False


class enable_grad(_Fixed):
    """Operations inside are recorded, also within a `no_grad()` block.

    `with enable_grad():` for a block, `@enable_grad()` or `@enable_grad` for a function.
    """

    _enabled = True


class set_grad_enabled(_Block):
    """Switches recording on or off in this thread, at once.

    `set_grad_enabled(mode)` counts until further notice, `with set_grad_enabled(mode):` for the
    block, `@set_grad_enabled(mode)` for a function and not outside of it.
    """

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled: mode: expected True or False, got {mode!r}")
        self._enabled = mode
        self._before = []
        self._at_first: bool | None = _switch(mode)

    def __enter__(self) -> Any:
        if self._at_first is None:  # entered again
            self._at_first = _switch(self._enabled)
        self._before.append(self._at_first)
        self._at_first = None
        return self

    def _another(self) -> "_Block":
        return enable_grad() if self._enabled else no_grad()

    def __call__(self, function: Callable) -> Callable:
        if self._at_first is not None:  # it was meant for the function
            _switch(self._at_first)
            self._at_first = None
        return super().__call__(function)


def decorated(function: Any, block: Callable[[], Any]) -> Any:
    """`function` run in a block of its own per call; generators and coroutines step by step."""
    if inspect.isclass(function):
        raise TypeError(f"expected a function to decorate, got the class {function.__name__}")

    if inspect.isasyncgenfunction(function):

        async def run_async_generator(*args: Any, **kwargs: Any) -> Any:
            steps = function(*args, **kwargs)
            try:
                step = steps.asend(None)
                while True:
                    value = await _Steps(step.__await__(), block)
                    try:
                        step = steps.asend((yield value))
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        step = steps.athrow(error)
            except StopAsyncIteration:
                return
            finally:
                await _Steps(steps.aclose().__await__(), block)

        wrapper: Callable = run_async_generator
    elif inspect.iscoroutinefunction(function):

        async def run_coroutine(*args: Any, **kwargs: Any) -> Any:
            return await _Steps(function(*args, **kwargs).__await__(), block)

        wrapper = run_coroutine
    elif inspect.isgeneratorfunction(function):

        def run_generator(*args: Any, **kwargs: Any) -> Any:
            return (yield from _Steps(function(*args, **kwargs), block))

        wrapper = run_generator
    else:

        def run(*args: Any, **kwargs: Any) -> Any:
            with block():
                return function(*args, **kwargs)

        wrapper = run
    return functools.wraps(function)(wrapper)


class _Steps:
    """An iterator as generators are, each step of which runs inside a block of its own."""

    __slots__ = ("_block", "_steps")

    def __init__(self, steps: Any, block: Callable[[], Any]) -> None:
        self._steps = steps
        self._block = block

    def __iter__(self) -> "_Steps":
        return self

    __await__ = __iter__

    def __next__(self) -> Any:
        return self.send(None)

    def send(self, value: Any) -> Any:
        with self._block():
            return next(self._steps) if value is None else self._steps.send(value)

    def throw(self, *error: Any) -> Any:
        with self._block():
            return self._steps.throw(*error)

    def close(self) -> None:
        with self._block():
            self._steps.close()
