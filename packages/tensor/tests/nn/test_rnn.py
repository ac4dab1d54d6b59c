"""Recurrent layers against cells written out step by step, and their gradients by differences."""

import numpy
import pytest
import torch
from torch._C import rnn_layer, rnn_layer_grad

MODES = {"tanh": 1, "relu": 1, "lstm": 4, "gru": 3}
BATCHES = {"even": (3, 3, 3, 3), "packed": (4, 3, 3, 1), "one step": (2,), "single": (1, 1, 1)}
modes = pytest.mark.parametrize("mode", MODES)
batches = pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES.keys())
directions = pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
INPUTS, HIDDEN = 5, 6


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def cell(mode, x, h, c, w_ih, w_hh, b_ih, b_hh):
    gi, gh = x @ w_ih.T + b_ih, h @ w_hh.T + b_hh
    if mode == "gru":
        (ri, zi, ni), (rh, zh, nh) = numpy.split(gi, 3), numpy.split(gh, 3)
        r, z = sigmoid(ri + rh), sigmoid(zi + zh)
        n = numpy.tanh(ni + r * nh)
        return n + z * (h - n), None
    if mode == "lstm":
        i, f, g, o = numpy.split(gi + gh, 4)
        c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
        return sigmoid(o) * numpy.tanh(c), c
    total = gi + gh
    return (numpy.tanh(total) if mode == "tanh" else numpy.maximum(total, 0)), None


def reference(mode, batch, reverse, w_ih, w_hh, b_ih, b_hh, x, h0, c0):
    """(output, h_n, c_n), one sequence at a time."""
    starts = numpy.concatenate([[0], numpy.cumsum(batch)])
    output = numpy.zeros((len(x), h0.shape[1]))
    h_n, c_n = h0.copy(), None if c0 is None else c0.copy()
    for b in range(batch[0]):
        steps = [t for t, n in enumerate(batch) if b < n]
        h, c = h0[b], None if c0 is None else c0[b]
        for t in reversed(steps) if reverse else steps:
            h, c = cell(mode, x[starts[t] + b], h, c, w_ih, w_hh, b_ih, b_hh)
            output[starts[t] + b] = h
        h_n[b] = h
        if c is not None:
            c_n[b] = c
    return output, h_n, c_n


def arguments(mode, batch, values):
    g = MODES[mode] * HIDDEN
    weights = [values(g, INPUTS), values(g, HIDDEN, seed=1), values(g, seed=2), values(g, seed=3)]
    x, h0 = values(sum(batch), INPUTS, seed=4), values(batch[0], HIDDEN, seed=5)
    return [w * 0.4 for w in weights], x, h0, values(*h0.shape, seed=6) if mode == "lstm" else None


def tensors(tensor, *arrays):
    return [None if a is None else tensor(a) for a in arrays]


@modes
@batches
@directions
def test_values(mode, batch, reverse, close, values, tensor, unchanged):
    weights, x, h0, c0 = arguments(mode, batch, values)
    expected = reference(mode, batch, reverse, *weights, x, h0, c0)
    given = tensors(tensor, *weights, x, h0, c0)
    output, h_n, c_n, _, _ = unchanged(rnn_layer, mode, batch, reverse, *given)
    close(output, expected[0])
    close(h_n, expected[1])
    assert (c_n is None) == (c0 is None)
    if c0 is not None:
        close(c_n, expected[2])


@modes
@directions
def test_without_biases(mode, reverse, close, values, tensor):
    weights, x, h0, c0 = arguments(mode, (2, 1), values)
    zeros = numpy.zeros_like(weights[2])
    expected = reference(mode, (2, 1), reverse, *weights[:2], zeros, zeros, x, h0, c0)
    w_ih, w_hh, tx, th, tc = tensors(tensor, *weights[:2], x, h0, c0)
    results = rnn_layer(mode, (2, 1), reverse, w_ih, w_hh, None, None, tx, th, tc)
    close(results[0], expected[0])
    grads = rnn_layer_grad(
        mode, (2, 1), reverse, w_ih, w_hh, None, None, tx, th, tc, results[0], *results[3:],
        results[0], None, None,
    )  # fmt: skip
    assert grads[5] is None and grads[6] is None


@modes
@batches
@directions
def test_gradients(mode, batch, reverse):
    """Of a weighted sum of all results, against central differences."""

    def values(*shape, seed=0):
        return numpy.random.default_rng(seed).standard_normal(shape)

    weights, x, h0, c0 = arguments(mode, batch, values)
    inputs = [a for a in (*weights, x, h0, c0) if a is not None]
    given = [torch.from_numpy(a) for a in inputs] + [None] * (c0 is None)
    output, h_n, c_n, gates, cells = rnn_layer(mode, batch, reverse, *given)
    factors = [values(*output.shape, seed=7), values(*h_n.shape, seed=8)]
    factors.append(None if c_n is None else values(*c_n.shape, seed=9))

    def total(*arrays):
        results = reference(mode, batch, reverse, *arrays, *[None] * (c0 is None))
        return sum((r * f).sum() for r, f in zip(results, factors) if r is not None)

    g = rnn_layer_grad(
        mode, batch, reverse, *given, output, gates, cells,
        *[None if f is None else torch.from_numpy(f) for f in factors],
    )  # fmt: skip
    gx, gh0, gc0, *gweights = g
    for number, actual in enumerate([*gweights, gx, gh0, gc0][: len(inputs)]):
        expected = numpy.zeros(inputs[number].shape)
        for at in numpy.ndindex(expected.shape):
            sides = []
            for step in (1e-5, -1e-5):
                moved = [a.copy() for a in inputs]
                moved[number][at] += step
                sides.append(total(*moved))
            expected[at] = (sides[0] - sides[1]) / 2e-5
        numpy.testing.assert_allclose(actual.numpy(), expected, rtol=1e-5, atol=1e-7)


