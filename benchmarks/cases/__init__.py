"""All cases, group by group."""

from benchmarks.case import Case
from benchmarks.cases import (
    autograd,
    dispatch,
    files,
    indexing,
    layers,
    linear_algebra,
    optimizers,
    pointwise,
    random,
    reductions,
    training,
)

CASES: list[Case] = [
    *dispatch.CASES,
    *pointwise.CASES,
    *reductions.CASES,
    *indexing.CASES,
    *random.CASES,
    *linear_algebra.CASES,
    *layers.CASES,
    *files.CASES,
    *autograd.CASES,
    *training.CASES,
    *optimizers.CASES,
]
