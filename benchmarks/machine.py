"""What the report says about the machine."""

import os
import platform
from collections.abc import Callable
from pathlib import Path

# Set by some machines; both make OpenBLAS choose slower kernels than it would by itself.
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def describe() -> dict[str, str]:
    facts = {"processor": platform.machine(), "cores": str(len(os.sched_getaffinity(0)))}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            facts["processor"] = value.strip()
            break
    facts["system"] = f"{platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}"
    facts["python"] = platform.python_version()
    return facts


def on(cores: list[int]) -> Callable[[], None]:
    """For a process that is to use these cores only: what it does before it starts."""
    return lambda: os.sched_setaffinity(0, cores)


def environment(threads: int) -> dict[str, str]:
    """The environment of a worker: the same for every library."""
    variables = {name: value for name, value in os.environ.items() if name not in UNSET}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        variables[name] = str(threads)
    variables.pop("PYTHONPATH", None)
    variables["JAX_PLATFORMS"] = "cpu"
    return variables
