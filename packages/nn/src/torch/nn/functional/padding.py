"""Borders around the elements: constant, reflected, repeated or from the other side."""

from typing import Any

from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F

__all__ = ["pad"]

_MODES = ("constant", "reflect", "replicate", "circular")


def pad(input: Variable, pad: Any, mode: str = "constant", value: float = 0) -> Variable:
    """Elements added before and after the last dimensions of `input`, or taken away where negative.

    `pad`: (before, after) of the last dimension, then of the one before it, and so on: for images
    (left, right, top, bottom). `mode` says what is added: "constant" (`value`), "reflect" (the
    elements next to the border in reverse, without the border itself), "replicate" (the border),
    "circular" (the elements from the other end).
    """
    if mode not in _MODES:
        raise ValueError(f"pad: mode: expected one of {', '.join(_MODES)}, got {mode!r}")
    if mode != "constant" and value != 0:
        raise ValueError(f"pad: value: expected none with mode {mode!r}, got {value!r}")
    size = tuple(input.size())
    pads = _pads_of(size, pad)
    if mode == "constant":
        for n, (before, after) in zip(size, pads, strict=True):
            if n + min(before, 0) + min(after, 0) < 0:
                raise ValueError(
                    f"pad: pad: expected to leave at least 0 elements of each dimension of size "
                    f"{size}, got {tuple(pad)}"
                )
        return execute(F.ConstantPad(pads, value), (input,))
    for dim, (n, (before, after)) in enumerate(zip(size, pads, strict=True)):
        if before or after:
            most = {"reflect": n - 1, "replicate": max(before, after) if n else -1}.get(mode, n)
            if max(before, after) > most or n + before + after < 0:
                raise ValueError(
                    f"pad: pad: expected -{n} to {max(most, 0)} elements for mode {mode!r} and "
                    f"{n} elements in dimension {dim}, got {(before, after)}"
                )
    added = tuple([(max(before, 0), max(after, 0)) for before, after in pads])
    result = execute(F.BorderPad(added, mode), (input,))
    if added == pads:
        return result
    taken = tuple([(min(before, 0), min(after, 0)) for before, after in pads])
    return execute(F.ConstantPad(taken), (result,))


def flat(pads: list[tuple[int, int]]) -> list[int]:
    """(before, after) of each dimension as `pad` takes them: the last dimension first."""
    return [n for both in reversed(pads) for n in both]


def _pads_of(size: tuple[int, ...], pad: Any) -> tuple[tuple[int, int], ...]:
    """(before, after) for every dimension of `size`."""
    numbers = tuple(pad) if isinstance(pad, tuple | list) else None
    if (
        numbers is None
        or len(numbers) % 2
        or len(numbers) > 2 * len(size)
        or not all(isinstance(n, int) for n in numbers)
    ):
        raise ValueError(
            "pad: pad: expected an int before and an int after each of the last dimensions, for "
            f"size {size}, got {pad!r}"
        )
    given = [(numbers[i], numbers[i + 1]) for i in range(0, len(numbers), 2)]
    return (((0, 0),) * (len(size) - len(given))) + tuple(reversed(given))
