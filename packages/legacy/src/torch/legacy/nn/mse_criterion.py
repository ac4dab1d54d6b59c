"""The mean of squared differences."""

from typing import Any

from torch.legacy.nn.criterion import Criterion
from torch.legacy.nn.utils import describe_size


class MSECriterion(Criterion):
    """sum((x - t)^2), divided by the number of elements if sizeAverage.

    target: as many elements as input, taken in order. ValueError otherwise.
    """

    def __init__(self, sizeAverage: bool = True) -> None:
        super().__init__()
        self.sizeAverage = sizeAverage

    def updateOutput(self, input: Any, target: Any) -> float:
        difference = self._difference(input, target)
        self.output = float((difference * difference).sum()) * self._scale(input)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        self.gradInput = self._difference(input, target) * (2 * self._scale(input))
        return self.gradInput

    def _scale(self, input: Any) -> float:
        return 1 / input.numel() if self.sizeAverage else 1

    def _difference(self, input: Any, target: Any) -> Any:
        if input.numel() != target.numel() or input.numel() == 0:
            raise ValueError(
                "MSECriterion: expected input and target of the same number of elements, at least "
                f"one, got sizes {describe_size(input)} and {describe_size(target)}"
            )
        return input - target.contiguous().view_as(input)
