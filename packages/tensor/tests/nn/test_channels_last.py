"""Tensors whose memory lies channels last: nobody sees it, and what follows conv keeps it."""

import copy
import gc
import io
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy
import pytest
import torch
from torch._C import channels_last, lies_channels_last

SHAPES = [(2, 5, 3, 4), (1, 6, 7), (3, 8, 2, 3, 2), (2, 1, 4, 4), (2, 7, 1, 1), (1, 2, 5, 1)]
DTYPES = ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]


def values(shape, dtype="float32", seed=0):
    numbers = numpy.random.default_rng(seed).integers(-9, 9, shape)
    return (
        (numbers > 0) if dtype == "bool" else (numbers / (2 if "f" in dtype else 1)).astype(dtype)
    )


def tensor(array):
    return torch.from_numpy(array).clone()


def pair(shape=(2, 5, 3, 4), dtype="float32", seed=0):
    """A tensor that lies channels last, and a row-major one with the same elements."""
    plain = tensor(values(shape, dtype, seed))
    return channels_last(plain), plain


def same(got, expected):
    assert type(got) is type(expected)
    if isinstance(expected, (tuple, list)):
        assert len(got) == len(expected)
        for g, e in zip(got, expected):
            same(g, e)
    elif isinstance(expected, torch.Tensor):
        assert got.size() == expected.size()
        assert got.stride() == expected.stride()
        numpy.testing.assert_array_equal(got.numpy(), expected.numpy())
    else:
        assert got == expected


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_looks_row_major(shape, dtype):
    last, plain = pair(shape, dtype)
    # where both orders are one there is nothing to hide
    one = shape[1] == 1 or numpy.prod(shape[2:]) == 1
    assert lies_channels_last(last) == (not one)
    assert last.is_contiguous()
    assert last.stride() == plain.stride()
    assert last.storage_offset() == 0
    assert lies_channels_last(last) == (not one)  # the questions did not change it
    same(last, plain)
    assert not lies_channels_last(last)  # the array did
    same(last, plain)


def test_an_empty_tensor():
    last, plain = pair((0, 4, 3, 3))
    same(last, plain)


def test_a_vector_is_refused():
    with pytest.raises(ValueError, match=r"channels_last: expected input of size \(batch, chan.*5"):
        channels_last(torch.zeros(5))


# what stays channels last when all its images do
KEEPING = {
    "abs": lambda x, y: x.abs(),
    "exp": lambda x, y: x.exp(),
    "neg": lambda x, y: -x,
    "sum of two": lambda x, y: x + y,
    "scalar": lambda x, y: 2 - x * 3,
    "comparison": lambda x, y: x > y,
    "with a number": lambda x, y: x >= 0.5,
    "where": lambda x, y: torch.where(x > y, x, y),
    "addcmul": lambda x, y: torch.addcmul(x, 2, x, y),
    "leaky": lambda x, y: torch._C.leaky_relu(x, 0.1),
    "gradient": lambda x, y: torch._C.leaky_relu_input_grad(y, x, 0.1),
    "sigmoid gradient": lambda x, y: torch._C.sigmoid_input_grad(y, x),
    "per channel": lambda x, y: x * torch.arange(1, 6).float().view(5, 1, 1),
    "per channel, expanded": lambda x, y: x + torch.ones(1, 5, 1, 1).float().expand(2, 5, 3, 4),
    "per row": lambda x, y: x * torch.arange(0, 4).float(),
    "per image": lambda x, y: torch.arange(1, 3).float().view(2, 1, 1, 1) / (x * x + 1),
    "conversion": lambda x, y: x.double(),
    "clamp": lambda x, y: x.clamp(-1, 1),
    "itself": lambda x, y: x * x,
}


@pytest.mark.parametrize("name", KEEPING)
def test_elementwise_keeps_the_memory(name):
    (a, x), (b, y) = pair(seed=1), pair(seed=2)
    got, expected = KEEPING[name](a, b), KEEPING[name](x, y)
    assert lies_channels_last(got)
    assert lies_channels_last(a)
    same(got, expected)
    same(a, x)
    same(b, y)


def storing(x, y):
    x.storage()[3] = 7
    return x


