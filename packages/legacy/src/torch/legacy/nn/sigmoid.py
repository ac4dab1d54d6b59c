"""The logistic function."""

from typing import Any

from torch.legacy.nn.module import Module


class Sigmoid(Module):
    """y = 1 / (1 + exp(-x))."""

    def updateOutput(self, input: Any) -> Any:
        self.output = input.sigmoid()
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = gradOutput * self.output * (1 - self.output)
        return self.gradInput
