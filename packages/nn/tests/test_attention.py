"""Attention, layers of a Transformer, bilinear maps: values against NumPy, gradients, errors."""

import copy
import math
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as NF
from torch import nn
from torch.autograd import Variable

BYTES = torch.ByteTensor


def real(*size):
    return lambda: torch.randn(*size, dtype=torch.float64)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def attention(q, k, v, mask=0.0, scale=None):
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    return softmax(q @ np.swapaxes(k, -1, -2) * scale + mask) @ v


LOWER = np.where(np.tri(3, 4), 0, -np.inf)
SEEN = torch.from_numpy(np.tri(3, 4)).ne(0)
MASKS = [
    ({}, 0),
    ({"is_causal": True}, LOWER),
    ({"attn_mask": SEEN}, LOWER),
    ({"attn_mask": SEEN.type(torch.ByteTensor)}, LOWER),
    ({"attn_mask": torch.from_numpy(np.tri(3, 4))}, np.tri(3, 4)),
    ({"attn_mask": torch.ones(4).double() * 3}, 3),
]


# products of queries and keys


@pytest.mark.parametrize("outer", [(), (2,), (2, 3)], ids=str)
@pytest.mark.parametrize("options, mask", MASKS, ids=range(len(MASKS)))
def test_scaled_dot_product_attention(options, mask, outer, check_gradients):
    torch.manual_seed(0)
    q, k, v = (torch.randn(*outer, *s).double() for s in ((3, 5), (4, 5), (4, 2)))
    y = NF.scaled_dot_product_attention(Variable(q), Variable(k), Variable(v), **options)
    expected = attention(q.numpy(), k.numpy(), v.numpy(), mask)
    assert y.data.shape == expected.shape and np.abs(y.data.numpy() - expected).max() < 1e-14
    if outer != (2, 3):
        check_gradients(
            lambda q, k, v: NF.scaled_dot_product_attention(q, k, v, **options),
            real(*outer, 3, 2),
            real(*outer, 4, 2),
            real(*outer, 4, 2),
        )


def test_scale_and_dropout_of_weights():
    q, k, v = (torch.randn(3, 4) for _ in range(3))
    y = NF.scaled_dot_product_attention(Variable(q), Variable(k), Variable(v), scale=0.3)
    expected = attention(q.numpy(), k.numpy(), v.numpy(), scale=0.3)
    assert y.data.dtype is torch.float32 and np.allclose(y.data.numpy(), expected, atol=1e-6)
    ones = Variable(torch.ones(200, 200))
    torch.manual_seed(0)
    y = NF.scaled_dot_product_attention(ones, ones, ones, dropout_p=0.5).data
    assert 0.9 < y.mean() < 1.1 and y.std() > 0.01


# several heads


def parts(module):
    """The projections of query, key, value and result, as NumPy arrays."""
    state = {name: t.numpy() for name, t in module.state_dict().items()}
    e = module.embed_dim
    if "in_proj_weight" in state:
        weights = [state["in_proj_weight"][i * e : i * e + e] for i in range(3)]
    else:
        weights = [state[f"{name}_proj_weight"] for name in "qkv"]
    bias = state.get("in_proj_bias", np.zeros(3 * e))
    return weights, [bias[i * e : i * e + e] for i in range(3)], state


def reference(module, q, k, v, mask=0.0):
    """Batch in front: (result, weights of each head)."""
    weights, biases, state = parts(module)

    def heads(x, w, b):
        y = x @ w.T + b
        return y.reshape(*y.shape[:2], module.num_heads, -1).swapaxes(1, 2)

    q, k, v = (heads(x, w, b) for x, w, b in zip((q, k, v), weights, biases))
    p = softmax(q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1]) + mask)
    mixed = (p @ v).swapaxes(1, 2).reshape(q.shape[0], q.shape[2], -1)
    return mixed @ state["out_proj.weight"].T + state.get("out_proj.bias", 0), p


