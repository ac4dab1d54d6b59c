"""One operation on every element, each call with a fresh output."""

from benchmarks.case import Case, Input, eager

CASES = [
    case
    for label, size in (("1e3", 1_000), ("1e5", 100_000), ("1e7", 10_000_000))
    for case in (
        Case(
            f"add {label}",
            "pointwise",
            eager("a + b", jax="add(a, b)"),
            {"a": Input((size,)), "b": Input((size,))},
            tolerance=1e-7,
        ),
        Case(f"exp {label}", "pointwise", "exp(a)", {"a": Input((size,))}, tolerance=1e-6),
    )
]
