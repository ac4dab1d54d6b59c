"""The import namespace as one tree, and the rule who may import whom.

The rule is derived, not kept by hand: a module of a package may import modules of the packages
that its pyproject.toml declares (and of theirs), nothing else. import-linter checks it.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from ci.packages import ROOT, all_packages, closure


def python_sources(package: str) -> Iterator[tuple[Path, Path]]:
    """Pairs (file, its path inside the namespace), as (.../nn/src/torch/nn/x.py, torch/nn/x.py)."""
    source = ROOT / "packages" / package / "src"
    for path in sorted(source.rglob("*.py*")):
        if path.suffix in (".py", ".pyi"):
            yield path, path.relative_to(source)


def modules(package: str) -> list[str]:
    """Dotted names of all modules of a package that are written in Python."""
    names = {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for _, path in python_sources(package)
        if path.suffix == ".py"
    }
    return sorted(names)


def top_modules(package: str) -> list[str]:
    """The modules of a package that lie in no other of it: `torch.nn`, `torch.utils.data`."""
    names = modules(package)
    return [name for name in names if not any(name.startswith(other + ".") for other in names)]


def cpp_sources() -> list[Path]:
    suffixes = {".h", ".cpp", ".cu", ".cuh"}
    return sorted(
        path
        for folder in ("include", "csrc")
        for path in (ROOT / "packages/tensor" / folder).rglob("*")
        if path.suffix in suffixes
    )


def merge_namespace(target: Path) -> Path:
    """Lays the sources of all packages into one tree of links: tools do not know extend_path."""
    shutil.rmtree(target, ignore_errors=True)
    for package in all_packages():
        for path, place in python_sources(package):
            link = target / place
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    # Only here, for the tools: in the wheels torch.utils has no __init__.py.
    for folder in [path for path in target.rglob("*") if path.is_dir()]:
        (folder / "__init__.py").touch()
    (target / "torch" / "py.typed").touch()
    return target


def write_config(path: Path) -> Path:
    """Writes import-linter's configuration: one contract per package."""
    contracts = []
    for package in all_packages():
        allowed = closure(package)
        others = [other for other in all_packages() if other not in allowed]
        sources = modules(package)
        forbidden = [name for other in others for name in modules(other)]
        if sources and forbidden:
            contracts.append(
                {
                    "name": f"{package} imports only what it declares ({', '.join(allowed)})",
                    "type": "forbidden",
                    "source_modules": sources,
                    "forbidden_modules": forbidden,
                    "as_packages": False,
                    # Every module is listed, so direct imports are all there is to check.
                    "allow_indirect_imports": True,
                }
            )
    lines = ["[tool.importlinter]", 'root_package = "torch"']
    for contract in contracts:
        lines += ["", "[[tool.importlinter.contracts]]"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in contract.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return path
