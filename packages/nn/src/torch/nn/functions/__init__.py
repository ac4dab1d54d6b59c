"""The Functions of layers and losses, each differentiable twice."""

from .activation import *
from .conv import *
from .dropout import *
from .embedding import *
from .linear import *
from .loss import *
from .norm import *
from .padding import *
from .pool import *
from .rearrange import *
from .rnn import *
from .softmax import *
from .threshold import *
from .upsampling import *
