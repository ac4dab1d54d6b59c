"""checkpoint gives the same results and gradients, and keeps nothing in between."""

import gc
import weakref
from collections import OrderedDict, defaultdict, namedtuple

import pytest
import torch
from torch.autograd import (
    Function,
    Variable,
    backward,
    checkpoint,
    grad,
    gradcheck,
    gradgradcheck,
    no_grad,
)


def leaf(*size, seed=0):
    generator = torch.Generator()
    generator.manual_seed(seed)
    data = torch.randn(*size, dtype=torch.float64, generator=generator) / 2
    return Variable(data, requires_grad=True)


W = leaf(3, 3, seed=5)
Pair = namedtuple("Pair", "first second")


def outputs_of(result):
    """The Variables in a result, however they are packed."""
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, tuple | list):
        return [y for part in result for y in outputs_of(part)]
    return [result] if isinstance(result, Variable) else []


#: (function, number of (3, 3) arguments that need gradients, other arguments)
ROWS = {
    "one": (lambda x: (x * x).tanh(), 1, ()),
    "parameter": (lambda x: x.mm(W).tanh() * W, 1, ()),
    "only parameters": (lambda: (W * W).exp(), 0, ()),
    "two arguments": (lambda x, y: x.mm(y).sin() * x, 2, ()),
    "the same twice": (lambda x, y: x.mm(y), -2, ()),
    "two results": (lambda x: (x * x, x.exp()), 1, ()),
    "list": (lambda x: [x.exp(), None, 3, x * 2], 1, ()),
    "dict": (lambda x: OrderedDict(a=x.exp(), b=(x * 2, "text")), 1, ()),
    "named tuple": (lambda x: Pair(x.exp(), x * x), 1, ()),
    "numbers": (lambda x, n, k: x * n + k, 1, (3, 0.5)),
    "containers": (lambda x, d: x * d["y"][0] + d["z"], 1, ({"y": [leaf(3, 3)], "z": 2},)),
    "default dict": (lambda x, d: x * d["a"], 1, (defaultdict(list, a=leaf(3, 3)),)),
    "constants": (lambda x, c: x * c, 1, (Variable(torch.ones(3, 3).double() * 2),)),
    "constant result": (lambda x: (x.exp(), Variable(torch.ones(1))), 1, ()),
    "itself": (lambda x: x, 1, ()),
    "several outputs inside": (lambda x: x.max(0)[0] * (x * W).min(1)[0], 1, ()),
    "a view": (lambda x: x.t()[1:], 1, ()),
    "one result twice": (lambda x: [x * x] * 2, 1, ()),
    "in place inside": (lambda x: (x * 2).add_(x).tanh_(), 1, ()),
    "nested": (lambda x: checkpoint(lambda y: y.mm(W).exp(), x.tanh()) * x, 1, ()),
    "nested twice": (
        lambda x: checkpoint(lambda y: checkpoint(lambda z: z.mm(W) ** 2, y * 2).sin(), x),
        1,
        (),
    ),
    "own gradient": (lambda x: grad((x**3).sum(), x, create_graph=True)[0] * x, 1, ()),
}


def case(name):
    func, count, others = ROWS[name]
    leaves = [leaf(3, 3, seed=i) for i in range(abs(count))]
    if count < 0:
        leaves = [leaves[0]] * -count
    return func, leaves, others


def flat(result):
    total = 0
    for number, y in enumerate(outputs_of(result)):
        if y.requires_grad:
            total = (y * (y + number + 1)).sum() + total
    return total


@pytest.mark.parametrize("name", ROWS)
def test_results_and_gradients_are_the_same(name):
    func, leaves, others = case(name)
    more = [v for o in others for v in outputs_of(o) if v.requires_grad]
    plain = func(*leaves, *others)
    kept = checkpoint(func, *leaves, *others)
    assert type(kept) is type(plain)
    pairs = list(zip(outputs_of(plain), outputs_of(kept), strict=True))
    assert all(a.data.equal(b.data) and a.requires_grad == b.requires_grad for a, b in pairs)
    inputs = list(dict.fromkeys([*leaves, *more, W]))
    expected = grad(flat(plain), inputs, allow_unused=True)
    for a, b in zip(expected, grad(flat(kept), inputs, allow_unused=True), strict=True):
        assert (a is None) == (b is None)
        assert a is None or (a.data - b.data).abs().max() < 1e-12
    for v in inputs:
        v.grad = None
    flat(checkpoint(func, *leaves, *others)).backward()
    for v, a in zip(inputs, expected, strict=True):
        assert (v.grad is None) == (a is None)
        assert a is None or (a.data - v.grad.data).abs().max() < 1e-12
        v.grad = None


