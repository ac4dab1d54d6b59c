"""Tensors without dimensions, and what Python's number functions do with tensors of one element."""

import copy
import math
import operator
import pickle

import numpy as np
import pytest
import torch
from harness import DTYPES, array, dtype_of

ALL = [*DTYPES, "float16", "bfloat16"]


@pytest.mark.parametrize("dtype", ALL)
def test_tensors_without_dimensions(dtype):
    x = torch.tensor(1, dtype=dtype_of(dtype))
    assert x.shape == ()
    assert x.dim() == x.ndim == 0
    assert x.numel() == 1
    assert x.stride() == ()
    assert x.is_contiguous()
    for same in (torch.zeros((), dtype=dtype_of(dtype)), torch.ones(1)[0:1].view(()), x.clone()):
        assert same.shape == ()
    number = x[()]
    assert number == 1
    assert type(number) is type(x.item())
    assert not torch.is_tensor(number)
    view = x[...]
    assert view.shape == ()
    assert view.data_ptr() == x.data_ptr()
    assert x[None].shape == (1,)
    x[...] = 0
    assert x.item() == 0
    x[()] = 1
    assert x.item() == 1
    assert x.fill_(0).copy_(torch.ones(())).item() == 1
    assert x.tolist() == 1
    if dtype != "bool":
        assert (x + x).shape == ()
        assert (x + x).item() == 2
        assert (x + 1).dtype == x.dtype
        assert x.sum() == x.max() == x.prod() == 1
        assert torch.stack([x, x]).shape == (2,)
    assert (x + torch.ones(3)).shape == (3,)
    assert (x == x).item() is True
    assert x.view(1, 1).shape == (1, 1)
    assert x.expand(2, 3).shape == (2, 3)
    assert x.reshape(-1).shape == (1,)
    assert x.t if True else None
    for other in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert other.shape == ()
        assert other.dtype == x.dtype
        assert other.item() == 1
        assert other.data_ptr() != x.data_ptr()
    if dtype != "bfloat16":
        a = x.numpy()
        assert a.shape == ()
        a[...] = 0
        assert x.item() == 0
        assert torch.from_numpy(a).data_ptr() == x.data_ptr()
        assert np.asarray(x).dtype == dtype


def test_errors_of_tensors_without_dimensions():
    x = torch.tensor(3.0)
    with pytest.raises(
        TypeError, match=r"^len: expected a tensor with dimensions, got FloatTensor"
    ):
        len(x)
    with pytest.raises(
        TypeError, match=r"^iter: expected a tensor with dimensions, got FloatTensor"
    ):
        list(x)
    with pytest.raises(IndexError, match="^index: too many indices for FloatTensor"):
        x[0]


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_numbers_of_one_element(shape):
    x = torch.full(shape, -2.5)
    assert float(x) == -2.5
    assert int(x) == -2
    assert complex(x) == -2.5
    assert bool(x) is True
    assert round(x) == -2
    assert type(round(x)) is int
    assert round(torch.full(shape, 1.25, dtype=torch.float64), 1) == 1.2
    assert math.floor(x) == -3
    assert math.ceil(x) == math.trunc(x) == -2
    assert math.sqrt(x * x) == 2.5
    assert format(x, ".3f") == f"{x:.3f}" == "-2.500"
    n = torch.full(shape, 7)
    assert operator.index(n) == 7
    assert list(range(10))[n] == 7
    assert hex(n) == "0x7"
    assert "abcdefghij"[n] == "h"
    assert f"{n:04d}" == "0007"
    assert round(n) == math.floor(n) == 7
    with pytest.raises(TypeError, match="^index: expected an integer tensor of one element"):
        operator.index(x)
    with pytest.raises(OverflowError):
        int(torch.full(shape, math.inf))


def test_numbers_of_several_elements():
    for x in (torch.zeros(2), torch.zeros(0)):
        for f in (float, int, complex, round, math.floor, math.ceil, math.trunc):
            with pytest.raises((ValueError, TypeError), match="expected a tensor of one element"):
                f(x)
    with pytest.raises(ValueError, match="^bool: the truth value of FloatTensor of size"):
        bool(torch.zeros(2))


def test_format_without_a_text():
    assert f"{torch.tensor(2.5)}" == "2.5"
    assert f"{torch.tensor(True)}" == "True"
    assert f"{torch.ones(2)}" == str(torch.ones(2))
    assert f"{torch.ones(1)}" == str(torch.ones(1))


def test_hash_and_equality():
    x, y = torch.tensor(1.0), torch.tensor(1.0)
    assert hash(x) != hash(y) or x is y
    assert (x == y).item()
    assert {x: 1}[x] == 1
    assert x in [x]


@pytest.mark.parametrize("number", [np.float32(1.5), np.array(1.5), np.float64(1.5)])
def test_numpy_numbers_are_numbers(number):
    assert torch.full((2,), number).tolist() == [1.5, 1.5]
    assert torch.add(torch.ones(2), number).tolist() == [2.5, 2.5]
    assert torch.zeros(2).fill_(number).tolist() == [1.5, 1.5]
    x = torch.zeros(3)
    x[1] = number
    assert array(x).tolist() == [0, 1.5, 0]


@pytest.mark.parametrize("target", ["uint8", "int8", "int16", "int32", "int64"])
@pytest.mark.parametrize("source", ["float32", "float64", "float16", "bfloat16"])
def test_floats_as_integers(source, target):
    """Towards zero; -2**63 for what 64 bits do not hold; the low bits for narrower dtypes."""
    numbers = [0.0, -0.0, 1.9, -1.9, 127.5, 128.0, -129.0, 255.0, 256.0, 300.0, -300.0, 65536.0]
    numbers += [2.0**31, -(2.0**31), 2.0**32, 2.0**53, 2.0**62, -(2.0**63), 2.0**63, 1e30, -1e30]
    numbers += [math.nan, math.inf, -math.inf]
    x = torch.tensor(numbers, dtype=dtype_of(source))

    def expected(v):
        v = int(v) if math.isfinite(v) and -(2.0**63) <= v < 2.0**63 else -(2**63)
        bits = np.iinfo(target).bits
        v &= 2**bits - 1
        return v - 2**bits if target != "uint8" and v >= 2 ** (bits - 1) else v

    right = [expected(v) for v in x.tolist()]
    d = dtype_of(target)
    assert x.to(d).tolist() == right
    assert x.repeat(40).to(d).tolist() == right * 40  # vectors and their tails
    wide = torch.stack([x, x], 1)
    assert wide[:, 1].to(d).tolist() == right
    assert torch.zeros(len(numbers), dtype=d).copy_(x).tolist() == right
