"""Checks of finished distributions, and the environment for sanitized runs."""

import json
import shutil
import statistics
import subprocess
import tarfile
from pathlib import Path

import nox

from ci.packages import ROOT, build_inputs

MAX_WHEEL_BYTES = 24_000_000
IMPORT_ROUNDS = 15
# Timer noise allowed when `import torch` is compared with `import numpy`.
IMPORT_MARGIN = 1.1


def check_sdist(package: str, sdist: Path) -> None:
    """Fails unless the sdist holds, unchanged, every file that the wheel is built from.

    So the wheel built from the tree is the wheel one would build from the sdist.
    """
    top = ROOT / "packages" / package
    with tarfile.open(sdist) as archive:
        contents = {
            member.name.split("/", 1)[1]: archive.extractfile(member)
            for member in archive.getmembers()
            if member.isfile()
        }
        for path in build_inputs(package):
            name = path.relative_to(top).as_posix()
            packed = contents.get(name)
            if packed is None or packed.read() != path.read_bytes():
                raise SystemExit(f"{sdist.name}: {name} is missing or differs from the tree")


def check_size(dist: Path) -> None:
    for wheel in sorted(dist.glob("*.whl")):
        size = wheel.stat().st_size
        print(f"{wheel.name}: {size / 1e6:.2f} MB")
        if size > MAX_WHEEL_BYTES:
            raise SystemExit(
                f"{wheel.name}: expected at most {MAX_WHEEL_BYTES / 1e6:.0f} MB, "
                f"got {size / 1e6:.1f} MB"
            )


def try_wheels(session: nox.Session, dist: Path, outside: Path) -> None:
    """Tries the wheels as a user would: a fresh environment, a folder outside the tree."""
    python = str(outside / "env" / "bin" / "python")
    session.run("python", "-m", "venv", str(outside / "env"))
    for example in ("arrays.py", "gradients.py"):
        shutil.copy(ROOT / "examples" / example, outside)

    def run(*command: str) -> None:
        session.run(python, *command, external=True, env={"PYTHONPATH": None})

    with session.chdir(outside):
        (tensor,) = dist.glob("alphatorch_tensor-*.whl")
        run("-m", "pip", "install", "-q", str(tensor))
        run("arrays.py")
        compare_imports(python)
        run("-m", "pip", "install", "-q", *map(str, sorted(dist.glob("*.whl"))))
        run("-m", "pip", "check")
        run("gradients.py")


def compare_imports(python: str) -> None:
    """Fails if `import torch` takes longer than `import numpy`, fresh processes taken in turn."""
    seconds: dict[str, list[float]] = {"torch": [], "numpy": []}
    for _ in range(IMPORT_ROUNDS):
        for module, samples in seconds.items():
            samples.append(import_seconds(python, module))
    medians = {module: statistics.median(samples) for module, samples in seconds.items()}
    print(json.dumps({f"import {module}, ms": round(s * 1e3, 1) for module, s in medians.items()}))
    if medians["torch"] > IMPORT_MARGIN * medians["numpy"]:
        raise SystemExit("import torch: expected to be at least as fast as import numpy")


def import_seconds(python: str, module: str) -> float:
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    result = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return float(result.stdout)


def sanitizer_environment(session: nox.Session) -> dict[str, str]:
    """Variables under which an unsanitized Python can load the sanitized extension."""
    libraries = []
    for name in ("libasan.so", "libubsan.so"):
        path = session.run("g++", f"-print-file-name={name}", external=True, silent=True, log=False)
        libraries.append(str(path).strip())
    return {
        "LD_PRELOAD": " ".join(libraries),
        # Python itself keeps memory until exit, which a leak checker cannot tell from a leak.
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
        # Python's own pools would hide overruns of small objects.
        "PYTHONMALLOC": "malloc",
    }
