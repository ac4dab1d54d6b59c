"""Losses: values against formulas in NumPy, finite differences, reductions, modules, errors."""

import copy
import math
import pickle
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable, gradcheck

D, L = torch.DoubleTensor, torch.LongTensor


def real(*size):
    return lambda: torch.randn(*size, dtype=torch.float64)


def unit(*size):
    return lambda: torch.rand(*size, dtype=torch.float64) * 0.8 + 0.1


def signs(*size):
    return lambda: (torch.rand(*size).gt(0.5).double() * 2 - 1).type(torch.LongTensor)


def log_probabilities(*size):
    return lambda: NF.log_softmax(Variable(torch.randn(*size).double()), 1).data


def constant(tensor):
    return lambda: tensor


@dataclass
class Row:
    """A loss of the arguments, as a formula of NumPy arrays: one loss per element or sample."""

    name: str
    module: Any
    arguments: list
    formula: Any
    options: dict = field(default_factory=dict)
    mean: Any = None  # of the losses, where it is not np.mean

    def __str__(self):
        return f"{self.name}-{self.options}"

    def call(self, *args, **more):
        return getattr(NF, self.name)(*args, **self.options, **more)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def huber(d, beta):
    return np.where(d < beta, d * d / 2 / beta, d - beta / 2)


def cross(p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p))


def log_softmax(x):
    x = x - x.max(1, keepdims=True)
    return x - np.log(np.exp(x).sum(1, keepdims=True))


def at(x, t):
    """x[i, t[i, j..], j..]"""
    return np.take_along_axis(x, np.expand_dims(t, 1), 1).squeeze(1)


def multi_margin(x, t, p=1, margin=1, weight=None):
    result = np.zeros(len(x))
    for n in range(len(x)):
        for i in range(x.shape[1]):
            if i != t[n]:
                result[n] += max(0, margin - x[n, t[n]] + x[n, i]) ** p
        result[n] *= 1 if weight is None else weight[t[n]]
    return result / x.shape[1]


def multilabel_margin(x, t):
    result = np.zeros(len(x))
    for n in range(len(x)):
        targets = []
        for j in t[n]:
            if j < 0:
                break
            targets.append(j)
        for j in targets:
            for i in set(range(x.shape[1])) - set(targets):
                result[n] += max(0, 1 - (x[n, j] - x[n, i]))
    return result / x.shape[1]


def poisson(x, t, log_input=True, full=False):
    y = np.exp(x) - t * x if log_input else x - t * np.log(x + 1e-8)
    if full:
        n = np.maximum(t, 1)
        y = y + np.where(t > 1, n * np.log(n) - n + np.log(2 * math.pi * n) / 2, 0)
    return y


def cosine(x, y):
    return (x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1))


def distance(x, y, p=2.0):
    return (np.abs(x - y + 1e-6) ** p).sum(1) ** (1 / p)


def triplet(a, p, n, margin=1.0, norm=2.0, swap=False):
    far = distance(a, n, norm)
    far = np.minimum(far, distance(p, n, norm)) if swap else far
    return np.maximum(0, distance(a, p, norm) - far + margin)


W = D([0.5, 1.0, 2.0])
CLASSES = L([2, 0, 1, 2])
PICTURE = L([[0, 1, 2], [2, 2, 0]]).view(2, 3, 1)
LISTS = L([[3, 0, -1, 1], [-1, 2, 2, 2], [0, 1, 2, 3], [1, 1, -1, -1]])


def mean_of(weight, targets):
    return lambda losses: losses.sum() / weight[targets].sum()


def smooth(x, t, epsilon, w=None):
    w = np.ones(x.shape[1]) if w is None else w
    y = log_softmax(x)
    return -(1 - epsilon) * w[t] * at(y, t) - epsilon / x.shape[1] * (y * w).sum(1)


