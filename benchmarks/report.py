"""Turns samples into medians, ratios and tables."""

import math
import statistics
from typing import Any

OURS = "alphatorch"


def ratios(row: dict[str, Any]) -> dict[str, tuple[float, float, float]]:
    """Peer time / our time: (median, lower, upper quartile) over the rounds, for each peer."""
    ours = row["samples"].get(OURS)
    if not ours:
        return {}
    found = {}
    for peer, theirs in row["samples"].items():
        if peer != OURS:
            each = [t / o for t, o in zip(theirs, ours, strict=True)]
            low, middle, high = quartiles(each)
            found[peer] = (middle, low, high)
    return found


def quartiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def geometric_means(rows: list[dict[str, Any]]) -> dict[tuple[str, int], dict[str, float]]:
    """For each (group, threads) the geometric mean of the ratios to each peer."""
    logs: dict[tuple[str, int], dict[str, list[float]]] = {}
    for row in rows:
        group = logs.setdefault((row["group"], row["threads"]), {})
        for peer, (middle, _, _) in ratios(row).items():
            group.setdefault(peer, []).append(math.log(middle))
    return {
        key: {peer: math.exp(statistics.fmean(values)) for peer, values in peers.items()}
        for key, peers in logs.items()
    }


def summarize(results: dict[str, Any]) -> dict[str, Any]:
    """Adds to the samples what is derived from them."""
    for row in results["rows"]:
        row["median"] = {name: statistics.median(s) for name, s in row["samples"].items()}
        row["spread"] = {name: spread(s) for name, s in row["samples"].items()}
        row["ratio"] = {peer: list(values) for peer, values in ratios(row).items()}
    results["geometric_means"] = [
        {"group": group, "threads": threads, "ratio": peers}
        for (group, threads), peers in geometric_means(results["rows"]).items()
    ]
    return results


def spread(samples: list[float]) -> float:
    """The distance between the quartiles, relative to the median."""
    low, middle, high = quartiles(samples)
    return (high - low) / middle


#: unit of the samples: the units to show them in, from large to small, and their size
SHOWN = {
    "s": (("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)),
    "B": (("MiB", 2.0**20), ("KiB", 2.0**10), ("B", 1.0)),
    "%": (("%", 1.0),),
}


def quantity(value: float, unit: str) -> str:
    """`value` with its unit, in the largest one of which there is at least 1."""
    shown = SHOWN[unit]
    name, size = next((s for s in shown if value >= s[1]), shown[-1])
    return f"{value / size:.3g} {name}"


def markdown(results: dict[str, Any]) -> str:
    """The tables. A ratio is peer time / our time: above 1, we are faster."""
    names = list(results["libraries"])
    peers = [name for name in names if name != OURS]
    facts = results["machine"]
    lines = [
        "# Benchmark",
        "",
        f"{facts['processor']}, {facts['cores']} cores, {facts['system']}, "
        f"Python {facts['python']}.",
        "",
        "| library | version | OpenBLAS kernels, by folder |",
        "| --- | --- | --- |",
    ]
    for name, about in results["libraries"].items():
        kernels = ", ".join(about.get("openblas", []))
        lines.append(f"| {name} | {about.get('version', 'failed')} | {kernels} |")
    settings = results["settings"]
    lines += [
        "",
        f"Medians of {settings['rounds']} rounds, blocks of at least "
        f"{settings['block_seconds'] * 1e3:.0f} ms; ± is the distance between the quartiles. "
        "Ratio: time of the peer / our time (above 1: we are faster), with its quartiles. "
        "Bound: the least time that the bytes, the operations and the call itself allow, and what "
        "part of our time it is.",
    ]
    for threads, limits in results["limits"].items():
        lines += ["", measured(threads, limits)]
    for threads in sorted({row["threads"] for row in results["rows"]}):
        rows = [row for row in results["rows"] if row["threads"] == threads]
        lines += ["", f"## {threads} thread{'s' * (threads > 1)}", ""]
        lines += table(["case", "bound", *names, *[f"{peer} / ours" for peer in peers]])
        for row in rows:
            times = [bound(row), *[timing(row, name) for name in names]]
            lines.append(line([row["case"], *times, *[ratio(row, peer) for peer in peers]]))
        if OURS in names:
            lines += ["", "Geometric means of the ratios:", ""]
            lines += table(["group", *peers])
            for entry in results["geometric_means"]:
                if entry["threads"] == threads:
                    means = [entry["ratio"].get(peer) for peer in peers]
                    cells = ["" if mean is None else f"{mean:.2f}" for mean in means]
                    lines.append(line([entry["group"], *cells]))
    problems = [
        f"- {row['case']}, {row['threads']} threads, {name}: {text.strip().splitlines()[-1]}"
        for row in results["rows"]
        for name, text in row["problems"].items()
    ]
    if problems:
        lines += ["", "## Problems", "", *problems]
    return "\n".join(lines) + "\n"


def measured(threads: int, limits: dict[str, Any]) -> str:
    """The limits that the bounds are made of, in a sentence."""
    sizes = limits["bandwidth"]
    copies = ", ".join(f"{s['copy'] / 1e9:.0f} ({s['bytes'] / 2**10:.0f} KiB)" for s in sizes)
    sums = f"{sizes[-1]['read'] / 1e9:.0f}"
    peaks = ", ".join(f"{peak / 1e9:.0f} GF/s {name}" for name, peak in limits["flops"].items())
    return (
        f"Limits measured with {threads} thread{'s' * (threads > 1)}: copies in GB/s {copies}, "
        f"sums past the caches {sums} GB/s; multiply-adds {peaks}; an addition of two floats in "
        f"CPython {quantity(limits['call'], 's')}."
    )


def table(headings: list[str]) -> list[str]:
    return [line(headings), line(["---", *["---:"] * (len(headings) - 1)])]


def line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def bound(row: dict[str, Any]) -> str:
    """The least time possible, and what part of our time it is."""
    least, ours = row.get("bound"), row["median"].get(OURS)
    if not least or not ours:
        return ""
    return f"{quantity(least, row['unit'])}, {100 * least / ours:.0f} %"


def timing(row: dict[str, Any], name: str) -> str:
    if name in row["problems"]:
        return "**wrong**"
    if name not in row["median"]:
        return ""
    return f"{quantity(row['median'][name], row['unit'])} ±{100 * row['spread'][name]:.0f} %"


def ratio(row: dict[str, Any], peer: str) -> str:
    if peer not in row["ratio"] or peer in row["problems"]:
        return ""
    middle, low, high = row["ratio"][peer]
    return f"**{middle:.2f}** ({low:.2f}-{high:.2f})"
