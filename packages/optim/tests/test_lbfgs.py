"""LBFGS: against SciPy, PyTorch and what the Wolfe conditions ask for."""

import copy
import math

import numpy as np
import pytest
import torch
from scipy import optimize
from torch.autograd import Variable
from torch.optim import LBFGS
from torch.optim.line_search import Point, strong_wolfe


def rosenbrock(x):
    head, tail = x.narrow(0, 0, x.size(0) - 1), x.narrow(0, 1, x.size(0) - 1)
    return ((1 - head) ** 2).sum() + ((tail - head * head) ** 2 * 100).sum()


def quadratic(x):
    scale = Variable(torch.arange(1, x.size(0) + 1).type(type(x.data)))
    return ((x - 1) ** 2 * scale).sum()


def minimize(loss, start, steps, dtype=torch.float64, **options):
    """The parameter, how often the loss was computed, and the losses that `step` returned."""
    x = Variable(torch.tensor(start, dtype=dtype), requires_grad=True)
    optimizer = LBFGS([x], **options)
    calls = [0]

    def closure():
        calls[0] += 1
        optimizer.zero_grad()
        value = loss(x)
        value.backward()
        return value

    losses = [float(optimizer.step(closure)) for _ in range(steps)]
    return x, calls[0], losses, optimizer


@pytest.mark.parametrize("size", [2, 10])
def test_rosenbrock_as_fast_as_scipy(size):
    start = [-1.2 if i % 2 == 0 else 1.0 for i in range(size)]
    x, calls, losses, _ = minimize(
        rosenbrock,
        start,
        1,
        max_iter=1000,
        history_size=10,
        tolerance_grad=1e-8,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )
    expected = optimize.minimize(
        optimize.rosen,
        start,
        jac=optimize.rosen_der,
        method="L-BFGS-B",
        options={"maxcor": 10, "gtol": 1e-8, "ftol": 0},
    )
    assert expected.success
    assert losses == pytest.approx([optimize.rosen(start)])
    assert np.abs(x.data.numpy() - 1).max() < 1e-7
    assert np.abs(x.grad.data.numpy()).max() <= 1e-8
    assert calls < 2 * expected.nfev


def test_the_steps_as_numpy_writes_them():
    """The BFGS matrix written out, without limits of memory, lr and line search."""
    start = np.array([2.0, -1.0, 0.5, 3.0])
    weight = np.array([1.0, 3.0, 0.5, 2.0])

    def gradient(x):
        return weight * (x - 1) + 0.2 * (x - 1) ** 3

    def step_by_step(x, iterations, lr):
        g = gradient(x)
        d, t = -g, lr * min(1, 1 / np.abs(g).sum())
        steps, changes = [], []
        for _ in range(iterations):
            x = x + t * d
            new = gradient(x)
            steps.append(t * d)
            changes.append(new - g)
            g = new
            identity = np.eye(4)
            s, y = steps[-1], changes[-1]
            h = identity * (s @ y) / (y @ y)  # equation 7.20
            for s, y in zip(steps, changes, strict=True):  # equation 6.17
                r = 1 / (s @ y)
                left = identity - r * np.outer(s, y)
                h = left @ h @ left.T + r * np.outer(s, s)
            d, t = -h @ g, lr
        return x

    for iterations in (1, 2, 5):
        x = Variable(torch.from_numpy(start.copy()), requires_grad=True)
        optimizer = LBFGS([x], lr=0.7, max_iter=iterations, max_eval=99)
        w = Variable(torch.from_numpy(weight))

        def closure(x=x, w=w, optimizer=optimizer):
            optimizer.zero_grad()
            loss = ((x - 1) ** 2 * w / 2 + (x - 1) ** 4 * 0.05).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        expected = step_by_step(start, iterations, 0.7)
        assert np.abs(x.data.numpy() - expected).max() < 1e-12


