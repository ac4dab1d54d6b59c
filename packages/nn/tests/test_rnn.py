"""Recurrent layers and cells: values against NumPy, derivatives, packed sequences, errors."""

import copy
import inspect
import io
import pickle
import re
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd import Variable, grad, gradcheck, gradgradcheck, no_grad
from torch.nn.functions.rnn import GATES, RNNLayer, rnn_layer_by_cells
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

STEPS, BATCH, INPUTS, HIDDEN = 4, 3, 2, 2

CLASSES = {
    "tanh": (nn.RNN, nn.RNNCell, {}),
    "relu": (nn.RNN, nn.RNNCell, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTM, nn.LSTMCell, {}),
    "gru": (nn.GRU, nn.GRUCell, {}),
}


def real(*size, requires_grad=True):
    return Variable(torch.randn(*size, dtype=torch.float64), requires_grad=requires_grad)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def numpy_step(mode, x, h, c, w_ih, w_hh, b_ih, b_hh):
    """The definition of one step of one sequence."""
    n = len(h)
    a, b = w_ih @ x + b_ih, w_hh @ h + b_hh
    if mode == "gru":
        r, z = sigmoid(a[:n] + b[:n]), sigmoid(a[n : 2 * n] + b[n : 2 * n])
        return (1 - z) * np.tanh(a[2 * n :] + r * b[2 * n :]) + z * h, None
    s = a + b
    if mode == "lstm":
        i, f, g, o = s[:n], s[n : 2 * n], s[2 * n : 3 * n], s[3 * n :]
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c
    return (np.tanh(s) if mode == "tanh" else np.maximum(s, 0)), None


def numpy_sequence(mode, module, x, h0, c0):
    """All layers and directions over one sequence x (T, I): output, h_n, c_n as lists."""
    weights = [[w.data.numpy().astype("f8") for w in ws] for ws in module.all_weights]
    h_n, c_n = [], []
    for _ in range(module.num_layers):
        sides = []
        for d in range(2 if module.bidirectional else 1):
            i = len(h_n)
            ws = weights[i] if module.bias else [*weights[i], 0, 0]
            h, c = h0[i], None if c0 is None else c0[i]
            rows = []
            for row in x[::-1] if d else x:
                h, c = numpy_step(mode, row, h, c, *ws)
                rows.append(h)
            sides.append(np.array(rows[::-1] if d else rows))
            h_n.append(h)
            c_n.append(c)
        x = np.concatenate(sides, 1)
    return x, h_n, c_n


VARIANTS = [
    {},
    {"num_layers": 2},
    {"bidirectional": True},
    {"num_layers": 3, "bidirectional": True, "batch_first": True},
    {"num_layers": 2, "bias": False, "dropout": 0.5},
]
MODES = pytest.mark.parametrize("mode", GATES)


def build(mode, dtype=torch.float64, **options):
    torch.manual_seed(5)
    cls, _, more = CLASSES[mode]
    return cls(INPUTS, HIDDEN, **options, **more).type(dtype)


def states(mode, count, *size, dtype=torch.float64):
    """h0 (count, *size, HIDDEN), and c0 of an LSTM."""
    made = [
        Variable(torch.randn(count, *size, HIDDEN, dtype=dtype), requires_grad=True)
        for _ in range(2 if mode == "lstm" else 1)
    ]
    return tuple(made) if mode == "lstm" else made[0]


def parts(hx):
    """(h, c) of what a module takes or gives."""
    return hx if isinstance(hx, tuple) else (hx, None)


@MODES
@pytest.mark.parametrize("options", VARIANTS, ids=str)
@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-5), (torch.float64, 1e-12)])
@pytest.mark.parametrize("given", [True, False])
def test_values(mode, options, dtype, tolerance, given):
    module = build(mode, dtype, **options).eval()
    directions = 2 if module.bidirectional else 1
    x = torch.randn(STEPS, BATCH, INPUTS, dtype=dtype)
    hx = states(mode, module.num_layers * directions, BATCH, dtype=dtype)
    h0, c0 = [None if s is None else s.data.numpy().astype("f8") for s in parts(hx)]
    if not given:
        h0, c0 = 0 * h0, None if c0 is None else 0 * c0
    first = module.batch_first
    fed = Variable(x.transpose(0, 1).contiguous() if first else x)
    before = fed.data.clone()
    output, last = module(fed, hx) if given else module(fed)
    if first:
        output = output.transpose(0, 1)
    h_n, c_n = parts(last)
    assert output.data.dtype is dtype and fed.data.equal(before)
    assert tuple(output.size()) == (STEPS, BATCH, directions * HIDDEN)
    assert tuple(h_n.size()) == (module.num_layers * directions, BATCH, HIDDEN)
    for b in range(BATCH):
        y, h, c = numpy_sequence(
            mode, module, x[:, b].numpy().astype("f8"), h0[:, b], None if c0 is None else c0[:, b]
        )
        assert np.abs(output.data[:, b].numpy() - y).max() < tolerance
        assert np.abs(h_n.data[:, b].numpy() - h).max() < tolerance
        if c_n is not None:
            assert np.abs(c_n.data[:, b].numpy() - c).max() < tolerance


