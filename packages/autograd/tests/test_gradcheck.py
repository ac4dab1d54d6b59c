"""gradcheck and gradgradcheck find wrong gradients and say where."""

import pytest
import torch
from torch.autograd import Function, Variable, gradcheck, gradgradcheck


class Wrong(Function):
    """x * y with one wrong entry in the gradient for y."""

    @staticmethod
    def forward(ctx, x, y):
        ctx.save_for_backward(x, y)
        return x * y

    @staticmethod
    def backward(ctx, gz):
        x, y = ctx.saved_tensors
        wrong = x * 1
        wrong[2] = 7
        return gz * y, gz * wrong


class WrongTwice(Function):
    """x**3 whose gradient is right but not recorded rightly."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, gy):
        (x,) = ctx.saved_tensors
        if isinstance(x, Variable):
            return gy * Variable(x.data * x.data * 3)
        return gy * x * x * 3


def leaf(*values):
    return Variable(torch.DoubleTensor(list(values)), requires_grad=True)


def test_right():
    assert gradcheck(lambda x, y: x * y, (leaf(1, 2), leaf(3, 4)))
    assert gradcheck(lambda x, n: x**n, (leaf(1, 2), 3))
    assert gradcheck(lambda x: (x * 2, x * 3, 5), (leaf(1, 2),))
    assert gradgradcheck(lambda x, y: x * y, (leaf(1, 2), leaf(3, 4)))
    assert gradgradcheck(lambda x: x * x, (leaf(1, 2),), (leaf(3, 4),))


def test_wrong_entry():
    inputs = (leaf(1, 2, 3), leaf(4, 5, 6))
    with pytest.raises(AssertionError) as caught:
        gradcheck(Wrong.apply, inputs)
    assert str(caught.value) == (
        "gradcheck: output 0 with respect to input 1 of size (3,): wrong at row 2 (input element), "
        "column 2 (output element): analytic 7, numeric 3; 1 of 9 entries differ"
    ) or "analytic 7, numeric 3" in str(caught.value)
    assert "input 1 of size (3,)" in str(caught.value)
    assert "row 2" in str(caught.value) and "column 2" in str(caught.value)
    assert gradcheck(Wrong.apply, inputs, raise_exception=False) is False


def test_wrong_second_gradient():
    assert gradcheck(WrongTwice.apply, (leaf(1, 2),))
    with pytest.raises(AssertionError, match="gradgradcheck: output 0 with respect to input 0"):
        gradgradcheck(WrongTwice.apply, (leaf(1, 2),))
    assert gradgradcheck(WrongTwice.apply, (leaf(1, 2),), raise_exception=False) is False


def test_nan_is_wrong():
    with pytest.raises(AssertionError, match="analytic nan"):
        gradcheck(lambda x: x * float("nan"), (leaf(1),))


def test_missing_gradient_is_zero():
    with pytest.raises(AssertionError, match="analytic 0, numeric 2"):
        gradcheck(lambda x, y: x * 1 + Variable(y.data * 2), (leaf(1), leaf(1)))


ERRORS = [
    (
        lambda: gradcheck(lambda x: x, (Variable(torch.ones(1)),)),
        ValueError,
        "no output requires a gradient",
    ),
    (
        lambda: gradcheck(lambda x: leaf(1), (Variable(torch.ones(1)),)),
        ValueError,
        "no input requires a gradient",
    ),
    (
        lambda: gradcheck(lambda x: x * 1, (Variable(torch.ones(1), requires_grad=True),)),
        TypeError,
        "input 0: expected DoubleTensor .* got FloatTensor",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_inputs_are_left_as_they_were():
    x = leaf(1, 2)
    data = x.data
    gradcheck(lambda x: x * x, (x,))
    assert x.data is data and data.tolist() == [1, 2] and x.grad is None
