"""Cases that need a process of their own for every measurement: imports, memory, sizes."""

from collections.abc import Mapping
from dataclasses import dataclass

IMPORT_CODE = """
import time
start = time.perf_counter()
import {}
print(time.perf_counter() - start)
"""
RESIDENT_CODE = """
import resource
import {}
pages = int(open("/proc/self/statm").read().split()[1])
print(pages * resource.getpagesize())
"""
# Without what they require besides: NumPy is the peer here, and our requirement for exchange.
INSTALLED_CODE = """
from importlib.metadata import files
print(sum(path.locate().stat().st_size for name in {!r} for path in files(name)
          if path.suffix != ".pyc" and path.locate().exists()))
"""
#: of memory.py: name there, words for it, group
MEMORY_RUNS = [
    ("convolutions", "10 convolutions", "autograd"),
    ("LeNet", "LeNet", "memory"),
    ("ResNet-8", "ResNet-8", "memory"),
    ("language model", "the LSTM language model", "memory"),
]
MODULES = {"alphatorch": "torch", "pytorch": "torch", "numpy": "numpy", "jax": "jax"}
DISTRIBUTIONS = {
    "alphatorch": ("alphatorch-tensor",),
    "pytorch": ("torch",),
    "numpy": ("numpy",),
    "jax": ("jax", "jaxlib"),
}


@dataclass(frozen=True)
class FreshCase:
    """One row of the tables: what `python ARGUMENTS` prints, a number, for each library.

    unit: s (seconds), B (bytes) or % (a hundredth of something, for one library alone).
    arguments: for each library; {threads} stands for the number of threads.
    """

    name: str
    group: str
    unit: str
    arguments: Mapping[str, tuple[str, ...]]

    def command(self, library: str, threads: int) -> list[str]:
        return [part.replace("{threads}", str(threads)) for part in self.arguments[library]]


FRESH_CASES = [
    FreshCase(
        "import",
        "footprint",
        "s",
        {name: ("-c", IMPORT_CODE.format(module)) for name, module in MODULES.items()},
    ),
    FreshCase(
        "resident memory after import",
        "footprint",
        "B",
        {name: ("-c", RESIDENT_CODE.format(module)) for name, module in MODULES.items()},
    ),
    FreshCase(
        "installed size",
        "footprint",
        "B",
        {name: ("-c", INSTALLED_CODE.format(names)) for name, names in DISTRIBUTIONS.items()},
    ),
    *[
        FreshCase(
            f"peak memory of {text}",
            group,
            "B",
            {
                name: ("-m", "benchmarks.memory", run, name, "{threads}")
                for name in ("alphatorch", "pytorch")
            },
        )
        for run, text, group in MEMORY_RUNS
    ],
    FreshCase(
        "share of recording lines",
        "autograd",
        "%",
        {"alphatorch": ("-m", "benchmarks.recording", "{threads}")},
    ),
]
