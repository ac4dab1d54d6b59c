"""The update rules of optimizers against their formulas written out, over lists of parameters."""

import itertools

import numpy
import pytest
import torch
from torch import _C
from torch._C import adam_steps_, clamp_list_, mul_list_, norm_list, sgd_steps_

# The rules in NumPy: f(t, p, g, *state, **options) gives the new (p, *state); g has the decay in it
# where a rule does not keep it apart.


def sgd(t, p, g, b, lr, momentum, dampening, nesterov, **_):
    b = g if t == 1 else momentum * b + (1 - dampening) * g
    d = g if momentum == 0 else g + momentum * b if nesterov else b
    return p - lr * d, b


def averages(t, g, m, v, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2, 1 - beta1**t, 1 - beta2**t


def adam(t, p, g, m, v, most=None, *, lr, betas, eps, **_):
    m, v, c1, c2 = averages(t, g, m, v, *betas)
    largest = v if most is None else numpy.maximum(most, v)
    p = p - lr * numpy.sqrt(c2) / c1 * m / (numpy.sqrt(largest) + eps)
    return (p, m, v) if most is None else (p, m, v, largest)


def adamw(t, p, g, m, v, most=None, *, lr, betas, eps, weight_decay, **_):
    m, v, c1, c2 = averages(t, g, m, v, *betas)
    largest = v if most is None else numpy.maximum(most, v)
    p = (1 - lr * weight_decay) * p - lr * m / c1 / (numpy.sqrt(largest / c2) + eps)
    return (p, m, v) if most is None else (p, m, v, largest)


def radam(t, p, g, m, v, *, lr, betas, eps, weight_decay, decoupled, **_):
    m, v, c1, c2 = averages(t, g, m, v, *betas)
    p = (1 - lr * weight_decay * decoupled) * p
    longest = 2 / (1 - betas[1]) - 1
    length = longest - 2 * t * betas[1] ** t / c2
    if length <= 5:
        return p - lr * m / c1, m, v
    r = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
    return p - lr * numpy.sqrt(r * c2) / c1 * m / (numpy.sqrt(v) + eps), m, v


def nadam(t, p, g, m, v, *, lr, betas, eps, weight_decay, decoupled, momentum_decay, **_):
    m, v, _, c2 = averages(t, g, m, v, *betas)
    mu, following = (betas[0] * (1 - 0.96 ** (k * momentum_decay) / 2) for k in (t, t + 1))
    product = nadam_product(t, betas[0], momentum_decay)
    d = (1 - mu) * g / (1 - product) + following * m / (1 - product * following)
    p = (1 - lr * weight_decay * decoupled) * p
    return p - lr * d / (numpy.sqrt(v / c2) + eps), m, v


def nadam_product(t, beta1, decay):
    return numpy.prod([beta1 * (1 - 0.96 ** (k * decay) / 2) for k in range(1, t + 1)])


def adamax(t, p, g, m, u, *, lr, betas, eps, **_):
    m, u = betas[0] * m + (1 - betas[0]) * g, numpy.maximum(betas[1] * u, abs(g) + eps)
    return p - lr / (1 - betas[0] ** t) * m / u, m, u


def adagrad(t, p, g, s, *, lr, lr_decay, eps, **_):
    s = s + g**2
    return p - lr / (1 + (t - 1) * lr_decay) * g / (numpy.sqrt(s) + eps), s


def adadelta(t, p, g, v, u, *, lr, rho, eps, **_):
    v = rho * v + (1 - rho) * g**2
    d = numpy.sqrt((u + eps) / (v + eps)) * g
    return p - lr * d, v, rho * u + (1 - rho) * d**2


def rmsprop(t, p, g, v, *more, lr, alpha, eps, momentum, centered, **_):
    v = alpha * v + (1 - alpha) * g**2
    state, square = [v], v
    if centered:
        state.append(alpha * more[0] + (1 - alpha) * g)
        square = v - state[1] ** 2
    d = g / (numpy.sqrt(square) + eps)
    if momentum:
        d = momentum * more[-1] + d
        state.append(d)
    return p - lr * d, *state


def rprop(t, p, g, last, size, *, etas, step_sizes, **_):
    agreement = numpy.sign(last) * numpy.sign(g)
    size = numpy.clip(size * numpy.choose(agreement.astype(int) + 1, (etas[0], 1, etas[1])),
                      *step_sizes)  # fmt: skip
    g = numpy.where(agreement < 0, 0, g)
    return p - numpy.sign(g) * size, g, size


def asgd(t, p, g, ax, *, lambd, **_):
    p = p - eta(t) * (g + lambd * p)
    return p, ax + mu(t) * (p - ax)


def eta(t):
    return 0.1 / t


def mu(t):
    return 1 / max(1, t - 2)


# What a call gets after params and grads, from the states and the number of each parameter's step.


def adam_arguments(o, states, steps):
    lists = [*states, []] if len(states) == 2 else states
    return *lists, steps, o["lr"], *o["betas"], o["eps"], o["weight_decay"], o["maximize"]


def more_adam_arguments(o, states, steps):
    *start, maximize = adam_arguments(o, (), steps)
    products = []
    if "momentum_decay" in o:
        start.append(o["momentum_decay"])
        products = [[nadam_product(t - 1, o["betas"][0], o["momentum_decay"]) for t in steps]]
    decoupled = [o["decoupled"]] if "decoupled" in o else []
    return *states, *products, *start, *decoupled, maximize


def options(*names):
    return lambda o: [o[name] for name in names]


ARGUMENTS = {
    "sgd": lambda o, states, steps: (
        *(states if o["momentum"] else [[]]),
        [t == 1 for t in steps],
        *options("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize")(o),
    ),
    "adam": adam_arguments,
    "adamw": adam_arguments,
    "radam": more_adam_arguments,
    "nadam": more_adam_arguments,
    "adamax": more_adam_arguments,
    "adagrad": lambda o, states, steps: (
        *states, steps, *options("lr", "lr_decay", "weight_decay", "eps", "maximize")(o),
    ),
    "adadelta": lambda o, states, steps: (
        *states, *options("lr", "rho", "eps", "weight_decay", "maximize")(o),
    ),
    "rmsprop": lambda o, states, steps: (
        states[0],
        states[1] if o["centered"] else [],
        states[-1] if o["momentum"] else [],
        *options("lr", "alpha", "eps", "weight_decay", "momentum", "maximize")(o),
    ),
    "rprop": lambda o, states, steps: (*states, *o["etas"], *o["step_sizes"], o["maximize"]),
    "asgd": lambda o, states, steps: (
        *states, [eta(t) for t in steps], [mu(t) for t in steps], o["lambd"], o["weight_decay"],
        o["maximize"],
    ),
}  # fmt: skip

ADAM = {"lr": 0.01, "betas": (0.9, 0.99), "eps": 1e-6}
APART = {"decoupled": True, "weight_decay": 0.1}
DECAY = {"weight_decay": 0.05}
UP = {"maximize": True}
PROP = {"lr": 0.01, "alpha": 0.9, "eps": 1e-3, "momentum": 0, "centered": False}
# rule, number of state tensors, options
ROWS = [
    *[
        (sgd, 1, {"lr": 0.1, "momentum": m, "dampening": d, "nesterov": n, **more})
        for m, d, n in [(0, 0, False), (0.9, 0, False), (0.9, 0.3, False), (0.9, 0, True)]
        for more in ({}, DECAY, {**DECAY, **UP})
    ],
    *[
        (rule, state, {**ADAM, **more})
        for rule, state in [(adam, 2), (adam, 3), (adamw, 2), (adamw, 3), (adamax, 2)]
        for more in ({}, DECAY, {"betas": (0, 0.5), "eps": 0.1, **DECAY, **UP})
    ],
    *[
        (rule, 2, {**ADAM, "decoupled": False, **more, **decay})
        for rule, decay in [(radam, {}), (nadam, {"momentum_decay": 0.1})]
        for more in ({}, DECAY, APART, {"betas": (0.5, 0.5), **APART, **UP})
    ],
    *[(adagrad, 1, {"lr": 0.1, "lr_decay": 0.1, "eps": 1e-3, **m}) for m in ({}, DECAY, UP)],
    *[(adadelta, 2, {"lr": 0.5, "rho": 0.9, "eps": 1e-3, **m}) for m in ({}, DECAY, UP)],
    *[
        (rmsprop, 1 + c + bool(m), {**PROP, "momentum": m, "centered": c, **more})
        for m, c in itertools.product((0, 0.9), (False, True))
        for more in ({}, {**DECAY, **UP})
    ],
    *[(rprop, 2, {"etas": (0.5, 1.2), "step_sizes": (1e-3, 0.5), **m}) for m in ({}, UP)],
    *[(asgd, 1, {"lambd": 0.01, **m}) for m in ({}, DECAY, UP)],
]
ROWS = [(rule, n, {"weight_decay": 0, "maximize": False, **o}) for rule, n, o in ROWS]
# one of each loop
LOOPS = [row for row in ROWS if row[2]["weight_decay"] == 0 and not row[2]["maximize"]]


def label(row):
    return f"{row[0].__name__}-{row[1]}-{row[2]}" if isinstance(row, tuple) else str(row)


def step(row, params, grads, states, steps):
    """The call of the core; states: one list per parameter."""
    rule, _, o = row
    lists = [list(column) for column in zip(*states)]
    arguments = ARGUMENTS[rule.__name__](o, lists, steps)
    return getattr(_C, rule.__name__ + "_steps_")(params, grads, *arguments)


def reference(row, t, p, g, state):
    rule, _, o = row
    g = -g if o["maximize"] else g
    if not o.get("decoupled") and rule is not adamw:
        g = g + o["weight_decay"] * p
    p, *state = rule(t, p, g, *state, **o)
    return p, state


def start_state(row, size):
    state = [numpy.zeros(size) for _ in range(row[1])]
    if row[0] is rprop:
        state[1] += 0.1
    return state


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_formula(row, dtype, close, values):
    sizes, ahead = [(3, 5), (0,), (5003,), (), (2, 3, 4)], [0, 0, 1, 0, 7]
    expected = [(values(*size), start_state(row, size)) for size in sizes]

    def made(array):  # also without dimensions
        return torch.from_numpy(numpy.array(array, dtype))

    params = [made(p) for p, _ in expected]
    states = [[made(s) for s in state] for _, state in expected]
    for t in range(1, 4):
        steps = [t + more for more in ahead]  # a parameter may have more steps behind it
        arrays = [values(*size, seed=10 * t + i) for i, size in enumerate(sizes)]
        grads = [made(g) for g in arrays]
        expected = [reference(row, n, p, g, state)
                    for n, g, (p, state) in zip(steps, arrays, expected)]  # fmt: skip
        result = step(row, params, grads, states, steps)
        if row[0] is nadam:
            products = [nadam_product(n, row[2]["betas"][0], 0.1) for n in steps]
            numpy.testing.assert_allclose(result, products, rtol=1e-14)
        else:
            assert result is None
        for p, g, array, state, (q, wanted) in zip(params, grads, arrays, states, expected):
            close(p, q)
            close(g, array)
            assert (p._version, g._version) == (t, 0)
            used = row[0] is not sgd or row[2]["momentum"] != 0
            for s, w in zip(state, wanted):
                close(s, w if used else s.numpy().astype("float64") * 0)
                assert s._version == (t if used else 0)


@pytest.mark.parametrize("row", LOOPS, ids=label)
def test_grouping_and_threads_do_not_show(row, values, tensor):
    """To the last bit, so that a run that is split up or resumed goes on as it would have."""
    sizes = [1, 7, 64, 30011, 0, 2047, 2048, 2049, 70001, 33]
    arrays = [(values(n), values(n, seed=1)) for n in sizes]

    def run(threads, slices):
        torch.set_num_threads(threads)
        params = [tensor(p.copy()) for p, _ in arrays]
        states = [[tensor(s) for s in start_state(row, n)] for n in sizes]
        for t in (1, 2, 3):
            for part in slices:
                grads = [tensor(g / t) for _, g in arrays[part]]
                step(row, params[part], grads, states[part], [t] * len(grads))
        return [x.numpy().tobytes() for x in [*params, *itertools.chain(*states)]]

    before = torch.get_num_threads()
    try:
        together = run(1, [slice(None)])
        assert run(1, [slice(i, i + 1) for i in range(len(sizes))]) == together
        assert run(2, [slice(0, 4), slice(4, None)]) == together
        assert run(3, [slice(None)]) == together
    finally:
        torch.set_num_threads(before)


def test_layouts(close, values, layouts):
    # every mixture of layouts, so that each part is at times the one that differs
    row = LOOPS[1]
    start, grad, buf = values(4, 5), values(4, 5, seed=1), values(4, 5, seed=2)
    expected, (velocity,) = reference(row, 2, start, grad, [buf])
    plain = [next(layouts(a)) for a in (start, grad, buf)]
    for choice in itertools.product(range(4), repeat=3):
        param, g, b = (list(layouts(a))[i] for a, i in zip((start, grad, buf), choice))
        p, h, c = (x.clone() for x in plain)
        around = param.storage().size()
        step(row, [p, param], [h, g], [[c], [b]], [2, 2])
        for got in (p, param):
            close(got, expected)
        for got in (c, b):
            close(got, velocity)
        close(g, grad)
        assert (param._version, b._version, g._version) == (1, 1, 0)
        assert param.storage().size() == around


def test_writes_only_the_view(tensor):
    whole = tensor(numpy.ones((3, 6)))
    part = whole.narrow(1, 2, 2)
    sgd_steps_([part], [tensor(numpy.ones((3, 2)))], [], [0], 1, 0, 0, 0, False, False)
    expected = numpy.ones((3, 6))
    expected[:, 2:4] = 0
    numpy.testing.assert_array_equal(whole.numpy(), expected)


def test_expanded_gradient(close, tensor):
    param = tensor(numpy.ones((3, 2)))
    grad = tensor(numpy.array([[0.5]])).expand(3, 2)
    sgd_steps_([param, param.clone()], [grad] * 2, [], [0, 0], 1, 0, 0, 0, False, False)
    close(param, numpy.full((3, 2), 0.5))


@pytest.mark.parametrize("row", LOOPS, ids=label)
def test_without_decay_infinite_parameters_stay(row, tensor):
    param, grad = tensor(numpy.array([numpy.inf, 1])), tensor(numpy.array([1.0, 1.0]))
    if row[0] is asgd:
        row = (asgd, 1, {**row[2], "lambd": 0})
    step(row, [param], [grad], [[tensor(s) for s in start_state(row, (2,))]], [1])
    assert param[0] == numpy.inf and param[1] < 1


@pytest.mark.parametrize("row", LOOPS, ids=label)
def test_nan_gradients_show(row, tensor):
    param, grad = tensor(numpy.ones(2)), tensor(numpy.array([numpy.nan, 1]))
    step(row, [param], [grad], [[tensor(s) for s in start_state(row, (2,))]], [1])
    assert numpy.isnan(param[0]) and param[1] < 1


@pytest.mark.parametrize("row", LOOPS, ids=label)
def test_halves_are_computed_in_single(row):
    arrays = numpy.random.default_rng(0).standard_normal((2, 50)).astype("float16")
    param, grad = (torch.from_numpy(a) for a in arrays)
    state = [torch.from_numpy(s.astype("float16")) for s in start_state(row, (50,))]
    expected, states = reference(row, 1, *arrays.astype(float), start_state(row, (50,)))
    step(row, [param], [grad], [state], [1])
    assert param.dtype == torch.float16 and param._version == 1
    numpy.testing.assert_allclose(param.numpy(), expected, rtol=2e-3, atol=2e-3)
    for s, w in zip(state, states if row[0] is not sgd or row[2]["momentum"] else []):
        numpy.testing.assert_allclose(s.numpy(), w, rtol=2e-3, atol=1e-6)


@pytest.mark.parametrize("threads", [1, 2])
def test_parameters_that_share_memory_follow_each_other(threads, values, tensor):
    arrays = values(70000), values(3, 40000, seed=1)

    def run(calls):
        whole = tensor(arrays[0].copy())
        params = [whole[:40000], whole[20000:60000], whole.expand(1, 70000)[:, ::-1].t()[:40000, 0]]
        grads = [tensor(g) for g in arrays[1]]
        for part in calls:
            sgd_steps_(params[part], grads[part], [], [], 0.1, 0, 0, 0.5, False, False)
        assert whole._version == 3
        return whole.numpy().tobytes()

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        assert run([slice(None)]) == run([slice(i, i + 1) for i in range(3)])
    finally:
        torch.set_num_threads(before)


def arguments(**changes):
    """Of an Adam step of two parameters."""
    lists = {
        name: [torch.zeros(3).float(), torch.ones(2, 2).float()]
        for name in ("params", "grads", "exp_avgs", "exp_avg_sqs", "max_exp_avg_sqs")
    }
    for name, value in changes.items():
        if isinstance(value, torch.Tensor):
            lists[name][1] = changes[name] = value
    numbers = {"steps": [1, 1], "lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8}
    numbers |= {"weight_decay": 0.0, "maximize": False}
    return lists | numbers | {k: v for k, v in changes.items() if not isinstance(v, torch.Tensor)}


LISTS = ("params", "grads", "exp_avgs", "exp_avg_sqs", "max_exp_avg_sqs")
LIKE = torch.zeros(2, 2).float()


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"params": LIKE.int()}, TypeError, r"expected params\[1\] to be a tensor of floats, got "),
        *[({n: LIKE.double()}, TypeError, rf"{n}\[1\] to be a FloatTensor") for n in LISTS[1:]],
        *[
            ({n: torch.zeros(4).float()}, ValueError, rf"{n}\[1\] of size \(2, 2\), got .*\(4,\)")
            for n in LISTS[1:]
        ],
        *[
            ({n: torch.zeros(1).float().expand(2, 2)}, RuntimeError, rf"write to {n}\[1\], an exp")
            for n in LISTS
            if n != "grads"
        ],
        *[
            ({n: [LIKE]}, ValueError, f"expected 2 {n}, one for each of params, got 1")
            for n in LISTS[1:]
        ],
        ({"params": []}, ValueError, "expected 0 grads, one for each of params, got 2"),
        ({"steps": [1]}, ValueError, "expected 2 steps, one for each of params, got 1"),
        ({"steps": [1, 0]}, ValueError, r"expected steps\[1\] of 1 or more, got 0"),
        ({"steps": 1}, TypeError, "expected steps to be a list of ints, got int"),
        ({"steps": [1, 1.5]}, TypeError, "steps to be a list of ints, got float at position 1"),
        ({"beta1": 1.0}, ValueError, "expected beta1 of at least 0 and below 1, got 1"),
        ({"beta2": -0.1}, ValueError, "expected beta2 of at least 0 and below 1, got -0.1"),
        ({"beta2": float("nan")}, ValueError, "beta2 of at least 0 and below 1, got -?nan"),
        ({"lr": "fast"}, TypeError, "got .*lr=str"),
        ({"grads": [LIKE, 3]}, TypeError, "got .*grads=list"),
    ],
    ids=str,
)  # fmt: skip
def test_errors_change_nothing(changes, error, text):
    given = arguments(**changes)
    tensors = [t for name in LISTS for t in given[name] if torch.is_tensor(t)]
    before = [(t.tolist(), t._version) for t in tensors]
    with pytest.raises(error, match="^adam_steps_: .*" + text):
        adam_steps_(**given)
    assert [(t.tolist(), t._version) for t in tensors] == before


