"""What the functions of all families do with their arguments."""

from typing import Any

from torch.autograd import Variable

__all__ = ["as_constant", "pair"]


def pair(where: str, name: str, value: Any, least: int) -> tuple[int, int]:
    """One int for both dimensions, or two; each at least `least`."""
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    good = len(both) == 2 and all(isinstance(n, int) and n >= least for n in both)
    if not good:
        raise ValueError(
            f"{where}: {name}: expected an int of at least {least} or a pair of them, got {value!r}"
        )
    return both  # type: ignore[return-value]


def as_constant(value: Any) -> Any:
    """The Tensor of a target or class weight, which may be given as a Variable."""
    return value.data if isinstance(value, Variable) else value
