"""What alphatorch and PyTorch have in common: nearly everything."""

from operator import iadd
from typing import Any

import numpy as np
import torch
from torch.autograd import Variable

from benchmarks.libraries import layers, training
from benchmarks.libraries.scratch import fsync, scratch

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


def copies(x: Any, n: int) -> dict[str, Any]:
    return {f"x{i}": x.clone() for i in range(n)}


def open_mapped(path: str) -> Any:
    return torch.load(path, mmap=True)


def first_of_mapped(path: str) -> Any:
    return open_mapped(path)["x9"][:1000]


def assign(x: Any, key: Any, values: Any) -> Any:
    x[key] = values
    return x


def mean(x: Any) -> Any:
    return x.double().mean()


names = {
    "torch": torch,
    "iadd": iadd,
    "assign": assign,
    "mean": mean,
    "save": torch.save,
    "load": torch.load,
    "copies": copies,
    "open_mapped": open_mapped,
    "first_of_mapped": first_of_mapped,
    "scratch": scratch,
    "fsync": fsync,
    "exp": torch.exp,
    "mm": torch.mm,
    "nn": torch.nn,
    "clip_grad_norm": torch.nn.utils.clip_grad_norm_,
    "variable": variable,
    "chain": training.chain,
    "classifier_step": training.classifier_step,
    "convolution": layers.convolution,
    "convolution_gradients": layers.convolution_gradients,
    "digits_step": training.digits_step,
    "double_backward": training.double_backward,
    "falling": layers.falling,
    "gradients": layers.gradients,
    "inference": layers.inference,
    "language_step": training.language_step,
    "lenet_step": training.lenet_step,
    "lstm_gradients": training.lstm_gradients,
    "mlp_step": training.mlp_step,
    "optimizer_of": training.optimizer_of,
    "resnet_step": training.resnet_step,
    "SelfAttention": layers.SelfAttention,
    "zeros": layers.zeros,
}
