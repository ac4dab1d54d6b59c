"""Steps of training, in words that alphatorch and PyTorch have in common."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.autograd import Variable, grad

from benchmarks.libraries.networks import (
    MLP,
    Classifier,
    Convolutions,
    Digits,
    LanguageModel,
    LeNet,
    ResNet8,
    copied,
    filled,
)


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


def classification_step(model: Any, optimizer: Any, x: Any, classes: Any) -> Callable[[], Any]:
    def step() -> Any:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(Variable(x)), Variable(classes))
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def mlp_step(x: Any, classes: Any, parameters: list[Any]) -> Callable[[], Any]:
    model = copied(MLP(x.shape[1]), parameters)
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    return classification_step(model, optimizer, x, classes)


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


def digits_step(images: Any, digits: Any, parameters: list[Any]) -> Callable[[], Any]:
    model = copied(Digits(), parameters)
    # PyTorch scales eps with the bias correction, the alpha does not: too small to matter here.
    optimizer = optim.Adam(model.parameters(), lr=0.003, eps=1e-14)
    return classification_step(model, optimizer, images, digits)


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


Step = Callable[[Any, Any], Any]


def supervised(
    model: Any, optimizer: Any, loss_of: Any = F.cross_entropy, limit: float | None = None
) -> Step:
    """A whole step of training on inputs and targets; limit: of the norm of the gradients."""

    def step(x: Any, target: Any) -> Any:
        optimizer.zero_grad()
        loss = loss_of(model(Variable(x)), Variable(target))
        loss.backward()
        if limit is not None:
            nn.utils.clip_grad_norm_(model.parameters(), limit)
        optimizer.step()
        return loss.data

    return step


def classifier_step() -> Step:
    model = filled(Classifier())
    return supervised(model, optim.SGD(model.parameters(), lr=0.1))


def lenet_step() -> Step:
    model = filled(LeNet())
    return supervised(model, optim.SGD(model.parameters(), lr=0.01, momentum=0.9))


def resnet_step() -> Step:
    model = filled(ResNet8())
    return supervised(model, optim.SGD(model.parameters(), lr=0.1, momentum=0.9))


def language_step(words: int = 10_000, width: int = 200) -> Step:
    """Words (t, n), and what follows them (t * n,); the LSTM starts from zeros each time."""
    model = filled(LanguageModel(words, width))
    return supervised(model, optim.SGD(model.parameters(), lr=1.0), limit=0.25)


def convolutions_step() -> Step:
    """Ten convolutions; the target is not looked at."""
    model = filled(Convolutions())
    optimizer = optim.SGD(model.parameters(), lr=0.01)
    return supervised(model, optimizer, loss_of=lambda y, target: y.mean())


def optimizer_of(name: str, start: Any, gradient: Any, **options: float) -> tuple[Any, list[Any]]:
    """An optimizer of the rows of `start`, whose gradients are those of `gradient`."""
    parameters = [leaf(row.clone()) for row in start]
    for parameter, row in zip(parameters, gradient, strict=True):
        parameter.grad = Variable(row.clone())
    return getattr(optim, name)(parameters, **options), parameters