@pytest.mark.parametrize("names", list(itertools.combinations(LISTS, 2)), ids=str)
def test_shared_memory_of_one_parameter_is_refused(names):
    memory = torch.zeros(5).float()
    changes = {name: memory[i : i + 4].view(2, 2) for i, name in enumerate(names)}
    text = rf"^adam_steps_: expected {names[1]}\[1\] and {names[0]}\[1\] in separate memory"
    with pytest.raises(ValueError, match=text):
        adam_steps_(**arguments(**changes))


ONE = [torch.zeros(2)]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: sgd_steps_(ONE, ONE, [], [0], 0.1, 0.9, 0.0, 0.0, False, False),
            ValueError,
            "sgd_steps_: expected 1 bufs, one for each of params, got 0",
        ),
        (
            lambda: sgd_steps_(*[[torch.ones(2)] for _ in range(3)], [], 1, 0.9, 0, 0, 0, 0),
            ValueError,
            "sgd_steps_: expected 1 firsts, one for each of params, got 0",
        ),
        (
            lambda: sgd_steps_(ONE, ONE, [], [0], 0.1, 0.0, 0.0, 0.0, True, False),
            ValueError,
            "sgd_steps_: nesterov expects a momentum and no dampening, got momentum 0 and damp",
        ),
        (
            lambda: sgd_steps_(ONE, ONE, ONE, [0], 0.1, 0.9, 0.5, 0.0, True, False),
            ValueError,
            "momentum 0.9 and dampening 0.5",
        ),
        (
            lambda: _C.adadelta_steps_(ONE, ONE, ONE, ONE, 1, 1.0, 0, 0, False),
            ValueError,
            "adadelta_steps_: expected rho of at least 0 and below 1, got 1",
        ),
        (
            lambda: _C.rmsprop_steps_(ONE, ONE, ONE, [], [], 1, -0.5, 0, 0, 0, False),
            ValueError,
            "rmsprop_steps_: expected alpha of at least 0 and below 1, got -0.5",
        ),
        (
            lambda: _C.asgd_steps_([], [], [], [1.0], [], 0, 0, False),
            ValueError,
            "asgd_steps_: expected 0 etas, one for each of params, got 1",
        ),
        (
            lambda: _C.asgd_steps_([], [], [], [], [1.0], 0, 0, False),
            ValueError,
            "asgd_steps_: expected 0 mus, one for each of params, got 1",
        ),
        (
            lambda: _C.asgd_steps_([], [], [], [], ["x"], 0, 0, False),
            TypeError,
            "asgd_steps_: expected mus to be a list of numbers, got str at position 0",
        ),
        (
            lambda: _C.nadam_steps_([], [], [], [], [1.0], [], 1, 0, 0, 0, 0, 0, False, False),
            ValueError,
            "nadam_steps_: expected 0 mu_products, one for each of params, got 1",
        ),
        (
            lambda: _C.adamax_steps_(ONE, [torch.ones(2)], [torch.ones(2)], [torch.ones(3)], [1],
                                     1, 0, 0, 0, 0, False),
            ValueError,
            r"adamax_steps_: expected exp_infs\[0\] of size \(2,\), got ",
        ),
        (lambda: norm_list(ONE, 0.0), ValueError, "norm_list: expected p above 0, got 0"),
        (lambda: norm_list([*ONE, torch.ones(2).int()], 2), TypeError,
         r"norm_list: expected tensors\[1\] to be a tensor of floats, got IntTensor"),
        (lambda: mul_list_([torch.ones(2).int()], 2), TypeError,
         r"mul_list_: expected tensors\[0\] to be a tensor of floats, got IntTensor"),
        (lambda: clamp_list_([torch.ones(1).expand(2)], 0, 1), RuntimeError,
         r"clamp_list_: cannot write to tensors\[0\], an expanded FloatTensor"),
    ],
)  # fmt: skip
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_no_parameters():
    assert sgd_steps_([], [], [], [], 0.1, 0, 0, 0, False, False) is None
    assert norm_list([], 2) == 0 == norm_list([torch.zeros(0)], float("inf"))


