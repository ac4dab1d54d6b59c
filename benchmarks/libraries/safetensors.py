"""The safetensors package on NumPy arrays: files alone.

With PyTorch beside it, it would map files rather than read them.
"""

from typing import Any

import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

from benchmarks.libraries.scratch import fsync, scratch

module = "safetensors"


def start(threads: int) -> None:
    pass


def array(values: np.ndarray) -> np.ndarray:
    return values


def to_numpy(value: Any) -> np.ndarray:
    return np.asarray(value)


def timed(code: str) -> str:
    return code


def version() -> str:
    return safetensors.__version__


def copies(x: np.ndarray, n: int) -> dict[str, np.ndarray]:
    return {f"x{i}": x.copy() for i in range(n)}


def open_mapped(path: str) -> Any:
    with safetensors.safe_open(path, "np") as file:
        return [file.get_slice(name) for name in file.keys()]


def first_of_mapped(path: str) -> np.ndarray:
    with safetensors.safe_open(path, "np") as file:
        return file.get_slice("x9")[:1000]


names = {
    "save": save_file,
    "load": load_file,
    "copies": copies,
    "open_mapped": open_mapped,
    "first_of_mapped": first_of_mapped,
    "scratch": scratch,
    "fsync": fsync,
}
