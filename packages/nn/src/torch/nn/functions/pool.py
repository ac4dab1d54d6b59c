"""Pooling over 1 to 3 dimensions: x (n, c, *s) -> y (n, c, *t).

Taking elements out of planes and putting them back in are each other's adjoints; so are taking
means and spreading them.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from torch.autograd.functions.base import Builtin, call

__all__ = [
    "AdaptiveAvgPool", "AdaptiveAvgPoolInputGrad", "AdaptiveMaxPool", "AvgPool", "AvgPoolInputGrad",
    "FractionalMaxPool", "MaxPool", "MaxPoolGather", "MaxPoolInputGrad", "MaxUnpool",
]  # fmt: skip

Sizes = tuple[int, ...]


class _MaxPool(Builtin):
    """y, and with `return_indices` where in its plane each element was."""

    __slots__ = ("_size", "options", "return_indices")
    fresh_gradients = True

    def __init__(self, *options: Any, return_indices: bool = False) -> None:
        self.options = options
        self.return_indices = return_indices
        self.inplace = False

    def compute(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """y and the indices."""
        raise NotImplementedError(f"{self.name}: compute is not defined")

    def forward(self, x: torch.Tensor) -> Any:
        y, indices = self.compute(x)
        self._size = x.size()
        self.save_for_backward(indices)
        if not self.return_indices:
            return y
        self.mark_non_differentiable(indices)
        return y, indices

    def backward(self, gy: Any, gindices: Any = None) -> Any:
        (indices,) = self.saved_tensors
        return call(MaxPoolInputGrad(self._size), gy, indices)


class MaxPool(_MaxPool):
    """MaxPool(kernel_size, stride, padding, dilation, ceil_mode)"""

    __slots__ = ()

    def compute(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch._C.max_pool(x, *self.options)


class AdaptiveMaxPool(_MaxPool):
    """AdaptiveMaxPool(output_size)"""

    __slots__ = ()

    def compute(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch._C.adaptive_max_pool(x, *self.options)


class FractionalMaxPool(_MaxPool):
    """FractionalMaxPool(kernel_size, output_size, samples), samples (n, c, dimensions) in [0, 1)"""

    __slots__ = ()

    def compute(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch._C.fractional_max_pool(x, *self.options)


class _IntoPlanes(Builtin):
    """What goes to the indices of each plane: (n, c, *t) into zeros of size `size` (n, c, *s)."""

    __slots__ = ("size",)
    fresh_gradients = True
    op: ClassVar[Callable]

    def __init__(self, size: Any) -> None:
        self.size = size
        self.inplace = False

    def forward(self, x: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        self.save_for_backward(indices)
        return type(self).op(x, indices, self.size)

    def backward(self, gy: Any) -> tuple:
        (indices,) = self.saved_tensors
        return call(MaxPoolGather(), gy, indices), None


class MaxPoolInputGrad(_IntoPlanes):
    """gy added up at the indices."""

    __slots__ = ()
    op = torch._C.max_pool_input_grad


class MaxPoolGather(Builtin):
    """The elements of x (n, c, *s) at the indices (n, c, *t) of each plane."""

    __slots__ = ("_size",)
    fresh_gradients = True

    def forward(self, x: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        self.save_for_backward(indices)
        return torch._C.max_pool_gather(x, indices)

    def backward(self, gy: Any) -> tuple:
        (indices,) = self.saved_tensors
        return call(MaxPoolInputGrad(self._size), gy, indices), None


class MaxUnpool(_IntoPlanes):
    """x put to the indices.

    Elements with one index are equal where the indices are those of a max pooling; one of them
    stays, and each gets its whole gradient.
    """

    __slots__ = ()
    op = torch._C.max_unpool


class AvgPool(Builtin):
    """AvgPool(kernel_size, stride, padding, ceil_mode, count_include_pad)"""

    __slots__ = ("_size", "options")
    fresh_gradients = True

    def __init__(self, *options: Any) -> None:
        self.options = options
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return torch._C.avg_pool(x, *self.options)

    def backward(self, gy: Any) -> Any:
        return call(AvgPoolInputGrad(self._size, *self.options), gy)


class AvgPoolInputGrad(Builtin):
    """gy (n, c, *t) spread over the windows in zeros of size `size` (n, c, *s)."""

    __slots__ = ("options", "size")
    fresh_gradients = True

    def __init__(self, size: Any, *options: Any) -> None:
        self.size = size
        self.options = options
        self.inplace = False

    def forward(self, gy: torch.Tensor) -> torch.Tensor:
        return torch._C.avg_pool_input_grad(gy, self.size, *self.options)

    def backward(self, ggx: Any) -> Any:
        return call(AvgPool(*self.options), ggx)


class AdaptiveAvgPool(Builtin):
    """Means of the `output_size` parts of each dimension."""

    __slots__ = ("_size", "output_size")
    fresh_gradients = True

    def __init__(self, output_size: Sizes) -> None:
        self.output_size = output_size
        self.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self._size = x.size()
        return torch._C.adaptive_avg_pool(x, self.output_size)

    def backward(self, gy: Any) -> Any:
        return call(AdaptiveAvgPoolInputGrad(self._size), gy)


class AdaptiveAvgPoolInputGrad(Builtin):
    """gy (n, c, *t) spread over the parts in zeros of size `size` (n, c, *s)."""

    __slots__ = ("_output_size", "size")
    fresh_gradients = True

    def __init__(self, size: Any) -> None:
        self.size = size
        self.inplace = False

    def forward(self, gy: torch.Tensor) -> torch.Tensor:
        self._output_size = tuple(gy.size())[2:]
        return torch._C.adaptive_avg_pool_input_grad(gy, self.size)

    def backward(self, ggx: Any) -> Any:
        return call(AdaptiveAvgPool(self._output_size), ggx)
