"""What a Variable is: attributes, leaves and results, volatile, copies, hooks, in-place rules."""

import copy
import pickle

import pytest
import torch
from torch.autograd import Variable
from torch.autograd import functions as F


def leaf(*values):
    return Variable(torch.FloatTensor(list(values)), requires_grad=True)


def test_constructor_takes_its_arguments_in_the_order_of_the_alpha():
    data = torch.ones(2)
    x = Variable(data)
    assert x.data is data and x.grad is None and x.creator is None
    assert not x.requires_grad and not x.volatile and x.is_leaf
    creator = F.Exp()
    y = Variable(data, creator)
    assert y.creator is creator and y.requires_grad and not y.is_leaf
    assert Variable(data, None, True).volatile
    assert Variable(data, None, False, True).requires_grad


def test_volatile_wins():
    x = Variable(torch.ones(2), volatile=True, requires_grad=True)
    assert x.volatile and not x.requires_grad
    for y in (x * leaf(1, 2), leaf(1, 2) * x, x.exp(), x * 2, x.sum(), x.view(2, 1), x > 0):
        assert y.volatile and not y.requires_grad and y.creator is None
    with pytest.raises(RuntimeError, match="a volatile Variable cannot require a gradient"):
        x.requires_grad = True
    y = leaf(1, 2)
    y.volatile = True
    assert not y.requires_grad


DATA_ERRORS = [
    (lambda: Variable(leaf(1)), TypeError, "Variable: a Variable was given where data"),
    (lambda: Variable([1, 2]), TypeError, "Variable: expected a tensor, got list"),
    (
        lambda: setattr(leaf(1), "data", leaf(1)),
        TypeError,
        "Variable.data: a Variable was given where data",
    ),
    (lambda: setattr(leaf(1), "data", 3), TypeError, "Variable.data: expected a tensor, got int"),
    (
        lambda: setattr(leaf(1), "grad", torch.ones(1)),
        TypeError,
        r"Variable.grad: expected a Variable or None, got FloatTensor of size \(1,\)",
    ),
    (
        lambda: setattr(leaf(1).exp(), "requires_grad", False),
        RuntimeError,
        "only leaves can be switched off",
    ),
    (lambda: setattr(leaf(1).exp(), "volatile", True), RuntimeError, "can be set on leaves only"),
    (lambda: leaf(1).numpy(), TypeError, "use .data.numpy()"),
    (lambda: copy.deepcopy(leaf(1).exp()), RuntimeError, "deepcopy: only leaf Variables"),
    (lambda: pickle.dumps(leaf(1).exp()), RuntimeError, "pickle: only leaf Variables"),
    (
        lambda: iter(Variable(torch.tensor(3.0))),
        TypeError,
        "iteration over a Variable without dimensions",
    ),
    (lambda: bool(leaf(1, 2)), (ValueError, RuntimeError), "bool: the truth value"),
]