MODULES = [
    nn.MultiheadAttention(6, 2, batch_first=True),
    nn.MultiheadAttention(6, 3, bias=False),
    nn.MultiheadAttention(6, 2, kdim=4, vdim=5),
]
IDS = ["batch_first", "without bias", "other sizes"]


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_multihead_attention(module):
    torch.manual_seed(0)
    module = copy.deepcopy(module).double()
    for param in module.parameters():
        param.data.normal_()
    q = torch.randn(2, 3, 6).double()
    k = torch.randn(2, 4, module.kdim).double()
    v = torch.randn(2, 4, module.vdim).double()
    hidden = torch.randn(3, 4).gt(0.5)
    hidden[:, 0] = 0
    padding = BYTES([[0, 0, 1, 0], [0, 1, 1, 1]])
    bias = torch.randn(4, 3, 4).double() if module.num_heads == 2 else torch.randn(6, 3, 4).double()

    def run(*args, **options):
        args = [a if module.batch_first else a.transpose(0, 1) for a in args]
        y, p = module(*[Variable(a) for a in args], **options)
        return (y if module.batch_first else y.transpose(0, 1)), p

    infinite = np.where(hidden.numpy(), -np.inf, 0)
    padded = np.where(padding.numpy(), -np.inf, 0)[:, None, None]
    for options, mask in (
        ({}, 0),
        ({"attn_mask": hidden}, infinite),
        ({"key_padding_mask": padding}, padded),
        ({"attn_mask": hidden, "key_padding_mask": padding}, infinite + padded),
        ({"attn_mask": bias}, bias.numpy().reshape(2, -1, 3, 4)),
        ({"is_causal": True}, LOWER),
    ):
        y, p = run(q, k, v, **options)
        expected, weights = reference(module, q.numpy(), k.numpy(), v.numpy(), mask)
        assert tuple(y.size()) == (2, 3, 6) and tuple(p.size()) == (2, 3, 4)
        assert np.abs(y.data.numpy() - expected).max() < 1e-13
        assert np.abs(p.data.numpy() - weights.mean(1)).max() < 1e-14
        y, p = run(q, k, v, average_attn_weights=False, **options)
        assert np.abs(p.data.numpy() - weights).max() < 1e-14
        assert run(q, k, v, need_weights=False, **options)[1] is None
    one, p = module(*[Variable(t[0]) for t in (q, k, v)])
    expected, weights = reference(module, *[t[:1].numpy() for t in (q, k, v)])
    assert tuple(p.size()) == (3, 4) and np.abs(one.data.numpy() - expected[0]).max() < 1e-13
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert other(*[Variable(t[0]) for t in (q, k, v)])[0].data.equal(one.data)


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_multihead_attention_gradients(module, check_gradients):
    module = copy.deepcopy(module).double()
    check_gradients(
        lambda q, k, v: module(q, k, v)[0],
        real(2, 2, 6),
        real(2, 2, module.kdim),
        real(2, 2, module.vdim),
    )
    x = Variable(torch.randn(3, 6).double())
    module(x, Variable(x.data[:, : module.kdim]), Variable(x.data[:, : module.vdim]))[
        0
    ].sum().backward()
    assert all(p.grad is not None for p in module.parameters())


def test_parameters_of_multihead_attention():
    module = nn.MultiheadAttention(6, 2)
    assert list(module.state_dict()) == [
        "in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias",
    ]  # fmt: skip
    assert module.in_proj_bias.data.eq(0).all() and module.out_proj.bias.data.eq(0).all()
    assert module.in_proj_weight.data.abs().max() <= math.sqrt(6 / 24)
    assert list(MODULES[2].state_dict())[:3] == [f"{c}_proj_weight" for c in "qkv"]


def test_dropout_of_attention_only_while_training():
    module = nn.MultiheadAttention(4, 1, dropout=0.5)
    x = Variable(torch.randn(6, 2, 4))
    first, second = (module(x, x, x)[0].data for _ in range(2))
    assert not first.equal(second)
    module.eval()
    first, second = (module(x, x, x)[0].data for _ in range(2))
    assert first.equal(second)


# the encoder