# gradients before a step


@pytest.mark.parametrize("p", [0.5, 1, 2, 3, numpy.inf])
def test_norm(p, dtype, values, tensor):
    sizes = [(3, 5), (0,), (300001,), (), (70001,), (2,)]
    arrays = [values(*size, seed=i) for i, size in enumerate(sizes)]
    tensors = [tensor(a) for a in arrays]
    tensors[0] = tensors[0].t()
    expected = numpy.linalg.norm(numpy.concatenate([a.ravel() for a in arrays]), p)
    before = torch.get_num_threads()
    try:
        norms = []
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            norms.append(norm_list(tensors, p))
    finally:
        torch.set_num_threads(before)
    assert norms[0] == norms[1] == norms[2]
    tolerance = {"float32": 2e-7, "float64": 1e-14}[dtype]
    assert abs(norms[0] / expected - 1) <= tolerance * max(1, 1 / p) * (1 + 4 * (p not in (1, 2)))
    assert all(t._version == 0 for t in tensors)


def test_norms_at_the_ends_of_the_range():
    assert norm_list([torch.full((2,), 3e30), torch.full((1,), 4e30)], 2) == pytest.approx(
        numpy.sqrt(34) * 1e30, rel=1e-6
    )
    halves = [torch.full((4,), 60000.0).half()]
    assert norm_list(halves, 2) == pytest.approx(120000, rel=1e-3)
    for p in (1, 2, numpy.inf):
        assert numpy.isnan(norm_list([torch.ones(2), torch.FloatTensor([numpy.nan, 1])], p))
        assert numpy.isnan(norm_list([torch.FloatTensor([numpy.nan, 1]), torch.ones(2)], p))


def test_scaling_and_limiting(close, values, layouts):
    array = values(4, 5)
    for call, expected in [
        (lambda tensors: mul_list_(tensors, 0.3), array * 0.3),
        (lambda tensors: clamp_list_(tensors, -0.5, 0.25), array.clip(-0.5, 0.25)),
    ]:
        tensors = list(layouts(array))
        assert call(tensors) is None
        for t in tensors:
            close(t, expected)
            assert t._version == 1
    nan = torch.FloatTensor([numpy.nan, -numpy.inf])
    clamp_list_([nan], -1, 1)
    assert numpy.isnan(nan[0]) and nan[1] == -1
    half = torch.ones(3).half()
    mul_list_([half], 0.5)
    assert half.tolist() == [0.5] * 3 and half.dtype == torch.float16
