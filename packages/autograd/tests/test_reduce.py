"""Reductions, scans and sorting beyond their rows: ties, names, shapes, meanings, errors."""

import pytest
import test_operations
import torch
from pytest import approx
from rows import Maker, reduce, scan, sort
from torch import compat
from torch.autograd import Variable, grad, gradcheck, gradgradcheck
from torch.autograd import functions as F

NAN, INF = float("nan"), float("inf")


def variable(values, dtype=torch.float64):
    return Variable(torch.tensor(values, dtype=dtype), requires_grad=True)


TIES = [
    (lambda x: x.max(), [1, 2, 2], [0, 1, 0]),
    (lambda x: x.min(), [1, 2, 1], [1, 0, 0]),
    (lambda x: x.max(0)[0], [1, 2, 2], [0, 1, 0]),
    (lambda x: x.amax(), [1, 2, 2], [0, 0.5, 0.5]),
    (lambda x: x.amin(0), [1, 2, 1], [0.5, 0, 0.5]),
    (lambda x: x.max((0,)), [1, 2, 2], [0, 0.5, 0.5]),
    (lambda x: x.amax(), [1, NAN, 2], [0, 1, 0]),
    (lambda x: x.max(), [1, NAN, 2], [0, 1, 0]),
    (lambda x: x.ptp(), [3, 3, 3], [0, 0, 0]),
    (lambda x: x.norm(INF), [-2, 1, 2], [-0.5, 0, 0.5]),
    (lambda x: x.norm(-INF), [-2, 1, 2], [0, 1, 0]),
    (lambda x: x.norm(0), [-2, 0, 2], [0, 0, 0]),
    (lambda x: x.norm(), [0, 0, 0], [0, 0, 0]),
    (lambda x: x.norm(1), [0, 0, -3], [0, 0, -1]),
    (lambda x: x.norm(3), [0, 0, -3], [0, 0, -1]),
    (lambda x: x.norm(0.5), [0, 0, 4], [0, 0, 1]),
    (lambda x: x.norm(INF), [0, 0, 0], [0, 0, 0]),
    (lambda x: x.dist(x.data), [1, 2, 3], [0, 0, 0]),
    (lambda x: x.std(), [2, 2, 2], [0, 0, 0]),
    (lambda x: x.median(), [3, 1, 2], [0, 0, 1]),
    (lambda x: x.mode()[0], [1, 3, 3], [0, 0, 1]),
    (lambda x: x.kthvalue(3)[0], [5, 1, 3], [1, 0, 0]),
    (lambda x: x.cummax(0)[0], [2, 2, 1], [1, 2, 0]),
    (lambda x: x.nansum(), [1, NAN, 2], [1, 0, 1]),
    (lambda x: x.nanmean(), [1, NAN, 2], [0.5, 0, 0.5]),
    (lambda x: x.logsumexp(), [-INF, 0, -INF], [0, 1, 0]),
    (lambda x: x.logsumexp(), [-INF, -INF, -INF], [0, 0, 0]),
    (lambda x: x.logcumsumexp(0), [-INF, -INF, 0], [0, 0, 1]),
    (lambda x: x.logcumsumexp(0), [-INF, -900, -900], [0, 1.5, 0.5]),
    (lambda x: x.cumprod(0), [0, 3, 0], [4, 0, 0]),
    (lambda x: x.prod(), [0, 3, 2], [6, 0, 0]),
    (lambda x: x.prod(), [0, 3, 0], [0, 0, 0]),
    (lambda x: x.renorm(2, 0, 1), [0, 0.5, 0], [1, 1, 1]),
    (lambda x: x.quantile(0.5), [3, 1, 2], [0, 0, 1]),
]


@pytest.mark.parametrize("function, values, expected", TIES)
def test_gradients_at_ties_and_edges(function, values, expected):
    x = variable(values)
    function(x).sum().backward()
    assert x.grad.data.tolist() == approx(expected)


@pytest.mark.parametrize("name", ["var", "std"])
def test_too_few_elements(name):
    x = variable([2.0])
    getattr(x, name)().backward()
    assert str(x.grad.data[0]) == "nan"


NAMED = [
    ("max", (1,), ("values", "indices")),
    ("min", (0,), ("values", "indices")),
    ("median", (1,), ("values", "indices")),
    ("mode", (), ("values", "indices")),
    ("kthvalue", (1,), ("values", "indices")),
    ("sort", (), ("values", "indices")),
    ("topk", (2,), ("values", "indices")),
    ("cummax", (0,), ("values", "indices")),
    ("cummin", (1,), ("values", "indices")),
    ("aminmax", (), ("min", "max")),
    ("var_mean", (1,), ("var", "mean")),
    ("std_mean", (), ("std", "mean")),
    ("histogram", (2,), ("hist", "bin_edges")),
]


