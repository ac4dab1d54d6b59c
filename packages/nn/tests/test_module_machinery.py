"""Module: what stands in the state, conversions, hooks before forward, errors that name a place."""

import copy
import gc
import pickle
import weakref

import pytest
import torch
from torch import nn
from torch.autograd import Variable
from torch.nn import Parameter


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(4, 3), Tanhlike())
        self.head = nn.Linear(3, 2)
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("seen", torch.LongTensor([1]))
        self.register_buffer("scratch", torch.ones(2), persistent=False)

    def forward(self, x):
        return self.head(self.features(x))


class Tanhlike(nn.Module):
    def forward(self, x):
        return x.tanh()


# buffers and the state


def test_buffers():
    net = Net()
    assert [n for n, _ in net.named_buffers()] == ["mean", "seen", "scratch"]
    assert [n for n, _ in nn.Sequential(net).named_buffers("a")][0] == "a.0.mean"
    assert list(nn.Sequential(net).named_buffers(recurse=False)) == []
    net.other = nn.Linear(1, 1)
    net.other.register_buffer("same", net.mean)
    assert len(list(net.buffers())) == 3
    assert [n for n, _ in net.named_parameters(recurse=False)] == []
    assert len(list(net.features.parameters(recurse=False))) == 0


def test_buffers_that_are_left_out_of_the_state():
    net = Net()
    assert [n for n in net.state_dict() if "." not in n] == ["mean", "seen"]
    net.scratch = torch.zeros(2)  # stays left out
    assert "scratch" not in net.state_dict()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert list(other.state_dict()) == list(net.state_dict())
        assert other.scratch.tolist() == [0, 0]
    assert net.load_state_dict(Net().state_dict()) == ([], [])
    net.register_buffer("scratch", torch.ones(2))
    assert "scratch" in net.state_dict()
    assert "scratch" not in Net().state_dict()


def test_state_dict_arguments():
    net = Net()
    state = net.state_dict(keep_vars=True, prefix="net.")
    assert state["net.head.weight"] is net.head.weight and state["net.mean"] is net.mean
    given = {"epoch": 3}
    assert net.state_dict(given) is given and "epoch" in given and "mean" in given


def test_what_a_lenient_load_passes_over():
    net = Net()
    state = net.state_dict()
    del state["mean"]
    state["more"] = torch.ones(1)
    result = net.load_state_dict(state, strict=False)
    assert result.missing_keys == ["mean"] and result.unexpected_keys == ["more"]
    state["head.bias"] = torch.zeros(3)
    with pytest.raises(nn.StateDictError, match=r"size: head.bias: expected \(2,\), got \(3,\)"):
        net.load_state_dict(state, strict=False)
    with pytest.raises(TypeError, match="load_state_dict: expected a dict of names .* got list"):
        net.load_state_dict([1])
    with pytest.raises(KeyError, match="load_parameter_dict: the state does not fit Net"):
        net.load_parameter_dict({"head.bias": torch.zeros(2)})


# conversions


DTYPES = [
    (lambda m: m.half(), torch.float16),
    (lambda m: m.bfloat16(), torch.bfloat16),
    (lambda m: m.double(), torch.float64),
    (lambda m: m.double().float(), torch.float32),
    (lambda m: m.to(torch.float64), torch.float64),
    (lambda m: m.to("cpu", torch.float64), torch.float64),
    (lambda m: m.to(torch.device("cpu"), dtype=torch.float64), torch.float64),
    (lambda m: m.to(torch.zeros(1).double()), torch.float64),
    (lambda m: m.to(Variable(torch.zeros(1).double())), torch.float64),
    (lambda m: m.to("cpu", torch.float64, True), torch.float64),
    (lambda m: m.to(device="cpu"), torch.float32),
    (lambda m: m.cpu(), torch.float32),
    (lambda m: m.type("torch.DoubleTensor"), torch.float64),
]


@pytest.mark.parametrize("convert, dtype", DTYPES, ids=range(len(DTYPES)))
def test_conversions(convert, dtype):
    net = Net()
    net(Variable(torch.ones(1, 4))).sum().backward()
    weight = net.head.weight
    assert convert(net) is net and net.head.weight is weight
    assert {p.data.dtype for p in net.parameters()} == {dtype}
    assert {p.grad.data.dtype for p in net.parameters()} == {dtype}
    assert net.mean.dtype is dtype and net.scratch.dtype is dtype
    assert net.seen.dtype is torch.int64


