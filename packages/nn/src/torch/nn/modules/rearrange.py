"""Elements of images in another order."""

from typing import Any

from torch.autograd import Variable

from .. import functional as F
from .linear import count
from .module import Module

__all__ = ["Fold", "PixelShuffle", "PixelUnshuffle", "Unfold"]


class PixelShuffle(Module):
    """(n, c * r * r, h, w) -> (n, c, h * r, w * r) with r the `upscale_factor`."""

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = count("PixelShuffle", "upscale_factor", upscale_factor)

    def forward(self, input: Variable) -> Variable:
        return F.pixel_shuffle(input, self.upscale_factor)

    def _arguments(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """(n, c, h * r, w * r) -> (n, c * r * r, h, w) with r the `downscale_factor`."""

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = count("PixelUnshuffle", "downscale_factor", downscale_factor)

    def forward(self, input: Variable) -> Variable:
        return F.pixel_unshuffle(input, self.downscale_factor)

    def _arguments(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class Unfold(Module):
    """Each window as a column: (n, c, h, w) -> (n, c * kh * kw, windows)."""

    def __init__(
        self, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = F.sizes(name, "kernel_size", kernel_size, 2, 1)
        self.dilation = F.sizes(name, "dilation", dilation, 2, 1)
        self.padding = F.sizes(name, "padding", padding, 2, 0)
        self.stride = F.sizes(name, "stride", stride, 2, 1)

    def forward(self, input: Variable) -> Variable:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def _arguments(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, "
            f"stride={self.stride}"
        )


class Fold(Unfold):
    """Columns added up as windows: (n, c * kh * kw, windows) -> (n, c, *output_size)."""

    def __init__(
        self,
        output_size: Any,
        kernel_size: Any,
        dilation: Any = 1,
        padding: Any = 0,
        stride: Any = 1,
    ) -> None:
        super().__init__(kernel_size, dilation, padding, stride)
        self.output_size = F.sizes("Fold", "output_size", output_size, 2, 1)

    def forward(self, input: Variable) -> Variable:
        return F.fold(
            input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride
        )

    def _arguments(self) -> str:
        return f"output_size={self.output_size}, {super()._arguments()}"
