"""The meanings of autumn 2016 in nn, where `torch.compat` asks for them."""

from torch import compat
from torch.autograd.alpha import _flag

__all__ = ["eval_freezes"]

if "eval_freezes" in compat._BITS:
    eval_freezes = _flag("eval_freezes", "Whether parameters require gradients in training only.")
else:  # a core that was built before this flag

    def eval_freezes() -> bool:
        return False
