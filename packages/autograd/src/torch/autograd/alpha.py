"""The alpha's meanings that concern Variables; see torch.compat for the switch."""

from collections.abc import Callable, Sequence
from typing import Any

from torch import _C, compat

__all__ = ["flag", "in_default", "tensor_grad", "tensor_hooks"]


def in_default(function: Callable, args: Sequence) -> Any:
    """function(*args) in today's meaning, in which the library's own formulas are written."""
    mask, values = _C._thread_compat_flags()
    _C._set_thread_compat_flags(compat._ALL, 0)
    try:
        return function(*args)
    finally:
        _C._set_thread_compat_flags(mask, values)


def flag(name: str, doc: str) -> Callable[[], bool]:
    """A function that tells whether a flag of torch.compat is on; cheap while none was ever set."""
    bit = compat._BITS[name]

    def is_on() -> bool:
        if not compat.in_use:
            return False
        mask, values = _C._thread_compat_flags()
        return bool((values if mask & bit else _C._compat_flags()) & bit)

    is_on.__name__ = name
    is_on.__doc__ = doc
    return is_on


tensor_grad = flag("tensor_grad", "Whether `Variable.grad` is a Tensor that always exists.")
tensor_hooks = flag("tensor_hooks", "Whether hooks get Tensors.")
