"""gradcheck and gradgradcheck find wrong gradients of every kind and say where."""

import pytest
import torch
from torch.autograd import Function, Variable, gradcheck, gradgradcheck


def leaf(*values):
    return Variable(torch.DoubleTensor(list(values)), requires_grad=True)


def planted(forward, backward, **attributes):
    """A Function made of two lambdas over (ctx, ...)."""

    names = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Planted", (Function,), names | attributes).apply


def saved(function):
    """forward(ctx, *tensors) that saves its arguments."""

    def forward(ctx, *tensors):
        ctx.save_for_backward(*tensors)
        return function(*tensors)

    return forward


def twice(gy):
    """In place in the gradient that was given."""
    return gy.mul_(2) if isinstance(gy, torch.Tensor) else gy * 2


CALLS = [0]


def counted(gy):
    CALLS[0] += 1
    return gy * (2 + CALLS[0] * 1e-9)


def memory(gy):
    """Reads the memory of a gradient as if its elements stood side by side."""
    return torch.DoubleTensor(gy.storage().tolist()[: gy.numel()]).view(gy.size()) * 2


X, Y = (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)
double = saved(lambda x: x * 2)
product = saved(lambda x, y: x * y)

#: name: (function, how many inputs, what the message says)
WRONG = {
    "factor": (
        planted(double, lambda ctx, gy: gy * 2.01),
        1,
        r"output 0, element \(0,\), with respect to input 0, element \(0,\): analytic 2.01, "
        r"numeric 2, difference 0.01, allowed 0.00201 \(atol 1e-05 \+ rtol 0.001 \* \|numeric\|\); "
        r"3 of 9 entries are wrong",
    ),
    "sign": (planted(double, lambda ctx, gy: gy * -2), 1, "analytic -2, numeric 2"),
    "forgotten factor": (planted(double, lambda ctx, gy: gy), 1, "analytic 1, numeric 2"),
    "no gradient": (planted(double, lambda ctx, gy: None), 1, "analytic 0, numeric 2"),
    "one entry": (
        planted(product, lambda ctx, gy: (gy * ctx.saved_tensors[1], gy * torch.ones(3).double())),
        2,
        r"output 0, element \(2,\), with respect to input 1, element \(2,\): "
        "analytic 1, numeric 3, .*; 2 of 9 entries",
    ),
    "swapped": (
        planted(product, lambda ctx, gy: tuple(gy * v for v in ctx.saved_tensors)),
        2,
        "with respect to input 0.* analytic 1, numeric 4.*; 3 of 9",
    ),
    "second forgotten": (
        planted(product, lambda ctx, gy: (gy * ctx.saved_tensors[1], None)),
        2,
        "with respect to input 1.* analytic 0, numeric 3",
    ),
    "does not use what it is given": (
        planted(double, lambda ctx, gy: gy * 0 + 2),
        1,
        r"output 0, element \(0,\), with respect to input 0, element \(\d,\): "
        "analytic 2, numeric 0, .* 6 of 9",
    ),
    "squares what it is given": (
        planted(double, lambda ctx, gy: gy * gy * 2),
        1,
        r"backward is not linear in the gradient it is given.*input 0, element \(0,\)",
    ),
    "minds strides": (planted(double, lambda ctx, gy: memory(gy)), 1, "minds its strides"),
    "wrong place": (
        planted(double, lambda ctx, gy: gy.index_select(0, torch.LongTensor([1, 2, 0])) * 2),
        1,
        "6 of 9 entries are wrong",
    ),
    "reversed in a matrix": (
        planted(
            lambda ctx, x: x.view(3, 1).mm(x.view(1, 3)),
            lambda ctx, gy: gy.sum(1) * 2,
        ),
        1,
        r"output 0, element \(2, 2\), with respect to input 0, element \(2,\): analytic 2, "
        "numeric 6",
    ),
    "mean for sum": (
        planted(lambda ctx, x: x.sum(0, True), lambda ctx, gy: gy.expand(3) / 3),
        1,
        "analytic 0.333333333, numeric 1",
    ),
    "not a number": (
        planted(double, lambda ctx, gy: gy * float("nan")),
        1,
        "analytic nan, numeric 2",
    ),
    "infinite": (planted(double, lambda ctx, gy: gy / 0.0), 1, "analytic (inf|nan), numeric"),
    "detached": (
        lambda x: x * 2 + Variable(x.data * 3),
        1,
        "analytic 2, numeric 5",
    ),
    "second output": (
        lambda x: (x * 2, x + Variable(x.data)),
        1,
        r"output 1, element \(\d,\), with respect to input 0.* analytic 1, numeric 2",
    ),
    "changes what it is given": (
        planted(double, lambda ctx, gy: twice(gy)),
        1,
        "backward changed in place the gradient that it was given",
    ),
    "another type": (
        planted(double, lambda ctx, gy: (gy * 2).float(), checked=False),
        1,
        r"the gradient of input 0 is a FloatTensor of size \(3,\), expected a DoubleTensor",
    ),
    "backward with a memory": (
        planted(double, lambda ctx, gy: counted(gy)),
        1,
        r"the gradient of input 0 differs by .* when backward runs again; allowed is nondet_tol=0",
    ),
    "forward with chance": (
        lambda x: x * 2 + Variable(torch.rand(3).double() * 1e-4),
        1,
        "output 0 differs by .* when func is called again with the same inputs; allowed is",
    ),
    "input changed": (
        planted(lambda ctx, x: x.add_(1) * 2, lambda ctx, gy: gy * 2),
        1,
        "input 0 was changed in place",
    ),
    "nan": (lambda x: x * float("nan"), 1, "analytic nan"),
    "step": (
        planted(saved(lambda x: x.abs()), lambda ctx, gy: gy),
        -1,
        "analytic 1, numeric -1",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradients_are_found(name):
    func, count, text = WRONG[name]
    sign = -1 if count < 0 else 1
    inputs = [leaf(*[sign * v for v in values]) for values in (X, Y)][: abs(count)]
    with pytest.raises(AssertionError, match="gradcheck: .*" + text):
        gradcheck(func, inputs)
    inputs = [leaf(*[sign * v for v in values]) for values in (X, Y)][: abs(count)]
    assert gradcheck(func, inputs, raise_exception=False) is False


def cube(backward):
    return planted(saved(lambda x: x * x * x), lambda ctx, gy: backward(gy, *ctx.saved_tensors))


def plain(x):
    return x.data if isinstance(x, Variable) else x


#: (function, what gradgradcheck says); all first gradients are right
WRONG_TWICE = {
    "the input": (
        cube(lambda gy, x: gy * plain(x) ** 2 * 3),
        r"gradient of input 0, element \(1,\), with respect to input 0, element \(1,\): analytic 0",
    ),
    "the gradient": (
        cube(lambda gy, x: plain(gy) * x * x * 3),
        r"gradient of input 0, element \(1,\), with respect to grad_output 0, element \(1,\): "
        "analytic 0, numeric 12",
    ),
    "all": (
        cube(lambda gy, x: plain(gy) * plain(x) ** 2 * 3),
        "gradient of input 0, .* analytic 0",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_TWICE)
def test_wrong_second_gradients_are_found(name):
    func, text = WRONG_TWICE[name]
    assert gradcheck(func, leaf(1, 2))
    weights = leaf(0.5, 2)
    with pytest.raises(AssertionError, match="gradgradcheck: " + text):
        gradgradcheck(func, leaf(1, 2), weights)
    assert gradgradcheck(func, (leaf(1, 2),), raise_exception=False) is False


def test_the_whole_message():
    def wrong(x, y):
        return x.mm(y), x.mm(Variable(y.data)) + y.sum()

    x = Variable(torch.ones(1, 2).double(), requires_grad=True)
    y = Variable(torch.DoubleTensor([[1, 2], [3, 4]]), requires_grad=True)
    with pytest.raises(AssertionError) as caught:
        gradcheck(wrong, (x, 7.5, y)[::2])
    assert str(caught.value) == (
        "gradcheck: output 1, element (0, 0), with respect to input 1, element (0, 0): "
        "analytic 1, numeric 2, difference 1, allowed 0.00201 "
        "(atol 1e-05 + rtol 0.001 * |numeric|); 4 of 8 entries are wrong"
    )


def test_right():
    x, y = leaf(1, 2), leaf(3, 4)
    assert gradcheck(lambda x, y: x * y, (x, y))
    assert gradcheck(lambda x, n: x**n, (x, 3))
    assert gradcheck(lambda x: (x * 2, x * 3, 5), (x,))
    assert gradcheck(lambda x: [x * 2], [x])
    assert gradcheck(lambda x: x.exp(), x)
    assert gradcheck(lambda x, c: x * c, (x, Variable(torch.ones(2))))
    assert gradcheck(lambda x, y: x * 2, (x, y))  # the second is not used
    assert gradcheck(lambda x: x[:0] * 2, x) and gradgradcheck(lambda x: x[:0] * x[:0], x)
    assert gradgradcheck(lambda x, y: x * y, (x, y))
    assert gradgradcheck(lambda x, y: x * x, (x, y))
    assert gradgradcheck(lambda x: x * x, x, leaf(3, 4))
    assert gradgradcheck(lambda x: (x * x, x * 2, 5), x, (leaf(3, 4), leaf(1, 1)))
    assert gradgradcheck(lambda x: x * x, x, Variable(torch.ones(2).double()))


def test_outputs_without_gradient_are_not_looked_at():
    assert gradcheck(lambda x: x.max(0), leaf(1, 2, 3))
    assert gradcheck(lambda x: (x * 2, x.data, Variable(x.data * 5)), leaf(1, 2))


SHAPES = {
    "empty": Variable(torch.zeros(0).double(), requires_grad=True),
    "no dimensions": Variable(torch.tensor(2.0).double(), requires_grad=True),
    "matrix": Variable(torch.ones(2, 3).double(), requires_grad=True),
    "transposed": Variable(torch.randn(3, 2).double().t(), requires_grad=True),
    "expanded": Variable(torch.ones(1).double().expand(3), requires_grad=True),
    "strided": Variable(torch.randn(6).double()[::2], requires_grad=True),
}


@pytest.mark.parametrize("name", SHAPES)
def test_sizes_and_strides_of_inputs(name):
    x = SHAPES[name]
    before, data = x.data.clone(), x.data
    assert gradcheck(lambda x: x * x + 1, x)
    assert gradgradcheck(lambda x: x * x * x, x)
    assert x.data is data and data.equal(before) and x.grad is None


def test_inputs_are_left_as_they_were_after_an_error():
    x = leaf(1, 2)
    data, calls = x.data, []

    def fails_later(x):
        calls.append(1)
        if len(calls) > 5:
            raise KeyError("later")
        return x * x

    with pytest.raises(KeyError, match="later"):
        gradcheck(fails_later, x)
    assert x.data is data


def test_tolerances():
    almost = planted(double, lambda ctx, gy: gy * 2.01)
    assert gradcheck(almost, leaf(*X), rtol=0.01)
    assert gradcheck(almost, leaf(*X), atol=0.011, rtol=0)
    assert not gradcheck(almost, leaf(*X), atol=0.009, rtol=0, raise_exception=False)
    assert gradcheck(planted(double, lambda ctx, gy: counted(gy)), leaf(*X), nondet_tol=1e-3)
    wide = {"eps": 0.1, "rtol": 0}  # the central difference of exp is off by eps**2 / 6 * exp
    assert not gradcheck(lambda x: x.exp(), leaf(1), atol=1e-4, raise_exception=False, **wide)
    assert gradcheck(lambda x: x.exp(), leaf(1), atol=1e-2, **wide)


ERRORS = [
    (
        lambda: gradcheck(lambda x: x, (Variable(torch.ones(1)),)),
        ValueError,
        "gradcheck: no output requires a gradient",
    ),
    (
        lambda: gradcheck(lambda x: leaf(1), (Variable(torch.ones(1)),)),
        ValueError,
        "gradcheck: no input requires a gradient",
    ),
    (
        lambda: gradcheck(lambda x: x * 1, (Variable(torch.ones(1), requires_grad=True),)),
        TypeError,
        r"gradcheck: input 0: expected DoubleTensor, got FloatTensor; finite differences need its "
        r"precision: Variable\(x.data.double\(\), requires_grad=True\)",
    ),
    (
        lambda: gradgradcheck(lambda x: x, (Variable(torch.ones(1)),)),
        ValueError,
        "gradgradcheck: no output requires a gradient",
    ),
    (
        lambda: gradgradcheck(lambda x: x * 1, Variable(torch.ones(1), requires_grad=True)),
        TypeError,
        "gradgradcheck: input 0: expected DoubleTensor, got FloatTensor",
    ),
    (
        lambda: gradgradcheck(
            lambda x: x * x, leaf(1), Variable(torch.ones(1), requires_grad=True)
        ),
        TypeError,
        "gradgradcheck: grad_output 0: expected DoubleTensor, got FloatTensor",
    ),
    (
        lambda: gradgradcheck(lambda x: (x, x * 2), leaf(1), leaf(1)),
        ValueError,
        "gradgradcheck: grad_outputs: expected 2, one for each output .*, got 1",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
