"""Modules made of modules."""

from collections.abc import Iterator, Mapping
from typing import Any

from .module import Module

__all__ = ["Container", "Sequential"]


class Container(Module):
    """A module with named children: `Container(conv=Conv2d(1, 8, 3), fc=Linear(8, 10))`."""

    def __init__(self, **kwargs: Module) -> None:
        super().__init__()
        for name, module in kwargs.items():
            self.add_module(name, module)


class Sequential(Module):
    """Runs its modules one after the other; each gets the result of the one before.

    `Sequential(a, b)` names them "0" and "1"; a mapping gives other names.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0] if len(args) == 1 and isinstance(args[0], Mapping) else None
        for name, module in named.items() if named is not None else enumerate(args):
            if module is None:
                raise TypeError(f"Sequential: module {name}: expected a Module, got None")
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)  # type: ignore[misc]
        return input

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(self._modules.values())  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> Module:
        n = len(self._modules)
        if not isinstance(index, int):
            raise TypeError(f"Sequential: index: expected an int, got {type(index).__name__}")
        if not -n <= index < n:
            raise IndexError(f"Sequential: index: expected -{n} to {n - 1}, got {index}")
        return list(self)[index]
