"""Optimizers as functions of a flat parameter tensor.

Each takes `(opfunc, x, config, state=None)`, where `opfunc(x)` gives `(f, df_dx)`, changes `x` in
place and returns `(x, [f, ...])`.
"""

from torch.legacy.optim.sgd import sgd

__all__ = ["sgd"]
