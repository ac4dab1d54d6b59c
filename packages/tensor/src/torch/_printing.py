"""Tensors as text, in the alpha's way."""

import math
from typing import Any

from torch import _C


class options:
    """How tensors are printed at present."""

    precision = 4
    threshold = 1000
    edgeitems = 3
    linewidth = 80


_DEFAULT = {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80}
_PROFILES = {
    "default": _DEFAULT,
    "short": {**_DEFAULT, "precision": 2, "edgeitems": 2},
    "full": {**_DEFAULT, "threshold": 2**62},
}


def set_printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
) -> None:
    """Sets how tensors are printed.

    precision: digits after the point. threshold: elements above which only the edges are shown.
    edgeitems: how many items of each edge. linewidth: characters of a line.
    profile: "default", "short" or "full", applied first. ValueError for another.
    """
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(
                f"set_printoptions: expected a profile of {sorted(_PROFILES)}, got {profile!r}"
            )
        for name, number in _PROFILES[profile].items():
            setattr(options, name, number)
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    for name, value in given.items():
        if value is None:
            continue
        if not isinstance(value, int) or value < 0:
            raise ValueError(
                f"set_printoptions: expected {name} to be an int of 0 or more, got {value!r}"
            )
        setattr(options, name, value)


class _Format:
    """How the numbers of one tensor are written: width, and a factor common to all."""

    def __init__(self, numbers: list[Any], floating: bool):
        finite = [abs(x) for x in numbers if math.isfinite(x)]
        low, high = (min(finite), max(finite)) if finite else (0, 0)
        self.scale: float = 1
        self.precision = 0
        negative = any(x < 0 for x in numbers)
        special = any(not math.isfinite(x) for x in numbers)
        if not floating or all(x == int(x) for x in finite):
            self.exponential = floating and high >= 1e16
            digits = len(str(int(high)))
        else:
            self.precision = options.precision
            exponent_low = math.floor(math.log10(low)) + 1 if low else 1
            exponent_high = math.floor(math.log10(high)) + 1 if high else 1
            self.exponential = (
                exponent_high - exponent_low > 4 + options.precision or exponent_high < -300
            )
            if not self.exponential and (exponent_high > 5 or exponent_high < 0):
                self.scale = 10.0 ** (exponent_high - 1)
            digits = max(1, exponent_high if self.scale == 1 else 1)
        if self.exponential:
            self.width = options.precision + 6 + negative
        else:
            self.width = digits + negative + (1 + self.precision if self.precision else 0)
        if special:
            self.width = max(self.width, 3 + negative)

    def __call__(self, x: Any) -> str:
        if self.exponential:
            return f"{x:{self.width}.{options.precision}e}"
        if isinstance(x, float):
            return f"{x / self.scale:{self.width}.{self.precision}f}"
        return f"{int(x):{self.width}d}"


def _edges(n: int, shorten: bool) -> list[int | None]:
    """Positions of a dimension that are shown; None stands for the ones left out."""
    if not shorten or n <= 2 * options.edgeitems:
        return list(range(n))
    return [*range(options.edgeitems), None, *range(n - options.edgeitems, n)]


def _corner(tensor: Any, shorten: bool) -> Any:
    """The part of the tensor whose numbers are shown, small enough to look at as a whole."""
    if not shorten:
        return tensor
    for dim in range(tensor.dim()):
        n = tensor.size(dim)
        if n > 2 * options.edgeitems:
            head = tensor.narrow(dim, 0, options.edgeitems)
            tail = tensor.narrow(dim, n - options.edgeitems, options.edgeitems)
            tensor = _C.cat([head, tail], dim)
    return tensor


def _flat(values: Any) -> list[Any]:
    if not isinstance(values, list):
        return [values]
    return [x for item in values for x in _flat(item)]


def _vector(tensor: Any, form: _Format, shorten: bool) -> str:
    shown = _edges(tensor.size(0), shorten)
    return "".join("...\n" if i is None else f" {form(tensor[i])}\n" for i in shown)


def _matrix(tensor: Any, form: _Format, shorten: bool) -> str:
    rows, columns = tensor.shape
    shown = _edges(columns, shorten)
    # lines wider than the screen are cut into blocks of columns
    per_block = max(1, (options.linewidth - 1) // (form.width + 2))
    blocks = [shown[i : i + per_block] for i in range(0, len(shown), per_block)]
    text = ""
    for block in blocks:
        if len(blocks) > 1:
            numbers = [i for i in block if i is not None]
            text += f"\nColumns {numbers[0]} to {numbers[-1]} \n" if numbers else "\n"
        for i in _edges(rows, shorten):
            if i is None:
                text += "  " + " ".join(f"{'...':>{form.width}}" for _ in block) + "\n"
            else:
                row = tensor[i]
                cells = ("..." if j is None else form(row[j]) for j in block)
                text += "  ".join(["", *(f"{cell:>{form.width}}" for cell in cells)])[1:] + "\n"
    return text


def _blocks(tensor: Any, form: _Format, shorten: bool, prefix: tuple[int, ...] = ()) -> str:
    if tensor.dim() == 2:
        heading = "(" + " ,".join([*map(str, prefix), ".", "."]).replace(". ,", ".,") + ") = \n"
        return heading + _matrix(tensor, form, shorten) + "\n"
    parts = _edges(tensor.size(0), shorten)
    return "".join(
        "...\n\n" if i is None else _blocks(tensor[i], form, shorten, (*prefix, i)) for i in parts
    )


def tensor_str(tensor: Any) -> str:
    """The text of repr(tensor)."""
    name = f"torch.{type(tensor).__name__}"
    if tensor.is_cuda:
        name = name.replace("torch.", "torch.cuda.", 1)
    size = "x".join(map(str, tensor.shape))
    if tensor.numel() == 0:
        return (
            f"[{name} with no dimension]\n"
            if not size
            else f"[{name} of size {size}, with no elements]\n"
        )
    if tensor.dim() == 0:
        return f"{tensor.item()}\n[{name} without dimensions]\n"
    shorten = tensor.numel() > options.threshold
    numbers = _flat(_corner(tensor, shorten).tolist())
    form = _Format(numbers, tensor.dtype.is_floating_point)
    text = "\n"
    if form.scale != 1:
        text += f"{form.scale:.4g} *\n" if form.scale < 1e5 else f"{form.scale:.0e} *\n"
    if tensor.dim() == 1:
        text += _vector(tensor, form, shorten)
    elif tensor.dim() == 2:
        text += _matrix(tensor, form, shorten)
    else:
        text += _blocks(tensor, form, shorten)
    return f"{text}[{name} of size {size}]\n"
