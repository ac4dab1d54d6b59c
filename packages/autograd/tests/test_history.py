"""What a Variable does with its history: retained gradients, detaching, other data, copies."""

import copy
import pickle

import pytest
import torch
from torch.autograd import Function, InplaceFunction, Variable, grad


def leaf(*values):
    return Variable(torch.FloatTensor(list(values)), requires_grad=True)


class Tagged(Variable):
    """A subclass with attributes of its own."""


# retain_grad


def test_retained_gradients_of_results():
    x = leaf(1, 2)
    y = x * 3
    y.retain_grad()
    y.retain_grad()
    assert y.retains_grad and not x.retains_grad and not (x * 1).retains_grad
    for times in (1, 2):
        (y * y).sum().backward(retain_variables=True)
        assert y.grad.data.tolist() == [6 * times, 12 * times]
    assert x.grad.data.tolist() == [36, 72]
    x.retain_grad()  # leaves do in any case
    assert not x.retains_grad


def test_a_retained_gradient_is_what_the_hooks_have_made_of_it():
    x = leaf(1)
    y = x * 3
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    y.register_hook("more", lambda g: g + 1)
    (y * 2).backward()
    assert y.grad.data[0] == 21 and x.grad.data[0] == 63


def test_retained_gradients_of_one_output_of_several():
    x = leaf(1, 5, 2)
    values, _ = x.max(0)
    values.retain_grad()
    (values * 4).backward()
    assert values.grad.data[0] == 4


def test_a_retained_gradient_shares_no_memory():
    x = leaf(1)
    y = x + 0
    y.retain_grad()
    y.backward()
    y.grad.data.fill_(7)
    assert x.grad.data[0] == 1


def test_a_recorded_retained_gradient():
    x = leaf(3)
    y = x * x
    y.retain_grad()
    (y * y).backward(create_graph=True)
    assert y.grad.data[0] == 18
    (g,) = grad(y.grad, x)
    assert g.data[0] == 12


def test_a_retained_gradient_after_a_change_is_that_of_the_new_value():
    x = leaf(1)
    y = x * 3
    y.retain_grad()
    y.mul_(5)
    assert y.retains_grad
    (y * 2).backward()
    assert y.grad.data[0] == 2 and x.grad.data[0] == 30


def test_retaining_the_gradient_of_a_constant():
    with pytest.raises(RuntimeError, match="retain_grad: this Variable does not require"):
        Variable(torch.ones(1)).retain_grad()


# attributes


def test_grad_fn_is_the_creator():
    x = leaf(1)
    y = x * 2
    assert y.grad_fn is y.creator and x.grad_fn is None
    values, _ = leaf(1, 2).max(0)
    assert values.grad_fn is values.creator


def test_requires_grad_in_place():
    x = Variable(torch.ones(1))
    assert x.requires_grad_() is x and x.requires_grad
    assert not x.requires_grad_(False).requires_grad
    with pytest.raises(RuntimeError, match="only leaves can be switched off"):
        (leaf(1) * 2).requires_grad_(False)
    assert (leaf(1) * 2).requires_grad_().requires_grad


def test_detach_in_place():
    x = leaf(2)
    y = x * 3
    y.retain_grad()
    z = y * y
    assert y.detach_() is y
    assert y.is_leaf and not y.requires_grad and y.creator is None
    z.backward()  # what was recorded before stays
    assert x.grad.data[0] == 36 and y.grad is None
    y.requires_grad = True
    (y * 2).backward()
    assert y.grad.data[0] == 2 and x.grad.data[0] == 36


def test_other_data():
    x = leaf(2)
    y = x * 1
    view = y.view(1, 1)
    y.data = torch.FloatTensor([5])
    y.add_(1)  # the view lies over the old memory
    assert view.data[0][0] == 2 and y.data[0] == 6
    (y * 3).backward()
    assert x.grad.data[0] == 3
    same = y.data
    y.data = same
    assert y.data is same


def test_a_leaf_with_data_of_another_type():
    x = leaf(1, 2)
    x.data = x.data.double()
    (x * 2).sum().backward()
    assert x.grad.dtype is torch.float64


# copies


def test_a_copy_has_data_of_its_own():
    x = leaf(1, 2)
    (x * 2).sum().backward()
    y = copy.copy(x)
    y.data.fill_(7)
    assert x.data.tolist() == [1, 2] and y.requires_grad and y.grad is None
    with pytest.raises(RuntimeError, match=r"copy: only leaf .* Mul\w*, which was called at"):
        copy.copy(x * 2)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_attributes_of_subclasses_are_copied(copied):
    x = Tagged(torch.ones(2), requires_grad=True)
    x.name = ["weight"]
    y = copied(x)
    assert type(y) is Tagged and y.name == ["weight"] and y.requires_grad
    assert (y.name is x.name) is (copied is copy.copy)


def test_deepcopy_keeps_shared_data_shared():
    x = leaf(1, 2)
    y = Variable(x.data)
    a, b = copy.deepcopy([x, y])
    a.data.fill_(3)
    assert b.data.tolist() == [3, 3] and x.data.tolist() == [1, 2]


