"""Copying a state into tensors by name, and the errors of one that does not fit."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

__all__ = ["IncompatibleKeys", "StateDictError", "load"]


class StateDictError(KeyError, ValueError):
    """A state that does not fit a module; nothing was loaded."""

    def __str__(self) -> str:
        return self.args[0]  # a KeyError would show the repr


class IncompatibleKeys(NamedTuple):
    """What `load_state_dict(..., strict=False)` passed over."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def load(
    module: str,
    own: Mapping[str, torch.Tensor],
    state: Mapping[str, Any],
    strict: bool,
    where: str = "load_state_dict",
    optional: Collection[str] = (),
) -> IncompatibleKeys:
    """Copy the tensors of `state` to those of the same names in `own`, or none of them.

    The names in `optional` may be missing.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"{where}: expected a dict of names and tensors, got {type_name(state)}")
    given = {n: v.data if isinstance(v, Variable) else v for n, v in state.items()}
    missing = [name for name in own if name not in given and name not in optional]
    unexpected = [name for name in given if name not in own]
    problems = []
    if strict:
        problems += [f"missing: {name}" for name in missing]
        problems += [f"unexpected: {name}" for name in unexpected]
    for name, value in given.items():
        if name not in own:
            continue
        if not isinstance(value, torch.Tensor):
            problems.append(f"not a tensor: {name}: {type_name(value)}")
        elif value.shape != own[name].shape:
            problems.append(
                f"size: {name}: expected {tuple(own[name].shape)}, got {tuple(value.shape)}"
            )
    if problems:
        raise StateDictError("\n  ".join([f"{where}: the state does not fit {module}:", *problems]))
    for name, value in given.items():
        if name in own:
            own[name].copy_(value)
    return IncompatibleKeys(missing, unexpected)
