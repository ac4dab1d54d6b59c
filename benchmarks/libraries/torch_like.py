"""What alphatorch and PyTorch have in common: nearly everything."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.autograd import Variable

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


def convolution(x: Any, w: Any, b: Any, g: Any) -> Callable[[], Any]:
    def step() -> Any:
        leaves = [variable(values) for values in (x, w, b)]
        F.conv2d(*leaves, padding=1).backward(g)
        return [leaf.grad for leaf in leaves]

    return step


class Digits(nn.Module):
    """The network of examples/digits.py without dropout."""

    def __init__(self, parameters: list[Any]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(512, 64)
        self.fc2 = nn.Linear(64, 10)
        for own, given in zip(self.parameters(), parameters, strict=True):
            own.data.copy_(given)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.view(x.size(0), -1)))
        return self.fc2(x)


def digits_step(images: Any, digits: Any, parameters: list[Any]) -> Callable[[], Any]:
    model = Digits(parameters)
    # PyTorch scales eps with the bias correction, the alpha does not: too small to matter here.
    optimizer = optim.Adam(model.parameters(), lr=0.003, eps=1e-14)

    def step() -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(Variable(images)), Variable(digits))
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def optimizer_of(name: str, start: Any, gradient: Any, **options: float) -> tuple[Any, list[Any]]:
    """An optimizer of the rows of `start`, whose gradients are those of `gradient`."""
    parameters = [variable(row.clone()) for row in start]
    for parameter, row in zip(parameters, gradient, strict=True):
        parameter.grad = Variable(row.clone())
    return getattr(optim, name)(parameters, **options), parameters


names = {
    "exp": torch.exp,
    "mm": torch.mm,
    "variable": variable,
    "convolution": convolution,
    "digits_step": digits_step,
    "optimizer_of": optimizer_of,
}
