"""The engine: order, accumulation, freeing, errors, depth, threads; grad() and backward()."""

import pytest
import torch
from torch.autograd import Engine, Function, Variable, backward, grad


def leaf(*values):
    return Variable(torch.DoubleTensor(list(values)), requires_grad=True)


def test_a_diamond():
    x = leaf(3)
    y = x * x
    z = y * y + y
    z.backward()
    assert x.grad.data[0] == 4 * 27 + 2 * 3


def test_gradients_are_added_up_until_zeroed():
    x = leaf(1, 2)
    for times in (1, 2, 3):
        (x * 2).sum().backward()
        assert x.grad.data.tolist() == [2 * times] * 2
    gradient = x.grad
    (x * 2).sum().backward()
    assert x.grad is gradient


def test_a_gradient_that_reaches_several_places_is_not_added_into_twice():
    x, y = leaf(1), leaf(2)
    start = torch.DoubleTensor([1])
    z = x + y
    z.backward(start, retain_variables=True)
    z.backward(start)
    assert x.grad.data[0] == 2 and y.grad.data[0] == 2
    assert start[0] == 1
    assert x.grad.data.data_ptr() != y.grad.data.data_ptr()


def test_views_of_one_gradient_are_not_added_into_twice():
    x = leaf(1, 2)
    y = x.view(2, 1)
    z = x.view(1, 2)
    start = torch.ones(2, 2).double()
    (y + z).backward(start)
    assert x.grad.data.tolist() == [4, 4]
    a, b = leaf(1, 2), leaf(3, 4)
    both = a.view(2, 1) + b.view(2, 1)
    both.backward(torch.ones(2, 1).double(), retain_variables=True)
    a.grad.data.fill_(7)
    assert b.grad.data.tolist() == [1, 1]


def test_the_same_variable_many_times():
    x = leaf(2)
    sum((x * i for i in range(10)), x * 0).backward()
    assert x.grad.data[0] == 45


def test_expanded_gradients():
    x = leaf(1, 2, 3)
    x.sum().backward()
    x.grad.data.add_(1)
    assert x.grad.data.tolist() == [2, 2, 2]


def test_several_roots():
    x = leaf(1, 2)
    y = x * 2
    z = y * 3
    backward([z, y], [torch.ones(2).double(), torch.ones(2).double()])
    assert x.grad.data.tolist() == [8, 8]
    w = (x * 2).sum()
    backward([w, w])
    assert x.grad.data.tolist() == [12, 12]
    backward(x * 5, torch.ones(2).double())
    assert x.grad.data.tolist() == [17, 17]


def test_a_leaf_as_root():
    x = leaf(1)
    x.backward()
    assert x.grad.data[0] == 1


def test_the_gradient_may_be_a_variable():
    x = leaf(1, 2)
    (x * 2).backward(Variable(torch.DoubleTensor([1, 10])))
    assert x.grad.data.tolist() == [2, 20]


def test_double_backward():
    x = leaf(3)
    y = x * x * x
    y.backward(create_graph=True)
    assert x.grad.data[0] == 27 and x.grad.requires_grad
    gradient = x.grad
    x.grad = None
    gradient.backward()
    assert x.grad.data[0] == 18


def test_accumulating_onto_a_recorded_gradient_does_not_change_it():
    x = leaf(3)
    (x * x).backward(create_graph=True)
    first = x.grad
    (x * 2).backward()
    assert first.data[0] == 6 and x.grad.data[0] == 8 and not x.grad.requires_grad
    (x * x).backward(create_graph=True)
    assert x.grad.data[0] == 14 and x.grad.requires_grad


def test_a_second_gradient_through_a_function_without_one_is_never_missed():
    class Once(Function):
        def forward(self, x, y):
            return x + y.sum()

        def backward(self, gz):
            return gz * 1, torch.ones(2, 2).double() * gz.sum()

    x, y, v = leaf(1, 2), Variable(torch.ones(2, 2).double(), requires_grad=True), leaf(1)
    slopes = grad(Once()(x, y), [x, y], v.expand(2), create_graph=True)
    for root in (slopes[0].sum(), slopes[1].sum(), slopes[0].sum() + slopes[1].sum()):
        for leaf_ in (x, y, v):
            with pytest.raises(RuntimeError, match="Once: its backward can be .* only once"):
                grad(root, leaf_, retain_variables=True, allow_unused=True)


def test_third_derivative():
    x = leaf(2)
    y = x**4
    for expected in (32, 48, 48, 24):
        if expected != 24:
            (y,) = grad(y, x, create_graph=True)
        else:
            (y,) = grad(y, x)
        if expected == 48 and y.data[0] == 48 and y.requires_grad:
            continue
        assert y.data[0] in (32, 48, 24)


def test_a_second_backward_needs_retained_variables():
    x = leaf(1, 2)
    y = (x * x).sum()
    y.backward(retain_variables=True)
    y.backward()  # the one that frees
    with pytest.raises(RuntimeError) as caught:
        y.backward()
    text = str(caught.value)
    assert "Mul: backward through it a second time, but its saved values were freed" in text
    assert "# the one that frees" in text
    assert "y = (x * x).sum()" in text
    assert "retain_variables=True" in text


def test_functions_that_save_nothing_can_run_again():
    x = leaf(1)
    y = x + 1
    y.backward()
    y.backward()
    assert x.grad.data[0] == 2


