"""Tables of vectors."""

from typing import Any

import torch
from torch.autograd import Variable

from .. import functional as F
from ..functional.arguments import number
from ..functional.embedding import MODES, padding_row
from ..parameter import Parameter
from .linear import count
from .module import Module

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """weight (num_embeddings, embedding_dim), standard normal at the start."""

    def _make(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        sparse: bool,
        weight: Any,
    ) -> None:
        name = type(self).__name__
        self.num_embeddings = count(name, "num_embeddings", num_embeddings)
        self.embedding_dim = count(name, "embedding_dim", embedding_dim)
        self.padding_idx = padding_row(name, padding_idx, num_embeddings)
        if max_norm is not None and not number(name, "max_norm", max_norm) > 0:
            raise ValueError(f"{name}: max_norm: expected a number above 0, got {max_norm!r}")
        self.max_norm = max_norm
        self.norm_type = number(name, "norm_type", norm_type)
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        size = (num_embeddings, embedding_dim)
        if weight is None:
            self.weight = Parameter(torch.Tensor(*size))
            self.reset_parameters()
            return
        if tuple(weight.size()) != size:
            raise ValueError(f"{name}: _weight: expected size {size}, got {tuple(weight.size())}")
        self.weight = Parameter(weight.data if isinstance(weight, Variable) else weight)

    def reset_parameters(self) -> None:
        """Draw the table anew; 0 in row `padding_idx`."""
        self.weight.data.normal_(0, 1)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx].zero_()

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **options: Any) -> Any:
        """A module over this table (num_embeddings, embedding_dim), not trained if `freeze`."""
        if embeddings.dim() != 2:
            raise ValueError(
                f"{cls.__name__}.from_pretrained: embeddings: expected two dimensions, got size "
                f"{tuple(embeddings.size())}"
            )
        module = cls(*embeddings.size(), _weight=embeddings, **options)  # type: ignore[call-arg]
        module.weight.requires_grad = not freeze
        return module

    def _arguments(self) -> str:
        shown = f"{self.num_embeddings}, {self.embedding_dim}"
        for name, usual in (
            ("mode", "mean"),
            ("padding_idx", None),
            ("max_norm", None),
            ("norm_type", 2),
            ("scale_grad_by_freq", False),
            ("sparse", False),
        ):
            value = getattr(self, name, usual)
            if value != usual:
                shown += f", {name}={value!r}"
        return shown


class Embedding(_Table):
    """weight[x]: x (...) a LongTensor of row numbers -> (..., embedding_dim).

    weight: (num_embeddings, embedding_dim), standard normal at the start. Row `padding_idx` is 0 at
    the start and gets no gradient. With `max_norm` the rows that are used and whose norm is larger
    are first scaled to it, in place. `scale_grad_by_freq` divides the gradient of a row by the
    number of its uses. With `sparse` the gradient of weight is `torch.autograd.SparseRows`, which
    SGD, Adagrad and SparseAdam take.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
    ) -> None:
        super().__init__()
        self._make(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
        )

    def forward(self, input: Any) -> Variable:
        return F.embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.sparse,
        )


class EmbeddingBag(_Table):
    """Sum, mean or largest element of the rows of a table in each bag: -> (bags, embedding_dim).

    x (bags, n), or (total,) with offsets (bags,), where each bag begins; see
    `functional.embedding_bag`.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
    ) -> None:
        super().__init__()
        if mode not in MODES:
            raise ValueError(f"EmbeddingBag: mode: expected 'sum', 'mean' or 'max', got {mode!r}")
        self.mode = mode
        self.include_last_offset = include_last_offset
        self._make(
            num_embeddings,
            embedding_dim,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            _weight,
        )

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Variable:
        return F.embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            self.sparse,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )
