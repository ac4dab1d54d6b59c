"""Neural networks: modules that hold parameters, and the functions they are made of."""

from torch._versions import require

require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-nn")
require("alphatorch-autograd", ">=0.1,<0.2", by="alphatorch-nn")

from . import functional, functions, modules  # noqa: E402, F401
from .modules import *  # noqa: E402, F403
from .parameter import Parameter  # noqa: E402

__all__ = ["Parameter", "functional", *modules.__all__]  # noqa: PLE0604
