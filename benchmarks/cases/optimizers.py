"""Steps of optimizers: a million parameters in 60 tensors, the gradients given."""

from benchmarks.case import Case, Input

LIBRARIES = ("alphatorch", "pytorch")


def steps(name: str, optimizer: str, **options: float) -> Case:
    return Case(
        name,
        "optimizers",
        dict.fromkeys(LIBRARIES, "optimizer.step()"),
        {"start": Input((60, 16_667)), "gradient": Input((60, 16_667), scale=0.01)},
        setup="optimizer, parameters = "
        f"optimizer_of({optimizer!r}, start, gradient, **{options!r})",
        # eps is placed differently by the two in Adam; no gradient here is near it
        result="[optimizer.step() for _ in range(3)] and parameters",
        tolerance=1e-5,
    )


CASES = [
    steps("SGD", "SGD", lr=0.01),
    steps("SGD, momentum", "SGD", lr=0.01, momentum=0.9, weight_decay=1e-4),
    steps("Adam", "Adam", lr=0.001, eps=1e-14),
    steps("AdamW", "AdamW", lr=0.001),
    steps("RMSprop", "RMSprop", lr=0.001),
    steps("Adagrad", "Adagrad", lr=0.01),
    steps("Adadelta", "Adadelta", lr=0.1),
    steps("Adamax", "Adamax", lr=0.002),
    steps("NAdam", "NAdam", lr=0.002),
    steps("RAdam", "RAdam", lr=0.001),
    steps("Rprop", "Rprop", lr=0.01),
    steps("ASGD", "ASGD", lr=0.01),
]