def test_shared_buffers_stay_shared():
    net = Net()
    net.head.register_buffer("same", net.mean)
    net.double()
    assert net.head.same is net.mean and net.mean.dtype is torch.float64


def test_share_memory():
    net = Net().share_memory()
    assert all(p.data.is_shared() for p in net.parameters())
    assert all(b.is_shared() for b in net.buffers())


CONVERSION_ERRORS = [
    (lambda m: m.to(torch.int64), TypeError, "to: dtype: expected a floating one, got .*int64"),
    (lambda m: m.to(dtype="x"), TypeError, "to: dtype: expected a floating one, got x"),
    (lambda m: m.to([1]), TypeError, "to: expected a dtype, a device or a tensor, got list"),
    (lambda m: m.to(place=1), TypeError, "to: expected dtype, device or non_blocking, got place"),
    (lambda m: m.train(1), TypeError, "train: mode: expected True or False, got 1"),
]


@pytest.mark.parametrize("call, error, text", CONVERSION_ERRORS, ids=range(5))
def test_conversion_errors(call, error, text):
    net = Net()
    with pytest.raises(error, match=text):
        call(net)
    assert {p.data.dtype for p in net.parameters()} == {torch.float32} and net.training


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is there")
def test_cuda_without_a_gpu():
    for call in (lambda m: m.cuda(), lambda m: m.cuda(0), lambda m: m.to("cuda")):
        with pytest.raises(RuntimeError, match="built without CUDA"):
            call(Net())


def test_requires_grad_and_zero_grad():
    net = Net()
    assert net.features.requires_grad_(False) is net.features
    net(Variable(torch.ones(1, 4))).sum().backward()
    assert net.features[0].weight.grad is None and net.head.weight.grad is not None
    net.zero_grad(set_to_none=True)
    assert net.head.weight.grad is None
    assert all(p.requires_grad for p in net.requires_grad_().parameters())


def frozen(monkeypatch):
    monkeypatch.setattr(nn.modules.module, "eval_freezes", lambda: True)


def test_eval_in_the_alphas_meaning(monkeypatch):
    net = Net()
    assert all(p.requires_grad for p in net.eval().parameters())
    frozen(monkeypatch)
    assert not any(p.requires_grad for p in net.eval().parameters())
    assert all(p.requires_grad for p in net.train().parameters())


def test_the_flag_of_eval():
    net = Net()
    with torch.compat.using(eval_freezes=True):
        assert not any(p.requires_grad for p in net.eval().parameters())
    with torch.compat.alpha():
        assert all(p.requires_grad for p in net.train().parameters())


# hooks before forward


def test_forward_pre_hooks():
    layer = nn.Linear(2, 3)
    seen = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: seen.append((m, inputs)))
    x = Variable(torch.ones(1, 2))
    layer(x)
    assert seen[0][0] is layer and seen[0][1][0] is x
    handle.remove()
    layer.register_forward_pre_hook("twice", lambda m, inputs: (inputs[0] * 2,))
    plain = nn.Linear(2, 3)
    plain.load_state_dict(layer.state_dict())
    assert layer(x).data.equal(plain(x * 2).data)
    layer.remove_forward_pre_hook("twice")
    layer.register_forward_pre_hook(lambda m, inputs: inputs[0] * 3)
    assert layer(x).data.equal(plain(x * 3).data)
    with pytest.raises(KeyError, match="remove_forward_pre_hook: no hook named 'twice'"):
        layer.remove_forward_pre_hook("twice")
    with pytest.raises(KeyError, match="no hook named 'a'"):
        plain.remove_forward_pre_hook("a")
    with pytest.raises(TypeError, match="register_forward_pre_hook: expected a callable hook"):
        plain.register_forward_pre_hook(3)


# errors name the place


def x(*size):
    return Variable(torch.zeros(*size))


