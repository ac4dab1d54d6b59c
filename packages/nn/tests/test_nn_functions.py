"""The Functions of layers: finite differences once and twice, values against NumPy."""

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch.autograd import Variable, gradcheck, gradgradcheck
from torch.autograd.functions.base import Builtin
from torch.nn import functions as F
from torch.nn.functions.pool import _MaxPool
from torch.nn.utils.computed import _Computed

#: families with tests of their own
ELSEWHERE = {
    "activation", "conv", "dropout", "embedding", "norm", "padding", "pool", "rearrange",
    "upsampling",
}  # fmt: skip


def real(*size):
    return lambda: torch.randn(*size, dtype=torch.float64)


def apart(*size):
    """Distinct values at least 0.1 apart, none within 0.1 of 0."""

    def make():
        n = torch.zeros(*size).numel()
        return ((torch.randperm(n).double() - n // 2) * 0.5 + 0.2).view(*size)

    return make


def unit(*size):
    """Probabilities."""
    return lambda: torch.rand(*size, dtype=torch.float64) * 0.8 + 0.1


def longs(*values):
    return lambda: Variable(torch.LongTensor(list(values)))


def plain(*values):
    return lambda: Variable(torch.DoubleTensor(list(values)))


def below_zero(*size):
    """Log probabilities."""
    return lambda: -torch.rand(*size, dtype=torch.float64) - 0.1


ROWS = [
    (lambda: F.Linear(), [real(4, 3), real(2, 3), real(2)]),
    (lambda: F.Linear(), [real(4, 3), real(2, 3)]),
    (lambda: F.Linear(), [real(4, 3), real(1, 3), real(1)]),
    (lambda: F.LogSoftmax(1), [real(3, 4)]),
    (lambda: F.Softmax(1), [real(3, 4)]),
    (lambda: F.LogSoftmax(0), [real(3)]),
    (lambda: F.LogSoftmax(1), [real(2, 3, 2, 2)]),
    (lambda: F.LogSoftmaxInputGrad(1), [real(3, 4), below_zero(3, 4)]),
    (lambda: F.SoftmaxInputGrad(1), [real(3, 4), real(3, 4)]),
    (lambda: F.SoftmaxInputGrad(0), [real(2, 3, 2), real(2, 3, 2)]),
    (lambda: F.Softmax(1), [real(3, 4)]),
    (lambda: F.Softmax(0), [real(2, 3, 2, 2)]),
    (lambda: F.BinaryCrossEntropy(), [unit(3, 4), unit(3, 4)]),
    (lambda: F.NLLLoss(), [real(4, 3), longs(0, 2, 1, 2)]),
    (lambda: F.NLLLoss(False), [real(4, 3), longs(0, 2, 1, 2)]),
    (lambda: F.NLLLoss(), [real(4, 3), longs(0, 2, 1, 2), plain(0.5, 1.0, 2.0)]),
    (lambda: F.NLLLoss(False), [real(4, 3), longs(0, 2, 1, 2), plain(0.5, 1.0, 2.0)]),
    (lambda: F.Threshold(0, 0), [apart(3, 4)]),
    (lambda: F.Threshold(0.5, 7), [apart(3, 4)]),
    (lambda: F.ThresholdInputGrad(0), [real(3, 4), lambda: Variable(apart(3, 4)())]),
]


def loss_gradient(weight, average):
    """NLLLossInputGrad, with the total weight that belongs to its targets."""

    def run(gy):
        target = torch.LongTensor([0, 2, 1, 2])
        _, total = torch._C.nll_loss(torch.zeros(4, 3).double(), target, weight, average)
        return F.NLLLossInputGrad(torch.Size((4, 3)), average)(gy, target, weight, total)

    return run


def name_of(row):
    return f"{type(row[0]()).__name__}-{len(row[1])}"


def inputs_of(row):
    torch.manual_seed(3)
    made = [make() for make in row[1]]
    return tuple([v if isinstance(v, Variable) else Variable(v, requires_grad=True) for v in made])


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_gradient(row):
    assert gradcheck(lambda *args: row[0]()(*args), inputs_of(row))


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_double_gradient(row):
    assert gradgradcheck(lambda *args: row[0]()(*args), inputs_of(row))


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_gradient_is_computed_only_where_it_is_needed(row):
    for only, required in enumerate([v.requires_grad for v in inputs_of(row)]):
        inputs = [Variable(v.data) for v in inputs_of(row)]
        if required:
            inputs[only] = Variable(inputs[only].data, requires_grad=True)
            assert gradcheck(lambda *args: row[0]()(*args), inputs)


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("weight", [None, torch.DoubleTensor([0.5, 1.0, 2.0])], ids=["", "weight"])
def test_gradient_of_the_loss_gradient(weight, average):
    gy = Variable(torch.DoubleTensor([0.7]), requires_grad=True)
    assert gradcheck(loss_gradient(weight, average), (gy,))
    assert gradgradcheck(loss_gradient(weight, average), (gy,))


@pytest.mark.parametrize("inplace", [False, True])
def test_dropout_gradient(inplace):
    """With the same random numbers in every run."""

    def run(x):
        torch.manual_seed(7)
        return F.Dropout(0.3, inplace)(x.clone())

    x = Variable(torch.randn(4, 5).double(), requires_grad=True)
    assert gradcheck(run, (x,))
    assert gradgradcheck(run, (x,))


@pytest.mark.parametrize("threshold, value", [(0, 0), (0.5, 7), (0.5, -1)])
def test_threshold_in_place(threshold, value):
    def run(x):
        y = x.clone()
        z = NF.threshold(y, threshold, value, inplace=True)
        assert z is y
        return z

    x = Variable(apart(3, 4)(), requires_grad=True)
    assert gradcheck(run, (x,))
    assert gradgradcheck(run, (x,))
    assert run(x).data.tolist() == NF.threshold(x, threshold, value).data.tolist()


def test_every_function_has_a_row():
    def below(cls):
        for child in cls.__subclasses__():
            yield child
            yield from below(child)

    ours = {c for c in below(Builtin) if c.__module__.startswith("torch.nn.")}
    ours = {
        c for c in ours if c.__module__.split(".")[-1] not in ELSEWHERE and c.__name__[0] != "_"
    }
    tested = {type(row[0]()) for row in ROWS} | {F.NLLLossInputGrad, F.Dropout}
    tested |= {F.RNNLayer, F.RNNLayerGrad}  # test_rnn.py
    assert sorted(c.__name__ for c in ours - tested) == []


# values


@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-6), (torch.float64, 1e-14)])
def test_log_softmax_and_loss_values(dtype, tolerance):
    x = torch.tensor([[1.0, 2.0, 4.0], [1000.0, 0.0, -1000.0]], dtype=dtype)
    y = NF.log_softmax(Variable(x)).data.numpy()
    exact = x.numpy().astype("f8")
    exact = exact - exact.max(1, keepdims=True)
    exact = exact - np.log(np.exp(exact).sum(1, keepdims=True))
    assert np.abs((y - exact) / np.maximum(np.abs(exact), 1)).max() < tolerance
    target = Variable(torch.LongTensor([2, 0]))
    weight = torch.tensor([0.5, 1.0, 3.0], dtype=dtype)
    loss = NF.cross_entropy(Variable(x), target, weight).data[0]
    assert abs(loss - -(3 * exact[0, 2] + 0.5 * exact[1, 0]) / 3.5) < tolerance
    total = NF.cross_entropy(Variable(x), target, size_average=False).data[0]
    assert abs(total - -(exact[0, 2] + exact[1, 0])) < tolerance
    assert tuple(NF.nll_loss(Variable(x), target, Variable(weight)).size()) == (1,)


