"""Tensors as text, in the alpha's way."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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
    profile: "default", "short" or "full", applied first. ValueError for another, and for numbers
    that are no ints of 0 or more.

    >>> torch.set_printoptions(precision=2)
    >>> torch.tensor([1 / 3])
    <BLANKLINE>
     0.33
    [torch.FloatTensor of size 1]
    <BLANKLINE>
    >>> torch.set_printoptions(profile="default")
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
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(
                f"set_printoptions: expected {name} to be an int of 0 or more, got {value!r}"
            )
        setattr(options, name, value)


def get_printoptions() -> dict[str, int]:
    """The options of set_printoptions in use, by name.

    >>> torch.get_printoptions()["precision"]
    4
    """
    return {name: getattr(options, name) for name in _DEFAULT}


@contextmanager
def printoptions(**given: Any) -> Iterator[dict[str, int]]:
    """set_printoptions for a block; the options of before come back after it.

    >>> with torch.printoptions(precision=1):
    ...     print(torch.tensor([0.25]))
    <BLANKLINE>
     0.2
    [torch.FloatTensor of size 1]
    <BLANKLINE>
    """
    before = get_printoptions()
    try:
        set_printoptions(**given)
        yield get_printoptions()
    finally:
        set_printoptions(**before)  # type: ignore[arg-type]


class _Format:
    """How the numbers of one tensor are written, and a factor common to all."""

    def __init__(self, numbers: list[Any], floating: bool):
        finite = [abs(x) for x in numbers if math.isfinite(x)] if floating else []
        low, high = (min(finite), max(finite)) if finite else (0, 0)
        self.scale: float = 1
        self.form = "d"
        if not floating:
            return
        if all(x == int(x) for x in finite):
            self.form = f".{options.precision}e" if high >= 1e16 else ".0f"
            return
        exponent_low = math.floor(math.log10(low)) + 1 if low else 1
        exponent_high = math.floor(math.log10(high)) + 1 if high else 1
        if exponent_high - exponent_low > 4 + options.precision or exponent_high < -300:
            self.form = f".{options.precision}e"
            return
        self.form = f".{options.precision}f"
        if exponent_high > 5 or exponent_high < 0:
            self.scale = 10.0 ** (exponent_high - 1)

    def __call__(self, x: Any) -> str:
        return format(x if self.scale == 1 else x / self.scale, self.form)


Shown = list[int | None]


def _edges(n: int, shorten: bool) -> Shown:
    """Positions of a dimension that are shown; None stands for the ones left out."""
    if not shorten or n <= 2 * options.edgeitems:
        return list(range(n))
    return [*range(options.edgeitems), None, *range(n - options.edgeitems, n)]


# Matrices that are shown of a shortened tensor at most: of many dimensions even the edges are many.
_BLOCKS = 1000


def _select(shape: Any, shorten: bool) -> list[Shown]:
    """What is shown of every dimension."""
    shown = [_edges(n, shorten) for n in shape]
    blocks = math.prod(len(positions) for positions in shown[:-2])
    for d in range(len(shown) - 2):
        if not shorten or blocks <= _BLOCKS:
            break
        if shown[d][1:]:
            blocks = blocks // len(shown[d]) * 2
            shown[d] = [0, None]
    return shown


def _numbers(tensor: Any, shown: list[Shown]) -> list[Any]:
    """The numbers that are shown, in nested lists, read from where they are."""
    if not any(None in positions for positions in shown):
        return tensor.tolist()
    if len(shown) > 1:
        return [_numbers(tensor.select(0, i), shown[1:]) for i in shown[0] if i is not None]
    n, gap = tensor.size(0), shown[0].index(None)
    last = len(shown[0]) - gap - 1
    return tensor.narrow(0, 0, gap).tolist() + tensor.narrow(0, n - last, last).tolist()


def _flat(values: Any, depth: int) -> list[Any]:
    for _ in range(depth - 1):
        values = [x for item in values for x in item]
    return values


def _texts(values: Any, form: _Format, depth: int) -> Any:
    if depth == 0:
        return form(values)
    return [_texts(item, form, depth - 1) for item in values]


def _vector(texts: list[str], shown: Shown, width: int) -> str:
    cells = iter(texts)
    return "".join("...\n" if i is None else f" {next(cells):>{width}}\n" for i in shown)


def _matrix(texts: list[list[str]], shown: list[Shown], width: int) -> str:
    rows, columns = shown
    # lines wider than the screen are cut into blocks of columns
    per_block = max(1, (options.linewidth + 1) // (width + 2))
    blocks = [columns[i : i + per_block] for i in range(0, len(columns), per_block)]
    text, start = "", 0
    for block in blocks:
        numbers = [i for i in block if i is not None]
        if len(blocks) > 1:
            text += f"\nColumns {numbers[0]} to {numbers[-1]} \n" if numbers else "\n"
        lines = iter(texts)
        for i in rows:
            cells = iter(next(lines)[start : start + len(numbers)] if i is not None else ())
            row = ("..." if i is None or j is None else next(cells) for j in block)
            text += " " + "  ".join(f"{cell:>{width}}" for cell in row) + "\n"
        start += len(numbers)
    return text


def _blocks(texts: Any, shown: list[Shown], width: int, prefix: tuple[int, ...] = ()) -> str:
    if len(shown) == 2:
        heading = "(" + "".join(f"{i} ," for i in prefix) + ".,.) = \n"
        return heading + _matrix(texts, shown, width) + "\n"
    parts = iter(texts)
    return "".join(
        "...\n\n" if i is None else _blocks(next(parts), shown[1:], width, (*prefix, i))
        for i in shown[0]
    )


def _number(x: Any) -> str:
    """A number that stands alone: no common factor."""
    if isinstance(x, bool):
        return str(x)
    form = _Format([x], isinstance(x, float))
    return form(x) if form.scale == 1 else format(x, f".{options.precision}e")


def tensor_str(tensor: Any) -> str:
    """The text of repr(tensor): its numbers, or those at its edges, and its type and size."""
    name = f"torch.{type(tensor).__name__}"
    if tensor.is_cuda:
        name = name.replace("torch.", "torch.cuda.", 1)
    size = "x".join(map(str, tensor.shape))
    if tensor.numel() == 0:
        return (
            f"[{name} of size {size}, with no elements]\n"
            if size
            else f"[{name} with no dimension]\n"
        )
    if tensor.dim() == 0:
        return f"{_number(tensor.item())}\n[{name} without dimensions]\n"
    shown = _select(tensor.shape, tensor.numel() > options.threshold)
    values = _numbers(tensor, shown)
    numbers = _flat(values, tensor.dim())
    form = _Format(numbers, tensor.dtype.is_floating_point)
    texts = _texts(values, form, tensor.dim())
    width = max(map(len, _flat(texts, tensor.dim())), default=0)
    text = "\n"
    if form.scale != 1:
        text += f"{form.scale:.4g} *\n" if form.scale < 1e5 else f"{form.scale:.0e} *\n"
    if tensor.dim() == 1:
        text += _vector(texts, shown[0], width)
    elif tensor.dim() == 2:
        text += _matrix(texts, shown, width)
    else:
        text += _blocks(texts, shown, width)
    return f"{text}[{name} of size {size}]\n"
