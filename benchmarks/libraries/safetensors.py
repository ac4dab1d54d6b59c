"""The safetensors package on NumPy arrays: files alone.

With PyTorch beside it, it would map files rather than read them.
"""

from typing import Any

import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

from benchmarks.libraries.numpy import array, start, timed, to_numpy
from benchmarks.libraries.scratch import fsync, scratch

__all__ = ["array", "module", "names", "start", "timed", "to_numpy", "version"]

module = "safetensors"


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