ROWS = [
    Row("l1_loss", nn.L1Loss, [real(3, 4), real(3, 4)], lambda x, t: abs(x - t)),
    Row("mse_loss", nn.MSELoss, [real(3, 4), real(3, 4)], lambda x, t: (x - t) ** 2),
    Row(
        "smooth_l1_loss", nn.SmoothL1Loss, [real(3, 4), real(3, 4)],
        lambda x, t: huber(abs(x - t), 1),
    ),
    Row(
        "smooth_l1_loss", nn.SmoothL1Loss, [real(3, 4), real(3, 4)],
        lambda x, t: huber(abs(x - t), 0.4), {"beta": 0.4},
    ),
    Row(
        "smooth_l1_loss", nn.SmoothL1Loss, [real(3, 4), real(3, 4)],
        lambda x, t: abs(x - t), {"beta": 0},
    ),
    Row(
        "huber_loss", nn.HuberLoss, [real(3, 4), real(3, 4)],
        lambda x, t: huber(abs(x - t), 0.7) * 0.7, {"delta": 0.7},
    ),
    Row(
        "kl_div", nn.KLDivLoss, [log_probabilities(3, 4), unit(3, 4)],
        lambda x, t: t * (np.log(t) - x),
    ),
    Row(
        "kl_div", nn.KLDivLoss, [log_probabilities(3, 4), real(3, 4)],
        lambda x, t: np.exp(t) * (t - x), {"log_target": True},
    ),
    Row(
        "kl_div", nn.KLDivLoss, [log_probabilities(4, 3), unit(4, 3)],
        lambda x, t: t * (np.log(t) - x) * W.numpy(), {"weight": W},
    ),
    Row("binary_cross_entropy", nn.BCELoss, [unit(3, 4), unit(3, 4)], cross),
    Row(
        "binary_cross_entropy", nn.BCELoss, [unit(4, 3), unit(4, 3)],
        lambda x, t: cross(x, t) * W.numpy(), {"weight": W},
    ),
    Row(
        "binary_cross_entropy_with_logits", nn.BCEWithLogitsLoss, [real(3, 4), unit(3, 4)],
        lambda x, t: cross(sigmoid(x), t),
    ),
    Row(
        "binary_cross_entropy_with_logits", nn.BCEWithLogitsLoss, [real(4, 3), unit(4, 3)],
        lambda x, t: -2 * (
            W.numpy() * t * np.log(sigmoid(x)) + (1 - t) * np.log(sigmoid(-x))
        ),
        {"weight": D([2]), "pos_weight": W},
    ),
    Row(
        "soft_margin_loss", nn.SoftMarginLoss, [real(3, 4), signs(3, 4)],
        lambda x, t: np.log(1 + np.exp(-t * x)),
    ),
    Row("poisson_nll_loss", nn.PoissonNLLLoss, [real(3, 4), unit(3, 4)], poisson),
    Row(
        "poisson_nll_loss", nn.PoissonNLLLoss, [unit(2, 3), constant(D([[0, 0.9, 2], [3, 4, 9]]))],
        lambda x, t: poisson(x, t, False, True), {"log_input": False, "full": True},
    ),
    Row(
        "gaussian_nll_loss", nn.GaussianNLLLoss, [real(3, 4), real(3, 4), unit(3, 4)],
        lambda x, t, v: (np.log(v) + (x - t) ** 2 / v) / 2,
    ),
    Row(
        "gaussian_nll_loss", nn.GaussianNLLLoss, [real(3, 4), real(3, 4), unit(3)],
        lambda x, t, v: (np.log(2 * math.pi * v[:, None]) + (x - t) ** 2 / v[:, None]) / 2,
        {"full": True},
    ),
    Row(
        "nll_loss", nn.NLLLoss, [real(4, 3), constant(CLASSES)], lambda x, t: -at(x, t)
    ),
    Row(
        "nll_loss", nn.NLLLoss, [real(4, 3), constant(CLASSES)],
        lambda x, t: -W.numpy()[t] * at(x, t), {"weight": W}, mean_of(W.numpy(), CLASSES.numpy()),
    ),
    Row(
        "nll_loss", nn.NLLLoss, [real(4, 3), constant(CLASSES)],
        lambda x, t: -W.numpy()[t] * at(x, t) * (t != 2), {"weight": W, "ignore_index": 2},
        lambda losses: losses.sum() / 1.5,
    ),
    Row(
        "nll_loss", nn.NLLLoss, [real(2, 3, 3, 1), constant(PICTURE)],
        lambda x, t: -W.numpy()[t] * at(x, t), {"weight": W}, mean_of(W.numpy(), PICTURE.numpy()),
    ),
    Row(
        "nll_loss", nn.NLLLoss2d, [real(2, 3, 3, 1), constant(PICTURE)], lambda x, t: -at(x, t),
    ),
    Row(
        "cross_entropy", nn.CrossEntropyLoss, [real(4, 3), constant(CLASSES)],
        lambda x, t: -at(log_softmax(x), t),
    ),
    Row(
        "cross_entropy", nn.CrossEntropyLoss, [real(2, 3, 3, 1), constant(PICTURE)],
        lambda x, t: -W.numpy()[t] * at(log_softmax(x), t), {"weight": W},
        mean_of(W.numpy(), PICTURE.numpy()),
    ),
    Row(
        "cross_entropy", nn.CrossEntropyLoss, [real(4, 3), constant(CLASSES)],
        lambda x, t: smooth(x, t, 0.3), {"label_smoothing": 0.3},
    ),
    Row(
        "cross_entropy", nn.CrossEntropyLoss, [real(4, 3), constant(CLASSES)],
        lambda x, t: smooth(x, t, 0.3, W.numpy()), {"label_smoothing": 0.3, "weight": W},
        mean_of(W.numpy(), CLASSES.numpy()),
    ),
    Row(
        "cross_entropy", nn.CrossEntropyLoss, [real(4, 3), constant(CLASSES)],
        lambda x, t: smooth(x, t, 0.3) * (t != 0), {"label_smoothing": 0.3, "ignore_index": 0},
        lambda losses: losses.sum() / 3,
    ),
    Row(
        "cross_entropy", nn.CrossEntropyLoss, [real(4, 3), unit(4, 3)],
        lambda x, t: -(W.numpy() * (t * 0.9 + 0.1 / 3) * log_softmax(x)).sum(1),
        {"weight": W, "label_smoothing": 0.1},
    ),
    Row("multi_margin_loss", nn.MultiMarginLoss, [real(4, 3), constant(CLASSES)], multi_margin),
    Row(
        "multi_margin_loss", nn.MultiMarginLoss, [real(4, 3), constant(CLASSES)],
        lambda x, t: multi_margin(x, t, 2, 0.7, W.numpy()), {"p": 2, "margin": 0.7, "weight": W},
    ),
    Row(
        "multilabel_margin_loss", nn.MultiLabelMarginLoss, [real(4, 4), constant(LISTS)],
        multilabel_margin,
    ),
    Row(
        "multilabel_soft_margin_loss", nn.MultiLabelSoftMarginLoss, [real(4, 3), unit(4, 3)],
        lambda x, t: (cross(sigmoid(x), t) * W.numpy()).mean(1), {"weight": W},
    ),
    Row(
        "multilabel_soft_margin_loss", nn.MultiLabelSoftMarginLoss, [real(4, 3), unit(4, 3)],
        lambda x, t: cross(sigmoid(x), t).mean(1),
    ),
    Row(
        "hinge_embedding_loss", nn.HingeEmbeddingLoss, [real(3, 4), signs(3, 4)],
        lambda x, t: np.where(t == 1, x, np.maximum(0, 0.6 - x)), {"margin": 0.6},
    ),
    Row(
        "margin_ranking_loss", nn.MarginRankingLoss, [real(5), real(5), signs(5)],
        lambda x, y, t: np.maximum(0, -t * (x - y) + 0.3), {"margin": 0.3},
    ),
    Row(
        "cosine_embedding_loss", nn.CosineEmbeddingLoss, [real(5, 3), real(5, 3), signs(5)],
        lambda x, y, t: np.where(t == 1, 1 - cosine(x, y), np.maximum(0, cosine(x, y) - 0.1)),
        {"margin": 0.1},
    ),
    Row(
        "triplet_margin_loss", nn.TripletMarginLoss, [real(5, 3), real(5, 3), real(5, 3)], triplet
    ),
    Row(
        "triplet_margin_loss", nn.TripletMarginLoss, [real(5, 3), real(5, 3), real(5, 3)],
        lambda a, p, n: triplet(a, p, n, 0.5, 3.0, True), {"margin": 0.5, "p": 3.0, "swap": True},
    ),
]  # fmt: skip


