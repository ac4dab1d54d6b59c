"""Positions in sorted values."""

from .table import publish, torch_only, untracked

publish("searchsorted", untracked("searchsorted"))
torch_only(untracked("isin"), "isin")
