"""Views of Variables: what shares memory, views taken in place, and wrong arguments."""

import pytest
import torch
from torch.autograd import Variable, grad, no_grad
from torch.autograd import functions as F


def leaf(*size):
    data = torch.arange(torch.Size(size).numel()).double().view(size)
    return Variable(data, requires_grad=True)


VIEWS = [
    lambda y: y.view(3, 2),
    lambda y: y.view_as(torch.zeros(6)),
    lambda y: y.reshape(3, 2),
    lambda y: y.reshape_as(torch.zeros(6)),
    lambda y: y.resize(3, 2),
    lambda y: y.resize_as(torch.zeros(6)),
    lambda y: y.ravel(),
    lambda y: y.T,
    lambda y: y.mT,
    lambda y: y.t(),
    lambda y: y.transpose(0, 1),
    lambda y: y.swapaxes(0, 1),
    lambda y: y.permute(1, 0),
    lambda y: y.movedim(0, 1),
    lambda y: y.moveaxis(0, 1),
    lambda y: y.squeeze(),
    lambda y: y.unsqueeze(1),
    lambda y: y.expand(2, 2, 3),
    lambda y: y.broadcast_to(2, 2, 3),
    lambda y: y.expand_as(torch.zeros(2, 2, 3)),
    lambda y: torch.broadcast_tensors(y, torch.zeros(2, 1, 1))[0],
    lambda y: y.narrow(1, 1, 2),
    lambda y: y.select(1, 0),
    lambda y: y.diagonal(),
    lambda y: y.unfold(1, 2, 1),
    lambda y: y.as_strided((2,), (1,)),
    lambda y: y.split(1)[1],
    lambda y: y.chunk(2)[0],
    lambda y: y.tensor_split(2)[0],
    lambda y: y.tensor_split((2, 1), 1)[2],
    lambda y: torch.array_split(y, 2)[1],
    lambda y: y.unbind(1)[2],
    lambda y: y[1],
    lambda y: y.contiguous(),
    lambda y: torch.atleast_3d(y),
    lambda y: F.Resize(6)(y),
    lambda y: F.Chunk(2)(y)[0],
    lambda y: F.NoGrad()(y),
]

COPIES = [
    lambda y: y.flatten(),
    lambda y: y.t().reshape(6),
    lambda y: y.t().ravel(),
    lambda y: y.t().contiguous(),
    lambda y: y.repeat(1, 1),
    lambda y: y.tile(1),
    lambda y: y.repeat_interleave(1, 0),
    lambda y: y.roll(0),
    lambda y: y.rot90(0),
    lambda y: y.flip(0),
    lambda y: y.tril(),
    lambda y: y.diag(),
    lambda y: y.clone(),
    lambda y: y.copy(),
    lambda y: torch.cat([y]),
    lambda y: torch.stack([y]),
    lambda y: torch.meshgrid(y.select(0, 0))[0],
    lambda y: y.index_select(0, torch.LongTensor([0])),
    lambda y: y.take(torch.LongTensor([0])),
    lambda y: y.masked_select(y > 1),
    lambda y: y.astype(torch.float64),
]

SHARED = "in-place operation on a Variable whose memory another differentiable Variable shares"


@pytest.mark.parametrize("view", VIEWS, ids=range(len(VIEWS)))
def test_in_place_on_what_shares_memory_raises(view):
    y = leaf(2, 3) * 1
    z = view(y)
    assert z.data.data_ptr() in range(y.data.data_ptr(), y.data.data_ptr() + 48)
    with pytest.raises(RuntimeError, match=SHARED):
        z.fill_(1)
    if z.requires_grad:
        with pytest.raises(RuntimeError, match=SHARED):
            y.fill_(1)
    assert y.data.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("copy", COPIES, ids=range(len(COPIES)))
def test_copies_may_be_changed(copy):
    y = leaf(2, 3) * 1
    copy(y).fill_(7)
    assert y.data.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_gradients_of_views_are_views():
    """Where a view suffices, nothing is copied."""
    gradient = torch.ones(3, 2).double()
    for view in (lambda x: x.t(), lambda x: x.view(3, 2), lambda x: x.permute(1, 0)):
        x = leaf(2, 3)
        (gx,) = grad(view(x), x, gradient)
        assert gx.data_ptr() == gradient.data_ptr()