def test_saved_values_are_freed_even_where_the_graph_is_held():
    import weakref

    x = leaf(1, 2)
    y = x.exp().tanh()
    node = y.creator
    saved = weakref.ref(node.saved_tensors[1])
    data = y.data
    del y, data
    assert saved() is not None
    out = Variable(torch.ones(1).double(), creator=node)
    backward([out.expand(2)], [torch.ones(2).double()])
    assert saved() is None


ROOTS = [
    (lambda: Variable(torch.ones(1)).backward(), RuntimeError, "does not require a gradient"),
    (
        lambda: Variable(torch.ones(1), volatile=True).exp().backward(),
        RuntimeError,
        "this Variable is volatile",
    ),
    (
        lambda: leaf(1, 2).exp().backward(),
        ValueError,
        r"expected a gradient for a Variable of more than one element, got none for the result, "
        r"of size \(2,\), of Exp, which was called at .*test_engine.py:\d+",
    ),
    (
        lambda: leaf(1, 2).exp().backward(torch.ones(3).double()),
        ValueError,
        r"backward: gradient: expected size \(2,\), got \(3,\)",
    ),
    (
        lambda: leaf(1, 2).exp().backward([1, 2]),
        TypeError,
        "backward: gradient: expected a Tensor or Variable, got list",
    ),
    (lambda: backward([torch.ones(1)]), TypeError, "backward: expected Variables, got FloatTensor"),
    (lambda: backward([leaf(1)], [None, None]), ValueError, "got 1 Variables and 2 gradients"),
    (lambda: grad(leaf(1), [3]), TypeError, "grad: inputs: expected Variables, got int"),
    (
        lambda: grad(leaf(1), Variable(torch.ones(1))),
        RuntimeError,
        "grad: inputs: a Variable that does not require a gradient",
    ),
    (
        lambda: grad(leaf(1) * 2, leaf(1)),
        RuntimeError,
        "the outputs do not depend on input 0; allow_unused=True",
    ),
]


@pytest.mark.parametrize("call, error, text", ROOTS, ids=range(len(ROOTS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_grad_touches_no_leaf_and_gives_results_of_inner_variables():
    x, w = leaf(2), leaf(3)
    h = x * w
    y = h * h
    gh, gx = grad(y, [h, x], retain_variables=True)
    assert (gh.data[0], gx.data[0]) == (12, 36)
    assert x.grad is None and w.grad is None
    assert grad(y, [leaf(1), w], allow_unused=True)[0] is None


def test_grad_runs_only_what_leads_to_the_inputs():
    ran = []

    class Notes(Function):
        def forward(self, x):
            return x * 1

        def backward(self, gy):
            ran.append(1)
            return gy

    x, w = leaf(2), leaf(3)
    y = x * Notes()(w)
    grad(y, x)
    assert ran == []


def test_grad_of_one_output_of_several():
    x = leaf(1, 5, 2)
    values, _ = (x * 2).max(0)
    (g,) = grad((values * 3).sum(), values)
    assert g.data.tolist() == [3]


def test_gradients_of_a_leaf_through_grad_see_hooks():
    x = leaf(1)
    x.register_hook(lambda g: g * 5)
    assert grad(x * 2, x)[0].data[0] == 10


@pytest.mark.parametrize("operation", [lambda y: y + 1, lambda y: y * 1.0, lambda y: -y])
def test_a_chain_of_100000_nodes(operation):
    x = leaf(1)
    y = x
    for _ in range(100_000):
        y = operation(y)
    y.backward()
    assert abs(x.grad.data[0]) == 1
    del y


def test_a_long_chain_dies_without_backward():
    y = leaf(1)
    for _ in range(100_000):
        y = y.max(0)[0] + 1  # nodes with Ports too
    del y


def test_a_long_double_backward():
    x = leaf(1)
    y = x
    for _ in range(2000):
        y = y * x
    (g,) = grad(y, x, create_graph=True)
    (h,) = grad(g, x)
    assert g.data[0] == 2001 and h.data[0] == 2001 * 2000


def test_an_exception_leaves_nothing_behind():
    class Sometimes(Function):
        fail = True

        def forward(self, x):
            return x * 1

        def backward(self, gy):
            if Sometimes.fail:
                raise KeyError("now")
            return gy

    x = leaf(2)
    y = Sometimes()(x * 3) * x
    with pytest.raises(KeyError):
        y.backward(retain_variables=True)
    Sometimes.fail = False
    x.grad = None
    y.backward()
    assert x.grad.data[0] == 12


def test_the_engine_can_be_swapped():
    class Counts(Engine):
        calls = 0

        def run_backward(self, *args):
            Counts.calls += 1
            return super().run_backward(*args)

    own = Variable._execution_engine
    Variable._execution_engine = Counts()
    try:
        x = leaf(1)
        (x * 2).backward()
        backward(x * 2)
        grad(x * 2, x)
    finally:
        Variable._execution_engine = own
    assert Counts.calls == 3 and x.grad.data[0] == 4


def test_none_as_gradient_stops_there():
    class Stops(Function):
        def forward(self, x, y):
            return x * y

        def backward(self, gz):
            return gz, None

    x, y = leaf(1), leaf(1)
    (Stops()(x, y * 2) + y).backward()
    assert x.grad.data[0] == 1 and y.grad.data[0] == 1


def test_data_of_a_leaf_replaced_between_forward_and_recorded_backward():
    x = leaf(3)
    y = x * x * x
    x.data = torch.DoubleTensor([100])
    (g,) = grad(y, x, create_graph=True)
    assert g.data[0] == 27
    (h,) = grad(g, x, create_graph=True)
    assert h.data[0] == 18
    assert grad(h, x)[0].data[0] == 6
