"""Rows of random numbers written over a Variable: the gradient of what was there is zero."""

import torch

from rows import Row, in_place, real, row


def seeded(name):
    """The same numbers in every call."""

    def call(*args, **options):
        torch.manual_seed(1)
        return in_place(name)(*args, **options)

    return call


ROWS: list[Row] = [
    row("bernoulli_", real(2, 3), call=seeded("bernoulli_")),
    row("bernoulli_", real(2, 3), p=0.3, call=seeded("bernoulli_")),
    row("cauchy_", real(2, 3), call=seeded("cauchy_")),
    row("exponential_", real(2, 3), 2.0, call=seeded("exponential_")),
    row("geometric_", real(2, 3), 0.5, call=seeded("geometric_")),
    row("log_normal_", real(2, 3), call=seeded("log_normal_")),
    row("normal_", real(2, 3), 1, std=2, call=seeded("normal_")),
    row("random_", real(2, 3), 2, 5, call=seeded("random_")),
    row("uniform_", real(2, 3), -1, 1, call=seeded("uniform_")),
]
