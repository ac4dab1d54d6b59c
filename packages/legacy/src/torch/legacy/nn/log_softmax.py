"""Logarithms of class probabilities."""

from typing import Any

from torch.legacy.nn.module import Module
from torch.legacy.nn.utils import describe_size


class LogSoftMax(Module):
    """y = x - log(sum(exp(x))) over the classes.

    input: (c,), (n, c), (c, h, w) or (n, c, h, w). ValueError for other numbers of dimensions.
    """

    def updateOutput(self, input: Any) -> Any:
        dim = _class_dim(input)
        # exp cannot overflow once the largest value is 0.
        shifted = input - input.max(dim, keepdim=True)[0].expand_as(input)
        total = shifted.exp().sum(dim, keepdim=True)
        self.output = shifted - total.log().expand_as(input)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        total = gradOutput.sum(_class_dim(input), keepdim=True)
        self.gradInput = gradOutput - self.output.exp() * total.expand_as(gradOutput)
        return self.gradInput


def _class_dim(input: Any) -> int:
    if input.dim() not in (1, 2, 3, 4):
        raise ValueError(
            "LogSoftMax: expected input of 1 to 4 dimensions, got size " + describe_size(input)
        )
    return 0 if input.dim() in (1, 3) else 1