# what reads or writes by address, or sees the tensor as something else: row-major from then on
LEAVING = {
    "an image beside a row-major one": lambda x, y: x + y.clone(),
    "a view": lambda x, y: x.view(2, -1) + 1,
    "a slice": lambda x, y: x[:, 1:3] * 2,
    "an element": lambda x, y: x[1, 2, 0, 1],
    "transposed": lambda x, y: x.transpose(1, 2) + 1,
    "two shapes": lambda x, y: x.view(2, 5, 12) + y.view(2, 5, 12) + x.sum(),
    "matrix": lambda x, y: torch.mm(x.view(10, 12), y.view(10, 12).t()),
    "cat": lambda x, y: torch.cat([x, y], 1),
    "gather": lambda x, y: x.gather(1, torch.zeros(2, 1, 3, 4).long()),
    "masked": lambda x, y: x[x > 0],
    "sorted": lambda x, y: x.sort(1),
    "cumsum": lambda x, y: x.cumsum(2),
    "equal": lambda x, y: torch.equal(x, y),
    "list": lambda x, y: x.tolist(),
    "clone": lambda x, y: x.clone(),
    "contiguous": lambda x, y: x.contiguous(),
    "copied to": lambda x, y: torch.zeros(2, 5, 3, 4).float().copy_(x),
    "copied to its transpose": lambda x, y: torch.ones(2, 3, 5, 4).float().transpose(1, 2).copy_(x),
    "storage": lambda x, y: list(x.storage()),
    "storing": storing,
    "resized": lambda x, y: x.resize_(3, 5),
    "reduced": lambda x, y: (x.sum(), x.max(1), x.mean(0), x.var(), x.argmax(), x.min(3)),
    "norm": lambda x, y: x.norm(1, 1),
    "pickled": lambda x, y: pickle.loads(pickle.dumps(x)),
    "copied": lambda x, y: copy.deepcopy(x),
    "saved": lambda x, y: saved(x),
    "printed": lambda x, y: str(x),
    "filled": lambda x, y: x.fill_(3),
    "set": lambda x, y: x.set_(y),
    "shared": lambda x, y: x.share_memory_(),
    "out": lambda x, y: torch.add(x, y, out=torch.zeros(2, 5, 3, 4).float()),
    "out, empty": lambda x, y: torch.add(x, y, out=torch.FloatTensor()),
    "squeezed": lambda x, y: (x.unsqueeze(0) * 2).squeeze(0),
    "wide": lambda x, y: x.unsqueeze(0) + y,
}


def saved(x):
    file = io.BytesIO()
    torch.save(x, file)
    file.seek(0)
    return torch.load(file)


@pytest.mark.parametrize("name", LEAVING)
def test_everything_else_sees_row_major_elements(name):
    (a, x), (b, y) = pair(seed=3), pair(seed=4)
    same(LEAVING[name](a, b), LEAVING[name](x, y))


INPLACE = {
    "relu_": lambda x, y: x.clamp_(0, 3),
    "add_": lambda x, y: x.add_(y),
    "itself": lambda x, y: x.mul_(x),
    "number": lambda x, y: x.div_(4),
    "per channel": lambda x, y: x.add_(torch.arange(0, 5).float().view(5, 1, 1)),
}


@pytest.mark.parametrize("name", INPLACE)
def test_in_place(name):
    (a, x), (b, y) = pair(seed=5), pair(seed=6)
    version = a._version
    whole, plain = a.view(-1), x.view(-1)
    assert INPLACE[name](a, b) is a
    assert lies_channels_last(a)
    assert a._version > version
    INPLACE[name](x, y)
    same(a, x)
    same(whole, plain)  # a view from before sees the change


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.add_(x.transpose(2, 3)),
        lambda x: x.copy_(x.transpose(2, 3)),
        lambda x: x.transpose(2, 3).add_(x),
        lambda x: x[0].add_(x[1]),
        lambda x: x.narrow(1, 0, 2).mul_(x.narrow(1, 2, 2)),
        lambda x: torch.add(x, x.view(2, 4, 9).view(2, 4, 3, 3), out=x),
    ],
)
def test_in_place_through_views_of_itself(change):
    a, x = pair((2, 4, 3, 3), seed=7)
    change(a)
    change(x)
    same(a, x)


def test_a_row_major_output_of_images():
    (a, x), (b, y) = pair(seed=1), pair(seed=2)
    out = torch.zeros(2, 5, 3, 4).float()
    torch.mul(a, b, out=out)
    assert not lies_channels_last(out)
    assert lies_channels_last(a)
    same(out, x * y)


def test_an_output_that_lies_channels_last():
    (a, x), (_, y) = pair(seed=1), pair(seed=2)
    torch.mul(x, y, out=a)
    same(a, x * y)


def test_errors_are_those_of_row_major_tensors():
    a, _ = pair()
    with pytest.raises(ValueError, match="add"):
        a + torch.zeros(2, 4, 3, 4).float()
    with pytest.raises(ValueError, match="add: the result has size .* and cannot replace"):
        a.add_(torch.zeros(3, 2, 5, 3, 4).float())
    with pytest.raises(TypeError, match="add: cannot store a DoubleTensor result in IntTensor"):
        channels_last(tensor(values((2, 3, 2, 2), "int32"))).add_(0.5)