@pytest.mark.parametrize("size, dim", [((3,), 0), ((2, 3), 1), ((3, 2, 2), 0), ((2, 3, 2, 2), 1)])
def test_log_softmax_chooses_the_class_dimension(size, dim):
    y = NF.log_softmax(Variable(torch.randn(*size)))
    total = y.exp().sum(dim).data.contiguous().view(-1)
    assert np.abs(total.numpy() - 1).max() < 1e-5


def test_dropout_values():
    torch.manual_seed(0)
    x = Variable(torch.ones(10000))
    y = NF.dropout(x, 0.25, training=True).data
    kept = y.ne(0)
    assert abs(kept.float().mean() - 0.75) < 0.03
    assert np.allclose(y[kept].numpy(), 1 / 0.75)
    assert NF.dropout(x, 0.25, training=False) is x
    assert NF.dropout(x, 0.0, training=True) is x
    assert not NF.dropout(x, 1.0, training=True).data.ne(0).any()


def test_linear_values():
    x, w, b = torch.randn(2, 5, 3), torch.randn(4, 3), torch.randn(4)
    y = NF.linear(Variable(x), Variable(w), Variable(b))
    assert np.allclose(y.data.numpy(), x.numpy() @ w.numpy().T + b.numpy(), atol=1e-5)
    one = NF.linear(Variable(x[0, 0]), Variable(w))
    assert np.allclose(one.data.numpy(), w.numpy() @ x[0, 0].numpy(), atol=1e-5)


