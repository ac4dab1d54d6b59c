"""max_pool, its gradient and gather against loops over windows."""

import numpy
import pytest
import torch
from torch._C import max_pool, max_pool_gather, max_pool_input_grad


def output_length(size, kernel, stride, padding, dilation, ceil_mode):
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    n = (-(-room // stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (n - 1) * stride >= size + padding:  # it would start in the padding
        n -= 1
    return n


def reference(x, kernel, stride, padding, dilation, ceil_mode):
    lengths = [
        output_length(*numbers, ceil_mode)
        for numbers in zip(x.shape[2:], kernel, stride, padding, dilation)
    ]
    out = numpy.full((*x.shape[:2], *lengths), -numpy.inf)
    indices = numpy.full(out.shape, -1)
    for n, c, oy, ox in numpy.ndindex(out.shape):
        for i, j in numpy.ndindex(*kernel):
            y = oy * stride[0] - padding[0] + i * dilation[0]
            k = ox * stride[1] - padding[1] + j * dilation[1]
            if not (0 <= y < x.shape[2] and 0 <= k < x.shape[3]):
                continue
            value = x[n, c, y, k]
            if indices[n, c, oy, ox] < 0 or value > out[n, c, oy, ox] or numpy.isnan(value):
                out[n, c, oy, ox], indices[n, c, oy, ox] = value, y * x.shape[3] + k
    return out, indices


# input size, kernel, stride, padding, dilation, ceil_mode
CASES = {
    "2x2": ((2, 3, 8, 8), (2, 2), (2, 2), (0, 0), (1, 1), False),
    "2x2 odd": ((2, 3, 9, 7), (2, 2), (2, 2), (0, 0), (1, 1), False),
    "2x2 odd, ceil": ((2, 3, 9, 7), (2, 2), (2, 2), (0, 0), (1, 1), True),
    "2x2 even, ceil": ((2, 3, 8, 6), (2, 2), (2, 2), (0, 0), (1, 1), True),
    "2x2 wide": ((1, 2, 6, 77), (2, 2), (2, 2), (0, 0), (1, 1), False),
    "overlapping": ((2, 3, 9, 9), (3, 3), (2, 2), (1, 1), (1, 1), False),
    "gaps": ((2, 2, 9, 9), (2, 2), (3, 3), (0, 0), (1, 1), False),
    "uneven": ((2, 2, 9, 11), (3, 4), (1, 3), (1, 2), (1, 1), False),
    "ceil": ((2, 2, 10, 11), (3, 4), (3, 3), (1, 2), (1, 1), True),
    "dilation": ((2, 2, 10, 11), (3, 2), (2, 1), (1, 1), (2, 3), False),
    "dilation, ceil": ((2, 2, 10, 11), (3, 2), (2, 3), (1, 1), (2, 3), True),
    "larger stride than input, ceil": ((1, 1, 3, 3), (2, 2), (5, 5), (0, 0), (1, 1), True),
    "window beyond the end, ceil": ((1, 1, 2, 2), (3, 3), (2, 2), (0, 0), (1, 1), True),
    "one element": ((2, 2, 3, 3), (1, 1), (1, 1), (0, 0), (1, 1), False),
    "whole image": ((2, 2, 5, 4), (5, 4), (1, 1), (0, 0), (1, 1), False),
    "no batch": ((0, 2, 4, 4), (2, 2), (2, 2), (0, 0), (1, 1), False),
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


@cases
def test_max_pool(case, close, values, tensor, unchanged):
    size, *options = case
    x = values(*size)
    out, indices = unchanged(max_pool, tensor(x), *options)
    expected, expected_indices = reference(x, *options)
    close(out, expected)
    assert indices.dtype == torch.int64
    numpy.testing.assert_array_equal(indices.numpy(), expected_indices)


@cases
def test_input_grad_and_gather(case, close, values, tensor, unchanged):
    size, *options = case
    x = values(*size)
    out, indices = max_pool(tensor(x), *options)
    positions = indices.numpy()
    gy = values(*positions.shape, seed=1)
    expected = numpy.zeros((size[0], size[1], size[2] * size[3]))
    for n, c, i, j in numpy.ndindex(gy.shape):
        expected[n, c, positions[n, c, i, j]] += gy[n, c, i, j]
    grad = unchanged(max_pool_input_grad, tensor(gy), indices, size)
    close(grad, expected.reshape(size))
    numpy.testing.assert_array_equal(
        unchanged(max_pool_gather, tensor(x), indices).numpy(), out.numpy()
    )


def test_random_options(dtype, tensor):
    rng = numpy.random.default_rng(0)
    for _ in range(150):
        kernel, stride, dilation = (
            tuple(int(v) for v in rng.integers(1, high, 2)) for high in (5, 5, 3)
        )
        padding = tuple(int(rng.integers(0, k // 2 + 1)) for k in kernel)
        size = [int(d * (k - 1) + 1 + rng.integers(0, 7)) for d, k in zip(dilation, kernel)]
        x = rng.integers(-3, 4, (2, 1, *size)).astype(dtype)  # many equal elements
        options = (kernel, stride, padding, dilation, bool(rng.integers(2)))
        out, indices = max_pool(tensor(x), *options)
        expected, expected_indices = reference(x, *options)
        numpy.testing.assert_array_equal(out.numpy(), expected, err_msg=str(options))
        numpy.testing.assert_array_equal(indices.numpy(), expected_indices, err_msg=str(options))


def test_layouts(close, values, layouts):
    for kernel in ((2, 2), (3, 2)):
        x = values(2, 3, 6, 6)
        options = (kernel, (2, 2), (0, 0), (1, 1), False)
        expected, expected_indices = reference(x, *options)
        gy = values(*expected.shape, seed=1)
        grads = []
        for tx, tg, at in zip(layouts(x), layouts(gy), layouts(expected_indices)):
            out, indices = max_pool(tx, *options)
            close(out, expected)
            numpy.testing.assert_array_equal(indices.numpy(), expected_indices)
            close(max_pool_gather(tx, at), expected)
            grads.append(max_pool_input_grad(tg, at, x.shape).numpy())
        for grad in grads[1:]:
            numpy.testing.assert_array_equal(grad, grads[0])


@pytest.mark.parametrize("kernel", [(2, 2), (3, 3)], ids=["2x2", "3x3"])
@pytest.mark.parametrize("width", [6, 40], ids=["narrow", "wide"])
def test_nan_and_infinity(kernel, width, dtype, tensor):
    x = numpy.zeros((1, 1, 6, width))
    x[0, 0, 0, 1] = x[0, 0, 3, 2] = numpy.nan
    x[0, 0, 4:, :] = -numpy.inf
    x[0, 0, 0, 5] = numpy.inf
    options = (kernel, kernel, (0, 0), (1, 1), False)
    out, indices = max_pool(tensor(x), *options)
    expected, expected_indices = reference(x, *options)
    numpy.testing.assert_array_equal(out.numpy(), expected)
    numpy.testing.assert_array_equal(indices.numpy(), expected_indices)


def test_padding_never_wins(tensor):
    x = tensor(numpy.full((1, 1, 4, 4), -numpy.inf))
    out, indices = max_pool(x, (3, 3), (2, 2), (1, 1), (1, 1), False)
    assert numpy.isneginf(out.numpy()).all()
    assert indices.numpy().ravel().tolist() == [0, 1, 4, 5]


def test_overlapping_windows_add_up(tensor):
    x = numpy.zeros((1, 1, 3, 3))
    x[0, 0, 1, 1] = 1
    _, indices = max_pool(tensor(x), (2, 2), (1, 1), (0, 0), (1, 1), False)
    grad = max_pool_input_grad(tensor(numpy.ones((1, 1, 2, 2))), indices, (1, 1, 3, 3))
    numpy.testing.assert_array_equal(grad.numpy(), 4 * x)


def test_expanded_gradient(tensor):
    x = tensor(numpy.arange(32.0).reshape(2, 1, 4, 4))
    _, indices = max_pool(x, (2, 2), (2, 2), (0, 0), (1, 1), False)
    gy = tensor(numpy.ones((1, 1, 1, 1))).expand(2, 1, 2, 2)
    assert max_pool_input_grad(gy, indices, (2, 1, 4, 4)).sum() == 8


ONE = (1, 1)


@pytest.mark.parametrize(
    ("size", "options", "text"),
    [
        ((4, 4), ((2, 2), ONE, (0, 0), ONE, False), r"expected input of size \(batch.*\(4, 4\)"),
        (
            (1, 1, 4, 4),
            ((0, 2), ONE, (0, 0), ONE, False),
            r"kernel_size of 2 numbers of 1 to .*\(0, 2\)",
        ),
        (
            (1, 1, 4, 4),
            ((2, 2), (1, 0), (0, 0), ONE, False),
            r"stride of 2 numbers of 1 to .*\(1, 0\)",
        ),
        (
            (1, 1, 4, 4),
            ((2, 2), ONE, (-1, 0), ONE, False),
            r"padding of 2 numbers of 0 to .*\(-1, 0\)",
        ),
        (
            (1, 1, 4, 4),
            ((2, 2), ONE, (0, 0), (1, -2), False),
            r"dilation of 2 numbers of 1 to .*\(1, -2\)",
        ),
        ((1, 1, 4, 4), ((2, 2, 2), ONE, (0, 0), ONE, False), "kernel_size of 2 numbers"),
        ((1, 1, 4, 4), ((3, 3), ONE, (0, 2), ONE, False), "at most half the kernel, got padding 2"),
        (
            (1, 1, 4, 4),
            ((2, 5), ONE, (0, 0), ONE, False),
            "holds the kernel, got input 4, .*dimension 3",
        ),
        (
            (1, 1, 0, 4),
            ((2, 2), ONE, (1, 0), ONE, False),
            "holds the kernel, got input 0, .*dimension 2",
        ),
        (
            (1, 1, 2, 4),
            ((2, 2), ONE, (1, 0), (3, 1), False),
            "none in window 0 with input 2, .*dimension 2",
        ),
        ((1, 1, 4, 4), ((2**31 - 1, 2), ONE, (0, 0), (2**31 - 1, 1), True), "holds the kernel"),
    ],
)
def test_option_errors(size, options, text):
    with pytest.raises(ValueError, match="^max_pool: .*" + text):
        max_pool(torch.zeros(*size), *options)


@pytest.mark.parametrize("bad", [16, -1, 2**62, -(2**62)])
def test_indices_out_of_range(bad, tensor):
    indices = numpy.zeros((2, 3, 2, 2), "int64")
    indices[1, 2, 1, 0] = bad
    at = torch.from_numpy(indices)
    text = rf": index {bad} at \(1, 2, 1, 0\) is out of range for planes of 16 elements"
    with pytest.raises(IndexError, match="max_pool_input_grad" + text):
        max_pool_input_grad(tensor(numpy.ones((2, 3, 2, 2))), at, (2, 3, 4, 4))
    with pytest.raises(IndexError, match="max_pool_gather" + text):
        max_pool_gather(tensor(numpy.ones((2, 3, 4, 4))), at)


def test_argument_errors():
    x, gy = torch.zeros(2, 3, 4, 4).float(), torch.zeros(2, 3, 2, 2).float()
    at = torch.zeros(2, 3, 2, 2).long()
    size = (2, 3, 4, 4)
    with pytest.raises(TypeError, match="max_pool: expected input to be a Float.*got LongTensor"):
        max_pool(x.long(), (2, 2), (2, 2), (0, 0), (1, 1), False)
    with pytest.raises(TypeError, match="max_pool_input_grad: expected indices to be a LongTensor"):
        max_pool_input_grad(gy, at.int(), size)
    with pytest.raises(TypeError, match="max_pool_input_grad: expected grad_output to be a Float"):
        max_pool_input_grad(gy.int(), at, size)
    with pytest.raises(ValueError, match=r"expected input_size of size \(batch, .*, got \(3, 4\)"):
        max_pool_input_grad(gy, at, (3, 4))
    with pytest.raises(ValueError, match="max_pool_input_grad: expected sizes of 0 or more"):
        max_pool_input_grad(gy, at, (2, 3, 4, -4))
    with pytest.raises(ValueError, match=r"expected grad_output of size \(2, 3, 2, 2\), got .*1\)"):
        max_pool_input_grad(gy.narrow(3, 0, 1), at, size)
    with pytest.raises(
        ValueError, match=r"the batch and channels of input_size \(2, 2, 4, 4\), go"
    ):
        max_pool_input_grad(gy, at, (2, 2, 4, 4))
    with pytest.raises(
        ValueError, match=r"expected indices with the batch and channels of .* got \(6, 4\)"
    ):
        max_pool_input_grad(gy, at.view(6, 4), size)
    with pytest.raises(TypeError, match="max_pool_gather: expected indices to be a LongTensor"):
        max_pool_gather(x, at.int())
    with pytest.raises(TypeError, match="max_pool_gather: expected input to be a Float"):
        max_pool_gather(x.int(), at)
    with pytest.raises(ValueError, match=r"max_pool_gather: expected input of size \(batch, "):
        max_pool_gather(x.view(-1), at)
    with pytest.raises(ValueError, match=r"max_pool_gather: .* channels of input \(1, 3, 4, 4\)"):
        max_pool_gather(x.narrow(0, 0, 1), at)
