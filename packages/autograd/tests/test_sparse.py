"""SparseRows: by themselves, and as gradients that pass through the engine."""

import copy

import numpy as np
import pytest
import torch
from torch.autograd import (
    Function,
    SparseRows,
    Variable,
    detect_anomaly,
    functional,
    grad,
    gradcheck,
    once_differentiable,
)


class Lookup(Function):
    """Rows of a table, whose gradient is sparse."""

    @staticmethod
    def forward(ctx, table, positions):
        ctx.save_for_backward(positions)
        ctx.size = table.size()
        return table.index_select(0, positions)

    @staticmethod
    def backward(ctx, gy):
        (positions,) = ctx.saved_tensors
        if isinstance(gy, Variable):
            gy, positions = gy.data, positions.data
        return SparseRows(positions, gy, ctx.size), None


def table(*size):
    torch.manual_seed(0)
    return Variable(torch.randn(*size).double(), requires_grad=True)


def lookup(weight, *positions):
    return Lookup.apply(weight, Variable(torch.LongTensor(positions)))


def rows(indices, values, size):
    return SparseRows(torch.LongTensor(indices), torch.DoubleTensor(values), size)


ROWS = rows([2, 0, 2], [[1, 2], [3, 4], [10, 20]], (4, 2))
DENSE = [[3, 4], [0, 0], [11, 22], [0, 0]]


def test_the_value():
    assert ROWS.shape == ROWS.size() == torch.Size([4, 2])
    assert ROWS.size(1) == 2
    assert ROWS.dtype == torch.float64
    assert ROWS.to_dense().tolist() == DENSE
    assert (-ROWS).to_dense().tolist() == (-np.array(DENSE)).tolist()
    once = ROWS.coalesce()
    assert (once.indices.tolist(), once.values.tolist()) == ([0, 2], [[3, 4], [11, 22]])
    assert once.coalesce() is once
    assert type(ROWS.type(torch.float32).values) is torch.FloatTensor
    copied = ROWS.clone()
    assert copied.zero_() is copied
    assert copied.to_dense().tolist() == [[0, 0]] * 4 == copied.coalesce().to_dense().tolist()
    assert ROWS.to_dense().tolist() == DENSE
    assert repr(ROWS).startswith("SparseRows of size 4x2\nindices: ")


def test_rows_of_one_and_of_three_dimensions():
    assert rows([1, 1], [2, 3], (3,)).to_dense().tolist() == [0, 5, 0]
    assert rows([], [], (3,)).coalesce().to_dense().tolist() == [0, 0, 0]
    cube = SparseRows(torch.LongTensor([1]), torch.ones(1, 2, 3), (2, 2, 3))
    assert cube.to_dense().sum() == 6


def test_sums():
    dense = torch.ones(4, 2).double()
    expected = (np.array(DENSE) + 1).tolist()
    for total in (ROWS + dense, dense + ROWS, torch.add(dense, ROWS), ROWS.clone().add_(dense)):
        assert total.tolist() == expected
    assert dense.tolist() == [[1, 1]] * 4
    assert dense.add_(ROWS) is dense
    assert dense.tolist() == expected
    both = ROWS + ROWS
    assert both.to_dense().tolist() == (2 * np.array(DENSE)).tolist()
    assert both.add_(ROWS) is both
    assert both.to_dense().tolist() == (3 * np.array(DENSE)).tolist()
    assert torch.add(ROWS, ROWS).to_dense().tolist() == (2 * np.array(DENSE)).tolist()


def dense_gradient(weight, use):
    """What `use(rows)` gives with a dense look-up, by adding ones."""
    other = Variable(weight.data.clone(), requires_grad=True)
    use(other, lambda w, *positions: w.index_select(0, Variable(torch.LongTensor(positions))))
    return other.grad.data


USES = {
    "one look-up": lambda w, look: (look(w, 3, 0, 3) ** 2).sum().backward(),
    "two": lambda w, look: (look(w, 3, 0).sum() + (look(w, 3, 1) ** 2).sum()).backward(),
    "three": lambda w, look: (look(w, 3) * look(w, 0) * look(w, 3)).sum().backward(),
    "a look-up and a use of all": lambda w, look: ((w**2).sum() + look(w, 2).sum()).backward(),
    "a use of all and a look-up": lambda w, look: (look(w, 2).sum() + (w**2).sum()).backward(),
    "two uses of all between": lambda w, look: (
        look(w, 2).sum() + (w**2).sum() + look(w, 1).sum() + w.sum() + look(w, 0, 0).sum()
    ).backward(),
    "two passes": lambda w, look: (look(w, 3).sum().backward(), look(w, 0).sum().backward()),
    "a dense pass after it": lambda w, look: (look(w, 3).sum().backward(), w.sum().backward()),
    "a dense pass before it": lambda w, look: (w.sum().backward(), look(w, 3).sum().backward()),
}


@pytest.mark.parametrize("use", USES)
def test_as_gradients(use):
    weight = table(4, 2)
    USES[use](weight, lookup)
    gradient = weight.grad.data
    expected = dense_gradient(weight, USES[use])
    if use in ("one look-up", "two", "three", "two passes"):
        assert type(gradient) is SparseRows
        gradient = gradient.to_dense()
    assert type(gradient) is torch.DoubleTensor
    assert np.abs((gradient - expected).numpy()).max() < 1e-14


