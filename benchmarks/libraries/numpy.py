"""NumPy; its threads are those of its BLAS, set through the environment."""

from typing import Any

import numpy as np

module = "numpy"
names = {"np": np, "exp": np.exp, "mm": np.matmul}


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
