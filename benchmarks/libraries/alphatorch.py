"""This library."""

from benchmarks.libraries.torch_like import (
    array,
    module,
    names,
    start,
    timed,
    to_numpy,
    version,
)

__all__ = ["array", "module", "names", "start", "timed", "to_numpy", "version"]
