"""Lists and dicts of modules and parameters."""

import copy
import pickle

import pytest
import torch
from torch import nn
from torch.autograd import Variable
from torch.nn import Parameter


def layers(n):
    return [nn.Linear(i + 1, i + 2) for i in range(n)]


def parameters(n):
    return [Parameter(torch.ones(i + 1)) for i in range(n)]


LISTS = [
    (nn.ModuleList, layers, "modules"),
    (lambda items=(): nn.Sequential(*items), layers, None),
    (nn.ParameterList, parameters, "parameters"),
]
KINDS = pytest.mark.parametrize("build, make, name", LISTS, ids=["Modules", "Seq", "Parameters"])


def same(held, items):
    return len(held) == len(items) and all(a is b for a, b in zip(held, items))


def names(held):
    return list(held._items())


@KINDS
def test_lists(build, make, name):
    a, b, c, d, e = make(5)
    held = build([a, b])
    assert same(held, [a, b]) and held[0] is a and held[-1] is b
    assert a in held and c not in held
    assert held.append(c) is held and held.extend([d]) is held
    held += [e]
    assert same(held, [a, b, c, d, e]) and names(held) == ["0", "1", "2", "3", "4"]
    part = held[1:4:2]
    assert type(part) is type(held) and same(part, [b, d]) and names(part) == ["0", "1"]
    assert same(held + [a], [a, b, c, d, e, a]) and len(held) == 5
    held[1] = e
    assert same(held, [a, e, c, d, e])
    del held[1]
    assert same(held, [a, c, d, e]) and names(held) == ["0", "1", "2", "3"]
    del held[-2:]
    assert same(held, [a, c])
    held.insert(0, b)
    held.insert(3, d)
    assert same(held, [b, a, c, d])
    held.insert(-1, e)
    assert same(held, [b, a, c, e, d]) and names(held) == ["0", "1", "2", "3", "4"]
    assert held.pop() is d and held.pop(0) is b and same(held, [a, c, e])
    assert len(build()) == 0 and list(build()) == []
    assert not any(n.isdigit() for n in dir(held))
    assert getattr(held, "1") is c
    for other in (copy.deepcopy(held), pickle.loads(pickle.dumps(held))):
        assert type(other) is type(held) and list(other.state_dict()) == list(held.state_dict())


def test_what_lists_hold_is_registered():
    net = nn.Container(layers=nn.ModuleList(layers(2)), more=nn.ParameterList(parameters(2)))
    assert sorted(n for n, _ in net.named_parameters()) == [
        "layers.0.bias", "layers.0.weight", "layers.1.bias", "layers.1.weight", "more.0", "more.1",
    ]  # fmt: skip


def test_sequential_keeps_names_that_were_given():
    a, b, c = layers(3)
    named = nn.Sequential({"a": a, "b": b, "c": c})
    assert names(named[1:]) == ["b", "c"] and named[1:].c is c
    del named[0]
    assert names(named) == ["b", "c"]
    named.append(a)
    assert names(named) == ["b", "c", "2"] and named[2] is a
    x = Variable(torch.ones(1, 1))
    assert nn.Sequential(a, b)(x).data.equal(b(a(x)).data)


DICTS = [(nn.ModuleDict, layers), (nn.ParameterDict, parameters)]


@pytest.mark.parametrize("build, make", DICTS, ids=["Modules", "Parameters"])
def test_dicts(build, make):
    a, b, c = make(3)
    held = build({"a": a})
    held["b"] = b
    assert held["a"] is a and held.b is b and list(held) == ["a", "b"] and len(held) == 2
    assert "a" in held and "c" not in held and 3 not in held
    assert list(held.keys()) == ["a", "b"] and same(list(held.values()), [a, b])
    assert [n for n, _ in held.items()] == ["a", "b"]
    held.update({"c": c, "a": b})
    held.update([("d", a)])
    assert list(held) == ["a", "b", "c", "d"] and held["a"] is b
    assert held.pop("d") is a and held.get("d") is None and held.pop("d", 3) == 3
    del held["b"]
    assert list(held) == ["a", "c"]
    assert held == held and held != build({"a": b, "c": c}) and hash(held) == hash(held)
    for other in (copy.deepcopy(held), pickle.loads(pickle.dumps(held))):
        assert list(other) == ["a", "c"]
    held.clear()
    assert len(held) == 0 and list(build()) == []


