"""Layers and losses as functions of Variables, one family per file."""

from .activation import *
from .arguments import as_constant, sizes
from .conv import *
from .dropout import *
from .linear import *
from .loss import *
from .padding import *
from .pooling import *
from .rearrange import *
from .upsampling import *
