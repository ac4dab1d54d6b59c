"""The least time a case can take on this machine: bytes, operations, calls over measured limits."""

import json
import math
import shutil
import subprocess
import tempfile
import time
import timeit
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.case import Case

SOURCE = Path(__file__).with_name("bounds.c")
COMPILE = ("-O3", "-march=native", "-fopenmp", str(SOURCE), "-o")


@dataclass(frozen=True)
class Work:
    """What a call cannot do without: bytes read and written at least once, operations.

    flops: additions and multiplications, each one operation.
    dtype: of the operations, 'float32' or 'float64'.
    """

    read: int
    written: int
    flops: float = 0.0
    dtype: str = "float32"


@dataclass(frozen=True)
class Limits:
    """call: seconds of the cheapest call of CPython, an addition of two floats through a slot.

    bandwidth: for memory touched in bytes, bytes per second of a copy (read and written both
    count) and of a sum; flops: of fused multiply-adds in registers.
    """

    call: float
    bandwidth: list[dict[str, float]]
    flops: dict[str, float]

    def seconds(self, work: Work) -> float:
        """The largest of the three bounds."""
        total = work.read + work.written
        kind = "read" if work.written < total / 16 else "copy"
        moving = total / self._bandwidth(total, kind) if total else 0.0
        return max(self.call, moving, work.flops / self.flops[work.dtype])

    def _bandwidth(self, total: int, kind: str) -> float:
        """Between the measured sizes in proportion to the logarithm."""
        below, *above = self.bandwidth
        for limit in above:
            if total <= limit["bytes"]:
                share = math.log(max(total, below["bytes"]) / below["bytes"])
                share /= math.log(limit["bytes"] / below["bytes"])
                return below[kind] + share * (limit[kind] - below[kind])
            below = limit
        return below[kind]


def measure(threads: int, cores: list[int]) -> Limits | None:
    """The limits with so many threads; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder, "bounds"))
        subprocess.run([compiler, *COMPILE, program], check=True)
        done = subprocess.run(
            [program, str(threads)],
            check=True,
            capture_output=True,
            text=True,
            env=machine.environment(threads),
            preexec_fn=machine.on(cores),
        )
    return Limits(call=call_seconds(), **json.loads(done.stdout))


def call_seconds() -> float:
    timer = timeit.Timer("a + b", timer=time.process_time, globals={"a": 1.5, "b": 2.5})
    calls = 100_000
    return min(timer.repeat(50, calls)) / calls


def work(case: Case, results: list[np.ndarray]) -> Work | None:
    """What the case says; else its inputs are read and its results written; None with a setup."""
    if case.moves is None and case.setup_for("alphatorch"):
        return None
    read = sum(i.nbytes for i in case.inputs.values())
    read, written = case.moves or (read, sum(part.nbytes for part in results))
    doubles = any(i.dtype == "float64" for i in case.inputs.values())
    return Work(read, written, case.flops, "float64" if doubles else "float32")
