"""The affine layer."""

import math
from typing import Any

import torch
from torch.legacy.nn.module import Module
from torch.legacy.nn.utils import describe_size


class Linear(Module):
    """y = x W^T + b.

    input: (inputSize,) or (n, inputSize); output: (outputSize,) or (n, outputSize).
    weight: (outputSize, inputSize); bias: (outputSize,). ValueError for other sizes.
    """

    def __init__(self, inputSize: int, outputSize: int, bias: bool = True) -> None:
        super().__init__()
        if inputSize < 1 or outputSize < 1:
            raise ValueError(
                f"Linear: expected sizes of at least 1, got inputSize={inputSize} and "
                f"outputSize={outputSize}"
            )
        self.weight = torch.Tensor(outputSize, inputSize)
        self.gradWeight = torch.Tensor(outputSize, inputSize).zero_()
        self.bias = torch.Tensor(outputSize) if bias else None
        self.gradBias = torch.Tensor(outputSize).zero_() if bias else None
        self.reset()

    def reset(self, stdv: float | None = None) -> None:
        """Draws weight and bias from [-a, a], where a is 1 / sqrt(inputSize) or sqrt(3) stdv."""
        bound = stdv * math.sqrt(3) if stdv is not None else 1 / math.sqrt(self.weight.size(1))
        self.weight.uniform_(-bound, bound)
        if self.bias is not None:
            self.bias.uniform_(-bound, bound)

    def updateOutput(self, input: Any) -> Any:
        self._check("input", input, self.weight.size(1))
        if input.dim() == 1:
            self.output = self.weight.mv(input)
        else:
            self.output = input.mm(self.weight.t())
        if self.bias is not None:
            self.output.add_(self.bias.expand_as(self.output))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self._check_pair(input, gradOutput)
        if input.dim() == 1:
            self.gradInput = self.weight.t().mv(gradOutput)
        else:
            self.gradInput = gradOutput.mm(self.weight)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float = 1) -> None:
        self._check_pair(input, gradOutput)
        # A single sample is a batch of one.
        inputs = input.view(-1, input.size(-1))
        gradients = gradOutput.contiguous().view(-1, gradOutput.size(-1))
        self.gradWeight.add_(scale, gradients.t().mm(inputs))
        if self.gradBias is not None:
            self.gradBias.add_(scale, gradients.sum(0, keepdim=True).view(-1))

    def _check(self, name: str, tensor: Any, size: int) -> None:
        if tensor.dim() not in (1, 2) or tensor.size(-1) != size:
            raise ValueError(
                f"Linear: expected {name} of size ({size},) or (n, {size}), "
                f"got {describe_size(tensor)}"
            )

    def _check_pair(self, input: Any, gradOutput: Any) -> None:
        self._check("input", input, self.weight.size(1))
        self._check("gradOutput", gradOutput, self.weight.size(0))
        if tuple(input.size())[:-1] != tuple(gradOutput.size())[:-1]:
            raise ValueError(
                "Linear: expected as many rows in gradOutput as in input, got sizes "
                f"{describe_size(gradOutput)} and {describe_size(input)}"
            )

    def __repr__(self) -> str:
        text = f"nn.Linear({self.weight.size(1)} -> {self.weight.size(0)})"
        return text if self.bias is not None else text + " without bias"
