"""The processor and host memory: `torch.cpu`."""

from torch import _C


def isa() -> str:
    """Instruction set of the kernels in use: "baseline", "avx2" or "avx512".

    The environment variable ALPHATORCH_CPU asks for a lower one than the processor has.
    """
    return _C._cpu_isa()


def memory_allocated() -> int:
    """Bytes of host memory that tensors hold."""
    return _C._memory()[0]


def max_memory_allocated() -> int:
    """Highest memory_allocated() since the start or the last reset_max_memory_allocated()."""
    return _C._memory()[1]


def reset_max_memory_allocated() -> None:
    """Lets max_memory_allocated() start anew, from the memory in use now."""
    _C._reset_max_memory()


def memory_cached() -> int:
    """Bytes of freed memory kept for reuse, at most cache_limit()."""
    return _C._memory()[2]


def cache_limit() -> int:
    """Bytes of freed memory that are kept at most."""
    return _C._memory()[3]


def set_cache_limit(n_bytes: int) -> None:
    """Sets cache_limit(). ValueError below 0."""
    _C._set_cache_limit(n_bytes)


def empty_cache() -> None:
    """Gives the freed memory that is kept back to the system; other threads do so when they free
    something next.
    """
    _C._empty_cache()
