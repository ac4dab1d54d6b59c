"""Samples and rewards: exact gradients of fixed samples, means over many, graphs, errors."""

import math

import pytest
import torch
from torch.autograd import Variable, backward, grad
from torch.autograd import functions as F


def leaf(values):
    return Variable(torch.DoubleTensor(values), requires_grad=True)


def close(tensor, expected):
    difference = torch.DoubleTensor(expected) - tensor.double()
    return difference.abs().max() < 1e-12


# Exact gradients: -reward * d log P, written out for the samples that were drawn.


def log_bernoulli(p, x):
    return math.log(p if x else 1 - p)


def log_normal(mean, std, x):
    return -((x - mean) ** 2) / (2 * std**2) - math.log(std)


def log_draws(weights, draws, with_replacement):
    """log P of each draw in order."""
    left = list(weights)
    result = []
    for k in draws:
        result.append(math.log(left[k] / sum(left)))
        if not with_replacement:
            left[k] = 0
    return result


def slope(function, values, position, step=1e-5):
    moved = [list(values), list(values)]
    moved[0][position] += step
    moved[1][position] -= step
    return (function(moved[0]) - function(moved[1])) / (2 * step)


def test_gradient_of_bernoulli():
    p = leaf([0.0, 1.0, 0.3, 0.8, 0.5])
    x = p.bernoulli()
    assert x.dtype is torch.float64 and x.size() == p.size() and type(x.creator) is F.Bernoulli
    assert x.data.tolist()[:2] == [0, 1]
    rewards = [1.0, 2.0, -3.0, 0.5, 4.0]
    x.reinforce(torch.DoubleTensor(rewards))
    x.backward()
    expected = [
        -r * (1 / q if s else -1 / (1 - q))
        for r, q, s in zip(rewards, p.data.tolist(), x.data.tolist())
    ]
    assert close(p.grad.data, expected)


@pytest.mark.parametrize("with_replacement", [False, True])
@pytest.mark.parametrize("num_samples", [1, 3])
def test_gradient_of_multinomial(with_replacement, num_samples):
    torch.manual_seed(3)
    weights = [[0.5, 2.0, 0.0, 1.5, 0.25], [3.0, 1.0, 1.0, 0.0, 2.0]]
    rewards = [[1.0, -2.0, 0.5][:num_samples], [0.25, 3.0, 1.0][:num_samples]]
    w = leaf(weights)
    x = w.multinomial(num_samples, with_replacement)
    assert type(x.data) is torch.LongTensor and tuple(x.size()) == (2, num_samples)
    x.reinforce(torch.DoubleTensor(rewards))
    x.backward()
    for row in range(2):

        def loss(values, row=row):
            logs = log_draws(values, x.data[row].tolist(), with_replacement)
            return -sum(r * p for r, p in zip(rewards[row], logs))

        for place, weight in enumerate(weights[row]):
            if weight:
                numeric = slope(loss, weights[row], place)
                assert abs(w.grad.data[row, place] - numeric) < 1e-6
    # a vector is one row
    v = leaf(weights[0])
    torch.manual_seed(3)
    y = v.multinomial(num_samples, with_replacement)
    y.reinforce(torch.DoubleTensor(rewards[0]))
    y.backward()
    if y.data.tolist() == x.data[0].tolist():
        assert close(v.grad.data, w.grad.data[0].tolist())
    assert v.grad.size() == v.size()


def test_drawing_all_leaves_nothing_and_the_last_draw_is_certain():
    w = leaf([1e-20, 1.0, 0.5])
    x = w.multinomial(3)
    position = x.data.tolist().index(0)
    assert position == 2
    x.reinforce(torch.DoubleTensor([0, 0, 1]))
    x.backward()
    assert w.grad.data.abs().max() < 1e-6 / 1e-20 and w.grad.data.tolist()[1:] == [0, 0]