@MODES
def test_one_sequence_without_a_batch(mode):
    module = build(mode, num_layers=2, bidirectional=True)
    x, hx = real(STEPS, INPUTS), states(mode, 4)
    output, last = module(x, hx)
    batched = tuple(s.unsqueeze(1) for s in hx) if mode == "lstm" else hx.unsqueeze(1)
    expected, end = module(x.unsqueeze(1), batched)
    assert output.data.equal(expected.data.squeeze(1))
    assert parts(last)[0].data.equal(parts(end)[0].data.squeeze(1))
    assert tuple(parts(last)[0].size()) == (4, HIDDEN)


@MODES
@pytest.mark.parametrize("batch", [0, 1])
def test_small_batches(mode, batch):
    module = build(mode, num_layers=2, bidirectional=True)
    x = real(STEPS, batch, INPUTS)
    output, last = module(x)
    assert tuple(output.size()) == (STEPS, batch, 2 * HIDDEN)
    assert tuple(parts(last)[0].size()) == (4, batch, HIDDEN)
    output.sum().backward()
    assert x.grad.size() == x.size()
    gradients = [p.grad.data for p in module.parameters()]
    assert any(g.ne(0).any() for g in gradients) == (batch > 0)
    unrecorded, end = module(Variable(x.data, volatile=True))
    assert unrecorded.volatile and unrecorded.data.equal(output.data)
    for a, b in zip(parts(end), parts(last), strict=True):
        assert a is b is None or a.data.equal(b.data)
    cell = CLASSES[mode][1](INPUTS, HIDDEN, **CLASSES[mode][2]).double()
    h, _ = parts(cell(x[0]))
    assert tuple(h.size()) == (batch, HIDDEN)


@MODES
def test_no_steps(mode):
    for x in (real(0, BATCH, INPUTS), real(0, INPUTS)):
        size = tuple(x.size())
        text = f"^{CLASSES[mode][0].__name__}: input: expected at least one step, got size "
        with pytest.raises(ValueError, match=text + re.escape(str(size))):
            build(mode)(x)


@MODES
def test_without_history_nothing_is_kept(mode):
    """Neither the gates nor the sums that backward would read."""
    cls, _, options = CLASSES[mode]
    module = cls(4, 32, num_layers=2, **options)
    x = torch.randn(40, 8, 4)
    size_bytes = 40 * 8 * 32 * 4

    def kept_bytes(x):
        before = torch.cpu.memory_allocated()
        results = module(x)
        return results, torch.cpu.memory_allocated() - before

    (expected, _), recorded = kept_bytes(Variable(x))
    assert recorded > 1.5 * size_bytes
    with no_grad():
        (output, _), kept = kept_bytes(Variable(x))
    assert output.data.equal(expected.data) and kept < 1.5 * size_bytes
    (output, _), kept = kept_bytes(Variable(x, volatile=True))
    assert output.data.equal(expected.data) and kept < 1.5 * size_bytes


@MODES
def test_inputs_that_are_not_contiguous(mode):
    module = build(mode)
    x = torch.randn(BATCH, INPUTS, STEPS).double()
    turned = Variable(x.permute(2, 0, 1))
    straight = Variable(x.permute(2, 0, 1).contiguous())
    assert module(turned)[0].data.equal(module(straight)[0].data)
    spread = Variable(torch.randn(1, 1, INPUTS).double().expand(STEPS, BATCH, INPUTS))
    assert module(spread)[0].data.equal(module(Variable(spread.data.clone()))[0].data)


# derivatives

SIZES = [[3, 3, 3], [3, 2, 1, 1], [2, 1]]


