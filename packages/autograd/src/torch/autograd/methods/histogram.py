"""Counts of values: constant almost everywhere."""

from .table import publish, untracked

for _name in ("bincount", "histc", "histogram"):
    publish(_name, untracked(_name))