def tensors_of(row, dtype=torch.float64):
    torch.manual_seed(5)
    made = [make() for make in row.arguments]
    return [t.type(dtype) if t.dtype is torch.float64 else t for t in made]


def options_of(row, dtype):
    return {
        name: value.type(dtype) if isinstance(value, torch.Tensor) else value
        for name, value in row.options.items()
    }


@pytest.mark.parametrize(
    "dtype, tolerance", [(torch.float32, 2e-6), (torch.float64, 1e-14)], ids=["float32", "float64"]
)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_values(row, dtype, tolerance):
    tensors, options = tensors_of(row, dtype), options_of(row, dtype)
    exact = row.formula(
        *[t.numpy().astype("f8") if t.dtype is dtype else t.numpy() for t in tensors]
    )
    mean = (row.mean or np.mean)(exact)
    before = [t.clone() for t in tensors]
    spread = [t.transpose(0, -1).contiguous().transpose(0, -1) for t in tensors]
    for values in (tensors, spread):
        for reduction, expected in (("none", exact), ("mean", mean), ("sum", exact.sum())):
            function = getattr(NF, row.name)
            args = [Variable(v) for v in values]
            y = function(*args, reduction=reduction, **options)
            assert y.data.dtype is dtype
            assert tuple(y.size()) == (exact.shape if reduction == "none" else (1,))
            assert np.abs(y.data.numpy() - expected).max() < tolerance * 30
            module = row.module(reduction=reduction, **options)
            assert module(*args).data.equal(y.data)
    assert all(t.equal(b) for t, b in zip(tensors, before, strict=True))


