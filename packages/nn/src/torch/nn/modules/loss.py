"""Losses: modules of an input and a target.

The result is the mean over all losses, of size (1,); their sum without `size_average` or with
`reduction="sum"`; the losses themselves with `reduce=False` or `reduction="none"`.
"""

from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

from .. import functional as F
from ..functional.arguments import number, reduction_of
from .module import Module

__all__ = [
    "BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CrossEntropyLoss", "GaussianNLLLoss",
    "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss", "MSELoss", "MarginRankingLoss",
    "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss", "NLLLoss", "NLLLoss2d",
    "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss", "TripletMarginLoss",
]  # fmt: skip


class _Loss(Module):
    #: attributes that `repr` shows where they are not these
    _defaults: dict[str, Any] = {}

    def __init__(
        self,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__()
        self.reduction = reduction_of(type(self).__name__, size_average, reduce, reduction)

    @property
    def size_average(self) -> bool:
        """Whether the result is the mean; the alpha's name, which can be set."""
        return self.reduction == "mean"

    @size_average.setter
    def size_average(self, value: bool) -> None:
        self.reduction = "mean" if value else "sum"

    def _number(self, name: str, value: Any) -> None:
        setattr(self, name, number(type(self).__name__, name, value))

    def _weight(self, weight: Any, one_dimension: bool = True) -> None:
        """A buffer, or None."""
        name = type(self).__name__
        weight = weight.data if isinstance(weight, Variable) else weight
        wrong = weight is not None and not isinstance(weight, torch.Tensor)
        if wrong or (one_dimension and weight is not None and weight.dim() != 1):
            allowed = "a Tensor of one dimension" if one_dimension else "a Tensor"
            shown = type_name(weight) + ("" if wrong else f" of size {tuple(weight.size())}")
            raise TypeError(f"{name}: weight: expected {allowed} or None, got {shown}")
        self.register_buffer("weight", weight)

    def _arguments(self) -> str:
        shown = [
            f"{name}={getattr(self, name)}"
            for name, usual in self._defaults.items()
            if getattr(self, name) != usual
        ]
        if self.reduction == "sum":
            shown.append("size_average=False")
        elif self.reduction != "mean":
            shown.append(f"reduction={self.reduction!r}")
        return ", ".join(shown)


# element by element


class L1Loss(_Loss):
    """|input - target|"""

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.l1_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """(input - target) ** 2"""

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.mse_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """d ** 2 / (2 * beta) where d = |input - target| is below beta, else d - beta / 2."""

    _defaults = {"beta": 1.0}

    def __init__(
        self,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
        beta: float = 1.0,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = number("SmoothL1Loss", "beta", beta, least=0)

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """d ** 2 / 2 where d = |input - target| is below delta, else delta * (d - delta / 2)."""

    _defaults = {"delta": 1.0}

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self._number("delta", delta)
        if delta <= 0:
            raise ValueError(f"HuberLoss: delta: expected a number above 0, got {delta!r}")

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.huber_loss(input, target, self.reduction, self.delta)


class KLDivLoss(_Loss):
    """target * (log(target) - input): input log probabilities, target probabilities.

    `log_target`: the target is given as log probabilities, too. reduction="batchmean" divides the
    sum by the number of samples. `weight` expands to the size of the input.
    """

    _defaults = {"log_target": False}

    def __init__(
        self,
        weight: Any = None,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
        log_target: bool = False,
    ) -> None:
        by_sample = reduction == "batchmean"
        super().__init__(size_average, reduce, "sum" if by_sample else reduction)
        if by_sample:
            self.reduction = "batchmean"
        self._weight(weight, one_dimension=False)
        self.log_target = log_target

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.kl_div(
            input,
            target,
            reduction=self.reduction,
            log_target=self.log_target,
            weight=self.weight,
        )


class BCELoss(_Loss):
    """-(target * log(input) + (1 - target) * log(1 - input)); input from 0 to 1.

    `weight` scales the losses and expands to their size.
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self._weight(weight, one_dimension=False)

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.binary_cross_entropy(input, target, self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """BCELoss of sigmoid(input), without overflow; `pos_weight` scales the share of the target."""

    def __init__(
        self,
        weight: Any = None,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
        pos_weight: Any = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self._weight(weight, one_dimension=False)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, reduction=self.reduction, pos_weight=self.pos_weight
        )


class SoftMarginLoss(_Loss):
    """log(1 + exp(-target * input)); target 1 or -1."""

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.soft_margin_loss(input, target, reduction=self.reduction)


class PoissonNLLLoss(_Loss):
    """exp(input) - target * input; without `log_input`: input - target * log(input + eps).

    `full` adds Stirling's approximation of log(target!) for targets above 1.
    """

    _defaults = {"log_input": True, "full": False, "eps": 1e-8}

    def __init__(
        self,
        log_input: bool = True,
        full: bool = False,
        size_average: bool = True,
        eps: float = 1e-8,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self._number("eps", eps)

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.poisson_nll_loss(
            input, target, self.log_input, self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    """(log(var) + (input - target) ** 2 / var) / 2 with the variance var, at least eps.

    `full` adds log(2 * pi) / 2.
    """

    _defaults = {"full": False, "eps": 1e-6}

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full = full
        self._number("eps", eps)

    def forward(self, input: Variable, target: Any, var: Any) -> Variable:
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)


# scores for classes


class NLLLoss(_Loss):
    """Negative log likelihood: -weight[target] * input[target].

    input (n, classes, ...) log probabilities, target (n, ...) class numbers, weight (classes,). The
    mean is divided by the sum of the weights of the targets; targets `ignore_index` do not count.
    """

    _defaults = {"ignore_index": -100}

    def __init__(
        self,
        weight: Any = None,
        size_average: bool = True,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self._weight(weight)
        self.ignore_index = ignore_index

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.nll_loss(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class NLLLoss2d(NLLLoss):
    """NLLLoss at every position: input (n, classes, h, w), target (n, h, w)."""

    def forward(self, input: Variable, target: Any) -> Variable:
        if input.dim() != 4:
            raise ValueError(
                f"NLLLoss2d: input: expected (n, classes, h, w), got {tuple(input.size())}"
            )
        return super().forward(input, target)


class CrossEntropyLoss(NLLLoss):
    """NLLLoss of the log softmax of scores (n, classes, ...); target (n, ...) class numbers.

    Or floating numbers in the size of the input, a probability of every class. `label_smoothing`
    spreads that share of the probability over all classes.
    """

    _defaults = {"ignore_index": -100, "label_smoothing": 0.0}

    def __init__(
        self,
        weight: Any = None,
        size_average: bool = True,
        ignore_index: int = -100,
        reduce: bool | None = None,
        reduction: str | None = None,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(weight, size_average, ignore_index, reduce, reduction)
        self._number("label_smoothing", label_smoothing)

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.cross_entropy(
            input,
            target,
            self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class MultiMarginLoss(_Loss):
    """Sum over the other classes i of max(0, margin - input[target] + input[i]) ** p / classes.

    input (n, classes), target (n,), weight (classes,) a factor for the targets, p 1 or 2.
    """

    _defaults = {"p": 1, "margin": 1}

    def __init__(
        self,
        p: int = 1,
        margin: float = 1,
        weight: Any = None,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: p: expected 1 or 2, got {p!r}")
        self.p = p
        self._number("margin", margin)
        self._weight(weight)

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.multi_margin_loss(
            input, target, self.p, self.margin, self.weight, reduction=self.reduction
        )


class MultiLabelMarginLoss(_Loss):
    """Sum over targets j and other classes i of max(0, 1 - (input[j] - input[i])) / classes.

    input and target (n, classes); the class numbers of a sample end at the first -1.
    """

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.multilabel_margin_loss(input, target, reduction=self.reduction)


class MultiLabelSoftMarginLoss(_Loss):
    """Mean over the classes of -(t * log(sigmoid(x)) + (1 - t) * log(sigmoid(-x))).

    input x and target t (n, classes), t 0 or 1; weight (classes,).
    """

    def __init__(
        self,
        weight: Any = None,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self._weight(weight)

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.multilabel_soft_margin_loss(input, target, self.weight, reduction=self.reduction)


# of distances


class HingeEmbeddingLoss(_Loss):
    """input where the target is 1, max(0, margin - input) where it is -1."""

    _defaults = {"margin": 1.0}

    def __init__(
        self,
        size_average: bool = True,
        margin: float = 1.0,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self._number("margin", margin)

    def forward(self, input: Variable, target: Any) -> Variable:
        return F.hinge_embedding_loss(input, target, margin=self.margin, reduction=self.reduction)


class _Margin(_Loss):
    _defaults = {"margin": 0}

    def __init__(
        self,
        margin: float = 0,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self._number("margin", margin)


class MarginRankingLoss(_Margin):
    """max(0, -target * (input1 - input2) + margin): target 1 if input1 should be larger, or -1."""

    def forward(self, input1: Variable, input2: Any, target: Any) -> Variable:
        return F.margin_ranking_loss(input1, input2, target, self.margin, reduction=self.reduction)


class CosineEmbeddingLoss(_Margin):
    """1 - cos(input1, input2) where the target is 1, max(0, cos - margin) where it is -1.

    input1 and input2 (n, features), target (n,).
    """

    def forward(self, input1: Variable, input2: Any, target: Any) -> Variable:
        return F.cosine_embedding_loss(
            input1, input2, target, self.margin, reduction=self.reduction
        )


class TripletMarginLoss(_Loss):
    """max(0, |anchor - positive| - |anchor - negative| + margin), with p-norms of rows.

    With `swap` the negative's distance is that to the nearer of anchor and positive.
    """

    _defaults = {"margin": 1.0, "p": 2.0, "eps": 1e-6, "swap": False}

    def __init__(
        self,
        margin: float = 1.0,
        p: float = 2.0,
        eps: float = 1e-6,
        swap: bool = False,
        size_average: bool = True,
        reduce: bool | None = None,
        reduction: str | None = None,
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self._number("margin", margin)
        self._number("p", p)
        self._number("eps", eps)
        self.swap = swap

    def forward(self, anchor: Variable, positive: Any, negative: Any) -> Variable:
        return F.triplet_margin_loss(
            anchor,
            positive,
            negative,
            self.margin,
            self.p,
            self.eps,
            self.swap,
            reduction=self.reduction,
        )
