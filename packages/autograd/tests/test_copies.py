"""Conversions, what overwrites, questions, creators, and Python's protocols."""

import copy
import math
import operator

import numpy as np
import pytest
import torch
from rows import without_gradient
from torch.autograd import Variable, grad
from torch.autograd import functions as F
from torch.autograd.methods import dtype as dtypes


def leaf(*values):
    return Variable(torch.FloatTensor(list(values)), requires_grad=True)


# conversions


@pytest.mark.parametrize("name", sorted(dtypes.CASTS))
def test_casts(name):
    x = leaf(1, 0)
    y = getattr(x, name)()
    assert y.dtype is getattr(torch, dtypes.CASTS[name])
    assert y.data.tolist() == [1, 0]
    assert y.requires_grad is y.dtype.is_floating_point  # whole numbers have no gradient
    assert getattr(y, name)() is y
    if y.requires_grad:
        (y * 3).backward(torch.ones(2).type(y.dtype))
        assert x.grad.dtype is torch.float32 and x.grad.data.tolist() == [3, 3]


TO_DOUBLE = [
    lambda x: x.to(torch.float64),
    lambda x: x.to("cpu", torch.float64),
    lambda x: x.to(dtype=torch.float64),
    lambda x: x.to(torch.zeros(1).double()),
    lambda x: x.to(Variable(torch.zeros(1).double())),
    lambda x: x.type(torch.float64),
    lambda x: x.type("torch.DoubleTensor"),
    lambda x: x.type(t=torch.DoubleTensor),
    lambda x: x.type_as(Variable(torch.zeros(1).double())),
    lambda x: x.astype(torch.float64),
    lambda x: x.astype("float64", copy=False),
    lambda x: F.Type(torch.DoubleTensor)(x),
    lambda x: F.To("cpu", torch.float64)(x),
]


@pytest.mark.parametrize("convert", TO_DOUBLE, ids=range(len(TO_DOUBLE)))
def test_conversions(convert):
    x = leaf(1, 2)
    y = convert(x)
    assert y.dtype is torch.float64 and y.data.tolist() == [1, 2]
    (gx,) = grad((y * y).sum(), x)
    assert gx.dtype is torch.float32 and gx.data.tolist() == [2, 4]


SAME = [
    lambda x: x.to(torch.float32),
    lambda x: x.to("cpu"),
    lambda x: x.to(x),
    lambda x: x.type(torch.float32),
    lambda x: x.type_as(x),
    lambda x: x.astype(torch.float32, copy=False),
    lambda x: x.float(),
    lambda x: x.cpu(),
]


@pytest.mark.parametrize("convert", SAME, ids=range(len(SAME)))
def test_a_conversion_to_what_is_there_gives_the_variable_itself(convert):
    x = leaf(1, 2)
    assert convert(x) is x


@pytest.mark.parametrize(
    "make",
    [lambda x: x.to(torch.float32, copy=True), lambda x: x.astype(torch.float32)],
)
def test_copies_on_demand(make):
    x = leaf(1, 2)
    y = make(x)
    assert y.data_ptr() != x.data_ptr() and y.requires_grad


needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@needs_cuda
@pytest.mark.parametrize(
    "move", [lambda x: x.cuda(), lambda x: x.to("cuda"), lambda x: F.CudaTransfer()(x)]
)
def test_gradients_come_back_from_a_gpu(move):
    x = leaf(1, 2)
    y = move(x)
    assert y.is_cuda
    (y * 2).cpu().sum().backward()
    assert not x.grad.is_cuda and x.grad.data.tolist() == [2, 2]


@needs_cuda
def test_pinned_memory():
    x = leaf(1, 2)
    y = x.pin_memory()
    assert y.is_pinned()
    y.sum().backward()
    assert x.grad.data.tolist() == [1, 1]


@pytest.mark.skipif(torch.cuda.is_available(), reason="for machines without a GPU")
@pytest.mark.parametrize("name", ["cuda", "pin_memory"])
def test_without_a_gpu(name):
    with pytest.raises(RuntimeError, match=f"{name}: no device cuda"):
        getattr(leaf(1), name)()
    with pytest.raises(RuntimeError, match="no device cuda"):
        F.CudaTransfer()(leaf(1))


# what overwrites


def test_copy_converts_broadcasts_and_sums_the_gradient():
    source = Variable(torch.ones(3).double(), requires_grad=True)
    x = leaf(0, 0, 0, 0, 0, 0).view(2, 3) * 1
    assert x.copy_(source) is x and x.dtype is torch.float32
    (x * 2).sum().backward()
    assert source.grad.dtype is torch.float64 and source.grad.data.tolist() == [4, 4, 4]


