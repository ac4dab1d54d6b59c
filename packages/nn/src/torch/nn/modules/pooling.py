"""Pooling over 1 to 3 dimensions, and unpooling."""

from typing import Any, ClassVar

from torch.autograd import Variable

from .. import functional as F
from ..functional.pooling import check_divisor, check_norm_type, fractional_sizes
from .module import Module

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d", "AdaptiveMaxPool3d", "AvgPool1d", "AvgPool2d", "AvgPool3d",
    "FractionalMaxPool2d", "FractionalMaxPool3d", "LPPool1d", "LPPool2d", "LPPool3d", "MaxPool1d",
    "MaxPool2d", "MaxPool3d", "MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d",
]  # fmt: skip


#: (attribute, the value that `repr` leaves out)
Shown = tuple[tuple[str, Any], ...]


class _Pool(Module):
    """Windows of `kernel_size` every `stride` elements: ints, or one for each dimension."""

    dims: ClassVar[int]
    #: what `repr` shows after kernel_size and stride
    shown: ClassVar[Shown] = ()

    def __init__(self, kernel_size: Any, stride: Any, padding: Any = 0) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = F.sizes(name, "kernel_size", kernel_size, self.dims, 1)
        self.stride = self.kernel_size
        if stride is not None:
            self.stride = F.sizes(name, "stride", stride, self.dims, 1)
        self.padding = F.sizes(name, "padding", padding, self.dims, 0)

    def _check_padding(self) -> None:
        for pad, kernel in zip(self.padding, self.kernel_size, strict=True):
            if pad > kernel // 2:
                raise ValueError(
                    f"{type(self).__name__}: padding: expected at most half of kernel_size="
                    f"{self.kernel_size}, got {self.padding}"
                )

    def _arguments(self) -> str:
        shown = f"kernel_size={self.kernel_size}, stride={self.stride}"
        for name, usual in self.shown:
            value = getattr(self, name)
            if value != usual and value != (usual,) * self.dims:
                shown += f", {name}={value}"
        return shown


class _MaxPool(_Pool):
    shown: ClassVar[Shown] = (
        ("padding", 0),
        ("dilation", 1),
        ("return_indices", False),
        ("ceil_mode", False),
    )

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self._check_padding()
        self.dilation = F.sizes(type(self).__name__, "dilation", dilation, self.dims, 1)
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Variable) -> Any:
        return getattr(F, f"max_pool{self.dims}d")(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )


class _MaxUnpool(_Pool):
    shown: ClassVar[Shown] = (("padding", 0),)

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0) -> None:
        super().__init__(kernel_size, stride, padding)

    def forward(self, input: Variable, indices: Variable, output_size: Any = None) -> Variable:
        return getattr(F, f"max_unpool{self.dims}d")(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )


class _AvgPool(_Pool):
    shown: ClassVar[Shown] = (("padding", 0), ("ceil_mode", False), ("count_include_pad", True))
    divisor_override: int | None = None

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self._check_padding()
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Variable) -> Variable:
        divisor = self.divisor_override
        return getattr(F, f"avg_pool{self.dims}d")(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            **({} if divisor is None else {"divisor_override": divisor}),
        )


class _DivisibleAvgPool(_AvgPool):
    shown = (*_AvgPool.shown, ("divisor_override", None))

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        check_divisor(type(self).__name__, divisor_override)
        self.divisor_override = divisor_override


class _LPPool(_Pool):
    shown = (("ceil_mode", False),)

    def __init__(
        self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
    ) -> None:
        super().__init__(kernel_size, stride)
        self.norm_type = check_norm_type(type(self).__name__, norm_type)
        self.ceil_mode = ceil_mode

    def forward(self, input: Variable) -> Variable:
        return getattr(F, f"lp_pool{self.dims}d")(
            input, self.norm_type, self.kernel_size, self.stride, self.ceil_mode
        )

    def _arguments(self) -> str:
        return f"norm_type={self.norm_type}, {super()._arguments()}"


class _FractionalMaxPool(Module):
    dims: ClassVar[int]

    def __init__(
        self,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = F.sizes(name, "kernel_size", kernel_size, self.dims, 1)
        self.output_size, self.output_ratio = fractional_sizes(
            name, self.dims, output_size, output_ratio
        )
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)

    def forward(self, input: Variable) -> Any:
        return getattr(F, f"fractional_max_pool{self.dims}d")(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            self._random_samples,
        )

    def _arguments(self) -> str:
        shown = f"kernel_size={self.kernel_size}"
        if self.output_size is None:
            shown += f", output_ratio={self.output_ratio}"
        else:
            shown += f", output_size={self.output_size}"
        return f"{shown}, return_indices=True" if self.return_indices else shown


class _AdaptivePool(Module):
    dims: ClassVar[int]

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        if not isinstance(output_size, tuple | list):
            output_size = (output_size,) * self.dims
        known = [1 if n is None else n for n in output_size]  # None: the size of the input
        F.sizes(type(self).__name__, "output_size", known, self.dims, 1)
        self.output_size = tuple(output_size)

    def _arguments(self) -> str:
        return f"output_size={self.output_size}"


