"""Cases that need a process of their own for every measurement: imports, memory."""

from collections.abc import Mapping
from dataclasses import dataclass

IMPORT_CODE = """
import time
start = time.perf_counter()
import {}
print(time.perf_counter() - start)
"""
#: of memory.py: name there, words for it, group
MEMORY_RUNS = [
    ("convolutions", "10 convolutions", "autograd"),
    ("LeNet", "LeNet", "memory"),
    ("ResNet-8", "ResNet-8", "memory"),
    ("language model", "the LSTM language model", "memory"),
]
MODULES = {"alphatorch": "torch", "pytorch": "torch", "numpy": "numpy", "jax": "jax"}


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
