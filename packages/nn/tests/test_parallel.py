"""nn.parallel, with the processor as several devices."""

import collections
import threading

import pytest
import torch
from torch import nn
from torch.autograd import Variable, gradcheck, gradgradcheck, no_grad
from torch.nn import parallel
from torch.nn.parallel import (
    DataParallel,
    data_parallel,
    gather,
    parallel_apply,
    replicate,
    scatter,
    scatter_kwargs,
)

CPUS = ["cpu"] * 3
Pair = collections.namedtuple("Pair", "a b")


def numbered(*size):
    n = torch.zeros(*size).numel()
    return Variable(torch.arange(n).float().view(*size), requires_grad=True)


# scatter and gather


@pytest.mark.parametrize(
    "length, lengths",
    [(7, [2, 2, 3]), (6, [2, 2, 2]), (3, [1, 1, 1]), (2, [1, 1]), (1, [1]), (0, [0])],
)
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_parts(length, lengths, dim):
    x = numbered(length, 2) if dim == 0 else numbered(2, length)
    parts = scatter(x, CPUS, dim)
    assert [p.size(dim) for p in parts] == lengths
    whole = gather(parts, "cpu", dim)
    assert whole.data.equal(x.data)
    plain = scatter(x.data, CPUS, dim)
    assert all(isinstance(p, torch.Tensor) for p in plain)
    assert gather(plain, torch.device("cpu"), dim).equal(x.data)


def test_nested_parts():
    x, y = numbered(4, 2), numbered(4)
    inputs = {"pair": Pair(x, [y, "text"]), "n": 3, "none": None}
    first, second = scatter(inputs, CPUS[:2])
    assert type(first["pair"]) is Pair and first["pair"].b[1] == "text" and first["n"] == 3
    assert second["pair"].a.data.equal(x.data[2:]) and second["pair"].b[0].data.tolist() == [2, 3]
    outputs = [Pair(p["pair"].a, {"y": (p["pair"].b[0], None)}) for p in (first, second)]
    whole = gather(outputs, "cpu")
    assert type(whole) is Pair and whole.a.data.equal(x.data)
    assert whole.b["y"][0].data.equal(y.data) and whole.b["y"][1] is None


def test_what_holds_nothing_to_split_goes_to_all():
    assert scatter((1, "a"), CPUS) == [(1, "a")] * 3
    assert scatter_kwargs((), None, CPUS) == (((),) * 3, ({},) * 3)
    args, options = scatter_kwargs((numbered(2),), {"k": numbered(4), "n": 1}, CPUS)
    assert len(args) == len(options) == 2  # as many as the shortest
    assert options[1]["k"].data.tolist() == [2, 3] and options[1]["n"] == 1


def test_gradients_of_scatter_and_gather():
    x = Variable(torch.randn(5, 2).double(), requires_grad=True)

    def there_and_back(x):
        return gather([p * p * (i + 1) for i, p in enumerate(scatter(x, CPUS))], "cpu")

    assert gradcheck(there_and_back, (x,))
    assert gradgradcheck(there_and_back, (x,))


# replicate


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 4)
        self.tied = self.layer
        self.left_out = None
        self.register_buffer("calls", torch.zeros(1))
        self.plain = [3]

    def forward(self, x, scale=1, fail=None):
        self.calls += 1
        if fail is not None and fail.data.ne(0).any():
            raise ZeroDivisionError("none of its inputs may be 1")
        return self.tied(x) * scale


def test_replicas():
    net = Net()
    first, second = replicate(net, CPUS[:2])
    for copy in (first, second):
        assert type(copy) is Net and copy is not net and copy.layer is not net.layer
        assert copy.tied is copy.layer and copy.plain is net.plain and copy.left_out is None
        assert copy.layer.weight is net.layer.weight  # on the same device
        assert copy.training
    x = Variable(torch.ones(2, 3))
    second(x)
    assert net.calls.tolist() == [0]
    first(x)
    assert net.calls.tolist() == [1]  # what the first one does to buffers stays
    first(x).sum().backward()
    assert net.layer.weight.grad is not None
    net.extra = nn.utils.weight_norm(nn.Linear(2, 2))
    copy = replicate(net, ["cpu"])[0]
    assert copy.extra.weight.data.equal(net.extra.weight.data)


