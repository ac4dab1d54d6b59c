"""Parameter: a Variable that a Module registers when it is assigned to an attribute."""

import torch
from torch.autograd import Variable

__all__ = ["Parameter"]


class Parameter(Variable):
    """A leaf that requires a gradient and belongs to the module it is assigned to.

    A plain Variable assigned to a module is not a parameter.
    """

    __slots__ = ()

    def __init__(self, data: torch.Tensor, requires_grad: bool = True) -> None:
        super().__init__(data, requires_grad=requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{self.data!r}"
