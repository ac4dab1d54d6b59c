"""Arguments and errors of gather, scatter, put_ and their kind."""

import pytest
import torch
from torch.autograd import Variable, grad


def leaf(*size):
    data = torch.arange(torch.Size(size).numel()).double().view(size)
    return Variable(data + 1, requires_grad=True)


PLACES = torch.LongTensor([[0, 0], [2, 1]])

VALUES = [
    (lambda x: x.scatter(1, PLACES, value=7), [[7, 2, 3], [4, 7, 7]]),
    (lambda x: x.scatter(dim=1, index=PLACES, src=leaf(2, 3)), [[2, 2, 3], [4, 5, 4]]),
    (lambda x: (x * 1).scatter_(1, PLACES, value=7, reduce="add"), [[15, 2, 3], [4, 12, 13]]),
    (lambda x: (x * 1).scatter_add_(1, PLACES, leaf(2, 2)), [[4, 2, 3], [4, 9, 9]]),
    (lambda x: (x * 1).put_(torch.LongTensor([0, -1]), value=7), [[7, 2, 3], [4, 5, 7]]),
    (lambda x: (x * 1).index_fill_(0, torch.LongTensor([1]), leaf(1)), [[1, 2, 3], [1, 1, 1]]),
    (lambda x: x.index_put((torch.LongTensor([0]),), 7, True), [[8, 9, 10], [4, 5, 6]]),
    (lambda x: x.index_add(0, PLACES[0], leaf(2, 3), alpha=10), [[51, 72, 93], [4, 5, 6]]),
    (lambda x: x.masked_fill(x > 4, leaf(1)), [[1, 2, 3], [4, 1, 1]]),
]


@pytest.mark.parametrize("call, expected", VALUES, ids=range(len(VALUES)))
def test_values(call, expected):
    assert call(leaf(2, 3)).data.tolist() == expected


def test_a_source_larger_than_the_index_gets_zeros():
    x, source = leaf(2, 3), leaf(2, 2)
    y = x.scatter(1, torch.LongTensor([[2]]), source)
    (gx, gsource) = grad(y.sum(), [x, source])
    assert gx.data.tolist() == [[1, 1, 0], [1, 1, 1]]
    assert gsource.data.tolist() == [[1, 0], [0, 0]]


def test_gradients_have_the_type_of_what_was_written():
    source = Variable(torch.ones(2, 3), requires_grad=True)
    rows, mask = torch.LongTensor([1, 0]), leaf(2, 3).data > 2
    for call in (
        lambda x: x.index_add(0, rows, source),
        lambda x: x.index_copy(0, rows, source),
        lambda x: x.index_put([rows], source),
        lambda x: x.index_put([rows], source, accumulate=True),
        lambda x: x.scatter(0, rows.view(2, 1).expand(2, 3), source),
        lambda x: x.scatter_add(0, rows.view(2, 1).expand(2, 3), source),
        lambda x: x.masked_scatter(mask, source),
        lambda x: (x * 1).put_(torch.arange(6), source),
        lambda x: (x * 1).copy_(source),
        lambda x: x.masked_fill(mask, source[0, 0]),
        lambda x: x.index_fill(0, rows, source[0, 0]),
    ):
        y = call(leaf(2, 3))
        assert y.dtype is torch.float64
        (g,) = grad(y.sum(), [source])
        assert g.dtype is torch.float32


def test_places_named_twice_have_no_gradient_of_a_product():
    x, factors = leaf(2, 3), leaf(2, 2)
    y = x.scatter(1, PLACES, factors, reduce="multiply")
    with pytest.raises(RuntimeError, match="scatter: reduce='multiply' has no gradient for its"):
        y.sum().backward()
    # but for x there is one
    (gx,) = grad(x.scatter(1, PLACES, factors.data, reduce="multiply").sum(), x)
    assert gx.data.tolist() == [[2, 1, 1], [1, 4, 3]]


ERRORS = [
    (lambda x: x.scatter(1, PLACES), TypeError, r"scatter: expected src \(a Variable, a Tensor"),
    (lambda x: x.scatter(1, PLACES, 2, value=2), TypeError, "scatter: expected src"),
    (lambda x: x.scatter(1, PLACES, "a"), TypeError, "scatter: src: expected a Variable, a Tensor"),
    (lambda x: x.scatter_(1, PLACES, "a"), TypeError, "scatter_: src: expected a Variable"),
    (lambda x: x.put_(PLACES), TypeError, "put_: expected source"),
    (lambda x: x.put_(PLACES, "a"), TypeError, "put_: source: expected .*, got str"),
    (lambda x: x.scatter(1, PLACES + 2, 1.0), IndexError, "scatter"),
    (lambda x: x.scatter(1, PLACES, 1.0, reduce="mean"), ValueError, "reduce"),
    (lambda x: x.gather(1, PLACES + 2), IndexError, "gather"),
    (lambda x: x.gather(1, PLACES.view(-1)), ValueError, "gather"),
    (lambda x: x.index_select(0, PLACES), ValueError, "index_select"),
    (lambda x: x.index_add(0, PLACES[0], leaf(3)), ValueError, "index_add"),
    (lambda x: x.masked_fill(x > 1, leaf(2)), ValueError, r"masked_fill: expected a value of one"),
    (lambda x: x.index_fill(0, PLACES[0], leaf(2)), ValueError, "index_fill: expected a value of"),
    (lambda x: x.masked_scatter(x > 0, leaf(2)), ValueError, "masked_scatter"),
    (lambda x: x.masked_select(x), TypeError, "masked_select"),
    (lambda x: x.take(PLACES + 6), IndexError, "take"),
    (lambda x: x.take_along_dim(PLACES[0], 1), ValueError, "take_along_dim: index: expected 2 dim"),
    (lambda x: x.take_along_dim(torch.zeros(3, 1).long(), 1), ValueError, "broadcast"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(leaf(2, 3) * 1)
