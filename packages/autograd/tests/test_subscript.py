"""x[index] and x[index] = value: values, gradients and double gradients for every kind of index."""

import numpy as np
import pytest
import torch
from rows import MASK, longs, real
from torch.autograd import Variable, gradcheck, gradgradcheck

INDICES = [
    0,
    -1,
    (1, 2),
    (1, -1),
    (),
    ...,
    None,
    slice(1, None),
    slice(None, None, 2),
    (slice(None), slice(0, 3, 2)),
    (..., 1),
    (0, ...),
    (None, 0, None),
    (slice(2, 2), 0),
    np.int64(1),
    (np.int32(0), slice(None)),
    True,
    False,
    np.bool_(True),
    [1, 0, 1],
    ([0, 1], [2, 2]),
    (slice(None), [2, 2, 0]),
    np.array([1, 0]),
    torch.LongTensor([0, 1, 0]),
    torch.LongTensor([[0, -1], [1, 1]]),
    torch.tensor(1),
    (torch.tensor(0), 2),
    (torch.LongTensor([0, 1]), torch.LongTensor([2, -1])),
    (torch.LongTensor([[0], [1]]), torch.LongTensor([2, -1])),
    (1, torch.LongTensor([2, 2])),
    (None, torch.LongTensor([0, 0]), slice(1, 3)),
    MASK(),
    torch.ByteTensor([[1, 0, 1], [0, 0, 0]]),
    (torch.tensor([True, False]), slice(1, None)),
    (slice(None), torch.tensor([True, False, True])),
    torch.zeros(2, 3) > 1,
]


def name_of(index):
    return repr(index).replace("\n", " ")


def leaf(*size):
    torch.manual_seed(3)
    return Variable(real(*size)(), requires_grad=True)


def picked(index):
    """x[index] of a tensor, with (1,) for a number as a Variable gives it."""
    expected = leaf(2, 3).data[index]
    if isinstance(expected, torch.Tensor):
        return expected
    return torch.tensor([expected], dtype=torch.float64)


@pytest.mark.parametrize("index", INDICES, ids=name_of)
def test_reading(index):
    result = leaf(2, 3)[index]
    assert result.shape == picked(index).shape
    assert result.data.tolist() == picked(index).tolist()
    assert gradcheck(lambda x: x[index], [leaf(2, 3)])
    assert gradgradcheck(lambda x: x[index], [leaf(2, 3)])


def assigned(index):
    def call(x, value):
        copy = x.clone()
        copy[index] = value
        return copy

    return call


@pytest.mark.parametrize("index", INDICES, ids=name_of)
def test_writing(index):
    """A value of the size of what is replaced, one that broadcasts, and a number."""
    values = [leaf(*picked(index).shape), leaf(1)]
    for value in values:
        expected = leaf(2, 3).data.clone()
        expected[index] = value.data
        result = assigned(index)(leaf(2, 3), value)
        assert result.data.tolist() == expected.tolist()
        assert gradcheck(assigned(index), [leaf(2, 3), value])
        assert gradgradcheck(assigned(index), [leaf(2, 3), value])
    assert gradcheck(lambda x: assigned(index)(x, 2.5), [leaf(2, 3)])
    assert gradgradcheck(lambda x: assigned(index)(x, 2.5), [leaf(2, 3)])


@pytest.mark.parametrize("index", INDICES, ids=name_of)
def test_only_a_view_shares_memory(index):
    """What x[index] shares with x may not be changed in place; a copy may."""
    x = leaf(2, 3) * 1
    y = x[index]
    shares = y.data.numel() and x.data.data_ptr() <= y.data.data_ptr() < x.data.data_ptr() + 48
    if shares:
        with pytest.raises(RuntimeError, match="in-place operation on a Variable whose memory"):
            y.zero_()
    elif y.data.numel():
        assert y.zero_() is y


def test_a_variable_without_dimensions():
    x = Variable(torch.tensor(2.0), requires_grad=True)
    for index in ((), ..., None):
        assert x[index].data.tolist() in (2, [2])
    (x[()] * 3).backward()
    assert x.grad.data.tolist() == 3
    y = x * 1
    y[()] = 5
    assert y.item() == 5


@pytest.mark.parametrize("index", [longs(1, 0, 1), MASK], ids=["positions", "mask"])
def test_variables_as_index(index):
    plain, variable = index(), Variable(index())
    x = leaf(2, 3)
    assert x[variable].data.tolist() == x[plain].data.tolist()
    y = assigned(variable)(x, 7)
    assert y.data.tolist() == assigned(plain)(x, 7).data.tolist()


