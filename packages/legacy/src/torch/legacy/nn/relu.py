"""The rectifier."""

from torch.legacy.nn.threshold import Threshold


class ReLU(Threshold):
    """y = max(x, 0); see Threshold for inplace."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0, 0, inplace)

    def __repr__(self) -> str:
        return "nn.ReLU"