@pytest.mark.parametrize("name", ROWS)
def test_differentiable_twice(name):
    func, leaves, others = case(name)
    inputs = tuple(dict.fromkeys([*leaves, W]))
    plain = flat(func(*leaves, *others))
    kept = flat(checkpoint(func, *leaves, *others))
    slopes = [grad(y, inputs, create_graph=True, allow_unused=True) for y in (plain, kept)]
    seconds = []
    for found in slopes:
        y = sum((g * g * g).sum() for g in found if g is not None)
        seconds.append(grad(y, inputs, allow_unused=True))
    for a, b in zip(*seconds, strict=True):
        a, b = (torch.zeros(3, 3).double() if g is None else g.data for g in (a, b))
        assert (a - b).abs().max() <= 1e-12 * a.abs().max()


def test_gradcheck():
    x, w = leaf(2, 3, seed=1), leaf(3, 2, seed=2)

    def function(x, w):
        return checkpoint(lambda x, y: (x.mm(w).tanh() * y, y.exp()), x, x.mm(w))

    assert gradcheck(function, (x, w))
    assert gradgradcheck(function, (x, w))


def test_arguments_that_depend_on_each_other():
    x = leaf(2, 2)
    y = x * x
    for create_graph in (False, True):
        (g,) = grad(
            checkpoint(lambda x, y: x * y, x, y).sum(),
            x,
            create_graph=create_graph,
            retain_variables=True,
        )
        assert (g.data - x.data * x.data * 3).abs().max() < 1e-12
    (h,) = grad(g.sum(), x)
    assert (h.data - x.data * 6).abs().max() < 1e-12


def test_nothing_in_between_is_kept():
    x, w = leaf(3, 3), leaf(3, 3)
    died = []

    def function(x):
        h = x.mm(w).tanh()
        died.append((weakref.ref(h.data), weakref.ref(h), weakref.ref(h.creator)))
        return (h * h).exp()

    y = checkpoint(function, x).sum()
    assert [[r() for r in row] for row in died] == [[None] * 3]
    z = function(x)
    assert died[1][0]() is not None
    del z
    y.backward()
    assert len(died) == 3 and [r() for r in died[2]] == [None] * 3
    assert y.creator.saved_tensors == () and w.grad is not None


def test_no_cycles():
    x = leaf(3, 3)
    gc.collect()
    gc.disable()
    try:
        for create_graph in (False, True):
            y = checkpoint(lambda x: checkpoint(lambda x: x.exp() * W, x).sin(), x).sum()
            y.backward(create_graph=create_graph)
            x.grad = W.grad = None
        del y
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_random_numbers_are_the_same():
    x = leaf(50)
    calls = []

    def dropped(x):
        calls.append(Variable((torch.rand(50) < 0.5).double()))
        return x * calls[-1]

    torch.manual_seed(1)
    y = checkpoint(dropped, x)
    expected = torch.rand(3)
    state = torch.get_rng_state()
    torch.rand(7)
    here = torch.get_rng_state()
    y.sum().backward()
    assert len(calls) == 2 and calls[0].data.equal(calls[1].data)
    assert x.grad.data.equal(calls[0].data)
    assert torch.get_rng_state().equal(here)  # backward has used none
    torch.manual_seed(1)
    dropped(x)
    assert torch.rand(3).equal(expected) and torch.get_rng_state().equal(state)
    checkpoint(dropped, x, preserve_rng_state=False).sum().backward()
    assert not calls[-1].data.equal(calls[-2].data)


def test_the_state_is_restored_after_an_error():
    x = leaf(2)
    fail = []

    def function(x):
        torch.rand(1)
        if fail:
            raise KeyError("the second time")
        return x * 2

    y = checkpoint(function, x).sum()
    fail.append(1)
    state = torch.get_rng_state()
    with pytest.raises(KeyError):
        y.backward()
    assert torch.get_rng_state().equal(state)


def test_nothing_is_recorded_where_nothing_is_needed():
    calls = []

    def function(x):
        calls.append(1)
        return x.exp() * 2

    with no_grad():
        assert checkpoint(function, leaf(2)).is_leaf
    assert checkpoint(function, Variable(torch.ones(2))).is_leaf
    assert checkpoint(function, Variable(torch.ones(2), volatile=True)).volatile
    assert len(calls) == 3


def test_containers_without_variables_are_passed_as_they_are():
    log, table = [], {}

    def function(x, log, table):
        log.append("called")
        table["size"] = x.size()
        return x * 2

    y = checkpoint(function, leaf(2), log, table)
    assert log == ["called"] and table == {"size": (2,)}
    y.sum().backward()
    assert log == ["called"] * 2