IN_PLACE = [
    ("t_", (), (3, 2)),
    ("transpose_", (0, 1), (3, 2)),
    ("unsqueeze_", (0,), (1, 2, 3)),
]


@pytest.mark.parametrize("name, args, size", IN_PLACE)
def test_views_in_place(name, args, size):
    x = leaf(2, 3)
    y = x * 1
    before = y.data
    square = y * y
    assert getattr(y, name)(*args) is y
    assert tuple(y.size()) == size
    assert tuple(before.size()) == (2, 3)  # what others hold stays as it was
    weights = leaf(*size).data
    (y * Variable(weights)).sum().backward()
    home = weights.squeeze(0) if name == "unsqueeze_" else weights.t()
    assert x.grad.data.tolist() == home.tolist()
    x.grad = None
    square.sum().backward()  # nor has the value that it saved changed
    assert x.grad.data.tolist() == [[0, 2, 4], [6, 8, 10]]


def test_squeeze_in_place():
    x = leaf(2, 1, 3)
    y = x * 1
    assert y.squeeze_(axis=1) is y and tuple(y.size()) == (2, 3)
    y.sum().backward()
    assert tuple(x.grad.size()) == (2, 1, 3)
    z = F.Squeeze(inplace=True)(leaf(1, 3) * 2)
    assert tuple(z.size()) == (3,)


def test_views_in_place_without_gradient():
    x = Variable(torch.zeros(2, 3))
    x.t_()
    assert tuple(x.size()) == (3, 2) and not x.requires_grad
    p = leaf(2, 3)
    with no_grad():
        p.unsqueeze_(0)
    assert p.is_leaf and p.requires_grad and tuple(p.size()) == (1, 2, 3)


def test_a_view_in_place_of_a_leaf_raises_in_backward():
    x = leaf(2, 3)
    x.t_()
    with pytest.raises(RuntimeError, match="a leaf Variable that requires a gradient was changed"):
        x.sum().backward()


def test_a_view_in_place_of_shared_memory_raises():
    y = leaf(2, 3) * 1
    z = y[0]
    with pytest.raises(RuntimeError, match=SHARED):
        y.t_()
    assert z.requires_grad


def test_parts_that_nothing_was_computed_from_have_zero_gradient():
    x = leaf(5)
    _, middle, _ = x.split([1, 2, 2])
    (middle * 3).sum().backward()
    assert x.grad.data.tolist() == [0, 3, 3, 0, 0]
    assert middle.output_nr == 1


def test_iteration_is_one_function():
    for x in (leaf(4), leaf(4, 2)):
        parts = list(x)
        assert len(parts) == 4 and len({part.creator for part in parts}) == 1
        (parts[1] * 2).sum().backward()
        assert x.grad.data.sum() == 2 * parts[1].numel()


def test_many_views_of_one_memory():
    x = leaf(40) * 1
    kept = x.unbind()
    for _ in range(200):
        x.view(-1)
    assert len(x._shared) < 100 and len(kept) == 40  # views that are gone are forgotten
    with pytest.raises(RuntimeError, match=SHARED):
        x.zero_()


def test_unbind_and_stack_undo_each_other():
    x = leaf(3)
    parts = x.unbind()
    assert [part.dim() for part in parts] == [0, 0, 0]
    y = torch.stack(parts)
    assert y.data.tolist() == x.data.tolist()
    (y * y).sum().backward()
    assert x.grad.data.tolist() == [0, 2, 4]


def test_mixtures_of_tensors_and_variables():
    x, t = leaf(2, 3), torch.ones(2, 3).double()
    for result in (
        torch.cat([t, x]),
        torch.cat((x, t), 1),
        torch.cat(tensors=[t, x], axis=1),
        torch.stack([t, x, t]),
        torch.vstack((t, x)),
        torch.hstack([t, x]),
        torch.dstack([t, x]),
        torch.column_stack([t, x]),
        torch.broadcast_tensors([t, x])[1],
        t.index_add(0, torch.LongTensor([0, 0]), x),
        torch.index_copy(t, 0, torch.LongTensor([0, 1]), x),
        torch.scatter(t, 0, torch.zeros(1, 3).long(), x),
        t.masked_fill(t > 2, leaf(1)),
        t.masked_scatter(t > 0, x),
    ):
        assert isinstance(result, Variable) and result.requires_grad
    for result in (torch.cat([t, Variable(t)]), torch.stack([Variable(t)])):
        assert isinstance(result, Variable) and not result.requires_grad


