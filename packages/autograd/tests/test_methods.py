"""Operators, methods and torch functions of Variables agree with those of tensors."""

import operator

import pytest
import torch
from torch.autograd import Variable
from torch.autograd.methods import pointwise


def data():
    return torch.FloatTensor([[0.5, 0.25, 0.75], [0.1, 0.9, 0.3]])


def leaf():
    return Variable(data(), requires_grad=True)


def same(variable, tensor):
    assert isinstance(variable, Variable)
    assert variable.data.dtype is tensor.dtype
    assert variable.shape == tensor.shape
    # NaN outside an operation's domain
    assert torch.allclose(variable.data, tensor, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", [*pointwise.UNARY, "cinv"])
def test_unary(name):
    expected = getattr(data(), pointwise.ALIASES.get(name, name))()
    same(getattr(leaf(), name)(), expected)
    if callable(getattr(torch, name, None)):  # torch.float is a dtype
        same(getattr(torch, name)(leaf()), expected)
    changed = leaf().clone()
    assert getattr(changed, name + "_")() is changed
    same(changed, expected)


@pytest.mark.parametrize("name", [*pointwise.BINARY, "cmax", "cmin"])
def test_binary(name):
    other = torch.FloatTensor([0.5, 2.0, 0.3])
    expected = getattr(data(), pointwise.ALIASES.get(name, name))(other)
    for second in (Variable(other, requires_grad=True), Variable(other), other):
        result = getattr(leaf(), name)(second)
        same(result, expected)
        assert result.requires_grad
        same(getattr(torch, name)(leaf(), second), expected)
        changed = leaf().clone()
        assert getattr(changed, name + "_")(second) is changed
        same(changed, expected)
    same(getattr(torch, name)(data(), Variable(other)), expected)


@pytest.mark.parametrize("name", [*pointwise.BINARY, "cmax", "cmin"])
def test_binary_with_a_number(name):
    expected = getattr(data(), pointwise.ALIASES.get(name, name))(torch.FloatTensor([0.5]))
    same(getattr(leaf(), name)(0.5), expected)
    same(getattr(torch, name)(leaf(), 0.5), expected)
    changed = leaf().clone()
    getattr(changed, name + "_")(0.5)
    same(changed, expected)
    with pytest.raises(TypeError, match="expected a Variable, a Tensor or a number, got str"):
        getattr(leaf(), name)("a")
    with pytest.raises(TypeError, match="expected a Variable, a Tensor or a number, got list"):
        getattr(leaf(), name + "_")([1])


OPERATORS = ["add", "sub", "mul", "truediv", "pow", "floordiv", "mod"]


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    op = getattr(operator, name)
    in_place = getattr(operator, "i" + name)
    other = torch.FloatTensor([0.5, 2.0, 0.3])
    same(op(leaf(), Variable(other)), op(data(), other))
    same(op(leaf(), other), op(data(), other))
    same(op(other, leaf()), op(other, data()))
    same(op(leaf(), 0.5), op(data(), 0.5))
    same(op(0.5, leaf()), op(torch.FloatTensor([0.5]), data()))
    for second in (Variable(other), other, 0.5):
        before = changed = leaf().clone()
        changed = in_place(changed, second)
        assert changed is before
        same(changed, op(data(), second.data if isinstance(second, Variable) else second))
    with pytest.raises(TypeError):
        op(leaf(), "a")
    with pytest.raises(TypeError):
        op(None, leaf())


def test_number_in_front():
    same(torch.pow(3, leaf()), 3 ** data())
    same(torch.mul(3, leaf()), data() * 3)
    assert (3 ** leaf()).requires_grad
    with pytest.raises(TypeError, match="mm: expected a Variable or Tensor first, got int"):
        Variable.__torch_function__(torch.mm, (Variable,), (3, leaf()), {})


def test_questions_with_plain_answers():
    assert torch.numel(leaf()) == leaf().numel() == 6
    assert torch.equal(leaf(), leaf()) and leaf().equal(data()) and not leaf().equal(-data())
    same((leaf() > 0.6).nonzero(), (data() > 0.6).nonzero())


def test_negative_and_absolute():
    x = leaf()
    assert +x is x
    same(-leaf(), -data())
    same(abs(-leaf()), data())


COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge"]


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons(name):
    for second, plain in ((0.5, 0.5), (Variable(data()), data()), (data(), data())):
        expected = getattr(operator, name)(data(), plain)
        result = getattr(operator, name)(leaf(), second)
        same(result, expected)
        assert not result.requires_grad
        same(getattr(leaf(), name)(second), expected)


def test_masks():
    low, high = leaf() > 0.2, leaf() < 0.8
    same(low & high, (data() > 0.2) & (data() < 0.8))
    same(low | high, (data() > 0.2) | (data() < 0.8))
    same(~low, ~(data() > 0.2))
    assert low.any().data.tolist() == [True]
    assert bool(leaf().argmax().data[0] == 4)


CALLS = [
    ("add", (2, data()), lambda x: x + 2 * data()),
    ("sub", (2, data()), lambda x: x - 2 * data()),
    ("addcmul", (2, data(), data()), lambda x: x.addcmul(2, data(), data())),
    ("addcmul", (data(), data()), lambda x: x.addcmul(1, data(), data())),
    ("addcdiv", (2, data(), data()), lambda x: x.addcdiv(2, data(), data())),
    ("clamp", (0.2, 0.6), lambda x: x.clamp(0.2, 0.6)),
    ("lerp", (data() * 2, 0.5), lambda x: x * 1.5),
    ("addmm", (data(), torch.eye(3)), lambda x: x + data()),
    ("addmm", (2, data(), torch.eye(3)), lambda x: x * 2 + data()),
    ("addmm", (2, 3, data(), torch.eye(3)), lambda x: x * 2 + data() * 3),
    ("mm", (torch.eye(3),), lambda x: x),
    ("mv", (torch.ones(3),), lambda x: x.mv(torch.ones(3))),
    ("matmul", (torch.eye(3),), lambda x: x),
    ("matmul", (torch.ones(3),), lambda x: x.mv(torch.ones(3))),
    ("t", (), lambda x: x.t()),
    ("transpose", (0, 1), lambda x: x.transpose(0, 1)),
    ("permute", (1, 0), lambda x: x.permute(1, 0)),
    ("view", (3, 2), lambda x: x.view(3, 2)),
    ("view", ((3, -1),), lambda x: x.view(3, 2)),
    ("view_as", (torch.zeros(6),), lambda x: x.view(6)),
    ("reshape", (6,), lambda x: x.view(6)),
    ("expand", (4, 2, 3), lambda x: x.expand(4, 2, 3)),
    ("expand_as", (torch.zeros(4, 2, 3),), lambda x: x.expand(4, 2, 3)),
    ("unsqueeze", (1,), lambda x: x.unsqueeze(1)),
    ("squeeze", (), lambda x: x),
    ("narrow", (1, 1, 2), lambda x: x.narrow(1, 1, 2)),
    ("select", (1, -1), lambda x: x.select(1, 2)),
    ("repeat", (2, 1), lambda x: x.repeat(2, 1)),
    ("clone", (), lambda x: x),
    ("contiguous", (), lambda x: x),
    ("double", (), lambda x: x.double()),
    ("type", (torch.float64,), lambda x: x.double()),
    ("type", ("torch.DoubleTensor",), lambda x: x.double()),
    ("to", (torch.float64,), lambda x: x.double()),
    ("type_as", (torch.zeros(1).double(),), lambda x: x.double()),
    ("masked_select", (data() > 0.4,), lambda x: x.masked_select(data() > 0.4)),
    ("masked_fill", (data() > 0.4, 7), lambda x: x.masked_fill(data() > 0.4, 7)),
    ("index_select", (1, torch.LongTensor([2, 0])), lambda x: x[:, torch.LongTensor([2, 0])]),
    (
        "gather",
        (1, torch.LongTensor([[2], [0]])),
        lambda x: x.gather(1, torch.LongTensor([[2], [0]])),
    ),
    ("max", (data() * 2,), lambda x: x * 2),
    ("min", (data() * 2,), lambda x: x),
    ("sum", (1,), lambda x: x.sum(1)),
    ("sum", (1, True), lambda x: x.sum(1, True)),
    ("mean", (0,), lambda x: x.mean(0)),
    ("norm", (2, 1), lambda x: x.norm(2, 1)),
    ("var", (1,), lambda x: x.var(1)),
]


@pytest.mark.parametrize("name, args, expected", CALLS, ids=[c[0] for c in CALLS])
def test_methods_and_torch_functions(name, args, expected):
    same(getattr(leaf(), name)(*args), expected(data()))
    variables = [Variable(a) if isinstance(a, torch.Tensor) else a for a in args]
    result = getattr(leaf(), name)(*variables)
    same(result, expected(data()))
    assert result.requires_grad
    if callable(getattr(torch, name, None)):  # torch.double is a dtype
        same(getattr(torch, name)(leaf(), *variables), expected(data()))


FULL = ["sum", "mean", "prod", "max", "min", "norm", "var", "std"]


@pytest.mark.parametrize("name", FULL)
def test_full_reductions_have_size_one(name):
    result = getattr(leaf(), name)()
    assert tuple(result.size()) == (1,)
    assert abs(result.data[0] - getattr(data(), name)()) < 1e-6
    along = Variable(torch.ones(3), requires_grad=True)
    if name not in ("max", "min"):
        assert tuple((along.norm(2, 0) if name == "norm" else getattr(along, name)(0)).size()) == (
            1,
        )


def test_max_along_a_dimension():
    values, indices = leaf().max(1)
    expected_values, expected_indices = data().max(1)
    same(values, expected_values)
    same(indices, expected_indices)
    assert values.requires_grad and not indices.requires_grad
    assert tuple(leaf().min(1, keepdim=True)[0].size()) == (2, 1)


def test_split_and_chunk():
    x = Variable(torch.arange(7).float(), requires_grad=True)
    assert [part.data.tolist() for part in x.split(3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [len(part) for part in x.chunk(2)] == [4, 3]
    with pytest.raises(ValueError, match="split: expected a split_size of 1 or more, got 0"):
        x.split(0)
    with pytest.raises(ValueError, match="chunk: .*-1"):
        x.chunk(-1)


def test_cat_stack_where():
    same(torch.cat([leaf(), leaf()]), torch.cat([data(), data()]))
    same(torch.cat([leaf(), data()], 1), torch.cat([data(), data()], 1))
    same(torch.cat([data(), leaf()], 1), torch.cat([data(), data()], 1))
    same(torch.stack([leaf(), leaf()], 1), torch.stack([data(), data()], 1))
    mask = data() > 0.4
    same(torch.where(Variable(mask), leaf(), Variable(-data())), torch.where(mask, data(), -data()))
    same(torch.where(mask, leaf(), 0), torch.where(mask, data(), torch.zeros(1)))


MATMUL = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((5, 2, 3), (5, 3, 4)),
    ((3,), (5, 3, 4)),
    ((5, 2, 3), (3,)),
    ((6, 1, 2, 3), (5, 3, 4)),
]


@pytest.mark.parametrize("x, y", MATMUL, ids=str)
def test_matmul(x, y):
    a, b = torch.rand(*x), torch.rand(*y)
    result = Variable(a, requires_grad=True) @ Variable(b)
    expected = a @ b
    difference = result.data - expected
    assert abs(difference).max() < 1e-5
    assert tuple(result.size()) == (tuple(expected.shape) if len(x + y) > 2 else (1,))
    assert tuple((a @ Variable(b)).size()) == tuple(result.size())


def test_matmul_errors():
    with pytest.raises(ValueError, match=r"matmul: sizes \(2,\) and \(3,\) do not broadcast"):
        Variable(torch.ones(2, 2, 2)) @ Variable(torch.ones(3, 2, 2))
    with pytest.raises(ValueError, match=r"t: expected a matrix, got size \(2,\)"):
        Variable(torch.ones(2)).t()


INDICES = [
    0,
    -1,
    (0, 1),
    (1, -1),
    slice(0, 1),
    (slice(None), 2),
    (..., 1),
    (None, 0),
    (slice(None), None),
    torch.LongTensor([1, 0, 1]),
    (slice(None), torch.LongTensor([2])),
    data() > 0.4,
]


@pytest.mark.parametrize("index", INDICES, ids=lambda i: type(i).__name__)
def test_reading_and_writing_elements(index):
    expected = data()[index]
    result = leaf()[index]
    if isinstance(expected, torch.Tensor):
        same(result, expected)
    else:
        assert result.data.tolist() == [expected]
    changed, written = leaf().clone(), data()
    changed[index] = 7
    written[index] = 7
    same(changed, written)
    other = leaf().clone()
    other[index] = Variable(torch.FloatTensor([8]), requires_grad=True)
    written[index] = 8
    same(other, written)
    if isinstance(index, torch.Tensor):
        assert leaf()[Variable(index)].data.tolist() == data()[index].tolist()


def test_indexing_errors():
    with pytest.raises(IndexError):
        leaf()[2]
    with pytest.raises(IndexError):
        leaf()[0, 0, 0]
    with pytest.raises(IndexError, match="select: index 3 is out of range for dimension 1"):
        leaf().select(1, 3)
    with pytest.raises(IndexError):
        leaf().clone()[2] = 1


def test_assigning_everything_in_place():
    x = leaf().clone()
    assert x.fill_(3) is x
    assert x.data.tolist() == [[3] * 3] * 2
    x.copy_(leaf())
    same(x, data())
    assert x.zero_().data.tolist() == [[0] * 3] * 2


def test_adding_along_indices():
    x, source = leaf(), Variable(torch.ones(2, 1), requires_grad=True)
    index = torch.LongTensor([1])
    expected = data().index_add_(1, index, torch.ones(2, 1))
    same(x.index_add(1, index, source), expected)
    same(x.clone().index_add_(1, index, source), expected)
    places = torch.LongTensor([[1], [1]])
    same(x.scatter_add(1, places, source), expected)
    same(x.clone().scatter_add_(1, places, source), expected)


ARGUMENTS = [
    (
        lambda: leaf().addmm(data()),
        TypeError,
        r"addmm: expected \(beta, alpha, mat1, mat2\), got 1",
    ),
    (lambda: leaf().addcmul(data()), TypeError, r"addcmul: expected \(a, b\) or \(value, a, b\)"),
    (lambda: torch.FloatTensor(leaf()), TypeError, "Variable"),
    (lambda: data().add_(leaf()), TypeError, "a Variable was given where data"),
    (lambda: torch.sum(leaf(), out=data()), TypeError, "out= is not available for Variables"),
]


@pytest.mark.parametrize("call, error, text", ARGUMENTS)
def test_argument_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("name", ["exp", "log", "view", "sum", "add", "matmul"])
def test_methods_have_their_name(name):
    assert getattr(Variable, name).__name__ == name


def test_hypot_with_a_number_is_differentiable():
    x = Variable(torch.FloatTensor([3]), requires_grad=True)
    x.hypot(4).backward()
    assert abs(x.grad.data[0] - 0.6) < 1e-6