@pytest.mark.parametrize("reduction", ["none", "mean", "sum"])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_gradients(row, reduction, check_gradients):
    check_gradients(
        lambda *args: row.call(*args, reduction=reduction), *[constant(t) for t in tensors_of(row)]
    )


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_size_average_and_reduce(row):
    if row.module in (nn.HuberLoss, nn.GaussianNLLLoss):
        return  # of today: they know `reduction` alone
    args = [Variable(t) for t in tensors_of(row)]
    for options, reduction in (
        ({}, "mean"),
        ({"size_average": True}, "mean"),
        ({"size_average": False}, "sum"),
        ({"reduce": False}, "none"),
        ({"size_average": False, "reduce": True}, "sum"),
        ({"size_average": False, "reduction": "mean"}, "mean"),
    ):
        expected = row.call(*args, reduction=reduction).data
        assert row.call(*args, **options).data.equal(expected)
        module = row.module(**options, **row.options)
        assert module.reduction == reduction
        assert module(*args).data.equal(expected)
    module = row.module(**row.options)
    assert module.size_average
    module.size_average = False
    assert module(*args).data.equal(row.call(*args, reduction="sum").data)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_copies_and_pickles(row):
    module = row.module(reduction="sum", **row.options)
    args = [Variable(t) for t in tensors_of(row)]
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert other(*args).data.equal(module(*args).data)
    tensors = {"weight", "pos_weight"} & set(row.options)
    assert set(module.state_dict()) == tensors
    assert ("size_average=False" in repr(module)) and type(module).__name__ in repr(module)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_in_the_meaning_of_the_alpha(row):
    args = [Variable(t) for t in tensors_of(row)]
    expected = row.call(*args).data
    x = Variable(args[0].data, requires_grad=True)
    with torch.compat.alpha():
        got = row.call(*args).data
        assert got.dim() == expected.dim() and abs(got[0] - expected[0]) < 1e-14
        assert gradcheck(lambda x: row.call(x, *args[1:]), (x,))


def test_targets_may_be_tensors():
    for row in ROWS:
        tensors = tensors_of(row)
        first = Variable(tensors[0])
        expected = row.call(first, *[Variable(t) for t in tensors[1:]])
        assert row.call(first, *tensors[1:]).data.equal(expected.data), row


# single cases


def test_kl_div_by_sample():
    x, t = Variable(torch.randn(4, 3)), Variable(torch.rand(4, 3))
    total = NF.kl_div(x, t, reduction="sum").data / 4
    assert NF.kl_div(x, t, reduction="batchmean").data.equal(total)
    assert nn.KLDivLoss(reduction="batchmean")(x, t).data.equal(total)
    assert repr(nn.KLDivLoss(reduction="batchmean")) == "KLDivLoss(reduction='batchmean')"


def test_zero_probability_in_the_target():
    x = Variable(torch.FloatTensor([-1, -2]), requires_grad=True)
    t = Variable(torch.FloatTensor([0, 1]))
    loss = NF.kl_div(x, t, reduction="none")
    assert loss.data.tolist() == [0, 2]
    loss.sum().backward()
    assert x.grad.data.tolist() == [0, -1]


def test_certainty_in_binary_cross_entropy():
    x = Variable(torch.FloatTensor([0, 0, 1, 1]), requires_grad=True)
    t = torch.FloatTensor([0, 1, 0, 1])
    loss = NF.binary_cross_entropy(x, t, reduction="none")
    assert loss.data.tolist() == [0, 100, 100, 0]
    loss.sum().backward()
    assert np.allclose(x.grad.data.numpy(), [0, -1e12, 1e12, 0])


