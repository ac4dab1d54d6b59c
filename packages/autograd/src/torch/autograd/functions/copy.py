"""Copies, conversions, and what overwrites a Variable."""

from typing import Any

import torch

from .base import Builtin, sum_to, zeros_like

__all__ = [
    "Clone", "Contiguous", "Copy", "CudaTransfer", "NoGrad", "PinMemory", "To", "Type",
]  # fmt: skip


class Clone(Builtin):
    """A copy in memory of its own."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.clone()

    def backward(self, gy: Any) -> Any:
        return gy


class Contiguous(Builtin):
    """The elements in memory order; x itself where they are already."""

    __slots__ = ("is_view",)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.contiguous()
        self.is_view = y.data_ptr() == x.data_ptr()  # type: ignore[misc]
        return y

    def backward(self, gy: Any) -> Any:
        return gy


class NoGrad(Builtin):
    """The same data without history: no gradient comes back."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.view(x.size())
        self.mark_non_differentiable(y)
        self.mark_shared_storage((x, y))
        return y

    def backward(self, gy: Any) -> Any:
        return None


class Converted(Builtin):
    """x in another type or place; whole numbers have no gradient."""

    __slots__ = ("_before",)

    def convert(self, x: torch.Tensor) -> torch.Tensor:
        """x converted."""
        raise NotImplementedError(f"{self.name}: convert is not defined")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._before = x.dtype, x.device
        y = self.convert(x)
        if not y.dtype.is_floating_point:
            self.mark_non_differentiable(y)
        return y

    def backward(self, gy: Any) -> Any:
        dtype, device = self._before
        return gy.to(dtype=dtype, device=str(device))


class Type(Converted):
    """Conversion to another type: a dtype, a tensor class or its name."""

    __slots__ = ("dest_type",)

    def __init__(self, dest_type: Any) -> None:
        self.dest_type = dest_type
        self.inplace = False

    def convert(self, x: torch.Tensor) -> torch.Tensor:
        return x.type(self.dest_type)


class To(Converted):
    """Conversion to a dtype, a device, or both: what Tensor.to takes."""

    __slots__ = ("args", "options")

    def __init__(self, *args: Any, **options: Any) -> None:
        self.args = args
        self.options = options
        self.inplace = False

    def convert(self, x: torch.Tensor) -> torch.Tensor:
        return x.to(*self.args, **self.options)


class CudaTransfer(Converted):
    """A copy in the memory of a GPU, the current one for None."""

    __slots__ = ("device_id", "non_blocking")

    def __init__(self, device_id: int | None = None, non_blocking: bool = False) -> None:
        self.device_id = device_id
        self.non_blocking = non_blocking
        self.inplace = False

    def convert(self, x: torch.Tensor) -> torch.Tensor:
        return x.cuda(self.device_id, self.non_blocking)


class PinMemory(Builtin):
    """A copy in page-locked host memory."""

    __slots__ = ()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.pin_memory()

    def backward(self, gy: Any) -> Any:
        return gy


class Copy(Builtin):
    """x overwritten with `source`, which broadcasts and is converted. In place."""

    __slots__ = ("_source",)

    def __init__(self) -> None:
        self.inplace = True

    def forward(self, x: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
        self._source = source.size(), source.dtype
        self.mark_dirty(x)
        return x.copy_(source)

    def backward(self, gz: Any) -> tuple:
        gsource = sum_to(gz, *self._source) if self.needs_input_grad[1] else None
        return zeros_like(gz), gsource
