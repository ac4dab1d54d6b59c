"""nll_loss and its gradient against sums written out."""

import numpy
import pytest
import torch
from torch._C import nll_loss, nll_loss_input_grad


def reference(x, target, weight, size_average):
    weight = numpy.ones(x.shape[1]) if weight is None else weight
    total = sum(weight[t] for t in target)
    loss = sum(-weight[t] * x[i, t] for i, t in enumerate(target))
    return loss / total if size_average else loss, total


@pytest.fixture(params=[False, True], ids=["no weight", "weight"])
def weight(request, values):
    return numpy.abs(values(5, seed=1)) if request.param else None


@pytest.mark.parametrize("size_average", [True, False], ids=["average", "sum"])
@pytest.mark.parametrize("n", [1, 7, 64])
def test_nll_loss(n, size_average, weight, close, values, tensor, unchanged):
    x, target = values(n, 5), numpy.random.default_rng(2).integers(0, 5, n)
    w = None if weight is None else tensor(weight)
    t = torch.from_numpy(target)
    loss, total = unchanged(nll_loss, tensor(x), t, w, size_average)
    expected, expected_total = reference(x, target, weight, size_average)
    close(loss, numpy.array([expected]))
    close(total, numpy.array([expected_total]))

    grad_output = values(1, seed=3)
    grad = unchanged(nll_loss_input_grad, tensor(grad_output), t, w, size_average, total, (n, 5))
    expected = numpy.zeros((n, 5))
    for i, c in enumerate(target):
        expected[i, c] = -grad_output[0] * (1 if weight is None else weight[c])
    close(grad, expected / expected_total if size_average else expected)


def test_layouts(close, values, layouts, tensor):
    x, target, weight = values(6, 5), numpy.array([0, 4, 2, 2, 1, 3]), numpy.abs(values(5, seed=1))
    expected, total = reference(x, target, weight, True)
    for tx, tt, tw in zip(layouts(x), layouts(target), layouts(weight)):
        loss, total_weight = nll_loss(tx, tt, tw, True)
        close(loss, numpy.array([expected]))
        close(total_weight, numpy.array([total]))
        grad = nll_loss_input_grad(tensor(numpy.ones(1)), tt, tw, True, total_weight, (6, 5))
        close(grad, -numpy.eye(5)[target] * weight / total)


def test_expanded(close, values, tensor):
    x, target = values(1, 5), torch.LongTensor([2]).expand(4)
    loss, total = nll_loss(tensor(x).expand(4, 5), target, None, False)
    close(loss, numpy.array([-4 * x[0, 2]]))
    grad_output = tensor(numpy.full(1, 2.0))
    grad = nll_loss_input_grad(grad_output, target, None, False, total, (4, 5))
    close(grad, -2 * numpy.eye(5)[[2, 2, 2, 2]])


def test_empty_batch(tensor):
    x, target = tensor(numpy.zeros((0, 5))), torch.LongTensor(0)
    loss, total = nll_loss(x, target, None, True)
    assert numpy.isnan(loss.numpy()).all() and total.numpy().tolist() == [0]
    loss, total = nll_loss(x, target, None, False)
    assert loss.numpy().tolist() == [0]
    grad = nll_loss_input_grad(loss, target, None, False, total, (0, 5))
    assert tuple(grad.size()) == (0, 5)


@pytest.mark.parametrize("bad", [5, -1, 2**62])
def test_target_out_of_range(bad, tensor):
    x, target = tensor(numpy.zeros((3, 5))), torch.LongTensor([0, 4, bad])
    one = tensor(numpy.ones(1))
    text = rf": target {bad} at position 2 is out of range for 5 classes"
    for weight in (None, tensor(numpy.ones(5))):
        with pytest.raises(IndexError, match="nll_loss" + text):
            nll_loss(x, target, weight, True)
        with pytest.raises(IndexError, match="nll_loss_input_grad" + text):
            nll_loss_input_grad(one, target, weight, True, one, (3, 5))


def test_errors():
    x, target = torch.zeros(3, 5).float(), torch.zeros(3).long()
    one = torch.ones(1).float()
    with pytest.raises(
        TypeError, match="nll_loss: expected input to be a FloatTensor or D.*got Long"
    ):
        nll_loss(x.long(), target, None, True)
    with pytest.raises(
        ValueError, match=r"nll_loss: expected input of size \(batch, classes\), got "
    ):
        nll_loss(x.view(15), target, None, True)
    with pytest.raises(
        TypeError, match="nll_loss: expected target to be a LongTensor, got IntTensor"
    ):
        nll_loss(x, target.int(), None, True)
    with pytest.raises(ValueError, match=r"nll_loss: expected target of size \(3,\), got .*\(2,\)"):
        nll_loss(x, target.narrow(0, 0, 2), None, True)
    with pytest.raises(
        TypeError, match="nll_loss: expected weight to be a FloatTensor, got Double"
    ):
        nll_loss(x, target, torch.ones(5).double(), True)
    with pytest.raises(ValueError, match=r"nll_loss: expected weight of size \(5,\), got .*\(4,\)"):
        nll_loss(x, target, torch.ones(4).float(), True)
    name = "nll_loss_input_grad: "
    with pytest.raises(
        TypeError, match=name + "expected grad_output to be a FloatTensor or Double"
    ):
        nll_loss_input_grad(one.long(), target, None, True, one, (3, 5))
    with pytest.raises(
        ValueError, match=name + r"expected grad_output of size \(1,\), got .*\(2,\)"
    ):
        nll_loss_input_grad(torch.ones(2), target, None, True, one, (3, 5))
    with pytest.raises(
        TypeError, match=name + "expected total_weight to be a FloatTensor, got Dou"
    ):
        nll_loss_input_grad(one, target, None, True, one.double(), (3, 5))
    with pytest.raises(ValueError, match=name + r"expected total_weight of size \(1,\), got "):
        nll_loss_input_grad(one, target, None, True, torch.ones(2).float(), (3, 5))
    with pytest.raises(ValueError, match=name + r"expected input of size \(batch, .*got \(3,\)"):
        nll_loss_input_grad(one, target, None, True, one, (3,))
    with pytest.raises(ValueError, match=name + r"expected sizes of 0 or more, got \(3, -5\)"):
        nll_loss_input_grad(one, target, None, True, one, (3, -5))
    with pytest.raises(ValueError, match=name + r"expected target of size \(4,\), got .*\(3,\)"):
        nll_loss_input_grad(one, target, None, True, one, (4, 5))
