"""Layers and optimizers that follow the Lua-Torch protocol, without autograd."""

from torch import _versions

_versions.require("alphatorch-tensor", ">=0.1,<0.2", by="alphatorch-legacy")

from torch.legacy import nn, optim

__all__ = ["nn", "optim"]
