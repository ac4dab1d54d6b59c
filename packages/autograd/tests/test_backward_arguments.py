"""What backward() and grad() can be told."""

import pytest
import torch
from torch.autograd import Engine, Variable, backward, grad


def leaf(*values):
    return Variable(torch.DoubleTensor(list(values)), requires_grad=True)


def constant(*values):
    return Variable(torch.DoubleTensor(list(values)))


def test_retain_graph_is_another_name_of_retain_variables():
    x = leaf(3)
    y = x * x
    y.backward(retain_graph=True)
    backward(y, retain_graph=True)
    (g,) = grad(y, x, retain_graph=True)
    assert g.data[0] == 6
    y.backward(None, True, retain_graph=False)
    assert x.grad.data[0] == 18
    with pytest.raises(RuntimeError, match="a second time"):
        y.backward()


def test_backward_into_some_inputs_only():
    x, w = leaf(2), leaf(3)
    h = x * w
    y = h * h
    y.backward(retain_variables=True, inputs=[x])
    assert x.grad.data[0] == 36 and w.grad is None
    y.backward(inputs=h, retain_variables=True)
    assert h.grad.data[0] == 12 and w.grad is None
    backward([y], inputs=(x, w))
    assert x.grad.data[0] == 72 and w.grad.data[0] == 24
    z = leaf(1)
    (x * 2).backward(inputs=[z, x])  # z has no part in it
    assert z.grad is None
    with pytest.raises(ValueError, match="inputs: expected at least one Variable, got none"):
        (x * 2).backward(inputs=[])


def test_backward_into_an_input_twice_does_not_share_memory():
    x = leaf(1, 2)
    start = torch.ones(2).double()
    x.backward(start, inputs=x)
    assert x.grad.data.data_ptr() != start.data_ptr()


def test_hooks_of_leaves_that_are_no_inputs_do_not_run():
    x, w = leaf(2), leaf(3)
    seen = []
    x.register_hook(lambda g: seen.append("x"))
    w.register_hook(lambda g: seen.append("w"))
    grad(x * w, x)
    assert seen == ["x"]


def test_grad_of_a_root_and_of_the_same_input_twice():
    x = leaf(2)
    y = x * 3
    gy, gx, again = grad(y, [y, x, x])
    assert (gy.data[0], gx.data[0], again.data[0]) == (1, 3, 3)


def test_materialized_gradients():
    x, w = leaf(2), leaf(1, 2)
    gx, gw = grad(x * 3, [x, w], materialize_grads=True)
    assert gx.data[0] == 3 and gw.data.tolist() == [0, 0] and not gw.requires_grad


def test_a_batch_of_gradients():
    x = leaf(1, 2, 3)
    y = x * x
    rows = torch.eye(3).double()
    (jacobian,) = grad(y, x, rows, is_grads_batched=True, retain_variables=True)
    assert jacobian.data.tolist() == [[2, 0, 0], [0, 4, 0], [0, 0, 6]]
    (jacobian,) = grad(y, x, Variable(rows), is_grads_batched=True, create_graph=True)
    (hessian,) = grad(jacobian.sum(), x)
    assert hessian.data.tolist() == [2, 2, 2]
    z = x.sum()
    (many,) = grad(z, x, torch.DoubleTensor([1, 5]), is_grads_batched=True)
    assert many.data.tolist() == [[1, 1, 1], [5, 5, 5]]
    (none,) = grad(x.sum(), leaf(1), torch.ones(2).double(), allow_unused=True,
                   is_grads_batched=True)  # fmt: skip
    assert none is None


@pytest.mark.parametrize(
    "gradients, text",
    [(None, r"got lengths \[0\]"), (torch.zeros(0, 3).double(), r"got lengths \[0\]")],
)
def test_a_batch_of_nothing(gradients, text):
    x = leaf(1, 2, 3)
    with pytest.raises(ValueError, match="is_grads_batched: expected gradients of one .*" + text):
        grad(x * x, x, gradients, is_grads_batched=True)


