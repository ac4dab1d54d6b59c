"""Other sizes for signals, images and volumes."""

import math
from functools import lru_cache
from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.function import execute

from .. import functions as F
from ..functions.upsampling import Axis
from .arguments import sizes
from .pooling import adaptive_avg_pool

__all__ = ["interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

#: mode: number of dimensions it is for (0: any)
_MODES = {
    "nearest": 0, "nearest-exact": 0, "area": 0, "linear": 1, "bilinear": 2, "bicubic": 2,
    "trilinear": 3,
}  # fmt: skip


def interpolate(
    input: Variable,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Variable:
    """input (n, c, *s), 1 to 3 sizes, brought to `size`, or to int(s * scale_factor).

    `mode`: "nearest" (the element that starts at or before), "nearest-exact" (the element whose
    centre is nearest), "linear", "bilinear" and "trilinear" (for 1, 2 and 3 sizes), "bicubic" (for
    2), "area" (the mean, as `adaptive_avg_pool2d`). Elements are areas, and the outer edges of both
    images meet; with `align_corners` they are points, and the first and last points meet.
    """
    return _interpolate("interpolate", input, size, scale_factor, mode, align_corners)


def upsample(
    input: Variable,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Variable:
    """The same as `interpolate`."""
    return _interpolate("upsample", input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Variable, size: Any = None, scale_factor: Any = None) -> Variable:
    """Each element repeated: (n, c, *s) brought to `size`, or to s * scale_factor."""
    return _interpolate("upsample_nearest", input, size, scale_factor, "nearest", None)


def upsample_bilinear(input: Variable, size: Any = None, scale_factor: Any = None) -> Variable:
    """(n, c, h, w) brought to `size`, or to h and w * scale_factor, by linear interpolation.

    The corners are aligned: the first and last elements of each row and column stay what they are.
    `interpolate` leaves the choice.
    """
    return _interpolate("upsample_bilinear", input, size, scale_factor, "bilinear", True)


def _interpolate(
    where: str,
    input: Variable,
    size: Any,
    scale_factor: Any,
    mode: str,
    align_corners: bool | None,
) -> Variable:
    if mode not in _MODES:
        raise ValueError(f"{where}: mode: expected one of {', '.join(_MODES)}, got {mode!r}")
    before = tuple(input.size())[2:]
    dims = len(before)
    wanted = _MODES[mode] or dims
    if not 1 <= dims <= 3 or dims != wanted or 0 in before:
        spatial = "1 to 3 spatial sizes" if not _MODES[mode] else f"{wanted} spatial sizes"
        raise ValueError(
            f"{where}: expected input of size (batch, channels, {spatial}) of at least 1 for mode "
            f"{mode!r}, got {tuple(input.size())}"
        )
    linear = mode.endswith(("linear", "cubic"))
    if align_corners is not None and not linear:
        raise ValueError(f"{where}: align_corners: mode {mode!r} has none, got {align_corners!r}")
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"{where}: expected either size or scale_factor, got {size!r} and {scale_factor!r}"
        )
    scales: tuple = (None,) * dims
    if size is not None:
        after = sizes(where, "size", size, dims, 1)
    else:
        scales = _scales(where, scale_factor, dims)
        after = tuple([int(n * scale) for n, scale in zip(before, scales, strict=True)])
        if 0 in after:
            raise ValueError(
                f"{where}: scale_factor: expected a result of at least one element in each "
                f"dimension, got {scale_factor!r} for input {tuple(input.size())}"
            )
    if mode == "area":
        return adaptive_avg_pool(where, dims, input, after)
    kind = "linear" if mode in ("bilinear", "trilinear") else mode
    axes = [
        Axis(2 + i, n, _taps(kind, n, out, scale, bool(align_corners), input.device))
        for i, (n, out, scale) in enumerate(zip(before, after, scales, strict=True))
    ]
    return execute(F.Interpolate(tuple(axes)), (input,))


def _scales(where: str, value: Any, dims: int) -> tuple[float, ...]:
    each = tuple(value) if isinstance(value, tuple | list) else (value,) * dims
    good = len(each) == dims and all(isinstance(s, int | float) and 0 < s < math.inf for s in each)
    if not good:
        raise ValueError(
            f"{where}: scale_factor: expected a positive number or {dims} of them, got {value!r}"
        )
    return each


def _cubic(t: float) -> list[float]:
    """Weights of the four neighbours at distances 1 + t, t, 1 - t, 2 - t.

    R. Keys, "Cubic convolution interpolation for digital image processing" (1981), with the
    parameter -0.75 that image libraries use.
    """
    a = -0.75

    def near(x: float) -> float:
        return ((a + 2) * x - (a + 3)) * x * x + 1

    def far(x: float) -> float:
        return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a

    return [far(1 + t), near(t), near(1 - t), far(2 - t)]


@lru_cache(maxsize=256)
def _taps(
    kind: str, n: int, out: int, scale: float | None, align_corners: bool, device: Any
) -> tuple:
    """The taps of an Axis that brings n elements to `out`."""
    step = n / out if scale is None else 1 / scale
    if kind.startswith("nearest"):
        shift = 0.5 if kind == "nearest-exact" else 0.0
        index = [min(int((i + shift) * step), n - 1) for i in range(out)]
        return ((torch.tensor(index, dtype=torch.int64, device=device), None),)
    if align_corners:
        places = [i * (n - 1) / (out - 1) if out > 1 else 0.0 for i in range(out)]
    else:
        places = [(i + 0.5) * step - 0.5 for i in range(out)]
    if kind == "linear":
        places = [min(max(p, 0.0), n - 1.0) for p in places]
        first, weights = 0, [[1 - (p - int(p)), p - int(p)] for p in places]
    else:
        first, weights = -1, [_cubic(p - math.floor(p)) for p in places]
    taps = []
    for k in range(len(weights[0])):
        index = [min(max(math.floor(p) + first + k, 0), n - 1) for p in places]
        weight = torch.tensor([w[k] for w in weights], dtype=torch.float64, device=device)
        taps.append((torch.tensor(index, dtype=torch.int64, device=device), weight))
    return tuple(taps)
