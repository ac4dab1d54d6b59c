"""Helpers around modules and parameters."""

from . import rnn
from .rnn import PackedSequence

__all__ = ["PackedSequence", "rnn"]