def test_keywords():
    y = checkpoint(lambda x, *, scale: x * scale, leaf(2), scale=leaf(2, seed=1))
    y.sum().backward()


def test_retained():
    x = leaf(2)
    y = checkpoint(lambda x: x * x, x).sum()
    y.backward(retain_variables=True)
    y.backward()
    assert x.grad.data.equal(x.data * 4)
    with pytest.raises(RuntimeError, match="Checkpoint: backward through it a second time"):
        y.backward()


def test_hooks_run_once():
    x, w, seen = leaf(2), leaf(2, seed=1), []
    x.register_hook(lambda g: seen.append("x"))
    w.register_hook(lambda g: seen.append("w") or g * 10)
    y = checkpoint(lambda x: x * w, x)
    y.register_hook(lambda g: seen.append("y"))
    y.sum().backward()
    assert sorted(seen) == ["w", "x", "y"]
    assert w.grad.data.equal(x.data * 10)
    assert w._hooks


def test_only_one_of_two_results_is_used():
    x = leaf(2)
    a, b = checkpoint(lambda x: (x * 2, x.exp()), x)
    a.sum().backward(retain_variables=True)
    assert x.grad.data.tolist() == [2, 2]
    backward([a, b], [torch.ones(2).double()] * 2)
    assert x.grad.data.equal(x.data.exp() + 4)


def test_runs_only_when_its_gradient_is_wanted():
    calls = []

    def function(x):
        calls.append(1)
        return x * 2

    x, z = leaf(2), leaf(2)
    y = (checkpoint(function, x) * z).sum()
    grad(y, z)
    assert len(calls) == 1


def test_an_intermediate_from_outside():
    x = leaf(2)
    h = x.exp()
    y = checkpoint(lambda x: x * h, x).sum()
    y.backward(retain_variables=True)
    assert (x.grad.data - x.data.exp() * (1 + x.data)).abs().max() < 1e-12


class Fails(Function):
    def forward(self, x):
        return x * 1

    def backward(self, gy):
        raise KeyError("broken")


def changes_argument(x):
    return (x * 2) + x.add_(1)


def spoils(x):
    h = x.exp()  # the saved value
    y = h * 2
    h.add_(1)
    return y


def test_errors_inside_point_home():
    x = leaf(2)
    y = checkpoint(spoils, x).sum()
    with pytest.raises(RuntimeError) as caught:
        y.backward()
    notes = "\n".join([str(caught.value), *caught.value.__notes__])
    assert "Exp" in notes and "# the saved value" in notes
    assert "Checkpoint, which was called at" in notes and "checkpoint(spoils, x).sum()" in notes
    y = checkpoint(lambda x: Fails()(x), x).sum()
    with pytest.raises(KeyError) as caught:
        y.backward()
    notes = "\n".join(caught.value.__notes__)
    assert "in backward of Fails" in notes and "lambda x: Fails()(x)" in notes


def changed_before_backward(which):
    x, w, c = leaf(2), leaf(2), Variable(torch.ones(2).double())
    y = checkpoint(lambda x, c: x * w * c, x, c).sum()
    {"x": x, "w": w, "c": c}[which].data.add_(1)
    y.backward()


def differs():
    sizes = [2, 1]
    y = checkpoint(lambda x: x[: sizes.pop(0)] * 2, leaf(2)).sum()
    y.backward()


def grows():
    answers = [[], [1]]
    checkpoint(lambda x: [x * 2] + [x.exp() for _ in answers.pop(0)], leaf(2))[0].sum().backward()


CHANGED = r"Checkpoint: a value it saved for backward, of size \(2,\), was changed"
ERRORS = [
    (lambda: checkpoint(3, leaf(1)), TypeError, "checkpoint: expected a callable, got int"),
    (
        lambda: checkpoint(changes_argument, leaf(2) * 1),
        RuntimeError,
        "checkpoint: changes_argument changed its Variable 0 in place",
    ),
    (lambda: changed_before_backward("x"), RuntimeError, CHANGED),
    (lambda: changed_before_backward("w"), RuntimeError, CHANGED),
    (lambda: changed_before_backward("c"), RuntimeError, CHANGED),
    (
        differs,
        RuntimeError,
        r"did not do the same when it was called again in backward: it gave differentiable "
        r"results of \[\(\(2,\), 'torch.float64'\)\], then of \[\(\(1,\), 'torch.float64'\)\]",
    ),
    (grows, RuntimeError, "did not do the same when it was called again"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
