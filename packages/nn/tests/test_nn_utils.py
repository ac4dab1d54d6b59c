"""nn.utils: clipping, vectors of parameters, weight and spectral normalisation."""

import copy
import io
import math
import pickle

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd import SparseRows, Variable, gradcheck, gradgradcheck
from torch.nn import Parameter, utils


def with_gradients(*values, dtype=torch.float32):
    """A parameter without a gradient, and one with each of these."""
    made = [Parameter(torch.ones(2))]
    for value in values:
        param = Parameter(torch.zeros(len(value), dtype=dtype))
        param.grad = Variable(torch.tensor(value, dtype=dtype))
        made.append(param)
    return made


def gradients(parameters):
    return [p.grad.data.tolist() for p in parameters if p.grad is not None]


NORMS = [
    (2, [[3.0, 0.0], [4.0]], 5),
    (1, [[3.0, -2.0], [4.0]], 9),
    (3, [[1.0, -2.0], [2.0]], 17 ** (1 / 3)),
    (math.inf, [[3.0, -7.0], [4.0]], 7),
    ("inf", [[3.0, -7.0], [4.0]], 7),
    (2, [], 0),
    (math.inf, [[]], 0),
]


@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-6), (torch.float64, 1e-7)])
@pytest.mark.parametrize("norm_type, values, norm", NORMS, ids=range(len(NORMS)))
def test_clipping_by_norm(norm_type, values, norm, dtype, tolerance):
    assert utils.clip_grad_norm is utils.clip_grad_norm_
    params = with_gradients(*values, dtype=dtype)
    total = utils.clip_grad_norm(params, 100, norm_type)
    assert abs(total - norm) <= tolerance * norm and gradients(params) == values
    total = utils.clip_grad_norm((p for p in params), norm / 2, norm_type)
    assert abs(total - norm) <= tolerance * norm
    for got, value in zip(gradients(params), values):
        assert np.allclose(got, np.array(value) / 2, atol=3 * tolerance)
    assert params[0].grad is None


def test_clipping_of_one_parameter_and_of_nan():
    (_, param) = with_gradients([3.0, 4.0])
    assert utils.clip_grad_norm(param, 1) == 5
    assert np.allclose(param.grad.data.numpy(), [0.6, 0.8])
    params = with_gradients([math.nan], [1.0])
    with pytest.raises(RuntimeError, match="clip_grad_norm: the norm of the gradients is nan"):
        utils.clip_grad_norm(params, 1, error_if_nonfinite=True)
    assert params[2].grad.data[0] == 1
    for norm_type in (2, math.inf):
        assert math.isnan(utils.clip_grad_norm(with_gradients([math.nan], [1.0]), 1, norm_type))


def test_clipping_by_value():
    assert utils.clip_grad_value is utils.clip_grad_value_
    params = with_gradients([3.0, -0.5], [-4.0])
    utils.clip_grad_value(params, 1)
    assert gradients(params) == [[1, -0.5], [-1]]
    utils.clip_grad_value(params[1], 0.25)
    assert gradients(params) == [[0.25, -0.25], [-1]]


def sparse(indices, values, count):
    """A parameter (count, 2) with this sparse gradient."""
    param = Parameter(torch.zeros(count, 2))
    indices = torch.LongTensor(indices)
    param.grad = Variable(
        SparseRows(indices, torch.tensor(values).view(len(indices), 2), (count, 2))
    )
    return param


#: indices and values of sparse gradients: rows in and out of order, twice, none
SPARSE = [
    [([3, 0], [[3.0, 0.0], [0.0, -4.0]])],
    [([0, 3], [[3.0, 0.0], [0.0, -4.0]])],
    [([2, 2, 1], [[3.0, 0.0], [0.5, 4.0], [0.0, -1.0]])],
    [([2, 2], [[3.0, 1.0], [-3.0, -1.0]])],
    [([], torch.zeros(0, 2)), ([1, 1], [[3.0, 4.0], [3.0, 4.0]])],
]


