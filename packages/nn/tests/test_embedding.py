"""Tables of vectors: rows, bags, gradients, norms, errors."""

import copy
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import SparseRows, Variable
from torch.nn import functions as F

L = torch.LongTensor
INDEX = L([[1, 3, 1], [0, 1, 3]])


def real(*size):
    return lambda: torch.randn(*size, dtype=torch.float64)


# rows


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("index", [INDEX, INDEX.t(), L([2]), L(0), L(2, 0), INDEX.view(1, 2, 3)])
def test_embedding_values(index, dtype):
    w = torch.randn(4, 2).type(dtype)
    y = NF.embedding(index, Variable(w))
    assert y.data.dtype is dtype
    assert np.array_equal(y.data.numpy(), w.numpy()[index.numpy()])
    assert NF.embedding(Variable(index), Variable(w)).data.equal(y.data)


@pytest.mark.parametrize("padding", [None, 1, -1])
@pytest.mark.parametrize("by_frequency", [False, True])
def test_embedding_gradient(padding, by_frequency, check_gradients):
    w = Variable(torch.randn(4, 2).double(), requires_grad=True)
    y = NF.embedding(INDEX, w, padding, scale_grad_by_freq=by_frequency)
    y.backward(torch.ones(2, 3, 2).double())
    counts = np.bincount(INDEX.numpy().reshape(-1), minlength=4).astype("f8")
    expected = counts.clip(max=1) if by_frequency else counts
    if padding is not None:
        expected[padding] = 0
    assert np.allclose(w.grad.data.numpy(), expected[:, None].repeat(2, 1))
    if padding is None and not by_frequency:  # with either it is not the gradient of the rows
        check_gradients(lambda w: NF.embedding(INDEX, w), real(4, 2))
    flat = INDEX.view(-1)
    check_gradients(
        lambda gy: F.EmbeddingInputGrad((4, 2), padding, by_frequency)(gy, flat), real(6, 2)
    )


def test_max_norm_shortens_the_rows_that_are_used():
    for norm_type in (1, 2, 3.0):
        w = torch.randn(5, 3) * 4
        before = w.clone()
        y = NF.embedding(L([0, 2, 0]), Variable(w), None, 1.5, norm_type)
        norms = np.linalg.norm(w.numpy(), norm_type, 1)
        assert (norms[[0, 2]] <= 1.5).all() and np.allclose(norms[[0, 2]], 1.5, atol=1e-5)
        assert w[L([1, 3, 4])].equal(before[L([1, 3, 4])])
        assert y.data[0].equal(w[0])
    short = torch.ones(2, 2) * 0.1
    NF.embedding(L([0, 1]), Variable(short), max_norm=1.0)
    assert short.equal(torch.ones(2, 2) * 0.1)
    NF.embedding(L(0), Variable(short), max_norm=0.01)
    assert short.equal(torch.ones(2, 2) * 0.1)


def test_embedding_module():
    torch.manual_seed(0)
    module = nn.Embedding(6, 3, padding_idx=-1)
    assert module.padding_idx == 5
    assert module.weight.data[5].eq(0).all() and module.weight.data[:5].ne(0).all()
    assert repr(module) == "Embedding(6, 3, padding_idx=5)"
    assert repr(nn.Embedding(6, 3, max_norm=2, norm_type=1)) == (
        "Embedding(6, 3, max_norm=2, norm_type=1)"
    )
    y = module(Variable(L([[5, 0]])))
    assert tuple(y.size()) == (1, 2, 3) and y.data[0, 0].eq(0).all()
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert other(L([1, 5])).data.equal(module(L([1, 5])).data)
    other = nn.Embedding(6, 3)
    other.load_state_dict(module.state_dict())
    assert other(L([1])).data.equal(module(L([1])).data)
    table = torch.randn(3, 2)
    fixed = nn.Embedding.from_pretrained(table)
    assert not fixed.weight.requires_grad and fixed(L([2])).data[0].equal(table[2])
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad


@pytest.mark.parametrize("padding", [None, 1])
@pytest.mark.parametrize("by_frequency", [False, True])
def test_sparse_gradients(padding, by_frequency):
    gradients = []
    for sparse in (False, True):
        torch.manual_seed(1)
        module = nn.Embedding(4, 2, padding, scale_grad_by_freq=by_frequency, sparse=sparse)
        for index in (INDEX, L([0, 0])):  # the second is added
            y = module(index)
            (y * y).sum().backward()
        gradients.append(module.weight.grad.data)
    dense, sparse = gradients
    assert isinstance(dense, torch.Tensor) and isinstance(sparse, SparseRows)
    assert np.allclose(sparse.to_dense().numpy(), dense.numpy())
    bag = nn.EmbeddingBag(4, 2, mode="sum", sparse=True)
    bag(INDEX).sum().backward()
    assert bag.weight.grad.data.to_dense().tolist() == [[1, 1], [3, 3], [0, 0], [2, 2]]
    assert "sparse=True" in repr(bag)


def test_with_create_graph_the_gradient_is_a_tensor():
    w = Variable(torch.randn(4, 2), requires_grad=True)
    y = NF.embedding(INDEX, w, sparse=True)
    (y * y).sum().backward(create_graph=True)
    assert isinstance(w.grad.data, torch.Tensor)
    total = w.grad.sum()
    w.grad = None
    total.backward()
    assert w.grad.data.to_dense().tolist() == [[2, 2], [6, 6], [0, 0], [4, 4]]


# bags

BAGS = [([1, 3, 1], [0, 0, 3, 3]), ([2], [0, 1]), ([0, 1, 2, 3, 3], [0, 2, 3]), ([], [0, 0])]


def reference(w, bags, mode):
    pick = {"sum": np.sum, "mean": np.mean, "max": np.max}[mode]
    return np.array([pick(w[bag], 0) if len(bag) else np.zeros(w.shape[1]) for bag in bags])


def cut(index, offsets):
    return [index[a:b] for a, b in zip(offsets, [*offsets[1:], len(index)])]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("index, offsets", BAGS)
def test_bags_by_offset(index, offsets, mode, check_gradients):
    w = torch.randn(4, 2).double()
    numbers, starts = L(index), L(offsets)
    y = NF.embedding_bag(numbers, Variable(w), starts, mode=mode)
    expected = reference(w.numpy(), [np.array(b, int) for b in cut(index, offsets)], mode)
    assert tuple(y.size()) == expected.shape and np.allclose(y.data.numpy(), expected)
    module = nn.EmbeddingBag(4, 2, mode=mode, _weight=w)
    assert module(numbers, starts).data.equal(y.data)
    ending = nn.EmbeddingBag(4, 2, mode=mode, _weight=w, include_last_offset=True)
    assert ending(numbers, L([*offsets, len(index)])).data.equal(y.data)
    if index:
        check_gradients(lambda w: NF.embedding_bag(numbers, w, starts, mode=mode), real(4, 2))


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_as_rows(mode):
    w = torch.randn(4, 2).double()
    y = NF.embedding_bag(INDEX, Variable(w), mode=mode)
    assert np.allclose(y.data.numpy(), reference(w.numpy(), INDEX.numpy(), mode))
    y = NF.embedding_bag(INDEX, Variable(w), mode=mode, padding_idx=1)
    assert np.allclose(
        y.data.numpy(), reference(w.numpy(), [np.array([3]), np.array([0, 3])], mode)
    )


def test_weights_of_samples(check_gradients):
    w = torch.randn(4, 2).double()
    shares = torch.rand(2, 3).double()
    y = NF.embedding_bag(INDEX, Variable(w), mode="sum", per_sample_weights=Variable(shares))
    expected = (w.numpy()[INDEX.numpy()] * shares.numpy()[..., None]).sum(1)
    assert np.allclose(y.data.numpy(), expected)
    check_gradients(
        lambda w, s: NF.embedding_bag(INDEX, w, mode="sum", per_sample_weights=s),
        real(4, 2),
        real(2, 3),
    )


def test_embedding_bag_module():
    module = nn.EmbeddingBag(5, 3, mode="sum", padding_idx=0)
    assert repr(module) == "EmbeddingBag(5, 3, mode='sum', padding_idx=0)"
    assert module(L([[0, 0]])).data.tolist() == [[0, 0, 0]]
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert other(INDEX).data.equal(module(INDEX).data)


