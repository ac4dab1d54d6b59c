"""A module made of modules."""

from collections.abc import Callable
from typing import Any

from torch.legacy.nn.module import Module


class Container(Module):
    """Base of modules that contain others, kept in the list `modules`."""

    def __init__(self, *args: Module) -> None:
        super().__init__()
        self.modules: list[Module] = []
        for module in args:
            self.add(module)

    def add(self, module: Module) -> "Container":
        """Appends a module; returns the container, so that calls can be chained."""
        self.modules.append(self._checked(module))
        return self

    def insert(self, module: Module, index: int | None = None) -> "Container":
        """Puts a module before position `index`, by default at the end."""
        last = len(self.modules)
        position = last if index is None else index
        if not 0 <= position <= last:
            raise IndexError(f"insert: expected an index in 0..{last}, got {position}")
        self.modules.insert(position, self._checked(module))
        return self

    def remove(self, index: int = -1) -> Module:
        """Takes a module out, by default the last one, and returns it."""
        self.get(index)
        return self.modules.pop(index)

    def get(self, index: int) -> Module:
        count = len(self.modules)
        if not -count <= index < count:
            raise IndexError(f"get: expected an index of one of {count} modules, got {index}")
        return self.modules[index]

    def size(self) -> int:
        return len(self.modules)

    def children(self) -> list[Module]:
        return self.modules

    def parameters(self) -> tuple[list[Any], list[Any]]:
        parameters: list[Any] = []
        gradients: list[Any] = []
        for module in self.modules:
            theirs, their_gradients = module.parameters()
            parameters += theirs
            gradients += their_gradients
        return parameters, gradients

    def training(self) -> None:
        super().training()
        for module in self.modules:
            module.training()

    def evaluate(self) -> None:
        super().evaluate()
        for module in self.modules:
            module.evaluate()

    def reset(self, stdv: float | None = None) -> None:
        for module in self.modules:
            module.reset(stdv)

    def share(self, other: Module, *names: str) -> Module:
        """Shares the named tensors of the modules, taken in order, where a module has them."""
        if not isinstance(other, Container) or other.size() != self.size():
            raise ValueError(f"share: expected a container of {self.size()} modules, got {other}")
        for mine, theirs in zip(self.modules, other.modules, strict=True):
            mine.share(theirs, *[n for n in names if hasattr(mine, n) or mine.children()])
        return self

    def replace(self, callback: Callable[[Module], Module]) -> Module:
        replaced = super().replace(callback)
        if replaced is self:
            self.modules = [module.replace(callback) for module in self.modules]
        return replaced

    def clearState(self) -> Module:
        super().clearState()
        for module in self.modules:
            module.clearState()
        return self

    def _checked(self, module: Module) -> Module:
        if not isinstance(module, Module):
            raise TypeError(
                f"{type(self).__name__}: expected a legacy nn.Module, got {type(module).__name__}"
            )
        return module