@pytest.mark.parametrize("rows", SPARSE, ids=range(len(SPARSE)))
@pytest.mark.parametrize("norm_type", [2, 1, math.inf, None])
def test_clipping_of_sparse_gradients(rows, norm_type):
    """None: by value."""
    params = [sparse(*row, 4) for row in rows] + with_gradients([1.0, -2.0])
    whole = [Parameter(torch.zeros(4, 2)) for _ in rows] + with_gradients([1.0, -2.0])
    for param, other in zip(params, whole[: len(rows)]):
        other.grad = Variable(param.grad.data.to_dense())
    kept = [param.grad.data for param in params[: len(rows)]]
    if norm_type is None:
        utils.clip_grad_value(params, 1.5)
        utils.clip_grad_value(whole, 1.5)
    else:
        norm = utils.clip_grad_norm(params, 1.5, norm_type)
        assert norm == pytest.approx(utils.clip_grad_norm(whole, 1.5, norm_type), rel=1e-6)
    for param, gradient, other in zip(params, kept, whole):
        assert param.grad.data is gradient and type(gradient) is SparseRows
        assert np.allclose(gradient.to_dense().numpy(), other.grad.data.numpy(), rtol=1e-6)
    assert np.allclose(params[-1].grad.data.numpy(), whole[-1].grad.data.numpy(), rtol=1e-6)


def test_clipping_of_gradients_that_are_tensors():
    with torch.compat.using(tensor_grad=True):
        layer = nn.Linear(2, 1)
        layer(Variable(torch.ones(1, 2))).sum().backward()
        assert abs(utils.clip_grad_norm(layer.parameters(), 1) - 3**0.5) < 1e-6
        assert np.allclose(layer.weight.grad.numpy(), 1 / 3**0.5)


def test_vectors():
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)).double()
    vector = utils.parameters_to_vector(net.parameters())
    values = [v for p in net.parameters() for v in p.data.contiguous().view(-1).tolist()]
    assert vector.data.tolist() == values and tuple(vector.size()) == (13,)
    (vector * vector).sum().backward()
    assert (net[0].weight.grad.data - 2 * net[0].weight.data).abs().max() == 0
    weight = net[0].weight
    utils.vector_to_parameters(vector.detach() * 2, net.parameters())
    assert net[0].weight is weight
    assert utils.parameters_to_vector(net.parameters()).data.tolist() == [2 * v for v in values]
    utils.vector_to_parameters(torch.zeros(13).double(), net.parameters())
    assert not weight.data.ne(0).any()
    turned = Parameter(torch.zeros(3, 2).t())
    utils.vector_to_parameters(torch.arange(6).float(), [turned])
    assert turned.data.tolist() == [[0, 1, 2], [3, 4, 5]]


# weight_norm

LAYERS = [
    (lambda: nn.Linear(3, 4), "weight", (5, 3)),
    (lambda: nn.Conv2d(2, 4, 3), "weight", (2, 2, 4, 4)),
    (lambda: nn.GRU(3, 4), "weight_hh_l0", (2, 5, 3)),
]


def call(module, size):
    torch.manual_seed(4)
    result = module(Variable(torch.randn(*size).type(next(module.parameters()).data.dtype)))
    return result[0] if isinstance(result, tuple) else result


@pytest.mark.parametrize("build, name, size", LAYERS, ids=["Linear", "Conv2d", "GRU"])
@pytest.mark.parametrize("dim", [0, 1, -1, None])
def test_weight_norm(build, name, size, dim):
    plain = build().double()
    module = copy.deepcopy(plain)
    assert utils.weight_norm(module, name, dim) is module
    names = [n for n, _ in module.named_parameters()]
    assert f"{name}_g" in names and f"{name}_v" in names and name not in names
    w = getattr(plain, name).data.numpy()
    others = None if dim is None else tuple(d for d in range(w.ndim) if d != dim % w.ndim)
    norms = np.sqrt((w * w).sum(axis=others, keepdims=True))
    assert np.allclose(getattr(module, f"{name}_g").data.numpy(), norms, atol=1e-14)
    assert np.allclose(getattr(module, name).data.numpy(), w, atol=1e-14)
    assert (call(module, size) - call(plain, size)).data.abs().max() < 1e-13
    getattr(module, f"{name}_g").data.mul_(2)
    assert np.allclose(getattr(module, name).data.numpy(), 2 * w, atol=1e-14)
    call(module, size).sum().backward()
    assert getattr(module, f"{name}_g").grad.data.ne(0).any()
    v_grad = getattr(module, f"{name}_v").grad.data
    # the direction alone counts: the gradient is orthogonal to v
    v = getattr(module, f"{name}_v").data
    inner = (v_grad * v).numpy().sum(axis=others)
    assert np.abs(inner).max() < 1e-12 and v_grad.ne(0).any()
    assert utils.remove_weight_norm(module, name) is module
    assert sorted(n for n, _ in module.named_parameters()) == sorted(plain.state_dict())
    assert np.allclose(getattr(module, name).data.numpy(), 2 * w, atol=1e-14)