def test_gradients_of_joined_types():
    x, y = leaf(2), Variable(torch.ones(2), requires_grad=True)
    for join in (torch.cat, torch.stack):
        result = join([x, y])
        assert result.dtype is torch.float64
        gx, gy = grad(result.sum(), [x, y])
        assert gx.dtype is torch.float64 and gy.dtype is torch.float32


def test_functions_of_the_alpha():
    x = leaf(2, 3)
    for result, expected in (
        (F.View(3, 2)(x), x.data.view(3, 2)),
        (F.Transpose(0, 1)(x), x.data.t()),
        (F.Permute(1, 0)(x), x.data.t()),
        (F.Permute((1, 0))(x), x.data.t()),
        (F.Expand((4, 2, 3))(x), x.data.expand(4, 2, 3)),
        (F.Resize(6)(x), x.data.view(6)),
        (F.Concat(1)(x, x), torch.cat([x.data, x.data], 1)),
        (F.Repeat((2, 1))(x), x.data.repeat(2, 1)),
        (F.Unsqueeze(0)(x), x.data.unsqueeze(0)),
        (F.Index((0, slice(1, 3)))(x), x.data[0, 1:]),
        (F.Diag(1)(x), x.data.diag(1)),
        (F.Tril()(x), x.data.tril()),
        (F.Triu(1)(x), x.data.triu(1)),
        (F.NoGrad()(x), x.data),
    ):
        assert result.data.tolist() == expected.tolist()
    assert F.Trace()(x).data.tolist() == [4] and tuple(F.Trace()(x).size()) == (1,)
    assert not F.NoGrad()(x).requires_grad
    y = x * 1
    assert F.Unsqueeze(1, inplace=True)(y) is y and tuple(y.size()) == (2, 1, 3)


ERRORS = [
    (lambda x: x.t(), ValueError, r"t: expected a matrix, got size \(2, 3, 1\)"),
    (lambda x: (x * 1).t_(), ValueError, r"t_: expected a matrix, got size \(2, 3, 1\)"),
    (lambda x: x.select(0, 0).select(0, 0).mT, ValueError, "mT: expected a matrix or several"),
    (lambda x: x.trace(), ValueError, r"trace: expected a matrix, got size \(2, 3, 1\)"),
    (lambda x: x.resize(4), ValueError, r"resize: expected sizes of as many elements as \(2, 3, 1"),
    (lambda x: x.resize(6, -1), ValueError, r"got \(6, -1\)"),
    (lambda x: x.narrow(0, 1), TypeError, r"narrow\(self: Tensor, dimension: int, start: int"),
    (lambda x: x.narrow(0, 0, 5), IndexError, "narrow"),
    (lambda x: x.view(5), ValueError, "view"),
    (lambda x: x.view("a"), TypeError, "view"),
    (lambda x: x.view(Variable(torch.LongTensor([6]))), TypeError, "view: got"),
    (lambda x: x.expand(3, 3, 1), ValueError, "expand"),
    (lambda x: x.permute(0, 0, 1), ValueError, "permute"),
    (lambda x: x.squeeze(5), IndexError, "squeeze"),
    (lambda x: x.unbind(3), IndexError, "unbind"),
    (lambda x: x.chunk(0), ValueError, "chunk: expected chunks of 1 or more, got 0"),
    (lambda x: x.split(0), ValueError, "split: expected a split_size of 1 or more, got 0"),
    (lambda x: x.flip(0, 0), ValueError, "flip"),
    (lambda x: x.repeat(2), ValueError, "repeat"),
    (lambda x: x.roll(1, nothing=3), TypeError, "nothing"),
    (lambda x: x.as_strided((9,), (1,)), ValueError, "as_strided"),
    (lambda x: torch.cat([x, leaf(3)]), ValueError, "cat"),
    (lambda x: torch.cat([x, 3]), TypeError, "expected a Variable, got int"),
    (lambda x: torch.meshgrid(x, x), ValueError, "meshgrid"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(leaf(2, 3, 1))
