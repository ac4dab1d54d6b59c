"""NestedIOFunction: lists and tuples of Variables in and out."""

from collections import namedtuple

import pytest
import torch
from torch.autograd import NestedIOFunction, Variable, gradcheck

State = namedtuple("State", "h c")


def leaf(*values):
    return Variable(torch.DoubleTensor(list(values)), requires_grad=True)


class Cell(NestedIOFunction):
    """y = x * h; (h, c) -> (h + c, h * c)"""

    def forward_extended(self, x, state, factor=1):
        h, c = state
        assert all(isinstance(value, torch.Tensor) for value in (x, h, c))
        self.factor = factor
        self.save_for_backward(x, (h, c))
        return x * h * factor, [h + c, h * c], "a note"

    def backward_extended(self, gy, gstate, nothing):
        x, (h, c) = self.saved_tensors
        gsum, gproduct = gstate
        assert nothing is None
        gh = gy * x * self.factor + gsum + gproduct * c
        return gy * h * self.factor, (gh, gsum + gproduct * h)


@pytest.mark.parametrize("nest", [tuple, list, State._make], ids=["tuple", "list", "named"])
def test_forward_and_backward(nest):
    x, h, c = leaf(1, 2), leaf(3, 4), leaf(5, 6)
    y, (total, product), note = Cell()(x, nest([h, c]), 2)
    assert note == "a note"
    assert y.data.tolist() == [6, 16] and total.data.tolist() == [8, 10]
    assert product.data.tolist() == [15, 24]
    assert [v.output_nr for v in (y, total, product)] == [0, 1, 2]

    def flat(x, h, c):
        y, (total, product), _ = Cell()(x, nest([h, c]), 2)
        return y, total, product

    assert gradcheck(flat, (x, h, c))


def test_results_keep_their_nesting():
    class Renest(NestedIOFunction):
        def forward_extended(self, tree):
            (a, (b, c)), d = tree
            return State([a + b], {"kept": 1}), [[c * d], None]

        def backward_extended(self, first, second):
            ((g,), nothing), ((h,), none) = first, second
            assert nothing is None and none is None and isinstance(first, State)
            return ([(g, (g, h)), h],)

    a, b, c, d = (leaf(i) for i in range(1, 5))
    first, second = Renest()([(a, [b, c]), d])
    assert isinstance(first, State) and first.c == {"kept": 1} and second[1] is None
    (first.h[0] + second[0][0] * 3).backward()
    assert [v.grad.data[0] for v in (a, b, c, d)] == [1, 1, 3, 3]


def test_one_result_alone():
    class Total(NestedIOFunction):
        def forward_extended(self, values):
            self.n = len(values)
            return sum(values)

        def backward_extended(self, g):
            return ([g] * self.n,)

    x, y = leaf(1), leaf(2)
    z = Total()([x, y])
    assert isinstance(z, Variable)
    (z * 2).backward()
    assert (x.grad.data[0], y.grad.data[0]) == (2, 2)


def test_none_stands_for_a_whole_list():
    class First(NestedIOFunction):
        def forward_extended(self, x, rest, more=None):
            return (x * 1,)

        def backward_extended(self, gy):
            return gy, None

    x, y = leaf(1), leaf(2)
    (z,) = First()(x, [y, [y]], None)
    z.backward()
    assert x.grad.data[0] == 1 and y.grad is None


def test_marks():
    class Marks(NestedIOFunction):
        def forward_extended(self, pair):
            x, y = pair
            x.mul_(2)
            mask = y > 0
            self.mark_dirty([x])
            self.mark_non_differentiable((mask,))
            return [x, mask]

        def backward_extended(self, gradients):
            return ([gradients[0] * 2, None],)

    x, y = leaf(1, 2) * 1, leaf(1, -1)
    z, mask = Marks()([x, y])
    assert z is x and not mask.requires_grad
    z.sum().backward()
    node = z.creator
    assert node.needs_input_grad == (True, True) and node.saved_tensors == ()


def test_constants():
    y, (total, _), _ = Cell()(Variable(torch.ones(1)), [Variable(torch.ones(1))] * 2)
    assert not y.requires_grad and total.creator is None


def test_it_is_called_once_and_differentiated_once():
    cell = Cell()
    x, h, c = leaf(1), leaf(2), leaf(3)
    y, _, _ = cell(x, (h, c))
    with pytest.raises(RuntimeError, match="Cell: this instance was called before"):
        cell(x, (h, c))
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    with pytest.raises(RuntimeError, match="Cell: its backward can be differentiated only once"):
        g.backward()


def test_saved_values_are_guarded():
    x, h, c = leaf(1) * 1, leaf(2), leaf(3)
    y, _, _ = Cell()(x, (h, c))
    x.add_(1)
    with pytest.raises(RuntimeError, match=r"Cell: a value it saved .*(\n.*)*AddConstant changed"):
        y.backward()


def test_a_second_backward():
    y, _, _ = Cell()(leaf(1), (leaf(2), leaf(3)))
    y.backward()
    with pytest.raises(RuntimeError, match="Cell: backward through it a second time"):
        y.backward()


def with_backward(result):
    class Broken(NestedIOFunction):
        def forward_extended(self, x, pair):
            return x * 1

        def backward_extended(self, gy):
            return result

    Broken()(leaf(1), [leaf(2), leaf(3)]).backward()


ERRORS = [
    ((torch.ones(1),), RuntimeError, "gradient: expected 2 gradients, got 1"),
    ((None, torch.ones(1)), TypeError, r"gradient\[1\]: expected a list or tuple, .*FloatTensor"),
    ((None, [None]), RuntimeError, r"gradient\[1\]: expected 2 gradients, got 1"),
    ((None, [None, 3]), TypeError, "Broken.backward: gradient 2: expected a Tensor, .* got int"),
    ((None, [None, torch.ones(2)]), ValueError, r"gradient 2: expected .*\(1,\), got \(2,\)"),
]


@pytest.mark.parametrize("result, error, text", ERRORS, ids=range(len(ERRORS)))
def test_wrong_gradients(result, error, text):
    with pytest.raises(
        error, match=r"Broken.backward(_extended)?: " + text.split("Broken.backward: ")[-1]
    ):
        with_backward(result)


def test_what_has_to_be_given():
    class Empty(NestedIOFunction):
        pass

    class Half(NestedIOFunction):
        def forward_extended(self, x):
            return x * 1

    with pytest.raises(NotImplementedError, match="Empty: forward_extended is not defined"):
        Empty()(leaf(1))
    with pytest.raises(NotImplementedError, match="Half: backward_extended is not defined"):
        Half()(leaf(1)).backward()
