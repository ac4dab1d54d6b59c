"""Normalization: values against NumPy, finite differences, running numbers, modules, errors."""

import copy
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable, gradcheck, gradgradcheck

TOLERANCES = [(torch.float32, 1e-5), (torch.float64, 1e-12)]
SIZES = [(4, 3), (4, 3, 5), (2, 3, 2, 3), (2, 3, 2, 2, 2)]


def real(*size):
    return lambda: torch.randn(*size, dtype=torch.float64)


def normal(x, axes, eps=1e-5):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)


def channels(w, x):
    return w.reshape(-1, *(1,) * (x.ndim - 2))


def check_values(function, expected, arguments, dtype, tolerance):
    """function(Variables of the dtype) is expected(NumPy arrays), also of non-contiguous input."""
    torch.manual_seed(1)
    tensors = [torch.randn(*size).type(dtype) for size in arguments]
    exact = expected(*[t.numpy().astype("f8") for t in tensors])
    x = tensors[0]
    for first in (x, x.transpose(0, 1).contiguous().transpose(0, 1)):
        before = first.clone()
        y = function(*[Variable(t) for t in [first, *tensors[1:]]]).data
        assert y.dtype is dtype and y.shape == exact.shape
        assert np.abs(y.numpy() - exact).max() < tolerance
        assert first.equal(before)


# batch norm


@pytest.mark.parametrize("dtype, tolerance", TOLERANCES, ids=["float32", "float64"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_batch_norm_values(size, dtype, tolerance):
    axes = (0, *range(2, len(size)))
    check_values(
        lambda x, w, b: NF.batch_norm(x, None, None, w, b, True),
        lambda x, w, b: normal(x, axes) * channels(w, x) + channels(b, x),
        [size, (3,), (3,)],
        dtype,
        tolerance,
    )
    mean, var = torch.randn(3).type(dtype), torch.rand(3).type(dtype) + 0.5
    check_values(
        lambda x: NF.batch_norm(x, mean, var, eps=0.1),
        lambda x: (x - channels(mean.numpy(), x)) / np.sqrt(channels(var.numpy(), x) + 0.1),
        [size],
        dtype,
        tolerance,
    )


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("parameters", [0, 1, 2])
@pytest.mark.parametrize("size", SIZES[:3], ids=str)
def test_batch_norm_gradients(size, parameters, training, check_gradients):
    mean, var = torch.DoubleTensor([0.1, 0.2, -0.3]), torch.DoubleTensor([0.5, 1, 2])

    def run(x, *affine):
        return NF.batch_norm(x, mean.clone(), var.clone(), *affine, training=training)

    check_gradients(run, real(*size), *[real(3)] * parameters)


def test_batch_norm_with_a_bias_alone():
    x, b = torch.randn(4, 3), torch.randn(3)
    y = NF.batch_norm(Variable(x), None, None, None, Variable(b), True)
    assert np.allclose(y.data.numpy(), normal(x.numpy(), 0) + b.numpy(), atol=1e-5)


def test_running_numbers():
    torch.manual_seed(0)
    module = nn.BatchNorm1d(3, momentum=0.2)
    x = torch.randn(5, 3, 2) * 2 + 1
    y = module(Variable(x))
    flat = x.numpy().transpose(1, 0, 2).reshape(3, 10).astype("f8")
    assert np.allclose(module.running_mean.numpy(), 0.2 * flat.mean(1), atol=1e-6)
    assert np.allclose(module.running_var.numpy(), 0.8 + 0.2 * flat.var(1, ddof=1), atol=1e-6)
    assert module.num_batches_tracked.item() == 1
    assert np.abs(y.data.numpy() - normal(x.numpy(), (0, 2))).max() < 1e-5
    state = copy.deepcopy(module.state_dict())
    module.eval()
    z = module(Variable(x)).data.numpy()
    mean, var = (state[name].numpy().reshape(3, 1) for name in ("running_mean", "running_var"))
    assert np.allclose(z, (x.numpy() - mean) / np.sqrt(var + 1e-5), atol=1e-5)
    assert all(state[name].equal(value) for name, value in module.state_dict().items())


def test_without_momentum_all_batches_count_alike():
    module = nn.BatchNorm1d(2, momentum=None)
    batches = [torch.randn(6, 2) for _ in range(3)]
    for batch in batches:
        module(Variable(batch))
    means = np.mean([b.numpy().mean(0) for b in batches], 0)
    variances = np.mean([b.numpy().var(0, ddof=1) for b in batches], 0)
    assert np.allclose(module.running_mean.numpy(), means, atol=1e-6)
    assert np.allclose(module.running_var.numpy(), variances, atol=1e-6)
    module.reset_running_stats()
    assert module.running_mean.tolist() == [0, 0] and module.running_var.tolist() == [1, 1]
    assert module.num_batches_tracked.item() == 0


def test_states_of_old_have_no_count_of_batches():
    module, other = (nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 1)) for _ in range(2))
    module(Variable(torch.randn(4, 2)))
    state = module.state_dict()
    del state["0.num_batches_tracked"]
    other.load_state_dict(state)
    assert other[0].running_mean.equal(module[0].running_mean)
    assert other[0].num_batches_tracked.item() == 0
    del state["0.running_var"]
    with pytest.raises(ValueError, match=r"(?s)missing: 0.running_var$"):
        other.load_state_dict(state)