def round_trips(module):
    f = io.BytesIO()
    torch.save(module, f)
    f.seek(0)
    return copy.deepcopy(module), pickle.loads(pickle.dumps(module)), torch.load(f)


@pytest.mark.parametrize("wrap", [utils.weight_norm, utils.spectral_norm])
def test_copies_and_files_of_computed_parameters(wrap):
    module = wrap(nn.Linear(3, 4)).eval()
    call(module, (2, 3)).sum().backward()
    for other in round_trips(module):
        assert list(other.state_dict()) == list(module.state_dict())
        assert call(other, (2, 3)).data.equal(call(module, (2, 3)).data)
        other.weight_orig = other.weight_g = Parameter(torch.zeros(4, 3))
        assert module.weight.data.ne(0).any()
    other = wrap(nn.Linear(3, 4)).eval()
    other.load_state_dict(module.state_dict())
    assert call(other, (2, 3)).data.equal(call(module, (2, 3)).data)
    assert module.double().weight.data.dtype is torch.float64


@pytest.mark.parametrize("wrap", [utils.weight_norm, utils.spectral_norm])
def test_derivatives_of_computed_parameters(wrap):
    module = wrap(nn.Linear(2, 3).double()).eval()
    x = Variable(torch.randn(2, 2).double(), requires_grad=True)
    inputs = (x, *module.parameters())
    assert gradcheck(lambda *_: module(x), inputs)
    assert gradgradcheck(lambda *_: module(x), inputs)


def test_both_at_once_on_different_parameters():
    module = utils.spectral_norm(utils.weight_norm(nn.LSTM(2, 3), "weight_ih_l0"), "weight_hh_l0")
    call(module, (2, 1, 2)).sum().backward()
    assert module.weight_ih_l0_g.grad is not None and module.weight_hh_l0_orig.grad is not None
    utils.remove_weight_norm(module, "weight_ih_l0")
    utils.remove_spectral_norm(module, "weight_hh_l0")
    assert sorted(module.state_dict()) == sorted(nn.LSTM(2, 3).state_dict())


# spectral_norm


class Turned(nn.Module):
    """Its weight (2, 5) counts by columns."""

    def __init__(self):
        super().__init__()
        self.weight = Parameter(torch.randn(2, 5, 2))

    def forward(self, x):
        return x * self.weight


@pytest.mark.parametrize(
    "build, size, dim",
    [(lambda: nn.Linear(3, 4), (5, 3), None), (lambda: nn.Conv2d(2, 4, 3), (2, 2, 4, 4), None),
     (Turned, (1,), 1)],
)  # fmt: skip
def test_spectral_norm(build, size, dim):
    torch.manual_seed(2)
    plain = build().double()
    module = copy.deepcopy(plain)
    assert utils.spectral_norm(module, n_power_iterations=20, dim=dim) is module
    assert {"weight_orig", "weight_u", "weight_v"} <= set(module.state_dict())
    assert "weight" not in module.state_dict()
    for _ in range(4):
        call(module, size)
    w = plain.weight.data.numpy()
    rows = w.shape[dim or 0]
    largest = np.linalg.svd(np.moveaxis(w, dim or 0, 0).reshape(rows, -1))[1][0]
    assert np.allclose(module.weight.data.numpy(), w / largest, atol=1e-8)
    module.eval()
    u = module.weight_u.clone()
    assert call(module, size).data.equal(call(module, size).data) and u.equal(module.weight_u)
    module.train()
    utils.remove_spectral_norm(module)
    assert np.allclose(module.weight.data.numpy(), w / largest, atol=1e-8)
    assert sorted(module.state_dict()) == sorted(plain.state_dict())
    assert not module._forward_pre_hooks
    call(module, size)


