"""nn.summary: what each layer gives, holds and costs."""

import pytest
import torch
from torch import nn
from torch.autograd import Variable
from torch.nn.summary import Row


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.act = nn.ReLU(inplace=True)
        self.head = nn.Sequential(nn.Linear(4 * 8 * 8, 10), nn.Dropout())
        self.register_buffer("mean", torch.zeros(5))

    def forward(self, x):
        x = self.act(self.conv(x))
        return self.head(x.view(x.size(0), -1))


def test_rows():
    net = Net()
    found = nn.summary(net, torch.randn(2, 3, 8, 8))
    assert all(isinstance(row, Row) for row in found.rows)
    by = [(r.path, r.kind, r.depth, r.output_size, r.parameters) for r in found.rows]
    assert by == [
        ("", "Net", 0, (2, 10), 108 + 2570),
        ("conv", "Conv2d", 1, (2, 4, 8, 8), 108),
        ("act", "ReLU", 1, (2, 4, 8, 8), 0),
        ("head", "Sequential", 1, (2, 10), 2570),
        ("head.0", "Linear", 2, (2, 10), 2570),
        ("head.1", "Dropout", 2, (2, 10), 0),
    ]
    conv, linear = 2 * 64 * 4 * 3 * 9, 2 * 256 * 10
    assert [r.multiply_adds for r in found.rows] == [conv + linear, conv, 0, linear, linear, 0]
    # in place, and dropout of evaluation: no memory of its own
    assert [r.output_bytes for r in found.rows] == [80, 2048, 0, 80, 80, 0]
    assert all(r.seconds > 0 for r in found.rows)
    assert found.rows[0].seconds >= found.rows[1].seconds + found.rows[3].seconds
    assert found.parameters == found.trainable == 2678
    assert found.parameter_bytes == 2678 * 4 and found.buffer_bytes == 20
    assert found.multiply_adds == conv + linear and found.output_bytes == 2048 + 80
    assert found.seconds == found.rows[0].seconds
    assert found["head.0"] is found.rows[4]
    with pytest.raises(KeyError, match="summary: expected a path of .* got 'x'"):
        found["x"]


def test_table():
    net = Net()
    net.conv.requires_grad_(False)
    found = nn.summary(net, Variable(torch.randn(2, 3, 8, 8)))
    lines = str(found).splitlines()
    assert lines[0].split("  ")[0] == "layer" and lines[0].endswith("time")
    assert lines[1] == "-" * max(map(len, lines[:8]))
    assert lines[2].startswith("Net             ")
    words = lines[6].split()
    assert words[:6] == ["head.0", "(Linear)", "(2,", "10)", "2,570", "5,120"]
    assert words[6:8] == ["80", "B"] and words[9] == "ms"
    assert lines[9:] == [
        "parameters: 2,678, 108 of them without a gradient (10.7 kB)",
        "buffers: 20 B",
        "outputs: 2.1 kB",
    ]
    assert repr(found) == str(found)


COUNTS = [
    (lambda: nn.Linear(3, 4), (5, 2, 3), 10 * 12),
    (lambda: nn.Conv2d(4, 6, 3, groups=2), (2, 4, 5, 5), 2 * 9 * 6 * 2 * 9),
    (lambda: nn.LSTM(3, 4, 2, bidirectional=True), (5, 2, 3),
     10 * 2 * (16 * 3 + 16 * 4 + 16 * 8 + 16 * 4)),
    (lambda: nn.GRU(3, 4), (5, 3), 5 * (12 * 3 + 12 * 4)),
    (lambda: nn.LSTMCell(3, 4), (5, 3), 5 * (16 * 3 + 16 * 4)),
    (lambda: nn.ReLU(), (5, 3), 0),
]  # fmt: skip


@pytest.mark.parametrize("build, size, count", COUNTS, ids=range(len(COUNTS)))
def test_multiply_adds(build, size, count):
    assert nn.summary(build(), torch.zeros(*size)).multiply_adds == count


class Transposed(nn.Module):
    """As a transposed convolution, (n, 2, 3, 3) -> (n, 4, 6, 6)."""

    kernel_size = (2, 2)
    output_padding = (0, 0)

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 4, 2, 2))

    def forward(self, x):
        return Variable(torch.zeros(x.size(0), 4, 6, 6))


class LookUp(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(10, 3))

    def forward(self, x):
        return self.weight.index_select(0, x)


def test_multiply_adds_of_places_of_the_input_and_of_none():
    assert nn.summary(Transposed(), torch.zeros(5, 2, 3, 3)).multiply_adds == 5 * 9 * 2 * 4 * 4
    assert nn.summary(LookUp(), torch.LongTensor([1, 2])).multiply_adds == 0


def test_multiply_adds_of_computed_weights():
    layer = nn.utils.weight_norm(nn.Linear(3, 4))
    assert nn.summary(layer, torch.zeros(5, 3)).multiply_adds == 60
    assert nn.summary(nn.Linear(3, 4), torch.zeros(0, 3)).multiply_adds == 0


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.unused = nn.Linear(3, 3)

    def forward(self, x, scale=1, packed=None):
        y = self.layer(self.layer(x)) * scale
        return {"y": y, "parts": [y[:1], (packed,)], "n": 3}


def test_modules_that_are_called_twice_and_nested_results():
    model = nn.Sequential(Twice())
    model[0].tied = model[0].layer
    found = nn.summary(model, torch.ones(2, 3))
    assert [r.path for r in found.rows] == ["", "0", "0.layer", "0.layer"]
    assert found.parameters == 24 and found.multiply_adds == 2 * 2 * 9
    size = {"y": (2, 3), "parts": [(1, 3), [None]], "n": None}
    assert found.rows[0].output_size == size
    packed = nn.utils.rnn.pack_sequence([Variable(torch.ones(3, 2))])
    found = nn.summary(Twice(), (torch.ones(2, 3), 2), packed=packed)
    assert found.rows[0].output_size["parts"] == [(1, 3), [(3, 2)]]
    assert found.rows[0].output_bytes == 24


def test_the_model_stays_as_it_was():
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout())
    utils_layer = nn.utils.spectral_norm(nn.Linear(3, 3))
    model.append(utils_layer)
    seen = []
    model[0].register_forward_hook(lambda *args: seen.append(args))
    model[0].eval()
    u = utils_layer.weight_u.clone()
    before = {id(m): dict(m.__dict__) for m in model.modules()}
    nn.summary(model, torch.ones(2, 3))
    assert {id(m): dict(m.__dict__) for m in model.modules()} == before
    assert not seen and utils_layer.weight_u.equal(u) and model.training
    with pytest.raises(ValueError, match=r"0 \(Linear\): input: expected size"):
        nn.summary(model, torch.ones(2, 4))
    assert model.training and not model[0].training
    model(Variable(torch.ones(2, 3)))
    assert len(seen) == 1


def test_copies_in_other_threads_are_not_counted():
    model = nn.DataParallel(nn.Linear(3, 3), ["cpu"] * 2)
    assert [r.path for r in nn.summary(model, torch.ones(4, 3)).rows] == [""]


def test_errors():
    with pytest.raises(TypeError, match="summary: model: expected a Module, got int"):
        nn.summary(3, torch.ones(1))
