"""What all optimizers share: groups, steps, states and errors."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import optim
from torch.autograd import Variable, is_grad_enabled, no_grad
from torch.optim import LBFGS, SGD, Adam, Optimizer, Rprop


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


def test_gradients_that_are_tensors_as_in_the_alpha():
    a = leaf(2)
    optimizer = SGD([a], lr=1)
    before = a.data.tolist()
    with torch.compat.using(tensor_grad=True):
        (a * 3).sum().backward()
        gradient = a.grad
        optimizer.step()
        assert a.data.tolist() == [value - 3 for value in before]
        optimizer.zero_grad()
        assert a.grad is gradient and gradient.tolist() == [0, 0]


def test_zero_grad_keeps_the_gradient_but_drops_its_history():
    a, b = leaf(2), leaf(2)
    (a * a).sum().backward()
    gradient = a.grad
    (b * b * b).sum().backward(create_graph=True)
    SGD([a, b], lr=1).zero_grad()
    assert a.grad is gradient and a.grad.data.tolist() == [0, 0]
    assert b.grad is None


def test_zero_grad_to_none():
    a, b = leaf(2), leaf(2)
    (a * a).sum().backward()
    optimizer = SGD([a, b], lr=1, weight_decay=1)
    optimizer.zero_grad(set_to_none=True)
    assert a.grad is None
    optimizer.step()
    assert a.data.tolist() == [1, 1]


def test_closures_may_record_where_nothing_is():
    a = leaf(1)
    seen = []

    def closure():
        seen.append(is_grad_enabled())
        return (a * 1).sum()

    with no_grad():
        SGD([a], lr=1).step(closure)
        LBFGS([a]).step(closure)
    assert seen == [True, True]


def test_names_are_kept_and_shown_in_errors(tmp_path):
    a, b = leaf(2), leaf(3)
    optimizer = Adam([("first", a), ("second.weight", b)])
    assert optimizer.param_groups[0]["params"] == [a, b]
    assert optimizer.param_groups[0]["param_names"] == ["first", "second.weight"]
    optimizer.add_param_group({"params": [("bias", leaf(1))], "name": "rest"})
    b.grad = Variable(torch.ones(3))
    b.data = torch.ones(4)
    text = r"Adam.step: group 0, parameter 1 \(second.weight\): expected a gradient like"
    with pytest.raises(ValueError, match=text):
        optimizer.step()
    state = optimizer.state_dict()
    other = Adam([("one", leaf(2)), ("two", leaf(3))])
    other.add_param_group({"params": leaf(1)})
    other.load_state_dict(through_file(state, tmp_path))
    assert other.param_groups[0]["param_names"] == ["one", "two"]
    assert other.param_groups[1]["name"] == "rest"


def test_errors_in_a_step_name_group_and_parameter():
    a, b, c = leaf(2), leaf(2), leaf(2)
    b.grad, c.grad = Variable(torch.ones(2)), Variable(torch.ones(2))
    optimizer = SGD([{"params": [leaf(1)]}, {"params": [("a", a), ("b", b), ("c", c)]}], lr=1)
    optimizer.param_groups[1]["lr"] = "fast"
    with pytest.raises(TypeError, match="sgd_steps_: got .* str, ") as raised:
        optimizer.step()
    assert raised.value.__notes__ == ["in SGD.step: group 1"]
    optimizer.param_groups[1].update(lr=1, momentum=0.9)
    optimizer.state[c]["momentum_buffer"] = torch.zeros(3)
    text = r"sgd_steps_: expected bufs\[1\] of size \(2,\), got FloatTensor of size \(3,\)"
    with pytest.raises(ValueError, match=text) as raised:
        optimizer.step()
    assert raised.value.__notes__ == ["in SGD.step: group 1, parameter 2 (c)"]


@pytest.mark.parametrize("name", ["Adam", "NAdam", "RMSprop", "ASGD"])
def test_a_step_that_fails_changes_nothing(name):
    params = [leaf(3), leaf(3)]
    optimizer = getattr(optim, name)(params, lr=0.1)
    for p in params:
        p.grad = Variable(torch.ones(3))
    optimizer.step()
    entry = "square_avg" if name == "RMSprop" else "ax" if name == "ASGD" else "exp_avg_sq"
    optimizer.state[params[1]][entry] = torch.zeros(4)
    before = copy.deepcopy(optimizer.state_dict()["state"])
    values, versions = [p.data.tolist() for p in params], [p.data._version for p in params]
    with pytest.raises(ValueError, match=r"_steps_: expected \w+\[1\] of size \(3,\)") as raised:
        optimizer.step()
    assert raised.value.__notes__ == [f"in {name}.step: group 0, parameter 1"]
    assert [p.data.tolist() for p in params] == values
    assert [p.data._version for p in params] == versions
    assert str(optimizer.state_dict()["state"]) == str(before)


def test_a_group_that_does_not_fit_is_not_added():
    a = leaf(2)
    optimizer = SGD([a], lr=1)
    for group in ({"params": [a]}, {"params": [leaf(2)], "lr": -1}, {"params": [leaf(2), 3]}):
        with pytest.raises((ValueError, TypeError), match="SGD: group 1"):
            optimizer.add_param_group(group)
    assert len(optimizer.param_groups) == 1


def test_a_step_counts_as_a_change_for_backward():
    a = leaf(2)
    y = (a * a).sum()
    y.backward(retain_variables=True)
    SGD([a], lr=1).step()
    with pytest.raises(RuntimeError, match="Mul: a value it saved .* was changed"):
        y.backward()


EVERY = {
    "SGD": {"lr": 0.1, "momentum": 0.9},
    "Adam": {"amsgrad": True},
    "AdamW": {},
    "Adamax": {},
    "NAdam": {},
    "RAdam": {},
    "Adadelta": {},
    "Adagrad": {"lr_decay": 0.1},
    "RMSprop": {"momentum": 0.9, "centered": True},
    "Rprop": {},
    "ASGD": {"t0": 1},
    "LBFGS": {"max_iter": 3, "line_search_fn": "strong_wolfe"},
}


def made(name, params):
    return getattr(optim, name)(params, **EVERY[name])


def train(optimizer, steps):
    params = optimizer.param_groups[0]["params"]

    def closure():
        optimizer.zero_grad()
        loss = sum(((p * p - 1) ** 2).sum() + (p * 0.3).sum() for p in params)
        loss.backward()
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    return [p.data.tolist() for p in params]


def through_pickle(value, path):
    return pickle.loads(pickle.dumps(value))


def through_deepcopy(value, path):
    return copy.deepcopy(value)


def through_file(value, path):
    torch.save(value, str(path / "state.pt"))
    return torch.load(str(path / "state.pt"))


WAYS = [through_pickle, through_deepcopy, through_file]


def two_params():
    torch.manual_seed(0)
    return [Variable(torch.randn(2, 3), requires_grad=True), leaf(1)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", EVERY)
def test_a_state_dict_continues_exactly(name, way, tmp_path):
    params = two_params()
    optimizer = made(name, params)
    train(optimizer, 4)
    copies = [Variable(p.data.clone(), requires_grad=True) for p in params]
    saved = way(optimizer.state_dict(), tmp_path)
    assert saved["param_groups"][0]["params"] == [0, 1]
    other = getattr(optim, name)(copies, lr=7)
    other.load_state_dict(saved)
    expected = train(optimizer, 9)
    assert train(other, 9) == expected
    assert str(other) == str(optimizer)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", EVERY)
def test_a_copy_of_params_and_optimizer_continues_exactly(name, way, tmp_path):
    params = two_params()
    optimizer = made(name, params)
    train(optimizer, 4)
    copies, other = way((params, optimizer), tmp_path)
    assert all(p is q for p, q in zip(copies, other.param_groups[0]["params"], strict=True))
    assert not any(p is q for p, q in zip(copies, params, strict=True))
    expected = train(optimizer, 9)
    assert train(other, 9) == expected
    other.zero_grad()
    assert copies[0].grad.data.abs().max() == 0 != params[0].grad.data.abs().max()


def test_a_missing_option_stays_missing_in_copies(tmp_path):
    optimizer = SGD([{"params": [leaf(2)], "lr": 1}])
    for way in WAYS:
        with pytest.raises(ValueError, match="group 1: the option lr has to be given"):
            way(optimizer, tmp_path).add_param_group({"params": [leaf(2)]})


def test_loading_takes_the_type_of_the_parameter():
    optimizer = Adam([leaf(2)])
    train(optimizer, 2)
    p = Variable(torch.ones(2).double(), requires_grad=True)
    other = Adam([p])
    other.load_state_dict(optimizer.state_dict())
    assert type(other.state[p]["exp_avg"]) is torch.DoubleTensor
    train(other, 1)


def test_loading_takes_numbers_kept_in_tensors():
    """As PyTorch keeps them."""
    optimizer, other = made("NAdam", two_params()), made("NAdam", two_params())
    train(optimizer, 2)
    train(other, 2)
    state = optimizer.state_dict()
    for values in state["state"].values():
        values["step"] = torch.tensor(float(values["step"]))
        values["mu_product"] = torch.tensor(values["mu_product"]).double()
    optimizer.load_state_dict(state)
    assert type(next(iter(optimizer.state.values()))["step"]) is int
    assert train(optimizer, 2) == train(other, 2)


def test_a_momentum_that_is_none_is_none_yet():
    """As PyTorch keeps it."""
    p, q = leaf(2), leaf(2)
    optimizer, other = SGD([p], lr=0.1, momentum=0.9, dampening=0.5), SGD([q], lr=1)
    state = copy.deepcopy(optimizer.state_dict())
    state["state"] = {0: {"momentum_buffer": None}}
    other.load_state_dict(state)
    for parameter, rule in ((p, optimizer), (q, other)):
        for value in (4, 3):
            parameter.grad = Variable(torch.ones(2) * value)
            rule.step()
    assert p.data.tolist() == q.data.tolist() != [1, 1]


PYTORCH = torch.load(str(Path(__file__).parent / "data" / "pytorch_states.pt"))


@pytest.mark.parametrize("name", PYTORCH)
def test_runs_of_pytorch_continue(name):
    """From a file that PyTorch 2.13 wrote; see data/make_pytorch_steps.py."""
    *start, state, p_end, q_end = PYTORCH[name]
    p, q = (Variable(torch.DoubleTensor(values), requires_grad=True) for values in start)
    optimizer = getattr(optim, name)([p, q], lr=1)
    optimizer.load_state_dict(state)

    def closure():
        optimizer.zero_grad()
        loss = ((p * p - 2) ** 2).sum() + ((q - 3) ** 2).sum()
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)
    # PyTorch keeps some numbers of NAdam and ASGD in single precision
    tolerance = 1e-6 if name in ("NAdam", "ASGD") else 1e-10
    assert np.abs(p.data.numpy() - p_end).max() < tolerance
    assert np.abs(q.data.numpy() - q_end).max() < tolerance
    assert np.abs(p.data.numpy() - start[0]).max() > 1e-3


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
        lambda: SGD({leaf(2)}, lr=1),
        TypeError,
        "SGD: params: expected an order that stays the same, got a set",
    ),
    (lambda: SGD(3, lr=1), TypeError, "SGD: params: expected an iterable of Variables, got int"),
    (
        dict_group(params=[leaf(2)], param_names=["a", "b"]),
        ValueError,
        "SGD: group 0: param_names: expected 1 names, got 2",
    ),
    (dict_group(params=torch.ones(2)), TypeError, "group 0: params: .* got FloatTensor of size"),
    (
        lambda: SGD([("a", leaf(2)), leaf(3)], lr=1),
        TypeError,
        r"group 0, parameter 1: expected a pair of name and Variable .* got a Variable of size \(3",
    ),
    (
        lambda: SGD([("a", leaf(2)), ("b.c", leaf(2) * 2)], lr=1),
        ValueError,
        r"group 0, parameter 1 \(b.c\) of size \(2,\): expected a leaf, got the result",
    ),
    (
        lambda: SGD([{"params": [leaf(2)]}, {"params": [leaf(2)], "momentum": -1}], lr=1),
        ValueError,
        "SGD: group 1: momentum: expected a number of at least 0, got -1",
    ),
    (lambda: SGD([leaf(2)], lr=float("nan")), ValueError, "lr: expected .*, got nan"),
    (lambda: SGD([leaf(2)], lr=1, dampening=None), ValueError, "dampening: expected .* got None"),
    (lambda: optim.Adadelta([leaf(2)], rho=1), ValueError, "rho: expected .* below 1, got 1"),
    (lambda: optim.Adadelta([leaf(2)], eps=-1), ValueError, "Adadelta: group 0: eps: expected"),
    (lambda: optim.Adagrad([leaf(2)], lr_decay=-1), ValueError, "lr_decay: expected"),
    (
        lambda: optim.Adagrad([leaf(2)], initial_accumulator_value=-1),
        ValueError,
        "initial_accumulator_value: expected a number of at least 0, got -1",
    ),
    (lambda: optim.AdamW([leaf(2)], betas=(2, 0)), ValueError, r"AdamW: .* betas\[0\]: expected"),
    (lambda: optim.Adamax([leaf(2)], betas=(0, 1)), ValueError, r"Adamax: .* betas\[1\]: expected"),
    (lambda: optim.NAdam([leaf(2)], momentum_decay=-1), ValueError, "momentum_decay: expected"),
    (lambda: optim.RAdam([leaf(2)], weight_decay=-1), ValueError, "RAdam: .* weight_decay: exp"),
    (
        lambda: optim.RMSprop([leaf(2)], alpha=1.5),
        ValueError,
        "alpha: expected .* below 1, got 1.5",
    ),
    (lambda: optim.RMSprop([leaf(2)], momentum=-1), ValueError, "RMSprop: .* momentum: expected"),
    (lambda: optim.ASGD([leaf(2)], lambd=-1), ValueError, "ASGD: group 0: lambd: expected"),
    (lambda: optim.ASGD([leaf(2)], alpha="x"), ValueError, "ASGD: group 0: alpha: expected"),
    (lambda: Rprop([leaf(2)], lr=-1), ValueError, "Rprop: group 0: lr: expected"),
    (
        lambda: Rprop([leaf(2)], etas=(1.5, 2)),
        ValueError,
        r"etas: expected 0 < etas\[0\] < 1 < etas\[1\], got \(1.5, 2\)",
    ),
    (lambda: Rprop([leaf(2)], etas=1), ValueError, "etas: expected a pair of numbers, got 1"),
    (
        lambda: Rprop([leaf(2)], step_sizes=(2, 1)),
        ValueError,
        r"expected 0 <= step_sizes\[0\] <= step_sizes\[1\], got \(2, 1\)",
    ),
    (
        lambda: SGD([leaf(2)], lr=1).load_state_dict([]),
        TypeError,
        r"SGD.load_state_dict: expected a dict with the keys .*, got \[\]",
    ),
    (
        lambda: SGD([leaf(2)], lr=1).load_state_dict({"state": {}}),
        TypeError,
        r"expected a dict with the keys 'state' and 'param_groups', got \['state'\]",
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
        r"group 0, parameter 0: momentum_buffer: expected size \(2,\), got \(3,\)",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "LBFGS"])
@pytest.mark.parametrize("data", [torch.ones(3), torch.ones(2).double()], ids=["size", "type"])
def test_a_gradient_that_does_not_fit_names_the_parameter(name, data):
    a, b = leaf(2), leaf(2)
    optimizer = getattr(optim, name)([a, b], lr=1)
    a.grad, b.grad = Variable(torch.ones(2)), Variable(torch.ones(2))
    a.data, b.data = torch.ones(2).type(type(data)), data
    a.grad = Variable(torch.ones(2).type(type(data)))
    text = f"{name}.step: group 0, parameter 1: expected a gradient like the parameter, "
    with pytest.raises(ValueError, match=text + type(data).__name__):
        optimizer.step(lambda: 1.0)


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
