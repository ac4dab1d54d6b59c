"""Larger (or smaller) sequences, images and volumes."""

from typing import Any

from torch.autograd import Variable

from .. import functional as F
from .module import Module

__all__ = ["Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"]


class Upsample(Module):
    """(n, c, *s), 1 to 3 sizes, brought to `size`, or to int(s * scale_factor).

    `mode` and `align_corners` are those of `functional.interpolate`.
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ) -> None:
        super().__init__()
        if (size is None) == (scale_factor is None):
            raise ValueError(
                f"{type(self).__name__}: expected either size or scale_factor, got {size!r} and "
                f"{scale_factor!r}"
            )
        self.size = size
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners

    def forward(self, input: Variable) -> Variable:
        return F.interpolate(input, self.size, self.scale_factor, self.mode, self.align_corners)

    def _arguments(self) -> str:
        shown = self._target()
        shown += f", mode={self.mode!r}"
        return (
            shown if self.align_corners is None else f"{shown}, align_corners={self.align_corners}"
        )

    def _target(self) -> str:
        return f"scale_factor={self.scale_factor}" if self.size is None else f"size={self.size}"


class UpsamplingNearest2d(Upsample):
    """Each element repeated: (n, c, h, w) brought to `size`, or to h and w * scale_factor."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "nearest")

    def forward(self, input: Variable) -> Variable:
        if input.dim() != 4:
            raise ValueError(
                "UpsamplingNearest2d: expected input of size (batch, channels, height, width), got "
                f"{tuple(input.size())}"
            )
        return F.upsample_nearest(input, self.size, self.scale_factor)

    def _arguments(self) -> str:
        return self._target()


class UpsamplingBilinear2d(Upsample):
    """(n, c, h, w) brought to `size`, or to h and w * scale_factor, by linear interpolation.

    The corners are aligned (`align_corners=True`); `Upsample(mode="bilinear")` leaves the choice.
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "bilinear", align_corners=True)

    def forward(self, input: Variable) -> Variable:
        return F.upsample_bilinear(input, self.size, self.scale_factor)

    def _arguments(self) -> str:
        return self._target()
