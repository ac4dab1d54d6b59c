"""The hyperbolic tangent."""

from typing import Any

from torch.legacy.nn.module import Module


class Tanh(Module):
    """y = tanh(x)."""

    def updateOutput(self, input: Any) -> Any:
        self.output = input.tanh()
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = gradOutput * (1 - self.output * self.output)
        return self.gradInput
