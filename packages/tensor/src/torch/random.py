"""The state of the default generator."""

from typing import Any

from torch import _C

default_generator = _C.default_generator


def manual_seed(seed: int) -> Any:
    """Starts the default generator's sequence that belongs to `seed`; returns the generator.

    The low 64 bits of the seed count. TypeError unless it is an int.
    """
    if not isinstance(seed, int):
        raise TypeError(f"manual_seed: expected an int, got {type(seed).__name__}")
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Seeds the default generator from the operating system; returns the seed."""
    import os

    value = int.from_bytes(os.urandom(8), "little")
    default_generator.manual_seed(value)
    return value


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def get_rng_state() -> Any:
    """The default generator's state as a ByteTensor."""
    return default_generator.get_state()


def set_rng_state(state: Any) -> None:
    """Continues the default generator from a state of get_rng_state, exactly."""
    default_generator.set_state(state)
