"""Matrix products of all proportions, and decompositions."""

from benchmarks.case import LIBRARIES, Case, Input

GROUP = "linear algebra"
TOLERANCE = {"float32": 1e-5, "float64": 1e-13}


def product(
    name: str,
    torch: str,
    numpy: str,
    jax: str,
    dtype: str = "float32",
    flops: float = 0.0,
    **shapes: tuple[int, ...],
) -> Case:
    """JAX compiles `jax`, an expression of the arrays whose shapes are given."""
    names = ", ".join(shapes)
    return Case(
        name,
        GROUP,
        dict(zip(LIBRARIES, (torch, numpy, torch, f"f({names})"), strict=True)),
        {name: Input(shape, dtype) for name, shape in shapes.items()},
        setup={"jax": f"f = jit(lambda {names}: {jax})"},
        tolerance=TOLERANCE[dtype],
        flops=flops,
    )


def mm(rows: int, inner: int, columns: int, first: str = "", second: str = "") -> Case:
    """(rows x inner) by (inner x columns); `first` and `second`: "'" where an operand is
    transposed, and so lies in memory the other way round.
    """
    texts = [
        f"mm({'a' + t if first else 'a'}, {'b' + t if second else 'b'})" for t in (".t()", ".T")
    ]
    return product(
        f"mm {rows}x{inner}{first} by {inner}x{columns}{second}",
        texts[0],
        texts[1],
        texts[1],
        flops=2.0 * rows * inner * columns,
        a=(inner, rows) if first else (rows, inner),
        b=(columns, inner) if second else (inner, columns),
    )


def decomposition(name: str, torch: str, numpy: str, jax: str, part: str = "") -> list[Case]:
    """Of a positive definite matrix of 200, in both dtypes; `part`: what is compared."""
    inputs = {"a": "definite", "b": "normal"}
    names = ", ".join(n for n in inputs if f"{n})" in torch or f"{n}," in torch)
    code = dict(zip(LIBRARIES, (torch, numpy, torch, f"f({names})"), strict=True))
    return [
        Case(
            f"{name} 200 {dtype}",
            GROUP,
            code,
            {n: Input((200, 200), dtype, kind) for n, kind in inputs.items() if n in names},
            setup={"jax": f"f = jit(lambda {names}: {jax})"},
            result={library: text + part for library, text in code.items()},
            tolerance=100 * tolerance,
        )
        for dtype, tolerance in TOLERANCE.items()
    ]


CASES = [
    *(
        product(
            f"mm {size} {dtype}",
            "mm(a, b)",
            "mm(a, b)",
            "a @ b",
            dtype,
            flops=2.0 * size**3,
            a=(size,) * 2,
            b=(size,) * 2,
        )
        for dtype in TOLERANCE
        for size in (64, 256, 1024, 2048)
    ),
    mm(512, 512, 512, first="'"),
    mm(512, 512, 512, second="'"),
    mm(512, 512, 512, first="'", second="'"),
    mm(16, 16, 16),
    mm(1, 1024, 1024),
    mm(1, 1024, 1024, second="'"),
    mm(20, 250, 1000),
    mm(64, 128, 10, second="'"),
    mm(64, 784, 128, second="'"),
    mm(8, 100_000, 8),
    mm(100_000, 8, 8),
    mm(100_000, 8, 1),
    mm(1000, 2, 1000),
    product(
        "bmm 16 of 256", "torch.bmm(a, b)", "mm(a, b)", "a @ b", a=(16, 256, 256), b=(16, 256, 256)
    ),
    product(
        "bmm 1024 of 8", "torch.bmm(a, b)", "mm(a, b)", "a @ b", a=(1024, 8, 8), b=(1024, 8, 8)
    ),
    product("mv 1024", "torch.mv(a, b)", "mm(a, b)", "a @ b", a=(1024, 1024), b=(1024,)),
    product(
        "mv 1024 transposed",
        "torch.mv(a.t(), b)",
        "mm(a.T, b)",
        "a.T @ b",
        a=(1024, 1024),
        b=(1024,),
    ),
    product("mv 100", "torch.mv(a, b)", "mm(a, b)", "a @ b", a=(100, 100), b=(100,)),
    product(
        "addmm 256",
        "torch.addmm(c, a, b)",
        "c + mm(a, b)",
        "c + a @ b",
        a=(256, 256),
        b=(256, 256),
        c=(256, 256),
    ),
    product(
        "addmm of a row 64x128 by 128x64",
        "torch.addmm(c, a, b)",
        "c + mm(a, b)",
        "c + a @ b",
        a=(64, 128),
        b=(128, 64),
        c=(64,),
    ),
    *decomposition(
        "solve", "torch.linalg.solve(a, b)", "np.linalg.solve(a, b)", "jnp.linalg.solve(a, b)"
    ),
    *decomposition("inverse", "torch.linalg.inv(a)", "np.linalg.inv(a)", "jnp.linalg.inv(a)"),
    *decomposition(
        "cholesky", "torch.linalg.cholesky(a)", "np.linalg.cholesky(a)", "jnp.linalg.cholesky(a)"
    ),
    *decomposition(
        "svd",
        "torch.linalg.svd(a, full_matrices=False)",
        "np.linalg.svd(a, full_matrices=False)",
        "jnp.linalg.svd(a, full_matrices=False)",
        part="[1]",
    ),
    *decomposition(
        "symeig", "torch.linalg.eigh(a)", "np.linalg.eigh(a)", "jnp.linalg.eigh(a)", part="[0]"
    ),
]
