"""conv and its gradients against loops written out over windows."""

import ctypes
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import torch
from torch._C import conv, conv_input_grad, conv_weight_grad


def slices(position, stride, dilation, out):
    """Where the element of the kernel at `position` meets the padded input."""
    return (..., *[
        slice(k * d, k * d + s * (n - 1) + 1, s)
        for k, s, d, n in zip(position, stride, dilation, out)
    ])  # fmt: skip


def padded_zeros(size, padding):
    spatial = [n + 2 * p for n, p in zip(size[2:], padding)]
    return numpy.zeros((*size[:2], *spatial))


def inner(x, size, padding):
    """The input within the padded input."""
    return x[(..., *[slice(p, p + n) for n, p in zip(size[2:], padding)])]


def output_sizes(size, kernel, stride, padding, dilation):
    return [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, k, s, p, d in zip(size[2:], kernel, stride, padding, dilation)
    ]


def windows(x, weight_size, stride, padding, dilation):
    """Every window of the padded input: (N, C, *kernel, *output)."""
    kernel = weight_size[2:]
    out = output_sizes(x.shape, kernel, stride, padding, dilation)
    padded = padded_zeros(x.shape, padding)
    inner(padded, x.shape, padding)[...] = x
    cols = numpy.zeros((*x.shape[:2], *kernel, *out))
    for k in numpy.ndindex(*kernel):
        cols[(slice(None), slice(None), *k)] = padded[slices(k, stride, dilation, out)]
    return cols


def flat(cols, dims):
    """(N, C, *kernel, *output) -> (N, C * kernel, output)"""
    n, c = cols.shape[:2]
    return cols.reshape(n, c * int(numpy.prod(cols.shape[2 : 2 + dims])), -1)


def reference(x, weight, bias, stride, padding, dilation, groups):
    cols, dims = windows(x, weight.shape, stride, padding, dilation), x.ndim - 2
    inputs, outputs = x.shape[1] // groups, weight.shape[0] // groups
    parts = []
    for g in range(groups):
        part = flat(cols[:, g * inputs : (g + 1) * inputs], dims)
        w = weight[g * outputs :][:outputs].reshape(outputs, -1)
        parts.append(numpy.einsum("nik,oi->nok", part, w))
    out = numpy.concatenate(parts, 1)
    out = out if bias is None else out + bias[:, None]
    return out.reshape(x.shape[0], weight.shape[0], *cols.shape[2 + dims :])


def reference_weight_grad(gy, x, weight_size, stride, padding, dilation, groups):
    cols, dims = windows(x, weight_size, stride, padding, dilation), x.ndim - 2
    inputs, outputs = x.shape[1] // groups, weight_size[0] // groups
    gy = gy.reshape(*gy.shape[:2], -1)
    parts = []
    for g in range(groups):
        part = flat(cols[:, g * inputs : (g + 1) * inputs], dims)
        parts.append(numpy.einsum("nik,nok->oi", part, gy[:, g * outputs : (g + 1) * outputs]))
    return numpy.concatenate(parts, 0).reshape(weight_size)


def reference_input_grad(gy, weight, input_size, stride, padding, dilation, groups):
    grad = padded_zeros(input_size, padding)
    inputs, outputs = input_size[1] // groups, weight.shape[0] // groups
    out = gy.shape[2:]
    for g in range(groups):
        part = grad[:, g * inputs : (g + 1) * inputs]
        own, w = gy[:, g * outputs :][:, :outputs], weight[g * outputs :][:outputs]
        for k in numpy.ndindex(*weight.shape[2:]):
            part[slices(k, stride, dilation, out)] += numpy.einsum(
                "no...,oc->nc...", own, w[(slice(None), slice(None), *k)]
            )
    return inner(grad, input_size, padding)