def test_large_scores():
    x = Variable(torch.FloatTensor([-1000, 1000, -1000, 1000]), requires_grad=True)
    t = torch.FloatTensor([0, 0, 1, 1])
    loss = NF.binary_cross_entropy_with_logits(x, t, reduction="none")
    assert loss.data.tolist() == [0, 1000, 1000, 0]
    loss.sum().backward()
    assert x.grad.data.tolist() == [0, 1, -1, 0]


def test_ignored_targets_have_no_gradient():
    x = Variable(torch.randn(3, 4), requires_grad=True)
    target = torch.LongTensor([1, -100, 3])
    loss = NF.cross_entropy(x, target)
    rows = Variable(x.data[torch.LongTensor([0, 2])])
    assert abs(loss.data[0] - NF.cross_entropy(rows, torch.LongTensor([1, 3])).data[0]) < 1e-6
    loss.backward()
    assert x.grad.data[1].eq(0).all() and x.grad.data[0].ne(0).all()
    assert math.isnan(NF.cross_entropy(x, torch.LongTensor([-100] * 3)).data[0])
    assert NF.cross_entropy(x, torch.LongTensor([-100] * 3), reduction="sum").data[0] == 0


def test_a_single_sample():
    x = Variable(torch.randn(4))
    both = x.view(1, 4)
    one = torch.LongTensor([2])
    assert NF.cross_entropy(x, one).data.equal(NF.cross_entropy(both, one).data)
    assert NF.multi_margin_loss(x, one).data.equal(NF.multi_margin_loss(both, one).data)
    labels = torch.LongTensor([1, 3, -1, -1])
    whole = NF.multilabel_margin_loss(both, labels.view(1, 4))
    assert NF.multilabel_margin_loss(x, labels).data.equal(whole.data)
    shares = torch.rand(4)
    whole = NF.cross_entropy(both, shares.view(1, 4))
    assert NF.cross_entropy(x, shares).data.equal(whole.data)
    y = Variable(torch.randn(4))
    whole = NF.cosine_embedding_loss(both, y.view(1, 4), torch.LongTensor([1]))
    assert NF.cosine_embedding_loss(x, y, torch.LongTensor([1])).data.equal(whole.data)


def test_no_elements():
    x = Variable(torch.zeros(0, 3), requires_grad=True)
    for name in ("l1_loss", "mse_loss", "smooth_l1_loss", "binary_cross_entropy"):
        assert getattr(NF, name)(x, torch.zeros(0, 3), size_average=False).data.tolist() == [0]
        assert math.isnan(getattr(NF, name)(x, torch.zeros(0, 3)).data[0])
    none = torch.LongTensor(0)
    assert NF.nll_loss(x, none, size_average=False).data.tolist() == [0]
    assert tuple(NF.cross_entropy(x, none, reduction="none").size()) == (0,)
    lists = torch.LongTensor(0, 3)
    assert NF.multilabel_margin_loss(x, lists, size_average=False).data.tolist() == [0]


def test_equal_element_counts_are_enough_for_the_alpha():
    x, t = Variable(torch.randn(4, 1)), torch.randn(4)
    expected = NF.mse_loss(x, t.view(4, 1)).data
    with torch.compat.alpha():
        assert NF.mse_loss(x, t).data.equal(expected)


def test_gaussian_variance_of_size_1():
    x, t, v = (Variable(torch.rand(3, 4)) for _ in range(3))
    v = v.narrow(1, 0, 1)
    wide = NF.gaussian_nll_loss(x, t, v.expand(3, 4)).data
    assert NF.gaussian_nll_loss(x, t, v).data.equal(wide)
    zero = NF.gaussian_nll_loss(x, x, v * 0, eps=0.01).data[0]
    assert abs(zero - math.log(0.01) / 2) < 1e-6


# distances


