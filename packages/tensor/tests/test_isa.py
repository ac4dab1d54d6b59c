"""The tables hold for every instruction set that the kernels are compiled for."""

import subprocess
import sys

import pytest
import torch
from harness import HERE, os, run

FAMILIES = ["unary", "binary", "nary", "copy", "reduce"]
TABLES = [f"ops/test_{family}.py" for family in FAMILIES]
# the tests whose results come from vector loops
VALUES = "large or special or tail or limits or wrap or sums or bits or conversions or isclose"
LEVELS = ["baseline", "avx2", "avx512"]


def active(isa: str) -> str:
    return run("import torch; print(torch.cpu.isa())", ALPHATORCH_CPU=isa).strip()


def test_the_best_one_is_chosen():
    best = run("import torch; print(torch.cpu.isa())", ALPHATORCH_CPU=None).strip()
    assert best in LEVELS
    assert active("nonsense") == best
    for isa in LEVELS:
        assert active(isa) == min(isa, best, key=LEVELS.index)


@pytest.mark.parametrize("isa", LEVELS)
def test_tables(isa):
    if active(isa) != isa:
        pytest.skip(f"this processor has no {isa}")
    if isa == torch.cpu.isa():
        pytest.skip(f"{isa} is what this run of the suite uses")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", VALUES]
        + [str(HERE / table) for table in TABLES],
        env={**os.environ, "ALPHATORCH_CPU": isa},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