# parallel_apply


def test_calls_run_at_once_in_the_callers_modes():
    barrier = threading.Barrier(3)
    seen = []

    def work(x, factor=1):
        barrier.wait(20)
        seen.append((torch.autograd.is_grad_enabled(), torch.compat.flags.keepdim))
        return x * factor

    xs = [numbered(2) for _ in range(3)]
    with no_grad(), torch.compat.using(keepdim=True):
        results = parallel_apply([work] * 3, xs, [{"factor": i} for i in range(3)], CPUS)
    assert [r.data.tolist() for r in results] == [[0, 0], [0, 1], [0, 2]]
    assert seen == [(False, True)] * 3 and not results[0].requires_grad
    results = parallel_apply([work] * 3, [(x,) for x in xs])
    assert seen[3:] == [(True, False)] * 3 and results[2].requires_grad
    alone = parallel_apply([lambda a, b: threading.current_thread()], [[1, 2]])
    assert alone == [threading.current_thread()]


def test_an_error_names_the_replica():
    def fail(x):
        if x:
            raise ValueError(f"got {x}")

    with pytest.raises(ValueError, match="^replica 1 on cpu: got 5$") as caught:
        parallel_apply([fail] * 3, [0, 5, 6], devices=CPUS)
    assert any(entry.name == "fail" for entry in caught.traceback)
    with pytest.raises(ValueError, match="^replica 0: got 5$"):
        parallel_apply([fail], [5])
    with pytest.raises(KeyError) as caught:
        parallel_apply([{}.__getitem__] * 2, ["a", "b"], devices=CPUS[:2])
    assert caught.value.args == ("a",) and caught.value.__notes__ == ["in replica 0 on cpu"]


# data_parallel


@pytest.mark.parametrize("batch", [0, 1, 2, 7])
@pytest.mark.parametrize("count", [1, 3])
def test_the_same_as_the_module_alone(batch, count):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)).double()
    x = Variable(torch.randn(batch, 3).double(), requires_grad=True)
    results = []
    for model in (net, DataParallel(net, CPUS[:count])):
        net.zero_grad()
        x.grad = None
        y = model(x)
        (y * y).sum().backward()
        results.append([y.data, x.grad.data, *[p.grad.data.clone() for p in net.parameters()]])
    for alone, split in zip(*results):
        assert alone.size() == split.size()
        assert alone.numel() == 0 or (alone - split).abs().max() < 1e-13


def test_arguments():
    net = Net()
    x, scale = numbered(4, 3), numbered(4, 1)
    expected = net(x, scale=scale).data
    for got in (
        data_parallel(net, (x,), CPUS, "cpu", 0, {"scale": scale}),
        data_parallel(net, x, CPUS, module_kwargs={"scale": scale}),
        DataParallel(net, CPUS)(x, scale=scale),
        data_parallel(net, [x, scale], ["cpu"]),
        data_parallel(net, (x,), [], module_kwargs={"scale": scale}),
    ):
        assert (got.data - expected).abs().max() < 1e-5  # a product's rounding varies with its rows
    across = DataParallel(nn.Sequential(nn.ReLU()), CPUS, dim=1)
    assert across(numbered(2, 3)).data.equal(numbered(2, 3).data)
    assert repr(across).startswith("DataParallel (\n  device_ids=['cpu', 'cpu', 'cpu'], dim=1\n")


def test_recurrent_layers():
    layer = nn.LSTM(3, 2).double()
    x = Variable(torch.randn(4, 5, 3).double())
    output, (h, c) = DataParallel(layer, CPUS, dim=1)(x)
    y, (h1, c1) = layer(x)
    for got, expected in ((output, y), (h, h1), (c, c1)):
        assert (got - expected).data.abs().max() < 1e-14


def test_double_gradients():
    net = nn.Linear(2, 2).double()
    model = DataParallel(net, CPUS[:2])
    x = Variable(torch.randn(3, 2).double(), requires_grad=True)
    assert gradgradcheck(lambda *_: model(x).tanh(), (x, *net.parameters()))