def layer_norm(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder_layer(norm_first):
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(6, 2, 5, 0.0, batch_first=True, norm_first=norm_first)
    layer.double()
    x = torch.randn(2, 3, 6).double()
    w = {name: t.numpy() for name, t in layer.state_dict().items()}

    def attend(x, mask):
        return reference(layer.self_attn, x, x, x, mask)[0]

    def feed(x):
        inner = np.maximum(x @ w["linear1.weight"].T + w["linear1.bias"], 0)
        return inner @ w["linear2.weight"].T + w["linear2.bias"]

    for options, mask in (({}, 0), ({"is_causal": True}, np.where(np.tri(3), 0, -np.inf))):
        y = x.numpy()
        if norm_first:
            y = y + attend(layer_norm(y), mask)
            y = y + feed(layer_norm(y))
        else:
            y = layer_norm(y + attend(y, mask))
            y = layer_norm(y + feed(y))
        assert np.abs(layer(Variable(x), **options).data.numpy() - y).max() < 1e-13
    assert list(w)[:2] == ["self_attn.in_proj_weight", "self_attn.in_proj_bias"]
    assert {"linear1.weight", "linear2.bias", "norm1.weight", "norm2.bias"} <= set(w)


@pytest.mark.parametrize("activation", ["gelu", "relu", NF.silu])
def test_encoder(activation):
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(4, 2, 6, activation=activation)
    encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(4))
    assert list(encoder.state_dict())[0] == "layers.0.self_attn.in_proj_weight"
    x = Variable(torch.randn(5, 3, 4), requires_grad=True)
    padding = torch.zeros(3, 5).ne(0)
    y = encoder(x, src_key_padding_mask=padding)
    assert y.size() == x.size()
    y.sum().backward()
    assert all(p.grad is not None for p in encoder.parameters())
    encoder.eval()
    y = encoder(x).data
    for other in (copy.deepcopy(encoder), pickle.loads(pickle.dumps(encoder))):
        assert other(x).data.equal(y)
    expected = encoder.norm(encoder.layers[1](encoder.layers[0](x))).data
    assert y.equal(expected)


def test_encoder_gradients(check_gradients):
    layer = nn.TransformerEncoderLayer(4, 2, 3, 0.0, "gelu").double()
    check_gradients(layer, real(2, 1, 4))


# bilinear maps


