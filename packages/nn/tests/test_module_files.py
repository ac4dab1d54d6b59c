"""torch.save and torch.load of modules and their states."""

import importlib
import io
import linecache
import subprocess
import sys
import warnings

import pytest
import torch
import torch.nn as nn
from torch.autograd import Variable
from torch.serialization import FileError, SourceChangeWarning


def saved(obj):
    f = io.BytesIO()
    torch.save(obj, f)
    f.seek(0)
    return f


def net():
    return nn.Sequential(
        nn.Conv2d(1, 2, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(),
        nn.Container(fc=nn.Linear(3, 4)),
    )


def test_modules():
    before = net()
    after = torch.load(saved(before))
    assert repr(after) == repr(before)
    assert all(type(p) is nn.Parameter and p.requires_grad for p in after.parameters())
    x = Variable(torch.ones(1, 1, 6, 6))
    assert after[0](x).data.equal(before[0](x).data)


SEVERAL = [
    nn.ReLU6(True), nn.RReLU(), nn.PReLU(3), nn.GELU("tanh"), nn.Softmax(1), nn.BatchNorm2d(3),
    nn.InstanceNorm1d(3), nn.GroupNorm(1, 3), nn.LayerNorm(3), nn.CrossMapLRN2d(3), nn.Dropout2d(),
    nn.AlphaDropout(), nn.MSELoss(False), nn.CrossEntropyLoss(torch.ones(3)),
    nn.BCEWithLogitsLoss(), nn.TripletMarginLoss(swap=True), nn.Embedding(3, 2, 0, sparse=True),
    nn.EmbeddingBag(3, 2), nn.Bilinear(1, 2, 3), nn.PairwiseDistance(), nn.CosineSimilarity(),
    nn.MultiheadAttention(4, 2), nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 4), 2),
]  # fmt: skip


@pytest.mark.parametrize("module", SEVERAL, ids=lambda m: type(m).__name__)
def test_layers(module):
    loaded = torch.load(saved(module.eval()))
    assert type(loaded) is type(module) and repr(loaded) == repr(module)
    assert set(loaded.__dict__) == set(module.__dict__) and not loaded.training
    state = loaded.state_dict()
    assert list(state) == list(module.state_dict())
    assert all(state[name].equal(value) for name, value in module.state_dict().items())


def test_shared_parameters_stay_shared():
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    b.weight = a.weight
    loaded = torch.load(saved(nn.Sequential(a, b)))
    assert loaded[0].weight is loaded[1].weight
    assert len(list(loaded.parameters())) == 3


def test_states():
    module = net()
    loaded = torch.load(saved(module.state_dict()))
    other = net()
    other.load_state_dict(loaded)
    assert all(x.equal(y) for x, y in zip(module.state_dict().values(), loaded.values()))


def test_the_error_names_the_parameter():
    f = saved(nn.Sequential(nn.Linear(100, 10)))
    data = bytearray(f.getvalue())
    data[data.index(b"storages" + bytes(92)) + 512 + 100] ^= 1
    with pytest.raises(
        FileError, match=r"\._modules\['0'\]\._parameters\['weight'\]\.data\): the da"
    ):
        torch.load(io.BytesIO(data))


def test_loading_imports_our_own_package(tmp_path):
    torch.save(nn.Linear(2, 3), tmp_path / "x")
    code = f"import torch; print(type(torch.load({str(tmp_path / 'x')!r})).__name__)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "Linear\n"


TEXT = """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
    def forward(self, x):
        return self.fc(x)
"""


def test_modules_of_users(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "users_net.py"
    path.write_text(TEXT)
    users_net = importlib.import_module("users_net")
    f = saved([users_net.Net(), users_net.Net(), nn.Linear(1, 1)])
    assert b"return self.fc(x)" in f.getvalue()
    assert b"class Linear" not in f.getvalue()
    with pytest.raises(FileError, match=r"holds users_net\.Net, .*allow\(users_net\.Net\)"):
        torch.load(f)
    torch.serialization.allow(users_net.Net)
    for text, count in ((TEXT, 0), (TEXT.replace("(x)\n", "(x) * 2\n"), 1)):
        path.write_text(text)
        linecache.clearcache()
        f.seek(0)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert type(torch.load(f)[1]) is users_net.Net
        assert [w.category for w in caught] == [SourceChangeWarning] * count
