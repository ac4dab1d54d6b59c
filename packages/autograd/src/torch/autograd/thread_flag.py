"""A yes or no that each thread has for itself, and the blocks that set it.

A block that is open when a generator yields, or when a coroutine awaits, stays in force for
whatever the thread runs next. The decorators know this: they leave the block at each `yield` and
`await` of the function, and enter it again afterwards.
"""

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any, ClassVar

__all__ = ["Block", "FixedBlock", "Switch", "ThreadFlag"]


class _Thread(threading.local):
    def __init__(self, value: bool) -> None:
        self.value = value


class ThreadFlag:
    """`differing` holds the threads in which the flag does not have its default.

    It is empty nearly always, and then no thread has to look up its own state.
    """

    __slots__ = ("_default", "_thread", "differing")

    def __init__(self, default: bool) -> None:
        self._default = default
        self._thread = _Thread(default)
        self.differing: set[int] = set()

    def get(self) -> bool:
        """What holds in this thread."""
        return self._thread.value

    def set(self, value: bool) -> bool:
        """Set it for this thread; returns what it was."""
        before = self._thread.value
        self._thread.value = value
        if value is self._default:
            self.differing.discard(threading.get_ident())
        else:
            self.differing.add(threading.get_ident())
        return before


class Block:
    """Sets a flag of this thread for a `with` block or a function call; blocks nest."""

    _set: ClassVar[Any]  # sets the flag to its argument, returns what it was; not a method
    _value: bool
    _before: list[bool]

    def __enter__(self) -> Any:
        self._before.append(self._set(self._value))
        return self

    def __exit__(self, *exception: object) -> None:
        self._set(self._before.pop())

    def _another(self) -> "Block":
        """A block that sets the same: a decorated function may run in several threads at once."""
        raise NotImplementedError(f"{type(self).__name__}: _another is not defined")

    def __call__(self, function: Callable) -> Callable:
        name = type(self).__name__
        if inspect.isclass(function):
            raise TypeError(f"{name}: expected a function to decorate, got {function}")
        if not callable(function):
            raise TypeError(
                f"{name}: expected a function to decorate, got {type(function).__name__}"
            )
        return _decorated(function, self._another)


class FixedBlock(Block):
    """A block of one meaning; called with a function, it decorates that."""

    def __new__(cls, function: Callable | None = None) -> Any:
        block = super().__new__(cls)
        block._before = []
        return block if function is None else block(function)

    def _another(self) -> Block:
        return type(self)()


class Switch(Block):
    """Sets a flag of this thread at once; as a block for the block, as a decorator for the call."""

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(f"{type(self).__name__}: mode: expected True or False, got {mode!r}")
        self._value = mode
        self._before = []
        self._at_first: bool | None = self._set(mode)

    def __enter__(self) -> Any:
        if self._at_first is None:  # entered again
            self._at_first = self._set(self._value)
        self._before.append(self._at_first)
        self._at_first = None
        return self

    def _another(self) -> "Switch":
        return type(self)(self._value)

    def __call__(self, function: Callable) -> Callable:
        if self._at_first is not None:  # it was meant for the function
            self._set(self._at_first)
            self._at_first = None
        return super().__call__(function)


def _decorated(function: Any, block: Callable[[], Any]) -> Any:
    """`function` run in a block of its own per call; generators and coroutines step by step."""
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
        with self._block():
            return next(self._steps)

    def send(self, value: Any) -> Any:
        with self._block():
            return self._steps.send(value)

    def throw(self, *error: Any) -> Any:
        with self._block():
            return self._steps.throw(*error)

    def close(self) -> None:
        with self._block():
            self._steps.close()
