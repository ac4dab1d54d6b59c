"""Arrays to and from JAX through DLPack. Runs in an environment of its own: `nox -s interop`."""

import gc

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

jax.config.update("jax_enable_x64", True)

DTYPES = [
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
]  # fmt: skip


def numbers(dtype, shape):
    return (torch.arange(int(np.prod(shape))) % 7).reshape(shape).to(getattr(torch, dtype))


def values(x):
    return np.asarray(x).astype(np.float64)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (2, 3), (2, 0, 3), (4, 3, 2)])
def test_to_jax(dtype, shape):
    x = numbers(dtype, shape)
    y = jax.dlpack.from_dlpack(x)
    assert y.shape == shape
    assert y.dtype == jnp.dtype(dtype)
    assert (values(y) == values(x.double())).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (5,), (2, 3), (2, 0, 3), (4, 3, 2)])
def test_from_jax(dtype, shape):
    y = (jnp.arange(int(np.prod(shape))) % 7).reshape(shape).astype(dtype)
    x = torch.from_dlpack(y)
    assert tuple(x.shape) == shape
    assert x.dtype == getattr(torch, dtype)
    assert (values(x.double()) == values(y)).all()


def test_there_and_back_shares_memory():
    x = torch.arange(4096, dtype=torch.float32)
    back = torch.from_dlpack(jax.dlpack.from_dlpack(x))
    assert back.equal(x)
    if back.data_ptr() == x.data_ptr():
        x[0] = 7
        assert back[0] == 7


def test_memory_outlives_its_first_owner():
    y = jax.dlpack.from_dlpack(torch.arange(1000, dtype=torch.float64))
    x = torch.from_dlpack(jnp.arange(1000, dtype=jnp.float64))
    gc.collect()
    torch.randn(4, 1000)  # something else in the freed memory
    assert float(y.sum()) == 499500
    assert x.sum() == 499500


def test_jax_arrays_are_not_written_to():
    """A JAX array is constant: what is written must not reach it."""
    y = jnp.ones(8)
    x = torch.from_dlpack(y, copy=True)
    x.zero_()
    assert float(y.sum()) == 8


def test_strided_tensors():
    x = torch.arange(12, dtype=torch.float32).view(3, 4).t()
    try:
        y = jax.dlpack.from_dlpack(x)
    except Exception:  # JAX takes only some layouts; its own error is fine
        y = jax.dlpack.from_dlpack(x.contiguous())
    assert (values(y) == values(x)).all()


def test_numpy_functions_of_jax_take_tensors():
    x = torch.arange(6, dtype=torch.float32).view(2, 3)
    assert jnp.asarray(x).shape == (2, 3)
    assert torch.tensor(np.asarray(jnp.asarray(x))).equal(x)
