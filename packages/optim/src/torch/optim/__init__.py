"""Optimizers: they change parameters along their gradients."""

from torch._versions import require

require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-optim")
require("alphatorch-autograd", ">=0.1,<0.2", by="alphatorch-optim")

from .adam import Adam  # noqa: E402
from .optimizer import Optimizer, required  # noqa: E402
from .sgd import SGD  # noqa: E402

__all__ = ["SGD", "Adam", "Optimizer", "required"]
