"""Optimizers against independent float64 NumPy implementations, and their bookkeeping."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch
from torch.autograd import Variable
from torch.optim import SGD, Adam, Optimizer

STEPS = 2000


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def rosenbrock_gradient(p):
    x, y = p
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


def numpy_sgd(p, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False):
    p = p.copy()
    velocity = None
    for _ in range(STEPS):
        g = rosenbrock_gradient(p) + weight_decay * p
        if velocity is None:
            velocity = g.copy()
        else:
            velocity = momentum * velocity + (1 - dampening) * g
        if momentum == 0:
            direction = g
        else:
            direction = g + momentum * velocity if nesterov else velocity
        p = p - lr * direction
    return p


def numpy_adam(p, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    p = p.copy()
    m = np.zeros_like(p)
    v = np.zeros_like(p)
    for t in range(1, STEPS + 1):
        g = rosenbrock_gradient(p) + weight_decay * p
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        step = lr * np.sqrt(1 - betas[1] ** t) / (1 - betas[0] ** t)
        p = p - step * m / (np.sqrt(v) + eps)
    return p


CASES = [
    (SGD, numpy_sgd, {"lr": 1e-3}),
    (SGD, numpy_sgd, {"lr": 1e-3, "weight_decay": 0.01}),
    (SGD, numpy_sgd, {"lr": 2e-4, "momentum": 0.9}),
    (SGD, numpy_sgd, {"lr": 2e-4, "momentum": 0.9, "weight_decay": 0.01}),
    (SGD, numpy_sgd, {"lr": 1e-3, "momentum": 0.9, "dampening": 0.9}),
    (SGD, numpy_sgd, {"lr": 2e-4, "momentum": 0.9, "nesterov": True}),
    (SGD, numpy_sgd, {"lr": 2e-4, "momentum": 0.5, "nesterov": True, "weight_decay": 0.01}),
    (Adam, numpy_adam, {}),
    (Adam, numpy_adam, {"lr": 1e-2, "weight_decay": 0.01}),
    (Adam, numpy_adam, {"lr": 1e-3, "betas": (0.8, 0.99), "eps": 1e-4}),
]


def names(case):
    return f"{case[0].__name__}({', '.join(f'{k}={v}' for k, v in case[2].items())})"


@pytest.mark.parametrize("case", CASES, ids=names)
def test_two_thousand_steps_as_numpy(case):
    optimizer_class, reference, options = case
    start = np.array([-0.7, 0.8])
    p = Variable(torch.from_numpy(start.copy()), requires_grad=True)
    optimizer = optimizer_class([p], **options)
    for _ in range(STEPS):
        optimizer.zero_grad()
        rosenbrock(p[0], p[1]).backward()
        optimizer.step()
    expected = reference(start, **options)
    assert np.abs(p.data.numpy() - expected).max() < 1e-10
    assert np.abs(expected - start).max() > 0.1


@pytest.mark.parametrize("case", CASES, ids=names)
def test_float32_and_awkward_layouts(case):
    """Parameters that are slices, and gradients that are transposed."""
    optimizer_class, _, options = case
    torch.manual_seed(0)
    values, gradients = torch.randn(4, 6), [torch.randn(6, 4) for _ in range(5)]
    plain = Variable(values.clone(), requires_grad=True)
    slices = torch.zeros(4, 12)
    awkward = Variable(slices.narrow(1, 3, 6), requires_grad=True)
    awkward.data.copy_(values)
    optimizers = [optimizer_class([plain], **options), optimizer_class([awkward], **options)]
    for gradient in gradients:
        plain.grad = Variable(gradient.t().contiguous())
        awkward.grad = Variable(gradient.t())
        for optimizer in optimizers:
            optimizer.step()
    assert np.abs(plain.data.numpy() - awkward.data.numpy()).max() < 1e-6
    outside = slices.numpy().copy()
    outside[:, 3:9] = 0
    assert not outside.any()


def leaf(*size):
    return Variable(torch.ones(*size), requires_grad=True)


def test_groups_have_their_own_options():
    a, b, c = leaf(2), leaf(2), leaf(2)
    optimizer = SGD([{"params": [a]}, {"params": b, "lr": 0.5}], lr=0.1)
    optimizer.add_param_group({"params": [c], "lr": 1.0})
    assert [g["lr"] for g in optimizer.param_groups] == [0.1, 0.5, 1.0]
    for p in (a, b, c):
        p.grad = Variable(torch.ones(2))
    optimizer.step()
    values = [p.data[0] for p in (a, b, c)]
    assert np.allclose(values, [0.9, 0.5, 0.0])
    optimizer.param_groups[0]["lr"] = 0.2
    optimizer.step()
    assert abs(a.data[0] - 0.7) < 1e-6


def test_parameters_without_gradient_stay():
    a, b = leaf(2), leaf(2)
    optimizer = SGD([a, b], lr=1, momentum=0.9)
    a.grad = Variable(torch.ones(2))
    optimizer.step()
    assert b.data.tolist() == [1, 1]
    assert b not in optimizer.state
    assert a.data.tolist() == [0, 0]


def test_the_first_momentum_buffer_is_a_copy_of_the_gradient():
    a = leaf(2)
    optimizer = SGD([a], lr=1, momentum=0.9, dampening=0.5)
    a.grad = Variable(torch.ones(2) * 4)
    optimizer.step()
    assert a.data.tolist() == [-3, -3]
    optimizer.zero_grad()
    assert optimizer.state[a]["momentum_buffer"].tolist() == [4, 4]


def test_step_returns_what_the_closure_returns():
    a = leaf(1)

    def closure():
        loss = (a * 3).sum()
        loss.backward()
        return loss

    optimizer = SGD([a], lr=1)
    assert optimizer.step(closure).data[0] == 3
    assert a.data[0] == -2
    assert optimizer.step() is None


def test_zero_grad_keeps_the_gradient_but_drops_its_history():
    a, b = leaf(2), leaf(2)
    (a * a).sum().backward()
    gradient = a.grad
    (b * b * b).sum().backward(create_graph=True)
    SGD([a, b], lr=1).zero_grad()
    assert a.grad is gradient and a.grad.data.tolist() == [0, 0]
    assert b.grad is None


def test_a_step_counts_as_a_change_for_backward():
    a = leaf(2)
    y = (a * a).sum()
    y.backward(retain_variables=True)
    SGD([a], lr=1).step()
    with pytest.raises(RuntimeError, match="Mul: a value it saved .* was changed"):
        y.backward()


@pytest.mark.parametrize(
    "optimizer_class, options", [(SGD, {"lr": 0.1, "momentum": 0.9}), (Adam, {})]
)
def test_state_dict_continues_exactly(optimizer_class, options):
    def train(p, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            (p * p * p).sum().backward()
            optimizer.step()

    p = leaf(3)
    optimizer = optimizer_class([p], **options)
    train(p, optimizer, 3)
    saved = pickle.load(io.BytesIO(pickle.dumps(optimizer.state_dict())))
    q = Variable(p.data.clone(), requires_grad=True)
    other = optimizer_class([q], **options)
    other.load_state_dict(saved)
    train(p, optimizer, 3)
    train(q, other, 3)
    assert p.data.tolist() == q.data.tolist()
    assert saved["param_groups"][0]["params"] == [0]


def test_loading_copies_and_takes_options():
    p = leaf(2)
    optimizer = SGD([p], lr=0.1, momentum=0.9)
    p.grad = Variable(torch.ones(2))
    optimizer.step()
    saved = optimizer.state_dict()
    q = leaf(2)
    other = SGD([q], lr=7, momentum=0)
    other.load_state_dict(saved)
    assert other.param_groups[0]["lr"] == 0.1
    assert other.param_groups[0]["params"][0] is q
    other.state[q]["momentum_buffer"].zero_()
    assert optimizer.state[p]["momentum_buffer"].tolist() == [1, 1]


def bad_state(change):
    def load():
        p = leaf(2)
        optimizer = SGD([p], lr=0.1, momentum=0.9)
        p.grad = Variable(torch.ones(2))
        optimizer.step()
        state = copy.deepcopy(optimizer.state_dict())
        change(state)
        optimizer.load_state_dict(state)

    return load


def dict_group(**entries):
    return lambda: SGD([entries], lr=1)


ERRORS = [
    (lambda: SGD(leaf(2), lr=1), TypeError, "SGD: params: expected an iterable .* got a Variable"),
    (
        lambda: SGD({"params": []}, lr=1),
        TypeError,
        "expected an iterable of Variables or dicts, got dict",
    ),
    (lambda: SGD([], lr=1), ValueError, "SGD: params: expected at least one parameter"),
    (
        lambda: SGD([torch.ones(2)], lr=1),
        TypeError,
        "group 0, parameter 0: expected a Variable, got FloatTensor",
    ),
    (
        lambda: SGD([leaf(2), 3], lr=1),
        TypeError,
        "group 0, parameter 1: expected a Variable, got int",
    ),
    (
        lambda: SGD([leaf(2) * 2], lr=1),
        ValueError,
        r"parameter 0 of size \(2,\): expected a leaf, got the result of MulConstant",
    ),
    (
        lambda: SGD([Variable(torch.ones(2))], lr=1),
        ValueError,
        "expected a Variable that requires a gradient",
    ),
    (
        lambda: SGD([leaf(2)] * 2, lr=1),
        ValueError,
        r"parameter 1 of size \(2,\): given more than once",
    ),
    (lambda: SGD([leaf(2)]), ValueError, "SGD: group 0: the option lr has to be given"),
    (
        lambda: SGD([leaf(2), {"params": []}], lr=1),
        TypeError,
        "group 0: expected a dict with the key 'params', got a Variable",
    ),
    (dict_group(weights=[]), TypeError, "expected a dict with the key 'params'"),
    (
        dict_group(params=[], momentun=1),
        ValueError,
        "unknown option 'momentun'; there are lr, momentum",
    ),
    (
        lambda: SGD([leaf(2)], lr=-1),
        ValueError,
        "SGD: group 0: lr: expected a number of at least 0, got -1",
    ),
    (
        lambda: SGD([leaf(2)], lr="x"),
        ValueError,
        "SGD: group 0: lr: expected a number of at least 0, got 'x'",
    ),
    (lambda: SGD([leaf(2)], lr=1, momentum=-1), ValueError, "SGD: group 0: momentum: expected"),
    (
        lambda: SGD([leaf(2)], lr=1, weight_decay=-1),
        ValueError,
        "SGD: group 0: weight_decay: expected",
    ),
    (
        lambda: SGD([leaf(2)], lr=1, nesterov=True),
        ValueError,
        "SGD: group 0: nesterov: expected a momentum above 0",
    ),
    (
        lambda: SGD([leaf(2)], lr=1, momentum=0.9, dampening=0.1, nesterov=True),
        ValueError,
        "dampening=0.1",
    ),
    (lambda: Adam([leaf(2)], lr=-1), ValueError, "Adam: group 0: lr: expected"),
    (lambda: Adam([leaf(2)], eps=-1), ValueError, "Adam: group 0: eps: expected"),
    (
        lambda: Adam([leaf(2)], betas=0.9),
        ValueError,
        "Adam: group 0: betas: expected a pair of numbers, got 0.9",
    ),
    (
        lambda: Adam([leaf(2)], betas=(0.9, 1)),
        ValueError,
        r"Adam: group 0: betas\[1\]: expected a number of at least 0 and below 1, got 1",
    ),
    (
        bad_state(lambda s: s["param_groups"].append({})),
        ValueError,
        "load_state_dict: expected 1 groups, got 2",
    ),
    (
        bad_state(lambda s: s["param_groups"][0]["params"].append(1)),
        ValueError,
        "group 0: expected 1 parameters, got 2",
    ),
    (
        bad_state(lambda s: s["state"].update({5: {}})),
        ValueError,
        "state for parameter 5, which is in no group",
    ),
    (
        bad_state(lambda s: s["state"][0].update(momentum_buffer=torch.ones(3))),
        ValueError,
        r"parameter 0: momentum_buffer: expected size \(2,\), got \(3,\)",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("gradient", [torch.ones(3), torch.ones(2).double()], ids=["size", "type"])
def test_a_gradient_that_does_not_fit_names_the_parameter(gradient):
    a, b = leaf(2), leaf(2)
    b.grad = Variable(gradient)
    text = "SGD.step: group 0, parameter 1: expected a gradient like the parameter, FloatTensor"
    with pytest.raises(ValueError, match=text):
        SGD([a, b], lr=1).step()


def test_a_new_optimizer_needs_an_update_rule_only():
    class Signs(Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, {"lr": lr})

        def _update(self, param, gradient, state, group):
            param.sub_(gradient.sign() * group["lr"])

    a = leaf(2)
    a.grad = Variable(torch.FloatTensor([5, -5]))
    Signs([a], 0.5).step()
    assert a.data.tolist() == [0.5, 1.5]
    with pytest.raises(NotImplementedError, match="Optimizer: _update is not defined"):
        Optimizer([a], {}).step()


def test_repr_shows_the_groups():
    shown = repr(SGD([leaf(2), leaf(3)], lr=0.1))
    assert shown.startswith("SGD (\n  (0): 2 parameters, lr=0.1, momentum=0")