def test_without_running_numbers_the_batch_always_counts():
    module = nn.BatchNorm2d(3, affine=False, track_running_stats=False)
    assert list(module.state_dict()) == [] and module.running_mean is None
    x = Variable(torch.randn(2, 3, 4, 4))
    assert module(x).data.equal(module.eval()(x).data)


def test_a_step_after_evaluation_does_not_spoil_its_backward():
    module = nn.BatchNorm1d(2).eval()
    x = Variable(torch.randn(4, 2), requires_grad=True)
    y = module(x)
    module.train()(Variable(torch.randn(4, 2)))
    y.sum().backward()
    assert np.allclose(x.grad.data.numpy(), 1, atol=1e-4)


def test_empty_batches():
    for module, size in ((nn.BatchNorm2d(3), (0, 3, 2, 2)), (nn.GroupNorm(3, 3), (0, 3, 2))):
        x = Variable(torch.zeros(*size), requires_grad=True)
        y = module.eval()(x)
        assert tuple(y.size()) == size
        y.sum().backward()
        assert tuple(x.grad.size()) == size


# the others


@pytest.mark.parametrize("dtype, tolerance", TOLERANCES, ids=["float32", "float64"])
@pytest.mark.parametrize("size", SIZES[1:], ids=str)
def test_instance_norm(size, dtype, tolerance, check_gradients):
    axes = tuple(range(2, len(size)))
    check_values(
        lambda x, w, b: NF.instance_norm(x, weight=w, bias=b),
        lambda x, w, b: normal(x, axes) * channels(w, x) + channels(b, x),
        [size, (3,), (3,)],
        dtype,
        tolerance * 10,
    )
    if dtype is torch.float64:
        check_gradients(lambda x: NF.instance_norm(x), real(*size))


def test_instance_norm_gradients(check_gradients):
    check_gradients(
        lambda x, w, b: NF.instance_norm(x, None, None, w, b), real(2, 3, 4), real(3), real(3)
    )


def test_running_numbers_of_instances():
    module = nn.InstanceNorm1d(2, momentum=0.5, track_running_stats=True)
    x = torch.randn(4, 2, 6)
    module(Variable(x))
    exact = x.numpy().astype("f8")
    assert np.allclose(module.running_mean.numpy(), 0.5 * exact.mean((0, 2)), atol=1e-6)
    variance = 0.5 + 0.5 * exact.var(2, ddof=1).mean(0)
    assert np.allclose(module.running_var.numpy(), variance, atol=1e-6)
    y = module.eval()(Variable(x)).data.numpy()
    mean, var = module.running_mean.numpy(), module.running_var.numpy()
    assert np.allclose(y, (x.numpy() - mean[:, None]) / np.sqrt(var[:, None] + 1e-5), atol=1e-5)


