"""Calls on tensors so small that only the call itself takes time."""

from benchmarks.case import LIBRARIES, Case, Input

FOUR = Input((4,))
MATRIX = Input((10, 10))


def small(name: str, torch: str, numpy: str, jax: str, **inputs: Input) -> Case:
    """JAX compiles what `jax` says, a function of the inputs."""
    code = dict(zip(LIBRARIES, (torch, numpy, torch, f"f({', '.join(inputs)})"), strict=True))
    return Case(name, "dispatch", code, inputs, setup={"jax": f"f = jit({jax})"})


CASES = [
    small("add 4", "a + b", "a + b", "jnp.add", a=FOUR, b=FOUR),
    small("add a number in place 4", "iadd(a, 1)", "iadd(a, 1)", "lambda a: a + 1", a=Input((4,))),
    small("compare 4", "a > b", "a > b", "lambda a, b: a > b", a=FOUR, b=FOUR),
    small("sum 4", "a.sum()", "a.sum()", "jnp.sum", a=FOUR),
    small("element of a vector", "a[7]", "a[7]", "lambda a: a[7]", a=Input((100,))),
    small("element of a matrix", "a[3, 4]", "a[3, 4]", "lambda a: a[3, 4]", a=MATRIX),
    small("row of a matrix", "a[3]", "a[3]", "lambda a: a[3]", a=MATRIX),
    small("slice of a vector", "a[2:8]", "a[2:8]", "lambda a: a[2:8]", a=Input((10,))),
    small(
        "view", "a.view(5, 20)", "a.reshape(5, 20)", "lambda a: jnp.reshape(a, (5, 20))", a=MATRIX
    ),
    small("zeros 4", "torch.zeros(4)", "np.zeros(4)", "lambda: jnp.zeros(4, 'float32')"),
    small(
        "zeros 4 of a dtype",
        "torch.zeros(4, dtype=torch.float64)",
        "np.zeros(4, dtype=np.float64)",
        "lambda: jnp.zeros(4, 'float64')",
    ),
    small("mm 2x2", "mm(a, b)", "mm(a, b)", "jnp.matmul", a=Input((2, 2)), b=Input((2, 2))),
]
