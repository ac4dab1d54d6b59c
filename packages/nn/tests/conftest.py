"""What the tests of several families of layers share."""

import pytest
import torch
from torch.autograd import Variable, gradcheck, gradgradcheck


def _inputs(makers):
    """Float64 leaves of what the makers give; what is no floating Tensor stays as it is."""
    torch.manual_seed(3)
    made = [make() if callable(make) else make for make in makers]
    floating = [isinstance(m, torch.Tensor) and m.dtype is torch.float64 for m in made]
    return tuple(
        [Variable(m, requires_grad=True) if f else m for m, f in zip(made, floating, strict=True)]
    )


@pytest.fixture
def check_gradients():
    """check_gradients(function, *makers): finite differences once and twice.

    A maker gives a Tensor; those of float64 are differentiated. The random numbers that the
    function draws are the same in every run.
    """

    def check(function, *makers):
        def run(*args):
            torch.manual_seed(7)
            return function(*args)

        inputs = _inputs(makers)
        where = [i for i, value in enumerate(inputs) if isinstance(value, Variable)]

        def of_leaves(*leaves):
            args = list(inputs)
            for position, leaf in zip(where, leaves, strict=True):
                args[position] = leaf
            return run(*args)

        leaves = tuple([inputs[i] for i in where])
        assert gradcheck(of_leaves, leaves)
        assert gradgradcheck(of_leaves, leaves)
        for only in where if len(where) > 1 else ():  # the others as constants
            args = [v.detach() if isinstance(v, Variable) else v for v in inputs]

            def of_one(leaf, args=args, only=only):
                return run(*args[:only], leaf, *args[only + 1 :])

            assert gradcheck(of_one, (inputs[only],))

    return check
