"""Random numbers. Each library draws its own: what is compared are means of squares, roughly."""

from benchmarks.case import Case, Input

MILLION = Input((1_000_000,))


def case(name: str, torch: str, numpy: str, jax: str, **inputs: Input) -> Case:
    codes = {"alphatorch": torch, "numpy": numpy, "pytorch": torch, "jax": jax}
    means = {library: f"mean(({code}) ** 2)" for library, code in codes.items()}
    return Case(name, "random", codes, inputs, result=means, tolerance=0.2)


CASES = [
    case("randn 1e6", "torch.randn(10**6)", "rng.standard_normal(10**6, 'f4')", "randn(10**6)"),
    case("randn 1e3", "torch.randn(1000)", "rng.standard_normal(1000, 'f4')", "randn(1000)"),
    case("rand 1e6", "torch.rand(10**6)", "rng.random(10**6, 'f4')", "rand(10**6)"),
    case(
        "rand 1e6 float64",
        "torch.rand(10**6, dtype=torch.float64)",
        "rng.random(10**6)",
        "rand(10**6, 'float64')",
    ),
    case(
        "randint 1e6",
        "torch.randint(0, 1000, (10**6,))",
        "rng.integers(0, 1000, 10**6)",
        "randint(10**6, 1000)",
    ),
    case(
        "bernoulli 1e6",
        "torch.empty(10**6).bernoulli_(0.3)",
        "(rng.random(10**6, 'f4') < 0.3).astype('f4')",
        "bernoulli(10**6, 0.3)",
    ),
    case(
        "bernoulli of tensor 1e6",
        "torch.bernoulli(p)",
        "(rng.random(10**6, 'f4') < p).astype('f4')",
        "bernoulli_of(p)",
        p=Input((1_000_000,), kind="uniform"),
    ),
    case("randperm 1e6", "torch.randperm(10**6)", "rng.permutation(10**6)", "randperm(10**6)"),
    case(
        "multinomial 1e6 of 1000",
        "torch.multinomial(p, 10**6, True)",
        "rng.choice(1000, 10**6, p=p / p.sum())",
        "choice(p, 10**6)",
        p=Input((1_000,), "float64", kind="uniform"),
    ),
    case(
        "multinomial 1e4 of 1e5, no replacement",
        "torch.multinomial(p, 10**4)",
        "rng.choice(10**5, 10**4, False, p / p.sum())",
        "choice(p, 10**4, False)",
        p=Input((100_000,), "float64", kind="uniform"),
    ),
    case(
        "dropout 1e6",
        "x * torch.empty(10**6).bernoulli_(0.5).div_(0.5)",
        "x * (rng.random(10**6, 'f4') < 0.5) / np.float32(0.5)",
        "dropout(x)",
        x=MILLION,
    ),
]
