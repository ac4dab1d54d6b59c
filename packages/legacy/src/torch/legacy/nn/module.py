"""The protocol of every layer."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch.legacy.nn.utils import Typed, describe_size


class Module(Typed):
    """Base of layers. A subclass defines `updateOutput`, `updateGradInput`, and with parameters
    `accGradParameters` and `reset`.

    State: `output`, `gradInput`; with parameters `weight`, `bias`, `gradWeight`, `gradBias`.
    """

    def __init__(self) -> None:
        self.output: Any = torch.Tensor()
        self.gradInput: Any = torch.Tensor()
        self._type = self.output.type()
        self.train = True

    def __call__(self, input: Any) -> Any:
        return self.forward(input)

    def __repr__(self) -> str:
        return f"nn.{type(self).__name__}"

    # -- values and gradients ---------------------------------------------------------------

    def forward(self, input: Any) -> Any:
        return self.updateOutput(input)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1) -> Any:
        """Adds `scale` times the gradient of the parameters to theirs, returns that of the input.

        `input` is what the last `forward` got.
        """
        self.updateGradInput(input, gradOutput)
        self.accGradParameters(input, gradOutput, scale)
        return self.gradInput

    def backwardUpdate(self, input: Any, gradOutput: Any, lr: float) -> Any:
        """As `backward`, but takes a step of gradient descent instead of adding up gradients."""
        self.updateGradInput(input, gradOutput)
        self.accUpdateGradParameters(input, gradOutput, lr)
        return self.gradInput

    def updateOutput(self, input: Any) -> Any:
        """Computes and returns `output`; passes its input on unless a subclass says more."""
        self.output = input
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        """Computes and returns `gradInput`."""
        self.gradInput = gradOutput
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float = 1) -> None:
        """Adds `scale` times the gradient of the parameters to `gradWeight` and `gradBias`."""

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        """Subtracts `lr` times the gradient of the parameters from the parameters."""
        names = [name for name in ("Weight", "Bias") if hasattr(self, "grad" + name)]
        kept = {name: getattr(self, "grad" + name) for name in names}
        try:
            for name in names:
                setattr(self, "grad" + name, getattr(self, name.lower()))
            self.accGradParameters(input, gradOutput, -lr)
        finally:
            for name, gradient in kept.items():
                setattr(self, "grad" + name, gradient)

    # -- parameters -------------------------------------------------------------------------

    def parameters(self) -> tuple[list[Any], list[Any]]:
        """The parameter tensors and, in the same order, their gradients."""
        names = [name for name in ("weight", "bias") if getattr(self, name, None) is not None]
        gradients = [getattr(self, "grad" + name.capitalize()) for name in names]
        return [getattr(self, name) for name in names], gradients

    def zeroGradParameters(self) -> None:
        for gradient in self.parameters()[1]:
            gradient.zero_()

    def updateParameters(self, learningRate: float) -> None:
        """A step of gradient descent with the gradients added up so far."""
        for parameter, gradient in zip(*self.parameters(), strict=True):
            parameter.add_(-learningRate, gradient)

    def flattenParameters(self) -> tuple[Any, Any]:
        """Moves all parameters into one 1-D tensor, their gradients into another; returns both.

        The tensors of the modules become views of the two. Shared parameters appear once.
        ValueError if parameters overlap otherwise, or gradients are not shared as they are.
        """
        parameters, gradients = self.parameters()
        flat_parameters, flat_gradients = _flatten(parameters), _flatten(gradients)
        if flat_parameters.numel() != flat_gradients.numel():
            raise ValueError(
                "flattenParameters: expected parameters and gradients to be shared alike, got "
                f"{flat_parameters.numel()} parameters and {flat_gradients.numel()} gradients"
            )
        return flat_parameters, flat_gradients

    getParameters = flattenParameters

    def reset(self, stdv: float | None = None) -> None:
        """Draws the parameters anew."""

    def share(self, other: "Module", *names: str) -> "Module":
        """Makes the named tensors (`"weight"`, `"gradBias"`, ...) views of those of `other`."""
        for name in names:
            pair: list[Any] = [getattr(module, name, None) for module in (self, other)]
            if not all(torch.is_tensor(tensor) for tensor in pair):
                raise ValueError(f"share: expected both modules to have a tensor {name!r}")
            mine, theirs = pair
            mine.set_(theirs)
        return self

    def clone(self, *names: str) -> "Module":
        """A deep copy; the named tensors are shared with it."""
        return copy.deepcopy(self).share(self, *names)

    # -- the tree of modules ----------------------------------------------------------------

    def training(self) -> None:
        self.train = True

    def evaluate(self) -> None:
        self.train = False

    def children(self) -> list["Module"]:
        return []

    def apply(self, callback: Callable[["Module"], Any]) -> None:
        """Calls `callback` on this module, then on all below it."""
        callback(self)
        for child in self.children():
            child.apply(callback)

    def replace(self, callback: Callable[["Module"], "Module"]) -> "Module":
        """Puts `callback(module)` in the place of each module; returns what replaces this one."""
        return callback(self)

    def listModules(self) -> list["Module"]:
        """This module and all below it, each once, parents first."""
        found: list[Module] = []
        self.apply(lambda module: None if _is_among(module, found) else found.append(module))
        return found

    def findModules(self, typename: Any) -> tuple[list["Module"], list["Module | None"]]:
        """The modules of a class (or class name) below this one, and the container of each."""
        name = typename if isinstance(typename, str) else typename.__name__
        name = name.rpartition(".")[2]
        found: list[Module] = []
        containers: list[Module | None] = []

        def visit(module: Module, container: Module | None) -> None:
            if type(module).__name__ == name:
                found.append(module)
                containers.append(container)
            for child in module.children():
                visit(child, module)

        visit(self, None)
        return found, containers

    def clearState(self) -> "Module":
        """Drops `output` and `gradInput`, so that the module takes less room."""
        self.output = self.output.new()
        self.gradInput = self.gradInput.new()
        return self


def _is_among(module: Module, modules: list[Module]) -> bool:
    return any(module is other for other in modules)


def _flatten(tensors: list[Any]) -> Any:
    """Makes the tensors views of one new 1-D tensor, which holds equal views once."""
    places: dict[Any, tuple[Any, int]] = {}
    spans: dict[int, list[tuple[int, int]]] = {}
    total = 0
    for tensor in tensors:
        place = _place(tensor)
        if place in places:
            continue
        places[place] = (tensor, total)
        total += tensor.numel()
        first = tensor.storage_offset()
        last = first + sum(
            (size - 1) * step for size, step in zip(tensor.size(), tensor.stride(), strict=True)
        )
        occupied = spans.setdefault(place[0], [])
        if tensor.numel() and any(first <= end and begin <= last for begin, end in occupied):
            raise ValueError(
                "flattenParameters: expected parameters that share memory to be equal views, got "
                f"one of size {describe_size(tensor)} that overlaps another in part"
            )
        occupied.append((first, last))
    if not tensors:
        return torch.Tensor()
    flat = tensors[0].new(total)
    views = {}
    for place, (tensor, offset) in places.items():
        count = tensor.numel()
        views[place] = flat.narrow(0, offset, count).view(tensor.size())
        views[place].copy_(tensor)
    for tensor, place in [(tensor, _place(tensor)) for tensor in tensors]:
        tensor.set_(views[place])
    return flat


def _place(tensor: Any) -> tuple[Any, ...]:
    """Equal for tensors that are the same view of the same memory."""
    return (
        tensor.storage().data_ptr(),
        tensor.storage_offset(),
        tuple(tensor.size()),
        tuple(tensor.stride()),
    )
