"""Random omission: what is kept and how it is scaled, gradients, modules, errors."""

import copy
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable

PLAIN = {"dropout": nn.Dropout, "alpha_dropout": nn.AlphaDropout}
BY_CHANNEL = {
    "dropout1d": nn.Dropout1d,
    "dropout2d": nn.Dropout2d,
    "dropout3d": nn.Dropout3d,
    "feature_alpha_dropout": nn.FeatureAlphaDropout,
}
ALL = PLAIN | BY_CHANNEL


@pytest.mark.parametrize("name", ALL)
def test_off(name):
    x = Variable(torch.randn(2, 3, 4))
    assert getattr(NF, name)(x) is x
    assert getattr(NF, name)(x, 0.0, True) is x
    assert ALL[name]().eval()(x) is x


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("inplace", [False, True])
def test_gradients(name, inplace, check_gradients):
    check_gradients(
        lambda x: getattr(NF, name)(x.clone(), 0.4, True, inplace),
        lambda: torch.randn(3, 2, 2, dtype=torch.float64),
    )


@pytest.mark.parametrize("name", BY_CHANNEL)
@pytest.mark.parametrize("size", [(40, 30, 5), (40, 30, 2, 3), (40, 30, 2, 1, 2), (40, 30)])
def test_whole_channels_go(name, size):
    torch.manual_seed(0)
    y = getattr(NF, name)(Variable(torch.ones(*size)), 0.25, True).data.numpy()
    rows = y.reshape(1200, -1)
    assert (rows == rows[:, :1]).all()
    values, counts = np.unique(rows[:, 0], return_counts=True)
    assert len(values) == 2
    kept = counts[values.argmax()]
    assert abs(kept / 1200 - 0.75) < 0.06
    if "alpha" not in name:
        assert np.allclose(values, [0, 1 / 0.75])


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_alpha_dropout_keeps_mean_and_variance(name, p):
    torch.manual_seed(0)
    y = getattr(NF, name)(Variable(torch.randn(300, 300)), p, True).data.numpy()
    assert abs(y.mean()) < 0.02 and abs(y.var() - 1) < 0.03
    least = -1.0507009873554805 * 1.6732632423543772
    a = ((1 - p) * (1 + p * least**2)) ** -0.5
    y = np.unique(getattr(NF, name)(Variable(torch.zeros(50, 50)), p, True).data.numpy())
    assert np.allclose(y, sorted([a * least * (1 - p), -a * least * p]), atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_everything_goes_with_probability_1(name):
    y = getattr(NF, name)(Variable(torch.randn(5, 4, 3)), 1, True).data
    assert y.abs().max() == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ALL)
def test_modules(name, dtype):
    cls = ALL[name]
    module = cls(0.3)
    assert repr(module) == f"{cls.__name__}(p=0.3)" and list(module.state_dict()) == []
    assert repr(cls(inplace=True)) == f"{cls.__name__}(p=0.5, inplace=True)"
    x = Variable(torch.randn(4, 3, 5).type(dtype).transpose(0, 1))
    before = x.data.clone()
    torch.manual_seed(1)
    y = module(x).data
    assert y.dtype is dtype and x.data.equal(before)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        torch.manual_seed(1)
        assert other(x).data.equal(y)
    torch.manual_seed(1)
    copied = x.clone()
    assert cls(0.3, inplace=True)(copied) is copied and copied.data.equal(y)
    assert tuple(module(Variable(torch.zeros(0, 3))).size()) == (0, 3)


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan"), "a", True])
@pytest.mark.parametrize("name", ALL)
def test_errors(name, p):
    with pytest.raises(ValueError, match=f"^{name}: p: expected a probability from 0 to 1, got"):
        getattr(NF, name)(Variable(torch.ones(2, 2)), p, True)
    cls = ALL[name]
    with pytest.raises(ValueError, match=f"^{cls.__name__}: p: expected a probability from 0 to 1"):
        cls(p)


@pytest.mark.parametrize("name", BY_CHANNEL)
def test_channels_are_needed(name):
    with pytest.raises(ValueError, match=rf"{name}: input: .*\(n, channels, ...\), got \(3,\)"):
        getattr(NF, name)(Variable(torch.ones(3)))


def test_in_the_meaning_of_the_alpha():
    x = Variable(torch.ones(4, 3, 5), requires_grad=True)
    with torch.compat.alpha():
        for name in ALL:
            getattr(NF, name)(x, 0.5, True).sum().backward()
    assert x.grad.data.ne(0).any()