def test_only_inputs():
    x = leaf(1)
    assert grad(x * 2, x, None, None, False, True)[0].data[0] == 2
    with pytest.raises(ValueError, match="grad: only_inputs: expected True"):
        grad(x * 2, x, only_inputs=False)


def test_an_engine_of_the_alpha_knows_three_arguments():
    class Old:
        def run_backward(self, variables, gradients, retain_variables):
            calls.append((variables, gradients, retain_variables))
            Engine().run_backward(variables, gradients, retain_variables)

    calls = []
    own = Variable._execution_engine
    Variable._execution_engine = Old()
    try:
        x = leaf(2)
        y = x * x
        y.backward(retain_variables=True)
        backward(y)
    finally:
        Variable._execution_engine = own
    assert x.grad.data[0] == 8
    assert [(v == (y,), g, r) for v, g, r in calls] == [(True, (None,), r) for r in (True, False)]


# who owns the memory of a recorded gradient


@pytest.mark.parametrize("given", [constant(1, 1), leaf(1, 1)])
def test_a_given_gradient_is_not_added_into(given):
    x = leaf(1, 2)
    x.backward(given, create_graph=True)
    assert x.grad is not given
    x.backward(torch.ones(2).double())
    assert x.grad.data.tolist() == [2, 2] and given.data.tolist() == [1, 1]


def test_recorded_gradients_of_two_leaves_are_two():
    x, y = leaf(1), leaf(2)
    (x + y).backward(create_graph=True)
    x.grad.data.fill_(7)
    assert y.grad.data[0] == 1
    w = leaf(3)
    z = (x + y) * w
    x.grad = y.grad = None
    z.backward(create_graph=True)
    x.grad.data.add_(0)
    assert x.grad is not y.grad and x.grad.data_ptr() != y.grad.data_ptr()
    w.grad = None
    (x.grad * 2 + y.grad).backward()
    assert w.grad.data[0] == 3


def test_a_recorded_gradient_that_was_given_has_its_history():
    x, g = leaf(2), leaf(5)
    (x * 3).backward(g, create_graph=True)
    (x.grad * x.grad).backward()
    assert g.grad.data[0] == 2 * 15 * 3
    x.grad = g.grad = None
    x.backward(g, create_graph=True)
    (x.grad * 4).backward()
    assert g.grad.data[0] == 4


def test_gradients_have_the_type_of_the_leaf():
    x = Variable(torch.ones(2), requires_grad=True)
    (x.double() * 2).sum().backward()
    assert x.grad.dtype is torch.float32 and x.grad.data.tolist() == [2, 2]
    seen = []
    y = x * 2
    y.register_hook(lambda g: seen.append(g.dtype))
    y.backward(torch.ones(2).double(), retain_variables=True)
    y.backward(Variable(torch.ones(2).double()), create_graph=True)
    assert seen == [torch.float32] * 2 and x.grad.data.tolist() == [6, 6]


# exceptions


class Boom(BaseException):
    pass


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, Boom, MemoryError])
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("where", ["leaf", "result", "function"])
def test_after_an_exception_everything_is_as_before(kind, create_graph, where):
    armed = True

    def fail(*gradients):
        if armed:
            raise kind("now")

    x, w = leaf(2), leaf(3)
    h = x * w
    y = (h * h).exp() * 0 + h * h
    {
        "leaf": x.register_hook,
        "result": h.register_hook,
        "function": h.creator.register_hook,
    }[where](fail)
    from torch.autograd import is_grad_enabled, no_grad

    with no_grad(), pytest.raises(kind):
        try:
            y.backward(retain_variables=True, create_graph=create_graph)
        finally:
            assert not is_grad_enabled()
    assert is_grad_enabled()
    armed = False
    x.grad = w.grad = None
    y.backward(create_graph=create_graph)
    assert x.grad.data[0] == 36 and w.grad.data[0] == 24
    assert x.grad.requires_grad is create_graph