class _AdaptiveMaxPool(_AdaptivePool):
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices

    def forward(self, input: Variable) -> Any:
        function = getattr(F, f"adaptive_max_pool{self.dims}d")
        return function(input, self.output_size, self.return_indices)

    def _arguments(self) -> str:
        shown = super()._arguments()
        return f"{shown}, return_indices=True" if self.return_indices else shown


class _AdaptiveAvgPool(_AdaptivePool):
    def forward(self, input: Variable) -> Variable:
        return getattr(F, f"adaptive_avg_pool{self.dims}d")(input, self.output_size)


class MaxPool1d(_MaxPool):
    """The largest element of each window: (n, c, l) -> (n, c, l').

    l' = (l + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1, rounded down, or up with
    `ceil_mode`. `stride` is the kernel size where not given; padding never wins; `return_indices`
    makes the result a pair, of elements and their positions in each plane.
    """

    dims = 1


class MaxPool2d(_MaxPool):
    """The largest element of each window: (n, c, h, w) -> (n, c, h', w').

    Numbers are ints or (h, w) pairs; all else is as in `MaxPool1d`.
    """

    dims = 2


class MaxPool3d(_MaxPool):
    """The largest element of each window: (n, c, d, h, w) -> (n, c, d', h', w').

    Numbers are ints or (d, h, w); all else is as in `MaxPool1d`.
    """

    dims = 3


class MaxUnpool1d(_MaxUnpool):
    """`MaxPool1d` undone but for the lost elements: (n, c, l) -> (n, c, l').

    Called with elements and indices of `MaxPool1d(..., return_indices=True)`, puts the elements
    back to their places in zeros. l' = (l - 1) * stride - 2 * padding + kernel_size, or that of
    `output_size`, the third argument of the call, less than a stride away (else ValueError).
    """

    dims = 1


class MaxUnpool2d(_MaxUnpool):
    """`MaxPool2d` undone but for the lost elements: (n, c, h, w) -> (n, c, h', w').

    All is as in `MaxUnpool1d`.
    """

    dims = 2


class MaxUnpool3d(_MaxUnpool):
    """`MaxPool3d` undone but for the lost elements: (n, c, d, h, w) -> (n, c, d', h', w').

    All is as in `MaxUnpool1d`.
    """

    dims = 3


class AvgPool1d(_AvgPool):
    """The mean of each window: (n, c, l) -> (n, c, l').

    l' is that of `MaxPool1d`. Padding counts as zeros, or not at all without `count_include_pad`.
    """

    dims = 1


class AvgPool2d(_DivisibleAvgPool):
    """The mean of each window: (n, c, h, w) -> (n, c, h', w').

    Numbers are ints or one for each dimension. With `divisor_override` the sum of each window
    divided by that; all else is as in `AvgPool1d`.
    """

    dims = 2


class AvgPool3d(_DivisibleAvgPool):
    """The mean of each window: (n, c, d, h, w) -> (n, c, d', h', w').

    Numbers are ints or one for each dimension. With `divisor_override` the sum of each window
    divided by that; all else is as in `AvgPool1d`.
    """

    dims = 3


class LPPool1d(_LPPool):
    """sum(x ** p) ** (1 / p) of each window: (n, c, l) -> (n, c, l').

    p is `norm_type`; sizes are as in `MaxPool1d`. Where the sum is 0 the gradient is 0.
    """

    dims = 1


class LPPool2d(_LPPool):
    """sum(x ** p) ** (1 / p) of each window: (n, c, h, w) -> (n, c, h', w').

    All is as in `LPPool1d`.
    """

    dims = 2


class LPPool3d(_LPPool):
    """sum(x ** p) ** (1 / p) of each window: (n, c, d, h, w) -> (n, c, d', h', w').

    All is as in `LPPool1d`.
    """

    dims = 3


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest element of each of randomly placed windows: (n, c, h, w) -> (n, c, h', w').

    (h', w') is `output_size`, or int(h * ratio), int(w * ratio) for an `output_ratio` in (0, 1).
    `_random_samples`, a tensor (n, c, 2) from [0, 1), places the windows the same in every call.
    B. Graham, "Fractional max-pooling" (2014).
    """

    dims = 2


class FractionalMaxPool3d(_FractionalMaxPool):
    """`FractionalMaxPool2d` for volumes: (n, c, d, h, w) -> (n, c, d', h', w').

    Samples are (n, c, 3).
    """

    dims = 3


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest element of each of the parts: (n, c, l) -> (n, c, output_size).

    Part i reaches from floor(i * l / output_size) to ceil((i + 1) * l / output_size).
    """

    dims = 1


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest element of each of the parts: (n, c, h, w) -> (n, c, *output_size).

    `output_size`: an int, or a pair with None for a size that stays.
    """

    dims = 2


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest element of each of the parts: (n, c, d, h, w) -> (n, c, *output_size).

    `output_size`: an int, or three with None for a size that stays.
    """

    dims = 3


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The mean of each of the parts: (n, c, l) -> (n, c, output_size).

    Part i reaches from floor(i * l / output_size) to ceil((i + 1) * l / output_size).
    """

    dims = 1


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The mean of each of the parts: (n, c, h, w) -> (n, c, *output_size).

    `output_size`: an int, or a pair with None for a size that stays.
    """

    dims = 2


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The mean of each of the parts: (n, c, d, h, w) -> (n, c, *output_size).

    `output_size`: an int, or three with None for a size that stays.
    """

    dims = 3