def test_what_variables_do_with_them():
    weight = table(4, 2)
    seen = []
    weight.register_hook(seen.append)
    with detect_anomaly():
        lookup(weight, 1).sum().backward()
    assert type(seen[0].data) is SparseRows
    copied = copy.deepcopy(weight)
    assert copied.grad.data.to_dense().equal(weight.grad.data.to_dense())
    assert "SparseRows of size 4x2" in repr(weight.grad)
    weight.grad.data.zero_()
    assert copied.grad.data.to_dense().sum() == 2
    weight.grad = Variable(ROWS)
    assert weight.grad.shape == (4, 2)
    with pytest.raises(ValueError, match=r"Variable.grad: expected size \(4, 2\), got \(5, 2\)"):
        weight.grad = Variable(rows([0], [[1, 2]], (5, 2)))


@pytest.mark.parametrize("create_graph", [False, True])
def test_what_grad_returns(create_graph):
    """The same as `.grad`; tensors where it puts several together."""
    weight = table(4, 2)
    used = lookup(weight, 1, 3, 1)
    (gradient,) = grad(used.sum(), weight, create_graph=create_graph, retain_variables=True)
    used.sum().backward(retain_variables=True, create_graph=create_graph)
    for found in (gradient, weight.grad):
        assert type(found) is Variable
        assert type(found.data) is (torch.DoubleTensor if create_graph else SparseRows)
        values = found.data if create_graph else found.data.to_dense()
        assert values.tolist() == [[0, 0], [2, 2], [0, 0], [1, 1]]
    (rows,) = grad(
        used.sum(1), weight, torch.eye(3).double(), create_graph=create_graph, is_grads_batched=True
    )
    assert rows.data.tolist() == [[[int(i == j)] * 2 for i in range(4)] for j in (1, 3, 1)]


def test_functions_of_a_sparse_gradient_give_tensors():
    weight = table(3, 2)
    assert gradcheck(lambda w: lookup(w, 1, 0, 1), weight)
    _, product = functional.vjp(lambda w: lookup(w, 1, 1).sum(), weight)
    assert product.data.tolist() == [[0, 0], [2, 2], [0, 0]]
    matrix = functional.jacobian(lambda w: lookup(w, 1, 0).sum(1), weight)
    assert matrix.data.tolist() == [[[0, 0], [1, 1], [0, 0]], [[1, 1], [0, 0], [0, 0]]]


@pytest.mark.parametrize("twice", [False, True])
def test_a_sparse_gradient_cannot_be_differentiated_again(twice):
    class Once(Lookup):
        backward = Lookup.backward if twice else once_differentiable(Lookup.backward)
        backward = staticmethod(backward)

    weight = table(3, 2)
    used = Once.apply(weight * weight, Variable(torch.LongTensor([1])))
    (gradient,) = grad(used.sum(), weight, create_graph=True)
    assert gradient.data.equal(
        dense_gradient(weight, lambda w, look: look(w * w, 1).sum().backward())
    )
    with pytest.raises(RuntimeError, match="Once: its backward can be differentiated only once"):
        gradient.sum().backward()


def test_the_gradient_takes_the_type_of_the_leaf():
    weight = Variable(torch.zeros(4, 2), requires_grad=True)

    class Wrong(Lookup):
        @staticmethod
        def backward(ctx, gy):
            return ROWS, None

    Wrong.apply(weight, Variable(torch.LongTensor([0]))).sum().backward()
    assert type(weight.grad.data.values) is torch.FloatTensor


ones = torch.ones


@pytest.mark.parametrize(
    "call, error, text",
    [
        (lambda: SparseRows([1], ones(1, 2), (4, 2)), TypeError, "indices: expected a LongTensor"),
        (
            lambda: SparseRows(ones(1), ones(1, 2), (4, 2)),
            TypeError,
            "SparseRows: indices: expected a LongTensor, got FloatTensor",
        ),
        (
            lambda: SparseRows(torch.LongTensor([1]), 3, (4, 2)),
            TypeError,
            "SparseRows: values: expected a tensor, got int",
        ),
        (
            lambda: SparseRows(torch.LongTensor([[1]]), ones(1, 2), (4, 2)),
            ValueError,
            r"indices: expected one dimension, got size \(1, 1\)",
        ),
        (
            lambda: SparseRows(torch.LongTensor([1]), ones(1, 3), (4, 2)),
            ValueError,
            r"a row of size \(2,\) for each of 1 indices, got size \(1, 3\) for \(4, 2\)",
        ),
        (lambda: SparseRows(torch.LongTensor([]), ones(0), ()), ValueError, r"for \(\)"),
        (
            lambda: rows([4, 1], [1, 2], (4,)),
            IndexError,
            "indices: expected rows of 0 to 3, got 1 to 4",
        ),
        (lambda: rows([-1], [1], (4,)), IndexError, "expected rows of 0 to 3, got -1 to -1"),
        (lambda: ROWS + rows([0], [1], (4,)), ValueError, r"same size, got \(4, 2\) and \(4,\)"),
        (lambda: ROWS + 1, TypeError, "unsupported operand"),
        (lambda: torch.mul(ones(4, 2), ROWS), TypeError, "mul: not for SparseRows, which are only"),
        (lambda: Variable(ROWS) * 2, TypeError, "unsupported operand .* 'SparseRows' and 'int'"),
    ],
)
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_rows_that_a_function_keeps_are_copied():
    kept = SparseRows(torch.LongTensor([1]), torch.ones(1, 3), (2, 3))

    class Rows(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, gy):
            return kept

    x = Variable(torch.ones(2, 3), requires_grad=True)
    Rows.apply(x).sum().backward()
    x.grad.data.values.fill_(7)
    assert kept.values.tolist() == [[1] * 3]
