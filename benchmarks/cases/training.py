"""Whole steps of training: gradients to zero, forward, loss, backward, update."""

from benchmarks.case import Case, Input

LIBRARIES = ("alphatorch", "pytorch")


def training(name: str, step: str, x: Input, target: Input, tolerance: float) -> Case:
    """Compared is the loss over five steps, so that a wrong update shows as well."""
    return Case(
        name,
        "training",
        dict.fromkeys(LIBRARIES, "step(x, target)"),
        {"x": x, "target": target},
        setup=f"step = {step}()",
        result="[step(x, target) for _ in range(5)]",
        tolerance=tolerance,
    )


def classes(*shape: int, below: int = 10) -> Input:
    return Input(shape, "int64", kind="classes", classes=below)


CASES = [
    training("MLP 64-128-10", "classifier_step", Input((128, 64)), classes(128), 1e-5),
    training("LeNet 64x1x28x28", "lenet_step", Input((64, 1, 28, 28)), classes(64), 1e-4),
    training("ResNet-8 32x3x32x32", "resnet_step", Input((32, 3, 32, 32)), classes(32), 1e-4),
    training(
        "LSTM language model 2x200, 10k words, 35x20",
        "language_step",
        classes(35, 20, below=10_000),
        classes(700, below=10_000),
        1e-5,
    ),
]
