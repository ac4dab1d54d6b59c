"""Processes that overwrite a file and are killed while they do: `kills.py FOLDER KILLS` prints what
happened as JSON.

Every kill is a SIGKILL of a process of its own, forked here, that says through a pipe when its
first save begins and goes on saving. Half of the kills come at random moments, the other half when
the process enters a random kind of call; before, kills come at each single call of a save. Where a
process was when it ended stands in memory that it shares with this one. After each kill the file
has to be, bit for bit, one of the two that are saved in turn: the new one once it was renamed, the
old one before; it has to load; and the next save has to leave nothing behind.
"""

import gc
import io
import json
import mmap
import os
import random
import signal
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import torch
from torch import _C

PHASES = (
    "outside a save", "between calls", "open", "reserve", "write", "start of writing", "fsync",
    "rename", "close", "fsync of the folder",
)  # fmt: skip
CALLS = ((os, "open"), (os, "write"), (os, "fsync"), (os, "rename"), (os, "close"))
CALLS += ((_C, "_reserve"), (_C, "_start_writing"))  # type: ignore[assignment]
NAMES = {"_reserve": "reserve", "_start_writing": "start of writing"}
PHASE, SAVING, RENAMED = range(3)  # bytes of the shared memory

shared = mmap.mmap(-1, mmap.PAGESIZE)
objects = [{"value": v, "data": torch.ones(700_000) * (v + 1)} for v in (0, 1)]


def bits(obj: object) -> bytes:
    f = io.BytesIO()
    torch.save(obj, f)
    return f.getvalue()


EXPECTED = [bits(obj) for obj in objects]


def phase_of(name: str, args: tuple) -> int:
    if name == "fsync" and stat.S_ISDIR(os.fstat(args[0]).st_mode):
        return PHASES.index("fsync of the folder")
    return PHASES.index(NAMES.get(name, name))


def watch(around: Callable) -> None:
    """Sees that this process notes where it is; every call of the system goes through `around`."""

    def watched(name: str, real: Callable) -> Callable:
        def call(*args: object, **kwargs: object) -> object:
            shared[PHASE] = phase_of(name, args)
            result = around(name, real, args, kwargs)
            if name == "rename":
                shared[RENAMED] = 1
            shared[PHASE] = PHASES.index("between calls")
            return result

        return call

    for module, name in CALLS:
        setattr(module, name, watched(name, getattr(module, name)))


def save(path: Path, value: int) -> None:
    shared[SAVING], shared[RENAMED] = value, 0
    shared[PHASE] = PHASES.index("between calls")
    torch.save(objects[value], path)
    shared[PHASE] = PHASES.index("outside a save")


def fork(work: Callable) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
    return pid


