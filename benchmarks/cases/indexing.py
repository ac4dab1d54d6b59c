"""Elements picked by positions and masks, tensors put together, parts of them assigned."""

from benchmarks.case import LIBRARIES, Case, Input

MILLION = Input((1_000_000,))
SQUARE = Input((1_000, 1_000))
PLACES = Input((1_000_000,), "int64", "classes", classes=1_000_000)
GRID = Input((1_000, 1_000), "int64", "classes", classes=1_000)
MASK = Input((1_000_000,), "bool", "classes", classes=2)
THOUSAND = Input((1_000,))
SHORT_MASK = Input((1_000,), "bool", "classes", classes=2)
REGION = "(slice(1, None, 2), slice(None, 500))"


def case(name: str, torch: str, numpy: str, jax: str, **inputs: Input) -> Case:
    """The code of both torches, of NumPy and of JAX, which can leave it empty."""
    codes = zip(LIBRARIES, (torch, numpy, torch, jax), strict=True)
    return Case(name, "indexing", {k: code for k, code in codes if code}, inputs, tolerance=0)


def same(name: str, code: str, jax: str, **inputs: Input) -> Case:
    return case(name, code, code, jax, **inputs)


CASES = [
    case(
        "index_select rows of 64",
        "a.index_select(0, i)",
        "a.take(i, 0)",
        "take(a, i, 0)",
        a=Input((10_000, 64)),
        i=Input((10_000,), "int64", "classes", classes=10_000),
    ),
    case(
        "index_select columns",
        "a.index_select(1, i)",
        "a.take(i, 1)",
        "take(a, i, 1)",
        a=SQUARE,
        i=Input((1_000,), "int64", "classes", classes=1_000),
    ),
    case(
        "index_select 1e6",
        "a.index_select(0, i)",
        "a.take(i)",
        "take(a, i, 0)",
        a=MILLION,
        i=PLACES,
    ),
    *(
        case(
            f"gather {dim}",
            f"a.gather({dim}, i)",
            f"np.take_along_axis(a, i, {dim})",
            f"take_along_axis(a, i, {dim})",
            a=SQUARE,
            i=GRID,
        )
        for dim in (0, 1)
    ),
    # Each place is written once: the order does not matter.
    *(
        case(
            f"scatter_ {dim}",
            f"a.scatter_({dim}, i, b)",
            f"put_along_axis(a, i, b, {dim})",
            f"put_along_axis(a, i, b, {dim})",
            a=SQUARE,
            i=Input((1_000, 1_000), "int64", kind),
            b=SQUARE,
        )
        for dim, kind in ((0, "permutations of columns"), (1, "permutations"))
    ),
    case(
        "gather 1, 100x10",
        "a.gather(1, i)",
        "np.take_along_axis(a, i, 1)",
        "take_along_axis(a, i, 1)",
        a=Input((100, 10)),
        i=Input((100, 10), "int64", "classes"),
    ),
    case("masked_select 1e3", "a.masked_select(m)", "a[m]", "", a=THOUSAND, m=SHORT_MASK),
    case(
        "masked_select 1e6",
        "a.masked_select(m)",
        "a[m]",
        "",
        a=MILLION,
        m=MASK,
    ),
    same("x[mask] 1e6", "a[m]", "", a=MILLION, m=MASK),
    same("x[mask] 1e3", "a[m]", "", a=THOUSAND, m=SHORT_MASK),
    same("x[mask] = number 1e6", "assign(a, m, 0)", "masked_fill(a, m, 0)", a=MILLION, m=MASK),
    same(
        "x[indices] 1e3",
        "a[i]",
        "at_positions(a, i)",
        a=THOUSAND,
        i=Input((1_000,), "int64", "classes", classes=1_000),
    ),
    same("x[indices] 1e6", "a[i]", "at_positions(a, i)", a=MILLION, i=PLACES),
    same(
        "x[indices, indices] 1e6",
        "a[i, j]",
        "at_positions(a, i, j)",
        a=SQUARE,
        i=GRID,
        j=GRID,
    ),
    same(
        "x[4 indices]",
        "a[i]",
        "at_positions(a, i)",
        a=Input((100,)),
        i=Input((4,), "int64", "classes", classes=100),
    ),
    same("x[list of 3]", "a[[0, 2, 5]]", "", a=Input((100,))),
    same(
        "x[indices] = values 1e6",
        "assign(a, i, b)",
        "assign(a, i, b)",
        a=MILLION,
        b=MILLION,
        i=Input((1_000_000,), "int64", "permutations"),
    ),
    case(
        "cat 2 of 1e6",
        "torch.cat([a, b])",
        "np.concatenate([a, b])",
        "cat(0, a, b)",
        a=MILLION,
        b=MILLION,
    ),
    case(
        "cat 1, 2 of 1000x1000",
        "torch.cat([a, b], 1)",
        "np.concatenate([a, b], 1)",
        "cat(1, a, b)",
        a=SQUARE,
        b=SQUARE,
    ),
    case(
        "cat 3 of 4",
        "torch.cat([a, b, a])",
        "np.concatenate([a, b, a])",
        "cat(0, a, b, a)",
        a=Input((4,)),
        b=Input((4,)),
    ),
    case(
        "stack 2 of 1e6",
        "torch.stack([a, b])",
        "np.stack([a, b])",
        "stack(0, a, b)",
        a=MILLION,
        b=MILLION,
    ),
    case(
        "stack 1, 2 of 1e6",
        "torch.stack([a, b], 1)",
        "np.stack([a, b], 1)",
        "stack(1, a, b)",
        a=MILLION,
        b=MILLION,
    ),
    case("nonzero 1e6, half", "torch.nonzero(m)", "np.flatnonzero(m)", "", m=MASK),
    case(
        "nonzero 1000x1000, few",
        "torch.nonzero(a == 0)",
        "np.argwhere(a == 0)",
        "",
        a=Input((1_000, 1_000), "int64", "classes", classes=50),
    ),
    same(
        "x[1::2, :500] = values",
        f"assign(a, {REGION}, b)",
        "assign_region(a, b)",
        a=SQUARE,
        b=Input((500, 500)),
    ),
    same(
        "x[2:8:2, :4] = number, 10x10",
        "assign(a, (slice(2, 8, 2), slice(None, 4)), 1)",
        "",
        a=Input((10, 10)),
    ),
    same("x[1::2, :500] = number", f"assign(a, {REGION}, 1)", "assign_region(a, 1)", a=SQUARE),
]
