"""Learning rates that change as training goes on.

A scheduler sets the options of an optimizer's groups: once when it is made, for epoch 0, and with
each `step()` for the next one. What counts as an epoch is up to the caller. Most compute a rate
from the one before, so that several can be stepped on one optimizer, and their factors multiply.
"""

from .cycles import CyclicLR, OneCycleLR
from .epochs import (
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from .plateau import ReduceLROnPlateau
from .scheduler import LRScheduler
from .several import ChainedScheduler, SequentialLR

_LRScheduler = LRScheduler  # its name in PyTorch before 2.0

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
