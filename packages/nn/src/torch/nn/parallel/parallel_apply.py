"""Several modules at once, each in a thread of its own."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.autograd import is_grad_enabled, set_grad_enabled
from torch.autograd.variable import type_name

from .scatter_gather import device_name

__all__ = ["parallel_apply"]


def parallel_apply(
    modules: Sequence[Callable],
    inputs: Sequence[Any],
    kwargs_tup: Sequence[Mapping[str, Any]] | None = None,
    devices: Sequence[Any] | None = None,
) -> list:
    """Call each module with its inputs (a tuple, or a single argument) and keyword arguments.

    They run in threads, with the grad mode and the `torch.compat` flags of the caller. An error of
    one is raised here once all have ended: of the same type, with the module's number and device
    in front of its text; the first in order, if there are several.
    """
    where = "parallel_apply"
    modules, inputs = list(modules), list(inputs)
    options = [{}] * len(modules) if kwargs_tup is None else list(kwargs_tup)
    names = [None] * len(modules) if devices is None else [device_name(d) for d in devices]
    for name, values in (("inputs", inputs), ("kwargs_tup", options), ("devices", names)):
        if len(values) != len(modules):
            raise ValueError(
                f"{where}: {name}: expected one for each of {len(modules)} modules, "
                f"got {len(values)}"
            )
    for number, value in enumerate(options):
        if not isinstance(value, Mapping):
            raise TypeError(
                f"{where}: kwargs_tup: {number}: expected a dict, got {type_name(value)}"
            )
    results: list[Any] = [None] * len(modules)
    errors: list[BaseException | None] = [None] * len(modules)
    recording = is_grad_enabled()
    flags = _flags()

    def run(number: int) -> None:
        args = inputs[number]
        args = tuple(args) if isinstance(args, tuple | list) else (args,)
        try:
            with torch.compat.using(**flags), set_grad_enabled(recording):
                results[number] = modules[number](*args, **options[number])
        except BaseException as error:
            errors[number] = error

    if len(modules) == 1:
        run(0)
    else:
        threads = [
            threading.Thread(target=run, args=(n,), daemon=True) for n in range(len(modules))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for number, error in enumerate(errors):
        if error is not None:
            raise _placed(error, number, names[number])
    return results


def _flags() -> dict[str, bool]:
    """The flags of this thread that threads do not start with."""
    if not torch.compat.in_use:
        return {}
    return {name: getattr(torch.compat.flags, name) for name in dir(torch.compat.flags)}


def _placed(error: BaseException, number: int, device: str | None) -> BaseException:
    """The error with the replica in front of its text, or in a note where it has none."""
    place = f"replica {number}" + ("" if device is None else f" on {device}")
    if len(error.args) == 1 and isinstance(error.args[0], str) and not isinstance(error, KeyError):
        error.args = (f"{place}: {error.args[0]}",)
    else:
        error.add_note(f"in {place}")
    return error
