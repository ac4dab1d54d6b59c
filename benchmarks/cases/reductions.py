"""Many elements to one."""

from benchmarks.case import Case, Input, eager

CASES = [
    Case(
        f"sum {label}",
        "reductions",
        eager("a.sum()", jax="total(a)"),
        # Positive numbers, so that rounding is small beside the sum.
        {"a": Input((size,), kind="uniform")},
        tolerance=1e-5,
    )
    for label, size in (("1e3", 1_000), ("1e5", 100_000), ("1e7", 10_000_000))
]
