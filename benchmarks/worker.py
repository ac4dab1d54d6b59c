"""One library in one process: worker.py LIBRARY THREADS, orders and answers as lines of JSON.

prepare CASE PATH: sets the case up, saves its result, finds how many calls fill a block
time: one block of calls; seconds per call
"""

import json
import os
import sys
import timeit
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import libraries
from benchmarks.cases import CASES

# A block whose threads waited longer for a core than this share of its time is repeated.
MAX_WAITED = 0.04
MAX_TRIES = 5


class Worker:
    def __init__(self, library: str, threads: int) -> None:
        self.library = library
        self.adapter = libraries.load(library)
        self.adapter.start(threads)
        self.timer: timeit.Timer | None = None
        self.calls = 0

    def describe(self) -> dict[str, Any]:
        import threadpoolctl

        # Each library has NumPy beside it, whose OpenBLAS shows up as well.
        kernels = [
            f"{Path(pool['filepath']).parent.name}: {pool['architecture']}"
            for pool in threadpoolctl.threadpool_info()
            if "architecture" in pool
        ]
        return {"version": self.adapter.version(), "openblas": sorted(kernels)}

    def prepare(self, case: str, path: str, block_seconds: float) -> dict[str, Any]:
        (chosen,) = [candidate for candidate in CASES if candidate.name == case]
        code = chosen.code_for(self.library)
        if code is None:
            return {"absent": True}
        names = dict(self.adapter.names)
        for name, values in chosen.arrays().items():
            names[name] = self.adapter.array(values)
        exec(chosen.setup_for(self.library), names)
        result = eval(chosen.result_for(self.library), names)
        parts = result if isinstance(result, (list, tuple)) else [result]
        np.savez(path, *[np.array(self.adapter.to_numpy(part)) for part in parts])
        exec(chosen.setup_for(self.library), names)

        self.timer = timeit.Timer(self.adapter.timed(code), globals=names)
        self.calls = 1
        while (seconds := self.timer.timeit(self.calls)) < block_seconds:
            # Aims a little above the target, at most ten times as many calls as were tried.
            wanted = self.calls * 1.2 * block_seconds / max(seconds, 1e-9)
            self.calls = min(max(int(wanted), self.calls + 1), 10 * self.calls)
        return {"calls": self.calls}

    def time(self) -> dict[str, Any]:
        assert self.timer is not None
        tries: list[tuple[float, float]] = []
        while len(tries) < MAX_TRIES and not (tries and min(tries)[0] <= MAX_WAITED):
            waited = -waiting_seconds()
            seconds = self.timer.timeit(self.calls)
            waited += waiting_seconds()
            tries.append((waited / seconds, seconds / self.calls))
        waited_share, seconds_per_call = min(tries)
        return {"seconds": seconds_per_call, "waited": waited_share, "tries": len(tries)}


def waiting_seconds() -> float:
    """How long the threads of this process have been ready to run without a core."""
    total = 0
    for path in Path("/proc/self/task").glob("*/schedstat"):
        try:
            total += int(path.read_text().split()[1])
        except OSError:
            pass  # the thread has ended meanwhile
    return total / 1e9


def main() -> None:
    library, threads = sys.argv[1], int(sys.argv[2])
    # Answers go where the coordinator listens; whatever a library prints goes to stderr.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    worker = Worker(library, threads)
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = getattr(worker, order.pop("do"))(**order)
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
