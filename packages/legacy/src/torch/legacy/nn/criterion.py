"""The protocol of every loss."""

from typing import Any

import torch
from torch.legacy.nn.utils import Typed


class Criterion(Typed):
    """Base of losses. A subclass defines `updateOutput` and `updateGradInput`.

    State: `output`, a Python number; `gradInput`, of the size of the input.
    """

    def __init__(self) -> None:
        self.output: Any = 0.0
        self.gradInput: Any = torch.Tensor()
        self._type = self.gradInput.type()

    def __call__(self, input: Any, target: Any) -> Any:
        return self.forward(input, target)

    def __repr__(self) -> str:
        return f"nn.{type(self).__name__}"

    def forward(self, input: Any, target: Any) -> Any:
        return self.updateOutput(input, target)

    def backward(self, input: Any, target: Any) -> Any:
        """The gradient of the loss with respect to the input."""
        return self.updateGradInput(input, target)

    def updateOutput(self, input: Any, target: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: a Criterion must define updateOutput")

    def updateGradInput(self, input: Any, target: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: a Criterion must define updateGradInput")