@modes
def test_gradients_that_are_zero_may_be_left_out(mode, values, tensor):
    weights, x, h0, c0 = arguments(mode, (2, 2), values)
    given = tensors(tensor, *weights, x, h0, c0)
    output, h_n, c_n, gates, cells = rnn_layer(mode, (2, 2), False, *given)
    saved = (output, gates, cells)
    zero, none = [torch.zeros_like(t) for t in (output, h_n, h_n)], None
    last = torch.ones_like(h_n)
    if mode != "lstm":
        zero[2] = None
    whole = rnn_layer_grad(mode, (2, 2), False, *given, *saved, zero[0], last, zero[2])
    short = rnn_layer_grad(mode, (2, 2), False, *given, *saved, none, last, none)
    for a, b in zip(whole, short):
        assert (a is None and b is None) or a.tolist() == b.tolist()


def test_errors():
    w_ih, w_hh = torch.ones(4 * 6, 5), torch.ones(4 * 6, 6)
    x, h = torch.ones(4, 5), torch.ones(2, 6)

    def run(mode="lstm", batch=(2, 2), w_ih=w_ih, w_hh=w_hh, b=(None, None), x=x, h=h, c=h):
        return rnn_layer(mode, batch, False, w_ih, w_hh, *b, x, h, c)

    for change, error, text in [
        ({"mode": "elman"}, ValueError, "expected the mode 'tanh', .*, got 'elman'"),
        ({"mode": 3}, TypeError, "rnn_layer: .*str"),
        ({"batch": (2, 3)}, ValueError, r"begin with 2 and never grow, got \(2, 3\)"),
        ({"batch": (1, 1)}, ValueError, "begin with 2 and never grow"),
        ({"batch": (2, 0)}, ValueError, "begin with 2 and never grow"),
        ({"batch": (2, 1)}, ValueError, r"whose sum is the rows of the input, 4, got \(2, 1\)"),
        ({"batch": ()}, ValueError, "whose sum is the rows of the input"),
        ({"x": torch.ones(4, 5, 1)}, ValueError, r"expected input of size \(rows of all steps, in"),
        ({"h": torch.ones(6)}, ValueError, r"expected h0 of size \(batch, hidden\)"),
        ({"x": torch.ones(4, 5).long()}, TypeError, "expected input to be a FloatTensor or Dou"),
        ({"h": h.double()}, TypeError, "expected h0 to be a FloatTensor, got DoubleTensor"),
        ({"c": None}, ValueError, "expected c0 for lstm and for nothing else"),
        ({"mode": "tanh"}, ValueError, "expected c0 for lstm and for nothing else"),
        ({"c": torch.ones(3, 6)}, ValueError, r"expected c0 of size \(2, 6\), got .*\(3, 6\)"),
        ({"w_ih": torch.ones(24, 4)}, ValueError, r"expected w_ih of size \(24, 5\), got"),
        ({"w_hh": torch.ones(18, 6)}, ValueError, r"expected w_hh of size \(24, 6\), got"),
        ({"b": (torch.ones(24), None)}, ValueError, "expected both biases or none"),
        ({"b": (torch.ones(24), torch.ones(6))}, ValueError, r"expected b_hh of size \(24,\)"),
        ({"x": torch.ones(4, 0), "w_ih": torch.ones(24, 0)}, ValueError, "1 or more inputs and un"),
    ]:
        with pytest.raises(error, match=text):
            run(**change)

    output, _, _, gates, cells = run()
    for change, text in [
        ((output, None, cells), "expected the gates and cells that rnn_layer gave"),
        ((output, gates, None), "expected the gates and cells that rnn_layer gave"),
        ((output, output, cells), r"expected gates of size \(4, 24\)"),
        ((h, gates, cells), r"expected output of size \(4, 6\)"),
        ((output, gates, cells, h), r"expected grad_output of size \(4, 6\)"),
        ((output, gates, cells, None, output), r"expected grad_h_n of size \(2, 6\)"),
        ((output, gates, cells, None, None, output), r"expected grad_c_n of size \(2, 6\)"),
    ]:
        with pytest.raises(ValueError, match="^rnn_layer_grad: " + text):
            rnn_layer_grad("lstm", (2, 2), False, w_ih, w_hh, None, None, x, h, h, *change)
