"""torch: tensors in place of NumPy, and the parts of deep learning that are installed beside them.

`import torch` gives the tensor library. `torch.autograd`, `torch.nn`, `torch.optim`,
`torch.multiprocessing` and `torch.legacy` are separate distributions over the same name; they load
on first use.
"""

import importlib
from pkgutil import extend_path
from typing import Any

__path__ = extend_path(__path__, __name__)

from torch import _C, _tensor
from torch._C import *  # noqa: F403  types, dtypes and functions, all made from the op table
from torch._printing import set_printoptions
from torch._size import Size
from torch._tensor import (
    chunk,
    get_default_dtype,
    is_storage,
    is_tensor,
    set_default_tensor_type,
    split,
    typename,
)
from torch.random import get_rng_state, initial_seed, manual_seed, seed, set_rng_state

__version__ = "0.1.0"

# What other distributions ship under this name; None: part of this one.
_PARTS = {
    "autograd": "alphatorch-autograd",
    "nn": "alphatorch-nn",
    "optim": "alphatorch-optim",
    "multiprocessing": "alphatorch-mp",
    "legacy": "alphatorch-legacy",
    "cpu": None,
    "cuda": None,
    "random": None,
    "utils": "alphatorch-mp",
}


def __getattr__(name: str) -> Any:
    if name not in _PARTS:
        raise AttributeError(f"module 'torch' has no attribute {name!r}")
    try:
        return importlib.import_module(f"torch.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"torch.{name}":
            raise
        text = f"torch.{name} is not installed: pip install {_PARTS[name]}"
        raise ModuleNotFoundError(text, name=error.name) from None


def __dir__() -> list[str]:
    return sorted({name for name in globals() if not name.startswith("_")} | set(_PARTS))