# input size, weight size, stride, padding, dilation, groups
CASES = {
    "1x1": ((2, 3, 4, 5), (4, 3, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    "one channel": ((3, 1, 8, 8), (16, 1, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    "full blocks": ((2, 16, 8, 8), (32, 16, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    "odd channels": ((2, 5, 7, 6), (7, 5, 3, 2), (1, 1), (0, 0), (1, 1), 1),
    "strides": ((2, 3, 9, 10), (6, 3, 3, 3), (2, 3), (1, 0), (1, 1), 1),
    "unused border": ((1, 2, 8, 8), (3, 2, 3, 3), (3, 3), (0, 0), (1, 1), 1),
    "dilation": ((2, 4, 9, 9), (6, 4, 3, 3), (1, 1), (2, 1), (2, 3), 1),
    "dilation and stride": ((2, 4, 11, 9), (6, 4, 3, 2), (2, 1), (2, 1), (2, 3), 1),
    "groups": ((2, 6, 6, 5), (9, 2, 3, 3), (1, 1), (1, 1), (1, 1), 3),
    "full groups": ((2, 32, 5, 5), (32, 16, 3, 3), (2, 2), (1, 1), (1, 1), 2),
    "depthwise": ((2, 8, 6, 6), (8, 1, 3, 3), (1, 1), (1, 1), (1, 1), 8),
    "wide depthwise": ((2, 3, 6, 6), (6, 1, 3, 3), (2, 1), (1, 1), (1, 2), 3),
    "large padding": ((1, 2, 3, 3), (4, 2, 3, 3), (1, 1), (5, 4), (1, 1), 1),
    "large thin padding": ((1, 1, 2, 3), (16, 1, 2, 2), (2, 1), (6, 7), (1, 1), 1),
    "large kernel": ((2, 3, 7, 7), (4, 3, 7, 7), (1, 1), (3, 3), (1, 1), 1),
    "whole image": ((2, 16, 4, 4), (16, 16, 4, 4), (1, 1), (0, 0), (1, 1), 1),
    "line": ((2, 3, 1, 30), (5, 3, 1, 9), (1, 4), (0, 2), (1, 2), 1),
    "1d": ((2, 3, 20), (5, 3, 4), (2,), (1,), (2,), 1),
    "1d, full blocks": ((2, 16, 20), (32, 16, 3), (1,), (1,), (1,), 1),
    "1d, groups": ((2, 6, 11), (9, 2, 3), (1,), (1,), (1,), 3),
    "3d": ((2, 3, 5, 6, 7), (4, 3, 2, 3, 2), (1, 2, 1), (1, 0, 1), (1, 1, 2), 1),
    "3d, full blocks": ((2, 16, 4, 5, 6), (16, 16, 3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1),
    "3d, one channel": ((2, 1, 4, 5, 6), (8, 1, 3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1), 1),
    "3d, groups": ((2, 4, 4, 5, 3), (6, 2, 2, 2, 2), (2, 1, 1), (0, 1, 0), (1, 1, 1), 2),
    "3d, flat": ((2, 3, 1, 6, 7), (4, 3, 1, 3, 2), (1, 1, 1), (0, 0, 0), (1, 1, 1), 1),
    "one pixel": ((4, 20, 1, 1), (10, 20, 1, 1), (1, 1), (0, 0), (1, 1), 1),
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@cases
@pytest.mark.parametrize("with_bias", [True, False], ids=["bias", "no bias"])
def test_conv(case, with_bias, close, values, tensor, unchanged):
    input_size, weight_size, *options = case
    x, weight = values(*input_size), values(*weight_size, seed=1)
    bias = values(weight_size[0], seed=2) if with_bias else None
    actual = unchanged(
        conv, tensor(x), tensor(weight), None if bias is None else tensor(bias), *options
    )
    close(actual, reference(x, weight, bias, *options))


@cases
def test_conv_grads(case, close, values, tensor, unchanged):
    input_size, weight_size, *options = case
    x, weight = values(*input_size), values(*weight_size, seed=1)
    gy = values(*reference(x, weight, None, *options).shape, seed=2)
    grad = unchanged(conv_input_grad, tensor(gy), tensor(weight), input_size, *options)
    close(grad, reference_input_grad(gy, weight, input_size, *options))
    grad = unchanged(conv_weight_grad, tensor(gy), tensor(x), weight_size, *options)
    close(grad, reference_weight_grad(gy, x, weight_size, *options))


def test_random_options_agree_across_dtypes():
    # float32 and float64 share no code below the checks
    rng = numpy.random.default_rng(0)
    for _ in range(80):
        groups = int(rng.choice([1, 1, 2, 3]))
        channels, outputs = (groups * int(rng.choice([1, 2, 4, 8, 16])) for _ in range(2))
        kernel, stride, padding, dilation = (
            tuple(int(v) for v in rng.integers(low, high, 2))
            for low, high in ((1, 5), (1, 4), (0, 5), (1, 4))
        )
        height, width = (
            int(max(1, d * (k - 1) + 1 - 2 * p) + rng.integers(0, 9))
            for d, k, p in zip(dilation, kernel, padding)
        )
        x = rng.standard_normal((int(rng.integers(1, 4)), channels, height, width))
        weight = rng.standard_normal((outputs, channels // groups, *kernel))
        case = (x.shape, weight.shape, stride, padding, dilation, groups)
        x64, weight64 = torch.from_numpy(x), torch.from_numpy(weight)
        y64 = conv(x64, weight64, None, stride, padding, dilation, groups)
        gx64 = conv_input_grad(y64, weight64, x.shape, stride, padding, dilation, groups)
        gw64 = conv_weight_grad(y64, x64, weight.shape, stride, padding, dilation, groups)
        x32, weight32, y32 = x64.float(), weight64.float(), y64.float()
        pairs = [
            (conv(x32, weight32, None, stride, padding, dilation, groups), y64),
            (conv_input_grad(y32, weight32, x.shape, stride, padding, dilation, groups), gx64),
            (conv_weight_grad(y32, x32, weight.shape, stride, padding, dilation, groups), gw64),
        ]
        for single, double in pairs:
            expected = double.numpy()
            numpy.testing.assert_allclose(
                single.numpy(),
                expected,
                rtol=0,
                atol=1e-5 * numpy.abs(expected).max(),
                err_msg=case,
            )


def test_layouts(close, values, layouts):
    options = ((1, 1), (1, 1), (1, 1), 1)
    x, weight, bias = values(2, 3, 5, 6), values(4, 3, 3, 3, seed=1), values(4, seed=2)
    gy = values(2, 4, 5, 6, seed=3)
    for inputs in zip(*map(layouts, (x, weight, bias, gy))):
        tx, tw, tb, tg = inputs
        close(conv(tx, tw, tb, *options), reference(x, weight, bias, *options))
        expected = reference_input_grad(gy, weight, x.shape, *options)
        close(conv_input_grad(tg, tw, x.shape, *options), expected)
        expected = reference_weight_grad(gy, x, weight.shape, *options)
        close(conv_weight_grad(tg, tx, weight.shape, *options), expected)


def test_expanded_gradient(close, values, tensor):
    # what the backward of sum() hands down
    x, weight = values(2, 3, 5, 6), values(4, 3, 3, 3, seed=1)
    options = ((1, 1), (0, 0), (1, 1), 1)
    gy = tensor(numpy.ones((1, 1, 1, 1))).expand(2, 4, 3, 4)
    ones = numpy.ones((2, 4, 3, 4))
    grad = conv_input_grad(gy, tensor(weight), x.shape, *options)
    close(grad, reference_input_grad(ones, weight, x.shape, *options))
    grad = conv_weight_grad(gy, tensor(x), weight.shape, *options)
    close(grad, reference_weight_grad(ones, x, weight.shape, *options))


def test_empty_batch(tensor):
    x, weight = tensor(numpy.zeros((0, 3, 5, 5))), tensor(numpy.ones((4, 3, 3, 3)))
    options = ((1, 1), (0, 0), (1, 1), 1)
    y = conv(x, weight, None, *options)
    assert tuple(y.size()) == (0, 4, 3, 3)
    assert tuple(conv_input_grad(y, weight, (0, 3, 5, 5), *options).size()) == (0, 3, 5, 5)
    grad = conv_weight_grad(y, x, (4, 3, 3, 3), *options)
    numpy.testing.assert_array_equal(grad.numpy(), numpy.zeros((4, 3, 3, 3)))


def test_same_shape_again_uses_new_data(close, values, tensor):
    options = ((1, 1), (1, 1), (1, 1), 1)
    for seed in range(3):
        x, weight = values(2, 16, 5, 5, seed=seed), values(16, 16, 3, 3, seed=10 + seed)
        y = conv(tensor(x), tensor(weight), None, *options)
        close(y, reference(x, weight, None, *options))


def test_more_shapes_than_are_kept():
    weight = torch.FloatTensor([[[[2.0]]]])
    for width in [*range(1, 261), *range(1, 9)]:
        x = torch.ones(1, 1, 1, width, dtype=torch.float32)
        y = conv(x, weight, None, (1, 1), (0, 0), (1, 1), 1)
        assert y.sum() == 2 * width


def test_threads_agree(values, tensor):
    x, weight = tensor(values(8, 16, 20, 20)), tensor(values(32, 16, 3, 3, seed=1))
    options = ((1, 1), (1, 1), (1, 1), 1)
    before = torch.get_num_threads()
    results = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            results.append(conv(x, weight, None, *options).numpy())
    finally:
        torch.set_num_threads(before)
    for result in results[1:]:
        numpy.testing.assert_allclose(result, results[0], rtol=0, atol=1e-4)


def test_calls_from_several_python_threads(close, values, tensor):
    options = ((1, 1), (1, 1), (1, 1), 1)
    weight = values(16, 16, 3, 3, seed=100)
    inputs = [values(4, 16, 12, 12, seed=i) for i in range(8)]
    expected = [reference(x, weight, None, *options) for x in inputs]
    shared = tensor(weight)

    def repeat(x):
        return [conv(x, shared, None, *options) for _ in range(20)]

    with ThreadPoolExecutor(4) as pool:
        for results, value in zip(pool.map(repeat, map(tensor, inputs)), expected):
            for result in results:
                close(result, value)


X, WEIGHT, OPTIONS = (2, 4, 6, 6), (8, 4, 3, 3), ((1, 1), (0, 0), (1, 1), 1)


@pytest.mark.parametrize(
    ("x", "weight", "options", "error", "text"),
    [
        ((4, 6), (8, 6), OPTIONS, ValueError, r"expected input of size \(batch, .*got \(4, 6\)"),
        ((1,) * 6, (1,) * 6, OPTIONS, ValueError, "1 to 3 spatial sizes"),
        (X, (8, 4, 3), OPTIONS, ValueError, r"expected weight of size \(out_.*got \(8, 4, 3\)"),
        (
            X,
            WEIGHT,
            ((0, 1), (0, 0), (1, 1), 1),
            ValueError,
            r"expected stride of 2 numbers of 1 to .*\(0, 1\)",
        ),
        (
            X,
            WEIGHT,
            ((1, 1), (0, -1), (1, 1), 1),
            ValueError,
            r"padding of 2 numbers of 0 to .*\(0, -1\)",
        ),
        (
            X,
            WEIGHT,
            ((1, 1), (0, 0), (2**40, 1), 1),
            ValueError,
            "dilation of 2 numbers of 1 to 2147483647",
        ),
        (X, WEIGHT, ((1,), (0, 0), (1, 1), 1), ValueError, r"stride of 2 numbers .*got \(1,\)"),
        (X, WEIGHT, ((1, 1), (0, 0), (1, 1), 0), ValueError, "groups of 1 or more, got 0"),
        (X, WEIGHT, ((1, 1), (0, 0), (1, 1), 3), ValueError, "divide into 3 groups, got 4 input"),
        (X, (8, 3, 3, 3), OPTIONS, ValueError, r"expected 3 input channels .* got input \(2, 4,"),
        (X, WEIGHT, ((1, 1), (0, 0), (1, 1), 2), ValueError, "expected 8 input channels"),
        ((2, 0, 6, 6), (8, 0, 3, 3), OPTIONS, ValueError, "every size but the batch to be 1 to"),
        (X, (8, 4, 0, 3), OPTIONS, ValueError, "every size but the batch to be 1 to"),
        (
            X,
            (8, 4, 7, 3),
            OPTIONS,
            ValueError,
            "does not fit the padded input in dimension 2: input 6,",
        ),
        (
            X,
            WEIGHT,
            ((1, 1), (0, 0), (1, 3), 1),
            ValueError,
            "in dimension 3: .* kernel 3, dilation 3",
        ),
        (X, WEIGHT, ((1, 1), (0, 2**31 - 1), (1, 1), 1), ValueError, "at most 2147483647 elements"),
    ],
)
def test_size_errors(x, weight, options, error, text):
    with pytest.raises(error, match="^conv: .*" + text):
        conv(torch.zeros(*x), torch.zeros(*weight), None, *options)


def test_other_errors():
    x, weight = torch.zeros(*X), torch.zeros(*WEIGHT)
    gy = torch.zeros(2, 8, 4, 4)
    with pytest.raises(TypeError, match="conv: expected input to be a FloatTensor or D.*got Long"):
        conv(x.long(), weight.long(), None, *OPTIONS)
    with pytest.raises(TypeError, match="conv: expected weight to be a .*Tensor, got .*Tensor of"):
        conv(x.float(), weight.double(), None, *OPTIONS)
    with pytest.raises(TypeError, match="conv: expected bias to be a FloatTensor, got Double"):
        conv(x.float(), weight.float(), torch.zeros(8).double(), *OPTIONS)
    with pytest.raises(ValueError, match=r"conv: expected bias of size \(8,\), got .*\(7,\)"):
        conv(x, weight, torch.zeros(7), *OPTIONS)
    with pytest.raises(TypeError, match="conv: got .*expected"):
        conv(x, None, None, *OPTIONS)
    expected = r"expected grad_output of size \(2, 8, 4, 4\), got .*\(2, 8, 4, 3\)"
    with pytest.raises(ValueError, match="conv_input_grad: " + expected):
        conv_input_grad(gy.narrow(3, 0, 3), weight, X, *OPTIONS)
    with pytest.raises(ValueError, match="conv_weight_grad: " + expected):
        conv_weight_grad(gy.narrow(3, 0, 3), x, WEIGHT, *OPTIONS)
    with pytest.raises(ValueError, match=r"conv_input_grad: expected a batch of 0 to .*got -2"):
        conv_input_grad(gy, weight, (-2, 4, 6, 6), *OPTIONS)
    with pytest.raises(ValueError, match="conv_weight_grad: expected every size but the batch"):
        conv_weight_grad(gy, x, (8, 4, -3, 3), *OPTIONS)
    with pytest.raises(TypeError, match="conv_input_grad: expected grad_output to be a Float"):
        conv_input_grad(gy.long(), weight, X, *OPTIONS)
    with pytest.raises(TypeError, match="conv_input_grad: expected weight to be a DoubleTensor"):
        conv_input_grad(gy.double(), weight.float(), X, *OPTIONS)
    with pytest.raises(TypeError, match="conv_weight_grad: expected grad_output to be a Float"):
        conv_weight_grad(gy.long(), x, WEIGHT, *OPTIONS)
    with pytest.raises(TypeError, match="conv_weight_grad: expected input to be a DoubleTensor"):
        conv_weight_grad(gy.double(), x.float(), WEIGHT, *OPTIONS)


# --- weights kept in oneDNN's format while nothing is written to them ---

WRITES = {
    "in place": lambda w: w.mul_(2),
    "a copy": lambda w: w.copy_(w + 1),
    "an element": lambda w: w.__setitem__((0, 0, 0, 0), 5),
    "a row": lambda w: w[1].fill_(2),
    "a view": lambda w: w.view(-1)[3:7].zero_(),
    "a mask": lambda w: w.__setitem__(w > 0, 1),
    "indices": lambda w: w.index_fill_(0, torch.LongTensor([1]), 3),
    "random": lambda w: w.normal_(),
    "out": lambda w: torch.add(w, 1, out=w),
    "its storage": lambda w: w.storage().fill_(2),
    "an element of its storage": lambda w: w.storage().__setitem__(4, 9),
    "a slice of its storage": lambda w: w.storage()[2:9].fill_(4),
    "an uncounted view": lambda w: uncounted(w).add_(1),
    "an array": lambda w: w.numpy().__iadd__(1),
    "an array from before": None,
    "its address": lambda w: ctypes.c_float.from_address(w.data_ptr()).__setattr__("value", 7.0),
    "a buffer": lambda w: memoryview(w).cast("B").cast("f").__setitem__(5, 8.0),
    "DLPack": lambda w: numpy.from_dlpack(w.view(-1)).__setitem__(2, 6),
    "apply_": lambda w: w.apply_(lambda x: x + 1),
    "an optimizer": lambda w: sgd(w),
    "set_": lambda w: w.set_(torch.ones(w.size()).float()),
}


def uncounted(w):
    view = w.view(-1)
    view._counts = False
    return view


def sgd(w):
    torch._C.sgd_steps_([w], [torch.ones_like(w)], [], [0], 0.1, 0, 0, 0, False, False)


@pytest.mark.parametrize("name", WRITES)
def test_no_write_to_a_weight_is_missed(name):
    x = torch.randn(2, 16, 6, 6).float()
    w = torch.randn(16, 16, 3, 3).float()
    options = ([1, 1], [1, 1], [1, 1], 1)
    write = WRITES[name]
    array = w.numpy() if write is None else None

    def both(weight):
        return conv(x, weight, None, *options), conv_input_grad(x, weight, x.size(), *options)

    def compare():
        for got, expected in zip(both(w), both(w.clone())):
            assert torch.equal(got, expected)

    for _ in range(4):
        compare()
    before = both(w)[0]
    if write is None:
        array += 1
    else:
        write(w)
    assert not torch.equal(both(w)[0], before)
    for _ in range(4):
        compare()


def test_weights_of_one_storage():
    x = torch.randn(2, 16, 6, 6).float()
    flat = torch.randn(2 * 16 * 16 * 9).float()
    first, second = (half.view(16, 16, 3, 3) for half in (flat[: 16 * 144], flat[16 * 144 :]))
    for _ in range(5):
        for w in (first, second):
            got = conv(x, w, None, [1, 1], [1, 1], [1, 1], 1)
            assert torch.equal(got, conv(x, w.clone(), None, [1, 1], [1, 1], [1, 1], 1))


def test_kept_weights_in_threads():
    x = torch.randn(2, 16, 6, 6).float()
    w = torch.randn(16, 16, 3, 3).float()
    expected = conv(x, w.clone(), None, [1, 1], [1, 1], [1, 1], 1).numpy()

    def run(_):
        return numpy.array_equal(conv(x, w, None, [1, 1], [1, 1], [1, 1], 1).numpy(), expected)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(run, range(200)))


def test_a_kept_format_costs_memory_from_the_second_use_on():
    x = torch.randn(1, 64, 4, 4).float()
    w = torch.randn(64, 64, 3, 3).float()
    used = []
    for _ in range(4):
        conv(x, w, None, [1, 1], [1, 1], [1, 1], 1)
        used.append(torch._C._memory()[0])
    assert used[0] < used[1] == used[2] == used[3]
    w.zero_()
    conv(x, w, None, [1, 1], [1, 1], [1, 1], 1)
    assert torch._C._memory()[0] == used[0]