@pytest.mark.parametrize("name, arguments, fields", NAMED, ids=[n[0] for n in NAMED])
def test_several_results_have_names(name, arguments, fields):
    x = variable([[1.0, 4.0, 2.0], [5.0, 3.0, 6.0]])
    results = getattr(torch, name)(x, *arguments)
    expected = getattr(torch, name)(x.data, *arguments)
    assert type(results) is type(expected)
    for field in fields:
        theirs = getattr(expected, field)
        theirs = theirs.view(-1).tolist() if isinstance(theirs, torch.Tensor) else [theirs]
        ours = getattr(results, field)
        assert ours.data.view(-1).tolist() == approx(theirs)
        assert ours.requires_grad is (field in ("values", "min", "max", "var", "std", "mean"))


def test_full_results_have_one_element():
    x = variable([[1.0, 2.0], [3.0, 4.0]])
    for result in (
        x.sum(), x.prod(), x.mean(), x.amax(), x.max(), x.median(), x.quantile(0.5), x.norm(),
        x.logsumexp(), x.nansum(), x.nanmean(), x.ptp(), x.dist(0), *x.aminmax(),
        *torch.var_mean(x), x.all(), x.argmax(), x.count_nonzero(), x.sum((0, 1)), x[0].sum(0),
        x.norm(3, (0, 1)), x.amax((0, 1)),
    ):  # fmt: skip
        assert tuple(result.size()) == (1,)


def test_without_dimensions():
    x = Variable(torch.tensor(3.0, dtype=torch.float64), requires_grad=True)
    for function in (
        lambda x: x.sum(), lambda x: x.prod(), lambda x: x.norm(), lambda x: x.amax(),
        lambda x: x.max(), lambda x: x.logsumexp(), lambda x: x.median(),
        lambda x: x.sort()[0], lambda x: x.quantile(0.5), lambda x: x.cumsum(),
    ):  # fmt: skip
        assert tuple(function(x).size()) == (1,)
        assert gradcheck(function, [x])


def test_empty():
    x = Variable(torch.zeros(0, 3), requires_grad=True)
    for result in (
        x.sum(0),
        x.prod(0),
        x.logsumexp(0),
        x.cumsum(0),
        x.cumprod(1),
        x.diff(),
        x.norm(2, 0),
    ):
        (gx,) = grad([result], [x], [torch.ones_like(result.data)])
        assert tuple(gx.shape) == (0, 3)


def test_alpha_keeps_reduced_dimensions():
    x = variable([[1.0, 4.0], [5.0, 3.0]])
    with compat.using(keepdim=True):
        for result in (
            x.sum(1), x.max(1)[0], x.median(1)[1], x.norm(2, 1), x.var(1), x.kthvalue(1)[0],
            x.amax(1), x.logsumexp(1), x.quantile(0.5, 1), x.mode()[0], F.Sum(1)(x),
        ):  # fmt: skip
            assert tuple(result.size()) == (2, 1)
        assert tuple(x.sum(1, False).size()) == (2,)
        assert tuple(x.sum().size()) == (1,)


OF_ONE = [
    row
    for row in reduce.ROWS + scan.ROWS + sort.ROWS
    if sum(isinstance(a, Maker) and a.differentiable for a in row.arguments) == 1
]


@pytest.mark.parametrize("row", OF_ONE, ids=str)
def test_alpha_gives_the_same_gradients(row):
    def slopes():
        function, inputs = test_operations.over_inputs(row, test_operations.tensors_of(row))
        results = function(*inputs)
        results = results if isinstance(results, tuple) else (results,)
        total = sum([(r * r).sum() for r in results])
        (gx,) = grad([total], inputs, create_graph=True)
        second = grad([(gx * gx).sum()], inputs) if gx.requires_grad else []
        return [test_operations.numbers_of(g) for g in (gx, *second)]

    expected = slopes()
    with compat.alpha():
        assert slopes() == [approx(e) for e in expected]


def test_dtype_converts_first():
    x = variable([1.5, 2.5], torch.float32)
    for name in ("sum", "prod", "mean", "nansum", "cumsum", "cumprod"):
        result = getattr(x, name)(dtype=torch.float64)
        assert result.dtype is torch.float64
        (gx,) = grad([result], [x], [torch.ones_like(result.data)])
        assert gx.dtype is torch.float32
    assert x.sum(dtype=torch.int64).data.tolist() == [3]


def test_indices_are_given_when_asked_for():
    x = variable([[1.0, 4.0], [5.0, 3.0]])
    for make in (
        lambda asked: F.Max(1, asked),
        lambda asked: F.Min(1, asked),
        lambda asked: F.Mode(1, asked),
        lambda asked: F.Median(1, asked),
        lambda asked: F.Kthvalue(1, 1, asked),
        lambda asked: F.Sort(1, False, asked),
        lambda asked: F.Topk(1, 1, True, True, asked),
        lambda asked: F.Partition(0, 1, asked),
    ):
        values, indices = make(True)(x)
        assert values.requires_grad
        assert not indices.requires_grad
        assert indices.dtype is torch.int64
        assert make(False)(x).data.tolist() == values.data.tolist()


def test_errors_in_backward_show_the_line_of_the_user():
    x = variable([[1.0, 2.0]])
    results = [
        x.prod(1),
        torch.prod(x, axis=1),
        x.sort()[0],
        x.logsumexp(),
    ]
    for y, line in zip(results, ("x.prod(1)", "torch.prod(x", "x.sort()", "x.logs"), strict=True):
        assert "test_reduce.py" in y.creator.forward_line
        assert line in y.creator.forward_line