def test_filling_with_a_variable_is_differentiable():
    value = leaf(3)
    x = leaf(1, 2) * 1
    assert x.fill_(value) is x and x.data.tolist() == [3, 3]
    x.sum().backward()
    assert value.grad.data.tolist() == [2]


FILLS = [
    lambda x: x.fill_(2),
    lambda x: x.zero_(),
    lambda x: x.normal_(),
    lambda x: x.uniform_(-1, to=1),
    lambda x: x.bernoulli_(Variable(torch.ones(2) / 2)),
    lambda x: x.random_(generator=torch.Generator()),
]


@pytest.mark.parametrize("fill", FILLS, ids=range(len(FILLS)))
def test_what_is_overwritten_gets_no_gradient(fill):
    x = leaf(1, 2)
    y = x * 3
    assert fill(y) is y
    y.sum().backward()
    assert x.grad.data.tolist() == [0, 0]
    with pytest.raises(RuntimeError, match="a leaf Variable that requires a gradient was changed"):
        fill(x).sum().backward()


RESIZING = [
    ("resize_", (3,)),
    ("resize_as_", (torch.zeros(3),)),
    ("set_", (torch.zeros(3),)),
    ("zeros_", (3,)),
    ("ones_", (3,)),
]


@pytest.mark.parametrize("name, args", RESIZING)
def test_resizing_in_place_needs_a_variable_without_gradient(name, args):
    for x in (leaf(1, 2), leaf(1, 2) * 1):
        with pytest.raises(RuntimeError, match=f"{name}: .* refused on a Variable that requires"):
            getattr(x, name)(*args)
    x = Variable(torch.zeros(2))
    assert getattr(x, name)(*args) is x and tuple(x.size()) == (3,)
    x = leaf(1, 2)
    with pytest.raises(RuntimeError, match="memory another differentiable"):
        getattr(x.detach(), name)(*args)


@pytest.mark.parametrize("name", ["apply_", "map_", "map2_"])
def test_python_functions_are_refused(name):
    args = {"apply_": (), "map_": (torch.ones(1),), "map2_": (torch.ones(1), torch.ones(1))}[name]
    with pytest.raises(TypeError, match=f"{name}: "):
        getattr(leaf(1), name)(*args, abs)


# questions

ASK = [
    ("element_size", ()),
    ("is_complex", ()),
    ("is_floating_point", ()),
    ("is_pinned", ()),
    ("is_same_size", (torch.zeros(2),)),
    ("is_set_to", (torch.zeros(2),)),
    ("is_shared", ()),
    ("is_signed", ()),
    ("numel", ()),
    ("nelement", ()),
    ("ndimension", ()),
    ("storage_offset", ()),
    ("stride", ()),
    ("stride", (0,)),
    ("tolist", ()),
    ("item", ()),
]


@pytest.mark.parametrize("name, args", ASK)
def test_questions_are_answered_as_by_the_tensor(name, args):
    x = leaf(1) if name == "item" else leaf(1, 2)
    expected = getattr(x.data, name)(*args)
    assert getattr(x, name)(*args) == expected
    variables = [Variable(a) if isinstance(a, torch.Tensor) else a for a in args]
    assert getattr(x, name)(*variables) == expected
    function = getattr(torch, name, None)
    if function is not None:
        assert function(x) == expected


def test_properties():
    x = leaf(1, 2)
    assert (x.itemsize, x.nbytes, x.ndim) == (4, 8, 1)
    assert x.storage() is x.data.storage()
    assert not torch.is_tensor(x) and not torch.is_storage(x)
    assert torch.typename(x) == "torch.autograd.variable.Variable"
    with pytest.raises(RuntimeError, match="get_device: expected a tensor on a GPU"):
        x.get_device()


def test_sharing_memory_with_processes():
    x = leaf(1, 2)
    y = x * 1
    assert y.share_memory_() is y and y.is_shared()
    assert y.requires_grad and y.data.tolist() == [1, 2]


def test_questions_and_refusals_all_exist():
    for name in [*without_gradient.QUESTIONS, *without_gradient.REFUSED]:
        assert hasattr(Variable, name) or not hasattr(torch.Tensor, name), name


# creators


