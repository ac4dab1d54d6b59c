"""Versions meet at import with a sentence."""

import re
from importlib.metadata import PackageNotFoundError, version


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", text.split("+")[0])[:3])


def require(distribution: str, needed: str, by: str) -> None:
    """ImportError unless `distribution` is installed in a version that meets `needed`, such as ">=0.1,<0.2"."""
    repair = f"pip install '{distribution}{needed}'"
    try:
        found = version(distribution)
    except PackageNotFoundError:
        raise ImportError(f"{by} needs {distribution} {needed}, which is not installed: {repair}") from None
    have = _parts(found)
    for bound in needed.split(","):
        operator, limit = re.match(r"\s*(>=|<)\s*(.+)", bound).groups()
        meets = have >= _parts(limit) if operator == ">=" else have < _parts(limit)
        if not meets:
            raise ImportError(f"{by} needs {distribution} {needed}, but {found} is installed: {repair}")