@pytest.mark.parametrize("dtype, tolerance", TOLERANCES, ids=["float32", "float64"])
@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("inner", [(), (3,), (2, 3)], ids=str)
def test_group_norm(inner, groups, dtype, tolerance):
    if groups == 4 and not inner:
        return  # one value per group: an error, below

    def expected(x, w, b):
        rows = x.reshape(x.shape[0], groups, -1)
        return normal(rows, 2).reshape(x.shape) * channels(w, x) + channels(b, x)

    check_values(
        lambda x, w, b: NF.group_norm(x, groups, w, b),
        expected,
        [(3, 4, *inner), (4,), (4,)],
        dtype,
        tolerance * 10,
    )


def test_group_norm_gradients(check_gradients):
    check_gradients(lambda x, w, b: NF.group_norm(x, 2, w, b), real(2, 4, 3), real(4), real(4))


@pytest.mark.parametrize("dtype, tolerance", TOLERANCES, ids=["float32", "float64"])
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4)], ids=str)
def test_layer_norm(shape, dtype, tolerance, check_gradients):
    axes = tuple(range(3 - len(shape), 3))
    check_values(
        lambda x, w, b: NF.layer_norm(x, shape, w, b, 1e-3),
        lambda x, w, b: normal(x, axes, 1e-3) * w + b,
        [(2, 3, 4), shape, shape],
        dtype,
        tolerance,
    )
    if dtype is torch.float64:
        check_gradients(
            lambda x, w, b: NF.layer_norm(x, shape, w, b), real(2, 3, 4), real(*shape), real(*shape)
        )
        check_gradients(lambda x: NF.layer_norm(x, shape), real(2, 3, 4))


