"""Helpers around modules and parameters."""

from . import clip_grad, computed, convert_parameters, rnn
from .clip_grad import *  # noqa: F403
from .computed import *  # noqa: F403
from .convert_parameters import *  # noqa: F403

__all__ = ["clip_grad", "computed", "convert_parameters", "rnn"]
