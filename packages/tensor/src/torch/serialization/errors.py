"""What can go wrong with a file, and what is worth a warning."""

from torch import _C

#: The one exception for whatever is wrong with a file: a RuntimeError.
FileError = _C._FileError


class SourceChangeWarning(Warning):
    """The source of a class has changed since an object of it was saved."""