@pytest.mark.parametrize("p", [1, 2, 3.5, float("inf")])
def test_pairwise_distance(p, check_gradients):
    x, y = torch.randn(4, 3).double(), torch.randn(4, 3).double()
    got = NF.pairwise_distance(Variable(x), Variable(y), p)
    expected = np.linalg.norm(x.numpy() - y.numpy() + 1e-6, p, 1)
    assert tuple(got.size()) == (4,) and np.abs(got.data.numpy() - expected).max() < 1e-14
    assert nn.PairwiseDistance(p)(Variable(x), Variable(y)).data.equal(got.data)
    kept = NF.pairwise_distance(Variable(x), Variable(y), p, keepdim=True)
    with torch.compat.alpha():
        alpha = NF.pairwise_distance(Variable(x), Variable(y), p)
    assert tuple(kept.size()) == tuple(alpha.size()) == (4, 1)
    check_gradients(lambda x, y: NF.pairwise_distance(x, y, p), real(4, 3), real(4, 3))


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_cosine_similarity(dim, check_gradients):
    x, y = torch.randn(4, 3).double(), torch.randn(4, 3).double()
    got = NF.cosine_similarity(Variable(x), Variable(y), dim)
    expected = cosine(*[np.moveaxis(t.numpy(), dim, 1) for t in (x, y)])
    assert np.abs(got.data.numpy() - expected).max() < 1e-14
    assert nn.CosineSimilarity(dim)(Variable(x), Variable(y)).data.equal(got.data)
    check_gradients(lambda x, y: NF.cosine_similarity(x, y, dim), real(4, 3), real(4, 3))
    pairs = NF.cosine_similarity(Variable(x.view(4, 1, 3)), Variable(y), 2)
    assert tuple(pairs.size()) == (4, 4)
    zero = NF.cosine_similarity(Variable(x * 0), Variable(y), dim)
    assert zero.data.eq(0).all()


# modules


@pytest.mark.parametrize(
    "module, text",
    [
        (nn.MSELoss(), "MSELoss()"),
        (nn.L1Loss(False), "L1Loss(size_average=False)"),
        (nn.L1Loss(reduction="none"), "L1Loss(reduction='none')"),
        (nn.SmoothL1Loss(beta=2), "SmoothL1Loss(beta=2)"),
        (nn.CrossEntropyLoss(ignore_index=3), "CrossEntropyLoss(ignore_index=3)"),
        (nn.TripletMarginLoss(swap=True), "TripletMarginLoss(swap=True)"),
        (nn.MarginRankingLoss(), "MarginRankingLoss()"),
        (nn.MultiMarginLoss(2, 3), "MultiMarginLoss(p=2, margin=3)"),
        (nn.PairwiseDistance(1), "PairwiseDistance(p=1)"),
        (nn.PairwiseDistance(1, keepdim=True), "PairwiseDistance(p=1, keepdim=True)"),
        (nn.CosineSimilarity(), "CosineSimilarity(dim=1)"),
    ],
    ids=str,
)
def test_repr(module, text):
    assert repr(module) == text


def test_positional_arguments_of_the_alpha():
    assert nn.MarginRankingLoss(2, False).margin == 2
    assert not nn.MultiMarginLoss(1, 1, None, False).size_average
    assert not nn.KLDivLoss(None, False).size_average
    assert not nn.HingeEmbeddingLoss(False).size_average
    assert nn.PairwiseDistance(3, 0.1).eps == 0.1


def v(*size):
    return Variable(torch.zeros(*size), requires_grad=True)


TWO_SIZES = [
    "l1_loss", "mse_loss", "smooth_l1_loss", "huber_loss", "kl_div", "binary_cross_entropy",
    "binary_cross_entropy_with_logits", "soft_margin_loss", "poisson_nll_loss",
    "multilabel_soft_margin_loss", "hinge_embedding_loss",
]  # fmt: skip


@pytest.mark.parametrize("name", TWO_SIZES)
def test_nothing_is_broadcast(name):
    for x, t in (((4, 1), (4,)), ((4,), (4, 1)), ((4,), (1,)), ((2, 3), (3, 2))):
        text = rf"^{name}: target: expected the size of input, \({x[0]},.*\), got \({t[0]},.*\)$"
        with pytest.raises(ValueError, match=text):
            getattr(NF, name)(v(*x), torch.zeros(*t))


longs = torch.LongTensor