@pytest.mark.parametrize("std", [2.0, "leaf"])
def test_gradient_of_normal(std):
    mean = leaf([1.0, -2.0])
    given = leaf([[0.5], [2.0]]) if std == "leaf" else std
    x = torch.normal(mean, given)
    rewards = [[1.0, -1.0], [2.0, 0.5]] if std == "leaf" else [3.0, -0.5]
    x.reinforce(torch.DoubleTensor(rewards))
    x.backward()
    rows = x.data.tolist() if std == "leaf" else [x.data.tolist()]
    rewards = rewards if std == "leaf" else [rewards]
    stds = [0.5, 2.0] if std == "leaf" else [std]
    means = mean.data.tolist()

    def loss(values):
        return -sum(
            rewards[i][j] * log_normal(values[j], values[2 + i], rows[i][j])
            for i in range(len(rows))
            for j in range(2)
        )

    for j in range(2):
        assert abs(mean.grad.data[j] - slope(loss, means + stds, j)) < 1e-6
    if std == "leaf":
        assert given.grad.size() == given.size()
        for i in range(2):
            assert abs(given.grad.data[i, 0] - slope(loss, means + stds, 2 + i)) < 1e-6


def test_number_as_mean():
    std = leaf([1.0, 2.0])
    for x in (torch.normal(5.0, std), torch.normal(mean=5.0, std=std)):
        x.reinforce(1)
        x.backward()
    assert std.grad.size() == std.size()


def test_standard_deviation_is_1_by_default():
    mean = leaf([3.0])
    x = torch.normal(mean)
    x.reinforce(2)
    x.backward()
    assert close(mean.grad.data, [-2 * (x.data[0] - 3)])


# Means over many samples


def test_mean_gradient_is_the_gradient_of_the_mean_reward():
    """A bandit with four arms: E = sum softmax(w)[k] * rewards[k]."""
    torch.manual_seed(0)
    rewards = torch.DoubleTensor([1.0, -2.0, 0.5, 3.0])
    w = leaf([0.1, 0.7, -0.4, 0.2])
    many = 40_000

    def softmax(v):
        e = v.exp()
        return e / e.sum().expand_as(e)

    (exact,) = grad((softmax(w) * Variable(rewards)).sum(), w)
    actions = softmax(w).multinomial(many, True)
    actions.reinforce(rewards.index_select(0, actions.data) / many)
    actions.backward()
    # standard error: the estimator's deviation is below 3 per sample
    assert (w.grad.data + exact.data).abs().max() < 4 * 3 / many**0.5
    assert exact.data.abs().max() > 0.1


def test_mean_gradient_of_normal_and_bernoulli():
    torch.manual_seed(1)
    many = 40_000
    mean, std, p = leaf([0.5]), leaf([0.8]), leaf([0.3])
    x = torch.normal(mean.expand(many), std.expand(many))
    x.reinforce(-(x.data * x.data) / many)  # E x**2 = mean**2 + std**2
    b = p.expand(many).bernoulli()
    b.reinforce((b.data * 5 + 1) / many)  # E = 1 + 5 p
    backward([x, b], [None, None])
    assert abs(mean.grad.data[0] - 2 * 0.5) < 0.06
    assert abs(std.grad.data[0] - 2 * 0.8) < 0.1
    assert abs(p.grad.data[0] + 5) < 0.3


def test_a_policy_learns():
    torch.manual_seed(2)
    w = leaf([[0.0, 0.0, 0.0]])
    for _ in range(60):
        e = w.exp()
        actions = (e / e.sum().expand_as(e)).expand(20, 3).multinomial(1)
        actions.reinforce((actions.data == 1).double() - 1 / 3)
        w.grad = None
        actions.backward()
        w.data.sub_(w.grad.data * 0.05)
    assert w.data[0].exp()[1] / w.data[0].exp().sum() > 0.9


# Graphs


def test_what_follows_a_sample_gives_it_no_gradient():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    z = torch.normal(x + 2, 2)
    z.reinforce(torch.DoubleTensor([1, -1]))
    ((z + y) * 100).sum().backward()
    assert y.grad.data.tolist() == [100, 100]
    sample = z.data - x.data - 2
    assert close(x.grad.data, [-sample[0] / 4, sample[1] / 4])


def test_a_chain_of_samples():
    x = leaf([0.2, 0.5, 0.9])
    b = x.bernoulli()
    n1 = torch.normal(b, x)
    n2 = torch.normal(n1, 2)
    for sample in (b, n1, n2):
        sample.reinforce(torch.randn(3).double())
    n2.backward()
    assert x.grad.data.abs().min() > 0


