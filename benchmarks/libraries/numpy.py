"""NumPy; its threads are those of its BLAS, set through the environment."""

from operator import iadd
from typing import Any

import numpy as np

module = "numpy"


def assign(x: np.ndarray, key: Any, values: Any) -> np.ndarray:
    x[key] = values
    return x


def put_along_axis(x: np.ndarray, indices: np.ndarray, values: np.ndarray, axis: int) -> np.ndarray:
    np.put_along_axis(x, indices, values, axis)
    return x


def softmax(x: np.ndarray, axis: int) -> np.ndarray:
    powers = np.exp(x - x.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def log_softmax(x: np.ndarray, axis: int) -> np.ndarray:
    below = x - x.max(axis, keepdims=True)
    return below - np.log(np.exp(below).sum(axis, keepdims=True))


names = {
    "np": np,
    "iadd": iadd,
    "exp": np.exp,
    "mm": np.matmul,
    "mean": np.mean,
    "rng": np.random.default_rng(0),
    "assign": assign,
    "put_along_axis": put_along_axis,
    "softmax": softmax,
    "log_softmax": log_softmax,
}


def start(threads: int) -> None:
    pass


def array(values: np.ndarray) -> np.ndarray:
    return values


def to_numpy(value: Any) -> np.ndarray:
    return np.asarray(value)


def timed(code: str) -> str:
    return code


def version() -> str:
    return np.__version__
