"""Layers of networks, forward and backward, and a whole step of training."""

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
    Case(
        "digits step",
        "layers",
        dict.fromkeys(LIBRARIES, "step()"),
        {
            "images": Input((32, 1, 8, 8), kind="uniform"),
            "digits": Input((32,), "int64", kind="classes"),
            "w1": Input((16, 1, 3, 3), scale=0.3),
            "b1": Input((16,), scale=0.1),
            "w2": Input((32, 16, 3, 3), scale=0.1),
            "b2": Input((32,), scale=0.1),
            "w3": Input((64, 512), scale=0.05),
            "b3": Input((64,), scale=0.1),
            "w4": Input((10, 64), scale=0.1),
            "b4": Input((10,), scale=0.1),
        },
        # The network of examples/digits.py without dropout, whose random numbers differ.
        setup="step = digits_step(images, digits, [w1, b1, w2, b2, w3, b3, w4, b4])",
        result="[step() for _ in range(5)]",
        tolerance=1e-4,
    ),
]
