"""Runs every script of this folder twice, with torch and with NumPy, and compares the results."""

import re
import sys
from pathlib import Path
from types import ModuleType

import numpy

HERE = Path(__file__).parent
IMPORT = "import torch as np\n"


def load(path: Path, library: str) -> ModuleType:
    """The script as a module over `library`, which stands in its import line."""
    source = path.read_text()
    if source.count(IMPORT) != 1:
        raise ValueError(f"{path.name}: expected one line {IMPORT!r}")
    module = ModuleType(f"{path.stem}_{library}")
    exec(compile(source.replace(IMPORT, f"import {library} as np\n"), path, "exec"), vars(module))
    return module


def compare(path: Path) -> float:
    """Largest difference of the script's results; AssertionError when they are not the same."""
    ours, theirs = (load(path, library).results() for library in ("torch", "numpy"))
    assert ours.keys() == theirs.keys()
    worst = 0.0
    for name, expected in theirs.items():
        actual = numpy.asarray(ours[name])
        assert actual.shape == expected.shape, f"{path.name}: {name}: {actual.shape}"
        assert actual.dtype == expected.dtype, f"{path.name}: {name}: {actual.dtype}"
        if expected.dtype.kind != "f":
            assert (actual == expected).all(), f"{path.name}: {name} differs"
            continue
        error = float(abs(actual - expected).max() / abs(expected).max())
        assert error < 1e-9, f"{path.name}: {name} differs by {error}"
        worst = max(worst, error)
    return worst


def scripts() -> list[Path]:
    return sorted(p for p in HERE.glob("*.py") if re.search(IMPORT.strip(), p.read_text())
                  and p != Path(__file__).resolve())  # fmt: skip


if __name__ == "__main__":
    for script in scripts():
        print(f"{script.name:20} largest relative difference {compare(script):.1e}")
    sys.exit(0)
