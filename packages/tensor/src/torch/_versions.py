"""Versions meet at import with a sentence."""

import os
import re
import sys


def _version(distribution: str) -> str | None:
    """The installed version, from the name of the *.dist-info folder.

    (Importing importlib.metadata would take longer than all of torch.)
    """
    prefix, ending = f"{distribution.replace('-', '_')}-", ".dist-info"
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith(prefix) and name.endswith(ending):
                return name[len(prefix) : -len(ending)]
    return None


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", text.split("+")[0])[:3])


def require(distribution: str, needed: str, by: str) -> None:
    """ImportError unless `distribution` is installed in a version that meets `needed`.

    needed: bounds such as ">=0.1,<0.2". The message names both versions and the repair.
    """
    repair = f"pip install '{distribution}{needed}'"
    found = _version(distribution)
    if found is None:
        raise ImportError(f"{by} needs {distribution} {needed}, which is not installed: {repair}")
    have = _parts(found)
    for bound in needed.split(","):
        operator, limit = (
            (">=", bound.strip()[2:])
            if bound.strip().startswith(">=")
            else ("<", bound.strip()[1:])
        )
        meets = have >= _parts(limit) if operator == ">=" else have < _parts(limit)
        if not meets:
            raise ImportError(
                f"{by} needs {distribution} {needed}, but {found} is installed: {repair}"
            )
