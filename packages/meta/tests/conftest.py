"""Environments made of the built wheels, as a user's pip would make them."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename


def wheels_from(variable):
    """Path of the wheel of each distribution, from a list of paths in the environment."""
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set: run ci/nox.sh -s 'tests(meta)'")
    paths = [Path(text) for text in value.split(os.pathsep)]
    return {str(parse_wheel_filename(path.name)[0]): path for path in paths}


@pytest.fixture(scope="session")
def wheels():
    return wheels_from("ALPHATORCH_WHEELS")


@pytest.fixture(scope="session")
def editable_wheels():
    """What `pip install -e` builds and installs: wheels that point into the source tree."""
    return wheels_from("ALPHATORCH_EDITABLE_WHEELS")


@dataclass
class Environment:
    """A virtual environment without anything but what is installed into it."""

    folder: Path

    @property
    def python(self):
        return str(self.folder / "bin" / "python")

    def install(self, paths):
        # Our wheels alone: what they need from the index (NumPy) is loaded on first use only.
        self.pip("install", "--no-index", "--no-deps", *map(str, paths))

    def uninstall(self, distribution):
        self.pip("uninstall", "--yes", distribution)

    def pip(self, *arguments):
        command = [sys.executable, "-m", "pip", "--python", self.python, "--quiet"]
        subprocess.run([*command, *arguments], check=True)

    def run(self, code):
        """Runs a program outside the source tree; (exit status, what it wrote to stderr)."""
        variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        done = subprocess.run(
            [self.python, "-c", code],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stderr


@pytest.fixture
def environment(tmp_path):
    folder = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return Environment(folder)
