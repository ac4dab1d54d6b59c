"""torch.save and torch.load of Variables."""

import io
import pickle

import pytest
import torch
from torch.autograd import Variable
from torch.serialization import FileError


def round_trip(obj):
    f = io.BytesIO()
    torch.save(obj, f)
    f.seek(0)
    return torch.load(f)


def test_variables():
    x = Variable(torch.ones(2, 3), requires_grad=True)
    v = Variable(torch.zeros(2), volatile=True)
    loaded = round_trip({"x": x, "again": x, "data": x.data, "volatile": v})
    y = loaded["x"]
    assert type(y) is Variable
    assert y is loaded["again"]
    assert y.requires_grad
    assert loaded["volatile"].volatile
    y.data.fill_(5)
    assert loaded["data"].sum() == 30
    (y * 2).sum().backward()
    assert y.grad.data.sum() == 12


def test_only_leaves():
    x = Variable(torch.ones(2), requires_grad=True)
    with pytest.raises(RuntimeError, match="only leaf Variables can be saved"):
        torch.save(x * 2, io.BytesIO())


@pytest.mark.parametrize(
    "state", [None, (1, 2), (3, None, True, False), (torch.ones(1), 3, True, False)]
)
def test_wrong_states(state):
    from torch.serialization.registry import find
    from torch.serialization.unpickler import Unpickler

    tensors = {"t0": torch.ones(1)}

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            return "t0" if torch.is_tensor(obj) else None

    f = io.BytesIO()
    Pickler(f, 2).dump(state)
    data = b"ctorch.autograd.variable\nVariable\n)\x81" + f.getvalue()[:-1] + b"b."

    def error(*text):
        return FileError("".join(map(str, text)))

    with pytest.raises(FileError, match="an object cannot be built"):
        Unpickler(data, find, tensors.get, error).load()
