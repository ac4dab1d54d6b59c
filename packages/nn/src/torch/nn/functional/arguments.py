"""What the functions of all families do with their arguments."""

from typing import Any

from torch.autograd import Variable

__all__ = ["as_constant", "rename", "sizes"]

_SEVERAL = (tuple, list)
_WORDS = {
    1: "an int of at least {least} or a tuple of one",
    2: "an int of at least {least} or a pair of them",
}


def sizes(where: str, name: str, value: Any, dims: int, least: int) -> tuple[int, ...]:
    """One int for all `dims` dimensions, or one for each; each at least `least`."""
    each = tuple(value) if isinstance(value, _SEVERAL) else (value,) * dims
    good = len(each) == dims
    for n in each:  # no generator: asked several times in every call of a convolution
        if not isinstance(n, int) or n < least or isinstance(n, bool):
            good = False
    if not good:
        words = _WORDS.get(dims, "an int of at least {least} or a tuple of {dims} of them")
        raise ValueError(
            f"{where}: {name}: expected {words.format(least=least, dims=dims)}, got {value!r}"
        )
    return each


def as_constant(value: Any) -> Any:
    """The Tensor of a target or class weight, which may be given as a Variable."""
    return value.data if isinstance(value, Variable) else value


def rename(error: Exception, op: str, name: str) -> None:
    """Let the error of a kernel for 1 to 3 dimensions name the function that the user called."""
    text = str(error)
    if text.startswith(op + ":"):
        error.args = (name + text[len(op) :],)
