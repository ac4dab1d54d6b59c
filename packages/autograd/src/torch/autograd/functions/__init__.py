"""All built-in Functions: classes made with constants and called on Variables.

Permute(0, 2, 1)(x), Addmm(0.1, 1)(m, a, b), Add(inplace=True)(x, y)
"""

import torch  # noqa: F401  (the alpha exposes the name here)

from .binary import *
from .copy import *
from .index import *
from .linalg import *
from .nary import *
from .reduce import *
from .stochastic import *
from .unary import *
from .view import *