def test_relu_of_a_transposed_input():
    x = Variable(torch.randn(3, 4).t(), requires_grad=True)
    y = NF.relu(x)
    assert np.array_equal(y.data.numpy(), np.maximum(x.data.numpy(), 0))
    y.sum().backward()
    assert np.array_equal(x.grad.data.numpy(), x.data.numpy() > 0)


def v(*size):
    return Variable(torch.zeros(*size), requires_grad=True)


ERRORS = [
    (
        lambda: NF.linear(v(2, 4), v(5, 3)),
        ValueError,
        r"linear: input: expected size \(\.\.\., 3\) for a weight of size \(5, 3\), got \(2, 4\)",
    ),
    (
        lambda: NF.dropout(v(2), 1.5),
        ValueError,
        "dropout: p: expected a probability from 0 to 1, got 1.5",
    ),
    (
        lambda: NF.log_softmax(v(1, 1, 1, 1, 1)),
        ValueError,
        r"log_softmax: expected 1 to 4 dimensions, got size \(1, 1, 1, 1, 1\)",
    ),
    (
        lambda: NF.nll_loss(v(2, 3), Variable(torch.LongTensor([0, 3]))),
        IndexError,
        "nll_loss: target 3 at position 1",
    ),
    (
        lambda: NF.nll_loss(v(2, 3), Variable(torch.LongTensor([0, -1]))),
        IndexError,
        "nll_loss: target -1 at position 1",
    ),
    (
        lambda: NF.nll_loss(v(2, 3), Variable(torch.LongTensor([0]))),
        ValueError,
        "nll_loss: target: expected size",
    ),
    (
        lambda: NF.nll_loss(v(2, 3), Variable(torch.FloatTensor([0, 1]))),
        TypeError,
        "nll_loss: expected target to be a LongTensor",
    ),
    (
        lambda: NF.nll_loss(v(2, 3), Variable(torch.LongTensor([0, 1])), torch.ones(2)),
        ValueError,
        "nll_loss: weight: expected size",
    ),
    (lambda: F.Linear()([1]), TypeError, "Linear: argument 0: expected a Variable, got list"),
    (lambda: _MaxPool()(v(1, 1, 2)), NotImplementedError, "^_MaxPool: compute is not defined$"),
    (
        lambda: _Computed("weight", None).value(torch.nn.ReLU()),
        NotImplementedError,
        "^_Computed: value is not defined$",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