def layer_inputs(mode, sizes, bias=True):
    torch.manual_seed(3)
    g, b = GATES[mode] * HIDDEN, sizes[0]
    c0 = real(b, HIDDEN) if mode == "lstm" else None
    inputs = [real(sum(sizes), INPUTS), real(b, HIDDEN), c0, real(g, INPUTS), real(g, HIDDEN)]
    return [*inputs, real(g), real(g)] if bias else inputs


@MODES
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_kernel_does_what_the_cells_do(mode, reverse, sizes):
    for bias in (True, False):
        inputs = layer_inputs(mode, sizes, bias)
        got = RNNLayer(mode, sizes, reverse)(*inputs)
        expected = rnn_layer_by_cells(mode, sizes, reverse, *inputs)
        assert len(got) == len(expected) == (3 if mode == "lstm" else 2)
        wanted = [v for v in inputs if v is not None]
        weights = [Variable(torch.randn(*y.size()).double()) for y in got]
        for y, z in zip(got, expected):
            assert y.size() == z.size() and (y - z).data.abs().max() < 1e-14
        for g, e in zip(grad(got, wanted, weights), grad(expected, wanted, weights)):
            assert g.size() == e.size() and (g - e).data.abs().max() < 1e-13


@MODES
@pytest.mark.parametrize("reverse, bias", [(False, True), (True, False)])
def test_derivatives(mode, reverse, bias):
    sizes = [2, 2, 1]
    inputs = layer_inputs(mode, sizes, bias)

    def run(*values):
        return RNNLayer(mode, sizes, reverse)(*values)

    assert gradcheck(run, inputs)
    assert gradgradcheck(run, inputs)


@MODES
def test_derivatives_where_few_are_wanted(mode):
    inputs = layer_inputs(mode, [2, 1])
    for only in (0, 1, 4, 5):
        some = [v if v is None else Variable(v.data) for v in inputs]
        some[only].requires_grad = True
        assert gradcheck(lambda *v: RNNLayer(mode, [2, 1])(*v), some)
        assert gradgradcheck(lambda *v: RNNLayer(mode, [2, 1])(*v), some)


@MODES
def test_third_derivatives(mode):
    """Of inputs that have a history, and that depend on each other."""

    def third(layer):
        x, h, c, w_ih, w_hh, b_ih, b_hh = layer_inputs(mode, [2, 1])
        x2, w2 = x * x, w_ih * x.sum().expand_as(w_ih)
        results = layer(mode, [2, 1], False, x2, h, c, w2, w_hh, b_ih, b_hh)
        value = sum((y * y).sum() for y in results)
        for _ in range(2):
            gx, gw = grad(value, (x, w_ih), create_graph=True)
            value = (gx * gx).sum() + (gw * gx.sum().expand_as(gw)).sum()
        return grad(value, (x, w_ih, w_hh))

    def fused(mode, sizes, reverse, *values):
        return RNNLayer(mode, sizes, reverse)(*values)

    for got, expected in zip(third(fused), third(rnn_layer_by_cells)):
        scale = expected.data.abs().max()
        assert scale > 0 and (got - expected).data.abs().max() < 1e-10 * scale


@MODES
def test_modules_differentiate(mode):
    module = build(mode, num_layers=2, bidirectional=True)
    x, hx = real(2, 1, INPUTS), states(mode, 4, 1)
    values = [x, *(hx if mode == "lstm" else [hx])]

    def run(x, *hx):
        output, last = module(x, hx if mode == "lstm" else hx[0])
        return (output, *(last if mode == "lstm" else [last]))

    assert gradcheck(run, values)
    assert gradgradcheck(run, values)


@MODES
def test_cells(mode):
    _, cls, options = CLASSES[mode]
    module = build(mode)
    cell = cls(INPUTS, HIDDEN, **options).double()
    for name, param in cell.named_parameters():
        param.data.copy_(getattr(module, f"{name}_l0").data)
    x = real(STEPS, BATCH, INPUTS)
    hx = None
    outputs = []
    for t in range(STEPS):
        hx = cell(x[t]) if t == 0 else cell(x[t], hx)
        outputs.append(parts(hx)[0])
    expected, last = module(x)
    assert (torch.stack(outputs) - expected).data.abs().max() < 1e-14
    if mode == "lstm":
        assert (hx[1] - last[1].squeeze(0)).data.abs().max() < 1e-14
    one = parts(cell(x[0, 0]))[0]
    assert tuple(one.size()) == (HIDDEN,) and (one - outputs[0][0]).data.abs().max() < 1e-14
    given = parts(cell(x[1, 0], tuple(s[0] for s in hx) if mode == "lstm" else hx[0]))[0]
    assert tuple(given.size()) == (HIDDEN,)
    assert tuple(parts(cell(real(0, INPUTS)))[0].size()) == (0, HIDDEN)

    def run(x, *hx):
        return cell(x, hx if mode == "lstm" else hx[0])

    inputs = [real(2, INPUTS), *[real(2, HIDDEN) for _ in range(2 if mode == "lstm" else 1)]]
    assert gradcheck(run, inputs)
    assert gradgradcheck(run, inputs)


