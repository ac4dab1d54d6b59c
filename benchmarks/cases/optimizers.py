"""Steps of optimizers: a million parameters in 60 tensors, the gradients given."""

from benchmarks.case import Case, Input

LIBRARIES = ("alphatorch", "pytorch")
TENSORS = {"start": Input((60, 16_667)), "gradient": Input((60, 16_667), scale=0.01)}


def steps(rule: str, options: dict[str, float | bool], added: str = "", way: str = "") -> Case:
    """One rule; way: what PyTorch is told to do beside its default, a loop over the tensors."""
    made = f"optimizer, parameters = optimizer_of({rule!r}, start, gradient, **{{}})"
    theirs = {**options, way: True} if way else options
    return Case(
        f"{rule}{added}" + (f" against {way}" if way else ""),
        "optimizers" + (f", {way}" if way else ""),
        dict.fromkeys(LIBRARIES, "optimizer.step()"),
        TENSORS,
        setup={"alphatorch": made.format(options), "pytorch": made.format(theirs)},
        # eps is placed differently by the two in Adam; no gradient here is near it
        result="[optimizer.step() for _ in range(3)] and parameters",
        tolerance=1e-5,
    )


def clipping(name: str, limit: str) -> Case:
    """Compared is the first call, which brings the norm from about 10 to 1."""
    return Case(
        name,
        "optimizers",
        dict.fromkeys(LIBRARIES, f"clip_grad_norm(parameters, {limit})"),
        TENSORS,
        setup="_, parameters = optimizer_of('SGD', start, gradient, lr=0.1); limits = falling()",
        result="[float(clip_grad_norm(parameters, 1.0)), *[p.grad for p in parameters]]",
        tolerance=1e-5,
    )


#: class, its options, what they add to the name
RULES: list[tuple[str, dict[str, float | bool], str]] = [
    ("SGD", {"lr": 0.01}, ""),
    ("SGD", {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-4}, ", momentum"),
    ("Adam", {"lr": 0.001, "eps": 1e-14}, ""),
    ("AdamW", {"lr": 0.001}, ""),
    ("Adagrad", {"lr": 0.01}, ""),
    ("RMSprop", {"lr": 0.001}, ""),
    ("RMSprop", {"lr": 0.001, "momentum": 0.9, "centered": True}, ", momentum, centered"),
    ("Adadelta", {"lr": 0.1}, ""),
    ("Adamax", {"lr": 0.001}, ""),
    ("NAdam", {"lr": 0.001}, ""),
    ("RAdam", {"lr": 0.001}, ""),
    ("ASGD", {"lr": 0.01}, ""),
    ("Rprop", {"lr": 0.001}, ""),
]
#: those for which PyTorch has one kernel over all tensors on the CPU
FUSED = ("SGD", "Adam", "AdamW", "Adagrad")

CASES = [
    *[steps(*rule) for rule in RULES],
    clipping("clip_grad_norm", "next(limits)"),
    clipping("clip_grad_norm, nothing to clip", "1e9"),
    *[steps(*rule, way="foreach") for rule in RULES],
    *[steps(*rule, way="fused") for rule in RULES if rule[0] in FUSED],
]
