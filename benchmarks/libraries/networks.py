"""Networks in words that alphatorch and PyTorch have in common, and the numbers they start from."""

import math
import zlib
from typing import Any

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def numbers(name: str, size: tuple[int, ...], scale: float, mean: float = 0.0) -> Any:
    """Random numbers, the same for the same name and size in every library."""
    generator = np.random.default_rng(zlib.crc32(f"{name} {size}".encode()))
    return torch.from_numpy((mean + scale * generator.standard_normal(size)).astype("float32"))


def filled(module: Any) -> Any:
    """The module with parameters of an ordinary size, so that all libraries start alike."""
    for name, parameter in module.named_parameters():
        size = tuple(parameter.size())
        if len(size) > 1:
            values = numbers(name, size, math.prod(size[1:]) ** -0.5)
        else:  # a bias, or the factor of a norm
            values = numbers(name, size, 0.1, mean=float(name.endswith("weight")))
        parameter.data.copy_(values)
    return module


def copied(module: Any, parameters: list[Any]) -> Any:
    """The module with the given parameters, for each of its own."""
    for own, given in zip(module.parameters(), parameters, strict=True):
        own.data.copy_(given)
    return module


class MLP(nn.Module):
    """Three linear layers with tanh between them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        self.fc3 = nn.Linear(width, width)

    def forward(self, x: Any) -> Any:
        return self.fc3(self.fc2(self.fc1(x).tanh()).tanh())


class Classifier(nn.Module):
    """64 -> 128 -> 10 with a ReLU between"""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: Any) -> Any:
        return self.fc2(F.relu(self.fc1(x)))


class Digits(nn.Module):
    """The network of examples/digits.py without dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(512, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x: Any) -> Any:
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.view(x.size(0), -1)))
        return self.fc2(x)


class LeNet(nn.Module):
    """(n, 1, 28, 28) -> (n, 10)"""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.fc1 = nn.Linear(800, 500)
        self.fc2 = nn.Linear(500, 10)

    def forward(self, x: Any) -> Any:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.view(x.size(0), -1)))
        return self.fc2(x)


class Block(nn.Module):
    """Two 3x3 convolutions beside a shortcut; the first one, and the shortcut, with a stride."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Any) -> Any:
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class ResNet8(nn.Module):
    """(n, 3, h, w) -> (n, 10): three blocks of 16, 32 and 64 channels; He et al. (2015)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.blocks = nn.Sequential(Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(64, 10)

    def forward(self, x: Any) -> Any:
        x = self.blocks(F.relu(self.norm(self.conv(x))))
        return self.fc(self.pool(x).view(x.size(0), -1))


class LanguageModel(nn.Module):
    """(t, n) words -> (t * n, words): two LSTM layers"""

    def __init__(self, words: int, width: int) -> None:
        super().__init__()
        self.table = nn.Embedding(words, width)
        self.lstm = nn.LSTM(width, width, 2)
        self.fc = nn.Linear(width, words)

    def forward(self, x: Any) -> Any:
        y, _ = self.lstm(self.table(x))
        return self.fc(y.view(-1, y.size(2)))


class Convolutions(nn.Module):
    """Ten 3x3 convolutions, each followed by a ReLU; (n, 32, h, w) -> (n, 32, h, w)"""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(*[nn.Conv2d(32, 32, 3, padding=1) for _ in range(10)])

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x
