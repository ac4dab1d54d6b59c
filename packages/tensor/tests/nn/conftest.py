"""What the tests of the nn kernels share: dtypes with tolerances, and inputs in every layout."""

from collections.abc import Callable, Iterator

import numpy
import pytest
import torch


@pytest.fixture(params=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def close(dtype: str) -> Callable[..., None]:
    """close(actual, expected): dtype, shape and values of a tensor against a float64 reference.

    The tolerance is relative to the largest element: sums of n products differ by about
    sqrt(n) roundings of 6e-8 or 1e-16; a float64 result computed in float32 would fail.
    """
    tolerance = {"float32": 2e-6, "float64": 2e-14}[dtype]

    def check(actual: torch.Tensor, expected: numpy.ndarray) -> None:
        assert actual.dtype == getattr(torch, dtype)
        assert tuple(actual.size()) == expected.shape
        scale = max(1.0, float(numpy.abs(expected).max(initial=0, where=numpy.isfinite(expected))))
        numpy.testing.assert_allclose(
            actual.numpy().astype("float64"), expected, rtol=0, atol=tolerance * scale
        )

    return check


@pytest.fixture
def values(dtype: str) -> Callable[..., numpy.ndarray]:
    """values(*shape, seed=0): normal numbers that the dtype holds exactly, as float64."""

    def make(*shape: int, seed: int = 0) -> numpy.ndarray:
        numbers = numpy.random.default_rng(seed).standard_normal(shape)
        return numbers.astype(dtype).astype("float64")

    return make


@pytest.fixture
def tensor(dtype: str) -> Callable[[numpy.ndarray], torch.Tensor]:
    return lambda array: torch.from_numpy(numpy.ascontiguousarray(array, dtype))


@pytest.fixture
def layouts(dtype: str) -> Callable[[numpy.ndarray], Iterator[torch.Tensor]]:
    """The same values contiguous, at an odd offset, transposed in memory, and with gaps."""

    def make(array: numpy.ndarray) -> Iterator[torch.Tensor]:
        array = numpy.asarray(array)
        if array.dtype == numpy.float64:
            array = array.astype(dtype)
        yield torch.from_numpy(array.copy())
        shifted = numpy.zeros(array.size + 1, array.dtype)
        shifted[1:] = array.ravel()
        yield torch.from_numpy(shifted)[1:].reshape(*array.shape)
        yield torch.from_numpy(array.T.copy()).permute(*reversed(range(array.ndim)))
        gaps = numpy.zeros((*array.shape, 2), array.dtype)
        gaps[..., 1] = array
        yield torch.from_numpy(gaps).select(array.ndim, 1)

    return make


@pytest.fixture
def unchanged() -> Callable[..., object]:
    """unchanged(f, *args): f(*args), after which the arguments hold what they held before."""

    def call(f: Callable[..., object], *args: object) -> object:
        tensors = [a for a in args if torch.is_tensor(a)]
        before = [(t.numpy().copy(), t._version) for t in tensors]
        result = f(*args)
        for t, (array, version) in zip(tensors, before):
            numpy.testing.assert_array_equal(t.numpy(), array)
            assert t._version == version
        return result

    return call