def test_variables_inside_an_index():
    x = leaf(2, 3)
    rows, columns = Variable(torch.LongTensor([0, 1])), torch.LongTensor([2, 0])
    assert x[rows, columns].data.tolist() == x.data[rows.data, columns].tolist()
    assert x[Variable(torch.tensor(1))].data.tolist() == x.data[1].tolist()


def test_a_value_written_over_by_a_later_one_gets_no_gradient():
    x, value = leaf(3) * 1, leaf(3)
    x[torch.LongTensor([1, 1, 0])] = value
    x.sum().backward()
    assert value.grad.data.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "use",
    [
        lambda x, i: x[i],
        lambda x, i: assigned(i)(x, 2),
        lambda x, i: x.index_put([i], 2),
        lambda x, i: x[i, 0],
        lambda x, i: x.index_select(0, i),
        lambda x, i: x.take(i),
    ],
)
def test_an_index_that_was_changed_is_found_in_backward(use):
    index = torch.LongTensor([1, 0])
    y = use(leaf(2, 3) * 1, index)
    index.fill_(0)
    with pytest.raises(RuntimeError, match=r"a value it saved .* of size \(2,\), was changed"):
        y.sum().backward()


def test_a_list_that_was_changed_does_not_matter():
    x, index = leaf(3), [1, 2]
    y = x[index]
    index[0] = 0
    y.sum().backward()
    assert x.grad.data.tolist() == [0, 1, 1]


def test_a_value_of_another_type_is_converted_and_so_is_its_gradient():
    x = Variable(torch.zeros(2, 3), requires_grad=True) * 1
    value = leaf(3)
    x[0] = value
    assert x.dtype is torch.float32
    (x * 2).sum().backward()
    assert value.grad.dtype is torch.float64 and value.grad.data.tolist() == [2, 2, 2]


def test_sequences_as_values():
    x = Variable(torch.zeros(2, 3), requires_grad=True)
    y = x * 1
    y[1] = [1, 2, 3]
    y[0, :2] = (4, 5)
    y[:, 2] = np.array([6.0, 7.0])
    assert y.data.tolist() == [[4, 5, 6], [1, 2, 7]]
    y.sum().backward()
    assert x.grad.data.tolist() == [[0, 0, 0], [0, 0, 0]]


ERRORS = [
    (lambda x: x[2], IndexError, "out of range"),
    (lambda x: x[0, 3], IndexError, "out of range"),
    (lambda x: x[0, 0, 0], IndexError, "too many indices"),
    (lambda x: x["a"], IndexError, "index: expected ints, slices"),
    (lambda x: x[0.5], IndexError, "index: expected ints, slices"),
    (lambda x: x[torch.LongTensor([2])], IndexError, "2"),
    (lambda x: x[torch.zeros(3) > 1], IndexError, "mask of size"),
    (lambda x: x.__setitem__(2, 1), IndexError, "out of range"),
    (lambda x: x.__setitem__(0, leaf(2)), ValueError, "2"),
    (lambda x: x.__setitem__(0, "a"), (TypeError, ValueError), "str|a"),
    (lambda x: x.data.__setitem__(0, x[0]), TypeError, "a Variable was used where data"),
    (lambda x: x.data[Variable(torch.tensor([0]))], TypeError, "a Variable was used where data"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(leaf(2, 3) * 1)


WITHIN = [lambda v: v, lambda v: (v, 0), lambda v: (0, v), lambda v: [v], lambda v: [[0, 1], v]]


@pytest.mark.parametrize("kind", ["LongTensor", "IntTensor", "ByteTensor", "BoolTensor"])
@pytest.mark.parametrize("within", WITHIN)
def test_a_tensor_is_not_indexed_by_variables(kind, within):
    """Nor written to: the index of a Variable may be a Variable, that of a Tensor is data."""
    x = torch.zeros(2, 2)
    index = within(Variable(getattr(torch, kind)([1, 0])))
    text = r"^index: a Variable was used where data is expected; use its \.data$"
    with pytest.raises(TypeError, match=text):
        x[index]
    with pytest.raises(TypeError, match=text):
        x[index] = 1
    assert x.tolist() == [[0, 0], [0, 0]]
