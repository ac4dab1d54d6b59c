"""Copies of objects that have slots only, for torch.autograd."""

import gc
import sys
import weakref

import pytest
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
