"""What torch.autograd asks of Python's objects: copies, and whether nobody else has a tensor."""

import gc
import sys
import weakref

import numpy as np
import pytest
import torch
from torch import _C


class Base:
    __slots__ = ("a", "b")


class Child(Base):
    __slots__ = ("__weakref__", "c")


class WithDict(Base):
    pass


def test_slots_are_copied():
    x = Child()
    x.a, x.c = [1], "text"
    y = _C._twin(x)
    assert type(y) is Child and y is not x
    assert y.a is x.a and y.c is x.c
    with pytest.raises(AttributeError):
        y.b  # noqa: B018  (not set in x)


def test_references_are_counted():
    x = Child()
    x.a = object()
    before = sys.getrefcount(x.a)
    copies = [_C._twin(x) for _ in range(100)]
    during = sys.getrefcount(x.a)
    del copies
    after = sys.getrefcount(x.a)
    assert (during, after) == (before + 100, before)


def test_weak_references_belong_to_one():
    x = Child()
    first = weakref.ref(x)
    y = _C._twin(x)
    second = weakref.ref(y)
    del x
    assert first() is None and second() is y
    del y
    assert second() is None


def test_cycles_are_found():
    x = Child()
    y = _C._twin(x)
    y.a = y
    gone = weakref.ref(y)
    del y
    gc.collect()
    assert gone() is None


class OfStorage(_C.FloatStorage):
    __slots__ = ()


OTHERS = [WithDict(), 3, [1], {}, (1,), "text", Child, _C.FloatTensor(), _C.FloatStorage(2)]
OTHERS += [_C.Generator(), Exception("x"), object, OfStorage(2)]


@pytest.mark.parametrize("value", OTHERS, ids=lambda v: type(v).__name__)
def test_others_are_refused(value):
    with pytest.raises(TypeError, match=f"_twin: .*slots only, got .*{type(value).__name__}"):
        _C._twin(value)


# who else has what a dict holds


def view(t):
    return t, t[:2]


OWNERS = [
    ("alone", lambda: (torch.zeros(4), None), True),
    ("seen through a view", lambda: view(torch.zeros(4)), False),
    ("a view, its base gone", lambda: (torch.zeros(2, 2).view(4), None), True),
    ("a part, its base gone", lambda: (torch.zeros(4)[:2], None), False),
    ("a part from within", lambda: (torch.zeros(4)[1:], None), False),
    ("transposed", lambda: (torch.zeros(2, 3).t(), None), False),
    ("expanded", lambda: (torch.zeros(1).expand(4), None), False),
    ("empty", lambda: (torch.zeros(0), None), True),
    ("an array's", lambda: (torch.from_numpy(np.zeros(4)), None), False),
    ("of shared memory", lambda: (torch.zeros(4).share_memory_(), None), False),
    ("no tensor", lambda: ([1], None), False),
    ("None", lambda: (None, None), False),
]


@pytest.mark.parametrize("name, make, only", OWNERS, ids=[row[0] for row in OWNERS])
def test_whether_a_dict_alone_has_a_tensor(name, make, only):
    value, other = make()
    place = {"x": value}
    assert not _C._is_only_in(place, "x")  # `value` has it, too
    del value
    assert _C._is_only_in(place, "x") is only
    del other
    assert not _C._is_only_in(place, "y")
    copy = dict(place)
    assert not _C._is_only_in(place, "x")
    assert len(copy) == 1


def test_an_address_that_is_known_is_not_alone():
    place = {"x": torch.zeros(4)}
    place["x"].data_ptr()
    assert not _C._is_only_in(place, "x")


@pytest.mark.parametrize("args", [(), ({},), ([], 0), ({}, 0, 0)])
def test_a_dict_and_a_key_are_asked_for(args):
    with pytest.raises(TypeError, match="_is_only_in: expected a dict and a key"):
        _C._is_only_in(*args)


def test_keys_have_to_be_hashable():
    with pytest.raises(TypeError, match="unhashable"):
        _C._is_only_in({}, [])