@pytest.mark.parametrize("name", [n for n in sorted(without_gradient.CREATORS) if "_like" in n])
def test_new_variables_like_another_have_no_history(name):
    extra = {"full_like": (5,), "randint_like": (3,)}.get(name, ())
    x = leaf(1, 2)
    result = getattr(torch, name)(x, *extra)
    assert isinstance(result, Variable) and not result.requires_grad
    assert result.dtype is torch.float32 and tuple(result.size()) == (2,)
    assert getattr(torch, name)(x, *extra, dtype=torch.float64).dtype is torch.float64
    assert getattr(torch, name)(Variable(torch.ones(2), volatile=True), *extra).volatile


def test_new():
    x = leaf(1, 2)
    assert tuple(x.new(2, 3).size()) == (2, 3) and x.new([1, 2]).data.tolist() == [1, 2]
    assert isinstance(x.new(x), Variable) and not x.new(x).requires_grad
    assert tuple(torch.zeros(leaf(1, 2).size()).shape) == (2,)


@pytest.mark.parametrize("name", ["tensor", "as_tensor", "asarray"])
def test_data_is_not_taken_out_of_a_variable_silently(name):
    with pytest.raises(
        TypeError, match="a Variable was used where data is expected; use its .data"
    ):
        getattr(torch, name)(leaf(1))


UNTRACKED = [
    lambda x: x.nonzero(),
    lambda x: torch.nonzero(x, as_tuple=True)[0],
    lambda x: x.argwhere(),
    lambda x: x.flatnonzero(),
    lambda x: torch.unravel_index(x.long(), (3, 3))[1],
    lambda x: torch.ravel_multi_index([x.long(), x.long()], (3, 3)),
    lambda x: x.poisson(),
    lambda x: torch.poisson(x),
    lambda x: torch.standard_gamma(x),
    lambda x: torch.gamma(x, 2.0),
    lambda x: torch.beta(x, 2.0),
    lambda x: torch.dirichlet(x),
    lambda x: torch.choice(x, (2,)),
]


@pytest.mark.parametrize("call", UNTRACKED, ids=range(len(UNTRACKED)))
def test_results_without_history(call):
    result = call(leaf(1, 2))
    assert isinstance(result, Variable) and not result.requires_grad
    assert call(Variable(torch.FloatTensor([1, 2]), volatile=True)).volatile


# Python's protocols


def test_copy_copy():
    x = leaf(1, 2)
    y = copy.copy(x)
    assert y.is_leaf and y.requires_grad and y.grad is None
    assert y.data.tolist() == [1, 2] and y.data_ptr() != x.data_ptr()
    with pytest.raises(RuntimeError, match="copy: only leaf Variables can be copied"):
        copy.copy(x * 1)


def test_one_element_is_a_number():
    x = Variable(torch.FloatTensor([2.5]))
    assert (float(x), int(x), bool(x)) == (2.5, 2, True)
    assert (round(x), round(x, 1), math.floor(x), math.ceil(x), math.trunc(x)) == (2, 2.5, 2, 3, 2)
    assert f"{x:.2f}" == "2.50" and f"{x}" == str(x)
    i = Variable(torch.LongTensor([1]))
    assert operator.index(i) == 1 and ["a", "b"][i] == "b" and list(range(i)) == [0]
    assert 0 < x < 3 and not 3 < x < 4
    for refuse in (lambda: operator.index(x), lambda: "ab"[x]):
        with pytest.raises(TypeError, match="index: expected an integer tensor of one element"):
            refuse()
    with pytest.raises(ValueError, match="one element"):
        float(leaf(1, 2))


def test_membership_length_and_iteration():
    x = leaf(1, 2)
    assert 2 in x and 3 not in x and x[1] in x and x.data[1] in x
    assert len(x) == 2 and [v.item() for v in x] == [1, 2] and [v.item() for v in reversed(x)]
    with pytest.raises(TypeError):
        len(Variable(torch.tensor(1.0)))
    rows = list(leaf(1, 2, 3, 4).view(2, 2))
    assert [tuple(row.size()) for row in rows] == [(2,), (2,)]
    with pytest.raises(ValueError, match="truth value"):
        bool(0 < x < 3)


def test_numpy():
    x = leaf(1, 2)
    for refuse in (lambda: np.asarray(x), lambda: np.array(x, dtype=float), lambda: x.numpy()):
        with pytest.raises(TypeError, match="numpy: a Variable has no array; use .data.numpy()"):
            refuse()
    for number in (np.float64(3), np.float32(3), np.int64(3)):
        for result in (number * x, x * number, number + x * 0 + number * 0):
            assert isinstance(result, Variable) and result.requires_grad
    with pytest.raises(TypeError, match="ufunc"):
        np.exp(x)
