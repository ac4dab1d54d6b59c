"""What the functions of all families do with their arguments."""

import math
from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

__all__ = [
    "as_constant", "as_variable", "expanded", "number", "probability", "reduced", "reduction_of",
    "rename", "same_size", "sizes",
]  # fmt: skip

_SEVERAL = (tuple, list)
_WORDS = {
    1: "an int of at least {least} or a tuple of one",
    2: "an int of at least {least} or a pair of them",
}


def sizes(where: str, name: str, value: Any, dims: int, least: int) -> tuple[int, ...]:
    """One int for all `dims` dimensions, or one for each; each at least `least`."""
    # asked several times in every call of a layer, mostly with what is right already
    if type(value) is int and value >= least:
        return (value,) * dims
    each = tuple(value) if isinstance(value, _SEVERAL) else (value,)
    good = len(each) == dims
    for n in each:
        if type(n) is not int or n < least:
            good = False
    if not good:
        words = _WORDS.get(dims, "an int of at least {least} or a tuple of {dims} of them")
        raise ValueError(
            f"{where}: {name}: expected {words.format(least=least, dims=dims)}, got {value!r}"
        )
    return each


def number(where: str, name: str, value: Any, least: float = -math.inf) -> Any:
    """An int or float, at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{where}: {name}: expected a number, got {type_name(value)}")
    if not value >= least and least > -math.inf:
        raise ValueError(f"{where}: {name}: expected a number of at least {least}, got {value!r}")
    return value


def probability(where: str, p: Any) -> Any:
    """A number from 0 to 1."""
    if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
        raise ValueError(f"{where}: p: expected a probability from 0 to 1, got {p!r}")
    return p


def as_constant(value: Any) -> Any:
    """The Tensor of a target or class weight, which may be given as a Variable."""
    return value.data if isinstance(value, Variable) else value


def rename(error: Exception, op: str, name: str) -> None:
    """Let the error of a kernel for 1 to 3 dimensions name the function that the user called."""
    text = str(error)
    if text.startswith(op + ":"):
        error.args = (name + text[len(op) :],)


def as_variable(value: Any) -> Any:
    """A target or weight as a Variable, which may be given as a Tensor."""
    return value if isinstance(value, Variable) or value is None else Variable(value)


def expanded(where: str, value: Any, size: Any) -> Variable:
    """A weight or mask as a Variable of this size."""
    value = as_variable(value)
    try:
        return value.expand(size)
    except (ValueError, RuntimeError):
        raise ValueError(
            f"{where}: expected a size that expands to {tuple(size)}, got {tuple(value.size())}"
        ) from None


# of losses


def reduction_of(where: str, size_average: Any, reduce: Any, reduction: Any) -> str:
    """'none', 'mean' or 'sum': `reduction`, or what `size_average` and `reduce` say."""
    if reduction is None:
        for name, flag in (("size_average", size_average), ("reduce", reduce)):
            if flag is not None and not isinstance(flag, bool):
                raise TypeError(f"{where}: {name}: expected a bool, got {flag!r}")
        if reduce is False:
            return "none"
        return "sum" if size_average is False else "mean"
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{where}: reduction: expected 'none', 'mean' or 'sum', got {reduction!r}")
    return reduction


def reduced(losses: Any, reduction: str) -> Any:
    """The losses themselves, or their mean or sum, of size (1,)."""
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def same_size(where: str, input: Any, other: Any, name: str = "target", like: str = "input") -> Any:
    """`other` as a Variable, floating like `input`; an error if it has another size."""
    other = as_variable(other)
    if not other.dtype.is_floating_point:
        other = other.type(input.dtype)
    if other.size() == input.size():
        return other
    if other.numel() == input.numel() and torch.compat.flags.match_by_count:
        return other.contiguous().view(input.size())
    raise ValueError(
        f"{where}: {name}: expected the size of {like}, {tuple(input.size())}, got "
        f"{tuple(other.size())}"
    )
