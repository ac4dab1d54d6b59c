"""What alphatorch and PyTorch have in common: nearly everything."""

from typing import Any

import numpy as np
import torch
from torch.autograd import Variable

from benchmarks.libraries import training

module = "torch"


def start(threads: int) -> None:
    torch.set_num_threads(threads)


def array(values: np.ndarray) -> Any:
    return torch.from_numpy(values)


def to_numpy(value: Any) -> np.ndarray:
    if isinstance(value, (int, float)):
        return np.asarray(value)
    value = getattr(value, "data", value)
    return value.numpy() if torch.is_tensor(value) else np.asarray(value)


def timed(code: str) -> str:
    return code


def version() -> str:
    return torch.__version__


def variable(values: Any) -> Any:
    return Variable(values, requires_grad=True)


names = {
    "exp": torch.exp,
    "mm": torch.mm,
    "variable": variable,
    "chain": training.chain,
    "convolution": training.convolution,
    "digits_step": training.digits_step,
    "double_backward": training.double_backward,
    "lstm_gradients": training.lstm_gradients,
    "mlp_step": training.mlp_step,
}
