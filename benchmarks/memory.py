"""python -m benchmarks.memory RUN LIBRARY THREADS: bytes that a run of training needs at its peak.

A run takes three steps. What is printed is the peak of the resident memory above where it stood
after steps of the same kind with a small batch (and, where the size of the network can be chosen,
a small network): the code and the threads are there by then. The system keeps count of the peak,
so that no moment is missed.
"""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks import libraries
from benchmarks.libraries import training


@dataclass(frozen=True)
class Run:
    """Sizes of the batches; words: how many there are, for classes 0, 1, ... and not pictures."""

    step: Callable[..., training.Step]
    small: tuple[int, ...]
    large: tuple[int, ...]
    words: tuple[int, int] | None = None

    def train(self, large: bool) -> None:
        size = self.large if large else self.small
        if self.words is None:
            step, x = self.step(), torch.ones(size)
            target = torch.zeros(size[0]).long()
        else:
            words = self.words[large]
            step, x = self.step(words), torch.zeros(size).long()
            target = torch.zeros(x.numel()).long()
        for _ in range(3):
            step(x, target)


RUNS = {
    # every activation has 4 MiB
    "convolutions": Run(training.convolutions_step, (2, 32, 8, 8), (32, 32, 32, 32)),
    "LeNet": Run(training.lenet_step, (2, 1, 28, 28), (64, 1, 28, 28)),
    "ResNet-8": Run(training.resnet_step, (2, 3, 8, 8), (32, 3, 32, 32)),
    "language model": Run(training.language_step, (2, 2), (35, 20), words=(10, 10_000)),
}


def status(name: str) -> int:
    """VmRSS (now) or VmHWM (the largest so far) of this process, in bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None
    return 1024 * int(found[1])


def main() -> None:
    run, library, threads = RUNS[sys.argv[1]], sys.argv[2], int(sys.argv[3])
    libraries.load(library).start(threads)
    run.train(large=False)
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak that the import has left
    run.train(large=True)
    print(status("VmHWM") - before)


if __name__ == "__main__":
    main()
