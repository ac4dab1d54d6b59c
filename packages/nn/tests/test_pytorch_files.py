"""Parameters, Variables and modules in PyTorch's files."""

import io
import pickle
import struct
import zipfile

import pytest
import torch
from torch import nn
from torch.autograd import Variable
from torch.serialization import FileError

FLOATS = struct.pack("<6f", *range(6))


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def tensor(rebuild="_rebuild_tensor_v2", more=b""):
    """A tensor of size (2, 3) as a pickle has it; `more`: the end of a stream's storage names."""
    storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
    place = storage + b"K\x06" + more + b"tQK\0K\2K\3\x86K\3K\1\x86"
    grad = b"\x89}" if rebuild.endswith("2") else b""
    return f"ctorch._utils\n{rebuild}\n(".encode() + place + grad + b"tR"


def checkpoint(pickled):
    f = io.BytesIO()
    with zipfile.ZipFile(f, "w") as z:
        z.writestr("archive/data.pkl", b"\x80\x02" + pickled + b".")
        z.writestr("archive/data/0", FLOATS)
    f.seek(0)
    return f


def stream(pickled):
    values = 0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}
    head = b"".join(pickle.dumps(value, 2) for value in values)
    end = pickle.dumps(["0"], 2) + struct.pack("<q", 6) + FLOATS
    return io.BytesIO(head + b"\x80\x02" + pickled + b"." + end)


OLD = tensor("_rebuild_tensor", b"N")
ROWS = [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("requires_grad", [True, False])
def test_parameters(requires_grad):
    flag = b"\x88" if requires_grad else b"\x89"
    built = b"ctorch._utils\n_rebuild_parameter\n(" + tensor() + flag + b"}tR"
    p = torch.load(checkpoint(built))
    assert isinstance(p, nn.Parameter)
    assert p.data.tolist() == ROWS
    assert p.requires_grad is requires_grad


@pytest.mark.parametrize(
    "name, cls",
    [
        ("torch.autograd.variable\nVariable", Variable),
        ("torch.nn.parameter\nParameter", nn.Parameter),
    ],
)
def test_variables_before_0_4(name, cls):
    head = b"c" + name.encode() + b"\n"
    called = head + OLD + b"\x85R(\x88\x89NtbK\1\x86"  # PyTorch 0.2, 0.3
    first = head + b")\x81(" + OLD + b"NN\x88\x89tbK\1\x86"  # 0.1
    for pickled in (called, first):
        variable, one = torch.load(stream(pickled))
        assert type(variable) is cls
        assert variable.data.tolist() == ROWS
        assert (variable.requires_grad, variable.volatile, one) == (True, False, 1)
    volatile = head + OLD + b"\x85R(\x88\x88Ntb"
    assert torch.load(stream(volatile)).volatile
    for state in (b"N", b")", b"(NNNNNt", b"(NNt"):
        error = "expected the state of a Variable|expected a tensor, got NoneType"
        with pytest.raises(FileError, match=error):
            torch.load(stream(head + OLD + b"\x85R" + state + b"b"))


def linear(**more):
    """A module as PyTorch before 0.4 wrote it."""
    state = {
        "in_features": b"K\3",
        "out_features": b"K\2",
        "training": b"\x88",
        "_backend": b"ctorch.nn.backends.thnn\n_get_thnn_function_backend\n)R",
        "_parameters": b"ccollections\nOrderedDict\n)R(" + text("weight")
        + b"ctorch.nn.parameter\nParameter\n" + OLD + b"\x85R" + text("bias") + b"Nu",
        "_buffers": b"ccollections\nOrderedDict\n)R",
        "_modules": b"ccollections\nOrderedDict\n)R",
        "_forward_hooks": b"ccollections\nOrderedDict\n)R",
        "_backward_hooks": b"ccollections\nOrderedDict\n)R",
        "_forward_pre_hooks": b"ccollections\nOrderedDict\n)R",
    } | more  # fmt: skip
    items = b"".join(text(name) + value for name, value in state.items())
    return b"ctorch.nn.modules.linear\nLinear\n)\x81}(" + items + b"ub"


def test_modules_before_0_4():
    net = torch.load(stream(linear()))
    assert isinstance(net, nn.Linear)
    assert net.weight.data.tolist() == ROWS
    assert net(Variable(torch.ones(1, 3))).data.tolist() == [[3, 12]]
    assert "_backend" not in net.__dict__
    f = io.BytesIO()
    torch.save(net, f)
    f.seek(0)
    assert torch.load(f).weight.data.tolist() == ROWS


def test_modules_of_later_versions_are_refused():
    later = linear(_non_persistent_buffers_set=b"]")
    with pytest.raises(
        FileError, match="the module has _non_persistent_buffers_set, which modules"
    ):
        torch.load(stream(later))
    text = r"a whole module, torch\.nn\.modules\.linear\.Linear, whose attributes are PyTorch's own"
    with pytest.raises(FileError, match=text):
        torch.load(checkpoint(linear()))
    with pytest.raises(FileError, match="expected the attributes of a module"):
        torch.load(stream(b"ctorch.nn.modules.linear\nLinear\n)\x81K\1b"))