@pytest.mark.parametrize("call, error, text", DATA_ERRORS, ids=range(len(DATA_ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_questions_go_to_the_tensor():
    x = Variable(torch.zeros(2, 3))
    assert tuple(x.size()) == (2, 3) and x.size(1) == 3 and tuple(x.shape) == (2, 3)
    assert x.dim() == x.ndimension() == x.ndim == 2 and x.numel() == x.nelement() == 6
    assert tuple(x.stride()) == (3, 1) and x.is_contiguous() and len(x) == 2
    assert x.dtype is torch.float32 and not x.is_cuda and x.type() == "torch.FloatTensor"
    assert x.data_ptr() == x.data.data_ptr()
    assert x.is_contiguous.__name__ == "is_contiguous"


def test_numbers():
    x = leaf(2.5)
    assert x.item() == 2.5 and float(x) == 2.5 and int(x) == 2 and bool(x)
    assert not bool(leaf(0))


def test_iteration_gives_differentiable_parts():
    x = leaf(1, 2, 3)
    first, *_, last = x
    assert tuple(first.size()) == (1,)
    (first * last).backward()
    assert x.grad.data.tolist() == [3, 0, 1]


def test_repr():
    assert repr(leaf(1)) == "Variable containing:\n" + repr(torch.FloatTensor([1]))


def test_variables_are_found_by_identity_in_dicts():
    x, y = leaf(1), leaf(1)
    table = {x: "x", y: "y"}
    assert table[x] == "x" and table[y] == "y" and len({x, y, x}) == 2


def test_creator_and_output_number():
    x = leaf(3, 1, 2)
    values, indices = x.view(1, 3).max(1)
    assert isinstance(values.creator, F.Max) and values.output_nr == 0
    assert indices.creator is None
    assert x.exp().creator.name == "Exp" and x.exp().output_nr == 0


def test_detach_shares_data_without_history():
    x = leaf(1, 2).exp()
    for y in (x.detach(), x.no_grad()):
        assert y.data is x.data and not y.requires_grad and y.creator is None


def test_deepcopy_and_pickle_of_leaves():
    x = leaf(1, 2)
    (x * 2).sum().backward()
    both = copy.deepcopy([x, x])
    assert both[0] is both[1] and both[0] is not x
    assert both[0].data.tolist() == [1, 2] and both[0].grad.data.tolist() == [2, 2]
    assert both[0].requires_grad and both[0].data_ptr() != x.data_ptr()
    y = pickle.loads(pickle.dumps(Variable(torch.ones(2), volatile=True)))
    assert y.volatile and y.data.tolist() == [1, 1]


def test_switching_requires_grad_on_a_leaf():
    x = Variable(torch.ones(1))
    x.requires_grad = True
    (x * 3).backward()
    assert x.grad.data[0] == 3
    x.requires_grad = False
    assert not (x * 3).requires_grad


# hooks


def test_hooks_of_leaves_see_the_whole_gradient_once():
    x = leaf(1, 2)
    seen = []
    handle = x.register_hook(lambda g: seen.append(g.data.tolist()))
    (x * 2 + x * 3).sum().backward()
    assert seen == [[5, 5]] and x.grad.data.tolist() == [5, 5]
    handle.remove()
    handle.remove()
    (x * 2).sum().backward()
    assert len(seen) == 1


def test_hooks_of_results_may_change_the_gradient():
    x = leaf(1, 2)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.register_hook("more", lambda g: (g + 1).data)
    (y * y.detach()).sum().backward()
    assert x.grad.data.tolist() == [42, 82]


def test_hooks_of_one_output_of_several():
    x = leaf(1, 5, 2)
    values, _ = x.max(0)
    values.register_hook(lambda g: g * 3)
    values.backward()
    assert x.grad.data.tolist() == [0, 3, 0]


def test_named_hooks():
    x = leaf(1)
    seen = []
    x.register_hook("a", lambda g: seen.append("a"))
    x.register_hook("b", lambda g: seen.append("b"))
    (x * 1).backward()
    x.remove_hook("a")
    (x * 1).backward()
    assert seen == ["a", "b", "b"]


def test_a_gradient_kept_by_a_hook_is_not_changed_later():
    x = leaf(1)
    kept = []
    x.register_hook(kept.append)
    for _ in range(2):
        (x * 2).backward()
    assert [g.data[0] for g in kept] == [2, 2] and x.grad.data[0] == 4


HOOK_ERRORS = [
    (
        lambda x: x.register_hook("a", None) or x.register_hook(3),
        TypeError,
        "expected a callable hook",
    ),
    (lambda x: x.register_hook(3, abs), TypeError, "register_hook: name: expected a str, got int"),
    (
        lambda x: [x.register_hook("a", abs) for _ in "ab"],
        KeyError,
        "a hook named 'a' is already registered",
    ),
    (lambda x: x.remove_hook("a"), KeyError, "no hook named 'a' is registered"),
    (lambda x: Variable(x.data).register_hook(abs), RuntimeError, "does not require a gradient"),
]


@pytest.mark.parametrize("call, error, text", HOOK_ERRORS, ids=range(len(HOOK_ERRORS)))
def test_hook_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(leaf(1))


@pytest.mark.parametrize(
    "result, error, text",
    [
        (3, TypeError, "hook: expected a Variable, a Tensor or None as result, got int"),
        (
            torch.ones(3),
            ValueError,
            r"hook: expected a gradient of size \(1,\) as result, got \(3,\)",
        ),
    ],
)
def test_a_hook_with_a_wrong_result(result, error, text):
    x = leaf(1)
    x.register_hook(lambda g: result)
    with pytest.raises(error, match=text):
        (x * 2).backward()


# in-place operations


def test_in_place_returns_the_same_variable_with_a_new_history():
    x = leaf(1, 2)
    y = x * 1
    z = y
    y += 3
    y *= x
    assert y is z and isinstance(y.creator, F.Mul)
    y.sum().backward()
    assert x.grad.data.tolist() == [5, 7]


def test_an_in_place_change_of_a_saved_value_is_found():
    x = leaf(1, 2, 3)
    y = x * 2
    z = y * y
    y.add_(1)
    with pytest.raises(RuntimeError) as caught:
        z.sum().backward()
    text = str(caught.value)
    assert "Mul: a value it saved for backward, of size (3,), was changed" in text
    assert "test_variable.py" in text and "z = y * y" in text


def test_a_change_of_the_data_of_a_saved_value_is_found_too():
    x = leaf(1, 2)
    y = x.exp()
    z = y.sqrt()
    y.data.fill_(3)
    with pytest.raises(RuntimeError, match="Exp: a value it saved"):
        z.sum().backward()


def test_a_value_that_backward_does_not_need_may_change():
    x = leaf(1, 2)
    y = x * 2
    z = y + 1
    y.zero_()
    z.sum().backward()
    assert x.grad.data.tolist() == [2, 2]
    constant = Variable(torch.ones(2))
    product = (x * 1) * constant
    x.data.fill_(5)  # needed only for the gradient of the constant
    product.sum().backward()


def test_a_leaf_changed_in_place_raises_in_backward():
    x = leaf(1, 2)
    x.mul_(2)
    with pytest.raises(RuntimeError) as caught:
        x.sum().backward()
    assert "a leaf Variable that requires a gradient was changed in place" in str(caught.value)
    assert "x.mul_(2)" in str(caught.value)


SHARING = [
    lambda y: y.view(1, 2),
    lambda y: y[0],
    lambda y: y.unsqueeze(0),
    lambda y: y.expand(3, 2),
    lambda y: y.narrow(0, 0, 1),
    lambda y: y.contiguous(),
    lambda y: y.view(2, 1).t(),
    lambda y: y.reshape(2, 1),
    lambda y: y.select(0, 1),
]


@pytest.mark.parametrize("view", SHARING, ids=range(len(SHARING)))
def test_in_place_on_shared_memory_raises_at_once(view):
    y = leaf(1, 2) * 1
    z = view(y)
    text = "in-place operation on a Variable whose memory another differentiable Variable shares"
    for shared in (y, z):
        with pytest.raises(RuntimeError, match=text):
            shared.add_(1)
        with pytest.raises(RuntimeError, match=text):
            shared.mul_(shared)
        with pytest.raises(RuntimeError, match=text):
            shared.zero_()
    assert y.data.tolist() == [1, 2]
    del z, shared
    y.add_(1)


def test_in_place_on_the_only_view_left():
    x = leaf(1, 2)
    y = (x * 1).view(2, 1)
    y.mul_(3)
    y.sum().backward()
    assert x.grad.data.tolist() == [3, 3]


def test_item_assignment_is_differentiable():
    x, value = leaf(1, 2, 3), leaf(5)
    y = x * 2
    y[1] = value * 3
    (y * y).sum().backward()
    assert y.data.tolist() == [2, 15, 6]
    assert x.grad.data.tolist() == [8, 0, 24]
    assert value.grad.data.tolist() == [90]


def test_writing_a_differentiable_value_into_a_constant():
    y = Variable(torch.zeros(3))
    value = leaf(5)
    y[0] = value
    assert y.requires_grad
    (y * 2).sum().backward()
    assert value.grad.data.tolist() == [2]


def test_writes_through_a_view_of_the_data_are_no_change():
    x = Variable(torch.ones(2, 2), requires_grad=True)
    y = x * x
    x.data.view(-1)[0] = 3
    x.data.view(4)[1:].fill_(2)
    x.data.view_as(torch.ones(4)).add_(1)
    y.backward(torch.ones(2, 2))
    assert x.grad.data.tolist() == [[8, 6], [6, 6]]
    y = x * x
    x.data.add_(1)
    with pytest.raises(RuntimeError, match="Mul: a value it saved"):
        y.backward(torch.ones(2, 2))


def test_writes_through_a_view_that_is_the_data_are_changes():
    x = Variable(torch.ones(4).view(2, 2), requires_grad=True)
    y = x * x
    x.data[0] = 2
    with pytest.raises(RuntimeError, match="Mul: a value it saved"):
        y.backward(torch.ones(2, 2))
    z = (x * 1).view(4)
    w = z * z
    z.add_(1)
    with pytest.raises(RuntimeError, match="Mul: a value it saved"):
        w.backward(torch.ones(4))
    x.data = torch.ones(4).view(2, 2)
    y = x * x
    x.data.fill_(2)
    with pytest.raises(RuntimeError, match="Mul: a value it saved"):
        y.backward(torch.ones(2, 2))
