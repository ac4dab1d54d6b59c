"""Optimizers with gradients of SparseRows."""

import copy

import numpy as np
import pytest
import torch
from torch import optim
from torch.autograd import SparseRows, Variable

SIZE = (6, 2)
STEPS = [[0, 3], [3, 3, 5], [], [0], [3, 0, 0, 5]]  # the rows that each step uses


def start():
    return Variable(torch.from_numpy(np.linspace(-1, 1, 12).reshape(SIZE)), requires_grad=True)


def gradients():
    random = np.random.default_rng(0)
    for rows in STEPS:
        values = torch.from_numpy(random.standard_normal((len(rows), 2)))
        yield SparseRows(torch.LongTensor(rows), values, SIZE)


def run(optimizer, p, dense=False):
    for gradient in gradients():
        before = gradient.clone()
        p.grad = Variable(gradient.to_dense() if dense else gradient)
        optimizer.step()
        assert gradient.values.equal(before.values) and gradient.indices.equal(before.indices)
    return p.data.numpy()


SAME_AS_DENSE = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "maximize": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.1}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.1, "eps": 0.1}),
    ("Adagrad", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
]


@pytest.mark.parametrize("name, options", SAME_AS_DENSE, ids=str)
def test_as_with_the_dense_gradient(name, options):
    p, q = start(), start()
    got = run(getattr(optim, name)([p], **options), p)
    expected = run(getattr(optim, name)([q], **options), q, dense=True)
    assert np.abs(got - expected).max() < 1e-14
    assert np.abs(got - start().data.numpy()).max() > 0.01


@pytest.mark.parametrize(
    "options", [{}, {"lr": 0.1, "betas": (0.5, 0.9), "eps": 0.1}, {"lr": 0.1, "maximize": True}]
)
def test_sparse_adam(options):
    p = start()
    optimizer = optim.SparseAdam([p], **options)
    got = run(optimizer, p)
    lr, eps = options.get("lr", 1e-3), options.get("eps", 1e-8)
    beta1, beta2 = options.get("betas", (0.9, 0.999))
    expected, m, v = start().data.numpy().copy(), np.zeros(SIZE), np.zeros(SIZE)
    for t, gradient in enumerate(gradients(), start=1):
        g = gradient.to_dense().numpy() * (-1 if options.get("maximize") else 1)
        for row in set(STEPS[t - 1]):
            m[row] = beta1 * m[row] + (1 - beta1) * g[row]
            v[row] = beta2 * v[row] + (1 - beta2) * g[row] ** 2
            rate = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
            expected[row] -= rate * m[row] / (np.sqrt(v[row]) + eps)
    assert np.abs(got - expected).max() < 1e-14
    unused = [1, 2, 4]
    assert (got[unused] == start().data.numpy()[unused]).all()
    assert not optimizer.state[p]["exp_avg"].numpy()[unused].any()


def test_sparse_adam_continues_exactly():
    p = start()
    optimizer = optim.SparseAdam([p])
    run(optimizer, p)
    q = Variable(p.data.clone(), requires_grad=True)
    other = optim.SparseAdam([q])
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    assert run(other, q).tolist() == run(optimizer, p).tolist()


def test_zero_grad_leaves_no_rows():
    p = start()
    p.grad = Variable(next(gradients()))
    optimizer = optim.SparseAdam([p])
    optimizer.zero_grad()
    optimizer.step()
    assert p.data.equal(start().data)


@pytest.mark.parametrize(
    "name", ["Adam", "AdamW", "Adamax", "NAdam", "RAdam", "Adadelta", "RMSprop", "Rprop", "ASGD"]
)
def test_the_others_say_which_can(name):
    p = start()
    p.grad = Variable(next(gradients()))
    text = (
        rf"{name}.step: group 0, parameter 0 \(table\): expected a gradient like the parameter, "
        "DoubleTensor of size .*, got SparseRows; optimizers for SparseRows are SGD, Adagrad and"
    )
    with pytest.raises(ValueError, match=text):
        getattr(optim, name)([("table", p)]).step()


def test_errors():
    p = start()
    optimizer = optim.SparseAdam([p])
    p.grad = Variable(torch.zeros(SIZE).double())
    with pytest.raises(TypeError, match="SparseAdam: expected a gradient of SparseRows, got a Dou"):
        optimizer.step()
    p.grad = Variable(next(gradients()).type(torch.float32))
    with pytest.raises(ValueError, match="SparseAdam.step: group 0, parameter 0: expected a grad"):
        optimizer.step()
    for options in ({"lr": -1}, {"eps": -1}, {"betas": (0.9, 1)}):
        with pytest.raises(ValueError, match="SparseAdam: group 0: "):
            optim.SparseAdam([p], **options)
