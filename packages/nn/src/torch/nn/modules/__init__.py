"""The modules, one family per file."""

from typing import TYPE_CHECKING

from . import (
    activation,
    attention,
    bilinear,
    container,
    conv,
    distance,
    dropout,
    embedding,
    linear,
    loss,
    module,
    norm,
    padding,
    pooling,
    rearrange,
    rnn,
    upsampling,
)
from .activation import *  # noqa: F403
from .attention import *  # noqa: F403
from .bilinear import *  # noqa: F403
from .container import *  # noqa: F403
from .conv import *  # noqa: F403
from .distance import *  # noqa: F403
from .dropout import *  # noqa: F403
from .embedding import *  # noqa: F403
from .linear import *  # noqa: F403
from .loss import *  # noqa: F403
from .module import *  # noqa: F403
from .norm import *  # noqa: F403
from .padding import *  # noqa: F403
from .pooling import *  # noqa: F403
from .rearrange import *  # noqa: F403
from .rnn import *  # noqa: F403
from .upsampling import *  # noqa: F403

_families = [activation, attention, bilinear, container, conv, distance, dropout, embedding]
_families += [linear, loss, module, norm, padding, pooling, rearrange, rnn, upsampling]
if not TYPE_CHECKING:  # to type checkers all that is public here: they do not compute lists
    __all__ = [name for family in _families for name in family.__all__]
