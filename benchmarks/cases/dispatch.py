"""Calls on tensors so small that only the call itself takes time."""

from benchmarks.case import Case, Input, eager

FOUR = Input((4,))

CASES = [
    Case("add 4", "dispatch", eager("a + b", jax="add(a, b)"), {"a": FOUR, "b": FOUR}),
    Case(
        "element of a vector",
        "dispatch",
        eager("a[7]", jax="at(a, (7,))"),
        {"a": Input((100,))},
    ),
    Case(
        "element of a matrix",
        "dispatch",
        eager("a[3, 4]", jax="at(a, (3, 4))"),
        {"a": Input((10, 10))},
    ),
]
