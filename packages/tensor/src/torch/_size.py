"""torch.Size: the sizes of a tensor."""

import operator
from collections.abc import Iterable


class Size(tuple):
    """Sizes of a tensor: a tuple that takes only ints. TypeError for anything else.

    >>> torch.zeros(2, 3).shape
    torch.Size([2, 3])
    >>> torch.Size([2, 3]).numel()
    6
    """

    __slots__ = ()

    def __new__(cls, sizes: Iterable[int] = ()) -> "Size":
        try:
            return super().__new__(cls, map(operator.index, sizes))
        except TypeError:
            raise TypeError(f"torch.Size: expected a sequence of ints, got {sizes!r}") from None

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    def __getitem__(self, key):
        item = super().__getitem__(key)
        return Size(item) if isinstance(key, slice) else item

    def __add__(self, other):
        return Size(super().__add__(tuple(other)))

    def __reduce__(self):
        return Size, (tuple(self),)

    def numel(self) -> int:
        """Product of the sizes: the number of elements of a tensor of this size."""
        n = 1
        for size in self:
            n *= size
        return n
