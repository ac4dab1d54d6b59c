"""The negative log-likelihood of classes."""

from typing import Any

import torch
from torch.legacy.nn.criterion import Criterion
from torch.legacy.nn.utils import describe_size


class ClassNLLCriterion(Criterion):
    """-sum(w[t] x[t]), divided by sum(w[t]) if sizeAverage.

    weights: (c,), one for each class; None: all 1.
    input: logarithms of probabilities, (c,) or (n, c).
    target: class numbers, counted from 0, as many as rows: a number or an integer tensor.
    ValueError for other sizes, TypeError for other targets, IndexError for a class out of range.
    """

    def __init__(self, weights: Any = None, sizeAverage: bool = True) -> None:
        super().__init__()
        if weights is not None and weights.dim() != 1:
            raise ValueError(
                f"ClassNLLCriterion: expected weights of size (c,), got {describe_size(weights)}"
            )
        self.weights = weights
        self.sizeAverage = sizeAverage

    def updateOutput(self, input: Any, target: Any) -> float:
        rows, target, factors = self._prepared(input, target)
        self.output = -float((rows.gather(1, target) * factors).sum())
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        rows, target, factors = self._prepared(input, target)
        gradient = rows.clone().zero_().scatter_(1, target, -factors)
        self.gradInput = gradient.view_as(input)
        return self.gradInput

    def _prepared(self, input: Any, target: Any) -> tuple[Any, Any, Any]:
        """Input as rows (n, c), target as indices (n, 1), and the weight of each row (n, 1)."""
        if input.dim() not in (1, 2) or input.numel() == 0:
            raise ValueError(
                f"ClassNLLCriterion: expected input of size (c,) or (n, c), got "
                f"{describe_size(input)}"
            )
        rows = input.contiguous().view(-1, input.size(-1))
        count, classes = rows.size(0), rows.size(1)
        indices = _class_numbers(target)
        if indices.numel() != count:
            raise ValueError(
                f"ClassNLLCriterion: expected {count} targets for input of size "
                f"{describe_size(input)}, got {indices.numel()}"
            )
        low, high = indices.min(), indices.max()
        if low < 0 or high >= classes:
            raise IndexError(
                f"ClassNLLCriterion: expected targets in 0..{classes - 1}, "
                f"got {low if low < 0 else high}"
            )
        if self.weights is None:
            factors = rows.new(count).fill_(1)
        elif self.weights.numel() == classes:
            factors = self.weights.type_as(rows).index_select(0, indices)
        else:
            raise ValueError(
                f"ClassNLLCriterion: expected weights for {classes} classes, "
                f"got {self.weights.numel()}"
            )
        if self.sizeAverage:
            factors = factors / factors.sum()
        return rows, indices.view(-1, 1), factors.view(-1, 1)


def _class_numbers(target: Any) -> Any:
    """The targets as a LongTensor (n,)."""
    if isinstance(target, int) and not isinstance(target, bool):
        return torch.LongTensor([target])
    if torch.is_tensor(target):
        flat = target.contiguous().view(-1)
        whole = flat.long()
        # Class numbers may stand in a float tensor, as they did in Lua.
        if bool((whole.type_as(flat) == flat).all()):
            return whole
    raise TypeError(
        "ClassNLLCriterion: expected target to be a class number or a tensor of class numbers, "
        f"got {target.type() if torch.is_tensor(target) else type(target).__name__}"
    )