@pytest.mark.parametrize("window", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("size", [(2, 4, 3), (2, 5, 2, 2)], ids=str)
def test_local_response_norm(size, window, check_gradients):
    def expected(x):
        y = np.empty_like(x)
        for c in range(x.shape[1]):
            first, last = max(c - window // 2, 0), c + (window - 1) // 2
            near = (x[:, first : last + 1] ** 2).sum(1)
            y[:, c] = x[:, c] / (1.5 + 0.3 / window * near) ** 0.6
        return y

    def run(x):
        return NF.local_response_norm(x, window, 0.3, 0.6, 1.5)

    for dtype, tolerance in TOLERANCES:
        check_values(run, expected, [size], dtype, tolerance)
    check_gradients(run, real(*size))
    x = Variable(torch.randn(*size))
    module = nn.LocalResponseNorm(window, 0.3, 0.6, 1.5)
    assert module(x).data.equal(run(x).data)
    if len(size) == 4:
        assert nn.CrossMapLRN2d(window, 0.3, 0.6, 1.5)(x).data.equal(run(x).data)


@pytest.mark.parametrize("p, dim", [(2, 1), (1, 0), (3, -1)])
def test_normalize(p, dim, check_gradients):
    def expected(x):
        return x / np.maximum((np.abs(x) ** p).sum(dim, keepdims=True) ** (1 / p), 1e-12)

    for dtype, tolerance in TOLERANCES:
        check_values(lambda x: NF.normalize(x, p, dim), expected, [(3, 4)], dtype, tolerance)
    check_gradients(lambda x: NF.normalize(x, p, dim), real(3, 4))
    assert NF.normalize(Variable(torch.zeros(2, 3))).data.tolist() == [[0] * 3] * 2


def test_in_the_meaning_of_the_alpha():
    x = Variable(torch.randn(2, 4, 3).double(), requires_grad=True)
    w = Variable(torch.randn(4).double(), requires_grad=True)
    last = Variable(torch.randn(3).double(), requires_grad=True)
    with torch.compat.alpha():
        for function in (
            lambda x, w, last: NF.batch_norm(x, None, None, w, w, True),
            lambda x, w, last: NF.instance_norm(x, None, None, w, w),
            lambda x, w, last: NF.group_norm(x, 2, w, w),
            lambda x, w, last: NF.layer_norm(x, 3, last, last),
            lambda x, w, last: NF.local_response_norm(x, 3),
            lambda x, w, last: NF.normalize(x),
        ):
            assert gradcheck(function, (x, w, last))
            assert gradgradcheck(function, (x, w, last))
        module = nn.BatchNorm1d(4, momentum=None).double()
        module(x)
        assert module.num_batches_tracked.tolist() in (1, [1])


# modules

MODULES = [
    (nn.BatchNorm1d(3), "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True)", (4, 3)),
    (
        nn.BatchNorm2d(3, 0.1, None),
        "BatchNorm2d(3, eps=0.1, momentum=None, affine=True)",
        (2, 3, 2, 2),
    ),
    (
        nn.BatchNorm3d(3, affine=False, track_running_stats=False),
        "BatchNorm3d(3, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)",
        (2, 3, 2, 1, 2),
    ),
    (
        nn.InstanceNorm1d(3),
        "InstanceNorm1d(3, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False)",
        (2, 3, 4),
    ),
    (
        nn.InstanceNorm2d(3, affine=True, track_running_stats=True),
        "InstanceNorm2d(3, eps=1e-05, momentum=0.1, affine=True)",
        (2, 3, 2, 2),
    ),
    (
        nn.InstanceNorm3d(3, affine=True),
        "InstanceNorm3d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=False)",
        (2, 3, 2, 1, 2),
    ),
    (nn.GroupNorm(2, 4), "GroupNorm(2, 4, eps=1e-05, affine=True)", (2, 4, 3)),
    (nn.GroupNorm(1, 4, affine=False), "GroupNorm(1, 4, eps=1e-05, affine=False)", (2, 4)),
    (nn.LayerNorm(4), "LayerNorm((4,), eps=1e-05, elementwise_affine=True)", (3, 4)),
    (
        nn.LayerNorm((3, 4), bias=False),
        "LayerNorm((3, 4), eps=1e-05, elementwise_affine=True, bias=False)",
        (2, 3, 4),
    ),
    (
        nn.LayerNorm([4], elementwise_affine=False),
        "LayerNorm((4,), eps=1e-05, elementwise_affine=False)",
        (4,),
    ),
    (nn.LocalResponseNorm(2), "LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)", (2, 3, 4)),
    (nn.CrossMapLRN2d(5), "CrossMapLRN2d(5, alpha=0.0001, beta=0.75, k=1)", (1, 3, 2, 2)),
]


@pytest.mark.parametrize("module, text, size", MODULES, ids=[m[1] for m in MODULES])
def test_modules(module, text, size):
    assert repr(module) == text
    torch.manual_seed(0)
    x = Variable(torch.randn(*size), requires_grad=True)
    module = copy.deepcopy(module)
    y = module(x)
    assert y.size() == x.size()
    y.sum().backward()
    assert all(p.grad is not None for p in module.parameters())
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert other.eval()(x).data.equal(module.eval()(x).data)
    other = copy.deepcopy(module)
    for tensor in other.state_dict().values():
        tensor.zero_()
    other.load_state_dict(module.state_dict())
    assert other(x).data.equal(module(x).data)
    if "(2, 3, 4)" not in text:
        assert module.double()(x.double()).data.dtype is torch.float64


def test_starting_parameters():
    module = nn.BatchNorm1d(2)
    assert module.weight.data.tolist() == [1, 1] and module.bias.data.tolist() == [0, 0]
    assert nn.LayerNorm((2, 1)).weight.data.tolist() == [[1], [1]]
    module = nn.BatchNorm1d(2, affine=False)
    assert module.weight is None and module.bias is None


def v(*size):
    return Variable(torch.zeros(*size), requires_grad=True)


ERRORS = [
    (
        lambda: nn.BatchNorm1d(3)(v(1, 3)),
        ValueError,
        r"batch_norm: expected more than one value per channel .* size \(1, 3\)",
    ),
    (lambda: nn.BatchNorm1d(3)(v(3)), ValueError, r"BatchNorm1d: .*\(n, channels\).* got \(3,\)"),
    (lambda: nn.BatchNorm2d(3)(v(2, 3)), ValueError, r"BatchNorm2d: .*h, w\), got \(2, 3\)"),
    (lambda: nn.BatchNorm3d(3)(v(2, 3)), ValueError, r"BatchNorm3d: .*d, h, w\), got \(2, 3\)"),
    (
        lambda: nn.BatchNorm2d(3)(v(2, 4, 1, 1)),
        ValueError,
        r"BatchNorm2d: expected 3 channels, got 4 in input of size \(2, 4, 1, 1\)",
    ),
    (lambda: NF.batch_norm(v(3), None, None), ValueError, "batch_norm: input: .* 2 dimensions"),
    (
        lambda: NF.batch_norm(v(2, 3), None, None),
        ValueError,
        "batch_norm: running_mean: expected a Tensor without training, got None",
    ),
    (
        lambda: NF.batch_norm(v(2, 3), torch.ones(3), None),
        ValueError,
        "batch_norm: running_var: expected a Tensor beside running_mean, got None",
    ),
    (
        lambda: NF.batch_norm(v(2, 3), None, torch.ones(3)),
        ValueError,
        "batch_norm: running_mean: expected a Tensor beside running_var, got None",
    ),
    (
        lambda: NF.batch_norm(v(2, 3), torch.ones(3), torch.ones(2)),
        ValueError,
        r"batch_norm: running_var: expected size \(3,\), one per channel, got \(2,\)",
    ),
    (
        lambda: NF.batch_norm(v(2, 3), None, None, v(2), training=True),
        ValueError,
        r"batch_norm: weight: expected size \(3,\) .* \(2, 3\), got \(2,\)",
    ),
    (
        lambda: NF.batch_norm(v(2, 3), None, None, None, v(4), training=True),
        ValueError,
        r"batch_norm: bias: expected size \(3,\) .* got \(4,\)",
    ),
    (lambda: nn.BatchNorm1d(0), ValueError, "BatchNorm1d: num_features: .* at least 1, got 0"),
    (lambda: nn.BatchNorm1d(2, -1), ValueError, "BatchNorm1d: eps: .* at least 0, got -1"),
    (lambda: nn.BatchNorm1d(2, 1, "a"), TypeError, "BatchNorm1d: momentum: expected a number"),
    (
        lambda: nn.InstanceNorm1d(3)(v(2, 3, 1)),
        ValueError,
        "instance_norm: expected more than one value per channel and sample",
    ),
    (lambda: NF.instance_norm(v(2, 3)), ValueError, "instance_norm: input: .* 3 dimensions"),
    (
        lambda: NF.instance_norm(v(2, 3, 4), use_input_stats=False),
        ValueError,
        "instance_norm: running_mean: expected a Tensor without use_input_stats",
    ),
    (
        lambda: NF.group_norm(v(2, 3, 4), 2),
        ValueError,
        r"group_norm: num_groups: expected a divisor of the 3 channels .*\(2, 3, 4\), got 2",
    ),
    (lambda: NF.group_norm(v(2, 3), 3), ValueError, "group_norm: .*more than one value per group"),
    (lambda: nn.GroupNorm(2, 3), ValueError, "GroupNorm: num_channels: .*num_groups=2, got 3"),
    (lambda: nn.GroupNorm(1, 3)(v(2, 4)), ValueError, r"GroupNorm: .*\(n, 3, ...\), got \(2, 4\)"),
    (
        lambda: NF.layer_norm(v(2, 3), 4),
        ValueError,
        r"layer_norm: input: .* ends with normalized_shape=\(4,\), got \(2, 3\)",
    ),
    (
        lambda: NF.layer_norm(v(2, 3), 3, v(2)),
        ValueError,
        r"layer_norm: weight: expected size \(3,\) .* got \(2,\)",
    ),
    (lambda: nn.LayerNorm(()), ValueError, r"LayerNorm: normalized_shape: .* got \(\)"),
    (lambda: nn.LayerNorm((2, 0)), ValueError, r"LayerNorm: normalized_shape: .* got \(2, 0\)"),
    (lambda: NF.local_response_norm(v(2, 3), 2), ValueError, "local_response_norm: input: .* 3"),
    (
        lambda: NF.local_response_norm(v(2, 3, 4), 0),
        ValueError,
        "local_response_norm: size: expected an int of at least 1, got 0",
    ),
    (lambda: nn.LocalResponseNorm(0), ValueError, "LocalResponseNorm: size: .* got 0"),
    (lambda: nn.CrossMapLRN2d(3)(v(2, 3, 4)), ValueError, r"CrossMapLRN2d: .* got \(2, 3, 4\)"),
    (lambda: NF.normalize(v(2, 3), "a"), TypeError, "normalize: p: expected a number, got str"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
