"""Distances and similarities of two batches of vectors."""

from typing import Any

from torch.autograd import Variable

from .. import functional as F
from ..functional.arguments import number
from .module import Module

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class PairwiseDistance(Module):
    """p-norm of x1 - x2 + eps along the last dimension: (n, features) twice -> (n,)

    (n, 1) with `keepdim`; None: in the alpha's meaning.
    """

    def __init__(self, p: float = 2, eps: float = 1e-6, keepdim: bool | None = None) -> None:
        super().__init__()
        self.norm = number("PairwiseDistance", "p", p)
        self.eps = number("PairwiseDistance", "eps", eps)
        self.keepdim = keepdim

    def forward(self, x1: Variable, x2: Any) -> Variable:
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)

    def _arguments(self) -> str:
        return f"p={self.norm}{'' if self.keepdim is None else f', keepdim={self.keepdim}'}"


class CosineSimilarity(Module):
    """sum(x1 * x2) / (max(|x1|, eps) * max(|x2|, eps)) along `dim`."""

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        if isinstance(dim, bool) or not isinstance(dim, int):
            raise TypeError(f"CosineSimilarity: dim: expected an int, got {type(dim).__name__}")
        self.dim = dim
        self.eps = number("CosineSimilarity", "eps", eps)

    def forward(self, x1: Variable, x2: Any) -> Variable:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)

    def _arguments(self) -> str:
        return f"dim={self.dim}"