def test_dropout_lies_between_layers_and_only_in_training():
    module = nn.LSTM(INPUTS, 50, 2, dropout=0.5)
    x = Variable(torch.randn(STEPS, BATCH, INPUTS))
    torch.manual_seed(0)
    first = module(x)[0].data
    assert not module(x)[0].data.equal(first)
    torch.manual_seed(0)
    assert module(x)[0].data.equal(first)
    module.eval()
    assert module(x)[0].data.equal(module(x)[0].data)
    module.train().dropout = 1  # nothing arrives at the second layer
    assert module(x)[0].data.equal(module(x * 2)[0].data)
    with pytest.warns(
        UserWarning, match="LSTM: dropout=0.5 works between layers, and there is one"
    ):
        nn.LSTM(INPUTS, HIDDEN, dropout=0.5)


# packed

LENGTHS = [4, 2, 2, 1]


@MODES
@pytest.mark.parametrize("lengths", [LENGTHS, [2, 4, 1, 2]], ids=["sorted", "unsorted"])
def test_packed_sequences_run_as_each_alone(mode, lengths):
    module = build(mode, num_layers=2, bidirectional=True)
    x, hx = real(4, 4, INPUTS), states(mode, 4, 4)
    packed = pack_padded_sequence(x, lengths, enforce_sorted=lengths == LENGTHS)
    for given in (True, False):
        output, last = module(packed, hx) if given else module(packed)
        assert isinstance(output, PackedSequence)
        padded, back = nn.utils.rnn.pad_packed_sequence(output)
        assert back == lengths
        for b, n in enumerate(lengths):
            own = tuple(s[:, b : b + 1] for s in hx) if mode == "lstm" else hx[:, b : b + 1]
            alone, end = module(x[:n, b : b + 1], own if given else None)
            assert (padded[:n, b] - alone[:, 0]).data.abs().max() < 1e-14
            assert not padded[n:, b].data.ne(0).any()
            for got, expected in zip(parts(last), parts(end)):
                assert got is None or (got[:, b] - expected[:, 0]).data.abs().max() < 1e-14


def test_gradients_go_through_packing():
    module = build("gru")

    def run(x):
        output, h_n = module(pack_padded_sequence(x, [1, 3, 2], enforce_sorted=False))
        return nn.utils.rnn.pad_packed_sequence(output)[0], h_n

    assert gradcheck(run, (real(3, 3, INPUTS),))
    assert gradgradcheck(run, (real(3, 3, INPUTS),))


# modules


@MODES
def test_parameters_and_state(mode):
    module = build(mode, num_layers=2, bidirectional=True)
    g = GATES[mode] * HIDDEN
    sizes = {n: tuple(p.size()) for n, p in module.named_parameters()}
    assert list(sizes)[:8] == [
        "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0",
        "weight_ih_l0_reverse", "weight_hh_l0_reverse", "bias_ih_l0_reverse", "bias_hh_l0_reverse",
    ]  # fmt: skip
    assert sizes["weight_ih_l0"] == (g, INPUTS) and sizes["weight_ih_l1_reverse"] == (g, 2 * HIDDEN)
    assert sizes["weight_hh_l1"] == (g, HIDDEN) and sizes["bias_hh_l1"] == (g,)
    assert len(sizes) == 16
    assert [len(w) for w in module.all_weights] == [4] * 4
    assert module.all_weights[1][0] is module.weight_ih_l0_reverse
    assert module.flatten_parameters() is None
    other = build(mode, num_layers=2, bidirectional=True)
    for p in other.parameters():
        p.data.zero_()
    other.load_state_dict(module.state_dict())
    x = real(STEPS, BATCH, INPUTS)
    f = io.BytesIO()
    torch.save(module, f)
    f.seek(0)
    expected = module(x)[0].data
    copies = copy.deepcopy(module), pickle.loads(pickle.dumps(module)), torch.load(f)
    for same in (other, *copies):
        assert same(x)[0].data.equal(expected)
    assert [len(w) for w in build(mode, bias=False).all_weights] == [2]
    bound = 1 / HIDDEN**0.5
    assert all(p.data.abs().max() <= bound for p in module.parameters())


