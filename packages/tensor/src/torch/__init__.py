"""torch: tensors in place of NumPy, and the parts of deep learning that are installed beside them.

`import torch` gives the tensor library. `torch.autograd`, `torch.nn`, `torch.optim`,
`torch.multiprocessing` and `torch.legacy` are separate distributions over the same name; they load
on first use.
"""

import importlib as _importlib
import os as _os
import sys as _sys
from importlib.machinery import ModuleSpec as _ModuleSpec
from pkgutil import extend_path as _extend_path
from typing import Any as _Any

__path__ = _extend_path(__path__, __name__)

from torch import _C, _tensor
from torch._C import *  # noqa: F403  types, dtypes and functions, all made from the op table
from torch._device import device
from torch._dtypes import (
    can_cast,
    double,
    finfo,
    half,
    iinfo,
    long,
    result_type,
    short,
)
from torch._dtypes import float_ as float
from torch._dtypes import int_ as int
from torch._printing import get_printoptions, printoptions, set_printoptions
from torch._size import Size
from torch._tensor import is_storage, is_tensor, typename
from torch.random import get_rng_state, initial_seed, manual_seed, seed, set_rng_state

__version__ = "0.1.0"

# What other distributions ship under this name.
_PARTS = {
    "torch.autograd": "alphatorch-autograd",
    "torch.nn": "alphatorch-nn",
    "torch.optim": "alphatorch-optim",
    "torch.multiprocessing": "alphatorch-mp",
    "torch.utils.data": "alphatorch-mp",
    "torch.legacy": "alphatorch-legacy",
}
_LAZY = (
    "autograd",
    "nn",
    "optim",
    "multiprocessing",
    "utils",
    "legacy",
    "cpu",
    "cuda",
    "compat",
    "linalg",
    "serialization",
)
# Names that stand at the top and live in a module that loads late.
_LATE = {
    "save": "serialization",
    "load": "serialization",
    "no_grad": "autograd",
    "enable_grad": "autograd",
    "set_grad_enabled": "autograd",
    "is_grad_enabled": "autograd",
}


class _MissingPart:
    """The last finder on sys.meta_path: a part that none has found is not installed."""

    @staticmethod
    def find_spec(name: str, path: _Any = None, target: _Any = None) -> _Any:
        if name == "torch.utils":  # nobody's own: an empty namespace
            return _ModuleSpec(name, None, is_package=True)
        if name in _PARTS:
            text = f"{name} is not installed: pip install {_PARTS[name]}"
            raise ModuleNotFoundError(text, name=name)
        return None


_sys.meta_path.append(_MissingPart)  # type: ignore[arg-type]


def __getattr__(name: str) -> _Any:
    if name in _LAZY:
        return _importlib.import_module(f"torch.{name}")
    if name in _LATE:
        globals()[name] = getattr(_importlib.import_module(f"torch.{_LATE[name]}"), name)
        return globals()[name]
    raise AttributeError(f"module 'torch' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({name for name in globals() if not name.startswith("_")} | {*_LAZY, *_LATE})


if _os.environ.get("TORCH_COMPAT"):
    from torch.compat import _from_environment

    _from_environment(_os.environ["TORCH_COMPAT"])