def test_only_samples_that_lead_to_leaves_directly_need_a_reward():
    x = leaf([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    m = x.multinomial(3)
    z = (m * 2 + 4).double()
    last = torch.normal(z, 4)
    out = last + 2
    with pytest.raises(RuntimeError, match="Multinomial: a sample without a reward"):
        out.backward()
    m.reinforce(torch.ones(2, 3))
    last.backward(retain_variables=True)
    first = x.grad.data.clone()
    out.backward()
    assert first.abs().max() > 0
    assert close(x.grad.data, (first * 2).tolist())


def test_a_sample_as_an_index():
    table, p = leaf([[1.0, 2.0], [3.0, 4.0]]), leaf([0.5, 0.5])
    i = p.multinomial(2, True)
    i.reinforce(1)
    table.index_select(0, i).sum().backward()
    assert p.grad is not None and table.grad.data.sum() == 4


def test_grad_and_create_graph():
    p = leaf([0.3, 0.6])
    x = p.bernoulli()
    x.reinforce(1)
    (g,) = grad(x, p, create_graph=True)
    (h,) = grad(g, p, torch.ones(2).double())
    # d/dp of -1/p for a 1, of 1 / (1 - p) for a 0
    expected = [1 / q**2 if s else 1 / (1 - q) ** 2 for q, s in zip(p.data.tolist(), x.data)]
    assert close(h.data, expected)


@pytest.mark.parametrize("with_replacement", [False, True])
def test_second_gradients_of_multinomial(with_replacement):
    w = leaf([0.5, 1.0, 2.0, 0.25])
    x = w.multinomial(3, with_replacement)
    x.reinforce(torch.DoubleTensor([1, -2, 0.5]))
    (g,) = grad(x, w, create_graph=True)
    draws = x.data.tolist()

    def first(values, place):
        def loss(v):
            return -sum(r * p for r, p in zip([1, -2, 0.5], log_draws(v, draws, with_replacement)))

        return slope(loss, values, place, 1e-4)

    (h,) = grad(g[0], w)
    for place in range(4):
        numeric = slope(lambda v: first(v, 0), w.data.tolist(), place, 1e-4)
        assert abs(h.data[place] - numeric) < 1e-4


def test_second_gradients_of_normal():
    mean, std = leaf([1.0]), leaf([2.0])
    x = torch.normal(mean, std)
    x.reinforce(3)
    g_mean, g_std = grad(x, [mean, std], create_graph=True)
    d = x.data[0] - 1
    (twice,) = grad(g_mean, mean, retain_variables=True)
    assert close(twice.data, [3 / 4])
    (twice,) = grad(g_std, std)
    assert close(twice.data, [3 * (3 * d * d / 16 - 1 / 4)])


def test_a_reward_is_copied_and_converted():
    p = leaf([0.5, 0.5])
    for reward in (torch.ones(2), Variable(torch.ones(2).double()), 1, True):
        x = p.bernoulli()
        x.reinforce(reward)
        if isinstance(reward, torch.Tensor):
            reward.fill_(100)
        p.grad = None
        x.backward()
        assert p.grad.data.abs().tolist() == [2, 2]
        assert p.grad.dtype is torch.float64


def test_samples_without_gradients_have_no_history():
    for p in (Variable(torch.ones(2) / 2), Variable(torch.ones(2) / 2, volatile=True)):
        for sample in (p.bernoulli(), p.multinomial(1), torch.normal(p, p), torch.normal(0.0, p)):
            assert sample.is_leaf and not sample.requires_grad
            assert sample.volatile == p.volatile


def test_the_same_numbers_as_tensors_draw():
    p = torch.DoubleTensor([0.2, 0.5, 0.3])
    v = Variable(p, requires_grad=True)
    rows = [
        lambda x, g: torch.bernoulli(x, generator=g),
        lambda x, g: torch.multinomial(x, 2, generator=g),
        lambda x, g: x.multinomial(4, True, generator=g),
        lambda x, g: x.multinomial(4, replacement=True, generator=g),
        lambda x, g: torch.normal(x, 0.5, generator=g),
        lambda x, g: torch.normal(x, x, generator=g),
        lambda x, g: torch.normal(2.0, x, generator=g),
        lambda x, g: torch.multinomial(g, x, 2),
        lambda x, g: x.multinomial(g, 2),
        lambda x, g: torch.bernoulli(g, x),
        lambda x, g: x.bernoulli(g),
        lambda x, g: torch.normal(g, x, x),
        lambda x, g: torch.normal(g, 0.5, x),
        lambda x, g: torch.normal(means=x, std=0.5, generator=g),
        lambda x, g: torch.normal(std=x, generator=g),
    ]
    for draw in rows:
        a, b = torch.Generator(), torch.Generator()
        a.manual_seed(7)
        b.manual_seed(7)
        assert draw(v, a).data.tolist() == draw(p, b).tolist()


class Coin(F.StochasticFunction):
    """A user's own: the probability of 1 is sigmoid(x)."""

    def forward(self, x):
        y = torch.bernoulli(torch.sigmoid(x))
        self.save_for_backward(x, y)
        return y

    def backward(self, reward):
        x, y = self.saved_tensors
        return reward * (torch.sigmoid(x) - y)


def test_a_function_of_a_user():
    x = leaf([0.3, -2.0])
    y = Coin()(x)
    y.reinforce(2)
    y.backward()
    p = torch.sigmoid(x.data)
    assert close(x.grad.data, (2 * (p - y.data)).tolist())


class Shift(F.StochasticFunction):
    """Nothing is saved: the reward itself is the gradient."""

    def forward(self, x):
        return x + torch.randn(2, dtype=x.dtype)

    def backward(self, reward):
        return reward


def test_a_function_that_saves_nothing():
    x = leaf([1.0, 2.0])
    values, _ = (x * 2).max(0)
    y = Shift()(values.expand(2))
    with pytest.raises(RuntimeError, match="Shift: a sample without a reward"):
        y.backward(retain_variables=True)
    y.reinforce(torch.ones(2))
    y.backward()
    assert x.grad.data.tolist() == [0, 4]


class Two(Coin):
    def forward(self, x):
        return x, x * 2


ERRORS = [
    (
        lambda p: p.bernoulli().backward(),
        RuntimeError,
        r"Bernoulli: a sample without a reward: its gradient comes from reinforce\(reward\).*"
        r"test_stochastic.py:\d+: lambda p: p.bernoulli\(\).backward\(\)",
    ),
    (lambda p: p.bernoulli().sum().backward(), RuntimeError, "a sample without a reward"),
    (lambda p: (p * 2).reinforce(1), RuntimeError, "reinforce: .* this Variable is a MulConstant"),
    (lambda p: p.reinforce(1), RuntimeError, "this Variable was not computed from anything"),
    (
        lambda p: p.bernoulli().reinforce(torch.ones(3)),
        ValueError,
        r"reinforce: reward: expected size \(2,\), the size of the samples, got \(3,\)",
    ),
    (
        lambda p: p.bernoulli().reinforce([1, 2]),
        TypeError,
        "reinforce: reward: expected a Tensor, a Variable or a number, got list",
    ),
    (
        lambda p: [x.reinforce(1) for x in [p.bernoulli()] * 2],
        RuntimeError,
        "reinforce: this sample of Bernoulli was given a reward before",
    ),
    (
        lambda p: [x.reinforce(1) or x.backward() for x in [torch.normal(p, 0.0)]],
        RuntimeError,
        "Normal: no gradient for a standard deviation of 0",
    ),
    (
        lambda p: [x.reinforce(1) or x.backward() for x in [torch.normal(1.0, p * 0)]],
        RuntimeError,
        "Normal: no gradient for a standard deviation of 0",
    ),
    (lambda p: Two()(p), TypeError, "Two.forward: expected one tensor of samples, got tuple"),
    (lambda p: (p * 2).backward(), ValueError, "expected a gradient for a Variable of more than"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(leaf([0.5, 0.25]))


def test_a_second_backward_is_an_error_as_everywhere():
    x = leaf([0.5]).bernoulli()
    x.reinforce(1)
    x.backward()
    with pytest.raises(RuntimeError, match="Bernoulli: backward through it a second time"):
        x.backward()


def test_a_sample_without_dimensions():
    p = Variable(torch.tensor(0.5).double(), requires_grad=True)
    x = p.bernoulli()
    x.reinforce(3)
    x.backward()
    assert x.dim() == 0 and abs(float(p.grad)) == 6


def test_the_same_in_the_manner_of_the_alpha():
    weights = [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]

    def gradients():
        torch.manual_seed(5)
        p, std = leaf(weights), leaf(weights)
        samples = [
            p.multinomial(2),
            p.multinomial(2, True),
            p.bernoulli(),
            torch.normal(p, 0.5),
            torch.normal(p, std),
        ]
        for sample in samples:
            sample.reinforce(2)
        found = grad(samples, [p, std], [None] * len(samples))
        return [g.data.tolist() for g in found]

    expected = gradients()
    with torch.compat.alpha():
        assert gradients() == expected
