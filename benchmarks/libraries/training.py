"""Networks and steps of training, in words that alphatorch and PyTorch have in common."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.autograd import Variable, grad


def leaf(values: Any) -> Any:
    return Variable(values, requires_grad=True)


def chain(x: Any, factor: Any, g: Any) -> Callable[[], Any]:
    """Ten multiplications one after the other, and the gradients of both factors."""
    x, factor = leaf(x), leaf(factor)

    def step() -> Any:
        x.grad = factor.grad = None
        y = x
        for _ in range(10):
            y = y * factor
        y.backward(g)
        return [x.grad, factor.grad]

    return step


def convolution(x: Any, w: Any, b: Any, g: Any) -> Callable[[], Any]:
    def step() -> Any:
        leaves = [leaf(values) for values in (x, w, b)]
        F.conv2d(*leaves, padding=1).backward(g)
        return [leaf.grad for leaf in leaves]

    return step


def copied(module: Any, parameters: list[Any]) -> Any:
    """The module with the given parameters, so that all libraries start alike."""
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


def mlp_step(x: Any, classes: Any, parameters: list[Any]) -> Callable[[], Any]:
    model = copied(MLP(x.shape[1]), parameters)
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    def step() -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(Variable(x)), Variable(classes))
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def double_backward(x: Any, classes: Any, parameters: list[Any]) -> Callable[[], Any]:
    """The gradient of the squared length of the gradient."""
    model = copied(MLP(x.shape[1]), parameters)
    leaves = list(model.parameters())

    def step() -> Any:
        loss = F.cross_entropy(model(Variable(x)), Variable(classes))
        first = grad(loss, leaves, create_graph=True)
        length = sum((g * g).sum() for g in first)
        return list(grad(length, leaves))

    return step


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


def digits_step(images: Any, digits: Any, parameters: list[Any]) -> Callable[[], Any]:
    model = copied(Digits(), parameters)
    # PyTorch scales eps with the bias correction, the alpha does not: too small to matter here.
    optimizer = optim.Adam(model.parameters(), lr=0.003, eps=1e-14)

    def step() -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(Variable(images)), Variable(digits))
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def lstm_gradients(inputs: Any, weights: list[Any]) -> Callable[[], Any]:
    """The gradients of all weights of LSTM layers on each other, built from cells.

    inputs (time, batch, width); weights: for each layer its input matrix (width, 4 * width), its
    hidden matrix (width, 4 * width) and its bias (4 * width,). The loss is the mean square of the
    last layer's outputs.
    """
    steps = [Variable(x) for x in inputs]
    leaves = [leaf(values) for values in weights]
    layers = [leaves[i : i + 3] for i in range(0, len(leaves), 3)]
    start = Variable(torch.zeros(inputs[0].size()))

    def cell(x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> tuple[Any, Any]:
        gates = torch.addmm(b, x, w) + h.mm(u)
        enter, keep, leave, new = gates.chunk(4, 1)
        c = keep.sigmoid() * c + enter.sigmoid() * new.tanh()
        return leave.sigmoid() * c.tanh(), c

    def step() -> Any:
        for weight in leaves:
            weight.grad = None
        state = [(start, start)] * len(layers)
        outputs = []
        for x in steps:
            for number, layer in enumerate(layers):
                x, c = cell(x, *state[number], *layer)
                state[number] = x, c
            outputs.append(x)
        y = torch.cat(outputs, 0)
        (y * y).mean().backward()
        return [weight.grad for weight in leaves]

    return step


class Convolutions(nn.Module):
    """Ten 3x3 convolutions, each followed by a ReLU; (n, 32, h, w) -> (n, 32, h, w)"""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(*[nn.Conv2d(32, 32, 3, padding=1) for _ in range(10)])

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = F.relu(layer(x))
        return x


def convolutions_step() -> Callable[[Any], Any]:
    """A step of training that can be called with batches of several sizes."""
    model = Convolutions()
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    def step(x: Any) -> Any:
        optimizer.zero_grad()
        loss = model(Variable(x)).mean()
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def optimizer_of(name: str, start: Any, gradient: Any, **options: float) -> tuple[Any, list[Any]]:
    """An optimizer of the rows of `start`, whose gradients are those of `gradient`."""
    parameters = [leaf(row.clone()) for row in start]
    for parameter, row in zip(parameters, gradient, strict=True):
        parameter.grad = Variable(row.clone())
    return getattr(optim, name)(parameters, **options), parameters