# in-place changes


def test_a_changed_leaf_can_be_differentiated_after_its_change():
    x = leaf(2)
    x.mul_(3)
    y = x * x
    (g,) = grad(y, x, retain_variables=True)
    assert g.data[0] == 12
    with pytest.raises(RuntimeError, match="a leaf Variable that requires a gradient was changed"):
        y.backward()


def test_what_a_volatile_operand_does_to_the_changed():
    y = leaf(1) * 2
    y.add_(Variable(torch.ones(1), volatile=True))
    assert y.volatile and not y.requires_grad and y.creator is None and y.data[0] == 3


def test_volatile_can_be_switched_on_leaves():
    x = Variable(torch.ones(1), volatile=True)
    x.volatile = False
    x.requires_grad = True
    (x * 2).backward()
    assert x.grad.data[0] == 2


def test_changes_without_recording_count():
    x = leaf(1)
    y = x * 1
    z = y * y
    with torch.no_grad():
        y.add_(1)
    with pytest.raises(RuntimeError, match="(?s)Mul: a value it saved .*AddConstant changed it at"):
        z.backward()


SEEN = {
    "the data": lambda y: y.data.add_(1),
    "a part of it": lambda y: y.data.narrow(0, 0, 1).add_(1),
    "an item": lambda y: y.data.__setitem__(0, 5),
    "the Variable": lambda y: y.add_(1),
    "another Variable": lambda y: Variable(y.data.view(2, 1)).add_(1),
    "data that was assigned": lambda y: assign(Variable(y.data), y.data.view(2, 1)).data.add_(1),
    "a view as a Variable": lambda y: Variable(y.data).view(2, 1).data.add_(1),
}


def assign(variable, data):
    variable.data = data
    return variable


@pytest.mark.parametrize("change", SEEN.values(), ids=SEEN)
@pytest.mark.parametrize("made", [lambda x: x * 1, lambda x: (x * 1).view(2)], ids=["new", "view"])
def test_writes_that_count(change, made):
    y = made(leaf(1, 2))
    z = y * y
    change(y)
    with pytest.raises(RuntimeError, match="Mul: a value it saved for backward"):
        z.sum().backward()


def test_writes_through_a_view_of_the_data_do_not_count():
    x = leaf(1, 2)
    y = x * 1
    z = y * y
    y.data.view(-1).fill_(5)
    z.sum().backward()
    assert x.grad.data.tolist() == [10, 10]


def test_two_inputs_changed_by_one_function():
    class Swap(InplaceFunction):
        def forward(self, x, y):
            self.mark_dirty(x, y)
            kept = x.clone()
            x.copy_(y)
            y.copy_(kept)
            return x, y

        def backward(self, gx, gy):
            return gy, gx

    a, b = leaf(1), leaf(2)
    x, y = a * 1, b * 1
    p, q = Swap(True)(x, y)
    assert p is x and q is y and (x.data[0], y.data[0]) == (2, 1)
    (x * 10 + y).backward()
    assert (a.grad.data[0], b.grad.data[0]) == (1, 10)


def test_a_tensor_that_is_no_variable_may_be_changed_by_a_function():
    class Fill(InplaceFunction):
        def forward(self, x, tensor):
            self.mark_dirty(tensor)
            return x * 1, tensor.add_(1)

        def backward(self, gx, gt):
            return gx, None

    tensor = torch.ones(1)
    y, changed = Fill(True)(leaf(1), tensor)
    assert changed.data is tensor and tensor[0] == 2
    y.backward()


# gradients that backward returns


def test_gradients_of_functions_get_the_type_of_the_argument():
    class Wide(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, gy):
            return gy.double() * 2

    seen = []
    for create_graph in (False, True):
        x = leaf(1)
        h = x * 1
        h.register_hook(lambda g: seen.append(g.dtype))
        Wide.apply(h).backward(create_graph=create_graph)
        assert x.grad.dtype is torch.float32 and x.grad.data[0] == 2
    assert seen == [torch.float32] * 2


HOOKS = [
    (lambda gx, gy: 3, TypeError, "hook of MulConstant: expected .*tuple.*, got int"),
    (lambda gx, gy: (3,), TypeError, "hook of MulConstant: expected Variables, .* got int"),
    (
        lambda gx, gy: (torch.ones(2),),
        ValueError,
        r"hook of MulConstant: expected a gradient of size \(1,\) as result, got \(2,\)",
    ),
]


@pytest.mark.parametrize("hook, error, text", HOOKS, ids=range(len(HOOKS)))
def test_wrong_results_of_hooks_of_functions(hook, error, text):
    y = leaf(1) * 2
    y.creator.register_hook(hook)
    with pytest.raises(error, match=text):
        y.backward()


def test_a_hook_of_a_function_may_stop_a_gradient():
    x = leaf(1)
    y = x * 2
    y.creator.register_hook(lambda gx, gy: (None,))
    y.backward()
    assert x.grad is None
    z = x * 2
    z.creator.register_hook(lambda gx, gy: gx[0] * 5)
    z.backward()
    assert x.grad.data[0] == 10
