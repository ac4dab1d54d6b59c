"""Rows of scans."""

from rows import Row

ROWS: list[Row] = []
