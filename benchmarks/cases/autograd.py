"""Variables: recording, backward, whole steps of training."""

from benchmarks.case import Case, Input

LIBRARIES = ("alphatorch", "pytorch")
FOUR = Input((4,))


def layer(inputs: int, outputs: int, number: int) -> dict[str, Input]:
    """Weight and bias of a linear layer."""
    return {
        f"w{number}": Input((outputs, inputs), scale=inputs**-0.5),
        f"b{number}": Input((outputs,), scale=0.1),
    }


def lstm_layer(width: int, number: int) -> dict[str, Input]:
    """Both matrices and the bias of all four gates."""
    return {
        f"w{number}": Input((width, 4 * width), scale=width**-0.5),
        f"u{number}": Input((width, 4 * width), scale=width**-0.5),
        f"b{number}": Input((4 * width,), scale=0.1),
    }


MLP = {
    "x": Input((16, 8)),
    "classes": Input((16,), "int64", kind="classes", classes=8),
    **layer(8, 8, 1),
    **layer(8, 8, 2),
    **layer(8, 8, 3),
}

CASES = [
    Case(
        "Variable add 4",
        "autograd",
        dict.fromkeys(LIBRARIES, "x + y"),
        {"a": FOUR, "b": FOUR},
        setup="x, y = variable(a), variable(b)",
    ),
    Case(
        "10 multiplications of 4",
        "autograd",
        dict.fromkeys(LIBRARIES, "step()"),
        {"x": FOUR, "factor": FOUR, "g": FOUR},
        setup="step = chain(x, factor, g)",
    ),
    Case(
        "MLP 8-8-8-8 step",
        "autograd",
        dict.fromkeys(LIBRARIES, "step()"),
        MLP,
        setup="step = mlp_step(x, classes, [w1, b1, w2, b2, w3, b3])",
        result="[step() for _ in range(5)]",
    ),
    Case(
        "MLP 8-8-8-8 double backward",
        "autograd",
        dict.fromkeys(LIBRARIES, "step()"),
        MLP,
        setup="step = double_backward(x, classes, [w1, b1, w2, b2, w3, b3])",
    ),
    Case(
        "digits step",
        "autograd",
        dict.fromkeys((*LIBRARIES, "jax"), "step()"),
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
    Case(
        "LSTM from cells, 2 layers, 35x20x200",
        "autograd",
        dict.fromkeys(LIBRARIES, "step()"),
        {"x": Input((35, 20, 200)), **lstm_layer(200, 1), **lstm_layer(200, 2)},
        setup="step = lstm_gradients(x, [w1, u1, b1, w2, u2, b2])",
        tolerance=1e-4,
    ),
]