def test_as_pytorch():
    """Numbers of PyTorch 2.13: LBFGS(lr=0.5, max_iter=4, history_size=2) and rosenbrock."""
    x, calls, losses, _ = minimize(
        rosenbrock, [-0.5, 0.5, 0.2], 3, lr=0.5, max_iter=4, history_size=2
    )
    assert calls == 12
    np.testing.assert_allclose(losses, [9.0, 3.198299048244248, 2.9966178713459164], rtol=1e-9)
    expected = [-0.580210767647334, 0.3427728828787516, 0.10644532974797181]
    np.testing.assert_allclose(x.data.numpy(), expected, rtol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("line_search_fn", [None, "strong_wolfe"])
def test_quadratic(dtype, line_search_fn):
    x, _, losses, _ = minimize(quadratic, [5.0, -3, 0, 2], 20, dtype, line_search_fn=line_search_fn)
    assert x.data.dtype == dtype
    assert np.abs(x.data.numpy() - 1).max() < 1e-5
    assert losses[-1] < 1e-8


def test_several_parameters_in_any_layout():
    matrix = torch.zeros(3, 8)
    a = Variable(matrix.narrow(1, 2, 2).t(), requires_grad=True)
    b = Variable(torch.zeros(1), requires_grad=True)
    unused = Variable(torch.ones(2), requires_grad=True)
    optimizer = LBFGS([a, b, unused], line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = ((a - 2) ** 2).sum() + (b + 3) ** 2 + (a.sum() + b) ** 2
        loss.backward()
        return loss

    for _ in range(5):
        optimizer.step(closure)
    # the minimum: with e = sum(a) + b, a = 2 - e and b = -3 - e, so e = 9 / 8
    assert np.allclose(a.data.numpy(), 2 - 9 / 8, atol=1e-5)
    assert np.allclose(b.data.numpy(), -3 - 9 / 8, atol=1e-5)
    assert unused.data.tolist() == [1, 1]
    assert matrix[0][0] == matrix[2][7] == 0


def test_limits():
    _, calls, _, optimizer = minimize(rosenbrock, [-1.0, 1, 1], 1, max_iter=3, lr=1e-3)
    assert calls == 3  # the last iteration only moves
    _, calls, _, _ = minimize(rosenbrock, [-1.0, 1, 1], 1, max_iter=20, max_eval=5, lr=1e-3)
    assert calls == 5
    _, calls, _, _ = minimize(quadratic, [1.0, 1, 1], 1)
    assert calls == 1  # the gradient is 0
    _, calls, _, _ = minimize(quadratic, [1.5, 1, 1], 1, tolerance_grad=2)
    assert calls == 1
    _, calls, _, _ = minimize(quadratic, [5.0, 1, 1], 1, tolerance_change=1e3)
    assert calls == 1
    x, _, _, optimizer = minimize(rosenbrock, [-1.0, 1, 1], 3, history_size=2, lr=1e-2)
    (state,) = optimizer.state.values()
    assert [len(state[name]) for name in ("old_dirs", "old_stps", "ro")] == [2, 2, 2]
    assert state["n_iter"] > 10


def test_a_loss_that_is_not_a_number_is_stepped_back_from():
    def loss(x):
        return (x - x.log()).sum()  # NaN below 0, minimal at 1

    x, _, _, _ = minimize(loss, [0.1, 5.0], 5, lr=100, line_search_fn="strong_wolfe")
    assert np.abs(x.data.numpy() - 1).max() < 1e-4


LINES = {  # value and slope of a function of the step
    "quadratic": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "flat far out": (lambda t: -math.exp(-((t - 20) ** 2) / 99), None),
    "cosine": (lambda t: math.cos(t + 0.1), lambda t: -math.sin(t + 0.1)),
    "steep": (lambda t: math.exp(-9 * t) + t, lambda t: -9 * math.exp(-9 * t) + 1),
    "quartic": (lambda t: (t * t - 2) ** 2 - t, lambda t: 4 * t * (t * t - 2) - 1),
}


@pytest.mark.parametrize("step", [1e-3, 0.5, 4.0, 300.0])
@pytest.mark.parametrize("name", LINES)
def test_strong_wolfe(name, step):
    value, slope = LINES[name]
    if slope is None:

        def slope(t):
            return (value(t + 1e-6) - value(t - 1e-6)) / 2e-6

    count = [0]

    def evaluate(t):
        count[0] += 1
        return Point(t, value(t), slope(t), None)

    start = Point(0.0, value(0.0), slope(0.0), None)
    assert start.slope < 0
    there, calls = strong_wolfe(evaluate, start, step, 1e-12)
    assert calls == count[0] <= 25
    assert there.value <= start.value + 1e-4 * there.step * start.slope
    assert abs(there.slope) <= -0.9 * start.slope
    assert there.step > 0


def test_strong_wolfe_stays_where_nothing_is_lower():
    start = Point(0.0, 0.0, -1.0, None)
    there, calls = strong_wolfe(lambda t: Point(t, 1.0, 1.0, None), start, 1.0, 1e-3)
    assert there is start
    assert calls < 25
    there, calls = strong_wolfe(lambda t: Point(t, 1.0, 1.0, None), start, 1.0, 0.0, most=7)
    assert (there, calls) == (start, 7)
    # falling for ever: as far as it got
    there, calls = strong_wolfe(lambda t: Point(t, -t, -1.0, None), start, 1.0, 0.0, most=4)
    assert calls == 4 and there.step > 1


def leaf(*size):
    return Variable(torch.ones(*size), requires_grad=True)


def second_group():
    LBFGS([leaf(2)]).add_param_group({"params": [leaf(2)]})


def mixed_types():
    double = Variable(torch.ones(2).double(), requires_grad=True)
    LBFGS([("a", leaf(2)), ("b", double)]).step(lambda: 1.0)


def bad_history():
    *_, optimizer = minimize(quadratic, [5.0, 3, 1], 1)
    state = copy.deepcopy(optimizer.state_dict())
    state["state"][0]["old_dirs"][0] = torch.ones(4)
    optimizer.load_state_dict(state)


ERRORS = [
    (lambda: LBFGS([leaf(2)]).step(), TypeError, "LBFGS.step: expected a closure"),
    (second_group, ValueError, "LBFGS: expected all parameters in one group, got a second"),
    (
        lambda: LBFGS([{"params": [leaf(2)]}, {"params": [leaf(2)]}]),
        ValueError,
        "LBFGS: expected all parameters in one group",
    ),
    (
        mixed_types,
        TypeError,
        r"LBFGS.step: group 0, parameter 1 \(b\): expected the type of the first parameter, "
        "FloatTensor, got DoubleTensor",
    ),
    (lambda: LBFGS([leaf(2)], lr=-1), ValueError, "LBFGS: group 0: lr: expected a number"),
    (lambda: LBFGS([leaf(2)], max_iter=0), ValueError, "max_iter: expected an int of at least 1"),
    (lambda: LBFGS([leaf(2)], max_iter=1.5), ValueError, "max_iter: expected an int .* got 1.5"),
    (lambda: LBFGS([leaf(2)], max_eval=0), ValueError, "max_eval: expected an int of at least 1"),
    (lambda: LBFGS([leaf(2)], history_size=0), ValueError, "history_size: expected an int"),
    (lambda: LBFGS([leaf(2)], tolerance_grad=-1), ValueError, "tolerance_grad: expected a number"),
    (
        lambda: LBFGS([leaf(2)], line_search_fn="armijo"),
        ValueError,
        "line_search_fn: expected 'strong_wolfe' or None, got 'armijo'",
    ),
    (bad_history, ValueError, r"parameter 0: old_dirs: expected size \(3,\), got \(4,\)"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