REPRS = [
    (lambda: nn.RNN(3, 4), "RNN(3, 4)"),
    (lambda: nn.RNN(3, 4, 2, "relu"), "RNN(3, 4, num_layers=2, nonlinearity='relu')"),
    (lambda: nn.RNN(3, 4, 2, False), "RNN(3, 4, num_layers=2, bias=False)"),
    (
        lambda: nn.LSTM(3, 4, 2, batch_first=True, dropout=0.1, bidirectional=True),
        "LSTM(3, 4, num_layers=2, batch_first=True, dropout=0.1, bidirectional=True)",
    ),
    (lambda: nn.GRU(3, 4, bias=False), "GRU(3, 4, bias=False)"),
    (lambda: nn.RNNBase("RNN_RELU", 3, 4), "RNNBase(3, 4, nonlinearity='relu')"),
    (lambda: nn.RNNCell(3, 4, False, "relu"), "RNNCell(3, 4, bias=False, nonlinearity='relu')"),
    (lambda: nn.LSTMCell(3, 4), "LSTMCell(3, 4)"),
    (lambda: nn.GRUCell(3, 4, bias=False), "GRUCell(3, 4, bias=False)"),
]


@pytest.mark.parametrize("make, text", REPRS, ids=[text for _, text in REPRS])
def test_repr(make, text):
    assert repr(make()) == text


def test_cells_of_users():
    class Cell(nn.RNNCellBase):
        def __init__(self):
            super().__init__()
            self.input_size, self.hidden_size = 3, 4

    assert repr(Cell()) == "Cell(3, 4)" and isinstance(nn.GRUCell(3, 4), nn.RNNCellBase)


SIGNATURES = [
    (nn.RNNBase, "(mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, "
     "dropout=0, bidirectional=False)"),
    (nn.RNN, "(*args, **kwargs)"),
    (nn.LSTM, "(*args, **kwargs)"),
    (nn.GRU, "(*args, **kwargs)"),
    (nn.RNNCell, "(input_size, hidden_size, bias=True, nonlinearity='tanh')"),
    (nn.LSTMCell, "(input_size, hidden_size, bias=True)"),
    (nn.GRUCell, "(input_size, hidden_size, bias=True)"),
    (nn.RNNCellBase, "()"),
    (nn.ModuleList, "(modules=None)"),
    (nn.ParameterList, "(parameters=None)"),
    (nn.DataParallel, "(module, device_ids=None, output_device=None, dim=0)"),
]  # fmt: skip


@pytest.mark.parametrize("cls, text", SIGNATURES, ids=[c.__name__ for c, _ in SIGNATURES])
def test_signatures(cls, text):
    signature = inspect.signature(cls)
    plain = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    assert str(inspect.Signature(plain)) == text


def v(*size):
    return Variable(torch.zeros(*size))


