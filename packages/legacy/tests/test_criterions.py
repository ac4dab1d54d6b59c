import pytest
import torch
import torch.legacy.nn as nn

STEP = 1e-6


def check_gradient(criterion, x, target):
    """Compares backward with central differences, in double."""
    gradient = criterion.backward(x, target)
    assert gradient.size() == x.size()
    flat = x.view(-1)
    for i in range(x.numel()):
        kept = float(flat[i])
        flat[i] = kept + STEP
        above = criterion.forward(x, target)
        flat[i] = kept - STEP
        below = criterion.forward(x, target)
        flat[i] = kept
        expected = (above - below) / (2 * STEP)
        assert gradient.view(-1)[i] == pytest.approx(expected, abs=1e-7)


def test_mse_values():
    x, target = torch.FloatTensor([[1, 2], [3, 4]]), torch.FloatTensor([[1, 0], [3, 2]])
    assert nn.MSECriterion().forward(x, target) == 2.0
    assert nn.MSECriterion(sizeAverage=False)(x, target) == 8.0
    assert type(nn.MSECriterion().forward(x, target)) is float


def test_mse_takes_targets_in_order():
    x = torch.FloatTensor([[1], [2]])
    assert nn.MSECriterion().forward(x, torch.FloatTensor([1, 4])) == 2.0


@pytest.mark.parametrize("average", [True, False])
def test_mse_gradient(average):
    torch.manual_seed(1)
    x, target = torch.randn(3, 4).double(), torch.randn(3, 4).double()
    check_gradient(nn.MSECriterion(average), x, target)


def test_nll_values():
    x = torch.FloatTensor([[-1, -2, -3], [-4, -5, -6]])
    assert nn.ClassNLLCriterion().forward(x, torch.LongTensor([2, 0])) == 3.5
    assert nn.ClassNLLCriterion(sizeAverage=False)(x, torch.LongTensor([2, 0])) == 7.0
    assert nn.ClassNLLCriterion().forward(x, torch.FloatTensor([2, 0])) == 3.5
    assert nn.ClassNLLCriterion().forward(x[1], 1) == 5.0
    assert nn.ClassNLLCriterion().forward(x[1], torch.LongTensor([1])) == 5.0


def test_nll_weights():
    x = torch.FloatTensor([[-1, -2], [-4, -5]])
    weighted = nn.ClassNLLCriterion(torch.FloatTensor([1, 3]))
    assert weighted.forward(x, torch.LongTensor([1, 0])) == (3 * 2 + 1 * 4) / 4
    weighted.sizeAverage = False
    assert weighted.forward(x, torch.LongTensor([1, 0])) == 3 * 2 + 1 * 4


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("weights", [None, [0.5, 1.0, 2.0]])
def test_nll_gradient(average, weights):
    torch.manual_seed(2)
    weights = None if weights is None else torch.DoubleTensor(weights)
    criterion = nn.ClassNLLCriterion(weights, average)
    check_gradient(criterion, torch.randn(4, 3).double(), torch.LongTensor([0, 2, 1, 2]))
    check_gradient(criterion, torch.randn(3).double(), 2)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: nn.MSECriterion().forward(torch.zeros(2, 2), torch.zeros(3)),
            ValueError,
            r"MSECriterion: .* got sizes \(2, 2\) and \(3,\)",
        ),
        (
            lambda: nn.MSECriterion().forward(torch.zeros(0), torch.zeros(0)),
            ValueError,
            r"at least one, got sizes \(0,\) and \(0,\)",
        ),
        (
            lambda: nn.ClassNLLCriterion().forward(torch.zeros(2, 3, 4), 0),
            ValueError,
            r"expected input of size \(c,\) or \(n, c\), got \(2, 3, 4\)",
        ),
        (
            lambda: nn.ClassNLLCriterion().forward(torch.zeros(2, 3), torch.LongTensor([1])),
            ValueError,
            r"expected 2 targets for input of size \(2, 3\), got 1",
        ),
        (
            lambda: nn.ClassNLLCriterion().forward(torch.zeros(2, 3), torch.LongTensor([1, 3])),
            IndexError,
            r"expected targets in 0\.\.2, got 3",
        ),
        (
            lambda: nn.ClassNLLCriterion().forward(torch.zeros(3), -1),
            IndexError,
            r"expected targets in 0\.\.2, got -1",
        ),
        (
            lambda: nn.ClassNLLCriterion().forward(torch.zeros(3), torch.FloatTensor([0.5])),
            TypeError,
            "a tensor of class numbers, got torch.FloatTensor",
        ),
        (
            lambda: nn.ClassNLLCriterion().forward(torch.zeros(3), "one"),
            TypeError,
            "got str",
        ),
        (
            lambda: nn.ClassNLLCriterion(torch.ones(2)).forward(torch.zeros(3), 1),
            ValueError,
            "expected weights for 3 classes, got 2",
        ),
        (
            lambda: nn.ClassNLLCriterion(torch.ones(2, 2)),
            ValueError,
            r"expected weights of size \(c,\), got \(2, 2\)",
        ),
        (
            lambda: nn.Criterion().forward(torch.zeros(1), 0),
            NotImplementedError,
            "Criterion: a Criterion must define updateOutput",
        ),
        (
            lambda: nn.Criterion().backward(torch.zeros(1), 0),
            NotImplementedError,
            "Criterion: a Criterion must define updateGradInput",
        ),
    ],
)
def test_wrong_arguments(call, error, text):
    with pytest.raises(error, match=text):
        call()
