"""The layer that replaces small values."""

from typing import Any

from torch.legacy.nn.module import Module


class Threshold(Module):
    """y = x where x > threshold, else value.

    inplace: writes the output into the input and the gradient of the input into that of the
    output; then value must not exceed threshold, or backward could not tell where x was replaced.
    """

    def __init__(self, threshold: float = 0, value: float = 0, inplace: bool = False) -> None:
        super().__init__()
        if inplace and value > threshold:
            raise ValueError(
                f"{type(self).__name__}: expected value <= threshold when inplace, got "
                f"value={value} and threshold={threshold}"
            )
        self.threshold = threshold
        self.val = value
        self.inplace = inplace

    def updateOutput(self, input: Any) -> Any:
        self.output = input if self.inplace else input.clone()
        self.output.masked_fill_(input <= self.threshold, self.val)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = gradOutput if self.inplace else gradOutput.clone()
        self.gradInput.masked_fill_(input <= self.threshold, 0)
        return self.gradInput

    def __repr__(self) -> str:
        return f"nn.Threshold({self.threshold}, {self.val})"
