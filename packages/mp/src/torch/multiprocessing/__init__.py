"""Python's `multiprocessing`, whole, under the name the alpha gave it.

Tensors and storages are sent as copies: the receiver gets equal values in memory of its own.
"""

import multiprocessing as _multiprocessing
from multiprocessing import *
from typing import Any

from torch import _versions

_versions.require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-mp")

__all__ = list(_multiprocessing.__all__)


def __getattr__(name: str) -> Any:
    """Sub-modules, `pool` and `connection` among them, are found here once they are loaded."""
    return getattr(_multiprocessing, name)
