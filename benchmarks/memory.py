"""python -m benchmarks.memory LIBRARY THREADS: bytes that a step of training needs at its peak.

A network of ten 3x3 convolutions takes three steps with a batch of (32, 32, 32, 32), whose every
activation has 4 MiB. What is printed is the peak of the resident memory above where it stood after
steps with a batch of two small pictures: the code, the threads and the parameters are there by
then. The system keeps count of the peak, so that no moment is missed.
"""

import re
import sys
from pathlib import Path

import torch

from benchmarks import libraries
from benchmarks.libraries import training


def status(name: str) -> int:
    """VmRSS (now) or VmHWM (the largest so far) of this process, in bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return 1024 * int(found[1])


def main() -> None:
    library, threads = sys.argv[1], int(sys.argv[2])
    adapter = libraries.load(library)
    adapter.start(threads)
    step = training.convolutions_step()
    small, large = (torch.ones(size) for size in ((2, 32, 8, 8), (32, 32, 32, 32)))
    for _ in range(3):
        step(small)
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak that the import has left
    for _ in range(3):
        step(large)
    print(status("VmHWM") - before)


if __name__ == "__main__":
    main()
