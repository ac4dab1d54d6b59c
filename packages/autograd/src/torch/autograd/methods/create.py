"""New Variables like one that is there: without history."""

from .table import torch_only, untracked

LIKE = (
    "empty_like", "full_like", "ones_like", "rand_like", "randint_like", "randn_like", "zeros_like",
)  # fmt: skip

for _name in LIKE:
    torch_only(untracked(_name), _name)