def test_in_the_meaning_of_the_alpha(check_gradients):
    with torch.compat.alpha():
        for mode in ("sum", "mean", "max"):
            check_gradients(lambda w, m=mode: NF.embedding_bag(INDEX, w, mode=m), real(4, 2))
        check_gradients(lambda w: NF.embedding(INDEX, w), real(4, 2))
        w = torch.ones(4, 2) * 5
        NF.embedding(INDEX, Variable(w), 0, 1.0, 2, True)
        assert abs(w[1].norm() - 1) < 1e-5


def w(*size):
    return Variable(torch.zeros(*size))


ERRORS = [
    (lambda: NF.embedding(L([0, 4]), w(4, 2)), IndexError, "embedding: input: .* 0 to 3, got 4"),
    (lambda: NF.embedding(L([-1]), w(4, 2)), IndexError, "embedding: input: .* 0 to 3, got -1"),
    (lambda: NF.embedding(torch.zeros(1), w(4, 2)), TypeError, "input: .* LongTensor, got FloatT"),
    (lambda: NF.embedding([1], w(4, 2)), TypeError, "input: expected a LongTensor, got list"),
    (lambda: NF.embedding(L([0]), w(4)), ValueError, r"embedding: weight: .* got \(4,\)"),
    (lambda: NF.embedding(L([0]), w(4, 2), 4), ValueError, "padding_idx: .* -4 to 3 .* got 4"),
    (lambda: NF.embedding(L([0]), w(4, 2), 1.0), TypeError, "padding_idx: .* None, got float"),
    (lambda: NF.embedding(L([0]), w(4, 2), None, 0), ValueError, "max_norm: .* above 0, got 0"),
    (lambda: nn.Embedding(0, 2), ValueError, "Embedding: num_embeddings: .* least 1, got 0"),
    (lambda: nn.Embedding(4, 2, 4), ValueError, "Embedding: padding_idx: .* got 4"),
    (lambda: nn.Embedding(4, 2, max_norm=-1), ValueError, "Embedding: max_norm: .* got -1"),
    (
        lambda: nn.Embedding(4, 2, _weight=torch.zeros(3, 2)),
        ValueError,
        r"Embedding: _weight: expected size \(4, 2\), got \(3, 2\)",
    ),
    (
        lambda: nn.Embedding.from_pretrained(torch.zeros(3)),
        ValueError,
        r"Embedding.from_pretrained: embeddings: expected two dimensions, got size \(3,\)",
    ),
    (lambda: nn.EmbeddingBag(4, 2, mode="min"), ValueError, "EmbeddingBag: mode: .* got 'min'"),
    (lambda: NF.embedding_bag(INDEX, w(4, 2), mode="min"), ValueError, "mode: .* got 'min'"),
    (lambda: NF.embedding_bag(INDEX, w(3, 2)), IndexError, "embedding_bag: input: .* to 2, got 3"),
    (lambda: NF.embedding_bag(INDEX, w(4, 2), L([0])), ValueError, "offsets: expected None"),
    (lambda: NF.embedding_bag(L([0]), w(4, 2)), TypeError, "offsets: .* LongTensor, got NoneType"),
    (lambda: NF.embedding_bag(L(1, 1, 1), w(4, 2)), ValueError, r"input: .* got \(1, 1, 1\)"),
    (lambda: NF.embedding_bag(L([0]), w(4, 2), L([1])), ValueError, r"begin with 0 .* got \[1\]"),
    (
        lambda: NF.embedding_bag(L([0, 1]), w(4, 2), L([0, 2, 1])),
        ValueError,
        r"offsets: expected growing numbers, got \[0, 2, 1\]",
    ),
    (
        lambda: NF.embedding_bag(INDEX, w(4, 2), per_sample_weights=w(2, 3)),
        ValueError,
        "per_sample_weights: expected mode='sum', got 'mean'",
    ),
    (
        lambda: NF.embedding_bag(INDEX, w(4, 2), mode="sum", per_sample_weights=w(2)),
        ValueError,
        r"per_sample_weights: expected the size of input, \(2, 3\), got \(2,\)",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
