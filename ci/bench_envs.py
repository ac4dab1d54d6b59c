"""The environments of the benchmark: one per library, so that none sees another's libraries."""

import argparse
import sys
from pathlib import Path

import nox

from ci.packages import ROOT, python_tag

# threadpoolctl tells which kernels an OpenBLAS has chosen.
PEERS = {
    "numpy": ["numpy==2.4.6", "threadpoolctl==3.8.0"],
    "pytorch": ["torch==2.13.0", "numpy==2.4.6", "threadpoolctl==3.8.0"],
    "jax": ["jax==0.10.2", "numpy==2.4.6", "threadpoolctl==3.8.0"],
    "safetensors": ["safetensors==0.8.0", "numpy==2.4.6", "threadpoolctl==3.8.0"],
}
OURS = ["numpy==2.4.6", "threadpoolctl==3.8.0"]


def prepare(session: nox.Session, wheels: list[str], options: list[str]) -> dict[str, Path]:
    """Makes the environments that `--peers` asks for (default: all); their interpreters by name."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--peers", default=",".join(PEERS))
    wanted = parser.parse_known_args(options)[0].peers.split(",")
    pythons = {"alphatorch": _environment(session, "alphatorch", OURS)}
    session.run(
        str(pythons["alphatorch"]),
        *("-m", "pip", "install", "-q", "--force-reinstall", "--no-deps"),
        *wheels,
        external=True,
    )
    for name, requirements in PEERS.items():
        if name in wanted:
            pythons[name] = _environment(session, name, requirements)
    return pythons


def arguments(pythons: dict[str, Path]) -> list[str]:
    return [f"--library={name}={python}" for name, python in pythons.items()]


def _environment(session: nox.Session, name: str, requirements: list[str]) -> Path:
    folder = ROOT / ".nox" / f"bench-{python_tag()}" / name
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text() != repr(requirements):
        session.run(sys.executable, "-m", "venv", "--clear", str(folder), external=True)
        session.run(str(python), "-m", "pip", "install", "-q", *requirements, external=True)
        stamp.write_text(repr(requirements))
    return python
