"""Builds the wheels of the packages once and keeps them until their sources change.

A wheel lies in `.nox/wheelhouse/<python>/<kind>/<package>/<content hash>/`. All are built in one
environment, `.nox/build-<python>`, whose fixed path lets ninja and ccache recognize earlier work.
"""

import os
import shutil
import sys
from pathlib import Path

import nox

from ci.packages import ROOT, closure, content_hash, python_tag

# CMake options of the special builds of the tensor package.
CMAKE_OPTIONS = {
    "sanitize": ["ALPHATORCH_SANITIZE=ON"],
    "cuda": ["ALPHATORCH_CUDA=ON"],
}


def built(session: nox.Session, *packages: str, kind: str = "wheel") -> list[str]:
    """Paths of the wheels of the packages and of all they depend on, built where needed."""
    return [str(_built(session, package, kind)) for package in closure(*packages)]


def built_alone(session: nox.Session, package: str, kind: str) -> Path:
    """The path of one wheel or sdist, built where needed."""
    return _built(session, package, kind)


def install(session: nox.Session, wheels: list[str], *requirements: str) -> None:
    """Installs our wheels, then what they and the caller need from the index."""
    # Forced, because a reused environment may hold an older build under the same version number.
    session.install("--force-reinstall", "--no-deps", *wheels)
    session.install(*wheels, *requirements)


def _built(session: nox.Session, package: str, kind: str) -> Path:
    shelf = ROOT / ".nox" / "wheelhouse" / python_tag() / kind / package
    folder = shelf / content_hash(package, kind)
    if not folder.exists():
        partial = shelf / "partial"
        shutil.rmtree(shelf, ignore_errors=True)
        _build(session, package, kind, partial)
        partial.rename(folder)
    (result,) = folder.iterdir()
    return result


def _build(session: nox.Session, package: str, kind: str, out: Path) -> None:
    python = _build_environment(session)
    options = [f"-Dcmake.define.{option}" for option in CMAKE_OPTIONS.get(kind, [])]
    # The same objects serve the wheel and the editable wheel.
    tree = ROOT / ".nox" / f"cmake-{python_tag()}" / (kind if kind in CMAKE_OPTIONS else "wheel")
    session.run(
        python,
        "ci/build_one.py",
        f"packages/{package}",
        "wheel" if kind in CMAKE_OPTIONS else kind,
        str(out),
        f"-Dbuild-dir={tree}",
        *options,
        env={
            "PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}",
            # For ccache: paths below the repository count relative to it, so that another clone
            # finds the same objects.
            "CCACHE_BASEDIR": str(ROOT),
            "CCACHE_NOHASHDIR": "1",
        },
        external=True,
    )


def _build_environment(session: nox.Session) -> str:
    folder = ROOT / ".nox" / f"build-{python_tag()}"
    python = str(folder / "bin" / "python")
    if not (folder / "complete").exists():
        session.run(sys.executable, "-m", "venv", "--clear", str(folder), external=True)
        session.run(python, "-m", "pip", "install", "-q", "build==1.6.1", external=True)
        (folder / "complete").touch()
    return python
