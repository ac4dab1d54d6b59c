"""The state of the default generator."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import _C

default_generator = _C.default_generator


def manual_seed(seed: int) -> Any:
    """Starts the default generator's sequence that belongs to `seed`; returns the generator.

    The low 64 bits of the seed count. TypeError unless it is an int.

    >>> _ = torch.manual_seed(3)
    >>> x = torch.rand(2)
    >>> _ = torch.manual_seed(3)
    >>> torch.rand(2).equal(x)
    True
    """
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seeds the default generator from the operating system; returns the seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the default generator.

    >>> _ = torch.manual_seed(3)
    >>> torch.initial_seed()
    3
    """
    return default_generator.initial_seed()


def get_rng_state() -> Any:
    """The default generator's state as a ByteTensor.

    >>> state = torch.get_rng_state()
    >>> x = torch.randn(3)
    >>> torch.set_rng_state(state)
    >>> torch.randn(3).equal(x)
    True
    """
    return default_generator.get_state()


def set_rng_state(state: Any) -> None:
    """Continues the default generator from a state of get_rng_state, exactly.

    TypeError unless it is a tensor, ValueError unless it is a ByteTensor of size (16,).
    """
    default_generator.set_state(state)


@contextmanager
def fork_rng(enabled: bool = True) -> Iterator[None]:
    """A block whose draws leave the default generator where it was before the block.

    >>> state = torch.get_rng_state()
    >>> with torch.random.fork_rng():
    ...     x = torch.randn(3)
    >>> torch.get_rng_state().equal(state)
    True
    """
    if not enabled:
        yield
        return
    state = default_generator.get_state()
    try:
        yield
    finally:
        default_generator.set_state(state)
