"""Many elements to one, of all and along a dimension; scans; order."""

from benchmarks.case import LIBRARIES, Case, Input, eager

SQUARE = Input((1_000, 1_000))
# Positive numbers, so that rounding is small beside the sum.
POSITIVE = Input((1_000, 1_000), kind="uniform")


def three_ways(name: str, torch: str, numpy: str, jax: str, a: Input = SQUARE) -> list[Case]:
    """Of all elements and along both dimensions: {dim} is the dimension, {then} has a comma."""
    return [
        Case(
            f"{name}{way}, 1000x1000",
            "reductions",
            {
                library: code.format(dim=dim, then=dim and f", {dim}")
                for library, code in zip(LIBRARIES, (torch, numpy, torch, jax), strict=True)
            },
            {"a": a},
            tolerance=2e-5,
        )
        for way, dim in (("", ""), (" 0", "0"), (" 1", "1"))
    ]


def vectors(name: str, torch: str, numpy: str, jax: str, tolerance: float) -> list[Case]:
    """Of all elements of vectors, short and beyond the caches."""
    codes = dict(zip(LIBRARIES, (torch, numpy, torch, jax), strict=True))
    return [
        Case(
            f"{name} {label}", "reductions", codes, {"a": Input((size,), kind="uniform")}, "", "", t
        )
        for label, size, t in (("1e3", 1_000, 2e-5), ("1e7", 10_000_000, tolerance))
    ]


def order(name: str, torch: str, numpy: str, jax: str, a: Input, result: str = "{}") -> Case:
    """The result of `code` is what {} stands for."""
    codes = zip(LIBRARIES, (torch, numpy, torch, jax), strict=True)
    present = {library: code for library, code in codes if code}
    results = {library: result.format(code) for library, code in present.items()}
    return Case(name, "reductions", present, {"a": a}, result=results, tolerance=0)


ROWS = {
    "1e3": Input((1_000,)),
    "1e5": Input((100_000,)),
    "1e6": Input((1_000_000,)),
    "1e6 float64": Input((1_000_000,), "float64"),
    "1e6 int64": Input((1_000_000,), "int64", kind="classes", classes=10**15),
    "1000x1000": SQUARE,
}
LARGEST = "np.sort(np.partition(a, a.size - 100)[-100:])[::-1]"

CASES = [
    *(
        Case(
            f"sum {label}",
            "reductions",
            eager("a.sum()", jax="total(a)"),
            {"a": Input((size,), kind="uniform")},
        )
        for label, size in (("1e3", 1_000), ("1e5", 100_000), ("1e7", 10_000_000))
    ),
    *three_ways("sum", "a.sum({dim})", "a.sum({dim})", "total(a{then})", POSITIVE),
    *three_ways("mean", "a.mean({dim})", "a.mean({dim})", "mean(a{then})", POSITIVE),
    *three_ways("max", "torch.amax(a{then})", "a.max({dim})", "amax(a{then})"),
    *three_ways("argmax", "a.argmax({dim})", "a.argmax({dim})", "argmax(a{then})"),
    *three_ways("var", "torch.var(a{then}, unbiased=False)", "a.var({dim})", "var(a{then})"),
    *three_ways("norm", "a.norm(2{then})", "np.linalg.norm(a, None{then})", "norm(a, None{then})"),
    *three_ways(
        "any",
        "a.any({dim})",
        "a.any({dim})",
        "any(a{then})",
        Input((1_000, 1_000), "bool", "classes", classes=1),
    ),
    *vectors("max", "torch.amax(a)", "a.max()", "amax(a)", 0),
    *vectors("argmax", "a.argmax()", "a.argmax()", "argmax(a)", 0),
    *vectors("var", "torch.var(a, unbiased=False)", "a.var()", "var(a)", 1e-3),
    *vectors("norm", "a.norm()", "np.linalg.norm(a)", "norm(a, None)", 1e-4),
    *(
        Case(
            f"{name}{way}, 1000x1000",
            "reductions",
            eager(
                f"{name}(a{view}, {dim})",
                f"{name}(a{view}, {dim})",
            ),
            {"a": SQUARE},
            tolerance=2e-5,
        )
        for name in ("softmax", "log_softmax")
        for way, view, dim in (("", ".reshape(-1)", 0), (" 0", "", 0), (" 1", "", 1))
    ),
    *(
        # NumPy adds up float32 numbers in float32.
        Case(
            name,
            "reductions",
            eager(f"a.cumsum({dim})", jax=f"cumsum(a, {dim})"),
            {"a": a},
            tolerance=1e-4,
        )
        for name, dim, a in (
            ("cumsum 1e6", 0, Input((1_000_000,), kind="uniform")),
            ("cumsum 0, 1000x1000", 0, POSITIVE),
            ("cumsum 1, 1000x1000", 1, POSITIVE),
        )
    ),
    *(
        order(f"sort {label}", "torch.msort(a)", "np.sort(a, 0)", "sort(a)", ROWS[label])
        for label in ("1e3", "1e5", "1e6", "1e6 float64", "1e6 int64")
    ),
    *(
        order(f"argsort {label}", "a.argsort()", "a.argsort()", "argsort(a)", ROWS[label], "a[{}]")
        for label in ("1e3", "1e5", "1e6", "1e6 float64")
    ),
    order(
        "argsort 1, 1000x1000", "a.argsort()", "a.argsort()", "argsort(a)", SQUARE, "a[0][{}[0]]"
    ),
    *(
        order(f"sort with positions {label}", "torch.sort(a)", "", "", ROWS[label], "{}[0]")
        for label in ("1e3", "1e5", "1e6", "1000x1000")
    ),
    order("sort values 0, 1000x1000", "torch.msort(a)", "np.sort(a, 0)", "sort(a, 0)", SQUARE),
    order("sort values 1, 1000x1000", "torch.sort(a)[0]", "np.sort(a)", "sort(a, -1)", SQUARE),
    *(
        order(f"unique {label}", "torch.unique(a)", "np.unique(a)", "", a)
        for label, a in (
            ("1e6", ROWS["1e6"]),
            ("1e6 float64", ROWS["1e6 float64"]),
            ("1e6 of 1000", Input((1_000_000,), "int64", "classes", classes=1_000)),
        )
    ),
    *(
        order(f"topk 100 of {label}", "torch.topk(a, 100)[0]", LARGEST, "topk(a, 100)", ROWS[label])
        for label in ("1e5", "1e6")
    ),
    order(
        "topk 10 of 1000x1000",
        "torch.topk(a, 10)[0]",
        "np.sort(np.partition(a, 990)[:, -10:])[:, ::-1]",
        "topk(a, 10)",
        SQUARE,
    ),
    order(
        "median 1e6",
        "torch.kthvalue(a, 500_000)[0]",
        "np.partition(a, 499_999)[499_999]",
        "",
        ROWS["1e6"],
    ),
]