class Harness:
    """Kills, and looks what they have left."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "checkpoint"
        self.other = folder / "other"
        self.value = 0  # of the file
        self.problems: list[str] = []
        self.kept: Counter = Counter()  # old or new, by phase of the kill
        torch.save(objects[0], self.path)

    def look(self, pid: int, what: str) -> bool:
        """Checks the file after the end of a process; whether that was a kill."""
        _, status = os.waitpid(pid, 0)
        phase, saving, renamed = PHASES[shared[PHASE]], shared[SAVING], shared[RENAMED]
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        if not killed and status != 0:
            self.problems.append(f"{what}: the process ended with status {status}")
        data = self.path.read_bytes()
        loaded = torch.load(self.path)
        if data not in EXPECTED or not loaded["data"].equal(objects[loaded["value"]]["data"]):
            self.problems.append(f"{what}: torn in phase {phase}")
            return killed
        self.value = EXPECTED.index(data)
        allowed = {saving} if renamed else {1 - saving}
        if phase == "rename":
            allowed = {0, 1}
        if self.value not in allowed:
            self.problems.append(f"{what}: {self.value} is there in phase {phase} of {saving}")
        self.kept[phase, "new" if self.value == saving else "old"] += 1
        left = {entry.name for entry in self.path.parent.iterdir()} - {"checkpoint", "other"}
        if len(left) > killed:
            self.problems.append(f"{what}: {sorted(left)} are left")
        torch.save(self.value, self.other, fsync=False)
        left = {entry.name for entry in self.path.parent.iterdir()} - {"checkpoint", "other"}
        if left:
            self.problems.append(f"{what}: {sorted(left)} are left after the next save")
        return killed

    def duration(self) -> float:
        """Seconds that a save usually takes."""
        times = []
        for _ in range(10):
            start = time.perf_counter()
            torch.save(objects[self.value], self.path)
            times.append(time.perf_counter() - start)
        return sorted(times)[5]

    def while_saving(self, count: int, wait: Callable) -> dict:
        """Kills processes that save all the time, each after `wait()`; how many by phase."""
        self.kept = Counter()
        for i in range(count):
            r, w = os.pipe()
            announce, first = os.write, 1 - self.value

            def work(w: int = w, first: int = first, announce: Callable = announce) -> None:
                watch(lambda name, real, args, kwargs: real(*args, **kwargs))
                value = first
                while True:
                    announce(w, b"s")
                    save(self.path, value)
                    value = 1 - value

            pid = fork(work)
            os.close(w)
            os.read(r, 1)
            wait()
            os.kill(pid, signal.SIGKILL)
            self.look(pid, f"kill {i}")
            os.close(r)
        return {
            phase: {which: self.kept[phase, which] for which in ("old", "new")}
            for phase in PHASES
            if self.kept[phase, "old"] + self.kept[phase, "new"]
        }

    def at_every_call(self) -> int:
        """Kills before, within and after every call of a save; how many."""
        kills = 0
        for when in ("before", "within", "after"):
            for number in range(1, 1000):
                calls = 0

                def around(
                    name: str, real: Callable, args: tuple, kwargs: dict,
                    when: str = when, number: int = number,
                ) -> object:  # fmt: skip
                    nonlocal calls
                    calls += 1
                    if calls == number and when != "after":
                        if when == "within" and name == "write":
                            real(args[0], args[1][: len(args[1]) // 2])
                        os.kill(os.getpid(), signal.SIGKILL)
                    result = real(*args, **kwargs)
                    if calls == number:
                        shared[RENAMED] |= name == "rename"
                        os.kill(os.getpid(), signal.SIGKILL)
                    return result

                def work(around: Callable = around) -> None:
                    watch(around)
                    save(self.path, 1 - self.value)

                pid = fork(work)
                if not self.look(pid, f"{when} call {number}"):
                    break
                kills += 1
        return kills

    def several(self, seconds: float) -> int:
        """Two processes that save to one path, while this one loads; the number of loads."""

        def work() -> None:
            for i in range(1_000_000):
                torch.save(objects[i % 2], self.path, fsync=False)

        pids = [fork(work), fork(work)]
        loads, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            loads += 1
            if self.path.read_bytes() not in EXPECTED or "data" not in torch.load(self.path):
                self.problems.append(f"load {loads}: torn between two that save")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        torch.save(objects[0], self.path)
        left = {entry.name for entry in self.path.parent.iterdir()} - {"checkpoint", "other"}
        if left:
            self.problems.append(f"{sorted(left)} are left by two that save")
        return loads


def main() -> None:
    torch.set_num_threads(1)
    gc.freeze()
    harness = Harness(Path(sys.argv[1]))
    count = int(sys.argv[2])
    rng = random.Random(count)
    every = harness.at_every_call()
    usual = harness.duration()

    def aim() -> None:
        phase, end = rng.randrange(1, len(PHASES)), time.monotonic() + 10 * usual
        while shared[PHASE] != phase and time.monotonic() < end:
            pass

    report = {
        "kills at every call": every,
        "kills at random moments": harness.while_saving(
            count - count // 2, lambda: time.sleep(rng.random() * 2 * usual)
        ),
        "kills in random phases": harness.while_saving(count // 2, aim),
        "milliseconds of a save": round(1000 * usual, 1),
        "loads beside two that save": harness.several(0.5),
        "problems": harness.problems,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
