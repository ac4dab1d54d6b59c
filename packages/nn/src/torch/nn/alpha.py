"""The meanings of autumn 2016 in nn, where `torch.compat` asks for them."""

from torch.autograd.alpha import flag

__all__ = ["eval_freezes"]

eval_freezes = flag("eval_freezes", "Whether parameters require gradients in training only.")
