"""Module: parameters, buffers and other modules under names, and a forward computation."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.autograd import Variable
from torch.autograd.variable import RemovableHandle, add_hook, remove_hook, type_name

from ..parameter import Parameter

__all__ = ["Module", "StateDictError"]

_FLOATING = (torch.float32, torch.float64)


class StateDictError(KeyError, ValueError):
    """A state that does not fit a module; nothing was loaded."""

    def __str__(self) -> str:
        return self.args[0]  # a KeyError would show the repr


class Module:
    """Base class of all layers and networks.

    A subclass calls `super().__init__()`, assigns Parameters and Modules to attributes, which
    registers them, and defines `forward`. Calling the module runs `forward` and the hooks.
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, torch.Tensor | None]
    _modules: dict[str, "Module | None"]
    _forward_hooks: dict
    _backward_hooks: dict

    def __init__(self) -> None:
        for name in ("_parameters", "_buffers", "_modules", "_forward_hooks", "_backward_hooks"):
            object.__setattr__(self, name, {})
        self.training = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__}: forward is not defined")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.forward(*args, **kwargs)
        if self._forward_hooks:
            self._run_forward_hooks(args, result)
        if self._backward_hooks:
            self._attach_backward_hooks(result)
        return result

    def _run_forward_hooks(self, args: tuple, result: Any) -> None:
        for hook in list(self._forward_hooks.values()):
            if hook(self, args, result) is not None:
                raise RuntimeError(
                    f"{type(self).__name__}: a forward hook returned a value; it should return None"
                )

    def _attach_backward_hooks(self, result: Any) -> None:
        while not isinstance(result, Variable):
            if not isinstance(result, tuple | list) or not result:
                return
            result = result[0]
        creator = result.creator
        if creator is None:
            return
        for hook in list(self._backward_hooks.values()):
            creator.register_hook(lambda gx, gy, hook=hook: hook(self, gx, gy))

    # registering

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter (or None: a parameter that is left out) as attribute `name`."""
        self._check_name("register_parameter", name, "_parameters")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"register_parameter: {name}: expected a Parameter or None, got {type_name(param)}"
            )
        if param is not None and param.creator is not None:
            raise ValueError(f"register_parameter: {name}: expected a leaf, got the result of "
                             f"{param.creator.name}")  # fmt: skip
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: torch.Tensor | None) -> None:
        """Add a tensor that is part of the state but not trained as attribute `name`."""
        self._check_name("register_buffer", name, "_buffers")
        if tensor is not None and not isinstance(tensor, torch.Tensor):
            raise TypeError(
                f"register_buffer: {name}: expected a Tensor or None, got {type_name(tensor)}"
            )
        self._buffers[name] = tensor

    def add_module(self, name: str, module: "Module | None") -> None:
        """Add a module (or None: one that is left out) as attribute `name`."""
        if module is not None and not isinstance(module, Module):
            raise TypeError(
                f"add_module: {name}: expected a Module or None, got {type_name(module)}"
            )
        self._check_name("add_module", name)
        self._modules[name] = module

    def _check_name(self, where: str, name: str, table: str = "") -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(f"{where}: call Module.__init__() first")
        if not isinstance(name, str):
            raise TypeError(f"{where}: name: expected a str, got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(f"{where}: name: expected a name without dots, got {name!r}")
        if name not in self.__dict__.get(table, ()) and hasattr(self, name):
            raise KeyError(f"{where}: {type(self).__name__} has an attribute {name!r} already")

    # attributes

    def __setattr__(self, name: str, value: Any) -> None:
        tables = self.__dict__
        if isinstance(value, Parameter):
            self._free(name, keep="_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self._free(name)
            self.add_module(name, value)
        elif name in tables.get("_parameters", ()):
            if value is not None:
                raise TypeError(
                    f"{type(self).__name__}.{name}: expected a Parameter or None in place of a "
                    f"parameter, got {type_name(value)}"
                )
            self._parameters[name] = None
        elif name in tables.get("_modules", ()):
            if value is not None:
                raise TypeError(
                    f"{type(self).__name__}.{name}: expected a Module or None in place of a "
                    f"module, got {type_name(value)}"
                )
            self._modules[name] = None
        elif name in tables.get("_buffers", ()):
            self.register_buffer(name, value)
        else:
            object.__setattr__(self, name, value)

    def _free(self, name: str, keep: str = "") -> None:
        """Forget what the instance has under `name`, so that it can be registered anew."""
        for table in ("_parameters", "_buffers", "_modules"):
            if table != keep and table in self.__dict__:
                self.__dict__[table].pop(name, None)
        self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        # only called where the usual look-up has failed
        own = self.__dict__
        if "_buffers" in own:  # else __init__ has not run
            for values in (own["_parameters"], own["_modules"], own["_buffers"]):
                if name in values:
                    return values[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._modules, self._buffers):
            if name in table:
                del table[name]
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = {*super().__dir__(), *self._parameters, *self._buffers, *self._modules}
        return sorted(names)

    # walking

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """(dotted name, parameter) of this module and all below; a shared one only once."""
        seen: set[int] = set()
        for path, module in self.named_modules(prefix):
            for name, param in module._parameters.items():
                if param is not None and id(param) not in seen:
                    seen.add(id(param))
                    yield f"{path}.{name}" if path else name, param

    def parameters(self) -> Iterator[Parameter]:
        """The parameters of this module and all below; a shared one only once."""
        return (param for _, param in self.named_parameters())

    def named_children(self) -> Iterator[tuple[str, "Module"]]:
        """(name, module) directly below; a shared one only once."""
        seen: set[int] = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator["Module"]:
        """The modules directly below; a shared one only once."""
        return (module for _, module in self.named_children())

    def named_modules(
        self, prefix: str = "", seen: set[int] | None = None
    ) -> Iterator[tuple[str, "Module"]]:
        """(dotted name, module): this module and all below; a shared one only once."""
        seen = set() if seen is None else seen
        if id(self) in seen:
            return
        seen.add(id(self))
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(f"{prefix}.{name}" if prefix else name, seen)

    def modules(self) -> Iterator["Module"]:
        """This module and all below; a shared one only once."""
        return (module for _, module in self.named_modules())

    def apply(self, fn: Callable[["Module"], Any]) -> "Module":
        """Call fn on all modules below, then on this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # state

    def train(self, mode: bool = True) -> "Module":
        """Switch this module and all below to training (or, with False, to evaluation)."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> "Module":
        """Switch this module and all below to evaluation."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to zero."""
        for param in self.parameters():
            if param._grad is None:  # as a Variable, under the alpha's meaning of .grad, too
                continue
            if param._grad.creator is None:
                param._grad.data.zero_()
            else:  # made with create_graph: others may differentiate through it
                param.grad = None

    def _convert(self, convert: Callable[[torch.Tensor], torch.Tensor]) -> "Module":
        for param in self.parameters():
            param.data = convert(param.data)
            if param._grad is not None:
                param.grad = Variable(convert(param._grad.data))
        for module in self.modules():
            for name, buffer in module._buffers.items():
                if buffer is not None and buffer.dtype in _FLOATING:
                    module._buffers[name] = convert(buffer)
        return self

    def type(self, dst_type: Any) -> "Module":
        """Convert parameters, their gradients and floating buffers to a dtype or tensor type."""
        return self._convert(lambda tensor: tensor.type(dst_type))

    def float(self) -> "Module":
        """Convert parameters, their gradients and floating buffers to float32."""
        return self.type(torch.float32)

    def double(self) -> "Module":
        """Convert parameters, their gradients and floating buffers to float64."""
        return self.type(torch.float64)

    def _named_state(self) -> Iterator[tuple[str, torch.Tensor]]:
        """(dotted name, tensor) of every parameter and buffer, under each of its names."""
        for path, module in self._paths():
            for name, param in module._parameters.items():
                if param is not None:
                    yield path + name, param.data
            for name, buffer in module._buffers.items():
                if buffer is not None:
                    yield path + name, buffer

    def _paths(self, prefix: str = "") -> Iterator[tuple[str, "Module"]]:
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module._paths(f"{prefix}{name}.")

    def state_dict(self) -> "OrderedDict[str, torch.Tensor]":
        """name: tensor for all parameters and buffers; the tensors themselves, no copies."""
        return OrderedDict(self._named_state())

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> None:
        """Copy tensors by name: exactly those of `state_dict`; without `strict` those in both.

        Where anything does not fit, nothing is loaded, and the error lists all of it.
        """
        own = self.state_dict()
        given = {
            name: value.data if isinstance(value, Variable) else value
            for name, value in state_dict.items()
        }
        problems = []
        if strict:
            problems += [f"missing: {name}" for name in own if name not in given]
            problems += [f"unexpected: {name}" for name in given if name not in own]
        for name, value in given.items():
            if name not in own:
                continue
            if not isinstance(value, torch.Tensor):
                problems.append(f"not a tensor: {name}: {type_name(value)}")
            elif value.shape != own[name].shape:
                problems.append(
                    f"size: {name}: expected {tuple(own[name].shape)}, got {tuple(value.shape)}"
                )
        if problems:
            raise StateDictError(
                "\n  ".join(
                    [f"load_state_dict: the state does not fit {type(self).__name__}:"] + problems
                )
            )
        for name, value in given.items():
            if name in own:
                own[name].copy_(value)

    def parameter_dict(self) -> "OrderedDict[str, Parameter]":
        """name: parameter for this module and all below, under each of its names."""
        return OrderedDict(
            (path + name, param)
            for path, module in self._paths()
            for name, param in module._parameters.items()
            if param is not None
        )

    def load_parameter_dict(self, parameters: Mapping[str, Any]) -> None:
        """Copy parameters by name: exactly those of `parameter_dict`; buffers stay."""
        buffers = {
            path + name: buffer
            for path, module in self._paths()
            for name, buffer in module._buffers.items()
            if buffer is not None
        }
        self.load_state_dict({**parameters, **buffers})

    # hooks

    def register_forward_hook(
        self, name: Any, hook: Callable | None = None
    ) -> RemovableHandle | None:
        """Call `hook(module, inputs, output)` after forward.

        `register_forward_hook(f)` returns a handle with `remove()`;
        `register_forward_hook("name", f)` is undone by `remove_forward_hook("name")`.
        """
        return add_hook(self._forward_hooks, "register_forward_hook", name, hook)

    def remove_forward_hook(self, name: str) -> None:
        """Remove the forward hook registered under `name`."""
        remove_hook(self._forward_hooks, "remove_forward_hook", name)

    def register_backward_hook(
        self, name: Any, hook: Callable | None = None
    ) -> RemovableHandle | None:
        """Call `hook(module, grad_input, grad_output)` in backward; it may return a new grad_input.

        Both are tuples of Variables and belong to the last Function that forward called. The two
        forms are those of `register_forward_hook`.
        """
        return add_hook(self._backward_hooks, "register_backward_hook", name, hook)

    def remove_backward_hook(self, name: str) -> None:
        """Remove the backward hook registered under `name`."""
        remove_hook(self._backward_hooks, "remove_backward_hook", name)

    # showing

    def _arguments(self) -> str:
        """The constructor arguments as `repr` shows them."""
        return ""

    def __repr__(self) -> str:
        head = type(self).__name__
        if not self._modules:
            return f"{head}({self._arguments()})"
        lines = [f"{head} ("]
        for name, module in self._modules.items():
            shown = repr(module).replace("\n", "\n  ")
            lines.append(f"  ({name}): {shown}")
        return "\n".join([*lines, ")"])
