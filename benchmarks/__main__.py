"""python -m benchmarks --library=NAME=PYTHON ... : see docs/benchmarks.md."""

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks import coordinator, report
from benchmarks.case import Case
from benchmarks.cases import CASES
from benchmarks.fresh import FRESH_CASES, FreshCase

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--library",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help="a library and the interpreter of its environment",
    )
    parser.add_argument("--only", default="", help="cases and groups whose name contains this")
    parser.add_argument("--peers", help="numpy,pytorch,jax,safetensors or some of them")
    parser.add_argument("--threads", default="1,2", help="thread counts, as 1,2")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="3 rounds of short blocks")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    options = parser.parse_args()

    pythons = dict(item.split("=", 1) for item in options.library)
    for name in pythons:
        coordinator.known(name)
    if options.peers is not None:
        wanted = {coordinator.known(name) for name in options.peers.split(",") if name}
        pythons = {n: p for n, p in pythons.items() if n in wanted | {report.OURS}}
    if not pythons:
        parser.error("expected at least one --library=NAME=PYTHON")
    if options.rounds < 1:
        parser.error(f"--rounds: expected at least 1, got {options.rounds}")
    available = sorted(os.sched_getaffinity(0))
    threads = [int(count) for count in options.threads.split(",")]
    if not 1 <= min(threads) <= max(threads) <= len(available):
        parser.error(f"--threads: expected 1..{len(available)}, got {options.threads}")

    def chosen(case: Case | FreshCase) -> bool:
        return options.only in case.name or options.only in case.group

    cases, fresh = list(filter(chosen, CASES)), list(filter(chosen, FRESH_CASES))
    if not cases and not fresh:
        parser.error(f"--only: no case or group contains {options.only!r}")
    settings = coordinator.Settings(
        pythons=pythons,
        rounds=3 if options.quick else options.rounds,
        block_seconds=0.01 if options.quick else 0.05,
        cores={count: available[:count] for count in threads},
    )
    results = report.summarize(coordinator.run(cases, fresh, settings))

    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "latest.json").write_text(json.dumps(results, indent=1) + "\n")
    text = report.markdown(results)
    (options.out / "latest.md").write_text(text)
    print(text)
    print(f"written: {options.out / 'latest.json'}, {options.out / 'latest.md'}")
    if any(row["problems"] for row in results["rows"]):
        sys.exit("some cases failed or disagreed, see Problems")


if __name__ == "__main__":
    main()
