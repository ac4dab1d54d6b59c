"""Layers and losses as functions of Variables, one family per file."""

from .activation import *
from .arguments import as_constant, sizes
from .attention import *
from .bilinear import *
from .conv import *
from .distance import *
from .dropout import *
from .embedding import *
from .linear import *
from .loss import *
from .loss_classes import *
from .norm import *
from .padding import *
from .pooling import *
from .rearrange import *
from .upsampling import *
