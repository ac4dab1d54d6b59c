"""Layers of networks, forward and backward."""

from benchmarks.case import Case, Input

LIBRARIES = ("alphatorch", "pytorch", "jax")


def convolution(name: str, batch: int, channels: int, size: int, filters: int) -> Case:
    """Output and all three gradients of a 3x3 convolution with padding 1."""
    return Case(
        name,
        "layers",
        dict.fromkeys(LIBRARIES, "step()"),
        {
            "x": Input((batch, channels, size, size)),
            "w": Input((filters, channels, 3, 3), scale=0.1),
            "b": Input((filters,)),
            "g": Input((batch, filters, size, size)),
        },
        setup="step = convolution(x, w, b, g)",
        tolerance=1e-4,
    )


CASES = [
    convolution("conv 3x3, 32x16x8x8", 32, 16, 8, 32),
    convolution("conv 3x3, 16x64x32x32", 16, 64, 32, 64),
]