ERRORS = [
    (
        lambda: NF.mse_loss(v(4, 1), torch.zeros(4)),
        ValueError,
        r"^mse_loss: target: expected the size of input, \(4, 1\), got \(4,\)$",
    ),
    (lambda: NF.margin_ranking_loss(v(3), v(2), v(3)), ValueError, r"input2: .* input1, \(3,\), g"),
    (lambda: NF.margin_ranking_loss(v(3), v(3), v(2)), ValueError, r"target: .* input1, \(3,\), g"),
    (lambda: NF.gaussian_nll_loss(v(3, 2), v(3), v(3)), ValueError, r"target: expected the size"),
    (
        lambda: NF.gaussian_nll_loss(v(3, 2), v(3, 2), v(2)),
        ValueError,
        r"gaussian_nll_loss: var: expected the size of input, \(3, 2\), .* got \(2,\)",
    ),
    (
        lambda: NF.gaussian_nll_loss(v(2), v(2), v(2) - 1),
        ValueError,
        "no negative variance, got -1",
    ),
    (lambda: NF.gaussian_nll_loss(v(2), v(2), v(2), eps=0), ValueError, "eps: .* above 0, got 0"),
    (lambda: NF.mse_loss(v(2), v(2), reduction="avg"), ValueError, "mse_loss: reduction: .*'avg'"),
    (lambda: NF.mse_loss(v(2), v(2), 3), TypeError, "mse_loss: size_average: .* bool, got 3"),
    (lambda: NF.mse_loss(v(2), v(2), reduce=1), TypeError, "mse_loss: reduce: .* a bool, got 1"),
    (lambda: nn.HingeEmbeddingLoss(2.0), TypeError, "HingeEmbeddingLoss: size_average: .* got 2.0"),
    (lambda: nn.MSELoss(reduction="avg"), ValueError, "MSELoss: reduction: .* got 'avg'"),
    (lambda: NF.smooth_l1_loss(v(2), v(2), beta=-1), ValueError, "smooth_l1_loss: beta: .*got -1"),
    (lambda: nn.SmoothL1Loss(beta=-1), ValueError, "SmoothL1Loss: beta: .* got -1"),
    (
        lambda: NF.huber_loss(v(2), v(2), delta=0),
        ValueError,
        "huber_loss: delta: .* above 0, got 0",
    ),
    (lambda: nn.HuberLoss(delta=0), ValueError, "HuberLoss: delta: .* above 0, got 0"),
    (
        lambda: NF.binary_cross_entropy(v(2) + 1.5, v(2)),
        ValueError,
        "binary_cross_entropy: input: .* from 0 to 1, got values from 1.5 to 1.5; .*with_logits",
    ),
    (
        lambda: NF.binary_cross_entropy(v(2, 3), v(2, 3), v(2)),
        ValueError,
        r"binary_cross_entropy: weight: expected a size that expands to \(2, 3\), got \(2,\)",
    ),
    (
        lambda: NF.binary_cross_entropy_with_logits(v(2, 3), v(2, 3), pos_weight=v(2)),
        ValueError,
        r"binary_cross_entropy_with_logits: pos_weight: .* expands to \(2, 3\), got \(2,\)",
    ),
    (
        lambda: NF.nll_loss(v(2, 3, 4), longs(2, 3)),
        ValueError,
        r"nll_loss: target: expected size \(2, 4\) for input of size \(2, 3, 4\), got \(2, 3\)",
    ),
    (
        lambda: NF.nll_loss(v(2, 3, 2), longs([[0, 1], [2, 3]])),
        IndexError,
        r"nll_loss: target 3 at position \(1, 1\) is out of range for 3 classes",
    ),
    (
        lambda: NF.nll_loss(v(2, 3), longs([0, 3]), reduction="none"),
        IndexError,
        "nll_loss: target 3 at position 1 is out of range for 3 classes",
    ),
    (
        lambda: NF.nll_loss(v(2, 3), longs([0, 1]), torch.ones(2), reduction="none"),
        ValueError,
        r"nll_loss: weight: expected size \(3,\), one per class .* \(2, 3\), got \(2,\)",
    ),
    (lambda: NF.nll_loss(v(2, 3), [0, 1]), TypeError, "nll_loss: expected target .* got list"),
    (lambda: NF.nll_loss(v(), longs([0])), ValueError, r"nll_loss: input: .* classes, ...\), got"),
    (lambda: NF.cross_entropy(v(2, 3), 1), TypeError, "cross_entropy: expected target .* got int"),
    (
        lambda: NF.cross_entropy(v(2, 3), torch.zeros(2)),
        ValueError,
        r"cross_entropy: target: expected the size of input, \(2, 3\), got \(2,\)",
    ),
    (
        lambda: NF.cross_entropy(v(6, 4), longs(3, 2)),
        ValueError,
        r"cross_entropy: target: expected size \(6,\) for input of size \(6, 4\), got \(3, 2\)",
    ),
    (
        lambda: NF.cross_entropy(v(3, 2, 4), longs(3, 2)),
        ValueError,
        r"cross_entropy: target: expected size \(3, 4\) for input .*, got \(3, 2\)",
    ),
    (
        lambda: NF.cross_entropy(v(2, 3), torch.IntTensor([0, 1])),
        TypeError,
        "cross_entropy: expected target to be a LongTensor, got IntTensor",
    ),
    (
        lambda: NF.cross_entropy(v(2, 3), longs([0, 1]), label_smoothing=2),
        ValueError,
        "cross_entropy: label_smoothing: expected a number from 0 to 1, got 2",
    ),
    (lambda: nn.NLLLoss2d()(v(2, 3), longs([0, 1])), ValueError, r"NLLLoss2d: input: .* \(2, 3\)"),
    (lambda: NF.multi_margin_loss(v(2, 3), longs([0, 1]), 3), ValueError, "p: .* 1 or 2, got 3"),
    (lambda: nn.MultiMarginLoss(3), ValueError, "MultiMarginLoss: p: expected 1 or 2, got 3"),
    (
        lambda: NF.multi_margin_loss(v(2, 3, 4), longs([0, 1])),
        ValueError,
        r"multi_margin_loss: input: expected \(n, classes\), got \(2, 3, 4\)",
    ),
    (
        lambda: NF.multi_margin_loss(v(2, 3), longs([0, 3])),
        IndexError,
        "multi_margin_loss: target 3 at position 1 is out of range for 3 classes",
    ),
    (
        lambda: NF.multilabel_margin_loss(v(2, 3, 4), longs(2, 3, 4)),
        ValueError,
        r"multilabel_margin_loss: input: .* got \(2, 3, 4\)",
    ),
    (
        lambda: NF.multilabel_margin_loss(v(1, 3), longs([[0, 3, -1]])),
        IndexError,
        r"multilabel_margin_loss: target 3 at position \(0, 1\) is out of range for 3 classes",
    ),
    (
        lambda: NF.multilabel_soft_margin_loss(v(2, 3), v(2, 3), torch.ones(2)),
        ValueError,
        r"multilabel_soft_margin_loss: weight: expected size \(3,\)",
    ),
    (
        lambda: NF.cosine_embedding_loss(v(2, 3), v(2, 3), torch.ones(3)),
        ValueError,
        r"cosine_embedding_loss: target: expected size \(2,\) .* \(2, 3\), got \(3,\)",
    ),
    (
        lambda: NF.cosine_embedding_loss(v(1, 2, 3), v(2), v(1)),
        ValueError,
        r"input1: .*\(1, 2, 3\)",
    ),
    (
        lambda: NF.triplet_margin_loss(v(2, 3), v(2, 1), v(2, 3)),
        ValueError,
        r"triplet_margin_loss: positive: expected the size of anchor, \(2, 3\), got \(2, 1\)",
    ),
    (
        lambda: NF.triplet_margin_loss(v(2, 3), v(2, 3), v(3)),
        ValueError,
        r"triplet_margin_loss: negative: expected the size of anchor, \(2, 3\), got \(3,\)",
    ),
    (
        lambda: NF.pairwise_distance(v(2, 3), v(3)),
        ValueError,
        r"pairwise_distance: x2: expected the size of x1, \(2, 3\), got \(3,\)",
    ),
    (
        lambda: NF.cosine_similarity(v(3), v(3)),
        IndexError,
        r"cosine_similarity: dim: expected -1 to 0 .* size \(3,\) and \(3,\), got 1",
    ),
    (
        lambda: nn.CosineSimilarity(1.0),
        TypeError,
        "CosineSimilarity: dim: expected an int, got flo",
    ),
    (
        lambda: nn.PairwiseDistance("a"),
        TypeError,
        "PairwiseDistance: p: expected a number, got str",
    ),
    (lambda: nn.MarginRankingLoss("a"), TypeError, "MarginRankingLoss: margin: expected a number"),
    (lambda: nn.BCELoss([1]), TypeError, "BCELoss: weight: expected a Tensor or None, got list"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_every_loss_has_a_row():
    ours = {
        value
        for value in vars(nn).values()
        if isinstance(value, type) and value.__module__ == "torch.nn.modules.loss"
    }
    assert ours - {row.module for row in ROWS} == set()
