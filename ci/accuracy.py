"""Measures the accuracy of the pointwise functions and compares it with what their rows promise.

    python ci/accuracy.py                 every instruction set, half a million points each
    python ci/accuracy.py --quick         fewer points, the active instruction set only
    python ci/accuracy.py --write FILE    docs/accuracy.md is made this way

Errors are distances to the correctly rounded result in units in the last place, measured against
NumPy's longdouble (float32: float64) and tests/references.py. Points are dense on the promised
domain, spread over the magnitudes, around special places, and (for the column "anywhere") random
bit patterns. Exits with 1 when a function is less accurate than its row says.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "packages/tensor/tests"))

from harness import ulp_error  # noqa: E402
from references import BINARY, UNARY, WIDER  # noqa: E402

LEVELS = ["baseline", "avx2", "avx512"]
CHUNK = 100_000
# Where formulas change, functions have zeros, or neighbours lie unevenly.
PLACES = [0.0, 0.25, 0.5, 0.625, 1.0, 1.4616321449683623, 1.5, 2.0, 3.0, 8.0, 10.0]
# The wider reference would round these at another place; their results are exact.
EXACT = {"floor_divide", "nextafter"}


def draw(rng: np.random.Generator, dtype: str, lo: float, hi: float, n: int) -> np.ndarray:
    """Numbers of [lo, hi]: even, by magnitude, and around the special places, in equal parts."""
    even = rng.uniform(lo, hi, n // 3)
    top = max(abs(lo), abs(hi))
    bottom = lo if lo > 0 else top * 1e-12
    magnitudes = np.exp(rng.uniform(np.log(bottom), np.log(top), n // 3))
    magnitudes *= np.where(rng.random(n // 3) < 0.5, 1, -1 if lo < 0 else 1)
    places = np.array([p * s for p in [*PLACES, abs(lo), abs(hi)] for s in (1, -1)], dtype)
    near = places[rng.integers(0, len(places), n - 2 * (n // 3))]
    near = near + rng.integers(-500, 501, len(near)) * np.spacing(near)
    numbers = np.concatenate([even.astype(dtype), magnitudes.astype(dtype), near.astype(dtype)])
    return numbers[(numbers >= lo) & (numbers <= hi)]


def anything(rng: np.random.Generator, dtype: str, n: int) -> np.ndarray:
    bits: Any = {"float32": np.uint32, "float64": np.uint64}[dtype]
    numbers = rng.integers(0, np.iinfo(bits).max, n, dtype=bits, endpoint=True).view(dtype)
    return numbers[np.isfinite(numbers)]


def worst(name: str, dtype: str, inputs: list[np.ndarray]) -> tuple[float, list[float]]:
    """The largest error and where it is."""
    reference: Any = UNARY.get(name) or BINARY[name]
    wide = [x if name in EXACT else x.astype(WIDER[dtype]) for x in inputs]
    with np.errstate(all="ignore"):
        exact = np.asarray(reference(*wide)).astype(WIDER[dtype])
    result = getattr(torch, name)(*(torch.tensor(x) for x in inputs)).numpy()
    error = ulp_error(result, exact)
    at = int(error.argmax())
    return float(error[at]), [float(x[at]) for x in inputs]


def sweep(points: int) -> Iterator[dict[str, Any]]:
    """One record per function and dtype."""
    for row in torch._C._pointwise_rows():
        if row["domain"] not in ("floating", "arithmetic", "rounding", "all"):
            continue
        name, inputs = row["name"], 1 if row["family"] == "unary" else 2
        rng = np.random.default_rng(1)
        for dtype in ("float32", "float64"):
            error, at, beyond = 0.0, [0.0], 0.0
            for _ in range(0, points, CHUNK):
                drawn = [draw(rng, dtype, row["lo"], row["hi"], CHUNK) for _ in range(inputs)]
                for x in drawn:
                    rng.shuffle(x)
                n = min(len(x) for x in drawn)
                found = worst(name, dtype, [x[:n] for x in drawn])
                error, at = max((error, at), found, key=lambda pair: pair[0])
            if name not in EXACT:
                drawn = [anything(rng, dtype, CHUNK) for _ in range(inputs)]
                n = min(len(x) for x in drawn)
                beyond = worst(name, dtype, [x[:n] for x in drawn])[0]
            promised = row["ulp32" if dtype == "float32" else "ulp64"]
            yield {
                "name": name,
                "dtype": dtype,
                "lo": row["lo"],
                "hi": row["hi"],
                "promised": promised,
                "measured": error,
                "at": at,
                "anywhere": max(beyond, error),
                "isa": torch.cpu.isa(),
            }


def measure(isa: str, points: int) -> list[dict[str, Any]]:
    """The records of one instruction set, from an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--records", str(points)],
        env={**os.environ, "ALPHATORCH_CPU": isa},
        stdout=subprocess.PIPE,
        check=True,
    )
    records: list[dict[str, Any]] = json.loads(done.stdout)
    return [r for r in records if r["isa"] == isa]  # none where the processor has no such set


def number(x: float) -> str:
    return "large" if x > 1000 else f"{x:.2f}" if x else "0"


def merged(records: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """By name and dtype, the worst of all instruction sets."""
    table: dict[str, dict[str, dict[str, Any]]] = {}
    for r in records:
        row = table.setdefault(r["name"], {})
        if r["dtype"] not in row or row[r["dtype"]]["measured"] < r["measured"]:
            row[r["dtype"]] = r
    return table


def document(records: list[dict[str, Any]]) -> str:
    sets = " and ".join(level for level in LEVELS if any(r["isa"] == level for r in records))
    lines = [
        "# Accuracy of the pointwise functions",
        "",
        "Made by `ci/accuracy.py --write docs/accuracy.md`. Errors are distances to the correctly "
        "rounded result, in",
        f"units in the last place; measured with the kernels for {sets}, the worst of them counts.",
        "`promised` holds on the domain and for every instruction set; `anywhere` was measured on "
        "random bit patterns",
        "of all finite numbers (`large`: above 1000, near zeros of the function or after "
        "cancellation).",
        "float16 and bfloat16 are computed in float32 and rounded once more.",
        "",
        "| function | domain | float32 promised | measured | anywhere "
        "| float64 promised | measured | anywhere |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in merged(records).items():
        a, b = row["float32"], row["float64"]
        cells = [
            f"{r['promised']:g} | {number(r['measured'])} | {number(r['anywhere'])}" for r in (a, b)
        ]
        lines.append(f"| `{name}` | [{a['lo']:g}, {a['hi']:g}] | {cells[0]} | {cells[1]} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Accuracy of the pointwise functions.")
    parser.add_argument("--quick", action="store_true", help="fewer points, one instruction set")
    parser.add_argument("--write", type=Path, help="write the table to this Markdown file")
    parser.add_argument("--records", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.records:
        print(json.dumps(list(sweep(options.records))))
        return 0
    levels = [torch.cpu.isa()] if options.quick else LEVELS
    points = CHUNK if options.quick else 500_000
    records = [r for level in levels for r in measure(level, points)]
    failed = False
    for r in records:
        bad = r["measured"] > max(r["promised"], 0.5 if r["promised"] else 0) * (1 + 2**-10)
        failed |= bad
        print(
            f"{r['isa']:8} {r['name']:14} {r['dtype']} promised {r['promised']:<4g}"
            f" measured {r['measured']:.3f} anywhere {number(r['anywhere']):6}"
            + (f"  EXCEEDED at {r['at']}" if bad else "")
        )
    if options.write:
        options.write.write_text(document(records))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
