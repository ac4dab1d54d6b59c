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


names = {
    "np": np,
    "iadd": iadd,
    "exp": np.exp,
    "mm": np.matmul,
    "mean": np.mean,
    "rng": np.random.default_rng(0),
    "assign": assign,
    "put_along_axis": put_along_axis,
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