LONG = 37  # several steps of the doubling, and no power of two


@pytest.mark.parametrize("name", ["cumprod", "logcumsumexp"])
def test_long_scans(name):
    torch.manual_seed(1)
    data = torch.rand(LONG, dtype=torch.float64) + 0.5
    if name == "cumprod":
        data[5] = data[20] = 0
    x = Variable(data, requires_grad=True)
    assert gradcheck(lambda x: getattr(x, name)(0), [x])
    assert gradgradcheck(lambda x: getattr(x, name)(0)[18:22], [x])


def test_logcumsumexp_of_large_numbers():
    x = variable([1000.0, 1000.0, -1000.0, 1001.0])
    x.logcumsumexp(0).sum().backward()
    total = x.grad.data.sum()
    assert total == approx(4)
    assert x.grad.data[2] == 0


def test_bincount():
    x = Variable(torch.LongTensor([1, 2, 2]))
    assert x.bincount().data.tolist() == [0, 1, 2]
    weights = variable([0.5, 1.0, 2.0], torch.float32)
    result = x.bincount(weights, 4)
    assert result.data.tolist() == [0, 0.5, 3, 0]
    result.backward(torch.DoubleTensor([1, 2, 3, 4]))
    assert weights.grad.data.tolist() == [2, 3, 3]
    assert weights.grad.dtype is torch.float32


def test_integers():
    x = Variable(torch.LongTensor([[3, 1], [2, 4]]))
    assert x.sum().dtype is torch.int64
    assert x.mean().data.tolist() == [2.5]
    assert x.max(1)[0].data.tolist() == [3, 4]
    assert x.cumsum(0).data.tolist() == [[3, 1], [5, 5]]
    assert x.sort()[0].data.tolist() == [[1, 3], [2, 4]]
    assert x.amax().data.tolist() == [4]


@pytest.mark.parametrize("row", reduce.ROWS + scan.ROWS + sort.ROWS, ids=str)
def test_gradients_in_another_layout(row):
    """A gradient that comes through a transposition counts as one in memory order."""
    function, inputs = test_operations.over_inputs(row, test_operations.tensors_of(row))

    def slopes(through):
        results = function(*inputs)
        for result in results if isinstance(results, tuple) else (results,):
            order = tuple(range(result.dim()))[::-1]
            there = result.permute(*order) if through and order else result
            weights = torch.rand(*result.shape, dtype=torch.float64)
            weights = weights.permute(*order).contiguous() if through and order else weights
            yield from grad([there], inputs, [weights], allow_unused=True)

    torch.manual_seed(1)
    expected = [test_operations.numbers_of(g) for g in slopes(False)]
    torch.manual_seed(1)
    assert [test_operations.numbers_of(g) for g in slopes(True)] == [approx(e) for e in expected]


def test_results_are_never_views():
    for shape in ((3,), (1,), ()):
        x = variable(torch.ones(*shape).tolist())
        for result in (
            x.sum(), x.max(), x.sort()[0], x.cumsum(), x.median(), x.amax(keepdim=True),
            x.quantile(0.5), x.mode()[0],
        ):  # fmt: skip
            assert result.data_ptr() != x.data_ptr()
    x = variable([1.0, 2.0])
    assert x.diff(0).data_ptr() != x.data_ptr()


ERRORS = [
    (lambda x: x.sum(2), IndexError, "sum: "),
    (lambda x: x.amax((0, 0)), ValueError, "amax: "),
    (lambda x: x.max(5), IndexError, "max: "),
    (lambda x: x.sum("a"), TypeError, "sum: got"),
    (lambda x: x.norm("fro"), TypeError, "^norm: got"),
    (lambda x: x.sort(3), IndexError, "sort: "),
    (lambda x: x.topk(9), ValueError, "topk: "),
    (lambda x: x.kthvalue(0), ValueError, "kthvalue: "),
    (lambda x: x.quantile(2), ValueError, "quantile: "),
    (lambda x: x.quantile(0.5, interpolation="cubic"), ValueError, "quantile: "),
    (lambda x: x.quantile(variable([0.5])), RuntimeError, "quantile: q: there is no gradient"),
    (lambda x: x.percentile(variable([5.0])), RuntimeError, "percentile: q: there is no gradient"),
    (lambda x: x.cumsum(4), IndexError, "cumsum: "),
    (lambda x: x.diff(-1), ValueError, "diff: "),
    (lambda x: x.renorm(0, 0, 1), ValueError, "renorm: "),
    (lambda x: x.renorm(2, 3, 1), IndexError, "renorm: "),
    (lambda x: Variable(torch.zeros(0)).max(), ValueError, "^max: "),
    (lambda x: x.partition(7), IndexError, "partition: "),
]


@pytest.mark.parametrize("call, error, text", ERRORS)
def test_errors_are_those_of_the_tensors(call, error, text):
    with pytest.raises(error, match=text):
        call(variable([[1.0, 2.0], [3.0, 4.0]]))