ERRORS = [
    (lambda: nn.LSTM(0, 4), ValueError, "LSTM: input_size: expected an int of at least 1, got 0"),
    (lambda: nn.GRU(3, 2.0), ValueError, "GRU: hidden_size: expected an int of at least 1"),
    (lambda: nn.RNN(3, 4, 0), ValueError, "RNN: num_layers: expected an int of at least 1, got 0"),
    (lambda: nn.LSTM(3, 4, dropout=2), ValueError, "LSTM: dropout: expected a probability .* 2"),
    (lambda: nn.LSTM(3, 4, dropout=True), ValueError, "LSTM: dropout: expected .* got True"),
    (
        lambda: nn.RNN(3, 4, nonlinearity="sin"),
        ValueError,
        "RNN: nonlinearity: expected 'tanh' or 'relu', got 'sin'",
    ),
    (
        lambda: nn.RNNCell(3, 4, nonlinearity="sin"),
        ValueError,
        "RNNCell: nonlinearity: expected 'tanh' or 'relu', got 'sin'",
    ),
    (
        lambda: nn.RNNBase("X", 3, 4),
        ValueError,
        r"RNNBase: mode: expected one of \['GRU', 'LSTM', 'RNN_RELU', 'RNN_TANH'\], got 'X'",
    ),
    (
        lambda: nn.LSTM(3, 4)(v(5, 2, 4)),
        ValueError,
        r"LSTM: input: expected size \(steps, batch, 3\) or \(steps, 3\), got \(5, 2, 4\)",
    ),
    (
        lambda: nn.GRU(3, 4, batch_first=True)(v(5, 2, 3, 3)),
        ValueError,
        r"GRU: input: expected size \(batch, steps, 3\) or \(steps, 3\), got \(5, 2, 3, 3\)",
    ),
    (
        lambda: nn.GRU(3, 4, batch_first=True)(v(5, 0, 3)),
        ValueError,
        r"GRU: input: expected at least one step, got size \(5, 0, 3\)",
    ),
    (
        lambda: nn.GRU(3, 4)(torch.zeros(5, 2, 3)),
        TypeError,
        "GRU: input: expected a Variable, got FloatTensor of size",
    ),
    (
        lambda: nn.RNN(3, 4)(v(5, 2, 3).double()),
        TypeError,
        "RNN: input: expected a FloatTensor, as the parameters are, got a DoubleTensor",
    ),
    (
        lambda: nn.RNN(3, 4, 2)(v(5, 2, 3), v(1, 2, 4)),
        ValueError,
        r"RNN: h0: expected size \(2, 2, 4\) \(layers \* directions, batch, hidden_size\), got "
        r"\(1, 2, 4\)",
    ),
    (
        lambda: nn.RNN(3, 4)(v(5, 3), v(1, 1, 4)),
        ValueError,
        r"RNN: h0: expected size \(1, 4\) \(layers \* directions, hidden_size\), got \(1, 1, 4\)",
    ),
    (
        lambda: nn.LSTM(3, 4)(v(5, 2, 3), (v(1, 2, 4), v(1, 2, 5))),
        ValueError,
        r"LSTM: c0: expected size \(1, 2, 4\)",
    ),
    (
        lambda: nn.LSTM(3, 4)(v(5, 2, 3), (v(1, 2, 4), v(1, 2, 4).double())),
        TypeError,
        "LSTM: c0: expected a FloatTensor, as the parameters are, got a DoubleTensor",
    ),
    (
        lambda: nn.LSTM(3, 4)(v(5, 2, 3), v(1, 2, 4)),
        TypeError,
        r"LSTM: hx: expected a pair \(h, c\) or None, got a Variable of size \(1, 2, 4\)",
    ),
    (
        lambda: nn.LSTMCell(3, 4)(v(2, 3), (v(2, 4),)),
        TypeError,
        r"LSTMCell: hx: expected a pair \(h, c\) or None, got 1 values",
    ),
    (
        lambda: nn.GRU(3, 4)(PackedSequence(v(5, 2), [3, 2])),
        ValueError,
        r"GRU: input: expected size \(rows, 3\), got \(5, 2\)",
    ),
    (
        lambda: nn.LSTMCell(3, 4)(v(2, 2)),
        ValueError,
        r"LSTMCell: input: expected size \(batch, 3\) or \(3,\), got \(2, 2\)",
    ),
    (
        lambda: nn.GRUCell(3, 4)(v(2, 3), v(3, 4)),
        ValueError,
        r"GRUCell: h: expected size \(2, 4\), got \(3, 4\)",
    ),
    (lambda: nn.RNNCell(3, 4)([1]), TypeError, "RNNCell: input: expected a Variable, got list"),
    (lambda: nn.RNNCell(3, 0), ValueError, "RNNCell: hidden_size: expected an int of at least 1"),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_in_the_alphas_meaning():
    with torch.compat.alpha(), warnings.catch_warnings():
        warnings.simplefilter("error")
        module = build("lstm", num_layers=2, bidirectional=True)
        x = real(STEPS, BATCH, INPUTS)
        output, (h_n, _) = module(x)
        (gx,) = grad(output.sum() + h_n.sum(), x, create_graph=True)
        gx.sum().backward()
        packed = pack_sequence([x[:, 0], x[:2, 1]])
        assert tuple(module(packed)[0].data.size()) == (6, 2 * HIDDEN)
    with torch.compat.default():
        again = Variable(x.data, requires_grad=True)
        output, (h_n, _) = module(again)
        (expected,) = grad(output.sum() + h_n.sum(), again)
        assert (gx - expected).data.abs().max() < 1e-14
