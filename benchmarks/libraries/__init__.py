"""One adapter per library. Each module defines

module: the name that is imported, whose import time is measured
start(threads): limits the library to that many threads
array(ndarray), to_numpy(value): conversion both ways
names: what the code of cases may use
timed(code): the expression that waits for the result of `code`
version(): what the report says about the library
"""

import importlib
from typing import Any

NAMES = ("alphatorch", "numpy", "pytorch", "jax", "safetensors")


def load(name: str) -> Any:
    return importlib.import_module(f"benchmarks.libraries.{name}")
