"""Module: parameters, buffers and other modules under names, and a forward computation."""

import math
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

import torch
from torch.autograd import Variable
from torch.autograd.variable import RemovableHandle, add_hook, remove_hook, type_name

from ..alpha import eval_freezes
from ..parameter import Parameter
from . import path
from .state import IncompatibleKeys, StateDictError, load

__all__ = ["IncompatibleKeys", "Module", "StateDictError"]

Inputs = ParamSpec("Inputs")
Result = TypeVar("Result", covariant=True)
Self = TypeVar("Self", bound="Module")


class _HasForward(Protocol[Inputs, Result]):
    """Whose `forward` says what a call takes and gives."""

    def forward(self, *args: Inputs.args, **kwargs: Inputs.kwargs) -> Result: ...


class Module:
    """Base class of all layers and networks.

    A subclass calls `super().__init__()`, assigns Parameters and Modules to attributes, which
    registers them, and defines `forward`. Calling the module runs `forward` and the hooks; an error
    that the library raises on the way names the module's place in the model.
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, torch.Tensor | None]
    _modules: dict[str, "Module | None"]
    _forward_hooks: dict
    _backward_hooks: dict
    # what few modules have is made when it is first needed
    _forward_pre_hooks: Mapping[Any, Callable] = MappingProxyType({})
    _non_persistent: frozenset[str] = frozenset()  # names of buffers that are left out of the state
    _optional_state: frozenset[str] = frozenset()  # names that a loaded state may lack
    #: name -> an object whose `value(module)` is the attribute, anew whenever it is asked for
    _computed: Mapping[str, Any] = MappingProxyType({})

    def __init__(self) -> None:
        for name in ("_parameters", "_buffers", "_modules", "_forward_hooks", "_backward_hooks"):
            object.__setattr__(self, name, {})
        self.training = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; every subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__}: forward is not defined")

    if TYPE_CHECKING:  # a call takes and gives what `forward` of the subclass does

        def __call__(
            self: _HasForward[Inputs, Result], *args: Inputs.args, **kwargs: Inputs.kwargs
        ) -> Result: ...

    else:

        def __call__(self, *args, **kwargs):
            try:
                if self._forward_pre_hooks:
                    args = self._run_forward_pre_hooks(args)
                result = self.forward(*args, **kwargs)
                if self._forward_hooks:
                    self._run_forward_hooks(args, result)
                if self._backward_hooks:
                    self._attach_backward_hooks(result)
                return result
            except path.NAMED as error:
                path.name_module(error, sys._getframe())
                raise

    def _run_forward_pre_hooks(self, args: tuple) -> tuple:
        for hook in list(self._forward_pre_hooks.values()):
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        return args

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

    def register_buffer(
        self, name: str, tensor: torch.Tensor | None, persistent: bool = True
    ) -> None:
        """Add a tensor that is not trained as attribute `name`.

        It is part of the state, unless `persistent` is False: then it is only converted and moved
        with the module.
        """
        self._check_name("register_buffer", name, "_buffers")
        if tensor is not None and not isinstance(tensor, torch.Tensor):
            raise TypeError(
                f"register_buffer: {name}: expected a Tensor or None, got {type_name(tensor)}"
            )
        self._buffers[name] = tensor
        if persistent:
            if name in self._non_persistent:
                self._non_persistent = self._non_persistent - {name}
        else:
            self._non_persistent = self._non_persistent | {name}

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
            self.register_buffer(name, value, name not in self._non_persistent)
        elif name in self._computed:
            raise AttributeError(
                f"{type(self).__name__}.{name}: it is computed by "
                f"{type(self._computed[name]).__name__}; assign to what it is computed from"
            )
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
        if name in self._computed:
            return self._computed[name].value(self)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._modules, self._buffers):
            if name in table:
                del table[name]
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = {
            *super().__dir__(),
            *self._parameters,
            *self._buffers,
            *self._modules,
            *self._computed,
        }
        return sorted(names)

    # walking

    def _named(self, table: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        """(dotted name, value) of a table of this module and all below; a shared one only once."""
        seen: set[int] = set()
        for place, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, value in module.__dict__[table].items():
                if value is not None and id(value) not in seen:
                    seen.add(id(value))
                    yield f"{place}.{name}" if place else name, value

    def named_parameters(
        self, prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """(dotted name, parameter) of this module and all below; a shared one only once."""
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters of this module and all below; a shared one only once."""
        return (param for _, param in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True
    ) -> Iterator[tuple[str, torch.Tensor]]:
        """(dotted name, buffer) of this module and all below; a shared one only once."""
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[torch.Tensor]:
        """The buffers of this module and all below; a shared one only once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

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

    def apply(self: Self, fn: Callable[["Module"], Any]) -> Self:
        """Call fn on all modules below, then on this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # state

    def train(self: Self, mode: bool = True) -> Self:
        """Switch this module and all below to training (or, with False, to evaluation).

        In the alpha's meaning the parameters require gradients in training only.
        """
        if not isinstance(mode, bool):
            raise TypeError(f"train: mode: expected True or False, got {mode!r}")
        for module in self.modules():
            module.training = mode
        if eval_freezes():
            self.requires_grad_(mode)
        return self

    def eval(self: Self) -> Self:
        """Switch this module and all below to evaluation."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Set whether the parameters of this module and all below require gradients."""
        for param in self.parameters():
            param.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = False) -> None:
        """Set the gradients of all parameters to zero, or to None."""
        for param in self.parameters():
            if param._grad is None:  # as a Variable, under the alpha's meaning of .grad, too
                continue
            if set_to_none or param._grad.creator is not None:
                # one made with create_graph is not changed: others may differentiate through it
                param.grad = None
            else:
                param._grad.data.zero_()

    # conversions

    def _convert(self: Self, convert: Callable[[torch.Tensor], torch.Tensor]) -> Self:
        """Replace the data of parameters, gradients and buffers; what is shared stays so."""
        for param in self.parameters():
            param.data = convert(param.data)
            if param._grad is not None:
                param.grad = Variable(convert(param._grad.data))
        converted: dict[int, tuple] = {}
        for module in self.modules():
            for name, buffer in module._buffers.items():
                if buffer is not None:
                    if id(buffer) not in converted:
                        converted[id(buffer)] = (convert(buffer), buffer)
                    module._buffers[name] = converted[id(buffer)][0]
        return self

    def type(self: Self, dst_type: Any) -> Self:
        """Convert parameters, their gradients and floating buffers to a dtype or tensor type."""
        return self._convert(lambda t: t.type(dst_type) if t.dtype.is_floating_point else t)

    def float(self: Self) -> Self:
        """Convert parameters, their gradients and floating buffers to float32."""
        return self.type(torch.float32)

    def double(self: Self) -> Self:
        """Convert parameters, their gradients and floating buffers to float64."""
        return self.type(torch.float64)

    def half(self: Self) -> Self:
        """Convert parameters, their gradients and floating buffers to float16."""
        return self.type(torch.float16)

    def bfloat16(self: Self) -> Self:
        """Convert parameters, their gradients and floating buffers to bfloat16."""
        return self.type(torch.bfloat16)

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """Convert and move: `to(dtype)`, `to(device)`, `to(device, dtype)`, `to(tensor)`.

        The dtype has to be a floating one and is that of parameters, their gradients and floating
        buffers; the device is that of all buffers. `non_blocking=True` as of `Tensor.to`.
        """
        dtype, others = _target(*args, **kwargs)

        def convert(tensor: torch.Tensor) -> torch.Tensor:
            kind = dtype if dtype is not None and tensor.dtype.is_floating_point else tensor.dtype
            return tensor.to(dtype=kind, **others)

        return self._convert(convert)

    def cuda(self: Self, device: Any = None) -> Self:
        """Move parameters, their gradients and buffers to a GPU."""
        return self._convert(lambda t: t.cuda() if device is None else t.cuda(device))

    def cpu(self: Self) -> Self:
        """Move parameters, their gradients and buffers to the memory of the processor."""
        return self._convert(lambda t: t.cpu())

    def share_memory(self: Self) -> Self:
        """Move parameters, their gradients and buffers to memory that processes share."""
        return self._convert(lambda t: t.share_memory_())

    # state by name

    def _named_state(self, prefix: str = "") -> Iterator[tuple[str, Any]]:
        """(dotted name, value) of every parameter and buffer, under each of its names."""
        for place, module in self._paths(prefix):
            for name, param in module._parameters.items():
                if param is not None:
                    yield place + name, param
            for name, buffer in module._buffers.items():
                if buffer is not None and name not in module._non_persistent:
                    yield place + name, buffer

    def _paths(self, prefix: str = "") -> Iterator[tuple[str, "Module"]]:
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module._paths(f"{prefix}{name}.")

    def state_dict(
        self,
        destination: "OrderedDict[str, Any] | None" = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> "OrderedDict[str, Any]":
        """name: tensor for all parameters and buffers; the tensors themselves, no copies.

        With `keep_vars` the parameters in place of their data. `prefix` stands before each name;
        with `destination` they are added to that dict.
        """
        state = OrderedDict() if destination is None else destination
        for name, value in self._named_state(prefix):
            state[name] = value if keep_vars or not isinstance(value, Variable) else value.data
        return state

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True
    ) -> IncompatibleKeys:
        """Copy tensors by name: exactly those of `state_dict`; without `strict` those in both.

        Where anything does not fit, nothing is loaded, and the error lists all of it. Returns the
        names that are missing and unexpected.
        """
        optional = {p + name for p, module in self._paths() for name in module._optional_state}
        own = self.state_dict()
        return load(type(self).__name__, own, state_dict, strict, optional=optional)

    def parameter_dict(self) -> "OrderedDict[str, Parameter]":
        """name: parameter for this module and all below, under each of its names."""
        named = self._named_state()
        return OrderedDict((name, p) for name, p in named if isinstance(p, Parameter))

    def load_parameter_dict(self, parameters: Mapping[str, Any]) -> None:
        """Copy parameters by name: exactly those of `parameter_dict`; buffers stay."""
        own = OrderedDict((name, p.data) for name, p in self.parameter_dict().items())
        load(type(self).__name__, own, parameters, True, "load_parameter_dict")

    # hooks

    def register_forward_pre_hook(
        self, name: Any, hook: Callable | None = None
    ) -> RemovableHandle | None:
        """Call `hook(module, inputs)` before forward; it may return other inputs.

        The two forms are those of `register_forward_hook`.
        """
        if "_forward_pre_hooks" not in self.__dict__:
            self._forward_pre_hooks = {}
        hooks: Any = self._forward_pre_hooks
        return add_hook(hooks, "register_forward_pre_hook", name, hook)

    def remove_forward_pre_hook(self, name: str) -> None:
        """Remove the hook registered under `name`."""
        hooks: Any = self._forward_pre_hooks
        remove_hook(hooks, "remove_forward_pre_hook", name)

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

    def extra_repr(self) -> str:
        """What `repr` shows besides the modules below; for subclasses to give."""
        return self._arguments()

    def __repr__(self) -> str:
        head, extra = type(self).__name__, self.extra_repr()
        if not self._modules and "\n" not in extra:
            return f"{head}({extra})"
        lines = [f"{head} ("]
        if extra:
            lines += [f"  {line}" for line in extra.splitlines()]
        for name, module in self._modules.items():
            shown = repr(module).replace("\n", "\n  ")
            lines.append(f"  ({name}): {shown}")
        return "\n".join([*lines, ")"])

    def _multiply_adds(self, inputs: tuple, output: Any) -> int:
        """Multiplications with a following addition in one call, for `summary`.

        The weights of a matrix or kernel are used once for each place of the output, those of a
        transposed convolution once for each place of the input. Other layers give their own number
        or 0.
        """
        is_kernel = hasattr(self, "kernel_size")
        is_matrix = hasattr(self, "in_features") or hasattr(self, "in1_features")
        weight = getattr(self, "weight", None) if is_kernel or is_matrix else None
        if not isinstance(weight, Variable) or not isinstance(output, Variable):
            return 0
        # a transposed convolution
        size = tuple((inputs[0] if hasattr(self, "output_padding") else output).size())
        channels = size[1] if is_kernel else size[-1]
        return math.prod(size) // max(channels, 1) * weight.data.numel()


def _target(*args: Any, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
    """What `Module.to` was asked for: a dtype or None, and the other arguments of `Tensor.to`."""
    dtype = kwargs.pop("dtype", None)
    others = kwargs
    for arg in args:
        if isinstance(arg, torch.dtype):
            dtype = arg
        elif isinstance(arg, torch.Tensor | Variable):
            dtype, others["device"] = arg.dtype, str(arg.device)
        elif isinstance(arg, bool):
            others["non_blocking"] = arg
        elif isinstance(arg, str | int | torch.device):
            others["device"] = arg
        else:
            raise TypeError(f"to: expected a dtype, a device or a tensor, got {type(arg).__name__}")
    unknown = sorted(others.keys() - {"device", "non_blocking"})
    if unknown:
        raise TypeError(f"to: expected dtype, device or non_blocking, got {', '.join(unknown)}")
    if dtype is not None and not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
        raise TypeError(f"to: dtype: expected a floating one, got {dtype}")
    if isinstance(others.get("device"), torch.device):
        others["device"] = str(others["device"])
    return dtype, others
