"""python -m benchmarks.recording THREADS: what part of a training step goes into recording lines.

Every Function notes the user's line that called it, for error messages. Steps of training of the
digits network are timed in turn, one as it is and one in which every line is noted twice; the
difference, in percent of the step, is printed. It is an upper bound: the second time comes with a
Python call that the first one does not need. The clock is that of the thread, which stands still
while other programs have the core.
"""

import statistics
import sys
import time
from types import FrameType

from benchmarks import libraries
from benchmarks.cases.autograd import CASES

ROUNDS = 1000


def noted_twice(depth: int = 0) -> FrameType:
    """In place of sys._getframe: the same frame, after its line was looked up once already."""
    from torch.autograd import location

    frame = sys._getframe(depth + 1)
    location.user_position(frame)
    return frame


def main() -> None:
    adapter = libraries.load("alphatorch")
    adapter.start(int(sys.argv[1]))
    from torch.autograd import function
    from torch.autograd.functions import base

    (case,) = [case for case in CASES if case.name == "digits step"]
    names = dict(adapter.names)
    names |= {name: adapter.array(values) for name, values in case.arrays().items()}
    exec(case.setup_for("alphatorch"), names)
    step = names["step"]

    once: list[float] = []
    twice: list[float] = []
    for _ in range(ROUNDS):
        for seconds, look_up in ((once, sys._getframe), (twice, noted_twice)):
            base.frame_of = function.frame_of = look_up
            start = time.thread_time()
            step()
            seconds.append(time.thread_time() - start)
    differences = [b - a for a, b in zip(once, twice, strict=True)]
    print(100 * statistics.median(differences) / statistics.median(once))


if __name__ == "__main__":
    main()
