"""Today's PyTorch, eager."""

import torch

from benchmarks.libraries import torch_like
from benchmarks.libraries.torch_like import array, module, start, timed, to_numpy, version

__all__ = ["array", "module", "names", "start", "timed", "to_numpy", "version"]

names = torch_like.names | {
    "softmax": torch.softmax,
    "log_softmax": torch.log_softmax,
}