def test_memory_is_given_back():
    torch._C._reset_max_memory()
    gc.collect()
    before = torch._C._memory()[0]
    a, _ = pair((2, 64, 16, 16))
    b = a + 1
    b.view(-1)[0]  # row-major now
    del a, b, _
    gc.collect()
    assert torch._C._memory()[0] <= before + 4096


def test_reading_in_several_threads():
    with ThreadPoolExecutor(4) as pool:
        for seed in range(20):
            a, x = pair((2, 16, 8, 8), seed=seed)
            expected = x.numpy()
            reads = [lambda t: t + 0, lambda t: t] * 4
            found = [pool.submit(lambda read, t: read(t).numpy(), read, a) for read in reads]
            assert all(numpy.array_equal(f.result(), expected) for f in found)


# --- layers ---


def conv(x, w, **changes):
    options = {"stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 1} | changes
    return torch._C.conv(x, w, None, *options.values())


def close(got, expected, tolerance=1e-4):
    assert got.size() == expected.size()
    assert got.stride() == expected.stride()
    numpy.testing.assert_allclose(got.numpy(), expected.numpy(), rtol=tolerance, atol=tolerance)


def test_conv_and_its_gradients():
    (a, x), (g, gy) = pair((2, 8, 6, 5), seed=1), pair((2, 12, 6, 5), seed=2)
    w = tensor(values((12, 8, 3, 3), seed=3))
    options = ([1, 1], [1, 1], [1, 1], 1)
    y = conv(a, w)
    assert lies_channels_last(y)
    close(y, conv(x.double(), w.double()).float())
    for first in (g, gy):
        gx = torch._C.conv_input_grad(first, w, (2, 8, 6, 5), *options)
        assert lies_channels_last(gx)
        expected = torch._C.conv_input_grad(gy.double(), w.double(), (2, 8, 6, 5), *options)
        close(gx, expected.float())
        for second in (a, x):
            if first is g and second is a:
                assert lies_channels_last(first)
            gw = torch._C.conv_weight_grad(first, second, (12, 8, 3, 3), *options)
            expected = torch._C.conv_weight_grad(gy.double(), x.double(), (12, 8, 3, 3), *options)
            close(gw, expected.float())


@pytest.mark.parametrize("size", [(3, 7, 6), (2, 5, 9), (2, 24, 3, 2, 4)])
def test_convolutions_of_other_dimensions(size):
    a, x = pair(size, seed=1)
    dims = len(size) - 2
    w = tensor(values((10, size[1], *[1] * dims), seed=3))
    numbers = ([1] * dims, [0] * dims, [1] * dims, 1)
    y = torch._C.conv(a, w, None, *numbers)
    assert lies_channels_last(y)
    close(y, torch._C.conv(x.double(), w.double(), None, *numbers).float())


@pytest.mark.parametrize("groups, outputs", [(1, 3), (8, 8), (8, 16), (2, 12)])
def test_convolutions_in_groups_and_to_few_channels(groups, outputs):
    a, x = pair((2, 8, 6, 5), seed=1)
    w = tensor(values((outputs, 8 // groups, 3, 3), seed=2))
    y = conv(a, w, groups=groups)
    assert lies_channels_last(y) == (outputs > 4)
    close(y, conv(x.double(), w.double(), groups=groups).float())


@pytest.mark.parametrize("shape", [(3, 5, 4, 6), (40, 300, 2, 2), (2, 33, 25, 24), (5, 7, 11)])
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm(shape, training):
    (a, x), (g, gy) = pair(shape, seed=1), pair(shape, seed=2)
    c = shape[1]
    weight, bias = tensor(values(c, seed=3)), tensor(values(c, seed=4))
    mean, var = torch._C.batch_norm_stats(a)
    assert lies_channels_last(a)
    others = (0, *range(2, len(shape)))
    close(mean, tensor(x.numpy().astype("float64").mean(others).astype("float32")))
    close(var, tensor(x.numpy().astype("float64").var(others).astype("float32")))
    inv_std = (var + 1e-5).rsqrt()
    y = torch._C.batch_norm(a, mean, inv_std, weight, bias)
    assert lies_channels_last(y)
    close(y, torch._C.batch_norm(x, mean, inv_std, weight, bias))
    expected = torch._C.batch_norm_grad(gy, x, mean, inv_std, weight, training)
    for first, second in [(g, a), (gy, channels_last(x)), (g, x)]:
        gx, gw, gb = torch._C.batch_norm_grad(first, second, mean, inv_std, weight, training)
        assert lies_channels_last(gx) == (second is not x)
        close(gx, expected[0], 1e-3)
        close(gw, expected[1], 1e-3)
        close(gb, expected[2], 1e-3)


POOLS = [([2, 2], [2, 2], [0, 0]), ([3, 3], [2, 2], [1, 1]), ([3, 2], [1, 2], [1, 0])]


@pytest.mark.parametrize("channels", [5, 8, 130, 300])
@pytest.mark.parametrize("kernel, stride, padding", POOLS)
def test_max_pool(kernel, stride, padding, channels):
    a, x = pair((2, channels, 8, 7), seed=1)
    x.numpy()[0, 1, 2, 3] = numpy.nan
    a = channels_last(x)
    options = (kernel, stride, padding, [1, 1], False)
    y, at = torch._C.max_pool(a, *options)
    expected, expected_at = torch._C.max_pool(x, *options)
    assert lies_channels_last(y)
    assert lies_channels_last(at)
    g, gy = pair(tuple(y.size()), seed=2)
    expected_gx = torch._C.max_pool_input_grad(gy, expected_at, tuple(x.size()))
    for first in (g, gy):
        gx = torch._C.max_pool_input_grad(first, at, tuple(x.size()))
        assert lies_channels_last(gx)
        close(gx, expected_gx)
    same(torch._C.max_pool_gather(a, at), torch._C.max_pool_gather(x, expected_at))
    whole = torch._C.max_unpool(y, at, tuple(x.size()))
    same(whole, torch._C.max_unpool(expected, expected_at, tuple(x.size())))
    same(y, expected)
    same(at, expected_at)


@pytest.mark.parametrize("position", [(0, 1, 2, 0), (1, 4, 1, 2)])
def test_an_index_outside_names_its_place(position):
    at = torch.zeros(2, 5, 3, 4).long()
    at[position] = 50
    gy = torch.zeros(2, 5, 3, 4).float()
    for indices in (at, channels_last(at)):
        with pytest.raises(IndexError) as raised:
            torch._C.max_pool_input_grad(gy, indices, (2, 5, 6, 8))
        assert f"index 50 at ({', '.join(map(str, position))}) is out of range" in str(raised.value)


@pytest.mark.parametrize("channels", [5, 300])
@pytest.mark.parametrize("kernel, stride, padding", POOLS)
def test_avg_pool(kernel, stride, padding, channels):
    a, x = pair((2, channels, 8, 7), seed=1)
    options = (kernel, stride, padding, False, True)
    y, expected = torch._C.avg_pool(a, *options), torch._C.avg_pool(x, *options)
    assert lies_channels_last(y)
    g, gy = pair(tuple(y.size()), seed=2)
    gx = torch._C.avg_pool_input_grad(g, tuple(x.size()), *options)
    assert lies_channels_last(gx)
    close(gx, torch._C.avg_pool_input_grad(gy, tuple(x.size()), *options))
    close(y, expected)


@pytest.mark.parametrize("output", [(1, 1), (2, 3)])
def test_adaptive_pools(output):
    a, x = pair((2, 6, 7, 5), seed=1)
    y = torch._C.adaptive_avg_pool(a, output)
    close(y, torch._C.adaptive_avg_pool(x, output))
    g, gy = pair(tuple(y.size()), seed=2)
    close(
        torch._C.adaptive_avg_pool_input_grad(g, tuple(x.size())),
        torch._C.adaptive_avg_pool_input_grad(gy, tuple(x.size())),
    )
    a = channels_last(x)
    same(torch._C.adaptive_max_pool(a, output), torch._C.adaptive_max_pool(x, output))
    samples = torch.rand(2, 6, 2).float()
    a = channels_last(x)
    same(
        torch._C.fractional_max_pool(a, (2, 2), (3, 2), samples),
        torch._C.fractional_max_pool(x, (2, 2), (3, 2), samples),
    )


def test_a_chain_of_layers_is_never_reordered():
    x = tensor(values((2, 3, 16, 16), seed=1))
    w1, w2 = tensor(values((8, 3, 3, 3), seed=2)), tensor(values((8, 8, 3, 3), seed=3))
    y = conv(x, w1).clamp_(min=0)
    z = conv(y, w2)
    mean, var = torch._C.batch_norm_stats(z)
    z = torch._C.batch_norm(z, mean, (var + 1e-5).rsqrt(), None, None)
    z = z + y
    z, at = torch._C.max_pool(z, [2, 2], [2, 2], [0, 0], [1, 1], False)
    gy = torch._C.max_pool_input_grad(torch.ones_like(z), at, (2, 8, 16, 16))
    gx = torch._C.conv_input_grad(gy, w2, (2, 8, 16, 16), [1, 1], [1, 1], [1, 1], 1)
    gx.add_(gy)
    assert all(map(lies_channels_last, (y, z, at, gy, gx)))