def test_errors_of_modules():
    model = DataParallel(nn.Sequential(Net()), CPUS)
    with pytest.raises(
        ValueError, match=r"^replica 0 on cpu: 0\.layer \(Linear\): input: expected"
    ):
        model(numbered(4, 5))
    model = DataParallel(Net(), CPUS)
    with pytest.raises(ZeroDivisionError, match="^replica 2 on cpu: none of its inputs may be 1$"):
        model(numbered(3, 3), fail=Variable(torch.FloatTensor([0, 0, 1])))


def test_state():
    net = Net()
    model = DataParallel(net, CPUS)
    assert all(name.startswith("module.") for name in model.state_dict())
    assert [n for n, _ in model.named_parameters()] == ["module.layer.weight", "module.layer.bias"]
    assert DataParallel(net).device_ids == list(range(torch.cuda.device_count()))
    assert nn.DataParallel is DataParallel and set(parallel.__all__) <= set(dir(parallel))


ERRORS = [
    (lambda: scatter(numbered(2), []), ValueError, "scatter: devices: expected at least one, got"),
    (
        lambda: scatter(numbered(2), [1.5]),
        TypeError,
        "scatter: devices: expected a device, its name or the number of a GPU, got 1.5",
    ),
    (
        lambda: scatter(numbered(2), CPUS, 1),
        ValueError,
        r"scatter: dim: expected -1 to 0 for size \(2,\), got 1",
    ),
    (lambda: gather([], "cpu"), ValueError, "gather: outputs: expected at least one, got none"),
    (
        lambda: gather([numbered(1)], None),
        TypeError,
        "gather: target_device: expected a device, its name or the number of a GPU, got None",
    ),
    (
        lambda: gather([(numbered(1), 3)] * 2, "cpu"),
        TypeError,
        r"gather: output\[1\]: expected Variables, tensors, None, .* got int",
    ),
    (
        lambda: gather([numbered(1), None], "cpu"),
        ValueError,
        "gather: output: expected results of one form, got Variable, NoneType",
    ),
    (
        lambda: gather([None, numbered(1)], "cpu"),
        ValueError,
        "gather: output: expected results of one form, got NoneType, Variable",
    ),
    (
        lambda: gather([{"a": None}, {"b": None}], "cpu"),
        ValueError,
        r"gather: output: expected the same keys in all, got \[\['a'\], \['b'\]\]",
    ),
    (
        lambda: gather([{"a": [None]}, {"a": [None, None]}], "cpu"),
        ValueError,
        r"gather: output\['a'\]: expected equally many in all, got \[1, 2\]",
    ),
    (lambda: replicate(3, CPUS), TypeError, "replicate: network: expected a Module, got int"),
    (lambda: replicate(Net(), []), ValueError, "replicate: devices: expected at least one"),
    (
        lambda: parallel_apply([Net()], [1, 2]),
        ValueError,
        "parallel_apply: inputs: expected one for each of 1 modules, got 2",
    ),
    (
        lambda: parallel_apply([Net()], [1], [{}, {}]),
        ValueError,
        "parallel_apply: kwargs_tup: expected one for each of 1 modules, got 2",
    ),
    (
        lambda: parallel_apply([Net()], [1], [3]),
        TypeError,
        "parallel_apply: kwargs_tup: 0: expected a dict, got int",
    ),
    (
        lambda: parallel_apply([Net()], [1], devices=CPUS),
        ValueError,
        "parallel_apply: devices: expected one for each of 1 modules, got 3",
    ),
    (
        lambda: data_parallel(Net(), numbered(2, 3), [None]),
        TypeError,
        "data_parallel: expected a device, its name or the number of a GPU, got None",
    ),
    (lambda: DataParallel(3), TypeError, "DataParallel: module: expected a Module, got int"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")
def test_without_a_gpu():
    with pytest.raises(RuntimeError, match="built without CUDA"):
        data_parallel(Net(), numbered(2, 3), [0, 1])
    x = numbered(2, 3)
    net = Net()
    assert data_parallel(net, x).data.equal(net(x).data)  # as it is
