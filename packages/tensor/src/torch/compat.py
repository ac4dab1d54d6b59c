"""The two levels of meaning: NumPy's by default, the alpha's of autumn 2016 on request.

`torch.compat.alpha()` switches a process over, `with torch.compat.alpha():` a block of one thread,
the environment variable `TORCH_COMPAT=alpha` a process from its start. `torch.compat.flags` is the
record of what differs; every flag can be set alone:

>>> import torch
>>> x = torch.ones(2, 3)
>>> x.sum(1).shape
torch.Size([2])
>>> with torch.compat.alpha():
...     x.sum(1).shape
torch.Size([2, 1])
>>> with torch.compat.using(byte_comparisons=True):
...     (x > 0).type()
'torch.ByteTensor'
"""

from types import TracebackType
from typing import Any

from torch import _C

_ROWS = _C._compat_rows()
_BITS = {name: 1 << i for i, (name, _) in enumerate(_ROWS)}
_ALL = sum(_BITS.values())

#: Whether a flag was ever set, in any thread: what is asked often asks this first.
in_use = False


def _current() -> int:
    mask, values = _C._thread_compat_flags()
    return (_C._compat_flags() & ~mask) | (values & mask)


def _bits(op: str, flags: dict[str, bool]) -> tuple[int, int]:
    """The named flags as bits, and those among them that are true."""
    mask = values = 0
    for name, value in flags.items():
        if name not in _BITS:
            raise AttributeError(f"{op}: expected a flag of {sorted(_BITS)}, got {name!r}")
        if not isinstance(value, bool):
            raise TypeError(f"{op}: expected {name} to be True or False, got {value!r}")
        mask |= _BITS[name]
        values |= _BITS[name] if value else 0
    return mask, values


def _set_process(values: int) -> None:
    global in_use
    in_use = True
    _C._set_compat_flags(values)


def _set_thread(mask: int, values: int) -> None:
    global in_use
    in_use = True
    _C._set_thread_compat_flags(mask, values)


class Flags:
    """Which meanings of the alpha are in force: one attribute per flag, True or False.

    Setting one counts for the process, or for the block inside `with alpha():` or `with using():`.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> bool:
        mask, _ = _bits("torch.compat.flags", {name: True})
        return bool(_current() & mask)

    def __setattr__(self, name: str, value: bool) -> None:
        mask, values = _bits("torch.compat.flags", {name: value})
        own, own_values = _C._thread_compat_flags()
        if own:
            _set_thread(own | mask, (own_values & ~mask) | values)
        else:
            _set_process((_C._compat_flags() & ~mask) | values)

    def __dir__(self) -> list[str]:
        return sorted(_BITS)

    def __repr__(self) -> str:
        lines = (f"  {name}={getattr(self, name)}: {doc}" for name, doc in _ROWS)
        return "torch.compat.flags\n" + "\n".join(lines)


flags = Flags()


class using:
    """`with using(keepdim=True, ...):` sets flags for a block, in this thread alone.

    AttributeError for a name that is no flag, TypeError for a value that is no bool.
    """

    def __init__(self, **named: bool):
        self._mask, self._values = _bits("torch.compat.using", named)
        self._outer: list[tuple[int, int]] = []

    def __enter__(self) -> Flags:
        own, values = _C._thread_compat_flags()
        self._outer.append((own, values))
        _set_thread(own | self._mask, (values & ~self._mask) | self._values)
        return flags

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _set_thread(*self._outer.pop())


class _Everywhere(using):
    """All flags at once, for the process when it is called and for a block when it is entered."""

    def __init__(self, value: bool):
        super().__init__(**dict.fromkeys(_BITS, value))
        self._before: int | None = _C._compat_flags()
        _set_process(_ALL if value else 0)

    def __enter__(self) -> Flags:
        if self._before is not None:  # it was meant for a block: the process keeps what it had
            _set_process(self._before)
            self._before = None
        return super().__enter__()


class alpha(_Everywhere):
    """Switches every flag on: called alone for the process, as `with alpha():` for a block."""

    def __init__(self) -> None:
        super().__init__(True)


class default(_Everywhere):
    """Switches every flag off: called alone for the process, as `with default():` for a block."""

    def __init__(self) -> None:
        super().__init__(False)


def _from_environment(value: str) -> Any:
    if value != "alpha":
        raise ValueError(f"TORCH_COMPAT: expected 'alpha' or nothing, got {value!r}")
    return alpha()
