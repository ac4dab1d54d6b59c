"""One operation on every element, each call with a fresh output."""

from dataclasses import replace

from benchmarks.case import LIBRARIES, Case, Input

NORMAL = Input(())
POSITIVE = Input((), kind="uniform", scale=4.0)
MASK = Input((), "bool", "classes", classes=2)
SMALL_INTEGERS = Input((), "int64", "classes", classes=100)


def row(name: str, torch: str, numpy: str, jax: str, *inputs: Input, tolerance: float = 1e-6):
    """One row of the table below: what is applied to `inputs`, called a, b, c.

    The sizes of the inputs are put in later. JAX compiles `jax`.
    """
    return name, torch, numpy, jax, dict(zip("abc", inputs, strict=False)), tolerance


ROWS = [
    row("add", "a + b", "a + b", "a + b", NORMAL, NORMAL),
    row("multiply by a number", "a * 1.5", "a * 1.5", "a * 1.5", NORMAL),
    row(
        "addcmul",
        "torch.addcmul(a, b, c, value=0.5)",
        "a + 0.5 * b * c",
        "a + 0.5 * b * c",
        NORMAL,
        NORMAL,
        NORMAL,
    ),
    row("exp", "torch.exp(a)", "np.exp(a)", "jnp.exp(a)", NORMAL),
    row("log", "torch.log(a)", "np.log(a)", "jnp.log(a)", POSITIVE),
    row("tanh", "torch.tanh(a)", "np.tanh(a)", "jnp.tanh(a)", NORMAL),
    row("sigmoid", "torch.sigmoid(a)", "1 / (1 + np.exp(-a))", "jax.nn.sigmoid(a)", NORMAL),
    row("sqrt", "torch.sqrt(a)", "np.sqrt(a)", "jnp.sqrt(a)", POSITIVE),
    row("power", "a ** b", "a ** b", "a ** b", POSITIVE, NORMAL, tolerance=2e-6),
    row("square", "a ** 2", "a ** 2", "a ** 2", NORMAL),
    row("sin", "torch.sin(a)", "np.sin(a)", "jnp.sin(a)", NORMAL),
    row("erf", "torch.erf(a)", "", "jax.scipy.special.erf(a)", NORMAL),
    row("clamp", "a.clamp(-1, 1)", "np.clip(a, -1, 1)", "jnp.clip(a, -1, 1)", NORMAL),
    row("where", "torch.where(m, a, b)", "np.where(m, a, b)", "jnp.where(m, a, b)", NORMAL, NORMAL),
    row("masked_fill", "a.masked_fill(m, 0)", "np.where(m, 0, a)", "jnp.where(m, 0, a)", NORMAL),
    row("compare", "a > b", "a > b", "a > b", NORMAL, NORMAL),
    row("copy", "a.clone()", "a.copy()", "jnp.copy(a)", NORMAL),
    row("float32 to float64", "a.double()", "a.astype('float64')", "a.astype('float64')", NORMAL),
    row("float32 to int32", "a.int()", "a.astype('int32')", "a.astype('int32')", NORMAL),
    row("float32 to float16", "a.half()", "a.astype('float16')", "a.astype('float16')", NORMAL),
    row("int64 to float32", "a.float()", "a.astype('f4')", "a.astype('f4')", SMALL_INTEGERS),
]
MATRIX_ROWS = [
    row("copy of the transposed", "a.t().contiguous()", "a.T.copy('C')", "a.T", NORMAL),
    row("add a row", "a + b", "a + b", "a + b", NORMAL, NORMAL),
]


def cases(rows, sizes):
    for label, (shape, of_b) in sizes.items():
        for name, torch, numpy, jax, inputs, tolerance in rows:
            shaped = {n: replace(i, shape=of_b if n == "b" else shape) for n, i in inputs.items()}
            if "m," in torch:
                shaped["m"] = replace(MASK, shape=shape)
            names = ", ".join(shaped)
            code = dict(zip(LIBRARIES, (torch, numpy, torch, f"f({names})"), strict=True))
            yield Case(
                f"{name} {label}",
                "pointwise",
                {library: text for library, text in code.items() if text},
                shaped,
                setup={"jax": f"f = jit(lambda {names}: {jax})"},
                tolerance=tolerance,
            )


CASES = [
    *cases(
        ROWS, {text: ((n,), (n,)) for text, n in (("1e3", 10**3), ("1e5", 10**5), ("1e7", 10**7))}
    ),
    *cases(
        MATRIX_ROWS,
        {
            "1e3": ((25, 40), (40,)),
            "1e5": ((250, 400), (400,)),
            "1e7": ((2500, 4000), (4000,)),
        },
    ),
]
