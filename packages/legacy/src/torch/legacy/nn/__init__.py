"""Layers and criterions of the Lua-Torch protocol: one file each."""

from torch._registered import keep_source, register
from torch.legacy.nn.class_nll_criterion import ClassNLLCriterion
from torch.legacy.nn.container import Container
from torch.legacy.nn.criterion import Criterion
from torch.legacy.nn.linear import Linear
from torch.legacy.nn.log_softmax import LogSoftMax
from torch.legacy.nn.module import Module
from torch.legacy.nn.mse_criterion import MSECriterion
from torch.legacy.nn.relu import ReLU
from torch.legacy.nn.sequential import Sequential
from torch.legacy.nn.sigmoid import Sigmoid
from torch.legacy.nn.tanh import Tanh
from torch.legacy.nn.threshold import Threshold
from torch.legacy.nn.utils import recursiveType

__all__ = [
    "ClassNLLCriterion",
    "Container",
    "Criterion",
    "Linear",
    "LogSoftMax",
    "MSECriterion",
    "Module",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "Threshold",
    "recursiveType",
]

# Files may hold them; of users' modules they keep the source.
for _cls in [value for value in globals().values() if isinstance(value, type)]:
    register(_cls)
keep_source(Module)
keep_source(Criterion)