def test_one_iteration_for_each_call_in_training():
    torch.manual_seed(0)
    module = utils.spectral_norm(nn.Linear(4, 4))
    w = module.weight_orig.data
    w.normal_()
    u = module.weight_u.clone()
    v = w.t().mv(u)
    v = v / v.norm()
    u = w.mv(v)
    call(module, (1, 4))
    assert (module.weight_v - v).abs().max() < 1e-6
    assert (module.weight_u - u / u.norm()).abs().max() < 1e-6
    assert (module.weight.data - w / u.norm()).abs().max() < 1e-6
    first, second = call(module, (1, 4)), call(module, (1, 4))
    (first + second).sum().backward()  # nothing of the first graph has been changed


def p(*size):
    return Parameter(torch.ones(*size))


ERRORS = [
    (
        lambda: utils.clip_grad_norm([p(1), torch.ones(1)], 1),
        TypeError,
        "clip_grad_norm: parameter 1: expected a Variable, got FloatTensor",
    ),
    (
        lambda: utils.clip_grad_norm([p(1)], -1),
        ValueError,
        "clip_grad_norm: expected max_norm of at least 0 and norm_type above 0, got -1.0 and 2.0",
    ),
    (lambda: utils.clip_grad_norm([p(1)], 1, 0), ValueError, "norm_type above 0, got 1.0 and 0.0"),
    (
        lambda: utils.clip_grad_value([p(1)], -1),
        ValueError,
        "clip_grad_value: clip_value: expected at least 0, got -1",
    ),
    (lambda: utils.clip_grad_value([3], 1), TypeError, "clip_grad_value: parameter 0: expected a"),
    (
        lambda: utils.parameters_to_vector([]),
        ValueError,
        "parameters_to_vector: parameters: expected at least one, got none",
    ),
    (
        lambda: utils.vector_to_parameters(torch.ones(3), [p(2, 2)]),
        ValueError,
        r"vector_to_parameters: vec: expected size \(4,\), as many as .* have, got \(3,\)",
    ),
    (
        lambda: utils.vector_to_parameters([1], [p(1)]),
        TypeError,
        "vector_to_parameters: vec: expected a Variable, got list",
    ),
    (
        lambda: utils.weight_norm(nn.Linear(2, 2), "x"),
        ValueError,
        "weight_norm: name: expected a parameter of Linear: weight, bias; got 'x'",
    ),
    (
        lambda: utils.weight_norm(utils.weight_norm(nn.Linear(2, 2))),
        ValueError,
        "got 'weight', which is computed already",
    ),
    (lambda: utils.spectral_norm(nn.ReLU()), ValueError, "of ReLU: it has none; got 'weight'"),
    (
        lambda: utils.weight_norm(nn.Linear(2, 2), dim=2),
        ValueError,
        r"weight_norm: dim: expected None or -2 to 1 for a parameter of size \(2, 2\), got 2",
    ),
    (
        lambda: utils.spectral_norm(nn.Linear(2, 2), dim=2),
        ValueError,
        "spectral_norm: dim: expected None or -2 to 1",
    ),
    (
        lambda: utils.spectral_norm(nn.Linear(2, 2), n_power_iterations=0),
        ValueError,
        "spectral_norm: n_power_iterations: expected an int of at least 1, got 0",
    ),
    (
        lambda: utils.spectral_norm(nn.ParameterList([p(0)]), "0"),
        ValueError,
        r"spectral_norm: name: expected a parameter with elements .* got '0' of size \(0,\)",
    ),
    (
        lambda: utils.remove_weight_norm(nn.Linear(2, 2)),
        ValueError,
        "remove_weight_norm: Linear.weight is not computed by weight_norm",
    ),
    (
        lambda: utils.remove_spectral_norm(utils.weight_norm(nn.Linear(2, 2))),
        ValueError,
        "remove_spectral_norm: Linear.weight is not computed by spectral_norm",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_in_the_alphas_meaning():
    with torch.compat.alpha():
        module = utils.weight_norm(
            utils.spectral_norm(nn.GRU(2, 3), "weight_hh_l0"), "weight_ih_l0"
        )
        call(module, (2, 1, 2)).sum().backward()
        utils.clip_grad_norm(module.parameters(), 1)
        utils.vector_to_parameters(utils.parameters_to_vector(module.parameters()),
                                   module.parameters())  # fmt: skip