@pytest.mark.parametrize("dtype, tolerance", [(torch.float32, 1e-5), (torch.float64, 1e-13)])
@pytest.mark.parametrize("outer", [(), (4,), (2, 3), (0,)], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_bilinear(outer, bias, dtype, tolerance):
    module = nn.Bilinear(3, 2, 5, bias).type(dtype)
    x, y = torch.randn(*outer, 3).type(dtype), torch.randn(*outer, 2).type(dtype)
    z = module(Variable(x), Variable(y))
    expected = np.einsum("...i,oij,...j->...o", x.numpy(), module.weight.data.numpy(), y.numpy())
    expected = expected + (module.bias.data.numpy() if bias else 0)
    assert z.data.dtype is dtype and z.data.shape == expected.shape
    assert np.abs(z.data.numpy() - expected).max(initial=0) < tolerance
    assert repr(module) == f"Bilinear(3, 2, 5{'' if bias else ', bias=False'})"
    assert module.weight.data.abs().max() <= 1 / math.sqrt(3)


def test_bilinear_gradients(check_gradients):
    check_gradients(NF.bilinear, real(4, 3), real(4, 2), real(2, 3, 2), real(2))


def test_in_the_meaning_of_the_alpha(check_gradients):
    with torch.compat.alpha():
        check_gradients(NF.bilinear, real(4, 3), real(4, 2), real(2, 3, 2), real(2))
        layer = nn.TransformerEncoderLayer(4, 2, 3, 0.0).double()
        padding = BYTES([[0, 0, 1]])
        check_gradients(
            lambda x: layer(x, src_key_padding_mask=padding, is_causal=True), real(3, 1, 4)
        )


# errors


def v(*size):
    return Variable(torch.zeros(*size))


def attend(*sizes, **options):
    return NF.scaled_dot_product_attention(*[v(*size) for size in sizes], **options)


ERRORS = [
    (
        lambda: attend((3, 2), (3, 4), (3, 2)),
        ValueError,
        r"scaled_dot_product_attention: .* got \(3, 2\), \(3, 4\) and \(3, 2\)",
    ),
    (lambda: attend((2,), (2,), (2,)), ValueError, r"got \(2,\), \(2,\) and \(2,\)"),
    (
        lambda: attend((3, 2), (3, 2), (3, 2), attn_mask=torch.ones(4)),
        ValueError,
        r"attn_mask: expected a size that expands to \(3, 3\), got \(4,\)",
    ),
    (
        lambda: attend((3, 2), (3, 2), (3, 2), attn_mask=torch.LongTensor([[1, 1, 1]])),
        TypeError,
        "attn_mask: expected a BoolTensor or floating numbers, got LongTensor",
    ),
    (
        lambda: attend((3, 2), (3, 2), (3, 2), attn_mask=torch.ones(3, 3), is_causal=True),
        ValueError,
        "attn_mask: expected None beside is_causal",
    ),
    (
        lambda: attend((3, 2), (3, 2), (3, 2), dropout_p=2),
        ValueError,
        "scaled_dot_product_attention: p: expected a probability from 0 to 1, got 2",
    ),
    (
        lambda: nn.MultiheadAttention(6, 4),
        ValueError,
        "MultiheadAttention: embed_dim: expected a multiple of num_heads=4, got 6",
    ),
    (lambda: nn.MultiheadAttention(6, 0), ValueError, "MultiheadAttention: num_heads: .* got 0"),
    (lambda: nn.MultiheadAttention(6, 2, 2.0), ValueError, "MultiheadAttention: p: .* got 2.0"),
    (
        lambda: nn.MultiheadAttention(6, 2)(v(3, 2, 6), v(3, 2, 5), v(3, 2, 6)),
        ValueError,
        r"MultiheadAttention: expected query \(length, n, 6\), key .* got .*\(3, 2, 5\)",
    ),
    (
        lambda: nn.MultiheadAttention(6, 2, batch_first=True)(v(3, 2, 6), v(2, 2, 6), v(2, 2, 6)),
        ValueError,
        r"expected query \(n, length, 6\)",
    ),
    (
        lambda: nn.MultiheadAttention(6, 2)(v(2, 6), v(2, 6), v(2, 6), attn_mask=torch.ones(3, 2)),
        ValueError,
        r"attn_mask: expected size \(2, 2\) or \(2, 2, 2\), got \(3, 2\)",
    ),
    (
        lambda: nn.MultiheadAttention(6, 2)(v(3, 2, 6), v(3, 2, 6), v(3, 2, 6), torch.ones(3, 2)),
        ValueError,
        r"key_padding_mask: expected size \(2, 3\), got \(3, 2\)",
    ),
    (
        lambda: nn.TransformerEncoderLayer(4, 2, activation="cube"),
        ValueError,
        "TransformerEncoderLayer: activation: expected 'relu', 'gelu' .* got 'cube'",
    ),
    (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 4), 0),
        ValueError,
        "TransformerEncoder: num_layers: .* got 0",
    ),
    (lambda: nn.Bilinear(0, 1, 1), ValueError, "Bilinear: in1_features: .* got 0"),
    (
        lambda: nn.Bilinear(3, 2, 5)(v(4, 3), v(4, 3)),
        ValueError,
        r"bilinear: expected inputs of size \(..., 3\) and \(..., 2\) .* \(4, 3\) and \(4, 3\)",
    ),
    (
        lambda: NF.bilinear(v(4, 3), v(4, 2), v(5, 3, 2), v(4)),
        ValueError,
        r"bilinear: bias: expected size \(5,\), got \(4,\)",
    ),
]


@pytest.mark.parametrize("call, error, text", ERRORS, ids=range(len(ERRORS)))
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
