"""What the repository knows about its packages, read from their pyproject.toml files."""

import functools
import graphlib
import hashlib
import os
import platform
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent

# Never part of what a distribution is built from.
UNBUILT = {
    "tests",
    "tests_interop",
    "build",
    "dist",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
}
# What else a compiled wheel depends on.
BUILD_VARIABLES = ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "CMAKE_ARGS", "SKBUILD_CMAKE_ARGS")


@functools.cache
def settings(package: str) -> dict[str, Any]:
    """The pyproject.toml of a package, named by its folder (`tensor`, `nn`, ...)."""
    return tomllib.loads((ROOT / "packages" / package / "pyproject.toml").read_text())


@functools.cache
def folder_of_distribution() -> dict[str, str]:
    folders = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
    return {settings(folder)["project"]["name"]: folder for folder in folders}


def split(requirements: list[str]) -> tuple[list[str], list[str]]:
    """Divides requirements into (folders of our own packages, what comes from the index)."""
    ours, others = [], []
    for text in requirements:
        folder = folder_of_distribution().get(Requirement(text).name)
        if folder is None:
            others.append(text)
        else:
            ours.append(folder)
    return ours, others


def dependencies(package: str) -> list[str]:
    """The packages of this repository that a package declares, without their own dependencies."""
    return split(settings(package)["project"].get("dependencies", []))[0]


def all_packages() -> list[str]:
    """Every package, each after all it depends on."""
    graph = {folder: dependencies(folder) for folder in folder_of_distribution().values()}
    return list(graphlib.TopologicalSorter(graph).static_order())


def closure(*packages: str) -> list[str]:
    """The packages and all they depend on, dependencies first."""
    needed: set[str] = set()
    waiting = list(packages)
    while waiting:
        package = waiting.pop()
        if package not in needed:
            needed.add(package)
            waiting += dependencies(package)
    return [package for package in all_packages() if package in needed]


def test_requirements(package: str) -> tuple[list[str], list[str]]:
    """What the tests of a package need beside the package: (our packages, from the index).

    Read from the extra or the dependency group called `test`.
    """
    content = settings(package)
    extra = content["project"].get("optional-dependencies", {}).get("test", [])
    group = content.get("dependency-groups", {}).get("test", [])
    return split([*extra, *group])


def build_inputs(package: str) -> Iterator[Path]:
    """The files the package is built from, in a fixed order."""
    for folder, subfolders, files in os.walk(ROOT / "packages" / package):
        subfolders[:] = sorted(set(subfolders) - UNBUILT)
        for name in sorted(files):
            if not name.endswith((".pyc", ".so")):
                yield Path(folder, name)


def python_tag() -> str:
    return f"cp{sys.version_info.major}{sys.version_info.minor}"


def content_hash(package: str, kind: str) -> str:
    """Changes whenever a wheel of this kind would have to be built again.

    `kind` is `wheel`, `sdist`, `editable`, `sanitize` or `cuda`; an editable wheel also depends
    on where the sources lie.
    """
    digest = hashlib.sha256(f"{kind} {python_tag()} {platform.machine()}".encode())
    digest.update(repr([os.environ.get(name) for name in BUILD_VARIABLES]).encode())
    if kind == "editable":
        digest.update(str(ROOT).encode())
    for path in build_inputs(package):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
