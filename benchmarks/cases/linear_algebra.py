"""Products of square matrices."""

from benchmarks.case import Case, Input

CASES = [
    Case(
        f"mm {size} {dtype}",
        "linear algebra",
        "mm(a, b)",
        {"a": Input((size, size), dtype), "b": Input((size, size), dtype)},
        tolerance=tolerance,
        flops=2.0 * size**3,
    )
    for dtype, tolerance in (("float32", 1e-5), ("float64", 1e-13))
    for size in (64, 256, 1024)
]
