"""Module and its subclasses: registration, state, hooks, construction, a network that learns."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd import Variable
from torch.nn import Parameter


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 3)
        self.second = nn.Linear(3, 2, bias=False)
        self.scale = Parameter(torch.ones(2))
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x):
        return self.second(nn.functional.relu(self.first(x))) * self.scale


NAMES = ["scale", "first.weight", "first.bias", "second.weight"]


def test_parameters_are_found_in_order():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert [p.size() for p in net.parameters()] == [(2,), (3, 4), (3,), (2, 3)]
    assert [name for name, _ in net.named_children()] == ["first", "second"]
    assert list(net.children()) == [net.first, net.second]
    assert [name for name, _ in net.named_modules()] == ["", "first", "second"]
    assert next(net.modules()) is net


def test_shared_parameters_and_modules_are_listed_once():
    net = Net()
    net.third = net.first
    net.second.weight = net.first.weight
    assert [name for name, _ in net.named_parameters()] == NAMES[:3]
    assert len(list(net.children())) == 2
    assert len(list(net.modules())) == 3
    assert "third.weight" in net.state_dict()


def test_a_plain_variable_is_not_a_parameter():
    net = Net()
    net.extra = Variable(torch.ones(1), requires_grad=True)
    assert "extra" not in dict(net.named_parameters())
    with pytest.raises(
        TypeError, match="Net.scale: expected a Parameter or None .* got a Variable"
    ):
        net.scale = Variable(torch.ones(2))
    net.scale = None
    assert net.scale is None
    assert "scale" not in dict(net.named_parameters())
    net.scale = Parameter(torch.ones(2))
    assert "scale" in dict(net.named_parameters())


def test_attributes_move_between_tables():
    net = Net()
    net.plain = 3
    net.plain = Parameter(torch.ones(1))
    assert "plain" in net._parameters and "plain" not in net.__dict__
    net.plain = nn.ReLU()
    assert "plain" in net._modules and "plain" not in net._parameters
    with pytest.raises(TypeError, match="Net.plain: expected a Module or None .* got int"):
        net.plain = 3
    net.plain = None
    assert net.plain is None
    del net.plain
    with pytest.raises(AttributeError, match="Net has no attribute 'plain'"):
        net.plain  # noqa: B018
    net.seen = torch.ones(1)
    assert net.state_dict()["seen"].tolist() == [1]
    with pytest.raises(
        TypeError, match="register_buffer: seen: expected a Tensor or None, got int"
    ):
        net.seen = 4
    del net.seen, net.scale
    assert "seen" not in net.state_dict()
    net.number = 1
    del net.number
    assert not hasattr(net, "number")


def test_dir_lists_what_is_registered():
    assert {"first", "scale", "seen", "forward"} <= set(dir(Net()))


REGISTER_ERRORS = [
    (lambda n: n.add_module("first", nn.ReLU()), KeyError, "Net has an attribute 'first' already"),
    (
        lambda n: n.add_module("forward", nn.ReLU()),
        KeyError,
        "Net has an attribute 'forward' already",
    ),
    (lambda n: n.add_module("a.b", nn.ReLU()), KeyError, "expected a name without dots, got 'a.b'"),
    (
        lambda n: n.add_module("x", torch.ones(1)),
        TypeError,
        "add_module: x: expected a Module or None, got FloatTensor",
    ),
    (lambda n: n.add_module(3, nn.ReLU()), TypeError, "add_module: name: expected a str, got int"),
    (lambda n: n.register_parameter("first", Parameter(torch.ones(1))), KeyError, "already"),
    (
        lambda n: n.register_parameter("x", Variable(torch.ones(1))),
        TypeError,
        "expected a Parameter or None, got a Variable",
    ),
    (lambda n: n.register_buffer("first", torch.ones(1)), KeyError, "already"),
    (
        lambda n: n.register_buffer("x", 3),
        TypeError,
        "register_buffer: x: expected a Tensor or None, got int",
    ),
    (lambda n: nn.Container(a=3), TypeError, "add_module: a: expected a Module or None, got int"),
    (
        lambda n: nn.Container(forward=nn.ReLU()),
        KeyError,
        "Container has an attribute 'forward' already",
    ),
    (lambda n: nn.Module()(1), NotImplementedError, "Module: forward is not defined"),
    (lambda n: Parameter(Parameter(torch.ones(1))), TypeError, "a Variable was given where data"),
]


@pytest.mark.parametrize("call, error, text", REGISTER_ERRORS, ids=range(len(REGISTER_ERRORS)))
def test_registration_errors(call, error, text):
    with pytest.raises(error, match=text):
        call(Net())


def test_init_has_to_be_called_first():
    class Forgetful(nn.Module):
        def __init__(self):
            self.weight = Parameter(torch.ones(1))

    with pytest.raises(AttributeError, match=r"call Module.__init__\(\) first"):
        Forgetful()


def test_container_names_its_children():
    box = nn.Container(conv=nn.Conv2d(1, 2, 3), fc=nn.Linear(2, 2))
    assert sorted(name for name, _ in box.named_children()) == ["conv", "fc"]
    assert isinstance(box.conv, nn.Conv2d)


def test_sequential():
    first, second = nn.Linear(4, 3), nn.ReLU()
    net = nn.Sequential(first, second)
    assert net[0] is first and net[-1] is second and len(net) == 2
    assert list(net) == [first, second]
    named = nn.Sequential({"a": first, "b": second})
    assert named.a is first
    x = Variable(torch.randn(2, 4))
    assert net(x).data.tolist() == second(first(x)).data.tolist()
    with pytest.raises(IndexError, match="Sequential: index: expected -2 to 1, got 2"):
        net[2]
    with pytest.raises(TypeError, match="Sequential: index: expected an int, got str"):
        net["a"]
    with pytest.raises(TypeError, match="add_module: 0: expected a Module or None, got int"):
        nn.Sequential(3, 4)
    with pytest.raises(TypeError, match="Sequential: module 1: expected a Module, got None"):
        nn.Sequential(first, None)


def test_train_and_eval_reach_all_modules():
    net = nn.Sequential(nn.Dropout(), nn.Sequential(nn.Dropout()))
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    x = Variable(torch.ones(100))
    assert net(x).data.tolist() == [1] * 100
    assert net.train() is net
    assert all(m.training for m in net.modules())
    assert net(x).data.ne(1).any()
    net.train(False)
    assert not net[1][0].training


def test_apply_goes_from_below():
    seen = []
    net = Net()
    assert net.apply(seen.append) is net
    assert seen == [net.first, net.second, net]


def test_zero_grad():
    net = Net()
    net.zero_grad()
    net(Variable(torch.randn(5, 4))).sum().backward()
    gradient = net.first.weight.grad
    net.zero_grad()
    assert net.first.weight.grad is gradient
    assert not gradient.data.ne(0).any()
    (net.scale * net.scale).sum().backward(create_graph=True)
    net.zero_grad()
    assert net.scale.grad is None


def test_gradients_that_are_tensors_as_in_the_alpha():
    net = nn.Linear(3, 2)
    with torch.compat.using(tensor_grad=True):
        net(Variable(torch.ones(1, 3))).sum().backward()
        gradient = net.weight.grad
        assert gradient.tolist() == [[1, 1, 1]] * 2
        net.zero_grad()
        assert net.weight.grad is gradient and gradient.tolist() == [[0, 0, 0]] * 2
        net.double()
        assert type(net.weight.grad) is torch.DoubleTensor


def test_errors_show_the_line_in_the_forward_of_the_user():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.Sequential(nn.Linear(3, 3), nn.LogSoftmax())

        def forward(self, x):
            return self.hidden(x)  # of the user

    y = Net()(Variable(torch.ones(1, 3)))
    y.data.zero_()
    with pytest.raises(
        RuntimeError, match=r"(?s)LogSoftmax: .*test_modules.py:\d+: .*# of the user"
    ):
        y.sum().backward()


def test_casts():
    net = Net()
    net.register_buffer("count", torch.LongTensor([3]))
    net(Variable(torch.randn(5, 4))).sum().backward()
    weight = net.first.weight
    assert net.double() is net
    assert net.first.weight is weight
    assert {p.data.dtype for p in net.parameters()} == {torch.float64}
    assert {p.grad.data.dtype for p in net.parameters()} == {torch.float64}
    assert net.seen.dtype is torch.float64 and net.count.dtype is torch.int64
    net(Variable(torch.randn(5, 4).double())).sum().backward()
    assert net.float().seen.dtype is torch.float32
    assert net.type(torch.DoubleTensor).scale.data.dtype is torch.float64


# state


def test_state_dict_round_trip():
    net, other = Net(), Net()
    state = net.state_dict()
    assert list(state) == ["scale", "seen", "first.weight", "first.bias", "second.weight"]
    assert state["scale"].data_ptr() == net.scale.data.data_ptr()
    other.load_state_dict(copy.deepcopy(state))
    x = Variable(torch.randn(2, 4))
    assert net(x).data.tolist() == other(x).data.tolist()
    other.load_state_dict({"scale": torch.zeros(2), "more": 3}, strict=False)
    assert other.scale.data.tolist() == [0, 0]


def test_a_state_that_does_not_fit_is_listed_and_not_loaded():
    net = Net()
    state = copy.deepcopy(net.state_dict())
    del state["first.bias"]
    state["more"] = torch.ones(1)
    state["scale"] = torch.zeros(3)
    state["second.weight"] = [1]
    state["first.weight"] = torch.zeros(3, 4)
    with pytest.raises(nn.StateDictError) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        "load_state_dict: the state does not fit Net:\n"
        "  missing: first.bias\n"
        "  unexpected: more\n"
        "  size: scale: expected (2,), got (3,)\n"
        "  not a tensor: second.weight: list"
    )
    assert isinstance(caught.value, KeyError) and isinstance(caught.value, ValueError)
    assert net.first.weight.data.ne(0).any()


def test_parameter_dict():
    net, other = Net(), Net()
    assert list(net.parameter_dict()) == NAMES
    other.load_parameter_dict(net.parameter_dict())
    assert other.first.weight.data.tolist() == net.first.weight.data.tolist()
    with pytest.raises(KeyError, match="missing: first.weight"):
        other.load_parameter_dict({"scale": net.scale})


def test_copies_and_pickles():
    net = Net()
    net.eval()
    net.second.weight = Parameter(torch.zeros(2, 3))
    net.third = net.first
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert type(other) is Net and not other.training
        assert other.third is other.first
        assert isinstance(other.scale, Parameter) and other.scale.requires_grad
        assert other.state_dict().keys() == net.state_dict().keys()
        other.scale.data.zero_()
        assert net.scale.data.tolist() == [1, 1]


# hooks


def test_forward_hooks():
    layer = nn.Linear(2, 3)
    seen = []

    def hook(module, inputs, output):
        seen.append((module is layer, len(inputs), output.size()))

    handle = layer.register_forward_hook(hook)
    layer.register_forward_hook("named", hook)
    x = Variable(torch.ones(1, 2))
    layer(x)
    assert seen == [(True, 1, (1, 3))] * 2
    handle.remove()
    layer.remove_forward_hook("named")
    layer(x)
    assert len(seen) == 2
    with pytest.raises(KeyError, match="no hook named 'named'"):
        layer.remove_forward_hook("named")
    layer.register_forward_hook("again", hook)
    with pytest.raises(KeyError, match="a hook named 'again' is already registered"):
        layer.register_forward_hook("again", hook)
    layer.register_forward_hook(lambda *args: 3)
    with pytest.raises(RuntimeError, match="Linear: a forward hook returned a value"):
        layer(x)


def test_backward_hooks():
    layer = nn.ReLU()
    seen = []

    def double(module, grad_input, grad_output):
        seen.append((module is layer, len(grad_input), grad_output[0].data.tolist()))
        return (grad_input[0] * 2,)

    layer.register_backward_hook("named", double)
    x = Variable(torch.FloatTensor([1, -1]), requires_grad=True)
    layer(x).backward(torch.FloatTensor([3, 3]))
    assert seen == [(True, 1, [3, 3])]
    assert x.grad.data.tolist() == [6, 0]
    layer.remove_backward_hook("named")
    handle = layer.register_backward_hook(double)
    layer(x).sum().backward()
    handle.remove()
    layer(x).sum().backward()
    assert len(seen) == 2
    layer.register_backward_hook(double)
    layer(Variable(torch.ones(2)))  # without a gradient there is nothing to hook
    assert nn.Container().register_backward_hook(double) is not None


# construction

BUILD_ERRORS = [
    (lambda: nn.Linear(0, 3), "Linear: in_features: expected an int of at least 1, got 0"),
    (lambda: nn.Linear(3, -1), "Linear: out_features: expected an int of at least 1, got -1"),
    (lambda: nn.Linear(3.0, 1), "Linear: in_features: expected an int of at least 1, got 3.0"),
    (lambda: nn.Linear(True, 1), "Linear: in_features: expected an int of at least 1, got True"),
    (lambda: nn.Conv2d(0, 1, 3), "Conv2d: in_channels: expected an int of at least 1, got 0"),
    (lambda: nn.Conv2d(1, 1, 0), "Conv2d: kernel_size: expected an int of at least 1 or a pair"),
    (lambda: nn.Conv2d(1, 1, (3, 3, 3)), r"Conv2d: kernel_size: .* got \(3, 3, 3\)"),
    (lambda: nn.Conv2d(1, 1, 3, stride=0), "Conv2d: stride: expected an int of at least 1"),
    (lambda: nn.Conv2d(1, 1, 3, padding=-1), "Conv2d: padding: expected an int of at least 0"),
    (lambda: nn.Conv2d(1, 1, 3, dilation="a"), "Conv2d: dilation: .* got 'a'"),
    (
        lambda: nn.Conv2d(3, 4, 3, groups=2),
        "Conv2d: in_channels: expected a multiple of groups=2, got 3",
    ),
    (
        lambda: nn.Conv2d(4, 3, 3, groups=2),
        "Conv2d: out_channels: expected a multiple of groups=2, got 3",
    ),
    (lambda: nn.Conv2d(4, 4, 3, groups=0), "Conv2d: groups: expected an int of at least 1, got 0"),
    (lambda: nn.MaxPool2d(0), "MaxPool2d: kernel_size: expected an int of at least 1"),
    (lambda: nn.MaxPool2d(2, 0), "MaxPool2d: stride: expected an int of at least 1"),
    (
        lambda: nn.MaxPool2d(2, padding=2),
        "MaxPool2d: padding: expected at most half of kernel_size",
    ),
    (lambda: nn.Dropout(1.5), "Dropout: p: expected a probability from 0 to 1, got 1.5"),
    (lambda: nn.Dropout("a"), "Dropout: p: expected a probability from 0 to 1, got 'a'"),
    (lambda: nn.Threshold("a", 0), "Threshold: threshold: expected a number, got str"),
    (
        lambda: nn.NLLLoss([1, 2]),
        "NLLLoss: weight: expected a Tensor of one dimension or None, got list",
    ),
    (
        lambda: nn.CrossEntropyLoss(torch.ones(1, 2)),
        "CrossEntropyLoss: weight: expected a Tensor of one",
    ),
]


@pytest.mark.parametrize("build, text", BUILD_ERRORS, ids=range(len(BUILD_ERRORS)))
def test_constructor_errors(build, text):
    with pytest.raises((ValueError, TypeError), match=text):
        build()


@pytest.mark.parametrize(
    "layer, fan_in",
    [(lambda: nn.Linear(400, 50), 400), (lambda: nn.Conv2d(16, 50, (5, 3), groups=2), 8 * 15)],
)
def test_initial_values_fill_their_range(layer, fan_in):
    torch.manual_seed(0)
    bound = 1 / fan_in**0.5
    for param in layer().parameters():
        largest = np.abs(param.data.numpy()).max()
        assert 0.9 * bound < largest <= bound


REPRS = [
    (lambda: nn.Linear(3, 4), "Linear(3, 4)"),
    (lambda: nn.Linear(3, 4, bias=False), "Linear(3, 4, bias=False)"),
    (lambda: nn.Conv2d(1, 8, 3), "Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1))"),
    (
        lambda: nn.Conv2d(2, 8, 3, padding=1, groups=2, bias=False),
        "Conv2d(2, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=2, bias=False)",
    ),
    (
        lambda: nn.MaxPool2d(2, ceil_mode=True),
        "MaxPool2d(kernel_size=(2, 2), stride=(2, 2), ceil_mode=True)",
    ),
    (lambda: nn.ReLU(), "ReLU()"),
    (lambda: nn.ReLU(inplace=True), "ReLU(inplace=True)"),
    (lambda: nn.Threshold(0.1, 20), "Threshold(0.1, 20)"),
    (lambda: nn.Dropout(0.3, inplace=True), "Dropout(p=0.3, inplace=True)"),
    (lambda: nn.LogSoftmax(), "LogSoftmax()"),
    (lambda: nn.NLLLoss(), "NLLLoss()"),
    (lambda: nn.CrossEntropyLoss(size_average=False), "CrossEntropyLoss(size_average=False)"),
    (
        lambda: nn.Sequential(nn.ReLU(), nn.Sequential(nn.ReLU())),
        "Sequential (\n  (0): ReLU()\n  (1): Sequential (\n    (0): ReLU()\n  )\n)",
    ),
]


@pytest.mark.parametrize("build, text", REPRS, ids=range(len(REPRS)))
def test_repr(build, text):
    assert repr(build()) == text


def test_parameter_repr():
    assert repr(Parameter(torch.ones(1))).startswith("Parameter containing:\n")
    assert not Parameter(torch.ones(1), requires_grad=False).requires_grad


# all together


def network():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Dropout(0.1),
        Flat(),
        nn.Linear(16, 3),
        nn.LogSoftmax(),
    )


class Flat(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)


def test_a_network_learns():
    """Three classes told apart by which row of a 4x4 image is bright."""
    torch.manual_seed(1)
    images = torch.randn(60, 1, 4, 4) * 0.3
    classes = torch.LongTensor([i % 3 for i in range(60)])
    for i in range(60):
        images[i, 0, i % 3] += 1
    net, criterion = network(), nn.NLLLoss()
    x, target = Variable(images), Variable(classes)
    losses = []
    for _ in range(150):
        net.zero_grad()
        loss = criterion(net(x), target)
        loss.backward()
        for p in net.parameters():
            p.data -= 0.3 * p.grad.data
        losses.append(loss.data[0])
    assert losses[-1] < 0.2 * losses[0]
    net.eval()
    _, guess = net(x).data.max(1)
    assert guess.eq(classes).float().mean() > 0.9


def test_a_training_step_leaves_no_reference_cycles():
    net, criterion = network(), nn.NLLLoss()
    x = Variable(torch.randn(6, 1, 4, 4))
    target = Variable(torch.LongTensor([0, 1, 2, 0, 1, 2]))
    criterion(net(x), target).backward()
    gc.collect()
    gc.disable()
    try:
        net.zero_grad()
        hidden = net[0](x)
        died = weakref.ref(hidden)
        loss = criterion(nn.Sequential(*list(net)[1:])(hidden), target)
        loss.backward()
        del hidden, loss
        assert died() is None
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_penalty_on_gradients_trains_through_a_network():
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).double()
    x = Variable(torch.randn(5, 4).double(), requires_grad=True)
    (gradient,) = torch.autograd.grad(net(x).sum(), x, create_graph=True)
    (gradient * gradient).sum().backward()
    assert net[0].weight.grad.data.ne(0).any()
