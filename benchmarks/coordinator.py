"""Calls the workers in turn: every round times every library once, so that drift hits all alike."""

import dataclasses
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import bounds, machine
from benchmarks.case import Case
from benchmarks.fresh import FreshCase
from benchmarks.libraries import NAMES

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Settings:
    pythons: dict[str, str]
    rounds: int
    block_seconds: float
    cores: dict[int, list[int]]  # threads -> the cores that a worker may use


class Process:
    """A worker and the two pipes to it. One that died is started again for the next order."""

    def __init__(self, library: str, threads: int, settings: Settings) -> None:
        self.library, self.threads, self.settings = library, threads, settings
        self.process: subprocess.Popen[str] | None = None

    def ask(self, **order: Any) -> dict[str, Any]:
        if self.process is None:
            self.process = self._start()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            print(json.dumps(order), file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            code = self.process.wait()
            self.process = None
            return {"error": f"the worker ended with exit status {code}"}
        return json.loads(answer)

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate()
            self.process = None

    def _start(self) -> "subprocess.Popen[str]":
        command = [self.settings.pythons[self.library], "-m", "benchmarks.worker"]
        cores = self.settings.cores[self.threads]
        return subprocess.Popen(
            [*command, self.library, str(self.threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=machine.environment(self.threads),
            # Before the library starts: it counts the cores to know how many threads to make.
            preexec_fn=machine.on(cores),
        )


def run(cases: list[Case], fresh: list[FreshCase], settings: Settings) -> dict[str, Any]:
    """Measures everything; the content of results.json."""
    results: dict[str, Any] = {
        "machine": machine.describe(),
        "settings": {"rounds": settings.rounds, "block_seconds": settings.block_seconds},
        "libraries": {},
        "limits": {},
        "rows": [],
    }
    for threads, cores in settings.cores.items():
        limits = bounds.measure(threads, cores) if cases else None
        if limits:
            results["limits"][threads] = dataclasses.asdict(limits)
        workers = {name: Process(name, threads, settings) for name in settings.pythons}
        for name, worker in workers.items():
            results["libraries"][name] = worker.ask(do="describe")
        for case in cases:
            print(f"{threads} thread{'s' * (threads > 1)}: {case.name}", file=sys.stderr)
            results["rows"].append(measure(case, threads, workers, settings, limits))
        for worker in workers.values():
            worker.close()
        for one in fresh:
            print(f"{threads} thread{'s' * (threads > 1)}: {one.name}", file=sys.stderr)
            results["rows"].append(measure_fresh(one, threads, settings))
    return results


def measure(
    case: Case,
    threads: int,
    workers: dict[str, Process],
    settings: Settings,
    limits: bounds.Limits | None,
) -> dict[str, Any]:
    """One case: {"samples": {library: [seconds per call, ...]}, "problems": {library: text}}."""
    bound = None
    samples: dict[str, list[float]] = {}
    problems: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, worker in workers.items():
            path = str(Path(folder, f"{name}.npz"))
            answer = worker.ask(
                do="prepare", case=case.name, path=path, block_seconds=settings.block_seconds
            )
            if "error" in answer:
                problems[name] = answer["error"]
            elif "absent" not in answer:
                samples[name] = []
        results = {name: parts(Path(folder, f"{name}.npz")) for name in samples}
        problems |= disagreements(case, results)
        work = bounds.work(case, next(iter(results.values()))) if results else None
        bound = limits.seconds(work) if limits and work else None
    for turn in range(settings.rounds):
        # Each round starts with another library.
        order = list(samples)
        for name in order[turn % len(order) :] + order[: turn % len(order)] if order else []:
            answer = workers[name].ask(do="time")
            if "error" in answer:
                problems[name] = answer["error"]
                del samples[name]
            else:
                samples[name].append(answer["seconds"])
    return {
        "case": case.name,
        "group": case.group,
        "threads": threads,
        "unit": "s",
        "bound": bound,
        "samples": samples,
        "problems": problems,
    }


def parts(path: Path) -> list[np.ndarray]:
    with np.load(path) as archive:
        return [archive[key] for key in archive.files]


def disagreements(case: Case, results: dict[str, list[np.ndarray]]) -> dict[str, str]:
    """What is wrong with the result of each library, measured against the first one's."""
    problems: dict[str, str] = {}
    reference: list[Any] = []
    first = ""
    for name, arrays in results.items():
        values = [array.astype("float64") for array in arrays]
        if not reference:
            first, reference = name, values
        elif [part.size for part in values] != [part.size for part in reference]:
            problems[name] = f"sizes of the result differ from those of {first}"
        else:
            for ours, theirs in zip(reference, values, strict=True):
                largest = np.abs(ours).max(initial=0)
                error = np.abs(ours.ravel() - theirs.ravel()).max(initial=0)
                # Written so that NaN is a disagreement.
                if not error <= case.tolerance * largest:
                    problems[name] = (
                        f"result differs from that of {first} by {error / largest:.1e} of the "
                        f"largest value, allowed {case.tolerance:.0e}"
                    )
    return problems


def measure_fresh(case: FreshCase, threads: int, settings: Settings) -> dict[str, Any]:
    """One case in fresh processes, taken in turn; the first of each library does not count."""
    samples: dict[str, list[float]] = {n: [] for n in settings.pythons if n in case.arguments}
    problems: dict[str, str] = {}
    cores = settings.cores[threads]
    for turn in range(-1, settings.rounds):
        for name in [name for name in samples if name not in problems]:
            done = subprocess.run(
                [settings.pythons[name], *case.command(name, threads)],
                capture_output=True,
                text=True,
                env=machine.environment(threads),
                cwd=ROOT,
                preexec_fn=machine.on(cores),
            )
            if done.returncode != 0:
                problems[name] = done.stderr
            elif turn >= 0:
                samples[name].append(float(done.stdout))
    return {
        "case": case.name,
        "group": case.group,
        "threads": threads,
        "unit": case.unit,
        "samples": {name: values for name, values in samples.items() if values},
        "problems": problems,
    }


def known(name: str) -> str:
    if name not in NAMES:
        raise SystemExit(f"expected a library of {', '.join(NAMES)}, got {name!r}")
    return name
