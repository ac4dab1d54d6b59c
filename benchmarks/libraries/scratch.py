"""Files for cases, removed when the process ends."""

import os
import tempfile

_folder = tempfile.TemporaryDirectory()


def scratch(name: str) -> str:
    """The path of a file."""
    return os.path.join(_folder.name, name)


def fsync(path: str) -> None:
    """Forces a file to the disk."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
