"""A module on several devices, each with a part of the batch."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from ..modules.module import Module
from .parallel_apply import parallel_apply
from .replicate import replicate
from .scatter_gather import device_name, gather, scatter_kwargs

__all__ = ["DataParallel", "data_parallel"]


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Sequence[Any] | None = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """`module(*inputs, **module_kwargs)`, computed on several devices at once.

    Inputs (a tuple, or a single argument) are split along `dim`, see `scatter`; results are joined
    on `output_device`, by default the first of `device_ids`, which are all GPUs by default. The
    module stays where it is. Without a device, or without anything to split, it is called as it is.
    """
    args = tuple(inputs) if isinstance(inputs, tuple | list) else (inputs,)
    options = dict(module_kwargs or {})
    devices = list(range(torch.cuda.device_count())) if device_ids is None else list(device_ids)
    if not devices:
        return module(*args, **options)
    try:
        names = [device_name(device) for device in devices]
        output = names[0] if output_device is None else device_name(output_device)
    except TypeError as error:
        raise TypeError(f"data_parallel: {error}") from None
    parts, part_options = scatter_kwargs(args, options, names, dim)
    names = names[: len(parts)]
    replicas = replicate(module, names)
    results = parallel_apply(replicas, parts, part_options, names)
    return gather(results, output, dim)


class DataParallel(Module):
    """A module whose calls are computed on several devices: see `data_parallel`.

    Its parameters are those of `module`, under names that begin with "module.".
    """

    def __init__(
        self,
        module: Module,
        device_ids: Sequence[Any] | None = None,
        output_device: Any = None,
        dim: int = 0,
    ) -> None:
        super().__init__()
        if not isinstance(module, Module):
            raise TypeError(f"DataParallel: module: expected a Module, got {type(module).__name__}")
        self.module = module
        if device_ids is None:
            device_ids = range(torch.cuda.device_count())
        self.device_ids = list(device_ids)
        self.output_device = output_device
        self.dim = dim

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return data_parallel(
            self.module, inputs, self.device_ids, self.output_device, self.dim, kwargs
        )

    def _arguments(self) -> str:
        return f"device_ids={self.device_ids}" + (f", dim={self.dim}" if self.dim else "")
