"""The example trains a real network; one short run stands for the whole set of packages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "digits.py"


def run(folder, *options):
    return subprocess.run(
        [sys.executable, str(EXAMPLE), "--out", str(folder / "digits.png"), *options],
        capture_output=True,
        text=True,
        cwd=folder,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    return folder, run(folder, "--epochs", "4", "--expect", "90")


def test_learns(trained):
    _, done = trained
    assert done.returncode == 0, done.stderr
    lines = re.findall(r"epoch +\d+: loss ([\d.]+), held-out accuracy ([\d.]+) %", done.stdout)
    losses = [float(loss) for loss, _ in lines]
    assert len(losses) == 4
    assert losses == sorted(losses, reverse=True)
    assert float(lines[-1][1]) > 90


def test_shows_progress(trained):
    assert re.search(r"epoch  1:.*batch/s", trained[1].stderr)


def test_draws(trained):
    import matplotlib.image

    folder, _ = trained
    height, width, _ = matplotlib.image.imread(folder / "digits.png").shape
    assert (height, width) == (1100, 1000)


def test_the_seed_decides(trained, tmp_path):
    again = run(tmp_path, "--epochs", "1", "--expect", "0")
    first = trained[1].stdout.splitlines()[0]
    assert again.stdout.splitlines()[0] == first


def test_says_when_it_learned_too_little(tmp_path):
    done = run(tmp_path, "--epochs", "1", "--expect", "99.9")
    assert done.returncode == 1
    assert "expected a held-out accuracy of at least 99.9 %" in done.stderr


def test_wrong_arguments(tmp_path):
    done = run(tmp_path, "--epochs", "0")
    assert done.returncode == 2
    assert "--epochs: expected at least 1, got 0" in done.stderr
