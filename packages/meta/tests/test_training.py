"""The longer examples in short: they learn, draw, and go on exactly after they were interrupted."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"

# Runs a program which ends as if the machine had died, right after its first checkpoint.
INTERRUPTED = """
import os, runpy, sys, torch
save = torch.save
torch.save = lambda *args: (save(*args), sys.stdout.flush(), os._exit(9))
del sys.argv[0]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True)
class Example:
    name: str
    batches: int  # of an epoch
    easy: str  # what is reached at once
    hard: str  # what such a run does not reach
    line: str  # what an epoch prints, with the value that has to fall
    missed: str

    def run(self, folder, *options, before=()):
        fixed = ("--epochs", "2", "--batches", str(self.batches), "--out", "picture.png")
        return subprocess.run(
            [sys.executable, *before, str(EXAMPLES / f"{self.name}.py"), *fixed, *options],
            capture_output=True,
            text=True,
            cwd=folder,
        )

    def epochs(self, done):
        return [line for line in done.stdout.splitlines() if line.startswith("epoch")]


TABLE = [
    Example(
        "residual_network",
        batches=8,
        easy="0",
        hard="99.9",
        line=r"epoch  \d: loss ([\d.]+), held-out accuracy [\d.]+ %",
        missed="expected a held-out accuracy of at least 99.9 %",
    ),
    Example(
        "language_model",
        batches=16,
        easy="4000",
        hard="20",
        line=r"epoch  \d: perplexity ([\d.]+), held out [\d.]+",
        missed="expected a held-out perplexity below 20",
    ),
]


@pytest.fixture(scope="module", params=TABLE, ids=lambda example: example.name)
def example(request):
    return request.param


@pytest.fixture(scope="module")
def trained(example, tmp_path_factory):
    folder = tmp_path_factory.mktemp(example.name)
    return folder, example.run(folder, "--expect", example.easy)


def test_learns(example, trained):
    _, done = trained
    assert done.returncode == 0, done.stderr
    first, second = (re.fullmatch(example.line, line) for line in example.epochs(done))
    assert float(second[1]) < float(first[1])


def test_shows_progress(example, trained):
    assert re.search(rf"epoch  1:.*/{example.batches} .*batch/s", trained[1].stderr)


def test_draws(trained):
    import matplotlib.image

    height, width, _ = matplotlib.image.imread(trained[0] / "picture.png").shape
    assert (height, width) == (1100, 1000)


def test_goes_on_exactly_where_it_was_interrupted(example, trained, tmp_path):
    whole = example.epochs(trained[1])
    done = example.run(tmp_path, before=("-c", INTERRUPTED))
    assert done.returncode == 9, done.stderr
    assert example.epochs(done) == []  # it had no time to say so
    done = example.run(tmp_path, "--expect", example.easy, "--resume")
    assert done.returncode == 0, done.stderr
    assert example.epochs(done) == whole[1:]


def test_says_when_it_learned_too_little(example, trained):
    folder, _ = trained
    done = example.run(folder, "--expect", example.hard, "--resume")
    assert done.returncode == 1
    assert example.missed in done.stderr
    assert example.epochs(done) == []  # all of them had been done


def test_wrong_arguments(example, tmp_path):
    done = example.run(tmp_path, "--batches", "0")
    assert done.returncode == 2
    assert "--batches: expected at least 1, got 0" in done.stderr
