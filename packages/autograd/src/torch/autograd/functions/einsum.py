"""Einstein's summation: one Function for every sum of products over named dimensions."""

from typing import Any

import torch

from .base import Builtin

__all__ = ["Einsum"]

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Einsum(Builtin):
    """z = einsum(equation, *operands); a result without dimensions has size (1,).

    The gradient of an operand is an einsum itself: of the gradient of z and the other operands,
    with the operand's letters as result.
    """

    __slots__ = ("_likes", "equation", "is_view", "optimize")

    def __init__(self, equation: str, optimize: bool = True) -> None:
        self.equation = equation
        self.optimize = optimize
        self.inplace = False
        self.is_view = False  # type: ignore[misc]

    def compute(self, *operands: torch.Tensor) -> Any:
        """The result; a subclass may compute it otherwise, and set the equation."""
        return torch.einsum(self.equation, *operands, optimize=self.optimize)

    def forward(self, *operands: torch.Tensor) -> torch.Tensor:
        self._likes = [(x.size(), x.dtype) for x in operands]
        z = self.compute(*operands)
        if not isinstance(z, torch.Tensor):
            dtype = operands[0].dtype
            for x in operands[1:]:
                dtype = torch.promote_types(dtype, x.dtype)
            z = torch.tensor([z], dtype=dtype, device=operands[0].device)
        elif len(operands) == 1:
            # an equation that only reorders one operand gives a view of it
            self.is_view = z.data_ptr() == operands[0].data_ptr()  # type: ignore[misc]
        needed = self.needs_input_grad
        self.save_for_backward(
            *[x if any(needed[:i] + needed[i + 1 :]) else None for i, x in enumerate(operands)]
        )
        self._origins = tuple(range(len(operands)))  # two operands may be one tensor
        return z

    def backward(self, gz: Any) -> tuple:
        operands = self.saved_tensors
        sizes = [size for size, _ in self._likes]
        terms, result = letters_of(self.equation, [len(size) for size in sizes])
        if not result:
            result = next(c for c in LETTERS if c not in "".join(terms))  # gz has size (1,)
        lengths: dict[str, int] = {}
        for size, term in zip(sizes, terms, strict=True):
            for length, letter in zip(size, term, strict=True):
                if lengths.get(letter, 1) == 1:
                    lengths[letter] = length
        narrow = [
            without_broadcast(x, size, term, lengths)
            for x, size, term in zip(operands, sizes, terms, strict=True)
        ]
        gradients: list[Any] = []
        for number, ((size, dtype), needed) in enumerate(
            zip(self._likes, self.needs_input_grad, strict=True)
        ):
            if not needed:
                gradients.append(None)
                continue
            others = [pair for i, pair in enumerate(narrow) if i != number]
            gx = self.gradient(gz, result, others, narrow[number][1], lengths)
            gx = gx.reshape(size)
            gradients.append(gx if gx.dtype is dtype else gx.type(dtype))
        return tuple(gradients)

    def gradient(
        self, gz: Any, result: str, others: list, wanted: str, lengths: dict[str, int]
    ) -> Any:
        """The gradient of an operand with the letters `wanted`."""
        known = set(result).union(*[term for _, term in others])
        once = "".join(dict.fromkeys(wanted))  # each letter once
        found = "".join([c for c in once if c in known])
        equation = ",".join([result, *[term for _, term in others]]) + "->" + found
        if found:
            gx = torch.einsum(equation, gz, *[x for x, _ in others], optimize=self.optimize)
        else:  # it would be a number: keep a dimension
            spare = next(c for c in LETTERS if c not in known and c not in wanted)
            gx = torch.einsum(
                spare + equation + spare,
                gz.unsqueeze(0),
                *[x for x, _ in others],
                optimize=self.optimize,
            )
            gx = gx.reshape((1,) * max(len(once), 1))
        if len(found) != len(once):  # letters that only this operand has were summed over
            gx = gx.reshape([lengths[c] if c in known else 1 for c in once] or [1])
            gx = gx.expand([lengths[c] for c in once] or [1])
        return on_diagonal(gx, once, wanted, lengths)


def letters_of(equation: str, dims: list[int]) -> tuple[list[str], str]:
    """The letters of each operand and of the result; those for `...` are letters, too."""
    left, arrow, result = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    hidden = [n - len(t.replace("...", "")) for t, n in zip(terms, dims, strict=True)]
    free = [c for c in LETTERS if c not in equation]
    extra = "".join(free[: max(hidden)]) if "..." in left else ""
    if not arrow:
        plain = left.replace("...", "").replace(",", "")
        result = "..." + "".join(sorted(c for c in set(plain) if plain.count(c) == 1))
    terms = [t.replace("...", extra[len(extra) - n :]) for t, n in zip(terms, hidden, strict=True)]
    return terms, result.replace("...", extra)


def without_broadcast(x: Any, size: Any, term: str, lengths: dict[str, int]) -> tuple[Any, str]:
    """x without the dimensions of size 1 that stand against longer ones, and its letters."""
    kept = [d for d, c in enumerate(term) if size[d] == lengths[c]]
    if len(kept) != len(term) and x is not None:
        x = x.reshape([size[d] for d in kept])
    return x, "".join([term[d] for d in kept])


def on_diagonal(gx: Any, once: str, wanted: str, lengths: dict[str, int]) -> Any:
    """gx has the letters `once`; where `wanted` repeats one, gx becomes the diagonal."""
    for place, letter in enumerate(wanted):
        first = wanted.index(letter)
        if first == place:
            continue
        size = [1] * (gx.dim() + 1)
        size[first] = size[place] = lengths[letter]
        ones = torch.eye(lengths[letter], dtype=gx.dtype, device=gx.device)
        gx = gx.unsqueeze(place) * ones.view(size)
    return gx