class Indirect(nn.Module):
    """Calls what belongs to another one."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(4, 4), nn.Sequential(nn.Linear(3, 3))])
        self.outside = [nn.Sequential(nn.Linear(1, 1))]
        self.own = nn.Container(net=Net())

    def forward(self, x, which):
        if which == "list":
            return self.blocks[1][0](x)
        if which == "sequential":
            return self.blocks[1](x)
        if which == "outside":
            return self.outside[0](x)
        if which == "functional":
            return nn.functional.linear(x, self.blocks[0].weight)
        if which == "own":
            raise ValueError("of the user")
        if which == "caught":
            try:
                return self.own.net(x)
            except ValueError as error:
                raise RuntimeError("the inputs do not fit") from error
        if which == "again":
            try:
                return self.own.net(x)
            except ValueError:
                raise
        return self.own.net(x)


WHERE = r"expected size \(\.\.\., {}\) for a weight of size .*, got \(2, 7\)"
PLACES = [
    (lambda: Net()(x(2, 7)), r"^features\.0 \(Linear\): input: " + WHERE.format(4)),
    (lambda: nn.Sequential(nn.ReLU(), Net())(x(2, 7)), r"^1\.features\.0 \(Linear\): input: "),
    (lambda: Indirect()(x(2, 7), "list"), r"^blocks\.1\.0 \(Linear\): input: " + WHERE.format(3)),
    (lambda: Indirect()(x(2, 7), "sequential"), r"^blocks\.1\.0 \(Linear\): input: "),
    (lambda: Indirect()(x(2, 7), ""), r"^own\.net\.features\.0 \(Linear\): input: "),
    (lambda: Indirect()(x(2, 7), "again"), r"^own\.net\.features\.0 \(Linear\): input: exp"),
    # not the model's: as seen from what it belongs to
    (lambda: Indirect()(x(2, 7), "outside"), r"^0 \(Linear\): input: " + WHERE.format(1)),
    # by themselves, and of the user: as they are
    (lambda: nn.Linear(4, 4)(x(2, 7)), r"^linear: input: " + WHERE.format(4)),
    (lambda: Indirect()(x(2, 7), "functional"), r"^linear: input: " + WHERE.format(4)),
    (lambda: Indirect()(x(2, 7), "own"), "^of the user$"),
    (lambda: Indirect()(x(2, 7), "caught"), "^the inputs do not fit$"),
]


@pytest.mark.parametrize("call, text", PLACES, ids=range(len(PLACES)))
def test_errors_name_the_place_in_the_model(call, text):
    with pytest.raises(RuntimeError if "do not fit" in text else ValueError, match=text):
        call()


class Part(nn.Module):
    def forward(self, x):
        return nn.functional.linear(x, self.weight)


def test_functions_in_a_users_module():
    part = Part()
    part.weight = Parameter(torch.ones(2, 3))
    with pytest.raises(ValueError, match=r"^0\.part \(Part\): linear: input: expected size"):
        nn.Sequential(Named(part))(x(2, 7))


class Named(nn.Module):
    def __init__(self, part):
        super().__init__()
        self.part = part

    def forward(self, x):
        return self.part(x)


def test_an_error_with_other_arguments_stays_whole():
    class Refusal(ValueError):
        def __init__(self, code, text):
            super().__init__(code, text)

    def refuse(m, inputs):
        raise Refusal(3, "no")

    net = Net()
    net.head.register_forward_pre_hook(refuse)
    with pytest.raises(Refusal) as caught:
        net(x(1, 4))
    assert caught.value.args == (3, "no")


def test_an_error_keeps_nothing_alive():
    net = Net()
    gc.collect()
    gone = weakref.ref(net)
    try:
        net(x(2, 7))
    except ValueError as error:
        kept = str(error)
    del net
    gc.collect()
    assert gone() is None and kept.startswith("features.0")


# showing


def test_repr_of_own_text_and_modules():
    class Block(nn.Module):
        def __init__(self, inner=None):
            super().__init__()
            if inner is not None:
                self.inner = inner

        def extra_repr(self):
            return "width=3"

    assert repr(Block()) == "Block(width=3)"
    assert repr(Block(Block())) == "Block (\n  width=3\n  (inner): Block(width=3)\n)"


def test_computed_attributes():
    layer = nn.utils.weight_norm(nn.Linear(2, 3))
    assert "weight" in dir(layer)
    with pytest.raises(AttributeError, match="Linear.weight: it is computed by WeightNorm; assign"):
        layer.weight = 3
    with pytest.raises(KeyError, match="Linear has an attribute 'weight' already"):
        layer.weight = Parameter(torch.ones(3, 2))
