"""All built-in Functions: classes made with constants and called on Variables.

Permute(0, 2, 1)(x), Addmm(0.1, 1)(m, a, b), Add(inplace=True)(x, y)
"""

import torch  # noqa: F401  (the alpha exposes the name here)

from .binary import *
from .compare import *
from .copy import *
from .einsum import *
from .gamma import *
from .index import *
from .lapack import *
from .linalg import *
from .mask import *
from .matrix import *
from .nary import *
from .rearrange import *
from .reduce import *
from .scan import *
from .sort import *
from .stochastic import *
from .triangle import *
from .unary import *
from .view import *
