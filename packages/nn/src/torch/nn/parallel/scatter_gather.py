"""Parts of a batch on several devices, and back.

A device is what `Tensor.to` takes: "cpu", "cuda:1", a torch.device, or an int, which is the number
of a GPU. The same device may be given several times.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.variable import type_name

__all__ = ["device_name", "gather", "moved", "scatter", "scatter_kwargs"]


def device_name(device: Any) -> str:
    """The name of a device."""
    if isinstance(device, bool) or not isinstance(device, int | str | torch.device):
        raise TypeError(f"expected a device, its name or the number of a GPU, got {device!r}")
    return f"cuda:{device}" if isinstance(device, int) else str(device)


def moved(value: Any, device: str) -> Any:
    """A Variable or tensor on a device; gradients find their way back."""
    return value if str(value.device) == device else value.to(device)


def scatter(inputs: Any, target_gpus: Sequence[Any], dim: int = 0) -> list:
    """A part of `inputs` for each device, of the same form.

    Variables and tensors are split along `dim` into parts whose sizes differ by one at most; what
    is nested in tuples, lists and dicts is split likewise; anything else goes to all. There are
    fewer parts than devices where a Variable is shorter along `dim` than the number of devices.
    """
    devices = _devices("scatter", target_gpus)
    lengths = _lengths(inputs, dim)
    if lengths:
        devices = devices[: max(min(lengths), 1)]
    return _split(inputs, devices, dim)


def scatter_kwargs(
    inputs: Any, kwargs: Mapping[str, Any] | None, target_gpus: Sequence[Any], dim: int = 0
) -> tuple[tuple, tuple]:
    """Arguments and keyword arguments for each device: (tuples, dicts), equally many of both."""
    args, options = tuple(inputs), dict(kwargs or {})
    parts = scatter((args, options), target_gpus, dim)
    return tuple([a for a, _ in parts]), tuple([o for _, o in parts])


def _devices(where: str, devices: Any) -> list[str]:
    try:
        names = [device_name(d) for d in devices]
    except TypeError as error:
        raise TypeError(f"{where}: devices: {error}") from None
    if not names:
        raise ValueError(f"{where}: devices: expected at least one, got none")
    return names


def _lengths(value: Any, dim: int) -> list[int]:
    """How long the Variables and tensors in a nesting are."""
    if isinstance(value, Variable | torch.Tensor):
        n = value.dim()
        if not -n <= dim < n:
            raise ValueError(
                f"scatter: dim: expected {-n} to {n - 1} for size {tuple(value.size())}, got {dim}"
            )
        return [value.size(dim)]
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, tuple | list):
        return []
    return [n for part in value for n in _lengths(part, dim)]


def _split(value: Any, devices: list[str], dim: int) -> list:
    """A part for each device."""
    count = len(devices)
    if isinstance(value, Variable | torch.Tensor):
        n = value.size(dim)
        ends = [n * i // count for i in range(count + 1)]
        parts = [value.narrow(dim, a, b - a) for a, b in zip(ends, ends[1:])]
        return [moved(part, device) for part, device in zip(parts, devices, strict=True)]
    if isinstance(value, Mapping):
        columns = [_split(v, devices, dim) for v in value.values()]
        return [_like(value, dict(zip(value, row))) for row in _rows(columns, count)]
    if isinstance(value, tuple | list):
        columns = [_split(v, devices, dim) for v in value]
        return [_like(value, row) for row in _rows(columns, count)]
    return [value] * count


def _rows(columns: list[list], count: int) -> list[tuple]:
    return [tuple([column[i] for column in columns]) for i in range(count)]


def _like(value: Any, parts: Any) -> Any:
    """Parts in a collection of the same type as `value`."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*parts)
    return type(value)(parts)


def gather(outputs: Sequence[Any], target_device: Any, dim: int = 0) -> Any:
    """The inverse of `scatter`: results of the same form from several devices, joined on one.

    Variables and tensors are joined along `dim`; tuples, lists and dicts item by item; None stays
    None. TypeError for anything else, ValueError for results that differ in form.
    """
    try:
        device = device_name(target_device)
    except TypeError as error:
        raise TypeError(f"gather: target_device: {error}") from None
    outputs = list(outputs)
    if not outputs:
        raise ValueError("gather: outputs: expected at least one, got none")
    return _joined(outputs, device, dim, "output")


def _joined(outputs: list, device: str, dim: int, where: str) -> Any:
    first = outputs[0]
    kinds = [type(output) for output in outputs]
    if isinstance(first, Variable | torch.Tensor):
        if any(not isinstance(output, Variable | torch.Tensor) for output in outputs):
            raise ValueError(f"gather: {where}: expected results of one form, got {_names(kinds)}")
        return torch.cat([moved(output, device) for output in outputs], dim)
    if any(kind is not kinds[0] for kind in kinds):
        raise ValueError(f"gather: {where}: expected results of one form, got {_names(kinds)}")
    if first is None:
        return None
    if isinstance(first, Mapping):
        if any(output.keys() != first.keys() for output in outputs):
            raise ValueError(
                f"gather: {where}: expected the same keys in all, got "
                f"{[list(output) for output in outputs]}"
            )
        items = {k: _joined([o[k] for o in outputs], device, dim, f"{where}[{k!r}]") for k in first}
        return _like(first, items)
    if isinstance(first, tuple | list):
        if len({len(output) for output in outputs}) > 1:
            raise ValueError(
                f"gather: {where}: expected equally many in all, got "
                f"{[len(output) for output in outputs]}"
            )
        columns = enumerate(zip(*outputs, strict=True))
        return _like(first, [_joined(list(c), device, dim, f"{where}[{i}]") for i, c in columns])
    raise TypeError(
        f"gather: {where}: expected Variables, tensors, None, or tuples, lists and dicts of them, "
        f"got {type_name(first)}"
    )


def _names(kinds: list[type]) -> str:
    return ", ".join(kind.__name__ for kind in kinds)