def test_what_dicts_hold_is_registered():
    net = nn.Container(heads=nn.ModuleDict({"x": nn.Linear(1, 1)}))
    net.scales = nn.ParameterDict({"y": Parameter(torch.ones(1))})
    assert [n for n, _ in net.named_parameters()] == ["heads.x.weight", "heads.x.bias", "scales.y"]


def test_repr():
    assert repr(nn.ModuleList([nn.ReLU()])) == "ModuleList (\n  (0): ReLU()\n)"
    assert repr(nn.ModuleDict({"a": nn.ReLU()})) == "ModuleDict (\n  (a): ReLU()\n)"
    assert repr(nn.ParameterList()) == "ParameterList()"
    shown = "(0): Parameter containing: [torch.FloatTensor of size 2x3]"
    assert repr(nn.ParameterList([Parameter(torch.ones(2, 3))])) == f"ParameterList (\n  {shown}\n)"
    shown = shown.replace("0", "a")
    held = nn.ParameterDict({"a": Parameter(torch.ones(2, 3))})
    assert repr(held) == f"ParameterDict (\n  {shown}\n)"


ERRORS = [
    (lambda: nn.ModuleList(3), TypeError, "ModuleList: modules: expected a list of items, got int"),
    (
        lambda: nn.ModuleList({"a": nn.ReLU()}),
        TypeError,
        "ModuleList: modules: expected a list of items, got dict",
    ),
    (
        lambda: nn.ModuleList([nn.ReLU(), 3]),
        TypeError,
        "ModuleList: modules: item 1: expected a Module, got int",
    ),
    (
        lambda: nn.ModuleList().append(None),
        TypeError,
        "ModuleList: append: expected a Module, got NoneType",
    ),
    (lambda: nn.ModuleList().extend([3]), TypeError, "ModuleList: extend: item 0: expected a Mod"),
    (lambda: nn.Sequential().insert(0, 3), TypeError, "Sequential: insert: expected a Module, got"),
    (
        lambda: nn.ModuleList().insert(1, nn.ReLU()),
        IndexError,
        "ModuleList: index: expected -0 to 0, got 1",
    ),
    (lambda: nn.ModuleList([nn.ReLU()])[1], IndexError, "index: expected -1 to 0, got 1"),
    (lambda: nn.ModuleList([nn.ReLU()])["0"], TypeError, "index: expected an int, got str"),
    (lambda: nn.ModuleList([nn.ReLU()])[True], TypeError, "index: expected an int, got bool"),
    (
        lambda: nn.ModuleList([nn.ReLU()]).__setitem__(0, 3),
        TypeError,
        "ModuleList: item 0: expected a Module, got int",
    ),
    (lambda: nn.ModuleList().pop(), IndexError, "ModuleList: index: expected"),
    (
        lambda: nn.ParameterList([Variable(torch.ones(1))]),
        TypeError,
        "ParameterList: parameters: item 0: expected a Parameter, got a Variable of size",
    ),
    (
        lambda: nn.ModuleList([])(1),
        NotImplementedError,
        "ModuleList: forward is not defined",
    ),
    (lambda: nn.ModuleDict({"a": 3}), TypeError, "ModuleDict: a: expected a Module, got int"),
    (
        lambda: nn.ModuleDict({"a.b": nn.ReLU()}),
        KeyError,
        "ModuleDict: name: expected a name without dots, got 'a.b'",
    ),
    (
        lambda: nn.ModuleDict({"forward": nn.ReLU()}),
        KeyError,
        "ModuleDict has an attribute 'forward' already",
    ),
    (lambda: nn.ModuleDict({3: nn.ReLU()}), TypeError, "ModuleDict: name: expected a str, got int"),
    (lambda: nn.ModuleDict()["a"], KeyError, r"ModuleDict: expected one of \[\], got 'a'"),
    (lambda: nn.ParameterDict().pop("a"), KeyError, r"expected one of \[\], got 'a'"),
    (
        lambda: nn.ParameterDict({"a": torch.ones(1)}),
        TypeError,
        "ParameterDict: a: expected a Parameter, got FloatTensor of size",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
