"""Copies of a module on several devices that share its parameters."""

from collections.abc import Sequence
from typing import Any

from torch.autograd import Variable

from ..modules.module import Module
from .scatter_gather import _devices, moved

__all__ = ["replicate"]


def replicate(network: Module, devices: Sequence[Any]) -> list[Module]:
    """A copy of the module for each device.

    Parameters of a copy are computed from those of the original, so their gradients arrive there;
    on the original's device they are the same. So are the buffers of the first copy on it: what
    forward writes into them stays. The buffers of the others are copies. Hooks are taken over.
    """
    if not isinstance(network, Module):
        raise TypeError(f"replicate: network: expected a Module, got {type(network).__name__}")
    names = _devices("replicate", devices)
    modules = list(network.modules())
    at_home: set[int] = set()
    return [_replica(modules, name, at_home) for name in names]


def _replica(modules: list[Module], device: str, at_home: set[int]) -> Module:
    values: dict[int, Any] = {}  # a shared parameter or buffer is shared in the copy, too

    def there(value: Any) -> Any:
        if value is None:
            return None
        if id(value) not in values:
            copy = moved(value, device)
            if copy is value and not isinstance(value, Variable):
                if id(value) in at_home:
                    copy = value.clone()
                at_home.add(id(value))
            values[id(value)] = copy
        return values[id(value)]

    copies: dict[int, Module] = {id(m): object.__new__(type(m)) for m in modules}
    for module in modules:
        attributes = dict(module.__dict__)
        for table in ("_parameters", "_buffers"):
            attributes[table] = {n: there(v) for n, v in attributes[table].items()}
        attributes["_modules"] = {
            name: None if child is None else copies[id(child)]
            for name, child in module._modules.items()
        }
        copies[id(module)].__dict__.update(attributes)
    return copies[id(modules[0])]
